"""What must hold of the atlas: its parts name each other, and the installed torch has its losses as it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tutor.course.document import At, Document
from tutor.course.losses import INSTALLED, Atlas, Loss
from tutor.course.problem import Problem, listed
from tutor.course.rules import Faults, fault, one_of
from tutor.course.tree import Fault
from tutor.words import Words

SEEDS = 20
"""So often each loss is called with each of its reductions."""

Tables = Callable[[Path, str, dict[str, Any]], dict[str, list[list[Any]]] | str]
"""Runs a function of a file like a lab, and gives the rows of its tables by their names, or the text of the error."""


def atlas_problems(
    atlas: Atlas, document: Document, folder: Path, tables: Tables | None
) -> Iterator[Problem]:
    """Everything wrong with the atlas; what torch says of it only with `tables` to ask."""
    faults = list(atlas_faults(atlas))
    if not faults and tables is not None:
        faults = list(_installed_faults(atlas, folder / INSTALLED, tables))
    yield from (document.problem(each.at, each.wrong, each.write, key=each.on_key) for each in faults)


def atlas_faults(atlas: Atlas) -> Faults:
    """Names that lead nowhere, symbols that nobody explains or needs, and an example that does not pass what the loss takes."""
    for id, task in atlas.tasks.items():
        if task.within is not None:
            yield from _known(
                ("tasks", id, "within"), task.within, [each for each in atlas.tasks if each != id]
            )
        for index, target in enumerate(task.targets):
            yield from _known(("tasks", id, "targets", index), target, list(atlas.targets))
    for name, loss in atlas.losses.items():
        at: At = ("losses", name)
        yield from _known((*at, "task"), loss.task, list(atlas.tasks))
        for index, task_id in enumerate(loss.also):
            yield from _known((*at, "also", index), task_id, list(atlas.tasks))
        yield from _known((*at, "input"), loss.input, list(atlas.inputs))
        yield from _known((*at, "target"), loss.target, list(atlas.targets))
        for field in ("title", "use", "avoid", "formula", "returns"):
            text = getattr(loss, field)
            if not (text.en if isinstance(text, Words) else text).strip():
                wrong = Words(f"`{field}` of {name} is empty", f"{name} 的 `{field}` 为空")
                yield fault((*at, field), wrong, Words("write it", "请填写"))
        for symbol in loss.names:
            if symbol not in atlas.symbols and symbol not in loss.arguments:
                wrong = Words(f"nobody explains the symbol {symbol}", f"符号 {symbol} 没有说明")
                yield fault(
                    (*at, "formula"),
                    wrong,
                    Words(f"add {symbol} to `symbols`", f"请在 `symbols` 中加入 {symbol}"),
                )
        if list(loss.call) != list(loss.takes):
            wrong = Words(
                f"`call` passes {listed(list(loss.call))}", f"`call` 传入的是 {listed(list(loss.call))}"
            )
            yield fault((*at, "call"), wrong, _write(list(loss.takes)))

    needed = {symbol for loss in atlas.losses.values() for symbol in loss.names}
    for symbol in atlas.symbols:
        if symbol not in needed:
            wrong = Words(f"no formula has the symbol {symbol}", f"没有公式用到符号 {symbol}")
            yield fault(("symbols", symbol), wrong, Words("delete it", "请删除"), on_key=True)


def _known(at: At, name: str, names: Sequence[str]) -> Faults:
    if name not in names:
        yield fault(at, Words(f"the atlas has no {name!r} here", f"图谱中没有 {name!r}"), one_of(name, names))


def _write(names: Sequence[str]) -> Words:
    return Words(f"write {listed(names)}, in this order", f"请依次写 {listed(names)}")


# What torch says ---------------------------------------------------------------------------------------------------


def _installed_faults(atlas: Atlas, file: Path, tables: Tables) -> Iterator[Fault]:
    asked = {name: {"reductions": loss.reductions, "call": loss.call} for name, loss in atlas.losses.items()}
    said = tables(file, "losses", {})
    ran = tables(file, "calls", {"losses": asked, "seeds": SEEDS})
    for answer in (said, ran):
        if isinstance(answer, str):
            wrong = Words(
                f"the installed torch cannot be asked ({answer})", f"无法询问已安装的 torch（{answer}）"
            )
            yield fault(("losses",), wrong, Words(f"mend {INSTALLED}", f"请改正 {INSTALLED}"), on_key=True)
            return
    assert not isinstance(said, str) and not isinstance(ran, str)
    arguments: dict[str, list[str]] = {}
    for name, argument, _ in said["arguments"]:
        arguments.setdefault(name, []).append(argument)
    for name, loss in atlas.losses.items():
        if name not in arguments:
            wrong = Words(f"the installed torch has no {name}", f"已安装的 torch 没有 {name}")
            yield fault(("losses", name), wrong, one_of(name, list(arguments)), on_key=True)
            continue
        yield from _argument_faults(atlas, name, loss, arguments[name])
        for row in ran["calls"]:
            if row[0] == name and (found := _call_fault(name, loss, *row[1:])) is not None:
                yield found
                break


def _argument_faults(atlas: Atlas, name: str, loss: Loss, has: Sequence[str]) -> Faults:
    at: At = ("losses", name, "arguments")
    for argument in (*atlas.arguments, *loss.arguments):
        if argument not in has:
            wrong = Words(
                f"torch's {name} has no argument {argument}", f"torch 的 {name} 没有参数 {argument}"
            )
            place = (*at, argument) if argument in loss.arguments else ("arguments", argument)
            yield fault(place, wrong, one_of(argument, has), on_key=True)
    for argument in has:
        if argument not in loss.arguments and argument not in atlas.arguments:
            wrong = Words(
                f"torch's {name} has an argument {argument}, too", f"torch 的 {name} 还有参数 {argument}"
            )
            write = Words(f"add `{argument}: ` with what it is for", f"请补上 `{argument}: ` 及其用途")
            yield fault(at, wrong, write, on_key=True)


def _call_fault(
    name: str,
    loss: Loss,
    reduction: str,
    takes: list[str],
    given: Mapping[str, list[Any]],
    result: list[int],
    least: float,
    most: float,
    error: str,
) -> Fault | None:
    """How one call of the example turned out otherwise than the atlas says; None if it did not."""
    at: At = ("losses", name)
    if error:
        wrong = Words(
            f"{name} with reduction {reduction} fails on the example ({error})",
            f"{name} 在 reduction 为 {reduction} 时运行示例出错（{error}）",
        )
        return fault((*at, "call"), wrong, Words("mend the example", "请改正示例"))
    if list(loss.takes) != takes:
        wrong = Words(f"torch passes other tensors to {name}", f"torch 的 {name} 接收的张量不同")
        return fault((*at, "takes"), wrong, _write(takes), on_key=True)
    sizes: dict[str, list[int]] = {}
    for argument, taken in loss.takes.items():
        shape, dtype = given[argument]
        if dtype != taken.dtype or not fits(taken.shape, shape, sizes):
            wrong = Words(
                f"the example passes {dtype} of shape {shape} as {argument}, not {taken.dtype} {taken.shape}",
                f"示例传入的 {argument} 是形状为 {shape} 的 {dtype}，而不是 {taken.dtype} {taken.shape}",
            )
            return fault((*at, "takes", argument), wrong, _ONE_OF_TWO)
    if not fits(loss.returns if reduction == "none" else "()", result, sizes):
        wrong = Words(f"torch returns the shape {result}", f"torch 返回的形状是 {result}")
        return fault((*at, "returns"), wrong, _ONE_OF_TWO)
    averaged = reduction in ("mean", "batchmean")
    if averaged and not loss.least <= least <= most <= loss.most:
        wrong = Words(
            f"values from {least:g} to {most:g} came out, not within {loss.range}",
            f"算出的值在 {least:g} 到 {most:g} 之间，超出了 {loss.range}",
        )
        return fault(at, wrong, Words("mend `least` or `most`", "请改正 `least` 或 `most`"), on_key=True)
    return None


_ONE_OF_TWO = Words("mend one of the two", "请改正其中之一")


def fits(shape: str, size: Sequence[int], sizes: dict[str, list[int]]) -> bool:
    """Whether a tensor of this size has a shape like `(N, C)`; what each letter stands for is kept in `sizes`.

    `(*)` is any shape; each letter, and `*`, means the same throughout.
    """
    names = [name.strip() for name in shape.strip("()").split(",") if name.strip()]
    parts = [list(size)] if names == ["*"] else [[each] for each in size]
    return len(names) == len(parts) and all(
        sizes.setdefault(name, part) == part for name, part in zip(names, parts, strict=True)
    )
