"""Lesson 5 against torch: the lab `information`, the generated questions, and every figure that the text quotes."""

import importlib.util
import math
import random
import re
from functools import cache
from pathlib import Path

import pytest
import torch
import yaml
from torch.nn import functional as F

from tutor.lesson import Note, Point, Table, Value

FOLDER = Path(__file__).parents[2] / "lessons" / "05_information"
LESSON = yaml.safe_load((FOLDER / "lesson.yaml").read_text(encoding="utf-8"))
CHINESE = yaml.safe_load((FOLDER / "zh.yaml").read_text(encoding="utf-8"))
STEPS = {step["id"]: step for step in LESSON["steps"]}
DEFAULTS = {name: control["default"] for name, control in LESSON["labs"]["information"]["controls"].items()}


@cache
def module(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def lab(**settings):
    return list(module("information").run(**{**DEFAULTS, **settings}))


def values(emissions):
    return {e.name: e.value for e in emissions if isinstance(e, Value)}


def curve(emissions, series):
    return [(e.x, e.y) for e in emissions if isinstance(e, Point) and e.series == series]


def notes(emissions):
    return [e.text for e in emissions if isinstance(e, Note) and e.zh]


# The formulas, without torch ------------------------------------------------------------------------------------


def entropy(p):
    return -sum(a * math.log(a) for a in p if a)


def relative_entropy(p, q):
    return sum(a * math.log(a / b) if b else math.inf for a, b in zip(p, q, strict=True) if a)


def cross_entropy(p, q):
    return -sum(a * math.log(b) if b else -math.inf for a, b in zip(p, q, strict=True) if a)


P, Q = DEFAULTS["P"], DEFAULTS["Q"]
PAIRS = [
    (P, Q),
    ([0.1, 0.7, 0.2], [0.2894, 0.3199, 0.3907]),
    ([0.5, 0.5], [0.75, 0.25]),
    ([1, 0, 0], [0.2, 0.3, 0.5]),
    ([0.3, 0, 0.7], [0.5, 0.5, 0]),
    ([0.1, 0.2, 0.3, 0.2, 0.1, 0.1], [0.3, 0.1, 0.1, 0.1, 0.2, 0.2]),
]

# The lab ----------------------------------------------------------------------------------------------------------


def test_the_default_q_is_the_softmax_of_the_courses_numbers():
    assert torch.softmax(torch.tensor([0.5, 0.3, 0.2]), 0).tolist() == pytest.approx(Q, abs=1e-6)


@pytest.mark.parametrize("unit", ["nats", "bits"])
@pytest.mark.parametrize(("p", "q"), PAIRS)
def test_the_four_quantities_are_those_of_the_formulas_and_the_identity_holds(p, q, unit):
    one = math.log(2) if unit == "bits" else 1
    got = values(lab(P=p, Q=q, y=1, unit=unit))
    assert got["entropy"] == pytest.approx(entropy(p) / one, abs=1e-12)
    assert got["kl"] == pytest.approx(relative_entropy(p, q) / one)
    assert got["cross_entropy"] == pytest.approx(cross_entropy(p, q) / one)
    assert got["kl_swapped"] == pytest.approx(relative_entropy(q, p) / one)
    assert got["sum"] == pytest.approx(got["cross_entropy"])
    assert got["self_information"] == pytest.approx(-math.log(p[1]) / one if p[1] else math.inf)
    assert got["loss"] == pytest.approx(-math.log(q[1]) / one)


@pytest.mark.parametrize("unit", ["nats", "bits"])
@pytest.mark.parametrize(("p", "q"), [pair for pair in PAIRS if all(pair[1])])
def test_torch_stands_beside_the_sums_and_agrees(p, q, unit):
    (_, table) = [e for e in lab(P=p, Q=q, unit=unit) if isinstance(e, Table)]
    names = {"torch": torch, "special": torch.special, "F": F}
    double = torch.float64
    names |= {"p": torch.tensor(p, dtype=double), "q": torch.tensor(q, dtype=double)}
    one = math.log(2) if unit == "bits" else 1
    assert [row[0] for row in table.rows] == ["H(P)", "KL(P‖Q)", "H(P,Q)"]
    for _, ours, by_torch, call in table.rows:
        assert ours == pytest.approx(by_torch, abs=1e-12)
        assert eval(call, names).item() / one == pytest.approx(by_torch, abs=1e-12)


def test_the_columns_of_the_table_add_up_to_the_quantities():
    (table, _) = [e for e in lab() if isinstance(e, Table)]
    *rows, total = table.rows
    for column in (1, 2, 5, 6, 7):
        assert sum(row[column] for row in rows) == pytest.approx(total[column])
    assert total[5:] == pytest.approx([entropy(P), relative_entropy(P, Q), cross_entropy(P, Q)])


def test_what_does_not_sum_to_1_is_divided_by_its_sum_and_that_is_said():
    emissions = lab(P=[1, 3], Q=[1, 1])
    assert values(emissions)["entropy"] == pytest.approx(entropy([0.25, 0.75]))
    assert len(notes(emissions)) == 2 and "P summed to 4" in notes(emissions)[0]
    assert notes(lab()) == []


@pytest.mark.parametrize(
    ("p", "q", "said"),
    [
        ([1], [1], "P needs 2 to 6 outcomes, not 1"),
        ([0.1] * 7, [0.5, 0.5], "P needs 2 to 6 outcomes, not 7"),
        ([0.5, 0.5], [], "Q needs 2 to 6 outcomes, not 0"),
        ([0.5, 0.5], [0.2, 0.3, 0.5], "P has 2 outcomes and Q has 3"),
        ([0, 0], [0.5, 0.5], "P = [0, 0] cannot be probabilities"),
        ([-0.5, 1.5], [0.5, 0.5], "P = [-0.5, 1.5] cannot be probabilities"),
        ([math.inf, 1], [0.5, 0.5], "P = [inf, 1] cannot be probabilities"),
    ],
)
def test_what_cannot_be_a_pair_of_distributions_is_refused_with_a_sentence(p, q, said):
    emissions = lab(P=p, Q=q)
    assert any(note.startswith(said) for note in notes(emissions))
    assert all(isinstance(e, Note) for e in emissions)


def test_zeros_are_explained_where_theory_and_computer_part():
    emissions = lab(P=[0.5, 0.5, 0], Q=[1, 0, 0])
    assert values(emissions)["cross_entropy"] == math.inf
    assert any("−ln 0 = inf" in note for note in notes(emissions))
    (_, table) = [e for e in emissions if isinstance(e, Table)]
    assert [math.isnan(row[2]) for row in table.rows] == [False, True, True]
    assert any("nan" in note for note in notes(emissions))
    assert any("H(P) = 0" in note for note in notes(lab(P=[0, 1, 0])))


def test_the_binary_entropy_has_its_peak_of_ln_2_in_the_middle():
    binary = curve(lab(), "binary")
    for x, y in binary:
        assert y == pytest.approx(entropy([x, 1 - x]), abs=1e-12)
    assert max(binary, key=lambda point: point[1]) == (0.5, pytest.approx(math.log(2)))
    assert values(lab())["peak"] == pytest.approx(math.log(2))
    assert values(lab(unit="bits"))["peak"] == pytest.approx(1)


def test_trained_on_the_cross_entropy_q_comes_to_p_and_kl_keeps_its_distance():
    emissions = lab()
    kl = dict(curve(emissions, "kl"))
    for step, value in curve(emissions, "cross_entropy"):
        assert value - kl[step] == pytest.approx(entropy(P), abs=1e-9)
    assert [kl[step + 1] < kl[step] for step in range(50)] == [True] * 50
    assert kl[0] == pytest.approx(relative_entropy(P, Q)) and kl[50] < 1e-4
    assert values(emissions)["cross_entropy_end"] == pytest.approx(entropy(P), abs=5e-5)


def test_the_lab_trains_as_torchs_sgd_does():
    z = torch.tensor(Q, dtype=torch.float64).log().requires_grad_()
    sgd = torch.optim.SGD([z], lr=1)
    for _ in range(50):
        sgd.zero_grad()
        F.cross_entropy(z, torch.tensor(P, dtype=torch.float64)).backward()
        sgd.step()
    assert dict(curve(lab(), "kl"))[50] == pytest.approx(relative_entropy(P, torch.softmax(z, 0).tolist()))


# The generated questions --------------------------------------------------------------------------------------------


def key_of_entropy(fields):
    return entropy(fields["P"])


def key_of_relative_entropy(fields):
    return relative_entropy(fields["P"], fields["Q"])


def key_of_mean_loss(fields):
    return sum(-math.log(fields[f"row{k}"][fields[f"y{k}"]]) for k in range(3)) / 3


KEYS = {
    "entropy-again": key_of_entropy,
    "kl-again": key_of_relative_entropy,
    "picked": key_of_mean_loss,
}


def variants(step, count=500):
    draw = getattr(module("variants"), STEPS[step]["generate"].partition(":")[2])
    return [draw(random.Random(seed)) for seed in range(count)]


@pytest.mark.parametrize("step", KEYS)
def test_over_500_seeds_the_key_is_that_of_the_formula(step):
    for variant in variants(step):
        assert variant.answer == pytest.approx(KEYS[step](variant.fields))


@pytest.mark.parametrize("step", KEYS)
def test_four_decimals_are_enough_to_be_right(step):
    tolerance = STEPS[step].get("tolerance", 1e-3)
    for variant in variants(step):
        assert abs(round(variant.answer, 4) - variant.answer) <= tolerance * variant.answer


@pytest.mark.parametrize("step", KEYS)
def test_every_mistake_has_its_reason_and_every_template_can_be_filled(step):
    for variant in variants(step, 20):
        assert set(variant.mistakes) == set(STEPS[step]["reasons"])
        for text in (STEPS[step], CHINESE["steps"][step]):
            for template in (text["prompt"], *text["reasons"].values(), text["solution"], *text["hints"]):
                filled = template.format(**variant.fields, answer=variant.answer)
                assert "0000000" not in filled and "9999999" not in filled


def test_the_generated_mistakes_are_what_their_names_say():
    for variant in variants("entropy-again", 50):
        p = variant.fields["P"]
        told = [-math.log(a) for a in p]
        assert variant.mistakes["unweighted"] == pytest.approx(sum(told))
        assert variant.mistakes["plain-mean"] == pytest.approx(sum(told) / 3)
        assert variant.mistakes["self-information"] == pytest.approx(-math.log(variant.fields["rarest"]))
        assert variant.mistakes["bits"] == pytest.approx(-sum(a * math.log2(a) for a in p))
        assert variant.mistakes["log10"] == pytest.approx(-sum(a * math.log10(a) for a in p))
    for variant in variants("kl-again", 50):
        p, q = variant.fields["P"], variant.fields["Q"]
        assert variant.mistakes["swapped"] == pytest.approx(relative_entropy(q, p))
        assert variant.mistakes["cross-entropy"] == pytest.approx(cross_entropy(p, q))
        assert variant.mistakes["unweighted"] == pytest.approx(sum(map(math.log, p)) - sum(map(math.log, q)))
        assert variant.mistakes["first-only"] == pytest.approx(p[0] * math.log(p[0] / q[0]))
        assert variant.mistakes["mean"] == pytest.approx(variant.answer / 2)
    for variant in variants("picked", 50):
        rows = [variant.fields[f"row{k}"] for k in range(3)]
        picked = [row[variant.fields[f"y{k}"]] for k, row in enumerate(rows)]
        assert variant.mistakes["likeliest"] == pytest.approx(-sum(math.log(max(row)) for row in rows) / 3)
        assert variant.mistakes["log-of-mean"] == pytest.approx(-math.log(sum(picked) / 3))
        assert variant.mistakes["no-log"] == pytest.approx(sum(picked) / 3)
        assert variant.mistakes["sum"] == pytest.approx(3 * variant.answer)
    for step in KEYS:
        assert all(v.mistakes["sign"] == -v.answer for v in variants(step, 50))


# Figures in the text -------------------------------------------------------------------------------------------------

FIGURES = {
    "surprise": {
        "0.1054": lambda: -math.log(0.9),
        "0.1520": lambda: -math.log2(0.9),
        "0.6931": lambda: -math.log(0.5),
        "4.6052": lambda: -math.log(0.01),
        "6.6439": lambda: -math.log2(0.01),
    },
    "rare": {
        "2.9957": lambda: -math.log(1 / 20),
        "4.3219": lambda: -math.log2(1 / 20),
        "1.3010": lambda: -math.log10(1 / 20),
        "0.1498": lambda: -math.log(1 / 20) / 20,
        "0.0513": lambda: -math.log(19 / 20),
        "0.05": lambda: 1 / 20,
        "0.95": lambda: 19 / 20,
    },
    "bits": {
        "0.6931": lambda: math.log(2),
        "2.0794": lambda: math.log(8),
        "1.4427": lambda: 1 / math.log(2),
    },
    "entropy": {
        "1.3863": lambda: entropy([0.25] * 4),
        "0.0560": lambda: entropy([0.99, 0.01]),
        "4.6052": lambda: -math.log(0.01),
    },
    "entropy-terms": {
        "1.5": lambda: entropy([0.5, 0.25, 0.25]) / math.log(2),
        "0.6931": lambda: math.log(2),
        "1.0397": lambda: entropy([0.5, 0.25, 0.25]),
    },
    "cross-entropy": {
        "0.3944": lambda: entropy(P),
        "0.5704": lambda: relative_entropy(P, Q),
        "0.7758": lambda: relative_entropy(Q, P),
        "0.9648": lambda: cross_entropy(P, Q),
    },
    "minimum": {"0.9648": lambda: cross_entropy(P, Q)},
    "why": {
        "0.3944": lambda: entropy(P),
        "0.5704": lambda: relative_entropy(P, Q),
        "0.7758": lambda: relative_entropy(Q, P),
    },
    "nothing": {
        "0.6931": lambda: F.cross_entropy(torch.zeros(4, 2), torch.tensor([0, 1, 0, 1])).item(),
        "2.3026": lambda: F.cross_entropy(torch.zeros(4, 10), torch.tensor([3, 1, 4, 1])).item(),
        "6.9078": lambda: F.cross_entropy(torch.zeros(1, 1000), torch.tensor([7])).item(),
        "3.3219": lambda: math.log2(10),
        "0.69": lambda: math.log(2),
    },
}
GIVEN = {
    "surprise": {"0.9", "0.5", "0.01"},
    "entropy": {"0.99", "0.01"},
    "entropy-terms": {"0.5", "0.25"},
    "cross-entropy": {"0.9", "0.05", "0.5", "0.3", "0.2"},
    "nothing": {"0.1"},
    "zeros": {"0.7", "0.3", "0.5"},
}
"""Decimals in a text that are no result: the probabilities it starts from."""


def texts(part):
    """All text of a step as it stands in the file, without what `tutor check` evaluates itself."""
    if isinstance(part, dict):
        skip = ("value", "verify", "answer", "answers", "tolerance", "set", "terms")
        return " ".join(texts(value) for key, value in part.items() if key not in skip)
    return " ".join(map(texts, part)) if isinstance(part, list) else str(part)


def decimals(text):
    return set(re.findall(r"(?<![\w.])\d+\.\d+(?!\w)", text))


@pytest.mark.parametrize(("step", "figure"), [(s, f) for s, figures in FIGURES.items() for f in figures])
def test_a_figure_in_the_text_is_what_torch_gives(step, figure):
    digits = len(figure.partition(".")[2])
    assert abs(FIGURES[step][figure]() - float(figure)) <= 0.5001 * 10**-digits
    assert figure in texts(STEPS[step]), "the English text does not quote this figure any more"
    assert figure in texts(CHINESE["steps"][step]), "the Chinese text does not quote this figure any more"


@pytest.mark.parametrize("step", STEPS)
def test_no_decimal_in_the_text_goes_unchecked(step):
    said = decimals(texts(STEPS[step])) | decimals(texts(CHINESE["steps"][step]))
    assert said - GIVEN.get(step, set()) == set(FIGURES.get(step, {}))


def test_the_predicted_cross_entropy_has_the_mistakes_that_its_numbers_lead_to():
    h, kl, swapped = entropy(P), relative_entropy(P, Q), relative_entropy(Q, P)
    listed = [mistake["value"] for mistake in STEPS["cross-entropy"]["mistakes"]]
    assert listed == pytest.approx([kl - h, h + swapped, h * kl, swapped], rel=1e-5)


# What the text says in words -------------------------------------------------------------------------------------------


def test_independent_answers_add_their_information():
    assert -math.log(0.3 * 0.2) == pytest.approx(-math.log(0.3) - math.log(0.2))


@pytest.mark.parametrize("outcomes", range(2, 7))
def test_the_entropy_is_highest_for_equally_likely_outcomes(outcomes):
    torch.manual_seed(0)
    others = torch.distributions.Dirichlet(torch.ones(outcomes).double()).sample((1000,))
    assert torch.special.entr(others).sum(1).max().item() < entropy([1 / outcomes] * outcomes)
    assert entropy([1 / outcomes] * outcomes) == pytest.approx(math.log(outcomes))


def test_kl_is_never_negative_though_a_term_of_it_may_be():
    torch.manual_seed(0)
    p, q = torch.distributions.Dirichlet(torch.ones(2, 4).double()).sample((1000,)).unbind(1)
    terms = p * (p / q).log()
    assert terms.sum(1).min().item() > 0 and terms.min().item() < 0
    assert ((terms < 0) == (q > p)).all()


@pytest.mark.parametrize("line", STEPS["identity"]["lines"][1:], ids=lambda line: line["ask"])
def test_each_line_of_the_derivation_equals_the_first_and_no_wrong_one_does(line):
    p, q = torch.tensor(P).double(), torch.tensor(Q).double()

    def of(formula):
        code = formula.partition(" = ")[2].replace("−", "-").replace("·", "*")
        code = re.sub(r"ln \(([^()]+)\)", r"((\1).log())", code).replace("ln p", "p.log()")
        code = re.sub(r"Σ ((?:[pq] \* )?(?:\(\([^()]+\)\.log\(\)\)|p\.log\(\)))", r"(\1).sum()", code)
        code = (
            code.replace("H(P)", "h").replace("H(Q)", "hq").replace("KL(P‖Q)", "kl").replace("KL(Q‖P)", "lk")
        )
        named = {
            "h": entropy(P),
            "hq": entropy(Q),
            "kl": relative_entropy(P, Q),
            "lk": relative_entropy(Q, P),
        }
        return float(eval(code, {**named, "p": p, "q": q}))

    assert of(line["formula"]) == pytest.approx(cross_entropy(P, Q))
    for wrong in line["wrong"]:
        assert of(wrong["formula"]) != pytest.approx(cross_entropy(P, Q), rel=1e-3)


def test_a_one_hot_p_makes_cross_entropy_and_kl_the_same_minus_ln_q():
    for y in range(3):
        p = [float(k == y) for k in range(3)]
        got = values(lab(P=p, y=y))
        assert got["entropy"] == 0
        assert got["kl"] == got["cross_entropy"] == got["loss"] == pytest.approx(-math.log(Q[y]))
        by_label = F.cross_entropy(torch.tensor(Q).log(), torch.tensor(y)).item()
        assert got["cross_entropy"] == pytest.approx(by_label, rel=1e-6)


def test_both_losses_have_the_same_gradient():
    p = torch.tensor(P)
    z = torch.tensor([0.5, 0.3, 0.2], requires_grad=True)
    (of_cross_entropy,) = torch.autograd.grad(F.cross_entropy(z, p), z)
    (of_kl,) = torch.autograd.grad(F.kl_div(F.log_softmax(z, 0), p, reduction="sum"), z)
    assert of_cross_entropy.tolist() == pytest.approx(of_kl.tolist(), abs=1e-6)


def test_the_options_about_zeros_are_marked_as_torch_has_it():
    p, one = torch.tensor([0.5, 0.5]), torch.tensor([1.0, 0.0])
    holds = [
        abs(F.cross_entropy(torch.tensor([0.7, 0.3]).log(), one).item() + math.log(0.7)) < 1e-6,
        F.cross_entropy(one.log(), p).item() == F.kl_div(one.log(), p, reduction="sum").item() == math.inf,
        torch.special.entr(one).sum().item() == 0,
        -(one * one.log()).sum().item() == 0,
        relative_entropy([1, 0], [0.5, 0.5]) == math.inf,
    ]
    assert [option.get("right", False) for option in STEPS["zeros"]["options"]] == holds
    assert math.isnan(-(one * one.log()).sum().item())
    assert relative_entropy([1, 0], [0.5, 0.5]) == pytest.approx(math.log(2))


def test_softmax_underflows_where_the_loss_on_logits_does_not():
    z = torch.tensor([0.0, 200.0])
    assert torch.softmax(z, 0).log()[0].item() == -math.inf
    assert F.cross_entropy(z, torch.tensor(0)).item() == 200
