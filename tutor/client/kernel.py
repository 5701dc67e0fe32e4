"""The kernel's life: start it, hand it runs, start it anew when it dies, leave nothing of it behind."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from tutor.client.process import Process
from tutor.client.run import Gone, Run
from tutor.protocol import Evaluate, Missing, Pose, Ready, RunLab, Warming
from tutor.protocol.trace import Go, Probe, Trace
from tutor.words import Words

MEMORY = 2 << 30
"""Bytes a run may take beyond what torch itself takes."""
RESTARTS = 3
"""Deaths within a minute after which the kernel is still started anew."""

State = Warming | Ready | Missing | Gone


class Kernel:
    """The process with torch in it. Every method is called from the thread of one event loop.

    `on_news` hears each new `state`. `memory` is what a run may take, in bytes beyond torch itself. `spare`
    keeps one warm process ready for each next run instead of forking; it is for where forking is unsafe.
    """

    def __init__(
        self,
        on_news: Callable[[State], object] = lambda state: None,
        *,
        memory: int = MEMORY,
        spare: bool = sys.platform != "linux",
    ) -> None:
        self.state: State = Warming("Python")
        self._closed = False
        self._on_news = on_news
        self._memory = memory
        self._spare = spare
        self._settled = asyncio.Event()
        self._processes: set[Process] = set()
        self._next: Process | None = None
        self._waiting: set[Run] = set()
        self._number = 0
        self._deaths: list[float] = []
        self._folder = _free_name()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start the process; returns at once, torch is not there yet."""
        if sys.platform == "win32":
            words = Words(
                "Labs need Linux, macOS or WSL: Windows has no sockets that a run could be handed.",
                "实验需要 Linux、macOS 或 WSL：Windows 不支持向运行进程传递套接字。",
            )
            self._tell(Gone(words))
            return
        if self._closed:
            return
        try:
            process = await Process.start(self, self._folder, self._memory, spare=self._spare)
        except OSError as error:
            words = Words(
                "Python ({python}) cannot be started for the labs: {error}.",
                "无法为实验启动 Python（{python}）：{error}。",
            )
            self._tell(Gone(words.filled(python=sys.executable, error=error)))
            return
        if self._closed:
            await process.end()
            return
        self._processes.add(process)
        self._next = process

    async def settled(self) -> State:
        """Wait until torch is ready or known not to come, and give the state then."""
        await self._settled.wait()
        return self.state

    async def close(self) -> None:
        """End the kernel with all its runs; returns when no process is left, well within a second."""
        self._closed = True
        for run in list(self._waiting):
            run.interrupt()
        await asyncio.gather(*(process.end() for process in list(self._processes)))
        for task in self._tasks:
            task.cancel()
        shutil.rmtree(self._folder, ignore_errors=True)

    def run_lab(self, file: Path, settings: dict[str, Any], function: str = "run") -> Run:
        """The generator `function(**settings)` of the Python file `file`; it starts when the run is iterated."""
        self._number += 1
        return Run(RunLab(self._number, os.path.abspath(file), settings, function), self._admit)

    def evaluate(self, expressions: dict[str, str]) -> Run:
        """Python expressions by name; yields `Value` or `Raised` for each."""
        self._number += 1
        return Run(Evaluate(self._number, expressions), self._admit)

    def pose(self, file: Path, function: str, seeds: list[int]) -> Run:
        """A run that draws a variant of a question for each of `seeds`."""
        self._number += 1
        return Run(Pose(self._number, os.path.abspath(file), function, seeds), self._admit)

    def trace(
        self,
        snippet: str,
        setup: str = "",
        *,
        seed: int = 0,
        go: Go | None = None,
        cap: int = 100_000,
        probe: Probe | None = None,
        typed: Sequence[str] = (),
    ) -> Run:
        """A run that is stepped through, see `tutor.protocol.trace`; `Run.send` tells it to go on when it pauses."""
        self._number += 1
        go = go or Go("into")
        return Run(Trace(self._number, snippet, setup, seed, go, cap, probe, list(typed)), self._admit)

    def _tell(self, state: State) -> None:
        self.state = state
        if isinstance(state, Warming):
            self._settled.clear()
        else:
            self._settled.set()
        for run in self._waiting:
            run.news.set()
        self._on_news(state)

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _admit(self, run: Run) -> Process | Missing | Gone | None:
        """Wait for the process that is to do `run`. A kernel that was given up gets one more chance."""
        if isinstance(self.state, Gone) and not self._closed:
            self._tell(Warming("Python"))
            await self.start()
        self._waiting.add(run)
        try:
            while not (run.stopping or self._closed):
                if isinstance(self.state, Missing | Gone):
                    return self.state
                if isinstance(self.state, Ready) and self._next is not None:
                    return self._take_next()
                await run.news.wait()
                run.news.clear()
        finally:
            self._waiting.discard(run)
        run.interrupt()
        return None

    def _take_next(self) -> Process:
        assert self._next is not None
        process = self._next
        if self._spare:
            self._next = None
            self._tell(Warming("Python"))
            self._soon(self.start())
        return process

    def heard(self, process: Process, news: Warming | Ready | Missing) -> None:
        """What a process says is the kernel's state, if it is the one that takes the next run."""
        if process is self._next:
            self._tell(news)

    def ended(self, process: Process, status: int, log: str) -> None:
        """A process is gone: start another, unless that was tried often enough."""
        self._processes.discard(process)
        if process is not self._next or self._closed:
            return
        self._next = None
        now = asyncio.get_running_loop().time()
        self._deaths = [*(death for death in self._deaths if now - death < 60), now]
        if len(self._deaths) <= RESTARTS:
            self._tell(Warming("Python"))
            self._soon(self.start())
            return
        how = f"{signal.Signals(-status).name}" if status < 0 else f"status {status}"
        last = log.strip().splitlines()[-1:] or [""]
        words = Words(
            "The process that runs torch has ended {count} times within a minute, last with {how}. {log}",
            "运行 torch 的进程在一分钟内退出了 {count} 次，最后一次为 {how}。{log}",
        )
        self._tell(Gone(words.filled(count=len(self._deaths), how=how, log=last[0])))


def _free_name() -> Path:
    """Where the runs' folders will be made, by the kernel when it needs one: an app that is killed leaves none."""
    try:
        parent = tempfile.gettempdir()
    except OSError:  # nowhere to write: runs do without a folder of their own
        parent = os.devnull
    return Path(parent) / f"tutor-{secrets.token_hex(8)}"
