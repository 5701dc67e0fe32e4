"""The questions of the lessons, each with its present key: kept in the cache, since reading a lesson takes long."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tutor import __version__

if TYPE_CHECKING:
    from tutor.course.index import Entry

QuestionId = tuple[str, str]
"""Lesson id and step id."""


def keys_of(folder: Path, entries: Iterable[Entry], cache_folder: Path) -> dict[QuestionId, str]:
    """The keys of all questions of the lessons `entries` of the course in `folder`.

    Only lessons whose files changed are read. A lesson that cannot be read has no questions; a cache that
    cannot be read or written is done without.
    """
    root = os.path.realpath(folder)
    cache = cache_folder / f"keys-{zlib.crc32(os.fsencode(root)):08x}.json"
    kept = _kept(cache)
    found: dict[QuestionId, str] = {}
    read: _Kept = {}
    for entry in entries:
        stamp = _stamp(folder / entry.folder)
        known, keys = kept.get(entry.folder, ("", {}))
        if not stamp or known != stamp:
            keys = _read(folder, entry)
            read[entry.folder] = (stamp, keys)
        found |= {(entry.id, step): key for step, key in keys.items()}
    if read:
        _keep(cache, kept | read)
    return found


_Kept = dict[str, tuple[str, dict[str, str]]]
"""By a lesson's folder: the stamp of its files, the key of each question."""


def _stamp(lesson: Path) -> str:
    """The time and size of the file that all keys stand in, and which tutor took them from there."""
    try:
        found = (lesson / "lesson.yaml").stat()
    except OSError:
        return ""
    return f"{__version__} {found.st_mtime_ns}:{found.st_size}"


def _kept(cache: Path) -> _Kept:
    try:
        return {name: (stamp, dict(keys)) for name, (stamp, keys) in json.loads(cache.read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _keep(cache: Path, kept: _Kept) -> None:
    beside = cache.with_suffix(f".{os.getpid()}")
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_text(json.dumps(kept), encoding="utf-8")
            beside.replace(cache)
        finally:
            beside.unlink(missing_ok=True)
    except OSError:
        return


def _read(folder: Path, entry: Entry) -> dict[str, str]:
    from tutor.course.load import ContentError, load_lesson
    from tutor.course.model import Question
    from tutor.practice.key import key_of

    try:
        lesson = load_lesson(folder, entry)
    except ContentError:
        return {}
    return {step.id: key_of(step) for step in lesson.steps if isinstance(step, Question)}
