"""Question generators, good and bad."""

import torch

from tutor.lesson import Variant


def good(rng):
    n = rng.randint(2, 9)
    return Variant(answer=float(torch.arange(n).sum()), mistakes={"off-by-one": float(n)}, fields={"n": n})


def drawn(rng):
    return Variant(answer=torch.randn(1).item())


def nothing(rng):
    pass
