"""The app in a real terminal: what it sends, what it leaves behind, what it imports before the first paint."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tutor.course.index import Index

sys.path.insert(0, str(Path(__file__).parents[1]))
from terminal import Terminal

LAUNCH = """
import sys
from pathlib import Path
from tutor.course.index import load_index
from tutor.progress.store import Store
from tutor.ui.app import TutorApp
from tutor.words import Language

class NoKernel:
    state = "none"
    def __init__(self, on_news): pass
    async def start(self): pass
    async def close(self): pass

here = Path(sys.argv[1])
store = Store.open(here / "progress.sqlite3")
store.set("welcomed", "yes")
app = TutorApp(here / "lessons", load_index(here / "lessons", here / "cache"), store, kernel_factory=NoKernel)
"""
ALTERNATE_SCREEN, VISIBLE_CURSOR = 1049 << 5, 25 << 5
"""Private modes of the terminal, as pyte keeps them."""
RUN = "app.run(); sys.exit(app.return_code or 0)"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")


def _environment(home: Path, **more: str) -> dict[str, str]:
    ours = ("LANG", "LC_ALL", "NO_COLOR", "COLORTERM", "TERM", "XDG_STATE_HOME")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "HOME": str(home), **more}


def _terminal(folder: Path, script: str = RUN, **more: str) -> Terminal:
    return Terminal([sys.executable, "-c", LAUNCH + script, str(folder)], env=_environment(folder, **more))


def _answer(terminal: Terminal, key: str) -> int:
    """Press a key and wait until all that it brings about is there; how many bytes that was."""
    before = terminal.written
    terminal.send(key)
    assert terminal.read(10), f"{key} brings nothing about"
    terminal.quiet()
    return terminal.written - before


@pytest.fixture
def terminal(index: Index, tmp_path: Path) -> Iterator[Terminal]:
    """The app on the small course, home on screen."""
    with _terminal(tmp_path) as terminal:
        terminal.wait_for("Begin", "quit")
        terminal.quiet()
        yield terminal


def test_what_is_sent_stays_within_its_budget(terminal: Terminal) -> None:
    assert terminal.quiet(1) == 0, "an idle screen writes nothing"
    for key in ("down", "down", "up"):
        assert _answer(terminal, key) <= 2_000
    for key in ("?", "escape", "g", "escape", "ctrl+p", "escape", "L", "L"):
        assert _answer(terminal, key) <= 12_000


def test_the_screen_is_as_if_it_had_been_painted_anew(terminal: Terminal) -> None:
    for keys in (["g", "down"], ["L", "escape"], ["down", "/", "第"], ["escape", "?"], ["escape", "L"]):
        for key in keys:
            _answer(terminal, key)
        partly = terminal.screen()
        for size in ((81, 25), (80, 24)):
            # Two sizes in one breath would be none at all to the app, which then has nothing to paint anew.
            terminal.resize(*size)
            assert terminal.read(10), f"{size} brings nothing about"
            terminal.quiet()
        deadline = time.monotonic() + 10
        while terminal.screen() != partly and time.monotonic() < deadline:
            terminal.read(0.2)
        assert terminal.screen() == partly


def test_no_colour_is_sent_where_none_is_wanted(index: Index, tmp_path: Path) -> None:
    with _terminal(tmp_path, NO_COLOR="1") as terminal:
        terminal.wait_for("Begin", "quit")
        terminal.send("down", "/")
        terminal.wait_for("all lessons")
        cells = [cell for row in terminal._emulator.buffer.values() for cell in row.values()]
        assert {(cell.fg, cell.bg) for cell in cells} == {("default", "default")}


@pytest.mark.parametrize("ending", ["q", "SIGTERM", "SIGHUP"])
def test_every_ending_is_a_clean_one(terminal: Terminal, ending: str) -> None:
    if ending == "q":
        terminal.send("q")
    else:
        os.kill(terminal.pid, getattr(signal, ending))
    assert terminal.wait() == 0
    modes = terminal._emulator.mode
    assert ALTERNATE_SCREEN not in modes and VISIBLE_CURSOR in modes, "the terminal is as it was"


def test_an_error_of_our_own_is_a_sentence_and_a_log(index: Index, tmp_path: Path) -> None:
    broken = "import tutor.ui.screens.home as home\nhome.HomePage.action_glossary = lambda page: 1 / 0\n"
    with _terminal(tmp_path, broken + RUN) as terminal:
        terminal.wait_for("Begin", "quit")
        terminal.send("g")
        assert terminal.wait() == 1
        said = " ".join(" ".join(terminal.screen()).split())
    assert "tutor ended because of an error of its own: ZeroDivisionError: division by" in said
    assert "Traceback" not in said
    (log,) = tmp_path.rglob("tutor.log")
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")


def test_nothing_heavy_is_imported_before_the_first_paint(index: Index, tmp_path: Path) -> None:
    tell = """
async def tell(pilot):
    heavy = {"torch", "numpy", "yaml", "msgspec", "plotext", "pygments", "rich.markdown", "tutor.course.load"}
    print("FOUND", sorted(heavy & set(sys.modules)), file=sys.__stdout__)
    await pilot.app.action_quit()
app.run(headless=True, auto_pilot=tell)
"""
    ran = subprocess.run(
        [sys.executable, "-c", LAUNCH + tell, str(tmp_path)],
        env=_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "FOUND []" in ran.stdout, ran.stdout + ran.stderr
