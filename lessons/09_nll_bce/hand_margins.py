"""The losses with margins and many labels by hand: one sample at a time, soft margin one element at a time."""

import torch
from hand_lines import added, number, plain


def multilabel_margin(at, x, y):
    """Σ over labels j and all other classes i of max(0, 1 − (x[j] − x[i])), divided by C. −1 ends the labels."""
    x, y = x[at].reshape(-1), y[at].reshape(-1).tolist()
    labels = y[: y.index(-1)] if -1 in y else y
    yield "x", "", x
    yield "y", "", torch.tensor(labels)
    hinges = []
    for j in labels:
        for i in sorted(set(range(len(x))) - set(labels)):
            hinge = (1 - (x[j] - x[i])).clamp(min=0)
            told = f"max(0, 1 − ({number(x[j])} − {number(x[i])}))"
            yield f"h[{j},{i}]", f"max(0, 1 − (x[{j}] − x[{i}]))", hinge, told
            hinges.append(hinge)
    total = sum(hinges, x.new_zeros(()))
    yield "l", "Σ h / C", total / len(x), f"({added(map(number, hinges)) or 0}) / {len(x)}"


def soft_margin(at, x, y):
    """ln(1 + exp(−y·x)), y = ±1."""
    x, y = x[at], y[at]
    yield "x", "", x
    yield "y", "", y
    yield "l", "ln(1 + exp(−y·x))", (-y * x).exp().log1p()


def multilabel_soft_margin(at, x, y, weight):
    """The mean over the classes of BCE with logits: −(Σ w·(y·ln σ(x) + (1 − y)·ln σ(−x))) / C."""
    x, y = x[at], y[at]
    w = torch.ones_like(x) if weight is None else weight.expand_as(x)
    yield "x", "", x
    yield "y", "", y
    each = -w * (y * torch.sigmoid(x).log() + (1 - y) * torch.sigmoid(-x).log())
    for c in range(len(x)):
        told = (
            f"−{number(w[c])}·({number(y[c])}·ln σ({plain(x[c])}) + {number(1 - y[c])}·ln σ({plain(-x[c])}))"
        )
        yield f"h[{c}]", f"BCE(x[{c}], y[{c}])", each[c], told
    yield "l", "Σ h / C", each.mean(), f"({added(map(number, each))}) / {len(x)}"


def multi_margin(at, x, y, p, margin, weight):
    """Σ over all i ≠ y of w[y]·max(0, margin − x[y] + x[i])^p, divided by C."""
    x, y = x[at], y[at]
    yield "x", "", x
    yield "y", "", y
    yield "margin", "", x.new_tensor(margin)
    hinges = []
    for i in range(len(x)):
        if i != y:
            hinge = (margin - x[y] + x[i]).clamp(min=0)
            told = f"max(0, {number(margin)} − {number(x[y])} + {number(x[i])})"
            yield f"h[{i}]", f"max(0, margin − x[y] + x[{i}])", hinge, told
            hinges.append(hinge)
    w = x.new_ones(()) if weight is None else weight[y]
    yield "w[y]", "", w
    power = "" if p == 1 else "²"
    total = sum((hinge**p for hinge in hinges), x.new_zeros(()))
    told = f"{number(w)}·({added(number(hinge) + power for hinge in hinges) or 0}) / {len(x)}"
    yield "l", f"w[y]·Σ h{power} / C", w * total / len(x), told
