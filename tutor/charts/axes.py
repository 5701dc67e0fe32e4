"""The axes of a chart: how far they reach, where their ticks are, and how numbers are written beside them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_POWERS = (1, 2, 3, 5, 10, 15, 20, 50, 100, 200, 1000)
"""By how many powers of ten the ticks of a log axis may be apart."""
_LARGEST = 308.25
"""The logarithm of about the largest float."""
_SMALLEST = -323
"""The power of ten below which there is only 0."""


def shown(value: float, digits: int = 5) -> str:
    """A number for people: `digits` significant digits, more only for whole numbers below a million; 1e38
    rather than 1e+38; "nan", "inf" and "-inf" as they are."""
    if not math.isfinite(value):
        return str(float(value))
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    if float(mantissa) == 0:
        return "0"
    exponent = int(power)
    if -4 <= exponent < 6:
        return _plain(f"{value:.{max(digits - 1 - exponent, 0)}f}")
    return f"{_plain(mantissa)}e{exponent}"


def _plain(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`, both finite and apart; in powers of ten where `log`."""

    low: float
    high: float
    log: bool = False

    def place(self, value: float) -> float:
        """Where `value` lies: 0 at the low end, 1 at the high end. Neither a huge nor a tiny range overflows."""
        if self.log:
            value = math.log10(value)
        unit = max(abs(self.low), abs(self.high))
        return (value / unit - self.low / unit) / (self.high / unit - self.low / unit)

    def places(self, values: Iterable[float]) -> list[float]:
        """`place` of each value, nan for one that has none: all at once, since a picture has thousands of them."""
        inf, nan, log10 = math.inf, math.nan, math.log10
        unit = max(abs(self.low), abs(self.high))
        foot = self.low / unit
        span = self.high / unit - foot
        if self.log:
            return [(log10(v) / unit - foot) / span if 0 < v < inf else nan for v in values]
        return [(v / unit - foot) / span if -inf < v < inf else nan for v in values]

    def takes(self, value: float) -> bool:
        """Whether `value` has a place on the axis at all."""
        return math.isfinite(value) and (value > 0 or not self.log)

    def has(self, value: float) -> bool:
        """Whether `value` lies on the axis, between its ends."""
        if self.log:
            return self.takes(value) and -1e-9 <= self.place(value) <= 1 + 1e-9
        slack = 1e-9 * (self.high - self.low)
        return math.isfinite(value) and self.low - slack <= value <= self.high + slack

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """Places and labels of up to about `most` ticks."""
        if not self.log:
            values = _round_values(self.low, self.high, most)
        else:
            first = max(math.ceil(self.low - 1e-9), _SMALLEST)
            last = math.floor(min(self.high + 1e-9, _LARGEST))
            if last - first >= 1:
                step = next(step for step in _POWERS if step * max(most - 1, 1) >= last - first)
                begin = math.ceil(first / step) * step
                powers = range(begin, last + 1, step)
                plain = all(-3 <= power <= 4 for power in powers)
                values = [float(f"1e{power}") for power in powers]
                labels = [
                    shown(v) if plain or v == 1 else f"1e{p}" for v, p in zip(values, powers, strict=True)
                ]
                return list(zip(map(self.place, values), labels, strict=True))
            else:
                values = [
                    v for v in _round_values(10**self.low, 10 ** min(self.high, _LARGEST), most) if v > 0
                ]
        return list(zip(map(self.place, values), labels_of(values), strict=True))


def _round_values(low: float, high: float, most: int) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten from `low` to `high`, about `most` of them."""
    least = (high / most - low / most) if most > 1 else high / 2 - low / 2
    if not least > 0:
        return [low]
    power = math.floor(math.log10(least))
    steps = (float(f"{factor}e{power}") for factor in (1, 2, 5, 10))
    step = next((step for step in steps if least * 0.999 <= step < math.inf), least)
    if not step > 0:
        return [low, high]
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return [float(f"{k * step:.12g}") for k in range(first, last + 1)]


def labels_of(values: Sequence[float]) -> list[str]:
    """The shortest labels that tell the values apart and say them exactly enough."""
    labels: list[str] = []
    for digits in range(1, 13):
        labels = [shown(value, digits) for value in values]
        exact = all(math.isclose(float(t), v, rel_tol=1e-9) for t, v in zip(labels, values, strict=True))
        if exact and len(set(labels)) == len(labels):
            break
    return labels


def axis_of(values: Iterable[float], log: bool, also: Iterable[float] = ()) -> Axis | None:
    """The axis that has room for all `values`, and for `also` where that costs them no more than half."""
    kept = [value for value in values if math.isfinite(value) and (value > 0 or not log)]
    if not kept:
        return None
    low, high = min(kept), max(kept)
    if log:
        low, high = math.log10(low), math.log10(high)
        if high - low < 1e-9:
            low, high = low - 1, min(high + 1, _LARGEST)
        elif low - math.floor(low) < (high - low) / 20:
            low = math.floor(low)  # a tick at the foot of the axis costs little room
    elif high == low or (high - low) < 1e-9 * max(abs(low), abs(high)):
        room = abs(low) / 2
        low, high = max(low - room, -1.7e308), min(high + room, 1.7e308)
        high = high if high > low else low + 1.0
    for value in also:
        if math.isfinite(value) and (value > 0 or not log):
            place = math.log10(value) if log else value
            wider = (min(low, place), max(high, place))
            if wider[1] / 2 - wider[0] / 2 <= high - low:
                low, high = wider
    return Axis(low, high, log)
