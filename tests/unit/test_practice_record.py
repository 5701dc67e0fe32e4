"""Recorded steps are compared entry by entry, and every difference is explained."""

import pytest

from tutor.course.model import RecordedStep, RecordQuestion, TextMistake
from tutor.practice.marking import mark, right_answer
from tutor.words import Words


def step(name: str, zh: str, *accepts: str) -> RecordedStep:
    return RecordedStep(text=Words(name, zh), accepts=list(accepts), because=Words(f"[{name}]", f"【{zh}】"))


QUESTION = RecordQuestion(
    id="q",
    title=Words("t"),
    kind="question",
    prompt=Words("p"),
    steps=[
        step("softmax", "归一化"),
        step("log", "取对数", "ln"),
        step("pick", "取出"),
        step("average", "平均", "mean"),
    ],
    mistakes=[TextMistake(text="sigmoid", because=Words("Two classes only.", "只用于两类。"))],
)


def said(*entries: str) -> list[str]:
    verdict = mark(QUESTION, "\n".join(entries))
    assert (verdict.outcome == "right") == (not verdict.because)
    return [words.en for words in verdict.because]


@pytest.mark.parametrize(
    "entries",
    [
        ("softmax", "log", "pick", "average"),
        ("Ｓoftmax", " LN", "取出", "Mean", ""),
        ("归一化", "取对数", "pick", "平均"),
    ],
)
def test_the_steps_in_order_are_right_in_either_language_and_spelling(entries: tuple[str, ...]) -> None:
    assert said(*entries) == []


def test_its_own_key_is_accepted() -> None:
    assert mark(QUESTION, right_answer(QUESTION)).outcome == "right"


def test_nothing_is_not_marked() -> None:
    assert mark(QUESTION, " \n").outcome == "unreadable"


def test_a_missing_step_is_explained_without_being_named() -> None:
    assert said("softmax", "pick", "average") == ["After “softmax” a step is missing: [log]"]
    assert said("log", "pick", "average") == ["Something comes before all that: [softmax]"]


def test_a_step_out_of_place_is_named_once() -> None:
    (only,) = said("softmax", "pick", "log", "average")
    assert "out of place" in only


def test_what_is_none_of_the_steps_gets_the_reason_of_its_known_mistake() -> None:
    assert said("sigmoid", "softmax", "log", "pick", "average") == ["Entry 1, “sigmoid”: Two classes only."]
    assert said("softmax", "log", "pick", "average", "relu") == ["Entry 5, “relu”: It is none of the steps."]


def test_the_same_step_twice_is_said() -> None:
    assert said("softmax", "log", "log", "pick", "average") == ["Entry 3, “log”, is there twice."]


def test_every_difference_is_said_at_once() -> None:
    assert len(said("relu", "log", "average")) == 3, "a stranger, softmax missing, pick missing"
