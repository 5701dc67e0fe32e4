"""A walk through a run: where the cursor stands, what is hidden, and the run itself as far as it has come."""

from __future__ import annotations

import asyncio
import builtins
import gc
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tutor.protocol import Finished, Ready, Stopped
from tutor.protocol.trace import Breakpoint, Go, Look, Looked, Paused, Probe, Type
from tutor.stepping.groups import HIDDEN
from tutor.stepping.recording import Recording
from tutor.stepping.source import Sources, Span
from tutor.words import Words

if TYPE_CHECKING:
    from tutor.client import Kernel, Run
    from tutor.protocol import Emission

How = Literal["into", "over", "out", "on", "to", "enter", "end"]
Place = Literal["waiting", "running", "live", "past", "ended"]
"""Before the first event; while it runs; at the last event of a run that waits; before it; at the end of one that is over."""

_FREEZE = 5_000
"""Events after which the collector of cycles is told to leave what there is alone."""
_AHEAD = 20
"""Steps that may be asked for while the run is still on its way."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command that the learner gave."""

    how: How
    backwards: bool = False
    file: str = ""
    line: int = 0
    span: Span = (0, 0, 0, 0)


@dataclass
class Answer:
    """An expression, the event at which it was evaluated, and what came of it; None while that is awaited."""

    at: int
    expression: str
    given: Looked | None = None
    replayed: bool = False
    refused: Words | None = None


@dataclass
class Walk:
    """One snippet that is stepped through. `changed` is called whenever something is to be shown anew.

    The run is told to go on only where the recording ends; everything before is found in the recording.
    """

    recording: Recording
    sources: Sources
    at: int = -1
    hidden: set[str] = field(default_factory=lambda: set(HIDDEN))
    breakpoints: list[Breakpoint] = field(default_factory=list)
    visited: set[int] = field(default_factory=set)
    """The events at which the learner stood."""
    answers: list[Answer] = field(default_factory=list)
    unclear: dict[int, str] = field(default_factory=dict)
    """The events where the condition of a breakpoint raised, and what."""
    frame: int | None = None
    """The frame that is looked at, if it is not the innermost one."""
    paused: Paused | None = None
    """What the run waits for; None while it runs, and when it is over."""
    notice: Words | None = None
    """What is to be said of the last command."""
    changed: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self._run: Run | None = None
        self._go = Go("into")
        self._ahead: deque[Step] = deque()
        self._typed: list[str] = []
        self._awaited: asyncio.Future[Looked] | None = None
        self._holds: dict[Breakpoint, tuple[int, set[int]]] = {}

    # Where we are ------------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether the run is on its way."""
        return self._run is not None and self.paused is None

    @property
    def alive(self) -> bool:
        """Whether there is a run that can go on."""
        return self._run is not None

    @property
    def place(self) -> Place:
        """Where the cursor stands in the life of the run."""
        if self.running:
            return "running"
        if self.at < 0:
            return "waiting" if self.recording.ended is None else "ended"
        if self.at < self.recording.last:
            return "past"
        return "live" if self._run is not None else "ended"

    @property
    def first(self) -> int:
        """The first event that can be stood at: the snippet's own call has no line to show."""
        return min(1, self.recording.last)

    @property
    def shown_frame(self) -> int:
        """The frame whose source and names are shown."""
        return self.recording.events[self.at].frame if self.frame is None else self.frame

    @property
    def since(self) -> int:
        """The event since which changes are marked: the last one in this frame, so that a line is taken as one."""
        if self.frame is not None:
            return self.at
        before = self.recording.previous_in_frame(self.at)
        return self.at if before is None else before

    def move(self, to: int) -> None:
        """Put the cursor on event `to`."""
        self.at = min(max(to, self.first), self.recording.last)
        self.frame = None
        if self.at >= 0:
            self.visited.add(self.at)

    # Steps -------------------------------------------------------------------------------------------------

    def go(self, step: Step, holds: dict[Breakpoint, set[int]] | None = None) -> None:
        """Take a step: in the recording, and where that ends in the run."""
        self.notice = None
        if self.running:
            if len(self._ahead) < _AHEAD:
                self._ahead.append(step)
            return
        if self.at < 0:
            self.changed()
            return
        go = self._told(step)
        found = self.recording.find(go, self.at, step.backwards, holds)
        if found is not None:
            self.move(found)
        elif step.backwards:
            self.move(self.first)
            self._say_no_more(step)
        elif self._run is not None and self.paused is not None and self.paused.why != "asks":
            self._send(go)
        elif self._run is not None:
            self.notice = Words("The code asks for a line: i types it.", "代码正在等待输入一行：按 i 输入。")
        else:
            self.move(self.recording.last)
            self._say_no_more(step)
        self.changed()

    def _told(self, step: Step) -> Go:
        frame = self.recording.frames[self.shown_frame]
        hidden = sorted(self.hidden)
        return Go(
            step.how, frame.id, frame.depth, step.file, step.line, step.span, hidden, list(self.breakpoints)
        )

    def _say_no_more(self, step: Step) -> None:
        if step.how == "to":
            self.notice = Words("That line is not reached this way.", "这个方向上不会执行到那一行。")
        elif step.backwards:
            self.notice = Words("This is the beginning.", "已经到开头了。")
        elif isinstance(self.recording.ended, Finished):
            self.notice = Words("This is the end. R runs it again.", "已经到结尾了，按 R 重新运行。")
        else:
            self.notice = Words(
                "Nothing was recorded beyond. R runs it again.", "之后没有记录，按 R 重新运行。"
            )

    def _send(self, go: Go) -> None:
        assert self._run is not None
        self._go, self.paused = go, None
        self._run.send(go)

    def conditions_unknown(self) -> list[Breakpoint]:
        """Breakpoints whose condition was not yet asked for at every recorded event."""
        last = self.recording.last
        return [b for b in self.breakpoints if b.condition and self._holds.get(b, (-1, set()))[0] < last]

    def holds(self) -> dict[Breakpoint, set[int]]:
        """At which events the conditions hold, as far as that is known."""
        return {breakpoint: events for breakpoint, (_, events) in self._holds.items()}

    async def ask_conditions(self, kernel: Kernel) -> None:
        """Find out by replays where in the recording the conditions hold."""
        for breakpoint in self.conditions_unknown():
            last = self.recording.last
            looked = await self._replay(kernel, Probe(last, breakpoint=breakpoint))
            self._holds[breakpoint] = (last, {each.at for each in looked})
            self.unclear |= {each.at: each.text for each in looked if each.error}

    def may_enter(self) -> list[tuple[Span, str]]:
        """The calls of the line at the cursor that can be entered, if that is for the learner to choose."""
        recording = self.recording
        if self.at < 0 or self.frame is not None or recording.events[self.at].what != "line":
            return []
        frame, code = recording.frame(self.at), recording.code(self.at)
        calls = self.sources.calls(code, recording.events[self.at].line)
        spans, complete = self._entered(frame.id)
        if complete:
            calls = [call for call in calls if call[0] in spans]
        else:
            calls = [(span, text) for span, text in calls if not _is_of_python(text)]
        return calls if len(calls) > 1 else []

    def _entered(self, frame: int) -> tuple[set[Span], bool]:
        """What the line at the cursor entered, as far as it was recorded; whether that is all of it."""
        recording, spans = self.recording, set[Span]()
        at: int | None = self.at
        while at is not None and (at := recording.next_in_frame(at)) is not None:
            step = recording.events[at]
            if step.what == "line":
                break
            if step.what == "c_call" and step.group not in self.hidden:
                spans.add(step.span)
        end = recording.last + 1 if at is None else at
        for child in recording.children(frame):
            if self.at < recording.first(child) < end and self._shows(child):
                spans.add(recording.frames[child].span)
        return spans, at is not None or self._run is None

    def _shows(self, frame: int) -> bool:
        """Whether anything that is not hidden was called by `frame`, or `frame` is not hidden."""
        recording = self.recording
        last = recording.last_in(frame)
        for inner in range(frame, len(recording.frames)):
            if recording.first(inner) > last:
                break
            if recording.codes[recording.frames[inner].code].group not in self.hidden:
                return True
        return False

    # The run -----------------------------------------------------------------------------------------------

    async def follow(self, kernel: Kernel) -> None:
        """Run the snippet from its beginning and take down what it tells, until it is over."""
        recording = self.recording
        self._go, self.paused = (
            Go("into", hidden=sorted(self.hidden), breakpoints=list(self.breakpoints)),
            None,
        )
        self._run = run = kernel.trace(recording.snippet, recording.setup, seed=recording.seed, go=self._go)
        self.changed()
        frozen = 0
        async with aclosing(run.batches()) as batches:
            async for batch in batches:
                if self._run is not run:
                    return
                for message in batch:
                    self._take(message, kernel)
                if self.recording.last > frozen + _FREEZE:
                    frozen = self.recording.last
                    # There are no cycles in a recording: the collector need not walk through it again and again.
                    gc.freeze()
                self.changed()

    def _take(self, message: Emission, kernel: Kernel) -> None:
        match message:
            case Paused():
                self.paused = message
                if message.why == "breakpoint" and message.text:
                    self.unclear[message.at] = message.text
                self.move(self.recording.last)
                here = self.recording.events[self.at]
                if here.what == "return" and self.recording.frame(self.at).parent < 0:
                    self._send(Go("end"))  # nothing is left that could be stepped
                    return
                if message.why == "reached" or message.why == "breakpoint":
                    while self._ahead and not self.running:
                        self.go(self._ahead.popleft())
                else:
                    self._ahead.clear()
            case Looked():
                if self._awaited is not None and not self._awaited.done():
                    self._awaited.set_result(message)
            case _:
                self.recording.take(message)
                if not self.recording.torch and isinstance(kernel.state, Ready):
                    self.recording.torch = kernel.state.torch.partition("+")[0]
                if self.recording.ended is not None:
                    self._over()

    def _over(self) -> None:
        self._run, self.paused = None, None
        self._ahead.clear()
        if self._awaited is not None and not self._awaited.done():
            self._awaited.cancel()
        raised = self.recording.raised
        self.move(self.recording.last if raised is None else raised)

    def answer(self, go_on: bool) -> None:
        """Go on after the cap or in deep recursion, or stay here."""
        if self.paused is not None and go_on:
            self._send(self._go)
        self.changed()

    def type(self, line: str) -> None:
        """Give the line that the code asked for."""
        if self._run is not None and self.paused is not None and self.paused.why == "asks":
            self._typed.append(line)
            self.paused = self.notice = None
            self._run.send(Type(line))
            self.changed()

    def stop(self) -> bool:
        """End the run, if there is one; what was recorded stays."""
        if self._run is None:
            return False
        self._ahead.clear()
        self._run.interrupt()
        return True

    def leave(self) -> None:
        """End the run for good: nobody follows it any more."""
        if self._run is not None:
            self._run.interrupt()
            self._run, self.paused = None, None
            self.recording.take(Stopped())
        self.changed = lambda: None

    # Expressions -------------------------------------------------------------------------------------------

    async def evaluate(self, expression: str, kernel: Kernel) -> None:
        """Find out what `expression` is at the cursor: in a copy of the waiting run, or by a replay up to there."""
        answer = Answer(self.at, expression)
        self.answers.append(answer)
        frame = self.shown_frame
        if self._run is not None and self.paused is not None and self.at == self.recording.last:
            self._awaited = asyncio.get_running_loop().create_future()
            self._run.send(Look(frame, expression))
            try:
                answer.given = await self._awaited
            except asyncio.CancelledError:
                answer.refused = Words("The run ended before it answered.", "运行在回答之前就结束了。")
            self.changed()
            return
        answer.replayed = True
        there = kernel.state.torch.partition("+")[0] if isinstance(kernel.state, Ready) else ""
        if self.recording.torch and there and there != self.recording.torch:
            answer.refused = Words(
                "Recorded with torch {then}, but {now} is here: it cannot be replayed.",
                "录制时是 torch {then}，这里是 {now}：无法重放。",
            ).filled(then=self.recording.torch, now=there)
            self.changed()
            return
        self.changed()
        looked = await self._replay(kernel, Probe(self.at, frame, expression))
        answer.given = looked[-1] if looked else None
        if answer.given is None:
            answer.refused = Words("The replay did not come to this event.", "重放没有到达这个事件。")
        self.changed()

    async def _replay(self, kernel: Kernel, probe: Probe) -> list[Looked]:
        recording = self.recording
        run = kernel.trace(
            recording.snippet, recording.setup, seed=recording.seed, probe=probe, typed=self._typed
        )
        return [message async for message in run if isinstance(message, Looked)]


_OF_PYTHON = frozenset((*dir(builtins), "OrderedDict", "defaultdict"))


def _is_of_python(call: str) -> bool:
    """Whether nobody needs to be asked about a call: `super()`, `len(...)`."""
    if call.startswith("super()."):
        return call.startswith("super().__setattr__(")  # of object, or it is the only one on its line
    return call.partition("(")[0] in _OF_PYTHON


def begin(snippet: str, setup: str = "", seed: int = 0) -> Walk:
    """A walk that has not begun."""
    return Walk(Recording(snippet, setup, seed), Sources(snippet, setup))


def opened(recording: Recording, sources: Sources) -> Walk:
    """A walk through what was recorded earlier, from its beginning."""
    if recording.ended is None:
        recording.take(Stopped())
    walk = Walk(recording, sources)
    walk.move(walk.first)
    return walk
