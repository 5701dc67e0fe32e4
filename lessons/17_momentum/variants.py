"""Questions on momentum with other numbers each time: torch gives the key, each known mistake its value."""

import math
import random
from itertools import combinations

import torch

from tutor.lesson import Variant


def average(rng: random.Random) -> Variant:
    """Three values through an exponentially weighted average from 0; the last one is asked."""
    while True:
        beta = rng.choice([0.6, 0.7, 0.8, 0.9])
        theta = torch.tensor(rng.sample(range(1, 20), 3), dtype=torch.float64)
        first, second, third = theta.tolist()
        weights = (1 - beta) * beta ** torch.tensor([2.0, 1.0, 0.0], dtype=torch.float64)
        key = weights @ theta
        v1 = (1 - beta) * first
        v2 = beta * v1 + (1 - beta) * second
        late = beta * (beta * first + (1 - beta) * second) + (1 - beta) * third
        mistakes = {
            "plain-mean": theta.mean().item(),
            "reversed": (weights.flip(0) @ theta).item(),
            "momentum": key.item() / (1 - beta),
            "swapped": beta * third + (1 - beta) * (beta * second + (1 - beta) * beta * first),
            "corrected": key.item() / (1 - beta**3),
            "started-at-first": late,
            "one-early": v2,
        }
        if told_apart([key.item(), *mistakes.values()]):
            break
    fields = {
        "theta": "[" + ", ".join(f"{value:g}" for value in theta.tolist()) + "]",
        "beta": f"{beta:g}",
        "rest": f"{1 - beta:g}",
        "first": f"{first:g}",
        "second": f"{second:g}",
        "third": f"{third:g}",
        "v1": v1,
        "v2": v2,
    }
    return Variant(answer=key.item(), mistakes=mistakes, fields=fields)


def stepped(a, x0, steps=2, **settings):
    """x after each step of torch.optim.SGD on y = a·x², in float64."""
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([x], **settings)
    seen = []
    for _ in range(steps):
        optimizer.zero_grad()
        (a * x**2).backward()
        optimizer.step()
        seen.append(x.item())
    return seen


def second_step(rng: random.Random) -> Variant:
    """Two steps of SGD with momentum on a bowl; x is asked."""
    while True:
        a, x0 = rng.choice([1, 2, 3, 4, 5]), rng.choice([1.0, 2.0, 3.0, -1.0, 4.0])
        lr, m = rng.choice([0.01, 0.02, 0.05]), rng.choice([0.5, 0.6, 0.8, 0.9])
        x1, x2 = stepped(a, x0, lr=lr, momentum=m)
        g1, g2 = 2 * a * x0, 2 * a * x1
        v1 = (1 - m) * g1
        mistakes = {
            "no-momentum": stepped(a, x0, lr=lr)[-1],
            "one-step": x1,
            "average": x0 - lr * v1 - lr * (m * v1 + (1 - m) * 2 * a * (x0 - lr * v1)),
            "same-gradient": x1 - lr * (m * g1 + g1),
            "all-kept": stepped(a, x0, lr=lr, momentum=1)[-1],
            "nesterov": stepped(a, x0, lr=lr, momentum=m, nesterov=True)[-1],
            "half-derivative": stepped(a / 2, x0, lr=lr, momentum=m)[-1],
            "uphill": stepped(a, x0, lr=lr, momentum=m, maximize=True)[-1],
        }
        if told_apart([x2, *mistakes.values()]):
            break
    fields = {
        "a": a, "h": 2 * a, "x0": f"{x0:g}", "lr": f"{lr:g}", "m": f"{m:g}",
        "x1": x1, "g1": g1, "g2": g2, "v2": m * g1 + g2,
    }  # fmt: skip
    return Variant(answer=x2, mistakes=mistakes, fields=fields)


def told_apart(values):
    """Whether any two of the numbers differ by more than the marking forgives."""
    return not any(math.isclose(a, b, rel_tol=5e-3, abs_tol=1e-6) for a, b in combinations(values, 2))
