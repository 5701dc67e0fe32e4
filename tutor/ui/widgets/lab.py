"""The view of a lab step: what its keys do. Predict, run, compare, wind back, look."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.widgets import Input

from tutor.course.model import LabStep, Lesson
from tutor.labrun import LabRun
from tutor.labwords import differences, drawn_series, named
from tutor.practice.numbers import narrow
from tutor.ui.page import Keys
from tutor.ui.widgets.controls import Controls
from tutor.ui.widgets.entry import EntryField
from tutor.ui.widgets.lab_live import LabLive
from tutor.ui.widgets.picks import Picks
from tutor.ui.widgets.step import Memory
from tutor.words import Language, Words

_LEAVE = frozenset("?Lqog")
"""Letters that are keys of the page even while the cells of a table are edited."""


class LabView(LabLive):
    """The keys of a lab step. The view keeps the focus itself; only the field for a text takes keys of its own."""

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
    ]

    def __init__(self, lesson: Lesson, step: LabStep, memory: Memory | None = None) -> None:
        super().__init__(lesson, step, memory)
        self._strokes, self._stroke = 0, 0.0

    # Running -------------------------------------------------------------------------------------------------

    def action_run(self) -> None:
        """Run with the settings as they are; with a prediction that is typed, keep that first."""
        if self.runs is None:
            return
        if (asked := self.state.asked) is not None:
            given = asked.given()
            if given is None:
                self.repaint()
                return
            self.runs.predict(given)
            self.state.predicted, self.state.asked = given, None
        self.run_now()

    def action_stop(self) -> None:
        """Stop the run."""
        if self.runs is None or not self.state.running:
            raise SkipAction
        self.runs.stop()

    def action_skip(self) -> None:
        """Go without a prediction."""
        if self.runs is None or self.state.asked is None:
            raise SkipAction
        self.state.asked = None
        self.repaint()

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
        if chart is not None and chart.form != "contour" and self.state.run is not None:
            self.state.scales[chart.id] = "linear" if self.state.scale(chart) == "log" else "log"
            self.repaint()

    def action_next_chart(self) -> None:
        """The next chart, or what else the run has to show; before it, "never" as the prediction."""
        state, count = self.state, self.pages.count
        if state.asked is not None:
            state.asked.never()
        elif state.run is not None:
            state.page = (min(state.page, count - 1) + 1) % count
        self.repaint()

    def action_sheet(self, name: str) -> None:
        """Lay the table, the code or the text over the chart, or take it away."""
        if self.state.asked is not None or self.runs is None:
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
        names = list(state.run.series)
        shown = drawn_series(state.chart, names) if state.chart is not None else names
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
        if self.controls.grid is not None:
            if isinstance(self.controls.grid, Picks):
                return self.controls.grid.keys()
            text = [("[", Words("as text", "按文本"))] if self.controls.writes else []
            return [("esc", Words("done", "完成")), *text, *self.controls.grid.keys(), run]
        if self.field is not None:
            return [("enter", Words("take", "确认")), ("esc", Words("leave", "放弃"))]
        if state.asked is not None:
            never = state.asked.prediction.never
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
        more = [("v", Words("next chart", "下一张图"))] if self.pages.count > 1 else []
        drop = [("K", Words("drop A", "丢弃 A"))] if state.kept is not None else []
        chart = state.chart
        log = chart is not None and state.scale(chart) == "log"
        scalable = chart is not None and chart.form != "contour"
        scale = [("l", Words("linear", "线性") if log else Words("log", "对数"))] if scalable else []
        return [run, keep, *more, *scale, ("w", Words("rewind", "回放")), *look, *drop]

    async def _on_key(self, event: events.Key) -> None:
        """Keys act here and now, so that what is typed ahead over a slow line keeps its order."""
        if (field := self.field) is not None:
            if field.heard is not event:  # it was pressed before the field was there
                self._take(event)
                self.app.post_message(events.Key(event.key, event.character))
        elif await self._pressed(event):
            self._take(event)

    def _take(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()

    async def _pressed(self, event: events.Key) -> bool:
        """Do what the key is for; False if it is for nothing here."""
        if self.runs is None or "state" not in self.memory:
            return False
        if self.controls.grid is not None and event.key != "ctrl+c":
            return await self._pressed_in_grid(event)
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                return True
        return event.character is not None and self._type(narrow(event.character))

    async def _pressed_in_grid(self, event: events.Key) -> bool:
        """Into the cells of a table; a letter that is for nothing there does nothing."""
        sign = narrow(event.character or "")
        if event.key == "escape":
            self.controls.close_grid()
        elif sign == "r" and not self._picks:
            self.controls.close_grid()
            self.run_now()
        elif sign == "[" and self.controls.writes:
            self.controls.close_grid()
            await self._open_field()
        elif not self.controls.press_grid(event.key, sign):
            return event.is_printable and (self._picks or sign not in _LEAVE)
        self.repaint()
        return True

    @property
    def _picks(self) -> bool:
        """Whether every letter is part of a name now, and none a key of the page."""
        return "controls" in self.memory and isinstance(self.controls.grid, Picks)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """While a name is typed the footer offers other keys than letters."""
        return self._picks and character is not None and character.isprintable()

    def _type(self, sign: str) -> bool:
        """Into the prediction or the selected number; a comma and a stop wind the run."""
        if self.sheet:
            return False
        if self.state.asked is not None:
            taken = self.state.asked.type(sign)
        elif sign == "," or (sign == "." and self.state.at is not None):
            taken = self._wind(-1 if sign == "," else 1)
        else:
            taken = self.controls.type(sign)
        if taken:
            self.repaint()
        return taken

    def on_paste(self, event: events.Paste) -> None:
        text = event.text.strip()
        if not text or self.runs is None:
            return
        event.stop()
        if self.controls.grid is not None:
            self.controls.paste_grid(text)
        else:
            for sign in text.splitlines()[0]:
                _ = self.state.asked.type(sign) if self.state.asked else self.controls.type(sign)
        self.repaint()

    async def action_act(self) -> None:
        """Predict and run; switch a choice; open what is edited in a place of its own; run with a number."""
        controls = self.controls.chooses or self.controls.opens
        if controls and self.state.asked is None and not self.sheet:
            await self.action_switch(lists=True)
        else:
            self.action_run()

    async def action_switch(self, lists: bool = False) -> None:
        """The next option of the selected choice, or all of a long one; the cells of a table, the field for a text."""
        if self.runs is None or self.state.asked is not None:
            return
        lists = lists and self.controls.lists
        if self.controls.opens or lists:
            self.sheet, self.state.at = "", None
            self.reveal(self)
        if (self.controls.opens or lists) and self.controls.open_grid():
            pass
        elif self.controls.writes:
            await self._open_field()
        else:
            self.controls.cycle()
        self.repaint()

    def action_erase(self) -> None:
        """Take back what was typed last; of a choice, the option before."""
        if self.runs is None:
            return
        if self.state.asked is not None:
            self.state.asked.erase()
        elif not self.controls.erase():
            self.controls.cycle(-1)
        self.repaint()

    def action_move(self, by: int) -> None:
        """To another control; in a sheet, up or down."""
        if self.runs is None:
            raise SkipAction
        if self.sheet:
            self.top += by
        elif self.state.asked is not None:
            if not self.state.asked.move(by):
                raise SkipAction
        elif abs(by) > 1 or not self.controls.move(by):
            raise SkipAction
        self.repaint()

    def action_reset(self) -> None:
        """The settings as the step began."""
        if self.runs is not None and self.state.asked is None:
            self.controls.reset()
            self.repaint()

    def action_escape(self) -> None:
        """Out of whatever is open here; with nothing open, the page's own escape."""
        if self.runs is None:
            raise SkipAction
        state = self.state
        if self.sheet:
            self.sheet = ""
        elif state.asked is not None and state.asked.clear():
            pass
        elif state.at is not None:
            state.at = None
        elif not self.controls.cancel():
            raise SkipAction
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        name = self._pointed.get(event.y)
        if self.runs is None or self.state.asked or self.field or name is None or event.x > 34:
            return
        if self.controls.grid is not None:
            self.controls.close_grid()
        if self.controls.selected == name:
            self.controls.cycle()
        else:
            self.controls.settle_draft()
            self.controls.selected = name
        self.repaint()

    # The field for a text ------------------------------------------------------------------------------------

    async def _open_field(self) -> None:
        field = EntryField(self.controls.text(), self._close_field)
        await self.mount(field)
        self.place_field()
        self.screen.set_focus(field)

    def on_input_changed(self, event: Input.Changed) -> None:
        if self.field is not None:
            self.controls.write(event.value)
            self.repaint()

    def _close_field(self, text: str | None) -> None:
        if text is None:
            self.controls.cancel()
        else:
            self.controls.write(text)
            self.controls.settle_draft()
        self.screen.set_focus(self)
        for field in self.query_children(EntryField):
            field.remove()
        self.repaint()
