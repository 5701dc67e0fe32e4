"""Curves as a picture made of characters.

plotext draws each curve, which it does well and quickly. The frame, the ticks, the legend and what is said
in words are ours: ticks at whole powers of ten, labels aligned in Chinese too, and a second sign for every
meaning that a colour has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from tutor.charts.axes import Axis, axis_of
from tutor.charts.canvas import Canvas, Piece, cell, half_bar, near, runs_of, silhouette, thin
from tutor.charts.plot import plot
from tutor.charts.saying import outside, unseen, wrapped
from tutor.charts.shapes import Curve, Picture
from tutor.charts.signs import ASCII, UNICODE, Signs
from tutor.words import Language, Words

SMALLEST = (24, 8)
"""Columns and rows below which a picture shows nothing any more."""


_LOOKS = ("accent", "warn", "right", "strong")
"""Of the first, second, ... curve; a kept one is muted."""
_APART = 8
"""How far apart the points of a path over level lines lie at least that bear its sign, a row counted twice."""


# The picture -------------------------------------------------------------------------------------------------


def draw(
    picture: Picture, width: int, height: int, *, language: Language = Language.EN, ascii: bool = False
) -> list[list[Piece]]:
    """Exactly `height` lines of at most `width` cells each.

    What cannot be drawn is said in words below the picture: nan, infinities, and on a log axis what is not
    above 0. Where there is nothing to draw, that is said in its place.
    """
    if width < SMALLEST[0] or height < SMALLEST[1]:
        words = Words("no room for a chart", "空间不足，无法绘图")
        return [
            [(set_cell_size(words.into(language), width).rstrip(), "muted")],
            *([] for _ in range(height - 1)),
        ]
    drawing = _Drawing(picture, width, height, language, ASCII if ascii else UNICODE)
    try:
        return drawing.lines()
    except ImportError as error:  # plotext, or the compiled part of it
        missing = Words("No charts here, the numbers are in the table: {why}", "无法绘图，数据见表格：{why}")
        lines = wrapped(missing.filled(why=str(error).partition("\n")[0]).into(language), width)[:height]
        return [*([(line, "warn")] for line in lines), *([] for _ in range(height - len(lines)))]


class _Drawing:
    """One picture in the making."""

    def __init__(self, picture: Picture, width: int, height: int, language: Language, signs: Signs) -> None:
        self.picture, self.width, self.height = picture, width, height
        self.language, self.signs = language, signs
        self.log = picture.scale == "log"
        order = {False: 0, True: 0}
        self._placed: dict[int, list[tuple[float, float]]] = {}
        self.styles: list[tuple[str, str]] = []
        """The marker and the look of each curve."""
        for curve in picture.curves:
            number, order[curve.kept] = order[curve.kept], order[curve.kept] + 1
            markers = signs.kept if curve.kept else signs.heads if picture.form == "contour" else signs.lines
            marker = markers[number % len(markers)]
            if not curve.kept and number == 0 and picture.form in ("bars", "dots"):
                marker = signs.bar if picture.form == "bars" else signs.point
            self.styles.append((marker, "muted" if curve.kept else _LOOKS[number % len(_LOOKS)]))

    def lines(self) -> list[list[Piece]]:
        xs = [x for curve in self.picture.spanning for x in curve.xs]
        ys = [y for curve in self.picture.spanning for y in curve.ys]
        x_axis = axis_of(self._with_bar_edges(xs), False, self._marked("x"))
        y_axis = axis_of([*ys, 0.0] if self._from_zero(ys) else ys, self.log, self._marked("y"))
        head = self._head()
        said = self._said(x_axis, y_axis)
        rows = self.height - len(head) - len(said) - 3
        if x_axis is None or y_axis is None or not any(math.isfinite(y) for y in ys):
            return self._empty(head, said)
        if self.log and self.picture.form == "bars":
            y_axis = Axis(y_axis.low - 0.3, y_axis.high, True)
        y_ticks = y_axis.ticks(max(2, rows // 2))
        labels = max((cell_len(label) for _, label in y_ticks), default=0)
        columns = self.width - labels - 1
        canvas = Canvas(columns, rows)
        self._draw_levels(canvas, x_axis, y_axis)
        self._draw_marks(canvas, x_axis, y_axis)
        curves = list(zip(self.picture.curves, self.styles, strict=True))
        # The first curve lies above the others, what was kept below them; but bars would cover it.
        curves.sort(key=lambda each: each[0].kept is (self.picture.form == "bars"))
        last = sum(1 for curve, _ in curves if curve.kept)
        curves = [*curves[:last][::-1], *curves[last:][::-1]] if self.picture.form != "bars" else curves
        for curve, (marker, look) in curves:
            self._draw_curve(canvas, curve, marker, look, x_axis, y_axis)
        self._write_marks(canvas, x_axis, y_axis)
        return [*head, *self._framed(canvas, y_ticks, labels), *self._below(x_axis, labels, columns), *said]

    # Words around it -----------------------------------------------------------------------------------------

    def _say(self, en: str, zh: str, **values: object) -> str:
        return Words(en, zh).filled(**values).into(self.language)

    def _head(self) -> list[list[Piece]]:
        """The label of the vertical axis, and the legend where there is more than one curve."""
        y = self.picture.y + (self._say(", log", "，对数坐标") if self.log else "")
        entries = self._legend()
        if not entries:
            return [_cut([(y, "muted")], self.width, self.signs.more)]
        widths = [sum(cell_len(text) for text, _ in entry) for entry in entries]
        whole = sum(widths) + 3 * (len(widths) - 1)
        room = self.width - cell_len(y) - 3
        if whole <= room:
            gap = self.width - cell_len(y) - whole
            return [[(y, "muted"), (" " * gap, ""), *_joined(entries)]]
        lines: list[list[list[Piece]]] = [[]]
        used = 0
        for entry, size in zip(entries, widths, strict=True):
            if lines[-1] and used + 3 + size > self.width:
                lines.append([])
                used = 0
            used += size + (3 if lines[-1] else 0)
            lines[-1].append(entry)
        legend = [
            _cut(_joined(line), self.width, self.signs.more) for line in lines[: max(1, self.height // 6)]
        ]
        return [*legend, _cut([(y, "muted")], self.width, self.signs.more)]

    def _legend(self) -> list[list[Piece]]:
        if len(self.picture.curves) < 2:
            return []
        entries: list[list[Piece]] = []
        for curve, (marker, look) in zip(self.picture.curves, self.styles, strict=True):
            sample = self.signs.samples.get(marker, marker * (2 if self.picture.form == "line" else 1))
            entries.append([(sample, look), (f" {curve.label}", "muted" if curve.kept else "")])
        return entries

    def _said(self, x_axis: Axis | None, y_axis: Axis | None) -> list[list[Piece]]:
        """What the picture cannot show."""

        def lost(curve: Curve) -> list[int]:
            places = self._places(curve, x_axis, y_axis) if x_axis and y_axis else []
            return [k for k, place in enumerate(places) if not _inside(*place)]

        lines: list[list[Piece]] = [
            [(line, "warn")]
            for curve in self.picture.curves
            for words in (
                outside(curve, lost(curve))
                if self.picture.form == "contour"
                else unseen(curve, self.picture.x, self.log)
            )
            for line in wrapped(words.into(self.language), self.width)
        ]
        most = max(1, self.height // 5)
        if len(lines) > most:
            more = Words("{n} more lines like these", "另有 {n} 行同类说明").filled(n=len(lines) - most + 1)
            lines[most - 1 :] = [[(more.into(self.language), "warn")]]
        return lines

    def _empty(self, head: list[list[Piece]], said: list[list[Piece]]) -> list[list[Piece]]:
        any_points = any(curve.xs for curve in self.picture.curves)
        words = (
            self._say("nothing that could be drawn", "没有可以画出的点")
            if any_points
            else self._say("no points yet", "还没有数据点")
        )
        rows = self.height - len(head) - len(said)
        middle = [[(" " * max((self.width - cell_len(words)) // 2, 0) + words, "muted")]]
        above = rows // 2
        return [*head, *([] for _ in range(above)), *middle, *([] for _ in range(rows - above - 1)), *said]

    # The frame -----------------------------------------------------------------------------------------------

    def _framed(self, canvas: Canvas, ticks: list[tuple[float, str]], labels: int) -> list[list[Piece]]:
        at = {canvas.row(place): label for place, label in ticks}
        lines: list[list[Piece]] = []
        for y in range(canvas.rows):
            upright = self.signs.tick_y if y in at else self.signs.upright
            lines.append([(f"{at.get(y, ''):>{labels}}{upright}", "muted"), *canvas.line(y)])
        return lines

    def _below(self, axis: Axis, labels: int, columns: int) -> list[list[Piece]]:
        """The horizontal axis, its ticks' labels, its own label."""
        line = [self.signs.level] * columns
        written = [" "] * (labels + 1 + columns)
        free = 0
        for place, label in axis.ticks(max(2, columns // 8)):
            column = cell(place, columns)
            begin = min(max(labels + 1 + column - len(label) // 2, 0), len(written) - len(label))
            if begin >= free:
                line[column] = self.signs.tick_x
                written[begin : begin + len(label)] = label
                free = begin + len(label) + 1
        label = set_cell_size(self.picture.x, min(cell_len(self.picture.x), columns))
        indent = labels + 1 + (columns - cell_len(label)) // 2
        return [
            [(" " * labels + self.signs.corner + "".join(line), "muted")],
            [("".join(written).rstrip(), "muted")],
            [(" " * indent + label, "muted")],
        ]

    # Marks ---------------------------------------------------------------------------------------------------

    def _marked(self, axis: str) -> list[float]:
        return [mark.at for mark in self.picture.marks if mark.axis == axis]

    def _draw_marks(self, canvas: Canvas, x_axis: Axis, y_axis: Axis) -> None:
        for mark in self.picture.marks:
            axis = x_axis if mark.axis == "x" else y_axis
            if not axis.takes(mark.at) or not 0 <= axis.place(mark.at) <= 1:
                continue
            if mark.axis == "x":
                column = cell(axis.place(mark.at), canvas.columns)
                for y in range(canvas.rows):
                    canvas.put(column, y, self.signs.mark_x, "warn")
            else:
                canvas.write(0, canvas.row(axis.place(mark.at)), self.signs.mark_y * canvas.columns, "warn")

    def _write_marks(self, canvas: Canvas, x_axis: Axis, y_axis: Axis) -> None:
        for number, mark in enumerate(self.picture.marks):
            axis = x_axis if mark.axis == "x" else y_axis
            if not axis.takes(mark.at):
                continue
            place = axis.place(mark.at)
            outside = ("left", "right") if mark.axis == "x" else ("down", "up")
            sign = self.signs.beyond[outside[place > 1]] if not 0 <= place <= 1 else ""
            says = f" {mark.says} {sign}".rstrip() + " "
            place = min(max(place, 0.0), 1.0)
            if mark.axis == "x":
                column = cell(place, canvas.columns) + 1
                if column + cell_len(says) > canvas.columns:
                    column = max(column - 1 - cell_len(says), 0)
                canvas.write(column, min(number, canvas.rows - 1), says, "warn")
            else:
                row = canvas.row(place)
                canvas.write(
                    max(canvas.columns - cell_len(says), 0),
                    row - 1 if row else min(1, canvas.rows - 1),
                    says,
                    "warn",
                )

    # Curves --------------------------------------------------------------------------------------------------

    def _from_zero(self, ys: Sequence[float]) -> bool:
        return self.picture.form == "bars" and not self.log

    def _with_bar_edges(self, xs: list[float]) -> list[float]:
        if self.picture.form != "bars":
            return xs
        edges = [
            edge
            for curve in self.picture.curves
            if (half := half_bar(curve.xs))
            for x in curve.xs
            if math.isfinite(x)
            for edge in (x - half, x + half)
        ]
        return edges or xs

    def _draw_curve(
        self, canvas: Canvas, curve: Curve, marker: str, look: str, x_axis: Axis, y_axis: Axis
    ) -> None:
        if self.picture.form == "bars":
            runs = silhouette(curve.drawn(), half_bar(curve.xs), canvas.columns, x_axis, y_axis)
        elif self.picture.form == "contour":
            return self._draw_path(canvas, curve, marker, look, x_axis, y_axis)
        else:
            runs = [thin(run, canvas.columns) for run in runs_of(self._places(curve, x_axis, y_axis))]
        runs = [run for run in runs if run]
        if not runs:
            return
        points = sum(map(len, runs))
        # Only the first curve is filled: full bars over it would hide it, their outline does not.
        filled = self.picture.form == "bars" and marker == self.signs.bar
        if points == 1 and not curve.kept:
            marker = self.signs.point
        joined = self.picture.form != "dots" and not filled
        canvas.lay(plot(runs, canvas.columns, canvas.rows, marker, joined=joined, filled=filled), look)

    # Paths over level lines ----------------------------------------------------------------------------------

    def _draw_levels(self, canvas: Canvas, x_axis: Axis, y_axis: Axis) -> None:
        if self.picture.levels is not None:
            points, marker = tuple(self.picture.levels.drawn()), self.signs.level_line
            canvas.lay(_dots(points, x_axis, y_axis, canvas.columns, canvas.rows, marker), "muted")

    def _draw_path(
        self, canvas: Canvas, path: Curve, marker: str, look: str, x_axis: Axis, y_axis: Axis
    ) -> None:
        """The points joined, and the path's sign at some of them."""

        places = self._places(path, x_axis, y_axis)
        runs = [thin(part, canvas.columns) for run in runs_of(places) if run for part in near(run)]
        if runs and not path.kept:
            trail = self.signs.trail or marker
            canvas.lay(plot(runs, canvas.columns, canvas.rows, trail, joined=True, filled=False), look)
        apart_x, apart_y = (canvas.columns - 1) / _APART, 2 * (canvas.rows - 1) / _APART
        here: tuple[float, float] | None = None
        for x, y in reversed(places):
            if not _inside(x, y):
                continue
            if here is None or path.kept or abs(x - here[0]) * apart_x + abs(y - here[1]) * apart_y >= 1:
                canvas.put(cell(x, canvas.columns), canvas.row(y), marker, look)
                here = x, y

    def _places(self, curve: Curve, x_axis: Axis, y_axis: Axis) -> list[tuple[float, float]]:
        """Where the points of a curve lie, found once a picture; nan for what has no place."""
        if id(curve) not in self._placed:
            xs, ys = x_axis.places(curve.xs[: curve.upto]), y_axis.places(curve.ys[: curve.upto])
            self._placed[id(curve)] = list(zip(xs, ys, strict=True))
        return self._placed[id(curve)]


def _inside(x: float, y: float) -> bool:
    """Whether places lie in the picture; nan does not."""
    return -1e-9 <= x <= 1 + 1e-9 and -1e-9 <= y <= 1 + 1e-9


@lru_cache(maxsize=8)
def _dots(
    points: tuple[tuple[float, float], ...], x_axis: Axis, y_axis: Axis, columns: int, rows: int, marker: str
) -> list[str]:
    """Points as rows of signs, kept: level lines stay while paths move over them, picture by picture."""
    run = [(x_axis.place(x), y_axis.place(y)) for x, y in points if x_axis.has(x) and y_axis.has(y)]
    return plot([run], columns, rows, marker, joined=False, filled=False) if run else []


def _joined(entries: Sequence[list[Piece]]) -> list[Piece]:
    return [piece for at, entry in enumerate(entries) for piece in ([("   ", ""), *entry] if at else entry)]


def _cut(pieces: list[Piece], width: int, more: str) -> list[Piece]:
    """The pieces, with `more` at the end where they would be too wide."""
    if sum(cell_len(text) for text, _ in pieces) <= width:
        return pieces
    room, kept = width - cell_len(more), []
    for text, look in pieces:
        text = set_cell_size(text, min(cell_len(text), room))
        room -= cell_len(text)
        kept.append((text, look))
    return [*kept, (more, pieces[-1][1])]
