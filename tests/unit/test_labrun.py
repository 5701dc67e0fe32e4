"""The record of a run: every earlier moment of it can be seen again, and everything in it can be told in words."""

from __future__ import annotations

import io
import math
from typing import Any

import msgspec
import pytest

from tutor.charts.grey import LARGEST
from tutor.course.model import Chart, Choice, Lab, Number, Seed
from tutor.labrun import MOST_PICTURES, MOST_POINTS, LabRun, Shown, harmless
from tutor.labwords import (
    compared,
    differences,
    ended,
    last_words,
    picture,
    points_table,
    report,
    table_lines,
    table_text,
    told,
)
from tutor.meter import Meter, part_of
from tutor.protocol import (
    Crashed,
    Failed,
    Finished,
    Note,
    Picture,
    Point,
    Printed,
    Progress,
    Stopped,
    Table,
    Value,
)
from tutor.words import Language, Words

EN, ZH = Language.EN, Language.ZH
LAB = Lab(
    run="growth.py",
    title=Words("Growth", "增长"),
    controls={
        "rule": Choice(label=Words("rule", "规则"), options=["times", "plus"], default="times"),
        "by": Number(label=Words("factor", "倍数"), default=16.0, min=0, max=100, when={"rule": ["times"]}),
        "seed": Seed(label=Words("seed", "随机种子")),
    },
    series={"size": Words("size", "大小")},
    values={"last": Words("last size", "最后的大小")},
    charts=[
        Chart(
            id="size",
            title=Words("Size by step", "大小随步数的变化"),
            x=Words("step", "步"),
            y=Words("size", "大小"),
            series=["size"],
            scale="log",
        )
    ],
)


def record(*emissions: Any, **settings: Any) -> LabRun:
    run = LabRun({"rule": "times", "by": 16.0, "seed": 1, **settings})
    for emission in emissions:
        run.take(emission)
    return run


RUN = (
    Point("size", 0, 1.0),
    Progress(1, 3),
    Point("other", 0, 5.0),
    Value("last", 1.0),
    Point("size", 1, 16.0),
    Table("gains", ["f", "gain"], [["tanh", 1.6667], ["relu", "nan"]]),
    Note("Look.", "看。"),
    Value("last", "inf"),
    Finished(0.25),
)


def test_every_moment_of_a_run_can_be_seen_again() -> None:
    run = record(*RUN)
    assert run.events == 7
    begin, early, end = run.seen(0), run.seen(3), run.seen()
    assert begin.values == {} and [count for _, count in begin.series.values()] == [0, 0]
    assert early.values == {"last": 1.0} and early.tables == {} and list(early.notes) == []
    assert {name: count for name, (_, count) in early.series.items()} == {"size": 1, "other": 1}
    assert end.values == {"last": math.inf} and list(end.notes) == [Words("Look.", "看。")]
    assert list(end.series["size"][0].ys) == [1.0, 16.0]


def test_a_table_of_the_same_name_replaces_the_earlier_one_from_then_on() -> None:
    run = record(Table("t", ["a"], [[1]]), Table("t", ["a"], [[2]]))
    assert run.seen(1).tables["t"].rows == [[1]] and run.seen().tables["t"].rows == [[2]]


def test_winding_stops_where_the_chart_changes_and_at_the_ends() -> None:
    run = record(*RUN)
    assert run.moments(["size"]) == [0, 1, 3, 4, 5, 6, 7]  # event 2 is a point of another chart
    assert run.stepped(0, 1, ["size"]) == 1
    assert run.stepped(1, 1, ["size"]) == 3
    assert run.stepped(2, -1, ["size"]) == 1
    assert run.stepped(7, 1, ["size"]) == 7
    assert run.stepped(1, -5, ["size"]) == 0


def test_points_of_different_series_one_after_the_other_are_one_moment() -> None:
    rounds = [
        Point(name, k, 0.0) for k in range(3) for name in ("a", "b", "c") if not (name == "b" and k == 2)
    ]
    run = record(*rounds[:3], Note("b is out.", "b 出局。"), *rounds[3:])
    assert run.moments(["a", "b", "c"]) == [0, 3, 4, 7, 9]
    assert run.moments(["b"]) == [0, 2, 4, 6]


def test_nan_and_inf_come_back_from_the_wire_as_numbers() -> None:
    run = record(Value("last", "-inf"), Table("t", ["a"], [["nan"]]))
    assert run.seen().values["last"] == -math.inf
    assert math.isnan(run.seen().tables["t"].rows[0][0])


def test_a_run_that_yields_without_end_costs_no_memory_without_end() -> None:
    run = record()
    point = Point("size", 0.0, 1.0)
    for _ in range(MOST_POINTS + 5):
        run.take(point)
    run.take(Printed("x" * 1_000_000))
    assert run.dropped == 5 and len(run.printed) < 100_000


def test_what_a_terminal_would_obey_is_taken_out() -> None:
    assert harmless("a\x1b[31mred\x1b[0m \x1b]0;title\x07b\x07\x08\x9b\u202e\r\nc\td") == "ared b\nc    d"


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        (None, "none", "无"),
        (True, "yes", "是"),
        (30, "30", "30"),
        (1 / 3, "0.33333", "0.33333"),
        (math.nan, "nan", "nan"),
        ([1, 2.5], "[1, 2.5]", "[1, 2.5]"),
        ("up\x1b[2J\nthere", "up there", "up there"),
    ],
)
def test_values_are_told_in_both_languages(value: Any, en: str, zh: str) -> None:
    assert (told(value, EN), told(value, ZH)) == (en, zh)


@pytest.mark.parametrize(
    ("ending", "en"),
    [
        (Finished(0.0224), "22 ms in torch"),
        (Finished(3.14), "3.1 s in torch"),
        (Failed("ValueError", "no\nmore"), "It failed: ValueError: no"),
        (Stopped(), "Stopped."),
        (Crashed(-9), "It crashed: ended by signal SIGKILL."),
        (Crashed(7), "It ended the process with exit status 7."),
    ],
)
def test_every_ending_is_a_sentence(ending: Any, en: str) -> None:
    words = ended(ending)
    assert words.en == en and words.zh and words.zh != words.en


def test_the_last_words_of_a_failed_run_are_its_output_and_its_traceback() -> None:
    run = record(Printed("one\ntwo\nthree\n"), Failed("E", "m", ["Traceback:\n", "  line a\n", "  line b\n"]))
    assert last_words(run, 4) == ["two", "three", "  line a", "  line b"]
    assert last_words(record(Crashed(1)), 4) == []


def test_only_settings_that_count_make_a_difference() -> None:
    one, other = {"rule": "plus", "by": 1.0, "seed": 1}, {"rule": "plus", "by": 2.0, "seed": 2}
    assert differences(LAB, one, other) == ["seed"]
    assert differences(LAB, {**one, "rule": "times"}, one) == ["rule", "by"]


def test_what_changed_from_one_run_to_the_next_is_named() -> None:
    assert compared(LAB, record(by=2.0), record(), EN) == "factor 2 instead of 16"
    assert compared(LAB, record(by=2.0), record(), ZH) == "倍数 2（原为 16）"
    assert compared(LAB, record(rule="plus"), record(), EN) == "rule plus instead of times"
    assert compared(LAB, record(), record(), EN) == ""


def test_two_runs_in_a_picture_are_called_by_what_tells_them_apart() -> None:
    run, kept = record(*RUN, by=2.0), record(*RUN)
    curves = picture(LAB, LAB.charts[0], Shown(run), EN, kept=kept).curves
    assert [(curve.label, curve.kept) for curve in curves] == [("A factor 16", True), ("B factor 2", False)]
    wound = picture(LAB, LAB.charts[0], Shown(run, 3), EN).curves[0]
    assert list(wound.drawn()) == [(0.0, 1.0)] and len(wound.ys) == 2


def test_the_table_behind_a_chart_has_a_row_for_each_x_and_a_column_for_each_run() -> None:
    run = record(Point("size", 2, 4.0), Point("size", 0, 1.0))
    columns, rows = points_table(LAB, LAB.charts[0], Shown(run), EN, record(Point("size", 1, 9.0), by=3.0))
    assert columns == ["step", "A factor 3", "B factor 16"]
    assert rows == [[0.0, "", 1.0], [1.0, 9.0, ""], [2.0, "", 4.0]]


def test_a_family_of_series_is_as_many_curves_as_the_run_yields() -> None:
    lab = msgspec.structs.replace(LAB, series={"size": Words("size"), "size:*": Words("by {}", "倍数 {}")})
    chart = msgspec.structs.replace(LAB.charts[0], series=["size", "size:*"])
    run = record(
        Point("size:3", 0, 1.0), Point("other", 0, 1.0), Point("size", 0, 2.0), Point("size:0.5", 0, 3.0)
    )
    assert [curve.label for curve in picture(lab, chart, Shown(run), ZH).curves] == [
        "size", "倍数 3", "倍数 0.5",
    ]  # fmt: skip


def test_level_lines_lie_under_paths_whole_from_the_start_and_are_no_steps() -> None:
    chart = Chart(
        id="c", title=Words("C"), x=Words("w₀"), y=Words("w₁"), series=["size", "level"], form="contour"
    )
    run = record(*(Point("level", k, 1.0) for k in range(9)), Point("size", 5, 4.0), Point("size", 1, 2.0))
    start = picture(LAB, chart, Shown(run, 0), EN)
    assert [list(curve.drawn()) for curve in start.curves] == [[]]
    assert start.levels is not None and len(list(start.levels.drawn())) == 9
    assert run.moments(chart.curves) == [0, 10, 11]
    assert points_table(LAB, chart, Shown(run), EN) == (["step", "w₀", "w₁"], [[0, 5.0, 4.0], [1, 1.0, 2.0]])
    # A few of its points kept would look like another surface.
    kept = LabRun.sketched(run.settings, {}, run.sketch())
    assert picture(LAB, chart, Shown(kept), EN).levels is None


def test_numbers_in_a_table_are_aligned_at_the_decimal_point() -> None:
    lines = table_lines(["名称", "gain"], [["tanh", 1.6667], ["层", 12.5], ["x", math.nan]], EN)
    assert lines == ["名称       gain", "─" * 15, "tanh     1.6667", "层      12.5", "x      nan"]


def test_a_report_has_the_chart_the_tables_the_values_the_notes_and_the_ending() -> None:
    text = report(record(*RUN), LAB, EN, width=70)
    for part in (
        "Growth",
        "factor 16",
        "Size by step",
        "size, log",
        "tanh",
        "last size   inf",
        "Look.",
        "250 ms",
    ):
        assert part in text
    assert "other" not in text  # belongs to no chart


def test_a_report_of_a_failed_run_has_its_traceback_and_no_control_characters() -> None:
    run = record(
        Printed("\x1b[31mred\n"), Failed("ValueError", "bad\x07", ["Traceback\x1b[0m\n", "  line\n"])
    )
    text = report(run, LAB, ZH, width=60, ascii=True)
    assert "运行出错：ValueError: bad" in text and "red" in text and "Traceback" in text
    assert not any(ord(sign) < 32 and sign != "\n" for sign in text)


# Pictures, lists, tables in the lab's words -------------------------------------------------------------------


def test_pictures_are_kept_small_and_few_but_the_last_of_each_name_always() -> None:
    run = record(*(Picture(f"p{k % 3}", [[k / 1000]], f"{k}") for k in range(MOST_PICTURES + 50)))
    last = run.seen().pictures
    assert {each.says.en for each in last.values()} == {str(MOST_PICTURES + 50 - k) for k in (1, 2, 3)}
    assert run.dropped == 50 and run.pictured
    run = record(*(Picture(f"p{k}", [[0.0]]) for k in range(MOST_PICTURES + 5)))
    assert list(run.seen().pictures)[-1] == f"p{MOST_PICTURES - 1}" and run.dropped == 5
    huge = record(Picture("huge", [[0.5] * 2000] * 500)).seen().pictures["huge"].pixels
    assert sum(map(len, huge)) <= LARGEST**2


def test_a_picture_of_an_earlier_moment_is_seen_again() -> None:
    run = record(Picture("p", [[0.0]], "first"), Picture("p", [[1.0]], "second", "第二"))
    assert run.seen(1).pictures["p"].pixels == (b"\x00",)
    assert run.seen().pictures["p"].says == Words("second", "第二")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([1.3132616, 0.1269280, 0.126928], "[1.3133, 0.1269, 0.1269]"),
        ([[1.0, 2.0], [0.5, 10.0]], "[[1, 2], [0.5, 10]]"),
        ([1.5, 0.00012345], "[1.5, 0.00012345]"),
        ([1e38, 1.0], "[1e38, 1]"),
        ([1.0, math.nan, -math.inf], "[1, nan, -inf]"),
        ([123456.7, 0.25], "[123457, 0.25]"),
        ([0.0, -0.0], "[0, 0]"),
        ([], "[]"),
        ([None, True, 3], "[none, yes, 3]"),
    ],
)
def test_a_list_has_alike_places_and_loses_no_small_number(value: Any, says: str) -> None:
    assert told(value, EN) == says


def test_nan_in_a_list_comes_back_from_the_wire_as_a_number() -> None:
    run = record(Value("last", [1.0, "nan", ["inf"]]))
    assert told(run.seen().values["last"], EN) == "[1, nan, [inf]]"


def test_a_table_speaks_the_words_that_the_lab_has_for_its_keys() -> None:
    table = Table("last", ["size", "n", "是"], [["size", 1.5, True], ["other", 22, False], ["x", 3, None]])
    assert table_text(LAB, table, ZH, 60) == [
        "最后的大小",
        "大小       n   是",
        "─" * 17,
        "大小     1.5   是",
        "other   22     否",
        "x        3     无",
    ]
    assert table_text(LAB, table, EN, 60)[3].startswith("size")


def test_a_table_that_is_too_wide_goes_on_below_with_its_first_column() -> None:
    lines = table_lines(["row", "alpha", "beta", "gamma"], [["a", 1, 2, 3]], EN, width=18)
    assert lines == [
        "row   alpha   beta",
        "─" * 18,
        "a         1      2",
        "",
        "row   gamma",
        "─" * 11,
        "a         3",
    ]
    narrow = table_lines(["a long heading", "b"], [[1, 2]], EN, width=5)
    assert "b" in "".join(narrow)


def test_a_report_has_pictures_in_signs_beside_each_other() -> None:
    pictures = (Picture(name, [[0.0, 1.0]] * 2, f"{name} it is", f"是{name}") for name in ("one", "two"))
    text = report(record(*RUN, *pictures), LAB, ZH, width=60)
    row = next(line for line in text.splitlines() if "@" in line)
    assert row.count("@@@@") == 2
    assert any("是one" in line and "是two" in line for line in text.splitlines())


# How far it is ------------------------------------------------------------------------------------------------


class Screen(io.StringIO):
    """A stream that may be a terminal."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def test_a_bar_is_drawn_a_few_times_a_second_and_taken_away() -> None:
    screen, now = Screen(True), 0.0
    meter = Meter(screen, clock=lambda: now)
    for done in range(100):
        now = done / 100
        meter.show(Progress(done, 100))
    assert screen.getvalue().count("\r") == 4 and "50/100  50%" in screen.getvalue()
    meter.clear()
    meter.clear()
    assert screen.getvalue().endswith("\r\x1b[K") and screen.getvalue().count("\r") == 5


def test_no_bar_is_drawn_where_there_is_no_terminal() -> None:
    screen = Screen(False)
    meter = Meter(screen)
    meter.show(Progress(1, 2))
    meter.clear()
    assert screen.getvalue() == ""


@pytest.mark.parametrize(
    ("odd", "part"), [(Progress(3, 0), 0.0), (Progress(9, 3), 1.0), (Progress(-1, 3), 0.0)]
)
def test_odd_progress_is_a_part_all_the_same(odd: Progress, part: float) -> None:
    screen = Screen(True)
    Meter(screen, ascii=True).show(odd)
    assert part_of(odd) == part and screen.getvalue().isascii()
