"""Settings: from what somebody typed to what the lab is called with, or a sentence that names the allowed values."""

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.course.model import Arguments, Choice, Folder, Integer, Lab, Number, Numbers, Seed, Several, Toggle
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


# Tables of numbers, and folders --------------------------------------------------------------------------------

TABLES = Lab(
    run="lab.py",
    title=LABEL,
    controls={
        "inputs": Numbers(label=LABEL, dims=2, default=[[1, 2], [1, 3]]),
        "target": Numbers(label=LABEL, integer=True, default=[0, 1]),
        "weight": Numbers(label=LABEL, none=True, min=0, max=10, default=None),
        "images": Folder(label=LABEL),
    },
)


def table(name: str, typed: Any) -> Any:
    return settle(TABLES, {name: typed})[name]


def test_a_table_is_read_from_json_or_taken_as_it_is() -> None:
    assert table("inputs", "[[1,2],[1,3],[1,3]]") == [[1, 2], [1, 3], [1, 3]]
    assert table("inputs", [[1, 2.5]]) == [[1, 2.5]]
    assert table("inputs", " ［［１，２］，［−１，０．５］］ ") == [[1, 2], [-1, 0.5]]
    assert table("target", "[0, 1, 1]") == [0, 1, 1]
    assert table("weight", "[1,2]") == [1, 2]
    assert table("weight", "0.5") == [0.5] and table("target", 3) == [3], "one number is a list of one"
    assert table("inputs", "[]") == [] and table("target", "[]") == [], "an empty batch is torch's business"


def test_the_numbers_of_a_table_are_of_the_kind_the_lab_is_promised() -> None:
    assert settle(TABLES, {})["inputs"] == [[1.0, 2.0], [1.0, 3.0]]
    assert {type(n) for row in settle(TABLES, {})["inputs"] for n in row} == {float}
    assert {type(n) for n in table("target", "[1.0, 2]")} == {int}


@pytest.mark.parametrize("typed", ["none", "None", " NONE ", "null", "ｎｏｎｅ", "无", None])
def test_none_is_no_table_where_that_is_allowed(typed: Any) -> None:
    assert table("weight", typed) is None
    with pytest.raises(SettingError, match=r"target must be a list of whole numbers like \[1, 2\], not"):
        table("target", typed)


@pytest.mark.parametrize(
    "typed",
    ["[[1,2],[1]]", "[[1,2],3]", "[1,2]", "[[1,NaN]]", "[[1e999]]", "[[1,Infinity]]", "[[1,2]", "1,2", "", "{}",
     "3", '[["1"]]', "[[true]]", "[[null]]", "[" * 9999, [[1, [2]]], [[math.inf]], [[10**400]], 3, True, {1: 2}],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_what_one_looks_like(typed: Any) -> None:
    with pytest.raises(SettingError) as caught:
        table("inputs", typed)
    words = caught.value.words
    assert words.en.startswith(
        "inputs must be rows of finite numbers, all of one length, like [[1, 2], [1, 3]], not "
    )
    assert words.zh.startswith("inputs 应为形如 [[1, 2], [1, 3]]、各行等长的有限数表，而不是 ")
    assert len(words.en) < 160


def test_the_numbers_of_a_table_keep_to_their_range_and_kind() -> None:
    with pytest.raises(SettingError) as caught:
        table("weight", "[1, -1]")
    assert (
        caught.value.words.en
        == "weight must be a list of finite numbers like [1, 2], each from 0 to 10, or none, not '[1, -1]'."
    )
    with pytest.raises(SettingError, match="whole numbers"):
        table("target", "[0, 0.5]")


def test_a_folder_is_a_path_from_where_the_learner_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert table("images", "notes") == str(tmp_path / "notes"), "a run works in a folder of its own"
    assert table("images", " ~/纸币（一） ") == str(tmp_path / "home" / "纸币（一）")
    assert table("images", "/data/none") == "/data/none"
    assert table("images", "") == "" == settle(TABLES, {})["images"]
    for typed in (3, None, "a\0b", ["notes"]):
        with pytest.raises(SettingError, match="images must be the path of a folder, or empty for none, not"):
            table("images", typed)


nested = st.recursive(values, lambda inner: st.lists(inner, max_size=3), max_leaves=8)


@given(nested | nested.map(repr))
def test_whatever_is_given_as_a_table_is_one_or_is_refused(given: Any) -> None:
    try:
        inputs = table("inputs", given)
    except SettingError:
        return
    assert all(type(n) is float and math.isfinite(n) for row in inputs for n in row)
    assert len({len(row) for row in inputs}) <= 1


# Arguments, tables of any dimensions, defaults by choice --------------------------------------------------------

CALL = Lab(
    run="call.py",
    title=LABEL,
    controls={
        "loss": Choice(label=LABEL, options=["mse", "nll"], default="mse"),
        "inputs": Numbers(
            label=LABEL, dims="any", none=True, default=None, defaults={"loss": {"mse": [[1, 2]], "nll": [3]}}
        ),
        "args": Arguments(label=LABEL, defaults={"loss": {}}),
    },
)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ('{"reduction": "sum", "weight": [1, 2.5], "full": true, "eps": null}', {"reduction": "sum", "weight": [1, 2.5], "full": True, "eps": None}),
        ("{'reduction': 'sum', 'full': True, 'eps': None, 'beta': -1}", {"reduction": "sum", "full": True, "eps": None, "beta": -1}),
        ('reduction="sum", beta=-0.5', {"reduction": "sum", "beta": -0.5}),
        ("weight=[1, 2],", {"weight": [1, 2]}),
        ("  ", {}),
        ({"margin": 0.5}, {"margin": 0.5}),
    ],
)  # fmt: skip
def test_arguments_are_typed_as_json_or_as_python(typed: Any, value: dict[str, Any]) -> None:
    assert settle(CALL, {"args": typed})["args"] == value


@pytest.mark.parametrize(
    "typed",
    ["[1]", "1", "{", "**{'a': 1}", "a=1), (b=2", "a=1) or _(b=2", "a=f(1)", "2, a=1", "{1: 2}", '{"a b": 1}', '{"a": 1e999}', "{'a': open('x')}", "__import__('os')", '{"a": {"b": 1}}',
     "{'a': (1,)}", "(" * 1000, "{'a': 1" + "0" * 30 + "}", '{"a": "\\ud800"}', "x" * 3000, None, 3],
)  # fmt: skip
def test_nothing_else_is_taken_for_arguments_or_run(typed: Any) -> None:
    with pytest.raises(SettingError) as refused:
        settle(CALL, {"args": typed})
    assert (
        'like reduction="sum" or {"reduction": "sum"}' in refused.value.words.en
        and "具名参数" in refused.value.words.zh
    )


@pytest.mark.parametrize(
    ("typed", "value"),
    [("2", 2.0), ("[]", []), ("[1, 2]", [1, 2]), ("[[[1], [2]]]", [[[1], [2]]]), ("none", None)],
)
def test_a_table_may_have_any_dimensions_up_to_three(typed: str, value: Any) -> None:
    assert settle(CALL, {"inputs": typed})["inputs"] == value


@pytest.mark.parametrize(
    "typed", ["[[[[1]]]]", "[1, [2]]", "[[1], [2, 3]]", "[[1, true]]", '["1"]', "[[], [1]]"]
)
def test_a_table_is_full_in_every_direction(typed: str) -> None:
    with pytest.raises(SettingError):
        settle(CALL, {"inputs": typed})


def test_a_choice_brings_other_defaults_along() -> None:
    assert settle(CALL, {})["inputs"] == [[1.0, 2.0]]
    assert settle(CALL, {"loss": "nll"})["inputs"] == [3.0] and settle(CALL, {}, {"loss": "nll"})[
        "inputs"
    ] == [3.0]
    assert settle(CALL, {"loss": "nll", "inputs": "[7]"})["inputs"] == [7.0]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("SGD,Adam", ["SGD", "Adam"]),
        (" adam ， sgd、adam", ["Adam", "SGD"]),
        (["LBFGS"], ["LBFGS"]),
        ("", []),
        ([], []),
    ],
)
def test_several_names_are_taken_each_once_in_the_order_they_are_typed_in(
    typed: Any, value: list[str]
) -> None:
    names = Several(label=LABEL, options=["SGD", "Adam", "LBFGS"], default=["SGD"])
    lab = Lab(run="lab.py", title=LABEL, controls={"names": names})
    assert settle(lab, {"names": typed}) == {"names": value}
    for wrong in ("SGD,Adan", ["SGD", 1], 3, None, True):
        with pytest.raises(SettingError, match="names must be some of SGD, Adam, LBFGS"):
            settle(lab, {"names": wrong})
