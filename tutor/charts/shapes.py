"""What is to be drawn as a chart: curves over two axes, and marks across them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Curve:
    """One series. `kept` belongs to an earlier run laid under this one; of the points only `upto` are drawn,
    but all of them decide how far the axes reach, so that nothing jumps while a run is wound back."""

    label: str
    xs: Sequence[float]
    ys: Sequence[float]
    kept: bool = False
    upto: int | None = None

    def drawn(self) -> Iterator[tuple[float, float]]:
        """The points to be drawn."""
        return zip(self.xs[: self.upto], self.ys[: self.upto], strict=True)


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across the picture at `at` on an axis, with a few words beside it."""

    axis: Literal["x", "y"]
    at: float
    says: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be drawn. `x` and `y` are the axes' labels, with the unit.

    In the form `contour` the curves are paths over `levels`, points on the level lines of a surface; these alone
    decide how far the axes reach.
    """

    x: str
    y: str
    curves: Sequence[Curve]
    scale: Literal["linear", "log"] = "linear"
    form: Literal["line", "bars", "dots", "contour"] = "line"
    marks: Sequence[Mark] = ()
    levels: Curve | None = None

    @property
    def spanning(self) -> Sequence[Curve]:
        """What the axes have room for."""
        return self.curves if self.levels is None or not self.levels.xs else [self.levels]
