"""A run that is stepped through, for tests: what it told, and where it was told to go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tutor.client import Kernel, Run
from tutor.protocol import Ending
from tutor.protocol.trace import (
    Change,
    Code,
    Frame,
    Go,
    Look,
    Looked,
    Paused,
    Remark,
    Stepped,
    Thing,
    Type,
    Wrote,
)


class Traced:
    """All that a run told so far. `go` leads it on and returns the event at which it pauses, None at its end."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.codes: dict[int, Code] = {}
        self.frames: dict[int, Frame] = {}
        self.things: dict[int, Thing] = {}
        self.events: list[Stepped] = []
        self.printed = ""
        self.dropped = 0
        self.remarks: list[str] = []
        self.looked: list[Looked] = []
        self.paused: Paused | None = None
        self.ending: Ending | None = None
        self._iterator = run.__aiter__()

    async def until_paused(self) -> Paused | None:
        """Listen until it pauses, None if it ends instead."""
        self.paused = None
        async with asyncio.timeout(30):
            async for told in self._iterator:
                match told:
                    case Code():
                        self.codes[told.id] = told
                    case Frame():
                        self.frames[told.id] = told
                    case Thing():
                        self.things[told.id] = told
                    case Stepped():
                        self.events.append(told)
                    case Wrote():
                        self.printed += told.text
                        self.dropped += told.dropped
                    case Remark():
                        self.remarks.append(told.what)
                    case Looked():
                        self.looked.append(told)
                        if self.run.request.probe is None:
                            return None
                    case Paused():
                        self.paused = told
                        return told
        self.ending = self.run.ending
        return None

    async def go(self, how: Any, **more: Any) -> Stepped | None:
        """Give a command where it stands, and say where it leads."""
        last = self.events[-1]
        frame = self.frames[last.frame]
        self.run.send(Go(how, **{"frame": frame.id, "depth": frame.depth} | more))
        paused = await self.until_paused()
        return self.events[paused.at] if paused is not None else None

    async def look(self, expression: str, frame: int | None = None) -> Looked:
        """What an expression gives where the run waits."""
        self.run.send(Look(self.events[-1].frame if frame is None else frame, expression))
        await self.until_paused()
        return self.looked[-1]

    async def type(self, text: str) -> Paused | None:
        """Answer `input()`."""
        self.run.send(Type(text))
        return await self.until_paused()

    def code(self, event: Stepped) -> Code:
        """Where an event is."""
        return self.codes[self.frames[event.frame].code]

    def entered(self) -> list[str]:
        """The qualified names of all functions entered, in order."""
        return [self.code(event).qualname for event in self.events if event.what == "call"][1:]

    def changes(self, name: str) -> list[Change]:
        """What became of a name, in order."""
        return [change for event in self.events for change in event.changes if change.name == name]


@asynccontextmanager
async def stepping(kernel: Kernel, snippet: str, setup: str = "", **more: Any) -> AsyncIterator[Traced]:
    """A run that waits at the first line of `snippet`."""
    traced = Traced(kernel.trace(snippet, setup, **more))
    try:
        await traced.until_paused()
        yield traced
    finally:
        traced.run.interrupt()
        while traced.ending is None:
            await traced.until_paused()


async def recorded(kernel: Kernel, snippet: str, setup: str = "", **more: Any) -> Traced:
    """All of it, from the first event to the last; where it asks whether to go on, it is told to."""
    traced = Traced(kernel.trace(snippet, setup, **{"go": Go("end")} | more))
    while await traced.until_paused() is not None:
        traced.run.send(Go("end"))
    return traced
