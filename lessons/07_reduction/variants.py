"""Questions on reduction with other numbers each time: torch gives the key, each known mistake its value."""

import math
import random
from itertools import combinations

import torch
import torch.nn.functional as F

from tutor.lesson import Variant


def weighted_mean(rng: random.Random) -> Variant:
    """Two classes with weights; the mean is asked."""
    while True:
        n = rng.choice([3, 4])
        x = torch.tensor([[rng.randint(0, 3) for _ in range(2)] for _ in range(n)], dtype=torch.float)
        y = torch.tensor([rng.randint(0, 1) for _ in range(n)])
        w = torch.tensor(rng.sample([1, 2, 3, 4, 5], 2), dtype=torch.float)
        loss = F.cross_entropy(x, y, reduction="none").double()
        w_y = w[y].double()
        above, below = (w_y * loss).sum().item(), w_y.sum().item()
        key = F.cross_entropy(x, y, w).item()
        mistakes = {
            "divided-by-n": above / n,
            "divided-by-all-weights": above / w.sum().item(),
            "divided-by-classes": above / 2,
            "forgot-the-weights": F.cross_entropy(x, y).item(),
            "weights-only-below": loss.sum().item() / below,
            "weights-reversed": F.cross_entropy(x, y, w.flip(0)).item(),
            "gave-the-sum": F.cross_entropy(x, y, w, reduction="sum").item(),
            "divided-twice": above / below / n,
            "base-2": key / math.log(2),
            "softmax-twice": F.cross_entropy(x.softmax(1), y, w).item(),
            "forgot-ln": -F.nll_loss(x.softmax(1), y, w).item(),
        }
        if told_apart([key, *mistakes.values()]):
            break
    fields = {
        **shown(x, y, w),
        "losses": listed(loss),
        "terms": " + ".join(f"{a:g}·{b:.4f}" for a, b in zip(w_y.tolist(), loss.tolist(), strict=True)),
        "weights": " + ".join(f"{a:g}" for a in w_y.tolist()),
        "sum": above,
        "total": below,
        "all": w.sum().item(),
        "plain": loss.sum().item(),
        "n": n,
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def weighted_none(rng: random.Random) -> Variant:
    """As many samples as classes, so that a weight can be looked up by the wrong one; `none` is asked."""
    while True:
        x = torch.tensor([[rng.randint(0, 3) for _ in range(3)] for _ in range(3)], dtype=torch.float)
        y = torch.tensor([rng.randint(0, 2) for _ in range(3)])
        w = torch.tensor(rng.sample([1, 2, 3, 4, 5], 3), dtype=torch.float)
        loss = F.cross_entropy(x, y, reduction="none")
        key = F.cross_entropy(x, y, w, reduction="none")
        mistakes = {
            "forgot-the-weights": loss,
            "weight-of-the-sample": w * loss,
            "divided-by-weights": key / w[y].sum(),
            "divided-by-n": key / 3,
            "forgot-minus": -key,
            "forgot-ln": w[y] * x.softmax(1)[torch.arange(3), y],
            "base-2": key / math.log(2),
        }
        if told_apart([key.tolist(), *(value.tolist() for value in mistakes.values())]):
            break
    fields = {**shown(x, y, w), "losses": listed(loss), "weights": listed(w[y], "g"), "result": listed(key)}
    return Variant(answer=key.tolist(), mistakes={k: v.tolist() for k, v in mistakes.items()}, fields=fields)


def ignored_mean(rng: random.Random) -> Variant:
    """Losses and targets are given, one class is ignored; the weighted mean is asked."""
    while True:
        n = rng.choice([4, 5])
        y = torch.tensor([rng.randint(0, 2) for _ in range(n)])
        loss = torch.tensor([rng.randint(2, 30) / 10 for _ in range(n)])
        w = torch.tensor(rng.sample([1, 2, 3, 4, 5], 3), dtype=torch.float)
        ignore = rng.randint(0, 2)
        kept = y != ignore
        if kept.all() or kept.sum() < 2:
            continue
        # Two numbers of which one is the loss: with it as log-probability of its class torch itself gives the key.
        log_p = torch.full((n, 3), -9.0).scatter(1, y[:, None], -loss[:, None])
        key = F.nll_loss(log_p, y, w, ignore_index=ignore).item()
        w_y, loss = w[y].double(), loss.double()
        above, below = (w_y * loss)[kept].sum().item(), w_y[kept].sum().item()
        mistakes = {
            "not-ignored": F.nll_loss(log_p, y, w).item(),
            "counted-below": above / w_y.sum().item(),
            "divided-by-n": above / n,
            "divided-by-kept": above / int(kept.sum()),
            "forgot-the-weights": F.nll_loss(log_p, y, ignore_index=ignore).item(),
            "kept-the-ignored": loss[~kept].mean().item(),
            "gave-the-sum": above,
        }
        if told_apart([key, *mistakes.values()]):
            break
    pairs = list(zip(w_y[kept].tolist(), loss[kept].tolist(), strict=True))
    fields = {
        **shown(None, y, w),
        "losses": listed(loss, ".1f"),
        "ignore": ignore,
        "terms": " + ".join(f"{a:g}·{b:.1f}" for a, b in pairs),
        "weights": " + ".join(f"{a:g}" for a, _ in pairs),
        "sum": above,
        "total": below,
        "n": n,
        "kept": len(pairs),
        "below": w_y.sum().item(),
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def shown(x, y, w):
    """The tensors as one types them, whole numbers without a point."""
    fields = {"target": str(y.tolist()), "weight": f"[{listed(w, 'g')}]"}
    return fields if x is None else {"inputs": str(x.long().tolist()), **fields}


def listed(tensor, form=".4f"):
    """The numbers of a vector, in a line."""
    return ", ".join(f"{value:{form}}" for value in tensor.tolist())


def told_apart(values):
    """Whether any two of the numbers (or vectors) differ by more than the marking forgives."""
    vectors = [value if isinstance(value, list) else [value] for value in values]
    return not any(
        all(math.isclose(x, y, rel_tol=5e-3) for x, y in zip(a, b, strict=True))
        for a, b in combinations(vectors, 2)
    )
