"""A run as it was recorded: what is true at any event, found without walking there.

Whatever changes has a timeline of its own, so the state at an event depends on the event alone and never on
the way that the cursor took to it.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tutor.protocol import Crashed, Ending, Failed, Finished, Message, Printed, Stopped
from tutor.protocol.trace import Breakpoint, Change, Code, Frame, Go, Remark, Stepped, Thing, Wrote
from tutor.stepping.rules import Here, Rule, hits

Mark = Literal["added", "changed", "removed"]

MOST_WRITTEN = 200_000
"""Characters of what the code printed that are kept, the last ones."""


@dataclass(slots=True)
class Timeline:
    """What one name was, from which event on."""

    at: array[int] = field(default_factory=lambda: array("l"))
    changes: list[Change] = field(default_factory=list)

    def then(self, at: int) -> Change | None:
        """The name as it is at event `at`; None while it is not there."""
        before = bisect_right(self.at, at)
        change = self.changes[before - 1] if before else None
        return change if change is not None and change.text is not None else None


class Recording:
    """What a run told, in the order of its events. `take` is given every message; nothing is ever taken back."""

    def __init__(self, snippet: str, setup: str = "", seed: int = 0, torch: str = "") -> None:
        self.snippet, self.setup, self.seed = snippet, setup, seed
        self.torch = torch
        """The version of torch that was stepped through."""
        self.events: list[Stepped] = []
        self.frames: list[Frame] = []
        self.codes: list[Code] = []
        self.things: dict[int, Thing] = {}
        self.remarks: list[Remark] = []
        self.ended: Ending | None = None
        """How the run ended; None while it goes on."""
        self.calls: array[int] = array("l")
        """The events at which something is called: functions and, at the border, C functions."""
        self.depths: array[int] = array("l")
        """How deep each event is."""
        self.counts: Counter[str] = Counter()
        """How many calls belong to each group."""
        self.told = 0
        """Grows with everything that comes: what is drawn of this recording is still true while it has not grown."""
        self._timelines: dict[int, dict[str, Timeline]] = {}
        self._coming: list[Frame] = []
        """Frames that were told, until the event comes that they begin with: without one there is nothing to say of them."""
        self._in_frame: list[array[int]] = []
        self._first_frames: dict[int, int] = {}
        self._first_run: dict[int, tuple[int, dict[int, int]]] = {}
        """Of frames that were looked at: how many of their events are known, and when each line was first told."""
        self._children: dict[int, array[int]] = {}
        self._written: list[Wrote] = []
        self._written_at: array[int] = array("l")
        self._written_size = 0

    # Taking ------------------------------------------------------------------------------------------------

    def take(self, told: Message) -> None:
        """Keep what the run said; what is no part of a recording is let pass."""
        match told:
            case Stepped():
                self._step(told)
            case Frame():
                self._coming.append(told)
            case Code():
                self.codes.append(told)
            case Thing():
                self.things[told.id] = told
            case Wrote():
                self._write(told)
            case Printed():
                self._write(Wrote(self.last, told.text, told.dropped))
            case Remark():
                self.remarks.append(told)
            case Finished() | Failed() | Stopped() | Crashed():
                self.ended = told
            case _:
                return
        self.told += 1

    def _step(self, step: Stepped) -> None:
        at = len(self.events)
        for frame in self._coming:
            self.frames.append(frame)
            self._first_frames.setdefault(frame.code, frame.id)
            self._in_frame.append(array("l"))
            self._children.setdefault(frame.parent, array("l")).append(frame.id)
        self._coming.clear()
        self.events.append(step)
        self._in_frame[step.frame].append(at)
        self.depths.append(self.frames[step.frame].depth)
        if step.what in ("call", "c_call"):
            self.calls.append(at)
            self.counts[self.group(at)] += 1
        for change in step.changes:
            names = self._timelines.setdefault(change.owner, {})
            # A name comes in every message as a text of its own; one of them is enough.
            timeline = names.get(change.name) or names.setdefault(sys.intern(change.name), Timeline())
            timeline.at.append(at)
            timeline.changes.append(change)

    def _write(self, wrote: Wrote) -> None:
        # What is told before an event was written before it.
        wrote = Wrote(min(wrote.at, self.last), wrote.text, wrote.dropped)
        self._written.append(wrote)
        self._written_at.append(wrote.at)
        self._written_size += len(wrote.text)
        if self._written_size > 2 * MOST_WRITTEN:
            self._forget_written()

    def _forget_written(self) -> None:
        dropped = 0
        while self._written_size > MOST_WRITTEN and len(self._written) > 1:
            first = self._written.pop(0)
            self._written_at.pop(0)
            self._written_size -= len(first.text)
            dropped += len(first.text) + first.dropped
        first = self._written[0]
        self._written[0] = Wrote(first.at, first.text, first.dropped + dropped)

    # Where we are ------------------------------------------------------------------------------------------

    @property
    def last(self) -> int:
        """The number of the last event, -1 before the first."""
        return len(self.events) - 1

    def frame(self, at: int) -> Frame:
        """The frame that event `at` happened in."""
        return self.frames[self.events[at].frame]

    def code(self, at: int) -> Code:
        """The code that event `at` happened in."""
        return self.codes[self.frame(at).code]

    def group(self, at: int) -> str:
        """What event `at` can be hidden together with: a C function's own group, else that of the code."""
        step = self.events[at]
        return step.group if step.what == "c_call" else self.codes[self.frames[step.frame].code].group

    def stack(self, at: int) -> list[Frame]:
        """The frames that are open at event `at`, the innermost first."""
        frames, frame = [], self.events[at].frame
        while frame >= 0:
            frames.append(self.frames[frame])
            frame = self.frames[frame].parent
        return frames

    def shown_stack(self, at: int, hidden: Collection[str]) -> list[tuple[Frame, list[Frame]]]:
        """The stack without the hidden groups: each frame with the hidden ones between it and the next outer one.

        The innermost frame is always there, hidden or not: it is where we are.
        """
        shown: list[tuple[Frame, list[Frame]]] = []
        for frame in self.stack(at):
            if shown and self.codes[frame.code].group in hidden:
                shown[-1][1].append(frame)
            else:
                shown.append((frame, []))
        return shown

    def line_of(self, frame: int, at: int) -> int:
        """The line at which `frame` stands at event `at`."""
        events = self._in_frame[frame]
        before = bisect_right(events, at)
        return self.events[events[before - 1]].line if before else self.codes[self.frames[frame].code].line

    def lines_run(self, frame: int, at: int) -> set[int]:
        """The lines of `frame` that were told before event `at`: those that were run, or begun."""
        events, (known, first) = self._in_frame[frame], self._first_run.get(frame, (0, {}))
        for event in events[known:]:
            if self.events[event].what == "line":
                first.setdefault(self.events[event].line, event)
        self._first_run[frame] = (len(events), first)
        return {line for line, event in first.items() if event < at}

    def first(self, frame: int) -> int:
        """The event at which `frame` was called."""
        return self._in_frame[frame][0]

    def entered(self, at: int) -> list[Code]:
        """The code that was entered by event `at`, in the order of the first calls."""
        return [
            self.codes[code] for code, frame in self._first_frames.items() if self._in_frame[frame][0] <= at
        ]

    def last_in(self, frame: int) -> int:
        """The last event of `frame` so far: its return, if it has returned."""
        return self._in_frame[frame][-1]

    def previous_in_frame(self, at: int) -> int | None:
        """The event before `at` in the same frame; None at a call."""
        events = self._in_frame[self.events[at].frame]
        before = bisect_left(events, at)
        return events[before - 1] if before else None

    def next_in_frame(self, at: int) -> int | None:
        """The event after `at` in the same frame; None at its last."""
        events = self._in_frame[self.events[at].frame]
        after = bisect_right(events, at)
        return events[after] if after < len(events) else None

    def children(self, frame: int) -> array[int]:
        """The frames that were called directly in `frame`; -1 for the outermost."""
        return self._children.get(frame, array("l"))

    # What is true there ------------------------------------------------------------------------------------

    def values(self, owner: int, at: int) -> dict[str, Change]:
        """What the names of `owner`, a frame's locals or an object's attributes, are at event `at`, in the order in
        which they first came."""
        found = ((name, timeline.then(at)) for name, timeline in self._timelines.get(owner, {}).items())
        return {name: change for name, change in found if change is not None}

    def marks(self, at: int, owner: int, since: int) -> dict[str, Mark]:
        """Which names of `owner` are others at event `at` than at event `since`, those that are gone among them."""
        marks: dict[str, Mark] = {}
        for name, timeline in self._timelines.get(owner, {}).items():
            if bisect_right(timeline.at, since) == bisect_right(timeline.at, at):
                continue
            before, now = timeline.then(since), timeline.then(at)
            if before is None:
                if now is not None:
                    marks[name] = "added"
            elif now is None:
                marks[name] = "removed"
            elif (now.text, now.entries) != (before.text, before.entries):
                marks[name] = "changed"
        return marks

    def before(self, owner: int, name: str, at: int) -> Change | None:
        """What `name` of `owner` was at event `at`; None where it was not there."""
        timeline = self._timelines.get(owner, {}).get(name)
        return timeline.then(at) if timeline is not None else None

    def times(self, owner: int, name: str) -> array[int]:
        """The events at which `name` of `owner` changed."""
        timeline = self._timelines.get(owner, {}).get(name)
        return timeline.at if timeline is not None else array("l")

    def written(self, at: int) -> list[Wrote]:
        """What was printed before event `at`; at the end of a run that is over, all of it."""
        if self.ended is not None and at >= self.last:
            return self._written
        return self._written[: bisect_left(self._written_at, at)]

    @property
    def raised(self) -> int | None:
        """The event at which the exception was raised that ended the run; None if none did."""
        if not isinstance(self.ended, Failed):
            return None
        thrown = (at for at in reversed(range(len(self.events))) if self.events[at].what == "exception")
        out: Stepped | None = None
        for at in thrown:
            step = self.events[at]
            if out is None and step.name != self.ended.type:
                continue
            out = out or step
            if step.name == out.name and step.text == out.text and not step.again:
                return at
        return None

    # Where a command leads ---------------------------------------------------------------------------------

    def here(self, at: int) -> Here:
        """Event `at` as the rules of stepping ask for it."""
        step = self.events[at]
        frame = self.frames[step.frame]
        return Here(step, frame, self.codes[frame.code])

    def find(
        self,
        go: Go,
        at: int,
        backwards: bool = False,
        holds: Mapping[Breakpoint, Collection[int]] | None = None,
    ) -> int | None:
        """The event that `go` leads to from event `at`; None if it is not in the recording.

        `holds` says at which events the condition of a breakpoint is true; one that it does not know stops always.
        """
        rule = Rule(go)
        stops = rule.stops_back_at if backwards else rule.stops_at
        classes = {id: thing.mro for id, thing in self.things.items()}
        way = range(at - 1, -1, -1) if backwards else range(at + 1, len(self.events))
        reach = {"over": go.depth, "out": go.depth - 1}.get(go.how)
        for event in way:
            # What lies deeper than the command reaches can only be stopped at by a breakpoint.
            if reach is not None and not go.breakpoints and self.depths[event] > reach:
                continue
            here = self.here(event)
            for each in go.breakpoints:
                if hits(each, here, classes) and (
                    not each.condition or event in (holds or {}).get(each, (event,))
                ):
                    return event
            if go.how != "on" and stops(here):
                return event
        return None

    # The tree of calls -------------------------------------------------------------------------------------

    def tree(self, hidden: Collection[str]) -> Iterator[tuple[int, int]]:
        """Every call that is not hidden, in order: its event, and how many shown calls it stands in."""
        inside = array("l", bytes(array("l").itemsize * len(self.frames)))
        shown = [code.group not in hidden for code in self.codes]
        for at in self.calls:
            step = self.events[at]
            frame = self.frames[step.frame]
            if step.what == "c_call":
                if step.group not in hidden:
                    yield at, inside[step.frame] + shown[frame.code]
                continue
            if frame.parent >= 0:
                parent = self.frames[frame.parent]
                inside[step.frame] = inside[frame.parent] + shown[parent.code]
            if shown[frame.code]:
                yield at, inside[step.frame]
