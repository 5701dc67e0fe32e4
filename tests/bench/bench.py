"""Measures what a learner waits for, side by side with something known in the same run, and prints ratios.

    python tests/bench/bench.py [--pairs N]

These machines are noisy: only ratios of interleaved pairs are printed as results, with their median.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from terminal import Terminal  # noqa: E402
from tutor.client import Kernel  # noqa: E402
from tutor.course.index import default_folder  # noqa: E402
from tutor.places import progress_file  # noqa: E402
from tutor.progress.store import Store  # noqa: E402
from tutor.protocol import Finished  # noqa: E402
from tutor.protocol.trace import Go  # noqa: E402

HELLO = [sys.executable, str(HERE / "hello.py")]
TUTOR = [sys.executable, "-m", "tutor", "--lang", "en"]


def environment(home: Path) -> dict[str, str]:
    """An environment whose progress and caches live in `home`, past the welcome screen."""
    env = dict(os.environ)
    env.pop("COLUMNS", None)
    for name in ("DATA", "CACHE", "STATE"):
        env[f"XDG_{name}_HOME"] = str(home / name.lower())
    os.environ.update({k: v for k, v in env.items() if k.startswith("XDG_")})
    store = Store.open(progress_file())
    store.move("why-initialization", "")
    store.set("welcomed", "yes")
    store.close()
    return env


def first_paint(argv: list[str], text: str, env: Mapping[str, str]) -> float:
    """Seconds from the start of `argv` until `text` is on the screen."""
    with Terminal(argv, env=env) as terminal:
        return terminal.wait_for(text)


def pairs(count: int, one: Callable[[], float], other: Callable[[], float]) -> tuple[float, float, float]:
    """Medians of both and of the ratio one / other, in alternating order, after one warm-up of each."""
    one(), other()
    ones, others = [], []
    for i in range(count):
        if i % 2:
            others.append(other())
            ones.append(one())
        else:
            ones.append(one())
            others.append(other())
    ratio = statistics.median(a / b for a, b in zip(ones, others, strict=True))
    return statistics.median(ones), statistics.median(others), ratio


def many_lessons(count: int, folder: Path) -> Path:
    """A course of `count` lessons, each a copy of the first one under another id."""
    source = default_folder() / "01_why_initialization"
    text, chinese = ((source / name).read_text("utf-8") for name in ("lesson.yaml", "zh.yaml"))
    entries = []
    for i in range(count):
        lesson = folder / f"{i:04}_copy"
        lesson.mkdir(parents=True)
        (lesson / "lesson.yaml").write_text(
            text.replace("id: why-initialization", f"id: why-{i}", 1).replace("activation_std", f"lab_{i}"),
            "utf-8",
        )
        (lesson / "zh.yaml").write_text(chinese.replace("activation_std", f"lab_{i}"), "utf-8")
        entries.append(f"      - folder: {lesson.name}")
    (folder / "course.yaml").write_text(
        "format: 1\ntitle: {en: Many, zh: 很多}\nparts:\n  - id: all\n    title: {en: All, zh: 全部}\n    lessons:\n"
        + "\n".join(entries)
        + "\n",
        "utf-8",
    )
    return folder


def memory(pid: int) -> int:
    """Resident bytes of one process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


_BARE = """
import importlib.util, os, sys, time, warnings
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"
warnings.simplefilter("ignore")
import torch, torch._dynamo, tutor.lesson
spec = importlib.util.spec_from_file_location("lab", sys.argv[1])
settings = dict(init="normal", std=1.0, bound=1.0, value=0.1, gain=1.0, activation="none", layers=100, width=256,
                batch=16, seed=1, layer=10)
for _ in sys.stdin:
    if os.fork() == 0:
        begun = time.perf_counter()
        lab = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(lab)
        for _ in lab.run(**settings):
            pass
        print(time.perf_counter() - begun, flush=True)
        os._exit(0)
    os.wait()
"""
"""The lab's own loop and nothing else, for each line of input in a process that has done nothing with torch yet:
what a run's first tensors cost there, they cost here."""


async def lab_through_kernel(count: int) -> tuple[float, float, float, float]:
    """Medians over `count` rounds: the lab through the kernel and drawn, its bare loop, the empty run; the ratio."""
    from tutor import labrun, labwords
    from tutor.course.index import find_lab, load_index
    from tutor.course.load import load_lab
    from tutor.course.settings import settle
    from tutor.words import Language

    folder = default_folder()
    with tempfile.TemporaryDirectory() as cache:
        entry = find_lab(load_index(folder, Path(cache)), "activation_std")
    assert entry
    lab = load_lab(folder, entry)
    file, settings = folder / entry.folder / lab.run, settle(lab, {}, {})
    nothing = HERE / "nothing.py"
    bare = subprocess.Popen(
        [sys.executable, "-c", _BARE, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert bare.stdin and bare.stdout
    kernel = Kernel()
    await kernel.start()
    await kernel.settled()
    streamed, bares, empty = [], [], []
    try:
        for _ in range(count + 1):
            bare.stdin.write("\n")
            bares.append(float(bare.stdout.readline()))
            begun = time.perf_counter()
            record = labrun.LabRun(settings)
            async for batch in kernel.run_lab(file, settings).batches():
                for emission in batch:
                    record.take(emission)
            labwords.report(record, lab, Language.EN)
            streamed.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            async for _ in kernel.run_lab(nothing, {}).batches():
                pass
            empty.append(time.perf_counter() - begun)
    finally:
        await kernel.close()
        bare.communicate()
    ratio = statistics.median((s - e) / b for s, b, e in list(zip(streamed, bares, empty, strict=True))[1:])
    return statistics.median(streamed), statistics.median(bares), statistics.median(empty), ratio


async def longest_hold(with_kernel: bool) -> float:
    """The longest gap, in seconds, between ticks of an event loop that only ticks, while torch warms or not."""
    kernel = Kernel()
    warming = asyncio.create_task(kernel.start()) if with_kernel else None
    longest, last, deadline = 0.0, time.perf_counter(), time.perf_counter() + 4
    while time.perf_counter() < deadline:
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    if warming:
        await warming
        await kernel.close()
    return longest


async def step_drawn(keys: int, home: Path) -> tuple[float, float, float]:
    """Median processor seconds of a step through torch, and of a cursor move in Textual's list; the ratio."""
    from textual.app import App, ComposeResult
    from textual.widgets import OptionList

    from tutor.course.index import load_index
    from tutor.stepping.recording import Recording
    from tutor.stepping.source import Sources
    from tutor.ui.app import TutorApp
    from tutor.ui.screens.stepper import StepperPage
    from tutor.ui.stepper.walk import opened

    class Listed(App[None]):
        def compose(self) -> ComposeResult:
            yield OptionList(
                *(f"{i:4}  self.attribute_{i} = something(of, this, length)" for i in range(200))
            )

    class NoKernel(Kernel):
        async def start(self) -> None:
            pass

    kernel, recording = Kernel(), Recording("nn.CrossEntropyLoss()(torch.zeros(1, 2), torch.tensor([0]))")
    await kernel.start()
    async for told in kernel.trace(recording.snippet, go=Go("end")):
        recording.take(told)
    await kernel.close()

    async def cost(app: App[None], pressed: list[str], begin: Callable[[], object]) -> list[float]:
        spent = []
        async with app.run_test() as pilot:
            begin()
            await pilot.pause()
            for key in pressed:
                begun = time.process_time()
                await pilot.press(key)
                spent.append(time.process_time() - begun)
        return spent

    store = Store.open(home / "steps.sqlite3")
    store.set("welcomed", "yes")
    folder = default_folder()
    tutor = TutorApp(folder, load_index(folder, home), store, kernel_factory=NoKernel)
    walk = opened(recording, Sources(recording.snippet))
    steps = await cost(tutor, ["s"] * keys + ["b"] * keys, lambda: tutor.push_screen(StepperPage(walk)))
    moves = await cost(Listed(), ["down"] * 2 * keys, lambda: None)
    step, move = statistics.median(steps), statistics.median(moves)
    return step, move, step / move


async def recording_costs(count: int) -> float:
    """Median seconds that recording `nn.CrossEntropyLoss()(x, y)` takes over recording `pass`, in pairs."""
    kernel = Kernel()
    await kernel.start()

    async def seconds(snippet: str) -> float:
        run = kernel.trace(snippet, "x, y = torch.zeros(1, 2), torch.tensor([0])", go=Go("end"))
        async for _ in run:
            pass
        assert isinstance(run.ending, Finished), run.ending
        return run.ending.seconds

    over = [await seconds("nn.CrossEntropyLoss()(x, y)") - await seconds("pass") for _ in range(count)]
    await kernel.close()
    return statistics.median(over)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pairs", type=int, default=10)
    count: int = arguments.parse_args().pairs
    home = Path(tempfile.mkdtemp())
    env = environment(home)
    try:
        one, other, ratio = pairs(
            count,
            lambda: first_paint(TUTOR, "Why initialization matters", env),
            lambda: first_paint(HELLO, "Hello", env),
        )
        print(
            f"first paint     tutor {one * 1e3:6.0f} ms   small app {other * 1e3:6.0f} ms   ratio {ratio:.2f} (1.25)"
        )
        many, few = many_lessons(1000, home / "many"), many_lessons(10, home / "few")
        one, other, ratio = pairs(
            count,
            lambda: first_paint([*TUTOR, "--lessons", str(many)], "Why initialization matters", env),
            lambda: first_paint([*TUTOR, "--lessons", str(few)], "Why initialization matters", env),
        )
        print(
            f"1,000 lessons   {one * 1e3:6.0f} ms   10 lessons {other * 1e3:6.0f} ms   ratio {ratio:.2f} (1.10)"
        )

        with Terminal(TUTOR, env=env) as tutor, Terminal(HELLO, env=env) as hello:
            tutor.wait_for("ready")
            hello.wait_for("Hello")
            tutor.quiet(0.5)
            ours, theirs = memory(tutor.pid), memory(hello.pid)
            print(
                f"memory          {ours >> 20} MiB   small app {theirs >> 20} MiB   ratio {ours / theirs:.2f} (1.30)"
            )
            before = tutor.written
            tutor.quiet(10, timeout=10)
            print(f"idle 10 s       {tutor.written - before} bytes (0)")
            tutor.send("down")
            print(f"cursor key      {tutor.quiet(0.5)} bytes (2048)")
            tutor.send("down")  # past the homework, to the first lesson
            tutor.quiet(0.5)
            for name, key, text in (("a lesson opens", "enter", "1/24"), ("a new page", "right", "2/24")):
                before = tutor.written
                tutor.send(key)
                tutor.wait_for(text)
                tutor.quiet(0.5)
                print(f"{name:15} {tutor.written - before} bytes (12288)")

        quiet, warming = (asyncio.run(longest_hold(each)) for each in (False, True))
        print(f"loop held       {warming * 1e3:.1f} ms while torch warms   {quiet * 1e3:.1f} ms without (16)")
        step, move, ratio = asyncio.run(step_drawn(40, home))
        print(
            f"a step          {step * 1e3:.1f} ms   a list's cursor {move * 1e3:.1f} ms   ratio {ratio:.2f} (2.00)"
        )
        print(f"a loss recorded {asyncio.run(recording_costs(count)) * 1e3:.1f} ms (10)")
        streamed, bare, empty, ratio = asyncio.run(lab_through_kernel(count))
        print(
            f"activation_std  {streamed * 1e3:.0f} ms through the kernel and drawn   bare loop {bare * 1e3:.0f} ms   "
            f"empty run {empty * 1e3:.0f} ms   ratio without the fork {ratio:.2f} (1.30)"
        )
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
