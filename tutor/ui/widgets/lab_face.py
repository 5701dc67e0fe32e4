"""How a lab step looks: controls at the left, the chart at the right, what the run came to below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from tutor.course.model import LabStep, Lesson
from tutor.course.settings import allowed_by
from tutor.labrun import Shown
from tutor.labwords import differences, points_table, table_lines, table_text, told, trace_lines, value_label
from tutor.protocol import Failed
from tutor.ui.lab_runs import LabRuns
from tutor.ui.looks import Looks, Piece, spread, wrapped
from tutor.ui.news import advice
from tutor.ui.news import told as told_news
from tutor.ui.page import Keys
from tutor.ui.widgets import control_rows
from tutor.ui.widgets.chart import LabState, folded, results
from tutor.ui.widgets.controls import Controls
from tutor.ui.widgets.entry import EntryField
from tutor.ui.widgets.grid import Grid
from tutor.ui.widgets.markup import inline, setting_of
from tutor.ui.widgets.names import Names
from tutor.ui.widgets.pages import Pages
from tutor.ui.widgets.prediction import beside, mark_of, said
from tutor.ui.widgets.step import Memory, StepView
from tutor.words import Words

BESIDE = 60
"""The columns from which on the chart stands beside the controls."""
SHORT = 15
"""The rows that a chart with what belongs to it wants at least."""
MOST_ROWS = 2000
"""Rows of the table behind a chart that are shown."""


class LabFace(StepView, Looks):
    """Draws by lines what is known of a lab and its run; a change costs the lines that differ."""

    # Textual looks for both only along the first base of each class.
    COMPONENT_CLASSES: ClassVar[set[str]] = Looks.COMPONENT_CLASSES
    ALLOW_SELECT = False

    def __init__(self, lesson: Lesson, step: LabStep, memory: Memory | None = None) -> None:
        super().__init__(lesson, step, memory)
        self.lab_step = step
        self.runs: LabRuns | None = None
        """None if the lab cannot be found."""
        self.sheet = ""
        """What lies over the chart: "table", "code", "text" or nothing."""
        self.top = 0
        """The first line of the sheet that is in view."""
        self._strips: list[Strip] = []
        self._pointed: dict[int, str] = {}
        """The control at each line."""
        self.pages = Pages(self)
        self._sheet_lines: tuple[object, list[Strip]] | None = None
        self._told: Keys = []

    @property
    def state(self) -> LabState:
        """What the learner did here."""
        return cast(LabState, self.memory["state"])

    @property
    def controls(self) -> Controls:
        """The settings for the next run."""
        return cast(Controls, self.memory["controls"])

    @property
    def at_preset(self) -> bool:
        """Whether the run shown is the one that was asked about."""
        run, lab = self.state.run, self.controls.lab
        return run is not None and not differences(lab, run.settings, Controls(lab, self.lab_step.set).values)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        if self.runs is None:
            return max(container.height, 1)
        least = SHORT if width >= BESIDE else SHORT + len(self.controls.names()) + 5
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
        width, part = self.size.width, self._part + 3 if self.size.width >= BESIDE else self.size.width
        for y, strip in enumerate(self._strips):
            if y >= len(before) or strip.crop(part) != before[y].crop(part):
                self.refresh(Region(0, y, width, 1))
            elif strip != before[y]:
                self.refresh(Region(0, y, part, 1))
        if self._told != (keys := self.keys()):
            self._told = keys
            self.post_message(self.KeysChanged())

    def retell(self) -> None:
        self.repaint()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips, self._sheet_lines = [], None
        self.pages.forget()

    def on_resize(self) -> None:
        self._strips = []
        self.place_field()
        self.refresh()

    def place_field(self) -> None:
        """Put the field for a text, if it is open, where the chart stands."""
        if self.field is not None:
            left = self._part + 3 if self.size.width >= BESIDE else 0
            self.field.styles.offset = (left, 2)
            self.field.styles.width = max(self.size.width - left, 1)

    @property
    def typing(self) -> bool:
        return self.editing

    def _drawn(self) -> list[Strip]:
        width, height = self.size
        if self.runs is None:
            words = Words(
                "This lab cannot be opened; `tutor check` says why.",
                "无法打开这个实验，原因请运行 `tutor check` 查看。",
            )
            return [self.strip([(self.say(words), "warn")], width)]
        if self.sheet in ("table", "code"):
            return self._laid_over(width, height)
        if self.editing and width < BESIDE:
            seen = self.parent.size.height if isinstance(self.parent, Widget) else height
            return self._fitted(self._editor(width, min(seen, height)), width, height)
        below = [self.strip(line, width) for line in self._results(width, height)]
        above = height - len(below)
        if width < BESIDE:
            # The question alone, before the first run: it would be out of view below the controls.
            left = [] if self.state.asked else self._left(width, len(self.controls.names()) + 5)
            right = self._right(width, max(above - len(left), 1))
            return [*left, *right, *below][:height]
        left, right = self._left(self._part, above), self._right(width - self._part - 3, above)
        rule = self.strip([(f" {self.signs.upright} ", "rule")], 3)
        return [*(Strip.join([a, rule, b]) for a, b in zip(left, right, strict=True)), *below]

    @property
    def _part(self) -> int:
        """The columns of the controls where the chart stands beside them."""
        return 28 if self.size.width < 90 else 34

    def _left(self, width: int, height: int) -> list[Strip]:
        """The controls, what to know of the selected one, and what can be done, in `height` lines."""
        language = self.tutor.language
        rows = control_rows.rows(self.controls, width, self.signs, language, awake=self.state.asked is None)
        advice_lines = [] if self.state.asked else control_rows.advice(self.controls, width - 2, language)
        most = height - min(len(advice_lines) + 1, 5)
        at = next((i for i, (name, _) in enumerate(rows) if name == self.controls.selected), 0)
        top = max(min(at - most // 2, len(rows) - most), 0)
        self._pointed = {y: name for y, (name, _) in enumerate(rows[top : top + most])}
        lines = [self.strip(pieces, width) for _, pieces in rows[top : top + most]]
        more = ((self.signs.up, top > 0), (self.signs.down, top + most < len(rows)))
        lines.append(self.strip([("  " + " ".join(sign for sign, there in more if there), "accent")], width))
        lines += [self.strip([("  " + text, look)], width) for text, look in advice_lines]
        return [*lines, *(self.strip([], width) for _ in range(height - len(lines)))][:height]

    def _right(self, width: int, height: int) -> list[Strip]:
        """The chart, or what lies over it, or what is to be done before there is one."""
        if self.editing:
            return self._editor(width, height)
        if self.sheet:
            return self._laid_over(width, height)
        if self.state.run is None:
            return self._fitted(self._opening(width), width, height)
        lines: list[Strip] = []
        if height >= 26 and self.state.chart is not None:
            lines = [*self._body(width), self.strip([], width)]
        runs, state = cast(LabRuns, self.runs), self.state
        prediction = self.lab_step.predict
        marks = mark_of(prediction, state.predicted, self.tutor.language) if self.at_preset else []
        size = (width, height - len(lines))
        drawn = self.pages.lines(runs.lab, state, size, self.tutor.language, marks)
        return self._fitted([*lines, *drawn], width, height)

    def _fitted(self, lines: Sequence[Strip], width: int, height: int) -> list[Strip]:
        return [*lines, *(self.strip([], width) for _ in range(height - len(lines)))][:height]

    def _body(self, width: int) -> list[Strip]:
        lines = inline(self, self.say(self.lab_step.body), width)
        return [Strip(line).adjust_cell_length(width, self.rich_style) for line in lines]

    def _opening(self, width: int) -> list[Strip]:
        """What to try, and the question before the first run."""
        lines = [*self._body(width), self.strip([], width)]
        prediction = self.lab_step.predict
        if self.state.asked is not None:
            return [*lines, *self.state.asked.lines(self, self.say, width)]
        if prediction is not None and self.state.predicted is not None:
            words = Words("You said {it}.", "你的预测：{it}。")
            given = said(prediction, self.state.predicted, self.tutor.language)
            lines.append(self.strip([(self.say(words.filled(it=given)), "accent")], width))
        lines.append(self.strip([(self.say(Words("r runs it.", "按 r 运行。")), "muted")], width))
        return lines

    # Places to edit in ---------------------------------------------------------------------------------------

    @property
    def field(self) -> EntryField | None:
        """The field for a text, while it is open."""
        return next((field for field in self.query_children(EntryField) if not field.closed), None)

    @property
    def editing(self) -> bool:
        """Whether a table or a text stands in the chart's place to be edited."""
        return "controls" in self.memory and (self.controls.grid is not None or self.field is not None)

    def _editor(self, width: int, height: int) -> list[Strip]:
        """The cells of a table, or what belongs to the field for a text, and what is wrong or allowed there."""
        control, grid = self.controls.control, self.controls.grid
        assert control is not None
        if isinstance(grid, Names):
            head: list[Piece] = [(self.say(control.label), "strong"), (f"  {grid.size()}", "muted")]
            names = grid.lines(width, max(height - 2, 1), self.signs)
            return self._fitted([self.strip(line, width) for line in (head, [], *names)], width, height)
        wrong = self.controls.complaints.get(self.controls.selected)
        said = wrapped(self.say(wrong if wrong is not None else allowed_by(control)).strip(), width)
        lines: list[list[Piece]] = [[(line, "muted" if wrong is None else "wrong")] for line in said]
        if grid is None:
            how = Words("enter takes it, escape leaves it as it was", "按 enter 确认，按 escape 放弃修改")
            lines += [[(line, "muted")] for line in wrapped(self.say(how), width)]
            lines = [[(self.say(control.label), "strong")], [], [], [], *lines]
            return self._fitted([self.strip(line, width) for line in lines[:height]], width, height)
        how = Words(
            "arrows choose a cell, digits type into it, enter goes on to the next, escape is done",
            "方向键选择单元格，直接输入数字，enter 到下一格，escape 完成",
        )
        foot = [*lines, *([(line, "muted")] for line in wrapped(self.say(how), width))]
        head = [(self.say(control.label), "strong"), ("  " + self._extent(grid), "muted")]
        room = height - 3 - len(foot)
        if room < 3:  # the cells before the words around them
            foot, room = foot[:1] if wrong is not None else [], height - 3
        cells = grid.lines(width, max(room, 1), self.signs) if not grid.none and grid.cells else []
        lines = [head, *cells, [], *foot]
        return self._fitted([self.strip(line, width) for line in lines[:height]], width, height)

    def _extent(self, grid: Grid) -> str:
        if grid.none:
            return self.say(Words("none; n makes it a table again", "无；按 n 恢复为表"))
        if not grid.cells:
            return self.say(Words("empty; a adds a row", "空；按 a 加一行"))
        return grid.size("x" if self.signs.rule == "-" else "×")

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
        if state.running and not state.run.events and state.progress is None and kernel is not None:
            return [spread([], told_news(kernel.state, language), width, self.signs.more), []]
        prediction, first = self.lab_step.predict, []
        if prediction is not None and state.predicted is not None and self.at_preset:
            values = dict(state.run.seen(state.at).values)
            first = beside(prediction, state.predicted, values, language, self.signs)
        if isinstance(state.run.ending, Failed):
            most = max(most, 6)
        return results(self.controls.lab, state, first, prediction, width, most, language, self.signs)

    # Sheets over the chart -----------------------------------------------------------------------------------

    def _laid_over(self, width: int, height: int) -> list[Strip]:
        run = self.state.run
        key = (
            self.sheet,
            width,
            self.tutor.language,
            id(run),
            run and run.events,
            self.state.at,
            self.state.chart,
        )
        if self._sheet_lines is None or self._sheet_lines[0] != key:
            drawn = {"table": self._table, "code": self._code, "text": self._body}[self.sheet](width)
            self._sheet_lines = (key, drawn)
        lines = self._sheet_lines[1]
        self.top = max(min(self.top, len(lines) - height + 1), 0)
        shown = list(lines[self.top : self.top + height - 1])
        more = (
            self.signs.up if self.top else " ",
            self.signs.down if self.top + height - 1 < len(lines) else " ",
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
            lines += [*table_text(lab, table, language, width, self.signs.rule), ""]
        for name, value in seen.values.items():
            lines += wrapped(f"{value_label(lab, name, language)}: {told(value, language)}", width)
        for note in seen.notes:
            lines += wrapped(self.say(note), width)
        lines += state.run.printed.rstrip().split("\n") if state.run.printed.strip() else []
        if isinstance(state.run.ending, Failed):
            lines += ["", *folded(trace_lines(state.run.ending), width)]
        if state.chart is not None:
            kept = state.kept if state.kept is not state.run else None
            columns, rows = points_table(lab, state.chart, Shown(state.run, state.at), language, kept)
            shown, left = rows[:MOST_ROWS], len(rows) - MOST_ROWS
            lines += [
                "",
                self.say(state.chart.title),
                *table_lines(columns, shown, language, self.signs.rule, width),
            ]
            if left > 0:
                words = Words(
                    "{n} more rows: `tutor lab {id} --json` has them all.",
                    "另有 {n} 行，`tutor lab {id} --json` 可输出全部。",
                )
                lines.append(self.say(words.filled(n=left, id=self.lab_step.lab)))
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
