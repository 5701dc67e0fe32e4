"""The report in each of its formats, and as a file."""

from __future__ import annotations

import contextlib
import html
import json
import os
import secrets
from pathlib import Path
from typing import Any, Literal

from tutor.practice.summary import as_json as summary_as_json
from tutor.protocol import plain
from tutor.report.parts import Asked, Built, LastRun, Report, Walk
from tutor.report.told import markdown
from tutor.stepping.journal import steps_in_words
from tutor.words import Language, Words

Format = Literal["md", "html", "json"]
FORMATS: tuple[Format, ...] = ("md", "html", "json")
JSON_FORMAT = 1
"""The version of the keys in the JSON."""

_PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ max-width: 50rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 sans-serif; color: #222; background: #fff }}
pre {{ overflow-x: auto; padding: .5rem; background: #f4f4f2; font: .8rem/1.25 monospace }}
code {{ background: #f4f4f2 }}
blockquote {{ margin: 0; padding-left: 1rem; border-left: .2rem solid #ccc }}
table {{ border-collapse: collapse }}
th, td {{ padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #ddd; text-align: left }}
</style>
</head>
<body>
{body}</body>
</html>
"""


def written(report: Report, format: Format, language: Language, *, ascii: bool = False) -> str:
    """The report as text in one of the formats."""
    if format == "json":
        return json.dumps(as_json(report, language), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    text = markdown(report, language, ascii=ascii)
    return as_html(text, report.title, language) if format == "html" else text


def as_html(text: str, title: Words, language: Language) -> str:
    """A page of its own from the Markdown. HTML in it stays text, links and pictures are not made."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.disable(["html_inline", "html_block", "autolink", "link", "image", "reference"])
    lang = "zh-CN" if language is Language.ZH else "en"
    return _PAGE.format(lang=lang, title=html.escape(title.into(language)), body=parser.render(text))


def as_json(report: Report, language: Language) -> dict[str, Any]:
    """The report as plain data; NaN and infinities as text."""
    confidence = report.confidence
    data = {
        "format": JSON_FORMAT,
        "title": report.title.into(language),
        "language": str(language),
        "at": report.at.isoformat(timespec="seconds"),
        "homework": [
            {
                "task": task.number,
                "state": task.state,
                "questions": [_asked(each, language) for each in task.questions],
                "journals": [_walk(each, language) for each in task.walks if each.walked is not None],
                "summaries": [
                    {
                        "title": each.step.into(language),
                        "at": each.at,
                        **summary_as_json(each.atlas, each.summary),
                    }
                    for each in task.summaries
                ],
                "built": [_built(each, language) for each in task.built],
            }
            for task in report.tasks
        ],
        "lessons": [
            {
                "id": each.id,
                "number": each.number,
                "title": each.title.into(language),
                "steps": each.steps,
                "seen": each.seen,
                "questions": each.questions,
                "right": each.right,
                "mastery": round(each.mastery, 4),
            }
            for each in report.scores
        ],
        "weak": [_asked(each, language) for each in report.weak],
        "confidence": {
            "sure": {"answers": confidence.sure, "right": confidence.sure_right},
            "unsure": {"answers": confidence.unsure, "right": confidence.unsure_right},
        },
        "journals": [_walk(each, language) for each in report.walks],
        "runs": [_run(each) for each in report.runs],
    }
    ready: dict[str, Any] = plain(data)
    return ready


def _asked(asked: Asked, language: Language) -> dict[str, Any]:
    return {
        "lesson": asked.id[0],
        "step": asked.id[1],
        "title": asked.question.title.into(language),
        "prompt": asked.question.prompt.into(language),
        "outcome": asked.outcome,
        "recall": round(asked.recall, 4),
        "tries": [
            {
                "at": each.kept.at,
                "given": each.kept.given,
                "answer": each.given.into(language),
                "outcome": each.kept.outcome,
                "hints": each.kept.hints,
                "sure": each.kept.sure,
                "variant": each.kept.seed,
            }
            for each in asked.tries
        ],
    }


def _walk(walk: Walk, language: Language) -> dict[str, Any]:
    assert walk.walked is not None
    journal = walk.walked.journal
    shown = journal.shown
    in_words = {e.qualname: w.into(language) for e, w in zip(shown, steps_in_words(shown), strict=True)}
    return {
        "lesson": walk.walked.lesson,
        "step": walk.walked.step,
        "at": walk.walked.at,
        "snippet": journal.snippet,
        "setup": journal.setup,
        "seed": journal.seed,
        "torch": journal.torch,
        "complete": walk.walked.complete,
        "entries": [
            {
                "words": in_words.get(each.qualname),
                "class": each.defining_class,
                "function": each.function,
                "qualname": each.qualname,
                "file": each.file,
                "line": each.line,
                "count": each.count,
                "state": each.state,
                "wrappers": each.wrappers,
                "note": each.note,
            }
            for each in journal.entries
        ],
    }


def _built(built: Built, language: Language) -> dict[str, Any]:
    ran = built.ran
    groups = ran.values.get("groups", []) if ran is not None else []
    return {
        "lesson": built.id[0],
        "step": built.id[1],
        "title": built.step.into(language),
        "code": ran.settings.get("code") if ran is not None else None,
        "torch": ran.values.get("torch") if ran is not None else None,
        "param_groups": [dict(group) for group in groups],
    }


def _run(run: LastRun) -> dict[str, Any]:
    ran = run.ran
    return {
        "lesson": ran.lesson,
        "step": ran.step,
        "lab": ran.lab,
        "at": ran.at,
        "runs": run.count,
        "settings": ran.settings,
        "values": ran.values,
        "series": ran.series,
        "ending": ran.ending,
    }


def save(text: str, path: Path, *, force: bool) -> None:
    """Write the file whole or not at all, through a temporary one beside it.

    FileExistsError if it is there already and not to be replaced; OSError where it cannot be written.
    """
    path = path.resolve()  # A link stays one.
    if path.exists() and not path.is_file():
        raise OSError(f"not a file: {path}")
    if path.exists() and not force:
        raise FileExistsError(str(path))
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with beside.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if force:
            beside.replace(path)
        else:
            _rename_to_new(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    _sync(path.parent)


def _rename_to_new(beside: Path, path: Path) -> None:
    """Never over a file that was made meanwhile, where the file system can tell."""
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:
        beside.rename(path)


def _sync(folder: Path) -> None:
    """The file's name is on the disk, too; not every system can be asked for that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
