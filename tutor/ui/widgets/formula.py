"""The view of a formula with its symbols explained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from rich.console import RenderableType
from textual.app import ComposeResult

from tutor.course.model import Formula
from tutor.ui.widgets.markup import Sheet
from tutor.ui.widgets.step import StepView


class FormulaView(StepView):
    """What the formula answers, the formula, its symbols, and what to see in it."""

    def compose(self) -> ComposeResult:
        self._sheet = Sheet(self._blocks)
        yield self._sheet

    def retell(self) -> None:
        self._sheet.retell()

    def _blocks(self, sheet: Sheet) -> Sequence[RenderableType]:
        step = cast(Formula, self.step)
        blocks = [] if step.intro is None else [sheet.prose(self.say(step.intro))]
        blocks.append(sheet.formula(step.formula))
        if step.where:
            blocks.append(sheet.where([(symbol, self.say(words)) for symbol, words in step.where.items()]))
        if step.body is not None:
            blocks.append(sheet.prose(self.say(step.body)))
        return blocks
