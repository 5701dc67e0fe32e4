"""The palette: lessons, labs, terms, settings and what can be done, found by typing in either language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tutor.ui.looks import Piece
from tutor.ui.page import Keys, Page
from tutor.ui.widgets.finder import Finder, found
from tutor.ui.widgets.line_list import Line, LineList
from tutor.words import Words


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that the palette offers."""

    kind: Words
    name: Words
    also: str
    """What it can be found by beside its name."""
    act: Callable[[], object]


class PalettePage(Page):
    """A field and all that fits what was typed into it; enter does it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "app.pop_screen", show=False, priority=True)]

    def content(self) -> ComposeResult:
        self._entries = self._offers()
        self.finder = Finder(
            self._lines, lambda: self.say(Words("a lesson, lab, term or setting", "课程、实验、术语或设置"))
        )
        yield self.finder

    def on_mount(self) -> None:
        self.finder.refill()
        self.finder.action_open()

    def header(self) -> tuple[list[Piece], list[list[Piece]]]:
        _, reports = super().header()
        return [(self.say(Words("Find", "查找")), "strong")], reports

    def keys(self) -> Keys:
        return [("enter", Words("go there", "前往")), ("escape", Words("back", "返回"))]

    def retell(self) -> None:
        super().retell()
        self.finder.refill()

    def _offers(self) -> list[Entry]:
        app = self.tutor
        action, setting = Words("action", "操作"), Words("setting", "设置")
        offers = [
            Entry(action, Words("Back to the course", "返回课程页"), "home", app.go_home),
            Entry(
                action, Words("Review: questions due again", "复习：到期的题目"), "due fsrs", app.open_review
            ),
            Entry(
                action,
                Words("Report: what you did, to hand in", "报告：学习记录，可以上交"),
                "score homework 作业 成绩",
                app.open_report,
            ),
            Entry(
                action,
                Words(
                    "Step into code: any lines you type, or a recording",
                    "单步执行代码：任意输入的代码，或打开记录",
                ),
                "stepper debugger trace 调试 步进 nn.CrossEntropyLoss",
                app.open_snippet,
            ),
            Entry(
                action,
                Words("Atlas: all losses at a glance", "总览：全部损失函数"),
                "losses mind map 图谱 思维导图",
                app.open_atlas,
            ),
            Entry(action, Words("Glossary", "术语表"), "terms", app.open_glossary),
            Entry(action, Words("Keys", "按键"), "help", app.action_help),
            Entry(action, Words("Quit", "退出"), "exit", app.exit),
            Entry(
                setting,
                Words("Language: change to Chinese", "语言：切换为英文"),
                "language 语言 English 中文",
                app.action_switch_language,
            ),
            Entry(
                setting,
                Words("Colours: dark instead of light, or back", "配色：切换深色与浅色"),
                "theme colors 主题",
                app.action_switch_theme,
            ),
        ]
        for number, entry in enumerate(app.index.lessons, 1):
            offers.append(
                Entry(
                    Words("lesson {n}", "第 {n} 课").filled(n=number),
                    entry.title,
                    entry.id,
                    partial(app.open_lesson, entry.id),
                )
            )
            offers += [
                Entry(Words("lab", "实验"), lab.title, lab.id, partial(app.open_lab, lab.id))
                for lab in entry.labs
            ]
        offers += [
            Entry(Words("term", "术语"), term.term, id, partial(app.open_glossary, show=id))
            for id, term in app.glossary().items()
        ]
        return offers

    def _lines(self, typed: str) -> list[Line]:
        lines = [
            Line(str(at), [(self.say(offer.name), "")], [(self.say(offer.kind), "muted")])
            for at, offer in enumerate(self._entries)
            if found(typed, offer.name.en, offer.name.zh, offer.kind.en, offer.kind.zh, offer.also)
        ]
        return lines or [
            Line(None, [(self.say(Words("Nothing is called that.", "没有相符的内容。")), "muted")])
        ]

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        self.tutor.pop_screen()
        self._entries[int(event.key)].act()
