"""The real lessons have no problem that can be known without torch."""

import pytest

from tutor.course.check import check
from tutor.course.index import Index, default_folder, find_lab, load_index
from tutor.course.load import load_glossary, load_lab, load_lesson
from tutor.course.model import LabStep
from tutor.course.settings import settle

FOLDER = default_folder()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return load_index(FOLDER, tmp_path_factory.mktemp("cache"))


def test_the_lessons_have_no_problems() -> None:
    assert "\n".join(map(str, check(FOLDER))) == ""


def test_every_text_is_there_in_chinese(index: Index) -> None:
    for entry in index.lessons:
        assert entry.title.zh and entry.summary.zh
        assert all(step.title.zh for step in entry.steps)


def test_every_lab_step_starts_from_settings_its_lab_takes(index: Index) -> None:
    started = 0
    for entry in index.lessons:
        for step in load_lesson(FOLDER, entry).steps:
            if isinstance(step, LabStep):
                found = find_lab(index, step.lab)
                assert found is not None
                lab = load_lab(FOLDER, found)
                assert list(settle(lab, {}, step.set)) == list(lab.controls)
                started += 1
    assert started >= len(index.lessons)


def test_every_term_of_the_glossary_is_used(index: Index) -> None:
    used = {
        term for entry in index.lessons for step in load_lesson(FOLDER, entry).steps for term in step.terms
    }
    assert set(load_glossary(FOLDER)) - used == set()
