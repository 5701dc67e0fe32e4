"""Questions on the optimizer with other numbers each time: torch gives the key, each known mistake its value."""

import math
import random
from itertools import combinations

import torch

from tutor.lesson import Variant


def rounds(a, x0, lr, count=2, clear=False, **settings):
    """x after each round of backward and step on y = a·x², with or without zero_grad, in float64."""
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([x], lr=lr, **settings)
    seen = []
    for _ in range(count):
        if clear:
            optimizer.zero_grad()
        (a * x**2).backward()
        optimizer.step()
        seen.append(x.item())
    return seen


def forgotten(rng: random.Random) -> Variant:
    """Two rounds without zero_grad; x is asked."""
    while True:
        a, x0 = rng.choice([1, 2, 3, 4, 5]), rng.choice([1.0, 2.0, 3.0, -1.0, 4.0])
        lr = rng.choice([0.01, 0.02, 0.05, 0.1])
        x1, x2 = rounds(a, x0, lr)
        g1, g2 = 2 * a * x0, 2 * a * x1
        mistakes = {
            "cleared": rounds(a, x0, lr, clear=True)[-1],
            "one-round": x1,
            "twice-the-first": x1 - lr * 2 * g1,
            "momentum": rounds(a, x0, lr, clear=True, momentum=0.9)[-1],
            "old-only": x1 - lr * g1,
            "half-derivative": rounds(a / 2, x0, lr)[-1],
            "uphill": rounds(a, x0, lr, maximize=True)[-1],
        }
        if told_apart([x2, *mistakes.values()]):
            break
    fields = {
        "a": a, "h": 2 * a, "x0": f"{x0:g}", "lr": f"{lr:g}", "x1": x1, "g1": g1, "g2": g2, "total": g1 + g2,
    }  # fmt: skip
    return Variant(answer=x2, mistakes=mistakes, fields=fields)


def numbers(rng: random.Random) -> Variant:
    """Groups of several parameters; the numbers that stand for those of one group in state_dict() are asked."""
    sizes = [rng.randint(2, 4) for _ in range(rng.choice([2, 3]))]
    index = rng.randint(1, len(sizes) - 1)
    groups = [{"params": [torch.zeros(1) for _ in range(size)]} for size in sizes]
    key = torch.optim.SGD(groups, lr=0.1).state_dict()["param_groups"][index]["params"]
    mistakes = {
        "from-zero": list(range(sizes[index])),
        "from-one": [number + 1 for number in key],
        "reversed": key[::-1],
    }
    fields = {
        "count": len(sizes),
        "sizes": ", ".join(map(str, sizes)),
        "index": index,
        "before": sum(sizes[:index]),
        "result": ", ".join(map(str, key)),
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def told_apart(values):
    """Whether any two of the numbers differ by more than the marking forgives."""
    return not any(math.isclose(a, b, rel_tol=5e-3, abs_tol=1e-6) for a, b in combinations(values, 2))
