from tutor.lesson import Value


def run(inputs, images):
    yield Value("total", sum(2 * n for row in inputs for n in row))
