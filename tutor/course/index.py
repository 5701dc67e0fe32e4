"""What the course page shows, without opening a lesson: kept in the cache, renewed lesson by lesson.

With a fresh cache nothing here imports YAML or msgspec, and what the page does not show stays unparsed text.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Set
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
    """"text", "formula", "derivation", "question", "lab", "trace", "summary" or "builder"."""
    lab: str | None = None
    """The lab that a lab step shows."""


class HomeworkStep(NamedTuple):
    """A question, code to step through, a summary or something to build, that belongs to one of the week's tasks."""

    step: str
    task: int
    streak: int
    """How many answers in a row must be right before it is done."""


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
    step_count: int
    homework: tuple[HomeworkStep, ...]
    """In the order of the steps."""
    _rest: bytes
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

    def seen_of(self, seen: Set[str]) -> int:
        """How many of its steps are among those seen; free for a lesson that was never opened."""
        return sum(step.id in seen for step in self.steps) if seen else 0

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


ATLAS = "atlas/losses.yaml"
"""The atlas of the losses, beside the lessons of a course that has one."""


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


CACHE_FORMAT = 2


class _Record(NamedTuple):
    """One lesson's line, its columns in bytes: what is not shown is not even decoded."""

    stamp: bytes
    folder: bytes
    head: bytes
    """JSON of [id, title, summary, minutes, broken, number of steps, homework]."""
    rest: bytes
    """JSON of {"steps": ..., "labs": ..., "problems": ...}."""


def load_index(folder: Path, cache_folder: Path) -> Index:
    """The index of the course in `folder`, from the cache where the files are as they were.

    Only lessons whose files changed are read again; a lesson that cannot be read is in the index as broken. A cache
    that cannot be read or written is done without. Raises `ContentError` if `course.yaml` itself is broken.
    """
    root = os.path.realpath(folder)
    cache = cache_folder / f"index-{zlib.crc32(os.fsencode(root)):08x}.jsonl"
    course_stamp = f"{__version__} {CACHE_FORMAT} {_stamp(os.path.join(root, 'course.yaml'))}{root}".encode(
        errors="backslashreplace"
    )
    course, kept = _cached(cache, course_stamp)
    fresh = course is not None
    if course is None:
        course = _read_course(folder)
    records = []
    for _, _, lessons in course["parts"]:
        for name, _ in lessons:
            stamp = (_stamp(f"{root}/{name}/lesson.yaml") + _stamp(f"{root}/{name}/zh.yaml")).encode()
            record = kept.get(name.encode())
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
    except (OSError, ValueError):
        return "- "
    return f"{found.st_mtime_ns}:{found.st_size} "


def _cached(cache: Path, course_stamp: bytes) -> tuple[dict[str, Any] | None, dict[bytes, _Record]]:
    """The course as it was, None if `course.yaml` or tutor changed since, and what is known of its lessons."""
    try:
        first, _, body = cache.read_bytes().partition(b"\n")
        stamp, course, check = first.split(b"\t")
        if check != _checksum(course, body):
            return None, {}
        lines = [line.split(b"\t") for line in body.split(b"\n")]
        records = {line[1]: _Record(*line) for line in lines if len(line) == len(_Record._fields)}
    except (OSError, ValueError):
        return None, {}
    if stamp != course_stamp:
        return None, records if stamp.split(b" ")[:2] == course_stamp.split(b" ")[:2] else {}
    return json.loads(course), records


def _keep(cache: Path, course_stamp: bytes, course: dict[str, Any], records: list[_Record]) -> None:
    known = _json(course)
    body = b"\n".join(b"\t".join(record) for record in records)
    beside = cache.with_suffix(f".{os.getpid()}")
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_bytes(b"\t".join((course_stamp, known, _checksum(known, body))) + b"\n" + body)
            beside.replace(cache)
        finally:
            beside.unlink(missing_ok=True)
    except OSError:
        return


def _checksum(course: bytes, body: bytes) -> bytes:
    return b"%08x" % zlib.adler32(body, zlib.adler32(course))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _index(course: dict[str, Any], records: list[_Record]) -> Index:
    heads = iter(json.loads(b"[" + b",".join([record.head for record in records]) + b"]"))
    rests = iter(records)

    def entry(name: str, requires: list[str]) -> Entry:
        id, title, summary, minutes, broken, count, marked = next(heads)
        title, summary = Words(*title), Words(*summary)
        homework = tuple([HomeworkStep(*step) for step in marked]) if marked else ()
        return Entry(
            id, name, title, summary, minutes, tuple(requires), broken, count, homework, next(rests).rest
        )

    parts = [
        PartEntry(id, Words(*title), tuple([entry(*lesson) for lesson in lessons]))
        for id, title, lessons in course["parts"]
    ]
    return Index(Words(*course["title"]), tuple(parts))


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


def _read_lesson(folder: Path, name: str, stamp: bytes) -> _Record:
    from tutor.course.load import ContentError, load_head, read_lesson
    from tutor.course.model import BuilderStep, GeneratedQuestion, LabStep, Question, Summary, TraceStep
    from tutor.course.tree import kind_of

    try:
        lesson, _ = read_lesson(folder, name)
    except ContentError as error:
        id, title = load_head(folder, name)
        problems = [[p.file, p.line, p.column, _pair(p.wrong), _pair(p.write)] for p in error.problems]
        rest = {"steps": [], "labs": [], "problems": problems}
        return _Record(stamp, name.encode(), _json([id, _pair(title), ["", ""], 0, True, 0, []]), _json(rest))
    head = [
        lesson.id,
        _pair(lesson.title),
        _pair(lesson.summary),
        lesson.minutes,
        False,
        len(lesson.steps),
        [
            [step.id, step.homework, step.streak if isinstance(step, GeneratedQuestion) else 1]
            for step in lesson.steps
            if isinstance(step, Question | TraceStep | Summary | BuilderStep) and step.homework is not None
        ],
    ]
    rest = {
        "steps": [
            [step.id, _pair(step.title), kind_of(step), step.lab if isinstance(step, LabStep) else None]
            for step in lesson.steps
        ],
        "labs": [[id, _pair(lab.title)] for id, lab in lesson.labs.items()],
        "problems": [],
    }
    return _Record(stamp, name.encode(), _json(head), _json(rest))
