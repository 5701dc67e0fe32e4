"""What must hold of a lesson's head and steps beyond their shapes: questions that can be answered, and told apart."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Any

from tutor.course.document import At
from tutor.course.model import (
    AnyStep,
    ChoiceQuestion,
    Derivation,
    OrderQuestion,
    Question,
    SeveralQuestion,
)
from tutor.course.problem import listed
from tutor.course.tree import Fault
from tutor.words import Words

FEWEST_QUESTIONS = 6
MOST_HINTS = 3
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
CONCEPT = re.compile(r"[A-Z]\d{2}")

Faults = Iterator[Fault]


def fault(at: At, wrong: Words, write: Words, *, on_key: bool = False) -> Fault:
    """A fault at the value that `at` leads to, or at its key."""
    return Fault(at, on_key, wrong, write)


def one_of(name: str, known: Sequence[str]) -> Words:
    """What to write instead of the unknown `name`."""
    close = difflib.get_close_matches(name, known, 1)
    if close:
        return Words(f"did you mean `{close[0]}`?", f"是否想写 `{close[0]}`？")
    if not known:
        return Words("delete it: there is none", "请删除：没有可用的值")
    return Words(f"write one of {listed(known)}", f"可选值有 {listed(known)}")


def repeated(names: Sequence[Any]) -> list[int]:
    """The indices of names that stand earlier in the list, too."""
    return [index for index, name in enumerate(names) if name in names[:index]]


# The head ------------------------------------------------------------------------------------------------------


def head_faults(tree: dict[str, Any]) -> Faults:
    """The lesson's own fields."""
    id, minutes, concepts = tree.get("id"), tree.get("minutes"), tree.get("concepts")
    if isinstance(id, str):
        yield from slug_faults(("id",), id)
    if isinstance(minutes, int) and minutes < 1:
        yield fault(
            ("minutes",),
            Words(f"{minutes} minutes is no time", f"时长不能为 {minutes} 分钟"),
            Words("write how long a learner needs, for example 30", "请写学习所需的分钟数，例如 30"),
        )
    for index, concept in enumerate(concepts if isinstance(concepts, list) else []):
        if isinstance(concept, str) and not CONCEPT.fullmatch(concept):
            yield fault(
                ("concepts", index),
                Words(f"{concept!r} is no concept", f"{concept!r} 不是概念编号"),
                Words(
                    "write a capital letter and two digits, for example I01",
                    "请写一个大写字母加两位数字，例如 I01",
                ),
            )
    steps = tree.get("steps")
    kinds = [step.get("kind") for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    if (count := kinds.count("question")) < FEWEST_QUESTIONS:
        yield fault(
            ("steps",),
            Words(f"{count} questions are too few", f"只有 {count} 道题，太少"),
            Words(f"ask at least {FEWEST_QUESTIONS}", f"请至少写 {FEWEST_QUESTIONS} 道题"),
            on_key=True,
        )
    ids = (
        [step.get("id") if isinstance(step, dict) else None for step in steps]
        if isinstance(steps, list)
        else []
    )
    for index in repeated(ids):
        if isinstance(ids[index], str):
            yield fault(
                ("steps", index, "id"),
                Words(f"the step id {ids[index]} is there twice", f"步骤 id {ids[index]} 重复"),
                Words("rename one: progress is kept under it", "请改名，学习进度按 id 保存"),
            )


def slug_faults(at: At, id: str) -> Faults:
    """An id that is typed on a command line or kept in the progress file."""
    if not SLUG.fullmatch(id):
        yield fault(
            at,
            Words(f"the id {id!r} is not plain", f"id {id!r} 不合规范"),
            Words(
                "use small letters, digits and hyphens, for example one-step",
                "请用小写字母、数字和连字符，例如 one-step",
            ),
        )


# Steps ---------------------------------------------------------------------------------------------------------


def step_faults(step: AnyStep, at: At, terms: Sequence[str]) -> Faults:
    """One step; `terms` are the ids of the glossary."""
    yield from slug_faults((*at, "id"), step.id)
    for index, term in enumerate(step.terms):
        if term not in terms:
            yield fault(
                (*at, "terms", index),
                Words(f"the glossary has no {term}", f"术语表中没有 {term}"),
                Words("add it to glossary.yaml", "请加入 glossary.yaml")
                if not (close := difflib.get_close_matches(term, terms, 1))
                else Words(
                    f"did you mean `{close[0]}`? Else add it to glossary.yaml",
                    f"是否想写 `{close[0]}`？否则请加入 glossary.yaml",
                ),
            )
    if isinstance(step, Question):
        yield from question_faults(step, at)
    elif isinstance(step, Derivation):
        yield from derivation_faults(step, at)


def question_faults(question: Question, at: At) -> Faults:
    """A question has answers that can be told apart, and at most three hints."""
    if len(question.hints) > MOST_HINTS:
        yield fault(
            (*at, "hints", MOST_HINTS),
            Words(f"{len(question.hints)} hints are too many", f"提示有 {len(question.hints)} 条，太多"),
            Words(f"keep {MOST_HINTS}, the last one the solution", f"请保留 {MOST_HINTS} 条，最后一条是解答"),
        )
    match question:
        case ChoiceQuestion(options=options) | SeveralQuestion(options=options):
            right = sum(option.right for option in options)
            if isinstance(question, ChoiceQuestion) and right != 1:
                yield fault(
                    (*at, "options"),
                    Words(f"{right} options are right", f"有 {right} 个正确选项"),
                    Words(
                        "mark exactly one by `right: true`, or ask: several",
                        "请只给一个选项写 `right: true`，或改为 ask: several",
                    ),
                    on_key=True,
                )
            elif right == 0:
                yield fault(
                    (*at, "options"),
                    Words("no option is right", "没有正确选项"),
                    Words("mark the right ones by `right: true`", "请给正确选项写 `right: true`"),
                    on_key=True,
                )
            yield from _alike([option.text.en for option in options], (*at, "options"), "text")
        case OrderQuestion(lines=lines):
            if len(lines) < 2:
                yield fault(
                    (*at, "lines"),
                    Words("one line has no order", "只有一行，无需排序"),
                    Words("write at least two", "请至少写两行"),
                    on_key=True,
                )


def _alike(texts: list[str], at: At, field: str) -> Faults:
    if len(texts) < 2:
        yield fault(
            at,
            Words("there is nothing to choose from", "没有可选的内容"),
            Words("write at least two options", "请至少写两个选项"),
            on_key=True,
        )
    for index in repeated(texts):
        yield fault(
            (*at, index, field),
            Words("this option is there twice", "选项重复"),
            Words("change or delete one of the two", "请修改或删除其中一个"),
        )


def derivation_faults(step: Derivation, at: At) -> Faults:
    """A line that is asked for has wrong lines beside it; no two of them are the same."""
    for index, line in enumerate(step.lines):
        place = (*at, "lines", index)
        if line.ask is not None and not line.wrong:
            yield fault(
                place,
                Words(
                    "this line is asked for, but there is no wrong one to choose",
                    "这一行要求选择，却没有错误的选项",
                ),
                Words("add `wrong` lines, or delete `ask`", "请补上 `wrong`，或删除 `ask`"),
            )
        if line.ask is None and line.wrong:
            yield fault(
                (*place, "wrong"),
                Words("nobody sees these lines, for nothing is asked", "没有提问，这些行不会显示"),
                Words("add `ask`, or delete `wrong`", "请补上 `ask`，或删除 `wrong`"),
                on_key=True,
            )
        formulas = [line.formula.strip(), *(wrong.formula.strip() for wrong in line.wrong)]
        for again in repeated(formulas):
            yield fault(
                (*place, "wrong", again - 1, "formula"),
                Words("this line is there twice", "这一行重复"),
                Words("change or delete one of the two", "请修改或删除其中一行"),
            )
