"""A list with a field above it that narrows the list while the learner types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from tutor.ui.widgets.line_list import Line, LineList

if TYPE_CHECKING:
    from textual.widgets import Input


class Finder(Widget):
    """`lines_for` gives the lines for what was typed; the list's messages pass through to the page.

    The field opens with `/` and closes with escape. While it is open, the keys that move the cursor
    move it still.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("up", "list('move', -1)", show=False),
        Binding("down", "list('move', 1)", show=False),
        Binding("pageup", "list('page', -1)", show=False),
        Binding("pagedown", "list('page', 1)", show=False),
    ]

    def __init__(self, lines_for: Callable[[str], Sequence[Line]], prompt: Callable[[], str]) -> None:
        super().__init__()
        self._lines_for = lines_for
        self._prompt = prompt
        self._field: Input | None = None
        self.list = LineList()

    def compose(self) -> ComposeResult:
        yield self.list

    @property
    def typed(self) -> str:
        """What was typed, without the spaces around it."""
        return "" if self._field is None else self._field.value.strip()

    @property
    def is_open(self) -> bool:
        """Whether the field is there."""
        return self._field is not None

    def refill(self, key: str | None = None) -> None:
        """Show the lines anew, the cursor on `key` or, without one, where it was."""
        if self._field is not None:
            self._field.placeholder = self._prompt()
        self.list.show(self._lines_for(self.typed), self.list.key if key is None else key)

    async def _on_key(self, event: events.Key) -> None:
        """The slash acts here and now, and what comes before the field has the focus goes into it: nothing that is
        typed ahead is lost, or taken for a key of the page."""
        if self._field is None:
            if event.key != "slash":
                return
            self.action_open()
        elif event.character is not None and event.is_printable:
            self._field.insert_text_at_cursor(event.character)
            self.on_input_changed()
        else:
            return
        event.stop()
        event.prevent_default()

    def action_open(self) -> None:
        """Show the field and type into it."""
        if self._field is None:
            from textual.widgets import Input

            self._field = Input(placeholder=self._prompt(), compact=True, select_on_focus=False)
            self._field.cursor_blink = False
            self.mount(self._field, before=self.list)
        self._field.focus()

    def action_close(self) -> None:
        """Forget what was typed and show all lines."""
        if self._field is None:
            raise SkipAction
        self._field.remove()
        self._field = None
        self.list.focus()
        self.refill()

    def action_list(self, action: str, by: int) -> None:
        """Move the list's cursor."""
        (self.list.action_move if action == "move" else self.list.action_page)(by)

    def on_input_changed(self) -> None:
        self.list.show(self._lines_for(self.typed))

    def on_input_submitted(self) -> None:
        self.list.action_choose()


def found(typed: str, *texts: str) -> bool:
    """Whether every word that was typed occurs in one of the texts, in whatever case."""
    inside = "\n".join(texts).casefold()
    return all(word in inside for word in typed.casefold().split())
