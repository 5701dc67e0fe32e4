"""Reading a number the way a learner types it: 0.3642, .364, 4/11, 2^128, 5/3*sqrt(6/512), ln 2, １．５, nan.

A parser of its own, because it must say in words what it did not understand, take "ln 2" and "36.4%",
and because nothing a learner types may be evaluated by Python. All arithmetic is done with floats, so
that no power can hang.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from tutor.words import Words

_LONGEST = 120
_DEEPEST = 24

_CONSTANTS = {"pi": math.pi, "e": math.e, "inf": math.inf, "infinity": math.inf, "nan": math.nan}
_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "ln": math.log,
    "log2": math.log2,
    "log10": math.log10,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "tanh": math.tanh,
    "abs": abs,
}
NAMES = (*_CONSTANTS, *_FUNCTIONS, "log")
"""The words that a number may contain."""

_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("−–—‐‑⁻", "-"),
        **dict.fromkeys("×·∙⋅✕", "*"),
        **dict.fromkeys("÷⁄∕、", "/"),
        "。": ".",
        "∞": "inf",
        "π": "pi",
        "√": "sqrt ",
        "≈": "=",
        "~": "=",
        "[": "(",
        "]": ")",
    }
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d_]+\d*)|(?P<sign>\*\*|[-+*/^()%])|(?P<other>\S))",
)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What was typed is not a number that we understand; `words` say what and where."""

    words: Words


class _Stuck(Exception):
    def __init__(self, en: str, zh: str, piece: str = "", wanted: Words | str = "") -> None:
        super().__init__(en)
        self.words = Words(en, zh).filled(piece=piece, wanted=wanted)


def read_number(text: str) -> float | Unreadable:
    """The number that `text` stands for. Never raises, and always comes back at once.

    Understood are decimals and powers of ten, `+ - * / ^ **`, parentheses, percent, `pi`, `e`, `inf`, `nan`,
    ln, log2, log10, sqrt, exp, tanh and abs, and the full-width and typographic forms of all these.
    """
    try:
        return _Reader(_plain(text)).read()
    except _Stuck as stuck:
        return Unreadable(stuck.words)


def narrow(text: str) -> str:
    """`text` with the full-width characters of a Chinese input method as ASCII; anything else as it is.

    Not NFKC as a whole, which would turn 2¹⁰ into 210 and 1½ into 11⁄2.
    """
    return "".join(
        unicodedata.normalize("NFKC", c)
        if unicodedata.decomposition(c).startswith(("<wide>", "<narrow>", "<font>", "<noBreak>"))
        else c
        for c in text
    )


def _plain(text: str) -> str:
    """The text in ASCII as far as it has a meaning there."""
    text = text.replace("……", "^")
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+", lambda m: f"^({m[0].translate(_SUPERSCRIPTS)})", text)
    text = narrow(text).translate(_LOOKALIKES).strip().lstrip("= ").lower()
    return re.sub(r"\b(?:math|torch|np|numpy)\.(?=[a-z])", "", text)


class _Reader:
    """Recursive descent, one method for each strength of binding, weakest first."""

    def __init__(self, text: str) -> None:
        if not text:
            raise _Stuck("Nothing is written yet: type a number.", "还没有填写：请输入一个数。")
        if len(text) > _LONGEST:
            raise _Stuck(
                "That is longer than 120 characters: work a part of it out first.",
                "超过 120 个字符了：请先算出其中一部分。",
            )
        self._tokens = [(str(m.lastgroup), m[m.lastgroup or 0]) for m in _TOKEN.finditer(text)]
        self._at = 0
        self._depth = 0

    def read(self) -> float:
        value = self._sum()
        kind, piece = self._next()
        if kind == "end":
            return value
        if piece == ")":
            raise _Stuck("There is one “)” more than there are “(”.", "右括号“)”比左括号“(”多。")
        if kind == "other":
            raise _strange(piece)
        raise _Stuck(
            "Before “{piece}” a sign is missing, such as * or /.",
            "“{piece}”前面缺少运算符，例如 * 或 /。",
            piece,
        )

    def _next(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, *signs: str) -> str:
        """The next sign if it is one of these, else nothing."""
        kind, piece = self._next()
        if kind == "sign" and piece in signs:
            self._at += 1
            return piece
        return ""

    def _sum(self) -> float:
        value = self._product()
        while sign := self._take("+", "-"):
            right = self._product()
            value = _finite(value + right if sign == "+" else value - right, value, right)
        return value

    def _product(self) -> float:
        value = self._signed()
        while sign := self._take("*", "/"):
            right = self._signed()
            if sign == "/" and right == 0:
                raise _Stuck(
                    "Division by 0 has no value. If you mean infinity, write inf.",
                    "除以 0 没有值。想表示无穷大请写 inf。",
                )
            value = _finite(value * right if sign == "*" else value / right, value, right)
        return value

    def _signed(self) -> float:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Stuck("That is nested too deeply to read.", "嵌套太深，无法读取。")
        sign = self._take("+", "-")
        value = self._signed() if sign else self._power()
        self._depth -= 1
        return -value if sign == "-" else value

    def _power(self) -> float:
        base = self._atom()
        if not self._take("**", "^"):
            return base
        exponent = self._signed()
        try:
            value = base**exponent
        except OverflowError:
            raise _too_large() from None
        except ZeroDivisionError:
            raise _Stuck("0 has no negative power.", "0 没有负数次幂。") from None
        if isinstance(value, complex):
            raise _Stuck("That power is not a real number.", "这个幂不是实数。")
        return _finite(float(value), base, exponent)

    def _atom(self) -> float:
        kind, piece = self._next()
        if kind not in ("number", "name") and piece != "(":
            raise self._missing(Words("a number", "一个数"))
        self._at += 1
        if kind == "number":
            value = _finite(float(piece))
        elif kind == "name":
            value = self._named(piece)
        else:
            value = self._sum()
            if not self._take(")"):
                raise self._missing("“)”")
        while self._take("%"):
            value /= 100
        return value

    def _named(self, name: str) -> float:
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name == "log":
            raise _Stuck(
                "“log” can mean two things: write ln for the natural logarithm, log10 or log2 for the others.",
                "“log”有歧义：自然对数请写 ln，其他请写 log10 或 log2。",
            )
        function = _FUNCTIONS.get(name)
        if function is None:
            raise _Stuck(
                "“{piece}” is not understood. Known words: sqrt, ln, exp, tanh, abs, pi, e, inf, nan.",
                "看不懂“{piece}”。可用的词：sqrt、ln、exp、tanh、abs、pi、e、inf、nan。",
                name,
            )
        # "sqrt(2)^2" is the square of the root, "sqrt 2^2" the root of the square.
        value = self._atom() if self._next()[1] == "(" else self._signed()
        try:
            return _finite(float(function(value)), value)
        except OverflowError:
            raise _too_large() from None
        except ValueError:
            raise _Stuck(
                "{piece} has no real value.", "{piece} 没有实数值。", f"{name}({value:.6g})"
            ) from None

    def _missing(self, wanted: Words | str) -> _Stuck:
        kind, piece = self._next()
        if kind == "end":
            return _Stuck("At the end {wanted} is missing.", "末尾缺少{wanted}。", wanted=wanted)
        if kind == "other":
            return _strange(piece)
        return _Stuck("Before “{piece}” {wanted} is missing.", "“{piece}”前面缺少{wanted}。", piece, wanted)


def _strange(piece: str) -> _Stuck:
    if piece == ",":
        return _Stuck(
            "A comma is not understood: write 0.364 with a point, and 1000 without one.",
            "看不懂逗号：小数请写作 0.364，一千请写作 1000。",
        )
    return _Stuck("“{piece}” is not understood.", "看不懂“{piece}”。", piece)


def _finite(value: float, *operands: float) -> float:
    """`value`, unless it became infinite although nobody wrote `inf`."""
    if math.isinf(value) and all(map(math.isfinite, operands)):
        raise _too_large()
    return value


def _too_large() -> _Stuck:
    return _Stuck(
        "That is larger than a float64 can hold (1.8e308). If you mean infinity, write inf.",
        "这个数超过了 float64 的上限（1.8e308）。想表示无穷大请写 inf。",
    )
