"""What names the right answer of a question: correcting a word keeps it, changing the answer changes it."""

from __future__ import annotations

import json

from tutor.course.model import (
    AnyQuestion,
    ChoiceQuestion,
    GeneratedQuestion,
    NumberQuestion,
    OrderQuestion,
    PredictQuestion,
    RecordQuestion,
    SeveralQuestion,
    TensorQuestion,
    TextQuestion,
)
from tutor.course.sameness import normal


def key_of(question: AnyQuestion) -> str:
    """A short text for the right answer; answers that were given under another one no longer count in the review.

    Options and lines are known by their place, so that their words may be corrected.
    """
    match question:
        case NumberQuestion():
            return f"number {question.answer!r}"
        case ChoiceQuestion() | SeveralQuestion():
            right = ",".join(str(index) for index, option in enumerate(question.options) if option.right)
            return f"options {right} of {len(question.options)}"
        case OrderQuestion():
            return f"lines {len(question.lines)}"
        case TextQuestion():
            return f"text {normal(question.answers[0], question.form)}"
        case RecordQuestion():
            return f"steps {len(question.steps)}"
        case TensorQuestion():
            return f"tensor {json.dumps(question.answer)}"
        case PredictQuestion():
            return f"lab {question.lab} {json.dumps(question.set, sort_keys=True)} {question.of}"
        case GeneratedQuestion():
            return f"generated {question.generate.partition(':')[2]} {question.form}"
