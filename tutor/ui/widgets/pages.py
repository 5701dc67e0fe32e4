"""What stands in the chart's place of a lab, page by page: its charts, or its tables where it has none, its pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tutor.charts import Mark, draw
from tutor.charts.gallery import GAP, Hung, Wall, walls
from tutor.charts.grey import Pixels, halves, in_signs
from tutor.course.model import Lab
from tutor.labrun import Shown
from tutor.labwords import below, picture, table_text
from tutor.ui.looks import Looks, Piece, spread
from tutor.ui.widgets.chart import LabState
from tutor.words import Language, Words

GREYS = 16
"""Levels of grey that are told apart on the screen: each change of level costs bytes."""


class Pages:
    """Draws the page of a state, and only anew if something in it changed."""

    def __init__(self, face: Looks) -> None:
        self.count = 1
        """How many pages there were when one was last drawn."""
        self._face = face
        self._drawn: tuple[tuple[Any, ...], list[Strip]] | None = None

    def forget(self) -> None:
        """Colours changed."""
        self._drawn = None

    def lines(
        self, lab: Lab, state: LabState, size: tuple[int, int], language: Language, marks: Sequence[Mark]
    ) -> list[Strip]:
        """At most as many lines as `size` has rows: a title, then the page."""
        run, chart = state.run, state.chart
        if run is None or size[1] < 2:
            return []
        kept = state.kept if state.kept is not run else None
        scale = state.scale(chart) if chart is not None else ""
        key = (state.page, id(run), run.events, state.at, id(kept), scale, size, language, *marks)
        if self._drawn is None or self._drawn[0] != key:
            self._drawn = (key, list(self._page(lab, state, size, language, marks)))
        return self._drawn[1]

    def _page(
        self, lab: Lab, state: LabState, size: tuple[int, int], language: Language, marks: Sequence[Mark]
    ) -> Iterator[Strip]:
        run, chart, (width, height) = state.run, state.chart, (size[0], size[1] - 1)
        assert run is not None
        more, rule = self._face.signs.more, self._face.signs.rule
        seen = run.seen(state.at)
        told = [(each.pixels, below(each, language)) for each in seen.pictures.values()]
        hung = walls(told, width, height, more)
        tables = [] if lab.charts else seen.tables.values()
        sheets = _sheets([table_text(lab, table, language, width, rule) for table in tables], height)
        first = len(lab.charts) + len(sheets)
        self.count = max(first + len(hung), 1)
        at = min(state.page, self.count - 1)
        if chart is not None:
            at, title = min(at, len(lab.charts) - 1), chart.title
        elif sheets and at < first:
            title = Words("Tables", "表格")
        elif run.pictured:
            title = Words("Pictures", "图像")
        else:
            return
        count: list[Piece] = [(f"v {at + 1}/{self.count}", "muted")] if self.count > 1 else []
        yield self._face.strip(spread([(title.into(language), "strong")], count, width, more), width)
        if chart is not None:
            kept = state.kept if state.kept is not run else None
            shown = Shown(run, state.at)
            drawn = picture(lab, chart, shown, language, kept=kept, scale=state.scale(chart), marks=marks)
            for line in draw(drawn, width, height, language=language, ascii=self._ascii):
                yield self._face.strip(line, width)
        elif sheets and at < first:
            for text in sheets[at]:
                yield self._face.strip([(text, "")], width)
        elif hung:
            yield from self._wall(hung[max(at - first, 0)], width)

    # Pictures ------------------------------------------------------------------------------------------------

    @property
    def _ascii(self) -> bool:
        return self._face.signs.rule == "-"

    @property
    def _plain(self) -> bool:
        """Whether greys have to be made of signs: without colours, and with sixteen that nobody knows."""
        return self._ascii or self._face.app.theme.endswith("-16")

    def _wall(self, wall: Wall, width: int) -> Iterator[Strip]:
        for number, row in enumerate(wall.hung):
            if number:
                yield self._face.strip([], width)
            drawn = [self._picture(hung.pixels) for hung in row]
            for y in range(wall.rows):
                cells = [lines[y] if y < len(lines) else [] for lines in drawn]
                yield self._beside(cells, wall.columns, width)
            for y in range(max(len(hung.words) for hung in row)):
                words = [self._words(hung, y) for hung in row]
                yield self._beside(words, wall.columns, width)

    def _words(self, hung: Hung, y: int) -> list[Segment]:
        return [Segment(hung.words[y], self._face.rich_style)] if y < len(hung.words) else []

    def _beside(self, parts: Sequence[list[Segment]], columns: int, width: int) -> Strip:
        style = self._face.rich_style
        fitted = [Strip(part).adjust_cell_length(columns + GAP, style) for part in parts]
        return Strip.join(fitted).adjust_cell_length(width, style).simplify()

    def _picture(self, pixels: Pixels) -> list[list[Segment]]:
        if self._plain:
            signs = in_signs(pixels, dark=self._face.app.current_theme.dark)
            return [[Segment(line, self._face.rich_style)] for line in signs]
        return [_half_blocks(row) for row in halves(pixels)]


def _half_blocks(row: Sequence[tuple[int, int]]) -> list[Segment]:
    """Cells with one grey in the upper half and one in the lower."""
    levels = [(upper * GREYS // 256, lower * GREYS // 256) for upper, lower in row]
    segments = []
    for (upper, lower), same in groupby(levels):
        sign = " " if upper == lower else "▀"
        style = Style(color=_grey(upper) if upper != lower else None, bgcolor=_grey(lower))
        segments.append(Segment(sign * len(list(same)), style))
    return segments


def _grey(level: int) -> Color:
    value = level * 255 // (GREYS - 1)
    return Color.from_rgb(value, value, value)


def _sheets(blocks: Sequence[list[str]], height: int) -> list[list[str]]:
    """Tables on as many sheets of `height` lines as it takes; one is broken only where it is longer than a sheet."""
    sheets: list[list[str]] = []
    for block in blocks:
        if sheets and len(sheets[-1]) + 1 + len(block) <= height:
            sheets[-1] += ["", *block]
            continue
        sheets += [block[i : i + height] for i in range(0, len(block), height)]
    return sheets
