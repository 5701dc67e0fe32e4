"""How far the learner is with the week's homework tasks: it follows from the answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from tutor.course.index import HomeworkStep, Index
from tutor.practice.questions import QuestionId

State = Literal["new", "begun", "done"]


class Task(NamedTuple):
    """One of the four tasks, as far as lessons ask for it."""

    number: int
    steps: tuple[QuestionId, ...]
    """Its questions in the order of the course."""
    state: State
    next: QuestionId | None
    """The first question that is not done yet."""


def tasks(index: Index, outcomes_of: Callable[[str], Mapping[str, Sequence[str]]]) -> list[Task]:
    """The tasks that the course has, by number. `outcomes_of` a lesson: of each question, in order of the answers."""
    asked: dict[int, list[tuple[QuestionId, State]]] = {}
    for entry in index.lessons:
        outcomes = outcomes_of(entry.id) if entry.homework else {}
        for each in entry.homework:
            state = _state(each, outcomes.get(each.step, ()))
            asked.setdefault(each.task, []).append(((entry.id, each.step), state))
    return [_task(number, questions) for number, questions in sorted(asked.items())]


def _task(number: int, questions: list[tuple[QuestionId, State]]) -> Task:
    states = {state for _, state in questions}
    open_ones = [question for question, state in questions if state != "done"]
    state: State = "begun" if len(states) > 1 else states.pop()
    return Task(number, tuple(question for question, _ in questions), state, next(iter(open_ones), None))


def _state(step: HomeworkStep, outcomes: Sequence[str]) -> State:
    """Done once enough answers in a row were right; what was shown in between breaks the row."""
    row = 0
    for outcome in outcomes:
        row = row + 1 if outcome == "right" else row if outcome == "skipped" else 0
        if row >= step.streak:
            return "done"
    return "begun" if any(outcome != "skipped" for outcome in outcomes) else "new"
