"""Lesson 14 against torch and the atlas: its tables, its figures, the two labs, the questions that are drawn."""

import importlib.util
import random
import re
from pathlib import Path

import pytest
import torch
import yaml
from torch import nn
from torch.nn import functional as F

from tutor.course.losses import load_atlas
from tutor.lesson import Note, Table, Value

FOLDER = Path(__file__).parents[2] / "lessons" / "14_eighteen"
LESSON = yaml.safe_load((FOLDER / "lesson.yaml").read_text(encoding="utf-8"))
STEPS = {step["id"]: step for step in LESSON["steps"]}
QUESTIONS = [step for step in LESSON["steps"] if step["kind"] == "question"]
ATLAS = load_atlas(FOLDER.parent)
DECIMAL = re.compile(r"\d+\.\d+")


def module(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def values(emissions):
    return {e.name: e.value for e in emissions if isinstance(e, Value)}


# The texts ----------------------------------------------------------------------------------------------------


def test_every_loss_is_in_the_table_of_its_family_with_the_target_that_the_atlas_has():
    families = {"family-classes": ("classification", "multi_label"), "family-numbers": ("regression",),
                "family-pairs": ("ranking",)}  # fmt: skip
    for step, tasks in families.items():
        rows = dict(re.findall(r"^\| `(\w+)` \| .* \| (.+) \|$", STEPS[step]["body"], re.MULTILINE))
        assert set(rows) == {name for task in tasks for name in ATLAS.of(task)}
    rest = set(re.findall(r"`(\w+Loss)`: ", STEPS["family-rest"]["body"]))
    assert rest == {*ATLAS.of("sequence"), *ATLAS.of("distributions")}


def test_the_nine_conventions_are_those_of_the_atlas_with_their_dtypes():
    rows = re.findall(
        r"^\| (.+) \| (int64|float32|) ?\| `(\w+)` \|$", STEPS["conventions"]["body"], re.MULTILINE
    )
    assert len(rows) == len(ATLAS.targets) == 9
    found = set()
    for _, dtype, name in rows:
        loss = ATLAS.losses[name]
        dtypes = [{"long": "int64", "float": "float32"}[loss.takes[label].dtype] for label in loss.labels]
        assert dtypes == [dtype] * bool(dtype)
        found.add(loss.target)
    assert found == set(ATLAS.targets)


def test_which_losses_want_a_class_index_and_how_many_work_on_logits():
    right = {option["text"].strip("`") for option in STEPS["class-index"]["options"] if option.get("right")}
    assert right == {name for name, loss in ATLAS.losses.items() if loss.target == "class_index"}
    logits = [name for name, loss in ATLAS.losses.items() if ATLAS.logits(loss)]
    assert STEPS["on-logits"]["answer"] == len(logits)
    assert set(re.findall(r"`(\w+)`", STEPS["on-logits"]["solution"])) == set(logits)


def test_the_ranges_are_those_that_the_atlas_has_proved():
    odd = {name: loss.range for name, loss in ATLAS.losses.items() if loss.range != "[0, ∞)"}
    assert odd == {"BCELoss": "[0, 100]", "CosineEmbeddingLoss": "[0, 2]", "PoissonNLLLoss": "(−∞, ∞)"}
    assert "all but three" in STEPS["ranges"]["body"] and all(name in STEPS["ranges"]["body"] for name in odd)
    assert nn.BCELoss()(torch.zeros(1), torch.ones(1)).item() == 100


def test_only_one_of_the_eighteen_has_batchmean():
    having = []
    for name, loss in ATLAS.losses.items():
        torch.manual_seed(0)
        given = [eval(expression, {"torch": torch}) for expression in loss.call.values()]
        try:
            getattr(nn, name)(reduction="batchmean")(*given)
            having.append(name)
        except ValueError as error:
            assert "batchmean is not" in str(error)
    assert having == STEPS["name-teacher"]["answers"][:1]


def test_torch_checks_the_index_of_a_class_but_not_the_signs_of_labels():
    with pytest.raises(IndexError):
        nn.CrossEntropyLoss()(torch.randn(2, 3), torch.tensor([0, 3]))
    assert nn.SoftMarginLoss()(torch.tensor([5.0]), torch.tensor([0.0])).item() == pytest.approx(
        0.6931, abs=5e-5
    )
    x = torch.tensor([2.0], requires_grad=True)
    nn.SoftMarginLoss()(x, torch.tensor([0.0])).backward()
    assert x.grad.item() == 0, "a constant has no gradient"


def test_huber_at_3_and_every_decimal_of_the_texts():
    error, zero = torch.tensor([3.0]), torch.tensor([0.0])
    assert (
        F.huber_loss(error, zero, delta=2.0).item() == 4
        and F.smooth_l1_loss(error, zero, beta=2.0).item() == 2
    )
    figures = {"2.7183": torch.tensor(1.0).exp(), "0.6931": torch.tensor(2.0).log(),
               "0.2817": -nn.PoissonNLLLoss()(torch.tensor([1.0]), torch.tensor([3.0]))}  # fmt: skip
    texts = " ".join(str(step.get(field, "")) for step in LESSON["steps"]
                     for field in ("body", "prompt", "hints", "solution", "otherwise"))  # fmt: skip
    told = set(DECIMAL.findall(re.sub(r"torch \d+\.\d+", "", texts)))
    assert told == set(figures)
    for written, figure in figures.items():
        assert f"{figure.item():.4f}" == written


@pytest.mark.parametrize(
    "step", [step for step in QUESTIONS if step["id"].startswith("name-")], ids=lambda s: s["id"]
)
def test_a_loss_that_is_asked_for_by_name_is_one_of_the_eighteen(step):
    assert step["answers"][0] in ATLAS.losses and step["form"] == "name"
    assert all(hasattr(nn, mistake["text"]) for mistake in step["mistakes"])


# The labs -----------------------------------------------------------------------------------------------------


def test_of_the_eight_calls_one_raises_one_warns_and_six_are_silent_though_the_value_is_wrong():
    calls = LESSON["labs"]["silent_mistakes"]["controls"]["call"]["options"]
    assert calls == list(module("mistakes").CALLS)
    said = {}
    for call in calls:
        emissions = list(module("mistakes").run(call))
        got = values(emissions)
        assert got["made"] is None or abs(got["made"] - got["meant"]) > 1e-2
        (note,) = [e for e in emissions if isinstance(e, Note)]
        said[call] = note.text
        assert got["silent"] == 6
        assert note.zh
    assert "all elements of input should be between 0 and 1" in said["BCELoss"]
    assert "UserWarning: Using a target size" in said["MSELoss"]
    assert sum("torch says nothing." in text for text in said.values()) == 6


def test_the_count_is_that_of_the_module_itself():
    emissions = list(module("count").run())
    got = values(emissions)
    names = nn.modules.loss.__all__
    assert got["all"] == len(names) == got["course"] + got["deprecated"] + got["beyond"]
    assert got["course"] == 18 and list(ATLAS.losses) == module("count").COURSE
    beyond = {name for name in names if name not in ATLAS.losses and name != "NLLLoss2d"}
    assert beyond == {re.search(r"(\w+)\(", e.text)[1] for e in emissions if isinstance(e, Note)}
    told = set(re.findall(r"^- `(\w+Loss)", STEPS["newer"]["body"], re.MULTILINE))
    assert told == beyond or torch.__version__ < "2.13"
    (table,) = [e for e in emissions if isinstance(e, Table)]
    assert sorted(row[2] for row in table.rows if row[2]) == list(range(1, 19))


# What is drawn ------------------------------------------------------------------------------------------------


def test_exactly_the_loss_of_the_key_takes_what_was_drawn_and_each_of_three_is_asked_for():
    variants, keys = module("variants"), set()
    for seed in range(60):
        torch.manual_seed(seed)
        drawn = variants.which_runs(random.Random(seed))
        keys.add(drawn.answer)
        assert drawn.fields["loss"] == variants.CANDIDATES[drawn.answer - 1]
        assert set(drawn.mistakes) == set(variants.CANDIDATES) - {drawn.fields["loss"]}
        given = STEPS["which-runs"]["given"]
        assert f"{drawn.answer} {drawn.fields['loss']}" in given
    assert keys == {1, 2, 3}


def test_none_returns_as_many_numbers_as_the_shape_in_the_atlas_says():
    names = set()
    for seed in range(60):
        torch.manual_seed(seed)
        drawn = module("variants").how_many(random.Random(seed))
        n, c, name = (drawn.fields[each] for each in ("n", "c", "loss"))
        names.add(name)
        assert drawn.answer == {"(N)": n, "(*)": n * c, "(N, C)": n * c}[ATLAS.losses[name].returns]
        assert drawn.answer not in drawn.mistakes.values() and len(set(drawn.mistakes.values())) == 3
    assert len(names) == 9


def test_the_lesson_asks_enough_half_of_it_typed_and_ends_with_the_summary_and_the_atlas():
    typed = [q for q in QUESTIONS if q["ask"] not in ("choice", "several", "order")]
    assert len(QUESTIONS) >= 10 and len(typed) >= len(QUESTIONS) / 2
    assert sum(q["ask"] == "generated" for q in QUESTIONS) == 2
    assert [step["id"] for step in LESSON["steps"][-2:]] == ["my-summary", "the-atlas"]
    assert STEPS["my-summary"]["kind"] == "summary" and STEPS["my-summary"]["homework"] == 3
