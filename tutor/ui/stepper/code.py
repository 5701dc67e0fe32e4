"""The source of the frame that is shown: the line that comes next, those that were run, breakpoints, a cursor of its own."""

from __future__ import annotations

import io
import keyword
import tokenize
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip

from tutor.protocol.trace import Code
from tutor.stepping.source import Block, short_file, why_none
from tutor.ui.looks import Looks, Piece, cut, spread, wrapped
from tutor.ui.stepper.walk import Walk
from tutor.words import Words

_ASIDE = 20
"""Columns that one key moves to the side."""
_HEAD = 1
"""Rows above the source: where it is from."""


class CodePane(Looks, can_focus=True):
    """Lines of source, drawn by rows; `up` and `down` move the cursor, the line to run is marked."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("left", "aside(-1)", show=False),
        Binding("right", "aside(1)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="code")
        self.line = 0
        """The line of the file under the cursor."""
        self.code: Code | None = None
        """What is shown."""
        self._walk: Walk | None = None
        self._reason: Words | None = None
        self._block: Block | None = None
        self._top = self._left = 0
        """The first line in view, as an index, and the first column."""
        self._current = 0
        self._run: set[int] = set()
        self._stops: set[int] = set()
        self._pieces: dict[int, list[list[Piece]]] = {}
        self._strips: dict[int, Strip] = {}
        self._drawn_size = (0, 0)

    # Showing -----------------------------------------------------------------------------------------------

    def show(self, walk: Walk, reason: Words | None = None) -> None:
        """Show where the walk stands, and put the cursor there; or the `reason` why it stands nowhere."""
        recording = walk.recording
        if walk is not self._walk:
            self._walk, self.code, self._pieces = walk, None, {}
        self._reason = reason
        if walk.at < 0:
            self._all_anew(None, None)
            return
        frame = walk.shown_frame
        code = recording.codes[recording.frames[frame].code]
        current, run = recording.line_of(frame, walk.at), recording.lines_run(frame, walk.at)
        stops = {b.line for b in walk.breakpoints if b.on == "line" and b.file == code.file}
        if code is not self.code:
            self._all_anew(code, walk.sources.block(code))
        changed = (run ^ self._run) | (stops ^ self._stops)
        if (current, self.line) != (self._current, current):
            changed |= {current, self._current, self.line}
        self._current, self._run, self._stops, self.line = current, run, stops, current
        self._repaint(changed)
        self._reveal()

    def _all_anew(self, code: Code | None, block: Block | None) -> None:
        self.code, self._block, self._top, self._left = code, block, 0, 0
        self._strips.clear()
        self._run, self._current = set(), 0
        self.refresh()

    def _repaint(self, lines: set[int]) -> None:
        for line in lines:
            self._strips.pop(line, None)
            row = self._row_of(line)
            if _HEAD <= row < self.size.height:
                self.refresh(Region(0, row, self.size.width, 1))

    @property
    def _numbers(self) -> Sequence[int]:
        """The numbers of all lines that can be seen, 0 for a gap; the line of the class before those of its method."""
        block = self._block
        if block is None:
            return ()
        lines = range(block.first, block.first + len(block.lines))
        return (
            [block.header[0], *([0] if block.header[0] + 1 < block.first else []), *lines]
            if block.header
            else lines
        )

    def _row_of(self, line: int) -> int:
        """The row of the widget where a line of the file stands, whether in view or not."""
        block = self._block
        if block is None or line not in block:
            return -1
        return _HEAD + line - block.first + len(self._numbers) - len(block.lines) - self._top

    def _reveal(self) -> None:
        """Scroll until the cursor is in view, with some lines around it."""
        height = self.size.height - _HEAD
        if height <= 0 or self._block is None:
            return
        at = self._row_of(self.line) - _HEAD + self._top
        most = max(len(self._numbers) - height, 0)
        margin = min(2, height // 4)
        top = self._top
        if not top + margin <= at < top + height - margin:
            top = at - height // 3
        top = min(max(top, 0), most)
        if top != self._top:
            self._top = top
            self.refresh()

    def notify_style_update(self) -> None:
        self._strips.clear()
        self._pieces.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        self._strips.clear()
        self._reveal()

    def retell(self) -> None:
        """The language or what can be said changed."""
        self._strips.clear()
        self.refresh()

    # Drawing -----------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self.code is None:
            return self._of_nothing(y, width)
        if y < _HEAD:
            left: list[Piece] = [(f" {short_file(self.code.file)}", "muted")]
            return self.strip(
                spread(left, [(self.code.qualname + " ", "strong")], width, self.signs.more), width
            )
        if self._block is None:
            words = wrapped(self._say(why_none(self.code)), max(width - 3, 1))
            at = y - _HEAD - 1
            return self.strip([("  " + words[at], "")] if 0 <= at < len(words) else [], width)
        at = y - _HEAD + self._top
        numbers = self._numbers
        line = numbers[at] if at < len(numbers) else None
        if line is None:
            return Strip.blank(width, self.rich_style)
        if line not in self._strips:
            self._strips[line] = self._drawn(line, width)
        return self._strips[line]

    def _of_nothing(self, y: int, width: int) -> Strip:
        words = wrapped(self._say(self._reason), max(width - 3, 1)) if self._reason is not None else []
        return self.strip([("  " + words[y - 1], "warn")] if 0 < y <= len(words) else [], width)

    def _drawn(self, line: int, width: int) -> Strip:
        assert self._block is not None
        signs, here = self.signs, line == self._current
        if line not in self._block:
            text = (
                f"       {self.signs.more}"
                if not line
                else f"  {line:5}  {(self._block.header or (0, ''))[1]}"
            )
            return self.strip(cut([(text, "muted")], width, signs.more), width)
        cursor = (signs.cursor, "accent") if line == self.line and not here else (" ", "")
        stop = (signs.done, "wrong") if line in self._stops else (" ", "")
        mark = (signs.run, "accent") if here else (signs.ran, "muted") if line in self._run else (" ", "")
        number = (f"{line:5}  ", "accent" if here else "muted")
        pieces = [
            stop,
            mark if here or line != self.line else cursor,
            number,
            *without(self._code(line), self._left),
        ]
        return self.strip(cut(pieces, width, signs.more), width, here)

    def _code(self, line: int) -> list[Piece]:
        assert self._block is not None and self.code is not None
        if self.code.id not in self._pieces:
            self._pieces[self.code.id] = styled(self._block.lines)
        return self._pieces[self.code.id][line - self._block.first]

    def _say(self, words: Words) -> str:
        return words.into(self.app.language)  # type: ignore[attr-defined]

    # Moving ------------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """The cursor one line up or down."""
        self.point(self.line + by)

    def action_page(self, by: int) -> None:
        """The cursor a screenful up or down."""
        self.point(self.line + by * max(self.size.height - _HEAD - 1, 1))

    def action_aside(self, by: int) -> None:
        """To the right, where a line goes on, or back to the left."""
        longest = max(map(len, self._block.lines), default=0) if self._block is not None else 0
        self._left = min(max(self._left + by * _ASIDE, 0), max(longest - _ASIDE, 0))
        self._strips.clear()
        self.refresh()

    def point(self, line: int) -> None:
        """Put the cursor on a line of what is shown."""
        if self._block is None:
            return
        before = self.line
        self.line = min(max(line, self._block.first), self._block.first + len(self._block.lines) - 1)
        if self.line != before:
            self._repaint({before, self.line})
            self._reveal()

    def on_click(self, event: events.Click) -> None:
        numbers, at = self._numbers, event.y - _HEAD + self._top
        if event.y >= _HEAD and at < len(numbers) and numbers[at]:
            self.point(numbers[at])


def styled(lines: Sequence[str]) -> list[list[Piece]]:
    """Lines of Python in our looks: keywords strong, comments and docstrings muted."""
    looks: list[list[tuple[int, int, str]]] = [[] for _ in lines]
    text = "\n".join(lines) + "\n"
    opens = True
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            look = _look(token, opens)
            if token.type not in _SPACE:
                opens = False
            elif token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT):
                opens = True
            if look:
                (first, start), (last, end) = token.start, token.end
                for line in range(first, min(last, len(lines)) + 1):
                    left = start if line == first else 0
                    looks[line - 1].append((left, end if line == last else len(lines[line - 1]), look))
    except (tokenize.TokenError, SyntaxError):
        pass  # what could not be read stays plain
    return [_cut_up(line, spans) for line, spans in zip(lines, looks, strict=True)]


_SPACE = (tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT)


def _look(token: tokenize.TokenInfo, opens: bool) -> str:
    if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and opens):
        return "muted"
    return "strong" if token.type == tokenize.NAME and keyword.iskeyword(token.string) else ""


def _cut_up(line: str, spans: Sequence[tuple[int, int, str]]) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    for start, end, look in spans:
        pieces += [(line[at:start], ""), (line[start:end], look)]
        at = end
    return [(text.expandtabs(4), look) for text, look in [*pieces, (line[at:], "")] if text]


def without(pieces: Sequence[Piece], columns: int) -> list[Piece]:
    """What is left of a line when its first `columns` characters are out of view."""
    left: list[Piece] = []
    for text, look in pieces:
        if len(text) > columns:
            left.append((text[columns:], look))
        columns = max(columns - len(text), 0)
    return left
