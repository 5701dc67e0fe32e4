"""The view of a question that is answered with a name or a line of code."""

from __future__ import annotations

from typing import cast

from tutor.course.model import TextQuestion
from tutor.ui.widgets.field import AnswerField, FieldView
from tutor.words import Words


class LineView(FieldView):
    """A line to type. Every letter is typed while the field is open; escape makes them keys."""

    def field(self, text: str) -> AnswerField:
        return AnswerField(text)

    def placeholder(self) -> Words:
        if cast(TextQuestion, self.question).form == "code":
            return Words(
                "a line of code; spaces and quotes do not matter", "输入一行代码，空格和引号形式不影响判分"
            )
        return Words("a name, in English or Chinese", "输入名称，中英文均可")

    def answer_shown(self) -> str:
        code = cast(TextQuestion, self.question).form == "code"
        return f"`{self.attempt.draft}`" if code else str(self.attempt.draft)

    def unreadable(self) -> Words:
        return Words("Not marked.", "没有判分。")
