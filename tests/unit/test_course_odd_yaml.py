"""Whatever stands where in the files of a course, its author gets sentences and never a traceback."""

import copy
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tutor.course.check import check
from tutor.course.load import ContentError, load_course, load_glossary, read_lesson

SMALL_COURSE = Path(__file__).parent.parent / "data" / "course"
FILES = ("course.yaml", "glossary.yaml", "01_rates/lesson.yaml", "01_rates/zh.yaml")

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.dates(),
    st.sampled_from(
        ["text", "question", "lab", "number", "en", "zh", "../x", "0.25", "`code", "```\nx\n```"]
    ),
)
anything = st.recursive(
    scalars,
    lambda below: st.one_of(
        st.lists(below, max_size=3),
        st.dictionaries(st.one_of(scalars.filter(lambda key: key == key)), below, max_size=3),
    ),
    max_leaves=6,
)


def places(tree: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [at, *(place for key, below in pairs for place in places(below, (*at, key)))]


def with_odd(tree: Any, at: tuple[Any, ...], odd: Any) -> Any:
    if not at:
        return odd
    tree = copy.deepcopy(tree)
    below = tree
    for key in at[:-1]:
        below = below[key]
    below[at[-1]] = odd
    return tree


TREES = {name: yaml.safe_load((SMALL_COURSE / name).read_text(encoding="utf-8")) for name in FILES}


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(odd=anything, pick=st.randoms(use_true_random=False))
def test_any_value_in_any_place_is_a_problem_or_fine(
    course: Path, name: str, odd: Any, pick: random.Random
) -> None:
    tree = with_odd(TREES[name], pick.choice(places(TREES[name])), odd)
    (course / name).write_text(yaml.dump(tree, allow_unicode=True, sort_keys=False), encoding="utf-8")
    for problem in check(course):
        assert problem.line >= 1 and problem.column >= 1
        assert problem.wrong.zh and problem.write.zh
    for load in (load_course, load_glossary, lambda folder: read_lesson(folder, "01_rates")):
        try:
            load(course)
        except ContentError as error:
            assert error.problems


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 3000), sign=st.text(alphabet="[]{}:-&*!|>'\"%@`#? \t\n\\é", min_size=1, max_size=3))
def test_any_typing_error_is_a_problem_or_fine(course: Path, name: str, cut: int, sign: str) -> None:
    text = (SMALL_COURSE / name).read_text(encoding="utf-8")
    cut %= len(text)
    (course / name).write_text(text[:cut] + sign + text[cut:], encoding="utf-8")
    assert all(problem.wrong.zh for problem in check(course))
