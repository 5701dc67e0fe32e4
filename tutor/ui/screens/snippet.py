"""Code of the learner's own to step through, with a set-up that is not; nothing of it is run before it is Python."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from tutor.ui.looks import Piece, wrapped
from tutor.ui.page import Keys, Page
from tutor.ui.stepper.bars import Said
from tutor.ui.stepper.field import StepField
from tutor.ui.stepper.told import escaped
from tutor.ui.widgets.line_list import Line, LineList
from tutor.ui.widgets.prose import Prose
from tutor.words import Words

EXAMPLES = (
    ("nn.CrossEntropyLoss()", "loss_fn = nn.CrossEntropyLoss()", ""),
    (
        "loss_fn(inputs, target)",
        "loss = loss_fn(inputs, target)",
        "inputs = torch.tensor([[1., 2.], [1., 3.], [1., 3.]])\ntarget = torch.tensor([0, 1, 1])\nloss_fn = nn.CrossEntropyLoss()",
    ),
    (
        "optimizer.step()",
        "optimizer.step()",
        "w = torch.randn(2, 2, requires_grad=True)\noptimizer = optim.SGD([w], lr=0.1, momentum=0.9)\nw.sum().backward()",
    ),
    ("nn.Linear(3, 2)", "layer = nn.Linear(3, 2)", ""),
)
"""Name, what is stepped through, what runs before it."""
_LAST = ("snippet", "last")


class SnippetPage(Page):
    """Two fields of code and some examples; ctrl+r begins."""

    CSS_PATH = "../stepper.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r,f5", "begin", show=False, priority=True),
        Binding("ctrl+o", "open", show=False, priority=True),
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
        Binding("escape", "leave", show=False, priority=True),
    ]

    def content(self) -> ComposeResult:
        last = self.tutor.memories.get(_LAST, {})
        self._heads = (Prose(), Prose())
        self._snippet = TextArea(str(last.get("snippet", "")), id="snippet", soft_wrap=False)
        self._setup = TextArea(str(last.get("setup", "")), id="setup", soft_wrap=False)
        for head, area in zip(self._heads, (self._snippet, self._setup), strict=True):
            area.cursor_blink = False
            area.highlight_cursor_line = False
            yield head
            yield area
        yield Said()
        yield LineList()
        yield StepField()

    def on_mount(self) -> None:
        self.set_class(self.tutor.signs.upright == "|", "-ascii")
        self._snippet.focus()
        self.retell()

    def retell(self) -> None:
        super().retell()
        self._heads[0].show([(self.say(Words("Step through:", "单步执行：")), "strong")])
        about = Words(
            "Run before it, without stepping (torch, nn, F, optim, init and math are there):",
            "先运行、不单步（torch、nn、F、optim、init、math 已导入）：",
        )
        self._heads[1].show([(self.say(about), "strong")])
        head = Line(
            None,
            [
                (
                    self.say(Words("Or one of these: tab, then enter", "或选择示例：按 tab，再按 enter")),
                    "muted",
                )
            ],
        )
        lines = self.query_one(LineList)
        lines.show(
            [head, *(Line(str(i), [(name, "")]) for i, (name, _, _) in enumerate(EXAMPLES))], lines.key
        )

    def header(self) -> tuple[list[Piece], list[list[Piece]]]:
        _, reports = super().header()
        return [(self.say(Words("Step into code", "单步执行代码")), "strong")], reports

    def keys(self) -> Keys:
        return [
            ("ctrl+r", Words("begin", "开始")),
            ("tab", Words("next field", "下一栏")),
            ("ctrl+o", Words("open a recording", "打开记录")),
            ("esc", Words("back", "返回")),
        ]

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        _, self._snippet.text, self._setup.text = EXAMPLES[int(event.key)]
        self.action_begin()

    def action_begin(self) -> None:
        """Step through what is typed, if it is Python."""
        snippet, setup = self._snippet.text, self._setup.text
        wrong = wrong_with(setup, Words("set-up", "准备代码")) or wrong_with(snippet, Words("code", "代码"))
        if wrong is None and not ast.parse(snippet).body:
            wrong = Wrong(
                Words(
                    "There is nothing to step through: type a line.", "没有可以单步执行的代码：请输入一行。"
                )
            )
        self._tell(wrong)
        if wrong is None:
            self.tutor.memories[_LAST] = {"snippet": snippet, "setup": setup}
            self.tutor.open_stepper(snippet, setup)

    def _tell(self, wrong: Wrong | None) -> None:
        said = self.query_one(Said)
        lines: list[list[Piece]] = []
        if wrong is not None:
            lines = [[(line, "wrong")] for line in wrapped(self.say(wrong.words), self.app.size.width - 6)]
            lines += [
                [("  " + line, look)] for line, look in ((wrong.line, ""), (wrong.caret, "wrong")) if line
            ]
        said.styles.height = len(lines)
        said.tell(*lines)

    def action_open(self) -> None:
        """Ask for the file of a recording."""

        def take(text: str) -> None:
            self.run_worker(self.tutor.open_recording(Path(text.strip()).expanduser()))

        self.query_one(StepField).ask(
            "ctrl+o", Words("open", "打开"), take, hint=self.say(Words("a file", "文件"))
        )

    def on_step_field_closed(self) -> None:
        self._snippet.focus()

    def action_leave(self) -> None:
        """Close the field, or leave."""
        field = self.query_one(StepField)
        if field.asked is not None:
            field.action_close()
        else:
            self.tutor.pop_screen()


class Wrong(NamedTuple):
    """A sentence, the line that it is about, and a caret below where it is wrong."""

    words: Words
    line: str = ""
    caret: str = ""


def wrong_with(code: str, where: Words) -> Wrong | None:
    """Why `code` is no Python; None if it is. Nothing is executed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(code, "<code>", "exec", dont_inherit=True)
    except SyntaxError as error:
        words = Words(
            "Not run: line {line} of the {where} is no Python: {why}",
            "未运行：{where}第 {line} 行不是合法的 Python：{why}",
        ).filled(line=error.lineno, where=where, why=error.msg)
        before = escaped((error.text or "")[: max((error.offset or 1) - 1, 0)])
        return Wrong(words, escaped((error.text or "").rstrip("\n")), " " * cell_len(before) + "^")
    except (ValueError, MemoryError, RecursionError, OverflowError) as error:
        words = Words("Not run: the {where} is no Python: {why}", "未运行：{where}不是合法的 Python：{why}")
        return Wrong(words.filled(where=where, why=error))
    return None
