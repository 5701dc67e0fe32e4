"""A lab's tables, folders and lists of names as controls, edited by keyboard: every key is harmless, nothing typed is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.events import Paste

from tests.ui.desk import Desk, Open, opener
from tutor.progress.store import Store
from tutor.protocol import Finished, Point
from tutor.ui.signs import UNICODE
from tutor.ui.widgets.picks import Picks
from tutor.ui.widgets.ticks import Ticks
from tutor.words import Language

COURSE = """
format: 1
title: {en: Course, zh: 课程}
parts: [{id: p, title: {en: Part, zh: 部分}, lessons: [{folder: 01_a}]}]
"""
LESSON = """
id: a
title: Sums
summary: What is summed.
minutes: 5
concepts: []
labs:
  sums:
    run: sums.py
    title: A sum
    controls:
      inputs: {kind: numbers, dims: 2, default: [[1, 2], [1, 3], [1, 3]], min: -500, max: 500, label: inputs, help: Logits.}
      target: {kind: numbers, integer: true, default: [0, 1, 1], min: 0, label: target}
      weight: {kind: numbers, none: true, default: [1, 2], label: weight}
      photos: {kind: folder, label: photos, help: Your own.}
      loss: {kind: choice, options: [l1, mse], default: l1, label: loss}
      x: {kind: numbers, dims: any, none: true, default: [[1, 2]], label: x, defaults: {loss: {mse: [7, 8]}}}
      args: {kind: arguments, label: args, defaults: {loss: {}}}
      rules: {kind: several, options: [SGD, Rprop, Adam, LBFGS], default: [SGD, LBFGS], label: rules}
    series: {loss: loss}
    charts: [{id: loss, title: Loss, x: sample, y: loss, series: [loss]}]
  many:
    run: sums.py
    title: One of many
    controls:
      one: {kind: choice, options: [BCELoss, BCEWithLogitsLoss, L1Loss, RReLU, MSELoss, MarginLoss, CTCLoss], default: L1Loss, label: one}
      y: {kind: number, default: 0, min: 0, max: 9, label: y, defaults: {one: {L1Loss: 1, CTCLoss: 7}}}
    series: {loss: loss}
    charts: [{id: loss, title: Loss, x: sample, y: loss, series: [loss]}]
steps:
  - {id: first, kind: text, title: Read, body: Something to read.}
  - {id: try, kind: lab, title: Try it, lab: sums, body: Try what you like.}
  - {id: last, kind: text, title: Done, body: Nothing more.}
  - {id: pick, kind: lab, title: Pick it, lab: many, body: Pick one.}
"""
CHINESE = """
title: 求和
summary: 对什么求和。
labs:
  sums:
    title: 一个和
    controls: {inputs: {label: 输入, help: 输入的数。}, target: 目标, weight: 类别权重, photos: {label: 照片, help: 自备照片。}, loss: 损失, x: x, args: args, rules: 规则}
    series: {loss: 损失}
    charts: [{title: 损失, x: 样本, y: 损失}]
steps:
  first: {title: 阅读, body: 可以读的内容。}
  try: {title: 尝试, body: 随意尝试。}
  last: {title: 完成, body: 没有更多内容。}
"""


@pytest.fixture
def open_at(tmp_path: Path, store: Store) -> Open:
    folder = tmp_path / "lessons"
    (folder / "01_a").mkdir(parents=True)
    (folder / "course.yaml").write_text(COURSE, encoding="utf-8")
    (folder / "01_a" / "lesson.yaml").write_text(LESSON, encoding="utf-8")
    (folder / "01_a" / "zh.yaml").write_text(CHINESE, encoding="utf-8")
    (folder / "01_a" / "sums.py").write_text('"""A sum."""\n', encoding="utf-8")
    return opener(folder, store, tmp_path / "cache", "try")


def given(desk: Desk) -> dict[str, Any]:
    """What the newest run was given."""
    return desk.kernel.runs[-1].settings


def footer(desk: Desk) -> str:
    return desk.screen.splitlines()[-1]


def right(desk: Desk) -> str:
    """What stands in the chart's place, as one line of words."""
    return " ".join(" ".join(line.partition("│")[2].split()) for line in desk.screen.splitlines())


# Tables -----------------------------------------------------------------------------------------------------


async def test_a_table_is_shown_short_and_reaches_the_run_as_numbers(open_at: Open) -> None:
    async with open_at() as desk:
        assert "[[1, 2], [1, 3]… ▾" in desk.screen and "[0, 1, 1] ▾" in desk.screen
        await desk.press("r")
        assert given(desk)["inputs"] == [[1.0, 2.0], [1.0, 3.0], [1.0, 3.0]]
        assert given(desk)["target"] == [0, 1, 1] and isinstance(given(desk)["target"][0], int)


@pytest.mark.parametrize("opens", ["enter", "space"])
async def test_cells_are_typed_one_after_the_other(open_at: Open, opens: str) -> None:
    async with open_at() as desk:
        await desk.press(opens)
        assert "3 × 2" in desk.screen and "›1" in desk.screen
        await desk.press("minus", "2", ".", "5", "enter", "1", "e", "2", "enter", "3", "slash", "4", "escape")
        await desk.press("r")
        assert given(desk)["inputs"] == [[-2.5, 100.0], [0.75, 3.0], [1.0, 3.0]]


async def test_arrows_move_and_stay_within_the_cells(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press(
            "enter", "left", "up", "9", "right", "right", "down", "down", "down", "down", "8", "end"
        )
        await desk.press("home", "up", "7", "r")
        assert given(desk)["inputs"] == [[9.0, 2.0], [7.0, 3.0], [1.0, 8.0]]


async def test_enter_on_the_last_cell_stays_there(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("enter", *["enter"] * 7, "5", "enter", "6", "r")
        assert given(desk)["inputs"][-1] == [1.0, 6.0]


async def test_backspace_takes_back_the_last_sign_of_what_is_there(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("enter", "1", "2", "3", "backspace", "right", "left", "backspace", "r")
        assert given(desk)["inputs"][0] == [1.0, 2.0]


async def test_rows_and_columns_come_and_go(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("enter", "c", "4", "a", "5", "r")
        assert given(desk)["inputs"] == [[1, 4, 2], [0, 5, 0], [1, 0, 3], [1, 0, 3]]
        await desk.press("enter", "down", "d", "x", "r")
        assert given(desk)["inputs"] == [[4, 2], [0, 3], [0, 3]]


async def test_a_table_can_be_emptied_and_filled_again(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("enter", *["d"] * 5)
        assert "empty; a adds a row" in desk.screen
        await desk.press("5", "backspace", "down", "r")
        assert given(desk)["inputs"] == []
        await desk.press("enter", "a", "right", "7", "x", "x", "x", "r")
        assert given(desk)["inputs"] == [[0.0]], "of all columns one stays"


async def test_a_list_has_no_columns_to_add(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("down", "enter")
        assert "+column" not in footer(desk) and "+row" in footer(desk)
        await desk.press("c", "x", "down", "2", "a", "1", "r")
        assert given(desk)["target"] == [0, 2, 1, 1]


async def test_a_table_that_may_be_none_becomes_none_and_comes_back(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("down", "down", "enter", "3", "n")
        assert "none; n makes it a table again" in desk.screen and "weight  none ▾" in desk.screen
        await desk.press("5", "a", "d", "r")
        assert given(desk)["weight"] is None
        await desk.press("enter", "n", "a", "4", "r")
        assert given(desk)["weight"] == [4.0]


async def test_none_taken_back_at_once_leaves_the_cells_as_they_were(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("down", "down", "enter", "3", "n", "n", "r")
        assert given(desk)["weight"] == [3.0, 2.0]


async def test_n_does_nothing_where_none_is_not_allowed(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("enter", "n")
        assert "3 × 2" in desk.screen and "none" not in footer(desk)


@pytest.mark.parametrize("typed", ["501", "1-", ".", "1/0", "-"])
async def test_a_cell_that_cannot_be_taken_is_said_at_once_and_does_not_run(
    open_at: Open, typed: str
) -> None:
    async with open_at() as desk:
        keys = [{"-": "minus", "/": "slash"}.get(sign, sign) for sign in typed]
        await desk.press("enter", "right", *keys)
        assert f"inputs[0, 1] must be a number from -500 to 500, not {typed}." in right(desk)
        await desk.press("r")
        assert desk.kernel.runs == []
        await desk.press("enter")
        assert typed in right(desk), "what was typed is still there"
        await desk.press("right", "4", "r")
        assert given(desk)["inputs"][0] == [1.0, 4.0]


async def test_whole_numbers_and_bounds_of_a_list_are_told_in_both_languages(open_at: Open) -> None:
    async with open_at(language=Language.ZH) as desk:
        await desk.press("down", "enter", "down", "1", ".", "5")
        assert "目标[1] 应为不小于 0 的整数，而不是 1.5。" in right(desk)
        await desk.press("L")
        assert "target[1] must be a whole number, at least 0, not 1.5." in right(desk)
        await desk.press("escape", "u", "r")
        assert given(desk)["target"] == [0, 1, 1]


async def test_a_language_switch_keeps_the_cells_and_the_place_in_them(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("enter", "down", "7", "L")
        await desk.see("输入", "›7_", "加行")
        await desk.press("5", "r")
        assert given(desk)["inputs"][1] == [75.0, 3.0]
        assert all(cell_len(line) <= 80 for line in desk.screen.splitlines())


async def test_the_page_still_turns_and_the_cells_are_there_when_the_learner_comes_back(
    open_at: Open,
) -> None:
    async with open_at() as desk:
        await desk.press("enter", "6", "pagedown")
        await desk.see("Nothing more.")
        await desk.press("pageup")
        await desk.see("3 × 2", "›6")
        await desk.press("pageup")
        await desk.see("Something to read.")


async def test_letters_that_mean_nothing_in_a_table_do_nothing(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("enter")
        before = desk.screen
        await desk.press(*"bfhijklmpstuvwyzKPZ", "space", "comma", "=", "delete", "insert")
        assert desk.screen == before
        await desk.press("question_mark")
        await desk.see("+row")
        await desk.press("escape", "escape")
        await desk.see("Try what you like.")


async def test_keys_that_come_in_one_burst_keep_their_order(open_at: Open) -> None:
    async with open_at() as desk:
        for key in ("enter", "4", "right", "5", "down", "escape", "down", "enter", "1", "escape", "r"):
            desk.app.simulate_key(key)
        while not desk.kernel.runs:
            await desk.pilot.pause()
        assert given(desk)["inputs"][0] == [4.0, 5.0] and given(desk)["target"] == [1, 1, 1]


async def test_a_whole_table_can_be_pasted(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("enter")
        desk.view.post_message(Paste("[[1, 2, 3],\n [4, 5, 6]]"))
        await desk.see("2 × 3")
        await desk.press("r")
        assert given(desk)["inputs"] == [[1, 2, 3], [4, 5, 6]]


async def test_a_table_larger_than_the_screen_is_seen_around_the_cell(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("enter", *["c"] * 9, "7", *["a"] * 16, "9")
        assert "19 × 11" in desk.screen and "›9_" in desk.screen
        assert all(cell_len(line) <= 80 for line in desk.screen.splitlines())
        await desk.press("r")
        assert given(desk)["inputs"][16][9] == 9.0


async def test_a_long_number_is_seen_where_it_is_typed(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("enter", "0", ".", *["1", "2", "3"] * 6)
        assert "123_" in desk.screen
        assert all(cell_len(line) <= 80 for line in desk.screen.splitlines())


@pytest.mark.parametrize("size", [(50, 24), (40, 12), (120, 40)])
async def test_the_cells_are_in_view_in_every_size(open_at: Open, size: tuple[int, int]) -> None:
    async with open_at(size=size) as desk:
        await desk.press("enter", "right", "5")
        await desk.see("›5_", "3 × 2")
        await desk.pilot.resize_terminal(80, 24)
        await desk.see("›5_")


async def test_in_a_small_terminal_the_cell_is_in_view_wherever_it_is(open_at: Open) -> None:
    async with open_at(size=(40, 12)) as desk:
        await desk.press(*["down"] * 12, *["up"] * 6, "enter", *["a"] * 12, "5")
        await desk.see("›5_")
        await desk.press(*["up"] * 12, "6")
        await desk.see("›6_")


async def test_with_ascii_a_table_is_drawn_in_ascii(open_at: Open) -> None:
    async with open_at(ascii=True) as desk:
        await desk.press("enter", "5")
        assert "3 x 2" in desk.screen and ">5_" in desk.screen
        assert desk.screen.replace("中文", "").isascii()


async def test_the_chart_is_back_when_the_cells_are_closed(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.run(Point("loss", 0, 1.0), Finished(0.1))
        await desk.press("enter", "escape")
        await desk.see("│ Loss")


async def test_a_run_can_be_stopped_from_within_a_table(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press("r", "enter", "ctrl+c")
        assert desk.kernel.runs[-1].interrupted and "3 × 2" in desk.screen


# Folders ----------------------------------------------------------------------------------------------------


async def at_the_folder(desk: Desk) -> None:
    await desk.press("down", "down", "down", "enter")


async def test_any_character_can_stand_in_a_path_and_enter_takes_it(open_at: Open) -> None:
    async with open_at() as desk:
        await at_the_folder(desk)
        await desk.press("slash", *"Lq? n纸币", "backspace", "left", "x", "enter", "r")
        assert given(desk)["photos"] == "/Lq? nx纸"
        assert "/Lq? nx纸 ▾" in desk.screen


async def test_escape_leaves_a_path_as_it_was(open_at: Open) -> None:
    async with open_at() as desk:
        await at_the_folder(desk)
        await desk.press("slash", "a", "escape")
        assert "photos  none ▾" in desk.screen
        await desk.press("r")
        assert given(desk)["photos"] == ""


async def test_the_keys_of_the_field_are_in_the_footer_and_the_language_still_switches(open_at: Open) -> None:
    async with open_at() as desk:
        await at_the_folder(desk)
        await desk.press("slash", "L")
        assert "enter take" in footer(desk) and "ctrl+l" in footer(desk)
        await desk.press("ctrl+l")
        await desk.see("/L", "照片", "按 enter 确认")
        await desk.press("enter", "r")
        assert given(desk)["photos"] == "/L"


async def test_a_path_typed_in_one_burst_goes_into_the_field_and_nowhere_else(open_at: Open) -> None:
    async with open_at() as desk:
        for key in ("down", "down", "down", "enter", "/", "q", "n", "L", "enter", "r"):
            desk.app.simulate_key(key)
        while not desk.kernel.runs:
            await desk.pilot.pause()
        assert given(desk)["photos"] == "/qnL"


async def test_a_long_path_shows_its_end(open_at: Open) -> None:
    async with open_at() as desk:
        await at_the_folder(desk)
        await desk.press("slash", *"somewhere", "slash", *"banknotes", "enter")
        assert "…where/banknotes ▾" in desk.screen


async def test_leaving_the_step_with_a_path_half_typed_keeps_it(open_at: Open) -> None:
    async with open_at() as desk:
        await at_the_folder(desk)
        await desk.press("slash", "a", "pagedown")
        await desk.see("Nothing more.")
        await desk.press("pageup")
        await desk.see("photos  /a")
        await desk.press("r")
        assert given(desk)["photos"] == "/a"


async def test_a_dragged_folder_comes_without_its_quotes(open_at: Open) -> None:
    async with open_at() as desk:
        await at_the_folder(desk)
        assert desk.app.focused is not None
        desk.app.focused.post_message(Paste("'/a folder/of mine' "))
        await desk.see("/a folder/of mine")
        await desk.press("enter", "r")
        assert given(desk)["photos"] == "/a folder/of mine"


@pytest.mark.parametrize("size", [(40, 14), (120, 40)])
async def test_the_field_is_in_view_in_every_size(open_at: Open, size: tuple[int, int]) -> None:
    async with open_at(size=size) as desk:
        await at_the_folder(desk)
        await desk.press("slash", "a")
        await desk.see("/a", "photos")
        await desk.pilot.resize_terminal(80, 24)
        await desk.press("b", "enter", "r")
        assert given(desk)["photos"] == "/ab"


# Defaults by choice, arguments, tables as text ----------------------------------------------------------------


async def test_switching_a_choice_brings_its_other_defaults_along(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press(*["down"] * 5, "enter", "9", "escape", "r")
        assert given(desk)["x"] == [[9.0, 2.0]]
        await desk.press("up", "enter", "r")
        assert given(desk)["loss"] == "mse" and given(desk)["x"] == [7.0, 8.0]
        await desk.press("enter", "r")
        assert given(desk)["x"] == [[1.0, 2.0]], "what was typed belonged to the choice that was left"


async def test_a_table_is_written_as_text_where_its_dimensions_are_to_change(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press(*["down"] * 5, "enter")
        assert "[ as text" in footer(desk) and "1 × 2" in desk.screen
        await desk.press("[", "ctrl+u", *"[[[1],[2]]]", "enter", "r")
        assert given(desk)["x"] == [[[1.0], [2.0]]]
        await desk.press("enter", "end", "ctrl+u", *"none", "enter", "r")
        assert given(desk)["x"] is None, "three dimensions are opened as text at once"


async def test_a_table_of_several_lines_is_pasted_whole(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press(*["down"] * 5, "enter", "[", "ctrl+u")
        assert desk.app.focused is not None
        desk.app.focused.post_message(Paste("[[[1, 2],\n  [3, 4]],\n [[5, 6],\n  [7, 8]]]\n"))
        await desk.see("[7, 8]]]")
        await desk.press("enter", "r")
        assert given(desk)["x"] == [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]


async def test_arguments_are_typed_and_complained_of_until_they_are_some(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press(*["down"] * 6, "enter", "end", "ctrl+u", *'{"margin": 0.5')
        assert "args must be arguments by name" in " ".join(desk.screen.split())
        await desk.press("enter", "r")
        assert not desk.kernel.runs, "what is no value is not run"
        await desk.press("enter", *"}", "enter", "r")
        assert given(desk)["args"] == {"margin": 0.5} and '{"margin"' in desk.screen
        await desk.press("enter", *"x", "escape", "r")
        assert given(desk)["args"] == {"margin": 0.5}


# Lists of names -----------------------------------------------------------------------------------------------


async def test_names_are_ticked_one_by_one_and_reach_the_run_in_the_order_of_the_list(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press(*["down"] * 7)
        assert "SGD, LBFGS ▾" in desk.screen
        await desk.press("enter")
        assert "rules 2 / 4" in right(desk) and "[x] SGD" in desk.screen and "[ ] Adam" in desk.screen
        await desk.press("up", "space", "down", "down", "space", "7", "z")
        assert "› [x] Adam" in desk.screen, "what cannot be typed here does nothing"
        await desk.press("escape", "r")
        assert given(desk)["rules"] == ["Adam", "LBFGS"]
        await desk.press("enter", "n", "r")
        assert given(desk)["rules"] == []
        await desk.press("enter", "a", "escape", "u")
        assert "SGD, LBFGS ▾" in desk.screen, "u undoes the ticks too"


async def test_names_that_are_pasted_are_ticked(open_at: Open) -> None:
    async with open_at() as desk:
        await desk.press(*["down"] * 7, "enter")
        desk.view.post_message(Paste("rprop、adam"))
        await desk.press("r")
        assert given(desk)["rules"] == ["Rprop", "Adam"]


def test_names_that_do_not_fit_below_each_other_stand_in_columns_and_the_arrows_go_between_them() -> None:
    ticks = Ticks("abcdefg", ["b"])
    lines = ["".join(text for text, _ in line).rstrip() for line in ticks.lines(40, 3, UNICODE)]
    assert lines == [" › [ ] a    [ ] d    [ ] g", "   [x] b    [ ] e", "   [ ] c    [ ] f"]
    assert all(
        ticks.press(key, None) for key in ("down", "right", "space", "right", "right", "space", "left")
    )
    assert ticks.value() == ["b"], "right of e there is nothing, so e was ticked and unticked"
    narrow = ["".join(text for text, _ in line) for line in ticks.lines(10, 3, UNICODE)]
    assert len(narrow) == 3 and all(cell_len(line) <= 10 for line in narrow) and " › [x] b" in narrow[1]


# One of many -----------------------------------------------------------------------------------------------------


async def test_one_of_many_is_picked_from_a_list_by_typing_its_beginning(open_at: Open) -> None:
    async with open_at("pick") as desk:
        await desk.see("enter lists them")
        await desk.press("enter", *"bcew")
        assert "one 2 / 7" in right(desk) and "› BCEWithLogitsLoss" in desk.screen
        assert desk.screen.splitlines()[-1].startswith(" enter take   esc leave   a-z go to a name")
        await desk.press("escape")
        assert desk.view.controls.values["one"] == "L1Loss", "left as it was"
        await desk.press("enter", *"crxqog?", "enter")
        assert desk.view.controls.values["one"] == "RReLU" and not desk.kernel.runs, (
            "no letter is a key here, not even of the page"
        )
        await desk.press("enter", "L")
        await desk.see("› L1Loss", "ctrl+l 中文")
        await desk.press("c", "enter", "r")
        assert (given(desk)["one"], given(desk)["y"]) == ("CTCLoss", 7), "its own defaults come along"


async def test_to_pick_what_is_chosen_already_changes_nothing(open_at: Open) -> None:
    async with open_at("pick") as desk:
        await desk.press("down", "5", "up", "enter", "down", "up", "enter")
        assert desk.view.controls.values["y"] == 5
        await desk.press("space")
        assert desk.view.controls.values["one"] == "RReLU", "space goes on to the next"


def test_the_letter_that_begins_several_names_goes_through_them() -> None:
    picks = Picks(["MSE", "L1", "Margin", "BCE"], "BCE")
    found = [picks.value() for _ in range(4) if picks.press("m", "m")]
    assert found == ["MSE", "Margin", "MSE", "Margin"]
    assert not picks.press("z", "z") and picks.value() == "Margin"
    assert picks.press("end", None) and picks.press("ｍ", "ｍ") and picks.value() == "MSE"
