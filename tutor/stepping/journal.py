"""The journal of a walk: every class and function that was entered, once each, in the form the course asks for."""

from __future__ import annotations

import ntpath
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from tutor.protocol import Finished
from tutor.protocol.trace import SETUP, SNIPPET, Frame
from tutor.stepping.groups import GROUPS
from tutor.stepping.names import class_of, function_of
from tutor.stepping.recording import Recording
from tutor.words import Words

State = Literal["visited", "ran", "hidden"]
"""The learner stopped in it; it ran while the learner went over it; it is in a group that is hidden."""
_CONSTRUCTOR = "__init__"


class Call(NamedTuple):
    """One call, of a Python function or across the border to C."""

    qualname: str
    file: str
    """The file's name without its folders; "" for a C function."""
    line: int
    """Of the `def`; 0 for a C function."""
    group: str
    frame: Frame | None
    """None for a C function."""
    caller: Frame
    """The frame that it was made in."""
    called_by: str
    """Its qualified name; "" where that is the learner's own code."""


def calls(recording: Recording) -> Iterator[Call]:
    """Every call in order, the code that is stepped through aside: that is no function."""
    for at in recording.calls:
        if not _is_outermost(recording, at):
            yield _call(recording, at)


def _is_outermost(recording: Recording, at: int) -> bool:
    step = recording.events[at]
    return step.what == "call" and recording.frames[step.frame].parent < 0


def _call(recording: Recording, at: int) -> Call:
    step = recording.events[at]
    frame = recording.frames[step.frame]
    caller = frame if step.what == "c_call" else recording.frames[frame.parent]
    called_by = recording.codes[caller.code].qualname if caller.parent >= 0 else ""
    if step.what == "c_call":
        return Call(step.name, "", 0, step.group, None, caller, called_by)
    code = recording.codes[frame.code]
    return Call(code.qualname, _basename(code.file), code.line, code.group, frame, caller, called_by)


def _basename(file: str) -> str:
    """The name of a file, whichever system it was traced on; that of the code stepped through is none."""
    return file if file in (SNIPPET, SETUP) else ntpath.basename(file)


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A function that was entered, at its first call."""

    qualname: str
    file: str
    line: int
    count: int
    """How often it was called."""
    state: State
    caller: str = ""
    """Who called it first, by its qualified name; "" where that was the learner's own code."""
    wrappers: list[str] = []
    """What stands between the two, outermost first: wrappers that are hidden."""
    through_super: bool = False
    """A constructor that goes on to that of the next class."""
    note: str = ""
    """The learner's own line."""

    @property
    def defining_class(self) -> str | None:
        """The class that defines it; None for a function of its own."""
        return class_of(self.qualname) if self.file else None

    @property
    def function(self) -> str:
        """Its own name."""
        return function_of(self.qualname)

    @property
    def place(self) -> str:
        """Where its source is: "loss.py:54"; "C++" where there is none."""
        return f"{self.file}:{self.line}" if self.file else "C++"


def entries(
    recording: Recording, hidden: Collection[str], visited: Collection[int], notes: Mapping[str, str] = {}
) -> list[Entry]:
    """Every function that was entered, once, in the order of the first calls.

    `hidden` are groups, `visited` the numbers of the events at which the learner stood, `notes` the learner's own lines
    by qualified name.
    """
    # Of calls there may be very many, of functions there are few.
    keys = [(code.qualname, _basename(code.file)) for code in recording.codes]
    constructors = [function_of(code.qualname) == _CONSTRUCTOR for code in recording.codes]
    first: dict[tuple[str, str], int] = {}
    count: Counter[tuple[str, str]] = Counter()
    through_super: set[tuple[str, str]] = set()
    for at in recording.calls:
        step = recording.events[at]
        frame = recording.frames[step.frame]
        if step.what == "c_call":
            key = (step.name, "")
        elif frame.parent < 0:
            continue
        else:
            key = keys[frame.code]
            caller = recording.frames[frame.parent]
            # By `super().__init__()`: a constructor calls that of a class above, for the same object.
            if constructors[frame.code] and constructors[caller.code] and frame.owner == caller.owner != 0:
                through_super.add(keys[caller.code])
        count[key] += not step.again  # going on with a generator is no call of it
        first.setdefault(key, at)
    stood = {_stood(recording, keys, at) for at in visited}
    found = []
    for key, at in first.items():
        call = _call(recording, at)
        state: State = "visited" if key in stood else "hidden" if call.group in hidden else "ran"
        caller_name, wrappers = _came_by(recording, call.caller, hidden)
        found.append(
            Entry(
                *(call.qualname, call.file, call.line, count[key], state, caller_name, wrappers),
                through_super=key in through_super,
                note=notes.get(call.qualname, ""),
            )
        )
    return found


def _stood(recording: Recording, keys: Sequence[tuple[str, str]], at: int) -> tuple[str, str]:
    step = recording.events[at]
    return (step.name, "") if step.what == "c_call" else keys[recording.frames[step.frame].code]


def _came_by(recording: Recording, caller: Frame, hidden: Collection[str]) -> tuple[str, list[str]]:
    """The nearest caller that is shown, and the hidden wrappers that stand before it."""
    wrappers: list[str] = []
    while caller.parent >= 0:
        code = recording.codes[caller.code]
        if code.group not in hidden:
            return code.qualname, wrappers[::-1]
        if code.group == "wrappers":
            wrappers.append(code.qualname)
        caller = recording.frames[caller.parent]
    return "", wrappers[::-1]


class Journal(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of a walk."""

    snippet: str
    setup: str
    seed: int
    torch: str
    """The version that was stepped through."""
    entries: list[Entry]
    ended: bool = False
    """The run has come to its end."""

    @classmethod
    def of(
        cls,
        recording: Recording,
        hidden: Collection[str],
        visited: Collection[int],
        before: Journal | None = None,
    ) -> Journal:
        """The journal of a walk, with what an earlier one through the same code says beside: the learner's lines, and
        where the learner was, if that was the same torch."""
        notes = before.notes if before is not None else {}
        known = before is not None and before.torch == recording.torch
        there = (
            {each.qualname for each in before.entries if each.state == "visited"}
            if before and known
            else set()
        )
        found = entries(recording, hidden, visited, notes)
        return cls(
            recording.snippet,
            recording.setup,
            recording.seed,
            recording.torch,
            [msgspec.structs.replace(e, state="visited") if e.qualname in there else e for e in found],
            isinstance(recording.ended, Finished),
        )

    @classmethod
    def read(cls, text: str) -> Journal | None:
        """What `written` wrote; None where it is something else."""
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.DecodeError:
            return None

    def written(self) -> str:
        """As JSON."""
        return msgspec.json.encode(self).decode()

    @property
    def notes(self) -> dict[str, str]:
        """The learner's own lines, by the qualified name of the entry."""
        return {each.qualname: each.note for each in self.entries if each.note}

    def noted(self, qualname: str, note: str) -> Journal:
        """With the learner's own line at an entry; an empty one takes it away."""
        changed = [
            msgspec.structs.replace(each, note=note.strip()) if each.qualname == qualname else each
            for each in self.entries
        ]
        return msgspec.structs.replace(self, entries=changed)

    @property
    def shown(self) -> list[Entry]:
        """What is not hidden: the steps of the walk."""
        return [each for each in self.entries if each.state != "hidden"]

    @property
    def complete(self) -> bool:
        """The run has come to its end, and the learner was in every Python function that is shown."""
        shown = [each for each in self.shown if each.file]
        return self.ended and bool(shown) and all(each.state == "visited" for each in shown)


# In words --------------------------------------------------------------------------------------------------------


def steps_in_words(shown: Sequence[Entry]) -> list[Words]:
    """The form that the course asks for: "Step 1: class CrossEntropyLoss, super().__init__"."""
    met: set[str] = set()
    said = []
    for number, entry in enumerate(shown, 1):
        what = _what(entry, entry.defining_class in met)
        said.append(Words(f"Step {number}: {what.en}", f"第{numeral(number)}步：{what.zh}"))
        met.add(entry.defining_class or "")
    return said


def _what(entry: Entry, class_met: bool) -> Words:
    owner = entry.defining_class
    if not entry.file:
        return Words(f"into C++: {entry.qualname}", f"进入 C++：{entry.qualname}")
    if owner is None:
        # One that is made within another is known by where it is made.
        name = entry.qualname if "<locals>" in entry.qualname else entry.function
        return Words(f"function {name}", f"函数 {name}")
    if entry.through_super:
        return Words(f"class {owner}, super().{_CONSTRUCTOR}", f"{owner} 类，super().{_CONSTRUCTOR}")
    if class_met:
        return Words(f"class {owner}, {entry.function}", f"{owner} 类，{entry.function}")
    return Words(f"enters class {owner}, {entry.function}", f"进入 {owner} 类，{entry.function}")


def between(entry: Entry) -> Words | None:
    """What stands between an entry and its caller, and why; None where nothing does."""
    if not entry.wrappers:
        return None
    names = ", ".join(f"`{name}`" for name in entry.wrappers)
    said = Words(
        "Between {caller} and {function} stands {names}. {about}",
        "{caller} 与 {function} 之间隔着 {names}。{about}",
    )
    caller = (
        Words(f"`{entry.caller}`", f"`{entry.caller}`") if entry.caller else Words("your code", "你的代码")
    )
    return said.filled(
        caller=caller, function=f"`{entry.qualname}`", names=names, about=GROUPS["wrappers"].about
    )


def numeral(number: int) -> str:
    """A number as Chinese counts steps: 一, 十, 二十一; from 100 on with digits.

    >>> [numeral(n) for n in (1, 10, 11, 20, 35, 100)]
    ['一', '十', '十一', '二十', '三十五', ' 100 ']
    """
    digits = "零一二三四五六七八九"
    if number > 99:
        return f" {number} "
    tens, ones = divmod(number, 10)
    return (
        ("" if tens < 2 else digits[tens])
        + ("十" if tens else "")
        + (digits[ones] if ones or not tens else "")
    )
