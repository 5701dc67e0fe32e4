"""Every message survives the wire, and what cannot be carried is refused."""

from __future__ import annotations

import json
import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.protocol import (
    Emission,
    Ended,
    Evaluate,
    Failed,
    Message,
    News,
    Note,
    Point,
    Request,
    RunLab,
    Table,
    Value,
    encode,
    number,
    plain,
)

floats = st.floats(allow_nan=True, allow_infinity=True)


def heard(line: bytes, kind: object = Emission) -> Message:
    return msgspec.json.Decoder(kind, strict=False).decode(line)


def same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


@given(st.text(), floats, floats)
def test_a_point_keeps_every_bit_of_any_float(series, x, y):
    line = encode(Point(series, x, y))
    point = heard(line)
    assert point.series == series and same(point.x, x) and same(point.y, y)
    assert line.count(b"\n") == 1 and line.endswith(b"\n")


@given(
    st.recursive(floats | st.integers(-(2**53), 2**53) | st.none() | st.booleans(), st.lists, max_leaves=20)
)
def test_a_value_is_standard_json_whatever_it_holds(value):
    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    line = encode(Value("v", value))
    assert json.loads(line, parse_constant=refuse)["value"] == plain(value) == heard(line).value


@given(floats)
def test_number_undoes_plain(value):
    assert same(number(plain(value)), value)


@pytest.mark.parametrize("value", ["word", None, 3, True])
def test_number_leaves_alone_what_is_no_float(value):
    assert number(value) is value
    assert number([[value], "inf"]) == [[value], math.inf]


def test_lines_in_a_text_do_not_break_the_line():
    line = encode(Note("one\ntwo", "一\n二"))
    assert line.count(b"\n") == 1 and heard(line) == Note("one\ntwo", "一\n二")


def test_tuples_and_nan_in_a_table_arrive_as_lists_and_words():
    assert heard(encode(Table("t", ["a"], [(float("nan"), "x")]))) == Table("t", ["a"], [["nan", "x"]])


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (RunLab(1, "/lab.py", {"lr": float("inf"), "rule": "plain"}), Request),
        (Evaluate(2, {"border": "2 / 8"}), Request),
        (Ended(3, -9, killed=True), News),
        (Failed("ValueError", "no", ["a", "b"]), Emission),
    ],
)
def test_requests_news_and_endings_come_back_as_they_were(message, kind):
    again = heard(encode(message), kind)
    assert type(again) is type(message)
    assert plain(msgspec.to_builtins(again)) == plain(msgspec.to_builtins(message))


@pytest.mark.parametrize("y", [object(), None, "much", 1j])
def test_a_point_that_is_no_number_is_refused(y):
    with pytest.raises((TypeError, ValueError)):
        heard(encode(Point("a", 0, y)))


@pytest.mark.parametrize("line", [b'{"kind":"pint"}', b'{"kind":"point","series":"a"}', b"{", b"[]", b"\xff"])
def test_what_is_no_message_is_refused_with_a_reason(line):
    with pytest.raises(msgspec.DecodeError, match=r"\w+"):
        heard(line)


def test_the_kinds_on_the_wire_are_the_ones_that_scripts_read():
    kinds = [
        json.loads(encode(message))["kind"]
        for message in (Point("a", 0, 1), Table("t", [], []), Value("v", 1), Note("n"), Failed("E", "m"))
    ]
    assert kinds == ["point", "table", "value", "note", "error"]
