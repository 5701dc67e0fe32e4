"""Screens as SVG: a still picture, or a recording that plays by itself, without scripts or fonts from elsewhere."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from rich.cells import cell_len
from rich.color import Color
from rich.style import Style
from rich.terminal_theme import DIMMED_MONOKAI
from textual.app import App
from textual.strip import Strip

CELL, ROW, SIZE, EDGE = 12, 24, 20, 14
"""Width and height of a cell, size of the letters, margin; in units of the picture."""
FONTS = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', 'Noto Sans CJK SC', 'PingFang SC', monospace"

Screen = Sequence[Strip]


def now(app: App[None]) -> str:
    """The screen as it is."""
    return recording([strips(app)], [1.0], ground(app))


def strips(app: App[None]) -> list[Strip]:
    """What is on the screen, row by row."""
    return app.screen._compositor.render_strips()


def ground(app: App[None]) -> str:
    """The colour behind the screen, `#rrggbb`; black or white where it is the terminal's own."""
    colour = app.current_theme.background or ""
    return colour if colour.startswith("#") else "#000000" if app.current_theme.dark else "#ffffff"


def recording(screens: Sequence[Screen], seconds: Sequence[float], ground: str) -> str:
    """The screens one after another, each for its seconds, over and over. A row that stays is written once.

    Where animations are not played the first screen is seen.
    """
    looks: dict[str, str] = {}
    rows: dict[tuple[int, str], list[int]] = {}
    for number, screen in enumerate(screens):
        for y, strip in enumerate(screen):
            if drawn := "".join(_row(strip, y, ground, looks)):
                rows.setdefault((y, drawn), []).append(number)
    columns = max(strip.cell_length for screen in screens for strip in screen)
    width, height = columns * CELL + 2 * EDGE, max(map(len, screens)) * ROW + 2 * EDGE
    css = "".join(f".{name}{{{look}}}" for look, name in looks.items())
    body = "\n".join(f"<g{_when(shown, seconds)}{drawn}</g>" for (_, drawn), shown in rows.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">\n'
        f"<style>text{{font:{SIZE}px {FONTS};white-space:pre}}{css}</style>\n"
        f'<rect width="{width}" height="{height}" rx="10" fill="{ground}"/>\n'
        f'<g transform="translate({EDGE} {EDGE})">\n{body}\n</g>\n</svg>\n'
    )


def _when(shown: Sequence[int], seconds: Sequence[float]) -> str:
    """The end of the tag of a group that is visible on these screens only."""
    if len(shown) == len(seconds):
        return ">"
    whole = sum(seconds)
    values: list[str] = []
    times: list[str] = []
    for number in range(len(seconds)):
        value = "visible" if number in shown else "hidden"
        if not values or values[-1] != value:
            values.append(value)
            times.append(f"{sum(seconds[:number]) / whole:.4f}".rstrip("0").rstrip(".") or "0")
    return (
        f' visibility="{values[0]}"><animate attributeName="visibility" calcMode="discrete" '
        f'dur="{whole:g}s" repeatCount="indefinite" values="{";".join(values)}" keyTimes="{";".join(times)}"/>'
    )


def _row(strip: Strip, y: int, ground: str, looks: dict[str, str]) -> Iterator[str]:
    """The colours behind a row, then its words, each where its cells are, whatever the font's own widths."""
    x, words = 0, []
    for segment in strip:
        style = segment.style or Style()
        front, back = _colours(style)
        length = cell_len(segment.text)
        if back not in (None, ground):
            yield f'<rect x="{x * CELL}" y="{y * ROW}" width="{length * CELL}" height="{ROW}" fill="{back}"/>'
        look = f"fill:{front}" + (";font-weight:bold" if style.bold else "")
        look += ";text-decoration:underline" if style.underline else ""
        for text in _words(segment.text):
            cells = cell_len(text)
            if text.strip():
                name = looks.setdefault(look, f"c{len(looks)}")
                words.append(
                    f'<text class="{name}" x="{x * CELL}" y="{y * ROW + 18}" textLength="{cells * CELL}" '
                    f'lengthAdjust="spacingAndGlyphs">{escape(text, quote=False)}</text>'
                )
            x += cells
    yield from words


def _words(text: str) -> Iterator[str]:
    """The text cut where blanks begin or end, and where wide letters do."""
    for _, run in groupby(text, key=lambda sign: " " if sign == " " else _is_wide(sign)):
        yield "".join(run)


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF"


def _colours(style: Style) -> tuple[str, str | None]:
    front, back = _hex(style.color, True) or "#000000", _hex(style.bgcolor, False)
    return (back or front, front) if style.reverse else (front, back)


def _hex(colour: Color | None, foreground: bool) -> str | None:
    return None if colour is None else colour.get_truecolor(DIMMED_MONOKAI, foreground).hex
