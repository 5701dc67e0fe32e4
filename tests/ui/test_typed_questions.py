"""Texts, tensors, predictions and drawn questions by keyboard at 80x24, in both languages."""

from __future__ import annotations

import asyncio
import runpy
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from textual.events import Paste
from textual.pilot import Pilot

from tutor.client import Kernel
from tutor.progress.rows import Given
from tutor.progress.store import Store
from tutor.protocol import Crashed, Emission, Failed, Finished, Missing, Ready, Stopped, Warming
from tutor.ui.app import TutorApp
from tutor.ui.screens.lesson import LessonScreen
from tutor.ui.widgets.generated import GeneratedView
from tutor.words import Language

COURSE = """
format: 1
title: {en: Course, zh: 课程}
parts: [{id: p, title: {en: Part, zh: 部分}, lessons: [{folder: 01_a}]}]
"""
LESSON = """
id: a
title: {en: Typed, zh: 输入}
summary: {en: All is typed., zh: 全部输入。}
minutes: 5
concepts: []
labs:
  double:
    run: double.py
    title: {en: Twice, zh: 两倍}
    controls: {n: {kind: integer, default: 3, min: 0, max: 9, label: {en: n, zh: n}}}
    values: {total: {en: total, zh: 总和}}
steps:
  - {id: before, kind: text, title: {en: Before, zh: 之前}, body: {en: Read this., zh: 先读。}}
  - id: name
    kind: question
    ask: text
    form: name
    title: {en: By name, zh: 名称}
    prompt: {en: What is H of P?, zh: H 是什么？}
    answers: [entropy, 熵]
    mistakes: [{text: KL, because: {en: KL has two arguments., zh: KL 有两个参数。}}]
    hints: [{en: It has seven letters., zh: 一个字。}]
  - id: code
    kind: question
    ask: text
    title: {en: In code, zh: 代码}
    prompt: {en: Add up x., zh: 把 x 加起来。}
    answers: [x.sum()]
  - id: cells
    kind: question
    ask: tensor
    title: {en: By cells, zh: 逐格}
    prompt: {en: Which doubles?, zh: 两倍是什么？}
    answer: [[2, 4], [6, 8]]
    mistakes: [{value: [[1, 2], [3, 4]], because: {en: You forgot the factor., zh: 忘了系数。}}]
    solution: {en: Each times two., zh: 每个乘二。}
  - id: foresee
    kind: question
    ask: predict
    title: {en: Ahead, zh: 先猜}
    prompt: {en: What is the total?, zh: 总和是多少？}
    lab: double
    set: {n: 4}
    of: total
    mistakes: [{value: 4, because: {en: Not doubled., zh: 没有乘二。}}]
  - id: drawn
    kind: question
    ask: generated
    generate: variants.py:double
    streak: 2
    title: {en: Again, zh: 反复}
    prompt: {en: "How much is twice {n}?", zh: "{n} 的两倍是多少？"}
    reasons: {squared: {en: "{n} squared is {square}.", zh: "{n} 的平方是 {square}。"}}
    solution: {en: "- {n} + {n} = {answer}.", zh: "- {n} + {n} = {answer}。"}
  - id: options
    kind: question
    ask: generated
    generate: variants.py:double
    form: choice
    title: {en: Choose, zh: 选择}
    prompt: {en: "Twice {n}?", zh: "{n} 的两倍？"}
    reasons: {squared: {en: "{n} squared.", zh: "{n} 的平方。"}}
  - id: vector
    kind: question
    ask: generated
    generate: variants.py:both
    form: tensor
    title: {en: Both, zh: 两个}
    prompt: {en: "{n} twice and thrice?", zh: "{n} 的两倍和三倍？"}
    reasons: {swapped: {en: The other way round., zh: 顺序反了。}}
"""
VARIANTS = """
from tutor.lesson import Variant


def double(rng):
    n = rng.randint(3, 9)
    return Variant(answer=2 * n, mistakes={"squared": n * n}, fields={"n": n, "square": n * n})


def both(rng):
    n = rng.randint(3, 9)
    return Variant(answer=[2 * n, 3 * n], mistakes={"swapped": [3 * n, 2 * n]}, fields={"n": n})
"""
DOUBLE = """
from tutor.lesson import Value


def run(n):
    yield Value("total", 2 * n)
"""

READY = Ready("2.13.0", 1.0)
Open = Callable[..., AbstractAsyncContextManager["Learner"]]


class StandInRun:
    """A run whose emissions are known; the last one waits for `go`."""

    def __init__(self, emissions: list[Emission], go: asyncio.Event) -> None:
        self._emissions, self._go = emissions, go
        self._stopped = False

    async def __aiter__(self) -> AsyncIterator[Emission]:
        await self._go.wait()
        for emission in [Stopped()] if self._stopped else self._emissions:
            yield emission

    async def batches(self) -> AsyncIterator[list[Emission]]:
        yield [emission async for emission in self]

    def interrupt(self) -> None:
        self._stopped = True
        self._go.set()


class StandInKernel:
    """Runs plain Python without a process and without torch."""

    def __init__(self, on_news: Callable[[object], object], state: Any = READY) -> None:
        self._on_news, self._then = on_news, state
        self.state: Any = Warming("Python")
        self.go = asyncio.Event()
        self.go.set()
        self.seeds: list[int] = []

    async def start(self) -> None:
        self.state = self._then
        self._on_news(self.state)

    async def close(self) -> None:
        self.go.set()

    def _run(self, emissions: Callable[[], list[Emission]]) -> StandInRun:
        if isinstance(self.state, Missing):
            return StandInRun([Failed("ModuleNotFoundError", self.state.reason)], self.go)
        try:
            return StandInRun([*emissions(), Finished(0.1)], self.go)
        except Exception as error:
            return StandInRun([Failed(type(error).__name__, str(error))], self.go)

    def run_lab(self, file: Path, settings: dict[str, Any], function: str = "run") -> StandInRun:
        return self._run(lambda: list(runpy.run_path(str(file))[function](**settings)))

    def pose(self, file: Path, function: str, seeds: list[int]) -> StandInRun:
        self.seeds += seeds
        draw = lambda seed: runpy.run_path(str(file))[function](Random(seed))  # noqa: E731
        return self._run(lambda: [msgspec.structs.replace(draw(seed), seed=seed) for seed in seeds])


class Learner:
    """Presses keys and reads the screen."""

    def __init__(self, app: TutorApp, pilot: Pilot[None], shown: Callable[[TutorApp], str]) -> None:
        self.app, self.pilot, self._shown = app, pilot, shown

    async def press(self, *keys: str) -> str:
        await self.pilot.press(*keys)
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()
        return self.read()

    def read(self) -> str:
        """All that stands on the screen, in one line."""
        return " ".join(self._shown(self.app).split())

    @property
    def rows(self) -> list[str]:
        return self._shown(self.app).splitlines()

    @property
    def footer(self) -> str:
        return self.rows[-1]

    @property
    def kernel(self) -> StandInKernel:
        assert isinstance(self.app.kernel, StandInKernel)
        return self.app.kernel

    @property
    def step(self) -> str | None:
        screen = self.app.screen
        return screen.step.id if isinstance(screen, LessonScreen) and screen.step else None

    @property
    def n(self) -> int:
        """The number that is drawn in the question on screen."""
        words = self.read().replace("?", " ").split()
        return next(int(word) for before, word in pairwise(words) if before.lower() == "twice")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "lessons"
    (folder / "01_a").mkdir(parents=True)
    for name, text in (
        ("course.yaml", COURSE),
        ("01_a/lesson.yaml", LESSON),
        ("01_a/variants.py", VARIANTS),
        ("01_a/double.py", DOUBLE),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def open_at(make_app: Callable[..., TutorApp], shown: Callable[[TutorApp], str]) -> Open:
    """Opens the lesson at a step; `torch` is the state that the kernel comes to."""

    @asynccontextmanager
    async def opened(step: str, torch: object = READY, **more: object) -> AsyncIterator[Learner]:
        app = make_app(
            start_at=("a", step), **{"kernel_factory": lambda on_news: StandInKernel(on_news, torch), **more}
        )
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            await app.workers.wait_for_complete()
            await pilot.pause()
            yield Learner(app, pilot, shown)

    return opened


def last(store: Store) -> Given:
    return store.answers()[-1]


# Texts -------------------------------------------------------------------------------------------------------


async def test_every_letter_is_typed_until_escape_makes_them_keys(open_at: Open, store: Store) -> None:
    async with open_at("name") as learner:
        text = await learner.press(*"nghosuLtn?")
        assert "nghosuLtn?" in text and learner.step == "name"
        assert "esc more keys" in learner.footer and "enter mark" in learner.footer
        assert "It has seven letters" in await learner.press("escape", "h")
        assert "unsure" in await learner.press("u")
        await learner.press("n")
        assert learner.step == "code"


async def test_a_text_is_marked_with_its_reason_and_then_right(open_at: Open, store: Store) -> None:
    async with open_at("name") as learner:
        assert "Not yet. KL has two arguments." in await learner.press(*"kl", "enter")
        assert (last(store).given, last(store).outcome, last(store).key) == ("kl", "wrong", "text entropy")
        assert "Right." in await learner.press(*"Entropy", "enter"), (
            "what is typed takes the place of what was wrong"
        )
        assert (last(store).given, last(store).outcome) == ("Entropy", "right")
        await learner.press("enter")
        assert learner.step == "code"


async def test_a_text_in_chinese_is_as_good(open_at: Open) -> None:
    async with open_at("name", language=Language.ZH) as learner:
        assert "KL 有两个参数" in await learner.press(*"ＫＬ", "enter")
        assert "正确" in await learner.press("熵", "enter")


async def test_nothing_typed_is_not_marked(open_at: Open, store: Store) -> None:
    async with open_at("name") as learner:
        assert "Nothing is written yet" in await learner.press("enter")
        assert store.answers() == []


async def test_code_that_is_shown_stays_as_it_is(open_at: Open, store: Store) -> None:
    async with open_at("code") as learner:
        assert "Shown: x.sum()" in await learner.press("escape", "s")
        assert (last(store).outcome, last(store).given) == ("shown", "")


async def test_an_empty_text_field_leaves_the_arrows_to_the_page(open_at: Open) -> None:
    async with open_at("name") as learner:
        await learner.press("right")
        assert learner.step == "code"
        await learner.press("x", "left", "left", "left")
        assert learner.step == "code", "in a text they move the cursor"
        await learner.press("pagedown")
        assert learner.step == "cells"


# Tensors -----------------------------------------------------------------------------------------------------


async def test_a_matrix_is_typed_cell_by_cell_and_its_wrong_cells_are_named(
    open_at: Open, store: Store
) -> None:
    async with open_at("cells") as learner:
        assert "enter next cell" in learner.footer
        await learner.press("2", "enter", "4", ",", *"12/2", "tab")
        assert "enter next cell" in learner.footer
        await learner.press("9")
        assert "enter mark" in learner.footer
        text = await learner.press("enter")
        assert "[[ 2 4 ]" in text and "[ 12/2 9 ]]" in text
        assert "Wrong: [1, 1] (counted from 0" in text
        assert (last(store).given, last(store).outcome) == ("[[2, 4], [12/2, 9]]", "wrong")
        text = await learner.press("backspace", "8", "enter")
        assert "Right." in text and "Each times two." in text
        await learner.press("enter")
        assert learner.step == "foresee"


async def test_the_arrows_lead_from_cell_to_cell_and_from_the_corners_to_the_page(open_at: Open) -> None:
    async with open_at("cells") as learner:
        await learner.press("1", "right", "2", "down", "4", "left", "left", "3", "enter")
        assert "[[ 1 2 ]" in learner.read() and "[ 3 4 ]]" in learner.read()
        assert "You forgot the factor." in learner.read()
        await learner.press("p")
        assert learner.step == "cells", "a field is open"
    async with open_at("cells") as learner:
        await learner.press("left")
        assert learner.step == "code"


async def test_a_cell_that_cannot_be_read_is_named(open_at: Open, store: Store) -> None:
    async with open_at("cells") as learner:
        text = await learner.press(*"1,2,3,1//2", "enter")
        assert "Not marked" in text and "[1, 1]:" in text
        assert store.answers() == []


async def test_what_stands_in_the_cells_is_there_when_the_learner_comes_back(open_at: Open) -> None:
    async with open_at("cells") as learner:
        await learner.press("7", "tab", "8", "pagedown")
        assert learner.step == "foresee"
        await learner.press("pageup")
        assert "[[ 7 8 ]" in learner.read()


async def test_a_tensor_can_be_pasted_and_tab_goes_round(open_at: Open, store: Store) -> None:
    async with open_at("cells") as learner:
        learner.app.post_message(Paste("[[2, 4],\n [6, 8]]"))
        await learner.pilot.pause()
        assert "[[ 2 4 ]" in learner.read() and "[ 6 8 ]]" in learner.read()
        await learner.press(",", "tab", "3", "shift+tab", "7")
        assert "[[ 3 4 ]" in learner.read() and "[ 6 7 ]]" in learner.read()


async def test_the_cells_can_be_shown_and_tried_again(open_at: Open, store: Store) -> None:
    async with open_at("cells") as learner:
        text = await learner.press("escape", "s")
        assert "[[ 2 4 ]" in text and "[ 6 8 ]]" in text and "Shown:" in text
        text = await learner.press("t")
        assert "____" in text and "[[ 2" not in text
        assert "Right." in await learner.press(*"2 4 6 8", "enter")


# Predictions -------------------------------------------------------------------------------------------------


async def test_a_prediction_is_laid_beside_what_the_lab_gives(open_at: Open, store: Store) -> None:
    async with open_at("foresee") as learner:
        text = await learner.press("4", "enter")
        assert "The lab gives 8. You said 4." in text and "Not yet. Not doubled." in text
        assert (last(store).given, last(store).outcome) == ("4", "wrong")
        await learner.press("enter")
        assert learner.step == "drawn", "the result has been seen"


async def test_a_prediction_that_comes_true_is_right(open_at: Open, store: Store) -> None:
    async with open_at("foresee", language=Language.ZH) as learner:
        text = await learner.press(*"2*4", "enter")
        assert "实验结果：8。" in text and "你的预测：2*4。" in text and "正确" in text
        assert last(store).outcome == "right" and last(store).key.startswith("lab double")


async def test_while_the_lab_runs_nothing_is_marked_and_it_can_be_stopped(
    open_at: Open, store: Store
) -> None:
    async with open_at("foresee") as learner:
        learner.kernel.go.clear()
        await learner.pilot.press("8", "enter")
        await learner.pilot.pause()
        assert "The lab is running" in learner.read() and "x stop" in learner.footer
        assert store.answers() == []
        text = await learner.press("x")
        assert "your answer is not marked" in text and store.answers() == []
        assert "Right." in await learner.press("enter")


async def test_what_the_lab_gives_can_be_asked_for(open_at: Open, store: Store) -> None:
    async with open_at("foresee") as learner:
        assert "Shown: 8" in await learner.press("escape", "s")
        assert last(store).outcome == "shown"


async def test_a_prediction_that_is_no_number_is_not_run(open_at: Open, store: Store) -> None:
    async with open_at("foresee") as learner:
        assert "Not marked" in await learner.press(*"4//2", "enter")
        assert store.answers() == []


async def test_without_torch_a_prediction_says_so_and_lets_go_on(open_at: Open, store: Store) -> None:
    async with open_at("foresee", torch=Missing("No module named 'torch'")) as learner:
        text = await learner.press("8", "enter")
        assert "torch cannot be imported" in text and store.answers() == []
        await learner.press("pagedown")
        assert learner.step == "drawn"


# Drawn questions ---------------------------------------------------------------------------------------------


async def test_other_numbers_follow_until_enough_are_right_in_a_row(open_at: Open, store: Store) -> None:
    async with open_at("drawn") as learner:
        seen = [learner.n]
        assert "0 of 2 in a row" in learner.read()
        text = await learner.press(*str(2 * learner.n), "enter")
        assert "Right." in text and "1 of 2 in a row" in text and "enter other numbers" in learner.footer
        text = await learner.press("enter")
        seen.append(learner.n)
        assert "Right." not in text and "1 of 2 in a row" in text
        square = learner.n**2
        text = await learner.press(*str(square), "enter")
        assert f"Not yet. {learner.n} squared is {square}." in text, "the reason has the numbers in it"
        assert f"{learner.n} + {learner.n} = {2 * learner.n}." in text, "the computation worked out"
        assert "0 of 2 in a row" in text and "enter other numbers" in learner.footer
        rows = learner.rows
        at = next(i for i, row in enumerate(rows) if "squared is" in row)
        assert rows[at + 1] == "" and rows[at + 2] != "", "one empty line, not two, before the list"
        for row in (1, 2):
            await learner.press("enter")
            seen.append(learner.n)
            assert f"{row} of 2 in a row" in await learner.press(*str(2 * learner.n), "enter")
        assert "enter next" in learner.footer and "t other numbers" in learner.footer
        await learner.press("enter")
        assert learner.step == "options"

        given = store.answers()
        assert [each.outcome for each in given] == ["right", "wrong", "right", "right"]
        assert [each.seed for each in given] == learner.kernel.seeds[:4], "each is kept with its seed"
        assert {each.key for each in given} == {"generated double number"}
        assert [Random(each.seed).randint(3, 9) for each in given] == seen


async def test_a_variant_that_comes_while_its_step_is_being_left_is_not_opened(open_at: Open) -> None:
    async with open_at("drawn") as learner:
        view = learner.app.screen.query_one(GeneratedView)
        left = view.remove()
        await view._pose()
        await left
        await learner.pilot.pause()
        assert not learner.app.screen.query(GeneratedView)


async def test_the_answer_is_kept_before_anything_is_said_of_it(
    open_at: Open, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    async with open_at("drawn") as learner:
        keep = store.answered
        monkeypatch.setattr(
            store, "answered", lambda *given, **more: (keep(*given, **more), seen.append(learner.read()))
        )
        await learner.press(*str(2 * learner.n), "u", "enter")
        (before,) = seen
        assert "Right." not in before and "0 of 2" in before
        assert "Right." in learner.read()
        assert last(store).sure is False


async def test_the_same_numbers_are_there_when_the_learner_comes_back(open_at: Open, store: Store) -> None:
    async with open_at("drawn") as learner:
        n = learner.n
        await learner.press("7", "pagedown", "pageup")
        assert learner.n == n and "› 7" in learner.read()
        assert last(store).outcome == "skipped"
        await learner.press("backspace", *str(2 * n), "enter", "pageup", "pagedown")
        assert "Right." in learner.read() and "1 of 2" in learner.read()


async def test_a_page_that_is_turned_while_the_drawn_question_is_put_there_is_left_in_peace(
    open_at: Open,
) -> None:
    async with open_at("drawn") as learner:
        assert isinstance(learner.app.screen, LessonScreen)
        view = learner.app.screen.view
        assert isinstance(view, GeneratedView)
        putting = asyncio.create_task(view._pose())
        await asyncio.sleep(0)
        await view.remove()
        await putting


async def test_a_row_goes_on_tomorrow(open_at: Open, store: Store) -> None:
    store.answered("a", "drawn", "3", "wrong", 0, seed=1)
    store.answered("a", "drawn", "6", "right", 0, seed=2)
    store.answered("a", "drawn", "", "skipped", 0, seed=3)
    async with open_at("drawn") as learner:
        assert "1 of 2 in a row" in learner.read()


async def test_showing_the_answer_breaks_the_row(open_at: Open, store: Store) -> None:
    store.answered("a", "drawn", "6", "right", 0, seed=2)
    async with open_at("drawn") as learner:
        n = learner.n
        text = await learner.press("escape", "s")
        assert f"Shown: {2 * n}" in text and "0 of 2 in a row" in text
        assert (last(store).outcome, last(store).seed) == ("shown", learner.kernel.seeds[0])


async def test_the_mistakes_are_the_options(open_at: Open, store: Store) -> None:
    async with open_at("options") as learner:
        words = learner.read().split()
        square = words.index(str(learner.n**2))
        text = await learner.press(words[square - 1])
        assert "squared." in text and last(store).outcome == "wrong"
        await learner.press("enter")
        words = learner.read().split()
        text = await learner.press(words[words.index(str(2 * learner.n)) - 1])
        assert "Right." in text and "in a row" not in text
        await learner.press("enter")
        assert learner.step == "vector"


async def test_a_drawn_vector_is_typed_cell_by_cell(open_at: Open, store: Store) -> None:
    async with open_at("vector") as learner:
        n = int(learner.read().split(" twice")[0].split()[-1])
        assert "The other way round." in await learner.press(*f"{3 * n},{2 * n}", "enter")
        assert last(store).given == f"[{3 * n}, {2 * n}]"


async def test_a_change_of_language_keeps_the_numbers_and_what_is_typed(open_at: Open) -> None:
    async with open_at("drawn") as learner:
        n = learner.n
        await learner.press("7", "ctrl+l")
        assert f"{n} 的两倍是多少" in learner.read() and "› 7" in learner.read()
        assert f"{n} + {n} = {2 * n}。" in await learner.press("enter")


async def test_while_torch_is_imported_the_question_says_so(open_at: Open) -> None:
    class Slow(StandInKernel):
        async def start(self) -> None:
            self.go.clear()

    async with open_at("before", kernel_factory=Slow) as learner:
        for _ in range(5):
            await learner.pilot.press("pagedown")
        await learner.pilot.pause()
        assert learner.step == "drawn"
        assert "torch, which is still being imported" in learner.read()
        learner.kernel.state = Ready("2.13.0", 1.0)
        learner.kernel.go.set()
        await learner.app.workers.wait_for_complete()
        await learner.pilot.pause()
        assert learner.n


async def test_without_torch_a_drawn_question_says_so_and_lets_go_on(open_at: Open, store: Store) -> None:
    async with open_at("drawn", torch=Missing("No module named 'torch'")) as learner:
        assert "torch cannot be imported" in learner.read()
        assert "enter try again" in learner.footer
        await learner.press("n")
        assert learner.step == "options"
        assert store.answers() == [], "what was not asked is not skipped"


async def test_a_generator_that_fails_is_a_sentence(open_at: Open, course: Path) -> None:
    (course / "01_a" / "variants.py").write_text("def double(rng):\n    return 1 / 0\n")
    async with open_at("drawn") as learner:
        assert "No numbers could be drawn (ZeroDivisionError: division by zero)." in learner.read()
        (course / "01_a" / "variants.py").write_text(VARIANTS)
        await learner.press("enter")
        assert learner.n


async def test_a_run_that_dies_is_a_sentence(open_at: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StandInKernel, "_run", lambda self, emissions: StandInRun([Crashed(-9)], self.go))
    async with open_at("drawn") as learner:
        assert "No numbers could be drawn" in learner.read()
        text = await learner.press("p", "8", "enter")
        assert "your answer is not marked" in text


async def test_with_the_real_kernel_torch_draws_and_the_lab_answers(open_at: Open, store: Store) -> None:
    async with open_at("foresee", kernel_factory=Kernel) as learner:
        assert "The lab gives 8." in await learner.press("8", "enter")
        await learner.press("enter")
        assert "Right." in await learner.press(*str(2 * learner.n), "enter")
        assert [each.outcome for each in store.answers()] == ["right", "right"]
