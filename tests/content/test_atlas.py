"""The atlas against torch: that `tutor check` finds it sound, that its formulas are torch's, and what it says of logits."""

from __future__ import annotations

import importlib.util
import math
import warnings
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.content.read import Read
from tutor.course.loss_rules import atlas_problems
from tutor.course.losses import load_atlas, read_atlas
from tutor.lesson import Table

LESSONS = Path(__file__).parents[2] / "lessons"
ATLAS = load_atlas(LESSONS)
COURSE = Read("14_eighteen").module("count").COURSE
"""The eighteen of the homework, in its order."""


def installed():
    spec = importlib.util.spec_from_file_location("installed", LESSONS / "atlas" / "installed.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tables(file, function, settings):
    """What the kernel answers, without a kernel."""
    return {e.name: e.rows for e in getattr(installed(), function)(**settings) if isinstance(e, Table)}


def test_the_installed_torch_has_the_courses_eighteen_as_the_atlas_says_every_reduction_forward_and_backward():
    assert list(ATLAS.losses) == COURSE
    atlas, document = read_atlas(LESSONS)
    assert list(atlas_problems(atlas, document, LESSONS, tables)) == []
    for name, argument, default in tables(None, "losses", {})["arguments"]:
        if name in COURSE and argument != "reduction":
            made = getattr(getattr(nn, name)(), argument)
            assert default == repr(made), (name, argument)


def test_what_torch_calls_deprecated_is_not_counted_and_all_else_that_it_exports_is():
    names = {name for name, _, _ in tables(None, "losses", {})["arguments"]}
    assert {name for name in nn.modules.loss.__all__} - names == {"NLLLoss2d"}
    with pytest.warns(FutureWarning):
        nn.NLLLoss2d()


# Every formula, by hand ---------------------------------------------------------------------------------------------


def hinge(x):
    return x.clamp(min=0)


def multi_label(x, y):
    found = []
    for scores, row in zip(x.tolist(), y.tolist(), strict=True):
        labels = row[: row.index(-1)] if -1 in row else row
        others = [score for i, score in enumerate(scores) if i not in labels]
        found.append(sum(max(0, 1 - (scores[j] - other)) for j in labels for other in others) / len(scores))
    return torch.tensor(found)


def multi_margin(x, y):
    rows = []
    for scores, target in zip(x.tolist(), y.tolist(), strict=True):
        others = [score for i, score in enumerate(scores) if i != target]
        rows.append(sum(max(0, 1 - scores[target] + other) for other in others) / len(scores))
    return torch.tensor(rows)


def paths(log_probs, targets, input_lengths, target_lengths):
    """Minus the logarithm of the probability of all paths that collapse to the target, each path by itself."""
    found = []
    for n in range(targets.shape[0]):
        wanted, p = targets[n, : target_lengths[n]].tolist(), log_probs[:, n].double().exp()
        total = 0.0
        for path in torch.cartesian_prod(*[torch.arange(p.shape[1])] * p.shape[0]).tolist():
            merged = [c for c, before in zip(path, [None, *path], strict=False) if c != before]
            if [c for c in merged if c] == wanted:
                total += math.prod(p[t, c].item() for t, c in enumerate(path))
        found.append(-math.log(total) if total else math.inf)
    return torch.tensor(found)


def cos(a, b):
    return (a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1))


FORMULAS = {
    "CrossEntropyLoss": lambda x, y: -x.softmax(1)[torch.arange(4), y].log(),
    "NLLLoss": lambda x, y: -x[torch.arange(4), y],
    "BCELoss": lambda x, y: -(y * x.log() + (1 - y) * (1 - x).log()),
    "BCEWithLogitsLoss": lambda x, y: -(y * x.sigmoid().log() + (1 - y) * (1 - x.sigmoid()).log()),
    "L1Loss": lambda x, y: (x - y).abs(),
    "MSELoss": lambda x, y: (x - y) ** 2,
    "SmoothL1Loss": lambda x, y: torch.where((x - y).abs() < 1, (x - y) ** 2 / 2, (x - y).abs() - 0.5),
    "PoissonNLLLoss": lambda x, y: x.exp() - y * x,
    "KLDivLoss": lambda x, y: y * (y.log() - x),
    "MarginRankingLoss": lambda x1, x2, y: hinge(-y * (x1 - x2)),
    "MultiLabelMarginLoss": multi_label,
    "SoftMarginLoss": lambda x, y: (1 + (-y * x).exp()).log(),
    "MultiLabelSoftMarginLoss": lambda x, y: -(y * x.sigmoid().log() + (1 - y) * (-x).sigmoid().log()).sum(1) / 3,
    "MultiMarginLoss": multi_margin,
    "TripletMarginLoss": lambda a, p, n: hinge((a - p).norm(dim=1) - (a - n).norm(dim=1) + 1),
    "HingeEmbeddingLoss": lambda x, y: torch.where(y == 1, x, hinge(1 - x)),
    "CosineEmbeddingLoss": lambda a, b, y: torch.where(y == 1, 1 - cos(a, b), hinge(cos(a, b))),
    "CTCLoss": paths,
}  # fmt: skip


@pytest.mark.parametrize("name", COURSE)
def test_each_formula_is_what_torch_computes_on_the_example(name):
    for seed in range(3):
        torch.manual_seed(seed)
        given = [eval(expression, {"torch": torch}) for expression in ATLAS.losses[name].call.values()]
        by_torch = getattr(nn, name)(reduction="none")(*given)
        assert torch.allclose(FORMULAS[name](*given).float(), by_torch, rtol=1e-4, atol=1e-5)


def test_what_works_on_logits_takes_any_and_what_does_not_raises_or_leaves_its_range():
    torch.manual_seed(0)
    # Above 1, so that what takes them for probabilities or their logarithms gives itself away.
    logits = {"input": 1 + 5 * torch.rand(4, 3), "log_probs": 1 + 5 * torch.rand(6, 4, 3)}
    for name, loss in ATLAS.losses.items():
        works = ATLAS.logits(loss)
        if works is None:
            continue
        given = {each: eval(expression, {"torch": torch}) for each, expression in loss.call.items()}
        given[loss.outputs[0]] = logits[loss.outputs[0]]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                value = getattr(nn, name)()(**given).item()
            except RuntimeError:
                value = math.nan
        assert (loss.least <= value <= loss.most) is works, name
