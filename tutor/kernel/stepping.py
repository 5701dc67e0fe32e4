"""A run that is stepped through: its set-up, its pauses, what it prints and asks for, and what is evaluated in it."""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import io
import linecache
import math
import os
import random
import signal
import socket
import sys
import time
import traceback
import types
from typing import Any, NoReturn

import msgspec
import torch

from tutor.kernel.confine import die_with_parent, lift_memory_limit
from tutor.kernel.shown import LONGEST, error_text, shown, type_name
from tutor.kernel.trace import Tracer
from tutor.protocol import Failed, Finished, Stopped, encode
from tutor.protocol.trace import (
    SETUP,
    SNIPPET,
    Breakpoint,
    Code,
    Command,
    Frame,
    Go,
    Look,
    Looked,
    Paused,
    Probe,
    Stepped,
    Thing,
    Told,
    Trace,
    Type,
    Wrote,
)
from tutor.stepping.rules import Here, Rule, hits

_PRINTED = 256 << 10
"""Characters of output that are told; of more only the length."""
_HEAVY = 48 << 20
"""Bytes told before the run asks whether to go on, like `Trace.cap` for events."""
_DEEP = 200
"""Frames in one another at which the run stops once to ask: recursion seldom means to go so deep."""
_PATIENCE = 2.0
"""Seconds that an expression may take."""
_LONGEST_LOOK = 4000
_ANSWERED = 77
"""Exit status of a fork that told what its expression gave: the expression itself may end it with any other."""
_LONGEST_TRACE = 50
_OURS = os.path.dirname(__file__) + os.sep


def step_through(request: Trace, wire: socket.socket) -> None:
    """Carry out `request`, telling through `wire` and taking commands from it; an error of the code is its ending."""
    session = _Session(request, wire)
    try:
        _carry_out(request, session)
    except BaseException as error:
        lift_memory_limit()
        session.leave(_failed(error))


def _carry_out(request: Trace, session: _Session) -> None:
    names = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "optim": torch.optim}
    names |= {"init": torch.nn.init, "math": math}
    namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins, **names}
    code = {
        name: _compiled(text, name) for name, text in ((SETUP, request.setup), (SNIPPET, request.snippet))
    }
    _warm()
    session.take_over_streams()
    signal.signal(signal.SIGINT, lambda *_: session.leave(Stopped()))
    random.seed(request.seed)
    torch.manual_seed(request.seed)
    exec(code[SETUP], namespace)
    session.tracer = Tracer(session, {"__name__": "__main__", "__builtins__": builtins, **names})
    try:
        session.tracer.run(code[SNIPPET], namespace)
    finally:
        session.flush()


def _compiled(text: str, name: str) -> types.CodeType:
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    return compile(text, name, "exec", dont_inherit=True)


def _failed(error: BaseException) -> Failed:
    """How the code failed, without asking the exception's own class: it may be the learner's."""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(_OURS)
    ]
    if isinstance(error, SyntaxError):
        trace = traceback.format_exception_only(error)
    else:
        trace = traceback.format_list(frames[:_LONGEST_TRACE])
    lines = "".join(trace).splitlines()
    return Failed(type_name(error), error_text(error), lines)


def _warm() -> None:
    """Take the first step of an optimizer: what torch imports and sets up for it is not part of anybody's code."""
    parameter = torch.nn.Parameter(torch.zeros(1))
    parameter.grad = torch.zeros(1)
    torch.optim.SGD([parameter], lr=0.1, momentum=0.9).step()


class _Session:
    """Between the tracer and the app."""

    def __init__(self, request: Trace, wire: socket.socket) -> None:
        self.tracer: Tracer
        self._wire = wire
        self._probe = request.probe
        self._rule, self._breakpoints = Rule(request.go), request.go.breakpoints
        self._cap, self._next_cap, self._next_heavy = request.cap, request.cap, _HEAVY
        self._classes: dict[int, list[str]] = {}
        self._typed = list(request.typed)
        self._sent = 0
        self._deep = False
        self._unread = b""
        self._decode = msgspec.json.Decoder(Command).decode
        self._printed: list[str] = []
        self._room, self._dropped = _PRINTED, 0

    # What the tracer tells -------------------------------------------------------------------------------------

    def tell(self, told: Told) -> None:
        if isinstance(told, Thing):
            self._classes[told.id] = told.mro
        if self._probe is None:
            self.flush()
            self._send(told)

    def happened(self, event: Stepped, frame: Frame, code: Code) -> None:
        here = Here(event, frame, code)
        if self._probe is not None:
            self._look_back(self._probe, here)
            return
        self.flush()
        self._send(event)
        if event.at + 1 >= self._next_cap or self._sent >= self._next_heavy:
            self._next_cap, self._next_heavy = event.at + 1 + self._cap, self._sent + _HEAVY
            self._pause(Paused(event.at, "cap"))
        elif (found := self._at_breakpoint(here)) is not None:
            self._pause(Paused(event.at, "breakpoint", found.text))
        elif self._rule.stops_at(here):
            self._pause(Paused(event.at, "reached"))
        elif frame.depth >= _DEEP and not self._deep:
            self._deep = True
            self._pause(Paused(event.at, "deep"))

    def _send(self, message: Told | Finished | Stopped) -> None:
        line = encode(message)
        self._sent += len(line)
        self._wire.sendall(line)

    # Pauses ----------------------------------------------------------------------------------------------------

    def _pause(self, paused: Paused) -> None:
        self._send(paused)
        while True:
            match self._command():
                case Go() as go:
                    self._rule, self._breakpoints = Rule(go), go.breakpoints
                    return
                case Look(frame, expression):
                    self._look_aside(frame, expression)
                case _:
                    pass

    def _command(self) -> Command:
        while b"\n" not in self._unread:
            try:
                data = self._wire.recv(1 << 16)
            except ConnectionError:
                data = b""
            if not data:  # nobody is interested any more
                os._exit(0)
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        command: Command = self._decode(line)
        return command

    def leave(self, ending: Finished | Stopped | Failed) -> NoReturn:
        """End here and now, whatever the learner's code would do about it."""
        ctypes.CDLL(None).fflush(None)
        self._wire.sendall(b"\n" + encode(ending))  # a line may have been cut in the middle
        os._exit(0)

    # Expressions -----------------------------------------------------------------------------------------------

    def _at_breakpoint(self, here: Here) -> Looked | None:
        """What the first breakpoint that stops here found; None if none does."""
        return next((found for each in self._breakpoints if (found := self._hit(each, here))), None)

    def _hit(self, breakpoint: Breakpoint, here: Here) -> Looked | None:
        """Whether it stops here: its condition is true, or raises, so that the learner sees it."""
        if not hits(breakpoint, here, self._classes):
            return None
        try:
            if not breakpoint.condition or eval(breakpoint.condition, self._names_in(here.frame.id)):
                return Looked(here.event.at)
        except Exception as raised:
            return Looked(here.event.at, _raised(raised), error=True)
        return None

    def _names_in(self, frame: int) -> dict[str, Any]:
        """The names that code in this frame sees."""
        opened = next((each for each in reversed(self.tracer.stack) if each.told.id == frame), None)
        if opened is None:
            raise LookupError("this function has returned")
        return {**opened.frame.f_globals, **opened.frame.f_locals}

    def _look_aside(self, frame: int, expression: str) -> None:
        """Evaluate in a fork: what the expression does, it does to a copy."""
        pid = os.fork()
        if pid == 0:
            die_with_parent(signal.SIGKILL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            try:
                self._send(self._looked(frame, expression))
                os._exit(_ANSWERED)
            finally:
                os._exit(1)
        until = time.monotonic() + _PATIENCE
        while True:
            gone, status = os.waitpid(pid, os.WNOHANG)
            if gone or time.monotonic() > until:
                break
            time.sleep(0.002)
        if not gone:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            self._send(Looked(self.tracer.at, f"TimeoutError: > {_PATIENCE:g} s", error=True))
        elif (how := os.waitstatus_to_exitcode(status)) != _ANSWERED:
            self._send(Looked(self.tracer.at, f"SystemExit: {how}", error=True))

    def _looked(self, frame: int, expression: str) -> Looked:
        """What the expression gives, by its `repr` where that can be had: the learner asked for it."""
        heard = io.StringIO()
        with contextlib.redirect_stdout(heard):
            try:
                value = eval(compile(expression.strip(), "<expression>", "eval"), self._names_in(frame))
                text, error = _told(value), False
            except BaseException as raised:
                text, error = _raised(raised), True
        return Looked(self.tracer.at, text[:_LONGEST_LOOK], error, heard.getvalue()[:_LONGEST_LOOK])

    def _look_back(self, probe: Probe, here: Here) -> None:
        """In a replay: answer what was asked for, and end after that."""
        breakpoint, at = probe.breakpoint, here.event.at
        if breakpoint is not None and (found := self._hit(breakpoint, here)) is not None:
            self._send(found)
        if at >= probe.at:
            if breakpoint is None:
                self._look_aside(probe.frame, probe.expression)
            self.leave(Finished(0.0))

    # What it prints and asks for -------------------------------------------------------------------------------

    def take_over_streams(self) -> None:
        """Have what is printed told in its place among the events, and `input()` ask the learner."""
        sys.stdout = sys.stderr = _Stream(self)
        builtins.input = self._ask

    def write(self, text: str) -> None:
        """Something was printed."""
        if not hasattr(self, "tracer") or self.tracer.busy:
            self._keep(text)
            return
        self.tracer.busy = True
        try:
            self._keep(text)
        finally:
            self.tracer.busy = False

    def _keep(self, text: str) -> None:
        taken = text[: self._room]
        self._room -= len(taken)
        self._dropped += len(text) - len(taken)
        if taken:
            self._printed.append(taken)
            if taken.endswith("\n") or len(self._printed) > 200:
                self.flush()

    def flush(self) -> None:
        """Tell what was printed since the last event."""
        if self._printed or self._dropped:
            wrote = Wrote(max(self._at(), 0), "".join(self._printed), self._dropped)
            self._printed, self._dropped = [], 0
            if self._probe is None:
                self._send(wrote)

    def _at(self) -> int:
        return self.tracer.at if hasattr(self, "tracer") else -1

    def _ask(self, prompt: object = "") -> str:
        """`input()`: the learner types the line, or in a replay typed it."""
        said = prompt if type(prompt) is str else shown(prompt, LONGEST)
        self.write(said)
        if self._probe is not None or not hasattr(self, "tracer"):
            if not self._typed:
                raise EOFError("input() has nobody to ask here")
            return self._typed.pop(0)
        self.tracer.busy = True
        try:
            self.flush()
            self._send(Paused(max(self._at(), 0), "asks", said))
            while True:
                match self._command():
                    case Type(text):
                        break
                    case Look(frame, expression):
                        self._look_aside(frame, expression)
                    case _:
                        self._send(Paused(max(self._at(), 0), "asks", said))
        finally:
            self.tracer.busy = False
        self.write(text + "\n")
        return text


class _Stream(io.TextIOBase):
    """`sys.stdout` and `sys.stderr` of a run that is stepped through."""

    encoding = "utf-8"

    def __init__(self, session: _Session) -> None:
        self._session = session

    def write(self, text: str) -> int:
        """Have it told."""
        self._session.write(str(text))
        return len(text)

    def writable(self) -> bool:
        """It is."""
        return True


def _raised(error: BaseException) -> str:
    return f"{type_name(error)}: {error_text(error)}".removesuffix(": ")


def _told(value: Any) -> str:
    """The value's own `repr`, or for what is large its short form."""
    if isinstance(value, (list, tuple, dict, set, frozenset, str, bytes)) and len(value) > 1000:
        return shown(value)
    return repr(value)
