"""What a learner did at a lab step, and what its run came to, in lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from rich.cells import cell_len

from tutor.course.model import Chart, Lab, Prediction
from tutor.labrun import LabRun, harmless
from tutor.labwords import compared, ended, last_words, told, value_label
from tutor.meter import part_of
from tutor.protocol import Crashed, Failed, Finished, Progress
from tutor.ui.looks import Piece, cells, cut, spread, wrapped
from tutor.ui.signs import Signs
from tutor.ui.widgets.prediction import Asked
from tutor.words import Language, Words


@dataclass(slots=True)
class LabState:
    """All that a learner did at one lab step in this session, but for the settings."""

    charts: Sequence[Chart]
    asked: Asked | None = None
    """The prediction, as long as it stands out."""
    predicted: str | None = None
    run: LabRun | None = None
    kept: LabRun | None = None
    """The run that the next ones are laid over."""
    at: int | None = None
    """The event that the run is wound back to."""
    page: int = 0
    """Which page stands in the chart's place: first the charts, then what else the run has to show."""
    progress: Progress | None = None
    """How far the run has come, as it is shown."""
    scales: dict[str, Literal["linear", "log"]] = field(default_factory=dict)
    """The scale of each chart that is not shown as its author meant it."""

    @property
    def running(self) -> bool:
        """Whether the run has not ended yet."""
        return self.run is not None and self.run.ending is None

    @property
    def chart(self) -> Chart | None:
        """The chart that is shown, if it is one."""
        if self.page >= len(self.charts) and self.run is not None and self.run.pictured:
            return None
        return self.charts[min(self.page, len(self.charts) - 1)] if self.charts else None

    def scale(self, chart: Chart) -> Literal["linear", "log"]:
        """The scale that `chart` is drawn in."""
        return self.scales.get(chart.id, chart.scale)


def status(state: LabState, signs: Signs, language: Language) -> list[Piece]:
    """What the run does, or how it ended."""
    run = state.run
    if run is None:
        return []
    if run.ending is not None:
        look = "muted" if isinstance(run.ending, Finished) else "wrong"
        if state.at is not None:
            words = Words("wound back to {at} of {all}", "已回退到 {at}/{all}").filled(
                at=state.at, all=run.events
            )
            return [(words.into(language), "warn")]
        return [(ended(run.ending).into(language), look)]
    running: Piece = (f"{signs.run} {Words('running', '运行中').into(language)}", "accent")
    if state.progress is None:
        return [running]
    part = part_of(state.progress)
    percent = Words("{p} %", "{p}%").filled(p=int(100 * part)).into(language)
    far = f"  {state.progress.done}/{state.progress.total}  {percent}"
    return [running, ("  " + signs.bar(part, 16), "accent"), (far, "")]


def results(
    lab: Lab,
    state: LabState,
    first: list[Piece],
    prediction: Prediction | None,
    width: int,
    most: int,
    language: Language,
    signs: Signs,
) -> list[list[Piece]]:
    """What the run came to, in at most `most` lines of `width`; `first` stands at the left of the first one."""
    run = state.run
    if run is None:
        return []
    seen = run.seen(state.at)
    now = status(state, signs, language)
    heads = [first] if first else []
    if state.kept is not None and state.kept is not run:
        changed = compared(lab, run, state.kept, language)
        same = Words("the same settings as A", "与 A 的设置相同").into(language)
        heads.append([(Words("B: {it}", "B：{it}").filled(it=changed or same).into(language), "")])
    if heads and cells(heads[0]) + 3 + cells(now) <= width:
        heads[0] = spread(heads[0], now, width, signs.more)
    else:
        heads.insert(
            0, spread([], now, width, signs.more) if run.ending is None or cells(now) < width // 2 else now
        )
    lines = heads
    broken = isinstance(run.ending, Failed | Crashed)
    if broken and not seen.notes:
        room = max(most - len(lines), 0)
        last = folded(last_words(run, room), width)
        lines += [[(line, "muted")] for line in (last[-room:] if room else [])]
        return [cut(line, width, signs.more) for line in lines]
    notes: list[list[Piece]] = [
        [(line, "")] for note in seen.notes for line in wrapped(harmless(note.into(language)), width)
    ]
    names = sorted(
        seen.values, key=lambda n: (prediction is None or n != prediction.of, seen.values[n] is None)
    )
    values = [(value_label(lab, n, language), told(seen.values[n], language)) for n in names]
    packed = _packed(values, width)
    if packed and len(lines) + len(notes) + len(packed) > most:
        # The first values are not what is to be left out, and how the run ended needs no line of its own.
        alone = len(lines) == 1 and not first and run.ending is not None
        if alone and cells(packed[0]) + 3 + cells(now) <= width:
            lines = [spread(packed[0], now, width, signs.more)]
        else:
            lines = [*lines, packed[0]]
        packed = packed[1:]
    lines += notes + packed
    if run.printed.strip():
        lines += [[(line, "muted")] for line in run.printed.rstrip().split("\n")[-2:]]
    if broken:  # the lab has explained it already
        lines.append([(Words("t shows where it failed", "按 t 查看出错位置").into(language), "muted")])
    if len(lines) > most:
        words = Words("{n} more lines: t", "另有 {n} 行，按 t 查看").filled(n=len(lines) - most + 1)
        lines[most - 1 :] = [[(words.into(language), "muted")]]
    return [cut(line, width, signs.more) for line in lines]


def _packed(values: list[tuple[str, str]], width: int) -> list[list[Piece]]:
    """Labels and values beside each other, as many as fit into a line; what is longer than a line is wrapped."""
    lines: list[list[Piece]] = []
    used = width
    for label, value in values:
        size = cell_len(label) + 2 + cell_len(value)
        if size > width:
            first, *rest = wrapped(value, max(width - cell_len(label) - 2, width // 2))
            lines.append([(f"{label}  ", "muted"), (first, "strong")])
            lines += [[(f"  {line}", "strong")] for line in rest]
            used = width
            continue
        if used + 3 + size > width:
            lines.append([])
            used = 0
        else:
            lines[-1].append(("   ", ""))
            used += 3
        lines[-1] += [(f"{label}  ", "muted"), (value, "strong")]
        used += size
    return lines


def folded(lines: Sequence[str], width: int) -> list[str]:
    """Lines of code and the like in parts of `width` signs, as they are."""
    return [line[i : i + width] for line in lines for i in range(0, max(len(line), 1), width)]
