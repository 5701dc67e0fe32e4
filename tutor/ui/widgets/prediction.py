"""What a learner predicts of a lab before it runs: typing it, drawing the question, laying it beside the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual.strip import Strip

from tutor.charts import Mark
from tutor.course.model import Prediction
from tutor.labwords import told
from tutor.practice.numbers import Unreadable, narrow, read_number
from tutor.ui.looks import Looks, Piece, wrapped
from tutor.ui.signs import Signs
from tutor.ui.widgets.grid import TYPED
from tutor.ui.widgets.markup import inline
from tutor.words import Language, Words

NEVER = "never"
"""The prediction that it will not happen, as it is written down."""


@dataclass(slots=True)
class Asked:
    """A prediction that still stands out, as far as the learner has come with it."""

    prediction: Prediction
    typed: str = ""
    option: int = 0
    """The option that the cursor stands on."""
    complaint: Words | None = None
    """What is wrong with it."""

    def given(self) -> str | None:
        """The prediction as it is written down; None, with a complaint, if it is none yet."""
        if self.prediction.ask == "choice":
            equals = self.prediction.equals[self.option : self.option + 1]
            return str(equals[0]) if equals else str(self.option + 1)
        if not self.typed:
            self.complaint = Words(
                "Type a prediction first, or skip it with s.", "请先输入预测，或按 s 跳过。"
            )
            return None
        read = 0.0 if self.typed == NEVER else read_number(self.typed)
        self.complaint = read.words if isinstance(read, Unreadable) else None
        return None if self.complaint is not None else self.typed

    def type(self, character: str) -> bool:
        """Into the number, or the number of an option; False if this cannot be typed."""
        character = narrow(character)
        if self.prediction.ask == "choice":
            if not (character.isdigit() and 1 <= int(character) <= len(self.prediction.options)):
                return False
            self.option = int(character) - 1
            return True
        typed = "" if self.typed == NEVER else self.typed
        if character not in TYPED or (character in "eE" and not typed[-1:].isdigit()):
            return False
        self.typed, self.complaint = typed + character, None
        return True

    def never(self) -> None:
        """It will not happen, if that is a possible answer."""
        if self.prediction.never:
            self.typed, self.complaint = NEVER, None

    def erase(self) -> None:
        """Take back what was typed last."""
        self.typed, self.complaint = "" if self.typed == NEVER else self.typed[:-1], None

    def clear(self) -> bool:
        """Take back everything; False if there was nothing."""
        typed, self.typed, self.complaint = self.typed, "", None
        return bool(typed)

    def move(self, by: int) -> bool:
        """To another option; False where there is none to choose."""
        if self.prediction.ask != "choice":
            return False
        self.option = min(max(self.option + by, 0), len(self.prediction.options) - 1)
        return True

    def lines(self, face: Looks, say: Callable[[Words], str], width: int) -> list[Strip]:
        """The question, what is typed so far, and what to do."""
        signs, blank = face.signs, face.strip([], width)
        prompt = inline(face, say(self.prediction.prompt), width)
        lines = [Strip(line).adjust_cell_length(width, face.rich_style) for line in prompt]
        lines.append(blank)
        if self.prediction.ask == "choice":
            for number, option in enumerate(self.prediction.options):
                here = number == self.option
                sign: Piece = (f" {signs.cursor} " if here else "   ", "accent")
                pieces = [sign, (f"{number + 1} ", "muted"), (say(option), "")]
                lines.append(face.strip(pieces, width, here))
            hint = Words("enter keeps it and runs, s skips", "enter 确认并运行，s 跳过")
        else:
            text = say(Words("never", "不会发生")) if self.typed == NEVER else self.typed
            lines.append(
                face.strip([(f" {signs.cursor} ", "accent"), (text, "strong"), ("_", "accent")], width)
            )
            hint = Words("a number; enter keeps it and runs, s skips", "输入一个数；enter 确认并运行，s 跳过")
            if self.prediction.never:
                hint = Words(
                    "a number, or v for never; enter keeps it and runs, s skips",
                    "输入一个数，或按 v 选“不会发生”；enter 确认并运行，s 跳过",
                )
        told, look = (hint, "muted") if self.complaint is None else (self.complaint, "wrong")
        return [*lines, blank, *(face.strip([(line, look)], width) for line in wrapped(say(told), width))]


def said(prediction: Prediction, given: str, language: Language) -> str:
    """A prediction as it is quoted."""
    if given == NEVER:
        return Words("never", "不会发生").into(language)
    if prediction.ask == "choice":
        for option, equals in zip(prediction.options, prediction.equals, strict=False):
            if str(equals) == given:
                return option.into(language)
    return given


def mark_of(prediction: Prediction | None, given: str | None, language: Language) -> list[Mark]:
    """The prediction as a line in the chart, if it can be one."""
    if prediction is None or given is None or prediction.mark == "none" or prediction.ask != "number":
        return []
    at = read_number(given)
    if not isinstance(at, float):
        return []
    says = Words("you said {it}", "你的预测 {it}").filled(it=given).into(language)
    return [Mark(prediction.mark, at, says)]


def beside(
    prediction: Prediction, given: str, values: dict[str, Any], language: Language, signs: Signs
) -> list[Piece]:
    """The prediction and what torch gave, in one line; empty while torch has not given it."""
    if prediction.of not in values:
        return []
    value = values[prediction.of]
    result = Words("never", "没有发生").into(language) if value is None and prediction.never else ""
    if prediction.ask == "choice":
        result = said(prediction, str(value), language)
    result = result or told(value, language)
    words = Words("you said {given}, torch says {result}", "你的预测是 {given}，torch 的结果是 {result}")
    text = words.filled(given=said(prediction, given, language), result=result).into(language)
    hit = _agree(given, value)
    return [(f"{signs.yes} {text}" if hit else text, "right" if hit else "accent")]


def _agree(given: str, value: Any) -> bool:
    """Whether a prediction came true: the same word, or within two percent."""
    if value is None or given == NEVER:
        return value is None and given == NEVER
    at = read_number(given)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and isinstance(at, float):
        return abs(at - value) <= 0.02 * abs(value) or at == value
    return given == str(value)
