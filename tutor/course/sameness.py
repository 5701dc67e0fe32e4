"""When two answers count as the same: numbers within a tolerance, tensors cell by cell, texts once they are normal."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any, Literal, TypeGuard

from tutor.course.model import Tensor


def same_number(value: float, target: float, tolerance: float) -> bool:
    """Whether two numbers agree: relative to `target`, absolutely if that is 0; NaN agrees with NaN."""
    if not math.isfinite(target) or not math.isfinite(value):
        return value == target or (math.isnan(value) and math.isnan(target))
    # A hair of slack: 1.001 is within 0.001 of 1, whatever binary fractions say.
    return abs(value - target) <= tolerance * (abs(target) or 1.0) * (1 + 1e-9)


def rows_of(tensor: Tensor) -> list[list[float]]:
    """The rows of a matrix; a vector is one row."""
    rows = [row for row in tensor if isinstance(row, list)]
    return rows or [[cell for cell in tensor if not isinstance(cell, list)]]


def size_of(tensor: Tensor) -> tuple[int, ...] | None:
    """The shape that torch would give it; None if it has no cell, or its rows are not of one length."""
    lengths = {len(row) if isinstance(row, list) else -1 for row in tensor}
    if len(lengths) != 1 or 0 in lengths:
        return None
    (length,) = lengths
    return (len(tensor),) if length < 0 else (len(tensor), length)


def is_number(value: Any) -> TypeGuard[float]:
    """Whether this is a number; YAML's switches are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_tensor(value: Any) -> TypeGuard[Tensor]:
    """Whether this is a vector or a matrix of numbers with at least one cell."""
    return (
        isinstance(value, list)
        and size_of(value) is not None
        and all(is_number(cell) for row in rows_of(value) for cell in row)
    )


def same_tensor(value: Tensor, target: Tensor, tolerance: float) -> bool:
    """Whether two tensors have one shape, and each cell agrees with its own."""
    return size_of(value) == size_of(target) and all(
        same_number(cell, wanted, tolerance)
        for row, wanted_row in zip(rows_of(value), rows_of(target), strict=True)
        for cell, wanted in zip(row, wanted_row, strict=True)
    )


def same_value(value: Any, target: Any, tolerance: float) -> bool:
    """Whether two values agree, be they numbers or tensors."""
    if isinstance(value, list) and isinstance(target, list):
        return same_tensor(value, target, tolerance)
    if isinstance(value, list) or isinstance(target, list):
        return False
    return same_number(value, target, tolerance)


_SIGNS = str.maketrans(
    {
        **dict.fromkeys("‘’‚“”„＂＇「」『』′″", '"'),
        "'": '"',
        **dict.fromkeys("−–‐‑", "-"),
        "【": "[",
        "】": "]",
        "、": ",",
        "。": ".",
    }
)
_CJK = r"[\u3400-\u9fff]"
_HYPHEN = re.compile(r"(?<=\w)[-_](?=\w)")
_LOOSE = re.compile(rf" (?=\W)|(?<=\W) |(?<={_CJK}) | (?={_CJK})")


def normal(text: str, form: Literal["code", "name"]) -> str:
    """`text` as it is compared: one kind of quotes and signs, a space only between two words.

    A name is the same in upper and lower case, with hyphens and without, and with a full stop behind it. Empty if
    there is nothing to compare.
    """
    text = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS).strip().strip("`")
    text = _LOOSE.sub("", " ".join(text.split()))
    return _HYPHEN.sub(" ", text.casefold().rstrip(".")) if form == "name" else text
