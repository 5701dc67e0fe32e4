"""A lab's controls: their values, what is being typed into them, and how they are drawn. It takes no keys itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tutor.charts import shown
from tutor.course.model import (
    AnyControl,
    Arguments,
    Choice,
    Folder,
    Integer,
    Lab,
    Number,
    Numbers,
    Seed,
    Several,
    Toggle,
)
from tutor.course.settings import SettingError, allowed_by, default_of, fit, settle, shape_of
from tutor.labwords import is_shown
from tutor.practice.numbers import narrow, read_number
from tutor.ui.widgets.grid import TYPED, Grid
from tutor.ui.widgets.picks import FEW, Picks
from tutor.ui.widgets.ticks import Ticks
from tutor.words import Language, Words


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
    grid: Grid | Ticks | Picks | None = None
    """The cells of the selected table, or the names of the selected list or choice, while they are edited."""
    _before: dict[str, Any] = field(default_factory=dict)
    """The values that drafts are about to replace."""
    _unfinished: dict[str, Grid | Ticks] = field(default_factory=dict)
    """Tables that were left with a cell that cannot be taken."""

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Everything as the step began."""
        self.values = settle(self.lab, {}, self.preset)
        self.drafts.clear()
        self.complaints.clear()
        self._unfinished.clear()
        self.grid = None
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
    def lists(self) -> bool:
        """Whether the selected control is a choice of so many that they are shown as a list."""
        return isinstance(self.control, Choice) and len(self.control.options) > FEW

    @property
    def opens(self) -> bool:
        """Whether the selected control is edited in a place of its own."""
        return self.is_opened(self.selected)

    @property
    def writes(self) -> bool:
        """Whether the selected control can be written as a text."""
        control = self.control
        if isinstance(control, Numbers):
            return control.dims == "any"
        return isinstance(control, Folder | Arguments)

    @property
    def types(self) -> bool:
        """Whether the selected control is a number, which can be typed where it stands."""
        return isinstance(self.control, Integer | Number | Seed)

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
            self._choose(control.options[(at + by) % len(control.options)])
        elif isinstance(control, Toggle):
            self.values[self.selected] = not value

    def _choose(self, option: str) -> None:
        """Take this option of the selected choice; the one that it has already changes nothing."""
        if option != self.values.get(self.selected):
            self.values[self.selected] = option
            self._follow(self.selected)

    def _follow(self, choice: str) -> None:
        """Back to their defaults with the controls that have another one for each option of this choice."""
        for name, control in self.lab.controls.items():
            if choice in control.defaults:
                self.values[name] = default_of(name, control, self.values)
                for kept in (self.drafts, self.complaints, self._unfinished):
                    kept.pop(name, None)

    def type(self, character: str) -> bool:
        """Type into the selected number; False if this cannot be typed there. The first sign replaces the value."""
        character = narrow(character)
        if not self.types or character not in TYPED:
            return False
        draft = self.drafts.get(self.selected, "")
        if character in "eE" and not draft[-1:].isdigit():
            return False
        self.write(draft + character)
        return True

    def erase(self) -> bool:
        """Take back the last sign of the selected number."""
        if not self.types:
            return False
        draft = self.drafts.get(self.selected, written(self.values[self.selected]))
        self.write(draft[:-1])
        return True

    def cancel(self) -> bool:
        """Leave the selected number, or path, as it was; False if nothing was being typed."""
        if self.drafts.pop(self.selected, None) is None:
            return False
        self.complaints.pop(self.selected, None)
        self.values[self.selected] = self._before.pop(self.selected)
        return True

    def write(self, text: str) -> None:
        """Take `text` as the value at once if it can be one, and say at once if it cannot."""
        name, control = self.selected, self.control
        assert control is not None
        if name not in self.drafts:
            self._before[name] = self.values[name]
        self.drafts[name] = text
        value: Any = text
        if "/" in text and self.types:
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

    def text(self) -> str:
        """The selected control as it stands, to be written on."""
        value = self.values[self.selected]
        return self.drafts.get(self.selected, "none" if value is None else written(value))

    # Tables --------------------------------------------------------------------------------------------------

    def open_grid(self) -> bool:
        """Edit the cells of the selected table, tick the names of the selected list, or pick one of a long choice.

        False where there is nothing of that kind to be shown, or a text of it is open.
        """
        control, name = self.control, self.selected
        if isinstance(control, Choice) and self.lists:
            self.grid = Picks(control.options, self.values[name])
            return True
        if isinstance(control, Several):
            self.grid = Ticks(control.options, self.values[name])
            return True
        if not isinstance(control, Numbers) or name in self.drafts or not _has_cells(self.values[name]):
            return False
        self.grid = self._unfinished.pop(name, None) or _grid(control, self.values[name])
        return True

    def close_grid(self) -> None:
        """Done with the cells. Those that cannot be taken stay as they are, with the complaint about them."""
        if isinstance(self.grid, Grid | Ticks) and self.selected in self.complaints:
            self._unfinished[self.selected] = self.grid
        self.grid = None

    def press_grid(self, key: str, character: str | None) -> bool:
        """Do what a key is for in the cells; False if it is for nothing there."""
        if isinstance(self.grid, Picks):
            if key not in ("enter", "space"):
                return self.grid.press(key, character)
            self._choose(self.grid.value())
            self.grid = None
            return True
        if self.grid is None or not self.grid.press(key, character):
            return False
        self._take_cells(self.grid)
        return True

    def paste_grid(self, text: str) -> None:
        """A whole table in brackets takes the place of the cells, any other text is typed."""
        control, grid = self.control, self.grid
        if isinstance(grid, Picks):
            for character in text.partition("\n")[0]:
                grid.type(narrow(character))
        if not isinstance(grid, Grid | Ticks) or not isinstance(control, Numbers | Several):
            return
        try:
            value = fit(self.selected, control, text)
            if isinstance(control, Several):
                self.grid = Ticks(control.options, value)
            elif _has_cells(value):
                self.grid = _grid(control, value)
            else:
                self.values[self.selected] = value
                self.grid = None
                return
        except SettingError:
            for character in text.partition("\n")[0]:
                grid.type(narrow(character))
        self._take_cells(self.grid if isinstance(self.grid, Grid | Ticks) else grid)

    def _take_cells(self, grid: Grid | Ticks) -> None:
        """Take the cells as the value at once if they can be one, and say at once of one cell that cannot."""
        name, control = self.selected, self.control
        if isinstance(grid, Ticks):
            self.values[name] = grid.value()
            return
        assert isinstance(control, Numbers)
        value = grid.value()
        rows = [] if value is None else value if grid.dims == 2 else [[cell] for cell in value]
        grid.wrong = {
            (r, c) for r, row in enumerate(rows) for c, cell in enumerate(row) if not self._takes(grid, cell)
        }
        self.complaints.pop(name, None)
        if not grid.wrong:
            self.values[name] = fit(name, control, value)
            return
        here = (grid.row, grid.column)
        row, column = here if here in grid.wrong else min(grid.wrong)
        allowed = _allowed_in_a_cell(control)
        self.complaints[name] = Words(
            "{label}[{at}] must be {en}, not {text}.", "{label}[{at}] 应为{zh}，而不是 {text}。"
        ).filled(
            label=control.label,
            at=f"{row}, {column}" if grid.dims == 2 else row,
            text=grid.cells[row][column] or "–",
            en=allowed.en,
            zh=allowed.zh,
        )

    def _takes(self, grid: Grid, cell: float | str) -> bool:
        assert self.control is not None
        try:
            fit(self.selected, self.control, grid.shaped([[cell]]))
        except SettingError:
            return False
        return True

    # As text -----------------------------------------------------------------------------------------

    def is_opened(self, name: str) -> bool:
        """Whether a control is edited in a place of its own."""
        return isinstance(self.lab.controls.get(name), Numbers | Arguments | Folder | Several)

    def value_text(self, name: str, language: Language) -> str:
        """What a control is set to, a draft as it stands."""
        if name in self.drafts:
            return self.drafts[name]
        grid = self.grid if name == self.selected else self._unfinished.get(name)
        value = grid.value() if isinstance(grid, Grid | Ticks) and grid.wrong else self.values[name]
        if isinstance(value, bool):
            return (Words("yes", "是") if value else Words("no", "否")).into(language)
        if isinstance(self.lab.controls[name], Several):
            value = ", ".join(self.values[name])
        return Words("none", "无").into(language) if value in (None, "") else written(value)


def written(value: Any) -> str:
    """A setting as it could be typed again."""
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return shown(value, 12) if isinstance(value, float) else str(value)


def _grid(control: Numbers, value: list[Any] | None) -> Grid:
    fill = max(0.0, control.min or 0.0)
    fill = fill if control.max is None else min(fill, control.max)
    table = value or control.default or []
    dims: Literal[1, 2] = 2 if control.dims == 2 or isinstance(next(iter(table), 0), list) else 1
    first = control.default[0] if control.default and control.dims == 2 else [0]
    return Grid(value, dims, none=control.none, fill=fill, columns=len(first))


def _has_cells(value: Any) -> bool:
    """Whether it is shown as a list or as rows; a table that is not there can become one."""
    return value is None or len(shape_of(value)) in (1, 2)


def _allowed_in_a_cell(control: Numbers) -> Words:
    kind = Words("a whole number", "整数") if control.integer else Words("a number", "数")
    low, high = control.min, control.max
    if low is not None and high is not None:
        words = Words("{kind} from {low:g} to {high:g}", " {low:g} 到 {high:g} 之间的{kind}")
    elif low is not None:
        words = Words("{kind}, at least {low:g}", "不小于 {low:g} 的{kind}")
    elif high is not None:
        words = Words("{kind}, at most {high:g}", "不大于 {high:g} 的{kind}")
    else:
        words = Words("{kind}", "{kind}")
    return words.filled(kind=kind, low=low, high=high)
