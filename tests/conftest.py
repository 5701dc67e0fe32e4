"""No test touches the progress of whoever runs it; and which tests share a worker."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# What lands must not depend on luck: there the examples are the same each time, elsewhere always others.
settings.register_profile("landing", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("landing")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file stays in one worker, with its kernel; but each walk of a lesson is long and has a kernel of its own."""
    for item in items:
        alone = item.path.name == "test_walk.py"
        item.add_marker(pytest.mark.xdist_group(item.name if alone else item.path.as_posix()))


@pytest.fixture(autouse=True)
def places(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder under which this test's progress, cache and log are kept, in this process and its children."""
    home = tmp_path_factory.mktemp("home")
    for name in ("DATA", "CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES", "NO_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    return home
