"""A lesson on its author's desk: as much of it as can be read, whatever is wrong with the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tutor.course.document import At, Document
from tutor.course.load import document_of
from tutor.course.model import AnyStep, GeneratedQuestion, Lab, Lesson
from tutor.course.problem import ContentError, Problem
from tutor.course.translation import Overlay, Twins
from tutor.course.tree import Fault, convert, faults


@dataclass
class Draft:
    """The two files of a lesson, and those of its labs and steps that have their shape."""

    name: str
    en: Document
    zh: Document | None
    tree: Any
    overlay: Overlay
    labs: dict[str, Lab] = field(default_factory=dict)
    steps: list[tuple[At, AnyStep]] = field(default_factory=list)

    @property
    def id(self) -> str | None:
        """The lesson's id, if it has one."""
        id = self.tree.get("id") if isinstance(self.tree, dict) else None
        return id if isinstance(id, str) else None

    def is_template(self, twin: Twins) -> bool:
        """Whether this text names the numbers of a variant."""
        return any(
            isinstance(step, GeneratedQuestion) and twin.at[:2] == at and twin.at[2] != "title"
            for at, step in self.steps
        )


def draft_of(folder: Path, name: str, found: list[Problem]) -> Draft | None:
    """The lesson in the folder called `name`, None if its English cannot be read; complaints go to `found`."""
    try:
        en = document_of(folder, f"{name}/lesson.yaml")
    except ContentError as error:
        found += error.problems
        return None
    zh = None
    if (folder / name / "zh.yaml").exists():
        try:
            zh = document_of(folder, f"{name}/zh.yaml")
        except ContentError as error:
            found += error.problems
    overlay = Overlay()
    tree = overlay.lay(Lesson, en.value, zh.value if zh else None)
    draft = Draft(name, en, zh, tree, overlay)
    found += [said(en, each) for each in faults(Lesson, tree)]
    if not isinstance(tree, dict):
        return draft
    labs, steps = tree.get("labs"), tree.get("steps")
    for id, value in labs.items() if isinstance(labs, dict) else ():
        if (lab := _converted(Lab, value)) is not None:
            draft.labs[str(id)] = lab
    for index, value in enumerate(steps if isinstance(steps, list) else ()):
        if (step := _converted(AnyStep, value)) is not None:
            draft.steps.append((("steps", index), step))
    return draft


def _converted(wanted: Any, value: Any) -> Any:
    """None for what `faults` complains about."""
    try:
        return convert(wanted, value)
    except (msgspec.ValidationError, ValueError):
        return None


def templates_of(draft: Draft, at: At, step: GeneratedQuestion) -> Iterator[tuple[Document, At, str]]:
    """Every text of a generated question that names numbers, in both languages, with its place."""
    if step.given is not None:
        yield draft.en, (*at, "given"), step.given
    for twin in draft.overlay.twins:
        if twin.at[:2] != at or not draft.is_template(twin):
            continue
        yield draft.en, twin.at, twin.words.en
        if twin.words.zh and (twin.beside or draft.zh is not None):
            document = draft.zh if draft.zh is not None and not twin.beside else draft.en
            yield document, (*twin.at, "zh") if twin.beside else twin.zh_at, twin.words.zh


def said(document: Document, found: Fault) -> Problem:
    """`found` as its author reads it."""
    return document.problem(found.at, found.wrong, found.write, key=found.on_key)


def place_of(at: At) -> str:
    """A place as one would write it down: steps.border.hints[2], counted from 1."""
    if not at:
        return "the file"
    return "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in at).removeprefix(".")
