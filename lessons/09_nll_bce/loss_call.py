"""A call of a loss, prepared: the tensors from the tables, the loss from its arguments, both as torch would get them."""

import inspect

import torch
from torch import nn

DTYPES = {"float": torch.float, "long": torch.long, "int": torch.int, "bool": torch.bool}
DEPRECATED = ("size_average", "reduce")  # older than `reduction`, and they win over it


class Refused(ValueError):
    """What the bench does not give to torch, said in both languages."""

    def __init__(self, text, zh):
        super().__init__(text)
        self.zh = zh


def tensor(table, dtype, *, index=False):
    """The table as a tensor. `auto` is float; for an `index` long, if its numbers are whole."""
    if dtype != "auto":
        return torch.tensor(table, dtype=torch.double).to(DTYPES[dtype])
    exact = torch.tensor(table, dtype=torch.double)
    return exact.long() if index and (exact == exact.round()).all() else exact.float()


def tensors_of(tables, bench, input_dtype, target_dtype):
    """The tensors by name. A target of the shape of the inputs is one of probabilities for CrossEntropyLoss."""
    first, shapes = bench.takes[0], {}
    dtypes = {first: input_dtype, "target": target_dtype, "targets": target_dtype}
    tensors = {}
    for name, table in tables.items():
        if table is None:
            raise Refused(f"{name} is none; this loss needs a table.", f"{name} 未设置；这个损失需要一个表。")
        tensors[name] = tensor(table, dtypes.get(name, "auto"), index=name in bench.indices)
        shapes[name] = tensors[name].shape
    soft = "label_smoothing" in inspect.signature(bench.hand).parameters
    if soft and target_dtype == "auto" and shapes["target"] == shapes[first]:
        tensors["target"] = tensors["target"].float()
    return tensors


def made(loss, args, **changed):
    """The loss as a module. Lists among its arguments are tensors: `weight`, `pos_weight`."""
    if "reduction" in changed:
        args = {name: value for name, value in args.items() if name not in DEPRECATED}
    given = {n: torch.tensor(v, dtype=torch.float) if isinstance(v, list) else v for n, v in args.items()}
    return getattr(nn, loss)(**{**given, **changed})


def arguments(loss, args):
    """All arguments of the loss that shape its elements, with the defaults of this torch; lists as float64."""
    known = inspect.signature(getattr(nn, loss)).parameters.values()
    values = {each.name: args.get(each.name, each.default) for each in known}
    return {
        name: torch.tensor(value, dtype=torch.double) if isinstance(value, list) else value
        for name, value in values.items()
        if name not in (*DEPRECATED, "reduction")
    }


def exactly(tensors, tables, bench):
    """The tensors for the hand: as they were typed, in float64; of one shape where torch stretches them to it."""
    exact = []
    for name, each in tensors.items():
        if each.dtype == torch.float:
            each = torch.tensor(tables[name], dtype=torch.double)
        exact.append(each if name in bench.indices and not each.is_floating_point() else each.double())
    return torch.broadcast_tensors(*exact) if bench.at_of is None else exact
