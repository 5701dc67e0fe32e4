"""Lesson 10 against torch: what it quotes, what it says in words, its generators, and the lab `regression_curves`."""

import math
import random
import warnings

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.content.quoting import Lesson, defaults
from tutor.lesson import Point, Value

LESSON = Lesson("10_regression")
T = torch.tensor
TARGETS = T([1.0, 2.0, 3.0, 4.0, 100.0])
POISSON = T([0.5, 1.0, 1.5]), T([1.0, 2.0, 5.0])

FIGURES = [
    *(2.5, 0.5, 0.2, 0.1, 0.3, 1.5),  # given in the text, or checked by `verify`
    F.l1_loss(T([2.5, 0, 2]), T([3, -0.5, 2])),
    2.5,
    F.l1_loss(T([22.0]).expand(5), TARGETS),
    F.l1_loss(T([3.0]).expand(5), TARGETS),
    50.5,
    100 / 103,
    12 / 9,
    F.smooth_l1_loss(T(2.5), T(2.0)),
    F.poisson_nll_loss(T(0.5), T(1.0)),
    math.exp(0.5),
    math.log(5),
    F.poisson_nll_loss(T(5.0).log(), T(5.0)),
    math.lgamma(6),
    math.lgamma(6) + F.poisson_nll_loss(T(5.0).log(), T(5.0)),
    *F.poisson_nll_loss(*POISSON, reduction="none").tolist(),
    *(3.5, 0.8, 1.8),  # given
    F.mse_loss(T(1.0), T(3.5)),
    *F.smooth_l1_loss(T([0.8, 1.8]), T([0.0, 0.0]), reduction="none").tolist(),
    math.e,
    F.poisson_nll_loss(T(1.0), T(2.0)),
]


def test_every_decimal_in_the_text_is_a_figure_that_torch_gives():
    assert LESSON.unheard_decimals(FIGURES) == []


def test_the_signatures_in_the_text_have_torchs_own_defaults():
    quoted = LESSON.signatures()
    assert set(quoted) == {"L1Loss", "MSELoss", "SmoothL1Loss", "PoissonNLLLoss"}
    for name, arguments in quoted.items():
        assert dict(part.split("=") for part in arguments.split(", ")) == defaults(name)


def test_every_message_in_the_text_comes_from_really_making_the_mistake():
    def raised(call):
        with pytest.raises(Exception) as caught:
            call()
        return f"{caught.typename}: {caught.value}"

    long = T([1, 2]), T([3, 5])
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        nn.MSELoss()(T([[1.0], [2.0], [3.0]]), T([1.0, 2.0, 3.0]))
    said = {
        "l1-long": [raised(lambda: nn.L1Loss()(*long)), raised(lambda: nn.MSELoss()(*long))],
        "broadcast": [f"{warned[0].category.__name__}: {warned[0].message}"],
        "smooth": [raised(lambda: nn.SmoothL1Loss(beta=-1)(T([1.0]), T([2.0])))],
        "which-regression": [
            raised(lambda loss=loss: loss()(torch.ones(3), torch.ones(2)))
            for loss in (nn.L1Loss, nn.MSELoss, nn.SmoothL1Loss)
        ],
    }
    for step, messages in said.items():
        for message in messages:
            assert message in " ".join(
                str(LESSON.steps[step]).replace("\\n", " ").replace("\\'", "'").split()
            ), message
    assert nn.L1Loss(reduction="sum")(*long) == 5
    poisson = raised(lambda: nn.PoissonNLLLoss()(torch.ones(3), torch.ones(2)))
    swapped = poisson.replace("a (2)", "a (3)").replace("b (3)", "b (2)")
    assert swapped == said["which-regression"][0] != poisson, "it names y first"


@pytest.mark.parametrize(("loss", "best"), [(F.l1_loss, 3.0), (F.mse_loss, 22.0)])
def test_the_best_constants_are_the_median_and_the_mean(loss, best):
    costs = {c: loss(T([c]).expand(5), TARGETS).item() for c in [best, *torch.linspace(0, 100, 401).tolist()]}
    assert min(costs, key=costs.get) == pytest.approx(best)


def test_huber_is_delta_times_smooth_l1():
    d = torch.linspace(-5, 5, 101)
    for delta in (0.5, 1.0, 2.0):
        smooth = F.smooth_l1_loss(d, torch.zeros_like(d), beta=delta)
        assert torch.isclose(F.huber_loss(d, torch.zeros_like(d), delta=delta), delta * smooth)
    assert torch.equal(F.smooth_l1_loss(d, 0 * d, beta=0.0), F.l1_loss(d, 0 * d))
    with pytest.raises(RuntimeError):
        F.huber_loss(d, 0 * d, delta=0.0)


def test_l1_jumps_to_and_fro_around_its_goal():
    x = T([0.2], requires_grad=True)
    optimizer = torch.optim.SGD([x], lr=0.5)
    seen = []
    for _ in range(4):
        optimizer.zero_grad()
        F.l1_loss(x, T([0.0])).backward()
        optimizer.step()
        seen.append(x.item())
    assert seen == pytest.approx([-0.3, 0.2, -0.3, 0.2])
    corner = T([1.0], requires_grad=True)
    F.l1_loss(corner, T([1.0])).backward()
    assert corner.grad == 0


def test_full_adds_nearly_the_factorial_and_only_above_1():
    y = T([0.0, 1.0, 2.0, 5.0])
    added = F.poisson_nll_loss(0 * y, y, full=True, reduction="none") - F.poisson_nll_loss(
        0 * y, y, reduction="none"
    )
    assert added[:2].tolist() == [0, 0]
    assert added[3].item() == pytest.approx(math.lgamma(6), rel=5e-3)


def test_the_curves_are_torchs_losses_and_their_slopes():
    emissions = list(LESSON.module("regression_curves").run(beta=2.0, count=3.0, reach=3.0))
    points = {}
    for each in emissions:
        if isinstance(each, Point):
            points.setdefault(each.series, {})[round(each.x, 6)] = each.y
    assert [points[name][-3] for name in ("l1", "mse", "smooth")] == pytest.approx([3, 9, 2])
    assert points["smooth"][1.0] == pytest.approx(0.25)
    assert points["poisson"][0] == pytest.approx(0) and points["poisson"][1.0] == pytest.approx(
        3 * (math.e - 2)
    )
    assert min(points["poisson"].values()) == pytest.approx(0)
    assert [points[f"{name}_slope"][1.0] for name in ("l1", "smooth", "mse")] == pytest.approx([1, 0.5, 2])
    assert points["poisson_slope"][1.0] == pytest.approx(3 * (math.e - 1))
    assert [each.value for each in emissions if isinstance(each, Value)] == [pytest.approx(1)]


# The generators -----------------------------------------------------------------------------------------------


def by_hand(name, f):
    """The answer from what the learner is shown, without torch."""
    if name == "poisson_log":
        return math.exp(f["x"]) - f["y"] * f["x"]
    if name == "poisson_rate":
        return f["x"] - f["y"] * math.log(f["x"])
    x, y = (eval(str(f[key])) for key in ("x", "y"))
    d = [a - b for a, b in zip(x, y, strict=True)] if isinstance(x, list) else [x - y]
    sign = [math.copysign(1, v) if v else 0 for v in d]
    beta = f.get("beta", 1)
    smooth = [v * v / (2 * beta) if abs(v) < beta else abs(v) - beta / 2 for v in d]
    return {
        "l1_mean": sum(map(abs, d)) / len(d),
        "l1_gradient": [v / len(d) for v in sign],
        "mse_mean": sum(v * v for v in d) / len(d),
        "mse_gradient": [2 * v / len(d) for v in d],
        "smooth_one": smooth[0],
        "smooth_mean": sum(smooth) / len(d),
    }[name]


@pytest.mark.parametrize("step", LESSON.generated().values(), ids=LESSON.generated())
def test_over_300_seeds_the_key_follows_from_what_is_shown(step):
    name = step["generate"].partition(":")[2]
    generator = getattr(LESSON.module("variants"), name)
    for seed in range(300):
        variant = generator(random.Random(seed))
        assert variant.answer == pytest.approx(by_hand(name, variant.fields), rel=1e-6, abs=1e-6)
        assert set(variant.mistakes) <= set(step["reasons"])
