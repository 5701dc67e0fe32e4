"""The view of a question that is answered with a number, and the field that the number is typed into."""

from __future__ import annotations

from textual import events

from tutor.practice.numbers import NAMES, narrow
from tutor.ui.widgets.field import AnswerField, FieldView
from tutor.words import Words

_WORDS_BEGIN = frozenset(name[0] for name in NAMES)
_PAGES = {"n": "page_on", "p": "page_back"}
_OPENS = frozenset("0123456789.-+(√π∞−。")


class NumberField(AnswerField):
    """One line for a number. A letter that no number can go on with there is not typed but stays a key.

    That leaves h, g, o, q, u and L as keys at the beginning of a word, while ln, sqrt, nan, pi and the like
    can be typed; a second n or p turns the page.
    """

    async def _on_key(self, event: events.Key) -> None:
        if self.app.focused is self and event.character in _PAGES and self.value == event.character:
            # No word begins with nn or pp: someone leafs through the lesson.
            self.take(event)
            self.value = ""
            self.turn(_PAGES[event.character])
            return
        await super()._on_key(event)

    def is_key(self, character: str) -> bool:
        sign = narrow(character)
        if sign == "?":
            return True
        if not (sign.isascii() and sign.isalpha()):
            return False
        before = self.value[: min(self.selection)]
        if before[-1:].isalpha() and before[-1:].isascii():
            return False
        return sign == "L" or sign.lower() not in _WORDS_BEGIN


class NumberView(FieldView):
    """A number to type; digits open the field again."""

    def field(self, text: str) -> NumberField:
        return NumberField(text)

    def placeholder(self) -> Words:
        return Words(
            "a number, such as 0.25, 4/11, 2^10 or sqrt(2)", "输入一个数，例如 0.25、4/11、2^10、sqrt(2)"
        )

    def answer_shown(self) -> str:
        return str(self.attempt.draft)

    def opens(self, character: str) -> bool:
        return character in _OPENS or narrow(character) in _OPENS

    def keys_while_typing(self) -> list[tuple[str, Words]]:
        return [*self.hint_key(), *super().keys_while_typing()]
