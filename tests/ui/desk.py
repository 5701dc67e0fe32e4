"""The app at a lab whose runs a test feeds: what a learner presses there and sees."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tutor.course.index import load_index
from tutor.progress.store import Store
from tutor.protocol import Crashed, Emission, Ending, Failed, Finished, Ready, Stopped
from tutor.ui.app import TutorApp
from tutor.ui.widgets.lab import LabView
from tutor.words import Language


class FedRun:
    """A run that emits what a test feeds it."""

    def __init__(self, file: Path, settings: dict[str, Any]) -> None:
        self.file, self.settings = file, settings
        self.ending: Ending | None = None
        self.interrupted = False
        self._fed: asyncio.Queue[list[Emission]] = asyncio.Queue()

    def feed(self, *emissions: Emission) -> None:
        self._fed.put_nowait(list(emissions))

    def interrupt(self) -> None:
        self.interrupted = True
        self.feed(Stopped())

    async def batches(self) -> AsyncGenerator[list[Emission]]:
        while self.ending is None:
            batch = await self._fed.get()
            if isinstance(batch[-1], Finished | Failed | Stopped | Crashed):
                self.ending = batch[-1]
            yield batch


class FedKernel:
    """A kernel whose runs a test feeds."""

    def __init__(self, state: object) -> None:
        self.state = state
        self.runs: list[FedRun] = []

    async def start(self) -> None:
        pass

    async def close(self) -> None:
        pass

    def run_lab(self, file: Path, settings: dict[str, Any], function: str = "run") -> FedRun:
        self.runs.append(FedRun(file, settings))
        return self.runs[-1]


class Desk:
    """The app at a lab, and what a learner and a kernel do there."""

    def __init__(self, app: TutorApp, pilot: Pilot[None], kernel: FedKernel) -> None:
        self.app, self.pilot, self.kernel = app, pilot, kernel

    @property
    def view(self) -> LabView:
        return self.app.screen.query_one(LabView)

    @property
    def screen(self) -> str:
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def see(self, *texts: str) -> None:
        """Wait until all of it is on the screen."""
        for _ in range(300):
            if all(text in self.screen for text in texts):
                return
            await self.pilot.pause(0.01)
        raise AssertionError(f"{texts} did not appear on:\n{self.screen}")

    async def emit(self, *emissions: Emission) -> None:
        """The newest run emits this, and the app has taken it."""
        run = self.kernel.runs[-1]
        run.feed(*emissions)
        while not run._fed.empty():
            await self.pilot.pause()
        await self.pilot.pause()

    async def run(self, *emissions: Emission, ending: Ending | None = None) -> None:
        """Press `r`; the run emits this and ends."""
        await self.press("r")
        await self.emit(*emissions, ending or Finished(0.25))


Open = Callable[..., AbstractAsyncContextManager[Desk]]


def opener(course: Path, store: Store, cache: Path, first: str) -> Open:
    """Opens the app at a step of lesson `a` of a course, at the step `first` where none is named."""

    @asynccontextmanager
    async def at(
        step: str = first,
        language: Language = Language.EN,
        size: tuple[int, int] = (80, 24),
        ascii: bool = False,
        state: object = Ready("2.13.0", 1.0),
    ) -> AsyncIterator[Desk]:
        kernel = FedKernel(state)
        app = TutorApp(
            course,
            load_index(course, cache),
            store,
            language,
            ascii,
            start_at=("a", step),
            kernel_factory=lambda on_news: kernel,  # type: ignore[arg-type, return-value]
        )
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield Desk(app, pilot, kernel)

    return at
