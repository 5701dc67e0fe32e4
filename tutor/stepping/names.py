"""The parts of a qualified name, as Python writes them into a code object."""

from __future__ import annotations


def class_of(qualname: str) -> str | None:
    """The class that defines a function, by its qualified name; None for a function of its own.

    >>> class_of("_Loss.__init__")
    '_Loss'
    >>> class_of("Optimizer.profile_hook_step.<locals>.wrapper") is None
    True
    """
    inner = qualname.rpartition("<locals>.")[2]
    return inner.rpartition(".")[0] or None


def function_of(qualname: str) -> str:
    """The function's own name.

    >>> function_of("_Loss.__init__")
    '__init__'
    """
    return qualname.rpartition(".")[2]
