"""One optimizer on y = 4x² from x = 2, a step at a time, with every number that it keeps in `optimizer.state`."""

import torch
from torch import optim

from tutor.lesson import Note, Point, Table, Value


def run(optimizer: str, rate: str, lr: float, weight_decay: float, steps: int):
    """`rate` is "default" or "own", which takes `lr`; a `weight_decay` of 0 is left to torch's default."""
    x = torch.tensor([2.0]) if optimizer != "Muon" else torch.tensor([[2.0]])  # Muon takes matrices only
    x.requires_grad_()
    settings = {"lr": lr} if rate == "own" else {}
    settings |= {"weight_decay": weight_decay} if weight_decay else {}
    try:
        opt = getattr(optim, optimizer)([x], **settings)
    except (AttributeError, TypeError, ValueError) as error:
        yield refused(optimizer, error)
        return

    def closure():
        opt.zero_grad()
        y = (4 * x**2).sum()
        y.backward()  # g = 8x
        if optimizer == "SparseAdam":
            x.grad = x.grad.to_sparse()
        return y

    rows = [[0, x.item(), None, {}]]
    yield Point("x", 0, x.item())
    for k in range(1, steps + 1):
        g = 8 * x.item()
        opt.step(closure)
        rows.append([k, x.item(), g, kept(opt.state[x])])
        yield Point("x", k, x.item())
    keys = list(dict.fromkeys(key for row in rows for key in row[3]))
    filled = [
        [k, x, "" if g is None else g, *(state.get(key, "") for key in keys)] for k, x, g, state in rows
    ]
    yield Table("steps", ["k", "x", "g", *keys], filled)
    yield Value("x1", rows[1][1])
    if steps > 1:
        yield Value("x2", rows[2][1])
    yield Value("last", x.item())
    yield Value("lr", float(opt.param_groups[0]["lr"]))


def kept(state):
    """The numbers of a state, by key; of a list of tensors how many there are."""
    numbers = {}
    for key, value in state.items():
        if isinstance(value, list):
            numbers[key] = sum(isinstance(each, torch.Tensor) for each in value)
        elif value is not None:
            numbers[key] = float(value)
    return numbers


def refused(name, error):
    """torch's own words, and what they mean here."""
    if isinstance(error, AttributeError):
        en, zh = "The installed torch does not have it yet.", "当前安装的 torch 还没有它。"
    elif isinstance(error, TypeError):
        en = "This optimizer has no such argument. Set it to 0 to leave it out."
        zh = "这个优化器没有该参数。设为 0 即不传。"
    else:
        en, zh = "torch checks its arguments when the optimizer is built.", "torch 在构造优化器时检查参数。"
    return Note(f"torch says: {name}: {error}\n{en}", f"torch 的原话：{name}: {error}\n{zh}")
