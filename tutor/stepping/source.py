"""The source that is stepped through: the lines of a function as they stand in the file that was run."""

from __future__ import annotations

import ast
import inspect
import linecache
import re
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from tutor.protocol.trace import SETUP, SNIPPET, Code
from tutor.words import Words

Span = tuple[int, int, int, int]
"""Line, last line, column, end column; columns in bytes, from 0, as in `Frame.span`."""


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one function, class body or module, and the line of the class or function that it stands in."""

    first: int
    """The number of the first line in its file."""
    lines: Sequence[str]
    """Without the ends of lines."""
    header: tuple[int, str] | None = None

    def __contains__(self, line: int) -> bool:
        return self.first <= line < self.first + len(self.lines)

    def text(self, line: int) -> str:
        """The text of a line, "" if it is not of this block."""
        return self.lines[line - self.first] if line in self else ""


class Sources:
    """Finds the block of any code. `kept` are blocks that a saved recording brought along, by the code's number."""

    def __init__(self, snippet: str, setup: str = "", kept: Mapping[int, Block] | None = None) -> None:
        self._own = {SNIPPET: snippet, SETUP: setup}
        self._kept = kept
        self._blocks: dict[int, Block | None] = {}

    def block(self, code: Code) -> Block | None:
        """The source of `code`; None if there is none, `why_none` says why."""
        if self._kept is not None:
            return self._kept.get(code.id)
        if code.id not in self._blocks:
            own = self._own.get(code.file)
            lines = linecache.getlines(code.file) if own is None else own.splitlines(keepends=True)
            self._blocks[code.id] = _block(lines, code)
        return self._blocks[code.id]

    def calls(self, code: Code, line: int) -> list[tuple[Span, str]]:
        """The calls that are written on a line of `code`, in the order in which Python makes them, each with its text."""
        block = self.block(code)
        if block is None or line not in block:
            return []
        tree = _parsed(block)
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)] if tree is not None else []
        shift = block.first - 2
        found = []
        for call in calls:
            first, last = call.lineno + shift, (call.end_lineno or call.lineno) + shift
            if first == line:
                span = (first, last, call.col_offset, call.end_col_offset or 0)
                found.append((span, ast.unparse(call)))
        # What ends first is called first: arguments before the call, what is called upon before what is called.
        return sorted(found, key=lambda each: (each[0][1], each[0][3]))


def _block(lines: Sequence[str], code: Code) -> Block | None:
    if not 0 < code.line <= len(lines):
        return None
    *_, name = code.qualname.split(".")
    if name == "<module>":
        return Block(1, _bare(lines))
    start = code.line - 1
    if name.startswith("<"):
        # A lambda or a comprehension is read where it stands.
        start = _enclosing(lines, start)
        if start < 0:
            return Block(1, _bare(lines))
    try:
        block = inspect.getblock(lines[start:])
    except (SyntaxError, tokenize.TokenError):
        return Block(1, _bare(lines))
    return Block(start + 1, _bare(block), _header(lines, start))


def _bare(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(line.rstrip("\r\n") for line in lines)


_OPENS = re.compile(r"(class|def|async\s+def)\s")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _above(lines: Sequence[str], start: int) -> int:
    """The line of the class or function that the line at `start` stands in; -1 if there is none."""
    limit = _indent(lines[start])
    for at in range(start - 1, -1, -1):
        if lines[at].strip() and _indent(lines[at]) < limit and _OPENS.match(lines[at].lstrip()):
            return at
    return -1


def _header(lines: Sequence[str], start: int) -> tuple[int, str] | None:
    at = _above(lines, start)
    return None if at < 0 else (at + 1, lines[at].rstrip())


def _enclosing(lines: Sequence[str], start: int) -> int:
    """Where the function begins that the line at `start` stands in, with its decorators."""
    at = start if _OPENS.match(lines[start].lstrip()) else _above(lines, start)
    while at > 0 and lines[at - 1].lstrip().startswith("@") and _indent(lines[at - 1]) == _indent(lines[at]):
        at -= 1
    return at


def _parsed(block: Block) -> ast.Module | None:
    """The tree of a block, its lines numbered from 2; None for what is no Python by itself."""
    # One line above, which makes it a block: columns stay what they are.
    above = "if 1:" if block.lines and block.lines[0][:1].isspace() else ""
    try:
        return ast.parse("\n".join([above, *block.lines]))
    except SyntaxError:
        return None


def short_file(file: str) -> str:
    """A file as it is shown: from the package on, "torch/nn/modules/loss.py"."""
    parts = PurePath(file).parts
    for folder in ("site-packages", "dist-packages"):
        if folder in parts:
            return "/".join(parts[len(parts) - parts[::-1].index(folder) :])
    return file if file in (SNIPPET, SETUP) else "/".join(parts[-2:])


def why_none(code: Code) -> Words:
    """Why there is no source of `code` to show."""
    if code.file.startswith("<"):
        words = Words(
            "{name} was made while the program ran ({file}): there is no file to read it from.",
            "{name} 是程序运行时生成的（{file}），没有可供阅读的源文件。",
        )
    else:
        words = Words(
            "The source of {name} is not in {file}: only what was compiled from it is on this machine.",
            "{file} 中没有 {name} 的源码：这台机器上只有编译后的文件。",
        )
    return words.filled(name=code.qualname, file=short_file(code.file))
