"""The losses of distributions and of order by hand: KL divergence, margin ranking. One element at a time."""

import torch


def kl_div(at, x, y, log_target):
    """y·(ln y − x), where x is a logarithm already, and 0·ln 0 = 0; exp(y)·(y − x) where y is one, too."""
    x, y = x[at], y[at]
    yield "x", "", x
    yield "y", "", y
    if log_target:
        yield "l", "exp(y)·(y − x)", y.exp() * (y - x)
    elif y == 0:
        yield "l", "0·ln 0 − y·x", 0 - y * x
    else:
        yield "l", "y·(ln y − x)", torch.xlogy(y, y) - y * x


def margin_ranking(at, x1, x2, y, margin):
    """max(0, −y·(x1 − x2) + margin): y = 1 wants x1 larger, y = −1 wants x2 larger."""
    x1, x2, y = x1[at], x2[at], y[at]
    yield "x₁", "", x1
    yield "x₂", "", x2
    yield "y", "", y
    yield "margin", "", x1.new_tensor(margin)
    yield "l", "max(0, −y·(x₁ − x₂) + margin)", (-y * (x1 - x2) + margin).clamp(min=0)
