"""The signs that charts are drawn with, for terminals with Unicode and for those without."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signs:
    """What is drawn with. The first of `lines` and `dots` is for the first curve, and so on."""

    lines: tuple[str, ...]
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
    lines=("braille", "+", "x", "o", "*", "#"),
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
    lines=("*", "+", "x", "o", "%", "#"),
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
