import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.course.model import (
    ChoiceQuestion,
    Mistake,
    NumberQuestion,
    Option,
    OrderedLine,
    OrderQuestion,
    SeveralQuestion,
)
from tutor.practice.attempt import Attempt, arranged
from tutor.practice.marking import Answer, mark, right_answer, written
from tutor.words import Language, Words

TITLE = Words("A question", "一道题")


def number(answer: float, **more: Any) -> NumberQuestion:
    return NumberQuestion(id="n", kind="question", title=TITLE, prompt=TITLE, answer=answer, **more)


def option(text: str, right: bool = False) -> Option:
    return Option(text=Words(text, text), because=Words(f"why {text}", f"为何{text}"), right=right)


def choice(*options: Option) -> ChoiceQuestion:
    return ChoiceQuestion(id="c", kind="question", title=TITLE, prompt=TITLE, options=list(options))


def several(*options: Option) -> SeveralQuestion:
    return SeveralQuestion(id="s", kind="question", title=TITLE, prompt=TITLE, options=list(options))


def order(*lines: str, step: str = "o") -> OrderQuestion:
    return OrderQuestion(
        id=step,
        kind="question",
        title=TITLE,
        prompt=TITLE,
        lines=[OrderedLine(text=Words(t, t), because=Words(f"why {t}", f"为何{t}")) for t in lines],
    )


def reasons(question: Any, answer: Answer) -> str:
    verdict = mark(question, answer)
    assert verdict.outcome == "wrong"
    assert all(words.zh for words in verdict.because), "every reason speaks Chinese too"
    return " | ".join(words.into(Language.EN) for words in verdict.because)


class TestNumber:
    @pytest.mark.parametrize("text", ["0.3642", ".3642", "0.36419", "1.821/5", "36.42%", "０．３６４２"])
    def test_any_way_to_write_the_right_number_is_right(self, text: str) -> None:
        assert mark(number(0.3642), text).outcome == "right"

    def test_the_tolerance_is_relative(self) -> None:
        assert mark(number(3.4e38), "3.401e38").outcome == "right"
        assert mark(number(3.4e38), "3.5e38").outcome == "wrong"
        assert mark(number(1e-6), "2e-6").outcome == "wrong"
        assert mark(number(256, tolerance=0.1), "240").outcome == "right"
        assert mark(number(1), "1.001").outcome == "right", "the border itself is within"

    def test_around_zero_the_tolerance_is_absolute(self) -> None:
        assert mark(number(0), "0.0009").outcome == "right"
        assert mark(number(0), "0.0011").outcome == "wrong"

    def test_a_known_mistake_gets_its_reason(self) -> None:
        mistakes = [Mistake(value=v, because=Words(f"because {v}", f"因为 {v}")) for v in (256, 1, 0.0625)]
        question = number(16, mistakes=mistakes)
        assert reasons(question, "2^8") == "because 256"
        assert reasons(question, "1/16") == "because 0.0625"

    def test_a_number_that_two_mistakes_lead_to_gets_both_reasons(self) -> None:
        mistakes = [
            Mistake(value=0.607, because=Words(w, "因")) for w in ("divided by N", "divided by 1 + 2")
        ]
        assert reasons(number(0.3642, mistakes=mistakes), "0.607") == "divided by N | divided by 1 + 2"

    def test_a_mistake_within_the_tolerance_of_the_answer_does_not_make_it_wrong(self) -> None:
        mistake = Mistake(value=16.001, because=Words("no", "否"))
        assert mark(number(16, mistakes=[mistake]), "16").outcome == "right"

    def test_mistakes_can_be_nan_or_infinite(self) -> None:
        mistakes = [
            Mistake(value=math.inf, because=Words("overflow", "溢出")),
            Mistake(value=math.nan, because=Words("inf - inf", "相减")),
        ]
        assert reasons(number(1, mistakes=mistakes), "inf") == "overflow"
        assert reasons(number(1, mistakes=mistakes), "nan") == "inf - inf"

    def test_nan_and_infinity_can_be_right(self) -> None:
        assert mark(number(math.nan), "NaN").outcome == "right"
        assert mark(number(math.inf), "inf").outcome == "right"
        assert mark(number(math.inf), "-inf").outcome == "wrong"

    def test_the_author_s_word_for_any_other_number_is_used(self) -> None:
        assert reasons(number(16, otherwise=Words("look at n", "看看 n")), "77") == "look at n"

    @pytest.mark.parametrize(
        ("answer", "text", "said"),
        [
            (16, "-16", "sign"),
            (31, "32", "Off by one"),
            (16, "1/16", "reciprocal"),
            (16, "256", "square"),
            (16, "4", "root"),
            (0.3642, "0.37", "Close"),
            (0.3642, "364.2", "Too large, by a factor of about 10^3"),
            (0.3642, "0.1", "Too small, by a factor of about 3.6"),
            (2, "2e-300", "Too small, by a factor of about 10^300"),
            (1e300, "1e-300", "reciprocal"),
            (1e300, "3e-300", "Too small"),
            (16, "0", "not 0"),
            (0, "5", "cancels"),
            (16, "-3", "sign is different"),
            (16, "inf", "finite"),
            (math.nan, "0", "not a finite"),
            (math.nan, "inf", "not a number any more"),
            (math.inf, "nan", "does become infinite"),
        ],
    )
    def test_an_unforeseen_number_is_told_how_it_lies_to_the_answer(
        self, answer: float, text: str, said: str
    ) -> None:
        assert said in reasons(number(answer), text)

    @given(st.floats(), st.floats())
    def test_every_pair_of_numbers_can_be_compared(self, answer: float, given: float) -> None:
        verdict = mark(number(answer), repr(given))
        assert verdict.outcome == "right" or (verdict.because and verdict.because[0].zh)

    def test_what_cannot_be_read_is_not_wrong(self) -> None:
        verdict = mark(number(16), "sixteen")
        assert verdict.outcome == "unreadable"
        assert "sixteen" in verdict.because[0].en


class TestOptions:
    def test_the_option_chosen_gives_the_reason(self) -> None:
        question = choice(option("a"), option("b", right=True), option("c"))
        assert reasons(question, 2) == "why c"
        verdict = mark(question, 1)
        assert (verdict.outcome, verdict.because[0].en) == ("right", "why b")

    def test_several_names_what_is_missing_and_what_is_too_many_each_with_its_reason(self) -> None:
        question = several(option("a", right=True), option("b"), option("c", right=True))
        said = reasons(question, frozenset({0, 1}))
        assert said == "“b” does not belong: why b | “c” is missing: why c"
        assert mark(question, frozenset({0, 2})).outcome == "right"
        assert "“a” is missing" in reasons(question, frozenset())


class TestOrder:
    def test_the_first_line_out_of_place_is_named_with_its_reason(self) -> None:
        said = reasons(order("zero", "forward", "backward", "step"), (0, 2, 1, 3))
        assert "Line 2" in said
        assert "“backward” comes later" in said
        assert "why backward" in said

    def test_lines_of_the_same_text_may_stand_for_each_other(self) -> None:
        question = order("relu", "linear", "relu")
        assert mark(question, (2, 1, 0)).outcome == "right"
        assert mark(question, (0, 2, 1)).outcome == "wrong"

    @given(st.text(), st.integers(2, 8))
    def test_it_never_starts_out_right_and_always_the_same(self, step: str, count: int) -> None:
        question = order(*(f"line {i}" for i in range(count)), step=step)
        start = arranged(question)
        assert sorted(start) == list(range(count))
        assert mark(question, start).outcome == "wrong"
        assert arranged(question) == start


def test_an_answer_of_another_kind_is_a_bug_and_raises() -> None:
    with pytest.raises(TypeError, match="ChoiceQuestion"):
        mark(choice(option("a", right=True), option("b")), "a")


@pytest.mark.parametrize(
    "question",
    [
        number(math.inf),
        number(1 / 3),
        choice(option("a"), option("b", right=True)),
        several(option("a", right=True), option("b"), option("c", right=True)),
        order("1", "2", "3"),
    ],
)
def test_the_right_answer_of_every_kind_is_marked_right(question: Any) -> None:
    assert mark(question, right_answer(question)).outcome == "right"
    attempt = Attempt.begin(question).revealed()
    assert attempt.over
    assert attempt.draft == right_answer(question)


def test_answers_are_written_down_in_a_form_without_language() -> None:
    assert [written(a) for a in (" 4/11", 2, frozenset({2, 0}), (1, 0, 2))] == [" 4/11", "2", "0,2", "1,0,2"]
