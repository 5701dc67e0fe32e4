"""What a Module keeps where: its registries, and what becomes of each tensor under .double() and in state_dict()."""

import torch
from torch import nn

from tutor.lesson import Note, Table, Value


class OneOfEach(nn.Module):
    """Something of every kind, each set in another way."""

    def __init__(self):
        super().__init__()
        self.plain = torch.ones(2)  # Module.__setattr__ hands it on to object: an attribute like any other
        self.register_buffer("buffer", torch.ones(2))
        self.register_buffer("passing", torch.ones(2), persistent=False)
        self.register_buffer("empty", None)
        self.parameter = nn.Parameter(torch.ones(2))  # Module.__setattr__ sees what it is
        self.linear = nn.Linear(2, 1)


MODULES = {
    "CrossEntropyLoss()": lambda: nn.CrossEntropyLoss(),
    "CrossEntropyLoss(weight)": lambda: nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0])),
    "BatchNorm1d(2)": lambda: nn.BatchNorm1d(2),
    "OneOfEach()": OneOfEach,
}


def run(module: str, double: bool):
    """Build the module, and say of everything it holds where that is and what it means."""
    built = MODULES[module]()
    if double:
        built.double()
    saved = built.state_dict()
    trained = {id(parameter) for parameter in built.parameters()}

    # Module.__getattr__ looks through these three; what is in __dict__ itself is found without it.
    registries = {"_parameters": built._parameters, "_buffers": built._buffers, "_modules": built._modules}
    plain = {name: value for name, value in vars(built).items() if isinstance(value, torch.Tensor)}
    yield Table(
        "tensors",
        ["name", "kept in", "dtype", "is"],
        [
            [
                name,
                registry,
                kind(value),
                "trained" if id(value) in trained else "saved" if name in saved else "-",
            ]
            for registry, entries in {"__dict__": plain, **registries}.items()
            for name, value in entries.items()
        ],
    )
    yield Table(
        "__dict__",
        ["name", "type", "entries"],
        [[name, type(value).__name__, size(value)] for name, value in vars(built).items()],
    )
    yield Value("attributes", len(vars(built)))
    yield Value("state_dict", len(saved))
    yield Value("parameters", len(list(built.parameters())))
    yield Value("buffers", len(list(built.buffers())))
    if any(value is None for value in built._buffers.values()):
        yield Note(
            "A buffer that is None has its place in _buffers, but no tensor: it is neither saved nor moved.",
            "值为 None 的缓冲区在 _buffers 中占有位置，但没有张量：既不保存，也不移动。",
        )
    if double and plain:
        yield Note(
            ".double() went through the registries. A plain tensor is in none, so it stayed float32.",
            ".double() 只遍历注册表。普通张量不在任何注册表中，所以仍是 float32。",
        )


def kind(value):
    """The dtype of a tensor, the class of a module."""
    if value is None:
        return "None"
    return (
        str(value.dtype).removeprefix("torch.") if isinstance(value, torch.Tensor) else type(value).__name__
    )


def size(value):
    """How many entries a container has."""
    return len(value) if isinstance(value, dict | set) else "-"
