"""The cards of the SGD builder's form side by side: a column for each group, a row for each field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from tutor.builder.form import CONSTRUCTOR, GRADIENTS, OF_GROUP, ROWS, WAY, WHOLE, Form
from tutor.builder.groups import Kind
from tutor.ui.looks import Piece, cells, cut
from tutor.ui.signs import Signs
from tutor.words import Language, Words

_LABELS = {
    WAY: Words("built by", "构建方式"),
    "name": Words("name", "名称"),
    "params": Words("params", "params"),
    "shapes": Words("shapes", "形状"),
    "given": Words("given as", "传入形式"),
    GRADIENTS: Words("gradients", "梯度"),
}
_KINDS: Mapping[Kind, Words] = {
    "list": Words("list", "列表"),
    "set": Words("set", "集合"),
    "generator": Words("generator", "生成器"),
    "used up": Words("used up", "已耗尽"),
}
_NARROWEST, _WIDEST = 11, 22
"""Columns of one card."""


class Cards:
    """Draws a form in one language, with one set of signs."""

    def __init__(self, form: Form, signs: Signs, language: Language) -> None:
        self._form, self._signs, self._language = form, signs, language
        self._labels = {row: self._say(_LABELS.get(row, Words(row))) for row in ROWS}
        self._edge = max(cell_len(label) for label in self._labels.values()) + 3
        """Where the cards begin."""

    def _say(self, words: Words) -> str:
        return words.into(self._language)

    def lines(self, width: int) -> list[list[Piece]]:
        """A line for each row below that of the heads; the cards around the cursor where not all fit."""
        form, signs = self._form, self._signs
        heads = {column: self._head(column) for column in form.columns}
        least = max(_NARROWEST, *(cell_len(head) + 3 for head in heads.values()))
        count = min(max((width - self._edge) // least, 1), len(heads))
        size = min((width - self._edge) // count, _WIDEST)
        begin = min(max(form.columns.index(form.column) - count + 1, 0), len(heads) - count)
        shown = form.columns[begin : begin + count]
        head: list[Piece] = [(" " * self._edge, "")]
        for column in shown:
            head += self._cell(heads[column], "strong" if column == form.column else "muted", size)
        sides = ((signs.left, begin > 0), (signs.right, begin + count < len(heads)))
        head.append((" ".join(sign for sign, there in sides if there), "accent"))
        first, *rows = ROWS
        return [
            self._whole(first, width),
            cut(head, width, signs.more),
            *(self._whole(row, width) if row in WHOLE else self._row(row, shown, size) for row in rows),
        ]

    def _label(self, row: str) -> list[Piece]:
        label = self._labels[row]
        look = "strong" if row == self._form.row else ""
        return [("  " + label + " " * (self._edge - 3 - cell_len(label)), look)]

    def _whole(self, row: str, width: int) -> list[Piece]:
        """A field for all groups."""
        here = row == self._form.row
        text = self._way() if row == WAY else self._form.value(row, 0) or self._signs.dash
        return [*self._label(row), *self._field(here, text, width - self._edge + 1)]

    def _row(self, row: str, shown: Sequence[int], size: int) -> list[Piece]:
        pieces = self._label(row)
        for column in shown:
            here = (row, column) == (self._form.row, self._form.column)
            pieces += self._field(here, self._shown(row, column), size)
        return pieces

    def _field(self, here: bool, text: str, size: int) -> list[Piece]:
        """The cursor's sign, then what stands in the field, or what is being typed into it: the end of that."""
        form, more = self._form, self._signs.more
        sign: Piece = (self._signs.cursor if here else " ", "accent")
        if not here or form.draft is None:
            return [sign, *self._cell(text, "accent" if here else "", size - 2), (" ", "")]
        room, text = size - 3, form.draft
        while cell_len(text) > room:
            text = more + text.removeprefix(more)[1:]
        return [sign, *self._cell(text + "_", "wrong" if form.complaint else "accent", size - 2), (" ", "")]

    def _cell(self, text: str, look: str, size: int) -> list[Piece]:
        pieces = cut([(text, look)], size, self._signs.more)
        return [*pieces, (" " * max(size - cells(pieces), 0), "")]

    # Words ---------------------------------------------------------------------------------------------------

    def _shown(self, row: str, column: int) -> str:
        if column == CONSTRUCTOR and row in OF_GROUP:
            return ""
        if row == "given":
            return self._say(_KINDS[self._form.builder.groups[column].kind])
        text = self._form.value(row, column)
        return "[]" if row == "params" and not text else text or self._signs.dash

    def _head(self, column: int) -> str:
        listed = self._form.builder.listed
        if column == CONSTRUCTOR:
            return "SGD(...)"
        if column == 0 and not listed:
            return "0 SGD(...)"
        words = Words("{n} listed", "{n} 列表中") if column < listed else Words("{n} added", "{n} 已添加")
        return self._say(words.filled(n=column))

    def _way(self) -> str:
        listed, count = self._form.builder.listed, len(self._form.builder.groups)
        if listed == count:
            words = Words("a list of dicts for the constructor", "给构造函数一个字典列表")
        elif listed:
            words = Words("a list of {n} dicts, the others added", "{n} 个字典的列表，其余后添加")
        elif count == 1:
            words = Words("the constructor alone", "只用构造函数")
        else:
            words = Words("the constructor, then add_param_group", "构造函数，再用 add_param_group")
        return self._say(words.filled(n=listed))
