"""How far a run without a screen has come: one line on stderr, drawn over and over, gone at the end."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TextIO

from tutor.protocol import Progress

EVERY = 0.25
"""Seconds between two drawings, at least."""
_WIDTH = 30


def part_of(progress: Progress) -> float:
    """How much of a run is done, from 0 to 1."""
    return min(max(progress.done / progress.total, 0.0), 1.0) if progress.total > 0 else 0.0


class Meter:
    """Draws on `stream` if that is a terminal, else not at all."""

    def __init__(
        self, stream: TextIO, *, ascii: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream, self._clock = stream, clock
        self._awake = stream.isatty()
        self._full, self._empty = ("#", ".") if ascii else ("━", "─")
        self._next = -math.inf
        self._there = False

    def show(self, progress: Progress) -> None:
        """Draw it, unless something was drawn just now."""
        now = self._clock()
        if not self._awake or now < self._next:
            return
        part = part_of(progress)
        full = int(part * _WIDTH)
        bar = self._full * full + self._empty * (_WIDTH - full)
        self._write(f"\r{bar}  {progress.done}/{progress.total}  {part:.0%}\x1b[K")
        self._next, self._there = now + EVERY, True

    def clear(self) -> None:
        """Make room for something else on that line."""
        if self._there:
            self._write("\r\x1b[K")
            self._there = False

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
