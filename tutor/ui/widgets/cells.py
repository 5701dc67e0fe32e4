"""The view of a question that is answered with a vector or a matrix, cell by cell."""

from __future__ import annotations

import re
from typing import ClassVar, cast

from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from tutor.course.model import TensorQuestion
from tutor.course.sameness import rows_of
from tutor.practice.marking import Cells, wrong_cells
from tutor.practice.numbers import narrow
from tutor.ui.widgets.number import NumberField
from tutor.ui.widgets.question import QuestionView
from tutor.ui.widgets.step import StepView
from tutor.words import Words

_WIDEST = 12
"""Columns of the screen for one cell; fewer where a row has many."""
_ROOM = 70
_NEXT = frozenset(",，、;； ")
"""Signs between numbers, which lead to the next cell."""
_BETWEEN = re.compile(r"[\s,;，；、\[\]]+")


class CellField(NumberField):
    """One cell. The arrows lead over its edges to its neighbours, and from an empty corner to the next page."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "go(1)", show=False),
        Binding("shift+tab", "go(-1)", show=False),
        Binding("up", "row(-1)", show=False),
        Binding("down", "row(1)", show=False),
    ]

    def __init__(self, text: str, place: tuple[int, int]) -> None:
        super().__init__(text)
        self.placeholder = "____"
        self.place = place
        """Row and column."""

    @property
    def view(self) -> CellsView:
        """The question that the cell belongs to."""
        return self.query_ancestor(CellsView)

    async def _on_key(self, event: events.Key) -> None:
        if self.app.focused is self and event.character in _NEXT:
            self.take(event)
            self.view.go(self.place, 1)
            return
        await super()._on_key(event)

    def _on_paste(self, event: events.Paste) -> None:
        """A tensor that is pasted fills the cells from here on."""
        event.stop()
        event.prevent_default()
        self.view.fill(self.place, [text for text in _BETWEEN.split(event.text) if text])

    def action_go(self, by: int) -> None:
        """To the next cell, or the one before, round the corner."""
        self.view.go(self.place, by, round=True)

    def action_row(self, by: int) -> None:
        """To the cell above or below."""
        if not self.view.go_to(self.place[0] + by, self.place[1]):
            raise SkipAction

    def action_close(self) -> None:
        self.screen.set_focus(self.view)

    async def action_submit(self) -> None:
        self.view.submit()

    def action_cursor_left(self, select: bool = False) -> None:
        """In the text, then to the cell before; from the first one, if it is empty, to the step before."""
        if self.cursor_position or (select and self.value):
            Input.action_cursor_left(self, select)
        elif not self.view.go(self.place, -1, at_end=True) and not self.value:
            self.turn("page_back")

    def action_cursor_right(self, select: bool = False) -> None:
        """In the text, then to the next cell; from the last one, if it is empty, to the next step."""
        if self.cursor_position < len(self.value):
            Input.action_cursor_right(self, select)
        elif not self.view.go(self.place, 1) and not self.value:
            self.turn("page_on")


class CellsView(QuestionView):
    """A small grid of fields. Enter leads to the next empty cell and, where there is none, has all of them marked."""

    DEFAULT_CSS = """
    CellsView Vertical { height: auto; }
    CellsView Horizontal { height: 1; }
    CellsView Static { width: auto; height: 1; color: $accent; }
    CellsView CellField, CellsView CellField:focus { margin: 0 1 0 0; padding: 0; }
    """

    @property
    def tensor(self) -> TensorQuestion:
        """The question, by its own type."""
        return cast(TensorQuestion, self.question)

    def answer_widget(self) -> Vertical:
        rows = rows_of(self.tensor.answer)
        typed = cast(Cells, self.memory.get("cells") or self.attempt.draft)
        width = min(_WIDEST, max(_ROOM // len(rows[0]) - 1, 5))
        self._cells = [
            [CellField(typed[row][column], (row, column)) for column in range(len(rows[row]))]
            for row in range(len(rows))
        ]
        for cell in self._all:
            cell.styles.width = width
        return Vertical(*(Horizontal(*self._row(row)) for row in range(len(rows))))

    def _row(self, row: int) -> ComposeResult:
        """The cells of a row between brackets, as torch prints them."""
        matrix = isinstance(self.tensor.answer[0], list)
        left = ("   [[ " if row == 0 else "    [ ") if matrix else "   [ "
        right = ("]]" if row == len(self._cells) - 1 else "]") if matrix else "]"
        yield Static(left, markup=False)
        yield from self._cells[row]
        yield Static(right, markup=False)

    @property
    def _all(self) -> list[CellField]:
        return [cell for row in self._cells for cell in row]

    @property
    def open_cell(self) -> CellField | None:
        """The cell that is typed into."""
        return next((cell for cell in self._all if cell.has_focus), None)

    @property
    def typing(self) -> bool:
        return self.open_cell is not None and any(cell.value for cell in self._all)

    def draft(self) -> Cells:
        return tuple(tuple(cell.value.strip() for cell in row) for row in self._cells)

    def repaint_answer(self) -> None:
        if self.attempt.over:
            for cells, texts in zip(self._cells, cast(Cells, self.attempt.draft), strict=True):
                for cell, text in zip(cells, texts, strict=True):
                    cell.value = text
        wrong: list[tuple[int, int]] = []
        verdict, draft = self.attempt.verdict, cast(Cells, self.attempt.draft)
        if verdict is not None and verdict.outcome == "wrong" and draft == self.draft():
            wrong = wrong_cells(self.tensor, draft)
        for cell in self._all:
            cell.can_focus = not self.attempt.over
            cell.set_class(cell.place in wrong, "-wrong")

    def begin_anew(self) -> None:
        for cell in self._all:
            cell.value = ""

    def unreadable(self) -> Words:
        return Words("Not marked: a cell is no number I can read.", "没有判分：有一格无法读成数。")

    # Moving ------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        if self.attempt.over:
            self.focus()
        else:
            self._open(next((cell for cell in self._all if not cell.value), self._cells[0][0]))

    def go(self, place: tuple[int, int], by: int, *, at_end: bool = False, round: bool = False) -> bool:
        """To the cell that follows the one at `place`, or comes before it; False if there is none."""
        cells = self._all
        to = [cell.place for cell in cells].index(place) + by
        if not round and not 0 <= to < len(cells):
            return False
        self._open(cells[to % len(cells)], at_end=at_end)
        return True

    def fill(self, place: tuple[int, int], texts: list[str]) -> None:
        """Put texts into the cells from the one at `place` on; those that are too many are left out."""
        cells = self._all
        cells = cells[[cell.place for cell in cells].index(place) :]
        for cell, text in zip(cells, texts, strict=False):
            cell.value = text
            self._open(cell, at_end=True)

    def go_to(self, row: int, column: int) -> bool:
        """To the cell there; False if there is none."""
        if not 0 <= row < len(self._cells):
            return False
        self._open(self._cells[row][column])
        return True

    def _open(self, cell: CellField, *, at_end: bool = False) -> None:
        """Into a cell; what is typed takes the place of what is there."""
        self.screen.set_focus(cell)
        cell.selection = Selection.cursor(len(cell.value)) if at_end else Selection(0, len(cell.value))

    # What the learner does ---------------------------------------------------------------------------------------

    def keys(self) -> list[tuple[str, Words]]:
        if self.attempt.over:
            return super().keys()
        if self.open_cell is None:
            return [("enter", Words("type", "输入")), *super().keys()]
        full = all(cell.value.strip() for cell in self._all)
        enter = Words("mark", "判分") if full else Words("next cell", "下一格")
        return [
            ("enter", enter),
            ("tab", Words("next cell", "下一格")),
            *self.hint_key(),
            ("esc", Words("more keys", "更多按键")),
        ]

    def submit(self) -> None:
        """Have the cells marked; while one is empty, go there instead."""
        if self.attempt.over:
            return
        empty = next((cell for cell in self._all if not cell.value.strip()), None)
        if empty is not None and empty is not self.open_cell:
            self._open(empty)
        else:
            self.give(self.draft())

    def action_act(self) -> None:
        if self.attempt.over:
            raise SkipAction
        self.begin()

    def action_try_again(self) -> None:
        super().action_try_again()
        self.begin()

    def kept(self, answer: StepView.Answered) -> None:
        super().kept(answer)
        if self.attempt.over:
            self.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        if not self.attempt.over:
            self.memory["cells"] = self.draft()
            if "-wrong" in event.input.classes:
                self.repaint_answer()
            self.post_message(self.KeysChanged())

    def on_key(self, event: events.Key) -> None:
        typed = event.character
        if typed and self.open_cell is None and not self.attempt.over and narrow(typed) in "0123456789.-+(":
            event.stop()
            self.begin()
            if (cell := self.open_cell) is not None:
                cell.replace(typed, *cell.selection)
