"""Marking: what an answer is worth, and the reason why this very answer is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from tutor.course.model import (
    AnyQuestion,
    ChoiceQuestion,
    NumberQuestion,
    OrderQuestion,
    SeveralQuestion,
)
from tutor.course.sameness import same_number
from tutor.practice.numbers import Unreadable, read_number
from tutor.practice.scale import how_far
from tutor.words import Words

Outcome = Literal["right", "wrong", "unreadable"]
Answer = str | int | frozenset[int] | tuple[int, ...]
"""What a learner gives: typed text for a number, otherwise indices into the question as it is written:
the option chosen, the options marked, or all lines in the learner's order."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer is worth. `because` says why, one reason each; empty where there is nothing to add."""

    outcome: Outcome
    because: list[Words] = field(default_factory=list)


def mark(question: AnyQuestion, answer: Answer) -> Verdict:
    """The verdict on `answer`. TypeError if it is not of the kind that `question` asks for."""
    match question, answer:
        case NumberQuestion(), str():
            return _mark_number(question, answer)
        case ChoiceQuestion(), int():
            option = question.options[answer]
            return Verdict("right" if option.right else "wrong", [option.because])
        case SeveralQuestion(), frozenset():
            return _mark_several(question, answer)
        case OrderQuestion(), tuple():
            return _mark_order(question, answer)
    raise TypeError(f"{answer!r} does not answer a question of kind {type(question).__name__}")


def written(answer: Answer) -> str:
    """`answer` as it is kept in the store, the same in every language: typed text, or indices from 0."""
    if isinstance(answer, str):
        return answer
    return ",".join(
        map(
            str,
            [answer] if isinstance(answer, int) else answer if isinstance(answer, tuple) else sorted(answer),
        )
    )


def right_answer(question: AnyQuestion) -> Answer:
    """The answer that is right."""
    if isinstance(question, NumberQuestion):
        return f"{question.answer:.6g}"
    if isinstance(question, OrderQuestion):
        return tuple(range(len(question.lines)))
    if not isinstance(question, ChoiceQuestion | SeveralQuestion):
        raise TypeError(f"no answer is known yet to a question of kind {type(question).__name__}")
    right = [index for index, option in enumerate(question.options) if option.right]
    return right[0] if isinstance(question, ChoiceQuestion) else frozenset(right)


def _mark_number(question: NumberQuestion, text: str) -> Verdict:
    value = read_number(text)
    if isinstance(value, Unreadable):
        return Verdict("unreadable", [value.words])
    if same_number(value, question.answer, question.tolerance):
        return Verdict("right")
    known = [m.because for m in question.mistakes if same_number(value, m.value, question.tolerance)]
    return Verdict("wrong", known or [question.otherwise or how_far(value, question.answer)])


def _mark_several(question: SeveralQuestion, marked: frozenset[int]) -> Verdict:
    too_many = Words("“{text}” does not belong: {because}", "“{text}”不该选：{because}")
    missing = Words("“{text}” is missing: {because}", "漏选了“{text}”：{because}")
    because = [
        (too_many if index in marked else missing).filled(text=option.text, because=option.because)
        for index, option in enumerate(question.options)
        if (index in marked) is not option.right
    ]
    if because:
        return Verdict("wrong", because)
    return Verdict("right", [option.because for option in question.options if option.right])


def _mark_order(question: OrderQuestion, order: Sequence[int]) -> Verdict:
    """Lines with the same text may stand for each other."""
    lines = question.lines
    for place, index in enumerate(order):
        if lines[index].text != lines[place].text:
            said = Words(
                "Line {place} is the first that is out of place: “{text}” comes later. {because}",
                "第 {place} 行是第一处不对的地方：“{text}”应该更靠后。{because}",
            )
            return Verdict(
                "wrong", [said.filled(place=place + 1, text=lines[index].text, because=lines[index].because)]
            )
    return Verdict("right")
