"""One process with torch in it, as the app holds it: the socket to it, the runs in it, its end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec

from tutor.protocol import (
    Ended,
    Interrupt,
    Message,
    Missing,
    News,
    Ready,
    Started,
    Task,
    Warming,
    encode,
)

PATIENCE = 2.0
"""Seconds a run has to end after an interrupt, where the app itself sends it."""

_decode_news = msgspec.json.Decoder(News, strict=False).decode_lines


class Owner(Protocol):
    """Who started a process and hears of it."""

    def heard(self, process: Process, news: Warming | Ready | Missing) -> None:
        """`process` said this of itself."""

    def ended(self, process: Process, status: int, log: str) -> None:
        """`process` is gone; `log` is the end of what it wrote to its stdout and stderr."""


class Tenant(Protocol):
    """A run in a process."""

    def interrupt(self) -> None:
        """Stop."""

    def conclude(self, status: int | None, *, killed: bool = False) -> None:
        """The run is gone, with `status` if that is known."""


class Process:
    """One kernel process and the socket to it."""

    def __init__(
        self, owner: Owner, process: asyncio.subprocess.Process, control: socket.socket, *, spare: bool
    ) -> None:
        self._owner = owner
        self._process = process
        self._control = control
        self._spare = spare
        self._loop = asyncio.get_running_loop()
        self._outbox: deque[tuple[bytes, Sequence[int]]] = deque()
        self._heard = b""
        self._runs: dict[int, Tenant] = {}
        self._pids: dict[int, int] = {}
        self._killed: set[int] = set()
        self._loop.add_reader(control, self._listen)
        self._watching = self._loop.create_task(self._watch())

    @classmethod
    async def start(cls, owner: Owner, folder: Path, memory: int, *, spare: bool) -> Process:
        """Start it; raises OSError if the system does not."""
        ours, theirs = socket.socketpair()
        with theirs:
            ours.setblocking(False)
            try:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-m", "tutor.kernel"),
                    *("--control", str(theirs.fileno()), "--folder", str(folder), "--memory", str(memory)),
                    *(["--spare"] if spare else []),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.STDOUT,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,  # Ctrl-C in the terminal is the app's to interpret
                    env=os.environ | {"PYTHONUTF8": "1"},
                )
            except BaseException:
                ours.close()
                raise
        return cls(owner, process, ours, spare=spare)

    def begin(self, run: Tenant, request: Task, emissions: int, output: int) -> None:
        """Send `request` with its two descriptors, which are closed when they are sent."""
        self._runs[request.run] = run
        self._send(request, (emissions, output))

    def interrupt(self, number: int) -> None:
        """Stop the run `number`, if it still goes on."""
        if number not in self._runs:
            return
        if self._spare:
            self._signal(signal.SIGINT)
            self._loop.call_later(PATIENCE, self._kill_unless_ended, number)
        else:
            self._send(Interrupt(number))

    async def end(self) -> None:
        """End the process and all its runs, which count as stopped."""
        for run in list(self._runs.values()):
            run.interrupt()
        with suppress(ProcessLookupError):
            if self._spare:
                self._signal(signal.SIGKILL)
            else:
                self._process.terminate()
        try:
            await asyncio.wait_for(asyncio.shield(self._watching), 0.5)
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self._watching

    def _send(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        self._outbox.append((encode(message), descriptors))
        self._flush()

    def _flush(self) -> None:
        while self._outbox:
            line, descriptors = self._outbox[0]
            try:
                sent = socket.send_fds(self._control, [line], descriptors)
            except BlockingIOError:
                self._loop.add_writer(self._control, self._flush)
                return
            except OSError:  # it is gone, which `_watch` deals with
                sent = len(line)
            for descriptor in descriptors:
                os.close(descriptor)
            self._outbox.popleft()
            if sent < len(line):
                self._outbox.appendleft((line[sent:], ()))
        self._loop.remove_writer(self._control)

    def _listen(self) -> None:
        try:
            data = self._control.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._loop.remove_reader(self._control)
            return
        cut = data.rfind(b"\n") + 1
        whole, self._heard = self._heard + data[:cut], data[cut:] if cut else self._heard + data
        if cut:
            for news in _decode_news(whole):
                self._hear(news)

    def _hear(self, news: News) -> None:
        match news:
            case Started(run, pid):
                self._pids[run] = pid
            case Ended(run=run):
                self._pids.pop(run, None)
                if (ended := self._runs.pop(run, None)) is not None:
                    ended.conclude(news.status, killed=news.killed)
            case _:
                self._owner.heard(self, news)

    async def _watch(self) -> None:
        """Wait for the end of the process, keep its last words, and end its runs."""
        log = b""
        assert self._process.stdout is not None
        while data := await self._process.stdout.read(1 << 16):
            log = (log + data)[-4096:]
        status = await self._process.wait()
        if self._spare:
            self._signal(signal.SIGKILL)
        for pid in self._pids.values():  # a run dies with the zygote, what it started does not
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        self._loop.remove_reader(self._control)
        self._loop.remove_writer(self._control)
        for _, descriptors in self._outbox:
            for descriptor in descriptors:
                os.close(descriptor)
        self._control.close()
        for number, run in self._runs.items():
            run.conclude(status if self._spare else None, killed=number in self._killed)
        self._runs.clear()
        self._owner.ended(self, status, log.decode("utf-8", "replace"))

    def _kill_unless_ended(self, number: int) -> None:
        if number in self._runs:
            self._killed.add(number)
            self._signal(signal.SIGKILL)

    def _signal(self, signum: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signum)
