"""The atlas: all losses of the course on one page, as a tree by task or as a table, narrowed while one types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from tutor.atlas import (
    HEADS,
    Installed,
    arguments_said,
    beyond_said,
    input_said,
    logits_said,
    target_said,
    where_said,
)
from tutor.course.losses import INSTALLED, Atlas, Loss, narrowed
from tutor.ui.looks import Piece, fitted, wrapped
from tutor.ui.page import Keys, Page
from tutor.ui.widgets.finder import Finder
from tutor.ui.widgets.line_list import GAP, Line, LineList
from tutor.ui.widgets.prose import Prose
from tutor.words import Words

if TYPE_CHECKING:
    from tutor.protocol import Emission

LAB = "loss"
"""The lab that is the bench for any loss, and its control that says which."""
TALL = 28
"""The rows from which on a table leaves room for more than the formula below it."""
TREE_WIDTH = 36
LEAST_FORMULA = 20
"""Columns of a table that are worth a formula."""


class AtlasPage(Page):
    """Tree or table, and below or beside it what else there is to say of the loss under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,a,q", "app.pop_screen", show=False),
        Binding("v", "switch_view", show=False),
    ]

    def __init__(self, atlas: Atlas) -> None:
        super().__init__()
        self.atlas = atlas
        self.installed: Installed | None = None
        """What the installed torch says; None until it was asked."""
        self.as_table = False

    def content(self) -> ComposeResult:
        self.finder = Finder(self._lines, lambda: self.say(_PROMPT))
        self._details = Prose()
        with Container():
            yield self.finder
            yield self._details

    def on_mount(self) -> None:
        self.finder.list.focus()
        self._refill()
        self.call_after_refresh(self._ask_torch)

    @work(exclusive=True)
    async def _ask_torch(self) -> None:
        """Read from the installed torch which losses it has, and their defaults."""
        from tutor.protocol import Table

        kernel = self.tutor.kernel
        if kernel is None or self.installed is not None or self.tutor.refusal() is not None:
            return
        run = kernel.run_lab(self.tutor.folder / INSTALLED, {}, "losses")
        said: list[Emission] = [emission async for batch in run.batches() for emission in batch]
        rows = [row for emission in said if isinstance(emission, Table) for row in emission.rows]
        if rows:
            self.installed = Installed.of(getattr(kernel.state, "torch", ""), rows)
            self._refill()

    # What is around it -----------------------------------------------------------------------------------------

    def header(self) -> tuple[list[Piece], list[list[Piece]]]:
        _, reports = super().header()
        return [(self.say(Words("Atlas of the losses", "损失函数总览")), "strong")], reports

    def keys(self) -> Keys:
        if self.finder.is_open:
            return [("enter", _BENCH), ("escape", Words("all losses", "全部损失函数"))]
        view = Words("as a tree", "树状图") if self.as_table else Words("as a table", "表格")
        return [
            ("enter", _BENCH),
            ("/", Words("filter", "筛选")),
            ("v", view),
            ("escape", Words("back", "返回")),
        ]

    def help_keys(self) -> Keys:
        facets = Words(
            "filter: any word, or task:, input:, target:, shape:, logits:yes",
            "筛选：任意词，或 task:、input:、target:、shape:、logits:是",
        )
        return [
            ("enter", Words("open the loss on its bench", "在实验台上打开该损失函数")),
            ("/", facets),
            ("v", Words("as a tree by task, or as a table", "按任务的树状图，或表格")),
            ("escape", Words("all losses again; then back", "显示全部；再按一次返回")),
        ]

    def retell(self) -> None:
        super().retell()
        self._refill()

    def on_resize(self) -> None:
        super().on_resize()
        self._refill()

    # The list --------------------------------------------------------------------------------------------------

    def action_switch_view(self) -> None:
        """As a table instead of a tree, or as a tree again."""
        self.as_table = not self.as_table
        self._refill()
        self.retell_frame()

    def _refill(self) -> None:
        self.set_class(self.as_table, "-table")
        self.set_class(self.app.size.height < TALL, "-short")
        self.finder.refill()
        self._describe(self.finder.list.key)

    def _lines(self, typed: str) -> list[Line]:
        names = narrowed(self.atlas, typed)
        if not names:
            nothing = Words("No loss fits. Escape shows all.", "没有相符的损失函数，按 escape 显示全部。")
            return [Line(None, [(self.say(nothing), "muted")])]
        lines = list(self._table(names) if self.as_table else self._tree(names))
        return lines if typed else [*lines, *self._beyond()]

    def _beyond(self) -> Iterator[Line]:
        """What the installed torch has beyond the course."""
        if self.installed is None:
            return
        yield GAP
        for line in wrapped(self.say(beyond_said(self.atlas, self.installed)), self._room):
            yield Line(None, [(line, "muted")])

    @property
    def _room(self) -> int:
        """The columns of a line of the list."""
        return (self.app.size.width if self.as_table else TREE_WIDTH) - 5

    def _tree(self, names: Sequence[str]) -> Iterator[Line]:
        """Each task, and on its twigs its losses and the tasks within it."""
        for task in self.atlas.parts(None):
            if self._holds(task, names):
                yield Line(None, [(self.say(self.atlas.tasks[task].title), "strong")])
                yield from self._twigs(task, names, "")

    def _twigs(self, task: str, names: Sequence[str], before: str) -> Iterator[Line]:
        signs = self.tutor.signs
        losses = [name for name in self.atlas.of(task) if name in names]
        parts = [part for part in self.atlas.parts(task) if self._holds(part, names)]
        for number, each in enumerate([*losses, *parts], 1):
            last = number == len(losses) + len(parts)
            twig = (before + (signs.last_twig if last else signs.twig), "rule")
            if each in losses:
                yield Line(each, [twig, (each, "")])
            else:
                yield Line(None, [twig, (self.say(self.atlas.tasks[each].title), "strong")])
                yield from self._twigs(each, names, before + fitted("" if last else signs.upright, 3))

    def _holds(self, task: str, names: Sequence[str]) -> bool:
        """Whether any of the losses is at the task or within it."""
        inside = any(name in names for name in self.atlas.of(task))
        return inside or any(self._holds(part, names) for part in self.atlas.parts(task))

    def _table(self, names: Sequence[str]) -> Iterator[Line]:
        """A heading and a line each; the formula where there is room for it."""
        heads = [self.say(HEADS[each]) for each in ("loss", "input", "target", "range")]
        for dtype in (True, False):
            rows = {name: self._row(name, dtype) for name in self.atlas.losses}
            widths = [max(map(cell_len, column)) + 1 for column in zip(heads, *rows.values(), strict=True)]
            if sum(widths) <= self._room:
                break
        roomy = self._room - sum(widths) >= LEAST_FORMULA

        def cells(row: Sequence[str], formula: str) -> str:
            return "".join(map(fitted, row, widths)) + (formula if roomy else "")

        yield Line(None, [(cells(heads, self.say(HEADS["formula"])), "muted")])
        for name in names:
            yield Line(name, [(cells(rows[name], self.atlas.losses[name].formula), "")])

    def _row(self, name: str, dtype: bool) -> list[str]:
        loss = self.atlas.losses[name]
        return [
            name.removesuffix("Loss"),
            self.say(input_said(self.atlas, loss)),
            self.say(target_said(self.atlas, loss, dtype=dtype)),
            loss.range,
        ]

    # The loss under the cursor ---------------------------------------------------------------------------------

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        self._describe(event.key)

    def _describe(self, name: str | None) -> None:
        if name is None:
            self._details.show([])
            return
        loss = self.atlas.losses[name]
        formula = [(loss.formula, "strong")]
        if self.as_table and self.app.size.height < TALL:
            self._details.show(formula)
            return
        if self.app.size.height >= TALL:
            formula.append((self.say(where_said(self.atlas, loss)), "muted"))
        brief = [
            *formula,
            (self._told("use", loss.use), ""),
            (self._told("avoid", loss.avoid), ""),
        ]
        self._details.show(
            brief if self.as_table else [*self._head(name, loss), *brief, *self._rest(name, loss)]
        )

    def _head(self, name: str, loss: Loss) -> Iterator[Piece]:
        yield f"{name}  {self.say(loss.title)}", "accent"

    def _rest(self, name: str, loss: Loss) -> Iterator[Piece]:
        yield "", ""
        yield self._told("input", input_said(self.atlas, loss)), ""
        yield self._told("target", target_said(self.atlas, loss)), ""
        returns = Words("{range}, {shape} under none", "{range}，none 时形状 {shape}")
        yield self._told("range", returns.filled(range=loss.range, shape=loss.returns)), ""
        yield self._told("logits", logits_said(self.atlas, loss)), ""
        defaults = self.installed.arguments.get(name, {}) if self.installed is not None else {}
        for argument, words in arguments_said(self.atlas, name).items():
            default = f"={defaults[argument]}" if argument in defaults else ""
            yield f"{argument}{default}  {_plain(self.say(words))}", "muted"

    def _told(self, part: str, words: Words) -> str:
        between = Words("{head}: {said}", "{head}：{said}")
        return _plain(self.say(between.filled(head=HEADS[part], said=words)))

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        self.tutor.open_lab(LAB, {LAB: event.key})


_BENCH = Words("try it", "动手试")
_PROMPT = Words(
    "name, task, logits:yes, target:long, shape:(N,C)", "名称、任务、logits:是、target:long、shape:(N,C)"
)


def _plain(text: str) -> str:
    """Without the signs of inline code."""
    return text.replace("`", "")
