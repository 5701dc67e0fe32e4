"""What a lab or a question generator beside a lesson may import: what it can yield, and what all generators need."""

import math
from itertools import combinations
from typing import Any

from tutor.protocol import Note, Picture, Point, Progress, Table, Value, Variant

__all__ = [
    "Note",
    "Picture",
    "Point",
    "Progress",
    "Table",
    "Value",
    "Variant",
    "listed",
    "shown",
    "told_apart",
]


def listed(tensor: Any, form: str = ".4f") -> str:
    """The numbers of a vector, in a line."""
    return ", ".join(f"{value:{form}}" for value in tensor.tolist())


def shown(tensor: Any) -> str:
    """The tensor, of one dimension or more, as one types it."""
    if tensor.dim() > 1:
        return f"[{', '.join(shown(row) for row in tensor)}]"
    return f"[{listed(tensor, 'g')}]"


def told_apart(values: list[Any], near: float = 5e-3) -> bool:
    """Whether any two of the numbers (or lists of numbers of one length) differ by more than marking forgives.

    That is half a percent; near 0, where nothing is a percent of anything, `near`.
    """
    vectors = [value if isinstance(value, list) else [value] for value in values]
    return not any(
        all(math.isclose(x, y, rel_tol=5e-3, abs_tol=near) for x, y in zip(a, b, strict=True))
        for a, b in combinations(vectors, 2)
    )
