"""Every lesson as a learner does it: every step opened, every question answered, every lab run, by keyboard alone at
80x24, in both languages, with the real kernel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tutor.course.index import default_folder, find_lab, load_index
from tutor.course.load import load_lab, load_lesson
from tutor.course.model import (
    AnyStep,
    BuilderStep,
    ChoiceQuestion,
    Derivation,
    GeneratedQuestion,
    LabStep,
    NumberQuestion,
    OrderQuestion,
    PredictQuestion,
    Question,
    RecordQuestion,
    SeveralQuestion,
    TensorQuestion,
    TextQuestion,
    TraceStep,
)
from tutor.course.settings import settle
from tutor.practice.attempt import Walk, arranged
from tutor.practice.marking import right_answer
from tutor.progress.store import Store
from tutor.protocol import Finished, Value
from tutor.ui.app import TutorApp
from tutor.ui.screens.lesson import LessonScreen
from tutor.ui.screens.stepper import StepperPage
from tutor.ui.widgets.builder import BuilderView
from tutor.ui.widgets.generated import GeneratedView
from tutor.ui.widgets.lab import LabView
from tutor.ui.widgets.question import QuestionView
from tutor.words import Language

RUN_SECONDS = 100


class Learner:
    """Presses keys, and waits for what they lead to."""

    def __init__(self, app: TutorApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    @property
    def page(self) -> LessonScreen:
        assert isinstance(self.app.screen, LessonScreen)
        return self.app.screen

    def outcome(self, lesson: str, step: str) -> str | None:
        return self.app.store.steps(lesson)[step].outcome

    async def do(self, step: AnyStep) -> None:
        """Everything that there is to do at the step shown."""
        match step:
            case NumberQuestion():
                await self.press(*f"{step.answer:.12g}", "enter")
            case ChoiceQuestion():
                right = next(i for i, option in enumerate(step.options) if option.right)
                await self.press(str(arranged(step).index(right) + 1))
            case SeveralQuestion():
                for place, index in enumerate(arranged(step)):
                    if step.options[index].right:
                        await self.press(str(place + 1))
                await self.press("enter")
            case OrderQuestion():
                await self.put_in_order(list(arranged(step)))
                await self.press("enter")
            case TextQuestion():
                await self.press(*step.answers[0], "enter")
            case RecordQuestion():
                for entry in step.steps:
                    await self.press(*entry.text.into(self.app.language), "enter")
                await self.press("enter")
                # What is compared with a trace waits for it.
                await self.until(
                    lambda: isinstance(self.page.view, QuestionView) and self.page.view.attempt.over
                )
            case TensorQuestion():
                cells = right_answer(step)
                assert isinstance(cells, tuple)
                for row in cells:
                    assert isinstance(row, tuple)
                    for cell in row:
                        await self.press(*cell, "enter")
            case PredictQuestion():
                await self.press(*f"{await self.foreseen(step):.9g}", "enter")
                await self.until(
                    lambda: isinstance(self.page.view, QuestionView) and self.page.view.attempt.over
                )
            case GeneratedQuestion():
                await self.answer_variants()
            case Derivation():
                await self.derive(step)
            case LabStep():
                await self.run_lab(step)
            case TraceStep():
                await self.step_through(step)
            case BuilderStep():
                await self.build(step)

    async def put_in_order(self, lines: list[int]) -> None:
        cursor = 0
        for place in range(len(lines)):
            at = lines.index(place)
            await self.press(
                *(["down"] * (at - cursor)), *(["up"] * (cursor - at)), *(["shift+up"] * (at - place))
            )
            lines.insert(place, lines.pop(at))
            cursor = place

    async def derive(self, step: Derivation) -> None:
        walk = Walk.begin(step)
        while not walk.over:
            options = walk.options
            await self.press(str(options.index(None) + 1) if options else "enter")
            walk = walk.picked(None)

    async def answer_variants(self) -> None:
        """Until enough are right in a row."""
        view = self.page.view
        assert isinstance(view, GeneratedView)
        seeds = set()
        while not view.done:
            await self.until(lambda: view.drawn is not None and view.drawn.seed not in seeds)
            assert view.drawn is not None
            seeds.add(view.drawn.seed)
            await self.pilot.pause()
            await self.do(view.drawn.question)
            assert len(seeds) <= view.question.streak, "a right answer was not taken"
            if not view.done:
                await self.press("enter")

    async def foreseen(self, step: PredictQuestion) -> float:
        """What the lab will give."""
        entry, kernel = find_lab(self.app.index, step.lab), self.app.kernel
        assert entry is not None
        assert kernel is not None
        lab = load_lab(self.app.folder, entry)
        run = kernel.run_lab(self.app.folder / entry.folder / lab.run, settle(lab, {}, step.set))
        values = {each.name: each.value async for each in run if isinstance(each, Value)}
        return float(values[step.of])

    async def until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(RUN_SECONDS):
            while not happened():
                await self.pilot.pause(0.01)
        await self.pilot.pause()

    async def run_lab(self, step: LabStep) -> None:
        view = self.page.view
        assert isinstance(view, LabView)
        if view.state.asked is not None:
            await self.press("s")
        if view.state.run is None:
            await self.press("r")
        await self.until(lambda: view.state.run is not None and not view.state.running)
        assert view.state.run is not None
        assert isinstance(view.state.run.ending, Finished), (step.id, view.state.run.ending)

    async def step_through(self, step: TraceStep) -> None:
        """Into the first call, on to the end of the run, and back to the lesson."""
        await self.press("enter")
        page = self.app.screen
        assert isinstance(page, StepperPage)
        walk = page.walk
        await self.until(lambda: walk.place == "live")
        await self.press("s", "c")
        await self.until(lambda: walk.recording.ended is not None)
        await self.press("escape")
        assert self.app.store.journal(step.snippet, step.setup, self.page.lesson.id, step.id) is not None

    async def build(self, step: BuilderStep) -> None:
        """Have torch answer; where it is homework, build that first."""
        view = self.page.view
        assert isinstance(view, BuilderView)
        if step.homework is not None:
            await self.press(*"0.01", "down", *"0.9", "a", *"0.8", "a", *"0.7")
            await self.press("up", *"0.03", "shift+tab", *"0.02", "enter")
            await self.until(lambda: self.outcome(view.lesson.id, step.id) == "right")
        await self.until(lambda: view.answer is not None and view.answer.code == view.form.code)
        assert view.answer is not None
        assert isinstance(view.answer.ending, Finished), (step.id, view.answer.ending)


async def kernel_is_there(app: TutorApp, pilot: Pilot[None]) -> None:
    while app.kernel is None:
        await pilot.pause()


@pytest.mark.parametrize(
    "folder", [path.parent.name for path in sorted(default_folder().glob("*/lesson.yaml"))]
)
async def test_every_step_of_a_lesson_can_be_done_by_keyboard_in_both_languages(
    folder: str, tmp_path: Path
) -> None:
    """Each step is seen in one language, then switched to the other and done in that; the next one the other way."""
    index = load_index(default_folder(), tmp_path)
    entry = next(each for each in index.lessons if each.folder == folder)
    lesson = load_lesson(default_folder(), entry)
    store = Store.open(tmp_path / "progress.sqlite3")
    app = TutorApp(default_folder(), index, store, Language.EN, False, (entry.id, lesson.steps[0].id))
    async with app.run_test(size=(80, 24)) as pilot:
        await kernel_is_there(app, pilot)
        learner = Learner(app, pilot)
        await pilot.pause()
        for step in lesson.steps:
            assert learner.page.step is not None
            assert learner.page.step.id == step.id
            before = app.language
            await learner.press("ctrl+l")
            assert app.language is before.other
            assert learner.page.step.id == step.id
            await learner.do(step)
            if isinstance(step, Derivation | Question):
                assert learner.outcome(entry.id, step.id) == "right", step.id
            await learner.press("pagedown")
        assert learner.page.step is None, "the closing words"
    assert set(store.steps(entry.id)) == {step.id for step in lesson.steps}
    assert store.trouble is None
    store.close()
