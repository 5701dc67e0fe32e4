"""The stack, `self` and the local names, as lines: what the last line of this frame did to them is marked."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tutor.protocol.trace import Change, Frame
from tutor.stepping.groups import GROUPS
from tutor.stepping.recording import Mark
from tutor.ui.looks import Piece, cells, fitted, wrapped
from tutor.ui.signs import Signs
from tutor.ui.stepper.told import MARKS, YOURS, escaped, place_of
from tutor.ui.stepper.walk import Walk
from tutor.ui.widgets.line_list import GAP, Line
from tutor.words import Language, Words

OPEN = ("_parameters", "_buffers", "_modules", "param_groups", "state")
"""Registries that are opened before anybody asks."""
_EMPTY = ("OrderedDict()", "set()", "{}", "None", "defaultdict()")
"""What an attribute with nothing in it looks like; those with a leading underscore are folded while they are so."""
_STACK = 12
"""Frames that are shown one by one; of a deeper stack the middle is folded."""


COMPUTE = Words("compute? e", "要计算？按 e")
"""Beside a value whose class would have to be asked what it looks like: that runs code, so the learner decides."""


def not_asked(change: Change) -> bool:
    """Whether only the type of a value is known, since its `__repr__` is never called unasked."""
    text = change.text or ""
    return text.startswith("<") and text.endswith(">") and " " not in text


class StateLines:
    """Draws up the lines. `opened` and `closed` are keys that the learner opened or closed."""

    def __init__(
        self, walk: Walk, language: Language, signs: Signs, width: int, turned: Collection[str]
    ) -> None:
        self._walk, self._language, self._signs, self._width = walk, language, signs, width
        self._turned = turned
        self.first_change: str | None = None
        """The key of the first line that is marked."""

    def lines(self) -> list[Line]:
        """All of them."""
        walk, recording = self._walk, self._walk.recording
        if walk.at < 0:
            return []
        frame = recording.frames[walk.shown_frame]
        lines = [self._heading(Words("Stack", "调用栈")), *self._stack(frame)]
        if frame.owner in recording.things:
            kind = Words("self: {name}", "self：{name}").filled(
                name=escaped(recording.things[frame.owner].mro[0])
            )
            lines += [GAP, self._heading(kind), *self._names(frame.owner, "a")]
        lines += [GAP, self._heading(Words("Locals", "局部变量")), *self._names(frame.id, "l")]
        return lines

    def _say(self, words: Words) -> str:
        return words.into(self._language)

    def _heading(self, words: Words) -> Line:
        return Line(None, [(self._say(words), "strong")])

    # The stack ---------------------------------------------------------------------------------------------

    def _stack(self, shown: Frame) -> Iterator[Line]:
        stack = self._walk.recording.shown_stack(self._walk.at, self._walk.hidden)
        for number, (frame, between) in enumerate(stack):
            if len(stack) > _STACK and number == _STACK // 2:
                words = Words("{n} more calls", "另有 {n} 层调用").filled(n=len(stack) - _STACK)
                yield Line(None, [(f"  {self._signs.more} {self._say(words)}", "muted")])
            if len(stack) > _STACK and _STACK // 2 <= number < len(stack) - _STACK // 2:
                continue
            yield self._frame(frame, frame.id == shown.id)
            if between:
                yield from self._between(frame, between)

    def _frame(self, frame: Frame, here: bool) -> Line:
        recording = self._walk.recording
        code = recording.codes[frame.code]
        name = self._say(YOURS) if code.qualname == "<module>" else escaped(code.qualname)
        mark: Piece = (f"{self._signs.run} " if here else "  ", "accent")
        place = place_of(code.file, recording.line_of(frame.id, self._walk.at))
        left: list[Piece] = [mark, (name, "strong" if here else "")]
        owner = recording.things.get(frame.owner)
        kind: list[Piece] = [(f"self: {escaped(owner.mro[0])}", "muted")] if owner is not None else []
        if cells(left) + len(place) + 2 + cells(kind) <= self._width - 6:
            left.append((f"  {place}", "muted"))
        return Line(f"f:{frame.id}", left, kind)

    def _between(self, frame: Frame, between: list[Frame]) -> Iterator[Line]:
        key = f"h:{frame.id}"
        recording = self._walk.recording
        codes = [recording.codes[each.code] for each in between]
        groups = list(dict.fromkeys(code.group for code in codes))
        words = (
            Words("1 hidden frame: {what}", "隐藏了 1 帧：{what}")
            if len(between) == 1
            else Words("{n} hidden frames: {what}", "隐藏了 {n} 帧：{what}")
        )
        names = [GROUPS[group].name if group in GROUPS else Words(group, group) for group in groups]
        what = Words(", ".join(n.en for n in names), "、".join(n.zh for n in names))
        yield Line(key, [(f"    {self._say(words.filled(n=len(between), what=what))}", "muted")])
        if key not in self._turned:
            return
        for code in codes:
            yield Line(None, [(f"      {escaped(code.qualname)}  {place_of(code.file, code.line)}", "muted")])
        for group in groups:
            if group in GROUPS:
                for line in wrapped(self._say(GROUPS[group].about), max(self._width - 12, 20)):
                    yield Line(None, [("      " + line, "")])

    # Names -------------------------------------------------------------------------------------------------

    def _names(self, owner: int, prefix: str) -> Iterator[Line]:
        walk = self._walk
        values = walk.recording.values(owner, walk.at)
        marks = walk.recording.marks(walk.at, owner, walk.since)
        names = {name: change for name, change in values.items() if not self._is_noise(name, change)}
        if not names and "removed" not in marks.values():
            yield Line(None, [(f"  {self._say(Words('none', '无'))}", "muted")])
        folded = {
            name
            for name, change in names.items()
            if name.startswith("_") and name not in OPEN and name not in marks and change.text in _EMPTY
        }
        fold = f"x:{owner}"
        if len(folded) < 3 or fold in self._turned:
            folded = set()
        room = min(
            max((len(name) for name in names if name not in folded), default=0), max(self._width // 2 - 8, 12)
        )
        for name, change in names.items():
            if name in folded:
                continue
            key = f"{prefix}:{owner}:{name}"
            mark = marks.get(name)
            if mark is not None and self.first_change is None:
                self.first_change = key
            yield self._name(key, escaped(name), change, mark, room)
            if change.entries and (key in self._turned) != (name in OPEN):
                for entry, text in change.entries:
                    yield Line(None, [(f"      {escaped(entry)}  ", "accent"), (escaped(text), "")])
        if folded:
            words = Words("{n} more with nothing in them", "另有 {n} 个为空").filled(n=len(folded))
            yield Line(fold, [(f"  {self._signs.more} {self._say(words)}", "muted")])
        for name in (name for name, mark in marks.items() if mark == "removed"):
            before = walk.recording.before(owner, name, walk.since)
            if before is not None:
                yield self._name(f"{prefix}:{owner}:{name}", escaped(name), before, "removed", room)

    def _is_noise(self, name: str, change: Change) -> bool:
        """`self` is shown by its attributes."""
        return name == "self" and (change.text or "").startswith("<")

    def _name(self, key: str, name: str, change: Change, mark: Mark | None, room: int) -> Line:
        sign, word, look = MARKS[mark] if mark is not None else (" ", Words(" ", " "), "")
        fold = self._signs.fold if change.entries else " "
        left: list[Piece] = [
            (f"{sign} ", look),
            (fitted(name, max(room, len(name))), look or ""),
            (f" {fold} ", "muted"),
        ]
        right: list[Piece] = [(f"{sign} {self._say(word)}", look)] if mark is not None else []
        if not_asked(change) and mark != "removed":
            right = [(self._say(COMPUTE), "muted"), ("  " if right else "", ""), *right]
        return Line(key, [*left, (escaped(change.text or ""), "muted" if mark == "removed" else "")], right)
