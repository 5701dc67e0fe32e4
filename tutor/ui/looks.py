"""The few looks that text can have, and the themes that colour them.

Every look says again what words and signs say already: without colours nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.theme import Theme
from textual.widget import Widget

if TYPE_CHECKING:
    from tutor.ui.app import TutorApp
    from tutor.ui.signs import Signs

Piece = tuple[str, str]
"""Some text and the name of its look: "" (plain), "strong", "muted", "accent", "rule", "right", "wrong", "warn"."""

_VARIABLES_OF_TERMINAL = {
    "ansi-background": "ansi_default",
    "ansi-foreground": "ansi_default",
    "muted": "ansi_default",
    "muted-style": "dim",
    "rule": "ansi_default",
    "selected": "ansi_default",
    "selected-style": "bold",
    "input-cursor-background": "ansi_default",
    "input-cursor-foreground": "ansi_default",
    "input-cursor-text-style": "reverse",
    "scrollbar": "ansi_white",
    "scrollbar-hover": "ansi_white",
    "scrollbar-active": "ansi_white",
    "scrollbar-background": "ansi_default",
    "scrollbar-background-hover": "ansi_default",
    "scrollbar-background-active": "ansi_default",
}


def _theme(name: str, dark: bool, colours: dict[str, str]) -> Theme:
    """A theme for 256 colours and more, in which `primary` is the one accent."""
    return Theme(
        name=name,
        dark=dark,
        primary=colours["accent"],
        accent=colours["accent"],
        foreground=colours["text"],
        background=colours["page"],
        surface=colours["page"],
        panel=colours["selected"],
        success=colours["right"],
        error=colours["wrong"],
        warning=colours["warn"],
        variables={
            "muted": colours["muted"],
            "muted-style": "none",
            "rule": colours["rule"],
            "selected": colours["selected"],
            "selected-style": "bold",
            "scrollbar": colours["rule"],
            "scrollbar-hover": colours["muted"],
            "scrollbar-active": colours["muted"],
            "scrollbar-background": colours["page"],
        },
    )


def _theme_of_terminal(name: str, dark: bool, accent: str, warn: str) -> Theme:
    """A theme in the terminal's own 16 colours on its own background."""
    return Theme(
        name=name,
        dark=dark,
        ansi=True,
        primary=accent,
        accent=accent,
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        success="ansi_green",
        error="ansi_red",
        warning=warn,
        variables=_VARIABLES_OF_TERMINAL,
    )


THEMES = (
    _theme(
        "dark",
        True,
        {
            "page": "#15171c",
            "text": "#d5d8de",
            "selected": "#262b34",
            "muted": "#8f97a5",
            "rule": "#454c58",
            "accent": "#6fb3f2",
            "right": "#83c787",
            "wrong": "#f08a80",
            "warn": "#e3b765",
        },
    ),
    _theme(
        "light",
        False,
        {
            "page": "#fbfaf7",
            "text": "#23272e",
            "selected": "#e6e8ec",
            "muted": "#5d6673",
            "rule": "#bcc2ca",
            "accent": "#0b5cad",
            "right": "#1d7034",
            "wrong": "#b3261e",
            "warn": "#845400",
        },
    ),
    _theme_of_terminal("dark-16", True, "ansi_bright_cyan", "ansi_yellow"),
    _theme_of_terminal("light-16", False, "ansi_blue", "ansi_magenta"),
)


class Looks(Widget):
    """A widget that draws its lines itself, in the looks of this module."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "look--strong",
        "look--muted",
        "look--accent",
        "look--rule",
        "look--right",
        "look--wrong",
        "look--warn",
        "look--selected",
    }

    @property
    def signs(self) -> Signs:
        """The signs to draw with."""
        return cast("TutorApp", self.app).signs

    def look(self, name: str) -> Style:
        """The style of a look."""
        return self.get_component_rich_style(f"look--{name}") if name else self.rich_style

    def strip(self, pieces: Iterable[Piece], width: int, selected: bool = False) -> Strip:
        """The pieces as one line of exactly `width` cells."""
        under = self.look("selected") if selected else self.rich_style
        over = Style(bgcolor=under.bgcolor, bold=under.bold) if selected else Style.null()
        segments = [Segment(text, self.look(name) + over) for text, name in pieces if text]
        # Fewer segments are fewer bytes: each brings its colours along.
        return Strip(segments).adjust_cell_length(width, under).simplify()


def cells(pieces: Iterable[Piece]) -> int:
    """How many cells the pieces take."""
    return sum(cell_len(text) for text, _ in pieces)


def fitted(text: str, width: int) -> str:
    """The text with spaces behind it, or cut, to exactly `width` cells."""
    return set_cell_size(text, max(width, 0))


def cut(pieces: Iterable[Piece], width: int, more: str) -> list[Piece]:
    """The pieces, with `more` at the end where they would be wider than `width`."""
    pieces, width = list(pieces), max(width, 0)
    if cells(pieces) <= width:
        return pieces
    room = max(width - cell_len(more), 0)
    kept: list[Piece] = []
    for text, name in pieces:
        size = cell_len(text)
        if size > room:
            # Padding of a half cut wide character must not stand before the sign.
            kept.append(
                (set_cell_size(text, room).rstrip() + set_cell_size(more, min(cell_len(more), width)), name)
            )
            return kept
        kept.append((text, name))
        room -= size
    return kept


def spread(left: Iterable[Piece], right: Iterable[Piece], width: int, more: str) -> list[Piece]:
    """`left` at the left, cut if need be, and `right` at the right end of `width` cells."""
    right = list(right)
    room = width - cells(right)
    left = cut(left, room - (1 if right else 0), more)
    return [*left, (" " * max(room - cells(left), 0), ""), *right]


_NEVER_FIRST = frozenset("，。：；！？、）》」』”’…·,.:;!?)]}")
_NEVER_LAST = frozenset("（《「『“‘([{")


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` cells, broken at spaces and between Chinese characters."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in _unbroken(paragraph):
            if cell_len(line + word.rstrip()) > width and line.strip():
                lines.append(line.rstrip())
                line = ""
            while cell_len(word.rstrip()) > width:
                head = set_cell_size(word, width).rstrip() or word[0]
                lines.append(head)
                word = word[len(head) :]
            line += word if line else word.lstrip()
        lines.append(line.rstrip())
    return lines


def _unbroken(text: str) -> list[str]:
    """The text in parts that must not be broken, each with the spaces after it."""
    parts: list[str] = []
    glued = False
    for sign in text:
        wide = cell_len(sign) == 2
        after = parts[-1][-1] if parts else ""
        if parts and (sign == " " or sign in _NEVER_FIRST or after in _NEVER_LAST or (glued and not wide)):
            parts[-1] += sign
        else:
            parts.append(sign)
        glued = not wide and sign != " "
    return parts
