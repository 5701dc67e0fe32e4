"""The losses of classification by hand: cross entropy, NLL, BCE, BCE with logits. One element at a time."""

import torch
from hand_lines import added, number


def row(x, at):
    """The numbers of all classes for one target. Classes are dim 1; dim 0 where there is no batch."""
    return x if x.dim() == 1 else x[(at[0], slice(None), *at[1:])]


def weight_of(weight, x, at):
    """The weight of one element; a `weight` is stretched over the shape of x, and 1 where there is none."""
    return x.new_ones(()) if weight is None else weight.expand_as(x)[at]


def nll_loss(at, x, y, weight, ignore_index):
    """−w[y]·x[y]. x are log-probabilities: no logarithm is taken here."""
    x, y = row(x, at), y[at]
    yield "y", "", y
    if y == ignore_index:
        yield "l", "0", x.new_zeros(())
        return
    yield "x[y]", "", x[y]
    w = x.new_ones(()) if weight is None else weight[y]
    yield "w[y]", "", w
    yield "l", "−w[y]·x[y]", -w * x[y]


def cross_entropy(at, x, y, weight, ignore_index, label_smoothing):
    """−w[y]·ln softmax(x)[y]; y may also be a probability for each class."""
    q = row(y, at) if y.is_floating_point() else None
    x = row(x, at)
    w = torch.ones_like(x) if weight is None else weight
    eps = max(label_smoothing, 0)  # torch takes no notice of a negative one
    yield "x", "", x
    total = x.exp().sum()
    yield "s", "Σ exp x", total, added(f"exp {number(each)}" for each in x)
    log_p = x - total.log()
    if q is not None:
        q = q * (1 - eps) + eps / len(x)
        yield "q", "", q
        yield "ln p", "x − ln s", log_p
        terms = (f"{number(a)}·{number(b)}·{number(c)}" for a, b, c in zip(w, q, log_p, strict=True))
        yield "l", "−Σ w·q·ln p", -(w * q * log_p).sum(), f"−({added(terms)})"
        return
    y = y[at]
    yield "y", "", y
    if y == ignore_index:
        yield "l", "0", x.new_zeros(())
        return
    yield "x[y]", "", x[y]
    yield "ln p[y]", "x[y] − ln s", log_p[y]
    yield "w[y]", "", w[y]
    loss = -w[y] * log_p[y]
    if not eps:
        yield "l", "−w[y]·ln p[y]", loss
        return
    yield "h", "−w[y]·ln p[y]", loss
    even = -(w * log_p).mean()
    terms = (f"{number(a)}·{number(b)}" for a, b in zip(w, log_p, strict=True))
    yield "u", "−(Σ w·ln p)/C", even, f"−({added(terms)})/{len(x)}"
    yield "ε", "", x.new_tensor(eps)
    yield "l", "(1 − ε)·h + ε·u", (1 - eps) * loss + eps * even


def divisor(x, y, weight, ignore_index, **_):
    """What `mean` divides by: the weights of the targets that count; with probabilities, their number."""
    if y.is_floating_point():
        return y.numel() / x.shape[min(x.dim() - 1, 1)]
    counted = y[y != ignore_index]
    return len(counted) if weight is None else weight[counted].sum().item()


def bce(at, x, y, weight):
    """−w·(y·ln x + (1 − y)·ln(1 − x)). x are probabilities; torch lets no logarithm fall below −100."""
    w, x, y = weight_of(weight, x, at), x[at], y[at]
    yield "x", "", x
    yield "y", "", y
    yield "w", "", w
    a, b = x.log().clamp(min=-100), (1 - x).log().clamp(min=-100)
    yield "a", "max(ln x, −100)", a
    yield "b", "max(ln(1 − x), −100)", b
    yield "l", "−w·(y·a + (1 − y)·b)", -w * (y * a + (1 - y) * b)


def bce_with_logits(at, x, y, weight, pos_weight):
    """The same of σ(x), without ever computing σ(x): −ln σ(x) = ln(1 + exp(−|x|)) + max(−x, 0)."""
    w, v, x, y = weight_of(weight, x, at), weight_of(pos_weight, x, at), x[at], y[at]
    yield "x", "", x
    yield "y", "", y
    yield "w", "", w
    yield "v", "", v
    a, b = (-x.abs()).exp().log1p(), (-x).clamp(min=0)
    yield "a", "ln(1 + exp(−|x|))", a
    yield "b", "max(−x, 0)", b
    m = 1 + (v - 1) * y
    yield "m", "1 + (v − 1)·y", m
    yield "c", "(1 − y)·x", (1 - y) * x
    yield "l", "w·(c + m·(a + b))", w * ((1 - y) * x + m * (a + b))
