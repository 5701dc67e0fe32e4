"""The losses of regression by hand: L1, MSE, smooth L1, Poisson NLL. One element at a time."""

import math


def l1(at, x, y):
    """|x − y|"""
    x, y = x[at], y[at]
    yield "x", "", x
    yield "y", "", y
    yield "l", "|x − y|", (x - y).abs()


def mse(at, x, y):
    """(x − y)², without a half."""
    x, y = x[at], y[at]
    yield "x", "", x
    yield "y", "", y
    yield "l", "(x − y)²", (x - y) ** 2


def smooth_l1(at, x, y, beta):
    """d²/(2β) where d = |x − y| is below β, d − β/2 beyond: the two meet in value and in slope."""
    x, y = x[at], y[at]
    yield "x", "", x
    yield "y", "", y
    d = (x - y).abs()
    yield "d", "|x − y|", d
    yield "β", "", d.new_tensor(beta)
    if d < beta:
        yield "l", "d²/(2·β)", d**2 / (2 * beta)
    else:
        yield "l", "d − β/2", d - beta / 2


def poisson_nll(at, x, y, log_input, full, eps):
    """exp(x) − y·x, or x − y·ln(x + ε) where x is the rate itself; `full` adds ln y! after Stirling, if y > 1."""
    x, y = x[at], y[at]
    yield "x", "", x
    yield "y", "", y
    if log_input:
        formula, loss = "exp x − y·x", x.exp() - y * x
    else:
        yield "ε", "", x.new_tensor(eps)
        formula, loss = "x − y·ln(x + ε)", x - y * (x + eps).log()
    if not (full and y > 1):
        yield "l", formula, loss
        return
    yield "h", formula, loss
    stirling = y * y.log() - y + (2 * math.pi * y).log() / 2
    yield "s", "y·ln y − y + ln(2π·y)/2", stirling
    yield "l", "h + s", loss + stirling
