"""The atlas on screen: tree and table, narrowed while one types, what torch says, and the way to the bench."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events

from tests.ui.desk import Desk, FedKernel
from tutor.course.index import default_folder, load_index
from tutor.progress.store import Store
from tutor.protocol import Finished, Ready, Table
from tutor.ui.app import TutorApp
from tutor.ui.widgets.lab import LabView
from tutor.words import Language

BENCH = """
id: bench
title: The bench
summary: Any loss.
minutes: 5
concepts: []
labs:
  loss:
    run: loss.py
    title: Any loss
    controls:
      loss: {kind: choice, options: [MSELoss, CTCLoss], default: MSELoss, label: loss}
      margin: {kind: number, default: 1, min: 0, max: 9, label: margin}
      x: {kind: numbers, default: [0], label: x, defaults: {loss: {MSELoss: [1], CTCLoss: [8]}}}
    series: {loss: loss}
    charts: [{id: loss, title: Loss, x: x, y: loss, series: [loss]}]
steps:
  - id: try
    kind: lab
    title: Try it
    lab: loss
    body: Run it.
    predict: {prompt: The loss of 5?, of: loss}
    set: {margin: 2, x: [5]}
"""


@pytest.fixture
def bench(course: Path) -> Path:
    """The small course with the atlas of the real one, and a bench that knows two of its losses."""
    shutil.copytree(default_folder() / "atlas", course / "atlas")
    (course / "02_second" / "lesson.yaml").write_text(BENCH, encoding="utf-8")
    (course / "02_second" / "zh.yaml").unlink()
    (course / "02_second" / "loss.py").write_text("def run(loss, margin, x): ...\n", encoding="utf-8")
    return course


Open = Callable[..., AsyncIterator[Desk]]


@pytest.fixture
def at(bench: Path, store: Store, tmp_path: Path) -> Open:
    """Opens the app on its course page, with a kernel that is fed by the test."""

    @asynccontextmanager
    async def opened(
        language: Language = Language.EN, size: tuple[int, int] = (80, 24)
    ) -> AsyncIterator[Desk]:
        kernel = FedKernel(Ready("2.99.0", 1.0))
        app = TutorApp(
            bench,
            load_index(bench, tmp_path / "cache"),
            store,
            language,
            kernel_factory=lambda on_news: kernel,  # type: ignore[arg-type, return-value]
        )
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield Desk(app, pilot, kernel)

    return opened


def losses(desk: Desk) -> list[str]:
    """The losses that stand in the list, from the top."""
    return [line.key for line in desk.app.screen.finder.list._lines if line.key is not None]


@pytest.mark.parametrize("language", list(Language))
async def test_all_eighteen_are_in_one_screen_as_a_table_each_row_whole(at: Open, language: Language) -> None:
    async with at(language) as desk:
        await desk.press("a", "v")
        rows = desk.screen.splitlines()[2:21]
        assert len(losses(desk)) == 18
        for name, row in zip(losses(desk), rows[1:], strict=True):
            assert name.removesuffix("Loss") in row and row.rstrip().endswith((")", "]")), "up to its range"
        await desk.press("end")
        await desk.see("−ln Σ_π")
        await desk.press("ctrl+l")
        await desk.see("+1 或 −1" if language is Language.EN else "+1 or −1")


async def test_typing_narrows_the_tree_and_what_is_left_of_a_branch_goes_with_it(at: Open) -> None:
    async with at() as desk:
        await desk.press("a")
        await desk.see("Several labels", "CrossEntropyLoss  cross entropy")
        await desk.press("slash", *"logits:yes target:long")
        await desk.see("logits:yes target:long")
        assert losses(desk) == ["CrossEntropyLoss", "MultiMarginLoss", "MultiLabelMarginLoss"]
        assert "Regression" not in desk.screen and "Several labels" in desk.screen
        await desk.press("down", "down")
        await desk.see("0/1 masks")
        await desk.press(*" zz")
        await desk.see("No loss fits")
        assert "0/1 masks" not in desk.screen
        await desk.press("enter", "escape")
        await desk.see("Regression")
        assert len(losses(desk)) == 18


async def test_what_is_typed_in_one_burst_narrows_the_atlas_and_opens_what_is_left(at: Open) -> None:
    async with at() as desk:
        await desk.press("a")
        await desk.see("Several labels")
        for key in ("slash", *"mse", "enter"):
            desk.app.post_message(events.Key(key, "/" if key == "slash" else key if len(key) == 1 else None))
        await desk.see("Try it")
        assert desk.app.screen.query_one(LabView).controls.values["loss"] == "MSELoss"


async def test_defaults_and_what_is_beyond_the_course_come_from_the_installed_torch(at: Open) -> None:
    async with at(size=(120, 40)) as desk:
        await desk.press("a")
        await desk.see("weight  a factor")
        assert "NewLoss" not in desk.screen
        (run,) = desk.kernel.runs
        assert run.file.name == "installed.py"
        rows = [["CrossEntropyLoss", "weight", "something new"], ["NewLoss", "reduction", "'mean'"]]
        run.feed(Table("arguments", ["loss", "argument", "default"], rows), Finished(0.1))
        await desk.see("weight=something new  a factor", "has 2: NewLoss came later.")


async def test_enter_opens_the_bench_set_to_the_loss_under_the_cursor_whatever_was_set_there_before(
    at: Open,
) -> None:
    async with at() as desk:
        desk.app.open_lab("loss")
        await desk.see("Try it")
        await desk.see("The loss of 5?")
        await desk.press("s", "down", "9", "q")
        for name, setting, x in (("ctc", "CTCLoss", [8]), ("MSE", "MSELoss", [5])):
            await desk.press("a", "slash", *name, "enter")
            await desk.see("Try it")
            view = desk.app.screen.query_one(LabView)
            assert view.controls.values == {"loss": setting, "margin": 2, "x": x}
            assert ("The loss of 5?" in desk.screen) == (x == [5]), "what is asked is about the step's own x"
            await desk.press("q")


async def test_a_loss_that_the_bench_lacks_is_said_and_the_bench_opens_as_it_is(at: Open) -> None:
    async with at() as desk:
        await desk.press("a", "enter")
        await desk.see("loss must be one of MSELoss, CTCLoss, not 'CrossEntropyLoss'", "Try it")
        assert desk.app.screen.query_one(LabView).controls.values["loss"] == "MSELoss"


async def test_the_palette_finds_the_atlas_and_the_course_page_offers_its_key(at: Open) -> None:
    async with at() as desk:
        assert "a atlas" in desk.screen.splitlines()[-1]
        await desk.press("ctrl+p", *"思维导图", "enter")
        await desk.see("Atlas of the losses")
        await desk.press("escape")
        await desk.see("A small course")


async def test_a_course_without_an_atlas_or_with_a_broken_one_says_so(at: Open, bench: Path) -> None:
    file = bench / "atlas" / "losses.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("task: sequence", "tsak: sequence"), encoding="utf-8"
    )
    async with at() as desk:
        await desk.press("a")
        await desk.see("The atlas cannot be opened", "losses.yaml, line")
        file.unlink()
        await desk.press("a")
        await desk.see("This course has no atlas.")
