"""The field that a setting is typed into as text: the path of a folder, arguments, a table in brackets."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.widgets import Input


class EntryField(Input):
    """One line that takes any character. Enter and escape close it at once: what is typed next goes elsewhere."""

    DEFAULT_CSS = "EntryField { position: absolute; height: 1; margin: 0; }"

    def __init__(self, text: str, done: Callable[[str | None], None]) -> None:
        """`done` gets the text, or None if the setting is to stay as it was."""
        super().__init__(text, compact=True, select_on_focus=False)
        self.cursor_blink = False
        self.closed = False
        self.heard: events.Key | None = None
        """The last key that came here first; what is around the field may hear it afterwards."""
        self._done = done

    def on_key(self, event: events.Key) -> None:
        """Textual asks this class before `Input`, which types the key."""
        self.heard = event
        if not self.closed and event.key not in ("enter", "escape"):
            return
        event.stop()
        event.prevent_default()
        if self.closed:
            self.app.post_message(events.Key(event.key, event.character))
        else:
            self.closed = True
            self._done(self.value if event.key == "enter" else None)

    def on_paste(self, event: events.Paste) -> None:
        """A path that was dragged into the terminal may bring quotes along; a table stands in several lines."""
        text = " ".join(line.strip() for line in event.text.strip().splitlines())
        if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
            text = text[1:-1]
        event.stop()
        event.prevent_default()
        self.insert_text_at_cursor(text)
