"""What a run prints is told in order, harmlessly, and never more than the screen needs."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.client.printed import LIMIT, PIECE, TAIL, Printout
from tutor.protocol import Printed


def told(*pieces: bytes) -> list[Printed]:
    printout, printed = Printout(), []
    for piece in pieces:
        printout.feed(piece)
        printed += printout.take()
    return printed + printout.end()


def text(*pieces: bytes) -> str:
    return "".join(printed.text for printed in told(*pieces))


SOURCE = "一\x1b[31m红\x1b[0m\x1b]0;title\x07 a\r\nb\rc\x1b[2K\tend\x9b".encode()


@given(st.sets(st.integers(0, len(SOURCE))))
def test_where_the_bytes_are_cut_makes_no_difference(cuts):
    edges = [0, *sorted(cuts), len(SOURCE)]
    assert text(*(SOURCE[a:b] for a, b in pairwise(edges))) == "一红 a\nb\nc\tend"


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_no_bytes_whatever_give_a_control_character(pieces):
    assert all(c in "\n\t" or not (ord(c) < 32 or 127 <= ord(c) < 160) for c in text(*pieces))


def test_what_is_printed_is_told_at_once():
    printout = Printout()
    printout.feed(b"half a line")
    assert printout.take() == [Printed("half a line")]
    assert printout.take() == [] == printout.end()


def test_a_piece_is_never_long():
    assert all(len(printed.text) <= PIECE for printed in told(b"x" * 100_000))


@pytest.mark.parametrize("size", [LIMIT - 1, LIMIT, LIMIT + 1, LIMIT + TAIL])
def test_what_just_fits_is_told_whole(size):
    assert text(b"y" * size) == "y" * size
    assert all(printed.dropped == 0 for printed in told(b"y" * size))


def test_of_too_much_the_beginning_and_the_last_lines_are_told_and_the_rest_is_counted():
    lines = b"".join(b"line %d\n" % k for k in range(200_000))
    printed = told(*(lines[at : at + 5000] for at in range(0, len(lines), 5000)))
    whole = "".join(p.text for p in printed)
    assert whole.startswith("line 0\nline 1\n") and whole.endswith("line 199999\n")
    assert len(whole) + sum(p.dropped for p in printed) == len(lines)
    (cut,) = (k for k, p in enumerate(printed) if p.dropped)
    assert printed[cut].text.startswith("line ")
    assert len(whole) <= LIMIT + TAIL
