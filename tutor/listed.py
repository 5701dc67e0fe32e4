"""The course and the questions due, as lines of text: what `tutor` prints where there is no terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tutor.words import Language, Words

if TYPE_CHECKING:
    from tutor.course.index import Index
    from tutor.progress.store import Store


def print_course(index: Index, store: Store, language: Language) -> None:
    from rich.cells import cell_len

    seen = store.seen_steps()
    print(index.title.into(language))
    width = max((cell_len(lesson.title.into(language)) for lesson in index.lessons), default=0)
    number = 0
    for part in index.parts:
        print(f"\n{part.title.into(language)}")
        for lesson in part.lessons:
            number += 1
            title = lesson.title.into(language)
            known = {step.id for step in lesson.steps}
            done = len(known & set(seen.get(lesson.id, ())))
            print(
                f"  {number:2}  {title}{' ' * (width - cell_len(title))}  {done:2}/{len(known):<2}  {lesson.id}"
            )


def print_due(folder: Path, index: Index, store: Store, language: Language) -> None:
    """How much there is to review, and what."""
    from datetime import UTC, datetime

    from tutor.places import cache_folder
    from tutor.practice.review import schedule_of

    due = schedule_of(folder, index, store.answers(), cache_folder()).due(datetime.now(UTC))
    print(Words("Questions due: {n}", "到期题目：{n}").filled(n=len(due)).into(language))
    titles = {
        (entry.id, step.id): f"{entry.title.into(language)} › {step.title.into(language)}"
        for entry in index.lessons
        for step in (entry.steps if entry.id in {lesson for lesson, _ in due} else ())
    }
    for question in due:
        print(f"  {titles[question]}")
