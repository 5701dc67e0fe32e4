"""A list of names in the chart's place, with a cursor in it: what ticking and picking have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len

from tutor.ui.looks import Piece, cut
from tutor.ui.signs import Signs


class Names:
    """The names `options`, in columns; one of them is at the cursor. It takes no keys itself."""

    def __init__(self, options: Sequence[str], at: int = 0) -> None:
        self.options = list(options)
        self.at = at
        self.wrong: set[tuple[int, int]] = set()
        """Nothing can be wrong with a name of the list; a table of cells has some here."""
        self._rows = len(self.options)
        """How many names stood below each other when they were last drawn."""
        self._moves: dict[str, Callable[[], None]] = {
            "up": lambda: self._move(-1),
            "down": lambda: self._move(1),
            "left": lambda: self._move(-self._rows),
            "right": lambda: self._move(self._rows),
            "home": lambda: self._move(-len(self.options)),
            "end": lambda: self._move(len(self.options)),
        }

    def moves(self, key: str) -> bool:
        """Move the cursor, if the key is for that."""
        move = self._moves.get(key)
        if move is not None:
            move()
        return move is not None

    def _move(self, by: int) -> None:
        to = self.at + by
        if abs(by) == 1 or abs(by) == len(self.options) or 0 <= to < len(self.options):
            self.at = min(max(to, 0), len(self.options) - 1)

    # Drawing -------------------------------------------------------------------------------------------------

    def size(self) -> str:
        """How far in the list, or how much of it: "4 / 15"."""
        raise NotImplementedError

    def mark(self, name: str) -> str:
        """What stands before a name."""
        raise NotImplementedError

    def lines(self, width: int, height: int, signs: Signs) -> list[list[Piece]]:
        """The names, in as many columns as it takes; where even those do not fit, the ones around the cursor."""
        wide = max(map(cell_len, self.options)) + 4 + len(self.mark(self.options[0]))
        columns = min(-(-len(self.options) // height), max(width // wide, 1))
        self._rows = rows = -(-len(self.options) // columns)
        top = max(min(self.at % rows - height // 2, rows - height), 0)
        lines: list[list[Piece]] = []
        for row in range(top, min(top + height, rows)):
            line: list[Piece] = []
            for index in range(row, len(self.options), rows):
                name, here = self.options[index], index == self.at
                mark = self.mark(name)
                line.append((f" {signs.cursor if here else ' '} ", "accent"))
                line.append((mark, "accent" if mark.strip(" []") else ""))
                gap = wide - 3 - len(mark) - cell_len(name)
                line.append((name + " " * gap, "strong" if here else ""))
            lines.append(cut(line, width, signs.more))
        return lines
