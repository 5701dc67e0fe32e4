"""What a drawn question's view asks for and may not do itself: drawing numbers, and how many were right in a row."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.course.index import find_lesson
from tutor.course.model import ChoiceQuestion, GeneratedQuestion, Lesson, NumberQuestion, TensorQuestion
from tutor.course.templates import TemplateError
from tutor.practice.variants import realised
from tutor.protocol import Failed, Variant
from tutor.ui.news import advice
from tutor.words import Words

if TYPE_CHECKING:
    from tutor.ui.app import TutorApp


@dataclass(frozen=True, slots=True)
class Drawn:
    """A variant of a question, and the question that it makes."""

    seed: int
    question: NumberQuestion | TensorQuestion | ChoiceQuestion


async def draw(app: TutorApp, lesson: Lesson, question: GeneratedQuestion, seed: int) -> Drawn | Words:
    """The question with the numbers of `seed`, or why there are none. Waits until torch is there."""
    refusal = app.refusal()
    if refusal is not None:
        return refusal
    entry = find_lesson(app.index, lesson.id)
    if entry is None:
        return Words("This lesson is no longer in the course.", "课程中已没有这一课。")
    while app.kernel is None:  # until the first paint is done
        await asyncio.sleep(0.05)
    file, _, function = question.generate.partition(":")
    said = "it ended without a word"
    try:
        async for emission in app.kernel.pose(app.folder / entry.folder / file, function, [seed]):
            if isinstance(emission, Variant):
                return Drawn(seed, realised(question, emission))
            if isinstance(emission, Failed):
                said = f"{emission.type}: {emission.message}"
    except TemplateError as error:
        return error.words
    except ValueError as error:
        said = str(error)
    if (words := advice(app.kernel.state)) is not None:
        return words
    return Words("No numbers could be drawn ({said}).", "无法抽取题目中的数（{said}）。").filled(said=said)


def right_in_a_row(app: TutorApp, lesson: Lesson, question: GeneratedQuestion) -> int:
    """How many of the last answers to `question` were right, skipping aside."""
    row = 0
    for answer in app.store.answers():
        if (answer.lesson, answer.step) == (lesson.id, question.id) and answer.outcome != "skipped":
            row = row + 1 if answer.outcome == "right" else 0
    return row
