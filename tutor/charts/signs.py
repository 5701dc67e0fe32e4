"""The signs that charts are drawn with, for terminals with Unicode and for those without."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signs:
    """What is drawn with. The first of `lines` and `heads` is for the first curve, and so on."""

    lines: tuple[str, ...]
    heads: tuple[str, ...]
    """What marks the points of a path over level lines."""
    trail: str | None
    """What joins them; None for the path's own sign."""
    level_line: str
    kept: tuple[str, ...]
    samples: dict[str, str]
    """How the legend shows a marker that stands for more than one sign."""
    bar: str
    point: str
    upright: str
    level: str
    corner: str
    tick_x: str
    tick_y: str
    mark_x: str
    mark_y: str
    beyond: dict[str, str]
    more: str


UNICODE = Signs(
    lines=("braille", "+", "x", "o", "*", "#", "▲", "■", "◆", "&", "%", "@", "$", "v", "z"),
    heads=("●", "+", "x", "o", "*", "#", "▲", "■", "◆", "&", "%", "@", "$", "v", "z"),
    trail="braille",
    level_line="braille",
    kept=("·", ":", "˟", "°", "ˈ", "="),
    samples={"braille": "━━", "hd": "▄█"},
    bar="hd",
    point="●",
    upright="│",
    level="─",
    corner="└",
    tick_x="┬",
    tick_y="┤",
    mark_x="┊",
    mark_y="┄",
    beyond={"left": "←", "right": "→", "up": "↑", "down": "↓"},
    more="…",
)
ASCII = Signs(
    lines=("*", "+", "x", "o", "%", "#", "&", "@", "$", "v", "z", "s", "k", "?", "w"),
    heads=("O", "+", "x", "o", "%", "#", "&", "@", "$", "v", "z", "s", "k", "?", "*"),
    trail=None,
    level_line=".",
    kept=(".", ":", "'", ",", '"', "="),
    samples={},
    bar="#",
    point="O",
    upright="|",
    level="-",
    corner="+",
    tick_x="+",
    tick_y="+",
    mark_x=":",
    mark_y="~",
    beyond={"left": "<-", "right": "->", "up": "^", "down": "v"},
    more="...",
)
