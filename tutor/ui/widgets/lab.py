"""The view of a lab step: predict, run, look; drawn by lines, so that a key costs the lines that it changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import ClassVar, cast

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.timer import Timer

from tutor import charts
from tutor.course.load import ContentError
from tutor.course.model import LabStep, Lesson
from tutor.course.settings import SettingError
from tutor.labrun import LabRun, Shown, differences, named, points_table, table_lines, told
from tutor.practice.numbers import Unreadable, narrow, read_number
from tutor.protocol import Failed
from tutor.ui.lab_runs import LabRuns
from tutor.ui.looks import Looks, Piece, spread, wrapped
from tutor.ui.news import advice
from tutor.ui.news import told as told_news
from tutor.ui.page import Keys
from tutor.ui.widgets.chart import NEVER, ChartLines, LabState, beside, mark_of, results, said
from tutor.ui.widgets.controls import TYPED, Controls
from tutor.ui.widgets.markup import inline, setting_of
from tutor.ui.widgets.step import Memory, StepView
from tutor.words import Language, Words

FRAME = 1 / 15
"""Seconds between two pictures of a run that is going on, at least."""
BESIDE = 60
"""The columns from which on the chart stands beside the controls."""
SHORT = 15
"""The rows that a chart with what belongs to it wants at least."""
_SIGNS = {
    **{sign: sign for sign in "0123456789eE"},
    "full_stop": ".",
    "comma": ",",
    "minus": "-",
    "plus": "+",
    "slash": "/",
}
"""The keys that type, and what they type."""


class LabView(StepView, Looks):
    """Controls at the left, the chart at the right, what the run came to below. The view keeps the focus itself."""

    # Textual looks for both only along the first base of each class.
    COMPONENT_CLASSES: ClassVar[set[str]] = Looks.COMPONENT_CLASSES
    ALLOW_SELECT = False
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
        Binding("x", "stop", show=False),
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
        self.lab_step = step
        self.runs: LabRuns | None = None
        """None if the lab cannot be found."""
        self.clock: Callable[[], float] = time.monotonic
        self._typed = ""
        """The prediction as far as it is typed."""
        self._option = 0
        self._complaint: Words | None = None
        self._sheet = ""
        """What lies over the chart: "table", "code", "text" or nothing."""
        self._top = 0
        self._strips: list[Strip] = []
        self._pointed: dict[int, str] = {}
        """The control at each line."""
        self._charts = ChartLines()
        self._told: Keys = []
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
            self.runs.watcher = None

    @property
    def state(self) -> LabState:
        """What the learner did here."""
        return cast(LabState, self.memory["state"])

    @property
    def controls(self) -> Controls:
        """The settings for the next run."""
        return cast(Controls, self.memory["controls"])

    @property
    def _at_preset(self) -> bool:
        """Whether the run shown is the one that was asked about."""
        run, lab = self.state.run, self.controls.lab
        return run is not None and not differences(lab, run.settings, Controls(lab, self.lab_step.set).values)

    # Drawing -------------------------------------------------------------------------------------------------

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        if self.runs is None:
            return max(container.height, 1)
        least = SHORT if width >= BESIDE else SHORT + len(self.controls.lab.controls) + 3
        return max(container.height, least)

    def render_line(self, y: int) -> Strip:
        if not self._strips:
            self._strips = self._drawn()
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def repaint(self) -> None:
        """Show what is true now; only lines that changed are sent."""
        if not self.is_attached or not self.size:
            return
        before, self._strips = self._strips, self._drawn()
        for y, strip in enumerate(self._strips):
            if y >= len(before) or strip != before[y]:
                self.refresh(Region(0, y, self.size.width, 1))
        if self._told != (keys := self.keys()):
            self._told = keys
            self.post_message(self.KeysChanged())

    def retell(self) -> None:
        self.repaint()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips = []

    def on_resize(self) -> None:
        self._strips = []
        self.refresh()

    def _drawn(self) -> list[Strip]:
        width, height = self.size
        if self.runs is None:
            words = Words(
                "This lab cannot be opened; `tutor check` says why.",
                "无法打开这个实验，原因请运行 `tutor check` 查看。",
            )
            return [self.strip([(self.say(words), "warn")], width)]
        if self._sheet in ("table", "code"):
            return self._laid_over(width, height)
        below = [self.strip(line, width) for line in self._results(width, height)]
        above = height - len(below)
        if width < BESIDE:
            left = self._left(width, len(self.controls.names()) + 2)
            right = self._right(width, max(above - len(left), 1))
            return [*left, *right, *below][:height]
        part = 28 if width < 90 else 34
        left, right = self._left(part, above), self._right(width - part - 3, above)
        rule = self.strip([(f" {self.signs.upright} ", "rule")], 3)
        return [*(Strip.join([a, rule, b]) for a, b in zip(left, right, strict=True)), *below]

    def _left(self, width: int, height: int) -> list[Strip]:
        """The controls, what to know of the selected one, and what can be done, in `height` lines."""
        language = self.tutor.language
        rows = self.controls.rows(width, self.signs, language, awake=not self.state.asking)
        advice_lines = [] if self.state.asking else self.controls.advice(width - 2, language)
        most = height - min(len(advice_lines) + 1, 5)
        at = next((i for i, (name, _) in enumerate(rows) if name == self.controls.selected), 0)
        top = max(min(at - most // 2, len(rows) - most), 0)
        self._pointed = {y: name for y, (name, _) in enumerate(rows[top : top + most])}
        lines = [self.strip(pieces, width) for _, pieces in rows[top : top + most]]
        lines.append(self.strip([], width))
        lines += [self.strip([("  " + text, look)], width) for text, look in advice_lines]
        return [*lines, *(self.strip([], width) for _ in range(height - len(lines)))][:height]

    def _right(self, width: int, height: int) -> list[Strip]:
        """The chart, or what lies over it, or what is to be done before there is one."""
        if self._sheet:
            return self._laid_over(width, height)
        if self.state.run is None:
            return self._fitted(self._opening(width), width, height)
        lines: list[Strip] = []
        if height >= 26:
            lines = [*self._body(width), self.strip([], width)]
        runs, state = cast(LabRuns, self.runs), self.state
        prediction = self.lab_step.predict
        marks = mark_of(prediction, state.predicted, self.tutor.language) if self._at_preset else []
        size = (width, height - len(lines))
        drawn = self._charts.lines(runs.lab, state, size, self.tutor.language, self.signs, marks)
        return self._fitted([*lines, *(self.strip(line, width) for line in drawn)], width, height)

    def _fitted(self, lines: Sequence[Strip], width: int, height: int) -> list[Strip]:
        return [*lines, *(self.strip([], width) for _ in range(height - len(lines)))][:height]

    def _body(self, width: int) -> list[Strip]:
        lines = inline(self, self.say(self.lab_step.body), width)
        return [Strip(line).adjust_cell_length(width, self.rich_style) for line in lines]

    def _opening(self, width: int) -> list[Strip]:
        """What to try, and the question before the first run."""
        lines = [*self._body(width), self.strip([], width)]
        prediction = self.lab_step.predict
        if prediction is None or not self.state.asking:
            if prediction is not None and self.state.predicted is not None:
                words = Words("You said {it}.", "你的预测：{it}。")
                given = said(prediction, self.state.predicted, self.tutor.language)
                lines.append(self.strip([(self.say(words.filled(it=given)), "accent")], width))
            lines.append(self.strip([(self.say(Words("r runs it.", "按 r 运行。")), "muted")], width))
            return lines
        prompt = inline(self, self.say(prediction.prompt), width)
        lines += [Strip(line).adjust_cell_length(width, self.rich_style) for line in prompt]
        lines.append(self.strip([], width))
        if prediction.ask == "choice":
            for number, option in enumerate(prediction.options):
                here = number == self._option
                sign = f" {self.signs.cursor} " if here else "   "
                lines.append(
                    self.strip(
                        [(sign, "accent"), (f"{number + 1} ", "muted"), (self.say(option), "")], width, here
                    )
                )
            hint = Words("enter keeps it and runs, s skips", "enter 确认并运行，s 跳过")
        else:
            text = self.say(Words("never", "不会发生")) if self._typed == NEVER else self._typed
            lines.append(
                self.strip([(f" {self.signs.cursor} ", "accent"), (text, "strong"), ("_", "accent")], width)
            )
            hint = Words("a number; enter keeps it and runs, s skips", "输入一个数；enter 确认并运行，s 跳过")
            if prediction.never:
                hint = Words(
                    "a number, or v for never; enter keeps it and runs, s skips",
                    "输入一个数，或按 v 选“不会发生”；enter 确认并运行，s 跳过",
                )
        lines.append(self.strip([], width))
        told, look = (hint, "muted") if self._complaint is None else (self._complaint, "wrong")
        return [*lines, *(self.strip([(line, look)], width) for line in wrapped(self.say(told), width))]

    def _results(self, width: int, height: int) -> list[list[Piece]]:
        """What the run came to, or what stands in the way of one."""
        state, language = self.state, self.tutor.language
        kernel = self.tutor.kernel
        missing = advice(kernel.state) if kernel is not None else None
        most = max(2, height // (3 if width < BESIDE else 4))
        if state.run is None or (isinstance(state.run.ending, Failed) and missing is not None):
            return (
                []
                if missing is None
                else [[(line, "warn")] for line in wrapped(self.say(missing), width)][:6]
            )
        if state.running and not state.run.events and kernel is not None:
            return [spread([], told_news(kernel.state, language), width, self.signs.more), []]
        prediction, first = self.lab_step.predict, []
        if prediction is not None and state.predicted is not None and self._at_preset:
            values = dict(state.run.seen(state.at).values)
            first = beside(self.controls.lab, prediction, state.predicted, values, language, self.signs)
        if isinstance(state.run.ending, Failed):
            most = max(most, 6)
        return results(self.controls.lab, state, first, prediction, width, most, language, self.signs)

    # Sheets over the chart -----------------------------------------------------------------------------------

    def _laid_over(self, width: int, height: int) -> list[Strip]:
        lines = {"table": self._table, "code": self._code, "text": self._body}[self._sheet](width)
        self._top = max(min(self._top, len(lines) - height + 1), 0)
        shown = list(lines[self._top : self._top + height - 1])
        more = (
            self.signs.up if self._top else " ",
            self.signs.down if self._top + height - 1 < len(lines) else " ",
        )
        close = self.say(Words("esc back to the chart", "esc 返回图表"))
        foot = self.strip(
            spread([(close, "muted")], [(" ".join(more), "accent")], width, self.signs.more), width
        )
        return [*self._fitted(shown, width, height - 1), foot]

    def _table(self, width: int) -> list[Strip]:
        """The numbers behind the chart, then the run's own tables and all its values and notes."""
        state, lab, language = self.state, self.controls.lab, self.tutor.language
        if state.run is None:
            return [self.strip([(self.say(Words("Nothing was run yet.", "还没有运行过。")), "muted")], width)]
        seen, lines = state.run.seen(state.at), list[str]()
        for table in seen.tables.values():
            lines += [table.name, *table_lines(table.columns, table.rows, language, self.signs.rule), ""]
        for name, value in seen.values.items():
            lines.append(
                f"{self.say(lab.values[name]) if name in lab.values else name}: {told(value, language)}"
            )
        for note in seen.notes:
            lines += wrapped(self.say(note), width)
        lines += state.run.printed.rstrip().split("\n") if state.run.printed.strip() else []
        if state.chart is not None:
            kept = state.kept if state.kept is not state.run else None
            columns, rows = points_table(lab, state.chart, Shown(state.run, state.at), language, kept)
            lines += ["", self.say(state.chart.title), *table_lines(columns, rows, language, self.signs.rule)]
        return [self.strip([(line, "")], width) for line in lines]

    def _code(self, width: int) -> list[Strip]:
        """The lab's source, in colours."""
        from rich.syntax import Syntax

        source = cast(LabRuns, self.runs).source()
        code = Syntax(
            source, "python", theme=setting_of(self).code_theme, word_wrap=True, background_color="default"
        )
        options = self.app.console_options.update(width=width, height=None)
        lines = self.app.console.render_lines(code, options, pad=False)
        return [Strip(line).adjust_cell_length(width, self.rich_style) for line in lines]

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
        self._sheet = ""
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
        if self.runs is not None:
            self.runs.stop()

    def interrupt(self) -> bool:
        """Stop the run, if there is one; `ctrl+c` asks for it."""
        self.action_stop()
        return self.runs is not None and self.state.running

    # Predicting ----------------------------------------------------------------------------------------------

    def _predict(self) -> None:
        """Keep the prediction and run; or say why it is none."""
        prediction = self.lab_step.predict
        assert prediction is not None and self.runs is not None
        if prediction.ask == "choice":
            equals = prediction.equals[self._option : self._option + 1]
            given = str(equals[0]) if equals else str(self._option + 1)
        elif not self._typed:
            self._complain(
                Words("Type a prediction first, or skip it with s.", "请先输入预测，或按 s 跳过。")
            )
            return
        else:
            given = self._typed
            read = 0.0 if given == NEVER else read_number(given)
            if isinstance(read, Unreadable):
                self._complain(read.words)
                return
        self.runs.predict(given)
        self.state.predicted = given
        self.state.asking = False
        self.action_run()

    def _complain(self, words: Words) -> None:
        self._complaint = words
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
            self._option = int(character) - 1
            return True
        typed = "" if self._typed == NEVER else self._typed
        if character not in TYPED or (character in "eE" and not typed[-1:].isdigit()):
            return False
        self._typed, self._complaint = typed + character, None
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
                self._typed, self._complaint = NEVER, None
        elif state.chart is not None:
            state.chart = listed[(listed.index(state.chart) + 1) % len(listed)]
        self.repaint()

    def action_sheet(self, name: str) -> None:
        """Lay the table, the code or the text over the chart, or take it away."""
        if self.state.asking or self.runs is None:
            return
        self._sheet, self._top = "" if self._sheet == name else name, 0
        self.repaint()

    def action_rewind(self) -> None:
        """To the beginning of the recorded run; once more, to its end."""
        state = self.state
        if state.run is not None and not state.running and state.run.events:
            state.at = None if state.at is not None else 0
            self._sheet = ""
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
        if self._sheet:
            return [("esc", Words("chart", "图表")), run]
        look = [("t", Words("table", "表格")), ("c", Words("code", "代码")), ("b", Words("text", "说明"))]
        if state.run is None:
            return [run, ("u", Words("undo", "还原")), ("c", Words("code", "代码"))]
        if state.at is not None:
            return [(", .", Words("back, on", "后退、前进")), ("w", Words("to the end", "到结尾")), run]
        keep = ("k", Words("keep as A", "保留为 A"))
        more = [("v", Words("next chart", "下一张图"))] if len(self.controls.lab.charts) > 1 else []
        drop = [("K", Words("drop A", "丢弃 A"))] if state.kept is not None else []
        return [run, keep, *more, ("l", Words("log", "对数")), ("w", Words("rewind", "回放")), *look, *drop]

    def action_type(self, character: str) -> None:
        """Into the prediction or the selected number; a comma and a stop wind the run."""
        if self.runs is None or self._sheet:
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
        if self.runs is not None and not self.state.asking and not self._sheet and self.controls.chooses:
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
            self._typed, self._complaint = "" if self._typed == NEVER else self._typed[:-1], None
        elif not self.controls.erase():
            self.controls.cycle(-1)
        self.repaint()

    def action_move(self, by: int) -> None:
        """To another control; in a sheet, up or down."""
        if self.runs is None:
            raise SkipAction
        prediction = self.lab_step.predict
        if self._sheet:
            self._top += by
        elif self.state.asking:
            if prediction is None or prediction.ask != "choice":
                raise SkipAction
            self._option = min(max(self._option + by, 0), len(prediction.options) - 1)
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
        if self._sheet:
            self._sheet = ""
        elif state.asking and self._typed:
            self._typed, self._complaint = "", None
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
    charts.warm()
    import_module("pygments.lexers.python")
