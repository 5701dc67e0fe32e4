"""What the learner would remember now, worked out in a thread: no page waits for the scheduler or for lesson files."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tutor.places import cache_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tutor.course.index import Index
    from tutor.practice.review import Schedule
    from tutor.progress.rows import Given
    from tutor.ui.app import TutorApp


def now() -> datetime:
    """The time by which questions are due."""
    return datetime.now(UTC)


async def recalled(app: TutorApp) -> Schedule:
    """The schedule of all questions of the lessons in which something was answered."""
    return await asyncio.to_thread(_schedule, app.folder, app.index, app.store.answers())


def _schedule(folder: Path, index: Index, answers: Sequence[Given]) -> Schedule:
    # Imported here: that is most of the work.
    from tutor.practice.review import schedule_of

    return schedule_of(folder, index, answers, cache_folder())
