"""The losses of regression over the distance d between prediction and target, and their gradients."""

import torch
from torch import nn

from tutor.lesson import Note, Point, Value


def run(beta: float, count: float, reach: float):
    """d goes from −reach to reach; `beta` is SmoothL1Loss's, `count` the target of PoissonNLLLoss."""
    d = torch.linspace(-reach, reach, 121, dtype=torch.double)
    zero, y = torch.zeros_like(d), torch.full_like(d, count)
    losses = {
        "l1": lambda d: nn.L1Loss(reduction="none")(d, zero),
        "smooth": lambda d: nn.SmoothL1Loss(beta=beta, reduction="none")(d, zero),
        "mse": lambda d: nn.MSELoss(reduction="none")(d, zero),
        # Poisson compares the logarithm of a rate with a count: d is the distance of x from ln y.
        "poisson": lambda d: nn.PoissonNLLLoss(reduction="none")(y.log() + d, y),
    }
    for name, loss in losses.items():
        x = d.clone().requires_grad_()
        values = loss(x)
        (gradient,) = torch.autograd.grad(values.sum(), x)
        lowest = loss(zero) if name == "poisson" else zero  # its minimum is not 0
        for at, value, slope in zip(d.tolist(), (values - lowest).tolist(), gradient.tolist(), strict=True):
            yield Point(name, at, value)
            yield Point(f"{name}_slope", at, slope)

    apart = d[d > 1e-9]
    dearer = apart[apart**2 >= apart - 1e-9]
    yield Value("crossing", dearer[0].item() if len(dearer) else None)
    yield Note(
        f"PoissonNLLLoss is drawn above its minimum, which it has at x = ln {count:g}, where d is 0.",
        f"PoissonNLLLoss 画的是高出最小值的部分；最小值在 x = ln {count:g} 处，即 d = 0。",
    )
