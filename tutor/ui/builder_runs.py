"""What the builder's view asks for and may not do itself: running the script, keeping it, writing it to a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tutor.builder.answer import Answer
from tutor.course.index import find_lesson
from tutor.course.model import BuilderStep, Lesson
from tutor.protocol import Failed, Finished, Stopped
from tutor.words import Words

if TYPE_CHECKING:
    from tutor.client import Run
    from tutor.ui.app import TutorApp

LAB = "sgd"
"""What the runs are kept under, beside those of the labs."""
SCRIPT = "sgd_groups"


class Watcher(Protocol):
    """Who is told of answers."""

    def answered(self, answer: Answer) -> None:
        """Torch has answered, and that is written down."""


class BuilderRuns:
    """The runs of one step, in the app's workers; only the newest is of interest."""

    def __init__(self, app: TutorApp, lesson: Lesson, step: BuilderStep) -> None:
        self.watcher: Watcher | None = None
        self._app, self._lesson, self._step = app, lesson, step
        entry = find_lesson(app.index, lesson.id)
        name, _, function = step.run.partition(":")
        self._file: Path = app.folder / (entry.folder if entry is not None else "") / name
        self._function = function or "run"
        self._run: Run | None = None
        self._asked: Answer | None = None

    def ask(self, code: str) -> Answer | None:
        """Have torch run `code`; None if there is no kernel to ask yet. What was asked before is given up."""
        kernel = self._app.kernel
        if kernel is None:
            return None
        self.stop()
        answer = self._asked = Answer(code)
        refusal = self._app.refusal()
        if refusal is not None:
            answer.refused, answer.ending = refusal, Stopped()
            return answer
        self._run = kernel.run_lab(self._file, {"code": code}, self._function)
        self._app.run_worker(self._follow(self._run, answer), group="builder")
        return answer

    def stop(self) -> None:
        """Stop what runs, if anything does."""
        if self._run is not None:
            self._run.interrupt()

    async def _follow(self, run: Run, answer: Answer) -> None:
        async for batch in run.batches():
            for emission in batch:
                answer.take(emission)
        if self._run is run:
            self._run = None
        if answer is not self._asked:
            return
        if isinstance(answer.ending, Finished | Failed):
            ending = type(answer.ending).__name__.lower()
            settings = {"code": answer.code}
            self._app.store.ran(self._lesson.id, self._step.id, LAB, settings, answer.kept(), ending)
        if self.watcher is not None:
            self.watcher.answered(answer)

    # What is kept ------------------------------------------------------------------------------------------------

    @property
    def _name(self) -> str:
        return f"builder:{self._lesson.id}:{self._step.id}"

    def keep(self, kept: dict[str, Any]) -> None:
        """Write down what the learner made, for the next session."""
        text = json.dumps(kept)
        if self._app.store.setting(self._name) != text:
            self._app.store.set(self._name, text)

    def kept(self) -> dict[str, Any]:
        """What was made here before; nothing at first."""
        try:
            kept = json.loads(self._app.store.setting(self._name) or "{}")
        except ValueError:
            return {}
        return kept if isinstance(kept, dict) and isinstance(kept.get("code"), str) else {}

    def export(self, code: str) -> Words:
        """Write the script to the folder that the learner is in, under a name that is free; says where, or why not."""
        from tutor.report.write import save

        for number in range(1, 100):
            path = Path(f"{SCRIPT}-{number}.py" if number > 1 else f"{SCRIPT}.py").absolute()
            try:
                save(code, path, force=False)
            except FileExistsError:
                continue
            except OSError as error:
                words = Words(
                    "The script cannot be written to {path}: {error}", "无法把脚本写入 {path}：{error}"
                )
                return words.filled(path=path, error=error.strerror or error)
            words = Words(
                "Written: {path}; `python {name}` runs it.", "已写入 {path}；用 `python {name}` 运行。"
            )
            return words.filled(path=path, name=path.name)
        return Words("There are too many scripts here already.", "这里的脚本文件已经太多。")
