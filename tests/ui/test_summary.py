"""Homework 3 by keyboard at 80x24: the losses into groups of one's own, a line to each, kept, exported, done."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.cells import cell_len

from tests.terminal import KEYS, Terminal
from tests.ui.desk import Desk, FedKernel
from tutor.course.index import Index, default_folder, load_index
from tutor.course.losses import load_atlas
from tutor.places import progress_file
from tutor.practice.homework import tasks
from tutor.practice.summary import Group, Summary, read
from tutor.progress.store import Store
from tutor.protocol import Missing
from tutor.ui import svg
from tutor.ui.app import TutorApp
from tutor.ui.widgets.summary import SummaryView
from tutor.words import Language

LESSON, STEP = "eighteen-losses", "my-summary"
ATLAS = load_atlas(default_folder())
assert ATLAS is not None
Open = Callable[..., AsyncIterator[Desk]]


@pytest.fixture
def index(tmp_path: Path) -> Index:
    """The real course."""
    return load_index(default_folder(), tmp_path / "cache")


@pytest.fixture
def at(index: Index, tmp_path: Path) -> Open:
    """Opens the app at the summary, without torch; what was kept is there again."""

    @asynccontextmanager
    async def opened(
        language: Language = Language.EN, size: tuple[int, int] = (80, 24), ascii: bool = False
    ) -> AsyncIterator[Desk]:
        kernel = FedKernel(Missing("no torch"))
        store = Store.open(tmp_path / "progress.sqlite3")
        app = TutorApp(
            default_folder(),
            index,
            store,
            language,
            ascii,
            start_at=(LESSON, STEP),
            kernel_factory=lambda on_news: kernel,  # type: ignore[arg-type, return-value]
        )
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield Desk(app, pilot, kernel)

    return opened


def summary(desk: Desk) -> Summary:
    return desk.app.screen.query_one(SummaryView).summary


@pytest.mark.parametrize("language", list(Language))
async def test_homework_3_is_done_by_keyboard_alone(
    at: Open, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: Language
) -> None:
    """Everything is typed ahead of the screen; the last loss goes into a wrong group first, where it is in doubt."""
    monkeypatch.chdir(tmp_path)
    titles = [task.title.into(language) for task in ATLAS.tasks.values()]
    ids = list(ATLAS.tasks)
    async with at(language) as desk:
        states = tasks(index, desk.app.store.outcomes)
        assert [task.state for task in states if task.number == 3] == ["new"]
        for title in titles:
            await desk.press("a", *title, "enter")
        assert [group.name for group in summary(desk).groups] == titles
        await desk.press("down")
        for name, loss in ATLAS.losses.items():
            group = ids.index("regression" if name == "CTCLoss" else loss.task)
            await desk.press(str(group + 1))
        assert not summary(desk).unplaced(ATLAS)
        await desk.press("home", "down", "enter")
        for number in range(18 + len(titles)):  # the field goes along, over losses and names of groups
            view = desk.app.screen.query_one(SummaryView)
            key = view.board.key
            if key in ATLAS.losses:
                await desk.press(*f"{number}: 一句")
            if key == view.board.keys[-1]:
                break
            await desk.press("down")
        await desk.press("enter")
        assert set(summary(desk).lines) == set(ATLAS.losses)
        (task,) = [task for task in tasks(index, desk.app.store.outcomes) if task.number == 3]
        assert task.state == "begun" and task.next == (LESSON, STEP)

        await desk.press("m")
        doubt = "its target is “label strings”" if language is Language.EN else "它的 target 是“标签序列”"
        await desk.see(doubt)
        assert desk.app.screen.query_one(SummaryView).board.key == "CTCLoss"
        await desk.press(str(ids.index("sequence") + 1))
        await desk.see("nothing is in doubt" if language is Language.EN else "没有存疑之处")
        (task,) = [task for task in tasks(index, desk.app.store.outcomes) if task.number == 3]
        assert task.state == "done"

        await desk.press("x")
        await desk.see("my-losses.md, my-losses.mmd, my-losses.svg")
        assert "CTCLoss" in (tmp_path / "my-losses.md").read_text(encoding="utf-8")
        picture = (tmp_path / "my-losses.svg").read_text(encoding="utf-8")
        texts = [each for each in ElementTree.fromstring(picture).iter() if each.tag.endswith("}text")]
        assert len(texts) > 20 and "font-face" not in picture
        for each in texts:  # a wide letter is as wide as two others
            assert int(each.attrib["textLength"]) == svg.CELL * cell_len(each.text or "")
        await desk.press("q")
        await desk.see("3 ✓")
        await desk.press("e")
        await desk.see("Report" if language is Language.EN else "学习报告")


async def test_what_is_picked_up_goes_along_with_the_arrows_and_leaves_a_group_at_its_end(at: Open) -> None:
    async with at() as desk:
        await desk.press("a", *"one", "enter", "a", *"two", "enter", "down", "1", "1")
        assert summary(desk).groups[0].losses == ("CrossEntropyLoss", "NLLLoss")
        await desk.press("home", "down", "space", "down", "down", "space", "down")
        assert summary(desk).groups[1].losses == ("CrossEntropyLoss",)
        await desk.press("up", "shift+down")
        assert summary(desk).group_of("CrossEntropyLoss") is None
        await desk.press("space", "up", "escape")
        assert summary(desk).groups[1].losses == ("CrossEntropyLoss",)
        await desk.press("0")
        assert summary(desk).group_of("CrossEntropyLoss") is None
        await desk.press("home", "d", "down", "up", "d")
        assert [group.name for group in summary(desk).groups] == ["one", "two"], "not empty: asked first"
        await desk.see("d again drops the group; its losses (1)")
        await desk.press("d")
        assert [group.name for group in summary(desk).groups] == ["two"]
        assert "NLLLoss" in summary(desk).unplaced(ATLAS)
        assert desk.app.screen.step.id == STEP, "escape put down, and did not leave"


async def test_every_key_is_kept_at_once_so_that_a_kill_loses_nothing(at: Open, tmp_path: Path) -> None:
    async with at() as desk:
        await desk.press("a", *"Zahlen", "escape", "down", "1", "up", "enter", *"half a li")
        # The app is still at it; another reads what there is.
        (kept,) = Store.open(tmp_path / "progress.sqlite3").summaries()
        assert "Zahlen" in kept.given and "half a li" in kept.given and kept.outcome == "begun"
    async with at() as desk:
        await desk.see("Zahlen", "half a li")


async def test_a_group_is_renamed_and_declared_and_what_it_is_about_is_said(at: Open) -> None:
    async with at() as desk:
        await desk.press("a", *"A", "enter", "down", "1", "home")
        await desk.see("What is this group about?")
        await desk.press("t", "t", "t")
        await desk.see("A  › Regression", "Taken to be about: Regression")
        await desk.press("down")
        await desk.see("its target is “class index”", "in doubt 1")
        await desk.press("r", "backspace", *"BB", "enter")
        await desk.see("1 BB  › Regression")
        await desk.press("t", "t", "t", "t", "down")
        assert summary(desk).groups[0].task is None
        await desk.see("CrossEntropyLoss has no line", "in doubt 0")


async def test_a_clumsy_learner_breaks_nothing(
    at: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with at(ascii=True) as desk:
        for keys in (
            ["1", "0", "d", "r", "t", "shift+up", "space", "up", "space"],
            ["a", "enter", "a", "escape"],
        ):
            await desk.press(*keys)
        assert [group.name for group in summary(desk).groups] == ["", ""]
        await desk.see("(no name)")
        await desk.press("9", "enter", *"q?L", "ctrl+l", "ctrl+l", "pagedown")
        assert desk.app.screen.step.id == "the-atlas", "the field is left with the page"
        await desk.press("pageup")
        await desk.see("q?L")
        await desk.pilot.resize_terminal(60, 15)
        await desk.press("m", "m", "x", "ctrl+c")
        await desk.pilot.resize_terminal(120, 40)
        await desk.see("Not placed yet")
        assert desk.app._exception is None


def test_what_is_typed_in_one_burst_keeps_its_order_and_what_is_on_screen_survives_a_kill() -> None:
    store = Store.open(progress_file())
    store.set("welcomed", "yes")
    store.move(LESSON, STEP)
    store.close()
    with Terminal([sys.executable, "-m", "tutor", "lesson", LESSON]) as terminal:
        terminal.wait_for("Sort the eighteen")
        # One write: every key is there before the first was acted upon. A `d` that was a key would drop the group.
        down, home = KEYS["down"], KEYS["home"]
        terminal.send(f"amy odd ad-hoc group\r{down}1{home}{down}\ra line 4 d and x")
        terminal.wait_for("a line 4 d and x", "my odd ad-hoc group")
    (kept,) = Store.open(progress_file()).summaries()
    assert read(kept.given, ATLAS) == Summary(
        (Group("my odd ad-hoc group", ("CrossEntropyLoss",)),), {"CrossEntropyLoss": "a line 4 d and x"}
    )
