"""Recordings made by hand: small ones to reason about, and very long ones."""

from __future__ import annotations

from tutor.protocol import Finished, Message
from tutor.protocol.trace import SNIPPET, Change, Code, Frame, Stepped, Thing, What
from tutor.stepping.recording import Recording


class Hand:
    """Writes a recording call by call; `line` and the rest give the number of their event."""

    def __init__(self, snippet: str = "loss = Loss()\n") -> None:
        self.recording = Recording(snippet, torch="2.13.0")
        self.told: list[Message] = []
        self.open: list[int] = []
        self._codes: dict[str, int] = {}
        self._frames = 0

    def _tell(self, told: Message) -> None:
        self.told.append(told)
        self.recording.take(told)

    def thing(self, id: int, *mro: str) -> None:
        self._tell(Thing(id, list(mro)))

    def call(
        self,
        qualname: str,
        /,
        owner: int = 0,
        file: str = SNIPPET,
        line: int = 1,
        group: str = "",
        **local: str,
    ) -> int:
        if qualname not in self._codes:
            self._codes[qualname] = len(self._codes)
            self._tell(Code(self._codes[qualname], file, line, qualname, group))
        parent = self.open[-1] if self.open else -1
        self._tell(Frame(self._frames, self._codes[qualname], parent, len(self.open), owner))
        self.open.append(self._frames)
        self._frames += 1
        return self.event("call", line, [Change(self.open[-1], name, text) for name, text in local.items()])

    def event(self, what: What, line: int, changes: list[Change] | None = None, **more: object) -> int:
        at = self.recording.last + 1
        self._tell(Stepped(at, what, self.open[-1], line, changes or [], **more))  # type: ignore[arg-type]
        return at

    def line(self, line: int, *changes: Change) -> int:
        return self.event("line", line, list(changes))

    def leave(self, line: int, text: str = "None", *changes: Change) -> int:
        at = self.event("return", line, list(changes), text=text)
        self.open.pop()
        return at

    def end(self, told: Message | None = None) -> Recording:
        self._tell(told or Finished(0.1))
        return self.recording


def loss() -> tuple[Hand, dict[str, int]]:
    """`Loss()` whose base class adds two attributes, one of which the derived class changes, and removes the other."""
    hand, at = Hand(), {}
    at["module"] = hand.call("<module>")
    at["snippet"] = hand.line(1)
    hand.thing(-1, "Loss", "Base", "object")
    at["Loss"] = hand.call("Loss.__init__", -1, "/torch/loss.py", 10, self="<Loss>")
    at["super"] = hand.line(11)
    at["Base"] = hand.call("Base.__init__", -1, "/torch/loss.py", 3, self="<Loss>")
    at["first"] = hand.line(4)
    at["set"] = hand.call("Module.__setattr__", -1, "/torch/module.py", 90, "attributes", name="'reduction'")
    hand.line(91)
    hand.leave(91)
    at["second"] = hand.line(5, Change(-1, "reduction", "'mean'"))
    at["Base returns"] = hand.leave(5, "None", Change(-1, "spare", "1"))
    at["change"] = hand.line(12, Change(hand.open[-1], "x", "3"))
    at["delete"] = hand.line(13, Change(-1, "reduction", "'sum'"))
    at["Loss returns"] = hand.leave(13, "None", Change(-1, "spare", None))
    at["module returns"] = hand.leave(1, "None", Change(0, "loss", "<Loss>"))
    hand.end()
    return hand, at
