"""The view of a question that asks for steps to be written down one by one."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text
from textual.containers import Vertical
from textual.widget import Widget

from tutor.practice.record import entries_of
from tutor.ui.widgets.field import AnswerField, FieldView
from tutor.ui.widgets.markup import Sheet
from tutor.words import Words


class RecordField(AnswerField):
    """The next entry. Enter writes it down, or has all marked if it is empty; backspace there takes one back."""

    async def action_submit(self) -> None:
        """Write the entry down; an empty one says that this was all."""
        view = self.query_ancestor(RecordView)
        if self.value.strip():
            view.write_down(self.value.strip())
        else:
            view.submit()

    def action_delete_left(self) -> None:
        """A character, or from the empty field the last entry."""
        if self.value:
            super().action_delete_left()
        else:
            self.query_ancestor(RecordView).take_back()


class RecordView(FieldView):
    """The entries so far, numbered, and below them the field for the next one."""

    DEFAULT_CSS = """
    RecordView Vertical { height: auto; }
    """

    def field(self, text: str) -> AnswerField:
        return RecordField(text)

    def placeholder(self) -> Words:
        if self.entries:
            return Words("the next step; enter here marks them all", "写下一步；在空行按 enter 判分")
        return Words("the first step", "写第一步")

    def unreadable(self) -> Words:
        return Words("Not marked.", "没有判分。")

    def answer_shown(self) -> str:
        return ""

    @property
    def entries(self) -> list[str]:
        """What is written down so far."""
        return entries_of(self.memory.get("entries", ""))

    @entries.setter
    def entries(self, entries: list[str]) -> None:
        self.memory["entries"] = "\n".join(entries)

    def answer_widget(self) -> Widget:
        self._written = Sheet(self._list)
        return Vertical(self._written, super().answer_widget())

    def _list(self, sheet: Sheet) -> Sequence[RenderableType]:
        entries = self.entries
        return (
            [Text("\n".join(f" {number:2}  {entry}" for number, entry in enumerate(entries, 1)))]
            if entries
            else []
        )

    def repaint_answer(self) -> None:
        if self.attempt.over:
            self.entries = entries_of(str(self.attempt.draft))
        super().repaint_answer()
        if self.attempt.over:
            self._field.value = ""
            self._field.placeholder = ""
        self._written.retell()

    def draft(self) -> str:
        return "\n".join([*self.entries, self._field.value.strip()]).strip()

    def begin_anew(self) -> None:
        super().begin_anew()
        self.entries = []

    def keys_while_typing(self) -> list[tuple[str, Words]]:
        return [("backspace", Words("take back", "撤回")), *super().keys_while_typing()]

    def write_down(self, entry: str) -> None:
        """One entry more."""
        self.entries = [*self.entries, entry]
        self._field.value = ""
        self.repaint_answer()
        self.reveal(self._field)

    def take_back(self) -> None:
        """The last entry, into the field again."""
        if self.entries:
            *rest, last = self.entries
            self.entries = rest
            self._field.value = last
            self._field.cursor_position = len(last)
            self.repaint_answer()
