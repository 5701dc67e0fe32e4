"""What one step of SGD does to a weight, by hand: the update rule of torch.optim.SGD in plain floats.

The order of its parts is that of torch's documentation: sign, decay, buffer, look-ahead, step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class HandStep(NamedTuple):
    """The weight and its momentum buffer (None without momentum) after a step, and the lines that lead there."""

    weight: float
    buffer: float | None
    lines: tuple[str, ...]


def by_hand(group: Mapping[str, Any], weight: float, gradients: Sequence[float]) -> list[HandStep]:
    """The steps of one weight that starts at `weight`; `group` is an element of `optimizer.param_groups`."""
    lr, momentum, dampening, decay = (group[key] for key in ("lr", "momentum", "dampening", "weight_decay"))
    buffer: float | None = None
    steps = []
    for gradient in gradients:
        lines = []
        g = -gradient if group["maximize"] else gradient
        if group["maximize"]:
            lines.append(f"g = −({_n(gradient)}) = {_n(g)}")
        if decay:
            before, g = g, g + decay * weight
            lines.append(f"g = {_n(before)} + {_n(decay)} · {_p(weight)} = {_n(g)}")
        direction = g
        if momentum:
            if buffer is None:
                buffer = g
                lines.append(f"v = g = {_n(g)}")
            else:
                old, buffer = buffer, momentum * buffer + (1 - dampening) * g
                share = f"(1 − {_n(dampening)}) · {_p(g)}" if dampening else _p(g)
                lines.append(f"v = {_n(momentum)} · {_p(old)} + {share} = {_n(buffer)}")
            direction = buffer
            if group["nesterov"]:
                direction = g + momentum * buffer
                lines.append(f"d = {_n(g)} + {_n(momentum)} · {_p(buffer)} = {_n(direction)}")
        old_weight, weight = weight, weight - lr * direction
        lines.append(f"w = {_n(old_weight)} − {_n(lr)} · {_p(direction)} = {_n(weight)}")
        steps.append(HandStep(weight, buffer, tuple(lines)))
    return steps


def _n(value: float) -> str:
    return f"{value:.6g}".replace("-", "−", 1) if value < 0 else f"{value:.6g}"


def _p(value: float) -> str:
    """A number after a sign: a negative one in brackets."""
    return f"({_n(value)})" if value < 0 else _n(value)
