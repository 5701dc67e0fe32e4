"""The views of questions that are answered by choosing one, marking several, or putting lines in order."""

from __future__ import annotations

from typing import ClassVar, cast

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType

from tutor.course.model import ChoiceQuestion, OrderQuestion, SeveralQuestion
from tutor.practice.attempt import arranged
from tutor.ui.widgets.options import Option, Options
from tutor.ui.widgets.question import QuestionView
from tutor.words import Words


class OptionsView(QuestionView):
    """A cursor over the options; up and down move it, and scroll the page where it can go no further."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        *(Binding(str(n), f"number({n - 1})", show=False) for n in range(1, 10)),
    ]

    def answer_widget(self) -> Options:
        self._options = Options()
        return self._options

    @property
    def cursor(self) -> int:
        """The place, from 0, of the line under the cursor."""
        return cast(int, self.memory.get("cursor", 0))

    @property
    def places(self) -> tuple[int, ...]:
        """What lies at each place: indices into the question."""
        return arranged(cast(ChoiceQuestion | SeveralQuestion, self.question))

    def option(self, index: int) -> Option:
        """How the option of this index looks now."""
        raise NotImplementedError

    def repaint_answer(self) -> None:
        cursor = None if self.attempt.over else self.cursor
        self._options.show([self.option(index) for index in self.places], cursor)

    def move_to(self, place: int) -> None:
        """Put the cursor there."""
        self.memory["cursor"] = place
        self.repaint_answer()
        self.reveal(self._options, *self._options.rows(place))

    def action_move(self, by: int) -> None:
        """One line up or down."""
        if self.attempt.over or not 0 <= self.cursor + by < len(self.places):
            raise SkipAction
        self.move_to(self.cursor + by)

    def action_number(self, place: int) -> None:
        """The line of this number."""
        if self.attempt.over or place >= len(self.places):
            raise SkipAction
        self.move_to(place)

    def begin_anew(self) -> None:
        self.memory["cursor"] = 0

    def on_click(self, event: events.Click) -> None:
        if event.widget is self._options and not self.attempt.over:
            place = self._options.option_at(event.y)
            if place is not None:
                self.action_number(place)


class ChoiceView(OptionsView):
    """Exactly one option is right; its number answers at once."""

    def draft(self) -> int:
        return self.places[self.cursor]

    def option(self, index: int) -> Option:
        option = cast(ChoiceQuestion, self.question).options[index]
        answered = self.attempt.verdict is not None or self.attempt.shown
        if not answered or index != self.attempt.draft:
            return Option(self.say(option.text), " ")
        sign, look = (self.tutor.signs.yes, "right") if option.right else (self.tutor.signs.no, "wrong")
        return Option(self.say(option.text), sign, look)

    def action_number(self, place: int) -> None:
        super().action_number(place)
        self.action_act()

    def keys(self) -> list[tuple[str, Words]]:
        if self.attempt.over:
            return super().keys()
        return [("1-9, enter", Words("choose", "选择")), *super().keys()]


class SeveralView(OptionsView):
    """Every right option is to be marked, and no other."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space,x", "toggle_mark", show=False)]

    @property
    def marked(self) -> frozenset[int]:
        """The options that are marked now."""
        return cast("frozenset[int]", self.memory.get("marked", frozenset()))

    def draft(self) -> frozenset[int]:
        return self.marked

    def option(self, index: int) -> Option:
        option = cast(SeveralQuestion, self.question).options[index]
        marked = cast("frozenset[int]", self.attempt.draft) if self.attempt.over else self.marked
        return Option(
            self.say(option.text), "[x]" if index in marked else "[ ]", "accent" if index in marked else ""
        )

    def action_toggle_mark(self) -> None:
        """Mark the option under the cursor, or take the mark away."""
        if self.attempt.over:
            raise SkipAction
        self.memory["marked"] = self.marked ^ {self.places[self.cursor]}
        self.repaint_answer()

    def action_number(self, place: int) -> None:
        super().action_number(place)
        self.action_toggle_mark()

    def begin_anew(self) -> None:
        super().begin_anew()
        self.memory["marked"] = frozenset()

    def keys(self) -> list[tuple[str, Words]]:
        if self.attempt.over:
            return super().keys()
        return [("space", Words("mark", "选中")), ("enter", Words("done", "判分")), *super().keys()]


class OrderView(OptionsView):
    """Lines to put in order: space takes one along with the cursor, shift with an arrow moves it at once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "grab", show=False),
        Binding("shift+up,K", "carry(-1)", show=False),
        Binding("shift+down,J", "carry(1)", show=False),
        Binding("escape", "let_go", show=False),
    ]

    @property
    def places(self) -> tuple[int, ...]:
        if self.attempt.over:
            return cast("tuple[int, ...]", self.attempt.draft)
        return cast(
            "tuple[int, ...]", self.memory.get("order") or arranged(cast(OrderQuestion, self.question))
        )

    @property
    def grabbed(self) -> bool:
        """Whether the line under the cursor moves with it."""
        return bool(self.memory.get("grabbed"))

    def draft(self) -> tuple[int, ...]:
        return self.places

    def option(self, index: int) -> Option:
        signs = self.tutor.signs
        held = self.grabbed and not self.attempt.over and index == self.places[self.cursor]
        text = self.say(cast(OrderQuestion, self.question).lines[index].text)
        return Option(text, f"{signs.up}{signs.down}" if held else "  ", "accent")

    def action_act(self) -> None:
        self._hold(False)
        super().action_act()

    def action_move(self, by: int) -> None:
        if self.grabbed:
            self.action_carry(by)
        else:
            super().action_move(by)

    def action_carry(self, by: int) -> None:
        """Move the line under the cursor."""
        to = self.cursor + by
        if self.attempt.over or not 0 <= to < len(self.places):
            raise SkipAction
        order = list(self.places)
        order[self.cursor], order[to] = order[to], order[self.cursor]
        self.memory["order"] = tuple(order)
        self.move_to(to)

    def action_number(self, place: int) -> None:
        """The cursor goes to the place; a line that is held goes there with it."""
        if self.grabbed and place < len(self.places):
            while self.cursor != place:
                self.action_carry(1 if place > self.cursor else -1)
        else:
            super().action_number(place)

    def action_grab(self) -> None:
        """Take the line, or let go of it."""
        if self.attempt.over:
            raise SkipAction
        self._hold(not self.grabbed)

    def action_let_go(self) -> None:
        """Let go of the line; without one, escape belongs to the page."""
        if not self.grabbed:
            raise SkipAction
        self._hold(False)

    def _hold(self, grabbed: bool) -> None:
        self.memory["grabbed"] = grabbed
        self.repaint_answer()
        self.post_message(self.KeysChanged())

    def begin_anew(self) -> None:
        super().begin_anew()
        self.memory["order"] = None

    def keys(self) -> list[tuple[str, Words]]:
        if self.attempt.over:
            return super().keys()
        if self.grabbed:
            arrows = f"{self.tutor.signs.up} {self.tutor.signs.down}"
            return [(arrows, Words("move the line", "移动这一行")), ("space", Words("put down", "放下"))]
        return [
            ("space", Words("take a line", "拿起一行")),
            ("enter", Words("done", "判分")),
            *super().keys(),
        ]
