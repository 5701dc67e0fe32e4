"""What a lesson is made of, as its author writes it in YAML.

Every class here is one shape in the file and, exported as JSON Schema, what an editor completes.
`Words` fields are written as plain text in `lesson.yaml` and translated in `zh.yaml` at the same place.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec

from tutor.words import Words


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Base of all shapes: an unknown field is an author's typing mistake and is said so."""


# Steps: what a learner meets, one a screen -----------------------------------------------------------------


class Step(Shape, frozen=True, kw_only=True):
    """One screen of a lesson. `id` is stable: progress is kept under it."""

    id: str
    title: Words
    terms: list[str] = []
    """Glossary ids of the key terms of this step."""


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


# Questions ---------------------------------------------------------------------------------------------------


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


# Labs --------------------------------------------------------------------------------------------------------


class Control(Shape, frozen=True, kw_only=True, tag_field="kind"):
    """A setting of a lab. `when` shows it only while other controls have one of the named values."""

    label: Words
    help: Words | None = None
    when: dict[str, list[Any]] = {}
    defaults: dict[str, dict[str, Any]] = {}
    """Other defaults for the options of a choice: its name, then a default for each option that has one.

    Switching that choice brings this control back to its default, also where no option is named.
    """


class Choice(Control, frozen=True, kw_only=True, tag="choice"):
    """One of `options`, which are the values passed to the lab."""

    options: list[str]
    default: str


class Integer(Control, frozen=True, kw_only=True, tag="integer"):
    """A whole number from `min` to `max`."""

    default: int
    min: int
    max: int


class Number(Control, frozen=True, kw_only=True, tag="number"):
    """A real number from `min` to `max`."""

    default: float
    min: float
    max: float


class Toggle(Control, frozen=True, kw_only=True, tag="toggle"):
    """On or off."""

    default: bool


class Seed(Control, frozen=True, kw_only=True, tag="seed"):
    """The seed of the random numbers, 0 to 2**31 - 1."""

    default: int = 1
    min: ClassVar[int] = 0
    max: ClassVar[int] = 2**31 - 1


class Numbers(Control, frozen=True, kw_only=True, tag="numbers"):
    """A table of finite numbers that the learner edits cell by cell: a list, or a list of rows of one length.

    `dims: any` also takes one number and a list of such tables, up to three dimensions; they are edited as text.
    """

    default: list[Any] | None
    dims: Literal[1, 2, "any"] = 1
    integer: bool = False
    none: bool = False
    """Whether there may be no table at all (`None`)."""
    min: float | None = None
    max: float | None = None


class Arguments(Control, frozen=True, kw_only=True, tag="arguments"):
    """Arguments of a call by their names, typed as in Python, `beta=2`, or as a dict of plain literals or JSON."""

    default: dict[str, Any] = {}


class Folder(Control, frozen=True, kw_only=True, tag="folder"):
    """A folder of the learner's own, which reaches the lab as an absolute path; empty for none."""

    default: str = ""


class Several(Control, frozen=True, kw_only=True, tag="several"):
    """Any number of `options`; those chosen reach the lab as a list."""

    options: list[str]
    default: list[str]


AnyControl = Choice | Integer | Number | Toggle | Seed | Numbers | Arguments | Folder | Several


class Chart(Shape, frozen=True, kw_only=True):
    """One picture of a lab: which series over which axes. `x` and `y` are labels, with the unit.

    A series `loss:*` stands for all whose names begin with `loss:`, however many a run yields.
    In the form `contour` the last series holds points on the level lines of a surface, in any order; the others are
    paths over it, each point a step.
    """

    id: str
    title: Words
    x: Words
    y: Words
    series: list[str]
    scale: Literal["linear", "log"] = "linear"
    form: Literal["line", "bars", "dots", "contour"] = "line"

    @property
    def curves(self) -> list[str]:
        """The series without the level lines below them."""
        return self.series[:-1] if self.form == "contour" else self.series


class Lab(Shape, frozen=True, kw_only=True):
    """A generator of plain torch beside the lesson, and how to set and show it.

    Labs are declared once, under the lesson's `labs`, by an id that is unique in the course;
    steps of any lesson show them.
    """

    run: str
    """`file.py` or `file.py:function` beside the lesson."""
    title: Words
    controls: dict[str, AnyControl]
    charts: list[Chart] = []
    series: dict[str, Words] = {}
    """Labels of the series, for the legend; in that of `loss:*`, `{}` is what stands in place of the star."""
    values: dict[str, Words] = {}
    """Labels of the named values."""


class Prediction(Shape, frozen=True, kw_only=True):
    """What the learner is asked before the first run, and the value of the lab it is laid beside."""

    prompt: Words
    of: str
    """The name of a `Value` that the lab yields."""
    ask: Literal["number", "choice"] = "number"
    options: list[Words] = []
    """For `choice`; the texts that `of` is compared with are `equals`, in the same order."""
    equals: list[Any] = []
    never: bool = False
    """Whether "never" is a possible answer (the lab then yields None)."""
    mark: Literal["x", "y", "none"] = "none"
    """Where the prediction is drawn into the chart."""


class LabStep(Step, frozen=True, kw_only=True, tag_field="kind", tag="lab"):
    """A lab to run, from settings of its own, after a prediction."""

    lab: str
    body: Words
    """What to try and what to look at."""
    set: dict[str, Any] = {}
    """Settings that differ from the lab's defaults at this step."""
    predict: Prediction | None = None
    chart: str | None = None
    """The chart shown first; the lab's first one if absent."""


# Stepping ----------------------------------------------------------------------------------------------------


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
