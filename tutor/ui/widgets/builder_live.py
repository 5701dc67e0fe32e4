"""How the builder asks torch and what it does with the answer; what a key changes is another matter."""

from __future__ import annotations

from typing import cast

from textual.timer import Timer

from tutor.builder.answer import Answer
from tutor.builder.form import ROWS, begun
from tutor.builder.presets import PRESETS
from tutor.protocol import Ready
from tutor.ui.builder_runs import BuilderRuns
from tutor.ui.widgets.builder_face import CODE, FORM, BuilderFace
from tutor.ui.widgets.step import StepView
from tutor.words import Words

SLOW = 0.6
"""Seconds after which it is said that torch has not answered yet."""


class BuilderLive(BuilderFace):
    """Has torch answer each change, keeps what the learner made, and hands the homework in."""

    runs: BuilderRuns
    _waiting: Timer | None = None
    _patience: Timer | None = None

    # Beginning and end ---------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        if "runs" not in self.memory:
            runs = self.memory["runs"] = BuilderRuns(self.tutor, self.lesson, self.builder_step)
            kept = runs.kept()
            form = begun(PRESETS[self.builder_step.presets[0]].builder, kept.get("code"))
            self.memory["form"] = form
            if kept.get("row") in ROWS and kept.get("column") in form.columns:
                form.row, form.column = kept["row"], kept["column"]
                form.draft = kept["draft"] if isinstance(kept.get("draft"), str) else None
        self.runs = cast(BuilderRuns, self.memory["runs"])
        self.runs.watcher = self
        self.answer = self.memory.get("answer")
        if self.wide and self.tab == FORM:
            self.tab = CODE
        self._ask_when_ready()

    def on_unmount(self) -> None:
        self.runs.stop()
        if "editing" in self.memory:
            self.form.take_code(self.memory.pop("editing"))
        self._keep()
        if self.runs.watcher is self:
            self.runs.watcher = None

    def _keep(self) -> None:
        form = self.form
        self.runs.keep({"code": form.code, "row": form.row, "column": form.column, "draft": form.draft})

    # Asking torch --------------------------------------------------------------------------------------------

    def _ask_when_ready(self) -> None:
        """Ask at once, or as soon as there is a kernel; while torch starts, say how far it is."""
        if self.asked is None and (self.answer is None or self.answer.code != self.form.code):
            self.asked = self.runs.ask(self.form.code)
            self._be_patient()
            if self.asked is not None and self.asked.ending is not None:
                self.answered(self.asked)
        if self.answer is None and self._waiting is None:
            self._waiting = self.set_interval(0.25, self._ask_when_ready)
        elif self.answer is not None and self._waiting is not None:
            self._waiting.stop()
            self._waiting = None
        self.repaint()

    def changed(self, yes: bool = True) -> None:
        """The builder is another: keep it, and have torch answer anew."""
        if yes:
            self._keep()
            self.memory["touched"] = True
            if self.form.rewrote:
                self.form.rewrote = False
                words = Words(
                    "The code was written anew from the form; z brings yours back.",
                    "代码已按表单重新生成；按 z 可恢复你写的代码。",
                )
                self.tutor.notify_passing(words)
            self.asked = self.runs.ask(self.form.code)
            self._be_patient()
            if self.asked is not None and self.asked.ending is not None:
                self.answered(self.asked)
        self.repaint()

    def _be_patient(self) -> None:
        """Say that torch is at work only where it takes long: most answers are there at once."""
        if self._patience is not None:
            self._patience.stop()
        self.slow, self._patience = False, self.set_timer(SLOW, self._lose_patience)

    def _lose_patience(self) -> None:
        kernel = self.tutor.kernel
        if self.asked is not None and kernel is not None and not isinstance(kernel.state, Ready):
            self._be_patient()  # it is torch that is not there yet
        else:
            self.slow = self.asked is not None
            self.repaint()

    def answered(self, answer: Answer) -> None:
        """Torch has answered: show it, and write the homework down if this is it."""
        if answer is not self.asked:
            return
        self.asked, self.slow = None, False
        self.answer = self.memory["answer"] = answer
        self.repaint()
        if self.done and self.memory.get("handed in") != answer.code:
            self.memory["handed in"] = answer.code
            self.post_message(self.Answered(self, answer.code, "right", 0))
        elif self.builder_step.homework and self.memory.get("touched") and not self.memory.get("before"):
            self.memory["before"] = "wrong"  # once: from now on the task is in progress
            self.post_message(self.Answered(self, answer.code, "wrong", 0))

    def kept(self, answer: StepView.Answered) -> None:
        if answer.outcome != "right":
            return
        self.tutor.notify_passing(
            Words(
                "Homework 4 is done: torch built your groups. `tutor report` shows them.",
                "作业 4 已完成：torch 构建了你的参数组，`tutor report` 会列出它们。",
            )
        )
