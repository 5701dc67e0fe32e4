"""What a run says that is stepped through, and how it is told to go on.

The tracer tells every event as it happens, each with what changed since the one before: the app can then be at any of
them without asking again. Numbers name what was told once: events count from 0, frames and codes from 0, objects
from -1 downwards, so that the owner of a change is one number.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from tutor.protocol.message import Message

SNIPPET, SETUP = "<your code>", "<set-up>"
"""The file names of what the learner steps through and of what runs before it."""

What = Literal["call", "line", "return", "exception", "c_call"]


class Code(Message, frozen=True, tag="code"):
    """A function (or class body, or module) that was entered for the first time.

    `file` is its whole path, SNIPPET or SETUP; `line` the line of its `def`, or of its first decorator. `group` is
    what can be hidden together, "" for what is never hidden by itself.
    """

    id: int
    file: str
    line: int
    qualname: str
    group: str = ""


class Thing(Message, frozen=True, tag="thing"):
    """An object whose attributes are followed, since it is `self` somewhere: `mro` are its classes, the own first."""

    id: int
    mro: list[str]


class Frame(Message, frozen=True, tag="frame"):
    """A call. `parent` is the frame that it was made in, -1 for none; `owner` is its `self`, 0 for none."""

    id: int
    code: int
    parent: int
    depth: int
    owner: int = 0
    span: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Where in the parent's source the call is written: line, last line, column, end column (bytes, from 0)."""


class Change(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True, gc=False):
    """`name` of `owner` (a frame's number for a local name, an object's for an attribute) is `text` now.

    None: it is there no more. `entries` opens a registry or a container: what it holds, key and text.
    """

    owner: int
    name: str
    text: str | None
    entries: list[tuple[str, str]] = []


class Stepped(Message, frozen=True, tag="step", gc=False):
    """Event `at`: in `frame`, at `line`. A line is told before it runs.

    `name` of a c_call is the C function, of an exception its type, of a return "yield" where a generator only pauses.
    `text` of a return is the value, of an exception its message. `again`: an exception on its way out, told before
    where it was raised; a call that goes on with a generator. `span` of a c_call as in `Frame`.
    """

    at: int
    what: What
    frame: int
    line: int
    changes: list[Change] = []
    name: str = ""
    text: str = ""
    group: str = ""
    """Of a c_call: what can be hidden together with it."""
    again: bool = False
    span: tuple[int, int, int, int] = (0, 0, 0, 0)


class Wrote(Message, frozen=True, tag="wrote"):
    """After event `at`, `text` was printed; of what is too much only the length, `dropped` characters, is told."""

    at: int
    text: str
    dropped: int = 0


class Paused(Message, frozen=True, tag="paused"):
    """The run waits, after event `at`, to be told how to go on.

    `why`: "reached" what it was told to go to, a "breakpoint" (`text` is what its condition raised, if it did), the
    "cap" on events, "deep" recursion, or it "asks" for a line of input with the prompt `text`.
    """

    at: int
    why: Literal["reached", "breakpoint", "cap", "deep", "asks"]
    text: str = ""


class Looked(Message, frozen=True, tag="looked"):
    """What an expression gave at event `at`: `text` its value, or `error` with what was raised.

    Of a condition it says that it is true there; one that raises counts as true.
    """

    at: int
    text: str = ""
    error: bool = False
    printed: str = ""


class Remark(Message, frozen=True, tag="remark"):
    """Something about the tracing itself that the learner should know, by its name: see `tutor.stepping.remarks`."""

    at: int
    what: Literal["settrace", "thread", "mistraced"]


class Breakpoint(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where to stop: at a line of a file, whenever a function or a method of a class is entered, where an exception is
    raised (of a type, or any), when an attribute (or `Class.attribute`) changes.

    `condition` is an expression that must be true in the frame.
    """

    on: Literal["line", "function", "class", "exception", "attribute"]
    name: str = ""
    file: str = ""
    line: int = 0
    condition: str = ""


class Go(Message, frozen=True, tag="go"):
    """Go on: "into" whatever comes, "over" calls, "out" of `frame`, "on" to a breakpoint, "to" a line of a file, into
    the call written at `span` ("enter"), or to the "end". What is in a group of `hidden` does not count, but for breakpoints.

    `depth` is that of the frame where the command is given.
    """

    how: Literal["into", "over", "out", "on", "to", "enter", "end"]
    frame: int = -1
    depth: int = 0
    file: str = ""
    line: int = 0
    span: tuple[int, int, int, int] = (0, 0, 0, 0)
    hidden: list[str] = []
    breakpoints: list[Breakpoint] = []


class Look(Message, frozen=True, tag="look"):
    """Evaluate `expression` in `frame`, now; nothing that it does lasts."""

    frame: int
    expression: str


class Type(Message, frozen=True, tag="type"):
    """The line that the learner typed for `input()`."""

    text: str


Command = Go | Look | Type


class Probe(msgspec.Struct, frozen=True):
    """What a replay is for: `expression` in `frame` at event `at`; or, with a `breakpoint`, at which events up to `at`
    its condition is true, told by a `Looked` for each."""

    at: int
    frame: int = -1
    expression: str = ""
    breakpoint: Breakpoint | None = None


class Trace(Message, frozen=True, tag="trace"):
    """Run `setup`, then `snippet` under the tracer, both from the same `seed`.

    It begins with `go`, and waits for a `Command` on the run's own socket whenever it says `Paused`. A `probe` makes it
    a replay: nothing is told but what was asked for, `typed` are the lines that `input()` was given.
    """

    run: int
    snippet: str
    setup: str = ""
    seed: int = 0
    go: Go = Go("into")
    cap: int = 100_000
    """Events after which it asks whether to go on; again after as many more."""
    probe: Probe | None = None
    typed: list[str] = []


Told = Code | Thing | Frame | Stepped | Wrote | Paused | Looked | Remark
