"""A list of numbers, or rows of them, while a learner edits it cell by cell. It takes no keys itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from rich.cells import cell_len

from tutor.practice.numbers import narrow, read_number
from tutor.ui.looks import Piece, cut
from tutor.ui.signs import Signs
from tutor.words import Words

TYPED = frozenset("0123456789.-+eE/")
"""What can be typed into a cell."""
MOST = 100
"""Rows, and columns, that can be added."""


class Grid:
    """The cells as texts. A list is a column of cells: `dims` is 1; a new cell holds `fill`."""

    def __init__(
        self, value: list[Any] | None, dims: Literal[1, 2], *, none: bool, fill: float, columns: int = 1
    ) -> None:
        """`none`: whether there may be no table at all; `columns`: how many there are while there are no rows."""
        self.dims, self.may_be_none, self.fill = dims, none, fill
        self.none = value is None
        self.row = self.column = 0
        self.typing = False
        """Whether the next sign goes on with the cell; else it takes the place of what is there."""
        self.wrong: set[tuple[int, int]] = set()
        """Rows and columns of the cells that cannot be taken; whoever takes them says so."""
        rows = value or []
        self.cells = [[_text(cell) for cell in (row if dims == 2 else [row])] for row in rows]
        self.columns = len(self.cells[0]) if self.cells else columns
        self._keys: dict[str, Callable[[], None]] = {
            "up": lambda: self._move(-1, 0),
            "down": lambda: self._move(1, 0),
            "left": lambda: self._move(0, -1),
            "right": lambda: self._move(0, 1),
            "home": lambda: self._move(0, -MOST),
            "end": lambda: self._move(0, MOST),
            "enter": self._on,
            "tab": self._on,
            "backspace": self._erase,
            "a": self._add_row,
            "d": self._remove_row,
            "c": self._add_column,
            "x": self._remove_column,
            "n": self._switch_none,
        }

    def value(self) -> list[Any] | None:
        """What stands here; a cell that is no number as its text."""
        if self.none:
            return None
        return self.shaped([[_number(text) for text in row] for row in self.cells])

    def shaped(self, rows: list[list[Any]]) -> list[Any]:
        """Rows of cells as what stands here: a list of rows, or a list."""
        return rows if self.dims == 2 else [row[0] for row in rows]

    def press(self, key: str, character: str | None) -> bool:
        """Do what the key is for here; False if it is for nothing."""
        sign = narrow(character) if character else ""
        if sign in self._keys or key in self._keys:
            self._keys[sign if sign in self._keys else key]()
            return True
        return self.type(sign)

    def type(self, sign: str) -> bool:
        """Type into the selected cell; False if this cannot be typed there."""
        if sign not in TYPED or not sign or self.none or not self.cells:
            return False
        before = self.cells[self.row][self.column] if self.typing else ""
        if sign in "eE" and not before[-1:].isdigit():
            return False
        self.cells[self.row][self.column] = before + sign
        self.typing = True
        return True

    def _move(self, down: int, right: int) -> None:
        self.typing = False
        self.row = max(min(self.row + down, len(self.cells) - 1), 0)
        self.column = max(min(self.column + right, self.columns - 1), 0)

    def _on(self) -> None:
        """To the next cell, row by row; on the last one, nowhere."""
        if self.column < self.columns - 1:
            self._move(0, 1)
        elif self.row < len(self.cells) - 1:
            self._move(1, -MOST)
        self.typing = False

    def _erase(self) -> None:
        if not self.none and self.cells:
            self.cells[self.row][self.column] = self.cells[self.row][self.column][:-1]
            self.typing = True

    def _add_row(self) -> None:
        if not self.none and len(self.cells) < MOST:
            at = self.row + 1 if self.cells else 0
            self.cells.insert(at, [_text(self.fill)] * self.columns)
            self._move(at - self.row, 0)

    def _remove_row(self) -> None:
        if not self.none and self.cells:
            del self.cells[self.row]
            self._move(0, 0)

    def _add_column(self) -> None:
        if self.dims == 2 and not self.none and self.columns < MOST:
            self.columns += 1
            for row in self.cells:
                row.insert(self.column + 1, _text(self.fill))
            self._move(0, 1)

    def _remove_column(self) -> None:
        if self.dims == 2 and not self.none and self.columns > 1:
            self.columns -= 1
            for row in self.cells:
                del row[self.column]
            self._move(0, 0)

    def _switch_none(self) -> None:
        if self.may_be_none:
            self.none, self.typing = not self.none, False

    # Drawing -------------------------------------------------------------------------------------------------

    def keys(self) -> list[tuple[str, Words]]:
        """The keys that do something here."""
        if self.none:
            return [("n", Words("a table again", "恢复为表"))]
        wide = [("c", Words("+column", "加列")), ("x", Words("-column", "删列"))] if self.dims == 2 else []
        none = [("n", Words("none", "设为无"))] if self.may_be_none else []
        return [("a", Words("+row", "加行")), ("d", Words("-row", "删行")), *wide, *none]

    def size(self, times: str) -> str:
        """How many cells there are, in each direction: "3 × 2"."""
        return f"{len(self.cells)} {times} {self.columns}" if self.dims == 2 else str(len(self.cells))

    def lines(self, width: int, height: int, signs: Signs) -> list[list[Piece]]:
        """The part of the cells around the selected one that `width` x `height` has room for, with their numbers."""
        widest = max(width - 8, 3)
        sizes = [
            min(max((len(row[column]) for row in self.cells), default=1), widest)
            for column in range(self.columns)
        ]
        # As wide as most numbers get, so that typing seldom moves the columns.
        sizes = [max(size, len(str(column)), min(4, widest)) for column, size in enumerate(sizes)]
        edge = len(str(len(self.cells))) + 1
        first = self._first_column(sizes, width - edge - 2)
        head = 1 if self.dims == 2 else 0
        room = max(height - head, 1)
        top = max(min(self.row - room // 2, len(self.cells) - room), 0)
        lines: list[list[Piece]] = []
        if head:
            titles = "".join(f"  {column:>{sizes[column]}} " for column in range(first, self.columns))
            lines.append(cut([(" " * edge + titles, "muted")], width, signs.more))
        for number in range(top, min(top + room, len(self.cells))):
            line: list[Piece] = [(f"{number:>{edge - 1}} ", "muted")]
            for column in range(first, self.columns):
                line += self._cell(number, column, sizes[column], signs)
            lines.append(cut(line, width, signs.more))
        return lines

    def _first_column(self, sizes: list[int], room: int) -> int:
        """From which column on the selected one is in view."""
        first = 0
        while first < self.column and sum(size + 3 for size in sizes[first : self.column + 1]) > room:
            first += 1
        return first

    def _cell(self, row: int, column: int, size: int, signs: Signs) -> list[Piece]:
        here = (row, column) == (self.row, self.column)
        text = self.cells[row][column]
        # Of a long number its end, where it is typed.
        text = text if len(text) <= size else signs.more + text[len(text) - size + cell_len(signs.more) :]
        look = "wrong" if (row, column) in self.wrong else "accent" if here else ""
        pieces: list[Piece] = [(" " * (1 + size - len(text)), ""), (signs.cursor if here else " ", "accent")]
        return [*pieces, (text, look), ("_" if here and self.typing else " ", "accent")]


def _text(cell: Any) -> str:
    return cell if isinstance(cell, str) else f"{cell:.12g}" if isinstance(cell, float) else str(cell)


def _number(text: str) -> float | str:
    read = read_number(text)
    return read if isinstance(read, float) else text
