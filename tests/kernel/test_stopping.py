"""Stopping a run: at once if it listens, after two seconds if not, and with everything it has started."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from tutor.protocol import Finished, Point, Printed, Stopped, Value

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def stopped_after_its_first_word(run, word=Value | Point):
    """Interrupt the run at its first `word`: seconds until it was over, what it said, how it ended."""
    emissions, asked = [], 0.0
    async with asyncio.timeout(30):
        async for emission in run:
            if not asked and isinstance(emission, word):
                asked = time.monotonic()
                run.interrupt()
            emissions.append(emission)
    return time.monotonic() - asked, emissions[:-1], emissions[-1]


async def test_an_endless_loop_stops_within_a_tenth_of_a_second(kernel, lab, gone):
    times = []
    for _ in range(5):
        seconds, (pid,), ending = await stopped_after_its_first_word(lab(kernel, "bad:loops"))
        assert ending == Stopped(killed=False)
        assert gone(pid.value, within=0)
        times.append(seconds)
    assert min(times) < 0.1


async def test_an_endless_stream_of_points_stops_with_the_points_so_far(kernel, lab):
    seconds, points, ending = await stopped_after_its_first_word(lab(kernel, "bad:yields_for_ever"))
    assert ending == Stopped(killed=False)
    assert [p.x for p in points] == list(range(len(points)))
    assert seconds < 1


async def test_a_run_that_ignores_the_interrupt_is_killed_after_two_seconds(kernel, lab, gone):
    run = lab(kernel, "bad:ignores_the_interrupt")
    seconds, words, ending = await stopped_after_its_first_word(run, Printed)
    (pid,) = (word for word in words if isinstance(word, Value))
    assert ending == Stopped(killed=True)
    assert 1.9 < seconds < 3
    assert gone(pid.value, within=0)


async def test_a_child_of_a_stopped_run_is_stopped_too(kernel, lab, gone):
    _, words, ending = await stopped_after_its_first_word(lab(kernel, "bad:leaves_a_child_and_loops"))
    assert ending == Stopped(killed=False)
    assert gone(words[0].value)


async def test_interrupting_a_run_before_it_begins_keeps_it_from_beginning(kernel, lab):
    run = lab(kernel, "bad:loops")
    run.interrupt()
    assert [emission async for emission in run] == [Stopped()]


async def test_interrupting_a_run_that_is_over_does_nothing(kernel, lab):
    run = lab(kernel, "plain:points", count=1)
    assert isinstance([emission async for emission in run][-1], Finished)
    run.interrupt()
    assert isinstance(run.ending, Finished)


async def test_stopping_one_run_leaves_another_alone(kernel, lab):
    other = asyncio.create_task(anext(aiter(lab(kernel, "plain:where"))))
    _, _, ending = await stopped_after_its_first_word(lab(kernel, "bad:loops"))
    assert ending == Stopped()
    assert isinstance(await other, Value)


@pytest.mark.parametrize("name", ["bad:loops", "bad:ignores_the_interrupt"])
async def test_cancelling_who_listens_stops_the_run(kernel, lab, gone, name):
    heard = asyncio.get_running_loop().create_future()

    async def listen():
        async for emission in lab(kernel, name):
            if isinstance(emission, Value):
                heard.set_result(emission.value)

    listener = asyncio.create_task(listen())
    pid = await heard
    listener.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listener
    assert await asyncio.to_thread(gone, pid)


async def test_leaving_the_iteration_stops_the_run(kernel, lab, gone):
    batches = lab(kernel, "bad:loops").batches()
    (pid,) = await anext(batches)
    await batches.aclose()
    assert await asyncio.to_thread(gone, pid.value)


async def test_a_slow_listener_holds_the_run_back_and_not_the_memory(kernel, lab):
    """A run that yields for ever waits when nobody takes what it says."""
    run = lab(kernel, "bad:yields_for_ever")
    batches = run.batches()
    await anext(batches)
    before = len(os.listdir("/proc/self/fd"))
    held = [await anext(batches) for _ in range(3)]
    assert sum(map(len, held)) < 10_000
    assert all(isinstance(e, Point) for batch in held for e in batch)
    await batches.aclose()
    assert len(os.listdir("/proc/self/fd")) == before - 2
