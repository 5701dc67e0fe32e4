"""Lesson 9 against torch: what it quotes, what it says in words, its generators, and the lab `naive_bce`."""

import math
import random
import re

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.content.quoting import Lesson, defaults
from tutor.lesson import Note, Point, Value

LESSON = Lesson("09_nll_bce")
T = torch.tensor
X, Y = T([[1.0, 2.0], [1.0, 3.0], [1.0, 3.0]]), T([0, 1, 1])
LOGITS = T([[1.0, 2.0], [2.0, 2.0], [3.0, 4.0], [4.0, 5.0]])
LABELS = T([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
with_logits = F.binary_cross_entropy_with_logits

FIGURES = [
    F.cross_entropy(X, Y),
    F.nll_loss(X, Y),
    F.cross_entropy(X.softmax(1), Y),
    F.nll_loss(X.softmax(1), Y),
    *(0.8, 0.2, 1.5, 1.0),  # given in the text
    F.binary_cross_entropy(T([0.8]), T([1.0])),
    F.binary_cross_entropy(T([0.7, 0.2]), T([1.0, 0.0])),
    F.binary_cross_entropy(torch.sigmoid(T([16.0])), T([0.0])),
    0.09,  # held by the test of the lab's slopes
    *torch.sigmoid(T([1.0, -2.0])).tolist(),
    with_logits(LOGITS, LABELS),
    with_logits(torch.sigmoid(LOGITS), LABELS),
    with_logits(T([1.0]), T([1.0])),
    math.log(2),
    *X.log_softmax(1)[0].tolist(),
    0.9,
    F.binary_cross_entropy(T([0.9]), T([0.0])),
    with_logits(T([2.0]), T([0.0]), pos_weight=T([3.0])),
    with_logits(T([2.0]), T([1.0])),
    with_logits(T([2.0]), T([1.0]), pos_weight=T([3.0])),
]


def test_every_decimal_in_the_text_is_a_figure_that_torch_gives():
    assert LESSON.unheard_decimals(FIGURES) == []


def test_the_signatures_in_the_text_have_torchs_own_defaults():
    quoted = LESSON.signatures()
    assert set(quoted) == {"NLLLoss", "BCELoss", "BCEWithLogitsLoss"}
    for name, arguments in quoted.items():
        assert dict(part.split("=") for part in arguments.split(", ")) == defaults(name)


def raised(call):
    with pytest.raises(Exception) as caught:
        call()
    return f"{caught.typename}: {caught.value}"


def test_every_message_in_the_text_comes_from_really_making_the_mistake():
    log_p = X.log_softmax(1)
    said = {
        "nll-error": [
            raised(lambda: nn.NLLLoss()(log_p, T([0.0, 1.0, 1.0]))),
            raised(lambda: nn.NLLLoss()(log_p, T([5, 0, 0]))),
            raised(lambda: nn.NLLLoss()(log_p, T([0, 1]))),
            raised(lambda: nn.NLLLoss()(log_p, Y[:, None])),
        ],
        "bce-logits-in": [raised(lambda: nn.BCELoss()(LOGITS[:2], LABELS[:2]))],
        "bce-long": [
            raised(lambda: nn.BCELoss()(T([0.7, 0.2]), T([1, 0]))),
            raised(lambda: nn.BCELoss()(T([0.7, 0.2]), T([2.0, 0.0]))),
        ],
        "weight-or-pos-weight": [raised(lambda: nn.BCELoss(pos_weight=T([3.0])))],
        "logits-shape": [
            raised(lambda: nn.BCEWithLogitsLoss()(torch.zeros(64, 1), torch.zeros(64))),
        ],
    }
    for step, messages in said.items():
        text = " ".join(
            re.sub(r"\n\s*#\s*|\s+", " ", str(LESSON.steps[step]))
            .replace("\\n", " ")
            .replace("#", "")
            .split()
        )
        for message in messages:  # a prompt leaves the type out, the steps that teach the words have it
            said_so = message if step == "nll-error" else message.partition(": ")[2]
            assert said_so in text, (step, message)


def test_the_options_are_true_exactly_where_they_are_marked():
    wanted, names = F.cross_entropy(X, Y), {"F": F, "x": X, "y": Y}
    for code, right in LESSON.options("nll-same").items():
        assert torch.isclose(eval(code.strip("`"), names), wanted).item() is right
    none = with_logits(LOGITS, LABELS, reduction="none")
    weighted = with_logits(LOGITS, LABELS, pos_weight=T([3.0, 5.0]), reduction="none")
    assert torch.equal(weighted[LABELS == 0], none[LABELS == 0])
    assert torch.allclose((weighted / none)[LABELS == 1], T([3.0, 3.0, 5.0, 5.0]))
    assert torch.allclose(with_logits(LOGITS, LABELS, T([2.0]), reduction="none"), 2 * none)
    assert torch.isclose(with_logits(LOGITS, LABELS, pos_weight=T([3.0, 5.0])), weighted.sum() / 8)


def test_every_accepted_expression_makes_the_line_run_and_no_rejected_one_does():
    names = {"torch": torch, "F": F, "nn": nn, "logits": LOGITS[:2]}
    for code in LESSON.steps["bce-logits-in"]["answers"]:
        assert torch.isclose(nn.BCELoss()(eval(code, names), LABELS[:2]), with_logits(LOGITS[:2], LABELS[:2]))
    for part in LESSON.steps["logits-shape"]["answers"]:
        assert eval(f"logits.{part}", {"logits": torch.zeros(64, 1)}).shape == (64,)
    for mistake in LESSON.steps["logits-shape"]["mistakes"]:
        assert eval(f"logits.{mistake['text']}", {"logits": torch.zeros(64, 1)}).shape != (64,)


def test_the_lines_of_the_derivation_are_equal_where_they_can_be_computed():
    x = torch.linspace(-20, 20, 81, dtype=torch.double)
    lines = [-(1 / (1 + (-x).exp())).log(), (1 + (-x).exp()).log(), -x + (x.exp() + 1).log()]
    lines += [
        (-x).clamp(min=0) + (1 + (-x.abs()).exp()).log(),
        with_logits(x, torch.ones_like(x), reduction="none"),
    ]
    for line in lines:
        assert torch.allclose(line, F.softplus(-x))
    assert T([88.0]).exp().isfinite() and T([89.0]).exp().isinf()


def slopes(y, x):
    x = T([float(x)], requires_grad=True)
    clamped, stable = F.binary_cross_entropy(torch.sigmoid(x), T([y])), with_logits(x, T([y]))
    return clamped.item(), torch.autograd.grad(clamped, x)[0].item(), torch.autograd.grad(stable, x)[0].item()


def test_the_limit_takes_the_gradient_where_the_text_says():
    assert slopes(0.0, 16)[:2] == pytest.approx((15.94, 1), abs=5e-3)
    assert slopes(0.0, 17) == (100, 0, pytest.approx(1))
    assert torch.sigmoid(T([17.0])).item() == 1 and 1 - torch.sigmoid(
        T(17.0).double()
    ).item() == pytest.approx(4e-8, abs=5e-9)
    assert slopes(1.0, -88)[0] == 88 and slopes(1.0, -89)[0] == 100
    assert slopes(1.0, -30) == (30, pytest.approx(-0.09, abs=5e-3), -1)


def test_the_lab_finds_the_place_and_says_what_each_way_gives():
    emissions = list(LESSON.module("naive_bce").run("0", 30))
    assert [each.value for each in emissions if isinstance(each, Value)] == [17]
    (note,) = [each for each in emissions if isinstance(each, Note)]
    assert (
        "The formula gives inf, BCELoss 100 with gradient 0, BCEWithLogitsLoss 17 with gradient 1"
        in note.text
    )
    stable = [each.y for each in emissions if isinstance(each, Point) and each.series == "stable"]
    assert stable == sorted(stable) and len(stable) == 31
    assert [each.value for each in LESSON.module("naive_bce").run("1", 20) if isinstance(each, Value)] == [
        None
    ]


# The generators -----------------------------------------------------------------------------------------------


def by_hand(name, f):
    """The answer from what the learner is shown, without torch."""
    sigmoid = lambda x: 1 / (1 + math.exp(-x))  # noqa: E731
    bce = lambda p, y: -(y * math.log(p) + (1 - y) * math.log(1 - p))  # noqa: E731
    if name == "nll_of_logits":
        return math.log(sum(map(math.exp, eval(f["row"])))) - f["x_y"]
    if name == "nll_mean":
        rows, target, weight = eval(f"[{f['rows']}]"), eval(f["target"]), eval(f["weight"])
        picked = [weight[y] for y in target]
        return -sum(w * row[y] for w, row, y in zip(picked, rows, target, strict=True)) / sum(picked)
    if name == "bce_soft":
        return bce(f["x"], f["y"])
    if name == "bce_mean":
        x, y = (sum(eval(f[key]), []) for key in ("inputs", "target"))  # noqa: RUF017
        return sum(map(bce, x, y)) / 4
    if name == "logits_none":
        return [bce(sigmoid(x), y) for x, y in zip(eval(f["inputs"]), eval(f["target"]), strict=True)]
    losses, target = eval(f"[{f['losses']}]"), eval(f["target"])
    return sum(loss * (f["v"] if y else 1) for loss, y in zip(losses, target, strict=True)) / f["n"]


@pytest.mark.parametrize("step", LESSON.generated().values(), ids=LESSON.generated())
def test_over_300_seeds_the_key_follows_from_what_is_shown(step):
    name = step["generate"].partition(":")[2]
    generator = getattr(LESSON.module("variants"), name)
    for seed in range(300):
        variant = generator(random.Random(seed))
        assert variant.answer == pytest.approx(by_hand(name, variant.fields), rel=1e-4)
        assert set(variant.mistakes) <= set(step["reasons"])
