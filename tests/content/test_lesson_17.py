"""Lesson 17 against torch: both labs to the last bit, the roots, the map, the figures and claims of the text."""

import cmath
import math

import pytest
import torch

from tests.content.read import Read

LESSON = Read("17_momentum")


def parabola(w):
    return 4 * w[0] ** 2


def valley(w):
    return (w[0] ** 2 + 20 * w[1] ** 2) / 2


def by_hand(f, start, lr, m, iterations, dampening=0, nesterov=False):
    """Positions, losses and buffers of a plain loop: torch's rule written out, in torch's in-place operations."""
    w, v, seen = torch.tensor(start, requires_grad=True), None, []
    for _ in range(iterations):
        loss = f(w)
        (g,) = torch.autograd.grad(loss, w)
        seen.append((w.tolist(), loss.item(), None if v is None else v[0].item()))
        with torch.no_grad():
            if m:
                v = g.clone() if v is None else v.mul_(m).add_(g, alpha=1 - dampening)
            step = g if not m else g.add(v, alpha=m) if nesterov else v
            w.add_(step, alpha=-lr)
    return seen


def sgd(steps, x0=2.0, lrs=None, **settings):
    """x on y = 4x² after each step of torch.optim.SGD, in float64; the rate of each step may be given."""
    x = torch.tensor([x0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([x], **settings)
    seen = []
    for k in range(steps):
        if lrs:
            optimizer.param_groups[0]["lr"] = lrs[k]
        optimizer.zero_grad()
        (4 * x**2).sum().backward()
        optimizer.step()
        seen.append(x.item())
    return seen


def bits(values):
    return [float(value).hex() for value in values]


# The lab `momentum` -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("surface", "settings"),
    [
        ("parabola", {"lr": 0.01, "momentum": 0.9}),
        ("parabola", {"lr": 0.3, "momentum": 0}),
        ("parabola", {"lr": 0.02, "momentum": 0.7, "dampening": 0.3}),
        ("valley", {"lr": 0.09, "momentum": 0.6, "nesterov": True}),
        ("valley", {"lr": 0.12, "momentum": 0.1}),
    ],
)
def test_every_figure_is_that_of_a_plain_loop_to_the_last_bit(surface, settings):
    lab = LESSON.lab("momentum", surface=surface, iterations=180, **settings)
    f, start = (parabola, [2.0]) if surface == "parabola" else (valley, [-4.0, 1.0])
    named = {key: value for key, value in settings.items() if key not in ("lr", "momentum")}
    loop = by_hand(f, start, settings["lr"], settings["momentum"], 180, **named)
    assert bits(lab.ys("x")) == bits(w[0] for w, _, _ in loop)
    assert bits(lab.ys("loss")) == bits(loss for _, loss, _ in loop)
    second = [w[1] for w, _, _ in loop] if surface == "valley" else [loss for _, loss, _ in loop]
    assert bits(lab.ys("path")) == bits(second)
    if settings["momentum"]:
        assert bits(lab.ys("buffer")) == bits(v for _, _, v in loop[1:])
    else:
        assert "buffer" not in lab.points


def test_other_pairs_are_laid_over_it_and_a_row_that_is_no_pair_is_left_out_in_words():
    lab = LESSON.lab("momentum", others=[[0.03, 0], [0.01, 0.63]], iterations=40)
    assert bits(lab.ys("loss:0.03, m 0")) == bits(y for _, y, _ in by_hand(parabola, [2.0], 0.03, 0, 40))
    assert bits(lab.ys("x:0.01, m 0.63")) == bits(
        w[0] for w, _, _ in by_hand(parabola, [2.0], 0.01, 0.63, 40)
    )
    assert [row[:2] for row in lab.tables["runs"].rows] == [[0.01, 0.9], [0.03, 0], [0.01, 0.63]]
    odd = LESSON.lab("momentum", others=[[0.03]], iterations=5)
    assert "two numbers" in odd.notes[0].text and len(odd.tables["runs"].rows) == 1


@pytest.mark.parametrize(
    ("lr", "m", "first", "for_good"),
    [(0.01, 0, 100, 100), (0.01, 0.9, 115, 156), (0.03, 0, 31, 31), (0.01, 0.63, 25, 36),
     (0.01, 0.5143, 32, 32), (0.01, 0.99, 237, 1646), (0.3, 0, None, None)],
)  # fmt: skip
def test_reached_and_for_good_are_counted_from_0(lr, m, first, for_good):
    lab = LESSON.lab("momentum", lr=lr, momentum=m, iterations=1700 if m == 0.99 else 200)
    assert (lab.values["reached"], lab.values["for_good"]) == (first, for_good)


def test_what_torch_refuses_is_said_in_its_own_words_and_explained():
    said = []
    settings = {k: c["default"] for k, c in LESSON.lesson["labs"]["momentum"]["controls"].items()}
    with pytest.raises(ValueError, match="Nesterov momentum requires a momentum and zero dampening"):
        for each in LESSON.module("momentum").run(**settings | {"momentum": 0, "nesterov": True}):
            said.append(each)
    assert "Nesterov momentum requires" in said[0].text and "above 0" in said[1].text and said[1].zh


@pytest.mark.parametrize(
    ("lr", "m", "dampening", "nesterov"),
    [
        (0.01, 0.9, 0, False),
        (0.05, 0.5, 0.4, False),
        (0.03, 0, 0.5, False),
        (0.2, 0.3, 0, False),
        (0.01, 0.9, 0, True),
        (0.2, 0.3, 0, True),
    ],
)
def test_the_roots_say_how_fast_a_long_run_shrinks(lr, m, dampening, nesterov):
    lab = LESSON.lab("momentum", lr=lr, momentum=m, dampening=dampening, nesterov=nesterov, iterations=3)
    xs = sgd(400, lr=lr, momentum=m, dampening=dampening, nesterov=nesterov)
    # Swings pass through 0 now and then: their envelope is the largest of a few.
    early, late = (max(map(abs, xs[k : k + 30])) for k in (60, 160))
    assert (late / early) ** (1 / 100) == pytest.approx(lab.values["radius"], rel=3e-3)


def test_the_map_is_bright_where_sgd_itself_is_soon_below_a_millionth_and_black_where_it_diverges():
    iterations = 150
    (map_,) = LESSON.lab("momentum", iterations=iterations).pictures.values()
    rows, columns = len(map_.rows), len(map_.rows[0])
    assert f"{rows * columns} descents" in " ".join(LESSON.steps["map"]["body"].split())
    for i in range(0, rows, 5):
        for j in range(0, columns, 6):
            lr, m = torch.arange(1, columns + 1)[j] * (0.5 / columns), torch.linspace(1, 0, rows + 1)[1:][i]
            told = LESSON.lab("momentum", lr=lr.item(), momentum=m.item(), iterations=iterations).values
            grey = map_.rows[i][j]
            if told["for_good"] is not None:
                assert grey == pytest.approx(
                    1 - 0.7 * math.log(told["for_good"] + 1) / math.log(iterations + 1), abs=0.02
                )
            else:
                assert grey == pytest.approx(0.15 if told["last_loss"] < 16 else 0)


def test_level_lines_lie_where_the_surface_has_the_height_of_their_level():
    points = LESSON.lab("momentum", surface="valley", iterations=1).points["level"]
    assert len(points) > 1000
    for x, y in points:
        slope = math.hypot(x, 20 * y)
        assert min(abs(valley((x, y)) - level) for level in (0.05, 0.3, 1, 2.5, 5, 9, 14)) < 0.01 * slope


# The lab `average` --------------------------------------------------------------------------------------------


def test_the_average_is_the_weighted_sum_and_its_correction_has_the_weights_of_a_mean():
    lab = LESSON.lab("average", beta=0.95, values=80)
    theta = lab.ys("value")
    weights = [0.05 * 0.95**k for k in range(80)]
    assert lab.values["last"] == pytest.approx(sum(w * t for w, t in zip(weights, theta[::-1], strict=True)))
    assert lab.values["by_weights"] == pytest.approx(lab.values["last"])
    assert lab.values["sum"] == pytest.approx(1 - 0.95**80) and lab.values["window"] == pytest.approx(20)
    assert lab.ys("corrected")[0] == pytest.approx(theta[0])
    flat = LESSON.lab("average", beta=0.95, values=80, noise=0)
    assert flat.ys("corrected")[-1] == pytest.approx(flat.ys("average")[-1] / (1 - 0.95**80))


# What the text says -------------------------------------------------------------------------------------------

ROOT = complex(0.91, math.sqrt(0.9 - 0.91**2))
FIGURES = [
    *(0.1 * 0.9**k for k in range(4)), *(0.9**k for k in range(3)), 0.001, 0.01, 0.02, 0.05, 0.95, 0.98, 0.99, 0.37,
    0.95**20, 0.98**100, 1 - 0.98**100, 0.98**50, 0.9 * 9 + 1, 0.9 * 0.9 + 1, 1.9, 1e-6,
    16, 29.12, 38.5984, 14.72, 12.3904, *sgd(3, lr=0.01, momentum=0.9), 0.1 * 1.6, 0.16,
    *sgd(3, lrs=[0.01, 0.01, 0.001], lr=0.01, momentum=0.9)[2:], 1.2743296,
    math.sqrt(0.9), 0.92, 0.92**2, 1.124254, 0.475, 0.474, 0.476, 0.5, 0.03, 0.25, 0.125, 1.5,
    ROOT.real, ROOT.imag, 2 * math.pi / cmath.phase(ROOT), 0.9,
    math.sqrt(0.08), (1 - math.sqrt(0.08)) ** 2, 1 - math.sqrt(0.08), 0.63, math.sqrt(0.63), 0.08,
    0.09, 0.6, 99 / 101, 9 / 11, 0.1,
    0.75, 25.44, *sgd(2, lr=0.01, momentum=0.9, dampening=0.25), 1.6216, 0.25,
    1.696, 16 + 0.9 * 16, 0.9 * 16,
]  # fmt: skip


@pytest.mark.parametrize("step", LESSON.steps)
def test_every_decimal_in_the_text_is_a_figure_that_is_checked(step):
    assert LESSON.unknown_decimals(step, FIGURES) == []


def test_the_courses_comparison_goes_as_the_lesson_says():
    with_m, without = sgd(130, lr=0.01, momentum=0.9), sgd(130, lr=0.01)
    ahead = [k for k in range(1, 12) if abs(with_m[k - 1]) < abs(without[k - 1])]
    assert ahead == list(range(2, 9))
    assert next(k for k, x in enumerate(with_m, 1) if x < 0) == 6
    assert min(with_m) == with_m[9] == pytest.approx(-1.124254, abs=1e-6)


def test_with_a_rate_that_drops_torch_and_the_textbooks_part():
    lrs, x, v = [0.01, 0.01, 0.001], 2.0, 0.0
    for lr in lrs:
        v = 0.9 * v + lr * 8 * x
        x -= v
    assert x == pytest.approx(1.2743296) and sgd(3, lrs=lrs, lr=0.01, momentum=0.9)[-1] == pytest.approx(
        1.5102016
    )


def test_above_the_border_momentum_diverges_and_below_it_does_not():
    assert (
        abs(sgd(3000, lr=0.474, momentum=0.9)[-1]) < 1e-3 < 100 < abs(sgd(3000, lr=0.476, momentum=0.9)[-1])
    )
    torch.optim.SGD([torch.zeros(1)], lr=0.1, momentum=1.5)  # it is accepted


def test_an_even_slope_lets_the_buffer_grow_to_ten_times_the_gradient():
    x = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([x], lr=0.01, momentum=0.9)
    for _ in range(200):
        optimizer.zero_grad()
        x.sum().backward()
        optimizer.step()
    assert optimizer.state[x]["momentum_buffer"].item() == pytest.approx(10)


def test_in_a_valley_the_best_rates_shrink_by_the_fractions_that_the_lesson_gives():
    def radius(h, lr, m):
        root = cmath.sqrt((1 + m - lr * h) ** 2 - 4 * m)
        return max(abs((1 + m - lr * h + sign * root) / 2) for sign in (1, -1))

    k = 100
    assert max(radius(h, 2 / (1 + k), 0) for h in (1, k)) == pytest.approx((k - 1) / (k + 1))
    best = (math.sqrt(k) - 1) / (math.sqrt(k) + 1)
    lr = (2 / (math.sqrt(k) + 1)) ** 2
    assert max(radius(h, lr, best**2) for h in (1, k)) == pytest.approx(best, rel=1e-6)
    assert [round(math.log(1e-6) / math.log(factor)) for factor in (99 / 101, 9 / 11)] == [691, 69]
    lab = LESSON.lab("momentum", **LESSON.steps["in-the-valley"]["set"])
    assert [row[2] for row in lab.tables["runs"].rows] == [34, 85]
