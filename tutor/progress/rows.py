"""What the store gives back of a learner's progress: a row of each kind of thing that was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tutor.stepping.journal import Journal


@dataclass(frozen=True, slots=True)
class StepState:
    """What the learner did at one step. `outcome`, the best so far: "right", "shown", "wrong", "skipped"."""

    seen: bool = False
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as it is kept. `at` in seconds (Unix); `outcome` is "right", "wrong", "shown" or "skipped"."""

    at: float
    lesson: str
    step: str
    given: str
    """What the learner gave, as `tutor.practice.marking.written` writes it; "" where nothing was given."""
    outcome: str
    hints: int
    key: str
    """Names the right answer as it was then; "" where nobody said it."""
    sure: bool | None
    """What the learner said before answering; None if nothing."""
    seed: int | None
    """The variant that was asked, of a generated question."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of a lab as it is kept. `at` in seconds (Unix)."""

    at: float
    lesson: str
    step: str
    lab: str
    settings: dict[str, Any]
    values: dict[str, Any]
    ending: str
    """"finished", "failed", "stopped" or "crashed"."""
    series: dict[str, list[list[Any]]]
    """The points [x, y] of each series, thinned; NaN and infinities as text."""


@dataclass(frozen=True, slots=True)
class Walked:
    """The journal of stepping through some code. `at` in seconds (Unix), when it last changed."""

    at: float
    lesson: str
    """"" for code of the learner's own."""
    step: str
    complete: bool
    """The learner once was in everything that was shown, to the end."""
    journal: Journal


@dataclass(frozen=True, slots=True)
class Summarised:
    """A summary of the learner's as it is now. `at` in seconds (Unix)."""

    at: float
    lesson: str
    step: str
    given: str
    """As `tutor.practice.summary` writes it."""
    outcome: str
    """"begun", or "right" once nothing is missing or in doubt."""
