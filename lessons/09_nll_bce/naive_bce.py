"""Binary cross entropy of larger and larger logits, three ways: as the formula says, as BCELoss, as BCEWithLogitsLoss."""

import torch
import torch.nn.functional as F

from tutor.lesson import Note, Point, Value


def run(target: str, furthest: int):
    """The logit goes from 0 the wrong way, up for target 0 and down for target 1, in steps of 1."""
    y = torch.tensor(float(target))
    zero_at = None
    for step in range(furthest + 1):
        x = torch.tensor(step * (1 - 2 * float(target)), requires_grad=True)

        p = torch.sigmoid(x)
        formula = -(y * torch.log(p) + (1 - y) * torch.log(1 - p))
        clamped = F.binary_cross_entropy(p, y)  # each logarithm at least −100
        stable = F.binary_cross_entropy_with_logits(x, y)

        (slope,) = torch.autograd.grad(clamped, x, retain_graph=True)
        (stable_slope,) = torch.autograd.grad(stable, x)
        yield Point("formula", x.item(), formula.item())
        yield Point("clamped", x.item(), clamped.item())
        yield Point("stable", x.item(), stable.item())
        yield Point("slope", x.item(), slope.item())
        yield Point("stable_slope", x.item(), stable_slope.item())
        if zero_at is None and slope == 0:
            zero_at = x.item()
            yield Note(
                f"At x = {x.item():g} float32 has sigmoid(x) = {p.item():g}. The formula gives {formula.item():g}, BCELoss"
                f" {clamped.item():g} with gradient 0, BCEWithLogitsLoss {stable.item():g} with gradient {stable_slope.item():g}.",
                f"在 x = {x.item():g} 处，float32 下 sigmoid(x) = {p.item():g}。直接按公式得 {formula.item():g}，BCELoss 得"
                f" {clamped.item():g}、梯度为 0，BCEWithLogitsLoss 得 {stable.item():g}、梯度为 {stable_slope.item():g}。",
            )
    yield Value("zero_at", zero_at)
