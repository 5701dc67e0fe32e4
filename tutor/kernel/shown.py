"""Values as text, short and at once, without running a line of anybody's code.

No `__repr__`, no property, no `__getattr__` of a learner's class is called: what can be had of an object is its type and
what its own `__dict__` holds. Even `isinstance` asks an object for its `__class__`, so it is the type that is asked.
Of big things only the beginning is looked at.
"""

from __future__ import annotations

import types
from collections import OrderedDict, defaultdict
from itertools import islice
from typing import Any

import torch

LONGEST = 120
"""Characters of the longest text."""
_ITEMS = 8
"""How many items of a container, or numbers of a tensor, are looked at."""
_DEEP = 3
"""How deep containers in containers are looked into."""
_LEAVES = 48
"""How many items of nested containers are looked at altogether, to see whether something changed."""

_PLAIN = frozenset((int, float, bool, complex, str, bytes, type(None), type(...), type(NotImplemented)))
_CONTAINERS = (list, tuple, dict, set, frozenset)
_PYTHONS = frozenset((*_CONTAINERS, OrderedDict, defaultdict))
"""Containers whose methods are Python's own, none of a learner's."""
_name_of_type = type.__dict__["__name__"].__get__
_get = object.__getattribute__


def type_name(value: object) -> str:
    """The name of the type of `value`."""
    name: str = _name_of_type(type(value))
    return name


def mro_of(value: object) -> list[str]:
    """The names of the classes of `value`, its own first."""
    return [_name_of_type(each) for each in type.__dict__["__mro__"].__get__(type(value))]


def own_attributes(value: object) -> dict[str, Any] | None:
    """The `__dict__` of an object as it is, None if it has none; what a half-built Module has of it, too."""
    try:
        found = _get(value, "__dict__")
    except AttributeError:
        return None
    return found if type(found) is dict else None


def fingerprint(value: Any) -> Any:
    """Equal to an earlier one of the same object as long as nothing was seen to change in it; None for what cannot."""
    kind = type(value)
    if kind in _PLAIN:
        return None
    if kind in _PYTHONS and not value:  # most registries of a Module, at every event
        return kind
    if issubclass(type(value), torch.Tensor):
        return _of_tensor(value)
    if issubclass(type(value), _CONTAINERS):
        return _of_items(value, _DEEP, [_LEAVES])
    return None


def _of_tensor(tensor: torch.Tensor) -> Any:
    try:
        grad = tensor.grad if tensor.is_leaf else None
        of_grad = None if grad is None else (id(grad), grad._version)
        return (tensor._version, tensor.requires_grad, of_grad)
    except Exception:  # inference tensors count no versions, some kinds refuse every question
        return None


def _of_items(value: Any, deep: int, left: list[int]) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if issubclass(type(value), torch.Tensor):
        return (id(value), _of_tensor(value))
    if not issubclass(type(value), _CONTAINERS) or deep == 0:
        return id(value)
    marks: list[Any] = [id(value), _length(value)]
    for parts in _first(value):
        left[0] -= 1
        if left[0] < 0:
            break
        marks += [_of_items(part, deep - 1, left) for part in parts]
    return tuple(marks)


# Containers are read as the built-in type does it, whatever a learner's subclass says; of a dict, no key is hashed.
_ITERATE: dict[type, Any] = {kind: kind.__iter__ for kind in _CONTAINERS} | {dict: dict.items}


def _base(container: Any) -> type:
    """Which built-in container this is a kind of."""
    return next(kind for kind in _CONTAINERS if issubclass(type(container), kind))


def _length(container: Any) -> int:
    length: int = _base(container).__len__(container)  # type: ignore[attr-defined]
    return length


def _first(container: Any) -> list[tuple[Any, ...]]:
    """The first items of a container, each in a tuple; of a dict its keys and values."""
    base = _base(container)
    first = islice(_ITERATE[base](container), _ITEMS)
    return list(first) if base is dict else [(item,) for item in first]


def shown(value: Any, room: int = LONGEST, deep: int = 2) -> str:
    """`value` in at most about `room` characters."""
    kind = type(value)
    if kind is str or kind is bytes:
        text = repr(value[:room])
        return text if len(value) <= room else f"{text} ... {len(value)}"
    if kind is int and value.bit_length() > 256:
        return f"<int of {value.bit_length()} bits>"
    if kind in _PLAIN:
        return repr(value)
    try:
        if issubclass(type(value), torch.Tensor):
            return _tensor(value)
        if issubclass(type(value), _CONTAINERS):
            return _container(value, room, deep)
        return _other(value, kind)
    except Exception:
        return f"<{_name_of_type(kind)}>"


def entries_of(value: Any) -> list[tuple[str, str]]:
    """What a container holds, each with its key or index, to be opened; only its beginning if it is long."""
    if not issubclass(type(value), _CONTAINERS):
        return []
    found = [
        (shown(parts[0], 40, 1), shown(parts[1], 72, 1))
        if len(parts) == 2
        else (str(at), shown(parts[0], 72, 1))
        for at, parts in enumerate(_first(value))
    ]
    length = _length(value)
    return [*found, ("...", f"{length}")] if length > len(found) else found


def _tensor(tensor: torch.Tensor) -> str:
    name = type_name(tensor)
    if isinstance(tensor, torch.nn.parameter.UninitializedTensorMixin):
        return f"{name} <uninitialized>"
    head = f"{name} {tuple(tensor.shape)} {str(tensor.dtype).removeprefix('torch.')}"
    if tensor.requires_grad:
        head += " requires_grad"
    if tensor.is_meta:
        return f"{head} <meta: no values>"
    if tensor.layout is not torch.strided or tensor.is_quantized:
        return f"{head} <{str(tensor.layout).removeprefix('torch.')}>"
    if tensor.numel() == 0:
        return f"{head} []"
    return f"{head} {_values(tensor)}"


def _values(tensor: torch.Tensor) -> str:
    """The first numbers, read without copying what may be very large."""
    with torch.no_grad(), torch._C.DisableTorchFunctionSubclass():
        row = tensor.detach()
        if row.numel() <= _ITEMS:
            return _numbers(row.tolist())
        depth = 0
        while row.dim() > 1:
            row, depth = row[0], depth + 1
        first = row[:_ITEMS].tolist()
    return "[" * depth + _numbers(first)[:-1] + ", ..." + "]" * (depth + 1)


def _numbers(value: Any) -> str:
    if issubclass(type(value), list):
        return "[" + ", ".join(map(_numbers, value)) + "]"
    return f"{value:.5g}" if issubclass(type(value), float) else str(value)


_BRACKETS: dict[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    dict: ("{", "}"),
    set: ("{", "}"),
    frozenset: ("{", "}"),
}


def _container(value: Any, room: int, deep: int) -> str:
    kind = type(value)
    base, length = _base(value), _length(value)
    head = "" if kind is base and base is not frozenset else _name_of_type(kind)
    if length == 0:
        return (head or "set") + "()" if head or base is set else "".join(_BRACKETS[base])
    if deep == 0:
        return f"<{_name_of_type(kind)} of {length}>"
    parts: list[str] = []
    for item in _first(value):
        text = ": ".join(shown(part, room // 2, deep - 1) for part in item)
        if sum(map(len, parts)) + len(text) > room:
            break
        parts.append(text)
    if len(parts) < length:
        parts.append(f"... {length}")
    opening, closing = _BRACKETS[base]
    one = "," if base is tuple and length == 1 else ""
    inside = opening + ", ".join(parts) + one + closing
    return f"{head}({inside})" if head else inside


def _other(value: Any, kind: type) -> str:
    if issubclass(type(value), type):
        return f"<class {_name_of_type(value)}>"
    if issubclass(type(value), types.ModuleType):
        return f"<module {types.ModuleType.__getattribute__(value, '__name__')}>"
    if issubclass(type(value), types.FunctionType | types.BuiltinFunctionType | types.MethodType):
        return f"<function {value.__qualname__}>"
    if issubclass(
        type(value), torch.dtype | torch.device | torch.layout | torch.memory_format | slice | range
    ):
        return str(value)
    return f"<{_name_of_type(kind)}>"


def error_text(error: BaseException) -> str:
    """What an exception says, without calling a `__str__` or `__repr__` of the learner's."""
    if type(error) in (SyntaxError, IndentationError, TabError):
        return str(error)[:_LONGEST_ERROR]
    args: tuple[object, ...] = BaseException.args.__get__(error)  # type: ignore[attr-defined]
    in_c = isinstance(type(error).__str__, types.WrapperDescriptorType)
    if in_c and all(type(each) in _PLAIN for each in args):
        return str(error)[:_LONGEST_ERROR]
    return ", ".join(map(shown, args))[:_LONGEST_ERROR]


_LONGEST_ERROR = 4000
