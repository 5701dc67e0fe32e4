"""What a run gives, whether the lab behaves or not; after each the kernel goes on."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from tutor.kernel.confine import landlock_version
from tutor.protocol import (
    Crashed,
    Failed,
    Finished,
    Note,
    Point,
    Printed,
    Progress,
    Raised,
    Table,
    Value,
    number,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

LABS = Path(__file__).parent / "labs"


async def collected(run):
    """Everything the run emits, in order; fails if it takes absurdly long."""
    async with asyncio.timeout(60):
        return [emission async for emission in run]


def values(emissions):
    return {e.name: e.value for e in emissions if isinstance(e, Value)}


def printed(emissions):
    return "".join(e.text for e in emissions if isinstance(e, Printed))


# Labs that behave ------------------------------------------------------------------------------------------


async def test_everything_a_lab_yields_arrives_as_it_was_and_in_order(kernel, lab):
    run = lab(kernel, "plain:everything", name="y", count=300)
    *body, ending = await collected(run)
    assert body[:2] == [Note("hello", "你好"), Progress(1, 2)]
    assert body[2:302] == [Point("y", k, k / 3) for k in range(300)]
    assert body[302:] == [
        Table("rows", ["k", "y"], [[0, [0, "nan"]], [1, [1, "nan"]]]),
        Value("nothing", None),
    ]
    assert isinstance(ending, Finished) and ending.seconds > 0
    assert run.ending is ending


async def test_what_is_yielded_as_a_list_arrives_one_by_one_and_what_is_wrong_in_it_is_said(kernel, lab):
    *body, ending = await collected(lab(kernel, "plain:rounds", count=2000))
    assert len(body) == 6000
    assert body[-3:] == [Point("a", 1999, 1999), Point("b", 1999, -1999), Progress(2000, 2000)]
    assert isinstance(ending, Failed) and "plain.py yields a list: a lab yields Point" in ending.message


async def test_points_keep_their_order_over_many_batches(kernel, lab):
    batches = [batch async for batch in lab(kernel, "plain:points", count=20_000).batches()]
    points = [e.x for batch in batches for e in batch if isinstance(e, Point)]
    assert points == list(range(20_000))
    assert isinstance(batches[-1][-1], Finished)


async def test_nan_and_infinities_arrive(kernel, lab):
    emissions = await collected(lab(kernel, "plain:not_numbers"))
    assert [str(e.y) for e in emissions if isinstance(e, Point)] == ["nan", "inf", "-inf"]
    assert values(emissions)["list"] == [1.0, "nan", ["-inf"]]
    assert number(emissions[4].rows[0][0]) == float("inf")


async def test_a_run_computes_what_plain_torch_computes(kernel, lab):
    program = f"""
import json, sys, torch
torch.set_num_threads(1)
sys.path.insert(0, {str(LABS)!r})
import plain
print(json.dumps({{v.name: v.value for v in plain.network(3)}}))
"""
    plain = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True, cwd="/"
    )
    first = values(await collected(lab(kernel, "plain:network", seed=3)))
    second = values(await collected(lab(kernel, "plain:network", seed=3)))
    assert first == second == json.loads(plain.stdout)


async def test_a_table_of_more_than_a_megabyte_comes_in_one_piece(kernel, lab):
    table, ending = await collected(lab(kernel, "plain:wide", rows=40_000))
    assert len(table.rows) == 40_000 and table.rows[39_999][0] == 39_999
    assert isinstance(ending, Finished)


async def test_a_run_has_a_folder_of_its_own_no_terminal_and_one_thread(kernel, lab):
    seen = values(await collected(lab(kernel, "plain:where")))
    assert seen["written"] == 10 and seen["tty"] == "OSError" and seen["threads"] == 1
    assert not os.path.exists(seen["folder"])
    assert seen["pid"] != seen["zygote"]


@pytest.mark.skipif(landlock_version() == 0, reason="this system offers no Landlock")
async def test_a_run_cannot_write_elsewhere(kernel, lab, tmp_path):
    *_, ending = await collected(lab(kernel, "plain:writes", path=str(tmp_path / "stray")))
    assert isinstance(ending, Failed) and ending.type == "PermissionError"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(landlock_version() == 0, reason="this system offers no Landlock")
async def test_a_run_may_write_to_dev_null(kernel, lab):
    *_, ending = await collected(lab(kernel, "plain:writes", path=os.devnull))
    assert isinstance(ending, Finished)


async def test_reading_stdin_finds_its_end(kernel, lab):
    assert values(await collected(lab(kernel, "plain:reads_stdin"))) == {"read": ""}


async def test_threads_work_and_do_not_hold_up_the_end(kernel, lab):
    value, ending = await collected(lab(kernel, "plain:threads"))
    assert value == Value("sum", 10) and isinstance(ending, Finished)


async def test_runs_go_on_side_by_side(kernel, lab):
    several = [lab(kernel, "plain:everything", name=str(k), count=50) for k in range(4)]
    for k, emissions in enumerate(await asyncio.gather(*map(collected, several))):
        assert {e.series for e in emissions if isinstance(e, Point)} == {str(k)}
        assert isinstance(emissions[-1], Finished)


# Expressions -----------------------------------------------------------------------------------------------


async def test_expressions_are_evaluated_and_their_errors_named(kernel):
    expressions = {
        "border": "2 / 8",
        "loss": "F.cross_entropy(torch.tensor([[1., 2.], [1., 3.], [1., 3.]]), torch.tensor([0, 1, 1]))",
        "vector": "init.calculate_gain('relu') * torch.ones(2)",
        "infinite": "torch.tensor(1e38) * 10",
        "misspelt": "torch.tensr(1)",
        "syntax": "1 +",
        "module": "nn",
        "random": "torch.rand(())",
        "again": "torch.rand(())",
    }
    *answers, ending = await collected(kernel.evaluate(expressions))
    by_name = {answer.name: answer for answer in answers}
    assert list(by_name) == list(expressions) and isinstance(ending, Finished)
    assert by_name["border"] == Value("border", 0.25)
    assert by_name["loss"].value == pytest.approx(0.5224, abs=1e-4)
    assert by_name["vector"].value == pytest.approx([2**0.5] * 2)
    assert number(by_name["infinite"].value) == float("inf")
    assert by_name["random"].value == by_name["again"].value
    for name, kind in {"misspelt": "AttributeError", "syntax": "SyntaxError", "module": "TypeError"}.items():
        assert isinstance(by_name[name], Raised) and by_name[name].type == kind
    assert "tensr" in by_name["misspelt"].message


async def test_more_expressions_than_a_socket_holds_are_all_evaluated(kernel):
    expressions = {f"e{k}": f"{k} + 0 * len('{'x' * 1000}')" for k in range(2000)}
    assert values(await collected(kernel.evaluate(expressions))) == {f"e{k}": k for k in range(2000)}


# Labs that fail --------------------------------------------------------------------------------------------


async def test_an_exception_comes_with_the_lab_s_own_frames_only(kernel, lab):
    point, failed = await collected(lab(kernel, "bad:raises", text="too much"))
    assert point == Point("a", 0, 1)
    assert (failed.type, failed.message) == ("ValueError", "too much")
    frames = [line.strip() for line in failed.trace if line.lstrip().startswith("File ")]
    assert [frame.rpartition(" in ")[2] for frame in frames] == ["raises", "deeper"]
    assert failed.trace[-1] == "ValueError: too much"


async def test_an_exception_of_torch_keeps_its_message(kernel, lab):
    (failed,) = await collected(lab(kernel, "bad:raises_in_torch"))
    assert failed.type == "RuntimeError" and "2x3" in failed.message


async def test_a_very_long_message_is_cut(kernel, lab):
    _, failed = await collected(lab(kernel, "bad:raises", text="long " * 100_000))
    assert failed.type == "ValueError" and len(failed.message) < 10_000
    assert sum(map(len, failed.trace)) < 20_000


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("bad:imports_nothing", "ModuleNotFoundError", ["no_such_module_anywhere"]),
        ("bad:raises_unspeakable", "Unspeakable", ["RuntimeError"]),
        ("bad:sys_exits", "SystemExit", ["4"]),
        ("bad:no_such_function", "AttributeError", ["bad.py", "no_such_function()"]),
        ("no_such_file:run", "FileNotFoundError", ["no_such_file.py"]),
        ("bad:eats_memory", "MemoryError", []),
        ("bad:eats_memory_in_torch", "RuntimeError", ["memory"]),
        ("bad:fills_the_disk", "OSError", ["too large"]),
        ("bad:yields_an_int", "NotAMessage", ["bad.py", "int", "Point"]),
        ("bad:yields_a_tensor", "NotAMessage", ["bad.py", "Point"]),
        ("bad:yields_a_word", "NotAMessage", ["bad.py", "Point"]),
        ("bad:yields_too_much", "NotAMessage", ["bad.py", "8 MiB"]),
        ("bad:yields_nothing", "NotAMessage", ["bad.py", "nothing"]),
    ],
)
async def test_a_failure_says_what_is_wrong(kernel, lab, name, kind, words):
    *_, ending = await collected(lab(kernel, name))
    assert isinstance(ending, Failed), ending
    assert ending.type == kind
    for word in words:
        assert word in ending.message
    assert isinstance((await collected(lab(kernel, "plain:points", count=1)))[-1], Finished)


async def test_a_wrong_setting_is_named(kernel, lab):
    (failed,) = await collected(lab(kernel, "plain:points", cout=3))
    assert failed.type == "TypeError" and "cout" in failed.message


async def test_a_syntax_error_shows_the_line(kernel, tmp_path):
    file = tmp_path / "broken.py"
    file.write_text("def run():\n    yield (1\n")
    (failed,) = await collected(kernel.run_lab(file, {}))
    assert failed.type == "SyntaxError"
    assert any("broken.py" in line and "line 2" in line for line in failed.trace)


async def test_nonsense_on_the_wire_is_told(kernel, lab):
    *_, ending = await collected(lab(kernel, "bad:writes_nonsense_to_every_descriptor"))
    assert isinstance(ending, Failed) and "gibberish" in ending.message


# Labs that die ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "settings", "status"),
    [("bad:exits", {"status": 3}, 3), ("bad:exits", {"status": 0}, 0), ("bad:segfaults", {}, -11)],
)
async def test_a_run_that_dies_costs_only_itself(kernel, lab, name, settings, status):
    emissions = await collected(lab(kernel, name, **settings))
    assert [e for e in emissions if not isinstance(e, Printed)] == [Point("a", 0, 1), Crashed(status)]
    assert isinstance((await collected(lab(kernel, "plain:points", count=1)))[-1], Finished)


async def test_a_segfault_shows_where_it_happened(kernel, lab):
    assert "bad.py" in printed(await collected(lab(kernel, "bad:segfaults")))


async def test_a_run_that_closes_its_descriptors_ends(kernel, lab):
    point, ending = await collected(lab(kernel, "bad:closes_its_descriptors"))
    assert point == Point("a", 0, 1) and isinstance(ending, Crashed)


@pytest.mark.parametrize("name", ["bad:leaves_a_child", "bad:leaves_a_daemon"])
async def test_what_a_run_leaves_running_neither_holds_it_up_nor_stays(kernel, lab, gone, name):
    *emissions, ending = await collected(lab(kernel, name))
    assert isinstance(ending, Finished)
    assert gone(values(emissions)["child"])


async def test_a_lab_that_forks_ends_once(kernel, lab):
    emissions = await collected(lab(kernel, "bad:forks_and_goes_on"))
    assert emissions[0] == Point("a", 0, 1)
    assert [isinstance(e, Finished) for e in emissions].count(True) == 1


# What they print -------------------------------------------------------------------------------------------


async def test_printing_50_mb_costs_no_memory_and_loses_no_result(kernel, lab):
    tracemalloc.start()
    emissions = await collected(lab(kernel, "bad:prints", megabytes=50))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert values(emissions) == {"done": True} and isinstance(emissions[-1], Finished)
    told = [e for e in emissions if isinstance(e, Printed)]
    shown = sum(len(e.text) for e in told)
    assert shown < 512 << 10
    assert shown + sum(e.dropped for e in told) == 50_000_000 + len("the end\n")
    assert told[-1].text.endswith("x\nthe end\n")
    assert peak < 8 << 20


async def test_binary_and_control_sequences_become_harmless_text(kernel, lab):
    text = printed(await collected(lab(kernel, "bad:prints_binary")))
    assert "red" in text and "ok\n" in text and "错误\n" in text
    assert all(c == "\n" or c.isprintable() for c in text)
    assert "[31m" not in text and "title" not in text


async def test_a_flood_of_output_leaves_the_loop_its_breath(kernel, lab):
    """While 20 MB and 20,000 points come in, the loop is never held for long; the bound is for noisy machines."""
    loop = asyncio.get_running_loop()
    holds = []

    async def beat():
        while True:
            before = loop.time()
            await asyncio.sleep(0)
            holds.append(loop.time() - before)

    heart = asyncio.create_task(beat())
    await asyncio.gather(
        collected(lab(kernel, "bad:prints", megabytes=20)),
        collected(lab(kernel, "plain:points", count=20_000)),
    )
    heart.cancel()
    holds.sort()
    assert holds[int(len(holds) * 0.999)] < 0.010
    assert holds[-1] < 0.200
