"""Lesson 4 against torch: the lab `objective`, the generated questions, and every figure that the text quotes."""

import importlib.util
import math
import random
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import torch
import yaml
from torch import nn

from tutor.lesson import Note, Point, Value

FOLDER = Path(__file__).parents[2] / "lessons" / "04_loss_cost_objective"
LESSON = yaml.safe_load((FOLDER / "lesson.yaml").read_text(encoding="utf-8"))
CHINESE = yaml.safe_load((FOLDER / "zh.yaml").read_text(encoding="utf-8"))
STEPS = {step["id"]: step for step in LESSON["steps"]}
DEFAULTS = {name: control["default"] for name, control in LESSON["labs"]["objective"]["controls"].items()}
LAMBDAS = [10 ** (-4 + k / 8) for k in range(41)]


@cache
def module(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@cache
def lab(**settings):
    return tuple(module("objective").run(**{**DEFAULTS, **settings}))


def values(**settings):
    return {e.name: e.value for e in lab(**settings) if isinstance(e, Value)}


def curve(series, **settings):
    return [(e.x, e.y) for e in lab(**settings) if isinstance(e, Point) and e.series == series]


# The lab ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lam", [0, 0.01, 0.1, 10])
def test_the_objective_is_the_cost_and_half_of_lambda_times_the_squared_norm(lam):
    got = values(lam=lam)
    assert got["objective"] == pytest.approx(got["cost"] + lam / 2 * got["square"])
    assert got["penalty"] == pytest.approx(lam / 2 * got["square"])
    cost, objective = dict(curve("cost", lam=lam)), dict(curve("objective", lam=lam))
    assert all(objective[step] >= cost[step] for step in cost)
    assert cost[1000] == got["cost"] and objective[1000] == got["objective"]


def test_the_cost_is_the_mean_of_the_losses_of_the_samples():
    each = [dict(curve("loss", sample=sample, steps=40)) for sample in range(12)]
    for step, cost in curve("cost", sample=0, steps=40):
        assert cost == pytest.approx(sum(losses[step] for losses in each) / 12)


def test_before_the_first_step_the_weights_are_0_and_nothing_is_penalized():
    heights = [y for _, y in curve("data", steps=1)]
    mean_square = sum(y * y for y in heights) / 12
    for series in ("cost", "objective"):
        assert dict(curve(series, lam=10, steps=1))[0] == pytest.approx(mean_square)


def test_the_fitted_curve_is_a_polynomial_of_the_degree():
    heights = torch.tensor([y for _, y in curve("fit", degree=3, steps=100)], dtype=torch.float64)
    assert heights.diff(n=4).abs().max().item() < 1e-9 < heights.diff(n=3).abs().max().item()


@pytest.mark.parametrize(("lam", "degree"), [(0, 11), (0.1, 11), (10, 4)])
def test_descent_by_hand_and_weight_decay_end_at_the_same_weights(lam, degree):
    assert values(lam=lam, degree=degree)["difference"] < 1e-14


@pytest.mark.parametrize("lam", [0.1, 1, 10])
def test_training_ends_where_the_scan_says_that_the_objective_is_lowest(lam):
    got, place = values(lam=lam), math.log10(lam)
    for series, value in (("scan_cost", "cost"), ("scan_penalty", "penalty"), ("scan_fresh", "fresh")):
        (at_minimum,) = [y for x, y in curve(series) if abs(x - place) < 1e-9]
        assert at_minimum == pytest.approx(got[value], rel=1e-4)


def test_the_scan_ends_at_both_ends_of_its_range_and_names_the_lambda_of_its_valley():
    fresh = curve("scan_fresh")
    assert [10**x for x, _ in fresh] == pytest.approx(LAMBDAS)
    assert values()["best"] == pytest.approx(10 ** min(fresh, key=lambda point: point[1])[0])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_without_penalty_the_cost_is_below_the_noise_and_new_samples_pay_for_it(seed):
    free, held = values(seed=seed), values(seed=seed, lam=0.1)
    assert free["cost"] < 0.3**2 / 5 and free["cost"] < held["cost"]
    assert free["fresh"] > 1.5 * held["fresh"]
    assert free["square"] > held["square"]
    assert values(seed=seed, degree=3)["fresh"] < 0.5 * free["fresh"]


def test_the_samples_do_not_depend_on_lambda_or_degree_but_on_seed_and_noise():
    usual = curve("data", steps=1)
    assert curve("data", steps=1, lam=1) == curve("data", steps=1, degree=2) == usual
    assert curve("data", steps=1, seed=4) != usual
    quiet = curve("data", steps=1, noise=0.0)
    assert [y for _, y in quiet] == pytest.approx([math.sin(math.pi * x) for x, _ in quiet])


def test_the_ends_of_every_control_run():
    for settings in ({"degree": 20, "lam": 10}, {"degree": 0}, {"noise": 2.0}, {"sample": 11}):
        assert all(math.isfinite(value) for value in values(**{"steps": 500, **settings}).values())
    assert len(curve("cost", steps=1)) == 2 and len(curve("cost", steps=77)) == 78


def test_lambda_0_is_said_to_make_one_curve_of_two():
    assert [e.zh != "" for e in lab() if isinstance(e, Note)] == [True]
    assert [e for e in lab(lam=0.1) if isinstance(e, Note)] == []
    assert curve("cost") == curve("objective")


# The generated questions ----------------------------------------------------------------------------------------------


def variants(name, count=500):
    draw = getattr(module("variants"), STEPS[name]["generate"].partition(":")[2])
    return [draw(random.Random(seed)) for seed in range(count)]


def test_over_500_seeds_the_objective_is_cost_and_penalty():
    for variant in variants("objective-again"):
        cost, lam, w = (variant.fields[name] for name in ("cost", "lam", "w"))
        squares, total = sum(x * x for x in w), sum(w)
        assert variant.answer == pytest.approx(cost + lam * squares / 2)
        wrong = {
            "no-half": cost + lam * squares,
            "not-squared": cost + lam / 2 * math.sqrt(squares),
            "absolute": cost + lam / 2 * sum(map(abs, w)),
            "sum-first": cost + lam / 2 * total**2,
            "mean": cost + lam / 2 * squares / 3,
            "subtracted": cost - lam / 2 * squares,
            "no-lambda": cost + squares / 2,
            "penalty-only": lam / 2 * squares,
        }
        assert variant.mistakes == pytest.approx(wrong)


def test_over_500_seeds_the_step_is_that_of_the_objectives_gradient():
    for variant in variants("one-step"):
        lr, lam = variant.fields["lr"], variant.fields["lam"]
        w = torch.tensor(variant.fields["w"], dtype=torch.float64, requires_grad=True)
        g = torch.tensor(variant.fields["g"], dtype=torch.float64)
        objective = (g * w).sum() + lam / 2 * w.square().sum()  # a cost with the gradient g
        (gradient,) = torch.autograd.grad(objective, w)
        assert variant.answer == pytest.approx((w - lr * gradient).tolist())
        assert [variant.fields["s0"], variant.fields["s1"]] == pytest.approx(gradient.tolist())
        wrong = {
            "no-decay": w - lr * g,
            "doubled": w - lr * (g + 2 * lam * w),
            "halved": w - lr * (g + lam * w / 2),
            "no-lr": w - lr * g - lam * w,
            "grows": w - lr * (g - lam * w),
            "uphill": w + lr * (g + lam * w),
            "sign": w - lr * (g + lam * w.sign()),
        }
        assert set(variant.mistakes) == set(wrong)
        for name, value in wrong.items():
            assert variant.mistakes[name] == pytest.approx(value.tolist())


@pytest.mark.parametrize("name", ["objective-again", "one-step"])
def test_every_mistake_has_its_reason_and_every_template_can_be_filled(name):
    for variant in variants(name, 50):
        assert set(variant.mistakes) == set(STEPS[name]["reasons"])
        for text in (STEPS[name], CHINESE["steps"][name]):
            for template in (text["prompt"], *text["reasons"].values(), text["solution"], *text["hints"]):
                filled = template.format(**variant.fields, answer=variant.answer)
                assert "000000" not in filled and "999999" not in filled


# Figures in the text ----------------------------------------------------------------------------------------------------

OUTPUTS, TARGETS = torch.tensor([1.0, 2.0, 4.0]), torch.tensor([1.5, 2.0, 1.0])
FIGURES = {
    "losses": {"0.25": lambda: nn.MSELoss(reduction="none")(OUTPUTS, TARGETS)[0].item()},
    "cost": {
        "0.25": lambda: nn.MSELoss(reduction="none")(OUTPUTS, TARGETS)[0].item(),
        "9.25": lambda: nn.MSELoss(reduction="sum")(OUTPUTS, TARGETS).item(),
        "3.0833": lambda: nn.MSELoss()(OUTPUTS, TARGETS).item(),
    },
    "objective": {
        "0.125": lambda: 0.01 / 2 * torch.tensor([3.0, 4.0]).square().sum().item(),
        "0.647373": lambda: 0.522373 + 0.01 / 2 * 25,
        "12.5": lambda: 25 / 2,
    },
    "follow": {"0.09": lambda: 0.3**2},
    "argument": {"0.01": lambda: 2 * 0.005},
    "torch-decay": {"0.005": lambda: 0.01 / 2},
}
GIVEN = {
    "losses": {"1.0", "1.5", "2.0", "4.0", "0.5"},
    "cost": {"0.5"},
    "objective": {"0.522373", "0.01", "0.005"},
    "follow": {"0.3"},
    "move": {"0.0001"},
    "argument": {"0.005", "0.0025", "0.02", "0.1"},
    "torch-decay": {"0.1", "0.01"},
    "torch-says": {"0.1", "0.01"},
}
"""Decimals in a text that are no result: what a question starts from, settings."""


def texts(part):
    """All text of a step as it stands in the file, without what `tutor check` evaluates itself."""
    if isinstance(part, dict):
        skip = ("value", "verify", "answer", "answers", "tolerance", "set", "terms")
        return " ".join(texts(value) for key, value in part.items() if key not in skip)
    return " ".join(map(texts, part)) if isinstance(part, list) else str(part)


def decimals(text):
    return set(re.findall(r"(?<![\w.])\d+\.\d+(?!\w)", text))


@pytest.mark.parametrize(("step", "figure"), [(s, f) for s, figures in FIGURES.items() for f in figures])
def test_a_figure_in_the_text_is_what_torch_gives(step, figure):
    digits = len(figure.partition(".")[2])
    assert abs(FIGURES[step][figure]() - float(figure)) <= 0.5001 * 10**-digits
    assert figure in texts(STEPS[step]), "the English text does not quote this figure any more"
    assert figure in texts(CHINESE["steps"][step]), "the Chinese text does not quote this figure any more"


@pytest.mark.parametrize("step", STEPS)
def test_no_decimal_in_the_text_goes_unchecked(step):
    said = decimals(texts(STEPS[step])) | decimals(texts(CHINESE["steps"][step]))
    assert said - GIVEN.get(step, set()) == set(FIGURES.get(step, {}))


# What the text says in words ----------------------------------------------------------------------------------------------


def test_a_torch_loss_is_the_mean_over_the_batch_and_knows_nothing_of_weight_decay():
    torch.manual_seed(0)
    model = nn.Linear(4, 1)
    inputs, targets = torch.randn(32, 4), torch.randn(32, 1)
    torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.01)
    loss = nn.MSELoss()(model(inputs), targets)
    assert loss.item() == pytest.approx((model(inputs) - targets).square().mean().item())


def test_as_lambda_grows_the_cost_rises_and_the_norm_falls_but_the_penalty_and_new_samples_turn():
    cost, penalty, fresh = ([y for _, y in curve(f"scan_{s}")] for s in ("cost", "penalty", "fresh"))
    squares = [2 * y / lam for y, lam in zip(penalty, LAMBDAS, strict=True)]
    rises, falls = ([a < b for a, b in pairwise(s)] for s in (cost, squares))
    assert all(rises) and not any(falls)
    for turning in (penalty, fresh):
        steps = [a < b for a, b in pairwise(turning)]
        assert any(steps) and not all(steps)
    right = [option.get("right", False) for option in STEPS["trade"]["options"]]
    assert right == [True, True, False, False]


def test_lambda_as_a_learned_number_would_fall_to_0():
    lam = torch.tensor(0.1, requires_grad=True)
    (lam / 2 * torch.tensor([3.0, 4.0]).square().sum()).backward()
    assert lam.grad.item() == 12.5  # uphill is where lambda grows


@pytest.mark.parametrize("line", STEPS["decay"]["lines"][1:], ids=lambda line: line["ask"])
def test_each_line_of_the_derivation_holds_and_no_wrong_one_does(line):
    lr, lam, w, other, g = 0.1, 0.3, torch.tensor(2.0, requires_grad=True), 5.0, 1.7
    ((g * w) + lam / 2 * (w**2 + other**2)).backward()
    moved = w.item() - lr * w.grad.item()

    def of(formula):
        left, right = re.split(" = | ← ", formula)
        code = right.replace("−", "-").replace("·", "*").replace("w₁ + w₂ + …", "w + other")
        code = re.sub(r"(\d)λ", r"\1 * λ", code)
        return left, eval(code, {"lr": lr, "λ": lam, "w": w.item(), "other": other, "g": g})

    left, value = of(line["formula"])
    wanted = {"dObj/dw": w.grad.item(), "w": moved}[left]
    assert value == pytest.approx(wanted)
    for wrong in line["wrong"]:
        assert of(wrong["formula"])[1] != pytest.approx(wanted, rel=1e-3)


def trained(by_hand, optimizer=torch.optim.SGD, decay=0.01):
    """Weight and bias of a small layer after ten steps, the penalty added by hand or by the optimizer."""
    torch.manual_seed(0)
    model = nn.Linear(3, 1)
    inputs, targets = torch.randn(8, 3), torch.randn(8, 1)
    optimizer = optimizer(model.parameters(), lr=0.1, weight_decay=0 if by_hand else decay)
    for _ in range(10):
        loss = nn.MSELoss()(model(inputs), targets)
        if by_hand:
            loss = loss + decay / 2 * sum(p.square().sum() for p in model.parameters())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.weight.tolist()[0] + model.bias.tolist()


def test_weight_decay_of_sgd_is_the_penalty_added_by_hand_biases_included():
    assert trained(by_hand=False) == pytest.approx(trained(by_hand=True), rel=1e-5)
    assert trained(by_hand=False)[3] != pytest.approx(trained(by_hand=False, decay=0)[3], rel=1e-4)


def test_adam_and_adamw_decay_differently():
    adam, adamw = (trained(False, optimizer) for optimizer in (torch.optim.Adam, torch.optim.AdamW))
    assert adam != pytest.approx(adamw, rel=1e-4)


def test_the_argument_that_is_asked_for_is_one_that_sgd_takes_and_the_wrong_names_are_not():
    w = torch.zeros(1, requires_grad=True)
    for answer in STEPS["argument"]["answers"]:
        sgd = eval(f"torch.optim.SGD([w], lr=0.1, {answer})", {"torch": torch, "w": w})
        assert sgd.param_groups[0]["weight_decay"] == 2 * 0.005
    with pytest.raises(TypeError):
        eval("torch.optim.SGD([w], lr=0.1, l2=0.01)", {"torch": torch, "w": w})
    with pytest.raises(SyntaxError):
        eval("torch.optim.SGD([w], lr=0.1, lambda=0.01)", {"torch": torch, "w": w})


def test_the_lines_in_order_are_a_training_step():
    torch.manual_seed(0)
    model = nn.Linear(3, 1, bias=False)
    w, lam, inputs, targets = model.weight, 0.2, torch.randn(8, 3), torch.randn(8, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    w.grad = torch.full_like(w, 1e6)  # what an earlier step left behind
    before = w.detach().clone()
    code = "\n".join(line["text"].strip("`") for line in STEPS["training-step"]["lines"])
    exec(
        code,
        {"model": model, "inputs": inputs, "targets": targets, "optimizer": optimizer, "lam": lam, "w": w},
    )
    of_cost = 2 * inputs.T @ (inputs @ before.T - targets) / 8
    expected = before - 0.1 * (of_cost.T + lam * before)
    assert w.tolist()[0] == pytest.approx(expected.tolist()[0], rel=1e-5)
