"""Hinge, squared hinge and soft margin as curves over the lead of the right score, with their gradients."""

import torch
import torch.nn.functional as F

from tutor.lesson import Point, Value


def hinge(z, margin):
    """max(0, margin − z): of the scores z and 0, z should be the higher one."""
    return F.margin_ranking_loss(z, torch.zeros_like(z), torch.ones_like(z), margin=margin, reduction="none")


def squared(z, margin):
    """max(0, margin − z)²: of the classes with the scores z and 0 the first is right; C = 2 is made up for."""
    x, y = torch.stack([z, torch.zeros_like(z)], 1), torch.zeros(len(z), dtype=torch.long)
    return 2 * F.multi_margin_loss(x, y, p=2, margin=margin, reduction="none")


def soft(z, margin):
    """ln(1 + exp(−z)), which has no margin."""
    return F.soft_margin_loss(z, torch.ones_like(z), reduction="none")


def run(margin: float, lead: float):
    """Each loss and its gradient with respect to the lead z, from −2 to 3 and at the lead chosen."""
    for loss in (hinge, squared, soft):
        name = loss.__name__
        z = torch.cat([torch.linspace(-2, 3, 101), torch.tensor([lead])]).requires_grad_()
        losses = loss(z, margin)
        (slopes,) = torch.autograd.grad(losses.sum(), z)
        *points, chosen = zip(z.tolist(), losses.tolist(), slopes.tolist(), strict=True)
        for x, y, slope in points:
            yield Point(name, x, y)
            yield Point(f"{name}_slope", x, slope)
        yield Value(name, chosen[1])
        yield Value(f"{name}_slope", chosen[2])
