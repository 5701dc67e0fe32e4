"""The one line that is typed into on the page that steps: an expression, a breakpoint, an answer to `input()`."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from tutor.words import Words


class StepField(Horizontal):
    """Closed until something is asked for; enter gives what was typed to whoever asked, escape gives nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", show=False)]

    class Closed(Message):
        """Nothing is asked for any more."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Words | None = None
        """What is asked for; None while the field is closed."""
        self._take: Callable[[str], Words | None] = lambda text: None

    def compose(self) -> ComposeResult:
        self._label = Static(markup=False)
        self._input = Input(compact=True, select_on_focus=False)
        self._input.cursor_blink = False
        yield self._label
        yield self._input

    def ask(
        self, what: str, asked: Words, take: Callable[[str], Words | None], text: str = "", hint: str = ""
    ) -> None:
        """Ask for a line, `what` before it. `take` gets it, and may give a reason why it will not do."""
        self.asked, self._take = asked, take
        self._label.update(f" {what} ")
        self._input.placeholder = hint
        self._input.value = text
        self._input.cursor_position = len(text)
        self.set_class(True, "-open")
        self._input.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        wrong = self._take(event.value)
        if wrong is None:
            self.action_close()
        else:
            self.app.notify_passing(wrong)  # type: ignore[attr-defined]

    def action_close(self) -> None:
        """Close it; whatever was typed is gone."""
        self.asked = None
        self.set_class(False, "-open")
        self.post_message(self.Closed())
