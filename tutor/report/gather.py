"""What there is to report: the answers, scores, runs and weak points, taken from the progress and the lessons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tutor.builder.answer import restored, wanting
from tutor.course.index import Entry, Index
from tutor.course.load import ContentError, load_lab, load_lesson
from tutor.course.losses import load_atlas
from tutor.course.model import (
    AnyQuestion,
    BuilderStep,
    ChoiceQuestion,
    Lesson,
    OrderQuestion,
    Question,
    SeveralQuestion,
    TraceStep,
)
from tutor.practice import summary as own
from tutor.practice.homework import tasks
from tutor.practice.questions import QuestionId
from tutor.practice.review import schedule_of
from tutor.progress.rows import Given, Ran, Summarised, Walked
from tutor.progress.store import Store
from tutor.report.parts import Asked, Built, Confidence, LastRun, Report, Score, Summed, TaskDone, Try, Walk
from tutor.words import Words

WEAKEST = 8
"""How many questions are named as weak, at most."""


@dataclass(frozen=True, slots=True)
class Log:
    """All that was done, as the store has it; unlike the store itself it may be read in any thread."""

    answers: Sequence[Given]
    runs: Sequence[Ran]
    seen: Mapping[str, AbstractSet[str]]
    """For each lesson the ids of the steps that were seen."""
    journals: Sequence[Walked] = ()
    summaries: Sequence[Summarised] = ()

    @classmethod
    def of(cls, store: Store) -> Log:
        """What is in the store now."""
        return cls(store.answers(), store.runs(), store.seen_steps(), store.journals(), store.summaries())

    def outcomes(self, lesson: str) -> dict[str, list[str]]:
        """The outcomes of every question of `lesson` that was answered, in the order of the answers; of a summary
        how it stands now."""
        found = {each.step: [each.outcome] for each in self.summaries if each.lesson == lesson}
        for answer in self.answers:
            if answer.lesson == lesson:
                found.setdefault(answer.step, []).append(answer.outcome)
        for each in self.journals:
            if each.lesson == lesson:
                found.setdefault(each.step, []).append("right" if each.complete else "begun")
        return found


def gather(folder: Path, index: Index, log: Log, cache_folder: Path, at: datetime) -> Report:
    """The report at the time `at` (aware) of what is in `log`, for the course in `folder`.

    Lessons that cannot be read are left out, but for what the index knows of them.
    """
    answers, runs = log.answers, log.runs
    homework = tasks(index, log.outcomes)
    wanted = {a.lesson for a in answers} | {r.lesson for r in runs} | {j.lesson for j in log.journals}
    wanted |= {entry.id for entry in index.lessons if entry.homework}
    entries = [entry for entry in index.lessons if entry.id in wanted]
    lessons = dict(_read(folder, entries))
    schedule = schedule_of(folder, index, answers, cache_folder)
    numbers = {entry.id: number for number, entry in enumerate(index.lessons, 1)}
    by_question: dict[QuestionId, list[Given]] = {}
    for answer in answers:
        by_question.setdefault((answer.lesson, answer.step), []).append(answer)

    asked = {
        (lesson.id, step.id): Asked(
            lesson.title,
            numbers[lesson.id],
            step,
            (lesson.id, step.id),
            tuple(Try(each, *in_words(step, each)) for each in by_question.get((lesson.id, step.id), ())),
            schedule.recall((lesson.id, step.id), at),
        )
        for lesson in lessons.values()
        for step in lesson.steps
        if isinstance(step, Question)
    }
    walks = {
        (lesson.id, step.id): Walk(lesson.title, numbers[lesson.id], step, _walked(log, lesson.id, step))
        for lesson in lessons.values()
        for step in lesson.steps
        if isinstance(step, TraceStep)
    }
    of_homework = [walks[each] for task in homework for each in task.steps if each in walks]
    other = [
        next(
            (walk for walk in walks.values() if walk.walked is each), Walk(Words(each.lesson), 0, None, each)
        )
        for each in log.journals
        if not any(walk.walked is each for walk in of_homework)
    ]
    summed = _summed(folder, log.summaries, lessons, numbers)
    built = {
        (lesson.id, step.id): Built(
            lesson.title,
            numbers[lesson.id],
            step.title,
            (lesson.id, step.id),
            _handed_in([each for each in runs if (each.lesson, each.step) == (lesson.id, step.id)]),
        )
        for lesson in lessons.values()
        for step in lesson.steps
        if isinstance(step, BuilderStep) and step.homework is not None
    }
    mastery = schedule.masteries(at)
    scores = []
    for entry in index.lessons:
        if entry.id in log.seen:
            mine = [each for each in asked.values() if each.id[0] == entry.id]
            scores.append(
                Score(
                    *(entry.id, numbers[entry.id], entry.title),
                    steps=entry.step_count,
                    seen=entry.seen_of(log.seen[entry.id]),
                    questions=len(mine),
                    right=sum(each.outcome == "right" for each in mine),
                    mastery=mastery.get(entry.id, 0.0),
                )
            )
    return Report(
        index.title,
        at,
        tuple(
            TaskDone(
                task.number,
                task.state,
                tuple(asked[id] for id in task.steps if id in asked),
                tuple(walks[id] for id in task.steps if id in walks),
                tuple(summed[id] for id in task.steps if id in summed),
                tuple(built[id] for id in task.steps if id in built),
            )
            for task in homework
        ),
        tuple(scores),
        _weakest(asked.values()),
        _confidence(answers),
        tuple(other),
        tuple(_last_runs(folder, index, lessons, [r for r in runs if (r.lesson, r.step) not in built])),
    )


def _handed_in(runs: Sequence[Ran]) -> Ran | None:
    done = [ran for ran in runs if wanting(restored("", ran.values).groups) is None]
    return next(reversed(done or list(runs)), None)


def _read(folder: Path, entries: Iterable[Entry]) -> Iterable[tuple[str, Lesson]]:
    for entry in entries:
        try:
            yield entry.id, load_lesson(folder, entry)
        except ContentError:
            continue


def _walked(log: Log, lesson: str, step: TraceStep) -> Walked | None:
    """The journal of the code of `step` as it is now; one of an earlier version of it is another."""
    return next(
        (
            each
            for each in log.journals
            if (each.lesson, each.step) == (lesson, step.id)
            and (each.journal.snippet, each.journal.setup) == (step.snippet, step.setup)
        ),
        None,
    )


def _summed(
    folder: Path, kept: Sequence[Summarised], lessons: Mapping[str, Lesson], numbers: Mapping[str, int]
) -> dict[QuestionId, Summed]:
    """The summaries by their steps; none where the atlas is gone or cannot be read."""
    try:
        atlas = load_atlas(folder) if kept else None
    except ContentError:
        atlas = None
    if atlas is None:
        return {}
    steps = {(lesson.id, step.id): (lesson, step) for lesson in lessons.values() for step in lesson.steps}
    return {
        id: Summed(
            steps[id][0].title,
            numbers[each.lesson],
            steps[id][1].title,
            atlas,
            own.read(each.given, atlas),
            each.at,
        )
        for each in kept
        if (id := (each.lesson, each.step)) in steps
    }


def in_words(question: AnyQuestion, answer: Given) -> tuple[Words, bool]:
    """What was given, as the learner saw it: options and lines by their texts; and whether it was typed."""
    if answer.outcome == "shown":
        return Words("the answer was shown", "看了答案"), False
    if answer.outcome == "skipped":
        return Words("skipped", "跳过"), False
    try:
        at = [int(part) for part in answer.given.split(",")]
        match question:
            case ChoiceQuestion() | SeveralQuestion():
                texts = [question.options[index].text for index in at]
                return _joined(texts, "; ", "；"), False
            case OrderQuestion():
                texts = [question.lines[index].text for index in at]
                return _joined(texts, " → ", " → "), False
    except (ValueError, IndexError):
        pass  # Given to an earlier version of the question.
    return Words(answer.given), True


def _joined(texts: Sequence[Words], en: str, zh: str) -> Words:
    return Words(en.join(text.en for text in texts), zh.join(text.zh or text.en for text in texts))


def _weakest(asked: Iterable[Asked]) -> tuple[Asked, ...]:
    tried = [each for each in asked if each.recall < 1 or each.wrong > 1]
    tried = [each for each in tried if any(one.kept.outcome != "skipped" for one in each.tries)]
    return tuple(sorted(tried, key=lambda each: (round(each.recall, 2), -each.wrong))[:WEAKEST])


def _confidence(answers: Iterable[Given]) -> Confidence:
    said = [answer for answer in answers if answer.outcome in ("right", "wrong")]
    sure = [answer.outcome == "right" for answer in said if answer.sure is True]
    unsure = [answer.outcome == "right" for answer in said if answer.sure is False]
    return Confidence(len(sure), sum(sure), len(unsure), sum(unsure))


def _last_runs(
    folder: Path, index: Index, lessons: Mapping[str, Lesson], runs: Sequence[Ran]
) -> Iterable[LastRun]:
    labs = {lab.id: lab for entry in index.lessons for lab in entry.labs} if runs else {}
    last: dict[tuple[str, str, str], tuple[Ran, int]] = {}
    for ran in runs:
        place = (ran.lesson, ran.step, ran.lab)
        last[place] = (ran, last[place][1] + 1 if place in last else 1)
    order = {entry.id: number for number, entry in enumerate(index.lessons)}
    for (lesson_id, step_id, lab_id), (ran, count) in sorted(
        last.items(), key=lambda each: (order.get(each[0][0], len(order)), each[1][0].at)
    ):
        lesson = lessons.get(lesson_id)
        lab = lesson.labs.get(lab_id) if lesson is not None else None
        titles = [step.title for step in lesson.steps if step.id == step_id] if lesson is not None else []
        if lab is None and lab_id in labs:
            try:
                lab = load_lab(folder, labs[lab_id])
            except ContentError:
                lab = None
        title = lesson.title if lesson is not None else Words(lesson_id)
        yield LastRun(title, titles[0] if titles else Words(step_id), lab, ran, count)
