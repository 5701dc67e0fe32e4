"""Where a step ends: the same rules for a run that is under way and for a recording of it.

The kernel asks them of each event as it happens, the app of each event that was told; so a step goes to the same place
whether it is taken live or in the past.
"""

from __future__ import annotations

from typing import NamedTuple

from tutor.protocol.trace import Breakpoint, Change, Code, Frame, Go, Stepped
from tutor.stepping.names import class_of, function_of


class Here(NamedTuple):
    """An event, the frame it is in, that frame's code, and the class names by object for attributes."""

    event: Stepped
    frame: Frame
    code: Code

    @property
    def group(self) -> str:
        """What this event can be hidden with."""
        return self.event.group if self.event.what == "c_call" else self.code.group


class Rule:
    """Whether an event is where a command leads to. One rule serves one command: it may have to remember something."""

    def __init__(self, go: Go) -> None:
        self.go = go
        self._hidden = frozenset(go.hidden)
        self._within: int | None = None

    def stops_at(self, here: Here) -> bool:
        """Whether the command ends at this event, going forward; breakpoints aside."""
        go, event = self.go, here.event
        if go.how == "enter" and self._within is None:
            self._within = self._entered(here)
        if event.what == "call" and here.frame.depth == 0:  # the snippet itself has no line to show yet
            return False
        if here.group in self._hidden:
            return False
        depth = here.frame.depth
        match go.how:
            case "into":
                return True
            case "over":
                return event.what != "c_call" and depth <= go.depth
            case "out":
                return event.what != "c_call" and depth < go.depth
            case "to":
                return event.what == "line" and (here.code.file, event.line) == (go.file, go.line)
            case "enter":
                # What was called may be hidden, or C without anything of Python in it: then the next thing seen.
                return self._within is not None or (event.what != "c_call" and depth <= go.depth)
            case _:
                return False

    def _entered(self, here: Here) -> int | None:
        event, frame, span = here.event, here.frame, self.go.span
        if event.what == "call" and frame.parent == self.go.frame and frame.span == span:
            return frame.id
        if event.what == "c_call" and frame.id == self.go.frame and event.span == span:
            return frame.id
        return None

    def stops_back_at(self, here: Here) -> bool:
        """The same, going backwards. "over" leads to the line before, "out" to the line that called."""
        go, event = self.go, here.event
        if (event.what == "call" and here.frame.depth == 0) or here.group in self._hidden:
            return False
        depth = here.frame.depth
        match go.how:
            case "into" | "enter":
                return True
            case "over":
                return event.what != "c_call" and depth <= go.depth
            case "out":
                return event.what == "line" and depth < go.depth
            case "to":
                return event.what == "line" and (here.code.file, event.line) == (go.file, go.line)
            case _:
                return False


def hits(breakpoint: Breakpoint, here: Here, classes: dict[int, list[str]]) -> bool:
    """Whether the breakpoint is at this event, its condition aside. `classes`: by object, what it is an instance of."""
    event, code = here.event, here.code
    name = breakpoint.name
    match breakpoint.on:
        case "line":
            return event.what == "line" and (code.file, event.line) == (breakpoint.file, breakpoint.line)
        case "function":
            if event.what == "c_call":
                return name in (event.name, event.name.rpartition(".")[2])
            return event.what == "call" and name in (code.qualname, function_of(code.qualname))
        case "class":
            return event.what == "call" and name == class_of(code.qualname)
        case "exception":
            return event.what == "exception" and not event.again and name in ("", event.name)
        case "attribute":
            return any(_named(name, change, classes) for change in event.changes)


def _named(name: str, change: Change, classes: dict[int, list[str]]) -> bool:
    if change.owner >= 0:
        return False
    cls, _, attribute = name.rpartition(".")
    return attribute == change.name and (not cls or cls in classes.get(change.owner, ()))
