"""Stepping with the real kernel: what is recorded of torch, where steps lead, what can be asked on the way."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from tests.kernel.tracing import recorded, stepping
from tutor.protocol import Finished
from tutor.protocol.trace import Breakpoint, Go, Looked, Probe
from tutor.stepping.groups import GROUPS, HIDDEN

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALL = "loss = loss_fn(inputs, target)"
CALL_SETUP = """
loss_fn = nn.CrossEntropyLoss()
inputs = torch.tensor([[1., 2.], [1., 3.], [1., 3.]])
target = torch.tensor([0, 1, 1])
"""
STEP_SETUP = """
w = nn.Parameter(torch.ones(2))
w.grad = torch.ones(2)
optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
"""
FACTORIAL = "def f(n):\n    if n < 2:\n        return 1\n    return n * f(n - 1)\na = f(3)\nb = f(1) + f(2)"


def in_order(few: list[str], many: list[str]) -> bool:
    rest = iter(many)
    return all(each in rest for each in few)


async def test_the_classes_entered_are_those_of_the_mro(kernel):
    from torch import nn

    traced = await recorded(kernel, "loss_fn = nn.CrossEntropyLoss()")
    mro = [cls.__name__ for cls in nn.CrossEntropyLoss.__mro__ if "__init__" in vars(cls)][:-1]
    entered = [name.removesuffix(".__init__") for name in traced.entered() if name.endswith(".__init__")]
    assert entered == mro
    assert traced.things[-1].mro == [cls.__name__ for cls in nn.CrossEntropyLoss.__mro__]
    assert isinstance(traced.ending, Finished)


async def test_each_attribute_appears_at_the_line_after_the_one_that_set_it(kernel):
    import torch

    traced = await recorded(kernel, "loss_fn = nn.CrossEntropyLoss()")
    source, first = inspect.getsourcelines(torch.nn.Module.__init__)
    appeared = {}
    before = None
    for event in traced.events:
        if event.what in ("line", "return") and traced.code(event).qualname == "Module.__init__":
            for change in event.changes:
                if change.owner == -1:
                    appeared[change.name] = source[before - first] if before else ""
            before = event.line
    assert len(appeared) >= 15
    for name, line in appeared.items():
        assert name in line, f"{name} appeared after {line}"
    buffers = [change for change in traced.changes("_buffers") if change.owner == -1]
    assert [change.entries for change in buffers] == [[], [("'weight'", "None")]]


async def test_the_border_to_c_is_told_by_name(kernel):
    traced = await recorded(kernel, CALL, CALL_SETUP)
    chain = [
        "Module._wrapped_call_impl",
        "Module._call_impl",
        "CrossEntropyLoss.forward",
        "cross_entropy",
        "get_enum",
    ]
    assert in_order(chain, traced.entered())
    shown = [event.name for event in traced.events if event.what == "c_call" and not event.group]
    assert shown == ["torch._C._nn.cross_entropy_loss"]


async def test_a_step_of_an_optimizer_is_under_a_thousand_events(kernel):
    traced = await recorded(kernel, "optimizer.step()", STEP_SETUP)
    assert 100 < len(traced.events) < 1000
    assert in_order(["SGD.step", "SGD._init_group", "sgd", "_single_tensor_sgd"], traced.entered())
    (state,) = [change.text for change in traced.changes("state")][-1:]
    assert "momentum_buffer" in state


async def test_the_same_code_is_recorded_the_same_each_time(kernel):
    # No layer: `torch.empty` shows what was in memory before, which is another each time.
    snippet = "w = torch.rand(2, 1, requires_grad=True)\ny = (torch.rand(3, 2) @ w).sum()\ny.backward()"
    first, second = [await recorded(kernel, snippet, seed=3) for _ in range(2)]
    assert first.events == second.events and first.frames == second.frames


async def test_steps_lead_where_a_debuggers_do(kernel):
    async with stepping(kernel, FACTORIAL) as run:
        assert (run.paused.why, run.events[-1].line) == ("reached", 1)
        assert (await run.go("over")).line == 5
        called = await run.go("into")
        assert (called.what, run.code(called).qualname) == ("call", "f")
        assert (await run.go("into")).line == 2
        assert (await run.go("over")).line == 4
        await run.go("into")
        assert run.frames[run.events[-1].frame].depth == 2
        out = await run.go("out")
        assert run.frames[out.frame].depth == 1
        out = await run.go("out")
        assert (run.frames[out.frame].depth, out.line) == (0, 6)
        assert await run.go("end") is None
        assert run.ending is not None


async def test_of_several_calls_on_a_line_the_one_meant_is_entered(kernel):
    async with stepping(kernel, FACTORIAL) as run:
        await run.go("to", file="<your code>", line=6)
        line = FACTORIAL.splitlines()[5]
        at = line.index("f(2)")
        entered = await run.go("enter", span=(6, 6, at, at + 4))
        assert entered.what == "call"
        assert (await run.look("n")).text == "2"


async def test_a_call_into_hidden_code_leads_to_the_first_thing_that_is_shown(kernel):
    async with stepping(kernel, "optimizer.step()", STEP_SETUP, go=Go("into", hidden=sorted(HIDDEN))) as run:
        entered = await run.go("into", hidden=sorted(HIDDEN))
        assert run.code(entered).qualname == "SGD.step"
        between = run.frames[run.frames[entered.frame].parent]
        assert run.codes[between.code].group == "wrappers"


@pytest.mark.parametrize(
    "breakpoint, reached",
    [
        (Breakpoint("line", file="<your code>", line=3), "return 1"),
        (Breakpoint("line", file="<your code>", line=2, condition="n == 1"), "n 1"),
        (Breakpoint("function", "f"), "call"),
        (Breakpoint("exception"), "exception"),
    ],
)
async def test_breakpoints_stop_a_run(kernel, breakpoint, reached):
    async with stepping(kernel, FACTORIAL + "\n1 / 0") as run:
        stopped = await run.go("on", breakpoints=[breakpoint])
        assert run.paused.why == "breakpoint"
        if reached == "return 1":
            assert stopped.line == 3 and len([e for e in run.events if e.what == "call"]) == 4
        elif reached == "n 1":
            assert (await run.look("n")).text == "1"
        else:
            assert stopped.what == reached


async def test_breakpoints_on_a_class_and_on_an_attribute(kernel):
    async with stepping(kernel, "loss_fn = nn.CrossEntropyLoss(reduction='sum')") as run:
        stopped = await run.go("on", breakpoints=[Breakpoint("class", "_Loss")])
        assert run.code(stopped).qualname == "_Loss.__init__"
        stopped = await run.go("on", breakpoints=[Breakpoint("attribute", "CrossEntropyLoss.reduction")])
        assert [change.text for change in stopped.changes if change.name == "reduction"] == ["'sum'"]


async def test_what_is_evaluated_is_live_and_leaves_no_trace(kernel):
    async with stepping(kernel, "a = [1]\nb = a\nprint(a)") as run:
        await run.go("over")
        await run.go("over")
        assert await run.look("a.append(2) or a") == Looked(run.events[-1].at, "[1, 2]")
        assert (await run.look("a")).text == "[1]"
        assert (await run.look("print('x') or 5")).printed == "x\n"
        assert (await run.look("a[7]")).error
        assert (await run.look("[x for x in a if b]")).text == "[1]"
        assert "TimeoutError" in (await run.look("exec('while True: pass')")).text
        assert (await run.look("__import__('os')._exit(3)")).error
        await run.go("end")
        assert run.printed == "[1]\n" and isinstance(run.ending, Finished)


async def test_the_past_is_asked_by_running_again_up_to_there(kernel):
    snippet = "x = torch.rand(2)\nfor i in range(3):\n    x = x * 2\nname = input()\nprint(name)"
    async with stepping(kernel, snippet, seed=5) as run:
        while run.paused is not None and run.paused.why != "asks":
            await run.go("into")
        await run.type("Ann")
        await run.go("end")
    lines = [event for event in run.events if event.what == "line"]
    second = [event for event in lines if event.line == 3][1]
    replay = await recorded(kernel, snippet, seed=5, probe=Probe(second.at, second.frame, "i, x"))
    first = await recorded(kernel, snippet, seed=5, probe=Probe(lines[1].at, 0, "x * 2"))
    assert replay.looked[0].text == f"(1, {first.looked[0].text})"
    end = await recorded(kernel, snippet, seed=5, probe=Probe(run.events[-1].at, 0, "name"), typed=["Ann"])
    assert end.looked[0].text == "'Ann'" and not end.events


async def test_where_a_condition_was_true_is_found_in_the_past(kernel):
    breakpoint = Breakpoint("line", file="<your code>", line=2, condition="n < 3")
    traced = await recorded(kernel, FACTORIAL)
    found = await recorded(kernel, FACTORIAL, probe=Probe(traced.events[-1].at, breakpoint=breakpoint))
    lines = [event.at for event in traced.events if event.what == "line" and event.line == 2]
    assert len(found.looked) == 5 and {looked.at for looked in found.looked} < set(lines)


async def test_groups_have_names_and_no_other_is_told(kernel):
    traced = await recorded(kernel, "optimizer.step()", STEP_SETUP)
    groups = {code.group for code in traced.codes.values()} | {event.group for event in traced.events}
    assert groups - {""} <= set(GROUPS) and {"wrappers", "plumbing", "builtins", "checks"} <= groups


async def test_leaving_a_run_that_waits_ends_it(kernel, gone):
    async with stepping(kernel, "import os\npid = os.getpid()\nx = 1") as run:
        await run.go("over")
        await run.go("over")
        pid = int((await run.look("pid")).text)
        # What is evaluated runs in a fork: the number is that of the run itself.
    await asyncio.sleep(0)
    assert gone(pid)
