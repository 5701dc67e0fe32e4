"""A small course of two lessons that every test may spoil: a copy of its own."""

import shutil
from pathlib import Path

import pytest

SMALL_COURSE = Path(__file__).parent.parent / "data" / "course"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return Path(
        shutil.copytree(SMALL_COURSE, tmp_path / "course", ignore=shutil.ignore_patterns("__pycache__"))
    )
