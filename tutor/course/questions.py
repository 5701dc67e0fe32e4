"""The questions of a lesson: what is asked, what is right, and why each known wrong answer is wrong."""

from __future__ import annotations

from typing import Any, Literal

from tutor.course.shape import Shape, Step
from tutor.words import Words


class Mistake(Shape, frozen=True, kw_only=True):
    """A wrong number that a known mistake leads to, and what the learner did to get it."""

    value: float
    because: Words
    verify: str | None = None
    """A Python expression that gives `value`; `tutor check` evaluates it with torch and math."""


class Question(Step, frozen=True, kw_only=True, tag_field="ask"):
    """Something to answer. `hints` are up to three, the last one is the solution."""

    kind: Literal["question"]
    prompt: Words
    given: str | None = None
    """Data or code the question is about, shown as it stands."""
    hints: list[Words] = []
    solution: Words | None = None
    """The computation worked out, line by line; shown after the answer."""
    homework: Literal[1, 2, 3, 4] | None = None
    """Which of the week's four tasks, 1 to 4, this question belongs to."""


class NumberQuestion(Question, frozen=True, kw_only=True, tag="number"):
    """A number to type. Accepted within the relative `tolerance` (absolute for an answer of 0)."""

    answer: float
    verify: str | None = None
    """A Python expression that gives `answer`; `tutor check` evaluates it with torch and math."""
    tolerance: float = 1e-3
    mistakes: list[Mistake] = []
    otherwise: Words | None = None
    """Said to a wrong number that no listed mistake leads to."""


class Option(Shape, frozen=True, kw_only=True):
    """A choice, with the reason it is right or wrong."""

    text: Words
    because: Words
    right: bool = False


class ChoiceQuestion(Question, frozen=True, kw_only=True, tag="choice"):
    """Exactly one option is right. They are shown in an order shuffled from the step's id."""

    options: list[Option]


class SeveralQuestion(Question, frozen=True, kw_only=True, tag="several"):
    """Every right option is to be marked, and no other."""

    options: list[Option]


class OrderedLine(Shape, frozen=True, kw_only=True):
    """A line to be put in its place; `because` says why it comes right here."""

    text: Words
    because: Words


class OrderQuestion(Question, frozen=True, kw_only=True, tag="order"):
    """Lines, written here in the right order, to be put in order from a shuffled start."""

    lines: list[OrderedLine]


class TextMistake(Shape, frozen=True, kw_only=True):
    """A wrong text that a known mistake leads to, and what is wrong with it."""

    text: str
    because: Words


class TextQuestion(Question, frozen=True, kw_only=True, tag="text"):
    """A name or a line of code to type. Compared after normalisation: full-width signs, spaces, quotes.

    `form: name` also ignores upper and lower case, hyphens between words, and a full stop at the end.
    """

    answers: list[str]
    """What is accepted; the first one is shown as the answer."""
    form: Literal["code", "name"] = "code"
    mistakes: list[TextMistake] = []
    otherwise: Words | None = None


class RecordedStep(Shape, frozen=True, kw_only=True):
    """One step of something that happens; `because` says why it comes here, without naming it."""

    text: Words
    accepts: list[str] = []
    """Other ways to write it, in any language."""
    because: Words
    optional: bool = False
    """It happens and may be written down where it does, but need not be."""


class RecordQuestion(Question, frozen=True, kw_only=True, tag="record"):
    """Steps to be written down one by one, in order; compared entry by entry, every difference explained.

    Upper and lower case, spaces and full-width signs make no difference.
    """

    steps: list[RecordedStep]
    trace: str | None = None
    """The trace step of this lesson whose calls are to be written down. What the installed torch then enters is the
    key; `steps` says what of it is asked for, `text` being `Class.function`, and why it comes there."""
    mistakes: list[TextMistake] = []
    """Entries that a known mistake leads to, and what is wrong with them."""


Tensor = list[float | list[float]]
"""A vector, or a matrix as a list of its rows; `tutor check` sees to it that the two are not mixed."""


class TensorMistake(Shape, frozen=True, kw_only=True):
    """A wrong tensor that a known mistake leads to, and what the learner did to get it."""

    value: Tensor
    because: Words
    verify: str | None = None


class TensorQuestion(Question, frozen=True, kw_only=True, tag="tensor"):
    """A vector or a matrix to type cell by cell; every cell within the relative `tolerance`."""

    answer: Tensor
    verify: str | None = None
    """A Python expression that gives `answer`, as a tensor or a list."""
    tolerance: float = 1e-3
    mistakes: list[TensorMistake] = []
    otherwise: Words | None = None


class PredictQuestion(Question, frozen=True, kw_only=True, tag="predict"):
    """A number to predict; then the lab is run, and the value it yields is the answer."""

    lab: str
    set: dict[str, Any] = {}
    """Settings of the lab that differ from its defaults."""
    of: str
    """The name of the `Value` that the lab yields."""
    tolerance: float = 1e-3
    mistakes: list[Mistake] = []
    otherwise: Words | None = None


class GeneratedQuestion(Question, frozen=True, kw_only=True, tag="generated"):
    """A question with other numbers each time: Python beside the lesson draws them, torch gives the key.

    The generator `def name(rng: random.Random) -> Variant` (see `tutor.lesson`) gives the numbers; every
    text here is a template that names them: `{n}`, `{loss:.4f}`. A brace that is meant is doubled.
    """

    generate: str
    """`file.py:function` beside the lesson."""
    form: Literal["number", "tensor", "choice"] = "number"
    """`choice`: the coded mistakes are the distractors."""
    reasons: dict[str, Words]
    """What the learner did, for each mistake that the generator names."""
    tolerance: float = 1e-3
    otherwise: Words | None = None
    streak: int = 1
    """How many in a row must be right before the question is done."""


AnyQuestion = (
    NumberQuestion
    | ChoiceQuestion
    | SeveralQuestion
    | OrderQuestion
    | TextQuestion
    | RecordQuestion
    | TensorQuestion
    | PredictQuestion
    | GeneratedQuestion
)
