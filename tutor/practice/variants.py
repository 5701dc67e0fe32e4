"""Questions whose key comes from torch: drawn by a generator, or waiting for what a lab yields."""

from __future__ import annotations

import random
from typing import Any, TypedDict

from tutor.course.model import (
    ChoiceQuestion,
    GeneratedQuestion,
    Mistake,
    NumberQuestion,
    Option,
    PredictQuestion,
    TensorMistake,
    TensorQuestion,
)
from tutor.course.sameness import is_number
from tutor.course.templates import fields_of, filled, shown
from tutor.protocol import Variant, number
from tutor.words import Words


class _Shared(TypedDict):
    """What every question has, whatever it asks for."""

    id: str
    title: Words
    terms: list[str]
    kind: Any
    prompt: Words
    given: str | None
    hints: list[Words]
    solution: Words | None


def realised(
    question: GeneratedQuestion, variant: Variant
) -> NumberQuestion | TensorQuestion | ChoiceQuestion:
    """`question` with the numbers of `variant`; the same seed gives the same question.

    Raises `TemplateError` where a text names a number that the variant does not have, `ValueError` where the
    variant is not of the form that is asked for or names a mistake without a reason.
    """
    fields = fields_of(variant)

    def told(words: Words) -> Words:
        return Words(filled(words.en, fields), filled(words.zh, fields))

    shared = _Shared(
        id=question.id,
        title=question.title,
        terms=question.terms,
        kind=question.kind,
        prompt=told(question.prompt),
        given=None if question.given is None else filled(question.given, fields),
        hints=[told(hint) for hint in question.hints],
        solution=None if question.solution is None else told(question.solution),
    )
    otherwise = None if question.otherwise is None else told(question.otherwise)
    if unexplained := variant.mistakes.keys() - question.reasons.keys():
        raise ValueError(
            f"{question.generate} names mistakes without a reason: {', '.join(sorted(unexplained))}"
        )
    answer = number(variant.answer)
    mistakes = [(number(value), told(question.reasons[name])) for name, value in variant.mistakes.items()]
    if question.form == "choice":
        return ChoiceQuestion(**shared, options=_options(answer, mistakes, f"{question.id}:{variant.seed}"))
    if any(is_number(value) is (question.form == "tensor") for value in (answer, *(v for v, _ in mistakes))):
        raise ValueError(f"{question.generate} draws no {question.form}")
    if question.form == "number":
        return NumberQuestion(
            **shared,
            answer=float(answer),
            tolerance=question.tolerance,
            mistakes=[Mistake(value=float(value), because=because) for value, because in mistakes],
            otherwise=otherwise,
        )
    return TensorQuestion(
        **shared,
        answer=answer,
        tolerance=question.tolerance,
        mistakes=[TensorMistake(value=value, because=because) for value, because in mistakes],
        otherwise=otherwise,
    )


def foretold(question: PredictQuestion, value: float) -> NumberQuestion:
    """`question` once the lab has yielded `value`."""
    return NumberQuestion(
        id=question.id,
        title=question.title,
        terms=question.terms,
        kind=question.kind,
        prompt=question.prompt,
        given=question.given,
        hints=question.hints,
        solution=question.solution,
        answer=value,
        tolerance=question.tolerance,
        mistakes=question.mistakes,
        otherwise=question.otherwise,
    )


def _options(answer: Any, mistakes: list[tuple[Any, Words]], seed: str) -> list[Option]:
    """The right one among what the mistakes give, in an order that the seed draws.

    Mistakes that read alike share an option, which says both reasons; one that reads like the answer is left out.
    """
    reasons: dict[str, list[Words]] = {}
    for value, because in mistakes:
        reasons.setdefault(_short(value), []).append(because)
    reasons.pop(_short(answer), None)
    options = [Option(text=_same(_short(answer)), because=Words(""), right=True)]
    for text, said in reasons.items():
        both = Words(" ".join(words.en for words in said), "".join(words.zh for words in said))
        options.append(Option(text=_same(text), because=both))
    random.Random(seed).shuffle(options)
    return options


def _short(value: Any) -> str:
    return shown(value, ".5g")


def _same(text: str) -> Words:
    return Words(text, text)
