"""What must hold of the variants that a generator draws: of the form asked for, told apart, and enough for every text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tutor.course.document import At
from tutor.course.model import GeneratedQuestion
from tutor.course.problem import listed
from tutor.course.rules import Faults, fault
from tutor.course.sameness import is_number, is_tensor, rows_of, same_value, size_of
from tutor.course.templates import TemplateError, fields_of, filled, shown
from tutor.protocol import Variant, number
from tutor.words import Words

SEEDS = list(range(1, 21))
"""What `tutor check` draws from each generator."""


def variant_faults(question: GeneratedQuestion, at: At, drawn: Sequence[Variant]) -> Faults:
    """The first fault of each kind among the variants, and reasons that no variant needs."""
    place = (*at, "generate")
    for wrong in (_misshapen(question, drawn), _alike(question, drawn)):
        if wrong is not None:
            yield fault(
                place, wrong, Words("draw again, or mend the generator", "请重新抽取，或改正生成函数")
            )
    if len(drawn) > 1 and all(v.answer == drawn[0].answer and v.fields == drawn[0].fields for v in drawn):
        wrong = Words("it draws the same numbers whatever the seed", "无论种子是什么，抽到的数都一样")
        yield fault(place, wrong, Words("draw from `rng`", "请用 `rng` 抽取"))
    named = dict.fromkeys(name for variant in drawn for name in variant.mistakes)
    for name in named:
        if name not in question.reasons:
            wrong = Words(f"the mistake {name} has no reason", f"错误 {name} 没有原因")
            write = Words(
                f"add `{name}: ` with what the learner did", f"请补上 `{name}: `，说明学习者做了什么"
            )
            yield fault((*at, "reasons"), wrong, write, on_key=True)
    for name in question.reasons:
        if name not in named:
            wrong = Words(f"the generator names no mistake {name}", f"生成函数没有名为 {name} 的错误")
            write = Words(f"it names {listed(list(named))}", f"它给出的错误有 {listed(list(named))}")
            yield fault((*at, "reasons", name), wrong, write, on_key=True)


def filling_faults(text: str, at: At, drawn: Sequence[Variant]) -> Faults:
    """A template is filled in by every variant; the first that does not is said."""
    for variant in drawn:
        try:
            filled(text, fields_of(variant))
        except TemplateError as error:
            yield fault(at, error.words, error.write)
            return


def _misshapen(question: GeneratedQuestion, drawn: Sequence[Variant]) -> Words | None:
    for variant in drawn:
        for name, value in (("answer", variant.answer), *variant.mistakes.items()):
            value = number(value)
            if not _is_value(value, question.form):
                return Words(
                    f"seed {variant.seed}: {name} is {shown(value)}, no {question.form}",
                    f"种子 {variant.seed}：{name} 为 {shown(value)}，不是所要求的形式 {question.form}",
                )
            if name == "answer" and not _is_finite(value):
                return Words(
                    f"seed {variant.seed}: the answer is {shown(value)}",
                    f"种子 {variant.seed}：答案为 {shown(value)}",
                )
            if question.form == "tensor" and size_of(value) != size_of(variant.answer):
                return Words(
                    f"seed {variant.seed}: {name} has the shape {size_of(value)}, the answer {size_of(variant.answer)}",
                    f"种子 {variant.seed}：{name} 的形状为 {size_of(value)}，答案为 {size_of(variant.answer)}",
                )
    return None


def _is_value(value: Any, form: str) -> bool:
    kinds = {"number": is_number(value), "tensor": is_tensor(value)}
    return kinds.get(form, any(kinds.values()))


def _is_finite(value: Any) -> bool:
    rows = rows_of(value) if isinstance(value, list) else [[value]]
    return all(math.isfinite(cell) for row in rows for cell in row)


def _alike(question: GeneratedQuestion, drawn: Sequence[Variant]) -> Words | None:
    """Which mistake cannot be told from the answer, or from another mistake."""
    for variant in drawn:
        values = {"answer": number(variant.answer), **{k: number(v) for k, v in variant.mistakes.items()}}
        if not all(_is_value(value, question.form) for value in values.values()):
            continue
        names = list(values)
        for index, name in enumerate(names):
            for other in names[:index]:
                if same_value(values[name], values[other], question.tolerance):
                    value = shown(values[name])
                    return Words(
                        f"seed {variant.seed}: {name} and {other} both give {value}",
                        f"种子 {variant.seed}：{name} 与 {other} 都得到 {value}",
                    )
    return None
