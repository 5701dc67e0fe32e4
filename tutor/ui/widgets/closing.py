"""What stands after the last step of a lesson: what was done, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from rich.console import RenderableType
from textual.app import ComposeResult
from textual.widget import Widget

from tutor.course.model import Lesson, Question
from tutor.ui.widgets.markup import Sheet
from tutor.words import Words

if TYPE_CHECKING:
    from tutor.course.index import Entry, Index
    from tutor.ui.app import TutorApp


def following_lesson(index: Index, lesson: Lesson) -> tuple[int, Entry] | None:
    """The lesson after this one, and its number; None after the last."""
    at = next((i for i, entry in enumerate(index.lessons) if entry.id == lesson.id), None)
    if at is None or at + 1 >= len(index.lessons):
        return None
    return at + 2, index.lessons[at + 1]


class Closing(Widget, can_focus=True):
    """A few sentences; the keys are the page's."""

    DEFAULT_CSS = "Closing { height: auto; }"

    def __init__(self, lesson: Lesson) -> None:
        super().__init__()
        self._lesson = lesson

    def compose(self) -> ComposeResult:
        yield Sheet(self._blocks)

    def retell(self) -> None:
        """Say everything anew."""
        self.query_one(Sheet).retell()

    def _blocks(self, sheet: Sheet) -> Sequence[RenderableType]:
        app = cast("TutorApp", self.app)
        return [
            sheet.prose(app.say(words)) for words in (self._done(app), *self._right(app), self._next(app))
        ]

    def _done(self, app: TutorApp) -> Words:
        states = app.store.steps(self._lesson.id)
        unseen = sum(1 for step in self._lesson.steps if step.id not in states)
        if unseen:
            return Words(
                "**The end of the lesson.** Steps not opened yet: {unseen}; `o` shows which.",
                "**本课到此结束。** 还有 {unseen} 步没有打开过，按 `o` 查看。",
            ).filled(unseen=unseen)
        return Words("{yes} **Lesson done.** {title}", "{yes} **本课学完。** {title}").filled(
            yes=app.signs.yes, title=self._lesson.title
        )

    def _right(self, app: TutorApp) -> list[Words]:
        states = app.store.steps(self._lesson.id)
        asked = [step.id for step in self._lesson.steps if isinstance(step, Question)]
        right = sum(1 for id in asked if id in states and states[id].outcome == "right")
        said = Words("Questions answered right: {right} of {asked}.", "答对的题：{right}/{asked}。")
        return [said.filled(right=right, asked=len(asked))] if asked else []

    def _next(self, app: TutorApp) -> Words:
        following = following_lesson(app.index, self._lesson)
        if following is None:
            return Words("That was the last lesson. Enter leads home.", "这是最后一课，按 enter 回到课程页。")
        number, entry = following
        return Words(
            "Next: {number} {title}. Enter opens it.", "下一课：{number} {title}，按 enter 打开。"
        ).filled(number=number, title=entry.title)
