"""What only torch can tell of a course: whether the authors' expressions give their numbers, and what is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tutor.course import lab_rules, question_rules, trace_rules, variant_rules
from tutor.course.document import At, Document
from tutor.course.draft import Draft, place_of, said, templates_of
from tutor.course.model import (
    GeneratedQuestion,
    PredictQuestion,
    Question,
    RecordQuestion,
    Tensor,
    TraceStep,
)
from tutor.course.problem import Problem
from tutor.course.sameness import is_number, is_tensor, same_number, same_value
from tutor.course.settings import settle
from tutor.course.templates import shown
from tutor.protocol import Variant
from tutor.words import Words

Evaluate = Callable[[dict[str, str]], dict[str, Any]]
"""Gives each of the named expressions its value, a number or a nested list of them, or the text of its error."""
Pose = Callable[[Path, str, list[int]], list[Variant] | str]
"""Draws a variant for each seed by a function in a file, or gives the text of the error."""
Play = Callable[[Path, str, dict[str, Any]], dict[str, Any] | str]
"""Runs a lab, a function in a file, with settings, and gives its values, or the text of the error."""
Follow = Callable[[TraceStep], list[str] | str]
"""Steps through code and gives the names of what was called, in order, or the text of the error."""


def verify_problems(drafts: list[Draft], evaluate: Evaluate | None) -> list[Problem]:
    """Expressions that Python cannot read and, with `evaluate`, those that do not give the number beside them."""
    found: list[Problem] = []
    wanted: dict[str, tuple[Document, At, str, float | Tensor, float]] = {}
    for draft in drafts:
        for step_at, step in draft.steps:
            if not isinstance(step, Question):
                continue
            for at, expression, value, tolerance in question_rules.verify_expressions(step, step_at):
                try:
                    compile(expression.strip(), "verify", "eval")
                except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                    wrong = Words(f"Python cannot read this ({error})", f"Python 无法解析（{error}）")
                    found.append(draft.en.problem(at, wrong, _EXPRESSION))
                    continue
                wanted[f"{draft.name}.{place_of(at)}"] = (draft.en, at, expression.strip(), value, tolerance)
    if evaluate is None or not wanted:
        return found
    values = evaluate({name: expression for name, (_, _, expression, _, _) in wanted.items()})
    for name, (document, at, _, written, tolerance) in wanted.items():
        given = values.get(name)
        kind = Words("tensor", "张量") if isinstance(written, list) else Words("number", "数")
        if not (is_tensor(given) if isinstance(written, list) else is_number(given)):
            told = f"no {kind.en}" if given is None else str(given).strip() or "an error"
            wrong = Words(f"this gives no {kind.en} ({told})", f"该表达式没有得到{kind.zh}（{told}）")
            found.append(document.problem(at, wrong, _EXPRESSION))
        elif not same_value(given, written, tolerance):
            field = "value" if "mistakes" in at else "answer"
            wrong = Words(
                f"this gives {shown(given, '.7g')}, `{field}` says {shown(written, 'g')}",
                f"该表达式得到 {shown(given, '.7g')}，而 `{field}` 是 {shown(written, 'g')}",
            )
            found.append(document.problem(at, wrong, Words("mend one of the two", "请改正其中之一")))
    return found


_EXPRESSION = Words(
    "write one Python expression of torch and math that gives the number",
    "请用 torch 和 math 写一个得到该数的 Python 表达式",
)


def drawn_problems(draft: Draft, folder: Path, pose: Pose) -> Iterator[Problem]:
    """What is wrong with the variants of each generated question that is sound as it is written."""
    for at, step in draft.steps:
        if not isinstance(step, GeneratedQuestion):
            continue
        if any(question_rules.typed_faults(step, at, {}, folder / draft.name)):
            continue
        file, _, function = step.generate.partition(":")
        drawn = pose(folder / draft.name / file, function, variant_rules.SEEDS)
        if isinstance(drawn, str):
            wrong = Words(f"the generator fails ({drawn})", f"生成函数出错（{drawn}）")
            write = Words("mend it", "请改正")
            yield draft.en.problem((*at, "generate"), wrong, write)
            continue
        yield from (said(draft.en, each) for each in variant_rules.variant_faults(step, at, drawn))
        for document, place, text in templates_of(draft, at, step):
            for each in variant_rules.filling_faults(text, place, drawn):
                yield said(document, each)


def predicted_problems(drafts: list[Draft], folder: Path, play: Play) -> Iterator[Problem]:
    """Predictions, sound as they are written, whose lab gives no number or one that a listed mistake gives."""
    homes = {name: draft.name for draft in drafts for name in draft.labs}
    labs = {name: lab for draft in drafts for name, lab in draft.labs.items()}
    for draft in drafts:
        for at, step in draft.steps:
            if not isinstance(step, PredictQuestion):
                continue
            if any(question_rules.typed_faults(step, at, labs, folder / draft.name)):
                continue
            lab, home = labs[step.lab], folder / homes[step.lab]
            file, _, function = lab.run.partition(":")
            if any(lab_rules.lab_faults(step.lab, lab, (), home)):
                continue
            values = play(home / file, function or "run", settle(lab, {}, step.set))
            wrong = values if isinstance(values, str) else values.get(step.of)
            if isinstance(values, str) or not is_number(wrong) or not math.isfinite(wrong):
                told = Words(f"the lab gives no number for it ({wrong})", f"实验没有给出这个数（{wrong}）")
                write = Words("mend the lab, or ask for another value", "请改正实验，或改问另一个结果值")
                yield draft.en.problem((*at, "of"), told, write)
                continue
            for index, mistake in enumerate(step.mistakes):
                if same_number(mistake.value, wrong, step.tolerance):
                    place = (*at, "mistakes", index, "value")
                    told = Words(
                        f"{mistake.value:g} is what the lab gives, and right",
                        f"{mistake.value:g} 正是实验给出的值，会被判为正确",
                    )
                    write = Words("take another number, or a smaller tolerance", "请换一个数，或减小容差")
                    yield draft.en.problem(place, told, write)


def traced_problems(draft: Draft, follow: Follow) -> Iterator[Problem]:
    """Code, sound as it is written, that raises; and questions that ask for what it does not call."""
    called: dict[str, list[str]] = {}
    for at, step in draft.steps:
        if not isinstance(step, TraceStep) or any(trace_rules.trace_faults(step, at)):
            continue
        names = follow(step)
        if isinstance(names, list):
            called[step.id] = names
        raised = names.partition(":")[0] if isinstance(names, str) else None
        if raised == step.raises:
            continue
        if isinstance(names, str):
            wrong = Words(f"this raises ({names})", f"这段代码出错（{names}）")
            write = Words("mend it, or write its type under `raises`", "请改正，或在 `raises` 中写明异常类型")
        else:
            wrong = Words(f"this raises no {step.raises}", f"这段代码没有抛出 {step.raises}")
            write = Words("delete `raises`, or mend the code", "请删除 `raises`，或改正代码")
        yield draft.en.problem((*at, "snippet"), wrong, write)
    for at, step in draft.steps:
        if isinstance(step, RecordQuestion) and step.trace in called:
            yield from (said(draft.en, f) for f in trace_rules.called_faults(step, at, called[step.trace]))
