"""What the page that steps shows: the chain of classes, tabs, source and side, the event in words, the position bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from tutor.protocol.trace import SETUP
from tutor.ui.looks import Piece
from tutor.ui.news import advice
from tutor.ui.stepper import panes, told
from tutor.ui.stepper.bars import PositionBar, Said
from tutor.ui.stepper.code import CodePane
from tutor.ui.stepper.diary import Diary
from tutor.ui.stepper.lines import StepLines
from tutor.ui.stepper.state import StateLines
from tutor.ui.stepper.tree import CallTree
from tutor.ui.stepper.walk import Walk
from tutor.ui.widgets.line_list import Line
from tutor.words import Words

if TYPE_CHECKING:
    from tutor.ui.app import TutorApp

TWO_PANES = 100
"""The columns from which on the source stays in view beside everything else."""
TALL, TRAIL = 30, 3
"""The rows from which on, with two panes, the journal stands below the source, and how many it takes there."""
TABS = {
    "code": Words("Source", "源码"),
    "state": Words("State", "状态"),
    "output": Words("Output", "输出"),
    "journal": Words("Journal", "日志"),
    "calls": Words("Calls", "调用树"),
    "filters": Words("Filters", "过滤"),
    "stops": Words("Breaks", "断点"),
    "answers": Words("Evaluate", "求值"),
}
MOST_CHOICES = 6
"""Lines of the calls to choose from that are in view at once."""


class StepFace(Widget):
    """Draws a walk, and only what changed of it since it was last drawn."""

    def __init__(self, diary: Diary) -> None:
        super().__init__()
        self.tab = "code"
        self.turned: set[str] = set()
        """Keys of the state's lines that the learner opened or closed."""
        self._diary = diary

    @property
    def tutor(self) -> TutorApp:
        """The app, by its own type."""
        return cast("TutorApp", self.app)

    def compose(self) -> ComposeResult:
        yield Said(id="chain")
        yield Said(id="tabs")
        with Horizontal(id="panes"):
            self.code = CodePane()
            with Vertical(id="source"):
                yield self.code
                yield Said(id="trail")
            with Vertical(id="side"):
                for name in TABS:
                    if name != "code":
                        yield CallTree(id=name) if name == "calls" else StepLines(id=name)
        yield StepLines(id="choices")
        yield Said(id="now")
        yield PositionBar()

    def pane(self, name: str) -> StepLines:
        """The list on a tab."""
        return self.query_one(f"#{name}", StepLines)

    @property
    def _wide(self) -> bool:
        return self.app.size.width >= TWO_PANES

    # Tabs --------------------------------------------------------------------------------------------------

    def open_tab(self, name: str) -> None:
        """Show this tab; beside the source there is always one."""
        self.tab = name
        self.set_class(self._wide, "-wide")
        self.set_class(self._wide and self.app.size.height >= TALL, "-tall")
        self.set_class(self.tutor.signs.upright == "|", "-ascii")
        self.set_class(name != "code", "-side")
        side = "state" if name == "code" else name
        for each in TABS:
            if each != "code":
                self.pane(each).display = each == side

    def focus_tab(self) -> None:
        """Have the arrows move in what the tab shows."""
        self.query_one(f"#{self.tab}").focus()

    # Drawing -----------------------------------------------------------------------------------------------

    def show(self, walk: Walk) -> None:
        """Show where the walk stands now."""
        signs = self.tutor.signs
        self.query_one("#chain", Said).tell(told.chain(walk, signs) if walk.at >= 0 else [])
        self.query_one("#tabs", Said).tell(self._tabs())
        self.query_one("#now", Said).tell(*self._now(walk))
        self.query_one(PositionBar).tell(walk.at, walk.recording.last)
        self.code.show(walk, self._reason(walk))
        if self.has_class("-tall"):
            trail = self.query_one("#trail", Said)
            head = self.tutor.say(Words("Journal", "日志"))
            trail.tell(*(told.trail(walk, trail.size.width - 2, TRAIL, head) if walk.at >= 0 else ()))
        self.show_side(walk)

    def retell(self) -> None:
        """The language changed."""
        self.code.retell()

    def _reason(self, walk: Walk) -> Words | None:
        """Why there is nothing to see."""
        kernel = self.tutor.kernel
        if walk.at >= 0 or kernel is None:
            return None
        if (missing := advice(kernel.state)) is not None:
            return missing
        if (end := told.how_it_ended(walk)) is None or walk.recording.ended is None:
            return None
        trace = getattr(walk.recording.ended, "trace", [])
        in_setup = any(SETUP in line for line in trace) if trace else walk.recording.setup
        where = (
            Words("Nothing was stepped: the set-up failed.", "没有开始单步：准备代码出错。")
            if in_setup
            else Words("Nothing was stepped.", "没有开始单步。")
        )
        words = Words("{where}\n{end}\n{trace}", "{where}\n{end}\n{trace}")
        return words.filled(where=where, end=end[0], trace="\n".join(told.escaped(line) for line in trace))

    def _tabs(self) -> list[Piece]:
        pieces: list[Piece] = []
        for number, (name, words) in enumerate(TABS.items(), 1):
            here, label = name == self.tab, words.into(self.tutor.language)
            pieces += [
                (str(number), "accent"),
                (f"[{label}]" if here else f" {label} ", "strong" if here else "muted"),
            ]
        return pieces

    def _now(self, walk: Walk) -> list[list[Piece]]:
        """What the event is, and what the last line did; or what is asked or to be said instead."""
        signs, say = self.tutor.signs, self.tutor.say
        if walk.at < 0:
            return [self.tutor.news() if walk.recording.ended is None else []]
        words, look = told.what_happens(walk, signs)
        lines: list[list[Piece]] = [[(say(words), look)]]
        end, asked = told.how_it_ended(walk), told.asks(walk)
        if asked is not None:
            lines.append([(say(asked), "warn")])
        elif walk.notice is not None:
            lines.append([(say(walk.notice), "warn")])
        elif (wrong := walk.unclear.get(walk.at)) is not None:
            words = Words("Stopped, for the condition failed: {wrong}", "已停下，因为条件求值出错：{wrong}")
            lines.append([(say(words.filled(wrong=told.escaped(wrong))), "warn")])
        elif end is not None:
            lines.append([(say(end[0]), end[1])])
        elif (remark := told.remarked(walk)) is not None:
            lines.append([(say(remark), "warn")])
        else:
            lines.append(told.changes_line(walk, signs))
        return lines

    def show_side(self, walk: Walk) -> None:
        """Show the one list that is in view."""
        name = self.tab if self.tab != "code" else "state" if self._wide else ""
        if not name:
            return
        language, signs = self.tutor.language, self.tutor.signs
        if name == "calls":
            self.query_one(CallTree).show_calls(walk, self.tutor.say(told.YOURS))
            return
        pane = self.pane(name)
        width = pane.size.width or self.app.size.width // (2 if self._wide else 1)
        match name:
            case "state":
                state = StateLines(walk, language, signs, width, self.turned)
                lines = state.lines()
                pane.show(lines, state.first_change)
            case "output":
                lines = panes.output(walk, language, width)
                pane.show(lines, lines[-1].key if lines else None)
            case "journal":
                here = walk.recording.code(walk.at).qualname if walk.at >= 0 else ""
                kept = self._diary.journal(walk)
                pane.show(panes.journal(kept, here, language, signs, width), f"j:{here}")
            case "filters":
                pane.show(panes.filters(walk, language, signs, width))
            case "stops":
                pane.show(panes.stops(walk, language, signs))
            case "answers":
                pane.show(panes.answers(walk, language, signs, width))

    # Choices -----------------------------------------------------------------------------------------------

    def offer(self, texts: list[str]) -> None:
        """Let the learner choose one of several calls; the keys of the lines are "c:" and the number."""
        lines = self.pane("choices")
        lines.styles.height = min(len(texts), MOST_CHOICES)
        lines.set_class(True, "-open")
        lines.show([Line(f"c:{i}", [(told.escaped(text), "")]) for i, text in enumerate(texts)], "c:0")
        lines.focus()

    def chosen(self) -> int:
        """The number of the call under the cursor; there is nothing to choose from any more."""
        lines = self.pane("choices")
        lines.set_class(False, "-open")
        self.focus_tab()
        return int((lines.key or "c:0")[2:])
