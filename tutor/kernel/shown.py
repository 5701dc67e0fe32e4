"""Values as text, short and at once, without running a line of anybody's code.

No `__repr__`, no property, no `__getattr__` of a learner's class is called: what can be had of an object is its type and
what its own `__dict__` holds. Of big things only the beginning is looked at.
"""

from __future__ import annotations

import types
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
    if isinstance(value, torch.Tensor):
        return _of_tensor(value)
    if isinstance(value, _CONTAINERS):
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
    if isinstance(value, torch.Tensor):
        return (id(value), _of_tensor(value))
    if not isinstance(value, _CONTAINERS) or deep == 0:
        return id(value)
    marks: list[Any] = [id(value), len(value)]
    for item in _first(value):
        left[0] -= 1
        if left[0] < 0:
            break
        if isinstance(value, dict):
            marks += (_of_items(item, 1, left), _of_items(dict.get(value, item), deep - 1, left))
        else:
            marks.append(_of_items(item, deep - 1, left))
    return tuple(marks)


def _first(container: Any) -> list[Any]:
    """The first items of a container, the keys of a dict."""
    walk = _ITERATE[next(kind for kind in _CONTAINERS if isinstance(container, kind))](container)
    taken = []
    for item in walk:
        taken.append(item)
        if len(taken) == _ITEMS:
            break
    return taken


_ITERATE: dict[type, Any] = {kind: kind.__iter__ for kind in _CONTAINERS}
"""Iteration as the built-in type does it, whatever a learner's subclass says."""


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
        if isinstance(value, torch.Tensor):
            return _tensor(value)
        if isinstance(value, _CONTAINERS):
            return _container(value, room, deep)
        return _other(value, kind)
    except Exception:
        return f"<{_name_of_type(kind)}>"


def entries_of(value: Any) -> list[tuple[str, str]]:
    """What a container holds, each with its key or index, to be opened; only its beginning if it is long."""
    if not isinstance(value, _CONTAINERS):
        return []
    found = [
        (shown(item, 40, 1), shown(dict.get(value, item), 72, 1))
        if isinstance(value, dict)
        else (str(at), shown(item, 72, 1))
        for at, item in enumerate(_first(value))
    ]
    return [*found, ("...", f"{len(value)}")] if len(value) > len(found) else found


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
    if isinstance(value, list):
        return "[" + ", ".join(map(_numbers, value)) + "]"
    return f"{value:.5g}" if isinstance(value, float) else str(value)


_BRACKETS: dict[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    dict: ("{", "}"),
    set: ("{", "}"),
    frozenset: ("{", "}"),
}


def _container(value: Any, room: int, deep: int) -> str:
    kind = type(value)
    base = next(each for each in _CONTAINERS if isinstance(value, each))
    head = "" if kind is base and base is not frozenset else _name_of_type(kind)
    length = base.__len__(value)
    if length == 0:
        return (head or "set") + "()" if head or base is set else "".join(_BRACKETS[base])
    if deep == 0:
        return f"<{_name_of_type(kind)} of {length}>"
    parts: list[str] = []
    for item in _first(value):
        text = shown(item, room // 2, deep - 1)
        if base is dict:
            text += ": " + shown(dict.get(value, item), room // 2, deep - 1)
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
    if isinstance(value, type):
        return f"<class {_name_of_type(value)}>"
    if isinstance(value, types.ModuleType):
        return f"<module {types.ModuleType.__getattribute__(value, '__name__')}>"
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType | types.MethodType):
        return f"<function {value.__qualname__}>"
    if isinstance(value, torch.dtype | torch.device | torch.layout | torch.memory_format | slice | range):
        return str(value)
    return f"<{_name_of_type(kind)}>"


def error_text(error: BaseException) -> str:
    """What an exception says, without calling a `__str__` or `__repr__` of the learner's."""
    if type(error) in (SyntaxError, IndentationError, TabError):
        return str(error)[:_LONGEST_ERROR]
    args: tuple[object, ...] = BaseException.args.__get__(error)  # type: ignore[attr-defined]
    if type(error).__str__ in _TRUSTED and all(type(each) in _PLAIN for each in args):
        return str(error)[:_LONGEST_ERROR]
    return ", ".join(map(shown, args))[:_LONGEST_ERROR]


_TRUSTED = frozenset(
    (BaseException.__str__, OSError.__str__, ImportError.__str__, SyntaxError.__str__, KeyError.__str__)
)
_LONGEST_ERROR = 4000
