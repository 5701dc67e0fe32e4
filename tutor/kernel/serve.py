"""Takes the app's requests: the zygote forks once per run and buries the dead; a spare does one run itself."""

from __future__ import annotations

import gc
import os
import selectors
import shutil
import signal
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import msgspec

from tutor.kernel.confine import adopt_orphans, die_with_parent
from tutor.kernel.run import carry_out
from tutor.protocol import Ended, Failed, Interrupt, Message, Request, Started, Task, encode

PATIENCE = 2.0
"""Seconds a run has to end after an interrupt."""


class Inbox:
    """Requests off the control socket, each with the descriptors that came along with it."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._decode = msgspec.json.Decoder(Request, strict=False).decode
        self._rest = b""
        self._descriptors: deque[int] = deque()

    def receive(self) -> list[tuple[Request, list[int]]]:
        """Wait for something to come and give the requests that are whole; raises EOFError when the app is gone."""
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, 1 << 16, 16)
        except ConnectionError:
            data, descriptors = b"", []
        if not data:
            raise EOFError
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        self._descriptors.extend(descriptors)
        *lines, self._rest = (self._rest + data).split(b"\n")
        requests = []
        for line in lines:
            request = self._decode(line)
            wanted = 0 if isinstance(request, Interrupt) else 2
            requests.append((request, [self._descriptors.popleft() for _ in range(wanted)]))
        return requests


@dataclass
class _Live:
    """A run that is under way: its number, its folder, and until when it may go on after an interrupt."""

    run: int
    folder: Path | None
    deadline: float | None = None
    killed: bool = False


class Zygote:
    """One process with torch in it that runs nothing itself: each run is a fork of it."""

    def __init__(self, control: socket.socket, folder: Path, memory: int) -> None:
        self._control = control
        self._folder = folder
        self._memory = memory
        self._inbox = Inbox(control)
        self._live: dict[int, _Live] = {}

    def serve(self) -> None:
        """Serve until the app closes the socket or SIGTERM comes; leaves no process and no folder behind."""
        adopt_orphans()
        gc.freeze()  # a collection in a fork leaves these pages shared
        wakeup, self._waker = socket.socketpair()
        for end in (wakeup, self._waker):
            end.setblocking(False)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, lambda *_: None)  # what comes through the wakeup descriptor is enough
        with selectors.DefaultSelector() as self._selector:
            self._selector.register(self._control, selectors.EVENT_READ)
            self._selector.register(wakeup, selectors.EVENT_READ)
            try:
                while True:
                    for key, _ in self._selector.select(self._patience()):
                        if key.fileobj is wakeup:
                            if signal.SIGTERM in wakeup.recv(4096):
                                return
                        else:
                            for request, descriptors in self._inbox.receive():
                                self._take(request, descriptors)
                    self._lose_patience()
                    self._bury()
            except EOFError:
                return
            finally:
                self._end_all()

    def _say(self, message: Message) -> None:
        self._control.sendall(encode(message))

    def _take(self, request: Request, descriptors: list[int]) -> None:
        if isinstance(request, Interrupt):
            for pid, live in self._live.items():
                if live.run == request.run and live.deadline is None:
                    _signal(pid, signal.SIGINT)
                    live.deadline = time.monotonic() + PATIENCE
            return
        emissions, output = descriptors
        folder = _make_folder(self._folder, request.run)
        try:
            pid = os.fork()
        except OSError as error:
            os.write(emissions, encode(Failed("OSError", f"The system gives the run no process: {error}")))
            self._say(Ended(request.run, 0))
        else:
            if pid == 0:
                self._become(request, emissions, output, folder)
            self._live[pid] = _Live(request.run, folder)
            self._say(Started(request.run, pid))
        os.close(emissions)
        os.close(output)

    def _become(self, request: Task, emissions: int, output: int, folder: Path | None) -> NoReturn:
        """In the fork: forget the zygote's trade and be the run."""
        try:
            # A group of its own, so that all of it can be signalled. The session is the zygote's, which has
            # no terminal; the leader of a new one could get itself one.
            os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            die_with_parent(signal.SIGKILL)
            self._selector.close()
            self._waker.close()
            self._control.close()
            carry_out(request, emissions, output, folder, self._memory)
        finally:
            os._exit(70)

    def _patience(self) -> float | None:
        """Seconds until the first interrupted run has had its time."""
        deadlines = [live.deadline for live in self._live.values() if live.deadline and not live.killed]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _lose_patience(self) -> None:
        for pid, live in self._live.items():
            if live.deadline and not live.killed and time.monotonic() >= live.deadline:
                live.killed = True
                _signal(pid, signal.SIGKILL)

    def _bury(self) -> None:
        """Reap what has ended; whatever a run leaves running ends with it."""
        while True:
            try:
                dead = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if dead is None:
                return
            live = self._live.pop(dead.si_pid, None)
            if live is not None:
                # Not reaped yet, so the number of its group still means this group.
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(dead.si_pid, signal.SIGKILL)
            _, status = os.waitpid(dead.si_pid, 0)
            if live is not None:
                if live.folder is not None:
                    shutil.rmtree(live.folder, ignore_errors=True)
                self._say(Ended(live.run, os.waitstatus_to_exitcode(status), live.killed))
            if not self._live:
                _kill_children()

    def _end_all(self) -> None:
        for pid in self._live:
            _signal(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while True:
                _kill_children()
                os.waitpid(-1, 0)
        shutil.rmtree(self._folder, ignore_errors=True)


def serve_one(control: socket.socket, folder: Path, memory: int) -> None:
    """Wait for one run and do it in this process; returns only if the app goes away before."""
    inbox = Inbox(control)
    try:
        while True:
            for request, descriptors in inbox.receive():
                if not isinstance(request, Interrupt):
                    emissions, output = descriptors
                    threading.Thread(target=_follow, args=(control,), daemon=True).start()
                    die_with_parent(None)  # the thread takes along what the run has started, too
                    carry_out(request, emissions, output, _make_folder(folder, request.run), memory)
    except EOFError:
        return


def _follow(control: socket.socket) -> None:
    """Go where the app goes: when it is gone, so is this run with all it has started."""
    with suppress(ConnectionError):
        while control.recv(4096):
            pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _make_folder(parent: Path, run: int) -> Path | None:
    """The run's own folder; None where nothing can be written, and the run goes on without."""
    folder = parent / str(run)
    try:
        parent.mkdir(mode=0o700, exist_ok=True)
        folder.mkdir()
    except OSError:
        return None
    return folder


def _signal(pid: int, number: signal.Signals) -> None:
    """Signal the group that `pid` leads, or `pid` alone where it leads none (yet, or any more)."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _kill_children() -> None:
    """Kill every child of this process, among them the orphans it adopted."""
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    with suppress(OSError):
        for pid in children.read_text().split():
            _signal(int(pid), signal.SIGKILL)
