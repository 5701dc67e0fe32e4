"""When a question comes back: the log of answers, replayed through FSRS.

No schedule is stored: it follows from the answers, so that it can never disagree with them. Answers to an
earlier version of a question, with another key, do not count; correcting a word of it changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from fsrs import Card, Rating, Scheduler

SITTING_SECONDS = 1800.0
"""Answers to one question that lie further apart than this belong to different sittings."""

QuestionId = tuple[str, str]
"""Lesson id and step id."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as the log has it. `outcome` is "right", "wrong", "shown" or "skipped"; `at` in seconds (Unix)."""

    at: float
    lesson: str
    step: str
    key: str
    outcome: str
    hints: int


def rating(sitting: list[Answer]) -> Rating | None:
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
    _scheduler: Scheduler

    @classmethod
    def of(cls, answers: Iterable[Answer], keys: Mapping[QuestionId, str]) -> Schedule:
        """The schedule after `answers`; `keys` names the questions there are, each with its present key."""
        # Without fuzz: replaying the same log must give the same days. All else is FSRS's default.
        scheduler = Scheduler(enable_fuzzing=False)
        cards: dict[QuestionId, Card] = {}
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
        return cls(cards, scheduler)

    def due(self, now: datetime) -> list[QuestionId]:
        """The questions due at `now` (aware), mixed over the lessons: the longest overdue first."""
        waiting = [(card.due, question) for question, card in self.cards.items() if card.due <= now]
        return [question for _, question in sorted(waiting)]

    def recall(self, question: QuestionId, now: datetime) -> float:
        """The probability, 0 to 1, that the learner could answer `question` at `now`; 0 if never answered."""
        card = self.cards.get(question)
        return float(self._scheduler.get_card_retrievability(card, now)) if card else 0.0

    def mastery(self, questions: Iterable[QuestionId], now: datetime) -> float:
        """The share of `questions` that would be recalled at `now`, 0 to 1; 0 of none."""
        recalls = [self.recall(question, now) for question in questions]
        return sum(recalls) / len(recalls) if recalls else 0.0
