"""Lines to choose among, to mark, or to put in order: drawn by lines, so that a cursor key costs two of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from tutor.ui.looks import Looks
from tutor.ui.widgets.markup import inline


@dataclass(frozen=True, slots=True)
class Option:
    """One line: a sign in a look, then Markdown, or a formula exactly as it is."""

    text: str
    sign: str = ""
    look: str = ""
    exact: bool = False


class Options(Looks):
    """Draws options with their numbers and a cursor. It takes no keys: the step it belongs to does."""

    DEFAULT_CSS = "Options { height: auto; }"
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._options: Sequence[Option] = ()
        self._cursor: int | None = None
        self._drawn: tuple[int, list[Strip], list[int]] | None = None
        self._texts: dict[tuple[str, bool, int], list[list[Segment]]] = {}

    def show(self, options: Sequence[Option], cursor: int | None) -> None:
        """Show these, the cursor on one of them or nowhere."""
        before = self._drawn
        self.display = bool(options)
        self._options, self._cursor, self._drawn = options, cursor, None
        if not self.is_mounted or before is None:
            return
        lines = self._lines(before[0])[0]
        if len(lines) != len(before[1]):
            self.refresh(layout=True)
            return
        for y, (old, new) in enumerate(zip(before[1], lines, strict=True)):
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    def rows(self, index: int) -> tuple[int, int]:
        """The first and the last line of an option."""
        lines, firsts = self._lines(self.size.width)
        ends = [*firsts[1:], len(lines)]
        return firsts[index], ends[index] - 1

    def option_at(self, y: int) -> int | None:
        """The option that is drawn at line `y`."""
        firsts = self._lines(self.size.width)[1]
        return max((i for i, first in enumerate(firsts) if first <= y), default=None)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width)[0])

    def render_line(self, y: int) -> Strip:
        lines = self._lines(self.size.width)[0]
        return lines[y] if y < len(lines) else Strip.blank(self.size.width, self.rich_style)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._drawn = None
        self._texts.clear()

    def _lines(self, width: int) -> tuple[list[Strip], list[int]]:
        if self._drawn is None or self._drawn[0] != width:
            lines: list[Strip] = []
            firsts: list[int] = []
            for index, option in enumerate(self._options):
                firsts.append(len(lines))
                lines += self._drawn_option(index, option, width)
            self._drawn = (width, lines, firsts)
        return self._drawn[1], self._drawn[2]

    def _drawn_option(self, index: int, option: Option, width: int) -> list[Strip]:
        here = index == self._cursor
        under = self.look("selected") if here else self.rich_style
        over = Style(bgcolor=under.bgcolor, bold=under.bold) if here else Style.null()
        signs = max(cell_len(o.sign) for o in self._options)
        head = [
            Segment(f" {self.signs.cursor if here else ' '} ", self.look("accent") + over),
            Segment(f"{index + 1:{len(str(len(self._options)))}} ", self.look("muted") + over),
            Segment(option.sign.ljust(signs) + (" " if signs else ""), self.look(option.look) + over),
        ]
        indent = Segment(" " * sum(cell_len(segment.text) for segment in head), under)
        room = width - cell_len(indent.text)
        body = self._body(option, room)
        if here:
            body = [
                [Segment(text, (style or Style.null()) + over) for text, style, _ in line] for line in body
            ]
        return [
            Strip([*([indent] if at else head), *line]).adjust_cell_length(width, under)
            for at, line in enumerate(body)
        ]

    def _body(self, option: Option, width: int) -> list[list[Segment]]:
        key = (option.text, option.exact, width)
        if key not in self._texts:
            if option.exact:
                text = option.text.rstrip("\n").split("\n")
                self._texts[key] = [[Segment(line, self.look("strong"))] for line in text]
            else:
                self._texts[key] = inline(self, option.text, width) or [[]]
        return self._texts[key]
