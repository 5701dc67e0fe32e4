"""What a folder of lessons from elsewhere would run on this machine, so that its owner is asked once a version."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

SUFFIXES = (".py", ".pyc", ".so", ".pyd", ".pth")
"""What Python would import from beside a lab."""


class Trust(NamedTuple):
    """The Python files of a folder, by their paths in it, and a digest of all their paths and contents."""

    files: tuple[str, ...]
    digest: str


def trust_of(folder: Path) -> Trust:
    """What would be agreed to. A file that cannot be read counts by its name, so that mending it asks anew."""
    # Links are followed where Python would follow them: to a file, and into a lesson's folder, never in a circle.
    seen: set[str] = set()
    found: list[str] = []
    for where, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(where)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        found += [os.path.join(where, file) for file in files if file.endswith(SUFFIXES)]
    digest = hashlib.sha256()
    names = sorted(Path(file).relative_to(folder).as_posix() for file in found)
    for name in names:
        digest.update(os.fsencode(name) + b"\0")
        try:
            content = (folder / name).read_bytes()
        except OSError:
            content = b"?"
        digest.update(len(content).to_bytes(8, "big") + content)
    return Trust(tuple(names), digest.hexdigest())
