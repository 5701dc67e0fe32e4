"""Breakpoints as they are typed."""

from __future__ import annotations

import pytest

from tutor.protocol.trace import Breakpoint
from tutor.stepping.breakpoints import read, told, typed
from tutor.words import Words

FILE = "/opt/site-packages/torch/nn/modules/loss.py"
TYPED = {
    "25": Breakpoint("line", file=FILE, line=25),
    " line 25  if  x > 1 ": Breakpoint("line", file=FILE, line=25, condition="x > 1"),
    "def _Loss.__init__": Breakpoint("function", "_Loss.__init__"),
    "function forward()": Breakpoint("function", "forward"),
    "class Module if self.training": Breakpoint("class", "Module", condition="self.training"),
    "exception": Breakpoint("exception"),
    "exception KeyError": Breakpoint("exception", "KeyError"),
    "attribute self.weight": Breakpoint("attribute", "weight"),
    "attribute _Loss.reduction": Breakpoint("attribute", "_Loss.reduction"),
}


@pytest.mark.parametrize("text", TYPED)
def test_what_is_typed_is_understood_and_can_be_typed_again(text: str) -> None:
    breakpoint = read(text, FILE)
    assert breakpoint == TYPED[text]
    assert read(typed(breakpoint), FILE) == breakpoint


@pytest.mark.parametrize(
    "text", ["", "nonsense", "line", "line x", "def", "class", "25 26", "def f g", "line 3 if", "if x"]
)
def test_what_is_not_understood_is_answered_in_both_languages(text: str) -> None:
    wrong = read(text, FILE)
    assert isinstance(wrong, Words) and wrong.en and wrong.zh
    if text == "line 3 if":
        assert "no expression" in wrong.en


def test_a_line_is_told_with_its_file() -> None:
    assert told(read("25", FILE)) == "torch/nn/modules/loss.py line 25"  # type: ignore[arg-type]
