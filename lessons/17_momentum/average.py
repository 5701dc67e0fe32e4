"""The exponentially weighted average: how far back it remembers, and what it makes of noisy values."""

import math

import torch

from tutor.lesson import Point, Value


def run(beta: float, values: int, noise: float, seed: int):
    """Average `values` noisy values, newest first in the weights: vₜ = β·vₜ₋₁ + (1 − β)·θₜ from v₀ = 0."""
    torch.manual_seed(seed)
    t = torch.arange(1, values + 1, dtype=torch.float64)
    signal = torch.sin(2 * math.pi * t / 100)
    theta = signal + noise * torch.randn(values, dtype=torch.float64)

    v = 0.0
    for k in range(values):
        v = beta * v + (1 - beta) * theta[k].item()
        yield Point("value", k + 1, theta[k].item())
        yield Point("average", k + 1, v)
        yield Point("corrected", k + 1, v / (1 - beta ** (k + 1)))  # as if it had not begun at 0

    weights = (1 - beta) * beta ** torch.arange(values, dtype=torch.float64)
    for back, weight in enumerate(weights[:60].tolist()):
        yield Point("weight", back, weight)
    window = 1 / (1 - beta)
    yield Value("first_weight", weights[0].item())
    yield Value("sum", weights.sum().item())
    yield Value("window", window)
    yield Value("fallen", beta**window)  # of the newest weight, what is left one window back
    yield Value("by_weights", (weights * theta.flip(0)).sum().item())
    yield Value("last", v)
