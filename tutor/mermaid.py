"""A mind map in Mermaid's language: https://mermaid.js.org/syntax/mindmap.html."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Node(NamedTuple):
    """A text and what hangs below it."""

    text: str
    below: Sequence[Node] = ()


def mindmap(root: Node) -> str:
    """The map, a node a line, its depth by its indentation; ends with a line end."""
    lines = ["mindmap", *_lines(root, 1, iter(range(10**9)))]
    return "\n".join(lines) + "\n"


def _lines(node: Node, depth: int, numbers: Iterator[int]) -> Iterator[str]:
    opens, closes = ("((", "))") if depth == 1 else ("[", "]")
    yield f'{"  " * depth}n{next(numbers)}{opens}"{quoted(node.text)}"{closes}'
    for each in node.below:
        yield from _lines(each, depth + 1, numbers)


_ENTITIES = str.maketrans(
    {
        "#": "#35;",
        '"': "#quot;",
        "`": "#96;",
        "%": "#37;",
        "<": "#lt;",
        ">": "#gt;",
        "&": "#amp;",
        "\\": "#92;",
    }
)
"""What would end a quoted text, make it Markdown or HTML, or be taken for a directive (`%%{...}%%`)."""


def quoted(text: str) -> str:
    """Text for within quotation marks, on one line and never empty: Mermaid has no empty text."""
    return " ".join(text.split()).translate(_ENTITIES) or "#nbsp;"
