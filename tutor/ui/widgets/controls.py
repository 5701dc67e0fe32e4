"""A lab's controls: their values, what is being typed into them, and how they are drawn. It takes no keys itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.cells import cell_len

from tutor.charts import shown
from tutor.course.model import AnyControl, Choice, Lab, Toggle
from tutor.course.settings import SettingError, allowed_by, fit, settle
from tutor.labwords import is_shown
from tutor.practice.numbers import narrow, read_number
from tutor.ui.looks import Piece, cut, wrapped
from tutor.ui.signs import Signs
from tutor.words import Language, Words

TYPED = frozenset("0123456789.-+eE/")
"""What can be typed into a number."""


@dataclass(slots=True)
class Controls:
    """The settings of one lab as a learner turns them."""

    lab: Lab
    preset: Mapping[str, Any]
    """What the step sets otherwise than the lab."""
    values: dict[str, Any] = field(default_factory=dict)
    selected: str = ""
    drafts: dict[str, str] = field(default_factory=dict)
    """What is being typed, as it stands; kept where it cannot be a value."""
    complaints: dict[str, Words] = field(default_factory=dict)
    _before: dict[str, Any] = field(default_factory=dict)
    """The values that drafts are about to replace."""

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Everything as the step began."""
        self.values = settle(self.lab, {}, self.preset)
        self.drafts.clear()
        self.complaints.clear()
        if self.selected not in self.names():
            self.selected = next(iter(self.names()), "")

    def names(self) -> list[str]:
        """The controls that count at the present values."""
        return [name for name in self.lab.controls if is_shown(self.lab, name, self.values)]

    @property
    def control(self) -> AnyControl | None:
        """The selected control."""
        return self.lab.controls.get(self.selected)

    @property
    def chooses(self) -> bool:
        """Whether the selected control is one to be switched through."""
        return isinstance(self.control, Choice | Toggle)

    @property
    def typing(self) -> bool:
        """Whether something is being typed into the selected control."""
        return self.selected in self.drafts

    def settings(self) -> dict[str, Any]:
        """The values to run with. Raises `SettingError` where what is typed is none."""
        for name in self.names():
            if name in self.complaints:
                self.selected = name
                raise SettingError(self.complaints[name])
        return dict(self.values)

    def move(self, by: int) -> bool:
        """Select the control `by` further on; False where there is none."""
        names = self.names()
        to = (names.index(self.selected) if self.selected in names else 0) + by
        if not 0 <= to < len(names):
            return False
        self.settle_draft()
        self.selected = names[to]
        return True

    def settle_draft(self) -> None:
        """Done with typing here; a draft that is no value stays, with the complaint about it."""
        if self.selected not in self.complaints:
            self.drafts.pop(self.selected, None)

    def cycle(self, by: int = 1) -> None:
        """The next option, or the other state, of the selected control."""
        control, value = self.control, self.values.get(self.selected)
        if isinstance(control, Choice):
            at = control.options.index(value) if value in control.options else 0
            self.values[self.selected] = control.options[(at + by) % len(control.options)]
        elif isinstance(control, Toggle):
            self.values[self.selected] = not value

    def type(self, character: str) -> bool:
        """Type into the selected number; False if this cannot be typed there. The first sign replaces the value."""
        character = narrow(character)
        if self.chooses or self.control is None or character not in TYPED:
            return False
        draft = self.drafts.get(self.selected, "")
        if character in "eE" and not draft[-1:].isdigit():
            return False
        self._draft(draft + character)
        return True

    def erase(self) -> bool:
        """Take back the last sign of the selected number."""
        if self.chooses or self.control is None:
            return False
        draft = self.drafts.get(self.selected, written(self.values[self.selected]))
        self._draft(draft[:-1])
        return True

    def cancel(self) -> bool:
        """Leave the selected number as it was; False if nothing was being typed."""
        if self.drafts.pop(self.selected, None) is None:
            return False
        self.complaints.pop(self.selected, None)
        self.values[self.selected] = self._before.pop(self.selected)
        return True

    def _draft(self, text: str) -> None:
        """Take `text` as the value at once if it can be one, and say at once if it cannot."""
        name, control = self.selected, self.control
        assert control is not None
        if name not in self.drafts:
            self._before[name] = self.values[name]
        self.drafts[name] = text
        value: Any = text
        if "/" in text:
            read = read_number(text)
            value = read if isinstance(read, float) else text
        try:
            self.values[name] = fit(name, control, value)
            self.complaints.pop(name, None)
        except SettingError:
            allowed = allowed_by(control)
            self.complaints[name] = Words(
                "{label} must be {en}, not {text}.", "{label}应为{zh}，而不是 {text}。"
            ).filled(label=control.label, en=allowed.en, zh=allowed.zh, text=text or "–")

    # Drawing -------------------------------------------------------------------------------------------------

    def rows(
        self, width: int, signs: Signs, language: Language, awake: bool
    ) -> list[tuple[str, list[Piece]]]:
        """A line for each control, with its name; the selected one is signed if the controls are `awake`."""
        names = self.names()
        column = min(self._column(names, language), max(width // 2, 1))
        rows: list[tuple[str, list[Piece]]] = []
        for name in names:
            here = awake and name == self.selected
            value = self._value(name, language)
            room = width - 4 - cell_len(value)
            label = cut(
                [(self._label(name, language), "strong" if here else "")], max(room - 1, 1), signs.more
            )
            gap = max(min(column, room) - sum(cell_len(text) for text, _ in label), 1)
            look = "wrong" if name in self.complaints else "accent" if here else ""
            pieces: list[Piece] = [(f"{signs.cursor} " if here else "  ", "accent"), *label, (" " * gap, "")]
            pieces.append((value, look))
            if isinstance(self.lab.controls[name], Choice | Toggle):
                pieces.append((f" {signs.fold}", "muted"))
            elif here and self.typing:
                pieces.append(("_", "accent"))
            rows.append((name, pieces))
        return rows

    def advice(self, width: int, language: Language) -> list[Piece]:
        """What is wrong with the selected control, else what it is and what it takes; wrapped to `width`."""
        control = self.control
        if control is None:
            return []
        if self.selected in self.complaints:
            complaint = self.complaints[self.selected].into(language)
            return [(line, "wrong") for line in wrapped(complaint, width)]
        lines = wrapped(control.help.into(language), width) if control.help is not None else []
        if not self.chooses:
            lines += wrapped(allowed_by(control).into(language).strip(), width)
        return [(line, "muted") for line in lines]

    def _label(self, name: str, language: Language) -> str:
        return self.lab.controls[name].label.into(language)

    def _column(self, names: list[str], language: Language) -> int:
        return min(max((cell_len(self._label(name, language)) for name in names), default=0), 12) + 2

    def _value(self, name: str, language: Language) -> str:
        if name in self.drafts:
            return self.drafts[name]
        value = self.values[name]
        if isinstance(value, bool):
            return (Words("yes", "是") if value else Words("no", "否")).into(language)
        return written(value)


def written(value: Any) -> str:
    """A setting as it could be typed again."""
    return shown(value, 12) if isinstance(value, float) else str(value)
