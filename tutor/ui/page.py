"""The frame that all pages share: a header line, the page's own content, a footer line."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.screen import Screen

from tutor.ui.looks import Piece
from tutor.ui.widgets.bars import LOW, FooterLine, HeaderLine
from tutor.words import Language, Words

if TYPE_CHECKING:
    from tutor.ui.app import TutorApp

Keys = list[tuple[str, Words]]
"""Keys, as the learner would name them, and what each does."""

COMPLETE = (80, 24)
"""The columns and rows from which on everything is shown."""


class Page(Screen[None]):
    """A screen of the tutor. What a page says beside its content, it says through these methods."""

    @property
    def tutor(self) -> TutorApp:
        """The app, by its own type."""
        return cast("TutorApp", self.app)

    def say(self, words: Words) -> str:
        """`words` in the learner's language."""
        return self.tutor.say(words)

    def compose(self) -> ComposeResult:
        yield HeaderLine()
        yield from self.content()
        yield FooterLine()

    def content(self) -> ComposeResult:
        """What stands between header and footer; one widget of height 1fr fills it."""
        yield from ()

    def header(self) -> tuple[list[Piece], list[list[Piece]]]:
        """The left of the header line, and the reports at its right, those to be dropped first at first."""
        title = [("tutor", "accent"), ("   ", ""), (self.say(self.tutor.index.title), "strong")]
        return title, [self.tutor.news(), [("EN" if self.tutor.language is Language.EN else "中文", "muted")]]

    def keys(self) -> Keys:
        """The keys that matter on this page now, most important first."""
        return []

    def settled_keys(self) -> Keys:
        """The keys at the end of the footer line, which all pages have; other ones while letters are typed."""
        typing = self.focused is not None and self.focused.check_consume_key("L", "L")
        language, keys = ("ctrl+l", "f1") if typing else ("L", "?")
        return [(language, self.tutor.switch_words), (keys, Words("keys", "按键"))]

    def help_keys(self) -> Keys:
        """Every key of this page, for the page of keys; those that hold everywhere are added there."""
        return self.keys()

    def notice(self) -> Words | None:
        """What stands above the keys in place of the rule."""
        if self.tutor.passing_notice is not None:
            return self.tutor.passing_notice
        if self.tutor.store.unsaved:
            return Words(
                "Progress is not saved at present; `tutor doctor` says why.",
                "目前无法保存进度，运行 `tutor doctor` 查看原因。",
            )
        size = self.app.size
        if size.width < COMPLETE[0] or size.height < COMPLETE[1]:
            return Words(
                "{size} < {complete}: some things are cut off.", "{size} < {complete}：部分内容显示不全。"
            ).filled(size=f"{size.width}x{size.height}", complete="{}x{}".format(*COMPLETE))
        return None

    def interrupt(self) -> bool:
        """Stop what is running on this page, if anything is; `ctrl+c` asks for it."""
        return False

    def retell(self) -> None:
        """The language changed: say everything anew and lose no state."""
        self.retell_frame()

    def retell_frame(self) -> None:
        """Say anew what stands around the content, and what went wrong meanwhile."""
        self.tutor.tell_trouble()
        for bar in (*self.query_children(HeaderLine), *self.query_children(FooterLine)):
            bar.retell()

    def kernel_changed(self) -> None:
        """The kernel said something of itself."""
        for bar in self.query_children(HeaderLine):
            bar.retell()

    def on_resize(self) -> None:
        self.set_class(self.app.size.height < LOW, "-low")
        self.retell_frame()

    def on_descendant_focus(self) -> None:
        # Which keys matter may depend on where the focus is.
        self.retell_frame()

    def on_screen_resume(self) -> None:
        self.retell_frame()
