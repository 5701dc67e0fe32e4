"""What a lesson is made of, as its author writes it in YAML: the one place to import the shapes from.

Every class here is one shape in the file and, exported as JSON Schema, what an editor completes.
`Words` fields are written as plain text in `lesson.yaml` and translated in `zh.yaml` at the same place.
"""

from __future__ import annotations

from typing import Literal

from tutor.course.labs import (
    AnyControl,
    Arguments,
    Chart,
    Choice,
    Control,
    Folder,
    Integer,
    Lab,
    LabStep,
    Number,
    Numbers,
    Prediction,
    Seed,
    Several,
    Toggle,
)
from tutor.course.questions import (
    AnyQuestion,
    ChoiceQuestion,
    GeneratedQuestion,
    Mistake,
    NumberQuestion,
    Option,
    OrderedLine,
    OrderQuestion,
    PredictQuestion,
    Question,
    RecordedStep,
    RecordQuestion,
    SeveralQuestion,
    Tensor,
    TensorMistake,
    TensorQuestion,
    TextMistake,
    TextQuestion,
)
from tutor.course.shape import Shape, Step
from tutor.words import Words

__all__ = [
    "AnyControl",
    "AnyQuestion",
    "AnyStep",
    "Arguments",
    "BuilderStep",
    "Chart",
    "Choice",
    "ChoiceQuestion",
    "Control",
    "Course",
    "CourseLesson",
    "Derivation",
    "DerivationLine",
    "Folder",
    "Formula",
    "GeneratedQuestion",
    "Integer",
    "Lab",
    "LabStep",
    "Lesson",
    "Mistake",
    "Number",
    "NumberQuestion",
    "Numbers",
    "Option",
    "OrderQuestion",
    "OrderedLine",
    "OtherStep",
    "Part",
    "PredictQuestion",
    "Prediction",
    "Question",
    "RecordQuestion",
    "RecordedStep",
    "Seed",
    "Several",
    "SeveralQuestion",
    "Shape",
    "Step",
    "Summary",
    "Tensor",
    "TensorMistake",
    "TensorQuestion",
    "Term",
    "Text",
    "TextMistake",
    "TextQuestion",
    "Toggle",
    "TraceStep",
    "WrongLine",
]

# Steps: what a learner meets, one a screen -----------------------------------------------------------------


class Text(Step, frozen=True, kw_only=True, tag_field="kind", tag="text"):
    """Markdown to read; one idea."""

    body: Words


class Formula(Step, frozen=True, kw_only=True, tag_field="kind", tag="formula"):
    """A formula set as a block, with each of its symbols explained."""

    formula: str
    where: dict[str, Words] = {}
    body: Words | None = None
    """What to see in it, below."""
    intro: Words | None = None
    """What it answers, above."""


class WrongLine(Shape, frozen=True, kw_only=True):
    """A line that does not follow, and why not."""

    formula: str
    because: Words


class DerivationLine(Shape, frozen=True, kw_only=True):
    """One line of a derivation: `ask` asks for it, the learner picks it among the `wrong` ones.

    Without `ask` it is given. `because` says what made the step from the line before.
    """

    formula: str
    because: Words
    ask: Words | None = None
    wrong: list[WrongLine] = []


class Derivation(Step, frozen=True, kw_only=True, tag_field="kind", tag="derivation"):
    """A chain of lines, each asking for the next."""

    intro: Words
    lines: list[DerivationLine]
    body: Words | None = None
    """What has been shown, after the last line."""


class TraceStep(Step, frozen=True, kw_only=True, tag_field="kind", tag="trace"):
    """Code to step through, down into the source of the installed torch."""

    snippet: str
    setup: str = ""
    """What runs before it and is not stepped through."""
    seed: int = 0
    """Of torch's random numbers, for both."""
    raises: str | None = None
    """The type of the exception that it is meant to end with."""
    body: Words
    """What to look at on the way."""
    homework: Literal[1, 2, 3, 4] | None = None
    """Which of the week's four tasks its journal belongs to."""


class Summary(Step, frozen=True, kw_only=True, tag_field="kind", tag="summary"):
    """The learner's own summary of the atlas: the losses in groups of their own, a line to each."""

    body: Words
    """What to do, in one line."""
    homework: Literal[1, 2, 3, 4] | None = None
    """Which of the week's four tasks it belongs to."""


class BuilderStep(Step, frozen=True, kw_only=True, tag_field="kind", tag="builder"):
    """An SGD to be put together from parameter groups: a form and its Python, each changing the other, and what
    torch answers. With `homework` it is done once torch has built what the task asks for."""

    run: str
    """`file.py` beside the lesson; its generator `run(code)` runs the script."""
    body: Words
    """What to do, in a line or two."""
    presets: list[str]
    """Ids of `tutor.builder.presets`; the step begins with the first."""
    homework: Literal[4] | None = None


OtherStep = Text | Formula | Derivation | LabStep | TraceStep | Summary | BuilderStep
AnyStep = OtherStep | AnyQuestion

# Files -------------------------------------------------------------------------------------------------------


class Lesson(Shape, frozen=True, kw_only=True):
    """One lesson: `<nn_topic>/lesson.yaml` with its `zh.yaml` merged in.

    The loader converts it step by step, so that an error in one step hides no error in another.
    """

    id: str
    title: Words
    summary: Words
    minutes: int
    concepts: list[str]
    steps: list[AnyStep]
    labs: dict[str, Lab] = {}
    losses: dict[str, list[str]] = {}
    """The losses of the atlas that it teaches, and the ids of the steps that do; `*` stands for any ending."""


class Term(Shape, frozen=True, kw_only=True):
    """A term of the glossary, as the field says it in each language, and what it means."""

    term: Words
    means: Words


class CourseLesson(Shape, frozen=True, kw_only=True):
    """A lesson's place in the course. `requires` names lessons that come before it."""

    folder: str
    requires: list[str] = []


class Part(Shape, frozen=True, kw_only=True):
    """A group of lessons under one heading."""

    id: str
    title: Words
    lessons: list[CourseLesson]


class Course(Shape, frozen=True, kw_only=True):
    """`course.yaml`: the order of everything. `format` is the version of this file format."""

    format: int
    title: Words
    parts: list[Part]
