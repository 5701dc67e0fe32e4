"""A lab that does nothing: what a run costs by itself."""

from tutor.lesson import Value


def run():
    yield Value("nothing", None)
