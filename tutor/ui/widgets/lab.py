"""The view of a lab step: predict, run, compare, wind back, look."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import ClassVar, cast

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.timer import Timer

from tutor import charts
from tutor.course.load import ContentError
from tutor.course.model import LabStep, Lesson
from tutor.course.settings import SettingError
from tutor.labrun import LabRun
from tutor.labwords import differences, named
from tutor.practice.numbers import Unreadable, narrow, read_number
from tutor.ui.lab_runs import LabRuns
from tutor.ui.page import Keys
from tutor.ui.widgets.chart import NEVER, LabState
from tutor.ui.widgets.controls import TYPED, Controls
from tutor.ui.widgets.lab_face import LabFace
from tutor.ui.widgets.step import Memory
from tutor.words import Language, Words

FRAME = 1 / 15
"""Seconds between two pictures of a run that is going on, at least."""
_SIGNS = {
    **{sign: sign for sign in "0123456789eE"},
    "full_stop": ".",
    "comma": ",",
    "minus": "-",
    "plus": "+",
    "slash": "/",
}
"""The keys that type, and what they type."""


class LabView(LabFace):
    """The keys of a lab step, and its runs. The view keeps the focus itself: nothing in it takes keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "act", show=False),
        Binding("space", "switch", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("home", "move(-1000)", show=False),
        Binding("end", "move(1000)", show=False),
        Binding("backspace", "erase", show=False),
        Binding("escape", "escape", show=False),
        Binding("r", "run", show=False),
        Binding("x,ctrl+c", "stop", show=False),
        Binding("s", "skip", show=False),
        Binding("k", "keep", show=False),
        Binding("K", "drop", show=False),
        Binding("l", "scale", show=False),
        Binding("v", "next_chart", show=False),
        Binding("t", "sheet('table')", show=False),
        Binding("c", "sheet('code')", show=False),
        Binding("b", "sheet('text')", show=False),
        Binding("w", "rewind", show=False),
        Binding("u", "reset", show=False),
        # Not by on_key, which hears a key before the action of the key before it is done.
        *(Binding(key, f"type({sign!r})", show=False) for key, sign in _SIGNS.items()),
    ]

    def __init__(self, lesson: Lesson, step: LabStep, memory: Memory | None = None) -> None:
        super().__init__(lesson, step, memory)
        self.clock: Callable[[], float] = time.monotonic
        """Seconds, from anywhere."""
        self._painted, self._cost = 0.0, 0.0
        self._due: Timer | None = None
        self._waiting: Timer | None = None
        self._strokes, self._stroke = 0, 0.0

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
        predicted = runs.prediction()
        asking = self.lab_step.predict is not None and predicted is None
        shown = [chart for chart in runs.lab.charts if chart.id == self.lab_step.chart]
        chart = next(iter(shown or runs.lab.charts), None)
        self.memory["controls"] = Controls(runs.lab, self.lab_step.set)
        self.memory["state"] = LabState(chart, asking, predicted)

    def on_unmount(self) -> None:
        if self.runs is not None:
            self.runs.stop()
            if self.runs.watcher is self:
                self.runs.watcher = None

    # Running -------------------------------------------------------------------------------------------------

    def action_run(self) -> None:
        """Run with the settings as they are; with a prediction that is typed, keep that first."""
        if self.runs is None:
            return
        if self.state.asking:
            self._predict()
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
        state.run, state.at = record, None
        self.sheet = ""
        self._watch_kernel()
        self.repaint()

    def fed(self, run: LabRun) -> None:
        """A run has more in it: show that, but not more often than is of use."""
        if run is not self.state.run or self._due is not None:
            return
        wait = self._painted + max(FRAME, 4 * self._cost) - self.clock()
        if wait > 0:
            self._due = self.set_timer(wait, self._show_more)
        else:
            self._show_more()

    def _show_more(self) -> None:
        self._due = None
        begun = self.clock()
        self.repaint()
        self._painted = self.clock()
        self._cost = self._painted - begun

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

    def action_stop(self) -> None:
        """Stop the run."""
        if self.runs is None or not self.state.running:
            raise SkipAction
        self.runs.stop()

    # Predicting ----------------------------------------------------------------------------------------------

    def _predict(self) -> None:
        """Keep the prediction and run; or say why it is none."""
        prediction = self.lab_step.predict
        assert prediction is not None and self.runs is not None
        if prediction.ask == "choice":
            equals = prediction.equals[self.state.option : self.state.option + 1]
            given = str(equals[0]) if equals else str(self.state.option + 1)
        elif not self.state.typed:
            self._complain(
                Words("Type a prediction first, or skip it with s.", "请先输入预测，或按 s 跳过。")
            )
            return
        else:
            given = self.state.typed
            read = 0.0 if given == NEVER else read_number(given)
            if isinstance(read, Unreadable):
                self._complain(read.words)
                return
        self.runs.predict(given)
        self.state.predicted = given
        self.state.asking = False
        self.action_run()

    def _complain(self, words: Words) -> None:
        self.complaint = words
        self.repaint()

    def action_skip(self) -> None:
        """Go without a prediction."""
        if self.runs is None or not self.state.asking:
            raise SkipAction
        self.state.asking = False
        self.repaint()

    def _type_prediction(self, character: str) -> bool:
        prediction, character = self.lab_step.predict, narrow(character)
        if prediction is None:
            return False
        if prediction.ask == "choice":
            if not (character.isdigit() and 1 <= int(character) <= len(prediction.options)):
                return False
            self.state.option = int(character) - 1
            return True
        typed = "" if self.state.typed == NEVER else self.state.typed
        if character not in TYPED or (character in "eE" and not typed[-1:].isdigit()):
            return False
        self.state.typed, self.complaint = typed + character, None
        return True

    # Comparing, looking, winding back ------------------------------------------------------------------------

    def action_keep(self) -> None:
        """Keep the run as A: the next is laid over it."""
        state = self.state
        if state.run is None or state.running or not state.run.events:
            words = Words("There is no finished run to keep yet.", "还没有可保留的运行结果。")
        else:
            state.kept = state.run
            words = Words(
                "Kept as A: {what}. The next run is laid over it; K drops A.",
                "已保留为 A：{what}。下一次运行会叠加显示；按 K 丢弃 A。",
            ).filled(what=self._named(state.run))
        self.tutor.notify_passing(words)
        self.repaint()

    def _named(self, run: LabRun) -> Words:
        lab = self.controls.lab
        changed = differences(lab, run.settings, Controls(lab, {}).values) or self.controls.names()[:2]
        return Words(*(named(lab, changed, run.settings, language) for language in Language))

    def action_drop(self) -> None:
        """No longer compare with A."""
        if self.state.kept is not None:
            self.state.kept = None
            self.tutor.notify_passing(Words("A is dropped.", "已丢弃 A。"))
            self.repaint()

    def action_scale(self) -> None:
        """Logarithmic instead of linear, or linear again."""
        chart = self.state.chart
        if chart is not None and self.state.run is not None:
            self.state.scales[chart.id] = "linear" if self.state.scale(chart) == "log" else "log"
            self.repaint()

    def action_next_chart(self) -> None:
        """The lab's next chart; before the run, "never" as the prediction."""
        state, listed = self.state, self.controls.lab.charts
        if state.asking:
            if self.lab_step.predict is not None and self.lab_step.predict.never:
                self.state.typed, self.complaint = NEVER, None
        elif state.chart is not None:
            state.chart = listed[(listed.index(state.chart) + 1) % len(listed)]
        self.repaint()

    def action_sheet(self, name: str) -> None:
        """Lay the table, the code or the text over the chart, or take it away."""
        if self.state.asking or self.runs is None:
            return
        self.sheet, self.top = "" if self.sheet == name else name, 0
        self.repaint()

    def action_rewind(self) -> None:
        """To the beginning of the recorded run; once more, to its end."""
        state = self.state
        if state.run is not None and not state.running and state.run.events:
            state.at = None if state.at is not None else 0
            self.sheet = ""
            self.repaint()

    def _wind(self, by: int) -> bool:
        """A step through the recorded run, a longer one while the key is held; False if there is none."""
        state, now = self.state, self.clock()
        if state.run is None or state.running or not state.run.events:
            return False
        self._strokes = self._strokes + 1 if now - self._stroke < 0.12 else 0
        self._stroke = now
        at = state.run.events if state.at is None else state.at
        shown = state.chart.series if state.chart is not None else list(state.run.series)
        at = state.run.stepped(at, by * (1 + self._strokes // 4), shown)
        state.at = None if at >= state.run.events else at
        self.repaint()
        return True

    # Keys ----------------------------------------------------------------------------------------------------

    def keys(self) -> Keys:
        if self.runs is None or "state" not in self.memory:
            return []
        state = self.state
        run = ("r", Words("run", "运行"))
        if state.asking:
            never = self.lab_step.predict is not None and self.lab_step.predict.never
            return [
                ("enter", Words("predict and run", "预测并运行")),
                *([("v", Words("never", "不会发生"))] if never else []),
                ("s", Words("skip", "跳过")),
            ]
        if state.running:
            return [("x", Words("stop", "停止"))]
        if self.sheet:
            return [("esc", Words("chart", "图表")), run]
        look = [("t", Words("table", "表格")), ("c", Words("code", "代码")), ("b", Words("text", "说明"))]
        if state.run is None:
            return [run, ("u", Words("undo", "还原")), ("c", Words("code", "代码"))]
        if state.at is not None:
            return [(", .", Words("back, on", "后退、前进")), ("w", Words("to the end", "到结尾")), run]
        keep = ("k", Words("keep as A", "保留为 A"))
        more = [("v", Words("next chart", "下一张图"))] if len(self.controls.lab.charts) > 1 else []
        drop = [("K", Words("drop A", "丢弃 A"))] if state.kept is not None else []
        log = state.chart is not None and state.scale(state.chart) == "log"
        scale = ("l", Words("linear", "线性") if log else Words("log", "对数"))
        return [run, keep, *more, scale, ("w", Words("rewind", "回放")), *look, *drop]

    def action_type(self, character: str) -> None:
        """Into the prediction or the selected number; a comma and a stop wind the run."""
        if self.runs is None or self.sheet:
            raise SkipAction
        if self.state.asking:
            taken = self._type_prediction(character)
        elif character == "," or (character == "." and self.state.at is not None):
            taken = self._wind(-1 if character == "," else 1)
        else:
            taken = self.controls.type(character)
        if not taken:
            raise SkipAction
        self.repaint()

    def on_paste(self, event: events.Paste) -> None:
        text = event.text.strip().splitlines()
        if text and self.runs is not None:
            for character in text[0]:
                _ = self._type_prediction(character) if self.state.asking else self.controls.type(character)
            event.stop()
            self.repaint()

    def action_act(self) -> None:
        """Predict and run; switch a choice; run with a number."""
        if self.runs is not None and not self.state.asking and not self.sheet and self.controls.chooses:
            self.action_switch()
        else:
            self.action_run()

    def action_switch(self) -> None:
        """The next option of the selected choice."""
        if self.runs is not None and not self.state.asking:
            self.controls.cycle()
            self.repaint()

    def action_erase(self) -> None:
        """Take back what was typed last; of a choice, the option before."""
        if self.runs is None:
            return
        if self.state.asking:
            self.state.typed, self.complaint = (
                "" if self.state.typed == NEVER else self.state.typed[:-1],
                None,
            )
        elif not self.controls.erase():
            self.controls.cycle(-1)
        self.repaint()

    def action_move(self, by: int) -> None:
        """To another control; in a sheet, up or down."""
        if self.runs is None:
            raise SkipAction
        prediction = self.lab_step.predict
        if self.sheet:
            self.top += by
        elif self.state.asking:
            if prediction is None or prediction.ask != "choice":
                raise SkipAction
            self.state.option = min(max(self.state.option + by, 0), len(prediction.options) - 1)
        elif abs(by) > 1 or not self.controls.move(by):
            raise SkipAction
        self.repaint()

    def action_reset(self) -> None:
        """The settings as the step began."""
        if self.runs is not None and not self.state.asking:
            self.controls.reset()
            self.repaint()

    def action_escape(self) -> None:
        """Out of whatever is open here; with nothing open, the page's own escape."""
        if self.runs is None:
            raise SkipAction
        state = self.state
        if self.sheet:
            self.sheet = ""
        elif state.asking and self.state.typed:
            self.state.typed, self.complaint = "", None
        elif state.at is not None:
            state.at = None
        elif not self.controls.cancel():
            raise SkipAction
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        name = self._pointed.get(event.y)
        if self.runs is None or self.state.asking or name is None or event.x > 34:
            return
        if self.controls.selected == name:
            self.controls.cycle()
        else:
            self.controls.settle_draft()
            self.controls.selected = name
        self.repaint()


def _warm() -> None:
    """Import, off the event loop, what the first chart and the code will need."""
    with suppress(ImportError):  # the chart says what is missing
        charts.warm()
    import_module("pygments.lexers.python")
