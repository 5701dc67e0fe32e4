"""What each optimizer keeps for a matrix of weights: the tensors in `optimizer.state` after a few steps, counted."""

import inspect

import torch
from torch import optim

from tutor.lesson import Note, Point, Table, Value

EXTRAS = {"momentum": 0.9, "centered": True, "amsgrad": True}


def run(optimizers: list[str], rows: int, columns: int, extra: str, steps: int):
    """A weight matrix (rows, columns) of each optimizer's own; `extra` is passed to those that have such an argument."""
    table = []
    for name in optimizers:
        make = getattr(optim, name, None)
        if make is None:
            yield Note(
                f"{name}: the installed torch does not have it yet.", f"{name}：当前安装的 torch 还没有它。"
            )
            continue
        torch.manual_seed(0)
        w = torch.randn(rows, columns, requires_grad=True)
        takes = extra in inspect.signature(make).parameters
        optimizer = make([w], **({extra: EXTRAS[extra]} if takes else {}))

        def closure(w=w, optimizer=optimizer, sparse=name == "SparseAdam"):
            optimizer.zero_grad()
            loss = (w - 1).pow(4).mean()
            loss.backward()
            if sparse:
                w.grad = w.grad.to_sparse()
            return loss

        for k in range(1, steps + 1):
            optimizer.step(closure)
            sizes = kept(optimizer.state[w])
            yield Point(f"kept:{name}", k, sum(sizes.values()) / w.numel())
        told = " ".join(sizes) or "–"
        table.append([name, sum(sizes.values()), sum(sizes.values()) / w.numel(), told])
    yield Table("kept", ["optimizer", "numbers", "per_weight", "keys"], table)
    if table:
        yield Value("whole", table[0][1] // (rows * columns))
        yield Value("per_weight", table[0][2])
        yield Value("numbers", table[0][1])


def kept(state):
    """How many numbers each key of a state holds in tensors."""
    sizes = {}
    for key, value in state.items():
        tensors = [
            each for each in (value if isinstance(value, list) else [value]) if isinstance(each, torch.Tensor)
        ]
        if tensors:
            sizes[key] = sum(each.numel() for each in tensors)
    return sizes
