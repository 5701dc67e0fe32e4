"""What a report is made of: answers, scores, runs and weak points, ready to be told in either language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tutor.course.losses import Atlas
from tutor.course.model import AnyQuestion, Lab, TraceStep
from tutor.practice import summary as own
from tutor.practice.homework import State
from tutor.practice.questions import QuestionId
from tutor.progress.rows import Given, Ran, Walked
from tutor.words import Words

_RANK = ("skipped", "wrong", "shown", "right")


@dataclass(frozen=True, slots=True)
class Try:
    """One answer, and what was given in words."""

    kept: Given
    given: Words
    typed: bool
    """Whether that is the learner's own text; else it is the lesson's, or ours."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with all that was answered to it. `recall` is 0 to 1, now."""

    lesson: Words
    number: int
    """Of the lesson, in the course."""
    question: AnyQuestion
    id: QuestionId
    tries: tuple[Try, ...]
    recall: float

    @property
    def outcome(self) -> str | None:
        """The best so far; None where nothing was answered."""
        return max((each.kept.outcome for each in self.tries), key=_rank, default=None)

    @property
    def wrong(self) -> int:
        """How often it was not answered right."""
        return sum(each.kept.outcome in ("wrong", "shown") for each in self.tries)


@dataclass(frozen=True, slots=True)
class Walk:
    """Code that was stepped through. `step` is None where it is the learner's own, or gone from the course."""

    lesson: Words
    number: int
    """Of the lesson, in the course; 0 for the learner's own code."""
    step: TraceStep | None
    walked: Walked | None
    """None where it was not stepped through yet."""


@dataclass(frozen=True, slots=True)
class Summed:
    """A summary of the learner's, and the atlas that it sums up."""

    lesson: Words
    number: int
    """Of the lesson, in the course."""
    step: Words
    atlas: Atlas
    summary: own.Summary
    at: float
    """When it was last changed, in seconds (Unix)."""


@dataclass(frozen=True, slots=True)
class Built:
    """A builder step of a task. `ran` is its last run that does the task, else the last one; None without any."""

    lesson: Words
    number: int
    """Of the lesson, in the course."""
    step: Words
    id: QuestionId
    ran: Ran | None


@dataclass(frozen=True, slots=True)
class TaskDone:
    """One of the homework tasks."""

    number: int
    state: State
    questions: tuple[Asked, ...]
    walks: tuple[Walk, ...] = ()
    summaries: tuple[Summed, ...] = ()
    """Those that were begun."""
    built: tuple[Built, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """How the learner stands in one lesson. `mastery`, 0 to 1: what would be recalled now."""

    id: str
    number: int
    title: Words
    steps: int
    seen: int
    questions: int
    right: int
    mastery: float


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run of a lab at one step, and how many there were. Without its `lab`, that is gone from the course."""

    lesson: Words
    step: Words
    lab: Lab | None
    ran: Ran
    count: int


@dataclass(frozen=True, slots=True)
class Confidence:
    """Answers before which the learner said how sure they were, and how many of them were right."""

    sure: int
    sure_right: int
    unsure: int
    unsure_right: int


@dataclass(frozen=True, slots=True)
class Report:
    """All of it, at the time `at` (aware)."""

    title: Words
    at: datetime
    tasks: tuple[TaskDone, ...]
    scores: tuple[Score, ...]
    """Of the lessons that were begun."""
    weak: tuple[Asked, ...]
    """The weakest first: what would not be recalled, then what took most tries."""
    confidence: Confidence
    walks: tuple[Walk, ...]
    """All that was stepped through and belongs to no homework."""
    runs: tuple[LastRun, ...]


def _rank(outcome: str) -> int:
    return _RANK.index(outcome) if outcome in _RANK else -1
