"""Markdown in which what a learner typed is shown and never obeyed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tutor.labrun import harmless


def escaped(text: str) -> str:
    """Text on one line in which nothing is a sign of Markdown or HTML."""
    # An underscore within a word is no sign.
    return re.sub(r"([\\`*\[\]<>|#&~]|(?<!\w)_|_(?!\w))", r"\\\1", one_line(text))


def code(text: str) -> str:
    """Text as code within a line, exactly as it is."""
    text = one_line(text)
    fence = "`" * (_longest_run(text) + 1)
    pad = " " if text[:1] in ("`", " ", "") or text[-1:] in ("`", " ") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def fenced(text: str, language: str = "text") -> str:
    """Text as a block of its own, exactly as it is."""
    text = harmless(text).strip("\n")
    fence = "`" * max(_longest_run(text) + 1, 3)
    return f"{fence}{language}\n{text}\n{fence}"


def quoted(text: str) -> str:
    """A lesson's Markdown as a quotation."""
    return "\n".join(f"> {line}".rstrip() for line in harmless(text).strip().split("\n"))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = True) -> str:
    """A table; the first column of it is text, the others are numbers unless that is denied."""
    lines = [heads, ["---", *(["---:" if numbers else "---"] * (len(heads) - 1))], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def one_line(text: str) -> str:
    """Text without line ends and control characters."""
    return " ".join(harmless(text).split("\n"))


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
