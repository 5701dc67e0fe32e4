"""How widely the numbers of a deep network spread: activations on the way forward, gradients on the way back."""

from math import isfinite

import torch
from torch import nn

from tutor.lesson import Note, Point, Progress, Value

ACTIVATIONS = {
    "none": nn.Identity(),
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "leaky_relu": nn.functional.leaky_relu,  # multiplies negative numbers by 0.01
}


def run(init, std, bound, value, gain, activation, layers, width, batch, seed, layer):
    """Send one batch through `layers` layers, and the gradient of its mean square all the way back."""
    slope = 0.01 if activation == "leaky_relu" else 0  # Kaiming's own gain is sqrt(2 / (1 + slope²))
    initialize = {
        "normal": lambda w: nn.init.normal_(w, 0, std),
        "uniform": lambda w: nn.init.uniform_(w, -bound, bound),
        "xavier_uniform": lambda w: nn.init.xavier_uniform_(w, gain),
        "xavier_normal": lambda w: nn.init.xavier_normal_(w, gain),
        "kaiming_uniform": lambda w: nn.init.kaiming_uniform_(w, a=slope),
        "kaiming_normal": lambda w: nn.init.kaiming_normal_(w, a=slope),
        "orthogonal": lambda w: nn.init.orthogonal_(w, gain),
        "default": lambda w: w,  # nn.Linear has filled it already
        "constant": lambda w: nn.init.constant_(w, value),
    }[init]

    torch.manual_seed(seed)
    linears = [nn.Linear(width, width, bias=False) for _ in range(layers)]
    for k, linear in enumerate(linears):
        initialize(linear.weight)
        yield Progress(k + 1, layers)
    x = torch.randn(batch, width)

    outputs, stds, nonfinite = [], [], []
    for k, linear in enumerate(linears):
        x = ACTIVATIONS[activation](linear(x))
        outputs.append(x)
        stds.append(x.std().item())
        if not isfinite(stds[k]) and not x.isfinite().all():  # a finite std has only finite activations
            nonfinite.append(k)
        yield Point("activation_std", k, stds[k])
        yield Point("dead", k, (x == 0).float().mean().item())

    gradients = [g.std().item() for g in torch.autograd.grad(x.square().mean(), outputs)]
    backward = list(reversed(range(layers)))
    for k in backward:
        yield Point("gradient_std", k, gradients[k])
    yield from histogram(outputs, min(layer, layers - 1))

    yield Value("first_nonfinite_std", next((k for k, s in enumerate(stds) if not isfinite(s)), None))
    yield Value("first_nonfinite_activation", nonfinite[0] if nonfinite else None)
    yield Value("first_nonfinite_gradient", next((k for k in backward if not isfinite(gradients[k])), None))
    yield Value("first_zero_std", next((k for k, s in enumerate(stds) if s == 0), None))
    yield Value("last_std", stds[-1])


def histogram(outputs, k, bins=40):
    """Count the activations of layer `k` in `bins` intervals of equal width."""
    x = outputs[k].detach().double()  # float64 holds the width of the widest interval, too
    if not x.isfinite().all():
        en = f"Layer {k} has activations that are inf or nan: there is no histogram of them."
        yield Note(en, f"第 {k} 层的激活值中出现了 inf 或 nan，无法画出直方图。")
        return
    low, high = x.min().item(), x.max().item()
    if low == high:  # all equal: give their one bar some room
        low, high = low - (abs(low) or 1), high + (abs(high) or 1)
    for i, count in enumerate(torch.histc(x, bins, low, high).tolist()):
        yield Point("histogram", low + (i + 0.5) * (high - low) / bins, count)
