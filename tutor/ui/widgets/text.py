"""The view of a step to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from rich.console import RenderableType
from textual.app import ComposeResult

from tutor.course.model import Text
from tutor.ui.widgets.markup import Sheet
from tutor.ui.widgets.step import StepView


class TextView(StepView):
    """Markdown to read; one idea."""

    def compose(self) -> ComposeResult:
        self._sheet = Sheet(self._blocks)
        yield self._sheet

    def retell(self) -> None:
        self._sheet.retell()

    def _blocks(self, sheet: Sheet) -> Sequence[RenderableType]:
        return [sheet.prose(self.say(cast(Text, self.step).body))]
