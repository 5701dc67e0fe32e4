"""How the runs of a lab step begin, come in and end; what a key asks for is another matter."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import cast

from textual.timer import Timer

from tutor import charts
from tutor.course.load import ContentError
from tutor.course.model import LabStep, Lesson
from tutor.course.settings import SettingError
from tutor.labrun import LabRun
from tutor.ui.lab_runs import LabRuns
from tutor.ui.widgets.chart import LabState
from tutor.ui.widgets.controls import Controls
from tutor.ui.widgets.lab_face import LabFace
from tutor.ui.widgets.prediction import Asked
from tutor.ui.widgets.step import Memory
from tutor.words import Words

FRAME = 1 / 15
"""Seconds from one picture of a run that is going on to the next, at least."""
SLOWEST = 1 / 12
"""Seconds that they are apart where one takes long to draw; more only where else no time would be left for keys."""
BAR = 1 / 4
"""Seconds between two states of the bar that says how far a run has come, at least."""


class LabLive(LabFace):
    """Runs the lab with the settings as they are, and shows what comes as often as is of use."""

    def __init__(self, lesson: Lesson, step: LabStep, memory: Memory | None = None) -> None:
        super().__init__(lesson, step, memory)
        self.clock: Callable[[], float] = time.monotonic
        """Seconds, from anywhere."""
        self._begun, self._cost = 0.0, 0.0
        self._due: Timer | None = None
        self._bar: Timer | None = None
        self._waiting: Timer | None = None

    # Beginning and end ---------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        if "runs" not in self.memory:
            try:
                self.memory["runs"] = LabRuns(self.tutor, self.lesson, self.lab_step)
            except ContentError:
                return
        self.runs = cast(LabRuns, self.memory["runs"])
        self.runs.watcher = self
        if "state" not in self.memory:
            self._begin_state(self.runs)
        self.run_worker(_warm, thread=True)
        self._watch_kernel()

    def _begin_state(self, runs: LabRuns) -> None:
        predicted, prediction = runs.prediction(), self.lab_step.predict
        asked = Asked(prediction) if prediction is not None and predicted is None else None
        page = next((i for i, chart in enumerate(runs.lab.charts) if chart.id == self.lab_step.chart), 0)
        self.memory["controls"] = Controls(runs.lab, self.lab_step.set)
        self.memory["state"] = LabState(runs.lab.charts, asked, predicted, page=page)

    def on_unmount(self) -> None:
        if self.runs is not None:
            self.runs.stop()
            if self.runs.watcher is self:
                self.runs.watcher = None

    # Running -------------------------------------------------------------------------------------------------

    def run_now(self) -> None:
        """Run with the settings as they are, or say what is wrong with them."""
        if self.runs is None:
            return
        self.controls.settle_draft()
        try:
            settings = self.controls.settings()
        except SettingError as error:
            self.tutor.notify_passing(error.words)
            self.repaint()
            return
        record = LabRun(settings)
        if not self.runs.start(record):
            self.tutor.notify_passing(
                Words("torch is not started yet; try again.", "torch 尚未启动，请稍后再试。")
            )
            return
        state = self.state
        if state.kept is not None and state.kept is state.run and state.kept.ending is None:
            state.kept = None
        state.run, state.at, state.progress = record, None, None
        self.sheet = ""
        gc.freeze()  # what is here stays: to look through all of it again would cost a picture half a frame
        self._watch_kernel()
        self.repaint()

    def fed(self, run: LabRun) -> None:
        """A run has more in it: show that, but not more often than is of use."""
        if run is not self.state.run or self._due is not None:
            return
        wait = self._begun + max(FRAME, min(5 * self._cost, SLOWEST), 1.5 * self._cost) - self.clock()
        if wait > 0:
            self._due = self.set_timer(wait, self._show_more)
        else:
            self._show_more()

    def _show_more(self) -> None:
        self._due = None
        self._begun = self.clock()
        self._tell_progress()
        self.repaint()
        self._cost = self.clock() - self._begun

    def _tell_progress(self) -> None:
        """Let the bar say how far the run is, unless it was moved just now: then it is moved in a moment."""
        run, state = self.state.run, self.state
        if self._bar is None and run is not None and run.progress is not state.progress:
            state.progress = run.progress
            self._bar = self.set_timer(BAR, self._move_bar)

    def _move_bar(self) -> None:
        self._bar = None
        if self.state.running:
            self._tell_progress()
            self.repaint()

    def over(self, run: LabRun) -> None:
        """A run has ended: show at once how."""
        if run is not self.state.run:
            return
        if self._due is not None:
            self._due.stop()
        self._show_more()

    def _watch_kernel(self) -> None:
        """Say what torch is doing for as long as it is being waited for; an unchanged line sends nothing."""
        if self._waiting is None:
            self._waiting = self.set_interval(0.25, self._look_at_kernel)

    def _look_at_kernel(self) -> None:
        from tutor.protocol import Warming

        kernel, run = self.tutor.kernel, self.state.run
        starting = kernel is None or isinstance(kernel.state, Warming)
        if not starting and not (self.state.running and run is not None and not run.events):
            if self._waiting is not None:
                self._waiting.stop()
            self._waiting = None
        self.repaint()


def _warm() -> None:
    """Import, off the event loop, what the first chart and the code will need."""
    with suppress(ImportError):  # the chart says what is missing
        charts.warm()
    import_module("pygments.lexers.python")
