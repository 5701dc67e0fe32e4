"""What stands beside and below a lab's controls: the chart of its run, and what the run came to, in lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rich.cells import cell_len

from tutor.charts import Mark, draw
from tutor.course.model import Chart, Lab, Prediction
from tutor.labrun import LabRun, Shown, harmless
from tutor.labwords import compared, ended, last_words, picture, told
from tutor.practice.numbers import read_number
from tutor.protocol import Crashed, Failed, Finished
from tutor.ui.looks import Piece, cells, cut, spread, wrapped
from tutor.ui.signs import Signs
from tutor.words import Language, Words

NEVER = "never"
"""The prediction that it will not happen, as it is written down."""


@dataclass(slots=True)
class LabState:
    """All that a learner did at one lab step in this session, but for the settings."""

    chart: Chart | None
    asking: bool
    """Whether the prediction still stands out."""
    predicted: str | None = None
    run: LabRun | None = None
    kept: LabRun | None = None
    """The run that the next ones are laid over."""
    at: int | None = None
    """The event that the run is wound back to."""
    typed: str = ""
    """The prediction as far as it is typed."""
    option: int = 0
    """The option that the cursor stands on."""
    scales: dict[str, Literal["linear", "log"]] = field(default_factory=dict)
    """The scale of each chart that is not shown as its author meant it."""

    @property
    def running(self) -> bool:
        """Whether the run has not ended yet."""
        return self.run is not None and self.run.ending is None

    def scale(self, chart: Chart) -> Literal["linear", "log"]:
        """The scale that `chart` is drawn in."""
        return self.scales.get(chart.id, chart.scale)


class ChartLines:
    """Draws the chart of a state, and only anew if something in it changed."""

    def __init__(self) -> None:
        self._drawn: tuple[tuple[Any, ...], list[list[Piece]]] | None = None

    def lines(
        self,
        lab: Lab,
        state: LabState,
        size: tuple[int, int],
        language: Language,
        signs: Signs,
        marks: Sequence[Mark],
    ) -> list[list[Piece]]:
        """A line for the title, then the picture."""
        chart, run = state.chart, state.run
        if chart is None or run is None:
            return []
        kept = state.kept if state.kept is not run else None
        key = (chart.id, id(run), run.events, state.at, id(kept), state.scale(chart), size, language, *marks)
        if self._drawn is None or self._drawn[0] != key:
            shown = picture(
                lab,
                chart,
                Shown(run, state.at),
                language,
                kept=kept,
                scale=state.scale(chart),
                marks=marks,
            )
            title = spread(
                [(chart.title.into(language), "strong")], self._count(lab, chart), size[0], signs.more
            )
            ascii = signs.rule == "-"
            self._drawn = (
                key,
                [title, *draw(shown, size[0], size[1] - 1, language=language, ascii=ascii)],
            )
        return self._drawn[1]

    def _count(self, lab: Lab, chart: Chart) -> list[Piece]:
        if len(lab.charts) < 2:
            return []
        return [(f"v {lab.charts.index(chart) + 1}/{len(lab.charts)}", "muted")]


# What was predicted ----------------------------------------------------------------------------------------


def said(prediction: Prediction, given: str, language: Language) -> str:
    """A prediction as it is quoted."""
    if given == NEVER:
        return Words("never", "不会发生").into(language)
    if prediction.ask == "choice":
        for option, equals in zip(prediction.options, prediction.equals, strict=False):
            if str(equals) == given:
                return option.into(language)
    return given


def mark_of(prediction: Prediction | None, given: str | None, language: Language) -> list[Mark]:
    """The prediction as a line in the chart, if it can be one."""
    if prediction is None or given is None or prediction.mark == "none" or prediction.ask != "number":
        return []
    at = read_number(given)
    if not isinstance(at, float):
        return []
    says = Words("you said {it}", "你的预测 {it}").filled(it=given).into(language)
    return [Mark(prediction.mark, at, says)]


def beside(
    lab: Lab, prediction: Prediction, given: str, values: dict[str, Any], language: Language, signs: Signs
) -> list[Piece]:
    """The prediction and what torch gave, in one line; empty while torch has not given it."""
    if prediction.of not in values:
        return []
    value = values[prediction.of]
    result = Words("never", "没有发生").into(language) if value is None and prediction.never else ""
    if prediction.ask == "choice":
        result = said(prediction, str(value), language)
    result = result or told(value, language)
    words = Words("you said {given}, torch says {result}", "你的预测是 {given}，torch 的结果是 {result}")
    text = words.filled(given=said(prediction, given, language), result=result).into(language)
    hit = _agree(given, value)
    return [(f"{signs.yes} {text}" if hit else text, "right" if hit else "accent")]


def _agree(given: str, value: Any) -> bool:
    """Whether a prediction came true: the same word, or within two percent."""
    if value is None or given == NEVER:
        return value is None and given == NEVER
    at = read_number(given)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and isinstance(at, float):
        return abs(at - value) <= 0.02 * abs(value) or at == value
    return given == str(value)


# What it came to -------------------------------------------------------------------------------------------


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
    progress = f" {run.progress.done}/{run.progress.total}" if run.progress is not None else ""
    return [(f"{signs.run} {Words('running', '运行中').into(language)}{progress}", "accent")]


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
    if isinstance(run.ending, Failed | Crashed):
        room = max(most - len(lines), 0)
        lines += [[(line, "muted")] for line in _folded(last_words(run, room), width, room)]
        return [cut(line, width, signs.more) for line in lines]
    for note in seen.notes:
        lines += [[(line, "")] for line in wrapped(harmless(note.into(language)), width)]
    names = sorted(
        seen.values, key=lambda n: (prediction is None or n != prediction.of, seen.values[n] is None)
    )
    values = [
        (lab.values[n].into(language) if n in lab.values else n, told(seen.values[n], language))
        for n in names
    ]
    lines += _packed(values, width)
    if run.printed.strip():
        lines += [[(line, "muted")] for line in run.printed.rstrip().split("\n")[-2:]]
    if len(lines) > most:
        words = Words("{n} more lines: t", "另有 {n} 行，按 t 查看").filled(n=len(lines) - most + 1)
        lines[most - 1 :] = [[(words.into(language), "muted")]]
    return [cut(line, width, signs.more) for line in lines]


def _packed(values: list[tuple[str, str]], width: int) -> list[list[Piece]]:
    """Labels and values beside each other, as many as fit into a line."""
    lines: list[list[Piece]] = []
    used = 0
    for label, value in values:
        size = cell_len(label) + 2 + cell_len(value)
        if not lines or used + 3 + size > width:
            lines.append([])
            used = 0
        elif used:
            lines[-1].append(("   ", ""))
            used += 3
        lines[-1] += [(f"{label}  ", "muted"), (value, "strong")]
        used += size
    return lines


def _folded(lines: Sequence[str], width: int, most: int) -> list[str]:
    folded = [
        part for line in lines for part in ([line[i : i + width] for i in range(0, len(line), width)] or [""])
    ]
    return folded[-most:] if most else []
