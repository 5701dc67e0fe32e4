"""What the builder says of any groups, valid or not, is what torch says when it is used directly."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tutor.builder.answer import Answer
from tutor.builder.code import read, written
from tutor.builder.groups import (
    KEYS,
    TORCHS,
    Builder,
    Group,
    Tensor,
    as_added,
    as_listed,
    groups_from,
    named,
    ordered,
)
from tutor.builder.presets import PRESETS
from tutor.builder.told import hand_steps
from tutor.client import Kernel
from tutor.course.index import default_folder
from tutor.sgd import RUNNER

# Torch, used directly -----------------------------------------------------------------------------------------


def direct(builder: Builder) -> tuple[str | None, list[dict[str, Any]], list[list[float]]]:
    """The error, the groups as [name, shape] and settings, and the first elements after every step."""
    tensors = {each.name: torch.ones(each.shape, requires_grad=True) for each in builder.tensors}
    for each in builder.tensors:
        if each.made == "zeros":
            tensors[each.name] = torch.zeros(each.shape, requires_grad=True)

    def given_as(group: Group) -> Any:
        params = [tensors[p] if p in tensors else tensors[named(p)] * 2 for p in group.params]
        if group.kind == "set":
            return set(params)
        if group.kind == "list":
            return params
        generator = (w for w in params)
        if group.kind == "used up":
            list(generator)
        return generator

    optimizer = None
    try:
        params = [given_as(group) for group in builder.groups]
        dicts = [{"params": p, **group.settings} for p, group in zip(params, builder.groups, strict=True)]
        if builder.listed:
            optimizer = torch.optim.SGD(dicts[: builder.listed], **builder.defaults)
        else:
            optimizer = torch.optim.SGD(params[0], **builder.groups[0].settings)
        for group in dicts[max(builder.listed, 1) :]:
            optimizer.add_param_group(group)
    except Exception as error:
        return f"{type(error).__name__}: {error}", told(optimizer, tensors), []
    steps = []
    for gradient in builder.gradients:
        for group in optimizer.param_groups:
            for w in group["params"]:
                w.grad = torch.full_like(w, gradient)
        optimizer.step()
        steps.append([w.flatten()[0].item() for group in optimizer.param_groups for w in group["params"]])
    return None, told(optimizer, tensors), steps


def told(optimizer: torch.optim.Optimizer | None, tensors: dict[str, torch.Tensor]) -> list[dict[str, Any]]:
    names = {id(tensor): name for name, tensor in tensors.items()}
    return [
        {
            key: [(names.get(id(w), "?"), tuple(w.shape)) for w in value] if key == "params" else value
            for key, value in group.items()
        }
        for group in (optimizer.param_groups if optimizer is not None else [])
    ]


# Builders to try ------------------------------------------------------------------------------------------------

NUMBERS = st.sampled_from([0, 1, 0.5, 0.9, 0.01, 1e-3, -0.1, 1.5, 3])
SETTINGS = st.fixed_dictionaries(
    {},
    optional={key: st.booleans() if key in ("nesterov", "maximize") else NUMBERS for key in KEYS},
).map(ordered)
TENSORS = tuple(
    Tensor(f"w{n}", shape, made)
    for n, (shape, made) in enumerate((((2, 2), "ones"), ((3,), "zeros"), ((), "ones"), ((1, 4), "ones")))
)
PARAMS = st.lists(
    st.sampled_from([*(tensor.name for tensor in TENSORS)] * 3 + ["w1 * 2"]), max_size=2, unique=True
).map(tuple)
GROUPS = st.builds(
    Group, PARAMS, SETTINGS, st.just(""), st.sampled_from(["list"] * 6 + ["set", "generator", "used up"])
)


@st.composite
def builders(draw: st.DrawFn) -> Builder:
    groups = draw(st.lists(GROUPS, min_size=1, max_size=4))
    if draw(st.booleans()):  # a tensor for each, so that most are valid
        groups = [replace(g, params=(TENSORS[n].name,), kind="list") for n, g in enumerate(groups)]
    groups = [replace(g, name=f"params{n}") if g.kind == "used up" else g for n, g in enumerate(groups)]
    listed = draw(st.integers(0, len(groups)))
    gradients = draw(st.lists(st.sampled_from([1.0, -2.0, 0.5, 0.0]), max_size=3))
    return Builder(tuple(groups), TENSORS, listed, draw(SETTINGS) if listed else {}, tuple(gradients))


@pytest.fixture(scope="module")
def asked() -> Iterator[Any]:
    """Asks the kernel what torch makes of a builder, or of code."""
    with asyncio.Runner() as runner:

        async def started() -> Kernel:
            kernel = Kernel()
            await kernel.start()
            return kernel

        async def answer(code: str) -> Answer:
            result = Answer(code)
            async for emission in kernel.run_lab(default_folder() / RUNNER, {"code": code}):
                result.take(emission)
            return result

        kernel = runner.run(started())
        yield lambda code: runner.run(answer(code if isinstance(code, str) else written(code)))
        runner.run(kernel.close())


@settings(max_examples=70, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(builder=builders())
def test_the_answer_to_any_groups_is_torchs(asked: Any, builder: Builder) -> None:
    assert read(written(builder)) == builder, "the form loses nothing on its way through the code"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        error, groups, steps = direct(builder)
    answer = asked(builder)
    assert (f"{answer.failed.type}: {answer.failed.message}" if answer.failed else None) == error
    got = [{**group, "params": [tuple(each) for each in group["params"]]} for group in answer.groups]
    assert got == groups
    assert [list(group) for group in got] == [list(group) for group in groups], (
        "in the order of torch's dicts"
    )
    assert [[row.weight for row in step] for step in answer.steps[1:]] == steps
    for index, group in enumerate(answer.groups if not answer.failed else []):
        for key in KEYS:
            where = builder.origin(index, key)
            if where == "torch":
                assert group[key] == TORCHS[key] == answer.defaults[key]
            else:
                source = builder.keywords if where == "constructor" else builder.groups[index].settings
                assert group[key] == source[key]
        for name in {each.name for each in group["params"]}:
            for row, hand in hand_steps(answer, index, name):
                assert row.weight == pytest.approx(hand.weight, rel=1e-5, abs=1e-5)
                assert row.buffer == pytest.approx(hand.buffer, rel=1e-5, abs=1e-5)


VALID = ("added", "listed", "four", "backbone", "no-lr", "negative-added")


@pytest.mark.parametrize("name", VALID)
def test_both_ways_to_build_it_are_the_same_to_torch(asked: Any, name: str) -> None:
    builder = PRESETS[name].builder
    answers = [asked(way(builder)) for way in (as_added, as_listed)]
    kept = [[{key: g[key] for key in ("params", *KEYS)} for g in a.groups] for a in answers]
    assert kept[0] == kept[1] != []


def test_what_a_script_does_that_the_form_cannot_show_is_answered_all_the_same(asked: Any) -> None:
    builder = groups_from([{"lr": 0.1}])
    code = written(builder) + 'optimizer.param_groups[0]["lr"] = torch.tensor(0.5)\n1 / 0\n'
    result = asked(code)
    assert result.groups[0]["lr"] == 0.5
    assert result.failed is not None
    assert result.failed.type == "ZeroDivisionError"
    assert code.splitlines()[result.line - 1] == "1 / 0"


def test_steps_on_sparse_gradients_are_told_too(asked: Any) -> None:
    code = """
import torch
embedding = torch.nn.Embedding(5, 2, sparse=True)
w = embedding.weight
with torch.no_grad():
    w.fill_(1)
optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
for row in (0, 3):
    optimizer.zero_grad()
    embedding(torch.tensor([row])).sum().backward()
    optimizer.step()
"""
    result = asked(code)
    assert result.failed is None
    rows = [step[0] for step in result.steps]
    assert [row.gradient for row in rows] == [1.0, 1.0, 0.0]
    assert [row.weight for row in rows] == [1.0, pytest.approx(0.9), pytest.approx(0.81)]


@pytest.mark.parametrize("odd", ["dtype=torch.complex64", 'device="meta"'])
def test_tensors_without_real_numbers_in_them_are_no_mistake_of_the_learners(asked: Any, odd: str) -> None:
    result = asked(
        f"import torch\nw = torch.ones(2, {odd}, requires_grad=True)\n"
        "optimizer = torch.optim.SGD([w], lr=0.1)\nw.grad = torch.ones_like(w)\noptimizer.step()\n"
    )
    assert result.failed is None
    assert [step[0].weight for step in result.steps] == [None, None]


# The command ----------------------------------------------------------------------------------------------------


def sgd(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tutor", "sgd", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def test_the_homework_is_printed_key_by_key_and_its_script_runs_on_its_own(tmp_path: Path) -> None:
    groups = ["lr=0.01,momentum=0.9", "lr=0.02,momentum=0.8", "lr=0.03,momentum=0.7"]
    script = tmp_path / "homework.py"
    arguments = [part for group in groups for part in ("--group", group)]
    ran = sgd(*arguments, "--steps", "2", "--script", str(script), "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    keys = [line for line in lines if line["kind"] == "group"]
    assert all(line.keys() == {"kind", "index", "key", "value"} for line in keys)
    tensors = [torch.ones(2, 2), torch.ones(3, 3), torch.ones(4)]
    optimizer = torch.optim.SGD([tensors[0]], lr=0.01, momentum=0.9)
    optimizer.add_param_group({"params": [tensors[1]], "lr": 0.02, "momentum": 0.8})
    optimizer.add_param_group({"params": [tensors[2]], "lr": 0.03, "momentum": 0.7})
    shapes = [[{"name": f"w{n + 1}", "shape": list(t.shape)}] for n, t in enumerate(tensors)]
    assert [(line["index"], line["key"], line["value"]) for line in keys] == [
        (index, key, shapes[index] if key == "params" else value)
        for index, group in enumerate(optimizer.param_groups)
        for key, value in group.items()
    ]
    weights = [round(line["weight"], 4) for line in lines if line["kind"] == "step" and line["step"] == 2]
    assert weights == [0.971, 0.944, 0.919]
    assert (
        "1 lr 0.02"
        in subprocess.run(
            [sys.executable, "-W", "ignore", "-I", str(script)], capture_output=True, text=True, check=True
        ).stdout.splitlines()
    )
    again = sgd("--script", str(script), "--lang", "en")
    assert again.returncode == 2
    assert "--force" in again.stderr
    assert [json.loads(line) for line in sgd("--json").stdout.splitlines()] == keys, (
        "the homework's by default"
    )


def test_what_torch_refuses_is_told_verbatim_and_ends_the_command_with_1() -> None:
    refused = sgd("--group", "lr=0.1,nesterov=true", "--json", "--lang", "en")
    assert refused.returncode == 1
    assert json.loads(refused.stdout) == {
        "kind": "error",
        "type": "ValueError",
        "message": "Nesterov momentum requires a momentum and zero dampening",
        "cause": "nesterov looks ahead along the buffer: it needs momentum above 0, and dampening 0.",
    }
