"""The view of a question with other numbers each time: it has them drawn, and asks until enough are right in a row."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import ClassVar, cast

from rich.console import RenderableType
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tutor.course.model import ChoiceQuestion, GeneratedQuestion, Lesson, NumberQuestion
from tutor.practice.attempt import Attempt
from tutor.protocol import Warming
from tutor.ui.draws import Drawn, draw, right_in_a_row
from tutor.ui.widgets.markup import Sheet
from tutor.ui.widgets.question import QuestionView
from tutor.ui.widgets.step import Memory, StepView
from tutor.words import Words


class GeneratedView(StepView):
    """One variant at a time, in the view of its own kind. Each is answered once; then enter draws other numbers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "on", show=False),
        Binding("t", "again", show=False),
    ]

    def __init__(self, lesson: Lesson, step: GeneratedQuestion, memory: Memory | None = None) -> None:
        super().__init__(lesson, step, memory)
        self.question = step
        self._inner: QuestionView | None = None
        self._answer: StepView.Answered | None = None
        """What the inner view waits to hear is kept."""
        self._trouble: Words | None = None
        """Why there are no numbers."""

    def compose(self) -> ComposeResult:
        self._waiting = Sheet(self._waiting_said)
        yield self._waiting

    async def on_mount(self) -> None:
        if "row" not in self.memory:
            self.memory["row"] = right_in_a_row(self.tutor, self.lesson, self.question)
        if "drawn" in self.memory:
            await self._pose()
        else:
            self._draw()

    # Numbers -----------------------------------------------------------------------------------------------------

    @property
    def drawn(self) -> Drawn | None:
        """The variant that is asked now."""
        return cast("Drawn | None", self.memory.get("drawn"))

    @property
    def row(self) -> int:
        """How many were right in a row."""
        return cast(int, self.memory["row"])

    @property
    def done(self) -> bool:
        """Enough were right in a row."""
        return self.row >= self.question.streak

    def _draw(self) -> None:
        self._trouble = None
        self._watch = self.set_interval(0.25, self._look_at_kernel)
        self.run_worker(self._drawing(random.randrange(2**31)), exclusive=True)

    async def _drawing(self, seed: int) -> None:
        drawn = await draw(self.tutor, self.lesson, self.question, seed)
        self._watch.stop()
        if isinstance(drawn, Words):
            self._trouble = drawn
            self._waiting.retell()
            self.post_message(self.KeysChanged())
            return
        first = self.memory.get("before") if "drawn" not in self.memory else None
        self.memory["drawn"] = drawn
        self.memory["inner"] = {"attempt": Attempt.begin(drawn.question, once=True), "before": first}
        await self._pose()

    async def _pose(self) -> None:
        """Show the variant in the view of its kind, in place of the one before."""
        assert self.drawn is not None
        had_focus = self.screen.focused is None or self.has_focus_within
        inner = _view_of(self.lesson, self.drawn, self.memory["inner"])
        inner.note, inner.repeatable = self._note, False
        with self.app.batch_update():
            if self._inner is not None:
                await self._inner.remove()
            self._inner = inner
            self._waiting.display = False
            await self.mount(inner)
        if not inner.is_mounted:  # the page was turned meanwhile
            return
        if had_focus:
            inner.begin()
        self.reveal(inner, 0, 0)
        self.post_message(self.KeysChanged())

    def _note(self) -> Words | None:
        if self.question.streak == 1:
            return None
        said = Words("{row} of {streak} in a row", "连续答对 {row}/{streak}")
        return said.filled(row=min(self.row, self.question.streak), streak=self.question.streak)

    def _waiting_said(self, sheet: Sheet) -> Sequence[RenderableType]:
        if self._trouble is not None:
            return [sheet.said("!", "warn", "", self.say(self._trouble))]
        kernel = self.tutor.kernel
        if kernel is None or isinstance(kernel.state, Warming):
            said = Words(
                "The numbers come from torch, which is still being imported ...",
                "题目中的数由 torch 给出，torch 正在导入 ...",
            )
        else:
            said = Words("Drawing numbers ...", "正在抽取题目中的数 ...")
        return [sheet.quiet(self.say(said))]

    def _look_at_kernel(self) -> None:
        if self._inner is None:
            self._waiting.retell()

    # As a step ---------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        if self._inner is not None:
            self._inner.begin()
        else:
            self.focus()

    @property
    def typing(self) -> bool:
        return self._inner is not None and self._inner.typing

    def retell(self) -> None:
        self._waiting.retell()
        if self._inner is not None:
            self._inner.retell()

    def keys(self) -> list[tuple[str, Words]]:
        other = Words("other numbers", "换一组数")
        if self._inner is None:
            return [("enter", Words("try again", "再试一次"))] if self._trouble is not None else []
        if not self._inner.attempt.over:
            return self._inner.keys()
        return [("enter", Words("next", "下一步")), ("t", other)] if self.done else [("enter", other)]

    def skipped(self) -> StepView.Answered | None:
        if self._inner is None or self.drawn is None or self.memory.get("before") is not None:
            return None
        skipped = self._inner.skipped()
        if skipped is None:
            return None
        self.memory["before"] = "skipped"
        return self.Answered(self, "", "skipped", skipped.hints, seed=self.drawn.seed)

    # What the learner does ---------------------------------------------------------------------------------------

    def action_on(self) -> None:
        """Other numbers; once enough were right in a row, enter belongs to the page."""
        if self._inner is not None and self.done:
            raise SkipAction
        self.action_again()

    def action_again(self) -> None:
        """Other numbers, once these are answered; or try again to have some drawn."""
        if self._inner is None and self._trouble is None:
            raise SkipAction
        if self._inner is not None and not self._inner.attempt.over:
            raise SkipAction
        self._draw()

    def on_step_view_answered(self, answer: StepView.Answered) -> None:
        """What was answered to the variant is an answer to this question."""
        if answer.view is self or self.drawn is None:
            return
        answer.stop()
        self._answer = answer
        given, question = answer.given, self.drawn.question
        if given and isinstance(question, ChoiceQuestion):
            # Kept by its text: the place of an option means nothing without the numbers.
            given = question.options[int(given)].text.en
        self.post_message(
            self.Answered(self, given, answer.outcome, answer.hints, sure=answer.sure, seed=self.drawn.seed)
        )

    def kept(self, answer: StepView.Answered) -> None:
        if answer.outcome == "skipped" or self._answer is None or self._inner is None:
            return
        self.memory["before"] = answer.outcome
        self.memory["row"] = self.row + 1 if answer.outcome == "right" else 0
        inner_answer, self._answer = self._answer, None
        self._inner.kept(inner_answer)


def _view_of(lesson: Lesson, drawn: Drawn, memory: Memory) -> QuestionView:
    question = drawn.question
    if isinstance(question, NumberQuestion):
        from tutor.ui.widgets.number import NumberView

        return NumberView(lesson, question, memory)
    if isinstance(question, ChoiceQuestion):
        from tutor.ui.widgets.choosing import ChoiceView

        return ChoiceView(lesson, question, memory)
    from tutor.ui.widgets.cells import CellsView

    return CellsView(lesson, question, memory)
