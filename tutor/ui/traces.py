"""What a view asks for and may not do itself: having code stepped through to its end, to know what it calls."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tutor.course.model import TraceStep
from tutor.protocol import Failed, Finished, Ready
from tutor.protocol.trace import Go
from tutor.stepping.recording import Recording
from tutor.ui.news import advice
from tutor.words import Words

if TYPE_CHECKING:
    from tutor.ui.app import TutorApp


async def recorded(app: TutorApp, step: TraceStep) -> Recording | Words:
    """The recording of the whole code of `step`, or why there is none. Waits until torch is there."""
    refusal = app.refusal()
    if refusal is not None:
        return refusal
    while app.kernel is None:  # until the first paint is done
        await asyncio.sleep(0.05)
    state = await app.kernel.settled()
    version = state.torch.partition("+")[0] if isinstance(state, Ready) else ""
    recording = Recording(step.snippet, step.setup, step.seed, version)
    async for emission in app.kernel.trace(step.snippet, step.setup, seed=step.seed, go=Go("end")):
        recording.take(emission)
    if isinstance(recording.ended, Finished):
        return recording
    if (words := advice(app.kernel.state)) is not None:
        return words
    said = "it ended without a word"
    if isinstance(recording.ended, Failed):
        said = f"{recording.ended.type}: {recording.ended.message}"
    return Words("The code could not be stepped through ({said}).", "无法步进这段代码（{said}）。").filled(
        said=said
    )
