"""Lesson 2 against torch: the lab `gain`, and every figure that the lesson's text quotes."""

import importlib.util
import math
import re
from functools import cache
from pathlib import Path

import pytest
import torch
import yaml
from torch import nn

from tutor.lesson import Note, Point, Table, Value

FOLDER = Path(__file__).parents[2] / "lessons" / "02_xavier_kaiming"
LESSON = yaml.safe_load((FOLDER / "lesson.yaml").read_text(encoding="utf-8"))
CHINESE = yaml.safe_load((FOLDER / "zh.yaml").read_text(encoding="utf-8"))
STEPS = {step["id"]: step for step in LESSON["steps"]}

# The lab ------------------------------------------------------------------------------------------------------

FUNCTIONS = {
    "linear": lambda x: x,
    "sigmoid": lambda x: 1 / (1 + torch.exp(-x)),
    "tanh": lambda x: (torch.exp(2 * x) - 1) / (torch.exp(2 * x) + 1),
    "relu": lambda x: x.clamp(min=0),
    "leaky_relu": lambda x: torch.where(x > 0, x, 0.2 * x),
    "selu": lambda x: 1.0507009873554805 * torch.where(x > 0, x, 1.6732632423543772 * (torch.exp(x) - 1)),
}


def lab(nonlinearity, slope=0.2, samples=10000, seed=1):
    spec = importlib.util.spec_from_file_location("gain", FOLDER / "gain.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(module.run(nonlinearity=nonlinearity, slope=slope, samples=samples, seed=seed))


def values(emissions):
    return {e.name: e.value for e in emissions if isinstance(e, Value)}


def scales(name, samples=10000, seed=1):
    """std ratio and rms ratio in float64, from the formulas."""
    torch.manual_seed(seed)
    x = torch.randn(samples).double()
    y = FUNCTIONS[name](x)

    def std(t):
        return math.sqrt(((t - t.sum() / samples) ** 2).sum().item() / (samples - 1))

    return std(x) / std(y), math.sqrt((x * x).sum().item() / (y * y).sum().item())


def test_seed_1_and_10000_samples_give_the_ratio_that_the_course_prints():
    assert values(lab("tanh"))["std_ratio"] == pytest.approx(1.5982500, abs=5e-7)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_lab_measures_both_ratios_and_asks_torch_for_the_gain(name):
    emissions = lab(name)
    std_ratio, rms_ratio = scales(name)
    measured = values(emissions)
    assert measured["std_ratio"] == pytest.approx(std_ratio, rel=1e-5)
    assert measured["rms_ratio"] == pytest.approx(rms_ratio, rel=1e-5)
    assert measured["calculate_gain"] == nn.init.calculate_gain(name, 0.2)
    (table,) = [e for e in emissions if isinstance(e, Table)]
    row = next(row for row in table.rows if row[0] == name)
    assert row[1:] == pytest.approx([std_ratio, rms_ratio, nn.init.calculate_gain(name, 0.2)], rel=1e-5)
    (note,) = [e for e in emissions if isinstance(e, Note)]
    assert note.text and note.zh


def test_the_table_has_every_nonlinearity_that_calculate_gain_knows_but_for_the_linear_convolutions():
    (table,) = [e for e in lab("tanh") if isinstance(e, Table)]
    assert [row[0] for row in table.rows] == LESSON["labs"]["gain"]["controls"]["nonlinearity"]["options"]
    convolutions = [f"conv{t}{d}d" for t in ("", "_transpose") for d in (1, 2, 3)]
    assert {nn.init.calculate_gain(name) for name in convolutions} == {1}
    for other in ("gelu", "softplus", "elu", "prelu", "softmax", "silu", "mish", "hardtanh"):
        with pytest.raises(ValueError, match="Unsupported nonlinearity"):
            nn.init.calculate_gain(other)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_ratio_called_exact_is_the_one_that_sampling_approaches(name):
    sampled, _ = scales(name, samples=4_000_000, seed=7)
    assert values(lab(name))["exact_std_ratio"] == pytest.approx(sampled, rel=3e-3)


def test_the_curve_ends_with_all_samples_and_its_noise_has_shrunk():
    points = [e for e in lab("tanh", samples=1_000_000) if isinstance(e, Point)]
    curve = [(p.x, p.y) for p in points if p.series == "std_ratio"]
    assert curve[0][0] == 2 and curve[-1][0] == 6
    assert curve[-1][1] == pytest.approx(scales("tanh", 1_000_000)[0], rel=1e-5)
    exact = 1.592537419722831
    assert abs(curve[-1][1] - exact) < 0.1 * max(abs(y - exact) for _, y in curve[:20])
    assert {p.y for p in points if p.series == "calculate_gain"} == {5 / 3}


# 100 layers ---------------------------------------------------------------------------------------------------

ACTIVATIONS = {
    "none": lambda x: x,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "leaky_relu with slope 0.2": lambda x: nn.functional.leaky_relu(x, 0.2),
}


@cache
def deep(code, activation, seed=1, width=256):
    """std and rms of the activations and std of the gradients of 100 layers; `code` fills the weight `w`."""
    torch.manual_seed(seed)
    layers = [nn.Linear(width, width, bias=False) for _ in range(100)]
    for layer in layers:
        eval(code, {**vars(nn.init), "w": layer.weight})
    x = torch.randn(16, width)
    outputs = []
    for layer in layers:
        x = ACTIVATIONS[activation](layer(x))
        outputs.append(x)
    gradients = torch.autograd.grad(x.square().mean(), outputs)
    return (
        [h.std().item() for h in outputs],
        [h.square().mean().sqrt().item() for h in outputs],
        [g.std().item() for g in gradients],
    )


def normal(f):
    """E f(x) for x ~ N(0, 1), by the trapezoid rule in float64."""
    x = torch.linspace(-12, 12, 40001, dtype=torch.float64)
    density = torch.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    return torch.trapezoid(f(x) * density, x).item()


@cache
def tanh_fixed_point(gain):
    std = 1.0
    for _ in range(200):
        std = math.sqrt(normal(lambda x, scale=gain * std: torch.tanh(scale * x) ** 2))
    return std


TANH, TANH_1 = "xavier_uniform_(w, gain=1.6667)", "xavier_uniform_(w, gain=1)"
XAVIER, KAIMING = "xavier_uniform_(w)", "kaiming_normal_(w)"


def exact_ratio(f):
    return 1 / math.sqrt(normal(lambda x: f(x) ** 2) - normal(f) ** 2)


def sampled_ratio():
    torch.manual_seed(1)
    x = torch.randn(10000)
    return (x.std() / torch.tanh(x).std()).item()


def normal_tanh_std():
    return sorted(deep("normal_(w)", "tanh")[0])[50]


def sigmoid_gradient_factor():
    gradients = deep(XAVIER, "sigmoid")[2]
    return (gradients[70] / gradients[95]) ** (1 / 25)


def tanh_gradient_factor():
    scale = 5 / 3 * tanh_fixed_point(5 / 3)
    return 5 / 3 * math.sqrt(normal(lambda x: (1 - torch.tanh(scale * x) ** 2) ** 2))


LOST = 1 / 2 - 1 / (2 * math.pi)  # the variance of relu(N(0, 1))
FIGURES = {
    "principle": {
        "13781": lambda: 1.1**100,
        "0.0000266": lambda: 0.9**100,
    },
    "xavier-bound": {
        "0.0625": lambda: math.sqrt(2 / 512),
        "0.01171875": lambda: 6 / 512,
        "0.1083": lambda: math.sqrt(6 / 512),
    },
    "gain-tanh": {
        "1.5925": lambda: exact_ratio(torch.tanh),
        "1.592537": lambda: exact_ratio(torch.tanh),
        "1.59825": sampled_ratio,
        "1.6667": lambda: nn.init.calculate_gain("tanh"),
        "0.6": lambda: 3 / 5,
    },
    "tanh-truth": {
        "0.65": lambda: tanh_fixed_point(5 / 3),
        "0.6513": lambda: tanh_fixed_point(5 / 3),
        "1.1": tanh_gradient_factor,
        "1.0999": tanh_gradient_factor,
        "0.0587": lambda: deep(TANH_1, "tanh")[0][99],
        "0.97": normal_tanh_std,
        "0.24": sigmoid_gradient_factor,
        "0.64": lambda: min(deep(TANH, "tanh")[0][5:]),
        "0.66": lambda: max(deep(TANH, "tanh")[0][5:]),
    },
    "relu-lab": {"1.6667": lambda: nn.init.calculate_gain("tanh")},
    "relu-std": {
        "0.7071": lambda: math.sqrt(normal(lambda x: torch.relu(x) ** 2)),
        "0.5": lambda: normal(lambda x: torch.relu(x) ** 2),
        "0.3989": lambda: normal(torch.relu),
        "0.1592": lambda: normal(torch.relu) ** 2,
        "0.3408": lambda: LOST,
        "0.5838": lambda: math.sqrt(LOST),
    },
    "gain-why": {
        "1.7129": lambda: exact_ratio(torch.relu),
        "1.4142": lambda: nn.init.calculate_gain("relu"),
        "0.3408": lambda: LOST,
    },
    "kaiming": {"0.8256": lambda: math.sqrt(LOST / (1 / 2))},
    "kaiming-default": {
        "0.0884": lambda: math.sqrt(2 / 256),
        "0.01": lambda: math.sqrt(2 / nn.init.calculate_gain("leaky_relu") ** 2 - 1),
    },
    "mode": {
        "0.0442": lambda: math.sqrt(2 / 1024),
        "0.0884": lambda: math.sqrt(2 / 256),
        "0.0395": lambda: math.sqrt(2 / 1280),
    },
    "pairing": {
        "0.65": lambda: tanh_fixed_point(5 / 3),
        "0.7071": lambda: math.sqrt(1 / 2),
        "1.1785": lambda: 5 / 3 * math.sqrt(1 / 2),
        "1.04": lambda: 1 + 0.2**2,
    },
}
GIVEN = {"principle": {"1.1", "0.9"}, "pairing": {"0.2"}, "gain-why": {"0.01"}}
"""Decimals in a text that are no result: chosen factors, a slope, a bound of another test."""


def texts(part):
    """All text of a step as it stands in the file, without what `tutor check` evaluates itself."""
    if isinstance(part, dict):
        skip = ("value", "verify", "answer", "tolerance", "set", "terms")
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
    assert said - GIVEN.get(step, set()) == {f for f in FIGURES.get(step, {}) if "." in f}


# What the text says in words ----------------------------------------------------------------------------------


def test_the_fans_in_the_table_are_torchs():
    rows = re.findall(r"\| `(.+?)` \| \((.+?)\) \| (\d+) \| (\d+) \|", STEPS["fan"]["body"])
    assert len(rows) == 3
    for layer, shape, fan_in, fan_out in rows:
        weight = eval(f"nn.{layer}").weight
        assert tuple(weight.shape) == tuple(map(int, shape.split(", ")))
        assert nn.init._calculate_fan_in_and_fan_out(weight) == (int(fan_in), int(fan_out))


@pytest.mark.parametrize("fill", [nn.init.xavier_normal_, nn.init.kaiming_normal_])
def test_a_bias_is_refused(fill):
    with pytest.raises(ValueError, match="fewer than 2 dimensions"):
        fill(nn.Linear(3, 3).bias)


def test_a_transposed_convolution_gets_its_number_of_inputs_from_fan_out():
    weight = nn.ConvTranspose2d(16, 33, 3).weight
    assert nn.init._calculate_correct_fan(weight, "fan_out") == 16 * 9


def test_the_compromise_keeps_the_mean_of_both_conditions():
    w = nn.init.xavier_uniform_(torch.empty(300, 100))
    a = math.sqrt(6 / (300 + 100))
    assert w.abs().max().item() == pytest.approx(a, rel=1e-3) and w.abs().max().item() <= a
    forward, backward = 100 * w.var().item(), 300 * w.var().item()
    assert (forward + backward) / 2 == pytest.approx(1, rel=0.02)


def test_1000000_samples_come_as_close_to_the_exact_ratio_of_relu_as_the_text_says():
    assert abs(scales("relu", 1_000_000)[0] - exact_ratio(torch.relu)) < 0.01


def test_tanh_gradients_are_about_6000_times_as_large_at_layer_0_as_at_layer_99():
    gradients = deep(TANH, "tanh")[2]
    assert 5500 < gradients[0] / gradients[99] < 6500


def test_xavier_with_relu_loses_the_factor_that_the_text_names():
    stds, rms, _ = deep(XAVIER, "relu")
    assert (rms[99] / rms[0]) ** (1 / 99) == pytest.approx(math.sqrt(1 / 2), rel=0.01)
    assert stds[99] == pytest.approx(4.99e-16, rel=0.01)


def test_kaiming_with_relu_keeps_the_rms_on_average_and_drifts_with_the_seed():
    drifted = [deep(KAIMING, "relu", seed)[0][99] for seed in (1, 2, 3)]
    assert drifted == pytest.approx([0.667, 0.437, 1.925], rel=0.01)


@pytest.mark.parametrize("slope", [0, 0.01, 0.2, 1])
def test_the_leaky_variance_of_the_derivation_keeps_the_variance(slope):
    kept = normal(lambda x: nn.functional.leaky_relu(x, slope) ** 2)
    n = 256
    assert n * (2 / ((1 + slope**2) * n)) * kept == pytest.approx(1, rel=1e-5)
    assert nn.init.calculate_gain("leaky_relu", slope) == pytest.approx(math.sqrt(2 / (1 + slope**2)))


def test_the_defaults_of_kaiming_are_as_shown_and_a_counts_only_for_leaky_relu():
    w = torch.empty(1024, 256)
    torch.manual_seed(0)
    nn.init.kaiming_normal_(w)
    assert w.std().item() == pytest.approx(math.sqrt(2 / 256), rel=5e-3)
    a, mode, nonlinearity = nn.init.kaiming_normal_.__defaults__[:3]
    assert f"a={a}, mode={mode!r}, nonlinearity={nonlinearity!r})" in STEPS["kaiming-default"]["given"]
    assert nn.init.calculate_gain("relu", 3) == nn.init.calculate_gain("relu")


def through(fill, mode):
    """Factor on the rms forward, and on the gradients' std backward, of Linear(256, 1024) and relu."""
    torch.manual_seed(0)
    w = torch.empty(1024, 256)
    fill(w, mode=mode, nonlinearity="relu")
    x = torch.randn(2000, 256, requires_grad=True)
    y = torch.relu(x @ w.T)
    (g,) = torch.autograd.grad(y, x, torch.randn_like(y))
    return y.square().mean().sqrt().item(), g.std().item()


def test_fan_out_keeps_the_gradient_and_halves_the_rms_while_fan_in_keeps_the_rms_and_doubles_the_gradient():
    assert through(nn.init.kaiming_normal_, "fan_out") == pytest.approx((0.5, 1), rel=0.03)
    assert through(nn.init.kaiming_normal_, "fan_in") == pytest.approx((1, 2), rel=0.03)


def test_there_is_no_mode_fan_avg():
    with pytest.raises(ValueError, match=r"fan_avg.*'fan_in', 'fan_out'"):
        nn.init.kaiming_normal_(torch.empty(4, 4), mode="fan_avg")


@pytest.mark.parametrize("option", STEPS["pairing"]["options"], ids=lambda o: o["text"])
def test_exactly_the_pairs_marked_right_hold_the_scale(option):
    activation, code = re.fullmatch(r"(.+), `(.+)`", option["text"]).groups()
    activation = {"no activation": "none"}.get(activation, activation)
    assert (0.3 < deep(code, activation)[0][99] < 2) is option.get("right", False)
    if activation == "none":
        assert 5e14 < deep(code, activation)[0][99] < 5e15


def test_the_lines_in_order_initialize_a_model():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(nn.Conv2d(3, 64, 5), nn.ReLU())
            self.head = nn.Linear(1024, 256, bias=False)

    code, depth = "", 0
    for line in STEPS["model"]["lines"]:
        text = line["text"].strip("`")
        code += "    " * depth + text + "\n"
        depth += text.endswith(":")
    names = {"Net": Net, "nn": nn}
    torch.manual_seed(0)
    exec(code, names)
    model = names["model"]
    assert model.features[0].bias.abs().max() == 0
    assert model.features[0].weight.std().item() == pytest.approx(math.sqrt(2 / 75), rel=0.05)
    assert model.head.weight.std().item() == pytest.approx(math.sqrt(2 / 1024), rel=0.05)
    assert model.head.weight.requires_grad
