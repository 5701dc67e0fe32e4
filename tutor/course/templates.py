"""Texts that name the numbers of a variant, as `{n}` or `{loss:.4f}`: which they name, and how they are filled in."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from tutor.protocol import Variant, number
from tutor.words import Words


class TemplateError(Exception):
    """A text that cannot be filled in; `words` say why, and `write` what to write."""

    def __init__(self, words: Words, write: Words) -> None:
        super().__init__(words.en)
        self.words = words
        self.write = write


def names_in(text: str) -> list[tuple[str, str]]:
    """The names in `text`, each with its format, in their order. Raises `TemplateError`."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise TemplateError(
            Words(f"a brace stands alone ({error})", f"花括号不成对（{error}）"),
            Words("double a brace that is meant: {{ or }}", "要显示花括号本身请写两遍：{{ 或 }}"),
        ) from None
    found = []
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if not name.isidentifier() or conversion or "{" in (form or ""):
            raise TemplateError(
                Words(f"{{{name}}} is no plain name", f"{{{name}}} 不是单纯的名称"),
                Words(
                    "write {name} or {name:.4f}; double a brace that is meant",
                    "请写 {name} 或 {name:.4f}；花括号本身请写两遍",
                ),
            )
        found.append((name, form or ""))
    return found


def fields_of(variant: Variant) -> dict[str, Any]:
    """What the texts of a question may name: the fields of the variant, and its answer."""
    return {
        "answer": number(variant.answer),
        **{name: number(value) for name, value in variant.fields.items()},
    }


def filled(text: str, fields: Mapping[str, Any]) -> str:
    """`text` with its names replaced; a list is shown as torch is given it. Raises `TemplateError`."""
    used = {}
    for name, form in names_in(text):
        if name not in fields:
            raise TemplateError(
                Words(f"the generator gives no field {name}", f"生成函数没有给出字段 {name}"),
                Words(f"it gives {', '.join(fields)}", f"它给出的字段有 {', '.join(fields)}"),
            )
        try:
            used[name] = _Shown(fields[name])
            format(used[name], form)
        except (ValueError, TypeError) as error:
            raise TemplateError(
                Words(
                    f"{{{name}:{form}}} cannot be filled in ({error})",
                    f"{{{name}:{form}}} 无法填入（{error}）",
                ),
                Words(
                    "write another format, or give the field as a number", "请换一种格式，或让该字段是一个数"
                ),
            ) from None
    return text.format_map(used)


def shown(value: Any, form: str = "") -> str:
    """A field as it is read: numbers without needless digits, lists in brackets; `form` is for each number."""
    if isinstance(value, list):
        return f"[{', '.join(shown(item, form) for item in value)}]"
    if isinstance(value, float) and not form:
        return f"{value:.6g}"
    return format(value, form)


class _Shown:
    def __init__(self, value: Any) -> None:
        self._value = value

    def __format__(self, form: str) -> str:
        return shown(self._value, form)
