"""Lesson 18 against torch: the rule, what SGD refuses and takes, the generators, and every figure that is quoted."""

import importlib.util
import inspect
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml

from tutor.builder.presets import PRESETS

FOLDER = Path(__file__).parents[2] / "lessons" / "18_sgd_groups"
LESSON = yaml.safe_load((FOLDER / "lesson.yaml").read_text(encoding="utf-8"))
CHINESE = yaml.safe_load((FOLDER / "zh.yaml").read_text(encoding="utf-8"))
STEPS = {step["id"]: step for step in LESSON["steps"]}
QUESTIONS = [step for step in LESSON["steps"] if step["kind"] == "question"]


def module(name):
    spec = importlib.util.spec_from_file_location(f"lesson_18_{name}", FOLDER / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def path(gradient, start, steps, **settings):
    """The weight and its momentum buffer after every step, in double precision."""
    w = torch.tensor(float(start), dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.SGD([w], **settings)
    found = []
    for _ in range(steps):
        w.grad = torch.tensor(float(gradient(w.item())), dtype=torch.double)
        optimizer.step()
        buffer = optimizer.state[w].get("momentum_buffer")
        found += [w.item(), 0.0 if buffer is None else buffer.item()]
    return found


def slope(w):
    return 8 * w


# Figures ------------------------------------------------------------------------------------------------------

LR = {"lr": 0.01}
PATHS = [
    *path(slope, 2, 2, **LR),
    *path(slope, 2, 1, **LR, weight_decay=0.1),
    *path(slope, 2, 2, **LR, momentum=0.9),
    *path(slope, 2, 2, **LR, momentum=0.9, dampening=0.5),
    *path(slope, 2, 1, **LR, momentum=0.9, nesterov=True),
    *path(slope, 2, 1, **LR, maximize=True),
    *path(slope, 2, 1, **LR, maximize=True, weight_decay=0.1),
    *path(lambda w: 1, 1, 2, lr=0.03, momentum=0.7),
    *path(lambda w: 0, 1, 1, **LR, weight_decay=0.1),  # the factor of a weight without a gradient
]
SETTINGS = [0.001, 0.01, 0.02, 0.03, 0.1, 0.5, 0.7, 0.8, 0.9, 1.5, 2.0, 1.13, 2.13]
LINES = [
    16 + 0.1 * 2, 0.01 * 16.2, 0.1 * 2, 16 + 0.9 * 16, 0.01 * 30.4, -16 + 0.1 * 2, 15.8 * 0.01,
    8 * 1.84, 0.9 * 16, 0.5 * 14.72, 0.01 * 21.76, 0.03 * 1.7, 1.9, 30.4,
]  # fmt: skip
"""What stands between the data and the result of a hand computation."""
FIGURES = [*PATHS, *SETTINGS, *map(abs, LINES)]


def texts(part):
    """All text as it stands in the file, without what is evaluated or formatted elsewhere."""
    if isinstance(part, dict):
        skip = ("value", "verify", "answer", "answers", "set", "given", "tolerance")
        return " ".join(texts(value) for key, value in part.items() if key not in skip)
    return " ".join(map(texts, part)) if isinstance(part, list) else str(part)


@pytest.mark.parametrize("step", STEPS)
def test_every_decimal_in_the_text_is_a_figure_that_torch_gives(step):
    mistakes = [m["value"] for m in STEPS[step].get("mistakes", []) if isinstance(m.get("value"), float)]
    for said in (STEPS[step], CHINESE["steps"][step]):
        for decimal in re.findall(r"(?<![\w.{:])\d+\.\d+(?!\w)", texts(said)):
            digits = len(decimal.partition(".")[2])
            known = [*FIGURES, *mistakes]  # those are checked by `tutor check` where they have a `verify`
            assert any(abs(float(f) - float(decimal)) <= 0.5001 * 10**-digits for f in known), decimal


def test_the_rule_is_torchs_for_any_settings():
    """The formula of the step `rule`, line by line, beside the optimizer."""
    rng = random.Random(0)
    for _ in range(40):
        s = {
            "lr": rng.choice([0.01, 0.3]), "momentum": rng.choice([0, 0.9]), "dampening": rng.choice([0, 0.4]),
            "weight_decay": rng.choice([0, 0.2]), "maximize": rng.random() < 0.5,
        }  # fmt: skip
        s["nesterov"] = s["momentum"] > 0 and s["dampening"] == 0 and rng.random() < 0.5
        w, v = 2.0, None
        expected = []
        for _ in range(4):
            g = -slope(w) if s["maximize"] else slope(w)
            g += s["weight_decay"] * w
            v = g if v is None else s["momentum"] * v + (1 - s["dampening"]) * g
            u = (g + s["momentum"] * v if s["nesterov"] else v) if s["momentum"] else g
            w -= s["lr"] * u
            expected.append(w)
        assert path(slope, 2, 4, **s)[::2] == pytest.approx(expected, rel=1e-12)


# What the text says in words ------------------------------------------------------------------------------------


def test_the_signature_is_that_of_the_installed_torch():
    (code,) = re.findall(r"```python\ntorch.optim.SGD\((.*?)\)\n```", STEPS["signature"]["body"], re.DOTALL)
    stated = [part.strip() for part in code.split(",")]
    parameters = list(inspect.signature(torch.optim.SGD).parameters.values())
    ours = ["params", *(f"{p.name}={p.default}" for p in parameters[1:])]
    ours.insert(next(i for i, p in enumerate(parameters) if p.kind is p.KEYWORD_ONLY), "*")
    assert stated == ours
    assert set(torch.optim.SGD([torch.ones(1)]).defaults) == {p.name for p in parameters[1:]}


def options(step):
    return [(option["text"].strip("`"), option.get("right", False)) for option in STEPS[step]["options"]]


@pytest.mark.parametrize(("text", "right"), options("refused"))
def test_the_constructor_refuses_exactly_what_is_marked(text, right):
    names = {"SGD": torch.optim.SGD, "w": torch.ones(2, requires_grad=True)}
    if right:
        with pytest.raises(ValueError):
            eval(text, names)
    else:
        eval(text, names)


@pytest.mark.parametrize(("text", "right"), options("which-raise"))
def test_add_param_group_refuses_exactly_what_is_marked(text, right):
    names = {f"w{n}": torch.ones(2, requires_grad=True) for n in (1, 2, 3)}
    optimizer = torch.optim.SGD([names["w1"]], lr=0.01)
    if right:
        with pytest.raises((ValueError, TypeError)):
            optimizer.add_param_group(eval(text, names))
    else:
        optimizer.add_param_group(eval(text, names))
        assert len(optimizer.param_groups) == 2


def quoted(*, kind=(ValueError, TypeError, RuntimeError), message, **settings):
    with pytest.raises(kind) as raised:
        torch.optim.SGD([torch.ones(2, requires_grad=True)], **settings)
    assert str(raised.value) == message
    return message


def test_torchs_messages_stand_in_the_lesson_as_torch_says_them():
    english = " ".join((FOLDER / "lesson.yaml").read_text(encoding="utf-8").split())
    for message in (
        quoted(lr=0.1, nesterov=True, message="Nesterov momentum requires a momentum and zero dampening"),
        quoted(lr=-0.1, message="Invalid learning rate: -0.1"),
        quoted(lr=0.1, fused=True, foreach=True, message="`fused` and `foreach` cannot be `True` together."),
        quoted(lr=0.1, fused=True, differentiable=True, message="`fused` does not support `differentiable`"),
    ):
        assert message in english
    with pytest.raises(ValueError) as raised:
        torch.optim.SGD([], lr=0.1)
    assert f"`{raised.value}`" in STEPS["three-added"]["body"]


def test_weight_decay_is_the_gradient_of_half_lambda_w_squared():
    w = torch.tensor([2.0, -3.0], dtype=torch.double, requires_grad=True)
    (4 * w.square() + 0.1 / 2 * w.square()).sum().backward()
    other = w.detach().clone().requires_grad_()
    (4 * other.square()).sum().backward()
    torch.optim.SGD([w], lr=0.01).step()
    torch.optim.SGD([other], lr=0.01, weight_decay=0.1).step()
    assert torch.allclose(w, other, atol=1e-12)


def test_the_groups_of_why_groups_inherit_as_the_text_says():
    (code,) = re.findall(r"```python\n(.*?)```", STEPS["why-groups"]["body"], re.DOTALL)
    names = {"torch": torch, **{n: [torch.ones(2)] for n in ("backbone", "head", "biases")}}
    exec(code, names)
    groups = names["optimizer"].param_groups
    assert [(g["lr"], g["momentum"], g["weight_decay"]) for g in groups] == [
        (0.001, 0.9, 0.01), (0.1, 0.9, 0.01), (0.1, 0.9, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(("preset", "count"), [("added", 3), ("listed", 3), ("four", 4)])
def test_the_three_ways_give_as_many_groups_as_the_table_says(preset, count):
    emitted = list(module("builder").run(_code(preset)))
    rows = next(each.rows for each in emitted if getattr(each, "name", "") == "param_groups")
    assert {row[0] for row in rows} == set(range(count))
    assert preset in STEPS["builder"]["presets"]
    counts = re.findall(r"\| (\d) \|$", STEPS["three-added"]["body"], re.MULTILINE)
    assert counts == ["3", "3", "4"]


def _code(preset):
    from tutor.builder.code import written

    return written(PRESETS[preset].builder)


def test_the_group_holds_the_tensor_itself_and_keys_that_nobody_reads():
    w1 = torch.ones(2, requires_grad=True)
    optimizer = torch.optim.SGD([w1], lr=0.01)
    assert optimizer.param_groups[0]["params"][0] is w1
    w1.grad = torch.ones(2)
    optimizer.step()
    assert optimizer.param_groups[0]["params"][0] is w1
    assert optimizer.state_dict()["param_groups"][0]["params"] == [0]
    torch.optim.lr_scheduler.StepLR(optimizer, 1)
    assert "initial_lr" in optimizer.param_groups[0]


# Questions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("name", ["step", "inherited"])
def test_drawn_questions_explain_every_mistake_they_name(name, seed):
    question = next(q for q in QUESTIONS if q.get("generate") == f"variants.py:{name}")
    variant = getattr(module("variants"), name)(random.Random(seed))
    assert variant.mistakes
    assert set(variant.mistakes) <= set(question["reasons"])
    if name == "step":
        last = variant.fields["lines"].splitlines()[-1]
        assert float(last.split("= ")[-1].replace("−", "-")) == pytest.approx(variant.answer, rel=1e-5)


def test_the_lesson_asks_enough_and_half_of_it_is_typed():
    typed = [q for q in QUESTIONS if q["ask"] not in ("choice", "several", "order")]
    assert len(QUESTIONS) >= 10
    assert len(typed) >= len(QUESTIONS) / 2
    assert len([q for q in QUESTIONS if q["ask"] == "generated"]) == 2


def test_the_command_that_the_last_page_names_is_there():
    (line,) = re.findall(r"^tutor (sgd .*)$", STEPS["closing"]["body"], re.MULTILINE)
    ran = subprocess.run([sys.executable, "-m", "tutor", "sgd", "--help"], capture_output=True, text=True)
    assert all(option in ran.stdout for option in re.findall(r"--\w+", line))
