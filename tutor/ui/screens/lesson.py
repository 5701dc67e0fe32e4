"""A lesson: one step a screen, and the way through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from tutor.course.model import (
    AnyStep,
    ChoiceQuestion,
    Derivation,
    Formula,
    LabStep,
    Lesson,
    NumberQuestion,
    OrderQuestion,
    SeveralQuestion,
)
from tutor.practice.numbers import narrow
from tutor.ui.looks import Looks, Piece, cells, cut, spread
from tutor.ui.page import Keys, Page
from tutor.ui.widgets.closing import Closing, following_lesson
from tutor.ui.widgets.outline import Outline
from tutor.ui.widgets.step import Memory, StepView
from tutor.words import Words

if TYPE_CHECKING:
    from textual.strip import Strip


TWO_PANES = 100
"""The columns from which on the outline stands beside the step."""


def view_of(lesson: Lesson, step: AnyStep, memory: Memory) -> StepView:
    """The view that shows `step`. Each kind is imported when the first step of it is opened."""
    if isinstance(step, Formula):
        from tutor.ui.widgets.formula import FormulaView

        return FormulaView(lesson, step, memory)
    if isinstance(step, Derivation):
        from tutor.ui.widgets.derivation import DerivationView

        return DerivationView(lesson, step, memory)
    if isinstance(step, LabStep):
        from tutor.ui.widgets.lab import LabView

        return LabView(lesson, step, memory)
    if isinstance(step, NumberQuestion):
        from tutor.ui.widgets.number import NumberView

        return NumberView(lesson, step, memory)
    if isinstance(step, ChoiceQuestion | SeveralQuestion | OrderQuestion):
        from tutor.ui.widgets import choosing

        kinds = {ChoiceQuestion: choosing.ChoiceView, SeveralQuestion: choosing.SeveralView}
        return kinds.get(type(step), choosing.OrderView)(lesson, step, memory)
    from tutor.ui.widgets.text import TextView

    return TextView(lesson, step, memory)


class _More(Looks):
    """One line under the step that says when there is more of it above or below."""

    def __init__(self) -> None:
        super().__init__()
        self._said = ""

    def tell(self, above: bool, below: bool) -> None:
        """Show which way there is more."""
        signs = self.signs
        said = "  ".join(sign for sign, there in ((signs.up, above), (signs.down, below)) if there)
        if said:
            said += " " + cast(LessonScreen, self.screen).say(Words("more", "更多"))
        if said != self._said:
            self._said = said
            self.refresh()

    def render_line(self, y: int) -> Strip:
        more = [(self._said, "accent")] if self._said else []
        return self.strip([*spread([], more, self.size.width - 2, ""), ("  ", "")], self.size.width)


class _Body(Vertical):
    """Where the step stands; it scrolls by the page's keys."""

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.tell_more()

    def watch_virtual_size(self) -> None:
        """The step became longer or shorter."""
        self.call_after_refresh(self.tell_more)

    def tell_more(self) -> None:
        """Say whether there is more above or below."""
        if isinstance(self.screen, LessonScreen):
            self.screen.query_one(_More).tell(
                self.scroll_offset.y > 0, self.scroll_offset.y < self.max_scroll_y
            )


class LessonScreen(Page):
    """One step a screen. The place is saved before a step is shown, an answer before it is commented."""

    AUTO_FOCUS = ""
    CSS_PATH = "../lesson.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,right,pagedown,enter", "page_on", show=False),
        Binding("p,left,pageup", "page_back", show=False),
        Binding("up", "scroll(-1)", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("home", "scroll(-1000)", show=False),
        Binding("end", "scroll(1000)", show=False),
        Binding("o", "outline", show=False),
        Binding("g", "glossary", show=False),
        Binding("escape", "escape", show=False),
        Binding("q", "home", show=False),
    ]

    def __init__(self, lesson: Lesson, at: str | None = None) -> None:
        super().__init__()
        self.lesson = lesson
        self._asked_for = at
        self._at = 0
        """The index of the step shown; beyond the last one it is the closing words."""
        self._outline_open = False

    # What is on screen ---------------------------------------------------------------------------------------

    def content(self) -> ComposeResult:
        self._outline = Outline()
        self._body = _Body()
        with Horizontal():
            yield self._outline
            with Vertical(id="step"):
                yield self._body
                yield _More()

    async def on_mount(self) -> None:
        self.set_class(self.tutor.signs.upright == "|", "-ascii")
        ids = [step.id for step in self.lesson.steps]
        place = self.tutor.store.place()
        at = self._asked_for
        if at is None and place is not None and place[0] == self.lesson.id:
            at = place[1]
        await self._open(ids.index(at) if at in ids else 0)

    @property
    def step(self) -> AnyStep | None:
        """The step shown; None at the end."""
        return self.lesson.steps[self._at] if self._at < len(self.lesson.steps) else None

    @property
    def view(self) -> StepView | None:
        """The view of the step shown; None at the end."""
        return next(iter(self._body.query_children(StepView)), None)

    async def _open(self, at: int) -> None:
        """Save the place, then show the step there."""
        self._at = at
        step, store = self.step, self.tutor.store
        if step is not None:
            store.seen(self.lesson.id, step.id)
            store.move(self.lesson.id, step.id)
        with self.app.batch_update():
            await self._body.remove_children()
            if step is None:
                shown: Widget = Closing(self.lesson)
            else:
                memory = self.tutor.memories.setdefault((self.lesson.id, step.id), {})
                state = store.steps(self.lesson.id).get(step.id)
                memory.setdefault("before", state.outcome if state is not None else None)
                shown = view_of(self.lesson, step, memory)
            self._body.scroll_to(y=0, animate=False, force=True)
            await self._body.mount(shown)
            self._show_outline(False)
            self._tell_outline()
            self.retell_frame()
        self._focus_step()

    def _focus_step(self) -> None:
        view = self.view
        if view is not None:
            view.begin()
        else:
            self._body.query_one(Closing).focus()

    @property
    def _in_outline(self) -> bool:
        return self._outline_open or self.focused is self._outline

    def _tell_outline(self) -> None:
        here = self.step.id if self.step is not None else ""
        self._outline.tell(self.lesson, self.tutor.store.steps(self.lesson.id), here, self.tutor.language)

    def retell(self) -> None:
        super().retell()
        self._tell_outline()
        for shown in self._body.query_children(StepView):
            shown.retell()
        self._body.call_after_refresh(self._body.tell_more)
        for closing in self._body.query_children(Closing):
            closing.retell()

    def header(self) -> tuple[list[Piece], list[list[Piece]]]:
        number = next((i for i, e in enumerate(self.tutor.index.lessons, 1) if e.id == self.lesson.id), None)
        first = f"{number} " if number else ""
        count = [(f"{min(self._at + 1, len(self.lesson.steps))}/{len(self.lesson.steps)}", "")]
        room = max(self.app.size.width - 2 - cells(count) - 3, 1)
        left: list[Piece] = [(first + self.say(self.lesson.title), "")]
        if self.step is not None:
            step = [(f"  {self.tutor.signs.into}  ", "muted"), (self.say(self.step.title), "strong")]
            left = [*left, *step] if cells([*left, *step]) <= room else [(first.strip(), ""), *step]
        left = cut(left, room, self.tutor.signs.more)
        return left, [self._dots(), count]

    def _dots(self) -> list[Piece]:
        signs, states = self.tutor.signs, self.tutor.store.steps(self.lesson.id)
        dots = [
            signs.here if i == self._at else signs.done if step.id in states else signs.todo
            for i, step in enumerate(self.lesson.steps)
        ]
        return [("".join(dots), "accent")]

    # Keys ----------------------------------------------------------------------------------------------------

    def keys(self) -> Keys:
        view, signs = self.view, self.tutor.signs
        if self._in_outline:
            return [("enter", Words("go there", "跳转")), ("esc", Words("back to the step", "返回这一步"))]
        if view is None:
            return [
                ("enter", Words("on", "继续")),
                (signs.left, Words("back", "上一步")),
                ("esc", Words("home", "课程页")),
            ]
        on, back = ("pgdn", "pgup") if view.typing else (signs.right, signs.left)
        keys = [*view.keys(), (on, Words("next", "下一步")), (back, Words("back", "上一步"))]
        if view.typing:
            return keys
        keys.append(("o", Words("outline", "目录")))
        if view.step.terms:
            keys.append(("g", Words("terms", "术语")))
        return keys

    def help_keys(self) -> Keys:
        view = self.view
        return [
            *(view.keys() if view is not None else []),
            ("n, right, pgdn", Words("next step", "下一步")),
            ("p, left, pgup", Words("step before", "上一步")),
            ("up, down", Words("scroll, where there is nothing to choose", "滚动（没有选项可选时）")),
            ("o", Words("outline: go to any step", "目录：跳到任意一步")),
            ("g", Words("glossary, the terms of this step first", "术语表，本步的术语在最前")),
            ("q, escape", Words("home; the place is kept", "回到课程页，进度已保存")),
            (
                "esc",
                Words(
                    "while a number is typed: leave the field, so that letters are keys",
                    "输入数字时：离开输入框，字母恢复为按键",
                ),
            ),
        ]

    async def action_page_on(self) -> None:
        """To the next step; after the last one, to the closing words, and from there to the next lesson."""
        if self._at < len(self.lesson.steps):
            if self.view is not None and (skipped := self.view.skipped()) is not None:
                self._write_down(skipped)
            await self._open(self._at + 1)
            return
        following = following_lesson(self.tutor.index, self.lesson)
        if following is None:
            self.tutor.go_home()
        else:
            self.tutor.open_lesson(following[1].id, following[1].steps[0].id if following[1].steps else None)

    async def action_page_back(self) -> None:
        """To the step before."""
        if self._at == 0:
            self.tutor.notify_passing(
                Words("This is the first step. Escape leads home.", "这是第一步，按 escape 回到课程页。")
            )
            return
        await self._open(self._at - 1)

    def action_scroll(self, lines: int) -> None:
        """Up or down in a step that is longer than the screen."""
        self._body.scroll_to(y=self._body.scroll_offset.y + lines, animate=False, force=True)

    def action_outline(self) -> None:
        """Into the outline, or out of it."""
        if self._in_outline:
            self._leave_outline()
            return
        self._tell_outline()
        self._show_outline(True)
        self._outline.focus()
        self.retell_frame()

    def _show_outline(self, open: bool) -> None:
        self._outline_open = open
        self.set_class(open, "-outline")

    def _leave_outline(self) -> None:
        self._show_outline(False)
        self._focus_step()
        self.retell_frame()

    async def on_line_list_chosen(self, event: Outline.Chosen) -> None:
        await self._open([step.id for step in self.lesson.steps].index(event.key))

    def action_glossary(self) -> None:
        """The terms of this step."""
        self.tutor.open_glossary(self.step.terms if self.step is not None else [])

    def action_escape(self) -> None:
        """Out of the outline, else home."""
        if self._in_outline:
            self._leave_outline()
        else:
            self.action_home()

    def action_home(self) -> None:
        """To the course page."""
        self.tutor.go_home()

    def on_key(self, event: events.Key) -> None:
        """A sign that a Chinese input method made full-width is the key that was pressed."""
        if event.character and (plain := narrow(event.character)) != event.character:
            event.stop()
            self.app.simulate_key("question_mark" if plain == "?" else plain)

    def on_resize(self) -> None:
        super().on_resize()
        self.set_class(self.app.size.width >= TWO_PANES, "-wide")
        self._body.call_after_refresh(self._body.tell_more)

    # What the views post -------------------------------------------------------------------------------------

    def on_step_view_answered(self, answer: StepView.Answered) -> None:
        self._write_down(answer)
        answer.view.kept(answer)
        self._tell_outline()

    def _write_down(self, answer: StepView.Answered) -> None:
        self.tutor.store.answered(self.lesson.id, answer.step.id, answer.given, answer.outcome, answer.hints)

    def on_descendant_focus(self) -> None:
        """Other keys matter now."""
        self.retell_frame()

    def on_step_view_keys_changed(self) -> None:
        self.retell_frame()
