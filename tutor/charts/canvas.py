"""The cells that curves are drawn into, and points made ready to be drawn there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from rich.cells import cell_len

from tutor.charts.axes import Axis

Piece = tuple[str, str]
"""Some text and the name of its look: "", "strong", "muted", "accent", "right" or "warn"."""


class Canvas:
    """Cells of one sign and a look each."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._cells = [[(" ", "")] * columns for _ in range(rows)]

    def row(self, place: float) -> int:
        """The row of a place from 0, the lowest, to 1, the highest."""
        return self.rows - 1 - cell(place, self.rows)

    def put(self, x: int, y: int, sign: str, look: str) -> None:
        if 0 <= x < self.columns and 0 <= y < self.rows:
            self._cells[y][x] = (sign, look)

    def lay(self, rows: Sequence[str], look: str) -> None:
        """Rows of signs over what is there; where they are empty it stays."""
        for y, row in enumerate(rows[: self.rows]):
            if not row.strip(" \u2800"):
                continue
            cells = self._cells[y]
            for x, sign in enumerate(row[: self.columns]):
                if sign not in " \u2800":
                    cells[x] = (sign, look)

    def write(self, x: int, y: int, text: str, look: str) -> None:
        """Text over what is there; of a wide sign the second cell is left empty."""
        for sign in text:
            size = cell_len(sign)
            if x + size > self.columns:
                return
            self.put(x, y, sign, look)
            if size == 2:
                self.put(x + 1, y, "", look)
            x += size

    def line(self, y: int) -> list[Piece]:
        """The row in as few pieces as there are changes of look."""
        pieces: list[Piece] = []
        for sign, look in self._cells[y]:
            if pieces and pieces[-1][1] == look:
                pieces[-1] = (pieces[-1][0] + sign, look)
            else:
                pieces.append((sign, look))
        return pieces


def cell(place: float, cells: int) -> int:
    """The cell, of `cells`, in which plotext draws a place from 0 to 1."""
    return min(max(math.floor(place * (cells - 1) + 0.5), 0), cells - 1)


def runs_of(places: Iterable[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """The points in parts that are to be joined: what has no place, nan, ends a part."""
    runs: list[list[tuple[float, float]]] = [[]]
    for place in places:
        x, y = place
        if x == x and y == y:
            runs[-1].append(place)
        elif runs[-1]:
            runs.append([])
    return runs


_BESIDE = 0.5
"""How far beside the picture a line still goes on, in its widths and heights."""
_FAR = 1e6
"""Farther than this no place needs to be told from another."""


def near(run: Sequence[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """The parts of a joined run that lie in the picture or beside it: each sign of a line has its price, in view or
    not, and a path that diverges would be thousands of them long."""
    low, high = -_BESIDE, 1 + _BESIDE
    inside = [low <= x <= high and low <= y <= high for x, y in run]
    if all(inside):
        return [list(run)]
    parts: list[list[tuple[float, float]]] = [[run[0]] if inside[0] else []]
    for i in range(1, len(run)):
        if inside[i - 1] and inside[i]:
            parts[-1].append(run[i])
            continue
        begin, end = ((max(-_FAR, min(x, _FAR)), max(-_FAR, min(y, _FAR))) for x, y in run[i - 1 : i + 1])
        by = end[0] - begin[0], end[1] - begin[1]
        first, last = 0.0, 1.0  # the part of the way, cut at each edge (Liang and Barsky 1984)
        for at, way in zip(begin, by, strict=True):
            if way:
                edges = sorted(((low - at) / way, (high - at) / way))
            else:
                edges = [0.0, 1.0 if low <= at <= high else -1.0]
            first, last = max(first, edges[0]), min(last, edges[1])
        if first > last:
            continue
        if not inside[i - 1]:
            parts.append([(begin[0] + first * by[0], begin[1] + first * by[1])])
        parts[-1].append(run[i] if inside[i] else (begin[0] + last * by[0], begin[1] + last * by[1]))
    return [part for part in parts if part]


def thin(points: Sequence[tuple[float, float]], columns: int) -> list[tuple[float, float]]:
    """At most about two points for each of `columns`, the lowest and the highest of those that fall there one
    after the other; the first and the last of all. The places run from 0 to 1."""
    if len(points) <= 2 * columns:
        return list(points)
    kept: list[tuple[float, float]] = [points[0]]
    here: int | None = None
    low = high = 0
    for i, (x, y) in enumerate(points):
        column = int(x * columns)
        if column != here:
            if here is not None:
                kept += [points[k] for k in sorted({low, high})]
            here, low, high = column, i, i
        elif y < points[low][1]:
            low = i
        elif y > points[high][1]:
            high = i
    kept += [points[k] for k in sorted({low, high})]
    if kept[-1] != points[-1]:
        kept.append(points[-1])
    return kept


def half_bar(xs: Sequence[float]) -> float:
    """Half the distance between two bars."""
    ordered = sorted({x for x in xs if math.isfinite(x)})
    gaps = [b - a for a, b in pairwise(ordered)]
    return min(gaps) / 2 if gaps else 0.5


def silhouette(
    points: Iterable[tuple[float, float]], half: float, columns: int, x_axis: Axis, y_axis: Axis
) -> list[list[tuple[float, float]]]:
    """The outline of bars that are `half` wide to either side, two points a column; broken where there are none."""
    bars = sorted((x, y) for x, y in points if math.isfinite(x) and y_axis.takes(y))
    if not bars:
        return []
    outline: list[list[tuple[float, float]]] = [[]]
    k = 0
    for i in range(2 * columns):
        place = i / (2 * columns - 1)
        x = x_axis.low + place * (x_axis.high - x_axis.low)
        while k + 1 < len(bars) and abs(bars[k + 1][0] - x) <= abs(bars[k][0] - x):
            k += 1
        height = y_axis.place(bars[k][1]) if abs(bars[k][0] - x) <= half * 1.0001 else 0.0
        if height > 0:
            outline[-1].append((place, height))
        elif outline[-1]:
            outline.append([])
    return outline
