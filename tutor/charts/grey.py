"""Grey pictures: pixels of one byte, brought to the size there is room for, and as signs where there are no colours."""

from __future__ import annotations

import math
from collections.abc import Sequence

Pixels = tuple[bytes, ...]
"""Rows of one length, a byte a pixel from 0 (black) to 255 (white)."""

LARGEST = 128
"""Pixels a side that are kept; a larger picture is made smaller."""

RAMP = " .:-=+*#%@"
"""Signs from black to white, as they look on a dark ground."""


def pixels_of(rows: Sequence[Sequence[float]]) -> Pixels:
    """Levels from 0 to 1 as pixels: what lies outside is cut off, what is missing or nan is black."""
    width, height = max(map(len, rows), default=0), len(rows)
    full = [list(row) + [0.0] * (width - len(row)) for row in rows]
    if max(width, height) > LARGEST:
        part = LARGEST / max(width, height)
        full = _resampled(full, max(round(width * part), 1), max(round(height * part), 1))
    return tuple(bytes(map(_byte, row)) for row in full) if width else ()


def _byte(level: float) -> int:
    return 0 if math.isnan(level) else round(255 * min(max(level, 0.0), 1.0))


def scaled(pixels: Pixels, width: int, height: int) -> Pixels:
    """The picture in `width` x `height` pixels, each the mean of those it stands for."""
    if not pixels or (len(pixels[0]), len(pixels)) == (width, height):
        return pixels
    return tuple(bytes(map(round, row)) for row in _resampled(pixels, width, height))


def _resampled(rows: Sequence[Sequence[float]], width: int, height: int) -> list[list[float]]:
    across, down = _shares(len(rows[0]), width), _shares(len(rows), height)
    narrow = [[sum(row[a:b]) / (b - a) for a, b in across] for row in rows]
    return [[sum(column) / (b - a) for column in zip(*narrow[a:b], strict=True)] for a, b in down]


def _shares(count: int, parts: int) -> list[tuple[int, int]]:
    """Which of `count` pixels belong to each of `parts`: from, up to; at least one each."""
    return [(k * count // parts, -(-(k + 1) * count // parts)) for k in range(parts)]


def halves(pixels: Pixels) -> list[list[tuple[int, int]]]:
    """Rows of cells, each with the pixel of its upper and that of its lower half; an odd last row stands twice."""
    lower = [*pixels[1::2], *pixels[-1:]] if len(pixels) % 2 else pixels[1::2]
    return [list(zip(*pair, strict=True)) for pair in zip(pixels[::2], lower, strict=True)]


def in_signs(pixels: Pixels, *, dark: bool = True) -> list[str]:
    """Rows of signs, each for two pixels above each other; on a ground that is not `dark`, ink is black."""
    ramp = RAMP if dark else RAMP[::-1]
    return [
        "".join(ramp[(upper + lower) * len(ramp) // 512] for upper, lower in row) for row in halves(pixels)
    ]
