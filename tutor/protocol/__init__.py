"""Every message between the app and its kernel: JSON lines on a socket of their own, typed by msgspec.

Requests are verbs and go to the kernel; what it says of itself comes back through the same socket; what a
run emits goes through a second socket that is made for that run alone; through it a run that is stepped through is told to go on.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec

from tutor.protocol.message import Message as Message
from tutor.protocol.trace import Code, Frame, Looked, Paused, Remark, Stepped, Thing, Told, Trace, Wrote

# What a lab yields ---------------------------------------------------------------------------------------


class Point(Message, frozen=True, tag="point"):
    """One point of a curve. `x` and `y` may be NaN or infinite."""

    series: str
    x: float
    y: float


class Table(Message, frozen=True, tag="table"):
    """Rows of numbers or text under named columns; a table of the same name replaces the earlier one."""

    name: str
    columns: list[str]
    rows: list[list[Any]]


class Value(Message, frozen=True, tag="value"):
    """A named result: a number, None, text, or a nested list of numbers."""

    name: str
    value: Any


class Note(Message, frozen=True, tag="note"):
    """A sentence for the learner, in English and in Chinese."""

    text: str
    zh: str = ""


class Picture(Message, frozen=True, tag="picture"):
    """A small picture: rows of grey levels from 0 (black) to 1 (white), with a line to be read below it."""

    name: str
    rows: list[list[float]]
    text: str = ""
    zh: str = ""


class Variant(Message, frozen=True, tag="variant", kw_only=True):
    """What a question generator draws: the key, what each coded mistake gives, the numbers its texts name.

    `answer` and the values of `mistakes` are numbers, or nested lists of numbers of one shape.
    """

    answer: Any
    mistakes: dict[str, Any] = {}
    fields: dict[str, Any] = {}
    seed: int = 0
    """Which seed it was drawn from; filled in by the kernel."""


class Raised(Message, frozen=True, tag="raised"):
    """The expression called `name` of an `Evaluate` gave this error and no value."""

    name: str
    type: str
    message: str


class Progress(Message, frozen=True, tag="progress"):
    """How far a long run has come: `done` of `total`."""

    done: int
    total: int


# What a run ends with, exactly one of these, always the last message ---------------------------------------


class Finished(Message, frozen=True, tag="finished"):
    """The run came to its end after `seconds` inside the child."""

    seconds: float


class Failed(Message, frozen=True, tag="error"):
    """The code of the run raised. `trace` holds the traceback's lines, without our own frames."""

    type: str
    message: str
    trace: list[str] = []


class Stopped(Message, frozen=True, tag="stopped"):
    """The learner stopped the run; `killed` when it had ignored the interrupt."""

    killed: bool = False


class Crashed(Message, frozen=True, tag="crashed"):
    """The child is gone without a word: `os._exit`, a segfault, killed for memory.

    `status` is the exit status, negative for a signal, None when the kernel itself went away.
    """

    status: int | None


class Printed(Message, frozen=True, tag="printed"):
    """What the run wrote to stdout or stderr: text without control characters but newline and tab.

    `dropped` bytes came before it unseen.
    """

    text: str
    dropped: int = 0


Ending = Finished | Failed | Stopped | Crashed
Emission = (
    Point
    | Table
    | Value
    | Picture
    | Variant
    | Raised
    | Note
    | Progress
    | Printed
    | Code
    | Thing
    | Frame
    | Stepped
    | Wrote
    | Paused
    | Looked
    | Remark
    | Finished
    | Failed
    | Stopped
    | Crashed
)

# Requests to the kernel ----------------------------------------------------------------------------------


class RunLab(Message, frozen=True, tag="run_lab"):
    """Load `file`, call its generator `function(**settings)`; the run's two descriptors travel along:
    the socket for what it emits, the pipe for what it prints."""

    run: int
    file: str
    settings: dict[str, Any]
    function: str = "run"


class Evaluate(Message, frozen=True, tag="evaluate"):
    """Evaluate Python expressions that an author wrote into `verify`, with torch, nn, init, optim, F and math
    at hand and the seed set to 0 before each; `Value(name, value)` or `Raised(name, ...)` comes back for each."""

    run: int
    expressions: dict[str, str]


class Pose(Message, frozen=True, tag="pose"):
    """Load `file` and call its question generator `function(random.Random(seed))` for each of the `seeds`, torch
    seeded alike; a `Variant` comes back for each."""

    run: int
    file: str
    function: str
    seeds: list[int]


class Interrupt(Message, frozen=True, tag="interrupt"):
    """Stop run `run`: SIGINT now, SIGKILL two seconds later."""

    run: int


Task = RunLab | Evaluate | Pose | Trace
"""A request that makes a run of its own."""
Request = Task | Interrupt

# What the kernel says of itself ---------------------------------------------------------------------------


class Warming(Message, frozen=True, tag="warming"):
    """The kernel is importing `what`."""

    what: str


class Ready(Message, frozen=True, tag="ready"):
    """torch is there: its version, and how long importing it took."""

    torch: str
    seconds: float


class Missing(Message, frozen=True, tag="missing"):
    """torch cannot be imported: the reason in the import system's own words."""

    reason: str


class Started(Message, frozen=True, tag="started"):
    """Run `run` is process `pid`, which leads a process group of its own."""

    run: int
    pid: int


class Ended(Message, frozen=True, tag="ended"):
    """Run `run` is reaped with this exit status (negative: signal); `killed` when it ignored the interrupt."""

    run: int
    status: int
    killed: bool = False


News = Warming | Ready | Missing | Started | Ended

# On the wire ------------------------------------------------------------------------------------------------

LONGEST = 8 << 20
"""Bytes of the longest line a run may send."""

_encode = msgspec.json.Encoder().encode


def encode(message: Message) -> bytes:
    """`message` as one line, NaN and infinities as `plain` has them.

    Raises TypeError, ValueError or OverflowError for what JSON cannot carry, say a tensor.
    """
    # Of these there are very many, and nothing in them can be infinite.
    finite = isinstance(message, Told) or (
        isinstance(message, Point) and math.isfinite(message.x) and math.isfinite(message.y)
    )
    return _encode(message if finite else plain(msgspec.to_builtins(message))) + b"\n"


def plain(value: Any) -> Any:
    """`value` with NaN and infinities as the strings "nan", "inf", "-inf", which JSON can carry."""
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def number(value: Any) -> Any:
    """Undo `plain` for one scalar, or for a nested list of them."""
    if isinstance(value, list):
        return [number(item) for item in value]
    return float(value) if value in ("nan", "inf", "-inf") else value
