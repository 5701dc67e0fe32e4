"""One warm kernel for all tests of a module, as starting one takes seconds; and how to tell that a process is gone."""

from __future__ import annotations

import os
import select
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tutor.client import Kernel, Run
from tutor.protocol import Ready

LABS = Path(__file__).parent / "labs"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kernel() -> AsyncIterator[Kernel]:
    kernel = Kernel(memory=512 << 20)
    await kernel.start()
    assert isinstance(await kernel.settled(), Ready)
    yield kernel
    await kernel.close()


@pytest.fixture
def lab() -> Callable[..., Run]:
    """`lab(kernel, "bad:raises", text="x")`: the run of one function of a file in `labs`."""

    def begun(kernel: Kernel, name: str, /, **settings: Any) -> Run:
        file, _, function = name.partition(":")
        return kernel.run_lab(LABS / f"{file}.py", settings, function)

    return begun


@pytest.fixture
def gone() -> Callable[..., bool]:
    """`gone(pid, within=5)`: whether that process ends within so many seconds."""

    def is_gone(pid: int, within: float = 5.0) -> bool:
        try:
            process = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        try:
            return bool(select.select([process], [], [], within)[0])
        finally:
            os.close(process)

    return is_gone
