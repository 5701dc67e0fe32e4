"""Lessons from elsewhere: nothing of theirs runs that the learner has not agreed to."""

from collections.abc import Callable
from pathlib import Path

from tutor.course.index import Index
from tutor.course.trust import agree, opened, trust_of
from tutor.progress.store import Store
from tutor.protocol import Ready
from tutor.ui.app import TutorApp
from tutor.words import Language


async def test_python_that_changed_since_the_learner_agreed_is_not_run(
    course: Path, index: Index, store: Store, shown: Callable[[TutorApp], str]
) -> None:
    ran: list[object] = []

    class Spy:
        """A kernel that must not be asked."""

        state = Ready("2.13.0", 1.0)

        def run_lab(self, *asked: object) -> None:
            ran.append(asked)

        async def start(self) -> None: ...

        async def close(self) -> None: ...

    agree(trust_of(course), store)
    (course / "01_first" / "drift.py").write_text("# another version\n", encoding="utf-8")
    app = TutorApp(
        course,
        index,
        store,
        Language.EN,
        False,
        ("first", "try"),
        kernel_factory=lambda _: Spy(),
        foreign=True,
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("r")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "is not what you agreed to" in " ".join(shown(app).split())
    assert ran == []
    assert not store.setting(opened(course)), "it is asked again at the next start"
