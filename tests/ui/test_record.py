"""Steps are written down one by one, by keyboard, and every difference from what happens is explained."""

from collections.abc import Callable
from pathlib import Path

from tutor.course.index import load_index
from tutor.progress.store import Store
from tutor.ui.app import TutorApp
from tutor.words import Language

LESSON = """
id: first
title: The first lesson
summary: Where it begins.
minutes: 5
concepts: []
steps:
  - id: steps
    kind: question
    ask: record
    title: Steps
    prompt: Which steps?
    steps:
      - {text: softmax, because: Rows must sum to 1.}
      - {text: log, accepts: [ln], because: It is measured in nats.}
      - {text: pick, because: One class counts.}
    mistakes: [{text: sigmoid, because: Each logit alone.}]
"""


async def test_steps_are_recorded_corrected_and_marked(
    course: Path, store: Store, shown: Callable[[TutorApp], str]
) -> None:
    (course / "01_first" / "lesson.yaml").write_text(LESSON, encoding="utf-8")
    (course / "01_first" / "zh.yaml").unlink()
    app = TutorApp(
        course, load_index(course, course), store, Language.EN, False, ("first", "steps"), kernel_factory=None
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()

        async def press(*keys: str) -> str:
            await pilot.press(*keys)
            await pilot.pause()
            return shown(app)

        assert "Nothing is written yet" in await press("enter")
        assert " 1  sigmoid" in await press(*"sigmoid", "enter")
        await press(*"pick", "enter")
        told = await press("enter")
        assert "Each logit alone." in told
        assert "Something comes before all that: Rows must sum to 1." in " ".join(told.split())
        assert store.steps("first")["steps"].outcome == "wrong"

        await press("backspace", *["backspace"] * 4)  # takes "pick" back into the field, and deletes it
        assert " 2  " not in shown(app)
        await press("backspace", *["backspace"] * 7)
        for name in ("softmax", "ln", "pick"):
            await press(*name, "enter")
        app.language = Language.ZH
        await pilot.pause()
        assert " 3  pick" in shown(app), "the other language loses nothing"
        assert "正确" in await press("enter")
        assert store.steps("first")["steps"].outcome == "right"
