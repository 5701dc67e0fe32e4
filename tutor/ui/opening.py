"""How each page is opened, by whatever name it is asked for, and what is said where it cannot be."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual.app import App

from tutor.progress.store import Store
from tutor.ui.page import Page
from tutor.words import Words

if TYPE_CHECKING:
    from tutor.course.index import Index
    from tutor.course.load import ContentError
    from tutor.course.losses import Atlas
    from tutor.course.model import Lesson, Term
    from tutor.ui.stepper.walk import Walk

_WALKS = "walks"
"""Under which name it is remembered what was stepped through."""


class Opening(App[None]):
    """The part of the app that opens pages. They stand on a stack, home at its bottom."""

    folder: Path
    index: Index
    store: Store

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self.memories: dict[tuple[str, str], dict[str, object]] = {}
        """What the view of a step wants to find again in this session, by lesson and step."""

    @abstractmethod
    def notify_passing(self, words: Words) -> None:
        """Say something above the keys, until the next key is pressed."""

    @abstractmethod
    def refusal(self) -> Words | None:
        """Why nothing of this folder may be run; None if it may."""

    def open_lesson(
        self, lesson_id: str, step_id: str | None = None, settings: Mapping[str, object] | None = None
    ) -> None:
        """Show a lesson, at the step where the learner was or at `step_id`; say so if its files are broken.

        With `settings` the lab of that step begins anew, with these in place of the step's own.
        """
        from tutor.course.index import find_lesson
        from tutor.course.load import ContentError, load_lesson

        entry = find_lesson(self.index, lesson_id)
        if entry is None:
            self.notify_passing(
                Words("There is no lesson {id}.", "没有名为 {id} 的课程。").filled(id=lesson_id)
            )
            return
        try:
            lesson = load_lesson(self.folder, entry)
        except ContentError as error:
            self.notify_passing(_broken(Words("This lesson", "这一课"), error))
            return
        from tutor.ui.screens.lesson import LessonScreen

        if settings is not None and step_id is not None:
            lesson = self._set_to(lesson, step_id, settings)
        self.go_home()
        self.push_screen(LessonScreen(lesson, step_id))

    def open_lab(self, lab_id: str, settings: Mapping[str, object] | None = None) -> None:
        """Show the first step of the course that has this lab, with these `settings` of it; as the step has them
        where the lab does not take these."""
        shown = ((entry, step) for entry in self.index.lessons for step in entry.steps if step.lab == lab_id)
        found = next(shown, None)
        if found is None:
            self.notify_passing(
                Words("No step shows the lab {id}.", "没有步骤使用实验 {id}。").filled(id=lab_id)
            )
        elif settings is None:
            self.open_lesson(found[0].id, found[1].id)
        else:
            self.open_lesson(found[0].id, found[1].id, settings)

    def _set_to(self, lesson: Lesson, step_id: str, settings: Mapping[str, object]) -> Lesson:
        """The lesson with the lab of this step set so, to begin anew; as it is, and a notice, where it cannot be."""
        from tutor.course.index import find_lab
        from tutor.course.load import ContentError, load_lab
        from tutor.course.model import LabStep
        from tutor.course.settings import SettingError, with_settings

        step = next((each for each in lesson.steps if isinstance(each, LabStep) and each.id == step_id), None)
        entry = find_lab(self.index, step.lab) if step is not None else None
        if step is None or entry is None:
            return lesson
        try:
            # A lab of another lesson would have to be read.
            lab = lesson.labs[step.lab] if step.lab in lesson.labs else load_lab(self.folder, entry)
            changed = with_settings(lesson, step, lab, settings)
        except SettingError as error:
            self.notify_passing(error.words)
            return lesson
        except ContentError:
            return lesson  # the step will say it
        self.memories.pop((lesson.id, step_id), None)
        return changed

    def atlas(self) -> Atlas | None:
        """The atlas of the losses; None, and a notice, where the course has none or its file is broken."""
        from tutor.course.load import ContentError
        from tutor.course.losses import load_atlas

        try:
            atlas = load_atlas(self.folder)
        except ContentError as error:
            self.notify_passing(_broken(Words("The atlas", "损失函数总览"), error))
            return None
        if atlas is None:
            self.notify_passing(Words("This course has no atlas.", "本课程没有损失函数总览。"))
        return atlas

    def open_atlas(self) -> None:
        """Show all losses at a glance."""
        atlas = self.atlas()
        if atlas is not None:
            from tutor.ui.screens.atlas import AtlasPage

            self.go_home()
            self.push_screen(AtlasPage(atlas))

    def open_review(self) -> None:
        """Ask what is due, over all lessons."""
        from tutor.ui.screens.review import ReviewPage

        self.go_home()
        self.push_screen(ReviewPage())

    def open_report(self) -> None:
        """Show what the learner did."""
        from tutor.ui.screens.report import ReportPage

        self.go_home()
        self.push_screen(ReportPage())

    def open_stepper(
        self, snippet: str, setup: str = "", seed: int = 0, *, lesson: str = "", step: str = ""
    ) -> None:
        """Step through `snippet`, after `setup`; where it was stepped through in this session, the recording is there."""
        from tutor.ui.screens.stepper import StepperPage
        from tutor.ui.stepper.walk import begin

        if lesson and (refusal := self.refusal()) is not None:
            self.notify_passing(refusal)
            return
        kept = self.memories.get((_WALKS, lesson + step), {}).get(f"{seed}\n{setup}\n{snippet}")
        walk = cast("Walk", kept) if kept is not None else begin(snippet, setup, seed)
        self.remember_walk(walk, lesson, step)
        self.push_screen(StepperPage(walk, lesson, step))

    async def open_recording(self, path: Path) -> None:
        """Step through a recording in a file; say why not, if it is none."""
        from tutor.stepping.saved import NotSaved, load
        from tutor.ui.screens.stepper import StepperPage
        from tutor.ui.stepper.walk import opened

        try:
            walk = opened(*await asyncio.to_thread(load, path))
        except NotSaved as error:
            self.notify_passing(error.words)
        else:
            self.push_screen(StepperPage(walk))

    def remember_walk(self, walk: Walk, lesson: str = "", step: str = "") -> None:
        """Keep a walk for coming back to it, and of those from the same place only this one."""
        recording = walk.recording
        name = f"{recording.seed}\n{recording.setup}\n{recording.snippet}"
        self.memories[_WALKS, lesson + step] = {name: walk}

    def open_snippet(self) -> None:
        """Ask for code to step through."""
        from tutor.ui.screens.snippet import SnippetPage

        self.push_screen(SnippetPage())

    def go_home(self) -> None:
        """Close all pages above home."""
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def glossary(self) -> dict[str, Term]:
        """The terms by their ids; none, and a notice, if their file is broken."""
        from tutor.course.load import ContentError, load_glossary

        try:
            return load_glossary(self.folder)
        except ContentError as error:
            self.notify_passing(_broken(Words("The glossary", "术语表"), error))
            return {}

    def open_glossary(self, terms: Sequence[str] = (), show: str | None = None) -> None:
        """Show the glossary, these terms first, the cursor on the term `show`."""
        from tutor.ui.screens.glossary import GlossaryPage

        self.push_screen(GlossaryPage(terms, show))

    def action_help(self) -> None:
        """Show all keys of this page."""
        from tutor.ui.screens.help import HelpPage

        if isinstance(self.screen, Page) and not isinstance(self.screen, HelpPage):
            self.push_screen(HelpPage(self.screen))

    def action_palette(self) -> None:
        """Look for a lesson, a lab, a term or a setting by typing."""
        from tutor.ui.screens.palette import PalettePage

        if not isinstance(self.screen, PalettePage):
            self.push_screen(PalettePage())


def _broken(what: Words, error: ContentError) -> Words:
    """A sentence about the first of an author's mistakes."""
    first = error.problems[0]
    return Words(
        "{what} cannot be opened. {file}, line {line}: {wrong}. `tutor check` says more.",
        "无法打开{what}。{file} 第 {line} 行：{wrong}。详情请运行 `tutor check`。",
    ).filled(what=what, file=first.file, line=first.line, wrong=first.wrong)
