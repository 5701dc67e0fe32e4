"""Lesson 16 against torch: the lab to the last bit, the figures and the claims of the text."""

import math
import random

import pytest
import torch

from tests.content.read import Read

LESSON = Read("16_learning_rate")
FLOAT32_END = torch.finfo(torch.float32).max


def plain(lr, iterations, a=4, dtype=torch.float32):
    """x and the loss before each step of a plain loop."""
    x = torch.tensor([2.0], dtype=dtype, requires_grad=True)
    seen = []
    for _ in range(iterations):
        loss = a * x**2
        loss.backward()
        seen.append((x.item(), loss.item()))
        with torch.no_grad():
            x -= lr * x.grad
        x.grad = None
    return seen


def bits(values):
    """Equal for equal bits, nan too."""
    return [float(value).hex() for value in values]


# The lab ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lr", "a", "iterations"), [(0.01, 4, 20), (0.03, 4, 200), (0.17, 2.5, 90), (1, 4, 60)]
)
def test_every_figure_is_that_of_a_plain_loop_to_the_last_bit(lr, a, iterations):
    lab, loop = LESSON.lab("learning_rate", lr=lr, a=a, iterations=iterations), plain(lr, iterations, a)
    assert [x for x, _ in lab.points["x"]] == list(range(iterations))
    assert bits(lab.ys("x")) == bits(x for x, _ in loop)
    assert bits(lab.ys("loss")) == bits(y for _, y in loop)
    assert bits(y for each in lab.points["path"] for y in each) == bits(y for each in loop for y in each)


def test_other_rates_and_the_scan_are_plain_loops_as_well():
    lab = LESSON.lab("learning_rate", others=[0.2, 0.01, 0.26], iterations=50)
    assert set(lab.points) == {
        "parabola", "scan", "start", "x", "loss", "path",
        "x:0.2", "loss:0.2", "path:0.2", "x:0.26", "loss:0.26", "path:0.26",
    }  # fmt: skip
    assert bits(lab.ys("loss:0.26")) == bits(y for _, y in plain(0.26, 50))
    for rate, loss in lab.points["scan"][::9]:
        assert bits([loss]) == bits([plain(rate, 50)[-1][1]])
    assert lab.points["scan"][-1][0] == pytest.approx(0.3)


def test_the_courses_run_ends_where_the_course_ends():
    lab = LESSON.lab("learning_rate")
    assert lab.values["last_x"] == pytest.approx(0.410203, abs=1e-6)
    assert lab.values["last_loss"] == pytest.approx(0.673066, abs=1e-6)


@pytest.mark.parametrize(
    ("lr", "reached"), [(0.01, 100), (0.03, 31), (0.05, 17), (0.125, 1), (0.2, 17), (0.24, 100), (0.25, None)]
)
def test_the_iteration_below_a_millionth_is_counted_from_0(lr, reached):
    assert LESSON.lab("learning_rate", lr=lr, iterations=200).values["reached"] == reached


def test_a_run_that_diverges_goes_on_through_inf_to_nan_and_says_where():
    lab = LESSON.lab("learning_rate", lr=0.3, iterations=400)
    assert lab.values["first_nonfinite"] == 128
    assert lab.ys("loss")[127] <= FLOAT32_END and math.isnan(lab.values["last_x"])
    assert "iteration 128" in lab.notes[0].text and "128" in lab.notes[0].zh
    assert any(math.isnan(y) for y in LESSON.lab("learning_rate", scan=2, iterations=60).ys("scan"))


def test_more_rates_than_can_be_told_apart_are_left_out_in_words():
    lab = LESSON.lab("learning_rate", others=[k / 100 for k in range(2, 10)])
    assert len([name for name in lab.points if name.startswith("loss")]) == 6
    assert "first 5" in lab.notes[0].text


# What the text says -------------------------------------------------------------------------------------------

FIGURES = [
    *(lr for lr in (0.01, 0.02, 0.03, 0.05, 0.0625, 0.1, 0.12, 0.125, 0.13, 0.2, 0.22, 0.24, 0.25, 0.26, 0.3, 0.5)),
    *(1 - 8 * lr for lr in (0.01, 0.03, 0.05, 0.1, 0.12, 0.2, 0.24, 0.25, 0.26, 0.3)),
    (1 - 8 * 0.05) ** 2,  # 0.36, the loss's factor at 0.05 and at 0.2
    *(x for x, _ in plain(0.05, 3, dtype=torch.float64)),
    *(x for x, _ in plain(0.2, 3, dtype=torch.float64)),
    *(x for x, _ in plain(0.13, 2, dtype=torch.float64)),
    4 * 1.2**2, 0.8, 1.6,  # the loss after a step at 0.05, how long it is, where half the gradient leads
    0.095, 0.155, 0.28, 1.76,  # around the best rate: mirror
    math.log(16), math.log(0.92), math.log(1e-6), 99.47, 1.08e-6, 9.2e-7, 1e-6,
    1 - 0.095, 0.9,  # the flat direction
    *torch.linspace(0.01, 0.5, 10).tolist(), 0.49 / 9, 0.49, 8.4e20,
    3.4e38,
]  # fmt: skip


@pytest.mark.parametrize("step", LESSON.steps)
def test_every_decimal_in_the_text_is_a_figure_that_is_checked(step):
    assert LESSON.unknown_decimals(step, FIGURES) == []


def test_the_figures_that_are_stated_are_torchs():
    assert (math.log(1e-6) - math.log(16)) / (2 * math.log(0.92)) == pytest.approx(99.47, abs=0.005)
    losses = [y for _, y in plain(0.01, 101)]
    assert losses[99] == pytest.approx(1.08e-6, rel=5e-3) and losses[100] == pytest.approx(9.2e-7, rel=5e-3)
    assert plain(0.25, 9)[-1] == (2.0, 16.0) and plain(0.125, 2)[-1] == (0.0, 0.0)
    last = [plain(lr, 100)[-1][1] for lr in torch.linspace(0.01, 0.5, 10).tolist()]
    assert all(loss < 1e-5 for loss in last[:5]) and last[5] == pytest.approx(8.4e20, rel=0.01)
    assert [str(loss) for loss in last[6:]] == ["inf", "inf", "nan", "nan"]
    # A linear scan in float32: 0.05 and 0.2 are mirror images, but for rounding.
    assert [y for _, y in plain(0.05, 17)] == pytest.approx([y for _, y in plain(0.2, 17)], rel=1e-4)


def test_the_rates_0_1_at_three_curvatures_are_slow_best_and_divergent():
    def factor(h, lr=0.1):
        x0, x1 = (x for x, _ in plain(lr, 2, a=h / 2))
        return x1 / x0

    assert factor(1) == pytest.approx(0.9) and factor(10) == pytest.approx(0, abs=1e-6)
    assert factor(30) == pytest.approx(-2)


@pytest.mark.filterwarnings("ignore:The .grad attribute")
def test_every_accepted_line_of_code_makes_the_step_in_place_and_no_mistake_does():
    def stepped(line):
        x = torch.tensor([2.0], requires_grad=True)
        y = 4 * x**2
        y.backward()
        names = {"x": x, "y": y, "lr": 0.05, "torch": torch}
        with torch.no_grad():
            try:
                exec(line, names)
            except (NameError, TypeError):
                return False
        return names["x"] is x and x.item() == pytest.approx(1.2)

    question = LESSON.steps["line-of-code"]
    assert [line for line in question["answers"] if not stepped(line)] == []
    assert [m["text"] for m in question["mistakes"] if stepped(m["text"])] == []


def test_sgd_rounds_once_where_the_plain_line_rounds_twice():
    x = torch.tensor([2.0], requires_grad=True)
    optimizer = torch.optim.SGD([x], lr=0.01)
    seen = []
    for _ in range(100):
        optimizer.zero_grad()
        (4 * x**2).backward()
        seen.append(x.item())
        optimizer.step()
    by_hand = [x for x, _ in plain(0.01, 100)]
    assert seen == pytest.approx(by_hand, rel=1e-5) and seen != by_hand


def test_the_border_of_a_drawn_bowl_is_where_descent_turns_to_divergence():
    variants = LESSON.module("variants")
    for seed in range(20):
        drawn = variants.border(random.Random(seed))
        a = float(drawn.fields["a"])
        below, above = (abs(plain(drawn.answer * part, 50, a)[-1][0]) for part in (0.99, 1.01))
        assert below < 2 < above
