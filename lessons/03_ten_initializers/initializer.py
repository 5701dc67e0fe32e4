"""Any initializer of torch.nn.init on any shape: what it filled in, beside what the theory promises."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn

from tutor.lesson import Note, Point, Table, Value

BINS = 41


class Law(NamedTuple):
    """What the theory promises about the entries of a weight."""

    mean: float
    std: float
    below: Callable[[float], float] | None  # the share of entries up to x
    low: float = -math.inf
    high: float = math.inf
    zeros: float = 0.0  # the share of entries that are exactly 0


def constant(value):
    return Law(value, 0.0, lambda x: float(x >= value), value, value, float(value == 0))


def uniform(a, b):
    """U(a, b) has the variance (b − a)² / 12; for U(−a, a) that is a² / 3."""
    if a == b:
        return constant(a)
    return Law((a + b) / 2, (b - a) / math.sqrt(12), lambda x: min(max((x - a) / (b - a), 0.0), 1.0), a, b)


def centred(std):
    return uniform(-math.sqrt(3) * std, math.sqrt(3) * std)


def normal(mean, std):
    return Law(mean, std, lambda x: math.erfc((mean - x) / std / math.sqrt(2)) / 2)


def truncated(mean, std, a, b):
    """N(mean, std²) with all that falls outside [a, b] drawn again: the share `kept` stands for everything."""
    below, bell = normal(mean, std).below, lambda z: math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    kept, low, high = below(b) - below(a), (a - mean) / std, (b - mean) / std
    if kept < 1e-12:  # so far out that the next two lines would divide rounding errors
        return Law(math.nan, math.nan, None, a, b)
    shift = (bell(low) - bell(high)) / kept
    variance = 1 + (low * bell(low) - high * bell(high)) / kept - shift**2
    share = lambda x: (below(min(max(x, a), b)) - below(a)) / kept  # noqa: E731
    return Law(mean + std * shift, std * math.sqrt(variance), share, a, b)


def orthogonal(gain, n):
    """Vectors of length `gain` with n entries: E(w²) = gain² / n. For large n the entries are nearly normal."""
    std = gain / math.sqrt(n)
    return Law(0.0, std, normal(0, std).below if n >= 32 else None, -gain, gain)


def with_zeros(law, zeros):
    """The law with a share of zeros among its entries, which add nothing to E(w) and nothing to E(w²)."""
    kept = 1 - zeros
    mean, square = kept * law.mean, kept * (law.std**2 + law.mean**2)
    below = lambda x: kept * law.below(x) + zeros * (x >= 0)  # noqa: E731
    return Law(mean, math.sqrt(square - mean**2), below, min(law.low, 0.0), max(law.high, 0.0), zeros)


def run(init, a, b, mean, std, cut_a, cut_b, val, gain, slope, mode, nonlinearity, sparsity, sparse_std,
        groups, rows, columns, kernel, seed):  # fmt: skip
    """Fill a matrix; with a `kernel` the weight of a convolution; without `columns` a vector."""
    shape = (rows,) if columns == 0 else (rows, columns) if kernel == 0 else (rows, columns, kernel, kernel)
    w = torch.empty(shape)
    arguments = {
        "xavier_uniform": (gain,),
        "xavier_normal": (gain,),
        "kaiming_uniform": (slope, mode, nonlinearity),
        "kaiming_normal": (slope, mode, nonlinearity),
        "uniform": (a, b),
        "normal": (mean, std),
        "constant": (val,),
        "orthogonal": (gain,),
        "sparse": (sparsity, sparse_std),
        "trunc_normal": (mean, std, cut_a, cut_b),
        "dirac": (groups,),
    }
    torch.manual_seed(seed)
    try:
        if init == "default_linear":  # what nn.Linear and nn.Conv2d do when they are built
            nn.init.kaiming_uniform_(w, a=math.sqrt(5))
        else:
            getattr(nn.init, init + "_")(w, *arguments.get(init, ()))
    except (ValueError, RuntimeError):
        yield Note(
            f"torch refuses to fill the shape {shape} with {init}; its own words say what it needs.",
            f"torch 拒绝用 {init} 填充形状 {shape}，它自己的报错说明了需要什么。",
        )
        raise

    fan_in, fan_out = w[0].numel(), w.numel() // w.size(1) if columns else rows
    fan = fan_in if mode == "fan_in" else fan_out
    xavier = gain * math.sqrt(2 / (fan_in + fan_out))  # Glorot and Bengio 2010
    kaiming = nn.init.calculate_gain(nonlinearity, slope) / math.sqrt(fan)  # He et al. 2015
    law = {
        "xavier_uniform": centred(xavier),
        "xavier_normal": normal(0, xavier),
        "kaiming_uniform": centred(kaiming),
        "kaiming_normal": normal(0, kaiming),
        "uniform": uniform(a, b),
        "normal": normal(mean, std),
        "constant": constant(val),
        "orthogonal": orthogonal(gain, max(rows, fan_in)),
        "eye": with_zeros(constant(1.0), 1 - 1 / max(rows, columns)),
        "sparse": with_zeros(normal(0, sparse_std), math.ceil(sparsity * rows) / rows),
        "trunc_normal": truncated(mean, std, cut_a, cut_b),
        "dirac": with_zeros(constant(1.0), 1 - groups * min(rows // groups, columns) / w.numel()),
        "zeros": constant(0.0),
        "ones": constant(1.0),
        "default_linear": uniform(-1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in)),
    }[init]
    if law.below is None:
        yield Note(
            "No theory curve: the orthogonal vectors are too short for it, or next to nothing lies inside the cut.",
            "不画理论曲线：正交向量太短，或者截断区间内几乎没有分布。",
        )

    entries = w.double()  # in float32 even the std of 0.1, 0.1, 0.1 ... is not quite 0
    measured = {
        "mean": entries.mean().item(),
        "std": entries.std(correction=0).item(),
        "min": w.min().item(),
        "max": w.max().item(),
        "zeros": (w == 0).double().mean().item(),
    }
    promised = {"mean": law.mean, "std": law.std, "min": law.low, "max": law.high, "zeros": law.zeros}
    table = [[name, measured[name], promised[name]] for name in measured]
    if columns:
        table += [["fan_in", fan_in, fan_in], ["fan_out", fan_out, fan_out]]
    yield Table("initializer", ["", "measured", "theory"], table)
    for name, value in measured.items():
        yield Value(name, value)
    yield Value("theory_mean", law.mean)
    yield Value("theory_std", law.std)

    centre, half = (w.min() + w.max()).item() / 2, 0.500001 * (w.max() - w.min()).item() or 0.1
    width = 2 * half / BINS
    for k, count in enumerate(torch.histc(entries, BINS, centre - half, centre + half).tolist()):
        left = centre - half + k * width
        yield Point("histogram", left + width / 2, count)
        if law.below:
            yield Point("theory", left + width / 2, w.numel() * (law.below(left + width) - law.below(left)))
