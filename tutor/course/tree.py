"""How the shapes of the lesson model lie over a tree of plain values: which type stands where, and what does not fit."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

import msgspec

from tutor.course.document import At
from tutor.course.problem import listed
from tutor.words import Words


class Fault(NamedTuple):
    """Something in the tree that does not fit its shape: where, whether its key is meant, what, what to write."""

    at: At
    on_key: bool
    wrong: Words
    write: Words


@cache
def fields_of(shape: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """The fields of a shape by name, with their resolved types; the tag that names the shape is not among them."""
    return {field.encode_name: field for field in msgspec.structs.fields(shape)}


@cache
def bare(wanted: Any) -> Any:
    """`wanted` without its `| None`."""
    if get_origin(wanted) in (Union, UnionType):
        rest = [each for each in get_args(wanted) if each is not NoneType]
        return rest[0] if len(rest) == 1 else wanted
    return wanted


@cache
def shapes_of(wanted: Any) -> tuple[type[msgspec.Struct], ...]:
    """The shapes a value of this type may have; none if it is not a shape."""
    members = get_args(wanted) if get_origin(wanted) in (Union, UnionType) else (wanted,)
    return tuple(each for each in members if isinstance(each, type) and issubclass(each, msgspec.Struct))


def tag_of(shape: type[msgspec.Struct]) -> tuple[str | None, Any]:
    """The field that names the shape, and the name; (None, None) where nothing has to."""
    return shape.__struct_config__.tag_field, shape.__struct_config__.tag


def kind_of(step: msgspec.Struct) -> str:
    """What kind of step this is; all that ask are "question"."""
    field, tag = tag_of(type(step))
    return str(tag) if field == "kind" else "question"


def shape_of(wanted: Any, value: Any) -> type[msgspec.Struct] | None:
    """The shape that `value`, by its tag, is meant to have."""
    shapes = shapes_of(wanted)
    if not isinstance(value, dict) or not shapes:
        return None
    if len(shapes) == 1:
        return shapes[0]
    for shape in shapes:
        field, tag = tag_of(shape)
        # Questions are told apart by `ask`, all other steps by `kind`.
        if value.get(field) == tag and (field == "kind" or value.get("kind") == "question"):
            return shape
    return None


def children(wanted: Any, value: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Key or index, wanted type, and value of everything directly below `value` that has a place in its shape."""
    wanted = bare(wanted)
    origin = get_origin(wanted)
    if origin is list and isinstance(value, list):
        for index, item in enumerate(value):
            yield index, get_args(wanted)[0], item
    elif origin is dict and isinstance(value, dict):
        for key, item in value.items():
            yield key, get_args(wanted)[1], item
    elif shape := shape_of(wanted, value):
        for name, field in fields_of(shape).items():
            if name in value:
                yield name, field.type, value[name]


def convert(wanted: Any, value: Any) -> Any:
    """`value` as the type or shape `wanted`. Raises `msgspec.ValidationError`, about the first mistake only."""
    shape = shape_of(wanted, value)
    if shape is None and len(shapes_of(wanted)) > 1:
        raise msgspec.ValidationError("of no known kind")
    return msgspec.convert(value, shape or wanted, dec_hook=_words)


def _words(wanted: type, value: Any) -> Any:
    """msgspec's hook for the one type it does not know: text, or a text in each language."""
    if isinstance(value, Words):
        return value
    if isinstance(value, str):
        return Words(value)
    if isinstance(value, dict) and "en" in value and value.keys() <= {"en", "zh"}:
        en, zh = value["en"], value.get("zh", "")
        if isinstance(en, str) and isinstance(zh, str):
            return Words(en, zh)
    raise ValueError("Expected text")


def faults(wanted: Any, value: Any, at: At = ()) -> list[Fault]:
    """Everything in `value` that does not fit `wanted`, each at its own place. Empty if `convert` succeeds."""
    wanted = bare(wanted)
    found = own_faults(wanted, value, at)
    if found is None:
        return [_misfit(wanted, value, at)]
    for key, kind, child in children(wanted, value):
        if isinstance(key, (int, str)) and not (child is None and bare(kind) is not kind):
            found += faults(kind, child, (*at, key))
    return found


def own_faults(wanted: Any, value: Any, at: At) -> list[Fault] | None:
    """What is wrong with `value` itself, its children aside; None if it is no such thing at all."""
    origin = get_origin(wanted)
    if origin is list:
        return [] if isinstance(value, list) else None
    if origin is dict or shapes_of(wanted):
        if not isinstance(value, dict):
            return None
        keys = [_key_fault(key, at) for key in value if not isinstance(key, str)]
        return keys + (_shape_faults(wanted, value, at) if shapes_of(wanted) else [])
    try:
        convert(wanted, value)
    except (msgspec.ValidationError, ValueError):
        return None
    return []


def _key_fault(key: Any, at: At) -> Fault:
    return Fault(
        (*at, key) if isinstance(key, int) else at,
        True,
        Words(f"the key {_said(key).en} is no text", f"键 {_said(key).zh} 不是文本"),
        Words(f'put it in quotes: "{key}"', f'请加引号："{key}"'),
    )


def _shape_faults(wanted: Any, value: dict[Any, Any], at: At) -> list[Fault]:
    shape = shape_of(wanted, value)
    if shape is None:
        return [_tag_fault(wanted, value, at)]
    found = []
    tag_field, _ = tag_of(shape)
    known = [*fields_of(shape), *([tag_field] if tag_field else [])]
    for key in value:
        if isinstance(key, str) and key not in known:
            found.append(_unknown(key, value[key], known, at))
    for name, field in fields_of(shape).items():
        if field.required and name not in value:
            found.append(
                Fault(
                    at,
                    False,
                    Words(f"`{name}` is missing", f"缺少 `{name}`"),
                    Words(
                        f"add `{name}: ` with {_name(field.type).en}",
                        f"请补上 `{name}: `，内容为{_name(field.type).zh}",
                    ),
                )
            )
    return found


def _unknown(key: str, value: Any, known: list[str], at: At) -> Fault:
    close = difflib.get_close_matches(key, known, 1)
    if close:
        write = Words(f"did you mean `{close[0]}`?", f"是否想写 `{close[0]}`？")
    elif value is None:  # what {label: one, two} makes of its comma
        write = Words(
            "if it belongs to the text before it, put that in quotes",
            "若它属于前面的文本，请给整段文本加引号",
        )
    else:
        write = Words(
            f"use one of {listed(known)}, or delete it", f"可用的字段有 {listed(known)}；否则请删除"
        )
    return Fault((*at, key), True, Words(f"unknown field `{key}`", f"未知字段 `{key}`"), write)


def _tag_fault(wanted: Any, value: dict[Any, Any], at: At) -> Fault:
    """The field that says which shape this is, is missing or says something unknown."""
    shapes = shapes_of(wanted)
    field = "kind"
    if value.get("kind") == "question" and any(tag_of(shape)[0] == "ask" for shape in shapes):
        field = "ask"
    allowed = [tag for shape in shapes for name, tag in [tag_of(shape)] if name == field]
    if field == "kind" and len(allowed) < len(shapes):
        allowed.append("question")
    write = Words(f"write one of {listed(allowed)}", f"可选值有 {listed(allowed)}")
    if field not in value:
        return Fault(at, False, Words(f"`{field}` is missing", f"缺少 `{field}`"), write)
    given = value[field]
    close = difflib.get_close_matches(str(given), allowed, 1)
    if close:
        write = Words(f"{write.en}; did you mean {close[0]}?", f"{write.zh}；是否想写 {close[0]}？")
    said = _said(given)
    return Fault(
        (*at, field), False, Words(f"unknown {field} {said.en}", f"未知的 {field}：{said.zh}"), write
    )


def _misfit(wanted: Any, value: Any, at: At) -> Fault:
    """`value` is of another type than `wanted`."""
    name, said, want = _field(at), _said(value), _name(wanted)
    wrong = Words(f"{name.en} must be {want.en}, not {said.en}", f"{name.zh}应为{want.zh}，而不是{said.zh}")
    if get_origin(wanted) is Literal:
        write = Words(f"write one of {listed(get_args(wanted))}", f"可选值有 {listed(get_args(wanted))}")
    elif wanted in (str, Words) and isinstance(value, (bool, int, float)):
        write = Words("put it in quotes, so that YAML takes it for text", "请加引号，让 YAML 把它当作文本")
    elif wanted in (str, Words) and isinstance(value, dict):
        write = Words(
            "put a text that holds `: ` or `, ` or begins with { in quotes",
            "含有 `: `、`, ` 或以 { 开头的文本请加引号",
        )
    elif get_origin(wanted) is list and value is not None:
        write = Words("write it as a list, each item behind `- `", "请写成列表，每一项以 `- ` 开头")
    else:
        write = Words(
            f"write {want.en}, for example {_example(wanted)}", f"请写{want.zh}，例如 {_example(wanted)}"
        )
    return Fault(at, False, wrong, write)


def _field(at: At) -> Words:
    """What an author calls the place: its key, with the item's number in a list."""
    if not at:
        return Words("the file", "文件内容")
    if isinstance(at[-1], int):
        number = at[-1] + 1
        within = _field(at[:-1])
        return Words(f"item {number} of {within.en}", f"{within.zh}的第 {number} 项")
    return Words(f"`{at[-1]}`", f"`{at[-1]}` ")


def _name(wanted: Any) -> Words:
    """A type in an author's words."""
    wanted = bare(wanted)
    if get_origin(wanted) is list:
        return Words("a list", "列表")
    if get_origin(wanted) is dict or shapes_of(wanted):
        return Words("a map", "映射")
    if get_origin(wanted) is Literal:
        names = listed(get_args(wanted))
        return Words(f"one of {names}", f" {names} 之一")
    return {
        str: Words("text", "文本"),
        Words: Words("text", "文本"),
        int: Words("a whole number", "整数"),
        float: Words("a number", "数"),
        bool: Words("true or false", " true 或 false"),
    }.get(wanted, Words("a value", "值"))


def _example(wanted: Any) -> str:
    wanted = bare(wanted)
    if get_origin(wanted) is list:
        return "[a, b]"
    if get_origin(wanted) is dict or shapes_of(wanted):
        return "{key: value}"
    return {int: "12", float: "0.25", bool: "true"}.get(wanted, '"text"')


def _said(value: Any) -> Words:
    """A value as the author sees it in the file."""
    match value:
        case None:
            return Words("nothing", "空")
        case bool():
            return Words(f"the switch {str(value).lower()}", f"开关值 {str(value).lower()}")
        case int() | float():
            return Words(f"the number {value}", f"数 {value}")
        case str():
            short = value if len(value) <= 40 else value[:39] + "…"
            return Words(f"the text {short!r}", f"文本 {short!r}")
        case list():
            return Words("a list", "列表")
        case dict():
            return Words("a map", "映射")
    return Words(f"{value!r}", f"{value!r}")
