"""Questions on KL divergence and ranking with other numbers each time: torch gives the key, each mistake its value."""

import math
import random

import torch
import torch.nn.functional as F

from tutor.lesson import Variant, listed, shown, told_apart

ROWS = [
    [0.5, 0.25, 0.25],
    [0.125, 0.125, 0.75],
    [0.2, 0.2, 0.6],
    [0.4, 0.4, 0.2],
    [0.1, 0.4, 0.5],
    [0.2, 0.3, 0.5],
]
"""Distributions of three outcomes, whose quotients can be taken in the head."""


def kl_elements(rng: random.Random) -> Variant:
    """One row of target and prediction; `none` is asked."""
    while True:
        p, q = (torch.tensor(row) for row in (distribution(rng), distribution(rng)))
        key = F.kl_div(q.log(), p, reduction="none")
        mistakes = {
            "swapped": F.kl_div(p.log(), q, reduction="none"),
            "probabilities": F.kl_div(q, p, reduction="none"),
            "cross-entropy": -p * q.log(),
            "no-factor": p.log() - q.log(),
            "sign": -key,
            "base-2": key / math.log(2),
        }
        mistakes = {name: value.tolist() for name, value in mistakes.items()}
        if told_apart([key.tolist(), *mistakes.values()]):
            break
    fields = {"p": shown(p), "q": shown(q), "ratios": listed(p / q, ".4g"), "result": listed(key)}
    return Variant(answer=key.tolist(), mistakes=mistakes, fields=fields)


def kl_batchmean(rng: random.Random) -> Variant:
    """Two rows of three; `batchmean` is asked."""
    n, d = 2, 3
    while True:
        p, q = (torch.tensor([distribution(rng) for _ in range(n)]) for _ in range(2))
        rows = F.kl_div(q.log(), p, reduction="none").sum(1)
        total = rows.sum().item()
        key = F.kl_div(q.log(), p, reduction="batchmean").item()
        mistakes = {
            "mean": total / (n * d),
            "sum": total,
            "by-columns": total / d,
            "swapped": F.kl_div(p.log(), q, reduction="batchmean").item(),
            "cross-entropy": F.cross_entropy(q.log(), p).item(),
            "base-2": key / math.log(2),
        }
        if rows.min() > 0.01 and told_apart([key, *mistakes.values()]):
            break
    fields = {
        "p": shown(p),
        "q": shown(q),
        "rows": listed(rows),
        "sum": total,
        "n": n,
        "d": d,
        "elements": n * d,
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def ranked(rng: random.Random) -> Variant:
    """Three pairs of scores; `none` is asked."""
    while True:
        x1, x2 = (torch.tensor([rng.randint(-4, 8) / 2 for _ in range(3)]) for _ in range(2))
        y = torch.tensor([rng.choice([1, -1]) for _ in range(3)])
        margin = rng.choice([0.5, 1.0, 2.0])
        key = F.margin_ranking_loss(x1, x2, y, margin=margin, reduction="none")
        lead = y * (x1 - x2)
        mistakes = {
            "y-reversed": F.margin_ranking_loss(x1, x2, -y, margin=margin, reduction="none"),
            "forgot-margin": F.margin_ranking_loss(x1, x2, y, reduction="none"),
            "forgot-max": margin - lead,
            "margin-taken-off": F.margin_ranking_loss(x1, x2, y, margin=-margin, reduction="none"),
        }
        mistakes = {name: value.tolist() for name, value in mistakes.items()}
        if told_apart([key.tolist(), *mistakes.values()]):
            break
    fields = {
        "x1": shown(x1),
        "x2": shown(x2),
        "y": str(y.tolist()),
        "margin": margin,
        "leads": listed(lead, "g"),
        "lacks": listed(margin - lead, "g"),
        "result": listed(key, "g"),
    }
    return Variant(answer=key.tolist(), mistakes=mistakes, fields=fields)


def rank_border(rng: random.Random) -> Variant:
    """The score at which one pair just stops to cost."""
    while True:
        x2, margin, y = rng.randint(-6, 12) / 2, rng.randint(1, 6) / 2, rng.choice([1, -1])
        key = x2 + y * margin
        mistakes = {"wrong-side": x2 - y * margin, "forgot-margin": x2, "forgot-x2": y * margin}
        if told_apart([key, *mistakes.values()]):
            break
    just, before = torch.tensor([key, key - y / 8]).requires_grad_(), 1 / 8
    loss = F.margin_ranking_loss(
        just, torch.full((2,), x2), torch.full((2,), y), margin=margin, reduction="none"
    )
    assert loss.tolist() == [0, before]
    fields = {"x2": x2, "y": y, "margin": margin}
    fields |= {f"value_{name.replace('-', '_')}": value for name, value in mistakes.items()}
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def distribution(rng):
    """One of ROWS in any order."""
    row = list(rng.choice(ROWS))
    rng.shuffle(row)
    return row
