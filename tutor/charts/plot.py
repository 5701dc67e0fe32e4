"""Curves as rows of signs, without anything around them; the only place that knows plotext."""

from __future__ import annotations

from collections.abc import Sequence


def warm() -> None:
    """Import plotext, which takes 0.2 s: for a thread, before the first picture is wanted."""
    import plotext  # noqa: F401


def plot(
    runs: Sequence[Sequence[tuple[float, float]]],
    columns: int,
    rows: int,
    marker: str,
    *,
    joined: bool,
    filled: bool,
) -> list[str]:
    """Let plotext draw points, whose places run from 0 to 1, on a canvas without any frame."""
    import plotext

    plotext.terminal.limit(False, False)
    figure = plotext.figure
    figure.clear()
    figure.plot_size(columns, rows)
    figure.axes(False)
    figure.canvas("default")
    for axis in ("x", "y"):
        figure.ruler(axis).ticks([])
        figure.ruler(axis).lim(0, 1)
    points = [point for run in runs for point in run]
    signal = figure.signal([x for x, _ in points], [y for _, y in points], marker=marker)
    if joined:
        signal.lines(True)
        at = 0
        for run in runs:
            signal.line(at, False)
            at += len(run)
    if filled:
        signal.fillx(True)
    figure.draw(signal)
    text: str = figure.build().string(colorless=True)
    return text.split("\n")[:rows]
