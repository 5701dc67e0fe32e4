"""Grey pictures beside each other, each with its words below, as many as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from tutor.charts.grey import Pixels, scaled
from tutor.charts.saying import wrapped

GAP = 2
"""Columns between two pictures."""
NARROWEST = 20
"""Columns that the words below a picture want at least, where they are that long."""
ENLARGED, SMALLER = (4, 3, 2), (1, 0.85, 0.7, 0.6)
"""In which sizes pictures are tried."""
MOST_WORDS = 3
"""Lines of words below a picture."""


@dataclass(frozen=True, slots=True)
class Hung:
    """A picture in the size it is drawn in, two pixels a cell above each other, and the words below it."""

    pixels: Pixels
    words: list[str]

    @property
    def columns(self) -> int:
        """How wide the picture is."""
        return len(self.pixels[0]) if self.pixels else 0


@dataclass(frozen=True, slots=True)
class Wall:
    """What is seen at once: rows of pictures, each with `columns` for itself, `rows` high without its words."""

    columns: int
    rows: int
    hung: list[list[Hung]]


def walls(
    pictures: Sequence[tuple[Pixels, str]], width: int, height: int | None = None, more: str = "…"
) -> list[Wall]:
    """All pictures, on as many walls of `width` x `height` cells as that takes; on one where it may be any height.

    All are enlarged where that leaves them beside each other, and made smaller where that brings more of them
    in view; smaller than `SMALLER` only where not even one would fit.
    """
    if not pictures:
        return []
    wide = max(len(pixels[0]) if pixels else 1 for pixels, _ in pictures)
    high = max(len(pixels) or 1 for pixels, _ in pictures)
    room = height if height is not None else len(pictures) * (high + MOST_WORDS + 1)

    def plan(scale: float) -> tuple[int, int, int, int]:
        """For pictures of this scale: the columns of one, its rows, how many beside each other, how many rows."""
        rows = (max(round(high * scale), 1) + 1) // 2
        picture = max(round(wide * scale), 1)
        words = max(cell_len(text) for _, text in pictures)
        columns = min(max(picture, min(NARROWEST, words)), max(width, picture))
        below = max(len(_below(text, columns, more)) for _, text in pictures)
        return columns, rows, (width + GAP) // (columns + GAP), (room + 1) // (rows + below + 1)

    scale, seen = 0.0, 0
    for tried in (*ENLARGED, *SMALLER):
        _, _, across, down = plan(tried)
        fits = across >= len(pictures) and down if tried in ENLARGED else across * down > seen
        if fits:
            scale, seen = tried, across * down
        if seen >= len(pictures):
            break
    if not scale:
        scale = min(width / wide, max(room - MOST_WORDS, 1) * 2 / high, SMALLER[-1])
    columns, rows, across, down = plan(scale)
    across, down = max(across, 1), max(down, 1)
    hung = [
        Hung(
            scaled(pixels, max(round(len(pixels[0]) * scale), 1), max(round(len(pixels) * scale), 1))
            if pixels
            else (),
            _below(text, columns, more),
        )
        for pixels, text in pictures
    ]
    lines = [hung[i : i + across] for i in range(0, len(hung), across)]
    return [Wall(columns, rows, lines[i : i + down]) for i in range(0, len(lines), down)]


def _below(text: str, columns: int, more: str) -> list[str]:
    lines = wrapped(text, columns)
    if len(lines) > MOST_WORDS:
        lines = lines[:MOST_WORDS]
        while cell_len(lines[-1] + more) > columns:
            lines[-1] = lines[-1][:-1]
        lines[-1] += more
    return lines
