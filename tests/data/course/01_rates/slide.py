"""Slide down y = 4x² from x = 2."""

from tutor.lesson import Point, Value


def run(lr, rule, iterations, seed):
    """Each step moves x against the gradient 8x."""
    x = 2.0
    for k in range(iterations):
        yield Point("loss", k, 4 * x * x)
        x -= lr * 8 * x
    yield Value("last", x)
