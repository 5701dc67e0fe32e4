"""Lesson 1: its lab gives what a plain torch loop gives, and every figure in its text is what torch computes."""

import functools
import importlib.util
import inspect
import json
import math
from pathlib import Path

import pytest
import torch
import yaml
from torch import nn

from tutor.lesson import Note, Point, Value

FOLDER = Path(__file__).parents[2] / "lessons" / "01_why_initialization"
ENGLISH = yaml.safe_load((FOLDER / "lesson.yaml").read_text(encoding="utf-8"))
CHINESE = yaml.safe_load((FOLDER / "zh.yaml").read_text(encoding="utf-8"))
STEPS = {step["id"]: step for step in ENGLISH["steps"]}
CONTROLS = ENGLISH["labs"]["activation_std"]["controls"]
DEFAULTS = {name: control["default"] for name, control in CONTROLS.items()}


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@functools.cache
def lab():
    spec = importlib.util.spec_from_file_location("activation_std", FOLDER / "activation_std.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Measured:
    """What one run of the lab yielded, by name."""

    def __init__(self, **settings):
        self.yielded = list(lab().run(**{**DEFAULTS, **settings}))
        self.values = {item.name: item.value for item in self.yielded if isinstance(item, Value)}
        self.notes = [item for item in self.yielded if isinstance(item, Note)]

    def points(self, series):
        return [(p.x, p.y) for p in self.yielded if isinstance(p, Point) and p.series == series]

    def curve(self, series):
        points = sorted(self.points(series))
        assert [x for x, _ in points] == list(range(len(points)))
        return [y for _, y in points]


class Plain:
    """The same experiment as a plain loop, with the initializers written out as their formulas."""

    def __init__(self, fill, activation, layers=100, width=256, batch=16, seed=1):
        torch.manual_seed(seed)
        self.linears = [nn.Linear(width, width, bias=False) for _ in range(layers)]
        with torch.no_grad():
            for linear in self.linears:
                fill(linear.weight)
        x = torch.randn(batch, width)
        self.x = []
        for linear in self.linears:
            x = activation(linear(x))
            x.retain_grad()
            self.x.append(x)
        x.pow(2).mean().backward()
        self.stds = [x.std().item() for x in self.x]
        self.gradient_stds = [x.grad.std().item() for x in self.x]
        self.weight_gradient_stds = [linear.weight.grad.std().item() for linear in self.linears]


def linear(x):
    return x


@functools.cache
def plain(std, activation=linear):
    return Plain(lambda w: w.normal_(0, std), activation)


@functools.cache
def relu_with_xavier():
    a = math.sqrt(6 / (256 + 256))
    return Plain(lambda w: w.uniform_(-a, a), torch.relu)


# The lab --------------------------------------------------------------------------------------------------

SAME = [
    ({}, lambda w: w.normal_(0, 1), linear),
    ({"std": 0.01}, lambda w: w.normal_(0, 0.01), linear),
    ({"std": 0.0625, "seed": 7}, lambda w: w.normal_(0, 1 / 16), linear),
    ({"activation": "tanh"}, lambda w: w.normal_(0, 1), torch.tanh),
    (
        {"init": "uniform", "bound": 0.2, "activation": "sigmoid"},
        lambda w: w.uniform_(-0.2, 0.2),
        torch.sigmoid,
    ),
    (
        {"init": "xavier_uniform", "gain": 5 / 3, "activation": "tanh"},
        lambda w: w.uniform_(-5 / 3 * math.sqrt(6 / 512), 5 / 3 * math.sqrt(6 / 512)),
        torch.tanh,
    ),
    (
        {"init": "xavier_normal", "gain": 1.5, "activation": "relu", "width": 64, "batch": 5},
        lambda w: w.normal_(0, 1.5 * math.sqrt(2 / 128)),
        torch.relu,
    ),
    (
        {"init": "kaiming_uniform", "activation": "leaky_relu", "layers": 30},
        lambda w: w.uniform_(-math.sqrt(6 / 256 / (1 + 0.01**2)), math.sqrt(6 / 256 / (1 + 0.01**2))),
        lambda x: torch.where(x > 0, x, 0.01 * x),
    ),
    (
        {"init": "kaiming_normal", "activation": "relu"},
        lambda w: w.normal_(0, math.sqrt(2 / 256)),
        torch.relu,
    ),
    (
        {"init": "kaiming_normal", "activation": "tanh", "layers": 20},
        lambda w: w.normal_(0, math.sqrt(2 / 256)),
        torch.tanh,
    ),
    (
        {"init": "orthogonal", "gain": 1.1, "layers": 10, "width": 64},
        lambda w: nn.init.orthogonal_(w).mul_(1.1),
        linear,
    ),
    ({"init": "default", "activation": "relu", "layers": 40}, lambda w: w, torch.relu),
    ({"init": "constant", "value": 1 / 256, "layers": 20}, lambda w: w.fill_(1 / 256), linear),
]


@pytest.mark.parametrize(("settings", "fill", "activation"), SAME, ids=[str(row[0]) for row in SAME])
def test_the_lab_gives_what_a_plain_loop_gives(settings, fill, activation):
    measured = Measured(**settings)
    sizes = {name: settings[name] for name in ("layers", "width", "batch", "seed") if name in settings}
    expected = Plain(fill, activation, **sizes)

    def same(values):
        return pytest.approx(values, rel=1e-4 if "tanh" in str(settings) else 1e-6, abs=0, nan_ok=True)

    assert measured.curve("activation_std") == same(expected.stds)
    assert measured.curve("gradient_std") == same(expected.gradient_stds)
    assert measured.curve("dead") == pytest.approx([(x == 0).sum().item() / x.numel() for x in expected.x])
    assert measured.values["first_nonfinite_std"] == next(
        (k for k, s in enumerate(expected.stds) if not math.isfinite(s)), None
    )
    assert measured.values["first_nonfinite_activation"] == next(
        (k for k, x in enumerate(expected.x) if x.isinf().any() or x.isnan().any()), None
    )
    assert measured.values["first_zero_std"] == (expected.stds.index(0) if 0 in expected.stds else None)
    assert measured.values["last_std"] == same(expected.stds[-1])


def test_the_defaults_are_the_course_s_first_experiment():
    measured = Measured()
    stds = measured.curve("activation_std")
    assert stds[:5] == pytest.approx([15.9599, 256.624, 4107.25, 65576.8, 1.04501e6], rel=1e-5)
    assert stds[29] == pytest.approx(1.32298e36, rel=1e-5)
    assert all(math.isnan(s) for s in stds[30:])
    assert measured.values["first_nonfinite_std"] == 30
    assert measured.values["first_nonfinite_activation"] == 31
    assert measured.values["first_nonfinite_gradient"] == 99


def test_every_init_and_every_activation_of_the_controls_runs():
    for init in CONTROLS["init"]["options"]:
        for activation in CONTROLS["activation"]["options"]:
            stds = Measured(init=init, activation=activation, layers=2, width=8, batch=2).curve(
                "activation_std"
            )
            assert all(math.isfinite(s) for s in stds), (init, activation)


def test_a_point_comes_as_soon_as_its_layer_is_computed(monkeypatch):
    computed = []
    forward = nn.Linear.forward
    monkeypatch.setattr(nn.Linear, "forward", lambda self, x: computed.append(self) or forward(self, x))
    first = next(item for item in lab().run(**{**DEFAULTS, "layers": 5}) if isinstance(item, Point))
    assert first.x == 0 and len(computed) == 1


def test_the_gradient_is_told_from_the_output_back():
    assert [x for x, _ in Measured(layers=4, width=8).points("gradient_std")] == [3, 2, 1, 0]


@pytest.mark.parametrize(
    "settings",
    [
        {"layer": 0},
        {"layer": 29},
        {"layer": 10, "activation": "tanh"},
        {"layer": 3, "init": "constant", "value": 0.0},
        {"layer": 9, "init": "constant", "value": 1.0, "batch": 1},
        {"layer": 150},
    ],
)
def test_the_histogram_counts_every_activation_of_its_layer(settings):
    settings = {"layers": 30, **settings}
    bars = Measured(**settings).points("histogram")
    assert len(bars) == 40
    assert sum(count for _, count in bars) == settings.get("batch", 16) * 256
    assert [x for x, _ in bars] == sorted({x for x, _ in bars})


def test_the_bars_stand_over_the_activations_they_count():
    x = plain(1.0).x[10].detach().double()
    bars = Measured(layer=10).points("histogram")
    half = (bars[1][0] - bars[0][0]) / 2
    for centre, count in bars:
        assert ((x > centre - half * 0.999) & (x < centre + half * 0.999)).sum() <= count
        assert count <= ((x >= centre - half * 1.001) & (x <= centre + half * 1.001)).sum()


def test_a_layer_without_finite_activations_gets_a_sentence_for_its_histogram():
    measured = Measured(layer=31)
    assert measured.points("histogram") == []
    (note,) = measured.notes
    assert "31" in note.text and "31" in note.zh and "inf" in note.zh


def test_the_controls_are_the_parameters_of_the_lab():
    assert list(CONTROLS) == list(inspect.signature(lab().run).parameters)


# The figures in the text ----------------------------------------------------------------------------------


def x30():
    return plain(1.0).x[30].detach().double()


def slope():
    x = plain(1.0, torch.tanh).x[10].detach()
    return 1 - x * x


def mean_of_slope_squared():
    """E(slope²) of tanh(Z), Z normal with the std that 256 weights of std 1 and inputs of std 0.97411 give."""
    spread = 16 * 0.97411
    z = torch.linspace(-40, 40, 400_001, dtype=torch.float64)
    density = torch.exp(-((z / spread) ** 2) / 2) / (spread * math.sqrt(2 * math.pi))
    return torch.trapezoid((1 - torch.tanh(z) ** 2) ** 2 * density, z).item()


def tanh_growth():
    """The factor a layer on the way from layer 99 to layer 20."""
    g = plain(1.0, torch.tanh).gradient_stds
    return (g[20] / g[99]) ** (1 / 79)


FLOAT32 = torch.finfo(torch.float32)
FIGURES = [
    # step, the figure as the text writes it, what torch makes of it
    ("one-layer", "15.96", lambda: plain(1.0).stds[0]),
    ("explode", "3.4e38", lambda: FLOAT32.max),
    ("border", "3.4e38", lambda: FLOAT32.max),
    ("border", "2.1e37", lambda: 16.0**31),
    ("thirty", "30", lambda: next(k for k, s in enumerate(plain(1.0).stds) if not math.isfinite(s))),
    ("thirty", "31", lambda: next(k for k, x in enumerate(plain(1.0).x) if not x.isfinite().all())),
    ("thirty", "8.3e37", lambda: x30().abs().max().item()),
    ("thirty", "2.08e37", lambda: x30().std().item()),
    ("thirty", "−7.5e38", lambda: x30().sum().item()),
    ("thirty", "4096", lambda: x30().numel()),
    ("shrink", "0.16", lambda: math.sqrt(256) * 0.01),
    ("vanish", "1.4e-45", lambda: torch.nextafter(torch.tensor(0.0), torch.tensor(1.0)).item()),
    ("other-end", "2.7e-45", lambda: 0.16**56),
    ("other-end", "4.3e-46", lambda: 0.16**57),
    ("other-end", "56", lambda: plain(0.01).stds.index(0)),
    ("other-end", "1.2e-38", lambda: FLOAT32.tiny),
    ("hold", "0.0884", lambda: math.sqrt(2 / 256)),
    ("hold-lab", "0.8", lambda: 16 * 0.05),
    ("hold-lab", "1.44", lambda: 16 * 0.09),
    ("consistency", "2.5e-10", lambda: plain(0.05).stds[99]),
    ("consistency", "1.22", lambda: plain(0.0625).stds[99]),
    ("consistency", "8.4e15", lambda: plain(0.09).stds[99]),
    ("tanh", "0.97", lambda: min(plain(1.0, torch.tanh).stds)),
    ("tanh-why", "87", lambda: 100 * (plain(1.0, torch.tanh).x[10].abs() > 0.99).float().mean().item()),
    ("tanh-why", "0.02", lambda: 1 - 0.99**2),
    ("tanh-why", "0.05", lambda: slope().mean().item()),
    ("tanh-why", "0.0341", mean_of_slope_squared),
    ("tanh-why", "2.95", lambda: 16 * math.sqrt(mean_of_slope_squared())),
    ("tanh-why", "2.9", tanh_growth),
    ("tanh-why", "4.8e-4", lambda: plain(1.0, torch.tanh).gradient_stds[99]),
    ("everywhere", "0.58", lambda: relu_with_xavier().stds[0]),
    ("everywhere", "1.6e-8", lambda: relu_with_xavier().stds[50]),
    ("everywhere", "5.0e-16", lambda: relu_with_xavier().stds[99]),
    ("everywhere", "2.3e-33", lambda: relu_with_xavier().gradient_stds[0]),
    ("everywhere", "6.7e-26", lambda: relu_with_xavier().gradient_stds[50]),
    ("everywhere", "2.4e-19", lambda: relu_with_xavier().gradient_stds[99]),
    ("everywhere", "7.4e-16", lambda: relu_with_xavier().stds[98]),
    ("everywhere", "1.1e-33", lambda: 1.6e-8 * 6.7e-26),
    ("everywhere", "2.5e-32", lambda: max(relu_with_xavier().weight_gradient_stds)),
    ("everywhere", "1e15", lambda: relu_with_xavier().stds[0] / relu_with_xavier().stds[99]),
]


@pytest.mark.parametrize(("step", "quoted", "computed"), FIGURES, ids=[f"{s} {q}" for s, q, _ in FIGURES])
def test_a_figure_in_the_text_is_what_torch_computes(step, quoted, computed):
    assert quoted in json.dumps(STEPS[step], ensure_ascii=False), "the text does not say this any more"
    digits = len(quoted.lstrip("−0.").split("e")[0].replace(".", ""))
    assert float(f"{computed():.{digits - 1}e}") == float(quoted.replace("−", "-"))


def test_the_std_of_layer_30_fails_in_the_sum_for_the_mean_and_not_in_the_squares():
    thirty, before = (plain(1.0).x[k].detach() for k in (30, 29))
    assert thirty.isfinite().all() and abs(x30().sum().item()) > FLOAT32.max
    assert thirty.sum().isnan() and thirty.mean().isnan() and thirty.std().isnan()
    assert before.square().sum().isinf()  # the squares of layer 29 are beyond float32 as well ...
    assert before.std().item() == pytest.approx(
        before.double().std().item(), rel=1e-5
    )  # ... and harm nothing


def test_with_small_weights_every_gradient_is_exactly_0():
    small = plain(0.01)
    assert set(small.gradient_stds) == {0.0} and set(small.weight_gradient_stds) == {0.0}


def test_with_saturated_tanh_the_gradient_overflows_before_layer_0():
    measured = Measured(activation="tanh")
    assert measured.values["first_nonfinite_std"] is None
    assert 8 <= measured.values["first_nonfinite_gradient"] <= 16  # chaotic: not the same layer on every CPU


def test_the_slopes_near_0_make_up_the_mean_square_of_all_slopes():
    squares = slope() ** 2
    assert squares[plain(1.0, torch.tanh).x[10].detach().abs() < 0.99].sum() > 0.99 * squares.sum()


def test_the_weight_gradients_of_a_relu_net_have_one_size():
    sizes = relu_with_xavier().weight_gradient_stds
    assert min(sizes) > 3.7e-33 and max(sizes) < 2.5e-32


def test_the_weight_gradients_of_a_sigmoid_net_do_vanish_while_its_activations_do_not():
    sigmoid = Plain(nn.init.xavier_uniform_, torch.sigmoid)
    assert min(sigmoid.stds) > 0.1
    assert sigmoid.weight_gradient_stds[0] == 0 and sigmoid.weight_gradient_stds[99] > 1e-4


def test_the_gradient_grows_by_2_through_a_layer_with_4_times_as_many_outputs():
    torch.manual_seed(1)
    layer = nn.Linear(256, 1024, bias=False)
    nn.init.normal_(layer.weight, 0, 0.0625)
    x = torch.randn(256, 256, requires_grad=True)
    out = layer(x)
    out.backward(torch.randn_like(out))
    assert out.std().item() == pytest.approx(1, rel=0.02) and x.grad.std().item() == pytest.approx(
        2, rel=0.02
    )


def test_neurons_with_equal_weights_stay_equal_in_training_and_zeros_get_no_gradient():
    torch.manual_seed(1)
    x, target = torch.randn(32, 8), torch.randn(32, 4)

    def net(value):
        layers = [nn.Linear(8, 16, bias=False), nn.Linear(16, 16, bias=False), nn.Linear(16, 4, bias=False)]
        for layer in layers:
            nn.init.constant_(layer.weight, value)
        return layers

    def step(layers):
        a, b, c = layers
        loss = (c(torch.tanh(b(torch.tanh(a(x))))) - target).square().mean()
        for layer in layers:
            layer.weight.grad = None
        loss.backward()
        with torch.no_grad():
            for layer in layers:
                layer.weight -= 0.1 * layer.weight.grad

    equal = net(1 / 16)
    before = equal[0].weight.clone()
    for _ in range(20):
        step(equal)
    assert not torch.allclose(equal[0].weight, before)
    for hidden in equal[:2]:
        torch.testing.assert_close(hidden.weight, hidden.weight[:1].expand_as(hidden.weight))

    zero = net(0.0)
    step(zero)
    assert all(layer.weight.grad.count_nonzero() == 0 for layer in zero)


def test_filling_a_weight_in_place_needs_no_data_and_fails_outside_nn_init():
    layer = nn.Linear(4, 4, bias=False)
    torch.manual_seed(1)
    filled = nn.init.normal_(layer.weight, 0, 1).clone()
    torch.manual_seed(1)
    nn.init.normal_(layer.weight.data, 0, 1)
    assert torch.equal(filled, layer.weight)
    with pytest.raises(RuntimeError) as error:
        layer.weight.normal_()
    assert "a leaf Variable that requires grad is being used in an in-place operation" in str(error.value)
    assert str(error.value).rstrip(".") in " ".join(STEPS["fill"]["body"].split())


def test_drawing_the_input_before_the_weights_gives_other_numbers():
    torch.manual_seed(1)
    first = torch.randn(16, 256)
    torch.manual_seed(1)
    nn.Linear(256, 256, bias=False)
    assert not torch.equal(first, torch.randn(16, 256))


# Both languages -------------------------------------------------------------------------------------------


def test_the_chinese_quotes_the_same_figures():
    for step, quoted, _ in FIGURES:
        given = STEPS[step].get("given", "")
        if quoted not in given:
            assert quoted in json.dumps(CHINESE["steps"][step], ensure_ascii=False), (step, quoted)
