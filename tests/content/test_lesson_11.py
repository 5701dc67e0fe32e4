"""Lesson 11 against torch: every call it shows, every figure it quotes, and its drawn questions worked out by hand."""

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

LESSON = Spoken("11_distributions_order")
P, Q = torch.tensor([0.5, 0.25, 0.25]), torch.tensor([0.125, 0.125, 0.75])
COURSE = (
    torch.tensor([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]]).log_softmax(1),
    torch.tensor([[0.9, 0.05, 0.05], [0.1, 0.7, 0.2]]),
)
FIGURES = [
    P,
    Q,
    Q.log(),
    (P / Q).log(),
    F.kl_div(Q.log(), P, reduction="none"),
    F.kl_div(Q.log(), P, reduction="sum"),
    F.kl_div(P.log(), Q, reduction="none"),
    F.kl_div(P.log(), Q, reduction="sum"),
    F.kl_div(*COURSE, reduction="sum"),
    [0.6, 0.3466, 0.95],  # given; 0.5 · ln 2, a verified answer; given
    [1.2, 0.9, 0.3, 0.5, 0.2, 0.8, 1.5],  # the pairs by hand, checked as equations
]


def test_what_the_lesson_shows_is_what_torch_answers():
    assert "\n".join(differing_sessions(LESSON)) == ""
    assert differing_signatures(LESSON) == []


def test_every_number_in_the_text_is_one_that_torch_gives():
    assert unfounded_decimals(LESSON, FIGURES) == []
    assert wrong_equations(LESSON) == []


# Drawn questions, from what the learner is shown and without torch --------------------------------------------------


def kl(p, q):
    return [a * math.log(a / b) for a, b in zip(p, q, strict=True)]


def by_hand(name, fields):
    if name == "kl_elements":
        return kl(ast.literal_eval(fields["p"]), ast.literal_eval(fields["q"]))
    if name == "kl_batchmean":
        rows = list(zip(ast.literal_eval(fields["p"]), ast.literal_eval(fields["q"]), strict=True))
        return sum(sum(kl(p, q)) for p, q in rows) / len(rows)
    if name == "ranked":
        x1, x2, y = (ast.literal_eval(fields[key]) for key in ("x1", "x2", "y"))
        return [max(0, fields["margin"] - c * (a - b)) for a, b, c in zip(x1, x2, y, strict=True)]
    return fields["x2"] + fields["y"] * fields["margin"]


@pytest.mark.parametrize("step", LESSON.generated().values(), ids=LESSON.generated())
def test_a_drawn_question_has_the_answer_that_comes_out_by_hand(step):
    assert wrongly_drawn(LESSON, step, by_hand, 60) == []


# What the text says in words ----------------------------------------------------------------------------------------


def test_with_a_fixed_target_kl_and_cross_entropy_have_one_gradient():
    x = torch.randn(4, 3, dtype=torch.double, requires_grad=True)
    p = torch.rand(4, 3, dtype=torch.double).softmax(1)
    (a,) = torch.autograd.grad(F.kl_div(x.log_softmax(1), p, reduction="batchmean"), x)
    (b,) = torch.autograd.grad(F.cross_entropy(x, p), x)
    assert torch.allclose(a, b, atol=1e-6)
    entropy = -(p * p.log()).sum(1).mean()
    assert F.cross_entropy(p.log(), p) == pytest.approx(entropy.item())
    assert F.kl_div(p.log(), p, reduction="batchmean").item() == pytest.approx(0, abs=1e-6)


def test_both_forms_of_the_target_give_the_same_elements():
    given = F.kl_div(Q.log(), P, reduction="none")
    assert torch.allclose(F.kl_div(Q.log(), P.log(), reduction="none", log_target=True), given)
    formula = LESSON.steps["kl-formula"]["formula"]
    assert "y · (ln y − x)" in formula and "exp(y) · (y − x)" in formula
    assert torch.allclose(P * (P.log() - Q.log()), given)


def test_x_is_only_multiplied_so_its_gradient_is_minus_y_wherever_it_stands():
    for x in (Q.log(), torch.tensor([50.0, -3.0, 0.0])):
        x = x.clone().requires_grad_()
        F.kl_div(x, P, reduction="sum").backward()
        assert x.grad.tolist() == (-P).tolist()


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 4)])
def test_the_reductions_divide_by_what_the_table_says(shape):
    x, y = torch.randn(shape).log_softmax(-1), torch.rand(shape)
    total = nn.KLDivLoss(reduction="sum")(x, y)
    assert nn.KLDivLoss(reduction="batchmean")(x, y) == pytest.approx((total / shape[0]).item())
    with pytest.warns(UserWarning, match="batchmean"):
        assert nn.KLDivLoss()(x, y) == pytest.approx((total / x.numel()).item())
    assert nn.KLDivLoss(reduction="none")(x, y).shape == shape


def test_logits_or_probabilities_give_the_negative_kl_that_the_question_tells_of():
    logits = torch.tensor([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]])
    assert F.kl_div(logits, COURSE[1], reduction="batchmean") < 0
    assert F.kl_div(COURSE[0].exp(), COURSE[1], reduction="batchmean") < 0


def test_what_is_typed_is_accepted_exactly_where_torch_takes_it_as_meant():
    x = torch.tensor([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])
    want = F.kl_div(x.log_softmax(1), COURSE[1], reduction="none")

    def is_kl(argument):
        return torch.allclose(F.kl_div(argument, COURSE[1], reduction="none"), want)

    assert accepted(LESSON.steps["kl-telltale"], is_kl, x=x) == ([], [])
    x1, x2 = torch.tensor([[1.0], [2.0], [3.0]]), torch.full((3, 1), 2.0)
    y = torch.tensor([1.0, 1.0, -1.0])

    def is_ranked(target):
        return F.margin_ranking_loss(x1, x2, target, reduction="none").tolist() == [[1], [0], [1]]

    assert accepted(LESSON.steps["rank-course"], is_ranked, x1=x1, y=y) == ([], [])


def test_a_pair_that_is_not_right_pulls_with_1_and_one_that_is_right_with_0():
    for lead, pull in ((-5.0, 1), (0.5, 1), (2.0, 0)):
        for y in (1.0, -1.0):
            x = torch.tensor([y * lead, 0.0], requires_grad=True)
            F.margin_ranking_loss(x[:1], x[1:], torch.tensor([y]), margin=1).backward()
            assert x.grad.tolist() == [-y * pull, y * pull]


def test_a_label_0_has_no_gradient_and_a_negative_margin_lets_the_right_one_lie_behind():
    x = torch.zeros(2, requires_grad=True)
    F.margin_ranking_loss(x, torch.ones(2), torch.zeros(2), margin=1).backward()
    assert x.grad.tolist() == [0, 0]
    assert F.margin_ranking_loss(torch.tensor([0.0]), torch.tensor([0.4]), torch.ones(1), margin=-0.5) == 0


def test_the_word_none_becomes_the_margin_and_only_the_call_fails():
    loss_fn = nn.MarginRankingLoss("none")
    assert loss_fn.margin == "none" and loss_fn.reduction == "mean"
    with pytest.raises(TypeError):
        loss_fn(torch.ones(1), torch.ones(1), torch.ones(1))
