"""A line that is typed into a view which keeps the focus: with one queue of keys, typing ahead keeps its order."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset
from textual.strip import Strip

from tutor.ui.looks import Looks


@dataclass(slots=True)
class Draft:
    """Text with a cursor in it, as the usual keys edit it."""

    text: str = ""
    at: int = 0
    longest: int = 200

    def insert(self, typed: str) -> None:
        """Put this at the cursor, as far as there is room."""
        typed = typed[: self.longest - len(self.text)]
        self.text = self.text[: self.at] + typed + self.text[self.at :]
        self.at += len(typed)

    def press(self, key: str) -> bool:
        """Do what an editing key does; False if this is none."""
        match key:
            case "backspace":
                self.text, self.at = (
                    self.text[: max(self.at - 1, 0)] + self.text[self.at :],
                    max(self.at - 1, 0),
                )
            case "delete":
                self.text = self.text[: self.at] + self.text[self.at + 1 :]
            case "ctrl+u":
                self.text, self.at = self.text[self.at :], 0
            case "left":
                self.at = max(self.at - 1, 0)
            case "right":
                self.at = min(self.at + 1, len(self.text))
            case "home" | "ctrl+a":
                self.at = 0
            case "end" | "ctrl+e":
                self.at = len(self.text)
            case _:
                return False
        return True


class DraftLine(Looks):
    """Shows a label and, behind it, a draft that is open, or a text that would be edited."""

    DEFAULT_CSS = "DraftLine { height: 1; }"
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._label, self._hint = "", ""
        self._text = ""
        self._at: int | None = None

    def show(self, label: str, text: str, hint: str = "", at: int | None = None) -> None:
        """Show this text, or the hint where it is empty; `at` is the cursor's place in it while it is open."""
        self._label, self._text, self._hint, self._at = label, text, hint, at
        self.refresh()

    def render_line(self, y: int) -> Strip:
        if self._at is None:
            said = (self._text, "") if self._text else (self._hint, "muted")
            return self.strip([(self._label, "accent"), said], self.size.width)
        room = max(self.size.width - cell_len(self._label) - 1, 1)
        first = 0
        while cell_len(self._text[first : self._at]) >= room:
            first += 1
        before, under = self._text[first : self._at], self._text[self._at : self._at + 1] or " "
        # Where an input method shows what it is composing.
        left = cell_len(self._label + before)
        self.app.cursor_position = Offset(self.content_region.x + left, self.content_region.y)
        return Strip(
            [
                Segment(self._label, self.look("accent")),
                Segment(before, self.rich_style),
                Segment(under, self.rich_style + Style(reverse=True)),
                Segment(self._text[self._at + 1 :], self.rich_style),
            ]
        ).adjust_cell_length(self.size.width, self.rich_style)
