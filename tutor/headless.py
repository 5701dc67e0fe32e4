"""Labs and checks without a screen: for scripts, for pipes, for authors."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor.words import Language, Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from tutor.atlas import Installed
    from tutor.client import Kernel, Run
    from tutor.course.index import LabEntry
    from tutor.course.model import Lab, TraceStep
    from tutor.protocol import Emission, Variant

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


def run_lab(
    folder: Path, entry: LabEntry, given: dict[str, str], *, as_json: bool, language: Language, ascii: bool
) -> int:
    """Run one lab in the kernel and print what it yields; 0 if it finished, 1 if not, 2 for a bad setting."""
    from tutor.course.load import ContentError, load_lab
    from tutor.course.settings import SettingError, settle
    from tutor.labwords import is_shown

    try:
        lab = load_lab(folder, entry)
        settings = settle(lab, given, {})
    except SettingError as error:
        print(error.words.into(language), file=sys.stderr)
        return 2
    except ContentError as error:
        for problem in error.problems:
            print(problem.into(language), file=sys.stderr)
        return 1
    for name in given:
        if not is_shown(lab, name, settings):
            others = ", ".join(f"{other}={settings[other]}" for other in lab.controls[name].when)
            words = Words("{name} counts for nothing with {others}.", "{others} 时，{name} 不起作用。")
            print(words.filled(name=name, others=others).into(language), file=sys.stderr)
    file, _, function = lab.run.partition(":")
    return asyncio.run(
        _run_lab(
            folder / entry.folder / file,
            function or "run",
            lab,
            settings,
            as_json=as_json,
            language=language,
            ascii=ascii,
        )
    )


async def _run_lab(
    file: Path,
    function: str,
    lab: Lab,
    settings: dict[str, Any],
    *,
    as_json: bool,
    language: Language,
    ascii: bool,
) -> int:
    from tutor import labrun, labwords, protocol
    from tutor.client import Kernel
    from tutor.meter import Meter

    kernel, meter = Kernel(), Meter(sys.stderr, ascii=ascii)
    watched = not (as_json and sys.stdout.isatty())  # the lines that scroll by say how far it is
    await kernel.start()
    try:
        run = kernel.run_lab(file, settings, function)
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, run.interrupt)
        record = labrun.LabRun(settings)
        async for batch in run.batches():
            for emission in batch:
                if isinstance(emission, protocol.Progress):
                    if watched:
                        meter.show(emission)
                elif as_json:
                    if isinstance(emission, protocol.Printed):
                        meter.clear()
                    _print_json(emission, language)
                else:
                    record.take(emission)
        missing = advice_on(kernel.state)
    finally:
        meter.clear()
        await kernel.close()
    if not as_json:
        print(labwords.report(record, lab, language, ascii=ascii))
    if missing is not None:
        print(missing.into(language), file=sys.stderr)
    if isinstance(run.ending, protocol.Stopped):
        return INTERRUPTED
    return 0 if isinstance(run.ending, protocol.Finished) else 1


def advice_on(state: object) -> Words | None:
    """What can be done where torch is missing; None where it is not."""
    from tutor import protocol

    if not isinstance(state, protocol.Missing):
        return None
    from tutor.ui.news import advice

    return advice(state)


def _print_json(emission: Emission, language: Language) -> None:
    """One JSON line for what a lab yields; what is not part of its result goes to stderr."""
    from tutor import protocol
    from tutor.protocol import plain

    match emission:
        case protocol.Point(series, x, y):
            line = {"kind": "point", "series": series, "x": plain(x), "y": plain(y)}
        case protocol.Table(name, columns, rows):
            line = {"kind": "table", "name": name, "columns": columns, "rows": plain(rows)}
        case protocol.Value(name, value):
            line = {"kind": "value", "name": name, "value": plain(value)}
        case protocol.Picture(name, rows, text, zh):
            said = Words(text, zh).into(language)
            line = {"kind": "picture", "name": name, "rows": plain(rows), "text": said}
        case protocol.Note(text, zh):
            line = {"kind": "note", "text": Words(text, zh).into(language)}
        case protocol.Failed(type, message):
            line = {"kind": "error", "type": type, "message": message}
        case protocol.Crashed(status):
            words = Words(
                "The run ended without a word, with status {status}.", "运行异常退出，状态码 {status}。"
            ).filled(status=status)
            line = {"kind": "error", "type": "Crashed", "message": words.into(language)}
        case protocol.Stopped():
            line = {"kind": "error", "type": "Stopped", "message": Words("stopped", "已停止").into(language)}
        case protocol.Printed(text):
            print(text, end="", file=sys.stderr)
            return
        case _:
            return
    print(json.dumps(line, ensure_ascii=False, allow_nan=False))


def check_lessons(folder: Path, *, translated: bool, language: Language) -> int:
    """Check the lessons in `folder`, one line an error on stdout; 1 if there is any, else 0."""
    from tutor.course import check

    if translated:
        try:
            check.translated(folder)
        except OSError as error:
            said = Words("zh.lock cannot be written: {error}", "无法写入 zh.lock：{error}").filled(
                error=error
            )
            print(said.into(language), file=sys.stderr)
            return 1
    with Torch() as torch:
        problems = check.check(folder, torch.evaluate, torch.pose, torch.play, torch.follow, torch.tables)
    for problem in problems:
        print(problem.into(language))
    return 1 if problems else 0


def installed_losses(folder: Path) -> Installed | Words:
    """The losses of the installed torch as the atlas in `folder` asks for them, or why nobody knows."""
    from tutor.atlas import Installed
    from tutor.course.losses import INSTALLED

    with Torch() as torch:
        tables = torch.tables(folder / INSTALLED, "losses", {})
        version = torch.version
    if isinstance(tables, str):
        return Words(
            "Arguments and defaults are left out: the installed torch cannot be asked ({why}).",
            "省略了参数与默认值：无法询问已安装的 torch（{why}）。",
        ).filled(why=tables)
    return Installed.of(version, tables["arguments"])


class Torch:
    """A kernel to ask questions of, one after the other; it is started with the first."""

    def __enter__(self) -> Torch:
        self._loop = asyncio.Runner()
        self._kernel: Kernel | None = None
        return self

    def __exit__(self, *error: object) -> None:
        if self._kernel is not None:
            self._loop.run(self._kernel.close())
        self._loop.close()

    @property
    def version(self) -> str:
        """The version of the torch that answered; "?" before it did."""
        state = self._kernel.state if self._kernel is not None else None
        return getattr(state, "torch", "?")

    def evaluate(self, expressions: dict[str, str]) -> dict[str, Any]:
        """What torch makes of an author's expressions; the text of the error where it makes nothing of one."""
        from tutor import protocol

        answers: dict[str, Any] = {}
        for emission in self._loop.run(self._all_of(lambda kernel: kernel.evaluate(expressions))):
            match emission:
                case protocol.Value(name, value):
                    answers[name] = protocol.number(value)
                case protocol.Raised(name, type, message):
                    answers[name] = f"{type}: {message}"
                case protocol.Failed(_, message):
                    answers |= {name: message for name in expressions if name not in answers}
                case _:
                    pass
        return answers

    def pose(self, file: Path, function: str, seeds: list[int]) -> list[Variant] | str:
        """The variants that a question generator draws; the text of the error where it fails."""
        from tutor import protocol

        emissions = self._loop.run(self._all_of(lambda kernel: kernel.pose(file, function, seeds)))
        match emissions[-1]:
            case protocol.Finished():
                return [emission for emission in emissions if isinstance(emission, protocol.Variant)]
            case protocol.Failed(type, message):
                return f"{type}: {message}"
        return "it ended without a word"

    def play(self, file: Path, function: str, settings: dict[str, Any]) -> dict[str, Any] | str:
        """The values that a lab yields; the text of the error where it fails."""
        from tutor import protocol

        emissions = self._loop.run(self._all_of(lambda kernel: kernel.run_lab(file, settings, function)))
        match emissions[-1]:
            case protocol.Finished():
                values = [emission for emission in emissions if isinstance(emission, protocol.Value)]
                return {value.name: protocol.number(value.value) for value in values}
            case protocol.Failed(type, message):
                return f"{type}: {message}"
        return "it ended without a word"

    def follow(self, step: TraceStep) -> list[str] | str:
        """The names of what the code of `step` calls, in order; the text of the error where it raises."""
        from tutor import protocol
        from tutor.protocol.trace import Go
        from tutor.stepping.journal import calls
        from tutor.stepping.recording import Recording

        def run(kernel: Kernel) -> Run:
            return kernel.trace(step.snippet, step.setup, seed=step.seed, go=Go("end"))

        emissions = self._loop.run(self._all_of(run))
        recording = Recording(step.snippet, step.setup, step.seed)
        for emission in emissions:
            recording.take(emission)
        match emissions[-1]:
            case protocol.Finished():
                return [call.qualname for call in calls(recording)]
            case protocol.Failed(type, message):
                return f"{type}: {message}"
        return "it ended without a word"

    def tables(self, file: Path, function: str, settings: dict[str, Any]) -> dict[str, list[list[Any]]] | str:
        """The rows of the tables that a function yields like a lab; the text of the error where it fails."""
        from tutor import protocol

        emissions = self._loop.run(self._all_of(lambda kernel: kernel.run_lab(file, settings, function)))
        match emissions[-1]:
            case protocol.Finished():
                found = [emission for emission in emissions if isinstance(emission, protocol.Table)]
                return {table.name: protocol.number(table.rows) for table in found}
            case protocol.Failed(type, message):
                return f"{type}: {message}"
        return "it ended without a word"

    async def _all_of(self, ask: Callable[[Kernel], Run]) -> list[Emission]:
        from tutor.client import Kernel

        if self._kernel is None:
            self._kernel = Kernel()
            await self._kernel.start()
        return [emission async for emission in ask(self._kernel)]
