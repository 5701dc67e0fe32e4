"""The field in which the builder's script is edited."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.widgets import TextArea


class CodeField(TextArea):
    """The script while it is edited. Escape closes it; page up and down still turn the page."""

    DEFAULT_CSS = """
    CodeField, CodeField:focus { position: absolute; border: none; padding: 0; background: $background; }
    """

    def __init__(self, text: str, close: Callable[[], None]) -> None:
        super().__init__(text, tab_behavior="indent", soft_wrap=True, highlight_cursor_line=False)
        self.cursor_blink = False
        self._take = close
        for key in ("pageup", "pagedown"):
            self._bindings.key_to_bindings.pop(key, None)

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self._take()
        else:
            await super()._on_key(event)
