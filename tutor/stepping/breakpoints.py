"""Breakpoints as the learner types them: one line, its first word says what it is on."""

from __future__ import annotations

import ast

from tutor.protocol.trace import Breakpoint
from tutor.stepping.source import short_file
from tutor.words import Words

_KINDS = {
    "line": "line",
    "def": "function",
    "function": "function",
    "class": "class",
    "exception": "exception",
    "attribute": "attribute",
}
HOW = Words(
    "line 25, def forward, class Module, exception KeyError, attribute weight; then: if x > 1",
    "line 25、def forward、class Module、exception KeyError、attribute weight；后面可加 if x > 1",
)


def read(text: str, file: str) -> Breakpoint | Words:
    """The breakpoint that was typed, a line in `file`; or what is wrong with it."""
    what, is_conditional, condition = f" {text.strip()} ".partition(" if ")
    condition = condition.strip()
    if is_conditional:
        try:
            ast.parse(condition, mode="eval")
        except (SyntaxError, ValueError):
            wrong = Words("`{text}` after `if` is no expression.", "`if` 后面的 `{text}` 不是表达式。")
            return wrong.filled(text=condition)
    kind, _, name = what.strip().partition(" ")
    name = name.strip().removesuffix("()").removeprefix("self.")
    if kind.isdecimal() and not name:
        kind, name = "line", kind
    on = _KINDS.get(kind)
    if on == "line" and name.isdecimal():
        return Breakpoint("line", file=file, line=int(name), condition=condition)
    if on is None or on == "line" or " " in name or (not name and on != "exception"):
        return Words("Not understood. Type one of: {how}.", "没看懂。可以输入：{how}。").filled(how=HOW)
    return Breakpoint(on, name, condition=condition)  # type: ignore[arg-type]


def typed(breakpoint: Breakpoint) -> str:
    """A breakpoint as it is typed."""
    kind = "def" if breakpoint.on == "function" else breakpoint.on
    name = str(breakpoint.line) if breakpoint.on == "line" else breakpoint.name
    condition = f"if {breakpoint.condition}" if breakpoint.condition else ""
    return " ".join(part for part in (kind, name, condition) if part)


def told(breakpoint: Breakpoint) -> str:
    """The same, a line with its file before it."""
    return f"{short_file(breakpoint.file)} {typed(breakpoint)}" if breakpoint.file else typed(breakpoint)
