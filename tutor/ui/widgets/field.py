"""What questions share that are answered by typing a line: the field, and the view that it stands in."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from tutor.practice.numbers import narrow
from tutor.ui.widgets.question import QuestionView
from tutor.ui.widgets.step import StepView
from tutor.words import Words


def key_of(character: str) -> str:
    """The key of a letter or a question mark, typed full-width or not."""
    plain = narrow(character)
    return "question_mark" if plain == "?" else plain


class AnswerField(Input):
    """One line to type into. An empty field leaves the arrows to the page; page up and down always turn it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", show=False)]

    def __init__(self, text: str) -> None:
        super().__init__(text, compact=True, select_on_focus=False)
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        """Keys of the field act here and now, so that what is typed ahead over a slow line keeps its order."""
        if self.app.focused is not self:
            self.take(event)
            self.app.post_message(events.Key(event.key, event.character))
        elif event.character and self.is_key(event.character):
            # A key without a character is not typed; it goes on to the step and the page.
            event.key, event.character = key_of(event.character), None
        elif not event.is_printable:
            for binding in self._bindings.key_to_bindings.get(event.key, ()):
                if await self.app.run_action(binding.action, self):
                    self.take(event)
                    break

    def take(self, event: events.Key) -> None:
        """Let nobody else hear of `event`."""
        event.stop()
        event.prevent_default()

    def turn(self, action: str) -> None:
        """Have the page turned by itself: it will wait until this field is gone."""
        self.screen.call_later(self.screen.run_action, action)

    def is_key(self, character: str) -> bool:
        """Whether `character` is not typed here but stays a key."""
        return False

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return super().check_consume_key(key, character) and not self.is_key(character or "")

    def action_close(self) -> None:
        """Leave the field, at once: what is typed next is a key already."""
        self.screen.set_focus(self.query_ancestor(FieldView))

    async def action_submit(self) -> None:
        """Have it marked; what is typed next takes its place, if it could be read."""
        if self.query_ancestor(FieldView).submit():
            self.selection = Selection(0, len(self.value))

    def action_cursor_left(self, select: bool = False) -> None:
        """In the text, or back to the step before."""
        if self.value:
            super().action_cursor_left(select)
        else:
            self.turn("page_back")

    def action_cursor_right(self, select: bool = False) -> None:
        """In the text, or on to the next step."""
        if self.value:
            super().action_cursor_right(select)
        else:
            self.turn("page_on")


class FieldView(QuestionView):
    """The field is open from the start; escape closes it, and then every letter is a key."""

    DEFAULT_CSS = """
    FieldView Horizontal { height: 1; }
    FieldView Static { width: 4; height: 1; color: $accent; }
    """

    # What each kind adds ---------------------------------------------------------------------------------------

    def field(self, text: str) -> AnswerField:
        """The field, with what was typed before in it."""
        raise NotImplementedError

    def placeholder(self) -> Words:
        """What stands in the empty field."""
        raise NotImplementedError

    def opens(self, character: str) -> bool:
        """Whether typing this opens the field."""
        return False

    # On screen -------------------------------------------------------------------------------------------------

    def answer_widget(self) -> Widget:
        self._sign = Static()
        self._field = self.field(self.memory.get("typed", ""))
        return Horizontal(self._sign, self._field)

    @property
    def field_is_open(self) -> bool:
        """Whether what is typed goes into the field."""
        return self._field.has_focus

    @property
    def typing(self) -> bool:
        return self.field_is_open and bool(self._field.value)

    def begin(self) -> None:
        if self.attempt.over:
            self.focus()
        else:
            self.open_field()

    def open_field(self, typed: str = "") -> None:
        """Let the learner type. Text that was marked already is replaced by what is typed."""
        if self._field.has_focus:
            return
        self._field.focus()
        marked = self.attempt.verdict is not None and self.attempt.draft == self.draft()
        self._field.selection = Selection(0 if marked else len(self._field.value), len(self._field.value))
        if typed:
            self._field.replace(typed, *self._field.selection)

    def draft(self) -> str:
        return self._field.value.strip()

    def begin_anew(self) -> None:
        self._field.value = ""

    def repaint_answer(self) -> None:
        self._field.placeholder = self.say(self.placeholder())
        if self.attempt.over:
            self._field.value = str(self.attempt.draft)
        self._field.can_focus = not self.attempt.over
        self._sign.update(f" {self.tutor.signs.cursor} " if self.field_is_open else "")

    def keys(self) -> list[tuple[str, Words]]:
        if self.attempt.over:
            return super().keys()
        if self.field_is_open:
            return [("enter", Words("mark", "判分")), *self.keys_while_typing()]
        return [("enter", Words("type", "输入")), *super().keys()]

    def keys_while_typing(self) -> list[tuple[str, Words]]:
        """The keys beside enter while the field is open."""
        return [("esc", Words("more keys", "更多按键"))]

    def kept(self, answer: StepView.Answered) -> None:
        super().kept(answer)
        if self.attempt.over:
            self.focus()

    # What the learner does -------------------------------------------------------------------------------------

    def action_act(self) -> None:
        if self.attempt.over:
            raise SkipAction
        self.open_field()

    def action_try_again(self) -> None:
        super().action_try_again()
        self.open_field()

    def submit(self) -> bool:
        """Have what stands in the field marked; whether it could be."""
        return not self.attempt.over and self.give(self.draft())

    def on_input_changed(self, event: Input.Changed) -> None:
        if self.attempt.over:
            return
        was_empty = not self.memory.get("typed")
        self.memory["typed"] = event.value
        if was_empty or not event.value:
            self.post_message(self.KeysChanged())

    def on_descendant_focus(self) -> None:
        self.repaint_answer()

    def on_descendant_blur(self) -> None:
        self.repaint_answer()

    def on_key(self, event: events.Key) -> None:
        typed = event.character
        if typed and not self.field_is_open and not self.attempt.over and self.opens(typed):
            event.stop()
            self.open_field(typed)

    def on_paste(self, event: events.Paste) -> None:
        if not self.field_is_open and not self.attempt.over and event.text.strip():
            event.stop()
            self.open_field(event.text.strip().splitlines()[0])
