"""Every drawn question of the lessons, over 500 seeds in the real kernel: no draw may mislead a learner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tutor.client import Kernel
from tutor.course.document import At
from tutor.course.draft import draft_of
from tutor.course.index import default_folder
from tutor.course.load import load_course
from tutor.course.model import GeneratedQuestion
from tutor.course.variant_rules import variant_faults
from tutor.practice.marking import mark, right_answer
from tutor.practice.variants import realised
from tutor.protocol import Finished, Variant
from tutor.words import Words

FOLDER = default_folder()
SEEDS = list(range(500))


def generated() -> Iterator[tuple[str, At, GeneratedQuestion]]:
    course, _ = load_course(FOLDER)
    for name in [lesson.folder for part in course.parts for lesson in part.lessons]:
        draft = draft_of(FOLDER, name, [])
        assert draft is not None
        yield from ((name, at, step) for at, step in draft.steps if isinstance(step, GeneratedQuestion))


QUESTIONS = list(generated())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kernel():
    kernel = Kernel()
    await kernel.start()
    yield kernel
    await kernel.close()


def test_there_are_drawn_questions() -> None:
    assert len(QUESTIONS) >= 2


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("folder", "at", "question"), QUESTIONS, ids=[q.id for _, _, q in QUESTIONS])
async def test_no_draw_misleads(kernel: Kernel, folder: str, at: At, question: GeneratedQuestion) -> None:
    file, _, function = question.generate.partition(":")
    path: Path = FOLDER / folder / file
    *variants, ending = [each async for each in kernel.pose(path, function, SEEDS)]
    assert isinstance(ending, Finished), ending
    drawn = [each for each in variants if isinstance(each, Variant)]
    assert [variant.seed for variant in drawn] == SEEDS
    assert [fault.wrong.en for fault in variant_faults(question, at, drawn)] == []
    for variant in drawn:
        asked = realised(question, variant)
        assert mark(asked, right_answer(asked)).outcome == "right", variant.seed
        texts: list[Words | None] = [asked.prompt, asked.solution, *asked.hints]
        for words in (each for each in texts if each is not None):
            for text in (words.en, words.zh):
                assert text and "nan" not in text.split() and "inf" not in text.split(), (variant.seed, text)
