"""The telling of a lab's run: values, tables, settings and endings in words, and all of it as one text."""

from __future__ import annotations

import json
import math
import re
import shutil
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any, Literal

from rich.cells import cell_len

from tutor.charts import Curve, Mark, Picture, draw, shown
from tutor.charts.gallery import GAP, walls
from tutor.charts.grey import in_signs
from tutor.course.model import Chart, Lab
from tutor.labrun import Grey, LabRun, Shown, harmless
from tutor.protocol import Crashed, Ending, Failed, Finished, Stopped, Table
from tutor.words import Language, Words

_LISTED = Words(", ", "，")


def told(value: Any, language: Language) -> str:
    """A value for people: numbers to five digits, None and truth as words."""
    if value is None:
        return Words("none", "无").into(language)
    if isinstance(value, bool):
        return (Words("yes", "是") if value else Words("no", "否")).into(language)
    if isinstance(value, float):
        return shown(value)
    if isinstance(value, (list, tuple)):
        sizes = [abs(number) for number in _numbers(value) if math.isfinite(number) and number]
        return _told_list(value, 4 - math.floor(math.log10(max(sizes))) if sizes else 0, language)
    if isinstance(value, dict):
        return harmless(json.dumps(value, ensure_ascii=False))
    return harmless(str(value)).replace("\n", " ")


def _numbers(value: Any) -> Iterator[float]:
    """The numbers of a nested list that may have a fraction."""
    for each in value if isinstance(value, (list, tuple)) else ():
        if isinstance(each, float):
            yield each
        yield from _numbers(each)


def _told_list(values: Sequence[Any], places: int, language: Language) -> str:
    """A list, all of its numbers to as many places as the largest has, more where a small one needs them."""
    texts = []
    for value in values:
        if isinstance(value, (list, tuple)):
            texts.append(_told_list(value, places, language))
            continue
        text = told(value, language)
        if isinstance(value, float) and 0 <= places <= 12:
            rounded = round(value, places) if math.isfinite(value) else value
            if math.isclose(rounded, value, rel_tol=1e-3):
                text = shown(rounded, 12)
        texts.append(text)
    return f"[{', '.join(texts)}]"


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


def trace_lines(failed: Failed) -> list[str]:
    """The lines of a traceback, without anything that a terminal would obey."""
    return [line for part in failed.trace for line in harmless(part).rstrip().split("\n")]


def last_words(run: LabRun, most: int) -> list[str]:
    """The last lines of the traceback and of what was printed, `most` in all, for a run that went wrong."""
    trace = trace_lines(run.ending) if isinstance(run.ending, Failed) else []
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
    """A chart of the lab for a run, laid over a `kept` one. Level lines are those of the last run that has any, and
    all there from the start of a run that is wound back: paths are made in time, the surface is not."""
    curves: list[Curve] = []
    levels: Curve | None = None
    for each, old in ((Shown(kept) if kept else None, True), (run, False)):
        if each is None:
            continue
        seen = each.run.seen(each.upto)
        names = drawn_series(chart, seen.series)
        for name in names:
            series, count = seen.series[name]
            label = _label(lab, name, language)
            if kept is not None and run is not None:
                label = _letter(lab, label, each.run, run.run if old else kept, old, len(names), language)
            curves.append(Curve(label, series.xs, series.ys, old, count))
        surface = each.run.series.get(chart.series[-1]) if chart.form == "contour" else None
        if surface is not None and not each.run.thinned:
            levels = Curve(chart.series[-1], surface.xs, surface.ys)
    return Picture(
        chart.x.into(language),
        chart.y.into(language),
        curves,
        scale or chart.scale,
        chart.form,
        marks,
        levels,
    )


def drawn_series(chart: Chart, names: Iterable[str]) -> list[str]:
    """Which of the series `names` the chart has curves of, in its order."""
    there = list(names)
    return [
        name
        for wanted in chart.curves
        for name in there
        if name == wanted or (wanted.endswith("*") and name.startswith(wanted[:-1]))
    ]


def _label(lab: Lab, name: str, language: Language) -> str:
    if name in lab.series:
        return lab.series[name].into(language)
    for family, words in lab.series.items():
        if family.endswith("*") and name.startswith(family[:-1]):
            return words.into(language).replace("{}", name.removeprefix(family[:-1]))
    return name


def _letter(
    lab: Lab, label: str, run: LabRun, other: LabRun, old: bool, series: int, language: Language
) -> str:
    """With only one series, the settings tell the runs apart better than its name does."""
    changed = named(lab, differences(lab, run.settings, other.settings), run.settings, language)
    return f"{'A' if old else 'B'} {changed if series == 1 and changed else label}"


def points_table(
    lab: Lab, chart: Chart, run: Shown, language: Language, kept: LabRun | None = None
) -> tuple[list[str], list[list[Any]]]:
    """The numbers behind a chart: a column for x and one for each series, a row for each x in rising order; of paths
    over level lines a row for each step, with two columns for each path."""
    curves = picture(lab, chart, run, language, kept=kept).curves
    across, up = chart.x.into(language), chart.y.into(language)
    if chart.form == "contour":
        several = len(curves) > 1
        columns = [f"{curve.label}: {axis}" if several else axis for curve in curves for axis in (across, up)]
        steps = zip_longest(*(curve.drawn() for curve in curves), fillvalue=("", ""))
        step = Words("step", "步").into(language)
        return [step, *columns], [[k, *chain.from_iterable(places)] for k, places in enumerate(steps)]
    rows: dict[float, list[Any]] = {}
    for column, curve in enumerate(curves, 1):
        for x, y in curve.drawn():
            rows.setdefault(x, [x, *([""] * len(curves))])[column] = y
    ordered = sorted(rows.values(), key=lambda row: (math.isnan(row[0]), row[0]))
    return [across, *(curve.label for curve in curves)], ordered


def label_of(lab: Lab, key: Any, language: Language) -> str:
    """What a lab calls one of its values or series; a table may have such a name, such columns, such first cells."""
    words = (lab.series.get(key) or lab.values.get(key)) if isinstance(key, str) else None
    return words.into(language) if words is not None else told(key, language)


def value_label(lab: Lab, name: str, language: Language) -> str:
    """What a lab calls one of its values."""
    return lab.values[name].into(language) if name in lab.values else label_of(lab, name, language)


def table_text(lab: Lab, table: Table, language: Language, width: int, rule: str = "─") -> list[str]:
    """A table of a run as lines: its name, then what it holds, in the lab's own words."""
    columns = [label_of(lab, column, language) for column in table.columns]
    rows = [
        [label_of(lab, cell, language) for cell in row[:1] if isinstance(cell, str)] for row in table.rows
    ]
    filled = [[*first, *row[len(first) :]] for first, row in zip(rows, table.rows, strict=True)]
    return [label_of(lab, table.name, language), *table_lines(columns, filled, language, rule, width)]


def table_lines(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    language: Language,
    rule: str = "─",
    width: int | None = None,
) -> list[str]:
    """A table as lines: a heading, a rule, the rows, numbers aligned at the decimal point.

    Where it is wider than `width`, the columns that do not fit follow below, each part with the first column.
    """
    drawn = [
        _column(heading, [row[i] if len(row) > i else "" for row in rows], language)
        for i, heading in enumerate(columns)
    ]
    parts: list[list[list[str]]] = []
    for column in drawn:
        if parts and (
            width is None or sum(cell_len(each[0]) + 3 for each in (*parts[-1], column)) - 3 <= width
        ):
            parts[-1].append(column)
        else:
            parts.append([drawn[0], column] if parts else [column])
    lines: list[str] = []
    for part in parts:
        head, *body = ("   ".join(cells) for cells in zip(*part, strict=True))
        lines += [
            *([""] if lines else []),
            head.rstrip(),
            rule * min(cell_len(head), width or cell_len(head)),
        ]
        lines += [line.rstrip() for line in body]
    return lines


def _column(heading: str, values: Sequence[Any], language: Language) -> list[str]:
    """A heading and the cells below it, all of one width; where there are numbers, they stand at the right."""
    numeric = [isinstance(value, (int, float)) and not isinstance(value, bool) for value in values]
    cells = [told(value, language) for value in values]
    before = max((len(_whole(c)) for c, n in zip(cells, numeric, strict=True) if n), default=0)
    cells = [" " * (before - len(_whole(c))) + c if n else c for c, n in zip(cells, numeric, strict=True)]
    body = max(map(cell_len, cells), default=0)
    width = max(cell_len(heading), body)
    shift = " " * (width - body if any(numeric) else 0)
    head = " " * (width - cell_len(heading)) + heading if any(numeric) else heading
    return [_padded(head, width), *(_padded(shift + cell, width) for cell in cells)]


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
        if drawn_series(chart, seen.series):
            lines = draw(picture(lab, chart, Shown(run), language), width, 18, language=language, ascii=ascii)
            text = ["".join(piece for piece, _ in line).rstrip() for line in lines]
            parts.append("\n".join([chart.title.into(language), *text]))
    for table in seen.tables.values():
        parts.append("\n".join(table_text(lab, table, language, width, "-" if ascii else "─")))
    parts += _hung(list(seen.pictures.values()), width, language, "..." if ascii else "…")
    if seen.values:
        labels = [value_label(lab, name, language) for name in seen.values]
        wide = max(map(cell_len, labels))
        values = [told(value, language) for value in seen.values.values()]
        parts.append(
            "\n".join(
                f"{_padded(label, wide)}   {value}" for label, value in zip(labels, values, strict=True)
            )
        )
    parts += [note.into(language) for note in seen.notes]
    if run.dropped:
        words = Words("{n} points or pictures more than are kept.", "另有 {n} 个点或图像超出保留上限。")
        parts.append(words.filled(n=run.dropped).into(language))
    if run.printed.strip():
        parts.append(run.printed.rstrip())
    if isinstance(run.ending, Failed) and run.ending.trace:
        parts.append("\n".join(trace_lines(run.ending)))
    if run.ending is not None:
        parts.append(ended(run.ending).into(language))
    return "\n\n".join(parts)


def _hung(pictures: Sequence[Grey], width: int, language: Language, more: str) -> list[str]:
    """The pictures in signs, as many beside each other as fit, each with its words below."""
    parts = []
    for wall in walls([(each.pixels, below(each, language)) for each in pictures], width, None, more):
        for row in wall.hung:
            lines = []
            for texts in zip_longest(*([*in_signs(hung.pixels), *hung.words] for hung in row), fillvalue=""):
                cells = [_padded(text, wall.columns) for text in texts]
                lines.append((" " * GAP).join(cells).rstrip())
            parts.append("\n".join(lines))
    return parts


def below(picture: Grey, language: Language) -> str:
    """The line below a picture: its words, or its name where it has none."""
    return harmless(picture.says.into(language) or picture.name).replace("\n", " ")
