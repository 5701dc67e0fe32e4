"""Lesson 12 against torch: every call it shows, every figure it quotes, and its drawn questions worked out by hand."""

import ast
import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.content.spoken import (
    Spoken,
    accepted,
    differing_sessions,
    differing_signatures,
    unfounded_decimals,
    wrong_equations,
    wrongly_drawn,
)
from tutor.protocol import Point, Value

LESSON = Spoken("12_margins")
LEADS = torch.tensor([-1.0, 0.0, 1.0, 2.0])
ONE = torch.tensor([0.3, 0.7, 0.8])
FIGURES = [
    ONE,
    F.soft_margin_loss(LEADS, torch.ones(4), reduction="none"),
    F.soft_margin_loss(
        torch.tensor([0.3, -0.3, -0.7, -0.8, -0.5, 0.5, 2, -2]), -torch.ones(8), reduction="none"
    ),
    torch.tensor([2.0, -2.0]).exp(),
    1 + torch.tensor([2.0]).exp(),
    F.multilabel_soft_margin_loss(ONE, torch.tensor([0, 1, 1])),
    3 * F.multilabel_soft_margin_loss(ONE, torch.tensor([0, 1, 1])),
    F.multilabel_soft_margin_loss(torch.tensor([0.7, 0.8]), torch.tensor([1, 1])) * 2 / 3,
    3 * F.multilabel_soft_margin_loss(ONE, torch.tensor([0, 1, 1]), weight=torch.tensor([1.0, 2.0, 3.0])),
    F.multi_margin_loss(torch.tensor([2.0, 0.5, 1.2]), torch.tensor(0)),
    F.multilabel_margin_loss(torch.tensor([0.1, 0.2, 0.4, 0.8]), torch.tensor([0, 3, -1, -1])),
    0.8710,  # 1.6287 of rounded terms, checked as an equation
    torch.arange(21) / 10,  # scores and terms, checked as equations
    [0.81, 2.25, 1.85, 2.1, 2.4, 3.06, 3.4, 3.7],
]


def test_what_the_lesson_shows_is_what_torch_answers():
    assert "\n".join(differing_sessions(LESSON)) == ""
    assert differing_signatures(LESSON) == []


def test_every_number_in_the_text_is_one_that_torch_gives():
    assert unfounded_decimals(LESSON, FIGURES) == []
    assert wrong_equations(LESSON) == []


# The lab ------------------------------------------------------------------------------------------------------------


def lab(margin=1.0, lead=0.0):
    return list(LESSON.module("margin_curves").run(margin=margin, lead=lead))


@pytest.mark.parametrize(("margin", "lead"), [(1, 0), (1, 0.5), (2, -1.5), (0, 1), (1, 3)])
def test_the_curves_are_the_formulas_and_their_gradients(margin, lead):
    emitted = lab(margin, lead)
    values = {each.name: each.value for each in emitted if isinstance(each, Value)}
    lack = max(0, margin - lead)
    assert values["hinge"] == pytest.approx(lack)
    assert values["squared"] == pytest.approx(lack**2)
    assert values["squared_slope"] == pytest.approx(-2 * lack)
    assert values["soft"] == pytest.approx(math.log(1 + math.exp(-lead)))
    assert values["soft_slope"] == pytest.approx(-1 / (1 + math.exp(lead)))
    drawn = {each.series for each in emitted if isinstance(each, Point)}
    assert drawn == set(values)


# Drawn questions, from what the learner is shown and without torch --------------------------------------------------


def soft(lead):
    return math.log(1 + math.exp(-lead))


def by_hand(name, fields):
    read = {k: ast.literal_eval(v) for k, v in fields.items() if isinstance(v, str) and v.startswith("[")}
    x, y = read.get("x"), read.get("y", fields.get("y"))
    if name == "multi_margin":
        return [
            sum(max(0, fields["margin"] - row[k] + s) for i, s in enumerate(row) if i != k) / 3
            for row, k in zip(x, y, strict=True)
        ]
    if name == "multi_margin_squared":
        return read["weight"][y] * sum(max(0, 1 - x[y] + s) ** 2 for i, s in enumerate(x) if i != y) / 3
    if name in ("multi_label", "multi_label_terms"):
        right = y[: y.index(-1)]
        wrong = [k for k in range(len(y)) if k not in right]
        if name == "multi_label_terms":
            return len(right) * len(wrong)
        return sum(max(0, 1 - (x[j] - x[i])) for j in right for i in wrong) / 4
    if name == "soft_margin":
        return [soft(a * b) for a, b in zip(x, y, strict=True)]
    if name == "soft_margin_mean":
        return sum(soft(a * b) for p, q in zip(x, y, strict=True) for a, b in zip(p, q, strict=True)) / 4
    if name == "multi_label_soft":
        return [
            sum(soft(a if b else -a) for a, b in zip(p, q, strict=True)) / 3
            for p, q in zip(x, y, strict=True)
        ]
    return sum(a * b for a, b in zip(read["terms"], read["weight"], strict=True)) / 3


@pytest.mark.parametrize("step", LESSON.generated().values(), ids=LESSON.generated())
def test_a_drawn_question_has_the_answer_that_comes_out_by_hand(step):
    assert wrongly_drawn(LESSON, step, by_hand, 60) == []


# What the text says in words ----------------------------------------------------------------------------------------


def test_the_padded_list_is_read_as_the_table_says():
    body = LESSON.steps["mlm-padding"]["body"]
    x = torch.tensor([0.1, 0.2, 0.4, 0.8])
    for target, same in (
        ([0, 3, -1, -1], 0.85),
        ([3, 0, -1, 1], 0.85),
        ([-1, 0, 3, -1], 0),
        ([0, 1, 2, 3], 0),
    ):
        assert f"| {target} |".replace("-", "−") in body
        assert F.multilabel_margin_loss(x, torch.tensor(target)).item() == pytest.approx(same)
    once, twice = (F.multilabel_margin_loss(x, torch.tensor(y)) for y in ([0, 3, -1, -1], [0, 0, 3, -1]))
    assert 4 * (twice - once).item() == pytest.approx(2.4)  # class 0 counts twice: 1.1 + 1.3 more


def test_by_what_mean_divides_and_what_none_returns():
    torch.manual_seed(0)
    x, y, w = torch.randn(5, 3), torch.randint(3, (5,)), torch.rand(3) + 0.5
    many = torch.randint(0, 2, (5, 3))
    for loss, target, shape, count in (
        (nn.MultiMarginLoss, y, (5,), 5),
        (nn.MultiLabelMarginLoss, torch.tensor([[0, 2, -1]] * 5), (5,), 5),
        (nn.SoftMarginLoss, 2 * many - 1, (5, 3), 15),
        (nn.MultiLabelSoftMarginLoss, many, (5,), 5),
    ):
        assert loss(reduction="none")(x, target).shape == shape
        total = loss(reduction="sum")(x, target)
        assert loss()(x, target).item() == pytest.approx(total.item() / count, rel=1e-5)
    for loss, target in ((nn.MultiMarginLoss, y), (nn.MultiLabelSoftMarginLoss, many)):
        assert loss(weight=2 * w)(x, target).item() == pytest.approx(2 * loss(weight=w)(x, target).item())


def test_past_the_margin_the_hinge_is_flat_and_cross_entropy_is_not():
    x = torch.tensor([2.5, 1.0], requires_grad=True)
    (hinge,) = torch.autograd.grad(F.multi_margin_loss(x, torch.tensor(0)), x)
    (entropy,) = torch.autograd.grad(F.cross_entropy(x, torch.tensor(0)), x)
    assert hinge.abs().max() == 0 and entropy.abs().min() > 0.1
    assert F.cross_entropy(torch.tensor([1.0, 0.0]), torch.tensor(0)).item() == pytest.approx(
        0.3133, abs=1e-4
    )


def test_the_soft_losses_are_binary_cross_entropy_with_logits():
    torch.manual_seed(0)
    x, t = torch.randn(8, 5), torch.randint(0, 2, (8, 5)).float()
    elements = F.binary_cross_entropy_with_logits(x, t, reduction="none")
    assert torch.allclose(F.soft_margin_loss(x, 2 * t - 1, reduction="none"), elements, atol=1e-6)
    assert torch.allclose(F.multilabel_soft_margin_loss(x, t, reduction="none"), elements.mean(1), atol=1e-6)
    assert F.multilabel_soft_margin_loss(x, t, reduction="sum").item() == pytest.approx(
        elements.sum().item() / 5
    )
    assert F.multilabel_soft_margin_loss(x, t).item() == pytest.approx(elements.mean().item())


def test_no_target_is_ignored_and_after_a_softmax_no_lead_reaches_the_margin():
    x = torch.tensor([[9.0, 0.0, 0.0]])
    with pytest.raises(RuntimeError, match="target out of range"):
        F.multi_margin_loss(x, torch.tensor([-100]))
    assert (
        F.multi_margin_loss(x, torch.tensor([0])) == 0 < F.multi_margin_loss(x.softmax(1), torch.tensor([0]))
    )


def test_a_label_0_has_no_gradient_in_the_soft_margin():
    x = torch.tensor([8.0, -3.0], requires_grad=True)
    F.soft_margin_loss(x, torch.zeros(2)).backward()
    assert x.grad.abs().max() == 0


def test_what_is_typed_is_accepted_exactly_where_torch_takes_it_as_meant():
    hot = F.one_hot(torch.tensor([1, 2, 0, 2]), 3).float()
    x = torch.randn(4, 3)

    def is_class(target):
        return F.multi_margin_loss(x, target) == F.multi_margin_loss(x, torch.tensor([1, 2, 0, 2]))

    assert accepted(LESSON.steps["mm-fix"], is_class, hot=hot, x=x) == ([], [])
    t = torch.tensor([0.0, 1.0, 1.0])
    assert accepted(LESSON.steps["sm-convert"], lambda y: y.tolist() == [-1, 1, 1], t=t) == ([], [])
    score = torch.tensor([0.3, 2.0, 0.1, 0.7, 0.5])

    def is_target(row):
        row = torch.tensor(row).view(-1) if not torch.is_tensor(row) else row
        meant = F.multilabel_margin_loss(score, torch.tensor([1, 4, -1, -1, -1]))
        return F.multilabel_margin_loss(score, row).isclose(meant).item()

    assert accepted(LESSON.steps["mlm-write"], is_target) == ([], [])


def test_every_index_that_is_accepted_for_the_padded_list_marks_its_classes_and_no_other():
    question = LESSON.steps["mlsm-convert"]

    def marks(text, y, classes):
        target = torch.zeros(3)
        try:
            exec(f"target[y[{text}]] = 1", {"torch": torch, "y": y, "target": target})
        except IndexError:
            return False
        return target.nonzero().flatten().tolist() == classes

    for text in question["answers"]:
        assert marks(text, torch.tensor([1, 2, -1]), [1, 2]), text
    for each in question["mistakes"]:
        asked = [(torch.tensor([1, 2, -1]), [1, 2]), (torch.tensor([0, 1, -1]), [0, 1])]
        assert not all(marks(each["text"], y, classes) for y, classes in asked), each["text"]
