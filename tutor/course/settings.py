"""A lab's settings, from what somebody typed to the typed values that the lab is called with."""

from __future__ import annotations

import ast
import json
import math
import os
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import msgspec

from tutor.course.model import (
    AnyControl,
    Arguments,
    Choice,
    Folder,
    Integer,
    Lab,
    LabStep,
    Lesson,
    Number,
    Numbers,
    Seed,
    Several,
    Toggle,
)
from tutor.course.problem import listed
from tutor.words import Words

TOGGLES = {
    **dict.fromkeys(("true", "yes", "on", "1", "是", "开"), True),
    **dict.fromkeys(("false", "no", "off", "0", "否", "关"), False),
}
NOTHING = ("none", "null", "无")
"""What is typed for no table at all."""


class SettingError(Exception):
    """A setting that its lab cannot take; `words` name what it can."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


def settle(lab: Lab, given: Mapping[str, Any], preset: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A value for each control of `lab`: from `given`, else from `preset`, else its default.

    Texts are read as a learner types them, full-width digits too. Raises `SettingError`, and nothing else.
    """
    wanted = {**(preset or {}), **given}
    for name in wanted:
        if name not in lab.controls:
            raise SettingError(_unknown(name, lab))
    choices = {
        name: fit(name, control, wanted.get(name, control.default))
        for name, control in lab.controls.items()
        if isinstance(control, Choice)
    }
    return {
        name: fit(name, control, wanted[name]) if name in wanted else default_of(name, control, choices)
        for name, control in lab.controls.items()
    }


def default_of(name: str, control: AnyControl, choices: Mapping[str, Any]) -> Any:
    """What the control stands at while the choices of its lab are these."""
    for choice, options in control.defaults.items():
        if choices.get(choice) in options:
            return fit(name, control, options[choices[choice]])
    # YAML has 1 where a lab is promised 1.0.
    return fit(name, control, control.default) if isinstance(control, Numbers) else control.default


def with_settings(lesson: Lesson, step: LabStep, lab: Lab, settings: Mapping[str, Any]) -> Lesson:
    """The lesson with these settings of its lab at one of its steps. Raises `SettingError` if the lab does not take them.

    The step's own settings stay, but for those that belong to another option of a choice; and where anything is now
    otherwise, nothing is to be predicted: that was asked about the step as it is.
    """
    before = settle(lab, {}, step.set)
    kept = {
        name: value
        for name, value in step.set.items()
        if all(
            before[choice] == settings.get(choice, before[choice]) for choice in lab.controls[name].defaults
        )
    }
    preset = {**kept, **settings}
    predict = step.predict if settle(lab, {}, preset) == before else None
    changed = msgspec.structs.replace(step, set=preset, predict=predict)
    return msgspec.structs.replace(lesson, steps=[changed if each is step else each for each in lesson.steps])


def fit(name: str, control: AnyControl, given: Any) -> Any:
    """`given`, text or value, as the control `name` takes it. Raises `SettingError`."""
    typed = (
        unicodedata.normalize("NFKC", given).replace("−", "-").strip() if isinstance(given, str) else given
    )
    value: Any = None
    match control:
        case Choice(options=options):
            value = next((option for option in (given, typed) if option in options), None)
        case Toggle():
            value = TOGGLES.get(typed.lower()) if isinstance(typed, str) else typed
            value = value if isinstance(value, bool) else None
        case Number(min=low, max=high):
            value = _within(low, _real(typed), high)
        case Integer() | Seed():
            value = _within(control.min, _whole(typed), control.max)
        case Numbers():
            if control.none and (typed is None or (isinstance(typed, str) and typed.lower() in NOTHING)):
                return None
            value = _table(control, typed)
        case Arguments():
            value = _arguments(typed)
        case Folder():
            value = _path(given)
        case Several(options=options):
            value = _chosen(options, typed)
    if value is None:
        allowed = allowed_by(control)
        shown = repr(given) if len(repr(given)) <= 40 else repr(given)[:39] + "…"
        raise SettingError(
            Words(f"{name} must be {allowed.en}, not {shown}.", f"{name} 应为{allowed.zh}，而不是 {shown}。")
        )
    return value


def allowed_by(control: AnyControl) -> Words:
    """What a control takes, as the rest of a sentence that begins with "it must be" (Chinese: 应为)."""
    match control:
        case Choice(options=options):
            return Words(f"one of {listed(options)}", f" {listed(options)} 之一")
        case Toggle():
            return Words("true or false", " true 或 false")
        case Number(min=low, max=high):
            return Words(f"a number from {low:g} to {high:g}", f" {low:g} 到 {high:g} 之间的数")
        case Numbers():
            return _allowed_table(control)
        case Arguments():
            return Words(
                'arguments by name, like reduction="sum" or {"reduction": "sum"}',
                '形如 reduction="sum" 或 {"reduction": "sum"} 的具名参数',
            )
        case Folder():
            return Words("the path of a folder, or empty for none", "文件夹路径，留空表示没有")
        case Several(options=options):
            return Words(
                f"some of {listed(options)}, with commas between them",
                f" {listed(options)} 中的若干个，以逗号分隔",
            )
    return Words(
        f"a whole number from {control.min} to {control.max}", f" {control.min} 到 {control.max} 之间的整数"
    )


def _allowed_table(control: Numbers) -> Words:
    kind = Words("whole numbers", "整数") if control.integer else Words("finite numbers", "有限数")
    if control.dims == "any":
        said = Words(
            f"{kind.en} like 1, [1, 2] or [[1, 2], [1, 3]], three dimensions at most",
            f"形如 1、[1, 2] 或 [[1, 2], [1, 3]] 的{kind.zh}，最多三维",
        )
    elif control.dims == 1:
        said = Words(f"a list of {kind.en} like [1, 2]", f"形如 [1, 2] 的{kind.zh}列表")
    else:
        said = Words(
            f"rows of {kind.en}, all of one length, like [[1, 2], [1, 3]]",
            f"形如 [[1, 2], [1, 3]]、各行等长的{kind.zh}表",
        )
    low, high = control.min, control.max
    if low is not None and high is not None:
        said = Words(
            f"{said.en}, each from {low:g} to {high:g}", f"{said.zh}，每个数在 {low:g} 到 {high:g} 之间"
        )
    elif low is not None:
        said = Words(f"{said.en}, each at least {low:g}", f"{said.zh}，每个数不小于 {low:g}")
    elif high is not None:
        said = Words(f"{said.en}, each at most {high:g}", f"{said.zh}，每个数不大于 {high:g}")
    return Words(f"{said.en}, or none", f"{said.zh}，或 none") if control.none else said


def _unknown(name: object, lab: Lab) -> Words:
    if not lab.controls:
        return Words(
            f"There is no setting {name}; this lab has none.",
            f"没有名为 {name} 的设置；这个实验没有可用的设置。",
        )
    names = listed(list(lab.controls))
    return Words(
        f"There is no setting {name}. The settings are: {names}.",
        f"没有名为 {name} 的设置。可用的设置：{names}。",
    )


def _within(low: float, value: float | None, high: float) -> float | None:
    return value if value is not None and low <= value <= high else None


def _table(control: Numbers, value: Any) -> Any:
    """A list of numbers, or of rows of them that are all of one length, as the control has it; else None."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if control.dims == "any":
        return _nested(control, value, 3)
    if control.dims == 1:
        return _row(
            control, value if isinstance(value, (list, tuple)) else [value]
        )  # one number is a list of one
    if not isinstance(value, (list, tuple)):
        return None
    rows = [_row(control, row) if isinstance(row, (list, tuple)) else None for row in value]
    found = [row for row in rows if row is not None]
    return found if len(found) == len(rows) and len({len(row) for row in found}) <= 1 else None


def _nested(control: Numbers, value: Any, most: int) -> Any:
    """One number, or a list of what this gives, `most` deep and full in every direction; else None."""
    if not isinstance(value, (list, tuple)):
        row = _row(control, [value])
        return None if row is None else row[0]
    items = [_nested(control, item, most - 1) if most else None for item in value]
    return items if None not in items and len({shape_of(item) for item in items}) <= 1 else None


def shape_of(table: Any) -> tuple[int, ...]:
    """How long a full table is in each of its directions, as torch has it; () for a number."""
    if not isinstance(table, list):
        return ()
    return (len(table), *(shape_of(table[0]) if table else ()))


def _row(control: Numbers, row: Any) -> list[Any] | None:
    low = -math.inf if control.min is None else control.min
    high = math.inf if control.max is None else control.max
    read = _whole if control.integer else _real
    cells = [None if isinstance(cell, str) else _within(low, read(cell), high) for cell in row]
    return None if None in cells else cells


_LONGEST = 2000
"""Characters of arguments that are read: Python's parser gives up on long nested text in unpleasant ways."""


def _arguments(value: Any) -> dict[str, Any] | None:
    """Arguments by name, from text or as they are; None where a name or a value cannot be one."""
    if isinstance(value, str):
        text = value.strip() or "{}"
        if len(text) > _LONGEST:
            return None
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = _literal(text)
    if not isinstance(value, dict):
        return None
    named = all(isinstance(name, str) and name.isidentifier() for name in value)
    return dict(value) if named and all(_is_argument(each, 3) for each in value.values()) else None


def _literal(text: str) -> Any:
    """A Python literal, or the named ones of a call without its function: `beta=2, reduction="sum"`; else None."""
    try:
        call = ast.parse(f"_({text})", mode="eval").body
        if not isinstance(call, ast.Call):
            return None
        if len(call.args) == 1 and not call.keywords:
            return ast.literal_eval(call.args[0])
        return None if call.args else {each.arg: ast.literal_eval(each.value) for each in call.keywords}
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _is_argument(value: Any, most: int) -> bool:
    """Whether JSON can carry it: nothing, truth, a finite number, a line of text, or a list of them, `most` deep."""
    if isinstance(value, list):
        return most > 0 and all(_is_argument(item, most - 1) for item in value)
    if isinstance(value, str):
        return value.isprintable()
    if isinstance(value, int):
        return abs(value) < 2**63
    return value is None or (isinstance(value, float) and math.isfinite(value))


def _chosen(options: list[str], value: Any) -> list[str] | None:
    """Those of `options` that are named, each once, in the order they are named in; upper or lower case."""
    if isinstance(value, str):
        value = [name for name in re.split(r"[\s,、;]+", value.strip("[]")) if name]
    if not isinstance(value, (list, tuple)):
        return None
    known = {option.casefold(): option for option in options}
    named = [known.get(name.casefold()) if isinstance(name, str) else None for name in value]
    chosen = [name for name in dict.fromkeys(named) if name is not None]
    return None if None in named else chosen


def _path(value: Any) -> str | None:
    """The path from where the learner is: a lab runs in a folder of its own. Whether it is there, the lab says."""
    if not isinstance(value, str) or "\0" in value:
        return None
    return os.path.abspath(os.path.expanduser(value.strip())) if value.strip() else ""


def _real(value: Any) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _whole(value: Any) -> int | None:
    """A whole number, or None. Digits go straight to `int`: a float cannot hold every seed exactly."""
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            pass
    elif isinstance(value, int) and not isinstance(value, bool):
        return value
    number = _real(value)
    return int(number) if number is not None and number.is_integer() else None
