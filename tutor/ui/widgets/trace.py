"""The view of code to step through: what it is, what to look at, and how far the learner was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

from rich.console import RenderableType
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tutor.course.model import TraceStep
from tutor.stepping.journal import Journal, steps_in_words
from tutor.ui.widgets.markup import Sheet
from tutor.ui.widgets.step import StepView
from tutor.words import Words

MOST_STEPS = 6
"""Of the journal that are shown here; the stepper's own page and the report have all."""


class TraceView(StepView):
    """What will be stepped through, and the journal as far as it goes; enter opens the stepper."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "step_through", show=False)]

    @property
    def trace(self) -> TraceStep:
        """The step, by its own type."""
        return cast(TraceStep, self.step)

    def compose(self) -> ComposeResult:
        self._sheet = Sheet(self._blocks)
        yield self._sheet

    def retell(self) -> None:
        self._sheet.retell()

    def resumed(self) -> None:
        self._sheet.retell()

    def keys(self) -> list[tuple[str, Words]]:
        return [("enter", Words("step through it", "开始步进"))]

    def action_step_through(self) -> None:
        """Open the stepper on it."""
        step = self.trace
        self.tutor.open_stepper(step.snippet, step.setup, step.seed, lesson=self.lesson.id, step=step.id)

    def _blocks(self, sheet: Sheet) -> Sequence[RenderableType]:
        step = self.trace
        blocks = [sheet.prose(self.say(step.body))]
        if step.setup.strip():
            blocks.append(sheet.quiet(self.say(Words("Runs before it:", "先运行："))))
            blocks.append(sheet.code(step.setup))
        first = self.say(Words("Step through:", "步进：")) + f" `{step.snippet.strip()}`"
        if "\n" in step.snippet.strip():
            blocks += [sheet.quiet(self.say(Words("Step through:", "步进："))), sheet.code(step.snippet)]
        else:
            blocks.append(sheet.said(sheet.signs.into, "accent", "", first))
        return [*blocks, *self._journal(sheet)]

    def _journal(self, sheet: Sheet) -> list[RenderableType]:
        step = self.trace
        journal = self.tutor.store.journal(step.snippet, step.setup, self.lesson.id, step.id)
        if journal is None or not journal.entries:
            return []
        said = [sheet.quiet(self.say(_counted(journal)), f"torch {journal.torch}")]
        lines = [self.say(words) for words in steps_in_words(journal.shown)]
        if len(lines) > MOST_STEPS:
            lines = [*lines[: MOST_STEPS - 1], sheet.signs.more]
        if lines:
            said.append(sheet.code("\n".join(lines)))
        return said


def _counted(journal: Journal) -> Words:
    """How many functions there are, by what became of them."""
    counts = {state: sum(e.state == state for e in journal.entries) for state in ("visited", "ran", "hidden")}
    said = Words(
        "Journal: {visited} visited, {ran} ran, {hidden} hidden.",
        "日志：到过 {visited}，运行 {ran}，隐藏 {hidden}。",
    )
    return said.filled(**counts)
