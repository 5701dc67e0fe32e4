"""Questions drawn by Python beside the lesson."""

from pathlib import Path

import pytest

from tutor.protocol import Failed, Finished, Variant

pytestmark = pytest.mark.asyncio(loop_scope="module")

LAB = Path(__file__).parent / "labs" / "variants.py"


async def test_each_seed_gives_its_variant_and_the_same_again(kernel) -> None:
    first, again = [[e async for e in kernel.pose(LAB, "good", [1, 2, 3, 1])] for _ in range(2)]
    assert [e.seed for e in first if isinstance(e, Variant)] == [1, 2, 3, 1]
    assert first[:-1] == again[:-1]
    assert first[0] == first[3]
    assert len({v.fields["n"] for v in first[:3]}) > 1
    n = first[0].fields["n"]
    assert first[0].answer == n * (n - 1) / 2
    assert isinstance(first[-1], Finished)


async def test_torchs_random_numbers_follow_the_seed_too(kernel) -> None:
    variants = [e async for e in kernel.pose(LAB, "drawn", [5, 6, 5])]
    assert variants[0] == variants[2] != variants[1]


async def test_a_generator_that_gives_no_variant_is_told_so(kernel) -> None:
    (failed,) = [e async for e in kernel.pose(LAB, "nothing", [4])]
    assert isinstance(failed, Failed)
    assert "nothing() in variants.py" in failed.message
    assert "seed 4" in failed.message
