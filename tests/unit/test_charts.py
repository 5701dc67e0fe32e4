"""Pictures of curves: nothing that was computed is silently left out, and every meaning has a sign beside its colour."""

from __future__ import annotations

import math
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tutor.charts import Curve, Mark, Picture, draw, shown
from tutor.charts.canvas import near, thin
from tutor.charts.gallery import GAP, walls
from tutor.charts.grey import LARGEST, halves, in_signs, pixels_of, scaled
from tutor.charts.saying import wrapped
from tutor.charts.signs import ASCII, UNICODE, Signs
from tutor.words import Language

ANY = st.floats(allow_nan=True, allow_infinity=True)


def text(picture: Picture, width: int = 60, height: int = 16, **more: object) -> str:
    lines = draw(picture, width, height, **more)  # type: ignore[arg-type]
    assert len(lines) == height
    for line in lines:
        assert cell_len("".join(piece for piece, _ in line)) <= width
    return "\n".join("".join(piece for piece, _ in line).rstrip() for line in lines)


def canvas(picture: Picture, **more: object) -> list[str]:
    """What stands right of the vertical axis, row by row."""
    upright = "|+" if more.get("ascii") else "│┤"
    rows = []
    for line in text(picture, **more).split("\n"):
        at = next((i for i, sign in enumerate(line) if sign in upright), None)
        if at is not None and not set(line[at:]) <= set("+-─┬└"):
            rows.append(line[at + 1 :])
    return rows


def line(ys: list[float], **more: object) -> Picture:
    return Picture("layer", "std", [Curve("std", list(range(len(ys))), ys)], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (0.0625, "0.0625"),
        (1 / 3, "0.33333"),
        (255.999, "256"),
        (123456.0, "123456"),
        (-65536.0, "-65536"),
        (3.4028234e38, "3.4028e38"),
        (1e38, "1e38"),
        (4.3e-46, "4.3e-46"),
        (0.00001234, "1.234e-5"),
        (999999.9, "1e6"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_numbers_are_said_to_five_digits_with_short_exponents(value: float, says: str) -> None:
    assert shown(value) == says


@given(st.floats(-1e308, 1e308))
def test_a_number_that_is_said_is_still_that_number(value: float) -> None:
    assert math.isclose(float(shown(value)), value, rel_tol=1e-4, abs_tol=5e-324)


def test_nan_and_inf_end_the_line_and_are_said_with_the_place_where_they_begin() -> None:
    drawn = text(line([1.0, 2.0, 3.0, math.inf, math.inf, math.nan]))
    assert "std: inf from layer 3 on" in drawn
    zh = text(line([1.0, math.nan, 3.0]), language=Language.ZH)
    assert "std：在 layer = 1 处为 nan" in zh


@pytest.mark.parametrize(
    ("ys", "says"),
    [
        ([math.inf, math.inf, 1.0, 2.0], "std: inf up to layer 1"),
        ([math.nan] * 4, "std: nan at every layer"),
        ([1.0, math.nan, 2.0, math.inf], "std: nan at layer 1, 2 points in all are not finite"),
    ],
)
def test_where_values_are_not_finite_is_said_along_the_axis(ys: list[float], says: str) -> None:
    assert says in text(line(ys))
    # The way back through a network yields its layers from the last to the first.
    back = Picture("layer", "std", [Curve("std", [3, 2, 1, 0], ys[::-1])])
    assert says.partition(",")[0].removeprefix("std: nan").removeprefix("std: inf") in text(back)


def test_a_hole_in_a_curve_is_not_bridged() -> None:
    whole = canvas(line([5.0] * 9))
    holed = canvas(line([5.0] * 3 + [math.nan] * 3 + [5.0] * 3))
    row = next(row for row in holed if row.strip())
    assert next(row for row in whole if row.strip()).strip().count(" ") == 0
    assert row.strip().count(" ") >= 10


def test_nothing_to_draw_is_said() -> None:
    assert "no points yet" in text(Picture("x", "y", []))
    assert "还没有数据点" in text(Picture("x", "y", [Curve("c", [], [])]), language=Language.ZH)
    drawn = text(line([math.nan, math.nan]))
    assert "nothing that could be drawn" in drawn and "std: nan at every layer" in drawn


def test_one_point_is_seen() -> None:
    assert sum(row.count("●") for row in canvas(line([5.0]))) == 1


def test_a_constant_is_a_level_line_beside_its_own_tick() -> None:
    rows = text(line([5.0] * 20)).split("\n")
    drawn = [row for row in rows if any("\u2800" < sign < "\u2900" for sign in row)]
    assert len(drawn) == 1 and drawn[0].lstrip().startswith("5┤")


def test_nothing_but_zeros_is_a_line_at_the_foot() -> None:
    drawn = text(line([0.0] * 9))
    assert "1┤" in drawn and "-" not in drawn


def test_a_log_axis_drops_zeros_in_words_and_keeps_the_rest() -> None:
    drawn = text(line([100.0, 10.0, 1.0, 0.0, -1.0], scale="log"))
    assert "std, log" in drawn
    assert "std: 2 points not above 0, off a log axis, the first at layer 3" in " ".join(drawn.split())
    assert "100┤" in drawn and "1┤" in drawn


def test_a_log_axis_has_its_ticks_at_powers_of_ten_even_up_to_the_end_of_float32() -> None:
    drawn = text(line([16.0**k for k in range(32)], scale="log"))
    labels = [row.split("┤")[0].strip() for row in drawn.split("\n") if "┤" in row]
    assert labels == ["1e30", "1e20", "1e10", "1"]


def test_less_than_a_power_of_ten_on_a_log_axis_still_has_ticks() -> None:
    drawn = text(line([0.98, 0.8, 0.66], scale="log"))
    labels = [row.split("┤")[0].strip() for row in drawn.split("\n") if "┤" in row]
    assert labels == ["0.9", "0.8", "0.7"]


def test_huge_numbers_have_short_ticks_on_a_linear_axis() -> None:
    drawn = text(line([0.0, 1e38, 3e38]))
    assert "1e38┤" in drawn and "3e38┤" in drawn
    # The range of these two is no float any more.
    assert "1e308┤" in text(line([-1.7e308, 1.7e308]))


def test_curves_are_told_apart_without_colour() -> None:
    a = Curve("A", list(range(20)), [1.0] * 20, kept=True)
    b = Curve("B", list(range(20)), [2.0] * 20)
    rows = [row.strip() for row in canvas(Picture("x", "y", [a, b])) if row.strip()]
    assert len(rows) == 2 and not set(rows[0]) & set(rows[1])
    assert set(rows[1]) == {"·"}
    assert "·· A   ━━ B" in text(Picture("x", "y", [a, b]))


@pytest.mark.parametrize("signs", [UNICODE, ASCII])
def test_as_many_curves_as_torch_has_optimizers_have_a_sign_each(signs: Signs) -> None:
    for own in (signs.lines, signs.heads):
        assert len(set(own) - set(signs.kept) - {signs.mark_x, signs.mark_y}) == len(own) >= 15


@pytest.mark.parametrize("form", ["line", "bars", "dots", "contour"])
def test_with_ascii_there_is_nothing_else(form: str) -> None:
    curves = [Curve("A", [1, 2, 3], [1, 2, 3], kept=True), Curve("B", [1, 2, 3], [3, 2, 1])]
    picture = Picture("x", "y", curves, form=form, marks=[Mark("x", 2, "here"), Mark("y", 9, "there")])  # type: ignore[arg-type]
    assert text(picture, ascii=True).isascii()


def test_bars_stand_on_zero_and_are_as_high_as_their_counts() -> None:
    picture = Picture("x", "count", [Curve("c", [0.0, 1.0, 2.0], [10.0, 0.0, 20.0])], form="bars")
    rows = canvas(picture, ascii=True)
    third = len(rows[0]) // 3 if rows[0] else 19
    assert all("#" in row for row in rows)  # the highest bar reaches the top, and all begin at the bottom
    left = [row[: 56 // 3].count("#") > 0 for row in rows]
    assert left.count(True) == pytest.approx(len(rows) / 2, abs=1)
    assert not any("#" in row[22:36] for row in rows), third


def test_an_earlier_run_is_an_outline_over_bars() -> None:
    xs = [0.0, 1.0, 2.0, 3.0]
    curves = [Curve("A", xs, [5.0] * 4, kept=True), Curve("B", xs, [10.0] * 4)]
    rows = canvas(Picture("x", "count", curves, form="bars"), ascii=True)
    assert sum(row.count(".") for row in rows) > 40 and sum(row.count("#") for row in rows) > 200


SQUARE = Curve("level", [0.0, 10.0] * 101, [k // 2 / 10 for k in range(202)])
"""Two upright level lines, at 0 and at 10."""


def paths(*points: list[tuple[float, float]], upto: int | None = None) -> Picture:
    curves = [Curve("AB"[n], *zip(*each, strict=True), upto=upto) for n, each in enumerate(points)]
    return Picture("w₀", "w₁", curves, form="contour", levels=SQUARE)


def test_paths_over_level_lines_bear_a_sign_each_and_end_where_they_are() -> None:
    rows = canvas(paths([(0, 0), (5, 5), (10, 10)], [(0, 10), (5, 10)]))
    assert rows[0].rstrip()[0] == "+" and rows[0].rstrip()[-1] == "●"
    assert rows[-1][0] == "●" and sum(row.count("●") for row in rows) == 3
    back = canvas(paths([(0, 0), (5, 5), (10, 10)], upto=2))
    assert [row.index("●") for row in back if "●" in row] == [len(back[0]) // 2, 0]
    assert all("\u2800" < row[-1] < "\u2900" for row in back), "the level line at 10"


def test_a_path_that_leaves_the_level_lines_does_not_squeeze_them_and_is_said_to_be_outside() -> None:
    within, away = [(0.0, 0.0), (5.0, 5.0)], [(10.0, 5.0), (1e300, 5.0), (-1e300, 5.0), (math.nan, 5.0)]
    drawn = text(paths(within, within + away))
    frame = [row.split("┤")[0] for row in text(paths(within, within)).split("\n") if "┤" in row]
    assert [row.split("┤")[0] for row in drawn.split("\n") if "┤" in row][-1] == frame[-1]
    assert "B: 3 of 6 points outside the picture, first step 3" in drawn
    assert "B：6 个点中有 3 个在图外，首个是第 3 步" in text(
        paths(within, within + away), language=Language.ZH
    )
    middle = next(row for row in canvas(paths(away)) if "●" in row)
    assert len(middle.rstrip()) > 40, "its way out is drawn up to the border"


def test_a_line_far_out_of_the_picture_is_cut_where_it_is_not_seen_and_keeps_its_slope() -> None:
    (out, back) = near([(0.5, 0.5), (100.5, 50.5), (300.0, 99.0), (-100.0, 0.25), (0.75, 0.25)])
    assert out == [(0.5, 0.5), pytest.approx((1.5, 1.0))]
    assert back == [pytest.approx((-0.5, 0.25)), (0.75, 0.25)]
    (across,) = near([(-7.5, 0.5), (8.5, 0.5)])
    assert across == [pytest.approx((-0.5, 0.5)), pytest.approx((1.5, 0.5))]
    assert near([(-9.0, 0.0), (-9.0, 1.0), (-9.0, 1.0)]) == []


def test_chinese_labels_keep_everything_aligned() -> None:
    picture = Picture("层", "激活值的标准差", [Curve("甲", [0, 1], [1, 2]), Curve("乙", [0, 1], [2, 3])])
    drawn = text(picture, language=Language.ZH)
    rows = drawn.split("\n")
    assert len({row.index(sign) for row in rows for sign in "│┤└" if sign in row}) == 1
    assert rows[0].startswith("激活值的标准差") and cell_len(rows[0]) == 60


def test_a_prediction_is_a_line_with_words_at_its_place() -> None:
    rows = canvas(line([1.0] * 11, marks=[Mark("x", 5, "you said 5")]))
    columns = {row.index("┊") for row in rows if "┊" in row}
    assert len(columns) == 1 and any("┊ you said 5" in row for row in rows)
    level = canvas(line([0.0, 10.0], marks=[Mark("y", 5, "you said 5")]))
    assert sum("┄┄┄" in row for row in level) == 1 and any("you said 5" in row for row in level)


def test_a_prediction_far_outside_is_pointed_at_and_does_not_squeeze_the_curve() -> None:
    drawn = text(line([0.0, 1.0], marks=[Mark("y", 1e6, "you said 1e6")]))
    assert "you said 1e6 ↑" in drawn and "1┤" in drawn


def test_axes_do_not_move_while_a_run_is_wound_back() -> None:
    xs, ys = list(range(50)), [float(k * k) for k in range(50)]
    whole = text(Picture("x", "y", [Curve("c", xs, ys)]))
    part = text(Picture("x", "y", [Curve("c", xs, ys, upto=3)]))
    assert part != whole
    frame = [row.replace("┤", "│").split("│")[0] for row in whole.split("\n")]
    assert [row.replace("┤", "│").split("│")[0] for row in part.split("\n")][1:-3] == frame[1:-3]
    assert part.split("\n")[-3:] == whole.split("\n")[-3:]


def test_without_plotext_the_chart_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plotext", None)
    assert "No charts here" in text(line([1.0, 2.0]))
    assert "no points yet" in text(line([]))


def test_too_little_room_is_said() -> None:
    assert "no room for a chart" in text(line([1.0, 2.0]), 20, 5)


@settings(deadline=None)
@given(st.lists(ANY, max_size=30), st.lists(ANY, max_size=30), st.sampled_from(["linear", "log"]))
@example([0.0], [5e-324], "linear")
@example([0.0], [5e-324], "log")
@example([0.0, 0.0], [1.7976931348623157e308, -1.2e308], "linear")
def test_any_numbers_can_be_drawn(xs: list[float], ys: list[float], scale: str) -> None:
    size = min(len(xs), len(ys))
    curve = Curve("c", xs[:size], ys[:size])
    for form in ("line", "bars", "dots"):
        text(Picture("x", "y", [curve], scale=scale, form=form), 40, 10)  # type: ignore[arg-type]
    for levels in (None, curve, SQUARE):
        text(Picture("x", "y", [curve], form="contour", levels=levels), 40, 10)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=2000))
def test_thinning_keeps_the_extremes_the_ends_and_the_order(ys: list[float]) -> None:
    points = [(k / max(len(ys) - 1, 1), y) for k, y in enumerate(ys)]
    kept = thin(points, 30)
    assert len(kept) <= max(2 * 31 + 2, 0)
    assert kept[0] == points[0] and kept[-1] == points[-1]
    assert {min(ys), max(ys)} <= {y for _, y in kept}
    assert kept == sorted(kept, key=lambda point: point[0])
    assert set(kept) <= set(points)


def test_thinning_changes_nothing_that_can_be_seen() -> None:
    ys = [math.sin(k / 500) + (5.0 if k == 7777 else 0.0) for k in range(20_000)]
    row = canvas(line(ys))[0]
    assert row.strip(), "the one high point is drawn"


def test_chinese_says_from_where_on_and_up_to_where() -> None:
    drawn = text(line([1.0, 2.0, math.nan, math.nan]), language=Language.ZH)
    assert "std：从 layer = 2 起为 nan" in drawn
    assert "std：直到 layer = 1 都是 inf" in text(line([math.inf, math.inf, 1.0]), language=Language.ZH)


def test_words_below_a_chart_do_not_begin_with_a_comma() -> None:
    assert wrapped("一二三四，五", 8) == ["一二三", "四，五"]


# Grey pictures ----------------------------------------------------------------------------------------------


def test_levels_become_bytes_whatever_a_lab_sends() -> None:
    assert pixels_of([[0.0, 0.5, 1.0], [-1.0, math.inf], [math.nan, 2.0, -math.inf]]) == (
        bytes([0, 128, 255]),
        bytes([0, 255, 0]),
        bytes([0, 255, 0]),
    )
    assert pixels_of([]) == () and pixels_of([[], []]) == ()


@given(st.integers(1, 300), st.integers(1, 300))
@settings(max_examples=20, deadline=None)
def test_a_large_picture_is_kept_smaller_in_its_proportions(width: int, height: int) -> None:
    kept = pixels_of([[0.25] * width] * height)
    assert 1 <= len(kept) <= LARGEST and 1 <= len(kept[0]) <= LARGEST
    assert {level for row in kept for level in row} == {64}
    if max(width, height) <= LARGEST:
        assert (len(kept[0]), len(kept)) == (width, height)


def test_a_smaller_picture_has_the_means_of_the_pixels_it_stands_for() -> None:
    checks = (bytes([0, 255, 0, 255]), bytes([255, 0, 255, 0])) * 2
    assert set(b"".join(scaled(checks, 2, 2))) == {128}
    assert scaled((bytes([0, 200]),), 4, 2) == (bytes([0, 0, 200, 200]),) * 2


def test_two_pixels_above_each_other_make_a_cell_and_brighter_ones_a_sign_of_more_ink() -> None:
    pixels = (bytes([0, 255]), bytes([0, 255]), bytes([0, 128]))
    assert halves(pixels) == [[(0, 0), (255, 255)], [(0, 0), (128, 128)]]
    assert in_signs(pixels) == [" @", " +"]
    assert in_signs(pixels, dark=False) == ["@ ", "@="]


@given(st.integers(1, 9), st.integers(1, 64), st.integers(1, 64), st.integers(20, 120), st.integers(4, 40))
@settings(max_examples=60, deadline=None)
def test_no_picture_is_lost_and_all_fit(count: int, wide: int, high: int, width: int, height: int) -> None:
    pictures = [((bytes(wide),) * high, f"picture {k}, with some words") for k in range(count)]
    hung = walls(pictures, width, height)
    assert [h.words[0][:9] for wall in hung for row in wall.hung for h in row] == [
        f"picture {k}" for k in range(count)
    ]
    for wall in hung:
        rows = len(wall.hung) * (wall.rows + 1) - 1 + sum(max(len(h.words) for h in row) for row in wall.hung)
        assert rows <= max(height, 1 + 3)
        for row in wall.hung:
            assert len(row) * (wall.columns + GAP) - GAP <= width
            assert all(len(h.pixels[0]) <= wall.columns and len(h.pixels) <= 2 * wall.rows for h in row)


def test_small_pictures_are_enlarged_as_long_as_they_stand_beside_each_other() -> None:
    (wall,) = walls([((bytes(8),) * 8, "")] * 2, 80, 20)
    assert len(wall.hung[0]) == 2 and wall.hung[0][0].columns == 32
