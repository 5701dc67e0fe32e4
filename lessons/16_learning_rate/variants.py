"""Questions on the learning rate with other numbers each time: torch gives the key, each known mistake its value."""

import math
import random
from itertools import combinations

import torch

from tutor.lesson import Variant


def descended(a, x0, lr, steps):
    """x after each of `steps` steps on y = a·x², by autograd, in float64."""
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    seen = []
    for _ in range(steps):
        (gradient,) = torch.autograd.grad(a * x**2, x)
        x = (x - lr * gradient).detach().requires_grad_()
        seen.append(x.item())
    return seen


def two_steps(rng: random.Random) -> Variant:
    """Another bowl, another start; x after two steps is asked."""
    while True:
        a, x0, lr = (
            rng.choice([0.5, 1, 2, 3, 5]),
            rng.choice([1.0, 2.0, 3.0, -2.0, 4.0]),
            rng.choice([0.01, 0.05, 0.1, 0.2]),
        )
        x1, x2, x3 = descended(a, x0, lr, 3)
        mistakes = {
            "half-derivative": descended(a / 2, x0, lr, 2)[-1],
            "uphill": descended(a, x0, -lr, 2)[-1],
            "one-step": x1,
            "same-gradient": x0 - 2 * (x0 - x1),
            "three-steps": x3,
            "loss": a * x2**2,
        }
        if told_apart([x2, *mistakes.values()]):
            break
    fields = {
        "a": f"{a:g}",
        "h": f"{2 * a:g}",
        "x0": f"{x0:g}",
        "lr": f"{lr:g}",
        "x1": x1,
        "factor": 1 - 2 * a * lr,
    }
    return Variant(answer=x2, mistakes=mistakes, fields=fields)


def border(rng: random.Random) -> Variant:
    """A parabola somewhere, written in one of three ways; the border of divergence is asked."""
    while True:
        a = rng.choice([0.5, 1, 2, 3, 5, 8, 10, 16, 25, 50])
        shift, up = rng.randint(1, 9), rng.randint(1, 9)
        y = rng.choice([f"{a:g}x²", f"{a:g}x² + {up}", f"{a:g}(x − {shift})²"])
        h = torch.func.grad(torch.func.grad(lambda x, a=a: a * x**2))(
            torch.tensor(1.0, dtype=torch.float64)
        ).item()
        mistakes = {
            "one-step-rate": 1 / h,
            "used-a-as-curvature": 2 / a,
            "curvature-itself": h,
            "from-the-course": 0.25,
        }
        if told_apart([2 / h, *mistakes.values()]):
            break
    fields = {"y": y.replace("1x", "x").replace("1(", "("), "a": f"{a:g}", "h": f"{h:g}", "best": 1 / h}
    return Variant(answer=2 / h, mistakes=mistakes, fields=fields)


def told_apart(values):
    """Whether any two of the numbers differ by more than the marking forgives."""
    return not any(math.isclose(a, b, rel_tol=5e-3, abs_tol=1e-6) for a, b in combinations(values, 2))
