"""What the stepper shows of real runs: torch's source as it is, and the same state live, later, forward and back."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType

import pytest

from tutor.client import Kernel
from tutor.course.index import default_folder
from tutor.course.load import load_course, read_lesson
from tutor.course.model import TraceStep
from tutor.protocol import Failed, Finished
from tutor.protocol.trace import Go
from tutor.stepping.recording import Recording
from tutor.stepping.source import Sources
from tutor.ui.screens.snippet import EXAMPLES

pytestmark = pytest.mark.asyncio(loop_scope="module")


def _state(recording: Recording, at: int) -> str:
    """All that is shown of an event."""
    since = recording.previous_in_frame(at)
    told = []
    for frame in recording.stack(at):
        told += [frame.id, recording.line_of(frame.id, at), sorted(recording.lines_run(frame.id, at))]
        for owner in (frame.id, frame.owner):
            told += [recording.values(owner, at), recording.marks(at, owner, at if since is None else since)]
    return repr((told, recording.written(at)))


def _functions(recording: Recording, modules: dict[str, ModuleType]) -> Iterator[tuple[int, object]]:
    """The codes of torch's that can be found by their names, and what they are the code of."""
    for code in recording.codes:
        module = modules.get(code.file)
        if module is None or "<" in code.qualname:
            continue
        found: object = module
        for name in code.qualname.split("."):
            found = inspect.getattr_static(found, name, None)
        found = getattr(found, "__func__", found)
        while getattr(found, "__wrapped__", None) is not None:
            found = found.__wrapped__  # type: ignore[attr-defined]
        if inspect.isfunction(found) and found.__code__.co_firstlineno == code.line:
            yield code.id, found


def _of_lessons() -> Iterator[tuple[str, str, str]]:
    """The code that the lessons step through."""
    course, _ = load_course(default_folder())
    for folder in (each.folder for part in course.parts for each in part.lessons):
        lesson, _ = read_lesson(default_folder(), folder)
        for step in lesson.steps:
            if isinstance(step, TraceStep):
                yield f"{lesson.id} {step.id}", step.snippet, step.setup


@pytest.mark.parametrize("name, snippet, setup", [*EXAMPLES, *_of_lessons()])
async def test_source_and_state_are_those_of_the_run(
    name: str, snippet: str, setup: str, kernel: Kernel
) -> None:
    recording, live = Recording(snippet, setup), dict[int, str]()
    async for told in kernel.trace(snippet, setup, go=Go("end")):
        if recording.last >= 0 and recording.last not in live and recording.frames:
            live[recording.last] = _state(recording, recording.last)
        recording.take(told)
    assert isinstance(recording.ended, Finished | Failed)
    forward = [_state(recording, at) for at in range(recording.last + 1)]
    back = [_state(recording, at) for at in reversed(range(recording.last + 1))]
    assert forward == back[::-1]
    # The learner saw the same while it ran; at the very end what was printed after it comes on top.
    assert all(state == forward[at] for at, state in live.items() if at < recording.last)

    names = (
        "nn.modules.module",
        "nn.modules.loss",
        "nn.modules.linear",
        "nn.functional",
        "nn.init",
        "optim.sgd",
    )
    modules = {
        module.__file__ or "": module
        for module in map(importlib.import_module, (f"torch.{n}" for n in names))
    }
    sources, compared = Sources(snippet, setup), 0
    for id, function in _functions(recording, modules):
        block = sources.block(recording.codes[id])
        assert block is not None
        assert "\n".join(block.lines) + "\n" == inspect.getsource(function)  # type: ignore[arg-type]
        compared += 1
    assert compared >= 2, name
