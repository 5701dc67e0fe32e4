"""The record of one run of a lab: what it yielded, in order, and any earlier moment of it."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tutor.charts.grey import Pixels, pixels_of
from tutor.protocol import (
    Crashed,
    Emission,
    Ending,
    Failed,
    Finished,
    Note,
    Picture,
    Point,
    Printed,
    Progress,
    Stopped,
    Table,
    Value,
    number,
    plain,
)
from tutor.words import Words

MOST_POINTS = 200_000
"""Points of one run that are kept; what comes after is only counted."""

MOST_PICTURES = 200
"""Pictures of one run that are kept."""

MOST_PRINTED = 20_000
"""Characters of what a run printed that are kept, the last ones."""

SKETCHED = 600
"""Points of all series of a run that are kept when it is over, to draw it small again."""


@dataclass(frozen=True, slots=True)
class Series:
    """The points of one series. `at` says as which event of the run each came."""

    at: array[int] = field(default_factory=lambda: array("L"))
    xs: array[float] = field(default_factory=lambda: array("d"))
    ys: array[float] = field(default_factory=lambda: array("d"))


@dataclass(frozen=True, slots=True)
class Grey:
    """A small picture, and the line below it."""

    name: str
    pixels: Pixels
    says: Words


@dataclass(frozen=True, slots=True)
class Seen:
    """A run as it stood after its first `at` events; points are counted into the whole series."""

    at: int
    series: Mapping[str, tuple[Series, int]]
    """Each series, and how many of its points had come."""
    tables: Mapping[str, Table]
    values: Mapping[str, Any]
    notes: Sequence[Words]
    pictures: Mapping[str, Grey]


class LabRun:
    """What a run yielded, in order; it only grows. An event is a point, a table, a value, a note or a picture."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = dict(settings)
        self.series: dict[str, Series] = {}
        self.progress: Progress | None = None
        self.ending: Ending | None = None
        self.printed = ""
        """The end of what it printed, without anything that a terminal would obey."""
        self.dropped = 0
        """Points and pictures that were too many to be kept."""
        self.events = 0
        self.thinned = False
        """Whether it is only what was kept of a run: too few points for level lines."""
        self.pictured = False
        """Whether there is any picture in it."""
        self._points = 0
        self._others: list[tuple[int, Table | Value | Note | Grey]] = []

    def take(self, emission: Emission) -> None:
        """Write down the next thing that the run emitted."""
        match emission:
            case Point(name, x, y):
                if self._points == MOST_POINTS:
                    self.dropped += 1
                    return
                self._points += 1
                self.events += 1
                series = self.series.setdefault(name, Series())
                series.at.append(self.events)
                series.xs.append(x)
                series.ys.append(y)
            case Table(name, columns, rows):
                self._note(Table(name, columns, [[number(cell) for cell in row] for row in rows]))
            case Value(name, value):
                self._note(Value(name, number(value)))
            case Note():
                self._note(emission)
            case Picture(name, rows, text, zh):
                self._keep(Grey(name, pixels_of(rows), Words(text, zh)))
            case Progress():
                self.progress = emission
            case Printed(text):
                self.printed = (self.printed + harmless(text))[-MOST_PRINTED:]
            case Finished() | Failed() | Stopped() | Crashed():
                self.ending = emission

    def _note(self, other: Table | Value | Note | Grey) -> None:
        self.events += 1
        self._others.append((self.events, other))

    def _keep(self, picture: Grey) -> None:
        """Where there are too many, the earliest goes that a later one of its name replaces."""
        kept = [(i, other.name) for i, (_, other) in enumerate(self._others) if isinstance(other, Grey)]
        if len(kept) == MOST_PICTURES:
            self.dropped += 1
            last = {name: i for i, name in kept} | {picture.name: len(self._others)}
            replaced = next((i for i, name in kept if last[name] > i), None)
            if replaced is None:
                return
            del self._others[replaced]
        self.pictured = True
        self._note(picture)

    def seen(self, upto: int | None = None) -> Seen:
        """The run as it stood after its first `upto` events; as it is now, without."""
        at = self.events if upto is None else min(max(upto, 0), self.events)
        tables: dict[str, Table] = {}
        values: dict[str, Any] = {}
        notes: list[Words] = []
        pictures: dict[str, Grey] = {}
        for _, other in self._others[: bisect_right(self._others, at, key=lambda each: each[0])]:
            match other:
                case Table(name):
                    tables[name] = other
                case Value(name, value):
                    values[name] = value
                case Note(text, zh):
                    notes.append(Words(text, zh))
                case Grey(name):
                    pictures[name] = other
        series = {name: (each, bisect_right(each.at, at)) for name, each in self.series.items()}
        return Seen(at, series, tables, values, notes, pictures)

    def sketch(self) -> dict[str, list[list[Any]]]:
        """The points [x, y] of each series, thinned evenly and to five digits: a few kilobytes, as JSON has them."""
        most = max(min(60, SKETCHED // max(len(self.series), 1)), 2)
        sketched = {}
        for name, series in list(self.series.items())[: SKETCHED // 2]:
            last = len(series.xs) - 1
            at = sorted({round(i * last / (most - 1)) for i in range(most)})
            sketched[name] = [[plain(float(f"{v:.5g}")) for v in (series.xs[i], series.ys[i])] for i in at]
        return sketched

    @classmethod
    def sketched(
        cls, settings: Mapping[str, Any], values: Mapping[str, Any], points: Mapping[str, Any]
    ) -> LabRun:
        """A run as far as it was kept: its settings, its values and the sketch of its series."""
        run = cls(settings)
        run.thinned = True
        for name, series in points.items():
            for x, y in series:
                run.take(Point(name, number(x), number(y)))
        for name, value in values.items():
            run.take(Value(name, value))
        return run

    def moments(self, names: Iterable[str]) -> list[int]:
        """The events at which something new can be seen where only the series `names` are shown: none to all.

        Points that come one after the other, each of another series, are one moment: a round of what runs
        side by side.
        """
        points = sorted(
            (event, name) for name in names if name in self.series for event in self.series[name].at
        )
        at: set[int] = {0, *(event for event, _ in self._others)}
        round: set[str] = set()
        last = 0
        for event, name in points:
            if name in round or not at.isdisjoint(range(last + 1, event)):
                at.add(last)
                round.clear()
            round.add(name)
            last = event
        return sorted({*at, last})

    def stepped(self, at: int, by: int, names: Iterable[str]) -> int:
        """`by` moments on from event `at`, or back where `by` is negative."""
        moments = self.moments(names)
        here = bisect_right(moments, at) - 1 if by > 0 else bisect_left(moments, at)
        return moments[min(max(here + by, 0), len(moments) - 1)]


@dataclass(frozen=True, slots=True)
class Shown:
    """A run, up to `upto`, to be drawn."""

    run: LabRun
    upto: int | None = None


_OBEYED = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours, cursor movement
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles, links
    r"|[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def harmless(text: str) -> str:
    """The text without anything that a terminal would obey, but for ends of lines."""
    return _OBEYED.sub("", text.replace("\r\n", "\n").replace("\t", "    "))
