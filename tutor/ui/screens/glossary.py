"""The glossary: each key term in both languages side by side, and what it means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tutor.ui.looks import Piece, fitted
from tutor.ui.page import Keys, Page
from tutor.ui.widgets.finder import Finder, found
from tutor.ui.widgets.line_list import GAP, Line, LineList
from tutor.ui.widgets.prose import Prose
from tutor.words import Words

if TYPE_CHECKING:
    from tutor.course.model import Term


class GlossaryPage(Page):
    """All terms, those of the step it was opened from first."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,g", "app.pop_screen", show=False)]

    def __init__(self, first: Sequence[str] = (), show: str | None = None) -> None:
        super().__init__()
        self._first = first
        self._show = show
        self._terms: dict[str, Term] = {}

    def content(self) -> ComposeResult:
        self.finder = Finder(
            self._lines, lambda: self.say(Words("a term in either language", "中文或英文术语"))
        )
        yield self.finder
        yield Prose()

    def on_mount(self) -> None:
        self._terms = self.tutor.glossary()
        self.finder.list.focus()
        self.finder.refill(self._show)

    def header(self) -> tuple[list[Piece], list[list[Piece]]]:
        _, reports = super().header()
        return [(self.say(Words("Glossary", "术语表")), "strong")], reports

    def keys(self) -> Keys:
        if self.finder.is_open:
            return [("escape", Words("all terms", "全部术语"))]
        return [("/", Words("find", "查找")), ("escape", Words("back", "返回"))]

    def help_keys(self) -> Keys:
        return [
            ("/", Words("find a term by typing, in either language", "输入中文或英文查找术语")),
            ("escape", Words("all terms again; then back", "显示全部术语；再按一次返回")),
        ]

    def retell(self) -> None:
        super().retell()
        self.finder.refill()
        self._describe(self.finder.list.key)

    def _lines(self, typed: str) -> list[Line]:
        first = [id for id in self._first if id in self._terms]
        rest = sorted(
            (id for id in self._terms if id not in first), key=lambda id: self._terms[id].term.en.casefold()
        )
        groups = [
            [
                self._line(id)
                for id in group
                if found(typed, id, self._terms[id].term.en, self._terms[id].term.zh)
            ]
            for group in (first, rest)
        ]
        if first and groups[0]:
            groups[0].insert(
                0, Line(None, [(self.say(Words("Terms of this step", "这一步的术语")), "strong")])
            )
            if groups[1]:
                groups[1][:0] = [
                    GAP,
                    Line(None, [(self.say(Words("All other terms", "其他术语")), "strong")]),
                ]
        nothing = Words(
            "No term is called that. Escape shows all of them.", "没有这样的术语，按 escape 显示全部。"
        )
        return groups[0] + groups[1] or [Line(None, [(self.say(nothing), "muted")])]

    def _line(self, id: str) -> Line:
        term = self._terms[id].term
        return Line(id, [(fitted(term.en, 36) + " ", ""), (term.zh, "")])

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        self._describe(event.key)

    def _describe(self, id: str | None) -> None:
        term = self._terms.get(id or "")
        if term is None:
            self.query_one(Prose).show([])
            return
        self.query_one(Prose).show(
            [
                (f"{term.term.en}   {term.term.zh}", "strong"),
                (term.means.en, ""),
                (term.means.zh, ""),
            ]
        )
