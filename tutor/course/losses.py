"""The atlas: what there is to know of each loss at a glance, as its author writes it in `atlas/losses.yaml`."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Literal

import msgspec

from tutor.course.document import Document
from tutor.course.index import ATLAS
from tutor.course.load import document_of, shaped
from tutor.course.model import Shape
from tutor.words import Words

INSTALLED = "atlas/installed.py"
"""Asks the installed torch; its functions are run by the kernel like labs."""


_NAME = re.compile(r"[^\W\d²][^\W²]*")
_KNOWN = ("ln", "exp", "max", "cos")


class Task(Shape, frozen=True, kw_only=True):
    """What a network is to learn, and so a branch of the atlas."""

    title: Words
    names: list[str] = msgspec.field(default_factory=list)
    """What else a learner may call it, in any language."""
    within: str | None = None
    """The task of which this one is a part."""
    target: Words
    """What a target of this task does; goes on after "the target"."""
    targets: list[str]
    """The conventions that its targets may follow."""


class Input(Shape, frozen=True, kw_only=True):
    """What a network has to put out for a loss. `logits` says whether the loss works on logits, if that is a question."""

    title: Words
    logits: bool | None = None


class Taken(Shape, frozen=True, kw_only=True):
    """A tensor that is passed to the loss; its `shape` in the example, and those that are possible `also`."""

    shape: str
    also: list[str] = msgspec.field(default_factory=list)
    dtype: Literal["float", "long"]


class Loss(Shape, frozen=True, kw_only=True):
    """One loss. Its defaults are not written here: they are read from the installed torch."""

    title: Words
    task: str
    also: list[str] = msgspec.field(default_factory=list)
    """Other tasks that it is used for."""
    formula: str
    """Of one element or sample. Its names are arguments of the loss, or `symbols` of the atlas."""
    input: str
    target: str
    """The target's convention."""
    takes: dict[str, Taken]
    """What is passed to it, by torch's own names, in torch's order."""
    returns: str
    """The shape of the result under `none`."""
    reductions: list[str] = msgspec.field(default_factory=lambda: ["none", "sum", "mean"])
    least: float = -math.inf
    most: float = math.inf
    """Between these lies the average of any valid batch."""
    use: Words
    avoid: Words
    arguments: dict[str, Words]
    """What each argument of its own is for."""
    call: dict[str, str]
    """An example: Python expressions of torch, valid whatever the random numbers."""

    @property
    def tasks(self) -> list[str]:
        """All that it is used for, its place in the atlas first."""
        return [self.task, *self.also]

    @property
    def labels(self) -> list[str]:
        """The names of those that tell what is right; none for a loss without a target."""
        return [name for name in self.takes if name in ("target", "targets")]

    @property
    def outputs(self) -> list[str]:
        """The names of those that the network puts out."""
        return [name for name in self.takes if name not in self.labels and not name.endswith("_lengths")]

    @property
    def names(self) -> list[str]:
        """The names in its formula, those of functions that everybody knows left out."""
        return [each for each in dict.fromkeys(_NAME.findall(self.formula)) if each not in _KNOWN]

    @property
    def range(self) -> str:
        """The least and the greatest value as an interval."""
        low = "(−∞" if self.least == -math.inf else f"[{self.least:g}"
        return f"{low}, " + ("∞)" if self.most == math.inf else f"{self.most:g}]")


class Atlas(Shape, frozen=True, kw_only=True):
    """All of it: tasks, kinds of inputs, conventions of targets, and the losses in the course's order."""

    tasks: dict[str, Task]
    inputs: dict[str, Input]
    targets: dict[str, Words]
    arguments: dict[str, Words]
    """Arguments that every loss has; one may explain them anew."""
    symbols: dict[str, Words]
    """What stands for what in the formulas."""
    losses: dict[str, Loss]

    def logits(self, loss: Loss) -> bool | None:
        """Whether it works on logits; None where its input is neither logits nor made of them."""
        return self.inputs[loss.input].logits

    def above(self, task: str) -> list[str]:
        """The tasks of which this one is a part, the nearest first."""
        found: list[str] = []
        while (within := self.tasks[task].within) is not None and within not in found:
            found.append(task := within)
        return found

    def uses(self, name: str) -> list[str]:
        """All tasks that a loss may be filed under, its place in the atlas first."""
        tasks = self.losses[name].tasks
        return list(dict.fromkeys([*tasks, *(each for task in tasks for each in self.above(task))]))

    def where(self, loss: Loss) -> dict[str, Words]:
        """What each symbol in the formula of a loss stands for; arguments are explained among those."""
        return {name: self.symbols[name] for name in loss.names if name in self.symbols}

    def of(self, task: str) -> list[str]:
        """The losses whose place is at this very task."""
        return [name for name, loss in self.losses.items() if loss.task == task]

    def parts(self, task: str | None) -> list[str]:
        """The tasks within a task; those within none for None."""
        return [id for id, each in self.tasks.items() if each.within == task]


def load_atlas(folder: Path) -> Atlas | None:
    """The atlas of the course in `folder`; None where it has none. Raises `ContentError`."""
    return read_atlas(folder)[0] if (folder / ATLAS).exists() else None


def read_atlas(folder: Path) -> tuple[Atlas, Document]:
    """The atlas, and its file for complaints. Raises `ContentError`."""
    document = document_of(folder, ATLAS)
    atlas: Atlas = shaped(Atlas, document, document.value)
    return atlas, document


# Looking for losses ------------------------------------------------------------------------------------------------

_YES = {"yes": True, "no": False, "是": True, "否": False}


def narrowed(atlas: Atlas, typed: str) -> list[str]:
    """The losses that every typed word fits, in the atlas's order.

    A word may be a part of a name, a task, a kind of input or target in either language, a dtype of the target, a
    shape like `(N,C)`. `task:`, `input:`, `target:`, `shape:` and `logits:` (yes or no) before it say what is meant.
    """
    words = _words(typed)
    return [name for name in atlas.losses if all(_fits(atlas, name, word) for word in words)]


def _words(typed: str) -> list[str]:
    """What was typed, word by word, full-width signs or not; no space parts a shape."""
    plain = typed.casefold().translate(str.maketrans("（），：", "(),:"))
    return re.sub(r"\s*,\s*", ",", plain).split()


def _fits(atlas: Atlas, name: str, word: str) -> bool:
    facets = _facets(atlas, name)
    facet, colon, rest = word.partition(":")
    if facet == "logits" and colon:
        wanted = _YES.get(rest)
        return not rest or (wanted is not None and atlas.logits(atlas.losses[name]) is wanted)
    if colon and facet in facets:
        return any(rest in text for text in facets[facet])
    return any(word in text for texts in facets.values() for text in texts)


def _facets(atlas: Atlas, name: str) -> dict[str, list[str]]:
    """What of a loss can be looked for, in small letters."""
    loss = atlas.losses[name]
    tasks = [atlas.tasks[id] for id in atlas.uses(name)]
    shapes = [shape for taken in loss.takes.values() for shape in (taken.shape, *taken.also)]
    texts = {
        "name": [name, *loss.title.both()],
        "task": [text for task in tasks for text in (*task.title.both(), *task.names)],
        "input": atlas.inputs[loss.input].title.both(),
        "target": [*atlas.targets[loss.target].both(), *(loss.takes[each].dtype for each in loss.labels)],
        "shape": [shape.replace(" ", "") for shape in shapes],
    }
    return {facet: [text.casefold() for text in values] for facet, values in texts.items()}
