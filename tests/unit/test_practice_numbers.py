import math
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tutor.practice.numbers import NAMES, Unreadable, read_number
from tutor.words import Language


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.3642", 0.3642),
        (".364", 0.364),
        ("5.", 5.0),
        ("4/11", 4 / 11),
        ("1e-3", 0.001),
        ("1.4e15", 1.4e15),
        ("2^128", 2.0**128),
        ("16**32", 16.0**32),
        ("5/3*sqrt(6/512)", 5 / 3 * math.sqrt(6 / 512)),
        ("sqrt 2", math.sqrt(2)),
        ("sqrt(2)^2", 2.0),
        ("√(2)/2", math.sqrt(2) / 2),
        ("ln 2", math.log(2)),
        ("-log2(8)", -3.0),
        ("log10(1000)", 3.0),
        ("2*e", 2 * math.e),
        ("Pi", math.pi),
        ("36.4%", 0.364),
        ("-2^2", -4.0),
        ("2^-2", 0.25),
        ("2^3^2", 512.0),
        ("1 - (2 - 3) - 4", -2.0),
        ("math.sqrt(9)", 3.0),
        ("= 0.36", 0.36),
        ("≈0.36", 0.36),
        ("-inf", -math.inf),
        ("∞", math.inf),
    ],
)
def test_what_a_learner_types_for_a_number_is_read(text: str, value: float) -> None:
    read = read_number(text)
    assert isinstance(read, float)
    assert read == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("１．５", 1.5),
        ("－３", -3.0),
        ("（１＋２）×３", 9.0),
        ("4÷11", 4 / 11),
        ("−0.5", -0.5),
        ("0。5", 0.5),  # the key "." while the input method is Chinese
        ("4、11", 4 / 11),  # the key "/"
        ("2……10", 1024.0),  # shift+6
        ("４０％", 0.4),
        ("4×10⁻³", 0.004),
        ("ｌｎ ２", math.log(2)),
    ],
)
def test_full_width_and_typographic_forms_mean_the_same(text: str, value: float) -> None:
    assert read_number(text) == pytest.approx(value, rel=1e-12)


def test_a_superscript_is_a_power_and_never_more_digits() -> None:
    assert read_number("2¹⁰") == 1024.0


@pytest.mark.parametrize("text", ["nan", "NaN", "inf - inf"])
def test_nan_can_be_answered(text: str) -> None:
    read = read_number(text)
    assert isinstance(read, float)
    assert math.isnan(read)


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("", "Nothing is written", "还没有填写"),
        ("0,364", "comma", "逗号"),
        ("log(2)", "write ln", "ln"),
        ("2pi", "Before “pi” a sign is missing", "“pi”前面缺少运算符"),
        ("3 4", "Before “4”", "“4”前面"),
        ("12 apples", "Before “apples”", "“apples”前面"),
        ("apples", "“apples” is not understood", "看不懂“apples”"),
        ("(1+2", "At the end “)” is missing", "末尾缺少“)”"),
        ("1+2)", "one “)” more", "右括号"),
        ("3*", "At the end a number is missing", "末尾缺少一个数"),
        ("2 + $", "“$” is not understood", "看不懂“$”"),
        ("1/0", "inf", "inf"),
        ("9^9^9^9", "inf", "inf"),
        ("1e999", "inf", "inf"),
        ("sqrt(-1)", "sqrt(-1) has no real value", "sqrt(-1) 没有实数值"),
        ("(-8)^(1/3)", "not a real number", "不是实数"),
        ("½", "“½”", "“½”"),
        ("(" * 60 + "1" + ")" * 59, "nested", "嵌套"),
        ("1" * 500, "longer", "超过"),
        ("__import__('os')", "not understood", "看不懂"),
    ],
)
def test_what_cannot_be_read_is_said_with_the_place(text: str, english: str, chinese: str) -> None:
    read = read_number(text)
    assert isinstance(read, Unreadable)
    assert english in read.words.into(Language.EN)
    assert chinese in read.words.into(Language.ZH)


@given(st.floats())
def test_every_float_reads_back_from_its_repr(value: float) -> None:
    read = read_number(repr(value))
    assert isinstance(read, float)
    assert read == value or (math.isnan(read) and math.isnan(value))


_PIECES = st.sampled_from(
    [
        *NAMES,
        *"0123456789.eE+-*/^()%, ，。（）％×¹²好",
        "**",
        "9" * 30,
        "1e308",
        "-1e-320",
        "0.5",
        "\0",
        "\ud800",
    ]
)


@given(st.one_of(st.text(), st.lists(_PIECES, max_size=30).map("".join)))
@example("9**9**9**9**9**9")
@example("-" * 110 + "1")
@example("sqrt " * 20 + "2")
@example("(" * 119)
@example("0**-inf")
@example("exp(exp(exp 9))")
@example("{x}")
def test_reading_never_raises_and_never_hangs(text: str) -> None:
    began = time.process_time()
    read = read_number(text)
    assert time.process_time() - began < 0.5
    assert isinstance(read, (float, Unreadable))
