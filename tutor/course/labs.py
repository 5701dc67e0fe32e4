"""The labs of a lesson: the controls that set one, the charts that show it, and the step that has it run."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from tutor.course.shape import Shape, Step
from tutor.words import Words


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
