"""Homework 1 as a learner does it: by keyboard alone at 80x24, in both languages, with the real kernel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tutor.course.index import Index, default_folder, load_index
from tutor.practice.homework import tasks
from tutor.progress.store import Store
from tutor.report.gather import Log, gather
from tutor.report.write import written
from tutor.ui.app import TutorApp
from tutor.ui.screens.lesson import LessonScreen
from tutor.ui.screens.stepper import StepperPage
from tutor.ui.widgets.question import QuestionView
from tutor.words import Language

LESSON = "loss-is-a-module"
SEEN_ENOUGH = ("Module.__init__", "Module.register_buffer")
"""Functions that the learner leaves as soon as they are in them."""
FORGOTTEN = ["CrossEntropyLoss", "_WeightedLoss", "Module"]
CHAIN = {
    Language.EN: ["CrossEntropyLoss", "super().__init__", "class _Loss", "Module.__init__"],
    Language.ZH: [
        "第一步：CrossEntropyLoss 类，super().__init__",
        "_WeightedLoss",
        "_Loss 类",
        "进入 Module 类",
    ],
}
FUNCTIONS = [
    *CHAIN[Language.EN],
    "__setattr__",
    "self.register_buffer('weight', weight)",
    "Module.__getattr__",
]


class Learner:
    """Presses keys, waits for what they lead to, and reads the screen."""

    def __init__(self, app: TutorApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not happened():
                await self.pilot.pause(0.01)
        await self.pilot.pause()

    @property
    def screen(self) -> str:
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())

    async def write_down(self, entries: list[str]) -> QuestionView:
        """Answer with these entries; the view, once they are marked."""
        assert isinstance(self.app.screen, LessonScreen)
        view = self.app.screen.view
        assert isinstance(view, QuestionView)
        for entry in entries:
            await self.press(*entry, "enter")
        await self.press("enter")
        await self.until(lambda: view.attempt.verdict is not None)
        return view


async def step_through(learner: Learner) -> None:
    """Into everything that is shown, out of what is long, to the end of the run."""
    page = learner.app.screen
    assert isinstance(page, StepperPage)
    walk = page.walk
    await learner.until(lambda: walk.place == "live")
    left: set[str] = set()
    while walk.place != "ended":
        before, here = walk.at, walk.recording.code(walk.at).qualname
        leave = here in SEEN_ENOUGH and here not in left
        left.add(here)
        await learner.press("o" if leave else "s")
        await learner.until(
            lambda before=before: walk.place == "ended" or (not walk.running and walk.at > before)  # type: ignore[misc]
        )


def state_of_homework_1(index: Index, store: Store) -> str:
    return next(task.state for task in tasks(index, store.outcomes) if task.number == 1)


@pytest.mark.parametrize("language", Language)
async def test_homework_1_is_done_by_keyboard_and_handed_in(language: Language, tmp_path: Path) -> None:
    index = load_index(default_folder(), tmp_path)
    store = Store.open(tmp_path / "progress.sqlite3")
    app = TutorApp(default_folder(), index, store, language, False, (LESSON, "construct"))
    english = language is Language.EN
    async with app.run_test(size=(80, 24)) as pilot:
        learner = Learner(app, pilot)
        await learner.until(lambda: app.kernel is not None)
        assert state_of_homework_1(index, store) == "new"

        await learner.press("enter")
        await step_through(learner)
        await learner.press("j", "enter", *"seventeen!", "enter", "escape", "escape")
        first = "Step 1: class CrossEntropyLoss" if english else "第一步：CrossEntropyLoss 类"
        assert first in learner.screen, "the journal is shown in the lesson"
        assert state_of_homework_1(index, store) == "begun"

        await learner.press("pagedown")
        view = await learner.write_down(FORGOTTEN)
        assert view.attempt.verdict is not None
        (reason,) = view.attempt.verdict.because
        assert "`reduction`" in reason.into(language), "what the forgotten constructor is for"
        await learner.press(*["backspace"] * (1 + len("Module")))
        view = await learner.write_down(["super().__init__()", "Module"])
        assert view.attempt.over and view.attempt.verdict and view.attempt.verdict.outcome == "right"

        while (
            (page := app.screen)
            and isinstance(page, LessonScreen)
            and page.step
            and page.step.id != "functions"
        ):
            await learner.press("pagedown")
        view = await learner.write_down([*CHAIN[language], *FUNCTIONS[4:]])
        assert view.attempt.verdict is not None and view.attempt.verdict.outcome == "right"

        await learner.press("escape")
        assert state_of_homework_1(index, store) == "done"
        assert f"1 {app.signs.yes}" in learner.screen, "home says so"
        log = Log.of(store)
    report = written(gather(default_folder(), index, log, tmp_path, datetime.now(UTC)), "md", language)
    store.close()
    chain = ["CrossEntropyLoss", "_WeightedLoss", "_Loss"]
    numerals = ["1", "2", "3"] if english else ["一", "二", "三"]
    for numeral, name in zip(numerals, chain, strict=True):
        step = f"Step {numeral}: `class {name}, super()" if english else f"第{numeral}步：`{name} 类，super()"
        assert step in report
    assert ("Step 4: `enters class Module" if english else "第四步：`进入 Module 类") in report
    assert "`seventeen!`" in report and "torch 2." in report
