"""All keys of a page, in words."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tutor.ui.looks import Piece, fitted, wrapped
from tutor.ui.news import advice
from tutor.ui.page import Keys, Page
from tutor.ui.widgets.line_list import GAP, Line, LineList
from tutor.words import Words

EVERYWHERE: Keys = [
    (
        "L, ctrl+l",
        Words("English or Chinese; while typing, only ctrl+l", "切换中英文；输入文字时只能用 ctrl+l"),
    ),
    ("ctrl+p", Words("find a lesson, a lab, a term or a setting", "查找课程、实验、术语或设置")),
    ("?, f1", Words("this page; while typing, only f1", "本页；输入文字时只能用 f1")),
    ("escape", Words("back", "返回")),
    ("ctrl+c", Words("stop what is running", "停止正在运行的代码")),
    ("ctrl+q", Words("quit, from anywhere", "在任何位置退出")),
]


class HelpPage(Page):
    """What to do about a torch that is missing, the keys of the page below, and those that hold everywhere."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "app.pop_screen", show=False)
    ]

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page

    def content(self) -> ComposeResult:
        yield LineList()

    def on_mount(self) -> None:
        self.query_one(LineList).focus()
        self.retell()

    def on_resize(self) -> None:
        self.retell()

    def kernel_changed(self) -> None:
        self.retell()

    def header(self) -> tuple[list[Piece], list[list[Piece]]]:
        _, reports = super().header()
        return [(self.say(Words("Keys", "按键")), "strong")], reports

    def keys(self) -> Keys:
        return [("escape", Words("back", "返回"))]

    def settled_keys(self) -> Keys:
        return super().settled_keys()[:1]

    def retell(self) -> None:
        super().retell()
        lines: list[Line] = []
        kernel = self.tutor.kernel
        if kernel is not None and (words := advice(kernel.state)) is not None:
            # First, so that it is in view whatever the page has to say.
            lines.append(Line(None, [("torch", "strong")]))
            width = max(self.app.size.width - 8, 1)
            lines += [Line(None, [("  " + line, "")]) for line in wrapped(self.say(words), width)]
            lines.append(GAP)
        lines += self._told(Words("On this page", "当前页"), self._page.help_keys())
        lines += [GAP, *self._told(Words("Everywhere", "所有页"), EVERYWHERE)]
        self.query_one(LineList).show(lines)

    def _told(self, heading: Words, keys: Keys) -> list[Line]:
        told = [Line(None, [(self.say(heading), "strong")])]
        for key, words in keys:
            told.append(
                Line(None, [(f"  {fitted(key, max(14, len(key) + 1))}", "accent"), (self.say(words), "")])
            )
        return told
