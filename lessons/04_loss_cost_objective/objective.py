"""Fit a curve by gradient descent, and see three numbers apart: the loss of one sample, the cost, the objective."""

import math

import torch

from tutor.lesson import Note, Point, Progress, Value

SAMPLES, LEARNING_RATE = 12, 0.1


def powers(x, degree):
    """A row for each x: Chebyshev's T₀(x) … T_degree(x), where T_k(x) = cos(k · arccos x).

    Added up with weights, they make every polynomial of that degree. Unlike 1, x, x² … they are unlike each
    other, so gradient descent soon finds the weights.
    """
    return torch.cos(torch.acos(x)[:, None] * torch.arange(degree + 1))


def draw(x, noise):
    """The truth sin(πx), measured with noise."""
    return torch.sin(math.pi * x) + noise * torch.randn_like(x)


def run(degree: int, lam: float, noise: float, sample: int, steps: int, seed: int):
    """Minimize cost + λ/2 · ‖w‖² over the weights of a polynomial, once by hand and once by SGD's weight_decay."""
    torch.manual_seed(seed)
    x = torch.linspace(-1, 1, SAMPLES, dtype=torch.float64)
    y = draw(x, noise)
    fresh_x = torch.rand(1000, dtype=torch.float64) * 2 - 1  # never trained on
    fresh_y = draw(fresh_x, noise)
    inputs, fresh_inputs = powers(x, degree), powers(fresh_x, degree)

    w = torch.zeros(degree + 1, dtype=torch.float64, requires_grad=True)
    v = w.detach().clone().requires_grad_()  # the same start, for torch's optimizer
    sgd = torch.optim.SGD([v], lr=LEARNING_RATE, weight_decay=lam)
    every = math.ceil(steps / 100)
    for step in range(steps + 1):
        losses = (inputs @ w - y).square()  # one number per sample
        cost = losses.mean()  # one number for the set
        objective = cost + lam / 2 * w.square().sum()  # and what keeps the weights small
        if step % every == 0 or step == steps:
            yield Point("loss", step, losses[sample].item())
            yield Point("cost", step, cost.item())
            yield Point("objective", step, objective.item())
            yield Progress(step, steps)
        if step == steps:
            break
        (gradient,) = torch.autograd.grad(objective, w)
        w = (w - LEARNING_RATE * gradient).detach().requires_grad_()
        sgd.zero_grad()
        (inputs @ v - y).square().mean().backward()  # only the cost: the optimizer adds λ·v itself
        sgd.step()

    yield Value("cost", cost.item())
    yield Value("fresh", (fresh_inputs @ w - fresh_y).square().mean().item())
    yield Value("objective", objective.item())
    yield Value("penalty", (objective - cost).item())
    yield Value("square", w.square().sum().item())
    yield Value("loss", losses[sample].item())
    yield Value("difference", (w - v).abs().max().item())
    if lam == 0:
        en = "With λ = 0 the objective is the cost: both curves are one."
        yield Note(en, "λ = 0 时目标函数就是代价函数，两条曲线重合。")
    for k in range(SAMPLES):
        yield Point("data", x[k].item(), y[k].item())
    grid = torch.linspace(-1, 1, 61, dtype=torch.float64)
    for at, height in zip(grid.tolist(), (powers(grid, degree) @ w).tolist(), strict=True):
        yield Point("fit", at, height)
        yield Point("truth", at, math.sin(math.pi * at))
    yield from scan(inputs, y, fresh_inputs, fresh_y)


def scan(inputs, y, fresh_inputs, fresh_y):
    """Where the objective is lowest for each λ from 0.0001 to 10.

    There its gradient 2/N · Xᵀ(Xw − y) + λw is 0, so w solves (2/N · XᵀX + λI) w = 2/N · Xᵀy.
    """
    curvature, pull = inputs.T @ inputs * 2 / len(y), inputs.T @ y * 2 / len(y)
    best, lowest = 0.0, math.inf
    for k in range(41):
        lam = 10 ** (-4 + k / 8)
        w = torch.linalg.solve(curvature + lam * torch.eye(len(pull), dtype=torch.float64), pull)
        cost = (inputs @ w - y).square().mean().item()
        fresh = (fresh_inputs @ w - fresh_y).square().mean().item()
        yield Point("scan_cost", math.log10(lam), cost)
        yield Point("scan_penalty", math.log10(lam), lam / 2 * w.square().sum().item())
        yield Point("scan_fresh", math.log10(lam), fresh)
        if fresh < lowest:
            best, lowest = lam, fresh
    yield Value("best", best)
