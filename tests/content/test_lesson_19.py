"""Lesson 19 against torch: the race is bare loops to the last bit, every rule, figure, claim and error text is torch's."""

import importlib.util
import json
import math
import random
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
import yaml
from torch import nn, optim

from tutor.lesson import Note, Point, Table, Value

FOLDER = Path(__file__).parents[2] / "lessons" / "19_ten_optimizers"
LESSON = yaml.safe_load((FOLDER / "lesson.yaml").read_text(encoding="utf-8"))
CHINESE = yaml.safe_load((FOLDER / "zh.yaml").read_text(encoding="utf-8"))
STEPS = {step["id"]: step for step in LESSON["steps"]}
QUESTIONS = [step for step in LESSON["steps"] if step["kind"] == "question"]
TEN = ["SGD", "ASGD", "Rprop", "Adagrad", "Adadelta", "RMSprop", "Adam", "Adamax", "SparseAdam", "LBFGS"]
ALL = [*TEN, "AdamW", "NAdam", "RAdam", "Adafactor", "Muon"]


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Tensors of a few numbers gain nothing from threads, and these wait for each other on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def module(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def lab(name, **settings):
    """What a lab yields with its defaults but for `settings`, lists taken apart."""
    controls = LESSON["labs"][name]["controls"]
    given = {control: shape["default"] for control, shape in controls.items()} | settings
    yielded = module(name).run(**given)
    return [each for message in yielded for each in (message if isinstance(message, list) else [message])]


def values(emissions):
    return {e.name: e.value for e in emissions if isinstance(e, Value)}


def notes(emissions):
    return [e for e in emissions if isinstance(e, Note)]


def points(emissions, series):
    return [(e.x, e.y) for e in emissions if isinstance(e, Point) and e.series == series]


def rows(emissions, name):
    (table,) = [e for e in emissions if isinstance(e, Table) and e.name == name]
    return {row[0]: row for row in table.rows}


# Bare loops -----------------------------------------------------------------------------------------------------


def trained(name, start, loss_of, steps, **settings):
    """The weights before each step and after the last, and the losses there, by a plain loop."""
    weights = [w.reshape(1, -1) if name == "Muon" and w.dim() < 2 else w for w in start]
    weights = [w.clone().requires_grad_() for w in weights]
    optimizer = getattr(optim, name)(weights, **settings)

    def closure():
        optimizer.zero_grad()
        loss = loss_of(*weights)
        loss.backward()
        if name == "SparseAdam":
            for w in weights:
                w.grad = w.grad.to_sparse()
        return loss

    places, losses = [], []
    for _ in range(steps):
        places.append(weights[0].flatten().tolist())
        if name == "LBFGS":
            losses.append(optimizer.step(closure).item())
        else:
            losses.append(closure().item())
            optimizer.step()
    with torch.no_grad():
        return [*places, weights[0].flatten().tolist()], [*losses, loss_of(*weights).item()]


def saddle(w):
    x, y = w.flatten()
    return x**2 / 2 + (y**2 - 1) ** 2 / 4


def rosenbrock(w):
    x, y = w.flatten()
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def banknotes():
    """The data and the first weights of the small net, drawn as the lab draws them."""
    spec = importlib.util.spec_from_file_location("notes", FOLDER.parent / "06_banknotes" / "banknotes.py")
    six = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(six)
    torch.manual_seed(7)
    images, target = six.draw(100)
    inputs = (F.avg_pool2d(images, 4).flatten(1) - 0.5) / 0.25
    start = [torch.randn(192, 8) / 192**0.5, torch.randn(8, 2) / 8**0.5]
    return start, lambda a, b: F.cross_entropy(torch.tanh(inputs @ a) @ b, target)


@pytest.mark.parametrize("surface", ["saddle", "rosenbrock", "banknotes"])
def test_every_figure_of_the_race_is_that_of_a_bare_loop_to_the_last_bit(surface):
    steps = 40
    start, loss_of = {
        "saddle": lambda: ([torch.tensor([-1.5, 0.01])], saddle),
        "rosenbrock": lambda: ([torch.tensor([-1.5, 2.0])], rosenbrock),
        "banknotes": banknotes,
    }[surface]()
    emissions = lab("race", surface=surface, optimizers=ALL, steps=steps, seed=7)
    table = rows(emissions, "result")
    assert set(table) == set(ALL)
    for name in ALL:
        places, losses = trained(name, start, loss_of, steps)
        ended = next((k + 1 for k, loss in enumerate(losses) if not math.isfinite(loss)), steps + 1)
        assert points(emissions, f"loss:{name}") == list(enumerate(losses[:ended])), name
        walked = points(emissions, f"path:{name}")
        assert walked == ([] if surface == "banknotes" else [tuple(place) for place in places[:ended]]), name
        assert table[name][2] == losses[:ended][-1]


def test_all_stand_at_the_same_step_whenever_the_run_is_wound_back():
    emissions = lab("race", surface="valley", optimizers=ALL, steps=3)
    order = [(e.series, e.x) for e in emissions if isinstance(e, Point) and e.series.startswith("loss:")]
    assert order == [(f"loss:{name}", k) for k in range(4) for name in ALL]


def test_rates_are_the_defaults_one_for_all_or_one_each():
    def rates(lr):
        table = rows(lab("race", surface="valley", optimizers=["SGD", "Adam"], lr=lr, steps=2), "result")
        return [table["SGD"][1], table["Adam"][1]]

    assert (
        rates(None) == [0.001, 0.001] and rates([0.25]) == [0.25, 0.25] and rates([0.5, 0.25]) == [0.5, 0.25]
    )
    (said,) = lab("race", optimizers=["SGD", "Adam"], lr=[1, 2, 3])
    assert "Rates: 3; optimizers: 2." in said.text and "3 个" in said.zh


def test_nobody_at_the_start_is_no_error():
    (note,) = lab("race", surface="valley", optimizers=[], lr=[])
    assert "Nobody races" in note.text and "没有参赛者" in note.zh


# What breaks an optimizer ------------------------------------------------------------------------------------


def refusal(error, mistake):
    """torch's words for a mistake that is really made."""
    with pytest.raises(error) as caught:
        mistake()
    return str(caught.value)


def stepped(name, w, **settings):
    optimizer = getattr(optim, name)([w], **settings)
    w.pow(2).sum().backward()
    optimizer.step()


def vector():
    return torch.ones(2, requires_grad=True)


def test_whom_torch_refuses_is_out_with_its_words_and_the_reason_and_the_others_race_on():
    emissions = lab("race", **STEPS["race-broken"]["set"])
    said = {note.text.partition(" is out")[0]: note for note in notes(emissions)}
    for name, error in (("SparseAdam", RuntimeError), ("Muon", ValueError)):
        words = refusal(error, lambda name=name: stepped(name, vector()))
        assert f"torch says: {words}\n" in said[name].text and f"{words}\n" in said[name].zh
        assert "Switch `fitted` on" in said[name].text
    assert len(points(emissions, "loss:SGD")) == STEPS["race-broken"]["set"]["steps"] + 1
    assert list(rows(emissions, "result")) == ["SGD"]


@pytest.mark.parametrize("lr", [[-1.0], [0.0]])
def test_a_rate_that_an_optimizer_cannot_take_is_answered_by_torch(lr):
    emissions = lab("race", surface="valley", optimizers=ALL, lr=lr, steps=2)
    out = [name for name in ALL if name not in rows(emissions, "result")]
    assert out == (ALL if lr == [-1.0] else ["SparseAdam"])
    for name, note in zip(out, notes(emissions), strict=True):
        words = refusal(ValueError, lambda name=name: getattr(optim, name)([vector()], lr=lr[0]))
        assert f"{name} is out. torch says: {words}\n" in note.text and "climb" in note.text


@pytest.mark.parametrize("surface", list(LESSON["labs"]["race"]["controls"]["surface"]["options"]))
def test_at_rates_that_are_much_too_large_some_are_out_and_no_traceback_is_left(surface):
    emissions = lab("race", surface=surface, optimizers=ALL, lr=[1000.0], steps=30)
    table = rows(emissions, "result")
    lost = {name for name, row in table.items() if not math.isfinite(row[2])}
    assert lost and len(table) == len(ALL)
    assert {note.text.partition(" is out")[0] for note in notes(emissions)} == lost
    assert values(emissions)["first_out"] in lost and values(emissions)["winner"] not in lost


def test_an_optimizer_that_the_installed_torch_lacks_is_out_by_name(monkeypatch):
    monkeypatch.delattr(optim, "Muon")
    for name, settings in (
        ("race", {"optimizers": ["Muon", "SGD"], "surface": "valley"}),
        ("first_steps", {"optimizer": "Muon"}),
        ("optimizer_memory", {"optimizers": ["Muon", "SGD"]}),
    ):
        (note,) = notes(lab(name, **settings))
        assert "Muon" in note.text and "does not have it yet" in note.text and "还没有它" in note.zh


# The surfaces ---------------------------------------------------------------------------------------------------


def test_level_lines_lie_on_five_levels_all_over_the_picture():
    race = module("race")
    for f, start, window in race.SURFACES.values():
        line = list(race.level_lines(f, *window))
        heights = torch.tensor([f(torch.tensor(x), torch.tensor(y)).item() for x, y in line])
        x, y = torch.linspace(*window[:2], 100), torch.linspace(*window[2:], 50)
        levels = f(x[None, :], y[:, None]).flatten().quantile(torch.tensor(race.SHARES))
        off, at = (heights[:, None] - levels).abs().min(dim=1)
        gaps = torch.tensor([0.0, *levels.diff().tolist(), levels[-1].item()])
        assert (off <= 0.1 * torch.maximum(gaps[at], gaps[at + 1])).all()
        assert set(at.tolist()) == set(range(5))
        assert window[0] <= start[0] <= window[1] and window[2] <= start[1] <= window[3]
        assert 300 < len(line) < 2000


def test_the_surfaces_have_their_minima_and_the_saddle_where_the_text_says():
    f = {name: each[0] for name, each in module("race").SURFACES.items()}
    for name, place in (("valley", (0, 0)), ("saddle", (0, 1)), ("saddle", (0, -1)), ("saddle", (0, 0)),
                        ("rosenbrock", (1, 1)), ("beale", (3, 0.5))):  # fmt: skip
        w = torch.tensor(place, dtype=torch.float64, requires_grad=True)
        loss = f[name](*w)
        loss.backward()
        assert w.grad.abs().max() < 1e-12
        assert loss == pytest.approx(0.25 if place == (0, 0) and name == "saddle" else 0, abs=1e-12)
    hessian = torch.autograd.functional.hessian(lambda w: f["valley"](*w), torch.zeros(2))
    assert hessian.diag().tolist() == [1, 20]


# First steps ----------------------------------------------------------------------------------------------------

FIRST = {
    "SGD": [1.984, 1.968128, 1.952383, 1.936764, 1.92127],
    "ASGD": [1.839998, 1.692796, 1.557371, 1.43278, 1.318157],
    "Rprop": [1.99, 1.978, 1.9636, 1.94632, 1.925584],
    "Adagrad": [1.99, 1.982947, 1.977197, 1.972223, 1.967778],
    "Adadelta": [1.996838, 1.993596, 1.990301, 1.986966, 1.983599],
    "RMSprop": [1.9, 1.830943, 1.775349, 1.727714, 1.685482],
    "Adam": [1.999, 1.998, 1.997, 1.996, 1.995],
    "Adamax": [1.998, 1.995999, 1.993997, 1.991995, 1.989991],
    "SparseAdam": [1.999, 1.998, 1.997, 1.996, 1.995],
    "LBFGS": [0, 0, 0, 0, 0],
    "AdamW": [1.99898, 1.99796, 1.99694, 1.99592, 1.9949],
    "NAdam": [1.997887, 1.996321, 1.994857, 1.993396, 1.991906],
    "RAdam": [1.984, 1.968067, 1.952204, 1.936412, 1.920694],
    "Adafactor": [1.98, 1.960285, 1.940846, 1.921677, 1.90277],
    "Muon": [1.999112, 1.998225, 1.997338, 1.99645, 1.995563],
}
"""x after the first five steps on y = 4x² from 2, found by formulas without torch; Muon's by torch alone."""


@pytest.mark.parametrize("name", ALL)
def test_the_first_steps_are_torchs_and_those_of_the_formulas(name):
    emissions = lab("first_steps", optimizer=name)
    walked = [x for _, x in points(emissions, "x")]
    places, _ = trained(name, [torch.tensor([2.0])], lambda x: (4 * x**2).sum(), 5)
    assert walked == [place[0] for place in places]
    assert walked[1:] == pytest.approx(FIRST[name], rel=4e-6, abs=1e-6)
    assert values(emissions)["x1"] == walked[1] and values(emissions)["last"] == walked[-1]


def test_the_steps_table_shows_what_stands_in_the_state():
    (table,) = [e for e in lab("first_steps", optimizer="Adam", steps=2) if isinstance(e, Table)]
    assert table.columns == ["k", "x", "g", "step", "exp_avg", "exp_avg_sq"]
    assert table.rows[1] == [1, pytest.approx(1.999), 16, 1, pytest.approx(1.6), pytest.approx(0.256)]
    for name in ALL:
        (table,) = [e for e in lab("first_steps", optimizer=name, steps=3) if isinstance(e, Table)]
        assert {len(row) for row in table.rows} == {len(table.columns)}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"optimizer": "Rprop", "weight_decay": 0.1}, "unexpected keyword argument 'weight_decay'"),
        ({"optimizer": "SGD", "rate": "own", "lr": -1.0}, "Invalid learning rate: -1.0"),
        ({"optimizer": "Adam", "weight_decay": -1}, "Invalid weight_decay value: -1"),
    ],
)
def test_what_torch_refuses_at_the_first_steps_is_noted_in_its_words(settings, said):
    (note,) = lab("first_steps", **settings)
    assert said in note.text and said in note.zh


# What they keep -------------------------------------------------------------------------------------------------

KEPT = {
    "SGD": 0, "ASGD": 1, "Rprop": 2, "Adagrad": 1, "Adadelta": 2, "RMSprop": 1, "Adam": 2, "Adamax": 2,
    "SparseAdam": 2, "AdamW": 2, "NAdam": 2, "RAdam": 2, "Adafactor": 0, "Muon": 1,
}  # fmt: skip


def test_what_each_keeps_is_counted_as_the_text_says():
    table = rows(lab("optimizer_memory", optimizers=ALL, rows=50, columns=40, steps=1), "kept")
    lbfgs = table.pop("LBFGS")
    assert {name: int(row[2]) for name, row in table.items()} == KEPT
    assert lbfgs[2] > 30 and lbfgs[3].split()[1:4] == ["d", "old_dirs", "old_stps"]
    assert 50 + 40 <= table["Adafactor"][1] <= 50 + 40 + 1
    words = {0: "nothing", 1: "one number per weight", 2: "two number"}
    for name in ("Rprop", "Adagrad", "RMSprop", "Adadelta", "Adam", "Adamax", "Muon"):
        assert re.search(f"Keeps: {words[KEPT[name]]}", STEPS[name.lower()]["body"]), name


@pytest.mark.parametrize(
    ("extra", "more"),
    [("momentum", {"SGD", "RMSprop"}), ("centered", {"RMSprop"}), ("amsgrad", {"Adam", "AdamW"})],
)
def test_extras_add_one_number_a_weight_to_those_that_take_them(extra, more):
    takers = [name for name in ALL if name not in ("LBFGS", "Muon")]
    plain, extended = (
        rows(lab("optimizer_memory", optimizers=takers, rows=9, columns=9, extra=each), "kept")
        for each in ("none", extra)
    )
    assert {name for name in takers if extended[name][1] - plain[name][1] == 81} == more


def test_lbfgs_keeps_two_numbers_a_weight_for_each_pair_up_to_its_history():
    w = torch.zeros(30, requires_grad=True)
    optimizer = optim.LBFGS([w], lr=0.01, tolerance_change=0, tolerance_grad=0, max_iter=200, max_eval=999)
    curve = torch.linspace(1, 50, 30)

    def closure():
        optimizer.zero_grad()
        loss = (curve * (w - 1) ** 2).sum() + (w**4).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    state = optimizer.state[w]
    assert len(state["old_stps"]) == len(state["old_dirs"]) == optimizer.defaults["history_size"] == 100
    total = sum(t.numel() for key in ("old_stps", "old_dirs") for t in state[key]) + 2 * 30
    assert total / 30 == 202


# The generators -------------------------------------------------------------------------------------------------


def by_hand(name, fields):
    """The answer from what the learner is shown, without torch."""
    grads = [float(g) for g in str(fields.get("grads", "0")).split(", ")]
    lr, w = fields.get("lr"), fields.get("w", 1.0)
    if name == "rprop":
        size, before = lr, 0.0
        for g in grads:
            size *= 1.2 if g * before > 0 else 0.5 if g * before < 0 else 1
            g = 0.0 if g * before < 0 else g
            w -= size * (g > 0) - size * (g < 0)
            before = g
        return w
    if name == "adagrad":
        for k, g in enumerate(grads):
            w -= lr * g / math.sqrt(sum(each**2 for each in grads[: k + 1]))
        return w
    if name == "rmsprop":
        s = 0.0
        for g in grads:
            s = fields["alpha"] * s + (1 - fields["alpha"]) * g * g
            w -= lr * g / math.sqrt(s)
        return w
    if name == "adam":
        m = v = 0.0
        for t, g in enumerate(grads, 1):
            m = fields["b1"] * m + (1 - fields["b1"]) * g
            v = fields["b2"] * v + (1 - fields["b2"]) * g * g
            w -= lr * m / (1 - fields["b1"] ** t) / math.sqrt(v / (1 - fields["b2"] ** t))
        return w
    if name == "adamw":
        return w * (1 - lr * fields["wd"]) - math.copysign(lr, fields["g"])
    n = fields["rows"] * fields["columns"]
    return fields["rows"] + fields["columns"] if fields["name"] == "Adafactor" else KEPT[fields["name"]] * n


GENERATED = {step["generate"].partition(":")[2]: step for step in QUESTIONS if step["ask"] == "generated"}


@pytest.mark.parametrize("name", GENERATED)
def test_the_key_of_every_drawn_question_is_that_of_the_formula(name):
    generator = getattr(module("variants"), name)
    drawn = [generator(random.Random(seed)) for seed in range(200)]
    for variant in drawn:
        assert variant.answer == pytest.approx(by_hand(name, variant.fields), rel=1e-6, abs=1e-6)
        assert math.isclose(float(f"{variant.answer:.4f}"), variant.answer, rel_tol=5e-4), (
            "as the last hint shows it"
        )
    assert len({str(variant.fields) for variant in drawn}) > 100
    assert {code for variant in drawn for code in variant.mistakes} == set(GENERATED[name]["reasons"])


# Numbers in the text --------------------------------------------------------------------------------------------


def losses(name, lr=None, steps=100):
    settings = {} if lr is None else {"lr": lr}
    return trained(name, [torch.tensor([2.0])], lambda x: (4 * x**2).sum(), steps, **settings)[1][-1]


def test_the_losses_of_the_race_at_default_rates_are_those_of_the_table():
    cells = re.findall(r"\| ([A-Z][A-Za-z, ]+) \| ([\d.e-]+)", STEPS["default-rates"]["body"])
    assert len(cells) == 10
    for names, shown in cells:
        for name in names.split(", "):
            digits = len(shown.partition(".")[2].partition("e")[0])
            assert f"{losses(name):.{digits}{'e' if 'e' in shown else 'f'}}".replace("e-0", "e-") == shown, (
                name
            )


def sparse_then_less(make, sparse):
    w = torch.ones(5, requires_grad=True)
    optimizer = make([w], lr=0.1)
    for chosen in ([1, 3], [1]):
        w.grad = torch.zeros(5).index_fill(0, torch.tensor(chosen), 1.0)
        w.grad = w.grad.to_sparse() if sparse else w.grad
        optimizer.step()
    return w[3].item()


def newton_schulz_range():
    """The least and the largest singular value that Muon's rounds make of one in (0.01, 1)."""
    a, b, c = optim.Muon([torch.zeros(1, 1, requires_grad=True)]).defaults["ns_coefficients"]
    s = torch.linspace(0.01, 1, 20000, dtype=torch.float64)
    for _ in range(5):
        s = a * s + b * s**3 + c * s**5
    return s.min().item(), s.max().item()


FIGURES = [
    *(x for walked in FIRST.values() for x in walked),
    *(2 - walked[0] for walked in FIRST.values()),
    *(optim_class([torch.zeros(1, 1, requires_grad=True)]).defaults["lr"] for optim_class in (getattr(optim, n) for n in ALL)),
    0.9, 0.999, 0.99, 1e-10, 1e-8, 1e-6, 1e-4, 0.75, 1.2, 0.5, 0.8, 0.95, 0.96, 0.004, 1.0,  # defaults, see below
    0.012, 0.0144, 0.01 / 10,  # Rprop, Adagrad's hundredth
    0.1,  # share of the newest gradient; RMSprop's first step; a rate
    math.sqrt(1e-6) / math.sqrt(0.1), 25.6, 1e-6, 0.1**0.5,
    14.4, 12.96, 0.9, 1.88, 1.9, 2.13, 0.05, 0.11, 0.02, 0.002, 0.0032,
    sparse_then_less(optim.Adam, sparse=False),
    losses("Adam"), losses("SGD"), losses("Adam", 0.1), *(losses(name) for name in ALL),
    *newton_schulz_range(),
    1.5, 0.01, 0.5,  # starts and minima
    1e-3,
]  # fmt: skip


def texts(part):
    """All text as it stands in the file, without what is evaluated, run or filled in elsewhere."""
    if isinstance(part, dict):
        skip = ("value", "verify", "answer", "answers", "set", "tolerance", "lab", "terms")
        return " ".join(texts(value) for key, value in part.items() if key not in skip)
    return " ".join(map(texts, part)) if isinstance(part, list) else str(part)


@pytest.mark.parametrize("step", STEPS)
def test_every_decimal_in_the_text_is_a_figure_that_torch_gives(step):
    for said in (STEPS[step], CHINESE["steps"][step]):
        for decimal in re.findall(r"(?<![\w.{:])\d+\.\d+(?![\w*])", texts(said)):
            digits = len(decimal.partition(".")[2])
            assert any(abs(float(f) - float(decimal)) <= 0.5001 * 10**-digits for f in FIGURES), decimal


def test_the_defaults_in_the_text_are_the_installed_torchs():
    shown = {
        "sgd": {"lr": 0.001, "momentum": 0},
        "asgd": {"lr": 0.01, "lambd": 0.0001, "alpha": 0.75, "t0": 1000000},
        "rprop": {"lr": 0.01, "step_sizes": (1e-6, 50), "etas": (0.5, 1.2)},
        "adagrad": {"lr": 0.01, "initial_accumulator_value": 0, "eps": 1e-10},
        "rmsprop": {"lr": 0.01, "alpha": 0.99, "eps": 1e-8},
        "adadelta": {"lr": 1.0, "rho": 0.9, "eps": 1e-6},
        "adam": {"lr": 0.001, "betas": (0.9, 0.999), "eps": 1e-8},
        "adamax": {"lr": 0.002, "betas": (0.9, 0.999)},
        "lbfgs": {"lr": 1, "history_size": 100, "max_iter": 20, "max_eval": 25},
        "adamw": {"lr": 0.001, "weight_decay": 0.01},
        "nadam": {"lr": 0.002, "momentum_decay": 0.004},
        "radam": {"lr": 0.001},
        "adafactor": {"lr": 0.01, "d": 1.0, "beta2_decay": -0.8, "eps": (None, 0.001)},
        "muon": {"lr": 0.001, "weight_decay": 0.1, "momentum": 0.95, "ns_steps": 5},
    }
    classes = {name.lower(): getattr(optim, name) for name in ALL}
    for name, defaults in shown.items():
        installed = classes[name]([torch.zeros(1, 1, requires_grad=True)]).defaults
        assert {key: installed[key] for key in defaults} == defaults, name
        step = STEPS.get(name, STEPS["nadam-radam"])
        for key in defaults if name in STEPS else ():
            assert (
                key in ("max_eval", "momentum_decay", "ns_steps") or f"`{key}`" in texts(step) or key == "lr"
            ), key


def test_every_wrong_number_comes_from_the_mistake_it_is_listed_for_and_no_answer_is_only_claimed():
    for question in QUESTIONS:
        if question["ask"] in ("number", "tensor") and question["id"] != "adam-scale":
            assert "verify" in question, question["id"]


# What the text says in words ------------------------------------------------------------------------------------


def told(id):
    return " ".join(texts(STEPS[id]).split())


def test_the_error_texts_are_what_torch_says_when_the_mistake_is_made():
    embedding = nn.Embedding(5, 2, sparse=True)

    def sparse(name):
        embedding(torch.tensor([1, 3])).sum().backward()
        getattr(optim, name)(embedding.parameters()).step()

    said = {
        "adam": refusal(TypeError, lambda: optim.Adam([vector()], momentum=0.9)),
        "sparse": refusal(RuntimeError, lambda: sparse("Adam")),
        "sparse-takers": refusal(RuntimeError, lambda: sparse("RMSprop")),
        "muon-takes": refusal(ValueError, lambda: optim.Muon(nn.Linear(128, 256).parameters())),
    }
    for id, words in said.items():
        assert f"`{words}`" in told(id), words
    assert f"`{refusal(RuntimeError, lambda: stepped('SparseAdam', vector()))}`" in told("sparse")
    assert f"`{refusal(RuntimeError, lambda: sparse('Adadelta'))}`" in told("sparse-takers")
    assert refusal(RuntimeError, lambda: sparse("AdamW")) == said["sparse"]
    missing = refusal(TypeError, lambda: stepped("LBFGS", vector()))
    assert missing.replace("closure", "...") in told("lbfgs-missing")
    groups = refusal(ValueError, lambda: optim.LBFGS([{"params": [vector()]}, {"params": [vector()]}]))
    assert groups.replace("LBFGS", "...") in told("which-error")


def takes(make):
    try:
        make()
    except (RuntimeError, ValueError):
        return False
    return True


def test_who_takes_sparse_gradients_and_what_muon_takes_is_marked_as_torch_has_it():
    def step(name):
        embedding = nn.Embedding(5, 2, sparse=True)
        embedding(torch.tensor([1, 3])).sum().backward()
        getattr(optim, name)(embedding.parameters()).step()

    for option in STEPS["sparse-takers"]["options"]:
        name = option["text"].strip("`")
        assert option.get("right", False) == takes(lambda name=name: step(name)), name
    layers = {
        "Linear": nn.Linear(128, 256),
        "Embedding": nn.Embedding(5000, 64),
        "Conv2d": nn.Conv2d(3, 16, 3),
    }
    for option in STEPS["muon-takes"]["options"]:
        layer = layers[re.search(r"nn\.(\w+)", option["text"])[1]]
        parameter = layer.bias if "bias" in option["text"] else layer.weight
        assert option.get("right", False) == takes(lambda p=parameter: optim.Muon([p])), option["text"]


def test_first_steps_are_put_in_the_order_that_torch_gives():
    names = [line["text"] for line in STEPS["ten-in-order"]["lines"]]
    lengths = [2 - FIRST[name][0] for name in names]
    assert lengths == sorted(lengths)


def test_the_predictions_come_true_and_the_worked_ones_are_what_the_labs_yield():
    for step in LESSON["steps"]:
        if step["kind"] == "lab" and "predict" in step:
            found = values(lab(step["lab"], **step["set"]))[step["predict"]["of"]]
            expected = {"first-steps-lab": pytest.approx(1.830943), "memory-lab": 2, "race-parabola": "Adadelta",
                        "race-valley": "SGD", "race-rosenbrock": "ASGD"}[step["id"]]  # fmt: skip
            assert found == expected
            assert found in step["predict"].get("equals", [found])


def test_what_the_labs_bodies_promise_happens():
    (walked,) = {
        tuple(place) for place in points(lab("race", **STEPS["race-valley"]["set"]), "path:SGD")[-1:]
    }
    assert abs(walked[1]) == pytest.approx(1, abs=1e-3)
    away = lab("race", **STEPS["race-saddle"]["set"])
    assert points(away, "path:RMSprop")[-1][1] > 0.99 and points(away, "path:SGD")[-1][1] < 0.02
    table = rows(
        lab("race", **{**STEPS["race-rosenbrock"]["set"], "lr": [0.002, 0.001, 0.01, 0.1, 1]}), "result"
    )
    assert all(math.isfinite(row[2]) for row in table.values())
    net = rows(lab("race", **{**STEPS["race-banknotes"]["set"], "lr": [0.05]}), "result")
    assert list(net)[:2] == ["Muon", "Adam"] and net["SGD"][2] > 100 * net["Adam"][2]
    full = rows(lab("race", surface="banknotes", steps=100, optimizers=ALL), "result")
    assert set(list(full)[:2]) == {"LBFGS", "Rprop"}
    assert 192 * 8 + 8 * 2 == 1552


def test_smaller_claims():
    assert issubclass(optim.AdamW, optim.Adam)
    classes = [name for name in dir(optim) if isinstance(getattr(optim, name), type)]
    assert len(classes) == 16 and set(classes) == {*ALL, "Optimizer"}
    assert 8388608 // 5120 == 1638 and round(1.2**19) == 32
    assert next(iter(optim.Adagrad([vector()]).state.values())).keys() == {"step", "sum"}
    assert 1 / math.sqrt(1 - 0.999) == pytest.approx(32, rel=0.02)
    for name, lr, end in (("SGD", 0.001, 3.2), ("SGD", 0.1, 0), ("Adam", 0.1, 0.0003)):
        assert losses(name, lr) == pytest.approx(end, rel=0.06, abs=1e-9)
    low, high = newton_schulz_range()
    assert 0.66 < low < high < 1.21
    x = torch.tensor([2.0], requires_grad=True)
    optimizer = optim.ASGD([x])
    for _ in range(3):
        optimizer.zero_grad()
        (4 * x**2).sum().backward()
        optimizer.step()
        assert optimizer.state[x]["ax"] == x


def test_radam_walks_like_sgd_for_five_steps_and_then_shorter_than_adam():
    places, _ = trained("RAdam", [torch.tensor([2.0])], lambda x: (4 * x**2).sum(), 20)
    lengths = [a[0] - b[0] for a, b in pairwise(places)]
    assert min(lengths[:5]) > 0.015 and max(lengths[5:]) < 0.001


def test_a_factor_on_the_loss_leaves_adams_steps_as_they_are():
    def walked(name, factor):
        return trained(name, [torch.tensor([2.0])], lambda x: factor * (4 * x**2).sum(), 5, lr=1e-6)[0][-1][0]

    assert 2 - walked("Adam", 1000) == pytest.approx(2 - walked("Adam", 1), rel=1e-3)
    assert 2 - walked("SGD", 1000) == pytest.approx(1000 * (2 - walked("SGD", 1)), rel=0.05)


# The command, and the lesson as a whole -------------------------------------------------------------------------


def test_the_command_line_takes_names_with_commas_and_gives_a_loss_and_a_path_of_each():
    command = [sys.executable, "-m", "tutor", "lab", "race", "--json", "--set", "optimizers=SGD,Adam"]
    ended = subprocess.run(
        [*command, "--set", "surface=rosenbrock"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=100,
    )
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert ended.returncode == 0
    counted = {name: sum(line.get("series") == name for line in lines) for name in ("loss:SGD", "path:Adam")}
    assert counted == {"loss:SGD": 201, "path:Adam": 201}
    refused = subprocess.run(
        [*command, "--set", "optimizers=SGD,Adan"], capture_output=True, text=True, timeout=100
    )
    assert refused.returncode == 2 and "optimizers must be some of SGD, ASGD" in refused.stderr


def test_the_lesson_asks_enough_and_half_of_it_is_typed():
    typed = [q for q in QUESTIONS if q["ask"] not in ("choice", "several", "order")]
    assert len(QUESTIONS) >= 20 and len(typed) >= len(QUESTIONS) / 2 and len(GENERATED) >= 5
