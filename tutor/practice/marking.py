"""Marking: what an answer is worth, and the reason why this very answer is wrong."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeGuard, cast

from tutor.course.model import (
    AnyQuestion,
    ChoiceQuestion,
    NumberQuestion,
    OrderQuestion,
    RecordQuestion,
    SeveralQuestion,
    TensorQuestion,
    TextQuestion,
)
from tutor.course.sameness import normal, rows_of, same_number, same_tensor, size_of
from tutor.practice.numbers import Unreadable, read_number
from tutor.practice.record import differences, entries_of
from tutor.practice.scale import how_far
from tutor.words import Words

Outcome = Literal["right", "wrong", "unreadable"]
Cells = tuple[tuple[str, ...], ...]
"""What stands in the cells of a tensor, row by row; a vector is one row."""
Answer = str | int | frozenset[int] | tuple[int, ...] | Cells
"""What a learner gives: typed text for a number or a text, a line for each recorded step, the cells of a tensor, otherwise indices into the
question as it is written: the option chosen, the options marked, or all lines in the learner's order."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer is worth. `because` says why, one reason each; empty where there is nothing to add."""

    outcome: Outcome
    because: list[Words] = field(default_factory=list)


def mark(question: AnyQuestion, answer: Answer) -> Verdict:
    """The verdict on `answer`.

    TypeError if it is not of the kind that `question` asks for, or if nobody knows the key yet: see
    `tutor.practice.variants` for questions that are drawn or wait for a lab.
    """
    match question, answer:
        case NumberQuestion(), str():
            return _mark_number(question, answer)
        case ChoiceQuestion(), int():
            option = question.options[answer]
            return Verdict(
                "right" if option.right else "wrong", [option.because] if option.because.en else []
            )
        case SeveralQuestion(), frozenset():
            return _mark_several(question, answer)
        case OrderQuestion(), tuple() if not _is_cells(answer):
            return _mark_order(question, cast("tuple[int, ...]", answer))
        case TextQuestion(), str():
            return _mark_text(question, answer)
        case RecordQuestion(), str():
            return _mark_record(question, answer)
        case TensorQuestion(), tuple() if _is_cells(answer):
            return _mark_tensor(question, answer)
    raise TypeError(f"{answer!r} does not answer a question of kind {type(question).__name__}")


def _is_cells(answer: tuple[int, ...] | Cells) -> TypeGuard[Cells]:
    return all(isinstance(row, tuple) for row in answer)


def written(answer: Answer) -> str:
    """`answer` as it is kept in the store, the same in every language: typed text, cells as torch has them, or
    indices from 0."""
    match answer:
        case str():
            return answer
        case int():
            return str(answer)
        case frozenset():
            return ",".join(map(str, sorted(answer)))
        case tuple() if _is_cells(answer):
            rows = [f"[{', '.join(row)}]" for row in answer]
            return rows[0] if len(rows) == 1 else f"[{', '.join(rows)}]"
    return ",".join(map(str, answer))


def right_answer(question: AnyQuestion) -> Answer:
    """The answer that is right. TypeError where nobody knows it yet."""
    match question:
        case NumberQuestion():
            return _digits(question.answer, question.tolerance)
        case TextQuestion():
            return question.answers[0]
        case RecordQuestion():
            return "\n".join(step.text.en for step in question.steps if not step.optional)
        case TensorQuestion():
            return tuple(
                tuple(_digits(cell, question.tolerance) for cell in row) for row in rows_of(question.answer)
            )
        case OrderQuestion():
            return tuple(range(len(question.lines)))
        case ChoiceQuestion() | SeveralQuestion():
            right = [index for index, option in enumerate(question.options) if option.right]
            return right[0] if isinstance(question, ChoiceQuestion) else frozenset(right)
    raise TypeError(f"nobody knows yet what answers a question of kind {type(question).__name__}")


def wrong_cells(question: TensorQuestion, cells: Cells) -> list[tuple[int, int]]:
    """Row and column, from 0, of every cell that is read and is wrong."""
    return [
        (row, column)
        for row, (given, wanted) in enumerate(zip(cells, rows_of(question.answer), strict=True))
        for column, (text, target) in enumerate(zip(given, wanted, strict=True))
        if not isinstance(value := read_number(text), Unreadable)
        and not same_number(value, target, question.tolerance)
    ]


def _digits(value: float, tolerance: float) -> str:
    """As few digits, from six on, as are accepted."""
    texts = (f"{value:.{digits}g}" for digits in range(6, 17))
    return next((text for text in texts if same_number(float(text), value, tolerance)), repr(value))


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


def _mark_text(question: TextQuestion, text: str) -> Verdict:
    given = normal(text, question.form)
    if not given:
        return Verdict(
            "unreadable", [Words("Nothing is written yet: type the answer.", "还没有填写：请输入答案。")]
        )
    accepted = [normal(answer, question.form) for answer in question.answers]
    if given in accepted:
        return Verdict("right")
    known = [m.because for m in question.mistakes if normal(m.text, question.form) == given]
    return Verdict("wrong", known or [_near_text(given, accepted) or question.otherwise or _NOT_IT])


def _mark_record(question: RecordQuestion, text: str) -> Verdict:
    if not entries_of(text):
        return Verdict(
            "unreadable",
            [Words("Nothing is written yet: type the first step.", "还没有填写：请输入第一步。")],
        )
    found = differences(question, text)
    return Verdict("wrong", found) if found else Verdict("right")


_NOT_IT = Words("That is something else.", "不是这个。")


def _near_text(given: str, accepted: Sequence[str]) -> Words | None:
    """What can be said of a text that is almost right; it does not say the answer."""
    if given.casefold() in [answer.casefold() for answer in accepted]:
        return Words(
            "Upper and lower case matter in code: look at the capitals.", "代码区分大小写：检查一下大小写。"
        )
    if difflib.get_close_matches(given, accepted, 1, 0.85):
        return Words("Very close: look at the spelling, sign by sign.", "很接近了：逐个字符检查拼写。")
    return None


def _mark_tensor(question: TensorQuestion, cells: Cells) -> Verdict:
    values = [[read_number(text) for text in row] for row in cells]
    is_vector = len(size_of(question.answer) or ()) == 1
    for row, read in enumerate(values):
        for column, value in enumerate(read):
            if isinstance(value, Unreadable):
                place = _place(row, column, is_vector)
                return Verdict(
                    "unreadable",
                    [Words("{place}: {words}", "{place}：{words}").filled(place=place, words=value.words)],
                )
    numbers = [[value for value in read if not isinstance(value, Unreadable)] for read in values]
    given = numbers[0] if is_vector else numbers
    if same_tensor([*given], question.answer, question.tolerance):
        return Verdict("right")
    known = [m.because for m in question.mistakes if same_tensor([*given], m.value, question.tolerance)]
    return Verdict(
        "wrong", known or [*_named(question, cells), *([question.otherwise] if question.otherwise else [])]
    )


def _named(question: TensorQuestion, cells: Cells) -> list[Words]:
    """Which cells are wrong, counted as torch counts them."""
    wrong = wrong_cells(question, cells)
    count = sum(map(len, cells))
    if len(wrong) == count:
        return [Words("No cell is right yet.", "还没有一格是对的。")]
    is_vector = len(size_of(question.answer) or ()) == 1
    said = Words(
        "Wrong: {places} (counted from 0, as torch does). The other cells are right.",
        "不对的格：{places}（从 0 开始数，与 torch 一致）。其余的格都对。",
    )
    return [said.filled(places=", ".join(_place(row, column, is_vector) for row, column in wrong))]


def _place(row: int, column: int, is_vector: bool) -> str:
    return f"[{column}]" if is_vector else f"[{row}, {column}]"
