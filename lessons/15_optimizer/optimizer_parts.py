"""One part of an optimizer at a time: what a call changes, before and after side by side."""

import torch

from tutor.lesson import Note, Table, Value


def run(part: str, lr: float, momentum: float, set_to_none: bool, times: int):
    """y = 4x² from x = 2 with torch.optim.SGD; its gradient at 2 is 16."""
    x = torch.tensor([2.0], requires_grad=True)
    optimizer = torch.optim.SGD([x], lr=lr, momentum=momentum)
    yield from PARTS[part](optimizer, x, set_to_none, times)
    yield Note("g is optimizer.param_groups", "g 即 optimizer.param_groups")
    yield Value("last_x", x.item())
    yield Value("last_grad", None if x.grad is None else x.grad.item())


def backward(x):
    """Adds dy/dx = 8x to x.grad."""
    (4 * x**2).sum().backward()


def looked_at(optimizer, x, name="x"):
    """What there is to be seen of an optimizer and of the parameter `x`, as text by name."""
    seen = {name: words(x), f"{name}.grad": words(x.grad), f"id({name})": short(id(x))}
    for k, group in enumerate(optimizer.param_groups):
        seen[f"id(g[{k}]['params'][0])"] = short(id(group["params"][0]))
        seen |= {f"g[{k}][{key!r}]": words(group[key]) for key in ("lr", "momentum")}
    seen["len(state)"] = words(len(optimizer.state))
    if x in optimizer.state:  # its keys are the parameters themselves
        seen[f"buffer_{name}"] = words(optimizer.state[x]["momentum_buffer"])
    return seen


def words(value):
    """A tensor as its numbers, anything else as Python writes it."""
    if not isinstance(value, torch.Tensor):
        return repr(value)
    return ", ".join(f"{number:.6g}" for number in value.tolist())


def short(number):
    """The last digits of an id are enough to tell two objects apart."""
    return f"…{number % 16**6:06x}"


def side_by_side(call, before, after):
    """A row for all that was there before or is there after; a sign where it is not the same."""
    names = list(dict.fromkeys([*before, *after]))
    rows = [[n, before.get(n, "–"), after.get(n, "–")] for n in names]
    return Table(call, ["", "before", "after", ""], [[*row, "*" if row[1] != row[2] else ""] for row in rows])


def attributes(optimizer, x, set_to_none, times):
    """All that an optimizer keeps, by the names it has itself."""
    group = {
        key: "[x]" if key == "params" else words(value) for key, value in optimizer.param_groups[0].items()
    }
    defaults = {key: words(value) for key, value in optimizer.defaults.items()}
    rows = [[key, defaults.get(key, "–"), group[key]] for key in group]
    yield Table("optimizer", ["", "defaults", "g[0]"], rows)
    rows = [
        [name.replace("_optimizer_", "…").removesuffix("_if_run_uncaptured"), type(value).__name__]
        for name, value in vars(optimizer).items()
    ]
    rows.append(["hasattr(…, '_step_count')", words(hasattr(optimizer, "_step_count"))])
    yield Table("vars(optimizer)", ["attribute", "type"], rows)


def step(optimizer, x, set_to_none, times):
    """The order of a training loop, `times` times over."""
    for k in range(times):
        optimizer.zero_grad(set_to_none)
        backward(x)
        before = looked_at(optimizer, x)
        optimizer.step()
        yield side_by_side(f"step() {k + 1}", before, looked_at(optimizer, x))


def zero_grad(optimizer, x, set_to_none, times):
    """One whole step; then the gradient is cleared, and step() is called without a new backward()."""
    backward(x)
    optimizer.step()
    before = looked_at(optimizer, x)
    optimizer.zero_grad(set_to_none)
    cleared = looked_at(optimizer, x)
    yield side_by_side(f"zero_grad(set_to_none={set_to_none})", before, cleared)
    optimizer.step()
    yield side_by_side("step()", cleared, looked_at(optimizer, x))


def accumulate(optimizer, x, set_to_none, times):
    """backward() adds to what is in x.grad already."""
    rows = []
    for k in range(times):
        backward(x)
        rows.append([k + 1, x.grad.item()])
    yield Table("backward()", ["times", "x.grad"], rows)
    forgetful, heavy = [torch.tensor([2.0], requires_grad=True) for _ in range(2)]
    lr = optimizer.defaults["lr"]
    never, every = torch.optim.SGD([forgetful], lr=lr), torch.optim.SGD([heavy], lr=lr, momentum=1)
    rows = []
    for k in range(times):
        backward(forgetful)
        never.step()
        every.zero_grad()
        backward(heavy)
        every.step()
        rows.append([k + 1, forgetful.item(), heavy.item()])
    yield Table("zero_grad()", ["times", "forgotten", "momentum_1"], rows)


def add_param_group(optimizer, x, set_to_none, times):
    """A second tensor under the optimizer's care, with a rate of its own; the rest comes from defaults."""
    z = torch.tensor([1.0, 1.0], requires_grad=True)
    before, group = looked_at(optimizer, x), {"params": z, "lr": optimizer.defaults["lr"] / 10}
    optimizer.add_param_group(group)
    yield side_by_side("add_param_group({'params': z, 'lr': …})", before, looked_at(optimizer, x))
    rows = [["group is g[1]", words(group is optimizer.param_groups[1])]]
    rows += [[f"group[{key!r}]", "[z]" if key == "params" else words(value)] for key, value in group.items()]
    yield Table("group", ["", "after"], rows)


def state_dict(optimizer, x, set_to_none, times):
    """What is saved, and what loading it does to an optimizer that was set otherwise."""
    for _ in range(times):
        optimizer.zero_grad(set_to_none)
        backward(x)
        optimizer.step()
    saved = optimizer.state_dict()
    rows = [
        [f"state[{k}][{key!r}]", words(v)] for k, kept in saved["state"].items() for key, v in kept.items()
    ]
    rows += [[f"g[0][{key!r}]", words(value)] for key, value in saved["param_groups"][0].items()]
    yield Table("state_dict()", ["", "value"], rows)
    y = torch.tensor([5.0], requires_grad=True)
    other = torch.optim.SGD([y], lr=1.0)
    before = looked_at(other, y, "y")
    other.load_state_dict(saved)
    yield side_by_side("SGD([y], lr=1.0).load_state_dict(…)", before, looked_at(other, y, "y"))


def order(optimizer, x, set_to_none, times):
    """The same three calls in every order, `times` times over, each from x = 2."""
    rows = []
    for calls in ORDERS:
        w = torch.tensor([2.0], requires_grad=True)
        each = torch.optim.SGD([w], lr=optimizer.defaults["lr"], momentum=optimizer.defaults["momentum"])
        does = {"zero_grad": each.zero_grad, "backward": lambda w=w: backward(w), "step": each.step}
        for _ in range(times):
            for call in calls:
                does[call]()
        rows.append([", ".join(calls), w.item(), words(w.grad)])
    yield Table("order", ["calls", "x", "x.grad"], rows)


def hooks(optimizer, x, set_to_none, times):
    """A function that is called before, and one that is called after every step."""
    rows = []
    pre = optimizer.register_step_pre_hook(lambda optimizer, args, kwargs: rows.append(["pre", x.item()]))
    optimizer.register_step_post_hook(lambda optimizer, args, kwargs: rows.append(["post", x.item()]))
    for _ in range(times):
        optimizer.zero_grad(set_to_none)
        backward(x)
        optimizer.step()
        pre.remove()  # the handle takes the hook off again
    yield Table("hook", ["hook", "x"], rows)


ORDERS = [
    ("zero_grad", "backward", "step"),
    ("backward", "step", "zero_grad"),
    ("backward", "zero_grad", "step"),
    ("zero_grad", "step", "backward"),
    ("backward", "step"),
]
PARTS = {
    part.__name__: part
    for part in (attributes, step, zero_grad, accumulate, add_param_group, state_dict, order, hooks)
}
