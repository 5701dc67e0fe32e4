"""What an event is, in words: the line below the source, the chain of classes, the badge."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from tutor.protocol import Crashed, Failed, Finished, Stopped
from tutor.protocol.trace import SETUP, SNIPPET, Change
from tutor.stepping.names import class_of
from tutor.stepping.recording import Mark, Recording
from tutor.stepping.remarks import REMARKS
from tutor.ui.looks import Piece, cells
from tutor.ui.signs import Signs
from tutor.ui.stepper.walk import Place, Walk
from tutor.words import Words

YOURS = Words("your code", "你的代码")

MARKS: dict[Mark, tuple[str, Words, str]] = {
    "added": ("+", Words("added", "新增"), "right"),
    "changed": ("~", Words("changed", "改变"), "warn"),
    "removed": ("-", Words("removed", "删除"), "wrong"),
}
"""The sign, the word and the look of what the last line did to a name."""

BADGES: dict[Place, tuple[Words, str]] = {
    "waiting": (Words("NOT BEGUN", "未开始"), "muted"),
    "running": (Words("RUNNING", "运行中"), "warn"),
    "live": (Words("LIVE", "实时"), "right"),
    "past": (Words("PAST", "过去"), "warn"),
    "ended": (Words("ENDED", "结束"), "accent"),
}


def escaped(text: str) -> str:
    """The text with everything spelled out that a terminal would take for a command."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else _spelled(sign) for sign in text)


def _spelled(sign: str) -> str:
    return "    " if sign == "\t" else repr(sign)[1:-1]


def name_of(recording: Recording, frame: int) -> str:
    """What a frame is called: its qualified name, "" for the snippet itself."""
    qualname = recording.codes[recording.frames[frame].code].qualname
    return "" if qualname == "<module>" else escaped(qualname)


def _subject(recording: Recording, frame: int) -> Words:
    """A frame at the beginning of a sentence; in Chinese with the space that stands after Latin letters."""
    name = name_of(recording, frame)
    return Words(name, name + " ") if name else Words("Your code", "你的代码")


def remarked(walk: Walk) -> Words | None:
    """What is to be known of the tracing just here: said of anything that the last line did."""
    recording, since = walk.recording, walk.since
    while recording.events[since].what == "c_call":
        before = recording.previous_in_frame(since)
        if before is None:
            break
        since = before
    here = [told for told in recording.remarks if since < told.at <= walk.at or told.at == walk.at]
    return REMARKS[here[-1].what] if here else None


def what_happens(walk: Walk, signs: Signs) -> tuple[Words, str]:
    """The event under the cursor in a sentence, and its look."""
    recording = walk.recording
    if walk.frame is not None:
        words = Words("This call waits at line {line}.", "这个调用停在第 {line} 行。")
        return words.filled(line=recording.line_of(walk.frame, walk.at)), ""
    step, frame = recording.events[walk.at], recording.frame(walk.at)
    name = _subject(recording, frame.id)
    match step.what:
        case "call":
            if frame.parent < 0:
                return Words("It begins.", "开始。"), ""
            (_, between), *outer = recording.shown_stack(walk.at, walk.hidden)
            words = (
                Words(
                    "{caller} calls {name}, with {n} hidden frames between.",
                    "{caller}调用 {name}，中间隐藏了 {n} 帧。",
                )
                if between
                else Words("{caller} goes on with {name}.", "{caller}让 {name} 继续运行。")
                if step.again
                else Words("{caller} calls {name}.", "{caller}调用 {name}。")
            )
            caller = _subject(recording, outer[0][0].id if outer else 0)
            return words.filled(name=name_of(recording, frame.id), caller=caller, n=len(between)), ""
        case "return":
            if not step.text:
                return Words("{name} is left by an exception.", "{name}因异常退出。").filled(
                    name=name
                ), "warn"
            if frame.parent < 0:
                return Words("Your code has come to its end.", "你的代码已执行完毕。"), ""
            words = (
                Words("{name} yields {value} and pauses.", "{name}产出 {value} 并暂停。")
                if step.name == "yield"
                else Words("{name} returns {value}", "{name}返回 {value}")
            )
            return words.filled(name=name, value=escaped(step.text)), ""
        case "exception":
            words = (
                Words("{type} comes through here{text}", "{type} 从这里传出{text}")
                if step.again
                else Words("{type} is raised here{text}", "此处抛出 {type}{text}")
            )
            said = escaped(step.text)
            rest = Words(f": {said}", f"：{said}") if said else Words(".", "。")
            return words.filled(type=escaped(step.name), text=rest), "wrong"
        case "c_call":
            return _border(step.name, signs), "accent"
    text = walk.sources.block(recording.code(walk.at))
    if text is not None and "super().__setattr__(" in text.text(step.line):
        return Words(
            "Line {line} is next. super().__setattr__ is a C slot: no step into it.",
            "即将执行第 {line} 行。super().__setattr__ 是 C 实现的槽，没有可步入的代码。",
        ).filled(line=step.line), ""
    return Words("Line {line} is next.", "即将执行第 {line} 行。").filled(line=step.line), ""


def _border(name: str, signs: Signs) -> Words:
    if name.startswith("torch"):
        words = Words(
            "{sign} C++: {name}   Here Python's source ends.", "{sign} C++：{name}   Python 源码到此为止。"
        )
    else:
        words = Words("{sign} C: {name}", "{sign} C：{name}")
    return words.filled(sign=signs.right, name=escaped(name))


def how_it_ended(walk: Walk) -> tuple[Words, str] | None:
    """How the run ended, where the cursor stands at what it led to; None elsewhere."""
    ended, recording = walk.recording.ended, walk.recording
    match ended:
        case Failed():
            if walk.at >= 0 and walk.at == recording.raised:
                words = Words(
                    "Nothing caught it, and the run ended. b steps back, R runs it again.",
                    "没有代码捕获它，运行就此结束。按 b 后退，按 R 重新运行。",
                )
                return words, "wrong"
            words = Words("It ended by {type}: {text}", "运行因 {type} 结束：{text}").filled(
                type=escaped(ended.type), text=escaped(ended.message.split("\n")[0])
            )
            return (words, "wrong") if walk.at in (-1, recording.last) else None
        case Crashed(status=status):
            how = Words("status {n}", "退出码 {n}") if (status or 0) >= 0 else Words("signal {n}", "信号 {n}")
            words = (
                Words(
                    "The process is gone ({how}): this was its last event. R runs it again.",
                    "进程已消失（{how}）：这是它报告的最后一个事件。按 R 重新运行。",
                )
                if walk.at >= 0
                else Words("The process is gone ({how}).", "进程已消失（{how}）。")
            )
            words = words.filled(how=how.filled(n="?" if status is None else abs(status)))
            return (words, "wrong") if walk.at == recording.last else None
        case Stopped():
            words = Words("Stopped here. R runs it again.", "已在此停止，按 R 重新运行。")
            return (words, "warn") if walk.at == recording.last else None
        case Finished():
            words = Words(
                "It is over. Step back, or R runs it again.", "运行结束，可以往回走，或按 R 重新运行。"
            )
            return (words, "") if walk.at == recording.last else None
    return None


def asks(walk: Walk) -> Words | None:
    """What the run waits to be told, beside a step."""
    paused = walk.paused
    if paused is None or walk.at != walk.recording.last:
        return None
    match paused.why:
        case "cap":
            return Words(
                "{n} events so far. Go on? y yes, x stop", "已有 {n} 个事件。继续吗？y 继续，x 停止"
            ).filled(n=f"{walk.recording.last + 1:,}")
        case "deep":
            depth = walk.recording.frame(walk.at).depth
            return Words(
                "{n} calls in one another. Go on? y yes, x stop", "调用已嵌套 {n} 层。继续吗？y 继续，x 停止"
            ).filled(n=depth)
        case "asks":
            return Words("input() asks for a line: i types it.", "input() 在等待一行输入：按 i 输入。")
    return None


def chain(walk: Walk, signs: Signs) -> list[Piece]:
    """The classes of `self`, its own first; the one that defines what runs here lit, in brackets."""
    recording, frame = walk.recording, walk.recording.frames[walk.shown_frame]
    qualname = recording.codes[frame.code].qualname
    mro = recording.things[frame.owner].mro if frame.owner in recording.things else []
    if not mro:
        return [(escaped(qualname), "muted")] if qualname != "<module>" else []
    here = class_of(qualname)
    pieces: list[Piece] = []
    for name in mro:
        if pieces:
            pieces.append((f" {signs.into} ", "muted"))
        lit = name == here
        here = None if lit else here
        pieces.append((f"[{escaped(name)}]", "accent") if lit else (escaped(name), "" if here else "muted"))
    return pieces


def what_changed(walk: Walk) -> list[tuple[Mark, str, Change | None, Change | None]]:
    """What the last line of this frame did to its names and to the attributes of `self`: mark, name, before, now."""
    recording, frame = walk.recording, walk.recording.frames[walk.shown_frame]
    found = []
    for owner, dot in ((frame.owner, "self."), (frame.id, "")):
        if owner or not dot:
            for name, mark in recording.marks(walk.at, owner, walk.since).items():
                before, now = (recording.before(owner, name, at) for at in (walk.since, walk.at))
                found.append((mark, dot + escaped(name), before, now))
    return found


def changes_line(walk: Walk, signs: Signs) -> list[Piece]:
    """The same on one line."""
    pieces: list[Piece] = []
    for mark, name, before, now in what_changed(walk):
        sign, _, look = MARKS[mark]
        text = "" if now is None else f" {escaped(now.text or '')}"
        if mark == "changed" and before is not None:
            text = f" {escaped(before.text or '')} {signs.right}{text}"
        pieces += [("   " if pieces else "", ""), (f"{sign} {name}", look), (text, "")]
    return pieces


def trail(walk: Walk, width: int, rows: int, head: str) -> list[list[Piece]]:
    """The functions entered so far, on as many lines as there are rows; the one where we are in brackets."""
    codes = [
        code
        for code in walk.recording.entered(walk.at)
        if code.group not in walk.hidden and code.qualname != "<module>"
    ]
    here = walk.recording.code(walk.at).qualname
    lines: list[list[Piece]] = [[(head, "strong")]]
    for code in codes:
        lit, text = code.qualname == here, escaped(code.qualname)
        piece: Piece = (f"[{text}]", "accent") if lit else (text, "muted")
        if cells([*lines[-1], piece]) + 3 > width:
            lines.append([(" " * cell_len(head), "")])
        lines[-1] += [("   ", ""), piece]
    return lines if len(lines) <= rows else [lines[0][:1] + lines[-rows][1:], *lines[1 - rows :]]


def position(recording: Recording, at: int) -> Words:
    """Which event of how many this is."""
    words = Words("event {at} of {all}", "事件 {at}/{all}")
    return words.filled(at=max(at, 0), all=max(recording.last, 0))


def place_of(file: str, line: int) -> str:
    """A file without its folders, and a line in it."""
    return f":{line}" if file in (SNIPPET, SETUP) else f"{file.rpartition('/')[2]}:{line}"


def first_line(snippet: str) -> str:
    """The first line of a snippet that says something."""
    lines: Sequence[str] = [line for line in snippet.splitlines() if line.strip()]
    return escaped(lines[0].strip()) if lines else ""
