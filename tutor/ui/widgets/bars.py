"""The lines at the top and the bottom of every page: where we are, and which keys matter here."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.strip import Strip

from tutor.ui.looks import Looks, Piece, cells, cut, spread, wrapped

if TYPE_CHECKING:
    from tutor.ui.page import Page
    from tutor.words import Words

LOW = 18
"""In fewer rows the content comes first: what is said around it is cut to one line."""


class Bar(Looks):
    """A line that says what its page wants said."""

    ALLOW_SELECT = False

    @property
    def page(self) -> Page:
        """The page this line belongs to."""
        return cast("Page", self.screen)

    def retell(self) -> None:
        """Something that is said here changed."""
        self.refresh()

    def rule(self) -> list[Piece]:
        """A line across."""
        return [(" " + self.signs.rule * max(self.app.size.width - 2, 0), "rule")]


class HeaderLine(Bar):
    """One line and a rule: at the left what the page is, at the right what it has to report.

    When the page's `header()` does not fit, the reports at the right go first, the first of them before
    the others; then the left is cut.
    """

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y:
            return self.strip(self.rule(), width)
        left, reports = self.page.header()
        while reports and cells(left) + sum(cells(report) + 3 for report in reports) > width - 2:
            reports = reports[1:]
        right: list[Piece] = []
        for report in reports:
            right += [("   ", ""), *report]
        return self.strip([(" ", ""), *spread(left, right, width - 2, self.signs.more)], width)


class FooterLine(Bar):
    """A rule, or what the page has to say in its place, and the keys that matter here on one line.

    Keys that do not fit are dropped: those of `keys()` from their end, then those of `settled_keys()`, of
    which the last one stays.
    """

    def retell(self) -> None:
        rows = len(self._said()) + 1
        if self.styles.height is None or self.styles.height.value != rows:
            self.styles.height = rows
        self.refresh()

    def on_mount(self) -> None:
        self.retell()

    def render_line(self, y: int) -> Strip:
        said = self._said()
        return self.strip(said[y] if y < len(said) else self._keys(self.size.width), self.size.width)

    def _said(self) -> list[list[Piece]]:
        notice = self.page.notice()
        if notice is None:
            return [self.rule()]
        text, size = self.page.say(notice), self.app.size
        if size.height < LOW:
            return [cut([(" ! " + text, "warn")], size.width, self.signs.more)]
        return [
            [(f" {' ' if at else '!'} {line}", "warn")]
            for at, line in enumerate(wrapped(text, max(size.width - 4, 1))[:4])
        ]

    def _keys(self, width: int) -> list[Piece]:
        keys, settled = self.page.keys(), self.page.settled_keys()
        while (line := self._told([*keys, *settled])) and cells(line) > width:
            if keys:
                keys.pop()
            elif len(settled) > 1:
                settled.pop(0)
            else:
                break
        return cut(line, width, self.signs.more)

    def _told(self, keys: list[tuple[str, Words]]) -> list[Piece]:
        line: list[Piece] = []
        for key, words in keys:
            line += [("   " if line else " ", ""), (key, "accent"), (" " + self.page.say(words), "muted")]
        return line
