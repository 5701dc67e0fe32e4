"""The app: its language and colours, what it says in passing, and the kernel's life beside it."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.events import Event, Key, Resize
from textual.reactive import reactive
from textual.screen import Screen

from tutor.places import log_file
from tutor.ui.looks import THEMES, Piece
from tutor.ui.opening import Opening
from tutor.ui.page import Page
from tutor.ui.painted import Painted
from tutor.ui.signs import ASCII, UNICODE
from tutor.words import Language, Words

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tutor.client import Kernel
    from tutor.course.index import Index
    from tutor.progress.store import Store


class TutorApp(Opening):
    """The whole of what the learner sees. Pages stand on a stack, home at its bottom."""

    CSS_PATH = "tutor.tcss"
    TITLE = "tutor"
    ENABLE_COMMAND_PALETTE = False
    """Ours speaks both languages."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("L", "switch_language", show=False),
        Binding("ctrl+l", "switch_language", show=False, priority=True),
        Binding("question_mark,f1", "help", show=False),
        Binding("ctrl+p", "palette", show=False, priority=True),
    ]

    language: reactive[Language] = reactive(Language.EN, init=False)

    def __init__(
        self,
        folder: Path,
        index: Index,
        store: Store,
        language: Language = Language.EN,
        ascii: bool = False,
        start_at: tuple[str, str | None] | None = None,
        kernel_factory: Callable[[Callable[[object], None]], Kernel] | None = None,
        *,
        foreign: bool = False,
        review: bool = False,
    ) -> None:
        # Without this Textual would paint greys of its own where no colours are wanted.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.folder = folder
        self.index = index
        self.store = store
        self.signs = ASCII if ascii else UNICODE
        self.kernel: Kernel | None = None
        """None until the first paint is done."""
        self.passing_notice: Words | None = None
        """Said above the keys until the next key is pressed."""
        self.log_written: Path | None = None
        """Where an error of our own was written down that ended the app."""
        self._foreign = foreign
        self._start_at = start_at
        self._review = review
        self._painted = Painted()
        self._kernel_factory = kernel_factory
        self._trouble_told: Words | None = None
        self.set_reactive(TutorApp.language, language)
        # Both would put a widget with CSS of its own on every page.
        self._disable_tooltips = self._disable_notifications = True
        self.animation_level = "none"
        for theme in THEMES:
            self.register_theme(theme)
        self.show_theme("light" if store.setting("theme") == "light" else "dark")

    # Words -------------------------------------------------------------------------------------------------

    def say(self, words: Words) -> str:
        """`words` in the learner's language."""
        return words.into(self.language)

    @property
    def switch_words(self) -> Words:
        """What the key that switches the language says: the other language, by its own name."""
        return Words("中文", "English")

    def watch_language(self, language: Language) -> None:
        """Say everything anew, on the pages below too, where they stand."""
        self.store.set("language", language)
        self.retell()

    def retell(self) -> None:
        """Have every page say its words anew."""
        for page in self.pages():
            page.retell()

    def pages(self) -> list[Page]:
        """The pages on the stack, the visible one last."""
        return [screen for screen in self.screen_stack if isinstance(screen, Page)]

    def notify_passing(self, words: Words) -> None:
        """Say something above the keys, until the next key is pressed."""
        self.passing_notice = words
        self._retell_frame()

    def _retell_frame(self) -> None:
        if self.screen_stack and isinstance(self.screen, Page):
            self.screen.retell_frame()

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Key):
            if self.passing_notice is not None:
                self.passing_notice = None
                self._retell_frame()
            await super().on_event(event)
            self.tell_trouble()
            return
        if isinstance(event, Resize):
            self._painted.forget()
        await super().on_event(event)

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        # What is not sent because of these must not be taken for painted.
        if renderable is not None and self._running and not self._batch_count and not self._closed:
            renderable = self._painted.changes(renderable)
        super()._display(screen, renderable)

    def tell_trouble(self) -> None:
        """Say once what went wrong with the progress file since it was last said."""
        if self.store.trouble != self._trouble_told:
            self._trouble_told = self.store.trouble
            if self.store.trouble is not None:
                self.notify_passing(self.store.trouble)

    def refusal(self) -> Words | None:
        """Why nothing of this folder may be run; None if it may."""
        if not self._foreign:
            return None
        from tutor.course.trust import is_agreed, opened, trust_of

        if is_agreed(trust_of(self.folder), self.store):
            return None
        self.store.set(opened(self.folder), "")
        return Words(
            "Not run: the Python of these lessons is not what you agreed to. Leave and start tutor again: it asks.",
            "未运行：这些课程的 Python 代码与你确认过的版本不同。请退出并重新启动 tutor，它会再次询问。",
        )

    # Pages -------------------------------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[None]:
        from tutor.ui.screens.home import HomePage

        return HomePage()

    def on_mount(self) -> None:
        self._listen_to_signals()
        if self._start_at is not None:
            self.open_lesson(*self._start_at)
        elif self._review:
            self.open_review()
        elif self.store.place() is None and self.store.setting("welcomed") is None:
            from tutor.ui.screens.welcome import WelcomePage

            self.push_screen(WelcomePage())
        self.call_after_refresh(self._start_kernel)

    def action_switch_language(self) -> None:
        """Go on in the other language."""
        self.language = self.language.other

    def action_help_quit(self) -> None:
        """`ctrl+c`: stop what runs here; it never ends the app, but says what does."""
        page = self.screen
        if not (isinstance(page, Page) and page.interrupt()):
            self.notify_passing(
                Words("ctrl+q quits; on the course page q does, too.", "按 ctrl+q 退出；在课程页也可以按 q。")
            )

    # Colours -----------------------------------------------------------------------------------------------

    @property
    def theme_name(self) -> str:
        """The theme by the name that the learner knows: "dark" or "light"."""
        return self.theme.removesuffix("-16")

    def show_theme(self, name: str) -> None:
        """Show "dark" or "light", in the terminal's own colours where it has only 16, or where none are wanted."""
        plain = self.no_color or self.console.color_system in (None, "standard")
        self.theme = f"{name}-16" if plain else name

    def action_switch_theme(self) -> None:
        """Dark instead of light, or light instead of dark, from now on."""
        name = "light" if self.theme_name == "dark" else "dark"
        self.show_theme(name)
        self.store.set("theme", name)

    # The kernel --------------------------------------------------------------------------------------------

    async def _start_kernel(self) -> None:
        gc.enable()  # the first paint is done; see the command
        if self._kernel_factory is None:
            from tutor.client import Kernel

            self._kernel_factory = Kernel
        self.kernel = self._kernel_factory(self._on_news)
        self.run_worker(self.kernel.start(), name="kernel", exit_on_error=True)

    def _on_news(self, news: object) -> None:
        for page in self.pages():
            page.kernel_changed()

    def news(self) -> list[Piece]:
        """What the kernel is doing, for the corner of the header."""
        if self.kernel is None:
            return [(self.say(Words("starting torch ...", "正在启动 torch ...")), "muted")]
        from tutor.ui.news import told

        return told(self.kernel.state, self.language)

    # The end -----------------------------------------------------------------------------------------------

    def _listen_to_signals(self) -> None:
        for name in ("SIGHUP", "SIGTERM"):
            if hasattr(signal, name) and sys.platform != "win32":
                asyncio.get_running_loop().add_signal_handler(getattr(signal, name), self.exit)

    async def on_unmount(self) -> None:
        if self.kernel is not None:
            await self.kernel.close()

    def _fatal_error(self) -> None:
        """An error of our own: written down, and a sentence for the learner instead of a traceback."""
        self._exit_renderables.append(self.say(self._written_down(traceback.format_exc())))
        self._close_messages_no_wait()

    def _written_down(self, trace: str) -> Words:
        path = log_file()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as log:
                log.write(trace + "\n")
        except OSError as error:
            return Words(
                "tutor ended because of an error of its own, and could not write it to {path} ({error}):\n{trace}",
                "tutor 因自身错误而退出，且无法把错误写入 {path}（{error}）：\n{trace}",
            ).filled(path=path, error=error, trace=trace)
        self.log_written = path
        return Words(
            "tutor ended because of an error of its own: {what}. Your progress is saved. The details are in {path}.",
            "tutor 因自身错误而退出：{what}。学习进度已保存，详细信息见 {path}。",
        ).filled(what=trace.strip().splitlines()[-1], path=path)


def run_app(
    folder: Path,
    index: Index,
    store: Store,
    *,
    language: Language,
    ascii: bool = False,
    start_at: tuple[str, str | None] | None = None,
    foreign: bool = False,
    review: bool = False,
) -> int:
    """Run the app until the learner leaves; the exit status. `foreign`: the lessons are not our own."""
    app = TutorApp(folder, index, store, language, ascii, start_at, foreign=foreign, review=review)
    app.run()
    return app.return_code or 0
