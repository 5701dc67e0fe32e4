"""An answer of torch in lines of text, for the command, the report and the screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.cells import cell_len

from tutor.builder.answer import Answer, Row, origin, shown
from tutor.builder.causes import cause, remarks
from tutor.builder.groups import Builder
from tutor.builder.hand import HandStep, by_hand
from tutor.protocol import Crashed, Stopped
from tutor.words import Language, Words


def group_lines(answer: Answer, builder: Builder | None, index: int, language: Language) -> list[str]:
    """A group of torch's answer: every key, its value, and whether that was set or inherited."""
    group = answer.groups[index]
    rows = [(key, shown(value), origin(builder, answer, index, key)) for key, value in group.items()]
    wide = max(len(key) for key, _, _ in rows)
    values = max((len(value) for key, value, _ in rows if key != "params"), default=0)
    values = max(values, *(len(value) for key, value, _ in rows if key == "params" and len(value) <= 24), 5)
    return [f"{key:{wide}}  {value:{values}}  {where.into(language)}" for key, value, where in rows]


def error_lines(answer: Answer, language: Language, *, short: bool = False) -> list[str]:
    """What kept torch from an answer: its own words first, the line of the code if not `short`, the cause."""
    if answer.refused is not None:
        return [answer.refused.into(language)]
    if isinstance(answer.ending, Stopped):
        return [Words("Stopped.", "已停止。").into(language)]
    if isinstance(answer.ending, Crashed):
        return [Words("The run ended without a word.", "运行异常退出。").into(language)]
    if answer.failed is None:
        return []
    lines = [f"{answer.failed.type}: {answer.failed.message}"]
    if answer.line is not None and not short:
        code = answer.code.splitlines()[answer.line - 1 : answer.line]
        where = Words("Line {n} of the code: {code}", "代码第 {n} 行：{code}")
        lines.append(where.filled(n=answer.line, code=code[0].strip() if code else "").into(language))
    why = cause(answer)
    if why is not None:
        lines.append(Words("Cause: {why}", "原因：{why}").filled(why=why).into(language))
    return lines


def remark_lines(answer: Answer, builder: Builder | None, language: Language) -> list[str]:
    """What torch took without a word, and what it warned of."""
    warned = [Words("torch warns: {it}", "torch 警告：{it}").filled(it=each) for each in answer.warnings]
    return [each.into(language) for each in (*remarks(builder, answer), *warned)]


def hand_steps(answer: Answer, index: int, name: str) -> list[tuple[Row, HandStep]]:
    """The steps of one tensor's first element: what torch has after each, and the same by hand."""
    rows = [row for step in answer.steps for row in step if (row.group, row.name) == (index, name)]
    start, taken = rows[:1], rows[1:]
    gradients = [row.gradient for row in taken]
    if not start or start[0].weight is None or not all(isinstance(each, float) for each in gradients):
        return []
    given = [float(each) for each in gradients if each is not None]
    try:
        hand = by_hand(answer.groups[index], start[0].weight, given)
    except (KeyError, TypeError, OverflowError):  # settings that are no plain numbers
        return []
    return list(zip(taken, hand, strict=True))


def number_of(value: float | None) -> str:
    """A float32 as short as it is exact enough to compare; a dash where there is none."""
    return "–" if value is None else f"{value:.6g}"


def step_lines(answer: Answer, index: int, name: str, language: Language) -> list[str]:
    """One tensor's steps: torch's weight and buffer beside those by hand, and below them how they come about."""
    steps = hand_steps(answer, index, name)
    if not steps:
        return []
    param: Any = next(each for each in answer.groups[index]["params"] if each.name == name)
    element = f"{name}[{', '.join('0' * len(param.shape))}]" if param.shape else name
    heads = [
        Words("step", "步").into(language),
        Words("gradient", "梯度").into(language),
        element,
        Words("by hand", "手算").into(language),
        "momentum_buffer",
        Words("by hand", "手算").into(language),
    ]
    start = next(row for row in answer.steps[0] if (row.group, row.name) == (index, name))
    rows = [["0", "", number_of(start.weight), "", number_of(start.buffer), ""]]
    for number, (row, hand) in enumerate(steps, 1):
        torchs = [number_of(value) for value in (row.gradient, row.weight, row.buffer)]
        rows.append([str(number), *torchs[:2], number_of(hand.weight), torchs[2], number_of(hand.buffer)])
    wide = [max(cell_len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    lines = ["  ".join(_right(cell, wide[i]) for i, cell in enumerate(row)) for row in [heads, *rows]]
    return [*lines, "", *_how(steps)]


def _right(text: str, width: int) -> str:
    return " " * (width - cell_len(text)) + text


def _how(steps: list[tuple[Row, HandStep]]) -> Iterator[str]:
    for number, (_, hand) in enumerate(steps, 1):
        for at, line in enumerate(hand.lines):
            yield f"{number if not at else '':>2}  {line}"


def report_lines(answer: Answer, builder: Builder | None, language: Language) -> list[str]:
    """The whole answer, one group after the other, with the steps if there were any."""
    lines = [f"torch {answer.torch}"] if answer.torch else []
    for index, group in enumerate(answer.groups):
        lines += ["", f"optimizer.param_groups[{index}]"]
        lines += [f"  {line}" for line in group_lines(answer, builder, index, language)]
        for name in dict.fromkeys(param.name for param in group["params"]):
            steps = step_lines(answer, index, name, language)
            lines += ["", *(f"  {line}".rstrip() for line in steps)] if steps else []
    for told in (remark_lines(answer, builder, language), error_lines(answer, language)):
        lines += ["", *told] if told else []
    return lines
