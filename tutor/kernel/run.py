"""One run, from the request to the last word: what happens in the process that is there for it alone."""

from __future__ import annotations

import ctypes
import faulthandler
import importlib.util
import math
import os
import random
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, cast

import msgspec

from tutor.kernel.confine import confine, lift_memory_limit
from tutor.protocol import (
    LONGEST,
    Emission,
    Ending,
    Evaluate,
    Failed,
    Finished,
    Message,
    Note,
    Picture,
    Point,
    Pose,
    Progress,
    Raised,
    RunLab,
    Stopped,
    Table,
    Task,
    Value,
    Variant,
    encode,
)
from tutor.protocol.trace import Trace

_OURS = (str(Path(__file__).parent), "<frozen importlib")
_LONGEST_MESSAGE = 4000
_LONGEST_TRACE = 200


class NotAMessage(Exception):
    """A lab yielded something that cannot be shown; its text says what and where."""


def carry_out(request: Task, emissions: int, output: int, folder: Path | None, memory: int) -> NoReturn:
    """Do what `request` asks, send what comes of it to `emissions`, and end this process.

    SIGINT is blocked when this is called, and let through only while code of the run is at work.
    """
    wire = socket.socket(fileno=emissions)
    _take_over_streams(output)
    os.chdir(folder or "/")
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder or "/")
    sys.dont_write_bytecode = True
    sys.argv = [""]
    confine(folder, memory)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    ending: Ending
    began = time.perf_counter()
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        for message in _lines(request, wire):
            wire.sendall(message)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        ending = Finished(time.perf_counter() - began)
    except KeyboardInterrupt:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        ending = Stopped()
    except BaseException as error:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        lift_memory_limit()
        ending = _failure(error)
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    ctypes.CDLL(None).fflush(None)
    # An interrupt may have cut a line in the middle: the last word starts on a line of its own.
    wire.sendall(b"\n" + encode(ending))
    os._exit(0)


def _take_over_streams(output: int) -> None:
    """Descriptors 0, 1 and 2 and Python's streams: nothing to read, and all that is written goes to `output`."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, standard in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(descriptor, standard)
    os.close(nothing)
    os.close(output)
    # ruff: noqa: SIM115 - these live as long as the process
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    faulthandler.enable(file=2)


def _lines(request: Task, wire: socket.socket) -> Iterator[bytes]:
    match request:
        case Trace():
            from tutor.kernel.stepping import step_through  # it imports torch

            step_through(request, wire)
            return iter(())
        case RunLab():
            return _lab(request)
        case Evaluate():
            return _evaluated(request)
        case Pose():
            return _posed(request)


def _function(request: RunLab | Pose) -> Callable[..., Any]:
    """The function that the request names, from its file, which is loaded here."""
    file = Path(request.file)
    if not file.is_file():
        raise FileNotFoundError(f"There is no lab file {file}")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python file: a lab's name ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(file.stem, module)
    # A lab may import what stands beside it, as a script may; last, so that it can hide nothing that torch imports.
    sys.path.append(str(file.parent))
    spec.loader.exec_module(module)
    function = getattr(module, request.function, None)
    if not callable(function):
        raise AttributeError(f"{file.name} has no function {request.function}()")
    return cast(Callable[..., Any], function)


def _lab(request: RunLab) -> Iterator[bytes]:
    """The lines that the lab's generator yields; what it yields as a list is sent at once, which saves time."""
    file = Path(request.file)
    yielded = _function(request)(**request.settings)
    if not isinstance(yielded, Iterable):
        raise NotAMessage(
            f"{request.function}() in {file.name} returns {_named(yielded)} instead of yielding: a lab yields"
            " Point, Table, Value, Picture, Note and Progress of tutor.lesson"
        )
    for message in yielded:
        try:
            yield b"".join(map(_line, message)) if isinstance(message, list) else _line(message)
        except (NotAMessage, TypeError, ValueError, OverflowError, RecursionError) as error:
            frame = getattr(yielded, "gi_frame", None)
            where = (
                f"line {frame.f_lineno} of {file.name}" if frame else f"{request.function}() in {file.name}"
            )
            raise NotAMessage(f"{where} yields {_named(message)}: {error}") from None


_decode = msgspec.json.Decoder(Emission, strict=False).decode


def _line(message: object) -> bytes:
    """`message` as it goes over the wire, checked as the other end will; raises NotAMessage, TypeError, ..."""
    if not isinstance(message, Point | Table | Value | Picture | Note | Progress):
        raise NotAMessage("a lab yields Point, Table, Value, Picture, Note and Progress of tutor.lesson")
    line = encode(message)
    if len(line) > LONGEST:
        raise NotAMessage(f"it is {len(line) >> 20} MiB long, the screen takes {LONGEST >> 20} MiB at once")
    _decode(line)
    return line


def _posed(request: Pose) -> Iterator[bytes]:
    """A line for each seed's variant."""
    import torch

    function = _function(request)
    for seed in request.seeds:
        torch.manual_seed(seed)
        variant = function(random.Random(seed))
        if not isinstance(variant, Variant):
            raise NotAMessage(
                f"{request.function}() in {Path(request.file).name} returns {_named(variant)} for seed {seed}:"
                " a question generator returns a Variant of tutor.lesson"
            )
        line = encode(msgspec.structs.replace(variant, seed=seed))
        _decode(line)
        yield line


def _named(thing: object) -> str:
    return "nothing" if thing is None else f"a {type(thing).__name__}"


def _evaluated(request: Evaluate) -> Iterator[bytes]:
    import torch

    names = {"torch": torch, "nn": torch.nn, "init": torch.nn.init, "optim": torch.optim, "math": math}
    names["F"] = torch.nn.functional
    for name, expression in request.expressions.items():
        torch.manual_seed(0)
        answer: Message
        try:
            answer = Value(name, _bare(eval(expression, dict(names))))
            line = encode(answer)
        except Exception as error:
            line = encode(Raised(name, type(error).__name__, str(error)[:_LONGEST_MESSAGE]))
        yield line


def _bare(value: Any) -> Any:
    """A tensor as the number or nested list it holds; everything else as it is."""
    return value.tolist() if hasattr(value, "tolist") else value


def _failure(error: BaseException) -> Failed:
    told = traceback.TracebackException.from_exception(error, compact=True)
    _leave_out_our_frames(told)
    trace = [] if isinstance(error, NotAMessage) else "".join(told.format()).splitlines()
    if len(trace) > _LONGEST_TRACE:
        trace = [*trace[: _LONGEST_TRACE // 4], "...", *trace[-_LONGEST_TRACE:]]
    try:
        message = str(error)
    except Exception as unspeakable:
        message = f"its text cannot be had: {type(unspeakable).__name__}"
    return Failed(
        type(error).__name__, message[:_LONGEST_MESSAGE], [line[:_LONGEST_MESSAGE] for line in trace]
    )


def _leave_out_our_frames(told: traceback.TracebackException) -> None:
    told.stack[:] = [frame for frame in told.stack if not frame.filename.startswith(_OURS)]
    for other in (told.__cause__, told.__context__):
        if other is not None:
            _leave_out_our_frames(other)
