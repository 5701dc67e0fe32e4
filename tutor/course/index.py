"""What the course page shows, without opening a lesson: kept in the cache, renewed lesson by lesson.

With a fresh cache nothing here imports YAML or msgspec, and what the page does not show stays unparsed text.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from tutor import __version__
from tutor.course.problem import Problem
from tutor.words import Words


class StepEntry(NamedTuple):
    """One step of a lesson: what the outline and the search need."""

    id: str
    title: Words
    kind: str
    """"text", "formula", "derivation", "question" or "lab"."""
    lab: str | None = None
    """The lab that a lab step shows."""


class LabEntry(NamedTuple):
    """A lab, and the lesson that declares it."""

    id: str
    title: Words
    lesson: str
    folder: str


@dataclass(frozen=True)
class Entry:
    """A lesson. If it is `broken`, its id and title are as good as its files allow, and `problems` say why."""

    id: str
    folder: str
    title: Words
    summary: Words
    minutes: int
    requires: tuple[str, ...]
    broken: bool
    step_ids: tuple[str, ...]
    _rest: str
    """The JSON of what is needed only when one looks closer."""

    @cached_property
    def _details(self) -> dict[str, list[list[Any]]]:
        details: dict[str, list[list[Any]]] = json.loads(self._rest)
        return details

    @cached_property
    def steps(self) -> tuple[StepEntry, ...]:
        """The steps in their order; none of a broken lesson."""
        return tuple(
            StepEntry(id, Words(*title), kind, lab) for id, title, kind, lab in self._details["steps"]
        )

    @cached_property
    def labs(self) -> tuple[LabEntry, ...]:
        """The labs it declares."""
        return tuple(LabEntry(id, Words(*title), self.id, self.folder) for id, title in self._details["labs"])

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with it."""
        return tuple(
            Problem(file, line, column, Words(*wrong), Words(*write))
            for file, line, column, wrong, write in self._details["problems"]
        )


class PartEntry(NamedTuple):
    """A group of lessons under one heading."""

    id: str
    title: Words
    lessons: tuple[Entry, ...]


@dataclass(frozen=True)
class Index:
    """The course in its order."""

    title: Words
    parts: tuple[PartEntry, ...]

    @cached_property
    def lessons(self) -> tuple[Entry, ...]:
        """All lessons, part after part."""
        return tuple(lesson for part in self.parts for lesson in part.lessons)


def default_folder() -> Path:
    """The lessons that came with the program: inside the installed package, else beside it in the repository."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "lessons"
    return inside if inside.is_dir() else package.parent / "lessons"


def find_lesson(index: Index, slug: str) -> Entry | None:
    """The lesson with this id, or in this folder."""
    return next((entry for entry in index.lessons if slug in (entry.id, entry.folder)), None)


def find_lab(index: Index, lab_id: str) -> LabEntry | None:
    """The lab with this id; the first, if two lessons claim it."""
    return next((lab for entry in index.lessons for lab in entry.labs if lab.id == lab_id), None)


# The cache: a line for the course, then one for each lesson ------------------------------------------------------
# A lesson's line has four columns: the stamp of its files, its folder, the JSON of its head, the JSON of the rest.
# JSON writes tabs and line ends in text as \t and \n, so splitting the lines needs no parser.


CACHE_FORMAT = 1


class _Record(NamedTuple):
    stamp: str
    folder: str
    head: str
    """JSON of [id, title, summary, minutes, broken, step ids]."""
    rest: str
    """JSON of {"steps": ..., "labs": ..., "problems": ...}."""


def load_index(folder: Path, cache_folder: Path) -> Index:
    """The index of the course in `folder`, from the cache where the files are as they were.

    Only lessons whose files changed are read again; a lesson that cannot be read is in the index as broken. A cache
    that cannot be read or written is done without. Raises `ContentError` if `course.yaml` itself is broken.
    """
    root = os.path.realpath(folder)
    cache = cache_folder / f"index-{zlib.crc32(os.fsencode(root)):08x}.jsonl"
    course_stamp = f"{__version__} {CACHE_FORMAT} {_stamp(os.path.join(root, 'course.yaml'))} {root}"
    course, kept = _cached(cache, course_stamp)
    fresh = course is not None
    if course is None:
        course = _read_course(folder)
    records = []
    for _, _, lessons in course["parts"]:
        for name, _ in lessons:
            stamp = _stamp(f"{root}/{name}/lesson.yaml") + _stamp(f"{root}/{name}/zh.yaml")
            record = kept.get(name)
            if record is None or record.stamp != stamp:
                fresh = False
                record = _read_lesson(folder, name, stamp)
            records.append(record)
    if not fresh:
        _keep(cache, course_stamp, course, records)
    return _index(course, records)


def _stamp(path: str) -> str:
    """A file's time and size, "-" where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return "- "
    return f"{found.st_mtime_ns}:{found.st_size} "


def _cached(cache: Path, course_stamp: str) -> tuple[dict[str, Any] | None, dict[str, _Record]]:
    """The course as it was, None if `course.yaml` or tutor changed since, and what is known of its lessons."""
    try:
        first, _, body = cache.read_bytes().decode().partition("\n")
        stamp, course, check = first.split("\t")
        if check != _checksum(course + body):
            return None, {}
        records = {
            record.folder: record
            for record in (_Record(*line.split("\t")) for line in filter(None, body.split("\n")))
        }
    except (OSError, ValueError, TypeError):
        return None, {}
    if stamp != course_stamp:
        return None, records if stamp.split(" ")[:2] == course_stamp.split(" ")[:2] else {}
    return json.loads(course), records


def _keep(cache: Path, course_stamp: str, course: dict[str, Any], records: list[_Record]) -> None:
    known = _json(course)
    body = "\n".join("\t".join(record) for record in records)
    text = f"{course_stamp}\t{known}\t{_checksum(known + body)}\n{body}"
    beside = cache.with_suffix(f".{os.getpid()}")
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_bytes(text.encode())
            beside.replace(cache)
        finally:
            beside.unlink(missing_ok=True)
    except (OSError, ValueError):  # nowhere to keep it, or a path that is no text
        return


def _checksum(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _index(course: dict[str, Any], records: list[_Record]) -> Index:
    heads = iter(json.loads("[" + ",".join(record.head for record in records) + "]"))
    rests = iter(records)

    def entries(lessons: list[Any]) -> Iterator[Entry]:
        for name, requires in lessons:
            id, title, summary, minutes, broken, step_ids = next(heads)
            yield Entry(
                id,
                name,
                Words(*title),
                Words(*summary),
                minutes,
                tuple(requires),
                broken,
                tuple(step_ids),
                next(rests).rest,
            )

    return Index(
        Words(*course["title"]),
        tuple(
            PartEntry(id, Words(*title), tuple(entries(lessons))) for id, title, lessons in course["parts"]
        ),
    )


# Reading the files themselves ------------------------------------------------------------------------------------


def _pair(words: Words) -> list[str]:
    return [words.en, words.zh]


def _read_course(folder: Path) -> dict[str, Any]:
    from tutor.course.load import load_course

    course, _ = load_course(folder)
    return {
        "title": _pair(course.title),
        "parts": [
            [part.id, _pair(part.title), [[lesson.folder, lesson.requires] for lesson in part.lessons]]
            for part in course.parts
        ],
    }


def _read_lesson(folder: Path, name: str, stamp: str) -> _Record:
    from tutor.course.load import ContentError, load_head, read_lesson
    from tutor.course.model import LabStep
    from tutor.course.tree import kind_of

    try:
        lesson, _ = read_lesson(folder, name)
    except ContentError as error:
        id, title = load_head(folder, name)
        problems = [[p.file, p.line, p.column, _pair(p.wrong), _pair(p.write)] for p in error.problems]
        rest = {"steps": [], "labs": [], "problems": problems}
        return _Record(stamp, name, _json([id, _pair(title), ["", ""], 0, True, []]), _json(rest))
    head = [
        lesson.id,
        _pair(lesson.title),
        _pair(lesson.summary),
        lesson.minutes,
        False,
        [step.id for step in lesson.steps],
    ]
    rest = {
        "steps": [
            [step.id, _pair(step.title), kind_of(step), step.lab if isinstance(step, LabStep) else None]
            for step in lesson.steps
        ],
        "labs": [[id, _pair(lab.title)] for id, lab in lesson.labs.items()],
        "problems": [],
    }
    return _Record(stamp, name, _json(head), _json(rest))
