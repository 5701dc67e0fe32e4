"""What must hold of the lessons for every loss of the atlas that they teach: no part of one is forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from tutor.course.draft import Draft
from tutor.course.losses import Atlas, Loss
from tutor.course.model import (
    AnyStep,
    ChoiceQuestion,
    Formula,
    GeneratedQuestion,
    Lab,
    LabStep,
    OrderQuestion,
    Question,
    SeveralQuestion,
)
from tutor.course.rules import Faults, fault, one_of
from tutor.words import Words

QUESTIONS = 6
"""So many questions a loss has at least; half of them are typed, not picked."""
DRAWN = 2
"""So many of them have other numbers each time."""

_BY_HAND = re.compile(r"(?:^|[\s:(])(?:l[₀-₉]?|loss)\s*=[^\n]*\d")
"""A loss, computed with numbers."""
_REFUSAL = re.compile(r"\b\w+(?:Error|Warning)\b: \S")
"""What torch answers to a mistake, as it prints it."""
_SHAPE = re.compile(r"\((?:N|T|C)\b|\bshape\b")


def named_faults(draft: Draft, atlas: Atlas | None) -> Faults:
    """Losses that the atlas lacks, and steps that the lesson lacks, among what a lesson says that it teaches."""
    ids = [step.id for _, step in draft.steps]
    for name, patterns in _taught(draft).items():
        if atlas is None or name not in atlas.losses:
            wrong = Words(f"the atlas has no loss {name}", f"图谱中没有损失 {name}")
            yield fault(
                ("losses", name), wrong, one_of(name, list(atlas.losses) if atlas else []), on_key=True
            )
        for index, pattern in enumerate(patterns):
            if not any(fnmatchcase(id, pattern) for id in ids):
                wrong = Words(f"no step is called {pattern}", f"没有名为 {pattern} 的步骤")
                yield fault(("losses", name, index), wrong, one_of(pattern, ids))


def taught_faults(atlas: Atlas, drafts: Sequence[Draft], labs: dict[str, Lab]) -> Faults:
    """Parts that the lessons lack of a loss, at its place in the atlas; none in a course that teaches no loss."""
    if not any(_taught(draft) for draft in drafts):
        return
    for name, loss in atlas.losses.items():
        steps = [step for draft in drafts for step in _steps(draft, name)]
        for lacking in _lacking(name, loss, atlas, steps, labs):
            wrong = Words(
                f"the lessons teach {name} without {lacking.en}", f"课程讲 {name} 时缺少{lacking.zh}"
            )
            write = Words(
                "write it, or name its step under `losses` of the lesson",
                "请补写，或在该课的 `losses` 中列出对应步骤",
            )
            yield fault(("losses", name), wrong, write, on_key=True)


def _taught(draft: Draft) -> dict[str, list[str]]:
    """The ids, or beginnings of ids, of the steps about each loss, as far as they have their shape."""
    said = draft.tree.get("losses") if isinstance(draft.tree, dict) else None
    if not isinstance(said, dict):
        return {}
    return {str(name): [str(each) for each in ids] for name, ids in said.items() if isinstance(ids, list)}


def _steps(draft: Draft, name: str) -> list[AnyStep]:
    patterns = _taught(draft).get(name, [])
    return [step for _, step in draft.steps if any(fnmatchcase(step.id, each) for each in patterns)]


def _lacking(
    name: str, loss: Loss, atlas: Atlas, steps: Sequence[AnyStep], labs: dict[str, Lab]
) -> Iterator[Words]:
    """The parts that none of the steps has."""
    prose = "\n".join(text for step in steps for text in _english(step))
    formulas = [step for step in steps if isinstance(step, Formula)]
    if not any(step.where for step in formulas):
        yield Words("a formula with its symbols explained", "带符号说明的公式")
    if not _SHAPE.search(prose):
        yield Words("the shapes that go in", "输入的形状")
    for dtype in sorted({each.dtype for each in loss.takes.values()}):
        if not re.search(rf"\b{dtype}\b", prose):
            yield Words(f"the dtype {dtype}", f" dtype {dtype}")
    for reduction in loss.reductions:
        if f"`{reduction}`" not in prose:
            yield Words(f"the reduction {reduction}", f"归约方式 {reduction}")
    call = " ".join(re.findall(rf"\b{name}\(([^)]*=[^)]*)\)", prose))
    for argument in (*loss.arguments, *atlas.arguments):
        if not re.search(rf"\b{argument}=", call):
            yield Words(f"the default of {argument}", f"参数 {argument} 的默认值")
    if not _BY_HAND.search(prose):
        yield Words("a computation by hand", "手算过程")
    if not any(isinstance(step, LabStep) and step.lab in labs and labs[step.lab].charts for step in steps):
        yield Words("a lab that draws its curve", "绘制曲线的实验")
    if not _REFUSAL.search(prose):
        yield Words("a mistake with torch's own words", "典型错误及 torch 的原文")
    asked = [step for step in steps if isinstance(step, Question)]
    picked = [step for step in asked if isinstance(step, ChoiceQuestion | SeveralQuestion | OrderQuestion)]
    if len(asked) < QUESTIONS:
        yield Words(
            f"{QUESTIONS} questions (it has {len(asked)})", f"至少 {QUESTIONS} 道题（现有 {len(asked)} 道）"
        )
    if 2 * len(picked) > len(asked):
        yield Words("half of its questions typed", "至少一半的填写题")
    if sum(isinstance(step, GeneratedQuestion) for step in asked) < DRAWN:
        yield Words(f"{DRAWN} generated questions", f"至少 {DRAWN} 道随机出题")


def _english(part: Any) -> Iterator[str]:
    """All that a step says, in English, formulas and code among it."""
    if isinstance(part, Words):
        yield part.en
    elif isinstance(part, str):
        yield part
    elif isinstance(part, msgspec.Struct):
        for field in part.__struct_fields__:
            yield from _english(getattr(part, field))
    elif isinstance(part, dict):
        for each in part.values():
            yield from _english(each)
    elif isinstance(part, list | tuple):
        for each in part:
            yield from _english(each)
