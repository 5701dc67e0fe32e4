"""What a lesson says, made checkable: its sessions run, its signatures compared, its sums and decimals worked out."""

from __future__ import annotations

import itertools
import random
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.content.quoting import FORMATTED, Lesson, close, defaults
from tutor.practice.numbers import read_number
from tutor.protocol import Variant

FENCE = re.compile(r"```\n(.*?)```", re.DOTALL)
COMPUTED = (*FORMATTED, "formula", "generate")


class Spoken(Lesson):
    """A lesson whose texts, sessions and drawn questions are asked for one by one."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.questions: list[dict[str, Any]] = [
            step for step in self.steps.values() if step["kind"] == "question"
        ]

    def drawn(self, step: dict[str, Any], seeds: int) -> Iterator[Variant]:
        """The variants of a generated question, as the kernel draws them."""
        file, _, name = step["generate"].partition(":")
        generator = getattr(self.module(file.removesuffix(".py")), name)
        for seed in range(seeds):
            torch.manual_seed(seed)
            yield generator(random.Random(seed))

    def fences(self) -> Iterator[tuple[str, str]]:
        """(step, block): the code blocks of the texts, the same in both languages."""
        for id, step in self.steps.items():
            yield from ((id, block) for block in FENCE.findall(str(step.get("body", ""))))

    def texts(self) -> Iterator[tuple[str, str]]:
        """(step, text): all that is read in either language, without what is computed elsewhere."""
        for id, step in self.steps.items():
            if step.get("ask") != "generated":
                for said in (step, self.chinese[id]):
                    yield from ((id, text) for text in _texts(said))


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name not in COMPUTED:
                yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)
    else:
        yield FENCE.sub("", str(part))


# Drawn questions -----------------------------------------------------------------------------------------------------


def wrongly_drawn(
    lesson: Spoken, step: dict[str, Any], by_hand: Callable[[str, dict[str, Any]], Any], different: int
) -> list[str]:
    """Of 100 variants those whose answer is not what comes out by hand, from what the learner is shown.

    Also said if fewer than `different` of them differ.
    """
    name = step["generate"].partition(":")[2]
    drawn = list(lesson.drawn(step, 100))
    wrong = [
        f"{name}: {variant.answer} for {variant.fields}"
        for variant in drawn
        if variant.answer != pytest.approx(by_hand(name, variant.fields), rel=1e-4, abs=1e-5)
    ]
    kinds = len({str(variant.fields) for variant in drawn})
    return wrong if kinds > different else [*wrong, f"{name}: only {kinds} of 100 differ"]


# Sessions ----------------------------------------------------------------------------------------------------------


def differing_sessions(lesson: Spoken, **names: Any) -> list[str]:
    """Runs every `>>>` of the lesson from top to bottom, and says where torch answers otherwise than the text."""
    names |= {"torch": torch, "nn": nn, "F": F}
    differing, count = [], 0
    for id, block in lesson.fences():
        for command, told in re.findall(r"^>>> (.+\n)((?:(?!>>> ).*\n)*)", block, re.M):
            answered = _answered(command, names)
            count += 1
            if answered != " ".join(told.split()):
                differing.append(f"{id}: {command.strip()}\n  text:  {told.strip()}\n  torch: {answered}")
    assert count, "the lesson runs nothing"
    return differing


def _answered(command: str, names: dict[str, Any]) -> str:
    """What an interactive session prints, with its lines joined."""
    said = ""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            try:
                code = compile(command.strip(), "session", "eval")
            except SyntaxError:
                exec(command, names)
            else:
                result = eval(code, names)
                said = "" if result is None else repr(result)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
    warned = [f"{each.category.__name__}: {each.message}" for each in caught]
    return " ".join(" ".join([*warned, said]).split())


def differing_signatures(lesson: Spoken) -> list[str]:
    """Which losses are shown with other arguments or defaults than the installed torch has."""
    shown = {
        match[1]: " ".join(block.split())
        for _, block in lesson.fences()
        if (match := re.match(r"(\w+Loss)\(", block))
    }
    assert shown, "the lesson shows no signature"
    return [f"{text} != {signature(name)}" for name, text in shown.items() if text != signature(name)]


def signature(name: str) -> str:
    """The class's arguments as one writes them."""
    said = ", ".join(f"{argument}={value}" for argument, value in defaults(name).items())
    return f"{name}({said})".replace("1e-06", "1e-6")


# Answers typed as code -----------------------------------------------------------------------------------------------


def accepted(
    question: dict[str, Any], right: Callable[[Any], bool], **names: Any
) -> tuple[list[str], list[str]]:
    """Of a line to be typed: the answers whose value is not `right`, and the mistakes whose value is."""

    def given(text: str) -> bool:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return right(eval(text, {"torch": torch, "nn": nn, "F": F, **names}))
            except Exception:
                return False

    return (
        [text for text in question["answers"] if not given(text)],
        [each["text"] for each in question["mistakes"] if given(each["text"])],
    )


# Numbers -----------------------------------------------------------------------------------------------------------


def unfounded_decimals(lesson: Spoken, figures: list[Any]) -> list[str]:
    """Decimals in the text that are neither a figure nor checked with `verify`."""
    for step in lesson.questions:
        for said in (step, *step.get("mistakes", [])):
            if "verify" in said:
                figures = [*figures, said.get("answer", said.get("value"))]
    known = [
        value for each in figures for value in torch.as_tensor(each, dtype=torch.float64).flatten().tolist()
    ]
    return sorted(
        {
            f"{id}: {decimal}"
            for id, text in lesson.texts()
            for decimal in re.findall(r"(?<![\w.{:])\d+\.\d+(?!\w)", text)
            if not any(close(figure, decimal) for figure in known)
        }
    )


def wrong_equations(lesson: Spoken) -> list[str]:
    """Of all `a = b` in the texts and derivations whose two sides can be computed, those that are not so.

    A side ends where the sentence goes on. The right one is rounded to the decimals it has; with four of them, so
    were the terms of the left one.
    """
    wrong, count = [], 0
    for id, line in _lines(lesson):
        for left, right in itertools.pairwise(line.replace("max(0, ", "max(0,").split("=")):
            left = re.split(r"[:：;；|→，。、]|, (?:and |so )?|gives|[再而]", left)[-1].strip()
            right = re.split(r"[:：;；|→，。、]|, |\.(?!\d)", right)[0].strip()
            a, b = _side(left), _side(right)
            if a is None or b is None:
                continue
            count += 1
            decimal = re.fullmatch(r"−?\d+\.(\d+)", right)
            digits = len(decimal[1]) if decimal else 0
            if abs(a - b) > (0.51 * 10**-digits if 0 < digits < 4 else 1.6e-4):
                wrong.append(f"{id}: {left} = {right}")
    assert count > 10, count
    return wrong


def _lines(lesson: Spoken) -> Iterator[tuple[str, str]]:
    for id, text in lesson.texts():
        yield from ((id, line) for line in text.splitlines())
    for id, step in lesson.steps.items():
        if step["kind"] == "derivation":
            yield from ((id, line["formula"]) for line in step["lines"])


def _side(text: str) -> float | None:
    text = text.strip(" -.`").replace("⅓", "(1/3)").replace("⅔", "(2/3)").replace("²", "^2")
    if not re.search(r"\d", text):
        return None
    if match := re.fullmatch(r"max\(0,(.+)\)", text):
        inner = read_number(match[1])
        return max(0.0, inner) if isinstance(inner, float) else None
    value = read_number(text)
    return value if isinstance(value, float) else None
