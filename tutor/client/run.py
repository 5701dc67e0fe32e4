"""One run as the app follows it: begin, hear it in handy pieces, stop it, know how it ended."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass

import msgspec

from tutor.client.printed import Printout
from tutor.client.process import Process
from tutor.client.reader import Lines, Reader
from tutor.protocol import (
    Crashed,
    Emission,
    Ending,
    Failed,
    Finished,
    Missing,
    Note,
    Stopped,
    Task,
    encode,
)
from tutor.protocol.trace import Command
from tutor.words import Words

_emissions = msgspec.json.Decoder(Emission, strict=False)


@dataclass(frozen=True)
class Gone:
    """There is no kernel, and it is not started anew by itself; a run asked for tries once more."""

    reason: Words


Place = Process | Missing | Gone
"""Where a run is to take place, or why it is not."""

_CHUNKS_AHEAD = 8


class Run:
    """One run: an async iterator of what it emits, whose last item is an `Ending`; to be iterated once.

    It begins when it is iterated, and waits then until torch is ready. It is stopped by `interrupt()`, and
    by leaving the iteration early: cancel the task, or close the iterator.
    """

    def __init__(self, request: Task, admit: Callable[[Run], Awaitable[Place | None]]) -> None:
        """`admit` waits for a process; it gives None when the run is stopped before there is one."""
        self.request = request
        self.ending: Ending | None = None
        """How the run ended; None as long as that has not been yielded."""
        self.news = asyncio.Event()
        """Set when something happened that the run waits for."""
        self.stopping = False
        self._admit = admit
        self._process: Process | None = None
        self._channel: int | None = None
        """The descriptor of the socket to the run, while there is one."""
        self._killed = False
        self._over = False
        self._status: int | None = None
        self._last_word: Ending | None = None
        self._lines = Lines()
        self._printout = Printout()

    def interrupt(self) -> None:
        """Stop the run: at once if it listens, two seconds later if not. Does nothing to one that is over."""
        self.stopping = True
        if self._process is not None:
            self._process.interrupt(self.request.run)
        self.news.set()

    def send(self, command: Command) -> None:
        """Tell a run that is stepped through how to go on. Does nothing to one that has not begun or is over."""
        if self._channel is not None:
            with suppress(OSError):
                os.write(self._channel, encode(command))

    async def __aiter__(self) -> AsyncIterator[Emission]:
        async with aclosing(self.batches()) as batches:
            async for batch in batches:
                for emission in batch:
                    yield emission

    async def batches(self) -> AsyncGenerator[list[Emission]]:
        """Lists of what has arrived together, each made within a few milliseconds; the last holds the ending."""
        emissions = output = None
        try:
            place = await self._admit(self)
            if isinstance(place, Process):
                self._process = place
                ours, theirs = socket.socketpair()
                self._channel = ours.fileno()
                emissions = Reader(ours.detach(), self._hear)
                read, write = os.pipe()
                output = Reader(read, self._print)
                self._process.begin(self, self.request, theirs.detach(), write)
                while not self._over:
                    await self.news.wait()
                    self.news.clear()
                    while batch := self._take():
                        yield batch
                        await asyncio.sleep(0)
                        emissions.resume()
                emissions.drain()
                output.drain()
                while batch := self._take():
                    yield batch
                    await asyncio.sleep(0)
            elif isinstance(place, Missing):
                kind, _, message = place.reason.partition(": ")
                self._last_word = Failed(kind, message)
            elif isinstance(place, Gone):
                yield [Note(place.reason.en, place.reason.zh)]
            self.ending = self._how_it_ended()
            yield [*self._printout.end(), self.ending]
        finally:
            self._channel = None
            for reader in (emissions, output):
                if reader is not None:
                    reader.close()
            if not self._over:
                self.interrupt()

    def conclude(self, status: int | None, *, killed: bool = False) -> None:
        """The run's process is gone, with `status` if that is known."""
        self._over = True
        self._status = status
        self._killed = killed
        self.news.set()

    def _hear(self, data: bytes) -> bool:
        self._lines.feed(data)
        self.news.set()
        return len(self._lines.chunks) < _CHUNKS_AHEAD

    def _print(self, data: bytes) -> bool:
        self._printout.feed(data)
        self.news.set()
        return True

    def _take(self) -> list[Emission]:
        """What has arrived, at most one chunk of it; empty if nothing has."""
        taken: list[Emission] = [*self._printout.take()]
        while self._lines.chunks and not taken:
            for emission in self._decoded(self._lines.chunks.popleft()):
                if isinstance(emission, Ending):
                    self._last_word = self._last_word or emission
                else:
                    taken.append(emission)
        return taken

    def _decoded(self, lines: bytes) -> list[Emission]:
        try:
            return _emissions.decode_lines(lines)
        except msgspec.DecodeError:
            return [
                emission for line in lines.splitlines() if (emission := self._decoded_line(line)) is not None
            ]

    def _decoded_line(self, line: bytes) -> Emission | None:
        try:
            return _emissions.decode(line) if line else None
        except msgspec.DecodeError as error:
            if self.stopping:  # the interrupt came while the line was being written
                return None
            return Failed("ValueError", f"The run sent a line that is no message ({error}): {line[:80]!r}")

    def _how_it_ended(self) -> Ending:
        if isinstance(self._last_word, Finished):
            return self._last_word
        if self.stopping:
            return Stopped(self._killed)
        return self._last_word or Crashed(self._status)
