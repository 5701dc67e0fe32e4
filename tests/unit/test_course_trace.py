"""What an author can do wrong with code to step through, and with questions on what it calls."""

from pathlib import Path

import pytest

from tutor.course.check import check, translated
from tutor.course.model import TraceStep

STEPS = """
  - {id: walk, kind: trace, title: Walk, body: Look., snippet: "loss = f()", setup: "def f(): ..."}
  - id: chain
    kind: question
    ask: record
    trace: walk
    title: Chain
    prompt: Which?
    steps: [{text: f, because: First.}, {text: g, because: Then.}]
"""
CHINESE = """
  walk: {title: 走, body: 看。}
  chain: {title: 链, prompt: 哪些？, steps: [{text: f, because: 先。}, {text: g, because: 后。}]}
"""


@pytest.fixture
def lesson(course: Path) -> Path:
    """The small course's first lesson, with a trace and a question on it; the file that holds both."""
    folder = next(path.parent for path in sorted(course.glob("*/lesson.yaml")))
    for name, more in (("lesson.yaml", STEPS), ("zh.yaml", CHINESE)):
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(more)
    translated(course)
    return folder / "lesson.yaml"


def said(lesson: Path, called: str = "f g") -> list[str]:
    def follow(step: TraceStep) -> list[str] | str:
        assert step.snippet and compile(step.setup, "", "exec")
        return called if ":" in called else called.split()

    problems = check(lesson.parent.parent, follow=follow)
    return [f"{problem.wrong.en}: {problem.write.en}" for problem in problems if problem.wrong.zh]


def plant(lesson: Path, good: str, bad: str) -> None:
    text = lesson.read_text(encoding="utf-8")
    assert text.count(good) == 1
    lesson.write_text(text.replace(good, bad), encoding="utf-8")


def test_sound_code_and_a_question_on_what_it_calls_have_no_problem(lesson: Path) -> None:
    assert said(lesson) == []


@pytest.mark.parametrize(
    ("good", "bad", "wrong"),
    [
        ("loss = f()", "loss = f(", "Python cannot read this ('(' was never closed"),
        ("def f(): ...", "def f()", "Python cannot read this (expected ':'"),
        ("loss = f()", " ", "there is nothing to step through: write the code"),
        ("trace: walk", "trace: wlak", "this lesson has no trace step wlak: did you mean `walk`?"),
    ],
)
def test_a_planted_mistake_is_said_once(lesson: Path, good: str, bad: str, wrong: str) -> None:
    plant(lesson, good, bad)
    (only,) = said(lesson)
    assert wrong in only


def test_what_torch_does_not_call_and_code_that_raises_is_said(lesson: Path) -> None:
    assert said(lesson, "f h") == ["the installed torch does not call g: it calls f, h"]
    assert said(lesson, "NameError: f") == [
        "this raises (NameError: f): mend it, or write its type under `raises`"
    ]


def test_code_may_be_meant_to_raise(lesson: Path) -> None:
    plant(lesson, 'snippet: "loss = f()"', 'raises: NameError, snippet: "loss = f()"')
    plant(lesson, "    trace: walk\n", "")
    assert said(lesson, "NameError: f") == []
    assert "this raises (TypeError: f)" in said(lesson, "TypeError: f")[0]
    assert "this raises no NameError" in said(lesson)[0]
