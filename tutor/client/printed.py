"""What a run prints, made safe to show and kept small: a run that prints 50 MB costs neither memory nor time."""

from __future__ import annotations

import codecs
import re

from tutor.protocol import Printed

LIMIT = 256 << 10
"""Bytes that are told as they come."""
TAIL = 16 << 10
"""Bytes kept from the end of what comes after them."""
PIECE = 4096
"""Characters of the longest `Printed`."""

_CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours, cursor movement
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # titles, links
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
)
_UNFINISHED = re.compile(r"(?:\r|\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]{0,512}\x1b?|[ -/]*)?)\Z")


class Printout:
    """Takes bytes as they come and gives text: the first `LIMIT` bytes at once, at the end the last `TAIL`."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._room = LIMIT
        self._text = ""
        self._tail = bytearray()
        self._dropped = 0

    def feed(self, data: bytes) -> None:
        """`data` was printed."""
        head, rest = data[: self._room], data[self._room :]
        self._room -= len(head)
        self._text += self._decoder.decode(head)
        self._tail += rest
        if len(self._tail) > 8 * TAIL:
            self._drop(len(self._tail) - TAIL)

    def take(self) -> list[Printed]:
        """What may be shown by now and was not taken yet; a control sequence is not taken by halves."""
        unfinished = _UNFINISHED.search(self._text)
        cut = unfinished.start() if unfinished else len(self._text)
        text, self._text = self._text[:cut], self._text[cut:]
        return _pieces(text)

    def end(self) -> list[Printed]:
        """The rest, when nothing more will come."""
        text = self._text + self._decoder.decode(b"", final=True)
        self._text = ""
        if len(self._tail) > TAIL:
            self._drop(len(self._tail) - TAIL)
        if self._dropped:  # start with a whole line if there is one
            self._drop(self._tail.find(b"\n") + 1)
        tail = _pieces(self._tail.decode("utf-8", "replace"))
        self._tail.clear()
        if self._dropped:
            tail[:1] = [Printed(tail[0].text if tail else "", self._dropped)]
        return _pieces(text) + tail

    def _drop(self, count: int) -> None:
        del self._tail[:count]
        self._dropped += count


def _pieces(text: str) -> list[Printed]:
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return [Printed(text[at : at + PIECE]) for at in range(0, len(text), PIECE)]
