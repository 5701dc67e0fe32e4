"""The signs that the app draws with, for terminals with Unicode and for those without."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signs:
    """One set of signs. Each is one cell wide, but for `more`, `left`, `right` and the twigs, which may be wider."""

    rule: str
    """Repeated, it draws a line across."""
    upright: str
    cursor: str
    """Before the line that `enter` would choose."""
    into: str
    """Between a lesson's title and its step's."""
    full: str
    empty: str
    done: str
    """A step that was seen, in the row of dots."""
    here: str
    todo: str
    yes: str
    no: str
    run: str
    stop: str
    ran: str
    """Before a line of code that was run already."""
    fold: str
    """After a choice that opens."""
    left: str
    right: str
    up: str
    down: str
    dash: str
    more: str
    """Where something was cut off."""
    twig: str
    """Before what hangs on a branch, with what follows below it; three cells."""
    last_twig: str

    def bar(self, part: float, width: int = 8) -> str:
        """A progress bar of `width` cells; neither empty nor full unless `part` is 0 or 1."""
        filled = round(part * width)
        if 0 < part < 1:
            filled = min(max(filled, 1), width - 1)
        return self.full * filled + self.empty * (width - filled)


UNICODE = Signs(
    rule="─",
    upright="│",
    cursor="›",
    into="›",
    full="━",
    empty="─",
    done="●",
    here="◐",
    todo="○",
    yes="✓",
    no="✗",
    run="▶",
    stop="■",
    ran="·",
    fold="▾",
    left="←",
    right="→",
    up="↑",
    down="↓",
    dash="–",
    more="…",
    twig="├─ ",
    last_twig="└─ ",
)

ASCII = Signs(
    rule="-",
    upright="|",
    cursor=">",
    into=">",
    full="#",
    empty=".",
    done="*",
    here="@",
    todo="o",
    yes="+",
    no="x",
    run=">",
    stop="#",
    ran=".",
    fold="v",
    left="<-",
    right="->",
    up="^",
    down="v",
    dash="-",
    more="...",
    twig="|- ",
    last_twig="`- ",
)
