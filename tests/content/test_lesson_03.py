"""Lesson 3: its lab against the formulas in plain torch, and every figure and error text of its text against torch."""

import importlib.util
import itertools
import math
import re
from pathlib import Path

import pytest
import torch
import yaml
from torch import nn

from tutor.lesson import Note, Point, Table, Value

LESSONS = Path(__file__).parents[2] / "lessons"
FOLDER = LESSONS / "03_ten_initializers"
ENGLISH = yaml.safe_load((FOLDER / "lesson.yaml").read_text(encoding="utf-8"))
CHINESE = yaml.safe_load((FOLDER / "zh.yaml").read_text(encoding="utf-8"))
STEPS = {step["id"]: step for step in ENGLISH["steps"]}


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def load(file):
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LAB = load(FOLDER / "initializer.py")
DEFAULTS = {
    name: control.get("default", 1) for name, control in ENGLISH["labs"]["initializer"]["controls"].items()
}


class Measured:
    """What one run of the lab yielded, by name."""

    def __init__(self, **settings):
        self.yielded = list(LAB.run(**DEFAULTS | settings))
        self.values = {e.name: e.value for e in self.yielded if isinstance(e, Value)}
        (table,) = [e for e in self.yielded if isinstance(e, Table)]
        self.rows = {name: (measured, theory) for name, measured, theory in table.rows}

    def points(self, series):
        return [(e.x, e.y) for e in self.yielded if isinstance(e, Point) and e.series == series]


def hundred_layers(step):
    """The std after the last layer in lesson 1's lab, with what the step sets."""
    folder = LESSONS / "01_why_initialization"
    controls = yaml.safe_load((folder / "lesson.yaml").read_text(encoding="utf-8"))["labs"]["activation_std"][
        "controls"
    ]
    settings = {name: control.get("default", 1) for name, control in controls.items()} | STEPS[step]["set"]

    def last_std(**changed):
        yielded = load(folder / "activation_std.py").run(**settings | changed)
        return {e.name: e.value for e in yielded if isinstance(e, Value)}["last_std"]

    return last_std


# The lab --------------------------------------------------------------------------------------------------

MATRIX = {"rows": 512, "columns": 256}
CONV = {"rows": 64, "columns": 8, "kernel": 3}  # fan_in 72, fan_out 576
WIDE = {"rows": 8, "columns": 64, "kernel": 5}  # fan_in 1600, fan_out 200
VECTOR = {"rows": 4096, "columns": 0}
SHAPES = {id(MATRIX): (512, 256), id(CONV): (64, 8, 3, 3), id(WIDE): (8, 64, 5, 5), id(VECTOR): (4096,)}


def box(bound):
    return lambda w: w.uniform_(-bound, bound)


def bell(std):
    return lambda w: w.normal_(0, std)


def dirac(groups):
    def fill(w):
        w.zero_()
        outputs = w.size(0) // groups
        for group, channel in itertools.product(range(groups), range(min(outputs, w.size(1)))):
            w[group * outputs + channel, channel, 1, 1] = 1
        return w

    return fill


FORMULAS = [
    # init, shape, further settings, the same filled by hand, the theory's mean, its std
    ("xavier_uniform", MATRIX, {}, box(math.sqrt(6 / 768)), 0, math.sqrt(2 / 768)),
    ("xavier_uniform", CONV, {"gain": 2.0}, box(2 * math.sqrt(6 / 648)), 0, 2 * math.sqrt(2 / 648)),
    ("xavier_normal", WIDE, {}, bell(math.sqrt(2 / 1800)), 0, math.sqrt(2 / 1800)),
    ("kaiming_uniform", MATRIX, {}, box(math.sqrt(6 / 256)), 0, math.sqrt(2 / 256)),
    (
        "kaiming_uniform",
        CONV,
        {"mode": "fan_out", "nonlinearity": "tanh", "slope": 3.0},
        box(5 / 3 * math.sqrt(3 / 576)),
        0,
        5 / 3 / math.sqrt(576),
    ),
    ("kaiming_normal", MATRIX, {}, bell(math.sqrt(2 / 256)), 0, math.sqrt(2 / 256)),
    ("kaiming_normal", WIDE, {"slope": 2.0}, bell(math.sqrt(0.4 / 1600)), 0, math.sqrt(0.4 / 1600)),
    ("uniform", MATRIX, {}, lambda w: w.uniform_(0, 1), 0.5, math.sqrt(1 / 12)),
    ("uniform", VECTOR, {"a": -3.0}, lambda w: w.uniform_(-3, 1), -1, math.sqrt(16 / 12)),
    ("uniform", MATRIX, {"a": 1.0}, lambda w: w.uniform_(1, 1), 1, 0),
    ("normal", CONV, {}, bell(1), 0, 1),
    ("normal", VECTOR, {"mean": 2.0, "std": 0.5}, lambda w: w.normal_(2, 0.5), 2, 0.5),
    ("constant", MATRIX, {"val": 0.3}, lambda w: w.fill_(0.3), 0.3, 0),
    ("orthogonal", MATRIX, {}, nn.init.orthogonal_, 0, 1 / math.sqrt(512)),
    ("orthogonal", WIDE, {"gain": 3.0}, lambda w: nn.init.orthogonal_(w, 3), 0, 3 / math.sqrt(1600)),
    ("eye", MATRIX, {}, lambda w: w.copy_(torch.eye(512, 256)), 1 / 512, math.sqrt(511) / 512),
    ("sparse", MATRIX, {}, lambda w: nn.init.sparse_(w, 0.25), 0, 0.01 * math.sqrt(3 / 4)),
    (
        "sparse",
        MATRIX,
        {"sparsity": 0.9, "sparse_std": 2.0},
        lambda w: nn.init.sparse_(w, 0.9, 2),
        0,
        2 * math.sqrt(51 / 512),
    ),
    ("trunc_normal", MATRIX, {}, nn.init.trunc_normal_, 0, 0.8796256610342398),
    (
        "trunc_normal",  # the half-normal distribution: mean √(2/π), variance 1 − 2/π
        CONV,
        {"cut_a": 0.0, "cut_b": 10.0},
        lambda w: nn.init.trunc_normal_(w, a=0, b=10),
        math.sqrt(2 / math.pi),
        math.sqrt(1 - 2 / math.pi),
    ),
    ("dirac", CONV, {}, dirac(1), 8 / 4608, math.sqrt(8 / 4608 * 4600 / 4608)),
    ("dirac", CONV, {"groups": 4}, dirac(4), 32 / 4608, math.sqrt(32 / 4608 * 4576 / 4608)),
    ("zeros", CONV, {}, lambda w: w.fill_(0), 0, 0),
    ("ones", VECTOR, {}, lambda w: w.fill_(1), 1, 0),
    ("default_linear", MATRIX, {}, lambda w: w.copy_(nn.Linear(256, 512).weight), 0, 1 / math.sqrt(3 * 256)),
    ("default_linear", CONV, {}, lambda w: w.copy_(nn.Conv2d(8, 64, 3).weight), 0, 1 / math.sqrt(3 * 72)),
]
NAMES = [
    f"{init}-{'x'.join(map(str, SHAPES[id(shape)]))}-{k}" for k, (init, shape, *_) in enumerate(FORMULAS)
]


def test_every_initializer_of_the_lab_is_checked_here():
    assert {init for init, *_ in FORMULAS} == set(
        ENGLISH["labs"]["initializer"]["controls"]["init"]["options"]
    )


@pytest.mark.parametrize(("init", "shape", "further", "fill", "mean", "std"), FORMULAS, ids=NAMES)
@pytest.mark.parametrize("seed", [1, 7])
def test_lab_fills_what_the_formula_fills_and_promises_its_mean_and_std(
    init, shape, further, fill, mean, std, seed
):
    lab = Measured(init=init, seed=seed, **shape, **further)
    torch.manual_seed(seed)
    with torch.no_grad():
        w = fill(torch.empty(SHAPES[id(shape)])).double()

    for name, expected in [
        ("mean", w.mean()),
        ("std", w.std(correction=0)),
        ("min", w.min()),
        ("max", w.max()),
        ("zeros", (w == 0).double().mean()),
    ]:
        assert lab.values[name] == pytest.approx(expected.item(), rel=1e-5, abs=1e-9)
        assert lab.rows[name][0] == lab.values[name]
    assert lab.values["theory_mean"] == lab.rows["mean"][1] == pytest.approx(mean, abs=1e-12)
    assert lab.values["theory_std"] == lab.rows["std"][1] == pytest.approx(std, rel=1e-9, abs=1e-12)

    # Five standard errors; that of the std holds for any distribution, by its fourth moment.
    n, fourth = w.numel(), (w - w.mean()).pow(4).mean().item()
    assert abs(lab.values["mean"] - mean) <= 5 * std / math.sqrt(n) + 1e-7
    error_of_variance = math.sqrt(max(fourth - std**4, 0) / n)
    assert abs(lab.values["std"] ** 2 - std**2) <= 5 * error_of_variance + 1e-7
    assert lab.rows["min"][1] - 1e-6 <= w.min() and w.max() <= lab.rows["max"][1] + 1e-6
    assert lab.rows["zeros"][0] == lab.rows["zeros"][1]


@pytest.mark.parametrize(("init", "shape", "further", "fill", "mean", "std"), FORMULAS, ids=NAMES)
def test_histogram_counts_every_entry_and_the_curve_follows_it(init, shape, further, fill, mean, std):
    lab = Measured(init=init, **shape, **further)
    torch.manual_seed(1)
    with torch.no_grad():
        w = fill(torch.empty(SHAPES[id(shape)])).double()
    counted, expected = lab.points("histogram"), lab.points("theory")
    assert [x for x, _ in counted] == [x for x, _ in expected]
    assert sum(y for _, y in counted) == w.numel()
    assert sum(y for _, y in expected) == pytest.approx(w.numel(), rel=1e-3)
    width = counted[1][0] - counted[0][0]
    for (x, count), (_, promise) in zip(counted, expected, strict=True):
        inside = ((w >= x - width / 2) & (w < x + width / 2)).sum().item()
        assert abs(count - inside) <= 2  # an entry on the very edge of two intervals
        assert abs(count - promise) <= 6 * math.sqrt(promise) + 6


@pytest.mark.parametrize(
    ("mean", "std", "a", "b"),
    [(0, 1, -2, 2), (1, 0.5, -2, 2), (-1, 2, 0.5, 3), (4.5, 0.5, -2, 2), (0, 0.02, -2, 2)],
)
def test_truncated_normal_by_its_formula_is_the_integral_of_its_density(mean, std, a, b):
    x = torch.linspace(a, b, 400_001, dtype=torch.float64)
    p = torch.softmax(-(((x - mean) / std) ** 2) / 2, dim=0)
    expected = (p * x).sum()
    law = LAB.truncated(mean, std, a, b)
    assert law.mean == pytest.approx(expected.item(), rel=1e-4, abs=1e-6)
    assert law.std == pytest.approx((p * (x - expected) ** 2).sum().sqrt().item(), rel=1e-4)


def test_table_gives_the_fans_that_torch_counts():
    for shape in (MATRIX, CONV, WIDE):
        fan_in, fan_out = nn.init._calculate_fan_in_and_fan_out(torch.empty(SHAPES[id(shape)]))
        lab = Measured(**shape)
        assert lab.rows["fan_in"] == (fan_in, fan_in)
        assert lab.rows["fan_out"] == (fan_out, fan_out)
    assert "fan_in" not in Measured(init="normal", **VECTOR).rows


@pytest.mark.parametrize("init", ["orthogonal", "eye", "normal", "xavier_uniform", "zeros"])
def test_smallest_shape_works(init):
    lab = Measured(init=init, rows=1, columns=1)
    assert sum(y for _, y in lab.points("histogram")) == 1


def test_no_curve_is_drawn_where_there_is_no_formula_and_a_note_says_so():
    for settings in (
        {"init": "orthogonal", "rows": 4, "columns": 4},
        {"init": "trunc_normal", "mean": 9.0, "std": 0.5, "cut_a": 1.0},
    ):
        lab = Measured(**settings)
        assert not lab.points("theory") and lab.points("histogram")
        assert any(isinstance(e, Note) and e.zh for e in lab.yielded)


REFUSALS = [
    ({"init": "eye", "kernel": 3}, ValueError, "Only tensors with 2 dimensions are supported"),
    ({"init": "sparse", "kernel": 3}, ValueError, "Only tensors with 2 dimensions are supported"),
    ({"init": "dirac", "kernel": 0}, ValueError, "Only tensors with 3, 4, or 5 dimensions are supported"),
    ({"init": "dirac", "rows": 5, "kernel": 3, "groups": 2}, ValueError, "dim 0 must be divisible by groups"),
    (
        {"init": "kaiming_normal", "columns": 0},
        ValueError,
        "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
    ),
    (
        {"init": "orthogonal", "columns": 0},
        ValueError,
        "Only tensors with 2 or more dimensions are supported",
    ),
    (
        {"init": "uniform", "a": 2.0},
        RuntimeError,
        "uniform_ expects to return a [from, to) range, but found from=2 > to=1",
    ),
]


@pytest.mark.parametrize(("settings", "error", "message"), REFUSALS)
def test_what_torch_refuses_is_announced_and_then_said_in_its_own_words(settings, error, message):
    run = LAB.run(**DEFAULTS | settings)
    note = next(run)
    assert isinstance(note, Note) and settings["init"] in note.text and settings["init"] in note.zh
    with pytest.raises(error, match=re.escape(message)):
        next(run)


# The lesson's text ----------------------------------------------------------------------------------------


def texts(step):
    """All that a learner reads of a step, in English and in Chinese."""

    def strings(node):
        if isinstance(node, str):
            yield node
        elif isinstance(node, dict):
            yield from itertools.chain.from_iterable(map(strings, node.values()))
        elif isinstance(node, list):
            yield from itertools.chain.from_iterable(map(strings, node))

    return " ".join(strings(STEPS[step])), " ".join(strings(CHINESE["steps"][step]))


def says(step, quote, value):
    """`quote` stands in the step in both languages, and `value` rounded to its digits is just that."""
    for text in texts(step):
        assert re.search(rf"(?<![\d.]){re.escape(quote)}(?!\d)", text), f"{quote} is not in {step}"
    digits = quote.lower().split("e")[0].partition(".")[2]
    unit = 10.0 ** (int(quote.lower().partition("e")[2] or 0) - len(digits))
    assert abs(float(value) - float(quote)) <= unit / 2 * 1.0001, f"{quote} in {step} is {float(value)}"


def test_widths_of_xavier_and_kaiming():
    w = nn.Linear(256, 512).weight
    assert tuple(w.shape) == (512, 256)
    says("xavier-std", "0.0510", math.sqrt(2 / 768))
    assert nn.init.xavier_normal_(w).std().item() == pytest.approx(0.0510, rel=0.01)
    says("xavier-std", "0.0884", nn.init.xavier_uniform_(w).max().item())
    assert math.sqrt(2 / 256) == pytest.approx(math.sqrt(6 / 768))
    assert Measured(**STEPS["kaiming-lab"]["set"]).values["theory_std"] == pytest.approx(math.sqrt(2 / 256))
    says("kaiming-lab", "0.1531", Measured(init="kaiming_uniform").values["max"])
    says("kaiming-lab", "0.0625", Measured(init="kaiming_normal", mode="fan_out").values["theory_std"])
    says("kaiming-lab", "0.0295", Measured(init="kaiming_normal", kernel=3).values["theory_std"])


def test_uniform_is_not_centred_and_its_mean_takes_over_from_the_second_layer_on():
    assert Measured(**STEPS["uniform-lab"]["set"]).values["theory_mean"] == 0.5
    assert Measured(**STEPS["uniform-lab"]["set"]).values["min"] >= 0
    assert Measured(init="uniform", a=-0.0625, b=0.0625).values["theory_mean"] == 0
    torch.manual_seed(1)
    x = torch.randn(4096, 256)
    stds = []
    for _ in range(4):
        x = x @ nn.init.uniform_(torch.empty(256, 256)).T
        stds.append(x.std().item())
    assert stds[0] == pytest.approx(STEPS["uncentred"]["answer"], rel=0.03)
    says("uncentred", "9.2376", math.sqrt(256 / 3))
    assert [b / a for a, b in itertools.pairwise(stds[1:])] == pytest.approx([128, 128], rel=0.02)


def test_constant_weights_stay_one_row_however_long_they_are_trained():
    torch.manual_seed(1)
    given = {"nn": nn}
    exec(STEPS["symmetry"]["given"], given)
    net, x, y = given["net"], torch.randn(32, 3), torch.randn(32, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(100):
        optimizer.zero_grad()
        nn.functional.mse_loss(net(x), y).backward()
        optimizer.step()
    weight = net[0].weight.detach()
    assert (weight - 0.5).abs().max() > 0.01, "it has learned something"
    assert (weight - weight[0]).abs().max() < 1e-5
    assert STEPS["symmetry"]["answer"] == 1
    assert (weight[:, 0] - weight[:, 1]).abs().max() > 1e-3, "the columns differ"


def test_zero_weights_leave_only_the_last_bias_a_gradient():
    torch.manual_seed(1)
    given = {"nn": nn, "x": torch.randn(8, 3), "y": torch.randn(8, 2)}
    exec(STEPS["zeros"]["given"], given)
    moving = [name for name, p in given["net"].named_parameters() if p.grad.abs().max() > 0]
    assert moving == ["2.bias"]
    assert STEPS["zeros"]["options"][0]["right"] is True


def test_orthogonal_keeps_lengths_by_shape():
    torch.manual_seed(1)
    square, tall, flat = (nn.init.orthogonal_(torch.empty(s)) for s in ((256, 256), (512, 256), (256, 512)))
    assert torch.allclose(square @ square.T, torch.eye(256), atol=1e-5)
    x, y = torch.randn(256, 1000), torch.randn(512, 1000)
    assert torch.allclose((square @ x).norm(dim=0), x.norm(dim=0), rtol=1e-4)
    assert torch.allclose((tall @ x).norm(dim=0), x.norm(dim=0), rtol=1e-4)
    assert ((flat @ y).norm(dim=0) ** 2 / y.norm(dim=0) ** 2).mean().item() == pytest.approx(0.5, rel=0.01)
    kernels = nn.init.orthogonal_(torch.empty(8, 4, 3, 3)).flatten(1)
    assert torch.allclose(kernels @ kernels.T, torch.eye(8), atol=1e-5)
    assert tall.std().item() == pytest.approx(STEPS["orthogonal-std"]["answer"], rel=1e-3)
    says("orthogonal-std", "0.0442", 1 / math.sqrt(512))


def test_hundred_orthogonal_layers_hold_and_xavier_drifts():
    last_std = hundred_layers("orthogonal-100")
    says("orthogonal-100", "0.989", last_std())
    says("orthogonal-100", "1.22", last_std(init="xavier_normal"))
    assert last_std(activation="tanh") < 0.2


def test_identity_as_it_is_printed():
    assert f"# {nn.init.eye_(torch.empty(3, 5))}".replace("\n", "\n# ") in STEPS["identity"]["body"]
    conv = nn.Conv2d(6, 16, 3, padding=1, bias=False)
    nn.init.dirac_(conv.weight)
    x = torch.randn(2, 6, 5, 5)
    assert torch.equal(conv(x)[:, :6], x) and not conv(x)[:, 6:].any()
    assert conv.weight.sum() == STEPS["dirac"]["answer"] == 6
    grouped = nn.Conv2d(12, 16, 3, groups=2)
    assert grouped.weight.shape == conv.weight.shape
    assert nn.init.dirac_(grouped.weight, groups=2).sum() == 12


def test_sparse_rounds_up_in_every_column():
    w = torch.empty(10, 4)
    nn.init.sparse_(w, sparsity=0.25)
    assert (w == 0).sum(0).tolist() == [3, 3, 3, 3]
    lab = Measured(init="sparse", sparsity=0.9)
    assert math.ceil(0.9 * 512) == 461 and lab.values["zeros"] == 461 / 512
    says("any-lab", "0.0032", lab.values["theory_std"])
    says("any-lab", "461", 461)


def test_trunc_normal_cuts_at_values_not_at_standard_deviations():
    torch.manual_seed(1)
    w = nn.init.trunc_normal_(torch.empty(100_000), std=0.02)
    assert w.std().item() == pytest.approx(0.02, rel=0.01) and w.abs().max() > 0.07
    assert nn.init.trunc_normal_(torch.empty(100_000), std=0.02, a=-0.04, b=0.04).abs().max() <= 0.04
    assert STEPS["truncated"]["answer"] == 2 / 0.02


def test_bias_is_refused_with_the_words_quoted():
    layer = nn.Linear(256, 128)
    for fill in (
        nn.init.kaiming_normal_,
        nn.init.kaiming_uniform_,
        nn.init.xavier_normal_,
        nn.init.xavier_uniform_,
    ):
        with pytest.raises(ValueError) as refused:
            fill(layer.bias)
        for text in texts("vector"):
            assert str(refused.value) in text
    with pytest.warns(UserWarning, match="zero-element"):
        nn.init.kaiming_normal_(torch.empty(0))


def test_default_of_linear_and_conv():
    for layer in (nn.Linear(256, 4096), nn.Conv2d(64, 4096, 2)):
        fan_in = nn.init._calculate_fan_in_and_fan_out(layer.weight)[0]
        for tensor in (layer.weight, layer.bias):
            assert tensor.abs().max().item() == pytest.approx(1 / math.sqrt(fan_in), rel=0.01)
            assert tensor.abs().max().item() <= 1 / math.sqrt(fan_in)
            assert tensor.std().item() == pytest.approx(1 / math.sqrt(3 * fan_in), rel=0.05)
    assert nn.init.calculate_gain("leaky_relu", math.sqrt(5)) == pytest.approx(1 / math.sqrt(3))


def test_default_fades_over_a_hundred_layers():
    layer, x = nn.Linear(256, 256, bias=False), torch.randn(10_000, 256)
    assert (layer(x).std() / x.std()).item() == pytest.approx(STEPS["default-factor"]["answer"], rel=0.03)
    last_std = hundred_layers("default-100")
    assert last_std() == pytest.approx((1 / math.sqrt(3)) ** 100, rel=0.2)
    for text in texts("choose"):
        assert "1e-24" in text
    says("default-100", "2.5e-40", last_std(activation="relu"))
    says("default-100", "1.2e-38", torch.finfo(torch.float32).tiny)
    says("default-100", "0.408", math.sqrt(1 / 6))
    y = torch.relu(layer(x))
    assert (y.square().mean() / x.square().mean()).sqrt().item() == pytest.approx(1 / math.sqrt(6), rel=0.03)


def test_biases_hide_that_the_default_forgets_its_input():
    says("default-why", "0.19", 1 / math.sqrt(27))
    torch.manual_seed(1)
    x, stds, apart = torch.randn(64, 256), [], []
    with torch.no_grad():
        for layer in [nn.Linear(256, 256) for _ in range(100)]:
            x = layer(x)
            stds.append(x.std().item())
            apart.append(x.std(0).mean().item())
    says("default-why", "0.044", 1 / math.sqrt(512))
    assert sum(stds[20:]) / 80 == pytest.approx(1 / math.sqrt(512), rel=0.03)
    assert apart[20] < 1e-4 < 0.5 < apart[0]


def test_only_no_grad_lets_a_parameter_be_filled():
    layer = nn.Linear(256, 128)
    with pytest.raises(RuntimeError) as refused:
        layer.weight.normal_(std=0.02)
    for text in texts("in-place"):
        assert str(refused.value) in text
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    assert nn.init.normal_(layer.weight, std=0.02) is layer.weight
    assert optimizer.param_groups[0]["params"][0] is layer.weight and layer.weight.requires_grad


def test_ordered_lines_run_and_give_the_same_net_twice(capsys):
    lines = [line["text"].strip("`") for line in STEPS["model"]["lines"]]
    lines = [" " * indent + line for indent, line in zip([0, 0, 0, 4, 8, 0], lines, strict=True)]

    def built(program):
        run = {"torch": torch, "nn": nn}
        exec("\n".join(program), run)
        return run["model"].state_dict()

    first, second = built(lines), built(lines)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert float(re.search(r"0\.\d+", capsys.readouterr().out)[0]) == pytest.approx(0.2236, rel=0.15)
    says("model", "0.2236", math.sqrt(2 / 40))
    says("model", "0.1021", 1 / math.sqrt(96))
    seed_too_late = [lines[1], lines[0], *lines[2:]]
    assert not torch.equal(built(seed_too_late)["0.weight"], built(seed_too_late)["0.weight"])


def test_choices_hold():
    torch.manual_seed(1)
    state = torch.randn(64)
    length, w = state.norm().item(), nn.init.orthogonal_(torch.empty(64, 64))
    for _ in range(1000):
        state = w @ state
    assert state.norm().item() == pytest.approx(length, rel=1e-3)
    with pytest.raises(TypeError):
        nn.init.constant_(torch.empty(3))
    assert torch.equal(nn.init.ones_(torch.empty(4, 256)) @ torch.ones(256), torch.full((4,), 256.0))
