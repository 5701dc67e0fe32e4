"""What torch made of the learner's script: the groups key by key, the steps, or its error."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tutor.builder.groups import Builder, homework_groups
from tutor.protocol import Crashed, Emission, Ending, Failed, Note, Stopped, Table, Value, number, plain
from tutor.words import Words


class Param(NamedTuple):
    """A tensor in a group, by the name of its variable; "?" where no variable holds it."""

    name: str
    shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.name} {self.shape}"


class Row(NamedTuple):
    """One tensor after a step: the first element of its gradient, of itself and of its momentum buffer."""

    group: int
    """The number of its group."""
    name: str
    gradient: float | None
    weight: float | None
    buffer: float | None


@dataclass(eq=False)
class Answer:
    """Torch's answer to `code`; it grows with what the run emits."""

    code: str
    torch: str = ""
    """The version."""
    groups: list[dict[str, Any]] = field(default_factory=list)
    """`optimizer.param_groups`, in torch's order; "params" are of type `Param`."""
    defaults: dict[str, Any] = field(default_factory=dict)
    """`optimizer.defaults`."""
    steps: list[list[Row]] = field(default_factory=list)
    """Every tensor before the first step, and after each."""
    warnings: list[str] = field(default_factory=list)
    ending: Ending | None = None
    refused: Words | None = None
    """Why it was not run at all."""

    def take(self, emission: Emission) -> None:
        """Write down the next thing that the run emitted."""
        match emission:
            case Value("torch", version):
                self.torch = str(version)
            case Value("warning", text):
                self.warnings.append(str(text))
            case Table("defaults", _, rows):
                self.defaults = {key: number(value) for key, value in rows}
            case Table("param_groups", _, rows):
                self._take_groups(rows)
            case Table(name, _, rows) if name.startswith("step "):
                self.steps.append([Row(*(number(cell) for cell in row)) for row in rows])
            case Note(text, zh):
                self.refused = Words(text, zh)
            case Failed() | Stopped() | Crashed():
                self.ending = emission
            case _ if isinstance(emission, Ending):
                self.ending = emission
            case _:
                pass

    def _take_groups(self, rows: Sequence[Sequence[Any]]) -> None:
        self.groups = []
        for index, key, value in rows:
            if index == len(self.groups):
                self.groups.append({})
            params = [Param(name, tuple(shape)) for name, shape in value] if key == "params" else None
            self.groups[index][key] = number(value) if params is None else params

    @property
    def failed(self) -> Failed | None:
        """The error that ended the script, if one did."""
        return self.ending if isinstance(self.ending, Failed) else None

    @property
    def line(self) -> int | None:
        """The line of the code, counted from 1, at which it failed."""
        trace = "\n".join(self.failed.trace) if self.failed else ""
        found = re.findall(r'File "<code>", line (\d+)', trace)
        return int(found[-1]) if found else None

    def kept(self) -> dict[str, Any]:
        """What is worth keeping of it, as plain data that JSON can carry."""
        groups = [[[key, _bare(value)] for key, value in group.items()] for group in self.groups]
        said = f"{self.failed.type}: {self.failed.message}" if self.failed else None
        kept: dict[str, Any] = plain({"torch": self.torch, "groups": groups, "error": said})
        return kept


def restored(code: str, kept: Mapping[str, Any]) -> Answer:
    """An answer as far as `Answer.kept` kept it."""
    answer = Answer(code, str(kept.get("torch", "")))
    rows = [[i, key, value] for i, group in enumerate(kept.get("groups", [])) for key, value in group]
    answer.take(Table("param_groups", [], rows))
    if kept.get("error"):
        kind, _, message = str(kept["error"]).partition(": ")
        answer.take(Failed(kind, message))
    return answer


def _bare(value: Any) -> Any:
    return [[param.name, list(param.shape)] for param in value] if is_params(value) else value


def is_params(value: Any) -> bool:
    """Whether this is what stands under "params"."""
    return isinstance(value, list) and all(isinstance(each, Param) for each in value)


def shown(value: Any) -> str:
    """A value as Python has it; tensors by name and shape."""
    return f"[{', '.join(map(str, value))}]" if is_params(value) else repr(value)


def wanting(groups: Sequence[Mapping[str, Any]]) -> Words | None:
    """What keeps these from being homework 4's groups, the first such thing; None if they are.

    They are three, or four with the constructor's own before them.
    """
    asked = homework_groups()
    if len(groups) not in (len(asked), len(asked) + 1):
        return Words("3 groups are asked for", "要求有 3 组")
    own = len(groups) - len(asked)
    for index, wanted in enumerate(asked, own):
        for key, value in wanted.items():
            if groups[index].get(key) != value:
                words = Words("group {n} needs {key} {value}", "第 {n} 组的 {key} 应为 {value}")
                return words.filled(n=index, key=key, value=value)
    return None


ORIGINS = {
    "set": Words("set", "已设置"),
    "constructor": Words("inherited from SGD(...)", "继承自 SGD(...)"),
    "torch": Words("inherited from torch", "继承自 torch 的默认值"),
    "differs": Words("set: not the default", "已设置：与默认值不同"),
    "same": Words("as the default", "与默认值相同"),
}


def origin(builder: Builder | None, answer: Answer, index: int, key: str) -> Words:
    """In words, where a value comes from; of code that the form cannot show, only how it lies to the default."""
    if builder is not None:
        return ORIGINS[builder.origin(index, key)]
    differs = key not in answer.defaults or answer.groups[index][key] != answer.defaults[key]
    return ORIGINS["differs" if differs else "same"]
