"""Plain sentences, wrapped for both languages and drawn by lines."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Size
from textual.strip import Strip

from tutor.ui.looks import Looks, Piece, wrapped


class Prose(Looks):
    """Paragraphs, each in one look, as tall as they need; `most` lines at most where that is given."""

    DEFAULT_CSS = "Prose { height: auto; }"
    ALLOW_SELECT = False

    def __init__(self, *, most: int | None = None, id: str | None = None) -> None:
        super().__init__(id=id)
        self._most = most
        self._paragraphs: Sequence[Piece] = ()
        self._drawn: tuple[int, list[Piece]] | None = None

    def show(self, paragraphs: Sequence[Piece]) -> None:
        """Show these paragraphs instead; an empty one is an empty line."""
        if paragraphs == self._paragraphs:
            return
        width = self.size.width
        before = len(self._lines(width)) if width else -1
        self._paragraphs = paragraphs
        self._drawn = None
        if width:
            self.refresh(layout=len(self._lines(width)) != before and self.styles.is_auto_height)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render_line(self, y: int) -> Strip:
        lines = self._lines(self.size.width)
        return self.strip([lines[y]] if y < len(lines) else [], self.size.width)

    def _lines(self, width: int) -> list[Piece]:
        if self._drawn is None or self._drawn[0] != width:
            lines = [(line, look) for text, look in self._paragraphs for line in wrapped(text, max(width, 1))]
            self._drawn = (width, lines[: self._most])
        return self._drawn[1]
