"""A chain of calls is marked by torch or not at all: without torch, and while it is awaited."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tutor.course.index import default_folder, load_index
from tutor.progress.store import Store
from tutor.ui.app import TutorApp
from tutor.ui.screens.lesson import LessonScreen
from tutor.ui.widgets.chain import ChainView
from tutor.words import Language


async def test_without_torch_nothing_is_marked_and_the_entries_stay(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shown: Callable[[TutorApp], str]
) -> None:
    (tmp_path / "torch.py").write_text('raise ImportError("none here")', encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    index = load_index(default_folder(), tmp_path)
    app = TutorApp(default_folder(), index, store, Language.EN, False, ("loss-is-a-module", "classes"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, LessonScreen) and isinstance(app.screen.view, ChainView)
        await pilot.press("enter")
        await pilot.pause()
        assert "Nothing is written yet" in shown(app), "what is empty is refused at once"

        await pilot.press(*"Module", "enter", "enter", "enter")
        async with asyncio.timeout(60):
            while "torch cannot be imported" not in shown(app):
                await pilot.pause(0.01)
        assert " 1  Module" in shown(app) and "none here" in shown(app)
        await pilot.press("ctrl+l", "escape", "s")  # the answer is torch's, too
        await pilot.pause()
        async with asyncio.timeout(60):
            while "无法导入 torch" not in shown(app):
                await pilot.pause(0.01)
        assert store.answers() == []
