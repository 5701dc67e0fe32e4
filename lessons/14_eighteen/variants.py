"""Questions on the eighteen with other tensors each time; torch itself is asked which call runs, and what comes back."""

import random

import torch
from torch import nn

from tutor.lesson import Variant

CANDIDATES = ["MultiMarginLoss", "BCEWithLogitsLoss", "MultiLabelMarginLoss", "CosineEmbeddingLoss"]


def which_runs(rng: random.Random) -> Variant:
    """Shapes and dtypes are given; of four losses only one takes them. The key is its number."""
    while True:
        n, c = rng.sample([3, 4, 5, 6], 2)
        target = rng.choice(
            [
                torch.randint(c, (n,)),
                torch.randint(2, (n, c)).float(),
                torch.cat([torch.randint(c, (n, 1)), torch.full((n, c - 1), -1)], 1),
            ]
        )
        runs = [takes(name, torch.randn(n, c), target) for name in CANDIDATES]
        if sum(runs) == 1:
            break
    key = runs.index(True) + 1
    mistakes = {name: number for number, name in enumerate(CANDIDATES, 1) if number != key}
    dtype = str(target.dtype).removeprefix("torch.")
    fields = {
        "n": n,
        "c": c,
        "size": str(tuple(target.shape)),
        "dtype": dtype,
        "row": str(target[0].tolist()),
    }
    return Variant(answer=key, mistakes=mistakes, fields={**fields, "loss": CANDIDATES[key - 1]})


def takes(name, *given):
    """Whether the loss runs on these tensors."""
    try:
        getattr(nn, name)()(*given)
    except (RuntimeError, ValueError, TypeError):
        return False
    return True


def how_many(rng: random.Random) -> Variant:
    """How many numbers `none` returns: one an element, or one a sample."""
    while True:
        n, c = rng.sample([3, 4, 5, 6, 7], 2)
        if n * c not in (n + c, n, c):
            break
    index, real, sign = torch.randint(c, (n,)), torch.rand(n, c), torch.ones(n)
    calls = {
        "CrossEntropyLoss": (torch.randn(n, c), index),
        "MultiMarginLoss": (torch.randn(n, c), index),
        "MultiLabelSoftMarginLoss": (torch.randn(n, c), real.round()),
        "TripletMarginLoss": (torch.randn(n, c), torch.randn(n, c), torch.randn(n, c)),
        "CosineEmbeddingLoss": (torch.randn(n, c), torch.randn(n, c), sign),
        "BCEWithLogitsLoss": (torch.randn(n, c), real.round()),
        "SmoothL1Loss": (torch.randn(n, c), real),
        "SoftMarginLoss": (torch.randn(n, c), 2 * real.round() - 1),
        "KLDivLoss": (torch.randn(n, c).log_softmax(1), real / real.sum(1, keepdim=True)),
    }
    name = rng.choice(list(calls))
    key = getattr(nn, name)(reduction="none")(*calls[name]).numel()
    wrong = {"one-a-sample": n, "one-an-element": n * c, "one-a-class": c, "one-in-all": 1}
    mistakes = {mistake: value for mistake, value in wrong.items() if value != key}
    return Variant(answer=key, mistakes=mistakes, fields={"loss": name, "n": n, "c": c, "all": n * c})
