"""Makes the pictures of the README: the real app with the real kernel, driven by keys.

python assets/make.py
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
SIZES = ((80, 24), (120, 40))
os.environ.pop("NO_COLOR", None)
os.environ["COLORTERM"] = "truecolor"

from textual.pilot import Pilot  # noqa: E402

from tutor.course.index import default_folder, load_index  # noqa: E402
from tutor.progress.store import Store  # noqa: E402
from tutor.protocol import Ready  # noqa: E402
from tutor.ui.app import TutorApp  # noqa: E402
from tutor.ui.widgets.lab import LabView  # noqa: E402
from tutor.words import Language  # noqa: E402

PICTURES: dict[str, tuple[tuple[str, str] | None, Sequence[str]]] = {
    "home": (None, ()),
    "text": (("why-initialization", "thirty"), ()),
    "question": (("why-initialization", "mean"), ("8", "enter")),
    "derivation": (("xavier-kaiming", "kaiming"), ("1", "2")),
    "lab": (("why-initialization", "explode"), ("4", "0", "enter")),
}
"""For each picture: the step it begins at, and the keys that lead to it."""


async def picture(name: str, columns: int, rows: int, language: Language, home: Path) -> None:
    """Drive the app to one picture and save it."""
    place, keys = PICTURES[name]
    store = Store.open(home / f"{name}-{columns}-{language}.sqlite3")
    done = {
        "why-initialization": ("need", "rules", "product", "mean", "neuron", "one-layer", "fill", "order")
    }
    for lesson, steps in done.items():
        for step in steps:
            store.seen(lesson, step)
            store.move(lesson, step)
    folder = default_folder()
    app = TutorApp(folder, load_index(folder, home), store, language, False, place)
    async with app.run_test(size=(columns, rows)) as pilot:
        while app.kernel is None:
            await pilot.pause()
        assert isinstance(await app.kernel.settled(), Ready)
        await pilot.pause()
        await pilot.press(*keys)
        await settled(pilot)
        svg = app.export_screenshot(title="tutor")
    store.close()
    # The fonts that Rich names would be fetched from elsewhere; any monospaced font will do.
    svg = re.sub(r"@font-face\s*\{[^}]*\}", "", svg).replace("Fira Code", "monospace")
    (HERE / f"{name}-{columns}x{rows}-{language}.svg").write_text(svg, encoding="utf-8")


async def settled(pilot: Pilot[None]) -> None:
    """Wait until no lab runs any more."""
    await pilot.pause()
    while any(lab.state.running for lab in pilot.app.screen.query(LabView)):
        await asyncio.sleep(0.05)
    await pilot.pause()


async def main() -> None:
    """All pictures, at both sizes, in both languages."""
    with tempfile.TemporaryDirectory() as home:
        for name in PICTURES:
            for columns, rows in SIZES:
                for language in Language:
                    await picture(name, columns, rows, language, Path(home))
                    print(f"{name} {columns}x{rows} {language}")


if __name__ == "__main__":
    asyncio.run(main())
