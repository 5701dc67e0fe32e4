"""Makes the pictures of the README: the real app with the real kernel, driven by keys.

python assets/make.py [NAME]...
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

HERE = Path(__file__).parent
SIZES = ((80, 24), (120, 40))
os.environ.pop("NO_COLOR", None)
os.environ["COLORTERM"] = "truecolor"

import record  # noqa: E402
from textual.pilot import Pilot  # noqa: E402

from tutor.course.index import default_folder, load_index  # noqa: E402
from tutor.progress.store import Store  # noqa: E402
from tutor.protocol import Ready  # noqa: E402
from tutor.ui import svg  # noqa: E402
from tutor.ui.app import TutorApp  # noqa: E402
from tutor.ui.screens.stepper import StepperPage  # noqa: E402
from tutor.ui.widgets.lab import LabView  # noqa: E402
from tutor.words import Language  # noqa: E402

PICTURES: dict[str, tuple[tuple[str, str] | None, Sequence[str]]] = {
    "home": (None, ()),
    "text": (("why-initialization", "thirty"), ()),
    "question": (("why-initialization", "mean"), ("8", "enter")),
    "derivation": (("xavier-kaiming", "kaiming"), ("1", "2")),
    "lab": (("why-initialization", "explode"), ("4", "0", "enter")),
    "stepper": (("loss-is-a-module", "construct"), ("enter", *"ss" * 6, *"nnnn", "2")),
}
"""For each picture: the step it begins at, and the keys that lead to it."""
RECORDING = "stepping"
DONE = {"why-initialization": ("need", "rules", "product", "mean", "neuron", "one-layer", "fill", "order")}


@asynccontextmanager
async def opened(
    size: tuple[int, int], language: Language, place: tuple[str, str] | None = None
) -> AsyncIterator[tuple[TutorApp, Pilot[None]]]:
    """The app of a learner who has come some way, torch ready."""
    with tempfile.TemporaryDirectory() as name:
        home, folder = Path(name), default_folder()
        store = Store.open(home / "progress.sqlite3")
        for lesson, steps in DONE.items():
            for step in steps:
                store.seen(lesson, step)
                store.move(lesson, step)
        app = TutorApp(folder, load_index(folder, home), store, language, False, place)
        async with app.run_test(size=size) as pilot:
            while app.kernel is None:
                await pilot.pause()
            assert isinstance(await app.kernel.settled(), Ready)
            await pilot.pause()
            yield app, pilot
        store.close()


async def picture(name: str, size: tuple[int, int], language: Language) -> str:
    """Drive the app to one picture."""
    place, keys = PICTURES[name]
    async with opened(size, language, place) as (app, pilot):
        for key in keys:
            await pilot.press(key)
            await settled(pilot)
        return svg.now(app)


async def settled(pilot: Pilot[None]) -> None:
    """Wait until nothing runs any more."""
    await pilot.pause()
    page = pilot.app.screen
    if isinstance(page, StepperPage):
        await record.settled(page, pilot)
    while any(lab.state.running for lab in pilot.app.screen.query(LabView)):
        await asyncio.sleep(0.05)
    await pilot.pause()


async def main(names: Sequence[str]) -> None:
    """The pictures with these names, all if there are none: at both sizes, in both languages."""
    for language in Language:
        for name in PICTURES:
            for size in SIZES if name in names or not names else ():
                file = f"{name}-{size[0]}x{size[1]}-{language}.svg"
                (HERE / file).write_text(await picture(name, size, language), encoding="utf-8")
                print(file)
        if RECORDING in names or not names:
            async with opened(record.SIZE, language) as (app, pilot):
                file = f"{RECORDING}.svg" if language is Language.EN else f"{RECORDING}-{language}.svg"
                (HERE / file).write_text(await record.record(app, pilot), encoding="utf-8")
                print(file)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
