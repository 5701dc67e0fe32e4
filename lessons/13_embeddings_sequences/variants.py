"""Questions on embeddings and CTC with other numbers each time: torch gives the key, each known mistake its value."""

import math
import random
from itertools import pairwise

import torch
import torch.nn.functional as F

from tutor.lesson import Variant, listed, shown, told_apart

SIGNS = "–abc"
"""The classes of CTC: the blank, and symbols."""


def triplet(rng: random.Random) -> Variant:
    """Three points of the plane; the loss is asked."""
    while True:
        a, p, n = (
            torch.tensor([rng.randint(-3, 6) for _ in range(2)], dtype=torch.float64) for _ in range(3)
        )
        margin = rng.choice([1.0, 2.0])
        key = F.triplet_margin_loss(a, p, n, margin=margin).item()
        square_p, square_n = ((a - other).square().sum().item() for other in (p, n))
        d_p, d_n, d_pn = math.sqrt(square_p), math.sqrt(square_n), math.dist(p.tolist(), n.tolist())
        mistakes = {
            "turned-round": F.triplet_margin_loss(a, n, p, margin=margin).item(),
            "forgot-margin": max(0, d_p - d_n),
            "squared": max(0, square_p - square_n + margin),
            "absolute": F.triplet_margin_loss(a, p, n, margin=margin, p=1).item(),
            "swapped": max(0, d_p - d_pn + margin),
        }
        if key > 0.05 and min(d_p, d_n) > 0 and told_apart([key, *mistakes.values()]):
            break
    fields = {
        **{name: shown(each) for name, each in (("a", a), ("p", p), ("n", n))},
        "margin": margin,
        "square_p": f"{square_p:g}",
        "square_n": f"{square_n:g}",
        "d_p": d_p,
        "d_n": d_n,
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def triplet_border(rng: random.Random) -> Variant:
    """The distance to the negative from which on a triplet costs nothing."""
    while True:
        d, margin = rng.randint(2, 16) / 4, rng.randint(1, 8) / 4
        key = d + margin
        mistakes = {"forgot-margin": d, "wrong-side": d - margin, "only-margin": margin}
        if told_apart([key, *mistakes.values()]):
            break
    for n, loss in ((key, 0), (key - 0.125, 0.125)):
        points = (torch.tensor([each], dtype=torch.float64) for each in (0, d, -n))
        assert math.isclose(F.triplet_margin_loss(*points, margin=margin).item(), loss, abs_tol=1e-4)
    return Variant(answer=key, mistakes=mistakes, fields={"d": d, "margin": margin})


def hinge_embedding(rng: random.Random) -> Variant:
    """Three distances; `none` is asked."""
    while True:
        x = torch.tensor([rng.randint(1, 24) / 10 for _ in range(3)], dtype=torch.float64)
        y = torch.tensor([rng.choice([1, -1]) for _ in range(3)])
        margin = rng.choice([0.5, 1.5, 2.0])
        key = F.hinge_embedding_loss(x, y, margin=margin, reduction="none")
        mistakes = {
            "branches": F.hinge_embedding_loss(x, -y, margin=margin, reduction="none"),
            "default-margin": F.hinge_embedding_loss(x, y, reduction="none"),
            "forgot-max": torch.where(y == 1, x, margin - x),
            "factor": y * x,
        }
        mistakes = {name: value.tolist() for name, value in mistakes.items()}
        if told_apart([key.tolist(), *mistakes.values()]):
            break
    fields = {"x": shown(x), "y": str(y.tolist()), "margin": margin, "result": listed(key, "g")}
    return Variant(answer=key.tolist(), mistakes=mistakes, fields=fields)


def hinge_embedding_mean(rng: random.Random) -> Variant:
    """Four distances and the default margin; the mean is asked."""
    while True:
        x = torch.tensor([rng.randint(1, 20) / 10 for _ in range(4)], dtype=torch.float64)
        y = torch.tensor([rng.choice([1, -1]) for _ in range(4)])
        losses = F.hinge_embedding_loss(x, y, reduction="none")
        key, total = F.hinge_embedding_loss(x, y).item(), losses.sum().item()
        mistakes = {
            "sum": total,
            "branches": F.hinge_embedding_loss(x, -y).item(),
            "forgot-max": torch.where(y == 1, x, 1 - x).mean().item(),
            "only-costly": total / max(1, int((losses > 0).sum())),
        }
        if told_apart([key, *mistakes.values()]):
            break
    fields = {
        "x": shown(x),
        "y": str(y.tolist()),
        "losses": listed(losses, "g"),
        "losses_sum": listed(losses, "g").replace(", ", " + "),
        "sum": total,
        "n": 4,
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def cosine_embedding(rng: random.Random) -> Variant:
    """Two pairs of vectors of the plane; `none` is asked."""
    while True:
        x1, x2 = (
            torch.tensor([[rng.randint(-1, 4) for _ in range(2)] for _ in range(2)], dtype=torch.float64)
            for _ in range(2)
        )
        if min(x1.norm(dim=1).min(), x2.norm(dim=1).min()) == 0:
            continue
        y = torch.tensor(rng.sample([1, -1], 2))
        key = F.cosine_embedding_loss(x1, x2, y, reduction="none")
        products, squares = (x1 * x2).sum(1), x1.square().sum(1) * x2.square().sum(1)
        cosines = products / squares.sqrt()
        mistakes = {
            "branches": F.cosine_embedding_loss(x1, x2, -y, reduction="none"),
            "similarity": cosines,
            "products": torch.where(y == 1, 1 - products, products.clamp(min=0)),
            "no-roots": torch.where(y == 1, 1 - products / squares, (products / squares).clamp(min=0)),
        }
        mistakes = {name: value.tolist() for name, value in mistakes.items()}
        if told_apart([key.tolist(), *mistakes.values()]):
            break
    lengths = zip(x1.square().sum(1).tolist(), x2.square().sum(1).tolist(), strict=True)
    fields = {
        "x1": shown(x1),
        "x2": shown(x2),
        "y": str(y.tolist()),
        "products": listed(products, "g"),
        "squares": ", ".join(f"{a:g} · {b:g}" for a, b in lengths),
        "cosines": listed(cosines),
        "result": listed(key),
    }
    return Variant(answer=key.tolist(), mistakes=mistakes, fields=fields)


def cosine_margin(rng: random.Random) -> Variant:
    """Three cosines and a margin; the mean is asked."""
    while True:
        cosines = torch.tensor([rng.randint(-8, 9) / 10 for _ in range(3)], dtype=torch.float64)
        y = torch.tensor([rng.choice([1, -1]) for _ in range(3)])
        margin = rng.randint(1, 5) / 10
        # Unit vectors with just these cosines, so that torch itself gives the key.
        x1 = torch.tensor([[1.0, 0.0]] * 3, dtype=torch.float64)
        x2 = torch.stack([cosines, (1 - cosines.square()).sqrt()], 1)
        losses = F.cosine_embedding_loss(x1, x2, y, margin=margin, reduction="none")
        key = F.cosine_embedding_loss(x1, x2, y, margin=margin).item()
        mistakes = {
            "forgot-margin": F.cosine_embedding_loss(x1, x2, y).item(),
            "hinge": torch.where(y == 1, 1 - cosines, (margin - cosines).clamp(min=0)).mean().item(),
            "branches": F.cosine_embedding_loss(x1, x2, -y, margin=margin).item(),
            "sum": losses.sum().item(),
            "forgot-max": torch.where(y == 1, 1 - cosines, cosines - margin).mean().item(),
        }
        if told_apart([key, *mistakes.values()]):
            break
    fields = {
        "cosines": shown(cosines),
        "y": str(y.tolist()),
        "margin": margin,
        "losses": listed(losses, ".3g"),
        "losses_sum": listed(losses, ".3g").replace(", ", " + "),
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def ctc_shortest(rng: random.Random) -> Variant:
    """A label with doubled symbols; the fewest frames are asked."""
    while True:
        label = [rng.randint(1, 3) for _ in range(rng.randint(4, 8))]
        n, pairs = len(label), sum(a == b for a, b in pairwise(label))
        key = n + pairs
        mistakes = {"symbols": n, "all-blanks": 2 * n + 1, "between-all": 2 * n - 1}
        if told_apart([key, *mistakes.values()]):
            break
    assert [math.isfinite(loss_of(label, torch.full((t, 4), 0.25))) for t in (key - 1, key)] == [False, True]
    fields = {"label": f'"{"".join(SIGNS[k] for k in label)}"', "n": n, "pairs": pairs}
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def ctc_collapsed_length(rng: random.Random) -> Variant:
    """A path; the number of symbols that it spells is asked."""
    while True:
        path = [rng.choice([0, 0, 1, 1, 2, 2, 3]) for _ in range(rng.randint(8, 11))]
        merged = torch.unique_consecutive(torch.tensor(path)).tolist()
        label = [k for k in merged if k]
        symbols = torch.tensor([k for k in path if k])
        mistakes = {
            "not-merged": len(symbols),
            "blanks-first": len(torch.unique_consecutive(symbols)),
            "distinct": len(set(label)),
            "blanks-too": len(merged),
        }
        if told_apart([len(label), *mistakes.values()]):
            break
    assert loss_of(label, F.one_hot(torch.tensor(path), len(SIGNS))) == 0
    fields = {name: spelled(each) for name, each in (("path", path), ("merged", merged), ("label", label))}
    return Variant(answer=len(label), mistakes=mistakes, fields=fields)


def ctc_two_frames(rng: random.Random) -> Variant:
    """Two frames of three classes; the loss of a label of one symbol is asked."""
    while True:
        p = torch.tensor([split(rng) for _ in range(2)], dtype=torch.float64)
        k = rng.choice([1, 2])
        key = loss_of([k], p)
        total = math.exp(-key)
        mistakes = {
            "one-path": -math.log(p[0, k] * p[1, k]),
            "no-ln": total,
            "everything-else": -math.log(1 - total),
            "base-2": key / math.log(2),
        }
        if told_apart([key, *mistakes.values()]):
            break
    paths = [(k, k), (k, 0), (0, k)]
    fields = {
        **{f"frame{t}": "   ".join(f"{value:.1f}" for value in p[t].tolist()) for t in range(2)},
        "label": f'"{SIGNS[k]}"',
        "paths": ", ".join(spelled(path) for path in paths),
        "terms": " + ".join(f"{p[0, a].item():g}·{p[1, b].item():g}" for a, b in paths),
        "p": total,
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def loss_of(label, p):
    """torch's CTC loss of one label under the probabilities p of shape (T, C)."""
    lengths = torch.tensor(len(p)), torch.tensor(len(label))
    return F.ctc_loss(p.double().log(), torch.tensor(label), *lengths, reduction="sum").item()


def split(rng):
    """Three tenths that sum to 1."""
    a, b = sorted(rng.sample(range(1, 10), 2))
    return [a / 10, (b - a) / 10, (10 - b) / 10]


def spelled(classes):
    """The classes as signs, – for the blank."""
    return " ".join(SIGNS[k] for k in classes)
