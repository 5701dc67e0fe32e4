"""What a chart cannot show, in words: values that are not finite, and what has no place on a log axis."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from tutor.charts.axes import shown
from tutor.charts.shapes import Curve
from tutor.words import Words


def unseen(curve: Curve, x: str, log: bool) -> Iterator[Words]:
    """A sentence for each thing that cannot be seen of `curve`; `x` is the label of the horizontal axis."""
    points = list(curve.drawn())
    what = next((b for a, b in points if math.isfinite(a) and not math.isfinite(b)), None)
    if what is not None:
        yield _where(points).filled(curve=curve.label, what=shown(what), x=x)
    lost = sum(1 for a, _ in points if not math.isfinite(a))
    if lost:
        yield Words("{curve}: {n} points whose {x} is not finite", "{curve}：{n} 个点的{x}不是有限值").filled(
            curve=curve.label, n=lost, x=x
        )
    below = [a for a, b in points if math.isfinite(a) and b <= 0 and math.isfinite(b)] if log else []
    if below:
        yield Words(
            "{curve}: {n} points not above 0, off a log axis, the first at {x} {at}",
            "{curve}：{n} 个点不大于 0，对数坐标上无法画出，首个在 {x} = {at} 处",
        ).filled(curve=curve.label, n=len(below), x=x, at=shown(below[0]))


def outside(curve: Curve, lost: Sequence[int]) -> Iterator[Words]:
    """A sentence where a path leaves the picture at the points `lost`, counted from 0, the start."""
    if lost:
        yield Words(
            "{curve}: {n} of {all} points outside the picture, first step {k}",
            "{curve}：{all} 个点中有 {n} 个在图外，首个是第 {k} 步",
        ).filled(curve=curve.label, n=len(lost), all=len(curve.xs[: curve.upto]), k=lost[0])


def _where(points: Sequence[tuple[float, float]]) -> Words:
    """A sentence, still without the curve's name, on where along x the values are not finite."""
    placed = sorted((point for point in points if math.isfinite(point[0])), key=lambda point: point[0])
    bad = [i for i, (_, y) in enumerate(placed) if not math.isfinite(y)]
    first, last = shown(placed[bad[0]][0]), shown(placed[bad[-1]][0])
    together = len(bad) == bad[-1] - bad[0] + 1
    if len(bad) == len(placed) > 1:
        return Words("{curve}: {what} at every {x}", "{curve}：{x}取任何值时都是 {what}")
    if len(bad) == 1:
        return Words(f"{{curve}}: {{what}} at {{x}} {first}", f"{{curve}}：在 {{x}} = {first} 处为 {{what}}")
    if together and bad[-1] == len(placed) - 1:
        return Words(
            f"{{curve}}: {{what}} from {{x}} {first} on", f"{{curve}}：从 {{x}} = {first} 起为 {{what}}"
        )
    if together and bad[0] == 0:
        return Words(
            f"{{curve}}: {{what}} up to {{x}} {last}", f"{{curve}}：直到 {{x}} = {last} 都是 {{what}}"
        )
    return Words(
        f"{{curve}}: {{what}} at {{x}} {first}, {len(bad)} points in all are not finite",
        f"{{curve}}：在 {{x}} = {first} 处为 {{what}}，共 {len(bad)} 个点不是有限值",
    )


_NEVER_FIRST = frozenset("，。：；！？、）")


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines, broken at spaces where there are any, and else between Chinese characters."""
    lines, line = [], ""
    for sign in text:
        if cell_len(line + sign) > width:
            space = line.rfind(" ")
            cut = space + 1 if space > width // 2 else len(line) - (sign in _NEVER_FIRST)
            lines.append(line[:cut].rstrip())
            line = line[cut:]
        line += sign
    return [*lines, line.rstrip()]
