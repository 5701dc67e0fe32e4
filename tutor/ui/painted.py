"""What the terminal shows already, so that only what differs is sent to it.

Textual paints a new page two or three times over and repaints all of it after any change of layout: about
15 KB at 80x24, where an SSH session should be sent five.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from rich.console import Console, RenderableType
from rich.control import Control
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

Piece = tuple[int, int, Strip]
"""Row, column, and what is to stand there."""


class Painted:
    """The rows on the terminal, as far as they are known."""

    def __init__(self) -> None:
        self._rows: dict[int, Strip] = {}

    def forget(self) -> None:
        """The terminal may show anything now."""
        self._rows.clear()

    def changes(self, update: RenderableType) -> RenderableType:
        """Of an update of Textual's, what the terminal does not show yet; taken as shown from now on."""
        if isinstance(update, LayoutUpdate):
            pieces = _rows_of(update)
        elif isinstance(update, ChopsUpdate):
            pieces = _chops_of(update)
        else:
            self.forget()
            return update
        # Textual writes a CompositorUpdate by its `render_segments`, whatever else it can do.
        return cast("RenderableType", Changes([piece for piece in pieces if self._is_new(*piece)]))

    def _is_new(self, y: int, x: int, strip: Strip) -> bool:
        row = self._rows.get(y)
        end = x + strip.cell_length
        if row is None or row.cell_length < end:
            # Only a whole row says what a row is; one that begins elsewhere is simply written.
            if x == 0:
                self._rows[y] = strip
            return True
        if row.crop(x, end).simplify() == strip.simplify():
            return False
        self._rows[y] = Strip.join([row.crop(0, x), strip, row.crop(end)])
        return True


class Changes(CompositorUpdate):
    """Pieces of rows to be written."""

    def __init__(self, pieces: list[Piece]) -> None:
        self._pieces = pieces

    def render_segments(self, console: Console) -> str:
        return "".join(
            Control.move_to(x, y).segment.text + strip.simplify().render(console)
            for y, x, strip in self._pieces
        )


def _rows_of(update: LayoutUpdate) -> Iterator[Piece]:
    x, y, *_ = update.region
    for row, strips in enumerate(update.strips):
        yield y + row, x, Strip.join(strips)


def _chops_of(update: ChopsUpdate) -> Iterator[Piece]:
    for y, start, stop in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x <= stop and end > start:
                yield y, x, strip if end <= stop else strip.crop(0, stop - x)
