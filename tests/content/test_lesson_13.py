"""Lesson 13 against torch: every call and figure it shows, its two labs, and its drawn questions worked out by hand."""

import ast
import itertools
import math
import random

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
from tutor.protocol import Note, Table, Value

LESSON = Spoken("13_embeddings_sequences")
FRAMES = [[0.6, 0.3, 0.1], [0.5, 0.2, 0.3], [0.4, 0.5, 0.1]]


def ctc(frames, label):
    p = torch.tensor(frames, dtype=torch.float64)
    lengths = torch.tensor(len(p)), torch.tensor(len(label))
    return F.ctc_loss(p.log(), torch.tensor(label, dtype=torch.long), *lengths, reduction="sum").item()


COS = 0.53 / math.sqrt(0.83 * 0.35)
FIGURES = [
    FRAMES,
    [ctc(FRAMES, [1]), ctc(FRAMES, [1, 2]), ctc(FRAMES, [1, 2]) / 2],
    [math.dist((3, 4), (0, 5.5)), 6 - math.dist((3, 4), (0, 5.5)), 5.5, 30.25],
    F.hinge_embedding_loss(torch.tensor([1, 0.8, 0.5]), torch.tensor([1, 1, -1])),
    F.cosine_similarity(torch.tensor([0.3, 0.5, 0.7]), torch.tensor([0.1, 0.3, 0.5]), 0),
    [0.53, 0.83, 0.35, 1 - COS],
    [24 / 625, 24 / 25, 24 / 49, 1 - 0.96, 0.96 - 0.5],
    [
        -math.log(0.132),
        0.492,
        -math.log(0.492),
        0.252,
        0.072,
        0.132,
        0.372,
        0.15,
        0.18,
        0.24,
        0.27,
        0.12,
        0.06,
    ],
    torch.arange(21) / 10,  # given, or checked as equations
]


def test_what_the_lesson_shows_is_what_torch_answers():
    assert "\n".join(differing_sessions(LESSON)) == ""
    assert differing_signatures(LESSON) == []


def test_every_number_in_the_text_is_one_that_torch_gives():
    assert unfounded_decimals(LESSON, FIGURES) == []
    assert wrong_equations(LESSON) == []


# The labs -----------------------------------------------------------------------------------------------------------


def values(emitted):
    return {each.name: each.value for each in emitted if isinstance(each, Value)}


def collapse(path):
    return list(LESSON.module("ctc_collapse").run(path=path))


def forward(probabilities, target):
    return list(LESSON.module("ctc_forward").run(probabilities=probabilities, target=target))


@pytest.mark.parametrize(
    ("path", "merged", "label"),
    [
        ([1, 1, 0, 1, 0, 0, 2, 1, 1], "a – a – b a", "a a b a"),
        ([1, 1, 0, 1, 2, 2, 0], "a – a b –", "a a b"),
        ([0, 0], "–", ""),
        ([26], "z", "z"),
    ],
)
def test_a_path_collapses_as_the_rule_says_and_torch_finds_the_label_certain(path, merged, label):
    shown = values(collapse(path))
    assert (shown["merged"], shown["label"], shown["length"]) == (merged, label, len(label.split()))
    assert shown["loss"] == 0


def test_the_paths_that_the_text_draws_all_spell_cat():
    for line in dict(LESSON.fences())["ctc-idea"].splitlines():
        path = [0 if sign == "–" else ord(sign) - 96 for sign in line.split()]
        assert values(collapse(path))["label"] == "c a t"


def test_on_any_path_torch_gives_its_own_label_no_loss_and_one_frame_too_few_no_path():
    rng = random.Random(0)
    for _ in range(20):
        path = [rng.randint(0, 2) for _ in range(rng.randint(1, 9))]
        shown = values(collapse(path))
        assert shown["loss"] == 0
        label = ["–ab".index(sign) for sign in shown["label"].split()]
        for frames, finite in ((shown["shortest"], True), (shown["shortest"] - 1, False)):
            if frames > 0:
                assert math.isfinite(ctc([[1 / 3] * 3] * frames, label)) is finite


@pytest.mark.parametrize("target", [[1], [2], [1, 2], [2, 1], [1, 1], []])
def test_the_forward_table_the_paths_and_torch_agree(target):
    shown = values(forward(FRAMES, target))
    assert shown["probability"] == pytest.approx(shown["summed"], rel=1e-12)
    assert shown["by_hand"] == pytest.approx(shown["loss"], rel=1e-12)


def test_the_forward_table_agrees_with_torch_where_the_paths_are_too_many_to_list():
    rng = random.Random(1)
    for _ in range(10):
        frames, classes = rng.randint(8, 20), rng.randint(4, 9)
        p = torch.rand(frames, classes, dtype=torch.float64).softmax(1).tolist()
        target = [rng.randint(1, classes - 1) for _ in range(rng.randint(1, frames // 2))]
        shown = values(forward(p, target))
        assert shown["by_hand"] == pytest.approx(shown["loss"], rel=1e-9) and "paths" not in shown


def test_the_table_of_the_derivation_is_the_labs():
    (alpha,) = [
        each.rows for each in forward(FRAMES, [1]) if isinstance(each, Table) and each.name == "α(t, i)"
    ]
    assert [row[1:] for row in alpha] == [
        pytest.approx(row) for row in ([0.6, 0.3, 0], [0.3, 0.18, 0.15], [0.12, 0.24, 0.132])
    ]
    lines = [line["formula"] for line in LESSON.steps["ctc-by-hand"]["lines"]]
    for line, row in zip(lines, alpha, strict=False):
        assert all(f"{value:g}" in line for value in row[1:])


def test_five_paths_spell_ab_in_three_frames_and_their_loss_is_the_one_the_lesson_quotes():
    shown = values(forward(FRAMES, LESSON.steps["ctc-forward-lab"]["set"]["target"]))
    assert shown["paths"] == 5
    assert shown["loss"] == pytest.approx(2.5510, abs=1e-4)


@pytest.mark.parametrize("target", [[3], [0], [1, 26]])
def test_a_target_that_torch_would_not_check_is_not_given_to_it(target):
    emitted = forward(FRAMES, target)
    assert len(emitted) == 1 and isinstance(emitted[0], Note) and "1 to 2" in emitted[0].text


def test_torch_reads_beyond_the_row_for_a_class_that_is_not_there():
    # A slice of a wider tensor, so that what lies beyond the row is ours, and known.
    wide = torch.rand(4, 1, 4).log_softmax(2)
    call = torch.tensor([[3]]), torch.tensor([4]), torch.tensor([1])
    assert F.ctc_loss(wide[:, :, :3], *call) == F.ctc_loss(wide, *call)


def test_too_few_frames_give_inf_and_what_is_no_distribution_is_said():
    emitted = forward(FRAMES, [1, 1, 1])
    assert values(emitted)["loss"] == math.inf and "inf" in emitted[-1].text
    assert any(isinstance(each, Note) and "sum to 1" in each.text for each in forward([[0.6, 0.6]], [1]))
    for nothing in (collapse([]), forward([], [1]), forward([[]], [1]), forward([[1.0]], [])):
        assert [type(each) for each in nothing] == [Note]


# Drawn questions, from what the learner is shown and without torch --------------------------------------------------


def collapsed(path):
    return [k for k, _ in itertools.groupby(path) if k != "–"]


def by_hand(name, fields):
    read = {k: ast.literal_eval(v) for k, v in fields.items() if isinstance(v, str) and v.startswith("[")}
    x, y, margin = read.get("x"), read.get("y"), fields.get("margin", 1.0)
    if name == "triplet":
        a, p, n = read["a"], read["p"], read["n"]
        return max(0, math.dist(a, p) - math.dist(a, n) + margin)
    if name == "triplet_border":
        return fields["d"] + margin
    if name.startswith("hinge"):
        losses = [a if b == 1 else max(0, margin - a) for a, b in zip(x, y, strict=True)]
        return losses if name == "hinge_embedding" else sum(losses) / 4
    if name.startswith("cosine"):
        cosines = read.get("cosines") or [
            sum(a * b for a, b in zip(u, v, strict=True)) / math.hypot(*u) / math.hypot(*v)
            for u, v in zip(read["x1"], read["x2"], strict=True)
        ]
        margin = fields.get("margin", 0)
        losses = [1 - c if b == 1 else max(0, c - margin) for c, b in zip(cosines, y, strict=True)]
        return losses if name == "cosine_embedding" else sum(losses) / 3
    if name == "ctc_shortest":
        label = fields["label"].strip('"')
        return next(
            t
            for t in itertools.count(1)
            if len(label) + sum(a == b for a, b in itertools.pairwise(label)) <= t
        )
    if name == "ctc_collapsed_length":
        return len(collapsed(fields["path"].split()))
    rows = [dict(zip("–ab", map(float, fields[f"frame{t}"].split()), strict=True)) for t in range(2)]
    paths = [path for path in itertools.product("–ab", repeat=2) if collapsed(path) == [fields["label"][1]]]
    return -math.log(sum(rows[0][a] * rows[1][b] for a, b in paths))


@pytest.mark.parametrize("step", LESSON.generated().values(), ids=LESSON.generated())
def test_a_drawn_question_has_the_answer_that_comes_out_by_hand(step):
    assert wrongly_drawn(LESSON, step, by_hand, 50) == []


# What the text says in words ----------------------------------------------------------------------------------------


def test_eps_is_added_to_the_difference_with_its_sign():
    triplet = [torch.tensor([[v]]) for v in (1.0, 2.0, 0.5)]
    assert F.triplet_margin_loss(*triplet, p=1).item() == pytest.approx(1.499998, abs=2e-7)
    assert repr(F.triplet_margin_loss(*triplet, p=1)) == "tensor(1.5000)"


def test_even_equal_vectors_have_a_distance_above_0():
    same = torch.ones(1, 2, dtype=torch.float64)
    far = torch.tensor(
        [[-4.0, 6.0]], dtype=torch.float64
    )  # eps adds to one difference what it takes from the other
    with_eps, without = (F.triplet_margin_loss(same, same, far, margin=9, eps=eps) for eps in (1e-6, 0))
    assert (with_eps - without).item() == pytest.approx(math.sqrt(2) * 1e-6, rel=1e-3)


def test_with_swap_the_nearer_of_the_two_distances_to_the_negative_counts():
    a, p, n = torch.tensor([0.0, 0.0]), torch.tensor([3.0, 4.0]), torch.tensor([0.0, 5.5])
    assert F.triplet_margin_loss(a, p, n).item() == pytest.approx(0.5, abs=1e-5)
    assert F.triplet_margin_loss(a, p, n, swap=True).item() == pytest.approx(2.6459, abs=1e-4)


def test_by_what_mean_divides_and_what_none_returns():
    torch.manual_seed(0)
    u, v, w, y = torch.randn(5, 3), torch.randn(5, 3), torch.randn(5, 3), torch.tensor([1, -1, 1, 1, -1])
    for loss, inputs, shape in (
        (nn.TripletMarginLoss, (u, v, w), (5,)),
        (nn.HingeEmbeddingLoss, (u.abs(), v.sign()), (5, 3)),
        (nn.CosineEmbeddingLoss, (u, v, y), (5,)),
    ):
        each = loss(reduction="none")(*inputs)
        assert each.shape == shape
        assert loss()(*inputs).item() == pytest.approx(each.mean().item(), rel=1e-5)
        assert loss(reduction="sum")(*inputs).item() == pytest.approx(each.sum().item(), rel=1e-5)


def test_the_cosines_gradient_is_at_a_right_angle_to_the_vector():
    x1, x2 = torch.randn(5, 3, requires_grad=True), torch.randn(5, 3)
    F.cosine_embedding_loss(x1, x2, torch.ones(5)).backward()
    assert (x1 * x1.grad).sum(1).abs().max() < 1e-6 < x1.grad.abs().min()


def test_along_the_line_through_positive_and_negative_the_triplet_loss_has_three_parts():
    a = torch.tensor([[0.0, y] for y in (-3.0, 2.2, 9.0)], requires_grad=True)
    p, n = torch.tensor([[0.0, 2.0]]), torch.tensor([[0.0, 2.5]])
    F.triplet_margin_loss(a, p, n, reduction="sum").backward()
    assert a.grad[:, 1].tolist() == pytest.approx([0, 2, 0], abs=1e-5)


def test_a_label_that_is_neither_1_nor_minus_1_has_no_gradient():
    x = torch.tensor([0.3], requires_grad=True)
    F.hinge_embedding_loss(x, torch.zeros(1)).backward()
    assert x.grad == 0
    assert F.cosine_embedding_loss(torch.ones(1, 2), torch.ones(1, 2), torch.tensor([0])) == 0
    assert F.cosine_embedding_loss(torch.zeros(1, 2), torch.ones(1, 2), torch.tensor([1])) == 1


def test_zero_infinity_makes_0_of_an_infinite_loss_and_of_its_gradient_of_nan():
    for zero_infinity, loss, gradient in ((False, math.inf, math.nan), (True, 0, 0)):
        x = torch.tensor(FRAMES).log()[:, None].requires_grad_()
        told = nn.CTCLoss(zero_infinity=zero_infinity)(x, torch.tensor([[1, 1, 1]]), [3], [3])
        told.backward()
        assert told == loss
        assert x.grad.isnan().any() if math.isnan(gradient) else x.grad.abs().max() == 0


def test_ctc_takes_labels_padded_with_anything_or_in_a_row_and_divides_by_their_lengths():
    x = torch.tensor(FRAMES).log()[:, None].expand(3, 2, 3)
    each = nn.CTCLoss(reduction="none")(x, torch.tensor([[1, 77], [1, 2]]), [3, 3], [1, 2])
    in_a_row = nn.CTCLoss(reduction="none")(x, torch.tensor([1, 1, 2]), [3, 3], [1, 2])
    assert torch.equal(each, in_a_row) and each.shape == (2,)
    mean = nn.CTCLoss()(x, torch.tensor([[1, 0], [1, 2]]), [3, 3], [1, 2])
    assert mean.item() == pytest.approx((each / torch.tensor([1, 2])).mean().item())


def test_what_is_typed_is_accepted_exactly_where_torch_takes_it_as_meant():
    torch.manual_seed(0)
    u, v = torch.randn(4, 3), torch.randn(4, 3)
    distance = torch.tensor([math.dist(a, b) for a, b in zip(u.tolist(), v.tolist(), strict=True)])

    def is_distance(given):
        return given.shape == (4,) and torch.allclose(given, distance, atol=1e-4)

    assert accepted(LESSON.steps["he-input"], is_distance, u=u, v=v) == ([], [])
    x1, x2, y = torch.randn(2, 3), torch.randn(2, 3), torch.tensor([[1, -1]])
    want = F.cosine_embedding_loss(x1, x2, y[0], reduction="none")

    def is_target(given):
        return torch.equal(F.cosine_embedding_loss(x1, x2, given, reduction="none"), want)

    assert accepted(LESSON.steps["ce-target"], is_target, y=y) == ([], [])
    x = torch.randn(2, 5, 4)

    def is_log_probs(given):
        return torch.allclose(given, x.log_softmax(2).transpose(0, 1), atol=1e-6)

    assert accepted(LESSON.steps["ctc-shape"], is_log_probs, x=x, N=2, T=5, C=4) == ([], [])
    assert values(collapse([0, 2, 2, 0, 15, 0, 15, 15, 11, 11, 0]))["label"] == "b o o k"
    assert hasattr(nn, LESSON.steps["tm-distance"]["answers"][0])
