"""Questions about the objective and its step, with other numbers each time."""

import random
from collections.abc import Sequence

import torch

from tutor.lesson import Variant


def apart(answer: Sequence[float], mistakes: dict[str, list[float]]) -> bool:
    """Whether the key and what each mistake gives can be told from each other by at least one number."""
    values = [answer, *mistakes.values()]
    pairs = [(a, b) for i, a in enumerate(values) for b in values[:i]]
    return all(
        any(abs(x - y) > 0.01 * max(abs(x), abs(y)) for x, y in zip(a, b, strict=True)) for a, b in pairs
    )


def listed(tensor: torch.Tensor) -> list[float]:
    """The numbers without the dust of binary fractions, 1.838 and not 1.8379999999999999."""
    return [round(x, 10) for x in tensor.tolist()]


def objective(rng: random.Random) -> Variant:
    """Cost and L2 penalty of three weights."""
    while True:
        W = [rng.choice([-4, -3, -2, -1, 1, 2, 3, 4]) for _ in range(3)]
        cost, lam = rng.randrange(10, 200) / 100, rng.choice([0.01, 0.02, 0.05, 0.1, 0.2])
        w = torch.tensor(W, dtype=torch.float64)
        square = w.square().sum()
        results = {
            "no-half": cost + lam * square,
            "not-squared": cost + lam / 2 * square.sqrt(),
            "absolute": cost + lam / 2 * w.abs().sum(),
            "sum-first": cost + lam / 2 * w.sum().square(),
            "mean": cost + lam / 2 * w.square().mean(),
            "subtracted": cost - lam / 2 * square,
            "no-lambda": cost + square / 2,
            "penalty-only": lam / 2 * square,
        }
        answer = (cost + lam / 2 * square).item()
        mistakes = {name: value.item() for name, value in results.items()}
        if apart([answer], {name: [value] for name, value in mistakes.items()}):
            break
    parts = {"square": int(square), "half": lam / 2, "penalty": mistakes["penalty-only"], "total": sum(W)}
    squares = {f"s{k}": W[k] ** 2 for k in range(3)}
    return Variant(
        answer=answer, mistakes=mistakes, fields={"w": W, "cost": cost, "lam": lam, **parts, **squares}
    )


def step(rng: random.Random) -> Variant:
    """Two weights after one step of SGD with weight_decay."""
    while True:
        W = [rng.choice([-5, -4, -3, -2, 2, 3, 4, 5]) for _ in range(2)]
        G = [rng.choice([-4, -3, -2, -1, 1, 2, 3, 4]) for _ in range(2)]
        lr, lam = rng.choice([0.1, 0.2, 0.5]), rng.choice([0.1, 0.2, 0.3, 0.4])
        w, g = torch.tensor(W, dtype=torch.float64), torch.tensor(G, dtype=torch.float64)

        v = w.clone().requires_grad_()
        v.grad = g.clone()  # as backward() would leave it there
        torch.optim.SGD([v], lr=lr, weight_decay=lam).step()
        answer = listed(v)
        mistakes = {
            "no-decay": listed(w - lr * g),
            "doubled": listed(w - lr * (g + 2 * lam * w)),
            "halved": listed(w - lr * (g + lam / 2 * w)),
            "no-lr": listed(w - lr * g - lam * w),
            "grows": listed(w - lr * (g - lam * w)),
            "uphill": listed(w + lr * (g + lam * w)),
            "sign": listed(w - lr * (g + lam * w.sign())),
        }
        if apart(answer, mistakes):
            break
    fields = {"w": W, "g": G, "lr": lr, "lam": lam}
    cells = {f"{name}{k}": of[k] for name, of in {"w": W, "g": G, "a": answer}.items() for k in range(2)}
    decays = {f"d{k}": listed(lam * w)[k] for k in range(2)}
    sums = {f"s{k}": listed(g + lam * w)[k] for k in range(2)}
    return Variant(answer=answer, mistakes=mistakes, fields={**fields, **cells, **decays, **sums})
