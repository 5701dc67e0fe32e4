"""What can be said of a wrong number that no listed mistake leads to: how it lies to the right one."""

from __future__ import annotations

import math

from tutor.words import Words

_CLOSE = 0.05


def how_far(value: float, answer: float) -> Words:
    """One helpful sentence on `value`, which is not `answer`; it does not say the answer."""
    if not math.isfinite(value) or not math.isfinite(answer):
        return _not_finite(value, answer)
    if answer == 0:
        return Words(
            "The result is smaller than that: look for what cancels.", "结果比这更小：看看哪些项会抵消。"
        )
    if value == 0:
        return Words("The result is not 0.", "结果不是 0。")
    if _near(value, -answer, 1e-3):
        return Words("The size is right, the sign is not.", "大小对了，符号反了。")
    if answer == round(answer) and abs(value - answer) == 1:
        return Words(
            "Off by one: look at where the count begins, at 0 or at 1, and whether its end is included.",
            "差 1：看看计数从 0 还是从 1 开始，末尾那个算不算在内。",
        )
    if _near(value, answer, _CLOSE):
        return Words(
            "Close, but not close enough: keep more digits on the way.",
            "接近了，但还不够准：中间步骤多保留几位。",
        )
    if value * answer < 0:
        return Words("The sign is different, and so is the size.", "符号不同，大小也不同。")
    return _by_relation(abs(value), abs(answer))


def _not_finite(value: float, answer: float) -> Words:
    if math.isfinite(answer):
        return Words(
            "The result is an ordinary, finite number: nothing overflows here.",
            "结果是一个普通的有限数：这里没有溢出。",
        )
    if math.isfinite(value):
        return Words("The result is not a finite number.", "结果不是有限数。")
    if math.isnan(answer):
        return Words(
            "It is not a number any more: infinities meet and have no difference, or infinity is multiplied by 0.",
            "结果已经不是一个数：无穷大之间相减，或者无穷大乘以 0。",
        )
    return Words(
        "It does become infinite, but not like that: look at the sign, and whether a NaN can come up at all.",
        "结果确实是无穷大，但不是这样：看看符号，再想想是否真的会出现 NaN。",
    )


def _by_relation(value: float, answer: float) -> Words:
    """Relations that come up when a square, a root or a fraction was forgotten; both are positive here."""
    if answer != 1 and _near(value, 1 / answer, 1e-3):
        return Words("That is the reciprocal: look at what is divided by what.", "这是倒数：看看是谁除以谁。")
    if answer != 1 and _near(value / answer, answer, 1e-3):
        return Words(
            "That is the square of the right number: did you mean its root?",
            "这是正确结果的平方：是不是忘了开方？",
        )
    if answer != 1 and _near(value, math.sqrt(answer), 1e-3):
        return Words(
            "That is the root of the right number: was the root one step too many?",
            "这是正确结果的平方根：是不是多开了一次方？",
        )
    factor = math.exp(min(abs(math.log(value) - math.log(answer)), 700.0))
    power = round(math.log10(factor))
    if power and _near(factor, 10.0**power, 1e-3):
        shown = f"10^{power}"
    else:
        shown = f"{factor:.2g}" if factor < 1000 else f"{factor:.0e}".replace("e+0", "e").replace("e+", "e")
    large = Words("Too large, by a factor of about {factor}.", "偏大，约为正确结果的 {factor} 倍。")
    small = Words("Too small, by a factor of about {factor}.", "偏小，正确结果约为它的 {factor} 倍。")
    return (large if value > answer else small).filled(factor=shown)


def _near(value: float, target: float, tolerance: float) -> bool:
    return abs(value - target) <= tolerance * abs(target)
