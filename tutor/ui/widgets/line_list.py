"""A list to choose from, drawn by lines: its cost is that of the lines in view, not of its length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tutor.ui.looks import Looks, Piece, spread


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list. Without a `key` it is a heading or a gap, which the cursor jumps over."""

    key: str | None
    left: Sequence[Piece]
    right: Sequence[Piece] = ()


GAP = Line(None, ())
NARROW = 40
"""Columns up to which only the left of a line is shown."""


class LineList(Looks, ScrollView, can_focus=True):
    """Lines with a cursor. `Chosen` is posted for enter and a click, `Moved` when the cursor comes to a line."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "first", show=False),
        Binding("end", "last", show=False),
        Binding("enter", "choose", show=False),
    ]

    class Chosen(Message):
        """The learner wants the line with this key."""

        def __init__(self, lines: LineList, key: str) -> None:
            super().__init__()
            self.lines = lines
            self.key = key
            # Whoever moved the cursor: a message that its sender's child posts does not rise past the sender.
            self.set_sender(lines)

        @property
        def control(self) -> LineList:
            """The list, for `@on` with a selector."""
            return self.lines

    class Moved(Chosen):
        """The cursor stands on the line with this key."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cursor: int | None = None
        """The index of the line that enter chooses; None while there is none to choose."""
        self._lines: Sequence[Line] = ()
        self._strips: dict[int, Strip] = {}

    @property
    def key(self) -> str | None:
        """The key of the line under the cursor."""
        return None if self.cursor is None else self._lines[self.cursor].key

    def show(self, lines: Sequence[Line], key: str | None = None) -> None:
        """Show these lines instead, the cursor on the one with `key`, else on the first that can be chosen."""
        self._lines = lines
        self._strips.clear()
        at = next((i for i, line in enumerate(lines) if line.key is not None and line.key == key), None)
        self.cursor = self._choosable(0, 1) if at is None else at
        self.virtual_size = Size(0, len(lines))
        if self.is_mounted:
            self._reveal()
            self.refresh()
        self._tell()

    # Drawing -----------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        if at >= len(self._lines):
            return Strip.blank(self.size.width, self.rich_style)
        if at not in self._strips:
            self._strips[at] = self._drawn(at)
        return self._strips[at]

    def _drawn(self, at: int) -> Strip:
        line, here = self._lines[at], at == self.cursor
        mark = (f" {self.signs.cursor} ", "accent") if here else ("   ", "")
        width = max(self.size.width - 4, 0)
        right = line.right if width > NARROW else ()
        return self.strip([mark, *spread(line.left, right, width, self.signs.more)], self.size.width, here)

    def on_resize(self) -> None:
        self._strips.clear()
        self._reveal()

    def notify_style_update(self) -> None:
        self._strips.clear()
        super().notify_style_update()

    # Moving ------------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """One choosable line up or down."""
        if self.cursor is not None:
            self._go(self._choosable(self.cursor + by, by))

    def action_page(self, by: int) -> None:
        """A screenful up or down."""
        if self.cursor is not None:
            to = min(max(self.cursor + by * max(self.size.height - 1, 1), 0), len(self._lines) - 1)
            found = self._choosable(to, by)
            self._go(self._choosable(to, -by) if found is None else found)

    def action_first(self) -> None:
        """To the first line."""
        self._go(self._choosable(0, 1))

    def action_last(self) -> None:
        """To the last line."""
        self._go(self._choosable(len(self._lines) - 1, -1))

    def action_choose(self) -> None:
        """Choose the line under the cursor."""
        if self.key is not None:
            self.post_message(self.Chosen(self, self.key))

    def on_click(self, event: events.Click) -> None:
        at = event.y + self.scroll_offset.y
        if at < len(self._lines) and self._lines[at].key is not None:
            self._go(at)
            self.action_choose()

    def _choosable(self, at: int, by: int) -> int | None:
        """The first line from `at` on, in steps of `by`, that can be chosen."""
        while 0 <= at < len(self._lines):
            if self._lines[at].key is not None:
                return at
            at += by
        return None

    def _go(self, to: int | None) -> None:
        if to is None:
            # Nothing more to choose there, but headings may be out of view.
            self._reveal()
            return
        before, self.cursor = self.cursor, to
        if before == to:
            return
        top = self.scroll_offset.y
        self._reveal()
        for at in (before, to):
            if at is not None:
                self._strips.pop(at, None)
                if self.scroll_offset.y == top:
                    self.refresh_line(at)
        self._tell()

    def _reveal(self) -> None:
        """Scroll until the cursor is in view; by half a screen, since any scrolling repaints all lines."""
        height, top = self.size.height, self.scroll_offset.y
        if self.cursor is None or not height:
            return
        first = self._choosable(0, 1)
        if self.cursor == first or self.cursor < min(height, top):
            top = 0
        elif not top <= self.cursor < top + height:
            top = self.cursor - height // 2
        self.scroll_to(y=max(0, top), animate=False, force=True)

    def _tell(self) -> None:
        if self.key is not None and self.is_mounted:
            self.post_message(self.Moved(self, self.key))
