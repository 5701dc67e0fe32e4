"""What the installed torch says of its loss functions, for the atlas: which there are, their arguments, whether they run."""

import contextlib
import inspect
import math
import warnings

import torch
from torch import nn

from tutor.lesson import Table

DEPRECATED = ("size_average", "reduce")
"""Arguments that `reduction` has replaced, and the class that NLLLoss has."""


def losses():
    """Each loss that torch has and does not call deprecated, with its arguments and their defaults."""
    rows = [[name, argument, default] for name in names() for argument, default in arguments(name)]
    yield Table("arguments", ["loss", "argument", "default"], rows)


def names():
    """All but those whose constructor warns of its own end, as NLLLoss2d does."""
    for name in nn.modules.loss.__all__:
        with warnings.catch_warnings(record=True) as warned, contextlib.suppress(TypeError):
            warnings.simplefilter("always")
            getattr(nn, name)()  # a loss that cannot be made of defaults alone raises TypeError
        if not any(issubclass(each.category, (FutureWarning, DeprecationWarning)) for each in warned):
            yield name


def arguments(name):
    """Pairs of an argument and its default as Python writes it; "" where there is none."""
    for argument in inspect.signature(getattr(nn, name)).parameters.values():
        if argument.name not in DEPRECATED:
            yield argument.name, "" if argument.default is argument.empty else repr(argument.default)


def calls(losses: dict, seeds: int):
    """Call each loss of the atlas with each of its reductions, forward and backward, on `seeds` random inputs.

    `losses` has for each name its `reductions` and the expressions of its `call`. For each a row: what forward
    takes, the shape and dtype of each, the shape of the result, the least and greatest value, what went wrong.
    """
    columns = ["loss", "reduction", "forward", "given", "shape", "least", "most", "wrong"]
    rows = []
    for name, loss in losses.items():
        for reduction in loss["reductions"]:
            try:
                rows.append([name, reduction, *called(name, reduction, loss["call"], seeds), ""])
            except Exception as error:
                wrong = f"{type(error).__name__}: {error}".split("\n")[0]
                rows.append([name, reduction, [], {}, [], 0.0, 0.0, wrong])
    yield Table("calls", columns, rows)


def called(name, reduction, call, seeds):
    """What forward takes, what it was given, the shape of the result, and its least and greatest value."""
    loss = getattr(nn, name)
    taken = list(inspect.signature(loss.forward).parameters)[1:]
    least, most = math.inf, -math.inf
    for seed in range(seeds):
        torch.manual_seed(seed)
        given = {argument: eval(expression, {"torch": torch}) for argument, expression in call.items()}
        # The first that is no label is what the network put out; its gradient is what training needs.
        output = next(value for value in given.values() if value.is_floating_point())
        output.requires_grad_()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # KLDivLoss warns of `mean`
            result = loss(reduction=reduction)(**given)
        result.sum().backward()
        if output.grad is None or not output.grad.isfinite().all():
            raise ArithmeticError("the gradient is not finite")
        least, most = min(least, result.min().item()), max(most, result.max().item())
    told = {
        argument: [list(value.shape), "float" if value.is_floating_point() else "long"]
        for argument, value in given.items()
    }
    return taken, told, list(result.shape), least, most
