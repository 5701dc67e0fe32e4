"""A list of names that a learner ticks one by one, in the chart's place. It takes no keys itself."""

from __future__ import annotations

from collections.abc import Sequence

from tutor.practice.numbers import narrow
from tutor.ui.widgets.names import Names
from tutor.words import Words


class Ticks(Names):
    """The names `options`, in columns; those of `chosen` are ticked."""

    def __init__(self, options: Sequence[str], chosen: Sequence[str]) -> None:
        super().__init__(options)
        self.ticked = set(chosen)

    def value(self) -> list[str]:
        """What is ticked, in the order of the list."""
        return [option for option in self.options if option in self.ticked]

    def press(self, key: str, character: str | None) -> bool:
        """Do what the key is for here; False if it is for nothing."""
        sign = narrow(character) if character else ""
        if key in ("space", "enter"):
            self.ticked ^= {self.options[self.at]}
        elif sign == "a":
            self.ticked.update(self.options)
        elif sign == "n":
            self.ticked.clear()
        else:
            return self.moves(key)
        return True

    def type(self, sign: str) -> bool:
        """Nothing is typed here."""
        return False

    def keys(self) -> list[tuple[str, Words]]:
        """The keys that do something here."""
        return [("space", Words("tick", "勾选")), ("a", Words("all", "全选")), ("n", Words("none", "全不选"))]

    def size(self) -> str:
        """How many are ticked, of how many: "4 / 15"."""
        return f"{len(self.ticked)} / {len(self.options)}"

    def mark(self, name: str) -> str:
        """A tick, or the place for one."""
        return "[x] " if name in self.ticked else "[ ] "
