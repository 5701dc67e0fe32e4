"""The SGD builder as a learner uses it: by keyboard at 80x24, torch answering in the real kernel."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio
from textual.pilot import Pilot

from tutor.client import Kernel
from tutor.course.index import default_folder, load_index
from tutor.practice.homework import tasks
from tutor.progress.store import Store
from tutor.protocol import Ready
from tutor.report.gather import Log, gather
from tutor.report.told import markdown
from tutor.report.write import as_json
from tutor.ui.app import TutorApp
from tutor.ui.screens.lesson import LessonScreen
from tutor.ui.widgets.builder import BuilderView
from tutor.words import Language

pytestmark = pytest.mark.asyncio(loop_scope="module")

LESSON = "sgd-groups"


class Lent:
    """The one kernel of all tests here, as an app has it: the app does not end it."""

    def __init__(self, kernel: Kernel) -> None:
        self.run_lab = kernel.run_lab
        self.state = kernel.state

    async def start(self) -> None:
        """It is there."""

    async def close(self) -> None:
        """It is needed again."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kernel() -> AsyncIterator[Kernel]:
    kernel = Kernel()
    await kernel.start()
    assert isinstance(await kernel.settled(), Ready)
    yield kernel
    await kernel.close()


class Learner:
    """Presses keys, and waits until torch has answered what was built."""

    def __init__(self, app: TutorApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def view(self) -> BuilderView:
        assert isinstance(self.app.screen, LessonScreen)
        view = self.app.screen.view
        assert isinstance(view, BuilderView)
        return view

    @property
    def screen(self) -> str:
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not happened():
                await self.pilot.pause(0.01)
        await self.pilot.pause()

    async def answered(self) -> None:
        """Until torch's answer to the code as it stands is on the screen."""
        view = self.view
        await self.until(lambda: view.answer is not None and view.answer.code == view.form.code)


Open = Callable[..., AbstractAsyncContextManager[Learner]]


@pytest.fixture
def opened(tmp_path: Path, kernel: Kernel) -> Open:
    """Opens the app at a step of the lesson, on one progress file."""

    @asynccontextmanager
    async def at(
        step: str, language: Language = Language.EN, size: tuple[int, int] = (80, 24)
    ) -> AsyncIterator[Learner]:
        store = Store.open(tmp_path / "progress.sqlite3")
        index = load_index(default_folder(), tmp_path)
        app = TutorApp(
            default_folder(),
            index,
            store,
            language,
            start_at=(LESSON, step),
            kernel_factory=lambda on_news: Lent(kernel),  # type: ignore[arg-type, return-value]
        )
        async with app.run_test(size=size) as pilot:
            learner = Learner(app, pilot)
            await learner.until(lambda: isinstance(app.screen, LessonScreen) and app.screen.view is not None)
            await learner.answered()
            yield learner
        store.close()

    return at


@pytest.mark.parametrize("language", list(Language))
async def test_homework_4_is_built_by_keyboard_and_handed_in(
    opened: Open, language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened("homework", language) as learner:
        index, store = learner.app.index, learner.app.store
        assert next(t for t in tasks(index, store.outcomes) if t.number == 4).state == "new"
        # lr and momentum of group 0; a new group begins in the row that the cursor is on
        await learner.press(*"0.01", "down")
        await learner.until(lambda: store.steps(LESSON)["homework"].outcome == "wrong")
        assert next(t for t in tasks(index, store.outcomes) if t.number == 4).state == "begun"
        await learner.press(*"0.9", "a", *"0.8", "a", *"0.7", "enter")
        await learner.answered()
        lacks = {
            Language.EN: "homework 4: group 1 needs lr 0.02",
            Language.ZH: "作业 4：第 1 组的 lr 应为 0.02",
        }
        assert lacks[language] in learner.screen
        await learner.press("up", *"0.03", "shift+tab", *"0.02", "enter")
        await learner.answered()
        await learner.until(lambda: store.steps(LESSON)["homework"].outcome == "right")
        assert "✓" in learner.screen
        assert next(t for t in tasks(index, store.outcomes) if t.number == 4).state == "done"
        await learner.press("t")
        assert "optimizer.param_groups[0]" in learner.screen
        await learner.press("e")
        report = gather(default_folder(), index, Log.of(store), tmp_path, datetime.now().astimezone())

    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "sgd_groups.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = ran.stdout.splitlines()
    for number, (lr, momentum) in enumerate(((0.01, 0.9), (0.02, 0.8), (0.03, 0.7))):
        assert f"{number} lr {lr}" in lines
        assert f"{number} momentum {momentum}" in lines
        assert f"{number} fused None" in lines
    told = markdown(report, language)
    assert "lr              0.03" in told
    assert "torch 2." in told
    assert told.count("optimizer.param_groups[") >= 3
    homework = next(each for each in as_json(report, language)["homework"] if each["task"] == 4)
    assert homework["state"] == "done"
    (built,) = homework["built"]
    assert [group["momentum"] for group in built["param_groups"]] == [0.9, 0.8, 0.7]
    assert all(len(group) == 10 for group in built["param_groups"])
    json.dumps(homework)


async def test_the_form_and_the_code_change_each_other_and_nothing_is_lost(opened: Open) -> None:
    async with opened("builder") as learner:
        view = learner.view
        # the form changes the code
        await learner.press("tab", "tab", *"0.5", "enter")
        await learner.answered()
        assert '"lr": 0.5' in view.form.code
        # the code changes the form
        await learner.press("i")
        await learner.until(lambda: view.editor is not None and view.editor.has_focus)
        assert view.editor is not None
        view.editor.text = view.form.code.replace("lr=0.01", "lr=0.25").replace(
            "torch.ones(4,", "torch.zeros(5,"
        )
        await learner.press("escape")
        await learner.until(lambda: view.editor is None)
        await learner.answered()
        assert view.form.builder.groups[0].settings["lr"] == 0.25
        assert view.answer is not None
        assert view.answer.groups[2]["params"][0].shape == (5,)
        # what the form cannot show is said, and run all the same
        await learner.press("i")
        await learner.until(lambda: view.editor is not None and view.editor.has_focus)
        assert view.editor is not None
        view.editor.text = view.form.code + '\noptimizer.param_groups[1]["lr"] /= 2\n'
        await learner.press("escape")
        await learner.until(lambda: view.editor is None)
        await learner.answered()
        assert view.answer.groups[1]["lr"] == 0.01
        await learner.press("escape")
        assert "cannot show line" in learner.screen
        code = view.form.code
        # left by turning the page, with the field still open
        await learner.press("i")
        await learner.until(lambda: view.editor is not None and view.editor.has_focus)
        await learner.press("#", "pagedown", "pageup")
        await learner.until(lambda: learner.view is not view)
        assert learner.view.form.code == "#" + code
        learner.view.form.row, learner.view.form.column = "momentum", 1
        await learner.press("0", ".")
    async with opened("builder") as learner:
        assert learner.view.form.code == "#" + code, "another day"
        assert "cannot show line" in learner.screen
        assert "0._" in learner.screen, "half a number"
        await learner.press("5", "enter")
        await learner.answered()
        assert "z brings yours back" in learner.screen
        assert learner.view.form.builder.groups[1].settings["momentum"] == 0.5
        await learner.press("z")
        assert learner.view.form.code == "#" + code


async def test_what_torch_refuses_it_says_in_its_own_words_and_the_cause_stands_below(opened: Open) -> None:
    async with opened("builder", Language.ZH) as learner:
        presets = learner.view.builder_step.presets
        said = {
            "empty": "ValueError: optimizer got an empty parameter list",
            "twice": "ValueError: some parameters appear in more than one parameter group",
            "negative": "ValueError: Invalid learning rate: -0.01",
            "nesterov": "ValueError: Nesterov momentum requires a momentum and zero dampening",
            "not-leaf": "ValueError: can't optimize a non-leaf Tensor",
            "used-up": "ValueError: optimizer got an empty parameter list",
            "set": "TypeError: optimizer parameters need to be organized in ordered collections",
        }
        for name, words in said.items():
            await learner.press("p", *["down"] * presets.index(name), "enter")
            await learner.answered()
            assert words in learner.screen, name
            assert "原因" in learner.screen, name
        await learner.press("p", *["down"] * presets.index("no-lr"), "enter")
        await learner.answered()
        assert "0.001" in learner.screen


async def test_a_script_that_does_not_end_is_stopped_by_a_key(opened: Open) -> None:
    async with opened("builder") as learner:
        view = learner.view
        view.changed(view.form.take_code(view.form.code + "while True: pass\n"))
        await learner.until(lambda: "ctrl+c stops" in learner.screen)
        await learner.press("ctrl+c")
        await learner.answered()
        assert "Stopped." in learner.screen
        await learner.press("z")
        await learner.answered()
        assert "3 groups" in learner.screen


async def test_a_step_shows_torchs_weights_beside_those_by_hand_and_two_panes_have_room(opened: Open) -> None:
    async with opened("builder", size=(120, 40)) as learner:
        await learner.press("x")
        await learner.answered()
        assert "import torch" in learner.screen, "the code at the right"
        await learner.press("s")
        for number in ("0.971", "0.9439", "2.71", "by hand"):
            assert number in learner.screen
        await learner.press("z", "t")
        await learner.answered()
        assert "optimizer.param_groups[2]" in learner.screen


async def test_what_cannot_be_a_number_stays_to_be_mended_and_a_letter_is_a_key(opened: Open) -> None:
    async with opened("builder") as learner:
        form = learner.view.form
        await learner.press(*"1.2.3", "down")
        assert form.row == "lr", "the field is left only with a number in it"
        assert "takes a number" in learner.screen
        await learner.press("escape", *"0.2", "a")
        await learner.answered()
        assert form.builder.groups[0].settings["lr"] == 0.2
        assert len(form.builder.groups) == 4
        await learner.press("d", "d", "d", "d")
        assert len(form.builder.groups) == 1
        assert "at least one group" in learner.screen
        await learner.pilot.resize_terminal(60, 18)
        await learner.press("c", "t", "s", "b", "v", "escape")
        await learner.press("q")
        assert not isinstance(learner.app.screen, LessonScreen)
