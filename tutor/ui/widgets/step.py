"""The base of what a step looks like on screen: one view for each kind of step, all with the same few abilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from textual.message import Message
from textual.widget import Widget

from tutor.course.model import AnyStep, Lesson
from tutor.words import Words

if TYPE_CHECKING:
    from tutor.ui.app import TutorApp

Memory = dict[str, Any]
"""What a view wants to find again when the learner returns to its step in this session."""


class StepView(Widget, can_focus=True):
    """One step of a lesson. The screen opens it, focuses it, and asks it what the footer should say.

    A view does no I/O and no marking of its own: it calls the domain and posts what happened. As tall as
    its content unless its CSS says otherwise; the screen scrolls what is taller than the terminal.
    """

    DEFAULT_CSS = "StepView { height: auto; }"
    whole = False
    """Whether it has two panes of its own where there is room, in which the outline is only in the way."""

    class Answered(Message):
        """The learner answered `given`. `outcome` is "right", "wrong" or "shown", after `hints` hints.

        The screen writes it to the store and then calls the view's `kept`; only there may the view say
        what it thinks of the answer. `sure` is what the learner said before, None if nothing; `seed` names the
        variant that was asked, None where there are none.
        """

        def __init__(
            self,
            view: StepView,
            given: str,
            outcome: str,
            hints: int,
            *,
            sure: bool | None = None,
            seed: int | None = None,
        ) -> None:
            super().__init__()
            self.view = view
            self.step = view.step
            self.given = given
            self.outcome = outcome
            self.hints = hints
            self.sure = sure
            self.seed = seed

    class KeysChanged(Message):
        """`keys()` says something else now; the screen repaints the footer."""

    def __init__(self, lesson: Lesson, step: AnyStep, memory: Memory | None = None) -> None:
        super().__init__()
        self.lesson = lesson
        self.step = step
        self.memory: Memory = {} if memory is None else memory
        """Kept by the screen for the session; the view writes into it whatever it will need again."""

    @property
    def tutor(self) -> TutorApp:
        """The app, by its own type."""
        return cast("TutorApp", self.app)

    def say(self, words: Words) -> str:
        """`words` in the learner's language."""
        return self.tutor.say(words)

    def begin(self) -> None:
        """The step is open: take the focus to where the learner's keys are to go."""
        self.focus()

    @property
    def typing(self) -> bool:
        """Whether a field with text in it is open, so that left and right move in it."""
        return False

    def skipped(self) -> Answered | None:
        """What to write down when the learner goes on from here; None where there is nothing to skip."""
        return None

    def reveal(self, widget: Widget, first: int = 0, last: int | None = None) -> None:
        """Scroll, once all is laid out, until these lines of `widget` are in view; the first, if not all fit."""
        self.call_after_refresh(self._reveal, widget, first, last)

    def _reveal(self, widget: Widget, first: int, last: int | None) -> None:
        page = self.parent
        while isinstance(page, StepView):  # a view within a view
            page = page.parent
        if not isinstance(page, Widget) or not widget.is_mounted:
            return
        top = 0
        node: Widget = widget
        while node is not page and isinstance(node.parent, Widget):
            top += node.virtual_region.y
            node = node.parent
        begin, end = top + first, top + (widget.size.height if last is None else last + 1)
        at, height = page.scroll_offset.y, page.scrollable_content_region.height
        at = min(max(at, end - height), begin)
        page.scroll_to(y=max(at, 0), animate=False, force=True)

    def retell(self) -> None:
        """The language changed: say everything anew, and lose no state."""

    def resumed(self) -> None:
        """The page is in view again: what another page above it did may have changed what there is to say."""

    def kept(self, answer: Answered) -> None:
        """`answer` is in the store: say now what there is to say about it."""

    def keys(self) -> list[tuple[str, Words]]:
        """The keys that matter here and now, most important first; the screen adds those of every step."""
        return []

    def help_keys(self) -> list[tuple[str, Words]]:
        """Every key of this step, for the page of keys."""
        return self.keys()
