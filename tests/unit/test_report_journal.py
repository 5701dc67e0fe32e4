"""The report hands in the journals: in the form the course asks for, with the version of torch and the learner's lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tutor.course.index import Index, load_index
from tutor.places import cache_folder, progress_file
from tutor.progress.store import Store
from tutor.report.gather import Log, gather
from tutor.report.parts import Report
from tutor.report.write import written
from tutor.stepping.journal import Entry, Journal
from tutor.words import Language

EN, ZH = Language.EN, Language.ZH
LESSON = """
id: steps
title: Steps
summary: S.
minutes: 5
concepts: []
steps:
  - {id: walk, kind: trace, title: Walk, body: Look., snippet: "loss = Loss()", setup: "x = 1", homework: 1}
  - {id: other, kind: trace, title: Other, body: Look., snippet: "loss(x)"}
"""
WRAPPER = "hooks.<locals>.wrapper"
ENTRIES = [
    Entry("Loss.__init__", "loss.py", 10, 1, "visited", through_super=True, note="`first` <b>"),
    Entry("Module.__init__", "module.py", 20, 1, "visited", "Loss.__init__"),
    Entry("Module.__setattr__", "module.py", 90, 3, "hidden", "Loss.__init__"),
    Entry("SGD.step", "sgd.py", 5, 2, "ran", wrappers=[WRAPPER]),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "lessons"
    (folder / "01_steps").mkdir(parents=True)
    (folder / "01_steps" / "lesson.yaml").write_text(LESSON, encoding="utf-8")
    (folder / "course.yaml").write_text(
        "format: 1\ntitle: {en: A course, zh: 一门课}\n"
        "parts: [{id: p, title: {en: Part, zh: 部分}, lessons: [{folder: 01_steps}]}]\n",
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def index(folder: Path) -> Index:
    return load_index(folder, cache_folder())


@pytest.fixture
def store() -> Store:
    return Store.open(progress_file())


def report(folder: Path, index: Index, store: Store) -> Report:
    return gather(folder, index, Log.of(store), cache_folder(), datetime.now(UTC))


def journal(snippet: str = "loss = Loss()", setup: str = "x = 1", ended: bool = False) -> Journal:
    return Journal(snippet, setup, 0, "2.13.0", ENTRIES, ended)


def test_homework_is_told_step_by_step_as_the_course_asks(folder: Path, index: Index, store: Store) -> None:
    assert "Not answered yet:\n\n- 1 Steps › Walk" in written(report(folder, index, store), "md", EN)
    store.walked(journal(), "steps", "walk")
    english, chinese = (written(report(folder, index, store), "md", language) for language in (EN, ZH))
    assert "### Task 1: in progress" in english
    assert (
        "- Step 1: `class Loss, super().__init__` — `loss.py:10`, visited\n  - `` `first` <b> ``" in english
    )
    assert "- Step 2: `enters class Module, __init__` — `module.py:20`, visited" in english
    assert "- Step 3: `enters class SGD, step` — `sgd.py:5`, 2 times, ran" in english
    assert f"Between your code and `SGD.step` stands `{WRAPPER}`" in english
    assert "Ran hidden: `Module.__setattr__` × 3" in english
    assert "torch 2.13.0, not stepped through to the end yet" in english
    assert "- 第一步：`Loss 类，super().__init__` — `loss.py:10`，到过" in chinese
    assert "- 第二步：`进入 Module 类，__init__`" in chinese


def test_what_belongs_to_no_homework_is_told_apart(folder: Path, index: Index, store: Store) -> None:
    store.walked(journal("loss(x)", ""), "steps", "other")
    store.walked(journal("own()", ""))
    store.walked(journal("an earlier version"), "steps", "walk")
    found = report(folder, index, store)
    assert [walk.walked for walk in found.tasks[0].walks] == [None], "the code of the step is another now"
    text = written(found, "md", EN)
    assert text.index("## Stepped through") < text.index("#### 1 Steps › Other")
    assert "#### Code of your own\n\n```text\nown()" in text and "#### steps › Code of your own" in text


def test_the_json_has_every_entry(folder: Path, index: Index, store: Store) -> None:
    store.walked(journal(), "steps", "walk")
    store.walked(journal("own()", ""))
    data = json.loads(written(report(folder, index, store), "json", ZH))
    (kept,), (own,) = data["homework"][0]["journals"], data["journals"]
    assert (kept["step"], kept["torch"], kept["complete"]) == ("walk", "2.13.0", False)
    assert [each["words"] for each in kept["entries"]] == [
        "第一步：Loss 类，super().__init__",
        "第二步：进入 Module 类，__init__",
        None,
        "第三步：进入 SGD 类，step",
    ]
    assert kept["entries"][0]["note"] == "`first` <b>" and own["snippet"] == "own()"


def test_a_page_of_it_obeys_nothing(folder: Path, index: Index, store: Store) -> None:
    store.walked(journal().noted("Loss.__init__", "<script>alert(1)</script>"), "steps", "walk")
    page = written(report(folder, index, store), "html", EN)
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert "hooks.&lt;locals&gt;.wrapper" in page
