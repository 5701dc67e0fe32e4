"""A lab by keyboard: predict, run, compare, wind back, look; a run that goes wrong; in both languages."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.ui.desk import Open, opener
from tutor.client import Kernel
from tutor.progress.store import Store
from tutor.protocol import (
    Crashed,
    Emission,
    Ending,
    Failed,
    Finished,
    Missing,
    Note,
    Point,
    Printed,
    Progress,
    Stopped,
    Table,
    Value,
)
from tutor.words import Language

COURSE = """
format: 1
title: {en: Course, zh: 课程}
parts: [{id: p, title: {en: Part, zh: 部分}, lessons: [{folder: 01_a}]}]
"""
LESSON = """
id: a
title: Growth
summary: What grows.
minutes: 5
concepts: []
labs:
  growth:
    run: growth.py
    title: A number that grows
    controls:
      rule: {kind: choice, options: [times, plus], default: times, label: rule}
      by: {kind: number, default: 16, min: 0, max: 100, label: factor, help: What it grows by., when: {rule: [times]}}
      steps: {kind: integer, default: 40, min: 1, max: 50, label: steps}
      loud: {kind: toggle, default: false, label: loud}
    series: {size: size, share: share}
    values: {first_nonfinite: first step that is inf}
    charts:
      - {id: size, title: Size by step, x: step, y: size, series: [size], scale: log}
      - {id: share, title: Share by step, x: step, y: share, series: [share]}
steps:
  - {id: before, kind: text, title: Before, body: Something to read.}
  - id: predicted
    kind: lab
    title: Predict it
    lab: growth
    body: Each step multiplies by 16.
    predict: {prompt: Which step is the first inf?, of: first_nonfinite, never: true, mark: x}
  - {id: free, kind: lab, title: Free, lab: growth, set: {by: 2}, body: Try what you like.}
  - id: chosen
    kind: lab
    title: Choose it
    lab: growth
    body: Up or down?
    predict: {prompt: Where does it go?, of: way, ask: choice, options: [up, down], equals: [up, down]}
"""
CHINESE = """
title: 增长
summary: 什么在增长。
labs:
  growth:
    title: 一个增长的数
    controls: {rule: 规则, by: {label: 倍数, help: 每步增长多少。}, steps: 步数, loud: 输出}
    series: {size: 大小, share: 占比}
    values: {first_nonfinite: 首个为 inf 的步}
    charts: [{title: 大小随步数的变化, x: 步, y: 大小}, {title: 占比随步数的变化, x: 步, y: 占比}]
steps:
  before: {title: 之前, body: 可以读的内容。}
  predicted: {title: 预测, body: 每一步乘以 16。, predict: {prompt: 哪一步首次出现 inf？}}
  free: {title: 自由, body: 随意尝试。}
  chosen: {title: 选择, body: 上还是下？, predict: {prompt: 它往哪里走？, options: [上, 下]}}
"""
LAB = '''"""A number that grows."""

from tutor.lesson import Point, Value


def run(rule: str, by: float, steps: int, loud: bool):
    size = 1.0
    for k in range(steps):
        yield Point("size", k, size)
        size = size * by if rule == "times" else size + 1
    yield Value("first_nonfinite", None)
'''


def growth(by: float = 16.0, steps: int = 40, largest: float = 3.4e38) -> list[Emission]:
    """What a run of such a lab in float32 would emit, without its ending."""
    sizes = [by**k if by**k < largest else math.inf for k in range(steps)]
    first = next((k for k, size in enumerate(sizes) if math.isinf(size)), None)
    points = [e for k, s in enumerate(sizes) for e in (Point("size", k, s), Point("share", k, k / steps))]
    return [*points, Value("first_nonfinite", first)]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "lessons"
    (folder / "01_a").mkdir(parents=True)
    (folder / "course.yaml").write_text(COURSE, encoding="utf-8")
    (folder / "01_a" / "lesson.yaml").write_text(LESSON, encoding="utf-8")
    (folder / "01_a" / "zh.yaml").write_text(CHINESE, encoding="utf-8")
    (folder / "01_a" / "growth.py").write_text(LAB, encoding="utf-8")
    return folder


@pytest.fixture
def open_at(course: Path, store: Store, tmp_path: Path) -> Open:
    return opener(course, store, tmp_path / "cache", "free")


# Settings -------------------------------------------------------------------------------------------------


async def test_controls_are_set_by_keyboard_and_the_run_gets_them(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("down", "3", ".", "5", "down", "7", "down", "space", "r")
        assert desk.kernel.runs[-1].settings == {"rule": "times", "by": 3.5, "steps": 7, "loud": True}
        assert desk.kernel.runs[-1].file.name == "growth.py"


async def test_a_control_that_does_not_count_is_hidden(open_at: Open) -> None:
    async with open_at() as desk:
        assert "factor" in desk.screen
        await desk.press("enter")
        assert "plus" in desk.screen and "factor" not in desk.screen
        await desk.press("backspace")
        assert "times" in desk.screen and "factor" in desk.screen


async def test_a_fraction_can_be_typed(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("down", "1", "slash", "1", "6", "r")
        assert desk.kernel.runs[-1].settings["by"] == 1 / 16


@pytest.mark.parametrize("typed", ["101", "1-2", "-3", "1e9", "1/0"])
async def test_a_wrong_number_is_said_at_once_with_the_range_and_does_not_run(
    open_at: Open, typed: str
) -> None:
    async with open_at() as desk:
        await desk.press("down", *({"-": "minus", "/": "slash"}.get(sign, sign) for sign in typed))
        words = " ".join(line.partition("│")[0].strip() for line in desk.screen.splitlines())
        assert f"factor must be a number from 0 to 100, not {typed}." in words
        await desk.press("r")
        assert desk.kernel.runs == []
        await desk.press("escape", "r")
        assert desk.kernel.runs[-1].settings["by"] == 2.0


async def test_what_was_typed_is_replaced_by_what_is_typed_after_the_run(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("down", "3", "r", "4", "r")
        assert [run.settings["by"] for run in desk.kernel.runs] == [3.0, 4.0]


async def test_keys_that_come_in_one_burst_keep_their_order(open_at: Open) -> None:
    async with open_at() as desk:
        for key in ("down", "3", "down", "7", "up", "5", "r"):
            desk.app.simulate_key(key)
        while not desk.kernel.runs:
            await desk.pilot.pause()
        assert desk.kernel.runs[-1].settings["by"] == 5.0
        assert desk.kernel.runs[-1].settings["steps"] == 7


async def test_u_brings_back_the_settings_of_the_step(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("down", "9", "down", "7", "u", "r")
        assert desk.kernel.runs[-1].settings == {"rule": "times", "by": 2, "steps": 40, "loud": False}


async def test_arrows_beside_the_controls_still_turn_the_pages(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("left")
        await desk.see("Predict it")
        await desk.press("1", "right")
        await desk.see("Try what you like")


# Predicting -----------------------------------------------------------------------------------------------


async def test_a_prediction_is_asked_kept_and_named_beside_the_result(open_at: Open, store: Store) -> None:
    async with open_at("predicted") as desk:
        assert "Which step is the first inf?" in desk.screen
        await desk.press("4", "0", "enter")
        assert store.prediction("a", "predicted") == "40"
        await desk.emit(*growth(), Finished(0.25))
        assert "you said 40, torch says 32" in desk.screen
        assert desk.screen.count("you said 40") == 2  # the other one stands at its line in the chart
        assert "250 ms in torch" in desk.screen


async def test_a_prediction_that_comes_true_is_ticked(open_at: Open) -> None:
    async with open_at("predicted") as desk:
        await desk.press("3", "2", "enter")
        await desk.emit(*growth(), Finished(0.25))
        assert "✓ you said 32, torch says 32" in desk.screen


async def test_never_is_a_prediction(open_at: Open, store: Store) -> None:
    async with open_at("predicted") as desk:
        await desk.press("v", "enter")
        assert store.prediction("a", "predicted") == "never"
        await desk.emit(*growth(by=2), Finished(0.25))
        assert "✓ you said never, torch says never" in desk.screen


async def test_a_choice_is_predicted_by_its_number(open_at: Open, store: Store) -> None:
    async with open_at("chosen", Language.ZH) as desk:
        await desk.press("2", "enter")
        assert store.prediction("a", "chosen") == "down"
        await desk.emit(Point("size", 0, 1.0), Value("way", "up"), Finished(0.1))
        assert "你的预测是 下，torch 的结果是 上" in desk.screen


async def test_enter_without_a_prediction_asks_for_one_and_s_does_without(
    open_at: Open, store: Store
) -> None:
    async with open_at("predicted") as desk:
        await desk.press("enter")
        assert desk.kernel.runs == [] and "Type a prediction first" in desk.screen
        await desk.press("1", "minus", "enter")
        assert desk.kernel.runs == []
        await desk.press("s", "r")
        assert len(desk.kernel.runs) == 1 and store.prediction("a", "predicted") is None


async def test_a_prediction_half_typed_is_still_there_when_the_learner_comes_back(open_at: Open) -> None:
    async with open_at("predicted") as desk:
        await desk.press("4", "p", "n")
        await desk.see("› 4_")


async def test_in_a_narrow_terminal_the_question_comes_first(open_at: Open) -> None:
    async with open_at("predicted", size=(40, 14)) as desk:
        assert "Which step is the first inf?" in desk.screen
        await desk.press("4", "0", "enter")
        await desk.emit(*growth(), Finished(0.25))
        assert "factor" in desk.screen


async def test_a_prediction_of_another_day_is_not_asked_again(open_at: Open, store: Store) -> None:
    store.predicted("a", "predicted", "20")
    async with open_at("predicted") as desk:
        assert "You said 20." in desk.screen
        await desk.run(*growth())
        assert "you said 20, torch says 32" in desk.screen


async def test_a_run_with_other_settings_is_not_held_against_the_prediction(open_at: Open) -> None:
    async with open_at("predicted") as desk:
        await desk.press("4", "0", "enter")
        await desk.emit(*growth(), Finished(0.25))
        await desk.press("down", "2")
        await desk.run(*growth(by=2))
        assert "you said" not in desk.screen


# Running --------------------------------------------------------------------------------------------------


async def test_a_run_streams_and_its_end_is_shown_at_once_and_written_down(
    open_at: Open, store: Store
) -> None:
    async with open_at() as desk:
        await desk.press("r")
        await desk.emit(Progress(3, 40), *growth()[:20])
        await desk.see("running  ━", "3/40  7 %", "Size by step")
        # Time stands still from here on: whatever is drawn is not drawn because enough of it went by.
        desk.view.clock = lambda: 0.0
        await desk.emit(*growth()[20:], Finished(0.25))
        assert "first step that is inf  32" in desk.screen and "250 ms in torch" in desk.screen
        assert "size: inf from step 32 on" in desk.screen
        rows = store._read("SELECT lab, settings, results, ending FROM run")
        assert rows == [
            (
                "growth",
                '{"rule": "times", "by": 2.0, "steps": 40, "loud": false}',
                '{"first_nonfinite": 32}',
                "finished",
            )
        ]


@pytest.mark.parametrize("key", ["x", "ctrl+c"])
async def test_a_run_is_stopped_by_key_and_says_so(open_at: Open, key: str) -> None:
    async with open_at() as desk:
        await desk.press("r")
        await desk.emit(*growth()[:9])
        await desk.press(key)
        await desk.see("Stopped.", "Size by step")
        assert desk.kernel.runs[-1].interrupted


async def test_leaving_the_step_stops_its_run_and_coming_back_shows_it(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("r")
        await desk.emit(*growth()[:9])
        await desk.press("p")
        await desk.see("Which step is the first inf?")
        assert desk.kernel.runs[-1].interrupted
        await desk.press("n")
        await desk.see("Size by step", "Stopped.")


async def test_a_failed_run_shows_its_last_lines_and_nothing_that_a_terminal_obeys(open_at: Open) -> None:
    trace = [
        "Traceback (most recent call last):\n",
        '  File "growth.py", line 9, in run\n',
        "    size = 1 / 0\n",
    ]
    async with open_at() as desk:
        failed = Failed("ZeroDivisionError", "division by \x1b]0;owned\x07zero", trace)
        await desk.run(*growth()[:9], Printed("step \x1b[31mred\x1b[0m one\n"), ending=failed)
        await desk.see("It failed: ZeroDivisionError: division by zero", "line 9, in run", "step red one")
        assert "owned" not in desk.screen and "tutor/" not in desk.screen


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (Crashed(-11), "It crashed: ended by signal SIGSEGV."),
        (Crashed(3), "It ended the process with exit status 3."),
        (Crashed(None), "The kernel went away during the run."),
        (Stopped(True), "Stopped by force"),
    ],
)
async def test_a_run_that_is_gone_is_said_in_words_and_the_next_one_works(
    open_at: Open, ending: Ending, words: str
) -> None:
    async with open_at() as desk:
        await desk.run(*growth()[:9], ending=ending)
        await desk.see(words)
        await desk.run(*growth())
        await desk.see("250 ms in torch")


async def test_without_torch_the_lab_says_what_to_install(open_at: Open) -> None:
    reason = "ModuleNotFoundError: No module named 'torch'"
    async with open_at(state=Missing(reason)) as desk:
        await desk.see("python -m pip install", "Try what you like")
        await desk.run(*growth(), ending=Failed("ModuleNotFoundError", "No module named 'torch'"))
        await desk.see("python -m pip install")
        await desk.press("n")
        await desk.see("Up or down?")


async def test_a_language_switch_in_a_run_keeps_everything(open_at: Open) -> None:
    async with open_at("predicted") as desk:
        await desk.press("4", "0", "enter")
        await desk.emit(*growth()[:20])
        await desk.press("L")
        await desk.see("大小随步数的变化", "运行中")
        await desk.emit(*growth()[20:], Finished(0.25))
        await desk.see("你的预测是 40，torch 的结果是 32", "首个为 inf 的步  32", "torch 用时 250 ms")
        assert len(desk.kernel.runs) == 1


@pytest.mark.parametrize("size", [(120, 40), (60, 20), (40, 12), (20, 10)])
async def test_a_resize_in_a_run_redraws_it_in_the_new_size(open_at: Open, size: tuple[int, int]) -> None:
    async with open_at() as desk:
        await desk.press("r")
        await desk.emit(*growth()[:20])
        await desk.pilot.resize_terminal(*size)
        await desk.emit(*growth()[20:], Finished(0.25))
        await desk.pilot.resize_terminal(80, 24)
        await desk.see("Size by step", "250 ms in torch")
        assert all(cell_len(line) <= 80 for line in desk.screen.splitlines())


# Comparing ------------------------------------------------------------------------------------------------


async def test_a_kept_run_lies_under_the_next_and_what_differs_is_named(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.run(*growth(by=2))
        await desk.press("k")
        assert "Kept as A: factor 2" in desk.screen
        await desk.press("down", "3")
        await desk.run(*growth(by=3))
        await desk.see("·· A factor 2", "━━ B factor 3", "B: factor 3 instead of 2")
        await desk.press("K")
        assert "A factor 2" not in desk.screen and "instead of" not in desk.screen


async def test_keeping_another_run_replaces_the_one_kept_before(open_at: Open) -> None:
    async with open_at() as desk:
        for by in ("2", "3", "4"):
            await desk.press("up", "down", by)
            await desk.run(*growth(by=float(by)))
            if by != "4":
                await desk.press("k")
        await desk.see("A factor 3", "B factor 4")
        assert "A factor 2" not in desk.screen


async def test_nothing_is_kept_before_a_run_has_ended(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("k")
        assert "no finished run" in desk.screen
        await desk.press("r", "k")
        assert desk.view.state.kept is None


# Looking --------------------------------------------------------------------------------------------------


async def test_l_switches_the_scale_and_v_the_chart(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.run(*growth())
        assert "size, log" in desk.screen
        await desk.press("l")
        assert "size, log" not in desk.screen and "v 1/2" in desk.screen
        await desk.press("v")
        assert "Share by step" in desk.screen and "v 2/2" in desk.screen
        await desk.press("v", "l")
        assert "size, log" in desk.screen


async def test_w_winds_back_and_points_and_commas_go_through_the_recorded_run(open_at: Open) -> None:
    async with open_at() as desk:
        ticks = iter(range(1000))
        desk.view.clock = lambda: next(ticks)  # no key is held
        await desk.run(*growth(by=16))
        whole = desk.screen
        await desk.press("w")
        await desk.see("wound back to 0 of 81")
        assert "inf from" not in desk.screen and "first step" not in desk.screen
        await desk.press(".", ".", ".")
        await desk.see("wound back to 5 of 81")  # the third point of this chart is the fifth of the run
        await desk.press(",")
        await desk.see("wound back to 3 of 81")
        await desk.press("w")
        assert desk.screen == whole
        await desk.press(",")
        await desk.see("wound back to 79 of 81")
        assert len(desk.kernel.runs) == 1
        await desk.press("r")
        assert len(desk.kernel.runs) == 2 and "wound back" not in desk.screen


async def test_a_held_key_winds_faster(open_at: Open) -> None:
    async with open_at() as desk:
        desk.view.clock = lambda: 5.0
        await desk.run(*growth())
        await desk.press("w", *["."] * 12)
        assert desk.view.state.at is not None and desk.view.state.at > 2 * 12


async def test_the_table_has_all_numbers_and_scrolls(open_at: Open) -> None:
    async with open_at() as desk:
        table = Table("beside", ["f", "gain"], [["tanh", 1.6667], ["relu", "nan"]])
        await desk.run(*growth(by=16), table, Note("Look closely.", "仔细看。"))
        await desk.press("t")
        await desk.see("beside", "tanh", "1.6667", "Look closely.")
        await desk.press("end", "up", "down")
        await desk.see("39", "inf")
        await desk.press("t")
        await desk.see("Size by step", "v 1/2")


async def test_the_code_is_what_is_run(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("c")
        await desk.see('yield Point("size", k, size)')
        await desk.press("escape")
        await desk.see("Try what you like.")


async def test_the_text_can_be_read_again_beside_the_controls(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.run(*growth())
        assert "Try what you like." not in desk.screen
        await desk.press("b")
        assert "Try what you like." in desk.screen and "factor" in desk.screen


async def test_with_ascii_nothing_else_is_drawn(open_at: Open) -> None:
    async with open_at(ascii=True) as desk:
        await desk.run(*growth(by=2))
        await desk.press("k")
        await desk.run(*growth(by=16))
        await desk.see("B: the same settings as A")
        assert desk.screen.replace("中文", "").isascii()


async def test_a_real_lab_in_the_real_kernel(open_at: Open) -> None:
    async with open_at() as desk:
        kernel = Kernel()
        await kernel.start()
        try:
            desk.app.kernel = kernel
            await desk.press("r")
            for _ in range(3000):
                if desk.view.state.run is not None and desk.view.state.run.ending is not None:
                    break
                await desk.pilot.pause(0.02)
            await desk.see("first step that is inf  none", " in torch")
        finally:
            await kernel.close()


async def test_long_words_of_a_run_leave_the_value_it_came_to_in_view(open_at: Open) -> None:
    async with open_at("free") as desk:
        said = "torch warns of what it divides by. " * 9
        await desk.run(Note(said, said), Value("size", 0.146), Value("grad", [0.5] * 40))
        assert "0.146" in desk.screen and "torch warns" in desk.screen and "more lines: t" in desk.screen
