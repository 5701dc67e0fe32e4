"""A program in a real pseudo-terminal, with an emulated screen: for tests, benchmarks and pictures."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

import pyte

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "ctrl+c": "\x03",
    "ctrl+p": "\x10",
}


def _sizeless(env: Mapping[str, str]) -> dict[str, str]:
    """Without the size of the terminal that the tests were started in, which would stand for this one's."""
    return {name: value for name, value in env.items() if name not in ("COLUMNS", "LINES")}


class Terminal:
    """Starts `argv` at once; `screen()` is what a person would see. Killed with its session at the end."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._emulator = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._emulator)
        self.written = 0
        """Bytes that the program wrote so far."""
        self.history = bytearray()
        """Those bytes, for what is on the screen too shortly to be seen in time."""
        self.begun = time.monotonic()
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            try:
                os.execvpe(
                    argv[0],
                    list(argv),
                    {"TERM": "xterm-256color", **_sizeless(os.environ if env is None else env)},
                )
            finally:
                os._exit(127)
        self._size(columns, rows)
        self.status: int | None = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait(10)
        os.close(self._master)

    def _size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns: int, rows: int) -> None:
        """What a person does with the window's corner."""
        self._emulator.resize(rows, columns)
        self._size(columns, rows)

    def send(self, *keys: str) -> None:
        """Press keys by name; anything that is no name is typed as it stands."""
        for key in keys:
            os.write(self._master, KEYS.get(key, key).encode())

    def hangup(self) -> None:
        """The connection breaks: the program gets SIGHUP."""
        os.kill(self.pid, signal.SIGHUP)

    def read(self, timeout: float) -> bool:
        """Take what the program writes within `timeout` seconds; False if nothing came or it is gone."""
        if not select.select([self._master], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # Linux says EIO when the other side has closed.
            return False
        self.written += len(data)
        self.history += data
        self._stream.feed(data)
        return bool(data)

    def screen(self) -> list[str]:
        """The rows as text, without the blanks at their ends; a wide character is one character."""
        rows = []
        for y in range(self._emulator.lines):
            row = self._emulator.buffer[y]
            rows.append("".join(row[x].data for x in range(self._emulator.columns)).rstrip())
        return rows

    def wait_for(self, *texts: str, timeout: float = 30) -> float:
        """Read until all `texts` are on the screen; the seconds since the start.

        Raises:
            AssertionError: they did not come; the message holds the screen as it was.
        """
        deadline = time.monotonic() + timeout
        while not self.shows(*texts):
            left = deadline - time.monotonic()
            if left <= 0 or not (self.read(min(left, 0.5)) or self._alive()):
                raise AssertionError(f"{texts} did not appear on:\n" + "\n".join(self.screen()))
        return time.monotonic() - self.begun

    def shows(self, *texts: str) -> bool:
        """Whether all `texts` stand on the screen now."""
        whole = "\n".join(self.screen())
        return all(text in whole for text in texts)

    def quiet(self, seconds: float = 0.2, timeout: float = 10) -> int:
        """Read until nothing came for `seconds`; the bytes that came meanwhile."""
        before, deadline = self.written, time.monotonic() + timeout
        while self.read(seconds) and time.monotonic() < deadline:
            pass
        return self.written - before

    def _alive(self) -> bool:
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is None

    def wait(self, timeout: float = 10) -> int:
        """Read on until the program has ended; its exit status, negative for a signal.

        Raises:
            AssertionError: it still runs after `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while self._alive():
            assert time.monotonic() < deadline, "still running:\n" + "\n".join(self.screen())
            self.read(0.05)
        assert self.status is not None
        return self.status
