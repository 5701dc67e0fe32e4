"""The kernel's own life: warming, dying, being started anew, and leaving nothing behind."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tutor.client import Gone, Kernel
from tutor.client import kernel as kernel_module
from tutor.protocol import Crashed, Failed, Finished, Missing, Note, Printed, Ready, Stopped, Value, Warming

LABS = Path(__file__).parent / "labs"


@asynccontextmanager
async def started(**options) -> AsyncIterator[tuple[Kernel, list]]:
    """A kernel that has just been started, and the list that its news go into; closed at the end."""
    news: list = []
    kernel = Kernel(news.append, **options)
    await kernel.start()
    try:
        yield kernel, news
    finally:
        await kernel.close()


def lab_file(name):
    return LABS / f"{name}.py"


async def collected(run):
    async with asyncio.timeout(60):
        return [emission async for emission in run]


async def where(kernel):
    """Pids and folder of a run, by name."""
    return {
        e.name: e.value
        for e in await collected(kernel.run_lab(lab_file("plain"), {}, "where"))
        if isinstance(e, Value)
    }


async def looping(kernel):
    """A run that goes on for ever: what it emits from now on, the pid of its child and its own."""
    emissions = aiter(kernel.run_lab(lab_file("bad"), {}, "leaves_a_child_and_loops"))
    async with asyncio.timeout(30):
        return emissions, (await anext(emissions)).value, (await anext(emissions)).value


async def test_it_tells_how_it_warms_and_a_run_asked_before_waits():
    loop = asyncio.get_running_loop()
    async with started() as (kernel, news):
        run = asyncio.create_task(collected(kernel.run_lab(lab_file("plain"), {"count": 3}, "points")))
        unwanted = kernel.run_lab(lab_file("bad"), {}, "loops")
        never_begun = asyncio.create_task(collected(unwanted))
        loop.call_soon(unwanted.interrupt)
        assert await never_begun == [Stopped()]
        assert isinstance(kernel.state, Warming)
        ready = await kernel.settled()
        assert isinstance(ready, Ready) and ready.torch[0].isdigit() and ready.seconds > 0
        assert isinstance((await run)[-1], Finished)
    assert news == [Warming("torch"), Warming("torch.optim"), ready]


async def test_closing_is_quick_and_leaves_no_process_and_no_folder(gone):
    async with started() as (kernel, _):
        seen = await where(kernel)
        zygote = seen["zygote"]
        emissions, child, run = await looping(kernel)
        begun = time.monotonic()
        await kernel.close()
        assert time.monotonic() - begun < 1
        assert all(gone(pid, within=0.5) for pid in (zygote, child, run))
        assert not os.path.exists(os.path.dirname(seen["folder"]))
        assert isinstance(await anext(emissions), Stopped)
        assert await collected(kernel.run_lab(lab_file("plain"), {}, "where")) == [Stopped()]


async def test_closing_while_it_warms_is_quick():
    async with started() as (kernel, _):
        begun = time.monotonic()
        await kernel.close()
        assert time.monotonic() - begun < 1


async def test_a_killed_zygote_takes_its_runs_along_and_is_replaced(gone):
    async with started() as (kernel, _):
        zygote = (await where(kernel))["zygote"]
        emissions, child, run = await looping(kernel)
        os.kill(zygote, signal.SIGKILL)
        assert [e async for e in emissions] == [Crashed(None)]
        assert gone(child) and gone(run)
        assert (await where(kernel))["zygote"] != zygote


def shim(folder: Path, source: str) -> str:
    """A folder for PYTHONPATH whose `torch` is `source`."""
    (folder / "torch").mkdir()
    (folder / "torch" / "__init__.py").write_text(source)
    return str(folder)


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        (
            "raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')",
            "ModuleNotFoundError",
            "torch",
        ),
        ("raise OSError('libtorch_cpu.so: cannot open shared object file')", "OSError", "libtorch_cpu.so"),
        ("import sys; sys.exit('no')", "SystemExit", "no"),
        ("", "AttributeError", "optim"),
    ],
)
async def test_without_torch_it_stays_and_says_so(tmp_path, monkeypatch, source, kind, words):
    monkeypatch.setenv("PYTHONPATH", shim(tmp_path, source))
    async with started() as (kernel, news):
        state = await kernel.settled()
        assert isinstance(state, Missing) and words in state.reason
        (failed,) = await collected(kernel.run_lab(lab_file("plain"), {}, "where"))
        assert isinstance(failed, Failed) and failed.type == kind and words in failed.message
        assert news[-1] == state


async def test_a_kernel_that_keeps_dying_is_given_up_until_a_run_asks(tmp_path, monkeypatch):
    counter = tmp_path / "starts"
    source = (
        f"open({str(counter)!r}, 'a').write('x'); print('last words', flush=True); import os; os._exit(7)"
    )
    monkeypatch.setenv("PYTHONPATH", shim(tmp_path, source))
    async with started() as (kernel, _):
        state = await kernel.settled()
        assert isinstance(state, Gone)
        for text in (state.reason.en, state.reason.zh):
            assert "7" in text and "last words" in text
        assert len(counter.read_text()) == 1 + kernel_module.RESTARTS
        note, crashed = await collected(kernel.run_lab(lab_file("plain"), {}, "where"))
        assert isinstance(note, Note) and note.zh and crashed == Crashed(None)
        assert len(counter.read_text()) == 2 + kernel_module.RESTARTS


async def test_a_python_that_cannot_be_started_is_told(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    async with started() as (kernel, _):
        assert isinstance(kernel.state, Gone) and "/no/such/python" in kernel.state.reason.zh


async def test_files_in_the_current_folder_shadow_nothing(tmp_path, monkeypatch):
    for name in ("torch", "random", "tutor", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('shadowed')")
    monkeypatch.chdir(tmp_path)
    async with started() as (kernel, _):
        assert isinstance(await kernel.settled(), Ready)


async def test_it_works_where_the_current_folder_is_gone(tmp_path, monkeypatch):
    doomed = tmp_path / "doomed"
    doomed.mkdir()
    monkeypatch.chdir(doomed)
    doomed.rmdir()
    async with started() as (kernel, _):
        assert "pid" in await where(kernel)


async def test_a_run_does_without_a_folder_where_none_can_be_made(monkeypatch):
    def full():
        raise FileNotFoundError("no usable folder")

    monkeypatch.setattr(tempfile, "gettempdir", full)
    async with started() as (kernel, _):
        assert isinstance(
            (await collected(kernel.run_lab(lab_file("plain"), {"count": 1}, "points")))[-1], Finished
        )


# A spare process for each run, as where forking is unsafe -----------------------------------------------------


async def test_a_spare_kernel_does_runs_one_process_each(gone):
    async with started(spare=True) as (kernel, _):
        first = await where(kernel)
        assert gone(first["pid"])
        assert [e async for e in kernel.run_lab(lab_file("bad"), {"status": 3}, "exits")][-1] == Crashed(3)
        ignoring = kernel.run_lab(lab_file("bad"), {}, "ignores_the_interrupt")
        async for emission in ignoring:
            if isinstance(emission, Printed):
                ignoring.interrupt()
        assert ignoring.ending == Stopped(killed=True)
        _held, child, run = await looping(kernel)
        await kernel.close()
        assert gone(child, within=0.5) and gone(run, within=0.5)


# The app, seen from outside -----------------------------------------------------------------------------------

APP = f"""
import asyncio, os, sys
from pathlib import Path
from tutor.client import Kernel

async def main(*runs):
    kernel = Kernel(spare=%s)
    await kernel.start()
    for function, settings in runs:
        async for emission in kernel.run_lab(Path({str(lab_file("bad"))!r}), settings, function):
            if sys.argv[1] == "tell":
                print(emission.value, flush=True)
    await kernel.close()
    assert "torch" not in sys.modules
    print("over", flush=True)
"""


@pytest.mark.parametrize("spare", [False, True])
def test_an_app_killed_at_once_leaves_nothing_running(gone, spare, tmp_path):
    program = APP % spare + "asyncio.run(main(('leaves_a_child_and_loops', {})))"
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", program, "tell"], stdout=subprocess.PIPE, text=True, env=environment
    ) as app:
        assert app.stdout is not None
        pids = [int(app.stdout.readline()) for _ in range(2)]
        parent = int(Path(f"/proc/{pids[1]}/stat").read_text().rpartition(")")[2].split()[1])
        app.kill()
    assert all(gone(pid) for pid in (*pids, *([] if spare else [parent])))
    assert spare or list(tmp_path.glob("tutor-*")) == []


def test_an_app_killed_while_torch_is_imported_leaves_nothing_behind(gone, tmp_path):
    program = textwrap.dedent("""
        import asyncio
        from tutor.client import Kernel

        async def main():
            kernel = Kernel()
            await kernel.start()
            print(kernel._next._process.pid, flush=True)
            await kernel.settled()

        asyncio.run(main())
    """)
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment
    ) as app:
        assert app.stdout is not None
        zygote = int(app.stdout.readline())
        app.kill()
    assert gone(zygote, within=1)
    assert list(tmp_path.glob("tutor-*")) == []


def test_nothing_reaches_the_terminal_but_through_the_app():
    """Warming, warnings of torch, 1 MB of output, binary, control sequences, a segfault: the terminal stays clean."""
    runs = [("prints", {"megabytes": 1}), ("prints_binary", {}), ("segfaults", {})]
    program = APP % False + f"asyncio.run(main(*{runs}))"
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", program, "quiet"])
    written = b""
    try:
        while data := os.read(terminal, 65536):
            written += data
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert (status, written) == (0, b"over\r\n")


def test_ctrl_c_in_the_terminal_reaches_the_app_alone():
    program = APP % False + textwrap.dedent("""
        import signal
        signal.signal(signal.SIGINT, lambda *_: print("interrupted", flush=True))
        async def both():
            kernel = Kernel()
            await kernel.start()
            run = kernel.run_lab(Path(sys.argv[2]), {}, "loops")
            async for emission in run:
                if hasattr(emission, "value"):
                    os.killpg(os.getpgrp(), signal.SIGINT)
                    await kernel.settled()
                    other = kernel.run_lab(Path(sys.argv[3]), {"count": 1}, "points")
                    print([type(e).__name__ async for e in other], flush=True)
                    run.interrupt()
            print(type(run.ending).__name__, flush=True)
            await kernel.close()
        asyncio.run(both())
    """)
    done = subprocess.run(
        [sys.executable, "-c", program, "tell", lab_file("bad"), lab_file("plain")],
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["interrupted", "['Point', 'Finished']", "Stopped"]


async def test_warming_torch_leaves_the_loop_its_breath():
    """The bound is loose, for noisy machines; the benchmark measures the figure itself."""
    loop = asyncio.get_running_loop()
    holds = []

    async def beat():
        while True:
            due = loop.time() + 0.002
            await asyncio.sleep(0.002)
            holds.append(loop.time() - due)

    heart = asyncio.create_task(beat())
    async with started() as (kernel, _):
        await kernel.settled()
    heart.cancel()
    holds.sort()
    assert holds[int(len(holds) * 0.99)] < 0.016
    assert holds[-1] < 0.2
