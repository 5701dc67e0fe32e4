"""The controls of a lab as lines: a name, what it is set to, and below what may be done with the selected one."""

from __future__ import annotations

from rich.cells import cell_len

from tutor.course.model import Choice, Folder, Toggle
from tutor.course.settings import allowed_by
from tutor.ui.looks import Piece, cut, wrapped
from tutor.ui.signs import Signs
from tutor.ui.widgets.controls import Controls
from tutor.words import Language, Words


def rows(
    controls: Controls, width: int, signs: Signs, language: Language, awake: bool
) -> list[tuple[str, list[Piece]]]:
    """A line for each control, with its name; the selected one is signed if the controls are `awake`."""
    names = controls.names()
    column = min(_column(controls, names, language), max(width // 2, 1))
    rows: list[tuple[str, list[Piece]]] = []
    for name in names:
        control = controls.lab.controls[name]
        here = awake and name == controls.selected
        value = controls.value_text(name, language)
        if controls.is_opened(name):
            value = _shortened(value, max(width - 4 - column, 1), signs.more, isinstance(control, Folder))
        room = width - 4 - cell_len(value)
        label = cut(
            [(_label(controls, name, language), "strong" if here else "")], max(room - 1, 1), signs.more
        )
        gap = max(min(column, room) - sum(cell_len(text) for text, _ in label), 1)
        look = "wrong" if name in controls.complaints else "accent" if here else ""
        pieces: list[Piece] = [(f"{signs.cursor} " if here else "  ", "accent"), *label, (" " * gap, "")]
        pieces.append((value, look))
        if isinstance(control, Choice | Toggle) or controls.is_opened(name):
            pieces.append((f" {signs.fold}", "muted"))
        elif here and controls.typing:
            pieces.append(("_", "accent"))
        rows.append((name, pieces))
    return rows


def advice(controls: Controls, width: int, language: Language) -> list[Piece]:
    """What is wrong with the selected control, else what it is and what it takes; wrapped to `width`."""
    control = controls.control
    if control is None:
        return []
    if controls.selected in controls.complaints and controls.grid is None:
        complaint = controls.complaints[controls.selected].into(language)
        return [(line, "wrong") for line in wrapped(complaint, width)]
    lines = wrapped(control.help.into(language), width) if control.help is not None else []
    if controls.lists and controls.grid is None:
        words = Words("enter lists them, space goes on to the next", "按 enter 列出全部，按空格换下一个")
        lines += wrapped(words.into(language), width)
    elif controls.opens and controls.grid is None:
        lines += wrapped(Words("enter edits it", "按 enter 编辑").into(language), width)
    elif controls.types:
        lines += wrapped(allowed_by(control).into(language).strip(), width)
    return [(line, "muted") for line in lines]


def _label(controls: Controls, name: str, language: Language) -> str:
    return controls.lab.controls[name].label.into(language)


def _column(controls: Controls, names: list[str], language: Language) -> int:
    return min(max((cell_len(_label(controls, name, language)) for name in names), default=0), 12) + 2


def _shortened(text: str, room: int, more: str, end: bool) -> str:
    """The text, or its beginning, or its `end`, with a sign for the rest."""
    if cell_len(text) <= room:
        return text
    if not end:
        return "".join(piece for piece, _ in cut([(text, "")], room, more))
    while text and cell_len(more + text) > room:
        text = text[1:]
    return more + text
