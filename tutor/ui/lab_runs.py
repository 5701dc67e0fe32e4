"""What a lab's view asks for and may not do itself: finding the lab, running it, writing down what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tutor.course.model import Lab, LabStep, Lesson, PredictQuestion
from tutor.labrun import LabRun
from tutor.protocol import Note, Stopped, plain
from tutor.words import Words

if TYPE_CHECKING:
    from tutor.client import Run
    from tutor.ui.app import TutorApp


class Watcher(Protocol):
    """Who is told of runs."""

    def fed(self, run: LabRun) -> None:
        """`run` has more in it."""

    def over(self, run: LabRun) -> None:
        """`run` has ended, and that is written down."""


class LabRuns:
    """The lab of one step. Its runs live in the app's workers: one that is left behind still ends properly."""

    def __init__(self, app: TutorApp, lesson: Lesson, step: LabStep | PredictQuestion) -> None:
        """Raises `ContentError` if the lab is in another lesson and that one is broken."""
        from tutor.course.index import find_lab
        from tutor.course.load import ContentError, load_lab

        self.watcher: Watcher | None = None
        self._app, self._lesson, self._step = app, lesson, step
        self._run: Run | None = None
        entry = find_lab(app.index, step.lab)
        if entry is None:
            raise ContentError([])
        self.lab: Lab = lesson.labs[step.lab] if step.lab in lesson.labs else load_lab(app.folder, entry)
        name, _, function = self.lab.run.partition(":")
        self.file: Path = app.folder / entry.folder / name
        self.function = function or "run"

    def source(self) -> str:
        """The lab's Python, as it is run, and what it imports from beside it; a sentence in its place if need be."""
        from tutor.course.source import beside

        first, *others = beside(self.file.parent, self.file.name)
        return "\n\n".join([self._read(first), *(f"# {name}\n\n{self._read(name)}" for name in others)])

    def _read(self, name: str) -> str:
        file = self.file.parent / name
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            return "# " + self._app.say(
                Words("{file} cannot be read: {error}", "无法读取 {file}：{error}").filled(
                    file=file, error=error
                )
            )

    def prediction(self) -> str | None:
        """What the learner predicted at this step, today or earlier."""
        return self._app.store.prediction(self._lesson.id, self._step.id)

    def predict(self, given: str) -> None:
        """Write a prediction down."""
        self._app.store.predicted(self._lesson.id, self._step.id, given)

    def start(self, record: LabRun) -> bool:
        """Run the lab with the record's settings; False if there is no kernel to ask yet."""
        kernel = self._app.kernel
        if kernel is None:
            return False
        self.stop()
        refusal = self._app.refusal()
        if refusal is not None:
            record.take(Note(refusal.en, refusal.zh))
            record.take(Stopped())
            if self.watcher is not None:
                self.watcher.over(record)
            return True
        self._run = kernel.run_lab(self.file, record.settings, self.function)
        self._app.run_worker(self._follow(self._run, record), group="labs")
        return True

    def stop(self) -> None:
        """Stop what runs, if anything does."""
        if self._run is not None:
            self._run.interrupt()

    async def _follow(self, run: Run, record: LabRun) -> None:
        async for batch in run.batches():
            for emission in batch:
                record.take(emission)
            if record.ending is None and self.watcher is not None:
                self.watcher.fed(record)
        values = plain(dict(record.seen().values))
        ending = type(record.ending).__name__.lower()
        self._app.store.ran(
            self._lesson.id, self._step.id, self._step.lab, record.settings, values, ending, record.sketch()
        )
        if self._run is run:
            self._run = None
        if self.watcher is not None:
            self.watcher.over(record)
