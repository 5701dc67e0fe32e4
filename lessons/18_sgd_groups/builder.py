"""Runs the script of the SGD builder as it stands on the screen, and tells what torch made of it."""

import warnings

import torch
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from tutor.lesson import Table, Value


def run(code: str):
    """Run the learner's script; its optimizer is told even if a later line of it raises.

    Of every tensor the first element is told: before the first step, and after every step.
    """
    yield Value("torch", str(torch.__version__))
    script: dict = {"__name__": "__main__"}  # the variables of the script
    told = []  # what each step did, told by torch's own hooks

    def before(optimizer, *_):
        if not told:
            told.append(weights(0, optimizer, script))

    def after(optimizer, *_):
        told.append(weights(len(told), optimizer, script))

    hooks = register_optimizer_step_pre_hook(before), register_optimizer_step_post_hook(after)
    with warnings.catch_warnings(record=True) as warned:
        try:
            exec(compile(code, "<code>", "exec"), script)
        finally:
            for hook in hooks:  # they hold for every optimizer there is
                hook.remove()
            yield from answer(script)
            for each in warned:
                yield Value("warning", str(each.message))
            yield from told


def answer(script):
    """Every key and value of every group of the script's optimizer, in the order of torch's own dicts."""
    optimizer = script.get("optimizer")
    if not isinstance(optimizer, torch.optim.Optimizer):
        found = [each for each in script.values() if isinstance(each, torch.optim.Optimizer)]
        if not found:
            return
        optimizer = found[-1]
    yield Table(
        "defaults", ["key", "value"], [[key, plain(value)] for key, value in optimizer.defaults.items()]
    )
    rows = []
    for index, group in enumerate(optimizer.param_groups):
        for key, value in group.items():
            shown = [[name_of(w, script), list(w.shape)] for w in value] if key == "params" else plain(value)
            rows.append([index, key, shown])
    yield Table("param_groups", ["index", "key", "value"], rows)


def weights(step, optimizer, script):
    """The first element of every tensor, of its gradient and of its momentum buffer, which may not be there."""
    rows = []
    for index, group in enumerate(optimizer.param_groups):
        for w in group["params"]:
            buffer = optimizer.state[w].get("momentum_buffer") if w in optimizer.state else None
            rows.append([index, name_of(w, script), *(first(each) for each in (w.grad, w, buffer))])
    return Table(f"step {step}", ["index", "name", "gradient", "weight", "momentum_buffer"], rows)


def first(tensor):
    """The first element, of a sparse gradient 0 where it is not stored; None where there is none, or no real number."""
    if tensor is None or not tensor.numel() or tensor.is_complex() or tensor.is_meta:
        return None
    return tensor.detach()[(0,) * tensor.dim()].item()


def name_of(tensor, script):
    """The variable that holds this very tensor."""
    return next((name for name, value in script.items() if value is tensor), "?")


def plain(value):
    """A setting as JSON can carry it."""
    if isinstance(value, torch.Tensor):
        return value.tolist()
    return value if value is None or isinstance(value, bool | int | float | str) else repr(value)
