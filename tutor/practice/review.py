"""When a question comes back: the log of answers, replayed through FSRS.

No schedule is stored: it follows from the answers, so that it can never disagree with them. Answers to an
earlier version of a question, with another key, do not count; correcting a word of it changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from fsrs import Card, Rating, Scheduler

from tutor.practice.questions import QuestionId, keys_of

if TYPE_CHECKING:
    from tutor.course.index import Index

SITTING_SECONDS = 1800.0
"""Answers to one question that lie further apart than this belong to different sittings."""
QUESTION_SECONDS = 40.0
"""What a question of a review takes, for saying how long it will be."""


class Answer(Protocol):
    """One answer as the log has it. `outcome` is "right", "wrong", "shown" or "skipped"; `at` in seconds (Unix)."""

    @property
    def at(self) -> float: ...
    @property
    def lesson(self) -> str: ...
    @property
    def step(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def hints(self) -> int: ...


def minutes_for(questions: int) -> int:
    """About how many minutes this many questions take, at least one."""
    return max(1, round(questions * QUESTION_SECONDS / 60))


def schedule_of(folder: Path, index: Index, answers: Sequence[Answer], cache_folder: Path) -> Schedule:
    """The schedule of all questions of the lessons in which something was answered; other lessons are not read."""
    begun = {answer.lesson for answer in answers}
    entries = [entry for entry in index.lessons if entry.id in begun]
    return Schedule.of(answers, keys_of(folder, entries, cache_folder))


def rating(sitting: Sequence[Answer]) -> Rating | None:
    """What a sitting at one question says of its memory; None when nothing was tried.

    Good: right at once. Hard: right after a hint or a second try. Again: shown, or left with a wrong answer.
    Never from the learner's own grading.
    """
    tried = [answer for answer in sitting if answer.outcome != "skipped"]
    if not tried:
        return None
    last = tried[-1]
    if last.outcome != "right":
        return Rating.Again
    return Rating.Good if len(tried) == 1 and not last.hints else Rating.Hard


def _sittings(answers: Iterable[Answer]) -> Iterable[list[Answer]]:
    """The answers to one question, in order of time, cut where it was over or left alone for long."""
    sitting: list[Answer] = []
    for answer in answers:
        over = sitting and (
            sitting[-1].outcome in ("right", "shown") or answer.at - sitting[-1].at > SITTING_SECONDS
        )
        if over:
            yield sitting
            sitting = []
        sitting.append(answer)
    if sitting:
        yield sitting


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is known of the learner's memory of each question that still exists."""

    cards: Mapping[QuestionId, Card]
    questions: AbstractSet[QuestionId]
    """All there are in the lessons that were looked at, answered or not."""
    _missed: AbstractSet[QuestionId]
    """Those that were shown or left with a wrong answer when they were last asked."""
    _scheduler: Scheduler

    @classmethod
    def of(cls, answers: Iterable[Answer], keys: Mapping[QuestionId, str]) -> Schedule:
        """The schedule after `answers`; `keys` names the questions there are, each with its present key."""
        # Without fuzz: replaying the same log must give the same days. All else is FSRS's default.
        scheduler = Scheduler(enable_fuzzing=False)
        cards: dict[QuestionId, Card] = {}
        missed: set[QuestionId] = set()
        known = sorted(
            (a for a in answers if keys.get((a.lesson, a.step)) == a.key),
            key=lambda a: (a.lesson, a.step, a.at),
        )
        for question, log in groupby(known, key=lambda a: (a.lesson, a.step)):
            card = Card(card_id=1)
            for sitting in _sittings(log):
                grade = rating(sitting)
                if grade is not None:
                    card, _ = scheduler.review_card(card, grade, datetime.fromtimestamp(sitting[-1].at, UTC))
                    cards[question] = card
                    (missed.add if grade is Rating.Again else missed.discard)(question)
        return cls(cards, keys.keys(), missed, scheduler)

    def due(self, now: datetime) -> list[QuestionId]:
        """The questions due at `now` (aware): of each lesson the longest overdue first, the lessons mixed evenly."""
        waiting = sorted((card.due, question) for question, card in self.cards.items() if card.due <= now)
        of_lesson: dict[str, list[tuple[datetime, QuestionId]]] = {}
        for each in waiting:
            of_lesson.setdefault(each[1][0], []).append(each)
        # Of n questions, number i comes at (i + ½) / n of the way: few among many are spread, too.
        places = [
            ((at + 0.5) / len(group), *each) for group in of_lesson.values() for at, each in enumerate(group)
        ]
        return [question for *_, question in sorted(places)]

    def next_due(self, now: datetime) -> datetime | None:
        """When the first question after `now` will be due; None if none ever will."""
        return min((card.due for card in self.cards.values() if card.due > now), default=None)

    def recall(self, question: QuestionId, now: datetime) -> float:
        """The probability, 0 to 1, that the learner could answer `question` at `now`.

        0 if it was never answered, or not right when it was last asked: the curve of forgetting begins at 1
        after any review, but there is nothing yet to forget.
        """
        card = self.cards.get(question)
        if card is None or question in self._missed:
            return 0.0
        return float(self._scheduler.get_card_retrievability(card, now))

    def mastery(self, questions: Iterable[QuestionId], now: datetime) -> float:
        """The share of `questions` that would be recalled at `now`, 0 to 1; 0 of none."""
        recalls = [self.recall(question, now) for question in questions]
        return sum(recalls) / len(recalls) if recalls else 0.0

    def masteries(self, now: datetime) -> dict[str, float]:
        """The mastery of each lesson that was looked at, by its id."""
        of_lesson: dict[str, list[QuestionId]] = {}
        for question in self.questions:
            of_lesson.setdefault(question[0], []).append(question)
        return {lesson: self.mastery(questions, now) for lesson, questions in of_lesson.items()}
