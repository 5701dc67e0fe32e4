"""What a folder of lessons from elsewhere would run on this machine, so that its owner is asked once a version."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

SUFFIXES = (".py", ".pyc", ".so", ".pyd", ".pth")
"""What Python would import from beside a lab."""
_CODE = re.compile(rb"snippet|\\[xuU]")
"""What a lesson's text has in it that brings code to step through; YAML can write the word with escapes, too."""


class Trust(NamedTuple):
    """The files of a folder with Python in them, by their paths in it, and a digest of all their paths and contents."""

    files: tuple[str, ...]
    digest: str


class Settings(Protocol):
    """Where agreements are kept: the learner's store."""

    def setting(self, name: str) -> str | None:
        """What was kept under `name`."""

    def set(self, name: str, value: str) -> None:
        """Keep `value`."""


def is_agreed(trust: Trust, settings: Settings) -> bool:
    """Whether there is nothing to agree to, or the learner agreed to this very version."""
    return not trust.files or settings.setting(f"trusted:{trust.digest}") is not None


def agree(trust: Trust, settings: Settings) -> None:
    """The learner has seen the files and agreed to them as they are."""
    settings.set(f"trusted:{trust.digest}", "yes")


def opened(folder: Path) -> str:
    """The setting that says whether the learner was asked about this folder when it was opened in the app.

    Only then the app may open it without looking: finding the files out costs a course of a thousand lessons its
    quick start, and it is done again before anything is run.
    """
    return f"opened:{folder.resolve()}"


def trust_of(folder: Path) -> Trust:
    """What would be agreed to. A file that cannot be read counts by its name, so that mending it asks anew."""
    digest = hashlib.sha256()
    names = sorted(_importable(folder))
    for name in names:
        digest.update(os.fsencode(name) + b"\0")
        try:
            content = (folder / name).read_bytes()
        except OSError:
            content = b"?"
        digest.update(len(content).to_bytes(8, "big") + content)
    return Trust(tuple(names), digest.hexdigest())


def _importable(folder: Path) -> Iterator[str]:
    """The files that Python could import, and the lessons with code to step through, by their paths in `folder`.

    Links are followed where Python would follow them: to a file, and into a folder, never in a circle.
    """
    root = os.path.realpath(folder)
    entered = {root}
    waiting = [""]
    while waiting:
        below = waiting.pop()
        try:
            entries = list(os.scandir(os.path.join(root, below)))
        except OSError:
            continue
        for entry in entries:
            name = below + entry.name
            if entry.name.endswith(SUFFIXES) or (entry.name == "lesson.yaml" and _brings_code(entry.path)):
                yield name
            elif entry.is_dir():
                # Only a link can lead back to where we were; asking the rest where they are costs a course of
                # a thousand lessons more than reading it.
                link = entry.is_symlink()
                real = os.path.realpath(entry.path) if link else entry.path.rstrip("/")
                if not link or real not in entered:
                    entered.add(real)
                    waiting.append(f"{name}/")


def _brings_code(lesson: str) -> bool:
    try:
        with open(lesson, "rb") as file:
            return _CODE.search(file.read()) is not None
    except OSError:
        return True
