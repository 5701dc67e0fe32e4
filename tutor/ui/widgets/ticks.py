"""A list of names that a learner ticks one by one, in the chart's place. It takes no keys itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len

from tutor.practice.numbers import narrow
from tutor.ui.looks import Piece, cut
from tutor.ui.signs import Signs
from tutor.words import Words


class Ticks:
    """The names `options`, in columns; those of `chosen` are ticked."""

    def __init__(self, options: Sequence[str], chosen: Sequence[str]) -> None:
        self.options = list(options)
        self.ticked = set(chosen)
        self.at = 0
        self.wrong: set[tuple[int, int]] = set()
        """Nothing can be wrong with a tick; a table of cells has some here."""
        self._rows = len(self.options)
        """How many names stood below each other when they were last drawn."""
        self._keys: dict[str, Callable[[], None]] = {
            "up": lambda: self._move(-1),
            "down": lambda: self._move(1),
            "left": lambda: self._move(-self._rows),
            "right": lambda: self._move(self._rows),
            "home": lambda: self._move(-len(self.options)),
            "end": lambda: self._move(len(self.options)),
            "space": self._switch,
            "enter": self._switch,
            "a": lambda: self.ticked.update(self.options),
            "n": lambda: self.ticked.clear(),
        }

    def value(self) -> list[str]:
        """What is ticked, in the order of the list."""
        return [option for option in self.options if option in self.ticked]

    def press(self, key: str, character: str | None) -> bool:
        """Do what the key is for here; False if it is for nothing."""
        sign = narrow(character) if character else ""
        act = self._keys.get(sign if sign in self._keys else key)
        if act is not None:
            act()
        return act is not None

    def type(self, sign: str) -> bool:
        """Nothing is typed here."""
        return False

    def _move(self, by: int) -> None:
        to = self.at + by
        if abs(by) == 1 or abs(by) == len(self.options) or 0 <= to < len(self.options):
            self.at = min(max(to, 0), len(self.options) - 1)

    def _switch(self) -> None:
        self.ticked ^= {self.options[self.at]}

    # Drawing -------------------------------------------------------------------------------------------------

    def keys(self) -> list[tuple[str, Words]]:
        """The keys that do something here."""
        return [("space", Words("tick", "勾选")), ("a", Words("all", "全选")), ("n", Words("none", "全不选"))]

    def size(self) -> str:
        """How many are ticked, of how many: "4 / 15"."""
        return f"{len(self.ticked)} / {len(self.options)}"

    def lines(self, width: int, height: int, signs: Signs) -> list[list[Piece]]:
        """The names, in as many columns as it takes; where even those do not fit, the ones around the cursor."""
        wide = max(map(cell_len, self.options)) + 8
        columns = min(-(-len(self.options) // height), max(width // wide, 1))
        self._rows = rows = -(-len(self.options) // columns)
        top = max(min(self.at % rows - height // 2, rows - height), 0)
        lines: list[list[Piece]] = []
        for row in range(top, min(top + height, rows)):
            line: list[Piece] = []
            for index in range(row, len(self.options), rows):
                name, here = self.options[index], index == self.at
                tick = "[x]" if name in self.ticked else "[ ]"
                line.append((f" {signs.cursor if here else ' '} ", "accent"))
                line.append((f"{tick} ", "accent" if name in self.ticked else ""))
                line.append((name + " " * (wide - 7 - cell_len(name)), "strong" if here else ""))
            lines.append(cut(line, width, signs.more))
        return lines
