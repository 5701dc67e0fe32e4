"""What is typed on the page that steps, and what becomes of it: expressions, breakpoints, lines for the journal, files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.stepping import breakpoints
from tutor.stepping.saved import SUFFIX, NotSaved, save
from tutor.ui.stepper import told
from tutor.words import Words

if TYPE_CHECKING:
    from tutor.ui.screens.stepper import StepperPage

_PROMPT = 30
"""Characters of a prompt that stand before the field, the last ones."""
_KEEP = Words("keep it", "保存")


def _ask(
    page: StepperPage,
    what: str,
    asked: Words,
    take: Callable[[str], Words | None],
    text: str = "",
    hint: Words | None = None,
) -> None:
    page.field.ask(what, asked, take, text, "" if hint is None else page.say(hint))
    page.retell_frame()


def expression(page: StepperPage, text: str = "") -> None:
    """An expression, to be evaluated in the frame that is shown; it begins with `text`."""
    walk = page.walk
    if walk.at < 0 or walk.running:
        page.tutor.notify_passing(Words("There is no frame to evaluate in yet.", "还没有可以求值的栈帧。"))
        return

    def take(text: str) -> Words | None:
        if not text.strip():
            return Words("Type an expression, say self.training.", "请输入表达式，例如 self.training。")
        if page.tutor.kernel is not None:
            page.run_worker(walk.evaluate(text.strip(), page.tutor.kernel), group="evaluate")
        page.action_tab("answers")
        return None

    _ask(page, "e", Words("evaluate", "求值"), take, text, Words("an expression", "表达式"))


def line(page: StepperPage) -> None:
    """The line that `input()` asks for."""
    paused = page.walk.paused
    if paused is None or paused.why != "asks":
        page.tutor.notify_passing(Words("Nothing asks for a line.", "现在没有代码在等待输入。"))
        return
    prompt = told.escaped(paused.text)[-_PROMPT:] or ">"
    _ask(page, prompt, Words("give it", "输入"), lambda text: page.walk.type(text))


def breakpoint(page: StepperPage, number: int | None) -> None:
    """A breakpoint: another one, or the one with this number anew."""
    walk, code = page.walk, page.face.code.code
    before = walk.breakpoints[number] if number is not None else None
    file = before.file if before is not None and before.file else code.file if code is not None else ""

    def take(typed: str) -> Words | None:
        read = breakpoints.read(typed, file)
        if isinstance(read, Words):
            return read
        if number is None:
            walk.breakpoints.append(read)
        else:
            walk.breakpoints[number] = read
        page.show()
        return None

    text = breakpoints.typed(before) if before is not None else ""
    _ask(page, page.tutor.signs.done, _KEEP, take, text, breakpoints.HOW)


def note(page: StepperPage, qualname: str) -> None:
    """A line of the learner's own to an entry of the journal."""

    def take(text: str) -> None:
        page.diary.note(page.walk, qualname, text)
        page.show()

    text = page.diary.journal(page.walk).notes.get(qualname, "")
    _ask(page, "j", _KEEP, take, text, Words("a line of your own", "写一行自己的话"))


def file(page: StepperPage) -> None:
    """Where to save the recording."""
    walk = page.walk
    if walk.at < 0:
        page.tutor.notify_passing(Words("There is nothing to save yet.", "还没有可以保存的内容。"))
        return

    async def write(path: Path) -> None:
        said = Words("Saved: {path}", "已保存：{path}").filled(path=path)
        try:
            await asyncio.to_thread(save, path, walk.recording, walk.sources)
        except NotSaved as error:
            said = error.words
        page.tutor.notify_passing(said)

    def take(text: str) -> None:
        page.app.run_worker(write(Path(text.strip()).expanduser()), group="saving")

    name = "".join(c if c.isalnum() else "-" for c in told.first_line(walk.recording.snippet)[:32]).strip("-")
    _ask(page, "w", Words("save", "保存"), take, str(Path.cwd() / f"{name or 'steps'}{SUFFIX}"))
