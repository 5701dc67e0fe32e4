"""The page that steps through code: forward and back, through the real source of the installed torch."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tutor.protocol.trace import Breakpoint
from tutor.stepping.groups import GROUPS
from tutor.stepping.source import Span
from tutor.ui.looks import Piece, cells, cut
from tutor.ui.page import Keys, Page
from tutor.ui.stepper import asking, told
from tutor.ui.stepper.bars import PositionBar
from tutor.ui.stepper.diary import Diary
from tutor.ui.stepper.face import TABS, StepFace
from tutor.ui.stepper.field import StepField
from tutor.ui.stepper.keys import ALL_KEYS, footer_keys
from tutor.ui.stepper.lines import StepLines
from tutor.ui.stepper.state import not_asked
from tutor.ui.stepper.walk import How, Step, Walk, begin
from tutor.ui.widgets.bars import FooterLine, HeaderLine
from tutor.words import Words


class StepperPage(Page):
    """One walk. It begins by itself; leaving the page ends the run, the recording is kept for coming back."""

    CSS_PATH = "../stepper.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s,enter", "step('into')", show=False),
        Binding("n", "step('over')", show=False),
        Binding("o", "step('out')", show=False),
        Binding("c", "step('on')", show=False),
        Binding("S,b", "step('into', True)", show=False),
        Binding("N", "step('over', True)", show=False),
        Binding("O", "step('out', True)", show=False),
        Binding("C", "step('on', True)", show=False),
        Binding("t", "to_cursor(False)", show=False),
        Binding("T", "to_cursor(True)", show=False),
        Binding("f", "breakpoint", show=False),
        Binding("F", "tab('stops')", show=False),
        Binding("v", "tab('filters')", show=False),
        Binding("j", "tab('journal')", show=False),
        Binding("k", "tab('calls')", show=False),
        Binding("e", "evaluate", show=False),
        Binding("i", "type", show=False),
        Binding("y", "go_on", show=False),
        Binding("a", "add", show=False),
        Binding("d,delete", "delete", show=False),
        Binding("space", "turn", show=False),
        Binding("comma", "along(-1)", show=False),
        Binding("full_stop", "along(1)", show=False),
        Binding("home", "jump(0)", show=False),
        Binding("end", "jump(-1)", show=False),
        Binding("R", "restart", show=False),
        Binding("x", "stop", show=False),
        Binding("w", "save", show=False),
        Binding("tab", "next_tab(1)", show=False, priority=True),
        Binding("shift+tab", "next_tab(-1)", show=False, priority=True),
        *(Binding(str(i), f"tab('{name}')", show=False) for i, name in enumerate(TABS, 1)),
        Binding("escape", "escape", show=False),
    ]

    def __init__(self, walk: Walk, lesson: str = "", step: str = "") -> None:
        super().__init__()
        self.walk = walk
        self._lesson, self._step = lesson, step
        self._choices: list[Step] = []
        self._footer: Keys = []

    # What is on screen -------------------------------------------------------------------------------------

    def content(self) -> ComposeResult:
        self.diary = Diary(self.tutor.store, self._lesson, self._step)
        self.face = StepFace(self.diary)
        yield self.face
        self.field = StepField()
        yield self.field

    def on_mount(self) -> None:
        self.walk.changed = self.show
        self._show_tab("code")
        if self.walk.recording.ended is None and not self.walk.alive:
            self._begin()

    def on_unmount(self) -> None:
        self.walk.leave()
        self.diary.keep(self.walk)

    def _begin(self) -> None:
        kernel = self.tutor.kernel
        if kernel is None:  # it is started right after the first paint
            self.call_after_refresh(self._begin)
            return
        # A worker of the app's: one of the page's would be cancelled before the run is ended properly.
        self.app.run_worker(self.walk.follow(kernel), group="steps")

    def show(self) -> None:
        """Show where the walk stands now; what stays the same is not painted again."""
        if not self.is_mounted:
            return
        self.face.show(self.walk)
        self.query_one(HeaderLine).retell()
        if (keys := self.keys()) != self._footer:
            self._footer = keys
            self.query_one(FooterLine).retell()
        self.diary.stood(self.walk)

    def retell(self) -> None:
        super().retell()
        self.face.retell()
        self.show()

    def kernel_changed(self) -> None:
        super().kernel_changed()
        self.show()

    def on_resize(self) -> None:
        self._show_tab(self.tab)

    @property
    def tab(self) -> str:
        """The tab that is shown."""
        return self.face.tab

    def header(self) -> tuple[list[Piece], list[list[Piece]]]:
        walk = self.walk
        words, look = told.BADGES[walk.place]
        where = self.say(told.position(walk.recording, walk.at)) if walk.at >= 0 else ""
        reports: list[list[Piece]] = [[(where, "")], [(self.say(words), look)]]
        if walk.recording.torch:
            reports.insert(0, [(f"torch {walk.recording.torch}", "muted")])
        left: list[Piece] = [
            (self.say(Words("Step into torch", "单步进入 torch")), ""),
            (f"  {self.tutor.signs.into}  ", "muted"),
        ]
        room = self.app.size.width - 2 - cells(left) - sum(cells(report) + 3 for report in reports[-2:])
        snippet = told.first_line(walk.recording.snippet)
        return [*left, *cut([(snippet, "strong")], max(room, 8), self.tutor.signs.more)], reports

    # Keys --------------------------------------------------------------------------------------------------

    def keys(self) -> Keys:
        return footer_keys(self)

    def help_keys(self) -> Keys:
        return list(ALL_KEYS)

    @property
    def choosing(self) -> bool:
        """Whether the learner is asked which call to enter."""
        return bool(self._choices)

    # Steps -------------------------------------------------------------------------------------------------

    def action_step(self, how: How, backwards: bool = False) -> None:
        """Take a step; into a line with several calls, after asking which."""
        if self.choosing:
            self._choose(how == "into")
            return
        if how == "into" and not backwards and not self.walk.running:
            calls = self.walk.may_enter()
            if calls:
                self._offer(calls)
                return
        self._go(Step(how, backwards))

    def _go(self, step: Step) -> None:
        walk, kernel = self.walk, self.tutor.kernel
        inside = step.backwards or walk.at < walk.recording.last
        if kernel is not None and inside and not walk.running and walk.conditions_unknown():
            self.tutor.notify_passing(
                Words("Replaying, to ask for the conditions ...", "正在重放以检查断点条件 ...")
            )
            self.run_worker(self._go_after_asking(step), group="conditions", exclusive=True)
            return
        walk.go(step, walk.holds())

    async def _go_after_asking(self, step: Step) -> None:
        assert self.tutor.kernel is not None
        await self.walk.ask_conditions(self.tutor.kernel)
        self.tutor.passing_notice = None
        self.retell_frame()
        self.walk.go(step, self.walk.holds())

    def _offer(self, calls: list[tuple[Span, str]]) -> None:
        self._choices = [Step("enter", span=span) for span, _ in calls]
        self.walk.notice = Words(
            "Several calls stand here. Which one? enter steps into it",
            "这一行有多个调用。进入哪一个？按 enter 步入",
        )
        self.face.offer([text for _, text in calls])
        self.show()

    def _choose(self, enter: bool) -> None:
        """End the choice: enter the call under the cursor, or none."""
        choices, self._choices = self._choices, []
        self.walk.notice = None
        chosen = self.face.chosen()
        if enter:
            self._go(choices[chosen])
        else:
            self.show()

    def action_to_cursor(self, backwards: bool) -> None:
        """On to the line under the cursor of the source."""
        if self.face.code.code is not None:
            self._go(Step("to", backwards, self.face.code.code.file, self.face.code.line))

    def action_along(self, by: int) -> None:
        """Along the position bar."""
        self._jump(self.walk.at + by * max(self.walk.recording.last // 40, 1))

    def action_jump(self, to: int) -> None:
        """To the first event, or with -1 to the last."""
        self._jump(self.walk.recording.last if to < 0 else to)

    def _jump(self, to: int) -> None:
        if self.walk.at >= 0 and not self.walk.running:
            self.walk.notice = None
            self.walk.move(to)
            self.show()

    def on_position_bar_jumped(self, event: PositionBar.Jumped) -> None:
        self._jump(event.at)

    # The run -----------------------------------------------------------------------------------------------

    def action_go_on(self) -> None:
        """After the cap, or in deep recursion."""
        self.walk.answer(True)

    def action_type(self) -> None:
        """Type the line that `input()` asks for."""
        asking.line(self)

    def interrupt(self) -> bool:
        asked = self.walk.paused is not None and self.walk.paused.why in ("cap", "deep")
        return (self.walk.running or asked) and self.walk.stop()

    def action_stop(self) -> None:
        """End the run; what was recorded stays."""
        if not self.walk.stop():
            self.tutor.notify_passing(Words("Nothing is running.", "没有正在运行的代码。"))

    def action_restart(self) -> None:
        """Run it again from its beginning."""
        if self.choosing:
            self._choose(False)
        before = self.walk
        before.leave()
        recording = before.recording
        self.walk = begin(recording.snippet, recording.setup, recording.seed)
        self.walk.hidden, self.walk.breakpoints = before.hidden, before.breakpoints
        self.walk.changed = self.show
        self.tutor.remember_walk(self.walk, self._lesson, self._step)
        self._begin()
        self.show()

    # Tabs --------------------------------------------------------------------------------------------------

    def action_tab(self, name: str) -> None:
        """Show a tab."""
        if self.choosing:
            self._choose(False)
        self._show_tab(name)

    def action_next_tab(self, by: int) -> None:
        """The tab beside."""
        names = list(TABS)
        self.action_tab(names[(names.index(self.tab) + by) % len(names)])

    def _show_tab(self, name: str) -> None:
        self.face.open_tab(name)
        if self.field.asked is None and not self.choosing:
            self.face.focus_tab()
        self.show()
        # The list knows its width only then.
        self.call_after_refresh(self.face.show_side, self.walk)
        self.retell_frame()

    def action_escape(self) -> None:
        """Out of a choice, to the innermost frame, to the source, and then away."""
        if self.choosing:
            self._choose(False)
        elif self.walk.frame is not None:
            self.walk.frame = None
            self.show()
        elif self.tab != "code":
            self.action_tab("code")
        else:
            self.tutor.pop_screen()

    def on_line_list_chosen(self, event: StepLines.Chosen) -> None:
        event.stop()
        kind, _, name = event.key.partition(":")
        if event.lines.id == "calls":
            self._jump(int(event.key))
            return
        match kind:
            case "c":
                self._choose(True)
            case "f":
                frame = int(name)
                self.walk.frame = frame if frame != self.walk.recording.events[self.walk.at].frame else None
                self.show()
            case "h" | "x":
                self.action_turn()
            case "a" | "l":
                owner, _, attribute = name.partition(":")
                self._to_change(int(owner), attribute)
            case "g":
                self._switch({name})
            case "b":
                asking.breakpoint(self, int(name))
            case "j":
                asking.note(self, name)

    def _to_change(self, owner: int, name: str) -> None:
        """Back to where a name got the value that it has here."""
        times = [at for at in self.walk.recording.times(owner, name) if at <= self.walk.at]
        if times:
            self._jump(times[-1])

    def action_turn(self) -> None:
        """Open or close what is under the cursor."""
        key = self.face.pane("state").key
        if key is not None and self.focused is not None and self.focused.id == "state":
            self.face.turned ^= {key}
            self.show()

    def _switch(self, groups: set[str]) -> None:
        self.walk.hidden ^= groups
        self.show()

    def action_add(self) -> None:
        """On the filters: all of them; else a breakpoint."""
        if self.tab == "filters":
            self._switch(self.walk.hidden or set(GROUPS))
        elif self.tab == "stops":
            asking.breakpoint(self, None)

    # What is typed -----------------------------------------------------------------------------------------

    def on_step_field_closed(self) -> None:
        self.face.focus_tab()
        self.retell_frame()

    def action_evaluate(self) -> None:
        """Ask for an expression; on a value that is not shown it is there already."""
        asking.expression(self, self._uncomputed())

    def _uncomputed(self) -> str:
        """The expression for the value under the cursor, where only its type is known; "" elsewhere."""
        kind, owner, name = [*(self.face.pane("state").key or "").split(":", 2), "", ""][:3]
        if self.tab != "state" or kind not in ("a", "l"):
            return ""
        change = self.walk.recording.values(int(owner), self.walk.at).get(name)
        if change is None or not not_asked(change):
            return ""
        return f"self.{name}" if kind == "a" else name

    def action_save(self) -> None:
        """Write the recording to a file."""
        asking.file(self)

    def action_breakpoint(self) -> None:
        """At the line under the cursor of the source, or there no more."""
        code = self.face.code.code
        if code is None:
            return
        walk, line = self.walk, self.face.code.line
        there = [b for b in walk.breakpoints if (b.on, b.file, b.line) == ("line", code.file, line)]
        if there:
            walk.breakpoints = [b for b in walk.breakpoints if b not in there]
        else:
            walk.breakpoints.append(Breakpoint("line", file=code.file, line=line))
        self.show()
        self.face.code.point(line)

    def action_delete(self) -> None:
        """The breakpoint under the cursor."""
        key = self.face.pane("stops").key
        if self.tab == "stops" and key is not None:
            del self.walk.breakpoints[int(key.partition(":")[2])]
            self.show()
