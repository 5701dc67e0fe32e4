"""Gradient descent on y = a·x² from x = 2, at one learning rate, at several, and at a whole row of them."""

from math import isfinite

import torch

from tutor.lesson import Note, Point, Table, Value

START = 2.0
SMALL = 1e-6
MOST = 5
"""Rates that are laid over the first one."""


def run(lr: float, others: list[float] | None, a: float, iterations: int, scan: float):
    """Record x and the loss before each of `iterations` steps; dy/dx = 2a·x is left to autograd."""
    rates = list(dict.fromkeys([lr, *(others or [])]))  # each once, in this order
    if len(rates) > MOST + 1:
        en = f"Only the first {MOST} other rates are drawn, or the curves could not be told apart."
        yield Note(en, f"其他学习率只画前 {MOST} 个，再多就分不清曲线了。")
    rates = rates[: MOST + 1]
    for i in range(-60, 61):  # the curve itself, closely enough to look like a line
        yield from (Point("parabola", u, a * u * u) for u in ((4 * i + j) / 96 for j in range(4)))

    xs = [torch.tensor([START], requires_grad=True) for _ in rates]
    losses = [[] for _ in rates]
    for k in range(iterations):
        for rate, x, seen in zip(rates, xs, losses, strict=True):
            loss = a * x**2
            loss.backward()
            name = "" if rate == lr else f":{rate:.10g}"
            yield Point(f"x{name}", k, x.item())
            yield Point(f"loss{name}", k, loss.item())
            yield Point(f"path{name}", x.item(), loss.item())
            seen.append(loss.item())
            if k + 1 < iterations:
                with torch.no_grad():
                    x -= rate * x.grad
                x.grad = None

    rows = [[rate, x.item(), *told(seen)] for rate, x, seen in zip(rates, xs, losses, strict=True)]
    yield Table("rates", ["lr", "last_x", "last_loss", "reached", "first_nonfinite"], rows)
    for name, value in zip(("last_x", "last_loss", "reached", "first_nonfinite"), rows[0][1:], strict=True):
        yield Value(name, value)
    if rows[0][4] is not None:
        yield Note(
            f"float32 ends at 3.4e38: the loss is inf from iteration {rows[0][4]} on. Later x is inf, too, and inf − inf"
            " is nan. No error is raised.",
            f"float32 最大约为 3.4e38：从第 {rows[0][4]} 次迭代起损失为 inf。之后 x 也会变成 inf，而 inf − inf 得 nan。"
            "整个过程不报错。",
        )
    yield from scanned(scan, a, iterations)


def told(losses):
    """The last loss, the first iteration below 1e-6, the first that is not finite."""
    reached = next((k for k, loss in enumerate(losses) if loss < SMALL), None)
    return losses[-1], reached, next((k for k, loss in enumerate(losses) if not isfinite(loss)), None)


def scanned(highest, a, iterations, count=100):
    """The loss after `iterations` for `count` rates at once: each element of x descends at a rate of its own."""
    rates = torch.arange(1, count + 1) * (highest / count)
    x = torch.full((count,), START, requires_grad=True)
    for k in range(iterations):
        loss = a * x**2
        loss.sum().backward()  # d(sum)/dx is each element's own derivative
        if k + 1 < iterations:
            with torch.no_grad():
                x -= rates * x.grad
            x.grad = None
    for rate, last in zip(rates.tolist(), loss.tolist(), strict=True):
        yield Point("scan", rate, last)
        yield Point("start", rate, a * START**2)
