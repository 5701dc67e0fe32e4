"""Reading descriptors beside the event loop's other work: never longer than a chunk takes, never ahead of need."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable

CHUNK = 32 << 10
"""Bytes read at once; as messages they take well under a millisecond."""

_READS_AFTER_THE_END = 64


class Lines:
    """Puts whole lines together from what a socket gives; a chunk is one or more of them."""

    def __init__(self) -> None:
        self.chunks: deque[bytes] = deque()
        self._begun: list[bytes] = []

    def feed(self, data: bytes) -> None:
        cut = data.rfind(b"\n") + 1
        if cut:
            self.chunks.append(b"".join((*self._begun, data[:cut])))
            self._begun = []
        if cut < len(data):
            self._begun.append(data[cut:])


class Reader:
    """Hands what arrives at a descriptor to `take`, until that wants no more for now and returns False."""

    def __init__(self, descriptor: int, take: Callable[[bytes], bool]) -> None:
        self._descriptor = descriptor
        self._take = take
        self._loop = asyncio.get_running_loop()
        self._reading = False
        self._ended = False
        os.set_blocking(descriptor, False)
        self.resume()

    def resume(self) -> None:
        if not self._reading and not self._ended:
            self._loop.add_reader(self._descriptor, self._read)
            self._reading = True

    def drain(self) -> None:
        """Take what is there without waiting; not for ever, as somebody may still be writing."""
        self._pause()
        for _ in range(_READS_AFTER_THE_END):
            if not self._read():
                return

    def close(self) -> None:
        self._pause()
        os.close(self._descriptor)

    def _pause(self) -> None:
        if self._reading:
            self._loop.remove_reader(self._descriptor)
            self._reading = False

    def _read(self) -> bool:
        try:
            data = os.read(self._descriptor, CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self._ended = True
            self._pause()
        elif not self._take(data):
            self._pause()
        return bool(data)
