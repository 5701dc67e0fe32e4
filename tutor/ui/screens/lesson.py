"""A lesson: one step a screen, and the way through it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from tutor.course.model import AnyStep, Lesson
from tutor.ui.looks import Piece, cells, cut
from tutor.ui.page import Keys
from tutor.ui.screens.step_page import StepPage, view_of
from tutor.ui.widgets.closing import Closing, following_lesson
from tutor.ui.widgets.outline import Outline
from tutor.ui.widgets.step import StepView
from tutor.words import Words

TWO_PANES = 100
"""The columns from which on the outline stands beside the step."""


class LessonScreen(StepPage):
    """The steps of a lesson. The place is saved before a step is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,right,pagedown,enter", "page_on", show=False),
        Binding("p,left,pageup", "page_back", show=False),
        Binding("o", "outline", show=False),
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
        with Horizontal():
            yield self._outline
            yield from self.step_area()

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

    async def _open(self, at: int) -> None:
        """Save the place, then show the step there."""
        self._at = at
        step, store = self.step, self.tutor.store
        if step is not None:
            store.seen(self.lesson.id, step.id)
            store.move(self.lesson.id, step.id)
        with self.app.batch_update():
            if step is None:
                shown: Widget = Closing(self.lesson)
            else:
                memory = self.tutor.memories.setdefault((self.lesson.id, step.id), {})
                state = store.steps(self.lesson.id).get(step.id)
                memory.setdefault("before", state.outcome if state is not None else None)
                shown = view_of(self.lesson, step, memory)
            await self.show(shown)
            self._show_outline(False)
            self._tell_outline()
            self.retell_frame()
        self.focus_step()

    @property
    def _in_outline(self) -> bool:
        return self._outline_open or self.focused is self._outline

    def _tell_outline(self) -> None:
        here = self.step.id if self.step is not None else ""
        self._outline.tell(self.lesson, self.tutor.store.steps(self.lesson.id), here, self.tutor.language)

    def retell(self) -> None:
        super().retell()
        self._tell_outline()
        for closing in self.query(Closing):
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
            *(view.help_keys() if view is not None else []),
            ("n, right, pgdn", Words("next step", "下一步")),
            ("p, left, pgup", Words("step before", "上一步")),
            ("up, down", Words("scroll, where there is nothing to choose", "滚动（没有选项可选时）")),
            ("u", Words("say how sure you are before you answer", "回答前说明有没有把握")),
            ("o", Words("outline: go to any step", "目录：跳到任意一步")),
            ("g", Words("glossary, the terms of this step first", "术语表，本步的术语在最前")),
            ("q, escape", Words("home; the place is kept", "回到课程页，进度已保存")),
            (
                "esc",
                Words(
                    "while an answer is typed: leave the field, so that letters are keys",
                    "输入答案时：离开输入框，字母恢复为按键",
                ),
            ),
        ]

    async def action_page_on(self) -> None:
        """To the next step; after the last one, to the closing words, and from there to the next lesson."""
        if self._at < len(self.lesson.steps):
            if self.view is not None and (skipped := self.view.skipped()) is not None:
                self.write_down(skipped)
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
        self.set_class(self.view is not None and self.view.whole, "-whole")

    def _leave_outline(self) -> None:
        self._show_outline(False)
        self.focus_step()
        self.retell_frame()

    async def on_line_list_chosen(self, event: Outline.Chosen) -> None:
        await self._open([step.id for step in self.lesson.steps].index(event.key))

    def action_escape(self) -> None:
        """Out of the outline, else home."""
        if self._in_outline:
            self._leave_outline()
        else:
            self.action_home()

    def action_home(self) -> None:
        """To the course page."""
        self.tutor.go_home()

    def on_resize(self) -> None:
        self.set_class(self.app.size.width >= TWO_PANES, "-wide")

    def write_down(self, answer: StepView.Answered) -> None:
        super().write_down(answer)
        self._tell_outline()
