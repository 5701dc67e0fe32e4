"""The outline of a lesson: its steps, what became of each, and where the learner is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tutor.course.model import Lesson, Step
from tutor.ui.looks import Piece
from tutor.ui.widgets.line_list import Line, LineList
from tutor.words import Language

if TYPE_CHECKING:
    from tutor.progress.rows import StepState


class Outline(LineList):
    """One line a step; enter goes there. The same widget is a pane beside the step and a page instead of it."""

    def tell(self, lesson: Lesson, states: Mapping[str, StepState], here: str, language: Language) -> None:
        """Show the steps of `lesson`, the cursor on the step `here`."""
        lines = [
            Line(
                step.id,
                [
                    *self._sign(states.get(step.id), step.id == here),
                    (f"{number:3}  ", "muted"),
                    self._title(step, here, language),
                ],
            )
            for number, step in enumerate(lesson.steps, 1)
        ]
        self.show(lines, here)

    def _sign(self, state: StepState | None, here: bool) -> list[Piece]:
        signs = self.signs
        if state is not None and state.outcome == "right":
            return [(signs.yes, "right")]
        if state is not None and state.outcome == "wrong":
            return [(signs.no, "wrong")]
        if here:
            return [(signs.here, "accent")]
        return [(signs.done, "muted")] if state is not None and state.seen else [(signs.todo, "muted")]

    def _title(self, step: Step, here: str, language: Language) -> Piece:
        return step.title.into(language), "strong" if step.id == here else ""
