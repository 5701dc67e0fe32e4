"""What all questions share on screen: the prompt, hints, the verdict on an answer, the solution."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar, cast

from rich.console import Group, RenderableType
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from tutor.course.model import AnyQuestion, Lesson
from tutor.practice.attempt import Attempt
from tutor.practice.marking import Answer, written
from tutor.ui.widgets.markup import Sheet
from tutor.ui.widgets.step import Memory, StepView
from tutor.words import Words

_EARLIER = {
    "right": Words("{yes} Answered right before.", "{yes} 之前答对过。"),
    "shown": Words("You had the answer shown before.", "之前看过答案。"),
    "wrong": Words("Not right yet when you were here before.", "之前还没有答对。"),
}


class QuestionView(StepView):
    """A question. Each kind adds the widget in which it is answered and the keys for that."""

    repeatable = True
    """Whether the same question may be asked again once it is over."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "act", show=False),
        Binding("h", "hint", show=False),
        Binding("s", "show_answer", show=False),
        Binding("t", "try_again", show=False),
        Binding("u", "doubt", show=False),
    ]

    def __init__(self, lesson: Lesson, step: AnyQuestion, memory: Memory | None = None) -> None:
        super().__init__(lesson, step, memory)
        self.question = step
        self.note: Callable[[], Words | None] = lambda: None
        """What is said quietly below the prompt, in place of what became of it earlier."""
        self._giving: Attempt | None = None
        self.memory.setdefault("attempt", self.fresh())

    @property
    def attempt(self) -> Attempt:
        """What was answered so far, and what was said of it."""
        return cast(Attempt, self.memory["attempt"])

    @attempt.setter
    def attempt(self, attempt: Attempt) -> None:
        self.memory["attempt"] = attempt

    # What each kind of question adds -------------------------------------------------------------------------

    def answer_widget(self) -> Widget:
        """Where it is answered."""
        raise NotImplementedError

    def repaint_answer(self) -> None:
        """Show the answer as it stands now."""
        raise NotImplementedError

    def draft(self) -> Answer:
        """What `enter` would answer."""
        raise NotImplementedError

    def answer_shown(self) -> str:
        """The right answer in a word, in Markdown; nothing where the answer widget shows it."""
        return ""

    # On screen -----------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        self._above = Sheet(self._asked)
        self._below = Sheet(self._told)
        yield self._above
        yield self.answer_widget()
        yield self._below

    def on_mount(self) -> None:
        self.repaint_answer()

    def retell(self) -> None:
        self._above.retell()
        self._below.retell()
        self.repaint_answer()

    def retell_told(self) -> None:
        """Say anew what stands below the answer."""
        self._below.retell()

    def keys(self) -> list[tuple[str, Words]]:
        if self.attempt.over:
            return [("enter", Words("next", "下一步")), ("t", Words("try again", "再做一次"))]
        return [*self.hint_key(), ("s", Words("show", "看答案")), ("u", Words("sure?", "把握"))]

    def hint_key(self) -> list[tuple[str, Words]]:
        """The key for a hint, where there is one left."""
        return [("h", Words("hint", "提示"))] if self._hints_left() else []

    def _hints_left(self) -> int:
        return len(self.question.hints) - self.attempt.hints

    def _asked(self, sheet: Sheet) -> Sequence[RenderableType]:
        blocks = [] if self.question.given is None else [sheet.code(self.question.given)]
        prompt = sheet.prose(self.say(self.question.prompt))
        earlier = self.note() or _EARLIER.get(self.memory.get("before") or "")
        left = "" if earlier is None else self.say(earlier.filled(yes=sheet.signs.yes))
        right = "   ".join(text for text in (self._sure_said(), self._hints_said()) if text)
        return [*blocks, Group(prompt, sheet.quiet(left, right)) if left or right else prompt]

    def _sure_said(self) -> str:
        said = {True: Words("sure", "有把握"), False: Words("unsure", "没把握")}
        return "" if self.attempt.sure is None else self.say(said[self.attempt.sure])

    def _hints_said(self) -> str:
        total, left = len(self.question.hints), self._hints_left()
        if not total or self.attempt.over:
            return ""
        if not left:
            return self.say(Words("no hints left", "提示已用完"))
        if left == 1:
            return self.say(Words("1 hint left", "还有 1 条提示"))
        return self.say(Words("{left} hints left", "还有 {left} 条提示").filled(left=left))

    def _told(self, sheet: Sheet) -> Sequence[RenderableType]:
        """Hints, the verdict, the solution: what was given so far, the newest last."""
        total = len(self.question.hints)
        blocks = []
        for number, hint in enumerate(self.question.hints[: self.attempt.hints], 1):
            head = Words("Hint {number} of {total}:", "提示 {number}/{total}：").filled(
                number=number, total=total
            )
            blocks.append(sheet.said(sheet.signs.dash, "accent", self.say(head), self.say(hint)))
        return [*blocks, *self.verdict_said(sheet), *self._solution(sheet)]

    def verdict_said(self, sheet: Sheet) -> list[RenderableType]:
        """What there is to say of the answer."""
        if self.attempt.shown:
            shown = Words("Shown: {answer}", "答案：{answer}").filled(answer=self.answer_shown())
            because = self.attempt.answered(self.attempt.draft).verdict
            text = "\n\n".join(self.say(words) for words in (because.because if because else []))
            return [sheet.said(sheet.signs.into, "accent", self.say(shown).rstrip(), text)]
        verdict = self.attempt.verdict
        if verdict is None:
            return []
        text = "\n\n".join(self.say(words) for words in verdict.because)
        if verdict.outcome == "right":
            return [sheet.said(sheet.signs.yes, "right", self.say(Words("Right.", "正确。")), text)]
        if verdict.outcome == "wrong":
            return [sheet.said(sheet.signs.no, "wrong", self.say(Words("Not yet.", "还不对。")), text)]
        return [sheet.said("?", "warn", self.say(self.unreadable()), text)]

    def unreadable(self) -> Words:
        """What is said of an answer that could not be read, before the reason."""
        return Words("Not marked: this is not a number I can read.", "没有判分：无法把它读成一个数。")

    def _solution(self, sheet: Sheet) -> list[RenderableType]:
        if not self.attempt.over:
            return []
        solution = self.question.solution
        if solution is None and self.question.hints and self.attempt.hints < len(self.question.hints):
            solution = self.question.hints[-1]
        return [] if solution is None else [sheet.said(" ", "", "", self.say(solution))]

    # What the learner does -----------------------------------------------------------------------------------

    def action_act(self) -> None:
        """Answer; once that is done, enter belongs to the page, which goes on."""
        if self.attempt.over:
            raise SkipAction
        self.give(self.draft())

    def give(self, draft: Answer) -> bool:
        """Have `draft` marked, and shown once it is in the store; False if it could not be read."""
        before = self.attempt
        attempt = before.answered(draft)
        verdict = attempt.verdict
        if verdict is None or verdict.outcome == "unreadable":
            self.now(attempt)
            return False
        if before == attempt:
            self.now(attempt)
        else:
            self.keep(attempt, verdict.outcome)
        return True

    def action_hint(self) -> None:
        """One hint more."""
        if self.attempt.over:
            return
        if not self._hints_left():
            self.tutor.notify_passing(
                Words("There are no more hints; s shows the answer.", "没有更多提示了，按 s 看答案。")
                if self.question.hints
                else Words("This question has no hints; s shows the answer.", "这道题没有提示，按 s 看答案。")
            )
            return
        self.now(self.attempt.hinted())

    def action_doubt(self) -> None:
        """Say of the answer to come: unsure, sure, or nothing."""
        if self.attempt.over:
            raise SkipAction
        self.attempt = self.attempt.doubted()
        self._above.retell()

    def action_show_answer(self) -> None:
        """Put the right answer there."""
        if not self.attempt.over:
            self.keep(self.attempt.revealed(), "shown")

    def action_try_again(self) -> None:
        """Begin anew, with the hints that were given."""
        if not self.attempt.over or not self.repeatable:
            raise SkipAction
        if self.memory.get("before") != "right":
            self.memory["before"] = "shown" if self.attempt.verdict is None else self.attempt.verdict.outcome
        self.begin_anew()
        self.now(replace(self.fresh(), hints=self.attempt.hints))

    def fresh(self) -> Attempt:
        """Nothing answered yet."""
        return Attempt.begin(self.question)

    def begin_anew(self) -> None:
        """Forget what stands in the answer widget."""

    def skipped(self) -> StepView.Answered | None:
        if self.attempt.over or self.attempt.verdict is not None or self.memory.get("before") is not None:
            return None
        self.memory["before"] = "skipped"
        return self.Answered(self, "", "skipped", self.attempt.hints)

    def keep(self, attempt: Attempt, outcome: str) -> None:
        """Have the answer written down; `attempt` is shown once it is."""
        if self._giving is not None:
            return
        sure, attempt = attempt.sure, replace(attempt, sure=None)
        self._giving = attempt
        given, sure = ("", None) if outcome == "shown" else (written(attempt.draft), sure)
        self.post_message(self.Answered(self, given, outcome, attempt.hints, sure=sure))

    def kept(self, answer: StepView.Answered) -> None:
        if self._giving is not None and answer.outcome != "skipped":
            attempt, self._giving = self._giving, None
            self.now(attempt)

    def now(self, attempt: Attempt) -> None:
        """Show the attempt as it is now."""
        self.attempt = attempt
        self._above.retell()
        self._below.retell()
        self.repaint_answer()
        self.post_message(self.KeysChanged())
        self.reveal(self._below)
