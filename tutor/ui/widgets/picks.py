"""A list of names of which a learner picks one, in the chart's place: what is typed leads to it. It takes no keys itself."""

from __future__ import annotations

from collections.abc import Sequence

from tutor.practice.numbers import narrow
from tutor.ui.widgets.names import Names
from tutor.words import Words

FEW = 6
"""Of more options than this, a choice shows the list; fewer are switched through."""


class Picks(Names):
    """The names `options`, in columns, the cursor at the `chosen` one."""

    def __init__(self, options: Sequence[str], chosen: str) -> None:
        super().__init__(options, options.index(chosen) if chosen in options else 0)
        self._typed = ""
        """The beginning of a name, as far as it was typed."""

    def value(self) -> str:
        """The name at the cursor."""
        return self.options[self.at]

    def press(self, key: str, character: str | None) -> bool:
        """Move, or take a letter as the next one of a name; False if it is for nothing here."""
        sign = narrow(character) if character else ""
        if key == "backspace":
            self._typed = ""
            return True
        if self.moves(key):
            self._typed = ""
            return True
        return self.type(sign)

    def type(self, sign: str) -> bool:
        """On to the nearest name with the beginning that was typed so far; else to the next one that begins anew."""
        if not sign.strip():
            return False
        for typed, start in ((self._typed + sign, self.at), (sign, self.at + 1)):
            turned = [(start + i) % len(self.options) for i in range(len(self.options))]
            found = [at for at in turned if self.options[at].casefold().startswith(typed.casefold())]
            if found:
                self._typed, self.at = typed, found[0]
                return True
        return False

    def keys(self) -> list[tuple[str, Words]]:
        """The keys that do something here."""
        return [
            ("enter", Words("take", "确认")),
            ("esc", Words("leave", "放弃")),
            ("a-z", Words("go to a name", "跳到名称")),
        ]

    def size(self) -> str:
        """Which one, of how many: "4 / 18"."""
        return f"{self.at + 1} / {len(self.options)}"

    def mark(self, name: str) -> str:
        """Nothing stands before a name."""
        return ""
