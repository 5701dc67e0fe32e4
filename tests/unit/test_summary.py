"""Homework 3 without a screen: losses in groups, lines, doubts; kept, read again, and handed in."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tutor.course.index import default_folder, load_index
from tutor.course.losses import Atlas, load_atlas
from tutor.practice.summary import Group, Summary, doubts, outcome_of, read, task_of, written
from tutor.progress.store import Store
from tutor.report.export import export
from tutor.report.gather import Log, gather
from tutor.report.summary import markdown, mermaid
from tutor.report.write import written as in_format
from tutor.words import Language


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    atlas = load_atlas(default_folder())
    assert atlas is not None
    return atlas


def done(atlas: Atlas) -> Summary:
    """Each loss under its own task, with a line of its own."""
    summary = Summary()
    for at, (id, task) in enumerate(atlas.tasks.items()):
        summary = summary.with_group().named(at, task.title.zh)
        for loss in atlas.of(id):
            summary = summary.filed(loss, at).said(loss, f"what {loss} is for")
    return summary


def test_it_is_done_once_all_are_placed_with_a_line_each_and_nothing_is_in_doubt(atlas: Atlas) -> None:
    whole = done(atlas)
    assert list(doubts(atlas, whole)) == [] and outcome_of(atlas, whole) == "right"
    kinds = {
        "unplaced": whole.filed("MSELoss", None),
        "unwritten": whole.said("MSELoss", "  "),
        "alike": whole.said("MSELoss", "what L1Loss  is for"),
        "misfiled": whole.filed("MSELoss", 0),
        "nameless": whole.named(3, " "),
    }
    for kind, summary in kinds.items():
        assert [doubt.kind for doubt in doubts(atlas, summary)] == [kind]
        assert outcome_of(atlas, summary) == "begun"


def test_a_class_index_under_regression_is_in_doubt_and_the_reason_names_both(atlas: Atlas) -> None:
    summary = done(atlas).filed("CrossEntropyLoss", 2)
    (doubt,) = doubts(atlas, summary)
    assert doubt.says.en == (
        "CrossEntropyLoss under “回归”: its target is “class index”, but in “Regression” the target is a number to"
        " come close to."
    )
    (doubt,) = doubts(atlas, done(atlas).filed("HingeEmbeddingLoss", 0))
    assert "it takes distances" in doubt.says.en, "its ±1 would do, but not what goes in"


@pytest.mark.parametrize(
    ("name", "declared", "task"),
    [
        ("Regression", None, "regression"),
        ("my REGRESSION losses", None, "regression"),
        ("回归（数值）", None, "regression"),
        ("multi-label classification", None, "multi_label"),
        ("多标签分类", None, "multi_label"),
        ("metric learning: distances, embeddings", None, "ranking"),
        ("regression or classification", None, None),
        ("progression", None, None),
        ("A", None, None),
        ("A", "sequence", "sequence"),
        ("Regression", "ranking", "ranking"),
    ],
)
def test_what_a_group_is_about_is_declared_or_read_from_its_name(
    atlas: Atlas, name: str, declared: str | None, task: str | None
) -> None:
    assert task_of(atlas, Group(name, (), declared)) == task


def test_a_loss_is_moved_line_by_line_through_the_groups_and_out_of_them(atlas: Atlas) -> None:
    two = Summary((Group("a", ("L1Loss", "MSELoss")), Group("b", ("CTCLoss",))))
    order = []
    for by in (1, 1, 1, 1, -1, -1, -1, -1, -1, -1):
        two = two.moved("L1Loss", by)  # type: ignore[arg-type]
        at = two.group_of("L1Loss")
        order.append(None if at is None else (at, two.groups[at].losses.index("L1Loss")))
    assert order == [(0, 1), (1, 0), (1, 1), None, (1, 1), (1, 0), (0, 1), (0, 0), (0, 0), (0, 0)]
    gone = two.without_group(0)
    assert [group.name for group in gone.groups] == ["b"] and "MSELoss" in gone.unplaced(atlas)


def test_what_is_kept_is_read_again_and_what_does_not_fit_costs_only_itself(
    atlas: Atlas, tmp_path: Path
) -> None:
    summary = done(atlas).declared(0, "ranking").said("CTCLoss", '引号 " 与 | 竖线')
    store = Store.open(tmp_path / "progress.sqlite3")
    store.summarised("a", "b", "{}", "begun")
    store.summarised("a", "b", written(summary), "begun")
    again = Store.open(tmp_path / "progress.sqlite3")  # as after a kill: the first was never closed
    (kept,) = again.summaries()
    assert read(kept.given, atlas) == summary
    assert again.outcomes("a") == {"b": ["begun"]} and again.steps("a")["b"].outcome == "begun"
    assert read("", atlas) == read("[1]", atlas) == read('{"groups": 3}', atlas) == Summary()
    odd = '{"groups": [{"name": "x", "task": "cooking", "losses": ["MSELoss", "NoLoss"]}], "lines": {}}'
    assert read(odd, atlas).groups == (Group("x", ("MSELoss",), None),)


def test_a_progress_file_of_before_gets_the_table(tmp_path: Path) -> None:
    path = tmp_path / "progress.sqlite3"
    old = Store.open(path)
    old.answered("a", "q", "1", "right", 0)
    old._db.executescript("DROP TABLE summary; PRAGMA user_version = 2;")
    old.close()
    store = Store.open(path)
    store.summarised("a", "b", "{}", "right")
    assert store.trouble is None
    assert store.outcomes("a") == {"b": ["right"], "q": ["right"]}


@pytest.mark.parametrize("language", list(Language))
def test_the_report_has_it_with_the_homework_and_obeys_nothing_in_it(
    atlas: Atlas, tmp_path: Path, language: Language
) -> None:
    store = Store.open(tmp_path / "progress.sqlite3")
    summary = done(atlas).filed("CTCLoss", None).said("MSELoss", "# *no* heading | `x` <b>")
    store.summarised("eighteen-losses", "my-summary", written(summary), outcome_of(atlas, summary))
    store.summarised("gone", "step", "{}", "begun")
    index = load_index(default_folder(), tmp_path / "cache")
    report = gather(default_folder(), index, Log.of(store), tmp_path / "cache", datetime.now(UTC))
    text = in_format(report, "md", language)
    title = "### Task 3: in progress" if language is Language.EN else "### 任务 3：进行中"
    told = text.partition(title)[2].partition("\n## ")[0]
    assert "``# *no* heading \\| `x` <b>``" in told and "```mermaid\nmindmap\n" in told
    assert ("CTCLoss is in no group." if language is Language.EN else "CTCLoss 还没有归组。") in told
    assert "<b>" not in in_format(report, "html", language)
    (task,) = [t for t in json.loads(in_format(report, "json", language))["homework"] if t["task"] == 3]
    (kept,) = task["summaries"]
    assert task["state"] == "begun" and kept["outcome"] == "begun"
    assert kept["groups"][-1] == {
        "name": "",
        "task": None,
        "losses": [{"name": "CTCLoss", "line": "what CTCLoss is for"}],
    }


@pytest.mark.parametrize("language", list(Language))
def test_it_is_exported_over_nothing_and_says_what_is_missing(
    atlas: Atlas, tmp_path: Path, language: Language
) -> None:
    summary = done(atlas).named(0, "a | b").said("MSELoss", "`x` | <b> %%{y}%%").filed("CTCLoss", None)
    picture = "<svg/>"
    assert export(tmp_path, atlas, summary, language, picture) == [
        "my-losses.md",
        "my-losses.mmd",
        "my-losses.svg",
    ]
    (tmp_path / "my-losses-2.mmd").write_text("mine")
    assert export(tmp_path, atlas, summary, language, picture)[0] == "my-losses-3.md"
    text = (tmp_path / "my-losses.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 18 and {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4}
    assert "CTCLoss is in no group." in text if language is Language.EN else "CTCLoss 还没有归组。" in text
    assert (tmp_path / "my-losses.svg").read_text() == picture
    assert mermaid(atlas, summary, language) in text
    assert "\n\n".join(markdown(atlas, summary, language)) in text
