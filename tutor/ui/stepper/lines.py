"""A list whose lines are compared with those shown before: a step repaints what it changed and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size

from tutor.ui.widgets.line_list import Line, LineList


class StepLines(LineList, inherit_bindings=False):
    """A `LineList` that is told all its lines at every step. Letters, home and end are keys of the page."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("enter", "choose", show=False),
    ]

    def show(self, lines: Sequence[Line], key: str | None = None, *, follow: bool = True) -> None:
        """Show these lines; the cursor goes to `key`, or stays on the key where it was, or at its place.

        Without `follow` the view stays where it is, whatever the cursor does.
        """
        before, self._lines = self._lines, lines
        wanted = self._at(key)
        at = wanted if wanted is not None else self._at(self._key_of(before))
        if at is None and self.cursor is not None:
            at = self._choosable(min(self.cursor, len(lines) - 1), -1)
        old, self.cursor = self.cursor, self._choosable(0, 1) if at is None else at
        changed = [i for i in range(len(lines)) if i >= len(before) or lines[i] != before[i]]
        changed += range(len(lines), len(before))
        changed += [i for i in (old, self.cursor) if i is not None and old != self.cursor]
        for i in changed:
            self._strips.pop(i, None)
        if len(lines) != len(before):
            self.virtual_size = Size(0, len(lines))
        if not self.is_mounted:
            return
        top = self.scroll_offset.y
        if follow and wanted is not None:
            self._reveal()
        if self.scroll_offset.y == top:
            for i in changed:
                if top <= i < top + self.size.height:
                    self.refresh_line(i)

    def _at(self, key: str | None) -> int | None:
        if key is None:
            return None
        return next((i for i, line in enumerate(self._lines) if line.key == key), None)

    def _key_of(self, lines: Sequence[Line]) -> str | None:
        if self.cursor is None or self.cursor >= len(lines):
            return None
        return lines[self.cursor].key
