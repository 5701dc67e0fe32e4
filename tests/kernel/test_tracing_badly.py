"""Code that misbehaves while it is stepped through: each costs its own run, and what was recorded is kept."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.kernel.tracing import recorded, stepping
from tutor.protocol import Crashed, Failed, Finished, Stopped
from tutor.protocol.trace import Probe

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_what_does_not_parse_is_not_run(kernel):
    traced = await recorded(kernel, "print('ran')\na = (1", "print('set up')")
    assert isinstance(traced.ending, Failed) and traced.ending.type == "SyntaxError"
    assert not traced.events and not traced.printed


async def test_an_error_in_the_set_up_is_told_with_its_place(kernel):
    traced = await recorded(kernel, "x = 1", "a = 1\nb = a / 0")
    assert traced.ending.type == "ZeroDivisionError" and '"<set-up>", line 2' in traced.ending.trace[0]
    assert not traced.events


async def test_an_exception_is_told_where_it_was_raised_and_on_its_way_out(kernel):
    traced = await recorded(kernel, "def f(x):\n    return 1 / x\nf(0)")
    raised = [event for event in traced.events if event.what == "exception"]
    assert [(traced.code(e).qualname, e.name, e.again) for e in raised] == [
        ("f", "ZeroDivisionError", False),
        ("<module>", "ZeroDivisionError", True),
    ]
    assert traced.ending == Failed("ZeroDivisionError", "division by zero", traced.ending.trace)
    assert not any("kernel" in line for line in traced.ending.trace)


async def test_a_module_without_super_init_is_stepped_through_half_built(kernel):
    snippet = "net = Net()"
    setup = "class Net(nn.Module):\n    def __init__(self):\n        self.fc = nn.Linear(2, 2)"
    traced = await recorded(kernel, snippet, setup)
    assert traced.ending.message == "cannot assign module before Module.__init__() call"
    assert {"Net", "Linear"} <= {thing.mro[0] for thing in traced.things.values()}


async def test_endless_recursion_is_asked_about_once_and_ends_as_in_python(kernel):
    async with stepping(
        kernel, "def f(n):\n    return f(n + 1)\ntry:\n    f(0)\nexcept RecursionError:\n    x = 1"
    ) as run:
        await run.go("end")
        assert run.paused.why == "deep"
        assert await run.go("end") is None
        depth = max(frame.depth for frame in run.frames.values())
        assert 900 < depth < 1001
        assert [change.text for change in run.changes("x")] == ["1"] and isinstance(run.ending, Finished)
        assert not run.remarks


async def test_an_endless_loop_meets_the_cap_and_can_go_on(kernel):
    async with stepping(kernel, "n = 0\nwhile True:\n    n += 1", cap=500) as run:
        stops = [await run.go("end"), await run.go("end")]
        assert run.paused.why == "cap" and [stop.at for stop in stops] == [499, 999]


async def test_code_that_catches_everything_cannot_catch_the_stop(kernel):
    async with stepping(
        kernel, "while True:\n    try:\n        pass\n    except:\n        pass", cap=10**9
    ) as run:
        asked = time.monotonic()
        asyncio.get_running_loop().call_later(0.1, run.run.interrupt)
        await run.go("end")
        assert run.ending == Stopped(killed=False) and time.monotonic() - asked < 2 and run.events


async def test_code_that_ignores_the_interrupt_is_killed_and_the_recording_kept(kernel):
    snippet = (
        "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint('deaf')\ntime.sleep(60)"
    )
    async with stepping(kernel, snippet) as run:
        asyncio.get_running_loop().call_later(0.3, run.run.interrupt)
        await run.go("end")
        assert run.ending == Stopped(killed=True) and run.printed == "deaf\n" and run.events[-1].line == 4


async def test_large_things_are_short_at_once(kernel):
    snippet = (
        "a = list(range(10**6))\nb = torch.zeros(5000, 5000)\nc = b.t()[::2]\nd = 'x' * 10**7\ne = 10**1000"
    )
    traced = await recorded(kernel, snippet)
    texts = {name: traced.changes(name)[0].text for name in "abcde"}
    assert all(len(text) < 200 for text in texts.values())
    assert "1000000" in texts["a"] and "(5000, 5000)" in texts["b"] and "(2500, 5000)" in texts["c"]
    assert traced.ending.seconds < 5


async def test_no_code_of_a_learners_class_is_run_to_show_it(kernel):
    setup = """
class Nosy:
    def __init__(self):
        self.x = 1
    def __repr__(self):
        print('repr'); raise ValueError
    __str__ = __len__ = __bool__ = __eq__ = __hash__ = __iter__ = __repr__
    def __getattr__(self, name):
        print(name); raise AttributeError(name)
    def __getattribute__(self, name):
        print(name); return object.__getattribute__(self, name)
    @property
    def p(self):
        while True: pass
class Listed(list):
    __iter__ = __len__ = __repr__ = Nosy.__repr__
class Failing(Exception):
    def __str__(self):
        while True: pass
"""
    traced = await recorded(kernel, "n = Nosy()\nl = Listed([n])\nd = {1: n}\nraise Failing(n)", setup)
    assert traced.printed == "" and traced.ending == Failed("Failing", "<Nosy>", traced.ending.trace)
    assert [traced.changes(name)[0].text for name in ("n", "l", "d")] == [
        "<Nosy>",
        "Listed([<Nosy>])",
        "{1: <Nosy>}",
    ]


async def test_tensors_that_have_no_values_to_show(kernel):
    snippet = """a = torch.empty(2, device='meta')
b = torch.eye(3).to_sparse()
c = nn.LazyLinear(3).weight
d = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
with torch.inference_mode():
    e = torch.ones(3)
f = torch.ones(2, dtype=torch.complex64)
g = torch.tensor([float('nan'), float('inf')])
h = torch.func.vmap(lambda x: x * 2)(torch.ones(2))
"""
    traced = await recorded(kernel, snippet)
    shown = [[c for c in traced.changes(name) if c.owner == 0][-1].text for name in "abcdefg"]
    for text, part in zip(
        shown, ["meta", "sparse", "uninitialized", "", "[1, 1, 1]", "1+0j", "[nan, inf]"], strict=True
    ):
        assert part in text
    assert isinstance(traced.ending, Finished) and "mistraced" not in traced.remarks


async def test_a_memory_bomb_costs_its_own_run(kernel):
    traced = await recorded(kernel, "a = 1\nb = bytearray(1 << 40)")
    assert traced.ending.type == "MemoryError" and traced.events[-1].line == 2


@pytest.mark.parametrize("snippet, status", [("os._exit(3)", 3), ("ctypes.string_at(0)", -11)])
async def test_of_a_crash_the_last_event_is_known(kernel, snippet, status):
    traced = await recorded(kernel, f"x = 1\n{snippet}", "import os, ctypes")
    assert traced.ending == Crashed(status)
    assert [event.line for event in traced.events if event.what == "line"][:2] == [1, 2]
    assert isinstance((await recorded(kernel, "y = 2")).ending, Finished)


async def test_an_expression_may_end_or_never_end_and_is_answered_all_the_same(kernel):
    async with stepping(kernel, "x = 1\ny = 2") as run:
        await run.go("over")
        for expression in ("__import__('os')._exit(0)", "__import__('os')._exit(1)"):
            assert (await run.look(expression)).text.startswith("SystemExit")
        assert (await run.look("x")).text == "1"
    replay = await recorded(kernel, "x = 1\ny = 2", probe=Probe(2, 0, "any(iter(int, 1))"))
    assert [looked.text for looked in replay.looked] == ["TimeoutError: > 2 s"]


async def test_sys_exit_is_an_ending_like_another(kernel):
    assert (await recorded(kernel, "import sys\nsys.exit(4)")).ending.type == "SystemExit"


async def test_input_asks_and_goes_on_with_what_is_typed(kernel):
    async with stepping(kernel, "name = input('Who? ')\nprint('Hi', name)") as run:
        await run.go("over")
        assert (run.paused.why, run.paused.text) == ("asks", "Who? ")
        await run.type("Bo")
        await run.go("end")
        assert run.printed == "Who? Bo\nHi Bo\n"
        assert "encode" not in run.entered()


async def test_fifty_megabytes_of_output_are_counted(kernel):
    async with stepping(kernel, "print('x' * 10**6)\ny = 1") as run:
        await run.go("over")
        assert run.dropped == 10**6 + 1 - len(run.printed)  # known at the next event, not only at the end
    traced = await recorded(kernel, "for _ in range(50):\n    print('x' * 10**6)")
    assert len(traced.printed) <= 256 << 10
    assert len(traced.printed) + traced.dropped == 50 * (10**6 + 1)


async def test_code_that_sets_a_tracer_of_its_own_is_traced_on(kernel):
    snippet = "import sys\nsys.settrace(None)\na = 1\nsys.setprofile(None)\nb = len([1])\nc = 3"
    traced = await recorded(kernel, snippet)
    assert [event.line for event in traced.events if event.what == "line"] == [1, 2, 3, 4, 5, 6]
    assert traced.remarks == ["settrace"]


async def test_threads_run_and_are_said_not_to_be_followed(kernel):
    snippet = "import threading\nt = threading.Thread(target=print, args=('x',))\nt.start()\nt.join()"
    traced = await recorded(kernel, snippet)
    assert traced.printed == "x\n" and traced.remarks == ["thread"] and isinstance(traced.ending, Finished)


async def test_a_warning_leaves_no_name_that_nobody_wrote(kernel):
    traced = await recorded(kernel, "import warnings\nwarnings.warn('careful')\nx = 1")
    assert "careful" in traced.printed and traced.changes("x") and not traced.changes("__warningregistry__")


async def test_functions_without_a_source_are_recorded_all_the_same(kernel):
    traced = await recorded(kernel, "exec('def g():\\n    return 1')\ny = g()")
    assert "g" in traced.entered() and traced.changes("y")[0].text == "1"


async def test_a_changed_container_and_a_changed_tensor_are_seen(kernel):
    traced = await recorded(
        kernel, "a = [1]\na.append(2)\nt = torch.zeros(2)\nt += 1\nd = {'k': t}\nt += 1\ndel a"
    )
    assert [change.text for change in traced.changes("a")] == ["[1]", "[1, 2]", None]
    assert [change.text.partition("[")[2] for change in traced.changes("d")] == ["1, 1]}", "2, 2]}"]
