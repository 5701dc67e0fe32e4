"""The atlas of the losses as text: a table, a tree, Markdown, a Mermaid mind map, JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len

from tutor.course.losses import Atlas, Loss
from tutor.mermaid import Node, mindmap
from tutor.words import Language, Words

FORMATS = ("table", "tree", "md", "mermaid", "json")
JSON_FORMAT = 1
"""The version of the keys in the JSON."""

HEADS = {
    "loss": Words("loss", "损失函数"),
    "formula": Words("formula", "公式"),
    "input": Words("input", "输入"),
    "target": Words("target", "目标"),
    "range": Words("range", "取值"),
    "use": Words("use for", "适用"),
    "avoid": Words("not for", "不适用"),
    "arguments": Words("arguments", "参数"),
    "logits": Words("works on logits", "用于 logits"),
}
"""What the parts of an entry are called."""
LOSSES = Words("Losses", "损失函数")
_YES = {True: Words("yes", "是"), False: Words("no", "否"), None: Words("–", "–")}


@dataclass(frozen=True, slots=True)
class Installed:
    """What the installed torch says: its version, and of each loss the arguments with their defaults."""

    version: str
    arguments: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, version: str, rows: Sequence[Sequence[str]]) -> Installed:
        """From the rows of the table that `atlas/installed.py` yields: loss, argument, default."""
        found: dict[str, dict[str, str]] = {}
        for loss, argument, default in rows:
            found.setdefault(loss, {})[argument] = default
        return cls(version.partition("+")[0], found)

    def signature(self, name: str) -> str:
        """The call that makes the loss, as it is written without any argument but its defaults."""
        arguments = self.arguments.get(name, {})
        return f"{name}({', '.join(f'{a}={d}' if d else a for a, d in arguments.items())})"

    def beyond(self, atlas: Atlas) -> list[str]:
        """The losses that torch has and the atlas has not."""
        return sorted(name for name in self.arguments if name not in atlas.losses)


def beyond_said(atlas: Atlas, installed: Installed) -> Words:
    """How many losses there are here and in the installed torch, and which are not here."""
    more = installed.beyond(atlas)
    if not more:
        said = Words("torch {version} has these {count} and no other.", "torch {version} 只有这 {count} 种。")
    else:
        said = Words(
            "The course has {count}; torch {version} has {all}: {more} came later.",
            "课程讲了 {count} 种；torch {version} 共有 {all} 种，后来增加的是 {more}。",
        )
    return said.filled(
        count=len(atlas.losses), version=installed.version, all=len(installed.arguments), more=", ".join(more)
    )


# Parts of an entry -------------------------------------------------------------------------------------------------


def where_said(atlas: Atlas, loss: Loss) -> Words:
    """What the symbols of the formula stand for, in a line."""
    said = [(f"{symbol}: {words.en}", f"{symbol}：{words.zh}") for symbol, words in atlas.where(loss).items()]
    return Words("; ".join(en for en, _ in said), "；".join(zh for _, zh in said))


def input_said(atlas: Atlas, loss: Loss) -> Words:
    """What goes in, with its shape."""
    shapes = dict.fromkeys(loss.takes[name].shape for name in loss.outputs)
    return Words("{kind} {shape}", "{kind} {shape}").filled(
        kind=atlas.inputs[loss.input].title, shape=", ".join(shapes)
    )


def target_said(atlas: Atlas, loss: Loss, *, dtype: bool = True) -> Words:
    """The target's convention, where it has one with its shape and, unless that is denied, its `dtype`."""
    if not loss.labels:
        return atlas.targets[loss.target]
    taken = loss.takes[loss.labels[0]]
    tensor = f"{taken.shape} {taken.dtype}" if dtype else taken.shape
    return Words("{kind} {tensor}", "{kind} {tensor}").filled(kind=atlas.targets[loss.target], tensor=tensor)


def logits_said(atlas: Atlas, loss: Loss) -> Words:
    """Whether it works on logits."""
    return _YES[atlas.logits(loss)]


def arguments_said(atlas: Atlas, name: str) -> dict[str, Words]:
    """What each argument of a loss is for."""
    own = atlas.losses[name].arguments
    return {**own, **{each: words for each, words in atlas.arguments.items() if each not in own}}


# Formats -----------------------------------------------------------------------------------------------------------


def written(atlas: Atlas, installed: Installed | None, format: str, language: Language) -> str:
    """The atlas in one of the `FORMATS`, ending with a line end; without a torch, what only torch knows is left out."""
    if format == "json":
        return json.dumps(_as_json(atlas, installed, language), ensure_ascii=False, indent=2) + "\n"
    if format == "mermaid":
        return mindmap(_map(atlas, language))
    blocks = {"table": _table, "tree": _tree, "md": _markdown}[format](atlas, language)
    said = [beyond_said(atlas, installed).into(language)] if installed is not None else []
    return "\n".join([*blocks, *([""] if said else []), *said]) + "\n"


def _row(atlas: Atlas, name: str, language: Language) -> list[str]:
    loss = atlas.losses[name]
    said = [input_said(atlas, loss), target_said(atlas, loss)]
    return [name, loss.formula, *(each.into(language) for each in said), loss.range, loss.use.into(language)]


def _heads(language: Language) -> list[str]:
    return [HEADS[each].into(language) for each in ("loss", "formula", "input", "target", "range", "use")]


def _table(atlas: Atlas, language: Language) -> Iterator[str]:
    rows = [_heads(language), *(_row(atlas, name, language) for name in atlas.losses)]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _markdown(atlas: Atlas, language: Language) -> Iterator[str]:
    yield from markdown_table(
        _heads(language), [_row(atlas, name, language) for name in atlas.losses], code=2
    )


def markdown_table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, code: int) -> Iterator[str]:
    """The lines of a table in Markdown, whose first `code` columns are code."""
    yield f"| {' | '.join(heads)} |"
    yield f"|{'--|' * len(heads)}"
    for row in rows:
        cells = [f"`{cell}`" if at < code else cell.replace("*", "\\*") for at, cell in enumerate(row)]
        # A bar ends a cell even within code.
        yield f"| {' | '.join(_barred(cell) for cell in cells)} |"


def _barred(cell: str) -> str:
    return cell.replace("|", "\\|")


def _tree(atlas: Atlas, language: Language) -> Iterator[str]:
    yield LOSSES.into(language)
    widest = max(map(len, atlas.losses), default=0)

    def branch(task: str, indent: str) -> Iterator[str]:
        yield f"{indent}{atlas.tasks[task].title.into(language)}"
        for name in atlas.of(task):
            room = " " * (widest - len(name))
            yield f"{indent}  {name}{room}  {atlas.losses[name].title.into(language)}"
        for part in atlas.parts(task):
            yield from branch(part, indent + "  ")

    for task in atlas.parts(None):
        yield from branch(task, "  ")


def _map(atlas: Atlas, language: Language) -> Node:
    def branch(task: str) -> Node:
        losses = [Node(f"{name}: {atlas.losses[name].title.into(language)}") for name in atlas.of(task)]
        return Node(atlas.tasks[task].title.into(language), [*losses, *map(branch, atlas.parts(task))])

    return Node(LOSSES.into(language), [branch(task) for task in atlas.parts(None)])


def _as_json(atlas: Atlas, installed: Installed | None, language: Language) -> dict[str, Any]:
    return {
        "format": JSON_FORMAT,
        "language": str(language),
        "torch": installed.version if installed is not None else None,
        "losses": [_loss_as_json(atlas, name, installed, language) for name in atlas.losses],
        "beyond": [installed.signature(name) for name in installed.beyond(atlas)]
        if installed is not None
        else None,
    }


def _loss_as_json(atlas: Atlas, name: str, installed: Installed | None, language: Language) -> dict[str, Any]:
    loss = atlas.losses[name]
    defaults = installed.arguments.get(name, {}) if installed is not None else {}
    return {
        "name": name,
        "title": loss.title.into(language),
        "tasks": loss.tasks,
        "formula": loss.formula,
        "where": {symbol: words.into(language) for symbol, words in atlas.where(loss).items()},
        "input": loss.input,
        "target": loss.target,
        "takes": {
            each: {"shapes": [taken.shape, *taken.also], "dtype": taken.dtype}
            for each, taken in loss.takes.items()
        },
        "returns": loss.returns,
        "reductions": loss.reductions,
        "range": loss.range,
        "logits": atlas.logits(loss),
        "use": loss.use.into(language),
        "avoid": loss.avoid.into(language),
        "arguments": {
            argument: {"for": words.into(language), "default": defaults.get(argument)}
            for argument, words in arguments_said(atlas, name).items()
        },
    }
