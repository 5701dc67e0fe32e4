"""The steps of a record question from what the installed torch did: which calls there were, and how one may write them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from tutor.course.model import RecordedStep, RecordQuestion, TextMistake
from tutor.stepping.journal import Call
from tutor.stepping.names import class_of, function_of
from tutor.words import Words

_NUMBER = re.compile(
    r"^(?:(?:step\s*\d+|第\s*(?:\d+|[一二三四五六七八九十]+)\s*步)\s*[:.,)、]?|\d+\s*[:.,)、])\s*",
    re.IGNORECASE,
)
_SUPER = re.compile(r"super\s*\([^)]*\)")
_ASIDE = re.compile(
    r"\b(enter|enters|entered|into|class|function|method|calls?|the)\b|进入|调用|构造函数|类|函数|方法|的",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[\s,;:.。、]+|->|→")
_PACKAGES = frozenset(
    ("torch", "nn", "modules", "module", "loss", "functional", "F", "optim", "self", "loss_fn")
)


def read_entry(entry: str) -> str:
    """What an entry names, as it is compared: "crossentropyloss.__init__".

    "Step 2: class _WeightedLoss, super().__init__()" and "_WeightedLoss" are read alike by those who look up `ways`; an
    `__init__` without a class, as in "super().__init__", stays one: which class it is depends on where one is.

    >>> read_entry("第一步：CrossEntropyLoss 类，super(CrossEntropyLoss, self).__init__")
    'crossentropyloss'
    >>> read_entry("self.register_buffer('weight', weight)")
    'register_buffer'
    >>> read_entry("super().__init__()")
    '__init__'
    """
    text = _NUMBER.sub("", unicodedata.normalize("NFKC", entry).strip().replace("`", ""))
    text = _ASIDE.sub(" ", _SUPER.sub("super", text)).partition("(")[0]
    parts = [part for part in _BREAK.split(text) if part]
    while len(parts) > 1 and parts[0] in _PACKAGES:
        parts = parts[1:]
    if "super" in parts:
        at = parts.index("super")
        # "_Loss, super().__init__" says where one is; that "super().__init__" follows from there.
        parts = parts[:at] or (
            ["super", *rest] if (rest := parts[at + 1 :]) and rest != ["__init__"] else ["__init__"]
        )
    return ".".join(parts).casefold()


def ways(name: str, among: Sequence[str]) -> set[str]:
    """How a function may be written, where `among` are called in this order: whole, by its own name if no other function
    there has it, by its class if it is the first one called of that."""
    found = {read_entry(name)}
    others = {function_of(other) for other in among if other != name}
    if function_of(name) != "__init__" and function_of(name) not in others:
        found.add(read_entry(function_of(name)))
    owner = class_of(name)
    if owner is not None and next(other for other in among if class_of(other) == owner) == name:
        found.add(read_entry(owner))
    return found


def traced(question: RecordQuestion, called: Sequence[Call], torch: str) -> RecordQuestion:
    """`question` with every call that was made as a step, in order.

    What its author asks for must be written down at its first call; the rest may be. What this torch does not call is
    asked for no more, and known as a mistake.
    """
    names = [call.qualname for call in called]
    asked = {step.text.en: step for step in question.steps}
    met: Counter[str] = Counter()
    steps = []
    for call in called:
        name = call.qualname
        step = asked.get(name) or _unasked(call)
        steps.append(
            replace(
                step,
                accepts=sorted({*map(read_entry, step.accepts), *ways(name, names)}),
                optional=step.optional or met[name] > 0,
            )
        )
        met[name] += 1
    gone = [
        TextMistake(text=text, because=_NOT_HERE.filled(torch=torch)) for text in not_called(question, called)
    ]
    return replace(question, steps=steps, mistakes=[*gone, *question.mistakes])


def not_called(question: RecordQuestion, called: Sequence[Call]) -> list[str]:
    """What the author asks for and this torch does not call."""
    names = {call.qualname for call in called}
    return [step.text.en for step in question.steps if step.text.en not in names]


_NOT_HERE = Words(
    "Your torch, {torch}, does not enter it here; other versions do.",
    "你的 torch（{torch}）在这里不进入它，别的版本会进入。",
)


def _unasked(call: Call) -> RecordedStep:
    """A call that nobody asks for, with what the recording says of it."""
    because = Words("your code calls it directly.", "它由你的代码直接调用。")
    if call.called_by:
        because = Words(f"`{call.called_by}` calls it.", f"它是在 `{call.called_by}` 中被调用的。")
    return RecordedStep(text=Words(call.qualname, call.qualname), because=because, optional=True)
