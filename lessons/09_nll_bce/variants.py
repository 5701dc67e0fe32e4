"""Questions on NLL and BCE with other numbers each time: torch gives the key, each known mistake its value."""

import math
import random

import torch
import torch.nn.functional as F

from tutor.lesson import Variant, listed, told_apart


def nll_mean(rng: random.Random) -> Variant:
    """Log-probabilities of three samples with class weights; the weighted mean is asked."""
    while True:
        tenths = [rng.sample([1, 2, 3, 4, 5, 6, 7], 2) for _ in range(3)]
        if any(sum(row) >= 10 for row in tenths):
            continue
        p = torch.tensor([[a / 10, b / 10, (10 - a - b) / 10] for a, b in tenths], dtype=torch.double)
        y = torch.tensor([rng.randint(0, 2) for _ in range(3)])
        w = torch.tensor(rng.sample([1.0, 2.0, 3.0, 4.0, 5.0], 3), dtype=torch.double)
        x = p.log().mul(100).round().div(100)  # as they are shown
        picked, w_y = -x[torch.arange(3), y], w[y]
        key = F.nll_loss(x, y, w).item()
        mistakes = {
            "forgot-minus": -key,
            "forgot-the-weights": F.nll_loss(x, y).item(),
            "divided-by-n": (w_y * picked).sum().item() / 3,
            "divided-by-all-weights": (w_y * picked).sum().item() / w.sum().item(),
            "gave-the-sum": F.nll_loss(x, y, w, reduction="sum").item(),
            "undid-the-log": -F.nll_loss(x.exp(), y, w).item(),
        }
        if told_apart([key, *mistakes.values()], 1e-9):
            break
    fields = {
        "rows": "\n".join(f"         [{listed(row, '.2f')}]," for row in x)[9:].rstrip(","),
        "target": str(y.tolist()),
        "weight": f"[{listed(w, 'g')}]",
        "terms": " + ".join(f"{a:g}·{b:.2f}" for a, b in zip(w_y.tolist(), picked.tolist(), strict=True)),
        "weights": " + ".join(f"{a:g}" for a in w_y.tolist()),
        "sum": (w_y * picked).sum().item(),
        "total": w_y.sum().item(),
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def nll_of_logits(rng: random.Random) -> Variant:
    """One row of logits through log-softmax into NLLLoss."""
    while True:
        x = torch.tensor([[float(rng.randint(-2, 3)) for _ in range(3)]], dtype=torch.double)
        y = torch.tensor([rng.randint(0, 2)])
        key = F.nll_loss(x.log_softmax(1), y).item()
        mistakes = {
            "no-log-softmax": F.nll_loss(x, y).item(),
            "no-log": F.nll_loss(x.softmax(1), y).item(),
            "forgot-minus": -key,
            "gave-the-lse": x.logsumexp(1).item(),
            "base-2": key / math.log(2),
        }
        if told_apart([key, *mistakes.values()], 1e-9):
            break
    fields = {
        "row": f"[{listed(x[0], 'g')}]",
        "y": y.item(),
        "x_y": x[0, y].item(),
        "exps": " + ".join(f"e^{value:g}" for value in x[0].tolist()),
        "lse": x.logsumexp(1).item(),
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def bce_mean(rng: random.Random) -> Variant:
    """Two samples with two labels each, as probabilities; the mean over all elements is asked."""
    while True:
        x = torch.tensor([[rng.randint(1, 9) / 10 for _ in range(2)] for _ in range(2)], dtype=torch.double)
        y = torch.tensor([[rng.randint(0, 1) for _ in range(2)] for _ in range(2)], dtype=torch.double)
        key = F.binary_cross_entropy(x, y).item()
        right = x.where(y == 1, 1 - x)
        mistakes = {
            "labels-swapped": F.binary_cross_entropy(x, 1 - y).item(),
            "only-the-ones": -(y * x.log()).sum().item() / 4,
            "divided-by-n": F.binary_cross_entropy(x, y, reduction="sum").item() / 2,
            "gave-the-sum": F.binary_cross_entropy(x, y, reduction="sum").item(),
            "sigmoid-first": F.binary_cross_entropy_with_logits(x, y).item(),
            "base-2": key / math.log(2),
        }
        if 0 < y.sum() < 4 and told_apart([key, *mistakes.values()], 1e-9):
            break
    fields = {
        "inputs": rows(x),
        "target": rows(y),
        "terms": " + ".join(f"ln {value:g}" for value in right.flatten().tolist()),
        "sum": -right.log().sum().item(),
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def bce_soft(rng: random.Random) -> Variant:
    """One element with a target between 0 and 1."""
    while True:
        x, y = rng.randint(1, 9) / 10, rng.choice([0.1, 0.2, 0.25, 0.4, 0.6, 0.75, 0.8, 0.9])
        a, b = math.log(x), math.log(1 - x)
        key = F.binary_cross_entropy(torch.tensor(x).double(), torch.tensor(y).double()).item()
        mistakes = {
            "rounded-the-target": -(a if y > 0.5 else b),
            "swapped": -((1 - y) * a + y * b),
            "first-term-only": -y * a,
            "second-term-only": -(1 - y) * b,
            "forgot-minus": -key,
        }
        if told_apart([key, *mistakes.values()], 1e-9):
            break
    fields = {"x": x, "y": y, "rest": 1 - y, "minus": 1 - x, "a": a, "b": b}
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def logits_none(rng: random.Random) -> Variant:
    """Three logits and their labels; each loss is asked."""
    while True:
        x = torch.tensor([float(v) for v in rng.sample([-3, -2, -1, 1, 2, 3, 4], 3)], dtype=torch.double)
        y = torch.tensor([float(rng.randint(0, 1)) for _ in range(3)], dtype=torch.double)
        key = F.binary_cross_entropy_with_logits(x, y, reduction="none")
        mistakes = {
            "labels-swapped": F.binary_cross_entropy_with_logits(x, 1 - y, reduction="none"),
            "sigmoid-only": torch.sigmoid(x),
            "sigmoid-twice": F.binary_cross_entropy_with_logits(torch.sigmoid(x), y, reduction="none"),
            "base-2": key / math.log(2),
            "gave-the-mean": (key / 3),
        }
        if 0 < y.sum() < 3 and told_apart([key.tolist(), *(m.tolist() for m in mistakes.values())], 1e-9):
            break
    signed = (-x).where(y == 1, x)
    fields = {
        "inputs": f"[{listed(x, 'g')}]",
        "target": f"[{listed(y, 'g')}]",
        "terms": ", ".join(f"ln(1 + e^{value:g})" for value in signed.tolist()),
        "result": listed(key),
    }
    return Variant(answer=key.tolist(), mistakes={k: m.tolist() for k, m in mistakes.items()}, fields=fields)


def pos_weighted(rng: random.Random) -> Variant:
    """The losses are given, of positives and negatives, and `pos_weight`; the mean is asked."""
    while True:
        n, v = rng.choice([4, 5]), rng.randint(2, 5)
        y = torch.tensor([float(rng.randint(0, 1)) for _ in range(n)], dtype=torch.double)
        loss = torch.tensor([rng.randint(2, 25) / 10 for _ in range(n)], dtype=torch.double)
        # The logit that has this loss, so that torch gives the key.
        x = -loss.expm1().log() * (2 * y - 1)
        weight = torch.tensor([float(v)], dtype=torch.double)
        key = F.binary_cross_entropy_with_logits(x, y, pos_weight=weight).item()
        weighted = loss * (1 + (v - 1) * y)
        mistakes = {
            "weighted-all": loss.mean().item() * v,
            "weighted-none": loss.mean().item(),
            "weighted-the-negatives": (loss * (v - (v - 1) * y)).mean().item(),
            "divided-by-weights": (weighted.sum() / (1 + (v - 1) * y).sum()).item(),
            "gave-the-sum": weighted.sum().item(),
        }
        if 0 < y.sum() < n and told_apart([key, *mistakes.values()], 1e-9):
            break
    fields = {
        "losses": listed(loss, ".1f"),
        "target": f"[{listed(y, 'g')}]",
        "v": v,
        "n": n,
        "terms": " + ".join(
            f"{v}·{a:.1f}" if b else f"{a:.1f}" for a, b in zip(loss.tolist(), y.tolist(), strict=True)
        ),
        "sum": weighted.sum().item(),
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def rows(x):
    """A matrix as one types it."""
    return "[" + ", ".join(f"[{listed(row, 'g')}]" for row in x) + "]"
