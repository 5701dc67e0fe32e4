"""The view of a question that a lab answers: a number is predicted, the lab is run, and the two are laid side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, cast

from rich.console import RenderableType
from textual.actions import SkipAction
from textual.binding import Binding, BindingType

from tutor.course.load import ContentError
from tutor.course.model import NumberQuestion, PredictQuestion
from tutor.course.sameness import is_number
from tutor.course.settings import SettingError, settle
from tutor.labrun import LabRun
from tutor.practice.attempt import Attempt
from tutor.practice.marking import Answer, Verdict
from tutor.practice.numbers import Unreadable, read_number
from tutor.practice.variants import foretold
from tutor.protocol import Failed, Finished, Warming
from tutor.ui.lab_runs import LabRuns
from tutor.ui.news import advice
from tutor.ui.widgets.markup import Sheet
from tutor.ui.widgets.number import NumberView
from tutor.words import Words


class PredictView(NumberView):
    """A prediction is marked by what the lab then yields; it is made once, for the result has been seen after it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "stop", show=False)]

    _runs: LabRuns | None = None
    _run: LabRun | None = None
    """The run that is awaited."""
    _given: str | None = None
    """What was predicted; None where the learner asked for the answer."""
    _trouble: Words | None = None
    """Why there was no result."""

    @property
    def asked(self) -> PredictQuestion:
        """The question, by its own type."""
        return cast(PredictQuestion, self.question)

    def fresh(self) -> Attempt:
        return Attempt.begin(self.question, once=True)

    def on_mount(self) -> None:
        try:
            self._runs = LabRuns(self.tutor, self.lesson, self.asked)
            self._runs.watcher = self
        except ContentError:
            self._trouble = Words("The lab of this question is not there.", "找不到本题的实验。")
        super().on_mount()

    def on_unmount(self) -> None:
        if self._runs is not None:
            self._runs.watcher = None
            self._runs.stop()

    # Running -----------------------------------------------------------------------------------------------------

    def give(self, draft: Answer) -> bool:
        read = read_number(str(draft))
        if isinstance(read, Unreadable):
            self.now(replace(self.attempt, draft=draft, verdict=Verdict("unreadable", [read.words])))
            return False
        self._ask_lab(str(draft))
        return True

    def action_show_answer(self) -> None:
        """What the lab yields, without a prediction."""
        if not self.attempt.over:
            self._ask_lab(None)

    def _ask_lab(self, given: str | None) -> None:
        if self._runs is None or self._run is not None:
            return
        try:
            record = LabRun(settle(self._runs.lab, {}, self.asked.set))
        except SettingError as error:
            self._fail(error.words)
            return
        self._given, self._trouble, self._run = given, None, record
        if not self._runs.start(record):
            self._fail(Words("torch is not started yet; try again.", "torch 尚未启动，请稍后再试。"))
            return
        self._watch = self.set_interval(0.25, self._look)
        self.now(replace(self.attempt, draft=given or "", verdict=None))

    def action_stop(self) -> None:
        """Stop the lab; the prediction is not marked then."""
        if self._runs is None or self._run is None:
            raise SkipAction
        self._runs.stop()

    def fed(self, run: LabRun) -> None:
        """The run goes on; `_look` says how far it is."""

    def over(self, run: LabRun) -> None:
        """The run has ended: mark the prediction by what it yielded."""
        if run is not self._run:
            return
        value = run.seen().values.get(self.asked.of)
        if not isinstance(run.ending, Finished) or not is_number(value):
            self._fail(self._why(run))
            return
        self._run = None
        attempt = replace(self.attempt, question=foretold(self.asked, float(value)))
        if self._given is None:
            self.keep(attempt.revealed(), "shown")
        else:
            attempt = attempt.answered(self._given)
            assert attempt.verdict is not None
            self.keep(attempt, attempt.verdict.outcome)

    def _fail(self, why: Words) -> None:
        self._run, self._trouble = None, why
        self.now(replace(self.attempt, verdict=None))

    def _why(self, run: LabRun) -> Words:
        kernel = self.tutor.kernel
        if kernel is not None and (words := advice(kernel.state)) is not None:
            return words
        if isinstance(run.ending, Failed):
            said = Words("The lab failed ({type}: {message}).", "实验出错（{type}：{message}）。")
            return said.filled(type=run.ending.type, message=run.ending.message)
        notes = run.seen().notes
        if notes:
            return notes[-1]
        return Words(
            "The lab ended without the result; your answer is not marked.", "实验没有给出结果，答案没有判分。"
        )

    # On screen ---------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        self.retell_told()
        if self._run is None:
            self._watch.stop()

    def keys(self) -> list[tuple[str, Words]]:
        return [("x", Words("stop", "停止"))] if self._run is not None else super().keys()

    def verdict_said(self, sheet: Sheet) -> list[RenderableType]:
        if self._run is not None:
            return [sheet.quiet(self.say(self._running_said(self._run)))]
        if self._trouble is not None:
            return [sheet.said("!", "warn", "", self.say(self._trouble))]
        return [*self._side_by_side(sheet), *super().verdict_said(sheet)]

    def _running_said(self, run: LabRun) -> Words:
        kernel = self.tutor.kernel
        if kernel is None or isinstance(kernel.state, Warming):
            return Words(
                "The lab waits for torch, which is still being imported ...", "实验正在等待 torch 导入 ..."
            )
        if run.progress is not None:
            said = Words("The lab is running: {done} of {total} ...", "实验正在运行：{done}/{total} ...")
            return said.filled(done=run.progress.done, total=run.progress.total)
        return Words("The lab is running ...", "实验正在运行 ...")

    def _side_by_side(self, sheet: Sheet) -> Sequence[RenderableType]:
        question = self.attempt.question
        if not self.attempt.over or self.attempt.shown or not isinstance(question, NumberQuestion):
            return []
        first = Words("The lab gives {value}.", "实验结果：{value}。").filled(value=f"{question.answer:.6g}")
        said = Words("You said `{given}`.", "你的预测：`{given}`。").filled(given=self.attempt.draft)
        return [sheet.said(sheet.signs.into, "accent", self.say(first), self.say(said))]
