"""`tutor trace`: what a piece of code entered, in order, printed as a tree or as JSON lines."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import signal
import sys
from collections import Counter

from tutor import protocol
from tutor.client import Kernel
from tutor.headless import INTERRUPTED, advice_on
from tutor.protocol.trace import SETUP, SNIPPET, Code, Frame, Go, Paused, Remark, Stepped, Type, Wrote
from tutor.stepping.groups import GROUPS, HIDDEN
from tutor.stepping.names import class_of, function_of
from tutor.stepping.remarks import REMARKS
from tutor.words import Language, Words


def trace(snippet: str, setup: str, *, everything: bool, as_json: bool, language: Language) -> int:
    """Run `setup`, then `snippet`, and print what the snippet entered.

    0 if it came to its end, 1 if it did not, 2 where there is nothing that can be run.
    """
    problem = unrunnable(snippet, setup)
    if problem is not None:
        print(problem.into(language), file=sys.stderr)
        return 2
    return asyncio.run(_trace(snippet, setup, _Printer(everything, as_json), language))


def unrunnable(snippet: str, setup: str) -> Words | None:
    """Why this code cannot be run at all, with a caret where it is wrong; None if it can. Nothing is run for that."""
    for name, code in ((SETUP, setup), (SNIPPET, snippet)):
        try:
            tree = ast.parse(code, name)
        except (SyntaxError, ValueError) as error:
            line = (getattr(error, "text", None) or "").rstrip()
            caret = " " * max((getattr(error, "offset", None) or 1) - 1, 0) + "^"
            return Words(
                "Nothing was run. {name}, line {line}: {what}\n  {text}\n  {caret}",
                "没有运行任何代码。{name} 第 {line} 行：{what}\n  {text}\n  {caret}",
            ).filled(
                name=_NAMES[name],
                line=getattr(error, "lineno", 1) or 1,
                what=getattr(error, "msg", None) or str(error),
                text=line,
                caret=caret,
            )
        if name == SNIPPET and not tree.body:
            return Words(
                'There is no code to step through. Write some, for example: tutor trace "nn.CrossEntropyLoss()"',
                '没有可以步进的代码。例如：tutor trace "nn.CrossEntropyLoss()"',
            )
    return None


_NAMES = {SNIPPET: Words("Your code", "你的代码"), SETUP: Words("The set-up", "准备代码")}


class _Printer:
    """Prints events as they come. Hidden ones only if asked for `everything`."""

    def __init__(self, everything: bool, as_json: bool) -> None:
        self._everything, self._as_json = everything, as_json
        self._codes: dict[int, Code] = {}
        self._frames: dict[int, Frame] = {}
        self.hidden: Counter[str] = Counter()
        """Calls that were not printed, by their group."""

    def take(self, told: object) -> None:
        """Keep or print what the run said."""
        match told:
            case Code():
                self._codes[told.id] = told
            case Frame():
                self._frames[told.id] = told
            case Stepped():
                self._step(told)

    def _step(self, step: Stepped) -> None:
        frame = self._frames[step.frame]
        code = self._codes[frame.code]
        c = step.what == "c_call"
        hidden = bool(step.group if c else code.group)
        if step.what == "line" or (frame.depth == 0 and step.what in ("call", "return")):
            return
        if hidden and not self._everything:
            self.hidden[step.group if c else code.group] += step.what in ("call", "c_call")
            return
        depth = frame.depth + 1 if c else frame.depth
        # A function is where it is defined; what happens in it, at the line where it happens.
        line = code.line if step.what == "call" else step.line
        if self._as_json:
            name = step.name if c else code.qualname
            said = {
                "kind": step.what,
                "depth": depth,
                "class": None if c else class_of(name),
                "function": name.rpartition(".")[2] if c else function_of(name),
                "qualname": name,
                "file": os.path.basename(code.file),
                "line": line,
                "hidden": hidden,
            }
            if step.what == "exception":
                said |= {"type": step.name, "message": step.text}
            elif step.what == "return":
                said["value"] = step.text
            print(json.dumps(said, ensure_ascii=False))
            return
        indent = "  " * (self._seen_above(frame) + (1 if c else 0) - 1)
        where = f"{os.path.basename(code.file)}:{line}"
        if c:
            print(f"{indent}{'C' if step.group == 'builtins' else 'C++'} {step.name}")
        elif step.what == "call":
            print(f"{indent}{code.qualname}  {where}")
        elif step.what == "exception" and not step.again:
            print(f"{indent}! {step.name}: {step.text}  {where}")

    def _seen_above(self, frame: Frame) -> int:
        """How many frames around this one are printed, with itself; under a hidden one a call stands beside its like."""
        count = 0
        while frame.depth > 0:
            count += self._everything or not self._codes[frame.code].group
            frame = self._frames[frame.parent]
        return count


async def _trace(snippet: str, setup: str, printer: _Printer, language: Language) -> int:
    kernel = Kernel()
    await kernel.start()
    remarks: list[Remark] = []
    try:
        run = kernel.trace(snippet, setup, go=Go("end", hidden=sorted(HIDDEN)))
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, run.interrupt)
        async for told in run:
            match told:
                case Paused(why="asks"):
                    run.send(Type(await asyncio.to_thread(_typed)))
                case Paused():
                    run.send(Go("end"))
                case Wrote(text=text) | protocol.Printed(text=text):
                    print(text, end="", file=sys.stderr)
                case Remark():
                    remarks.append(told)
                case _:
                    printer.take(told)
        missing = advice_on(kernel.state)
    finally:
        await kernel.close()
    for remark in remarks:
        print(REMARKS[remark.what].into(language), file=sys.stderr)
    match run.ending:
        case protocol.Finished():
            if printer.hidden:
                counted = [
                    f"{GROUPS[name].name.into(language)} {n}" for name, n in printer.hidden.most_common()
                ]
                words = Words(
                    "Hidden calls: {groups}. --all prints them.", "隐藏的调用：{groups}。用 --all 可以显示。"
                )
                groups = Words("; ".join(counted), "；".join(counted))
                print(words.filled(groups=groups).into(language), file=sys.stderr)
            return 0
        case protocol.Failed(type, message, lines):
            print("\n".join([*lines, f"{type}: {message}"]), file=sys.stderr)
            if missing is not None:
                print(missing.into(language), file=sys.stderr)
        case protocol.Crashed(status):
            words = Words(
                "The run ended without a word, with status {status}.", "运行异常退出，状态码 {status}。"
            )
            print(words.filled(status=status).into(language), file=sys.stderr)
        case protocol.Stopped():
            print(Words("Stopped.", "已停止。").into(language), file=sys.stderr)
            return INTERRUPTED
    return 1


def _typed() -> str:
    """The next line of our own input, for code that calls `input()`; empty at its end."""
    return sys.stdin.readline().rstrip("\n")
