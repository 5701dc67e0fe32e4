"""The losses of embeddings by hand: triplet, hinge, cosine. One sample, or one distance, at a time."""

import torch
from hand_lines import added, number, plain


def triplet_margin(at, anchor, positive, negative, margin, p, eps, swap):
    """max(0, d₊ − d₋ + margin): the distances of the anchor from both, ‖u − v + ε‖.

    With `swap` the negative may be measured from the positive instead, if that is nearer.
    """
    anchor, positive, negative = anchor[at], positive[at], negative[at]
    yield "a", "", anchor
    yield "p", "", positive
    yield "n", "", negative

    def distance(u, v):
        return (u - v + eps).norm(p)  # torch adds ε to the difference, not to the distance

    def told(u, v):
        if p == 2:
            return f"√({added(f'{number(each)}²' for each in u - v)})"
        return f"({added(f'|{plain(each)}|^{p:g}' for each in u - v)})^(1/{p:g})"

    near, far = distance(anchor, positive), distance(anchor, negative)
    yield "d₊", "‖a − p + ε‖", near, told(anchor, positive)
    yield "d₋", "‖a − n + ε‖", far, told(anchor, negative)
    yield "margin", "", anchor.new_tensor(margin)
    formula = "max(0, d₊ − d₋ + margin)"
    if swap:
        other = distance(positive, negative)
        yield "d′", "‖p − n + ε‖", other, told(positive, negative)
        formula, far = "max(0, d₊−min(d₋, d′)+margin)", torch.minimum(far, other)
    yield "l", formula, (near - far + margin).clamp(min=0)


def hinge_embedding(at, x, y, margin):
    """x where y = 1, max(0, margin − x) where y = −1; for any other y torch adds the two."""
    x, y = x[at], y[at]
    yield "x", "", x
    yield "y", "", y
    yield "margin", "", x.new_tensor(margin)
    apart = (margin - x).clamp(min=0)
    if y == 1:
        yield "l", "x", x
    elif y == -1:
        yield "l", "max(0, margin − x)", apart
    else:
        yield "l", "x + max(0, margin − x)", x + apart


def cosine_embedding(at, x1, x2, y, margin):
    """1 − cos where y = 1, max(0, cos − margin) where y = −1, else 0."""
    x1, x2 = torch.broadcast_tensors(x1, x2)
    x1, x2, y = x1[at], x2[at], y[at]
    yield "x₁", "", x1
    yield "x₂", "", x2
    tiny = 1e-12  # torch adds it, so that a vector of zeros divides by something
    dot, one, two = (x1 * x2).sum(), (x1 * x1).sum() + tiny, (x2 * x2).sum() + tiny
    pairs = zip(x1, x2, strict=True)
    yield "s", "Σ x₁·x₂", dot, added(f"{number(a)}·{number(b)}" for a, b in pairs)
    yield "u", "Σ x₁²", one, added(f"{number(a)}²" for a in x1)
    yield "v", "Σ x₂²", two, added(f"{number(a)}²" for a in x2)
    cos = dot / (one * two).sqrt()
    yield "cos", "s/√(u·v)", cos
    yield "y", "", y
    if y == 1:
        yield "l", "1 − cos", 1 - cos
    elif y == -1:
        yield "margin", "", cos.new_tensor(margin)
        yield "l", "max(0, cos − margin)", (cos - margin).clamp(min=0)
    else:
        yield "l", "0", torch.zeros_like(cos)
