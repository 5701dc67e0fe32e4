"""The single lines of the page that steps: what they say is compared first, so that only what changed is painted."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip

from tutor.ui.looks import Looks, Piece, cut


class Said(Looks):
    """A few lines that the page says, in place of what it said before."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: Sequence[Sequence[Piece]] = ()

    def tell(self, *lines: Sequence[Piece]) -> None:
        """Say these lines."""
        if list(lines) != list(self._lines):
            self._lines = lines
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        pieces = self._lines[y] if y < len(self._lines) else ()
        return self.strip([(" ", ""), *cut(pieces, width - 2, self.signs.more)], width)


class PositionBar(Looks):
    """Where the cursor stands in the whole recording; a click jumps there."""

    ALLOW_SELECT = False

    class Jumped(Message):
        """The learner wants to be at event `at`."""

        def __init__(self, at: int) -> None:
            super().__init__()
            self.at = at

    def __init__(self) -> None:
        super().__init__()
        self._at, self._last = 0, 0

    def tell(self, at: int, last: int) -> None:
        """The cursor stands at event `at` of `last`."""
        before = self._spot, self._last > 0
        self._at, self._last = at, last
        if (self._spot, last > 0) != before:
            self.refresh()

    @property
    def _room(self) -> int:
        return max(self.size.width - 2, 1)

    @property
    def _spot(self) -> int:
        return round(max(self._at, 0) / self._last * (self._room - 1)) if self._last > 0 else 0

    def render_line(self, y: int) -> Strip:
        signs, spot = self.signs, self._spot
        after = self._room - spot - 1
        pieces: list[Piece] = [(" ", ""), (signs.full * spot, "accent"), (signs.done, "accent")]
        return self.strip([*pieces, (signs.empty * after, "rule")], self.size.width)

    def on_resize(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        part = min(max(event.x - 1, 0) / max(self._room - 1, 1), 1)
        self.post_message(self.Jumped(round(part * self._last)))
