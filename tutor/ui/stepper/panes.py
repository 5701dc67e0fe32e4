"""What stands on the tabs beside source, state and calls: output, journal, filters, breakpoints, expressions."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from tutor.protocol import Failed
from tutor.stepping import breakpoints
from tutor.stepping.groups import GROUPS
from tutor.stepping.journal import Journal, between, steps_in_words
from tutor.stepping.remarks import REMARKS
from tutor.ui.looks import Piece, cells, wrapped
from tutor.ui.signs import Signs
from tutor.ui.stepper.told import escaped
from tutor.ui.stepper.walk import Answer, Walk
from tutor.ui.widgets.line_list import GAP, NARROW, Line
from tutor.words import Language, Words

_STATES = {
    "visited": Words("visited", "到过"),
    "ran": Words("ran", "运行过"),
    "hidden": Words("hidden", "隐藏"),
}
_MOST_LINES = 5_000
"""Lines of output that are shown, the last ones."""


def output(walk: Walk, language: Language, width: int) -> list[Line]:
    """What was printed before the event under the cursor, what a terminal would obey spelled out."""
    if walk.at < 0:
        return []
    written = walk.recording.written(walk.at)
    lines: list[Line] = []
    text = "".join(each.text for each in written)
    for row in text.split("\n")[-_MOST_LINES:] if text else ():
        lines += [Line(None, [(part, "")]) for part in wrapped(escaped(row), max(width - 5, 20))]
    while lines and lines[-1].left == [("", "")]:
        lines.pop()
    dropped = sum(each.dropped for each in written)
    if dropped:
        words = Words(
            "{n} characters more were printed; they are not kept.", "另外还打印了 {n} 个字符，没有保留。"
        )
        lines.append(_muted(words.filled(n=f"{dropped:,}").into(language)))
    if not lines:
        lines.append(
            _muted(Words("Nothing was printed by then.", "到此为止没有打印任何内容。").into(language))
        )
    for told in walk.recording.remarks:
        if told.at <= walk.at:
            lines += [
                GAP,
                *(_muted(line) for line in wrapped(REMARKS[told.what].into(language), max(width - 5, 20))),
            ]
    ended = walk.recording.ended
    if isinstance(ended, Failed) and walk.at >= (walk.recording.raised or 0):
        text = f"{ended.type}: {ended.message}" if ended.message else ended.type
        lines += [GAP, *(Line(None, [(row, "wrong")]) for row in _rows(text, width))]
    return [Line(f"o:{i}", line.left) for i, line in enumerate(lines)]


def _muted(text: str) -> Line:
    return Line(None, [(text, "muted")])


def journal(kept: Journal, here: str, language: Language, signs: Signs, width: int) -> list[Line]:
    """Each function once, in the order in which it was entered first; the keys are their qualified names."""
    lines: list[Line] = []
    shown = kept.shown
    words = {entry.qualname: step for entry, step in zip(shown, steps_in_words(shown), strict=True)}
    for entry in kept.entries:
        step = words.get(entry.qualname)
        text = step.into(language) if step is not None else f"  {escaped(entry.qualname)}"
        mark: Piece = (f"{signs.run} " if entry.qualname == here else "  ", "accent")
        look = "muted" if step is None else "strong" if entry.state == "visited" else ""
        count = f" ×{entry.count}" if entry.count > 1 and signs.rule != "-" else f" x{entry.count}"
        right = f"{entry.place}{count if entry.count > 1 else ''}  {_STATES[entry.state].into(language)}"
        left: list[Piece] = [mark, (escaped(text), look)]
        if cells(left) + cell_len(right) + 2 > width - 4 or width - 4 <= NARROW:
            lines += [Line(f"j:{entry.qualname}", left), *_indented(right, width, "muted")]
        else:
            lines.append(Line(f"j:{entry.qualname}", left, [(right, "muted")]))
        if entry.note:
            lines += _indented(entry.note, width, "accent")
        if (why := between(entry)) is not None and step is not None and entry.wrappers:
            lines += _indented(why.into(language), width, "muted")
    if not lines:
        lines.append(_muted(Words("Nothing was entered yet.", "还没有进入任何函数。").into(language)))
    return lines


def _indented(text: str, width: int, look: str) -> list[Line]:
    return [Line(None, [("      " + line, look)]) for line in wrapped(escaped(text), max(width - 12, 20))]


def filters(walk: Walk, language: Language, signs: Signs, width: int) -> list[Line]:
    """The groups that can be hidden, with how many calls are in each; the keys are their names."""
    head = Words("enter hides or shows a group, a all of them", "enter 隐藏或显示一组，a 切换全部")
    lines = [_muted(head.into(language)), GAP]
    for name, group in GROUPS.items():
        hidden = name in walk.hidden
        count = Words("{n} calls", "{n} 次调用").filled(n=walk.recording.counts[name]).into(language)
        state = (Words("hidden", "隐藏") if hidden else Words("shown", "显示")).into(language)
        sign: Piece = (f"{signs.no if hidden else signs.yes} ", "muted" if hidden else "right")
        left: list[Piece] = [
            sign,
            (group.name.into(language), "" if hidden else "strong"),
            (f"  {count}", "muted"),
        ]
        lines.append(Line(f"g:{name}", left, [(state, "muted" if hidden else "right")]))
        lines += [
            Line(None, [("    " + line, "muted")])
            for line in wrapped(group.about.into(language), max(width - 10, 20))
        ]
    return lines


def stops(walk: Walk, language: Language, signs: Signs) -> list[Line]:
    """The breakpoints; the keys are their places in the list."""
    head = Words(
        "a adds one, enter changes it, d deletes it; f on a line of source",
        "a 添加，enter 修改，d 删除；在源码行上按 f",
    )
    lines = [_muted(head.into(language)), GAP]
    for number, each in enumerate(walk.breakpoints):
        lines.append(
            Line(f"b:{number}", [(f"{signs.done} ", "wrong"), (escaped(breakpoints.told(each)), "")])
        )
    if not walk.breakpoints:
        lines.append(_muted(Words("None yet.", "还没有断点。").into(language)))
    return lines


def answers(walk: Walk, language: Language, signs: Signs, width: int) -> list[Line]:
    """The expressions that were evaluated, the last one first."""
    head = Words(
        "e evaluates an expression at this event; in the past by a replay from the beginning. "
        "Only here do __repr__ and properties run: in a copy of the run, for 2 s at most.",
        "e 在当前事件处对表达式求值；处于过去时，会从头重放到这里。"
        "只有在这里才会执行 __repr__ 和属性：在运行的副本中执行，最多 2 秒。",
    )
    lines = [*(_muted(line) for line in wrapped(head.into(language), max(width - 5, 20))), GAP]
    for number, each in reversed(list(enumerate(walk.answers))):
        where = Words("event {n}", "事件 {n}").filled(n=each.at).into(language)
        if each.replayed:
            where += Words(", replayed", "，重放").into(language)
        lines.append(
            Line(
                f"e:{number}", [(f"{signs.cursor} {escaped(each.expression)}", "strong")], [(where, "muted")]
            )
        )
        for text, look in _given(each, language):
            lines += [Line(None, [("    " + line, look)]) for line in _rows(text, width)]
    return lines


def _given(each: Answer, language: Language) -> Sequence[Piece]:
    if each.refused is not None:
        return [(each.refused.into(language), "warn")]
    if each.given is None:
        return [("...", "muted")]
    printed = [(each.given.printed.rstrip("\n"), "muted")] if each.given.printed else []
    return [*printed, (each.given.text, "wrong" if each.given.error else "")]


def _rows(text: str, width: int) -> list[str]:
    return [part for row in text.split("\n") for part in wrapped(escaped(row), max(width - 10, 20))]
