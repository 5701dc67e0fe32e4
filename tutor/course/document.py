"""A YAML file as plain values, with the place of each of them at hand for a complaint."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from tutor.course.problem import ContentError, Problem
from tutor.words import Words

At = tuple[str | int, ...]
"""The way to a value: keys of maps and indices of lists, from the root."""

MOST_CHARACTERS = 1_000_000
MOST_BRACKETS = 2_000
"""So many signs that open a level are looked at more closely before the C parser recurses into them."""
DEEPEST = 50

# The pure Python loader is ten times slower but understands the same: for a PyYAML built without libyaml.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """YAML as authors mean it: a key written twice is an error, a date is text, 1e-3 is a number.

    Anchors are refused: a text that stands in two places could not be translated in each.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012 (PyYAML's own way of configuring a loader)
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":merge"))]
        for first, resolvers in _Base.yaml_implicit_resolvers.items()
    }

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        if node in self.constructed_objects or node in self.recursive_objects:
            raise _error(node, "an anchor used twice")
        try:
            return super().construct_object(node, deep)
        except yaml.YAMLError:
            raise
        except Exception as error:  # an explicit tag such as !!int on what is no number raises anything
            raise _error(node, str(error)) from error

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value.__hash__ and key.value in seen:
                raise _error(key, f"the key {key.value!r} for the second time")
            if isinstance(key.value, str):
                seen.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?\d+[eE][-+]?\d+$"), list("-+0123456789")
)


def _error(node: Any, what: str) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, what, node.start_mark)


class Document:
    """One YAML file, read. `value` is its content; `problem` speaks of any place in it."""

    def __init__(self, name: str, value: Any, node: Any) -> None:
        self.name = name
        self.value = value
        self._node = node

    def problem(self, at: At, wrong: Words, write: Words, *, key: bool = False) -> Problem:
        """A problem with the value at `at`, or with its key; with the nearest place above where there is none."""
        line, column = self.place(at, key=key)
        return Problem(self.name, line, column, wrong, write)

    def place(self, at: At, *, key: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of the value (or its key) at `at`."""
        node = spot = self._node
        for step in at:
            found = _child(node, step)
            if found is None:
                break
            name, node = found
            spot = name if key else node
        if spot is None:
            return 1, 1
        return spot.start_mark.line + 1, spot.start_mark.column + 1


def _child(node: Any, step: str | int) -> tuple[Any, Any] | None:
    """The key's node and the value's node of one child; an item of a list is its own key."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


def read_document(path: Path, name: str) -> Document:
    """Read the YAML file at `path`, called `name` in complaints. Raises `ContentError`."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise _complaint(
            name, 1, 1, Words("there is no such file", "没有这个文件"), Words("write it", "请编写该文件")
        ) from None
    except OSError as error:
        why = error.strerror or str(error)
        wrong = Words(f"it cannot be read ({why})", f"无法读取（{why}）")
        raise _complaint(name, 1, 1, wrong, Words("mend its permissions", "请检查文件权限")) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        column = error.start - error.object.rfind(b"\n", 0, error.start)
        wrong = Words("this is not UTF-8", "不是 UTF-8 编码")
        raise _complaint(
            name, line, column, wrong, Words("save the file as UTF-8", "请以 UTF-8 编码保存")
        ) from error
    _refuse_what_overflows(text, name)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        value = None if node is None else loader.construct_document(node)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        sign = f"U+{error.character:04X}" if isinstance(error.character, int) else repr(error.character)
        wrong = Words(f"the character {sign} is not allowed in YAML", f"YAML 中不允许出现字符 {sign}")
        raise _complaint(name, line, column, wrong, Words("delete it", "请删除它")) from error
    except yaml.MarkedYAMLError as error:
        raise ContentError([_syntax(name, error)]) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise _complaint(name, 1, 1, *_not_yaml(str(error)), cause=error) from error
    finally:
        loader.dispose()
    return Document(name, value, node)


def _complaint(
    name: str, line: int, column: int, wrong: Words, write: Words, cause: Exception | None = None
) -> ContentError:
    return ContentError([Problem(name, line, column, wrong, write)])


def _refuse_what_overflows(text: str, name: str) -> None:
    """The C parser recurses without a limit: ten thousand open brackets would take the whole process down."""
    if len(text) > MOST_CHARACTERS:
        wrong = Words("this file is larger than a megabyte", "文件超过 1 MB")
        raise _complaint(name, 1, 1, wrong, Words("make several lessons of it", "请拆成几课"))
    if sum(text.count(sign) for sign in ("[", "{", "- ", "? ")) < MOST_BRACKETS:
        return
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > DEEPEST:
                mark: Any = event.start_mark
                wrong = Words(
                    f"lists and maps are nested more than {DEEPEST} deep", f"列表与映射嵌套超过 {DEEPEST} 层"
                )
                write = Words("close the brackets", "请补上右括号")
                raise _complaint(name, mark.line + 1, mark.column + 1, wrong, write)
    except yaml.YAMLError:
        return  # said, with its place, by the reading that follows


_ADVICE = (
    ("mapping values are not allowed", Words("put a text that holds `: ` in quotes, or align this line with its list or map",
                                             "含有 `: ` 的文本请加引号，或把本行与所属的列表、映射对齐")),
    ("cannot start any token", Words("indent by spaces, not tabs, and put a text that begins with @, %, ` or a tab in quotes",
                                     "缩进请用空格而不是制表符；以 @、%、` 开头的文本请加引号")),
    ("tab character", Words("indent by spaces, not tabs", "缩进请用空格，不要用制表符")),
    ("did not find expected key", Words("align this line with the keys above, or put the text in quotes",
                                        "请将本行与上面的键对齐，或给文本加引号")),
    ("expected ',' or", Words("close the bracket, or put the text in quotes", "请补上右括号，或给文本加引号")),
    ("unexpected end of stream", Words("close the quote that was opened", "请补上缺少的引号")),
    ("could not find expected ':'", Words("write `key: text`, and indent the lines of a text more than its key",
                                          "请写成 `key: 文本`，多行文本要比键缩进更多")),
    ("second time", Words("delete one of the two, or rename it", "请删除其中一个，或改名")),
    ("anchor", Words("write the value out where it is used", "请在使用处直接写出该值")),
    ("undefined alias", Words("put a text that begins with * in quotes", "以 * 开头的文本请加引号")),
)  # fmt: skip
_ELSE = Words(
    "mend the quotes and the indentation here or in the line above", "请检查此处或上一行的引号与缩进"
)


def _syntax(name: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    what = error.problem or error.context or str(error)
    # A quote or bracket that was never closed is found at the end of the file but belongs where it opens.
    if error.context_mark and ("end of stream" in what or "expected ',' or" in what):
        mark = error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    return Problem(name, line, column, *_not_yaml(what))


def _not_yaml(what: str) -> tuple[Words, Words]:
    write = next((advice for sign, advice in _ADVICE if sign in what), _ELSE)
    return Words(f"not valid YAML ({what})", f"YAML 语法错误（{what}）"), write
