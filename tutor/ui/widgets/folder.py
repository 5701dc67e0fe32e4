"""The field that the path of a folder is typed into."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class FolderField(Input):
    """One line that takes any character; enter takes the path, escape leaves it as it was."""

    DEFAULT_CSS = "FolderField { position: absolute; height: 1; margin: 0; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    class Left(Message):
        """Typing is over; the path was not taken."""

    def __init__(self, path: str) -> None:
        super().__init__(path, compact=True, select_on_focus=False)
        self.cursor_blink = False

    def action_leave(self) -> None:
        """Leave the path as it was."""
        self.post_message(self.Left())

    def on_paste(self, event: events.Paste) -> None:
        """A path that was dragged into the terminal may bring quotes along."""
        text = event.text.strip()
        if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
            event.stop()
            event.prevent_default()
            self.insert_text_at_cursor(text[1:-1])
