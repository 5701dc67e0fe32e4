"""What the pages are drawn from: wrapped sentences, fitted pieces, only what changed."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from textual._compositor import LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tutor.ui.looks import cells, cut, spread, wrapped
from tutor.ui.painted import Painted
from tutor.ui.signs import ASCII, UNICODE

sentences = st.text(alphabet="ab c 中文，。(x) 9", max_size=80)


def test_no_line_ends_with_a_bracket_that_opens_or_begins_with_one_that_closes() -> None:
    assert wrapped("一二三四（五）六", 10) == ["一二三四", "（五）六"]
    assert wrapped("一二三四（valley）五", 10) == ["一二三四", "（valley）", "五"]


@given(sentences, st.integers(min_value=2, max_value=30))
def test_wrapping_keeps_every_sign_and_the_width(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_no_line_begins_with_closing_punctuation() -> None:
    text = "权值的方差决定了激活值的尺度，" * 4
    for width in range(10, 40):
        assert not any(line.startswith("，") for line in wrapped(text, width))


def test_english_breaks_at_spaces() -> None:
    assert wrapped("one two three", 8) == ["one two", "three"]


@given(sentences, sentences, st.integers(min_value=1, max_value=60))
def test_what_is_spread_over_a_line_fits_it(left: str, right: str, width: int) -> None:
    for signs in (UNICODE, ASCII):
        line = spread([(left, "")], [(right, "")], width, signs.more)
        assert cells(line) <= max(width, cell_len(right))


def test_what_is_cut_says_so() -> None:
    assert cut([("abc", ""), ("defg", "muted")], 5, "…") == [("abc", ""), ("d…", "muted")]
    assert cut([("方差方差", "")], 4, "…") == [("方…", "")]


def test_a_bar_is_empty_or_full_only_at_the_ends() -> None:
    assert [UNICODE.bar(part).count("━") for part in (0, 0.01, 0.5, 0.99, 1)] == [0, 1, 4, 7, 8]


class Screen:
    """A terminal of 12 x 3 that is sent updates through `Painted`."""

    def __init__(self) -> None:
        self.painted = Painted()
        self.console = Console(force_terminal=True, color_system="truecolor")
        self.terminal = pyte.Screen(12, 3)
        self.stream = pyte.Stream(self.terminal)

    def show(self, *rows: str) -> int:
        """Paint a whole page; the characters that were sent for it."""
        strips = [[Strip([Segment(row[:6]), Segment(row[6:].ljust(6))])] for row in rows]
        sent = self.painted.changes(LayoutUpdate(strips, Region(0, 0, 12, 3))).render_segments(self.console)
        self.stream.feed(sent)
        return len(sent)


def test_only_rows_that_changed_are_sent() -> None:
    screen = Screen()
    screen.show("first row...", "second row..", "third row...")
    assert screen.show("first row...", "second row..", "third row...") == 0
    assert 0 < screen.show("first row...", "other row...", "third row...") < 30
    assert [row.rstrip() for row in screen.terminal.display] == [
        "first row...",
        "other row...",
        "third row...",
    ]


def test_all_is_sent_again_once_the_terminal_may_show_anything() -> None:
    screen = Screen()
    screen.show("first row...", "second row..", "third row...")
    screen.terminal.reset()
    screen.painted.forget()
    screen.show("first row...", "second row..", "third row...")
    assert screen.terminal.display[2].rstrip() == "third row..."
