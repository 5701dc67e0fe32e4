"""What a run has to show beside its charts: tables, pictures, lists of numbers, how far it is; in every terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.ui.desk import Desk, Open, opener
from tutor.progress.store import Store
from tutor.protocol import Failed, Finished, Note, Picture, Point, Progress, Table, Value

COURSE = """
format: 1
title: {en: Course, zh: 课程}
parts: [{id: p, title: {en: Part, zh: 部分}, lessons: [{folder: 01_a}]}]
"""
LESSON = """
id: a
title: Views
summary: What is seen.
minutes: 5
concepts: []
labs:
  seen:
    run: seen.py
    title: What is seen
    controls: {epochs: {kind: integer, default: 3, min: 1, max: 9, label: epochs}}
    series: {loss: loss}
    charts:
      - {id: loss, title: Loss, x: step, y: loss, series: [loss]}
      - {id: other, title: Other, x: step, y: loss, series: [loss]}
  told:
    run: seen.py
    title: What is told
    controls: {epochs: {kind: integer, default: 3, min: 1, max: 9, label: epochs}}
    series: {loss: loss of the sample}
    values: {loss: torch's loss, by_hand: by hand}
  walked:
    run: seen.py
    title: What is walked
    controls: {epochs: {kind: integer, default: 3, min: 1, max: 9, label: epochs}}
    series: {"path:*": "rate {}", level: level lines}
    charts:
      - {id: path, title: Path, x: x, y: y, series: ["path:*", level], form: contour}
steps:
  - {id: walked, kind: lab, title: Walk it, lab: walked, body: Walk along.}
  - {id: seen, kind: lab, title: See it, lab: seen, body: Look at it.}
  - {id: told, kind: lab, title: Tell it, lab: told, body: Read it.}
"""
CHINESE = """
title: 所见
summary: 看到什么。
labs:
  seen:
    title: 看到的
    controls: {epochs: 轮数}
    series: {loss: 损失}
    charts: [{title: 损失, x: 步, y: 损失}, {title: 其他, x: 步, y: 损失}]
  told:
    title: 讲到的
    controls: {epochs: 轮数}
    series: {loss: 样本的损失}
    values: {loss: torch 的损失, by_hand: 手算}
  walked:
    title: 走过的
    controls: {epochs: 轮数}
    series: {"path:*": "速率 {}", level: 等高线}
    charts: [{title: 路径, x: x, y: y}]
steps: {walked: {title: 走, body: 走一走。}, seen: {title: 看, body: 看一看。}, told: {title: 读, body: 读一读。}}
"""


@pytest.fixture
def open_at(tmp_path: Path, store: Store) -> Open:
    folder = tmp_path / "lessons"
    (folder / "01_a").mkdir(parents=True)
    (folder / "course.yaml").write_text(COURSE, encoding="utf-8")
    (folder / "01_a" / "lesson.yaml").write_text(LESSON, encoding="utf-8")
    (folder / "01_a" / "zh.yaml").write_text(CHINESE, encoding="utf-8")
    (folder / "01_a" / "seen.py").write_text('"""Seen."""\n', encoding="utf-8")
    return opener(folder, store, tmp_path / "cache", "seen")


def photo(name: str, size: int = 16) -> Picture:
    """Black at the left, white at the right."""
    rows = [[x / (size - 1) for x in range(size)] for _ in range(size)]
    return Picture(name, rows, f"{name} is right.", f"{name} 正确。")


def greys(desk: Desk) -> set[int]:
    """The greys on the screen that no theme has: those of pictures."""
    styles = [s.style for strip in desk.app.screen._compositor.render_strips() for s in strip if s.style]
    triplets = [c.triplet for style in styles for c in (style.color, style.bgcolor) if c and c.triplet]
    return {t.red for t in triplets if t.red == t.green == t.blue}


def first_row(desk: Desk) -> str:
    """What stands below the title of the pictures."""
    lines = [line.partition("│ ")[2] for line in desk.screen.splitlines()]
    return lines[next(i for i, line in enumerate(lines) if line.startswith("Pictures")) + 1]


# Paths over level lines -------------------------------------------------------------------------------------


async def test_going_back_through_a_run_moves_the_marks_of_its_paths_and_leaves_the_level_lines(
    open_at: Open,
) -> None:
    async with open_at("walked") as desk:
        square = [Point("level", x, y) for x in (0, 10) for y in range(11)]
        steps = [Point(f"path:{rate}", rate * k, 2 * k) for k in range(5) for rate in (1, 2)]
        await desk.run(*square, *steps)
        await desk.see("Path", "● rate 1   + rate 2")
        assert "l log" not in desk.screen
        there = desk.screen
        await desk.press(",", ",")
        await desk.see("wound back to 28 of 32")  # both paths go back together
        assert desk.screen.count("●") < there.count("●") or desk.screen.count("+") < there.count("+")
        await desk.press("l")
        assert "log" not in desk.screen
        await desk.press(*"," * 40)
        await desk.see("wound back to 0 of 32")
        lines = [line.partition("│ ")[2] for line in desk.screen.splitlines()]
        assert not any("●" in line for line in lines if "rate" not in line)
        assert sum("\u2800" < sign < "\u2900" for line in lines for sign in line) > 4, "level lines"


# Pictures ---------------------------------------------------------------------------------------------------


async def test_pictures_are_pages_after_the_charts_with_their_words_below(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.run(Point("loss", 0, 1.0), photo("one"), photo("two"))
        assert "v 1/3" in desk.screen and "Pictures" not in desk.screen
        await desk.press("v", "v")
        await desk.see("Pictures", "v 3/3", "one is right.", "two is right.")
        await desk.press("L")
        await desk.see("图像", "one 正确。", "two 正确。")
        await desk.press("v")
        await desk.see("损失", "v 1/3")


async def test_a_lab_without_pictures_has_no_page_for_them(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.run(Point("loss", 0, 1.0))
        await desk.press("v", "v")
        assert "v 1/2" in desk.screen


async def test_more_pictures_than_fit_follow_on_further_pages_none_lost(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.run(*(photo(f"p{k}", 32) for k in range(5)), Point("loss", 0, 1.0))
        seen: set[str] = set()
        for _ in range(7):
            await desk.press("v")
            here = {f"p{k}" for k in range(5) if f"p{k} is right." in desk.screen}
            assert len(here) <= 2
            seen |= here
        assert seen == {f"p{k}" for k in range(5)}


async def test_greys_are_drawn_in_half_blocks_where_there_are_colours(open_at: Open) -> None:
    async with open_at() as desk:
        desk.app.theme = "dark"
        await desk.run(Picture("checks", [[0.0, 1.0], [1.0, 0.0]] * 4, ""), Point("loss", 0, 1.0))
        await desk.press("v", "v")
        await desk.see("Pictures", "checks", "▀")
        assert {0, 255} <= greys(desk)


async def test_without_colours_signs_from_dark_to_bright_stand_for_greys(open_at: Open) -> None:
    async with open_at() as desk:
        desk.app.theme = "dark-16"
        await desk.run(photo("one", 10), Point("loss", 0, 1.0))
        await desk.press("v", "v")
        await desk.see("one is right.")
        assert "".join(dict.fromkeys(first_row(desk).strip())) == ".:-=+*#%@"
        desk.app.theme = "light-16"
        await desk.press("v", "v", "v")
        assert first_row(desk).startswith("@@"), "on white, black is what has most ink"


async def test_with_ascii_pictures_are_ascii(open_at: Open) -> None:
    async with open_at(ascii=True) as desk:
        desk.app.theme = "dark"
        await desk.run(photo("one", 32), Point("loss", 0, 1.0))
        await desk.press("v", "v")
        await desk.see("one is right.")
        assert desk.screen.replace("中文", "").isascii()


async def test_a_picture_of_the_same_name_takes_the_place_of_the_earlier_one(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("r")
        await desk.emit(Picture("p", [[0.0]], "before"), Point("loss", 0, 1.0))
        await desk.press("v", "v")
        await desk.see("before")
        await desk.emit(Picture("p", [[1.0]], "after"), Finished(0.1))
        await desk.see("after")
        assert "before" not in desk.screen
        await desk.press("w", ".")
        await desk.see("before")


@pytest.mark.parametrize("size", [(120, 40), (60, 20), (40, 12)])
async def test_a_picture_fits_every_size(open_at: Open, size: tuple[int, int]) -> None:
    async with open_at(size=size) as desk:
        await desk.run(photo("one", 120), Picture("empty", [], "nothing"), Point("loss", 0, 1.0))
        await desk.press("v", "v", "end")
        assert all(cell_len(line) <= size[0] for line in desk.screen.splitlines())
        await desk.pilot.resize_terminal(80, 24)
        await desk.see("one is right.", "Pictures")


async def test_broken_pictures_are_drawn_as_far_as_they_go(open_at: Open) -> None:
    rows = [[float("nan"), 5.0, -1.0], [0.5], []]
    async with open_at() as desk:
        await desk.run(Picture("odd\x1b[2J", rows), Point("loss", 0, 1.0))
        await desk.press("v", "v")
        await desk.see("Pictures", "odd")


# Tables and lists -------------------------------------------------------------------------------------------

STEPS = Table("by_hand", ["loss", "名称", "p"], [["loss", "概率", 0.7311], ["x", "ln", -0.31326]])


async def test_a_lab_without_charts_shows_its_tables_in_their_place(open_at: Open) -> None:
    async with open_at("told") as desk:
        await desk.run(STEPS, Value("loss", 0.3642))
        await desk.see("Tables", "by hand", "loss of the sample   名称", "概率    0.7311", "ln     -0.31326")
        assert "v 1/" not in desk.screen
        await desk.press("L")
        await desk.see("表格", "手算", "样本的损失   名称", "torch 的损失  0.3642")


async def test_tables_that_do_not_fit_at_once_are_leafed_through_and_scrolled(open_at: Open) -> None:
    tables = [Table(f"table {k}", ["n", "x"], [[n, n / 3] for n in range(6)]) for k in range(4)]
    async with open_at("told") as desk:
        await desk.run(*tables, photo("one"))
        await desk.see("table 0", "v 1/5")
        assert "table 1" not in desk.screen
        await desk.press("v", "v", "v")
        await desk.see("table 3", "v 4/5")
        await desk.press("v")
        await desk.see("one is right.", "v 5/5")
        await desk.press("t")
        await desk.see("table 0", "table 1")
        await desk.press(*["down"] * 20)
        await desk.see("table 3")


async def test_a_table_wider_than_the_screen_goes_on_below(open_at: Open) -> None:
    wide = Table("wide", ["n", *(f"column {k}" for k in range(12))], [[0, *(k / 7 for k in range(12))]])
    async with open_at("told") as desk:
        await desk.run(wide)
        await desk.press("t")
        assert all(f"column {k}" in desk.screen for k in range(12))


async def test_a_list_is_told_in_places_alike_and_whole(open_at: Open) -> None:
    async with open_at("told") as desk:
        await desk.run(
            Value("loss", [1.3132616, 0.1269280, 0.1269280]), Value("by_hand", [k / 3 for k in range(30)])
        )
        await desk.see("[1.3133, 0.1269, 0.1269]", "0.3333, 0.6667")
        await desk.press("t")
        await desk.see("9.3333, 9.6667]")


async def test_what_a_lab_explains_of_its_failure_comes_before_where_it_failed(open_at: Open) -> None:
    trace = ["Traceback (most recent call last):", '  File "a.py", line 1, in run', "IndexError: Target 5"]
    why = Note("A target is the number of a column.", "target 是列号。")
    async with open_at() as desk:
        failed = Failed("IndexError", "Target 5 is out of bounds.", trace)
        await desk.run(Note("torch says: Target 5 is out of bounds.", "torch 的原话：……"), why, ending=failed)
        await desk.see("It failed: IndexError", "torch says: Target 5", "A target is the number of a column.")
        assert "Traceback" not in desk.screen
        await desk.press("t")
        await desk.see(
            "number of a column.", "Traceback (most recent call last):\n", '    File "a.py", line 1'
        )


# How far it is ----------------------------------------------------------------------------------------------


async def test_a_bar_says_how_far_a_run_is(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("r")
        await desk.emit(Progress(3, 10))
        await desk.see("running  ━━━━━───────────  3/10  30 %")
        await desk.press("L")
        await desk.see("运行中  ━━━━━───────────  3/10  30%")
        await desk.emit(Progress(10, 10), Finished(0.5))
        await desk.see("torch 用时 500 ms")
        assert "30%" not in desk.screen


async def test_the_bar_moves_a_few_times_a_second_and_not_with_every_step(
    open_at: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_at() as desk:
        timers: list[object] = []
        monkeypatch.setattr(
            type(desk.view), "set_timer", lambda view, wait, then: timers.append(then) or timers
        )
        await desk.press("r")
        for done in range(1, 40):
            await desk.emit(Progress(done, 100), Point("loss", done, 1.0))
        assert "1/100" in desk.screen and "39/100" not in desk.screen
        desk.view._move_bar()  # as the timer would
        await desk.see("39/100")


@pytest.mark.parametrize("odd", [Progress(5, 0), Progress(7, 3), Progress(-1, 3)])
async def test_odd_progress_does_no_harm(open_at: Open, odd: Progress) -> None:
    async with open_at(ascii=True) as desk:
        await desk.press("r")
        await desk.emit(odd)
        await desk.see("running")
        assert desk.screen.replace("中文", "").isascii()
        await desk.emit(Note("Done.", "完成。"), Finished(0.1))
        await desk.see("Done.")
