"""A page with one step in it at a time: what a lesson and a review share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from tutor.course.model import (
    AnyQuestion,
    AnyStep,
    BuilderStep,
    ChoiceQuestion,
    Derivation,
    Formula,
    GeneratedQuestion,
    LabStep,
    Lesson,
    NumberQuestion,
    OrderQuestion,
    PredictQuestion,
    RecordQuestion,
    SeveralQuestion,
    Summary,
    TensorQuestion,
    TextQuestion,
    TraceStep,
)
from tutor.practice.key import key_of
from tutor.practice.numbers import narrow
from tutor.ui.looks import Looks, spread
from tutor.ui.page import Page
from tutor.ui.widgets.step import Memory, StepView
from tutor.words import Words

if TYPE_CHECKING:
    from textual.strip import Strip

    from tutor.ui.widgets.summary import SummaryView


def view_of(lesson: Lesson, step: AnyStep, memory: Memory) -> StepView:
    """The view that shows `step`. Each kind is imported when the first step of it is opened."""
    if isinstance(step, Formula):
        from tutor.ui.widgets.formula import FormulaView

        return FormulaView(lesson, step, memory)
    if isinstance(step, Derivation):
        from tutor.ui.widgets.derivation import DerivationView

        return DerivationView(lesson, step, memory)
    if isinstance(step, LabStep):
        from tutor.ui.widgets.lab import LabView

        return LabView(lesson, step, memory)
    if isinstance(step, TraceStep):
        from tutor.ui.widgets.trace import TraceView

        return TraceView(lesson, step, memory)
    if isinstance(step, BuilderStep):
        from tutor.ui.widgets.builder import BuilderView

        return BuilderView(lesson, step, memory)
    if isinstance(step, NumberQuestion):
        from tutor.ui.widgets.number import NumberView

        return NumberView(lesson, step, memory)
    if isinstance(step, TextQuestion):
        from tutor.ui.widgets.line import LineView

        return LineView(lesson, step, memory)
    if isinstance(step, RecordQuestion):
        if step.trace is not None:
            from tutor.ui.widgets.chain import ChainView

            return ChainView(lesson, step, memory)
        from tutor.ui.widgets.record import RecordView

        return RecordView(lesson, step, memory)
    if isinstance(step, TensorQuestion):
        from tutor.ui.widgets.cells import CellsView

        return CellsView(lesson, step, memory)
    if isinstance(step, PredictQuestion):
        from tutor.ui.widgets.foretelling import PredictView

        return PredictView(lesson, step, memory)
    if isinstance(step, GeneratedQuestion):
        from tutor.ui.widgets.generated import GeneratedView

        return GeneratedView(lesson, step, memory)
    if isinstance(step, ChoiceQuestion | SeveralQuestion | OrderQuestion):
        from tutor.ui.widgets import choosing

        kinds = {ChoiceQuestion: choosing.ChoiceView, SeveralQuestion: choosing.SeveralView}
        return kinds.get(type(step), choosing.OrderView)(lesson, step, memory)
    if isinstance(step, Summary):
        from tutor.ui.widgets.summary import SummaryView

        return SummaryView(lesson, step, memory)
    from tutor.ui.widgets.text import TextView

    return TextView(lesson, step, memory)


class _More(Looks):
    """One line under the step that says when there is more of it above or below."""

    def __init__(self) -> None:
        super().__init__()
        self._said = ""

    def tell(self, above: bool, below: bool) -> None:
        """Show which way there is more."""
        signs = self.signs
        said = "  ".join(sign for sign, there in ((signs.up, above), (signs.down, below)) if there)
        if said:
            said += " " + cast(StepPage, self.screen).say(Words("more", "更多"))
        if said != self._said:
            self._said = said
            self.refresh()

    def render_line(self, y: int) -> Strip:
        more = [(self._said, "accent")] if self._said else []
        return self.strip([*spread([], more, self.size.width - 2, ""), ("  ", "")], self.size.width)


class _Body(Vertical):
    """Where the step stands; it scrolls by the page's keys."""

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.tell_more()

    def watch_virtual_size(self) -> None:
        """The step became longer or shorter."""
        self.call_after_refresh(self.tell_more)

    def tell_more(self) -> None:
        """Say whether there is more above or below."""
        if isinstance(self.screen, StepPage):
            self.screen.query_one(_More).tell(
                self.scroll_offset.y > 0, self.scroll_offset.y < self.max_scroll_y
            )


class StepPage(Page):
    """One step a screen. An answer is in the store before anything is said about it."""

    AUTO_FOCUS = ""
    CSS_PATH = "../lesson.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll(-1)", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("home", "scroll(-1000)", show=False),
        Binding("end", "scroll(1000)", show=False),
        Binding("g", "glossary", show=False),
    ]

    def step_area(self) -> ComposeResult:
        """Where the step stands."""
        self._body = _Body()
        with Vertical(id="step"):
            yield self._body
            yield _More()

    @property
    def view(self) -> StepView | None:
        """The view of the step shown; None where something else is."""
        return next(iter(self._body.query_children(StepView)), None)

    async def show(self, shown: Widget) -> None:
        """Put `shown` in place of what is there."""
        await self._body.remove_children()
        self._body.scroll_to(y=0, animate=False, force=True)
        await self._body.mount(shown)

    def focus_step(self) -> None:
        """Take the focus to where the learner's keys are to go."""
        view = self.view
        if view is not None:
            view.begin()
        else:
            self._body.children[0].focus()

    def retell(self) -> None:
        super().retell()
        for shown in self._body.query_children(StepView):
            shown.retell()
        self._body.call_after_refresh(self._body.tell_more)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.view is not None:
            self.view.resumed()

    def action_scroll(self, lines: int) -> None:
        """Up or down in a step that is longer than the screen."""
        self._body.scroll_to(y=self._body.scroll_offset.y + lines, animate=False, force=True)

    def action_glossary(self) -> None:
        """The terms of this step."""
        self.tutor.open_glossary(self.view.step.terms if self.view is not None else [])

    def on_key(self, event: events.Key) -> None:
        """A sign that a Chinese input method made full-width is the key that was pressed."""
        if event.character and (plain := narrow(event.character)) != event.character:
            event.stop()
            self.app.simulate_key("question_mark" if plain == "?" else plain)

    def on_resize(self) -> None:
        self._body.call_after_refresh(self._body.tell_more)

    # What the views post -------------------------------------------------------------------------------------

    def on_step_view_answered(self, answer: StepView.Answered) -> None:
        self.write_down(answer)
        answer.view.kept(answer)

    def write_down(self, answer: StepView.Answered) -> None:
        """Put the answer into the store."""
        view, step = answer.view, answer.view.step
        key = key_of(step) if isinstance(step, AnyQuestion) else ""
        self.tutor.store.answered(
            view.lesson.id,
            step.id,
            answer.given,
            answer.outcome,
            answer.hints,
            key=key,
            sure=answer.sure,
            seed=answer.seed,
        )

    def on_summary_view_exported(self, message: SummaryView.Exported) -> None:
        """Write the summary to files where the learner works, and say which."""
        from tutor.report.export import export
        from tutor.ui import svg

        picture = svg.now(self.tutor)
        try:
            names = export(Path.cwd(), message.atlas, message.summary, self.tutor.language, picture)
        except OSError as error:
            said = Words("The files cannot be written: {error}", "无法写入文件：{error}").filled(error=error)
        else:
            said = Words("Written here: {names}", "已写入当前目录：{names}").filled(names=", ".join(names))
        self.tutor.notify_passing(said)

    def on_step_view_keys_changed(self) -> None:
        self.retell_frame()
