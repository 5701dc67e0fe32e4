"""The lab `loss` against torch: the hand computation of all eighteen, every reduction, and what torch refuses."""

import json
import math
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import torch
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tutor.course.model import Lab
from tutor.course.settings import settle
from tutor.course.tree import convert
from tutor.lesson import Note, Point, Table, Value

FOLDER = Path(__file__).parents[2] / "lessons" / "09_nll_bce"
sys.path.append(str(FOLDER))  # as the kernel does for a lab

import loss as bench  # noqa: E402
from loss_benches import BENCHES  # noqa: E402
from loss_call import tensors_of  # noqa: E402
from loss_refusals import WHY  # noqa: E402

LAB = convert(Lab, yaml.safe_load((FOLDER / "lesson.yaml").read_text(encoding="utf-8"))["labs"]["loss"])
LOSSES = LAB.controls["loss"].options


def lab(loss, **changed):
    return list(bench.run(**settle(LAB, {"loss": loss, **changed})))


def values(emissions):
    return {each.name: each.value for each in emissions if isinstance(each, Value)}


def tables(emissions):
    return {each.name: each for each in emissions if isinstance(each, Table)}


def notes(emissions):
    return " ".join(each.text for each in emissions if isinstance(each, Note))


def refused(loss, **changed):
    """The notes that come before torch's error, and the error."""
    run, told = bench.run(**settle(LAB, {"loss": loss, **changed})), []
    with pytest.raises(Exception) as raised:
        told.extend(run)
        for each in run:
            told.append(each)
    return told, raised.value


# The hand computation -----------------------------------------------------------------------------------------


def numbers(draw, shape, low, high):
    """A tensor of numbers that can be written down, drawn by torch from a seed of hypothesis."""
    torch.manual_seed(draw(st.integers(0, 2**31)))
    return (torch.rand(shape) * (high - low) + low).mul(1000).round().div(1000)


def whole(draw, shape, low, high):
    torch.manual_seed(draw(st.integers(0, 2**31)))
    return torch.randint(low, high, shape)


def shape(draw):
    return draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))


def signs(draw, of):
    return whole(draw, of, 0, 2) * 2 - 1


def maybe(draw, name, strategy):
    """An argument that is given or left to its default."""
    value = draw(st.none() | strategy)
    return {} if value is None else {name: value}


def weights(draw, n):
    return maybe(draw, "weight", st.lists(st.integers(1, 40).map(lambda k: k / 10), min_size=n, max_size=n))


REAL = st.integers(1, 30).map(lambda k: k / 10)


def classes(draw, probabilities):
    n, c = draw(st.integers(1, 4)), draw(st.integers(2, 5))
    x, y = numbers(draw, (n, c), -4, 4), whole(draw, (n,), 0, c)
    args = weights(draw, c)
    if draw(st.booleans()):
        x, y = numbers(draw, (n, c, 2), -4, 4), whole(draw, (n, 2), 0, c)
    elif probabilities and draw(st.booleans()):
        return x, numbers(draw, (n, c), -2, 2).softmax(1), args
    if draw(st.booleans()) and (y != 0).any():
        args["ignore_index"] = 0
    return x, y, args


def cross_entropy(draw):
    x, y, args = classes(draw, True)
    return [x, y], {**args, **maybe(draw, "label_smoothing", st.integers(0, 10).map(lambda k: k / 10))}


def nll(draw):
    x, y, args = classes(draw, False)
    return [x.log_softmax(1), y], args


def bce(draw):
    of = shape(draw)
    return [numbers(draw, of, 0.001, 0.999), numbers(draw, of, 0, 1)], weights(draw, of[-1])


def bce_with_logits(draw):
    of = shape(draw)
    args = {
        **weights(draw, of[-1]),
        **maybe(draw, "pos_weight", st.lists(REAL, min_size=of[-1], max_size=of[-1])),
    }
    return [numbers(draw, of, -20, 20), numbers(draw, of, 0, 1)], args


def compared(draw):
    of = shape(draw)
    return [numbers(draw, of, -3, 3), numbers(draw, of, -3, 3)], {}


def smooth_l1(draw):
    return compared(draw)[0], maybe(draw, "beta", st.integers(0, 30).map(lambda k: k / 10))


def poisson(draw):
    of, log_input = shape(draw), draw(st.booleans())
    x = numbers(draw, of, -2, 2) if log_input else numbers(draw, of, 0.1, 5)
    args = {"log_input": log_input, **maybe(draw, "full", st.booleans()), **maybe(draw, "eps", st.just(0.01))}
    return [x, whole(draw, of, 0, 8).float()], args


def kl_div(draw):
    of, log_target = shape(draw), draw(st.booleans())
    y = numbers(draw, of, -3, 3).softmax(-1)
    return [numbers(draw, of, -3, 3).log_softmax(-1), y.log() if log_target else y], {
        "log_target": log_target
    }


def ranking(draw):
    of = shape(draw)
    return [numbers(draw, of, -3, 3), numbers(draw, of, -3, 3), signs(draw, of).float()], maybe(
        draw, "margin", REAL
    )


def multilabel_margin(draw):
    n, c = draw(st.integers(1, 3)), draw(st.integers(2, 5))
    labels = [draw(st.lists(st.integers(0, c - 1), max_size=c, unique=True)) for _ in range(n)]
    return [numbers(draw, (n, c), -3, 3), torch.tensor([row + [-1] * (c - len(row)) for row in labels])], {}


def soft_margin(draw):
    of = shape(draw)
    return [numbers(draw, of, -5, 5), signs(draw, of).float()], {}


def multilabel_soft_margin(draw):
    n, c = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    return [numbers(draw, (n, c), -5, 5), numbers(draw, (n, c), 0, 1)], weights(draw, c)


def multi_margin(draw):
    n, c = draw(st.integers(1, 3)), draw(st.integers(2, 5))
    args = {**maybe(draw, "p", st.sampled_from([1, 2])), **maybe(draw, "margin", REAL), **weights(draw, c)}
    return [numbers(draw, (n, c), -3, 3), whole(draw, (n,), 0, c)], args


def triplet(draw):
    of = (draw(st.integers(1, 3)), draw(st.integers(1, 4)))
    args = {**maybe(draw, "margin", REAL), **maybe(draw, "p", st.sampled_from([1.0, 2.0, 3.0])), **maybe(draw, "swap", st.booleans())}  # fmt: skip
    return [numbers(draw, of, -3, 3) for _ in range(3)], args


def hinge(draw):
    of = shape(draw)
    return [numbers(draw, of, 0, 3), signs(draw, of).float()], maybe(draw, "margin", REAL)


def cosine(draw):
    n, d = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    x1, x2 = numbers(draw, (n, d), 0.1, 3), numbers(draw, (n, d), -3, 3)
    x2 = x2.where(x2.abs() > 0.1, torch.tensor(0.5))
    return [x1, x2, signs(draw, (n,)).float()], maybe(
        draw, "margin", st.integers(-5, 5).map(lambda k: k / 10)
    )


def ctc(draw):
    t, n, c = draw(st.integers(1, 6)), draw(st.integers(1, 3)), draw(st.integers(2, 4))
    blank = draw(st.integers(0, c - 1))
    symbols = st.integers(0, c - 1).filter(lambda s: s != blank)
    labels = [draw(st.lists(symbols, min_size=1, max_size=3)) for _ in range(n)]
    targets = torch.tensor([symbol for label in labels for symbol in label])
    if draw(st.booleans()):
        targets = torch.tensor([row + [blank] * (3 - len(row)) for row in labels])
    frames = torch.tensor([draw(st.integers(1, t)) for _ in range(n)])
    lengths = torch.tensor([len(row) for row in labels])
    log_probs = numbers(draw, (t, n, c), -2, 2).log_softmax(-1)
    return [log_probs, targets, frames, lengths], {
        "blank": blank,
        **maybe(draw, "zero_infinity", st.booleans()),
    }


DRAWN = dict(
    zip(
        LOSSES,
        [cross_entropy, nll, bce, bce_with_logits, compared, compared, smooth_l1, poisson, kl_div, ranking,
         multilabel_margin, soft_margin, multilabel_soft_margin, multi_margin, triplet, hinge, cosine, ctc],
        strict=True,
    )
)  # fmt: skip


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("loss", LOSSES)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_the_hand_agrees_with_torch(loss, data):
    tensors, args = DRAWN[loss](data.draw)
    given_tables = dict(zip(BENCHES[loss].takes, (each.tolist() for each in tensors), strict=True))
    tensors = tensors_of(given_tables, BENCHES[loss], "auto", "auto")
    torchs = bench.reduced_by_torch(loss, args, tensors)
    elements, by_hand = bench.computed_by_hand(loss, args, tensors, given_tables, torchs["none"].shape)
    assert len(elements) == torchs["none"].numel()
    for mode, value in torchs.items():
        # Near 0 float32 has lost digits on the way there: what is left is as small as the numbers it came from.
        torch.testing.assert_close(by_hand[mode].float(), value, rtol=1e-5, atol=3e-6, equal_nan=True)


COURSE = {
    "CrossEntropyLoss": 0.522373,
    "NLLLoss": -2.333333,
    "BCELoss": 1.473206,
    "BCEWithLogitsLoss": 1.473206,
    "L1Loss": 2,
    "MSELoss": 4,
    "SmoothL1Loss": 9.25 / 9,
    "PoissonNLLLoss": 1.592084,
    "KLDivLoss": 0.146408,
    "MarginRankingLoss": 0.666667,
    "MultiLabelMarginLoss": 0.85,
    "SoftMarginLoss": 0.676424,
    "MultiLabelSoftMarginLoss": 0.542881,
    "MultiMarginLoss": 0.75,
    "TripletMarginLoss": 1.499998,
    "HingeEmbeddingLoss": 0.766667,
    "CosineEmbeddingLoss": 0.5,
    "CTCLoss": 1.275523,
}


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_runs_on_the_courses_own_inputs(loss):
    emissions = lab(loss)
    found, shown = values(emissions), tables(emissions)
    assert found["loss"] == pytest.approx(COURSE[loss], rel=1e-5)
    assert found["by_hand"] == pytest.approx(found["loss"], rel=1e-5)
    rows = {row[0]: row[1:] for row in shown["reduction"].rows}
    assert set(rows) == {"sum", "mean"} | ({"batchmean"} if loss == "KLDivLoss" else set())
    assert rows["mean"][1] == found["loss"] == lab_value(loss, {})
    elements = shown["elements"].rows
    assert [row[1] for row in elements] == pytest.approx([row[2] for row in elements], rel=1e-5)
    assert shown["steps"].rows[-1][2] == pytest.approx(elements[0][1]), "the lines lead to the element"
    assert found["element"].startswith(f"{BENCHES[loss].takes[0]}[0")


def lab_value(loss, args):
    """What torch itself gives for the example."""
    settled = settle(LAB, {"loss": loss})
    takes = {name: settled[name] for name in BENCHES[loss].takes}
    return getattr(nn, loss)(**args)(*tensors_of(takes, BENCHES[loss], "auto", "auto").values()).item()


@pytest.mark.parametrize("loss", [each for each in LOSSES if each != "CTCLoss"])
def test_the_gradient_is_the_slope_of_the_curve(loss):
    emissions = lab(loss, element=1 if loss != "TripletMarginLoss" else 0)
    points = [each for each in emissions if isinstance(each, Point)]
    curve = {each.x: each.y for each in points if each.series == "loss"}
    slope = {each.x: each.y for each in points if each.series == "gradient"}
    here = next(each for each in points if each.series == "here")
    assert here.y == pytest.approx(values(emissions)["loss"])
    xs = sorted(curve)
    for low, high in pairwise(xs[5:-5]):
        risen = (curve[high] - curve[low]) / (high - low)
        assert min(slope[low], slope[high]) - 2e-3 <= risen <= max(slope[low], slope[high]) + 2e-3


def test_the_gradient_that_torch_gives_for_ctc_is_that_of_the_logits():
    x = torch.tensor(
        LAB.controls["log_probs"].defaults["loss"]["CTCLoss"], dtype=torch.double, requires_grad=True
    )
    rest = torch.tensor([[1, 2]]), torch.tensor([3]), torch.tensor([2])
    (torchs,) = torch.autograd.grad(nn.CTCLoss(reduction="sum")(x, *rest), x)
    slope = torch.zeros_like(x)
    for at in torch.cartesian_prod(torch.arange(3), torch.arange(1), torch.arange(3)).tolist():
        for sign in (1, -1):
            moved = x.detach().clone()
            moved[tuple(at)] += sign * 1e-5
            slope[tuple(at)] += sign * nn.CTCLoss(reduction="sum")(moved, *rest) / 2e-5
    assert (slope <= 1e-9).all(), "no way becomes less likely by a symbol becoming more so"
    assert torch.allclose(torchs, x.exp() + slope, atol=1e-6)


def test_arguments_change_the_loss_and_reach_torch_as_tensors():
    weighted = {"weight": [1, 2], "reduction": "none"}
    assert values(lab("CrossEntropyLoss", args=weighted))["loss"] == pytest.approx(
        [1.313262, 0.253856, 0.253856], rel=1e-5
    )
    assert values(lab("KLDivLoss", args='{"reduction": "batchmean"}'))["loss"] == pytest.approx(
        0.439223, rel=1e-5
    )
    assert values(lab("HingeEmbeddingLoss", args="{'margin': 0.4, 'reduction': 'sum'}"))[
        "loss"
    ] == pytest.approx(1.8)
    old = values(lab("MSELoss", args={"size_average": False}))
    assert old["loss"] == old["by_hand"] == 16


def test_the_bench_takes_torchs_names_and_those_of_its_formulas():
    given_names = {"input1": [[1, 0]], "input2": [[1, 1]], "target": [1]}
    assert values(lab("CosineEmbeddingLoss", **given_names))["loss"] == pytest.approx(1 - math.sqrt(0.5))
    ranked = lab("MarginRankingLoss", x1=[5], x2=[7], target=[1])
    assert (
        values(ranked)["loss"] == 2
        and values(ranked)["grad"] == [-1]
        and values(ranked)["grad_input2"] == [1]
    )


# What torch refuses, and what it does not ---------------------------------------------------------------------

MISTAKES = [
    ("BCELoss", {"inputs": [1.5], "target": [1]}, "all elements of input should be between 0 and 1"),
    ("BCELoss", {"inputs": [0.5], "target": [2]}, "all elements of target should be between 0 and 1"),
    ("BCELoss", {"target_dtype": "long"}, "Found dtype Long but expected Float"),
    ("BCEWithLogitsLoss", {"target_dtype": "long"}, "result type Float can't be cast to the desired output type Long"),
    ("BCEWithLogitsLoss", {"target": [1, 0]}, "Target size (torch.Size([2])) must be the same as input size (torch.Size([4, 2]))"),
    ("BCEWithLogitsLoss", {"args": {"pos_weight": [1, 2, 3]}}, "The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1"),
    ("BCELoss", {"args": {"pos_weight": [3]}}, "_WeightedLoss.__init__() got an unexpected keyword argument 'pos_weight'"),
    ("NLLLoss", {"target_dtype": "float"}, "expected target dtype to be Long or Byte, but got Float"),
    ("NLLLoss", {"target": [0, 5, 1]}, "Target 5 is out of bounds."),
    ("NLLLoss", {"target": [0, 1]}, "Expected input batch_size (3) to match target batch_size (2)."),
    ("NLLLoss", {"target": [[0], [1], [1]]}, "0D or 1D target tensor expected, multi-target not supported"),
    ("MSELoss", {"input_dtype": "long", "target_dtype": "long"}, "\"mse_cpu\" not implemented for 'Long'"),
    ("SmoothL1Loss", {"args": {"beta": -1}}, "smooth_l1_loss does not support negative values for beta."),
    ("MultiLabelMarginLoss", {"target_dtype": "float"}, "expected scalar type Long but found Float"),
    ("MultiMarginLoss", {"target": [1, 3]}, "target out of range"),
    ("MultiMarginLoss", {"args": {"p": 3}}, "only p == 1 and p == 2 supported"),
    ("TripletMarginLoss", {"args": {"margin": 0}}, "TripletMarginLoss: expected margin to be greater than 0, got 0 instead"),
    ("CosineEmbeddingLoss", {"target": [[1, -1]]}, "0D or 1D target tensor expected, multi-target not supported"),
    ("CTCLoss", {"input_lengths": [4]}, "Expected input_lengths to have value at most 3, but got value 4 (while checking arguments for ctc_loss_allocate_outputs)"),
    ("CTCLoss", {"args": {"reduction": "batchmean"}}, "batchmean is not a valid value for reduction"),
]  # fmt: skip


@pytest.mark.parametrize(("loss", "mistake", "message"), MISTAKES)
def test_a_mistake_gets_torchs_own_words_and_the_cause(loss, mistake, message):
    told, error = refused(loss, **mistake)
    assert str(error) == message
    first, *_, cause = told
    assert first == Note(f"torch says: {message}", f"torch 的原话：{message}")
    assert (cause.text, cause.zh) in [(en, zh) for _, en, zh in WHY], "there is a cause of its own"


@pytest.mark.parametrize("targets", [[[1, 3]], [[-1, 1]], [1, 99], [[1, 1.5]]])
def test_labels_that_are_no_classes_never_reach_torch(targets, monkeypatch):
    monkeypatch.setattr(nn, "CTCLoss", None)
    told, error = refused("CTCLoss", targets=targets, target_lengths=[2])
    assert "torch does not check labels" in str(error) and "torch 不检查标签" in told[-1].zh


@pytest.mark.parametrize(
    ("loss", "changed", "said"),
    [
        ("CTCLoss", {"targets": [[1, 0]]}, "The blank stands in a label"),
        (
            "CTCLoss",
            {"targets": [[1, 1, 1]], "target_lengths": [3]},
            "Sample 0 has 3 frames and its label needs 5",
        ),
        ("NLLLoss", {}, "no logarithms of probabilities"),
        ("CrossEntropyLoss", {"inputs": [[0.3, 0.7]], "target": [0]}, "a softmax may have been here already"),
        ("SoftMarginLoss", {"target": [[0, 1], [1, 0]]}, "write 2·y − 1"),
        ("MultiLabelMarginLoss", {"target": [[1, 0, 0, 1]]}, "is read as the labels 0 and 1"),
        ("PoissonNLLLoss", {}, "A Poisson target is a count"),
        ("MSELoss", {"target": [1, 2]}, "torch warns: Using a target size (torch.Size([2]))"),
        ("KLDivLoss", {}, "torch warns: reduction: 'mean' divides the total loss"),
        ("CrossEntropyLoss", {"target": [-100, -100, -100]}, "nan or inf raises no error"),
    ],
)
def test_what_torch_takes_silently_is_said(loss, changed, said):
    assert said in notes(lab(loss, **changed))


def test_a_call_that_torch_stretches_is_run_but_not_computed_by_hand():
    stretched = lab("TripletMarginLoss", anchor=[[1, 2]], positive=[[2], [0]])
    assert values(stretched)["loss"] > 0 and "by_hand" not in values(stretched)
    assert "The hand does not follow" in notes(stretched)


def test_shapes_that_no_pattern_knows_are_answered_with_those_the_loss_takes():
    told, error = refused("MultiMarginLoss", inputs=[[[1]]], target=[0])
    assert "non-empty vector or matrix" in str(error) and "takes inputs (N, C), target (N)" in told[-1].text


def headless(*given):
    """The lab from the command line: its exit status, and the objects it prints."""
    command = [sys.executable, "-m", "tutor", "lab", "loss", "--json", "--lang", "en"]
    ended = subprocess.run(
        [*command, *(part for each in given for part in ("--set", each))],
        capture_output=True,
        text=True,
        timeout=100,
    )
    return ended.returncode, [json.loads(line) for line in ended.stdout.splitlines()]


def test_the_command_line_takes_inputs_and_arguments_and_its_files_beside_it():
    target = "target=[[0.9,0.05,0.05]]"
    status, lines = headless(
        "loss=KLDivLoss", "inputs=[[-1,-1.1,-1.2]]", target, 'args={"reduction":"batchmean"}'
    )
    (loss,) = [line["value"] for line in lines if line["kind"] == "value" and line["name"] == "loss"]
    assert status == 0 and loss == pytest.approx(
        0.9 * (math.log(0.9) + 1) + 0.05 * (2 * math.log(0.05) + 2.3), rel=1e-5
    )
    status, lines = headless("loss=CTCLoss", "targets=[[1,9]]")
    assert status == 1 and lines[-1]["type"] == "Refused" and "9" in lines[-1]["message"]


def test_without_log_probs_ctc_runs_what_the_course_draws():
    found = values(lab("CTCLoss", log_probs=None))
    assert found["loss"] == pytest.approx(7.538511, rel=1e-6) and found["by_hand"] == pytest.approx(
        7.538511, rel=1e-6
    )
    assert sum(found["none"]) == pytest.approx(1823.690, rel=1e-6)


def test_padding_behind_a_label_is_not_read():
    padded = lab("CTCLoss", targets=[[1, 77]], target_lengths=[1])
    assert values(padded)["loss"] == pytest.approx(0.988861, rel=1e-5)
