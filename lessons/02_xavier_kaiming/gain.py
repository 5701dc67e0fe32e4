"""What a nonlinearity does to the scale of N(0, 1), beside the gain that torch's initializers use for it."""

import math

import torch
from torch import nn

from tutor.lesson import Note, Point, Table, Value


def ratios(f, x):
    """Scale of x over scale of f(x): by the std, and by the root mean square, which counts the mean in."""
    y = f(x)
    return (x.std() / y.std()).item(), (x.square().mean() / y.square().mean()).sqrt().item()


def exact_std_ratio(f):
    """1 / std(f(x)) over the whole of N(0, 1): a fine grid weighted with the density, no samples."""
    x = torch.linspace(-10, 10, 100_001, dtype=torch.float64)
    p = torch.softmax(-x.square() / 2, dim=0)  # the density, made to sum to 1
    mean = (p * f(x)).sum()
    return (p * (f(x) - mean).square()).sum().rsqrt().item()


def run(nonlinearity: str, slope: float, samples: int, seed: int):
    """Draw x ~ N(0, 1) and see by what factor f(x) is smaller."""
    functions = {
        "linear": lambda x: x,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "leaky_relu": lambda x: nn.functional.leaky_relu(x, slope),
        "selu": nn.functional.selu,
    }
    torch.manual_seed(seed)
    x = torch.randn(samples)
    rows = [[name, *ratios(f, x), nn.init.calculate_gain(name, slope)] for name, f in functions.items()]
    yield Table("gain", ["f", "x.std()/f(x).std()", "rms(x)/rms(f(x))", "calculate_gain"], rows)

    f, gain = functions[nonlinearity], nn.init.calculate_gain(nonlinearity, slope)
    for k in range(61):  # the first 100 samples, then ever more, at last all of them
        n = round(100 * (samples / 100) ** (k / 60))
        std_ratio, rms_ratio = ratios(f, x[:n])
        yield Point("std_ratio", math.log10(n), std_ratio)
        yield Point("rms_ratio", math.log10(n), rms_ratio)
        yield Point("calculate_gain", math.log10(n), gain)
    yield Value("std_ratio", std_ratio)
    yield Value("exact_std_ratio", exact_std_ratio(f))
    yield Value("rms_ratio", rms_ratio)
    yield Value("calculate_gain", gain)
    if nonlinearity in ("relu", "leaky_relu"):
        yield Note(
            "The constant is the rms ratio. The std ratio is larger: std leaves out the mean of f(x).",
            "这个常数是均方根之比。标准差不计 f(x) 的均值，所以标准差之比更大。",
        )
    else:
        yield Note(
            "By convention: linear and conv 1, sigmoid 1, tanh 5/3, selu 3/4. Only for linear is it the ratio.",
            "按约定：linear 与卷积取 1，sigmoid 取 1，tanh 取 5/3，selu 取 3/4。只有 linear 等于实测之比。",
        )
