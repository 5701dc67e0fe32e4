"""The view of a derivation: the lines so far, and the next one to be found among some that do not follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

from rich.console import RenderableType
from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tutor.course.model import Derivation, Lesson
from tutor.practice.attempt import Walk
from tutor.ui.widgets.markup import Sheet
from tutor.ui.widgets.options import Option, Options
from tutor.ui.widgets.step import Memory, StepView
from tutor.words import Words


class DerivationView(StepView):
    """Each right pick adds its line; each wrong one says why it does not follow, and stays marked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("enter", "act", show=False),
        Binding("s", "show_line", show=False),
        Binding("t", "try_again", show=False),
        *(Binding(str(n), f"number({n - 1})", show=False) for n in range(1, 10)),
    ]

    def __init__(self, lesson: Lesson, step: Derivation, memory: Memory | None = None) -> None:
        super().__init__(lesson, step, memory)
        self.derivation = step
        self._going: Walk | None = None
        if "walk" not in self.memory:
            walk = Walk.begin(step)
            if self.memory.get("before") in ("right", "shown"):
                walk = Walk(step, done=len(step.lines))
            self.memory["walk"] = walk

    @property
    def walk(self) -> Walk:
        """How far the learner is."""
        return cast(Walk, self.memory["walk"])

    @property
    def cursor(self) -> int:
        """The place, from 0, of the option under the cursor."""
        return min(cast(int, self.memory.get("cursor", 0)), max(len(self.walk.options) - 1, 0))

    # On screen -----------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        self._above = Sheet(self._so_far)
        self._options = Options()
        self._below = Sheet(self._said)
        yield self._above
        yield self._options
        yield self._below

    def on_mount(self) -> None:
        self._repaint_options()
        self.reveal(self._below)

    def retell(self) -> None:
        self._above.retell()
        self._below.retell()
        self._repaint_options()

    def keys(self) -> list[tuple[str, Words]]:
        if self.walk.over:
            return [("enter", Words("next", "下一步")), ("t", Words("once more", "再做一次"))]
        if not self.walk.options:
            return [("enter", Words("show the line", "看这一行"))]
        return [("1-9, enter", Words("choose", "选择")), ("s", Words("show the line", "看这一行"))]

    def _so_far(self, sheet: Sheet) -> Sequence[RenderableType]:
        blocks = [sheet.prose(self.say(self.derivation.intro))]
        if lines := [
            (line.formula, self.say(line.because)) for line in self.derivation.lines[: self.walk.done]
        ]:
            blocks.append(sheet.lines(lines))
        if not self.walk.over and (ask := self.derivation.lines[self.walk.done].ask) is not None:
            blocks.append(sheet.prose(self.say(ask)))
        return blocks

    def _said(self, sheet: Sheet) -> Sequence[RenderableType]:
        walk = self.walk
        if walk.over:
            return [] if self.derivation.body is None else [sheet.prose(self.say(self.derivation.body))]
        if walk.refused:
            wrong = self.derivation.lines[walk.done].wrong[walk.refused[-1]]
            not_that = Words("Not that one.", "不是这一行。")
            return [sheet.said(sheet.signs.no, "wrong", self.say(not_that), self.say(wrong.because))]
        return []

    def _repaint_options(self) -> None:
        if self.walk.over:
            self._options.show([], None)
            return
        line = self.derivation.lines[self.walk.done]
        shown = []
        for pick in self.walk.options:
            refused = pick is not None and pick in self.walk.refused
            formula = line.formula if pick is None else line.wrong[pick].formula
            shown.append(Option(formula, self.tutor.signs.no if refused else " ", "wrong", exact=True))
        self._options.show(shown, self.cursor)

    # What the learner does -----------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """One option up or down."""
        if not 0 <= self.cursor + by < len(self.walk.options):
            raise SkipAction
        self.memory["cursor"] = self.cursor + by
        self._repaint_options()
        self.reveal(self._options, *self._options.rows(self.cursor))

    def action_number(self, place: int) -> None:
        """Pick the option of this number."""
        if place >= len(self.walk.options):
            raise SkipAction
        self.memory["cursor"] = place
        self._pick(self.walk.options[place])

    def action_act(self) -> None:
        """Pick the option under the cursor; where there is none, show the line."""
        if self.walk.over:
            raise SkipAction
        if self.walk.options:
            self._pick(self.walk.options[self.cursor])
        else:
            self._go(self.walk.revealed())

    def action_show_line(self) -> None:
        """Put the line there that is asked for."""
        if not self.walk.over:
            self._go(self.walk.revealed())

    def action_try_again(self) -> None:
        """Begin anew."""
        if not self.walk.over:
            raise SkipAction
        self._now(Walk.begin(self.derivation))

    def on_click(self, event: events.Click) -> None:
        if event.widget is self._options:
            place = self._options.option_at(event.y)
            if place is not None:
                self.action_number(place)

    def _pick(self, pick: int | None) -> None:
        walk = self.walk.picked(pick)
        if pick is None:
            self._go(walk)
        else:
            self._keep(walk, f"{walk.done}:{pick}", "wrong")

    def _go(self, walk: Walk) -> None:
        """To the next line, or to the end, which counts as an answer."""
        self.memory["cursor"] = 0
        if walk.over:
            self._keep(walk, f"{walk.slips} slips", walk.outcome)
        else:
            self._now(walk)

    def _keep(self, walk: Walk, given: str, outcome: str) -> None:
        if self._going is None:
            self._going = walk
            self.post_message(self.Answered(self, given, outcome, 0))

    def kept(self, answer: StepView.Answered) -> None:
        if self._going is not None:
            walk, self._going = self._going, None
            self._now(walk)

    def _now(self, walk: Walk) -> None:
        self.memory["walk"] = walk
        self.retell()
        self.post_message(self.KeysChanged())
        # The reason of a wrong pick, or with the next question all that there is to pick from.
        self.reveal(self._below if walk.over or walk.refused else self._options)
