"""The tree of calls, of whatever length: a line of it is made when it comes into view."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any, overload

from textual.geometry import Size

from tutor.stepping.recording import Recording
from tutor.ui.looks import Piece
from tutor.ui.stepper.lines import StepLines
from tutor.ui.stepper.told import escaped, place_of
from tutor.ui.stepper.walk import Walk
from tutor.ui.widgets.line_list import Line

_DEEPEST = 24
"""Calls in one another that are indented; deeper ones stand below each other."""


class _Calls(Sequence[Line]):
    """The lines of the calls; the key of each is its event."""

    def __init__(self, recording: Recording, hidden: frozenset[str], yours: str, arrow: str) -> None:
        self.at, self._depth = array("l"), array("l")
        for at, depth in recording.tree(hidden):
            self.at.append(at)
            self._depth.append(depth)
        self._recording, self._yours, self._arrow = recording, yours, arrow

    def __len__(self) -> int:
        return len(self.at)

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Line]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        at, recording = self.at[index], self._recording
        step, code = recording.events[at], recording.code(at)
        indent = "  " * min(self._depth[index], _DEEPEST)
        number: list[Piece] = [(f"{at}", "muted")]
        if step.what == "c_call":
            return Line(str(at), [(indent, ""), (f"{self._arrow} {escaped(step.name)}", "accent")], number)
        if code.qualname == "<module>":
            return Line(str(at), [(indent + self._yours, "strong")], number)
        place = place_of(code.file, code.line)
        return Line(str(at), [(indent + escaped(code.qualname), ""), (f"  {place}", "muted")], number)


class CallTree(StepLines):
    """Every call that is not hidden; enter jumps to it."""

    _shown: tuple[Any, ...] = ()
    _calls: _Calls | None = None

    def show_calls(self, walk: Walk, yours: str) -> None:
        """Show the calls of the walk, the cursor on the one that it stands in."""
        recording = walk.recording
        drawn = (id(recording), len(recording.calls), frozenset(walk.hidden), yours)
        if drawn != self._shown or self._calls is None:
            self._shown = drawn
            self._calls = _Calls(recording, frozenset(walk.hidden), yours, self.signs.right)
            self._lines, self.cursor = self._calls, None
            self._strips.clear()
            self.virtual_size = Size(0, len(self._calls))
            self.refresh()
        if walk.at < 0 or not self._calls:
            return
        calls = self._calls.at
        step = recording.events[walk.at]
        at = walk.at if step.what == "c_call" else recording.first(step.frame)
        found = bisect_left(calls, at)
        if found == len(calls) or calls[found] != at:  # it is hidden: the last one that is not
            found = max(bisect_right(calls, walk.at) - 1, 0)
        self._go(found)
