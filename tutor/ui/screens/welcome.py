"""The one page that a learner sees before the first lesson."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from tutor.ui.page import Keys, Page
from tutor.ui.widgets.line_list import Line, LineList
from tutor.ui.widgets.prose import Prose
from tutor.words import Words

WHAT = Words(
    "Read a little, say what you expect, then let real torch show what happens."
    " You begin with how weights are initialized, and why it decides whether a network learns.",
    "读一点内容，先说出你的预测，再让真实的 torch 给出结果。"
    "第一个主题是权值初始化，以及它为什么决定网络能否学习。",
)
KEPT = Words(
    "Everything you do is saved at once, on this machine only. Leave whenever you like.",
    "你的每一步都会立即保存，而且只保存在本机，可以随时离开。",
)
KEYS: Keys = [
    ("enter", Words("do what the cursor is on", "执行光标所在的操作")),
    ("→ ←", Words("next step, previous step", "下一步、上一步")),
    ("escape", Words("back to the course", "返回课程页")),
    ("L", Words("change the language, at any moment", "随时切换语言")),
    ("?", Words("all keys of the page you are on", "查看当前页的全部按键")),
]


class WelcomePage(Page):
    """What this is, the keys that matter, the choice of the language."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("q", "app.quit", show=False),
    ]

    def content(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Prose()
            yield LineList()

    def on_mount(self) -> None:
        self.query_one(LineList).focus()
        self.retell()

    def retell(self) -> None:
        super().retell()
        signs = self.tutor.signs
        keys = [(key.replace("→", signs.right).replace("←", signs.left), words) for key, words in KEYS]
        self.query_one(Prose).show(
            [
                (self.say(Words("Welcome.", "欢迎。")), "strong"),
                ("", ""),
                (self.say(WHAT), ""),
                ("", ""),
                (self.say(KEPT), ""),
                ("", ""),
                *((f"  {key:8} {self.say(words)}", "muted") for key, words in keys),
                ("", ""),
            ]
        )
        lines = self.query_one(LineList)
        lines.show(
            [
                Line("begin", [(self.say(Words("Begin with lesson 1", "从第 1 课开始")), "")]),
                Line("course", [(self.say(Words("Look at the course first", "先看看课程")), "")]),
                Line("language", [(self.say(self.tutor.switch_words), "")]),
            ],
            lines.key,
        )

    def keys(self) -> Keys:
        return [("enter", Words("begin", "开始"))]

    def settled_keys(self) -> Keys:
        return [*super().settled_keys(), ("q", Words("quit", "退出"))]

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        if event.key == "language":
            self.tutor.action_switch_language()
            return
        self.action_leave()
        lesson = next(iter(self.tutor.index.lessons), None)
        if event.key == "begin" and lesson is not None:
            self.tutor.open_lesson(lesson.id)

    def action_leave(self) -> None:
        """Go to the course; the welcome is not shown again."""
        self.tutor.store.set("welcomed", "yes")
        self.tutor.pop_screen()
