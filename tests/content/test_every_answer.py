"""A scripted learner gives every answer the lessons know of, right and wrong, and reads what they say to it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from tutor.client import Kernel
from tutor.course.index import Entry, Index, default_folder, find_lab, load_index
from tutor.course.load import load_lab, load_lesson
from tutor.course.model import (
    AnyQuestion,
    ChoiceQuestion,
    GeneratedQuestion,
    NumberQuestion,
    OrderQuestion,
    PredictQuestion,
    Question,
    RecordQuestion,
    SeveralQuestion,
    TensorQuestion,
    TextQuestion,
    TraceStep,
)
from tutor.course.sameness import rows_of
from tutor.course.settings import settle
from tutor.practice.chain import traced
from tutor.practice.marking import Answer, mark, right_answer
from tutor.practice.variants import foretold, realised
from tutor.protocol import Finished, Value, Variant, number
from tutor.protocol.trace import Go
from tutor.stepping.journal import Call, calls
from tutor.stepping.recording import Recording
from tutor.words import Language, Words

FOLDER = default_folder()
SEEDS = [11, 12, 13]


async def asked(cache: Path) -> list[tuple[str, AnyQuestion]]:
    """Every question of every lesson with its name; what waits for torch, with what torch says."""
    index = load_index(FOLDER, cache)
    kernel = Kernel()
    await kernel.start()
    try:
        found: list[tuple[str, AnyQuestion]] = []
        for entry in index.lessons:
            for step in load_lesson(FOLDER, entry).steps:
                if not isinstance(step, Question):
                    continue
                name = f"{entry.id}.{step.id}"
                if isinstance(step, GeneratedQuestion):
                    for seed, question in await drawn(kernel, entry.folder, step):
                        found.append((f"{name} (seed {seed})", question))
                elif isinstance(step, PredictQuestion):
                    found.append((name, foretold(step, await yielded(kernel, index, step))))
                elif isinstance(step, RecordQuestion) and step.trace is not None:
                    found.append((name, traced(step, await called(kernel, entry, step.trace), "2.13.0")))
                else:
                    found.append((name, step))
        return found
    finally:
        await kernel.close()


async def drawn(kernel: Kernel, folder: str, step: GeneratedQuestion) -> list[tuple[int, AnyQuestion]]:
    file, _, function = step.generate.partition(":")
    run = kernel.pose(FOLDER / folder / file, function, SEEDS)
    return [(each.seed, realised(step, each)) async for each in run if isinstance(each, Variant)]


async def called(kernel: Kernel, entry: Entry, trace: str) -> list[Call]:
    (step,) = (each for each in load_lesson(FOLDER, entry).steps if each.id == trace)
    assert isinstance(step, TraceStep)
    recording = Recording(step.snippet, step.setup, step.seed)
    async for emission in kernel.trace(step.snippet, step.setup, seed=step.seed, go=Go("end")):
        recording.take(emission)
    assert isinstance(recording.ended, Finished), recording.ended
    return list(calls(recording))


async def yielded(kernel: Kernel, index: Index, step: PredictQuestion) -> float:
    entry = find_lab(index, step.lab)
    assert entry is not None
    lab = load_lab(FOLDER, entry)
    file, _, function = lab.run.partition(":")
    run = kernel.run_lab(FOLDER / entry.folder / file, settle(lab, {}, step.set), function or "run")
    *emissions, ending = [each async for each in run]
    assert isinstance(ending, Finished), ending
    value = [number(each.value) for each in emissions if isinstance(each, Value) and each.name == step.of][-1]
    assert math.isfinite(value), f"{step.id}: {step.of} is {value}"
    return float(value)


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, AnyQuestion]]:
    return asyncio.run(asked(tmp_path_factory.mktemp("cache")))


def known_mistakes(question: AnyQuestion) -> Iterator[tuple[Answer, Words]]:
    """Every wrong answer that the author foresaw, with the reason written beside it."""
    match question:
        case NumberQuestion():
            yield from ((repr(mistake.value), mistake.because) for mistake in question.mistakes)
        case TextQuestion():
            yield from ((mistake.text, mistake.because) for mistake in question.mistakes)
        case TensorQuestion():
            for mistake in question.mistakes:
                cells = tuple(tuple(repr(cell) for cell in row) for row in rows_of(mistake.value))
                yield cells, mistake.because
        case ChoiceQuestion():
            options = enumerate(question.options)
            yield from ((index, option.because) for index, option in options if not option.right)


def said(because: list[Words], language: Language) -> list[str]:
    assert all(words.zh for words in because)
    return [words.into(language) for words in because]


def test_every_right_answer_is_accepted(questions: list[tuple[str, AnyQuestion]]) -> None:
    assert len(questions) > 20
    refused = [
        name for name, question in questions if mark(question, right_answer(question)).outcome != "right"
    ]
    assert refused == []


def test_every_accepted_text_is_accepted(questions: list[tuple[str, AnyQuestion]]) -> None:
    texts = [question for _, question in questions if isinstance(question, TextQuestion)]
    for question in texts:
        assert {mark(question, answer).outcome for answer in question.answers} == {"right"}, question.id


@pytest.mark.parametrize("language", Language)
def test_every_known_mistake_gets_exactly_its_own_reason(
    questions: list[tuple[str, AnyQuestion]], language: Language
) -> None:
    tried, misled = 0, []
    for name, question in questions:
        for answer, because in known_mistakes(question):
            verdict = mark(question, answer)
            if verdict.outcome != "wrong" or said(verdict.because, language) != [because.into(language)]:
                misled.append(f"{name}: {answer} -> {verdict}")
            tried += 1
    assert misled == []
    assert tried > 60


def test_an_answer_that_nobody_foresaw_is_not_met_with_silence(
    questions: list[tuple[str, AnyQuestion]],
) -> None:
    silent = []
    for name, question in questions:
        match question:
            case NumberQuestion():
                verdict = mark(question, "-98765.4321")
            case TextQuestion():
                verdict = mark(question, "nobody_calls_it_so")
            case TensorQuestion():
                cells = tuple(tuple("-98765.4321" for _ in row) for row in rows_of(question.answer))
                verdict = mark(question, cells)
            case _:
                continue
        if verdict.outcome != "wrong" or not all(said(verdict.because, language) for language in Language):
            silent.append(name)
    assert silent == []


def test_every_lesson_asks_for_typed_answers_and_names_their_usual_mistakes(
    questions: list[tuple[str, AnyQuestion]],
) -> None:
    typed = {
        name: question
        for name, question in questions
        if isinstance(question, NumberQuestion | TextQuestion | TensorQuestion)
    }
    assert len({name.partition(".")[0] for name in typed}) == len(list(FOLDER.glob("*/lesson.yaml")))
    assert [name for name, question in typed.items() if not question.mistakes] == []


def test_every_option_marked_wrongly_is_said(questions: list[tuple[str, AnyQuestion]]) -> None:
    several = [question for _, question in questions if isinstance(question, SeveralQuestion)]
    for question in several:
        right = right_answer(question)
        assert isinstance(right, frozenset)
        for index, option in enumerate(question.options):
            verdict = mark(question, right ^ {index})
            assert verdict.outcome == "wrong", (question.id, index)
            for language in Language:
                (text,) = said(verdict.because, language)
                assert option.because.into(language) in text and option.text.into(language) in text


def test_the_first_line_out_of_order_is_said(questions: list[tuple[str, AnyQuestion]]) -> None:
    for question in (question for _, question in questions if isinstance(question, OrderQuestion)):
        for place in range(len(question.lines) - 1):
            order = list(range(len(question.lines)))
            order[place], order[place + 1] = order[place + 1], order[place]
            verdict = mark(question, tuple(order))
            assert verdict.outcome == "wrong", (question.id, place)
            for language in Language:
                (text,) = said(verdict.because, language)
                assert question.lines[place + 1].because.into(language) in text


def test_a_step_left_out_and_a_known_wrong_entry_are_said(questions: list[tuple[str, AnyQuestion]]) -> None:
    records = [question for _, question in questions if isinstance(question, RecordQuestion)]
    assert records
    for question in records:
        for language in Language:
            steps = [step for step in question.steps if not step.optional]
            entries = [step.text.into(language) for step in steps]
            assert mark(question, "\n".join(entries)).outcome == "right"
            for place, step in enumerate(steps):
                (text,) = said(
                    mark(question, "\n".join(entries[:place] + entries[place + 1 :])).because, language
                )
                assert step.because.into(language) in text
                for other in step.accepts:
                    assert (
                        mark(question, "\n".join([*entries[:place], other, *entries[place + 1 :]])).outcome
                        == "right"
                    )
            for mistake in question.mistakes:
                (text,) = said(mark(question, "\n".join([mistake.text, *entries])).because, language)
                assert mistake.because.into(language) in text
