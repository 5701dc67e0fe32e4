"""Settings: from what somebody typed to what the lab is called with, or a sentence that names the allowed values."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.course.model import Choice, Integer, Lab, Number, Seed, Toggle
from tutor.course.settings import SettingError, settle
from tutor.words import Words

LABEL = Words("a label", "标签")
LAB = Lab(
    run="lab.py",
    title=LABEL,
    controls={
        "init": Choice(label=LABEL, options=["normal", "Ｗide", "none"], default="normal"),
        "layers": Integer(label=LABEL, default=100, min=1, max=200),
        "std": Number(label=LABEL, default=1.0, min=0, max=10),
        "bias": Toggle(label=LABEL, default=False),
        "seed": Seed(label=LABEL),
    },
)


def refusal(**given: Any) -> Words:
    with pytest.raises(SettingError) as caught:
        settle(LAB, given, {})
    return caught.value.words


def test_without_a_word_the_defaults_hold() -> None:
    assert settle(LAB, {}, {}) == {"init": "normal", "layers": 100, "std": 1.0, "bias": False, "seed": 1}


def test_what_is_given_goes_before_the_preset_and_that_before_the_default() -> None:
    settled = settle(LAB, {"layers": "7"}, {"layers": 50, "std": 0.5})
    assert (settled["layers"], settled["std"], settled["seed"]) == (7, 0.5, 1)


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("layers", "12", 12),
        ("layers", " 12 ", 12),
        ("layers", "１２", 12),
        ("layers", "12.0", 12),
        ("layers", "1e2", 100),
        ("layers", 12.0, 12),
        ("std", "0.5", 0.5),
        ("std", "０．５", 0.5),
        ("std", "1e-3", 0.001),
        ("std", "5", 5.0),
        ("std", 5, 5.0),
        ("init", "none", "none"),
        ("init", " none ", "none"),
        ("init", "Ｗide", "Ｗide"),
        ("bias", "true", True),
        ("bias", "ON", True),
        ("bias", "否", False),
        ("bias", True, True),
        ("seed", "2147483647", 2**31 - 1),
    ],
)
def test_values_are_read_as_they_are_typed(name: str, typed: Any, value: Any) -> None:
    settled = settle(LAB, {name: typed}, {})[name]
    assert settled == value and type(settled) is type(value)


@pytest.mark.parametrize(
    "typed", ["abc", "", "0", "201", "1.5", "-3", "−3", "nan", "inf", "9" * 5000, True, None, []]
)
def test_a_whole_number_is_within_its_range(typed: Any) -> None:
    words = refusal(layers=typed)
    assert words.en.startswith("layers must be a whole number from 1 to 200, not ")
    assert words.zh.startswith("layers 应为 1 到 200 之间的整数，而不是 ")


@pytest.mark.parametrize(
    "typed", ["abc", "-0.1", "10.1", "nan", "inf", "-inf", "1e999", math.nan, math.inf, False, 10**400]
)
def test_a_number_is_finite_and_within_its_range(typed: Any) -> None:
    assert refusal(std=typed).en.startswith("std must be a number from 0 to 10, not ")


def test_the_sentences_name_what_is_allowed() -> None:
    assert refusal(layers="abc").en == "layers must be a whole number from 1 to 200, not 'abc'."
    assert refusal(init="Normal").en == "init must be one of normal, Ｗide, none, not 'Normal'."
    assert refusal(bias="maybe").en == "bias must be true or false, not 'maybe'."
    assert refusal(seed="-1").en == "seed must be a whole number from 0 to 2147483647, not '-1'."
    assert (
        refusal(depth="3").en == "There is no setting depth. The settings are: init, layers, std, bias, seed."
    )
    assert refusal(depth="3").zh == "没有名为 depth 的设置。可用的设置：init, layers, std, bias, seed。"


def test_a_lab_without_controls_takes_none() -> None:
    lab = Lab(run="lab.py", title=LABEL, controls={})
    assert settle(lab, {}, {}) == {}
    with pytest.raises(SettingError, match="this lab has none"):
        settle(lab, {"x": "1"}, {})


values = st.one_of(
    st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.integers()), st.binary()
)


@given(
    st.dictionaries(st.one_of(st.sampled_from(list(LAB.controls)), st.text()), values),
    st.dictionaries(st.sampled_from(list(LAB.controls)), values),
)
def test_whatever_is_given_is_settled_or_refused(given: dict[str, Any], preset: dict[str, Any]) -> None:
    try:
        settled = settle(LAB, given, preset)
    except SettingError as error:
        assert error.words.en and error.words.zh
        return
    assert list(settled) == list(LAB.controls)
    assert settled["init"] in ("normal", "Ｗide", "none")
    assert type(settled["layers"]) is int and 1 <= settled["layers"] <= 200
    assert type(settled["std"]) is float and 0 <= settled["std"] <= 10
    assert type(settled["bias"]) is bool
    assert type(settled["seed"]) is int and 0 <= settled["seed"] < 2**31
