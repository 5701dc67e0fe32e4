"""The form of the SGD builder while a learner fills it in: the field the cursor is on, and what is typed into it."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tutor.builder.code import Unread, read, written
from tutor.builder.groups import (
    KEYS,
    KINDS,
    SWITCHES,
    Builder,
    Group,
    Tensor,
    as_added,
    as_listed,
    changed,
    moved,
    named,
    with_group,
    with_setting,
    with_tensors,
    without_group,
)
from tutor.words import Words

CONSTRUCTOR = -1
"""The column of the constructor's keywords, which stand beside a list of groups."""
WAY, GRADIENTS = "way", "gradients"
OF_GROUP = ("name", "params", "shapes", "given")
ROWS = (WAY, *OF_GROUP, *KEYS, GRADIENTS)
WHOLE = (WAY, GRADIENTS)
"""The rows with one field for all groups."""
_NUMBER = frozenset("0123456789.-+")
"""What opens a field by being typed; everywhere else letters are keys."""
_MORE = {"shapes": frozenset("(), ;x"), GRADIENTS: frozenset("eE, ;[]"), "name": None, "params": None}
"""What else can be typed into a field, None for anything; into a number an exponent."""
_TAKEN = {
    "torch",
    "optimizer",
    "index",
    "group",
    "key",
    "value",
    "gradient",
    "tensor",
    "tensors",
    "list",
    "set",
    "print",
}
MOST_GROUPS, MOST_STEPS, HISTORY = 12, 50, 100


class NotTaken(ValueError):
    """What was typed cannot stand there; the words say what can."""

    def __init__(self, en: str, zh: str, **values: object) -> None:
        super().__init__(en)
        self.words = Words(en, zh).filled(**values)


class Form:
    """The groups, the learner's own code where that says more, and the field that the cursor is on."""

    def __init__(self, builder: Builder, text: str | None = None) -> None:
        """`text` is code that was written by hand; the form shows `builder` where it cannot show that."""
        self.builder = builder
        self.text: str | None = None
        """The code as the learner wrote it; None where it follows from the form."""
        self.unread: Unread | None = None
        """Why the form cannot show the learner's code."""
        self.row, self.column = "lr", CONSTRUCTOR + 1
        self.draft: str | None = None
        """What is being typed into the field; None while none is open."""
        self.complaint: Words | None = None
        self.rewrote = False
        """Whether the last change of the form took the place of code that was written by hand."""
        self._history: list[tuple[Builder, str | None]] = []
        if text is not None and text != written(builder):
            self.take_code(text)
            self._history.clear()

    @property
    def code(self) -> str:
        """The Python that is shown, run and exported."""
        return written(self.builder) if self.text is None else self.text

    @property
    def shown(self) -> Builder | None:
        """The builder that the code makes; None if the form cannot show it."""
        return None if self.unread is not None else self.builder

    # Changing ------------------------------------------------------------------------------------------------

    def change(self, builder: Builder) -> bool:
        """Take another builder, from which the code is written anew; whether anything changed."""
        if builder == self.builder and self.unread is None:
            return False
        self._remember()
        self.rewrote = self.text is not None
        self.builder, self.text, self.unread = builder, None, None
        self._keep_in()
        return True

    def take_code(self, text: str) -> bool:
        """Take code that was edited; whether it is another. The form follows it where it can."""
        if text == self.code:
            return False
        self._remember()
        found = read(text)
        if isinstance(found, Unread):
            self.text, self.unread = text, found
        else:
            self.builder, self.unread = found, None
            self.text = None if text == written(found) else text
        self._keep_in()
        return True

    def undo(self) -> bool:
        """Take back the last change; False if there was none."""
        if not self._history:
            return False
        builder, text = self._history.pop()
        self.builder, self.text, self.unread = builder, text, None
        if text is not None:
            found = read(text)
            self.unread = found if isinstance(found, Unread) else None
        self._keep_in()
        return True

    def _remember(self) -> None:
        self._history = [*self._history[1 - HISTORY :], (self.builder, self.text)]

    def _keep_in(self) -> None:
        self.draft = self.complaint = None
        if self.column not in self.columns:
            self.column = min(max(self.column, self.columns[0]), self.columns[-1])

    def add_group(self) -> bool:
        """One more group behind this one."""
        if len(self.builder.groups) >= MOST_GROUPS:
            return False
        self.change(with_group(self.builder, max(self.column, 0)))
        self.column = max(self.column, 0) + 1
        return True

    def remove_group(self) -> bool:
        """Take this group out; False for the last one."""
        if self.column == CONSTRUCTOR or len(self.builder.groups) == 1:
            return False
        return self.change(without_group(self.builder, self.column))

    def move_group(self, by: int) -> bool:
        """Let this group change places with its neighbour."""
        if self.column == CONSTRUCTOR or not self.change(moved(self.builder, self.column, by)):
            return False
        self.column += by
        return True

    def add_step(self) -> bool:
        """One more step, on the gradient of the last."""
        before = self.builder.gradients
        if len(before) >= MOST_STEPS:
            return False
        return self.change(replace(self.builder, gradients=(*before, before[-1] if before else 1.0)))

    # The cursor ----------------------------------------------------------------------------------------------

    @property
    def columns(self) -> list[int]:
        """The cards: the constructor's keywords beside a list, then the groups."""
        return [*([CONSTRUCTOR] if self.builder.listed else []), *range(len(self.builder.groups))]

    @property
    def group(self) -> int:
        """The group that the cursor is on; the first one for the constructor's keywords."""
        return max(self.column, 0)

    def move(self, by: int) -> bool:
        """To another row; False at the end."""
        at = ROWS.index(self.row) + by
        while 0 <= at < len(ROWS) and self.column == CONSTRUCTOR and ROWS[at] in OF_GROUP:
            at += by
        if not 0 <= at < len(ROWS):
            return False
        self.row = ROWS[at]
        return True

    def go(self, by: int) -> None:
        """To the next field, or the one before: along the row, then on to another row."""
        fields = [
            (row, column)
            for row in ROWS
            for column in (self.columns[:1] if row in WHOLE else self.columns)
            if column != CONSTRUCTOR or row not in OF_GROUP
        ]
        here = next((i for i, each in enumerate(fields) if each == (self.row, self.column)), None)
        if here is None:
            here = next(i for i, each in enumerate(fields) if each[0] == self.row)
        self.row, self.column = fields[(here + by) % len(fields)]

    def go_to_group(self, by: int) -> None:
        """To another group, round the corner."""
        self.column = (self.group + by) % len(self.builder.groups)

    # Typing --------------------------------------------------------------------------------------------------

    @property
    def chooses(self) -> bool:
        """Whether the field has a few values to go through, and is not typed."""
        return self.row in SWITCHES or self.row in (WAY, "given")

    def open(self) -> None:
        """Type into the field, behind what stands there."""
        if not self.chooses:
            self.draft, self.complaint = self.value(self.row, self.column), None

    def type(self, sign: str) -> bool:
        """Go on with what is typed; a digit or a sign opens the field. False if it is for nothing here."""
        more = _MORE.get(self.row, frozenset("eE"))
        if self.draft is None:
            if (
                self.chooses
                or more is None
                or sign not in _NUMBER | ({"("} if self.row == "shapes" else set())
            ):
                return False
            self.draft = ""
        elif more is not None and sign not in _NUMBER | more:
            return False
        if len(self.draft) < 200:
            self.draft, self.complaint = self.draft + sign, None
        return True

    def erase(self) -> bool:
        """Take back what was typed last; empty a field that is not open. Whether anything changed in the builder."""
        if self.draft is not None:
            self.draft, self.complaint = self.draft[:-1], None
            return False
        if self.row in KEYS:
            return self._set(None)
        self.open()
        if self.draft:
            self.draft = self.draft[:-1]
        return False

    def cancel(self) -> bool:
        """Leave the field as it was; False if none is open."""
        was, self.draft, self.complaint = self.draft is not None, None, None
        return was

    def settle(self) -> bool | None:
        """Take what was typed: whether the builder is another, or None where it cannot be taken."""
        if self.draft is None:
            return False
        try:
            done = self._taken(self.draft.strip())
        except NotTaken as error:
            self.complaint = error.words
            return None
        self.draft = self.complaint = None
        return done

    def _taken(self, text: str) -> bool:
        takers: dict[str, Callable[[str], bool]] = {
            "name": self._take_name,
            "params": self._take_params,
            "shapes": self._take_shapes,
            GRADIENTS: self._take_gradients,
        }
        if self.row in takers:
            return takers[self.row](text)
        return self._set(_number(self.row, text) if text else None)

    def _set(self, value: float | bool | None) -> bool:
        key, builder = self.row, self.builder
        if self.column == CONSTRUCTOR:
            return self.change(replace(builder, defaults=with_setting(builder.defaults, key, value)))
        group = builder.groups[self.column]
        settings = with_setting(group.settings, key, value)
        return self.change(changed(builder, self.column, replace(group, settings=settings)))

    def _take_name(self, text: str) -> bool:
        group = self._group()
        others = {each.name for i, each in enumerate(self.builder.groups) if i != self.column}
        taken = _TAKEN | others | {tensor.name for tensor in self.builder.tensors}
        if text and (not _is_name(text) or text in taken):
            raise NotTaken(
                "A name is a variable of its own, like backbone, not {text!r}.",
                "名称应是一个新的变量名，例如 backbone，而不是 {text!r}。",
                text=text,
            )
        return self.change(changed(self.builder, self.column, replace(group, name=text)))

    def _take_params(self, text: str) -> bool:
        group = self._group()
        params = [re.sub(r"\s*\*\s*", " * ", each.strip()) for each in re.split(r"[,，、;；]", text)]
        params = [each for each in params if each]
        names = {each.name for each in self.builder.groups}
        for each in params:
            name, times, factor = each.partition(" * ")
            if not _is_name(name) or name in _TAKEN | names or (times and factor != "2"):
                raise NotTaken(
                    "params are names like w1, w2; w1 * 2 is a tensor that is not a leaf. Not: {text!r}.",
                    "params 是 w1, w2 这样的名称；w1 * 2 表示非叶子张量。不能是 {text!r}。",
                    text=each,
                )
        return self.change(changed(self.builder, self.column, replace(group, params=tuple(params))))

    def _take_shapes(self, text: str) -> bool:
        names = self._tensors()
        parts = re.findall(r"\(([^()]*)\)", text) if "(" in text else re.split(r"[;；]", text)
        shapes = [tuple(map(int, re.findall(r"\d+", part))) for part in parts] if text else []
        numbers = [size for shape in shapes for size in shape]
        if len(shapes) != len(names) or any(not 1 <= size <= 512 for size in numbers) or len(numbers) > 8:
            raise NotTaken(
                "shapes are like (2, 2), (3,): one for each tensor, {n} here, sizes from 1 to 512.",
                "形状写作 (2, 2), (3,)：每个张量一个，这里共 {n} 个，每维 1 到 512。",
                n=len(names),
            )
        new = dict(zip(names, shapes, strict=True))
        tensors = tuple(
            replace(tensor, shape=new.get(tensor.name, tensor.shape)) for tensor in self.builder.tensors
        )
        return self.change(replace(self.builder, tensors=tensors))

    def _take_gradients(self, text: str) -> bool:
        parts = [each for each in re.split(r"[\s,，、;；\[\]]+", text) if each]
        if len(parts) > MOST_STEPS:
            raise NotTaken("At most {n} steps.", "最多 {n} 步。", n=MOST_STEPS)
        return self.change(
            replace(self.builder, gradients=tuple(float(_number(GRADIENTS, each)) for each in parts))
        )

    def _group(self) -> Group:
        return self.builder.groups[self.group]

    def _tensors(self) -> list[str]:
        return list(dict.fromkeys(named(param) for param in self._group().params))

    def cycle(self, by: int = 1) -> bool:
        """The next value of a field that is chosen; whether the builder is another."""
        if self.row == WAY:
            whole = self.builder.listed == len(self.builder.groups)
            return self.change(as_added(self.builder) if whole else as_listed(self.builder))
        if self.row == "given":
            group = self._group()
            kind = KINDS[(KINDS.index(group.kind) + by) % len(KINDS)]
            return self.change(changed(self.builder, self.column, replace(group, kind=kind)))
        if self.row in SWITCHES:
            values = (None, True, False)
            return self._set(values[(values.index(self._setting(self.row, self.column)) + by) % 3])
        return False

    def _setting(self, key: str, column: int) -> Any:
        builder = self.builder
        return (builder.defaults if column == CONSTRUCTOR else builder.groups[column].settings).get(key)

    def value(self, row: str, column: int) -> str:
        """What stands in a field, as it could be typed; "" where nothing is set."""
        if row == GRADIENTS:
            return ", ".join(f"{each:g}" for each in self.builder.gradients)
        if row in KEYS:
            value = self._setting(row, column)
            return "" if value is None else str(value)
        if column == CONSTRUCTOR:
            return ""
        group = self.builder.groups[column]
        if row == "name":
            return group.name
        if row == "params":
            return ", ".join(group.params)
        tensors = [self.builder.tensor(name) or Tensor(name, ()) for name in map(named, group.params)]
        return ", ".join(str(tensor.shape) for tensor in dict.fromkeys(tensors))


def _is_name(text: str) -> bool:
    return text.isidentifier() and text.isascii() and not keyword.iskeyword(text)


def _number(key: str, text: str) -> float:
    try:
        value = float(text)
        if abs(value) < 1e300 and "_" not in text:
            return int(text) if re.fullmatch(r"[+-]?\d+", text) else value
    except ValueError:
        pass
    raise NotTaken(
        "{key} takes a number, not {text!r}.", "{key} 应为数，而不是 {text!r}。", key=key, text=text
    )


def begun(builder: Builder, code: str | None) -> Form:
    """The form as it was left: with the code that was kept, else with `builder`."""
    return Form(with_tensors(builder), code)
