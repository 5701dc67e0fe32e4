"""The record of one run of a lab: what it yielded, in order, and any earlier moment of it; and its telling in words."""

from __future__ import annotations

import math
import re
import shutil
import signal
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rich.cells import cell_len

from tutor.charts import Curve, Mark, Picture, draw, shown
from tutor.course.model import Chart, Lab
from tutor.protocol import (
    Crashed,
    Emission,
    Ending,
    Failed,
    Finished,
    Note,
    Point,
    Printed,
    Progress,
    Stopped,
    Table,
    Value,
    number,
)
from tutor.words import Language, Words

MOST_POINTS = 200_000
"""Points of one run that are kept; what comes after is only counted."""

MOST_PRINTED = 20_000
"""Characters of what a run printed that are kept, the last ones."""
_LISTED = Words(", ", "，")


@dataclass(frozen=True, slots=True)
class Series:
    """The points of one series. `at` says as which event of the run each came."""

    at: array[int] = field(default_factory=lambda: array("L"))
    xs: array[float] = field(default_factory=lambda: array("d"))
    ys: array[float] = field(default_factory=lambda: array("d"))


@dataclass(frozen=True, slots=True)
class Seen:
    """A run as it stood after its first `at` events; points are counted into the whole series."""

    at: int
    series: Mapping[str, tuple[Series, int]]
    """Each series, and how many of its points had come."""
    tables: Mapping[str, Table]
    values: Mapping[str, Any]
    notes: Sequence[Words]


class LabRun:
    """What a run yielded, in order; it only grows. An event is a point, a table, a value or a note."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = dict(settings)
        self.series: dict[str, Series] = {}
        self.progress: Progress | None = None
        self.ending: Ending | None = None
        self.printed = ""
        """The end of what it printed, without anything that a terminal would obey."""
        self.dropped = 0
        """Points that were too many to be kept."""
        self.events = 0
        self._points = 0
        self._others: list[tuple[int, Table | Value | Note]] = []

    def take(self, emission: Emission) -> None:
        """Write down the next thing that the run emitted."""
        match emission:
            case Point(name, x, y):
                if self._points == MOST_POINTS:
                    self.dropped += 1
                    return
                self._points += 1
                self.events += 1
                series = self.series.setdefault(name, Series())
                series.at.append(self.events)
                series.xs.append(x)
                series.ys.append(y)
            case Table(name, columns, rows):
                self._note(Table(name, columns, [[number(cell) for cell in row] for row in rows]))
            case Value() | Note():
                self._note(emission)
            case Progress():
                self.progress = emission
            case Printed(text):
                self.printed = (self.printed + harmless(text))[-MOST_PRINTED:]
            case Finished() | Failed() | Stopped() | Crashed():
                self.ending = emission

    def _note(self, other: Table | Value | Note) -> None:
        self.events += 1
        self._others.append((self.events, other))

    def seen(self, upto: int | None = None) -> Seen:
        """The run as it stood after its first `upto` events; as it is now, without."""
        at = self.events if upto is None else min(max(upto, 0), self.events)
        tables: dict[str, Table] = {}
        values: dict[str, Any] = {}
        notes: list[Words] = []
        for _, other in self._others[: bisect_right(self._others, at, key=lambda each: each[0])]:
            match other:
                case Table(name):
                    tables[name] = other
                case Value(name, value):
                    values[name] = number(value)
                case Note(text, zh):
                    notes.append(Words(text, zh))
        series = {name: (each, bisect_right(each.at, at)) for name, each in self.series.items()}
        return Seen(at, series, tables, values, notes)

    def moments(self, names: Iterable[str]) -> list[int]:
        """The events at which something new can be seen where only the series `names` are shown: none to all."""
        at: set[int] = {0, *(event for event, _ in self._others)}
        for name in names:
            at.update(self.series[name].at if name in self.series else ())
        return sorted(at)

    def stepped(self, at: int, by: int, names: Iterable[str]) -> int:
        """`by` moments on from event `at`, or back where `by` is negative."""
        moments = self.moments(names)
        here = bisect_right(moments, at) - 1 if by > 0 else bisect_left(moments, at)
        return moments[min(max(here + by, 0), len(moments) - 1)]


_OBEYED = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours, cursor movement
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles, links
    r"|[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def harmless(text: str) -> str:
    """The text without anything that a terminal would obey, but for ends of lines."""
    return _OBEYED.sub("", text.replace("\r\n", "\n").replace("\t", "    "))


# In words --------------------------------------------------------------------------------------------------


def told(value: Any, language: Language) -> str:
    """A value for people: numbers to five digits, None and truth as words."""
    if value is None:
        return Words("none", "无").into(language)
    if isinstance(value, bool):
        return (Words("yes", "是") if value else Words("no", "否")).into(language)
    if isinstance(value, float):
        return shown(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(told(each, language) for each in value)}]"
    return harmless(str(value)).replace("\n", " ")


def ended(ending: Ending) -> Words:
    """How a run ended, in a sentence without its traceback."""
    match ending:
        case Finished(seconds):
            unit = f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
            return Words("{time} in torch", "torch 用时 {time}").filled(time=unit)
        case Failed(type, message):
            said = harmless(message).strip().partition("\n")[0]
            return Words("It failed: {what}", "运行出错：{what}").filled(
                what=f"{type}: {said}" if said else type
            )
        case Stopped(True):
            return Words("Stopped by force: it did not heed the interrupt.", "已强制停止：它没有响应中断。")
        case Stopped():
            return Words("Stopped.", "已停止。")
        case Crashed(None):
            return Words(
                "The kernel went away during the run. The next run starts it again.",
                "内核在运行中退出了，下次运行时会重新启动。",
            )
        case Crashed(int(status)) if status < 0:
            return Words("It crashed: ended by signal {signal}.", "运行崩溃：被信号 {signal} 终止。").filled(
                signal=_signal(-status)
            )
        case Crashed(status):
            return Words(
                "It ended the process with exit status {status}.", "它直接结束了进程，退出码为 {status}。"
            ).filled(status=status)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def last_words(run: LabRun, most: int) -> list[str]:
    """The last lines of the traceback and of what was printed, `most` in all, for a run that went wrong."""
    trace = [
        line for part in getattr(run.ending, "trace", []) for line in harmless(part).rstrip().split("\n")
    ]
    printed = run.printed.rstrip().split("\n") if run.printed.strip() else []
    share = most - min(len(printed), most // 2) if trace else 0
    trace = trace[-share:] if share else []
    rest = most - len(trace)
    return [*(printed[-rest:] if rest else []), *trace]


def is_shown(lab: Lab, name: str, settings: Mapping[str, Any]) -> bool:
    """Whether the control `name` counts at these settings."""
    when = lab.controls[name].when
    return all(settings.get(other) in allowed for other, allowed in when.items())


def differences(lab: Lab, settings: Mapping[str, Any], others: Mapping[str, Any]) -> list[str]:
    """The controls that count at `settings` and are set otherwise there than in `others`, or not at all."""
    return [
        name
        for name in lab.controls
        if is_shown(lab, name, settings)
        and (not is_shown(lab, name, others) or settings.get(name) != others.get(name))
    ]


def named(lab: Lab, names: Iterable[str], settings: Mapping[str, Any], language: Language) -> str:
    """Settings by their labels: "init uniform, seed 2"."""
    return _LISTED.into(language).join(
        f"{lab.controls[name].label.into(language)} {told(settings.get(name), language)}" for name in names
    )


def compared(lab: Lab, run: LabRun, kept: LabRun, language: Language) -> str:
    """What was changed from the kept run to this one: "std 0.0625 instead of 1"."""
    parts = []
    for name in differences(lab, run.settings, kept.settings):
        now = named(lab, [name], run.settings, language)
        if is_shown(lab, name, kept.settings):
            before = told(kept.settings.get(name), language)
            now = (
                Words("{now} instead of {before}", "{now}（原为 {before}）")
                .filled(now=now, before=before)
                .into(language)
            )
        parts.append(now)
    return _LISTED.into(language).join(parts)


# Pictures and tables ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """A run, up to `upto`, to be drawn."""

    run: LabRun
    upto: int | None = None


def picture(
    lab: Lab,
    chart: Chart,
    run: Shown | None,
    language: Language,
    *,
    kept: LabRun | None = None,
    scale: Literal["linear", "log"] | None = None,
    marks: Sequence[Mark] = (),
) -> Picture:
    """A chart of the lab for a run, laid over a `kept` one."""
    curves: list[Curve] = []
    for each, old in ((Shown(kept) if kept else None, True), (run, False)):
        if each is None:
            continue
        seen = each.run.seen(each.upto)
        for name in chart.series:
            if name not in seen.series:
                continue
            series, count = seen.series[name]
            label = _label(lab, chart, name, language)
            if kept is not None and run is not None:
                label = _letter(
                    lab, label, each.run, run.run if old else kept, old, len(chart.series), language
                )
            curves.append(Curve(label, series.xs, series.ys, old, count))
    return Picture(
        chart.x.into(language), chart.y.into(language), curves, scale or chart.scale, chart.form, marks
    )


def _label(lab: Lab, chart: Chart, name: str, language: Language) -> str:
    return lab.series[name].into(language) if name in lab.series else name


def _letter(
    lab: Lab, label: str, run: LabRun, other: LabRun, old: bool, series: int, language: Language
) -> str:
    """With only one series, the settings tell the runs apart better than its name does."""
    changed = named(lab, differences(lab, run.settings, other.settings), run.settings, language)
    return f"{'A' if old else 'B'} {changed if series == 1 and changed else label}"


def points_table(
    lab: Lab, chart: Chart, run: Shown, language: Language, kept: LabRun | None = None
) -> tuple[list[str], list[list[Any]]]:
    """The numbers behind a chart: a column for x and one for each series, a row for each x in rising order."""
    curves = picture(lab, chart, run, language, kept=kept).curves
    rows: dict[float, list[Any]] = {}
    for column, curve in enumerate(curves, 1):
        for x, y in curve.drawn():
            rows.setdefault(x, [x, *([""] * len(curves))])[column] = y
    ordered = sorted(rows.values(), key=lambda row: (math.isnan(row[0]), row[0]))
    return [chart.x.into(language), *(curve.label for curve in curves)], ordered


def table_lines(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], language: Language, rule: str = "─"
) -> list[str]:
    """A table as lines: a heading, a rule, the rows, numbers aligned at the decimal point."""
    texts = [[told(cell, language) for cell in row] for row in rows]
    widths, aligned = [], []
    for i, heading in enumerate(columns):
        numeric = [len(row) > i and isinstance(row[i], (int, float)) for row in rows]
        cells = [row[i] if len(row) > i else "" for row in texts]
        before = max((len(_whole(c)) for c, n in zip(cells, numeric, strict=True) if n), default=0)
        cells = [" " * (before - len(_whole(c))) + c if n else c for c, n in zip(cells, numeric, strict=True)]
        width = max([cell_len(heading), *map(cell_len, cells)])
        body = max(map(cell_len, cells), default=0)
        shift = width - body if any(numeric) else 0
        widths.append(width)
        aligned.append([_padded(" " * shift + cell, width) for cell in cells])
    heads = [
        " " * (width - cell_len(heading)) + heading
        if any(len(row) > i and isinstance(row[i], (int, float)) for row in rows)
        else _padded(heading, width)
        for i, (heading, width) in enumerate(zip(columns, widths, strict=True))
    ]
    lines = ["   ".join(heads), rule * (sum(widths) + 3 * (len(widths) - 1))]
    return [line.rstrip() for line in (*lines, *("   ".join(row) for row in zip(*aligned, strict=True)))]


def _whole(text: str) -> str:
    """What stands before the decimal point."""
    return re.split(r"[.e]", text)[0] if text not in ("nan", "inf", "-inf") else text


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def report(
    run: LabRun, lab: Lab, language: Language, *, ascii: bool = False, width: int | None = None
) -> str:
    """A run as text for a terminal or a file: its charts, tables, values and notes, and how it ended."""
    width = width or min(shutil.get_terminal_size().columns, 100)
    seen = run.seen()
    parts = [lab.title.into(language)]
    shown_settings = [name for name in lab.controls if is_shown(lab, name, run.settings)]
    parts[0] += "\n" + named(lab, shown_settings, run.settings, language)
    for chart in lab.charts:
        if any(name in seen.series for name in chart.series):
            lines = draw(picture(lab, chart, Shown(run), language), width, 18, language=language, ascii=ascii)
            text = ["".join(piece for piece, _ in line).rstrip() for line in lines]
            parts.append("\n".join([chart.title.into(language), *text]))
    for table in seen.tables.values():
        rule = "-" if ascii else "─"
        parts.append("\n".join([table.name, *table_lines(table.columns, table.rows, language, rule)]))
    if seen.values:
        labels = [(lab.values[name].into(language) if name in lab.values else name) for name in seen.values]
        wide = max(map(cell_len, labels))
        values = [told(value, language) for value in seen.values.values()]
        parts.append(
            "\n".join(
                f"{_padded(label, wide)}   {value}" for label, value in zip(labels, values, strict=True)
            )
        )
    parts += [note.into(language) for note in seen.notes]
    if run.dropped:
        words = Words("{n} points more than are kept.", "另有 {n} 个点超出保留上限。")
        parts.append(words.filled(n=run.dropped).into(language))
    if run.printed.strip():
        parts.append(run.printed.rstrip())
    if isinstance(run.ending, Failed) and run.ending.trace:
        parts.append("\n".join(line.rstrip() for line in map(harmless, run.ending.trace)))
    if run.ending is not None:
        parts.append(ended(run.ending).into(language))
    return "\n\n".join(parts)
