"""The report on screen: the same text that `tutor report` writes to a file."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from tutor.places import cache_folder
from tutor.ui.looks import Piece
from tutor.ui.page import Keys, Page
from tutor.ui.widgets.markup import Sheet
from tutor.words import Words

if TYPE_CHECKING:
    from tutor.report.parts import Report


class ReportPage(Page):
    """What was done, to read. It is put together in a thread, and drawn once."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,e", "app.pop_screen", show=False)]

    _report: Report | None = None
    _text = ""

    def content(self) -> ComposeResult:
        with VerticalScroll():
            yield Sheet(self._blocks)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self._gather()

    @work(exclusive=True)
    async def _gather(self) -> None:
        from tutor.report.gather import Log, gather

        app, now = self.tutor, datetime.now().astimezone()
        log = Log.of(app.store)
        self._report = await asyncio.to_thread(gather, app.folder, app.index, log, cache_folder(), now)
        await self._tell()

    async def _tell(self) -> None:
        from tutor.report.told import markdown

        if self._report is not None:
            ascii = self.tutor.signs.upright == "|"
            self._text = await asyncio.to_thread(markdown, self._report, self.tutor.language, ascii=ascii)
            self.query_one(Sheet).retell()

    def retell(self) -> None:
        super().retell()
        self._tell_anew()

    @work(exclusive=True, group="telling")
    async def _tell_anew(self) -> None:
        await self._tell()

    def header(self) -> tuple[list[Piece], list[list[Piece]]]:
        _, reports = super().header()
        return [(self.say(Words("Report", "学习报告")), "strong")], reports

    def keys(self) -> Keys:
        return [
            ("escape", Words("back", "返回")),
            (f"{self.tutor.signs.up}{self.tutor.signs.down}, pgdn", Words("scroll", "滚动")),
        ]

    def _blocks(self, sheet: Sheet) -> Sequence[RenderableType]:
        if not self._text:
            return [sheet.prose(self.say(Words("Putting it together ...", "正在整理 ...")))]
        how = Words(
            "`tutor report -o report.md` writes this to a file, `report.html` and `report.json` work, too.",
            "`tutor report -o report.md` 可把它写入文件，也可以是 `report.html` 或 `report.json`。",
        )
        # On screen the page's header is the title, and headings are bold.
        body = self._text.partition("\n")[2].strip()
        return [sheet.prose(self.say(how)), sheet.prose(re.sub(r"(?m)^#+ (.*)$", r"**\1**", body))]
