"""Measures the atlas beside a Textual DataTable of as many rows, in the same app and run, and prints ratios.

    python tests/bench/atlas.py [--rounds N]

CPU seconds of this process, so that what else the machine does counts less.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import DataTable, Input

from tutor.course.index import default_folder, find_lab, load_index
from tutor.course.losses import load_atlas
from tutor.progress.store import Store
from tutor.protocol import Ready
from tutor.ui.app import TutorApp
from tutor.ui.screens.atlas import LAB, AtlasPage

ATLAS = load_atlas(default_folder())
assert ATLAS is not None
ROWS = [
    (name, loss.formula, loss.input, loss.target, loss.range, loss.use.en)
    for name, loss in ATLAS.losses.items()
]


class Plain(Screen[None]):
    """What a learner of Textual would write: a field, and a table that is filled anew for what is typed."""

    def compose(self) -> ComposeResult:
        yield Input()
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        self.query_one(DataTable).add_columns("loss", "formula", "input", "target", "range", "use")
        self.fill("")
        self.query_one(Input).focus()

    def fill(self, typed: str) -> None:
        table = self.query_one(DataTable)
        table.clear()
        table.add_rows([row for row in ROWS if typed in " ".join(row).lower()])

    def on_input_changed(self, event: Input.Changed) -> None:
        self.fill(event.value)


async def measure(rounds: int) -> None:
    """Open each, type into each, close it; the medians and what the atlas costs of a table."""
    spent: defaultdict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "progress.sqlite3")
        store.set("welcomed", "yes")
        app = TutorApp(default_folder(), load_index(default_folder(), Path(folder)), store)
        async with app.run_test(size=(80, 24)) as pilot:
            while app.kernel is None or not isinstance(app.kernel.state, Ready):
                await pilot.pause(0.05)

            async def timed(what: str, act: Callable[[], object]) -> None:
                begun = time.process_time()
                done = act()
                if isinstance(done, Awaitable):
                    await done
                await settled(pilot)
                spent[what].append(time.process_time() - begun)

            for _ in range(rounds + 1):
                for name in ("tree", "table", "DataTable"):
                    opening = (lambda: app.push_screen(Plain())) if name == "DataTable" else app.open_atlas
                    await timed(f"open {name}", opening)
                    if isinstance(page := app.screen, AtlasPage):
                        if name == "table":
                            page.action_switch_view()
                        await pilot.press("/")
                        await settled(pilot)
                    for letter in "logits":
                        await timed(f"type into {name}", lambda letter=letter: pilot.press(letter))
                    app.go_home()
                    await settled(pilot)
                if find_lab(app.index, LAB) is not None:
                    await timed("open the bench", lambda: app.open_lab(LAB, {LAB: "MSELoss"}))
                    app.go_home()
                    await settled(pilot)
        store.close()
    middle = {what: statistics.median(each[1:]) for what, each in spent.items()}
    for what, seconds in middle.items():
        kind = "type into" if what.startswith("type") else "open"
        print(f"{what:20} {seconds * 1000:6.1f} ms   {seconds / middle[f'{kind} DataTable']:.2f} x")


async def settled(pilot: Pilot[None]) -> None:
    """All that was brought about is painted."""
    await pilot.pause()
    await pilot.pause()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    asyncio.run(measure(parser.parse_args().rounds))
