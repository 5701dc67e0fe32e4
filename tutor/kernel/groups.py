"""Which of torch's functions stand in nobody's way: the group of what is stepped through."""

from __future__ import annotations

import os
import sysconfig

import torch

from tutor.protocol.trace import SETUP, SNIPPET

_TORCH = os.path.dirname(torch.__file__) + os.sep
_STDLIB = tuple(sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib"))
_TAUGHT = (
    "nn" + os.sep,
    "optim" + os.sep,
    "functional.py",
    "_tensor.py",
    os.path.join("autograd", "__init__.py"),
)
"""What the lessons step through: the files of torch below these."""
_WRAPPING = (
    "_compile.py",
    "_dynamo" + os.sep,
    os.path.join("utils", "_contextlib.py"),
    os.path.join("autograd", "grad_mode.py"),
)
_WRAPPERS = frozenset(
    (
        "Optimizer.profile_hook_step.<locals>.wrapper",
        "_use_grad_for_differentiable.<locals>._use_grad",
        "_disable_dynamo_if_unsupported.<locals>.wrapper.<locals>.maybe_fallback",
    )
)
_HOUSEKEEPING = frozenset(
    (
        "Optimizer._patch_step_function",
        "Optimizer._optimizer_step_code",
        "Optimizer._cuda_graph_capture_health_check",
        "_default_to_fused_or_foreach",
        "_to_scalar",
        "_get_value",
        "Tensor.__hash__",
        "_ntuple.<locals>.parse",
        "_reverse_repeat_tuple",
    )
)
_ATTRIBUTES = frozenset(f"Module.__{name}attr__" for name in ("set", "get", "del"))
_ASKING = frozenset(("dim", "size", "numel", "stride", "element_size", "data_ptr", "values", "keys", "items"))
"""Of a tensor; what only asks for the form of something. Names that begin with "_", "is_", "get_" say so themselves."""
_OWN_FRAME = ("<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>")


def group_of(file: str, qualname: str) -> str:
    """The group of a Python function, "" for one that is always shown; the names are those of `tutor.stepping.groups`."""
    if qualname.endswith(_OWN_FRAME):
        return "comprehensions"
    if file in (SNIPPET, SETUP):
        return ""
    if qualname.endswith((".__instancecheck__", ".__subclasscheck__")):
        return "metaclass"
    if file.startswith(_TORCH):
        return _group_in_torch(file.removeprefix(_TORCH), qualname)
    return "stdlib" if file.startswith(("<frozen", *_STDLIB)) else ""


def _group_in_torch(file: str, qualname: str) -> str:
    if qualname.partition(".<locals>")[0] in _ATTRIBUTES:
        return "attributes"
    if qualname in _WRAPPERS or file.startswith(_WRAPPING):
        return "wrappers"
    if not file.startswith(_TAUGHT) or qualname in _HOUSEKEEPING:
        return "plumbing"
    return ""


def name_of_c(function: object) -> tuple[str, str]:
    """What a function written in C is called, with its module or class, and its group."""
    name = getattr(function, "__name__", "?")
    owner = getattr(function, "__self__", None)
    module = getattr(function, "__module__", None)
    if module and not issubclass(type(owner), torch.Tensor):
        name = f"{module}.{name}"
    elif owner is not None and not issubclass(type(owner), type(os)):
        name = f"{_class_name(owner if issubclass(type(owner), type) else type(owner))}.{name}"
    elif hasattr(function, "__objclass__"):
        name = f"{_class_name(function.__objclass__)}.{name}"
    if name.startswith("torch._C._nn."):
        return name, ""
    if issubclass(type(owner), torch.Tensor) or name.startswith("torch."):
        last = name.rpartition(".")[2]
        # The operators behind `torch.ops` have no names of their own.
        asks = not last or last.startswith(("_", "is_", "has_", "get_", "set_")) or last in _ASKING
        return name, "checks" if asks else ""
    return name.removeprefix("builtins."), "builtins"


_class_name = type.__dict__["__name__"].__get__
"""The name of a class, whatever its metaclass says."""
