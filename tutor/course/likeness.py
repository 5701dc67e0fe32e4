"""Whether the two languages of a text say the same: the same code, the same numbers, the Chinese as new as the English."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from rich.cells import cell_len

from tutor.course.document import At
from tutor.course.model import Derivation, Formula, Question
from tutor.course.problem import listed
from tutor.course.rules import Faults, fault
from tutor.course.translation import Twins
from tutor.words import Words

WIDEST = 76
"""Cells that a step has at 80x24."""

FENCE = re.compile(r"^```[^\n]*\n(.*?)^```[ ]*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
COMMENT = re.compile(r"(^|\s)#.*$", re.MULTILINE)
NUMBER = re.compile(r"\d+(?:\.\d+)*")
FIELD = re.compile(r"\{[^{}]*\}")
"""A name in a template."""
CJK = re.compile(r"[\u3400-\u9fff]")
ENGLISH = re.compile(r"(?<![\w.(\[])[a-z]{3,}(?![\w(\[=]|\.\w)")


def words_faults(words: Words, *, template: bool = False) -> Iterator[tuple[Words, Words]]:
    """How the Chinese of one text differs from its English where it must not: what is wrong, what to write.

    In a `template` what stands in braces is a name; a sentence may need it twice in one language alone.
    """
    en, zh = words.en, words.zh
    if template:
        of_en, of_zh = (sorted(set(FIELD.findall(text))) for text in (en, zh))
        yield from _unlike(Words("the names", "名称"), of_en, of_zh)
        en, zh = FIELD.sub(" ", en), FIELD.sub(" ", zh)
    for what, of_en, of_zh in (
        (Words("the code", "代码"), _fences(en), _fences(zh)),
        (Words("the inline code", "行内代码"), CODE.findall(_unfenced(en)), CODE.findall(_unfenced(zh))),
        (Words("the numbers", "数字"), _numbers(en), _numbers(zh)),
    ):
        yield from _unlike(what, of_en, of_zh)
    if not CJK.search(zh) and len(ENGLISH.findall(CODE.sub("", _unfenced(en)))) >= 2:
        yield Words("this is not Chinese", "这不是中文"), Words("translate it", "请翻译")


def _unlike(what: Words, of_en: list[str], of_zh: list[str]) -> Iterator[tuple[Words, Words]]:
    lacking, extra = _difference(of_en, of_zh), _difference(of_zh, of_en)
    if lacking or extra:
        yield (
            Words(
                f"{what.en} differ from the English ({_told(lacking, extra).en})".replace(
                    "code differ ", "code differs "
                ),
                f"{what.zh}与英文不一致（{_told(lacking, extra).zh}）",
            ),
            Words("write the same in both languages", "两种语言请保持一致"),
        )


def _fences(text: str) -> list[str]:
    """The code of the fences, without comments, which may be translated."""
    return [
        "\n".join(line.rstrip() for line in COMMENT.sub("", code).splitlines() if line.strip())
        for code in FENCE.findall(text)
    ]


def _unfenced(text: str) -> str:
    return FENCE.sub("", text)


def _numbers(text: str) -> list[str]:
    return NUMBER.findall(CODE.sub(" ", _unfenced(text)))


def _difference(some: Sequence[str], others: Sequence[str]) -> list[str]:
    return list((Counter(some) - Counter(others)).elements())


def _told(lacking: list[str], extra: list[str]) -> Words:
    def short(texts: list[str]) -> str:
        return listed([text if len(text) <= 40 else text[:39] + "…" for text in texts])

    en = [f"lacks {short(lacking)}"] * bool(lacking) + [f"adds {short(extra)}"] * bool(extra)
    zh = [f"缺少 {short(lacking)}"] * bool(lacking) + [f"多出 {short(extra)}"] * bool(extra)
    return Words("; ".join(en), "；".join(zh))


# Width -----------------------------------------------------------------------------------------------------------


def too_wide(text: str) -> Iterator[tuple[Words, Words]]:
    """Lines that are shown as they stand and do not fit."""
    for line in text.splitlines():
        if (width := cell_len(line)) > WIDEST:
            yield (
                Words(
                    f"this line is {width} cells wide: {line.strip()[:30]}…",
                    f"这一行宽 {width} 格：{line.strip()[:30]}…",
                ),
                Words(f"break it at {WIDEST} cells", f"请在 {WIDEST} 格内换行"),
            )


def fenced_too_wide(text: str) -> Iterator[tuple[Words, Words]]:
    """The same for the fenced code in a text."""
    for code in FENCE.findall(text):
        yield from too_wide(code)


def verbatim_faults(step: Any, at: At) -> Faults:
    """The formulas and data of a step, which both languages share."""
    shown: list[tuple[At, str]] = []
    if isinstance(step, Formula):
        shown.append(((*at, "formula"), step.formula))
    elif isinstance(step, Question) and step.given:
        shown.append(((*at, "given"), step.given))
    elif isinstance(step, Derivation):
        for index, line in enumerate(step.lines):
            shown.append(((*at, "lines", index, "formula"), line.formula))
            shown += [
                ((*at, "lines", index, "wrong", number, "formula"), wrong.formula)
                for number, wrong in enumerate(line.wrong)
            ]
    for place, text in shown:
        for wrong_said, write in too_wide(text):
            yield fault(place, wrong_said, write)


# The lock: which English the Chinese belongs to --------------------------------------------------------------------


def lock_of(tree: Any, twins: Sequence[Twins]) -> dict[str, str]:
    """A digest of the English texts of each step, each lab, and of the lesson's head."""
    texts: dict[str, list[str]] = {}
    for twin in twins:
        texts.setdefault(_name(tree, twin.at), []).append(twin.words.en)
    return {
        name: blake2b("\0".join(each).encode(), digest_size=6).hexdigest() for name, each in texts.items()
    }


def _name(tree: Any, at: At) -> str:
    if at[0] == "steps" and len(at) > 2:
        return f"step {tree['steps'][at[1]].get('id')}"
    return f"lab {at[1]}" if at[0] == "labs" and len(at) > 2 else "lesson"


def read_lock(path: Path) -> dict[str, str] | None:
    """The lock as it was written; None if there is none that can be read."""
    try:
        lock = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return lock if isinstance(lock, dict) else None


def write_lock(path: Path, lock: dict[str, str]) -> None:
    """Write the lock, whole or not at all, and only if it changed. Raises OSError."""
    if read_lock(path) == lock:
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(json.dumps(lock, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def lock_faults(lock: dict[str, str] | None, now: dict[str, str]) -> Faults:
    """What of the English is newer than the Chinese; places are those of `zh.yaml`."""
    again = Words(
        "read the Chinese against it, then run `tutor check --translated`",
        "请对照英文核对中文，然后运行 `tutor check --translated`",
    )
    if lock is None:
        yield fault((), Words("zh.lock is missing or damaged", "zh.lock 缺失或损坏"), again)
        return
    for name, digest in now.items():
        if lock.get(name) != digest:
            kind, _, id = name.partition(" ")
            at: At = {"step": ("steps", id), "lab": ("labs", id)}.get(kind, ("title",))
            said = (
                Words("the lesson's head", "课程开头")
                if kind == "lesson"
                else Words(name, f"{'步骤' if kind == 'step' else '实验'} {id}")
            )
            yield fault(
                at,
                Words(
                    f"the English of {said.en} changed after the Chinese was written",
                    f"{said.zh} 的英文在中文写成之后改动过",
                ),
                again,
                on_key=True,
            )
