"""The view of a question on what code calls: the entries are compared with what the installed torch does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from rich.console import RenderableType

from tutor.course.model import RecordQuestion, TraceStep
from tutor.practice.attempt import Attempt
from tutor.practice.chain import not_called, traced
from tutor.practice.marking import Answer, Verdict
from tutor.practice.record import entries_of
from tutor.protocol import Warming
from tutor.stepping.journal import calls
from tutor.stepping.recording import Recording
from tutor.ui.traces import recorded
from tutor.ui.widgets.markup import Sheet
from tutor.ui.widgets.record import RecordView
from tutor.words import Words


class ChainView(RecordView):
    """The code is stepped through when the first answer is given; what torch then entered is the key from there on."""

    _asking = False
    _trouble: Words | None = None
    """Why nothing could be marked."""

    @property
    def asked(self) -> RecordQuestion:
        """The question, by its own type."""
        return cast(RecordQuestion, self.question)

    @property
    def key(self) -> RecordQuestion | None:
        """The question with what torch entered; None while nobody knows it."""
        return cast("RecordQuestion | None", self.memory.get("key"))

    def fresh(self) -> Attempt:
        return Attempt.begin(self.key or self.question)

    # Asking torch --------------------------------------------------------------------------------------------

    def give(self, draft: Answer) -> bool:
        if self.key is not None:
            return super().give(draft)
        if not entries_of(str(draft)):
            nothing = Words("Nothing is written yet: type the first step.", "还没有填写：请输入第一步。")
            self.now(replace(self.attempt, draft=draft, verdict=Verdict("unreadable", [nothing])))
            return False
        self._ask_torch(str(draft))
        return True

    def action_show_answer(self) -> None:
        """What torch enters, without an answer."""
        if self.attempt.over:
            return
        if self.key is not None:
            super().action_show_answer()
        else:
            self._ask_torch(None)

    def _ask_torch(self, given: str | None) -> None:
        if self._asking:
            return
        self._asking, self._trouble = True, None
        self._watch = self.set_interval(0.25, self.retell_told)
        self.retell_told()
        self.run_worker(self._hear_torch(given), exclusive=True)

    async def _hear_torch(self, given: str | None) -> None:
        step = next(
            each for each in self.lesson.steps if isinstance(each, TraceStep) and each.id == self.asked.trace
        )
        heard = await recorded(self.tutor, step)
        self._asking = False
        self._watch.stop()
        if isinstance(heard, Words):
            self._trouble = heard
            self.retell_told()
            return
        self._learn(heard)
        if given is None:
            super().action_show_answer()
        else:
            super().give(given)

    def _learn(self, recording: Recording) -> None:
        """From now on the key is what torch entered."""
        called = list(calls(recording))
        self.memory["key"] = traced(self.asked, called, recording.torch)
        self.memory["remark"] = self._remark(not_called(self.asked, called), recording.torch)
        self.attempt = replace(self.attempt, question=self.key or self.question)

    @staticmethod
    def _remark(gone: Sequence[str], torch: str) -> Words | None:
        if not gone:
            return None
        said = Words(
            "torch {torch} does not enter {names} here: not asked for.",
            "torch {torch} 在这里不进入 {names}，不作要求。",
        )
        return said.filled(torch=torch, names=", ".join(f"`{name}`" for name in gone))

    # On screen -----------------------------------------------------------------------------------------------

    def verdict_said(self, sheet: Sheet) -> list[RenderableType]:
        if self._asking:
            return [sheet.quiet(self.say(self._waiting_said()))]
        if self._trouble is not None:
            return [sheet.said("!", "warn", "", self.say(self._trouble))]
        remark = self.memory.get("remark")
        said = super().verdict_said(sheet)
        return [*said, sheet.said("!", "warn", "", self.say(remark))] if remark and said else said

    def _waiting_said(self) -> Words:
        kernel = self.tutor.kernel
        if kernel is None or isinstance(kernel.state, Warming):
            return Words("Waiting for torch, which is still being imported ...", "正在等待 torch 导入 ...")
        return Words("torch is stepping through it ...", "torch 正在步进这段代码 ...")
