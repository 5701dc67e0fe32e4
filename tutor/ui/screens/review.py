"""The review: what is due, one question after another, mixed over the lessons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from tutor.course.index import find_lesson
from tutor.course.load import ContentError, load_lesson
from tutor.course.model import AnyStep, Lesson, Question
from tutor.ui.looks import Piece, cells, cut
from tutor.ui.page import Keys
from tutor.ui.recall import now, recalled
from tutor.ui.screens.step_page import StepPage, view_of
from tutor.ui.widgets.markup import Sheet
from tutor.ui.widgets.step import Memory, StepView
from tutor.words import Words

if TYPE_CHECKING:
    from tutor.practice.questions import QuestionId


@dataclass(slots=True)
class _Asked:
    """A question of this review that was shown, and what the learner has done at it so far."""

    lesson: Lesson
    step: AnyStep
    memory: Memory = field(default_factory=dict)
    outcomes: list[str] = field(default_factory=list)


class _Said(Sheet, can_focus=True):
    """A few sentences in place of a question; the keys are the page's."""


class ReviewPage(StepPage):
    """One question a screen. Each answer is in the store at once, so the learner may leave at any moment."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,right,pagedown,enter", "page_on", show=False),
        Binding("p,left,pageup", "page_back", show=False),
        Binding("escape,q", "home", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._coming: list[QuestionId] | None = None
        """What is still to be asked; None until that is known."""
        self._asked: list[_Asked] = []
        self._at = 0
        """Which of the questions asked is shown; beyond the last one it is the closing words."""
        self._more: int = 0
        """How many are due again at the end."""
        self._next: datetime | None = None
        """When the first question will be due that is not due now."""
        self._lessons: dict[str, Lesson | None] = {}

    # What is on screen ---------------------------------------------------------------------------------------

    def content(self) -> ComposeResult:
        yield from self.step_area()

    async def on_mount(self) -> None:
        await self._open(0)
        self._begin_once_shown()

    @work(exclusive=True)
    async def _begin_once_shown(self) -> None:
        await self._begin()

    async def _begin(self) -> None:
        """Find out what is due and ask the first of it."""
        await self._look()
        self._coming, self._more = self._due, 0
        await self._on()

    async def _look(self) -> None:
        schedule = await recalled(self.tutor)
        self._due = schedule.due(now())
        self._more = len(self._due)
        self._next = schedule.next_due(now())

    async def _on(self) -> None:
        """The next question that is still there; at the end, the closing words."""
        while self._coming:
            lesson_id, step_id = self._coming.pop(0)
            lesson = self._lesson(lesson_id)
            steps = lesson.steps if lesson is not None else []
            step = next((each for each in steps if each.id == step_id and isinstance(each, Question)), None)
            if lesson is not None and step is not None:
                self._asked.append(_Asked(lesson, step))
                await self._open(len(self._asked) - 1)
                return
        await self._look()
        await self._open(len(self._asked))

    def _lesson(self, id: str) -> Lesson | None:
        """The lesson, None if its files are broken by now."""
        if id not in self._lessons:
            entry = find_lesson(self.tutor.index, id)
            try:
                self._lessons[id] = load_lesson(self.tutor.folder, entry) if entry is not None else None
            except ContentError:
                self._lessons[id] = None
        return self._lessons[id]

    async def _open(self, at: int) -> None:
        self._at = at
        asked = self._now_asked
        with self.app.batch_update():
            shown: Widget = (
                _Said(self._last_words) if asked is None else view_of(asked.lesson, asked.step, asked.memory)
            )
            await self.show(shown)
            self.retell_frame()
        self.focus_step()

    @property
    def _now_asked(self) -> _Asked | None:
        return self._asked[self._at] if self._at < len(self._asked) else None

    @property
    def left(self) -> int:
        """How many questions from here on are not done yet, the one on screen included."""
        here = sum(not {"right", "shown"} & set(asked.outcomes) for asked in self._asked[self._at :])
        return here + len(self._coming or [])

    def retell(self) -> None:
        super().retell()
        for said in self.query(_Said):
            said.retell()

    def header(self) -> tuple[list[Piece], list[list[Piece]]]:
        left: list[Piece] = [(self.say(Words("Review", "复习")), "strong")]
        asked = self._now_asked
        if asked is None:
            return left, super().header()[1]
        one, more = Words("the last one", "最后一题"), Words("{left} left", "还剩 {left} 题")
        count = [(self.say(more.filled(left=self.left) if self.left != 1 else one), "")]
        number = [entry.id for entry in self.tutor.index.lessons].index(asked.lesson.id) + 1
        into = (f"  {self.tutor.signs.into}  ", "muted")
        left += [into, (f"{number} {self.say(asked.lesson.title)}", "")]
        title = [into, (self.say(asked.step.title), "")]
        room = max(self.app.size.width - 2 - cells(count) - 3, 1)
        if cells([*left, *title]) <= room:
            left += title
        return cut(left, room, self.tutor.signs.more), [count]

    def _last_words(self, sheet: Sheet) -> Sequence[RenderableType]:
        if self._coming is None:
            return [sheet.prose(self.say(Words("Looking for what is due ...", "正在查找到期的题目 ...")))]
        answered = [asked.outcomes for asked in self._asked if asked.outcomes]
        said: list[Words] = []
        if answered:
            right = sum(outcomes[0] == "right" for outcomes in answered)
            done = Words(
                "{yes} **Review done.** Right at once: {right} of {of}.",
                "{yes} **复习完成。** 一次答对：{right}/{of}。",
            )
            said.append(done.filled(yes=sheet.signs.yes, right=right, of=len(answered)))
        if self._more:
            more = Words("Due now: {more}. Enter asks again.", "现在还有 {more} 题到期，按 enter 继续。")
            said.append(more.filled(more=self._more))
        elif self._next is None:
            said.append(
                Words(
                    "Nothing to review yet: what you answer in the lessons comes back here, days later.",
                    "还没有可以复习的题目：在课程中答过的题，过几天会在这里再次出现。",
                )
            )
        else:
            nothing = Words(
                "Nothing is due now. The next question: {when}.", "现在没有到期的题目。下一题：{when}。"
            )
            said.append(nothing.filled(when=when(self._next, now())))
        return [sheet.prose(self.say(words)) for words in said]

    # Keys ----------------------------------------------------------------------------------------------------

    def keys(self) -> Keys:
        view, signs = self.view, self.tutor.signs
        leave = ("esc", Words("leave", "离开"))
        if view is None:
            return [("enter", Words("again", "继续") if self._more else Words("home", "课程页")), leave]
        on = ("pgdn" if view.typing else signs.right, Words("next", "下一题"))
        keys = [*view.keys(), on]
        if view.typing or any(key == leave[0] for key, _ in keys):
            return keys  # There escape closes the field first.
        return [*keys, leave, *([("g", Words("terms", "术语"))] if view.step.terms else [])]

    def help_keys(self) -> Keys:
        view = self.view
        return [
            *(view.keys() if view is not None else []),
            (
                "n, right, pgdn",
                Words("next question; one not answered stays due", "下一题；没有作答的题仍然到期"),
            ),
            ("p, left, pgup", Words("question before", "上一题")),
            ("g", Words("glossary, the terms of this question first", "术语表，本题的术语在最前")),
            ("q, escape", Words("leave the review; every answer is kept", "离开复习，每个答案都已保存")),
        ]

    async def action_page_on(self) -> None:
        """To the next question; after the last one, to the closing words, and from there on or home."""
        if self._coming is None:
            return
        if self.view is not None and (skipped := self.view.skipped()) is not None:
            self.write_down(skipped)
        if self._at < len(self._asked) - 1:
            await self._open(self._at + 1)
        elif self._at < len(self._asked):
            await self._on()
        elif self._more:
            self._asked = []
            await self._begin()
        else:
            self.tutor.go_home()

    async def action_page_back(self) -> None:
        """To the question before."""
        if self._at > 0:
            await self._open(self._at - 1)
        else:
            self.tutor.notify_passing(Words("This is the first question.", "这是第一题。"))

    def action_home(self) -> None:
        """To the course page."""
        self.tutor.go_home()

    def write_down(self, answer: StepView.Answered) -> None:
        super().write_down(answer)
        for asked in self._asked:
            if asked.memory is answer.view.memory and answer.outcome != "skipped":
                asked.outcomes.append(answer.outcome)
        self.retell_frame()


def when(then: datetime, now: datetime) -> Words:
    """How far `then` is from `now`, in the largest unit of which there is at least one."""
    for unit, one, more in (
        (timedelta(days=1), Words("in a day", "1 天后"), Words("in {n} days", "{n} 天后")),
        (timedelta(hours=1), Words("in an hour", "1 小时后"), Words("in {n} hours", "{n} 小时后")),
        (timedelta(minutes=1), Words("in a minute", "1 分钟后"), Words("in {n} minutes", "{n} 分钟后")),
    ):
        if then - now >= unit:
            count = round((then - now) / unit)
            return one if count == 1 else more.filled(n=count)
    return Words("in a moment", "马上")
