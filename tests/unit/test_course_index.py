"""The index: what the course page shows, from the cache if the files are as they were, without opening a lesson."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tutor.course import index as module
from tutor.course.index import default_folder, find_lab, find_lesson, load_index
from tutor.course.load import ContentError
from tutor.words import Words


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def read_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lessons whose files were read since."""
    names: list[str] = []
    read = module._read_lesson

    def watched(folder: Path, name: str, stamp: bytes) -> module._Record:
        names.append(name)
        return read(folder, name, stamp)

    monkeypatch.setattr(module, "_read_lesson", watched)
    return names


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_it_knows_what_the_course_page_shows(course: Path, cache: Path) -> None:
    index = load_index(course, cache)
    assert index.title == Words("A small course", "一门小课")
    assert [part.title.zh for part in index.parts] == ["下降"]
    rates, momentum = index.lessons
    assert (rates.id, rates.folder, rates.minutes, rates.broken) == ("rates", "01_rates", 20, False)
    assert rates.summary == Words("What one step does.", "一步做了什么。")
    assert momentum.requires == ("rates",)
    assert rates.step_count == len(rates.steps) == 10
    assert [step.kind for step in rates.steps] == ["text", "formula", "derivation", *["question"] * 6, "lab"]
    assert rates.steps[-1].lab == "slide" and rates.steps[0].lab is None
    assert rates.steps[3].title == Words("The border", "边界")
    assert rates.seen_of({"update", "border", "no longer there"}) == 2


def test_what_comes_from_the_cache_is_the_same(course: Path, cache: Path, read_again: list[str]) -> None:
    first = load_index(course, cache)
    read_again.clear()
    second = load_index(course, cache)
    assert read_again == []
    assert second == first
    for before, after in zip(first.lessons, second.lessons, strict=True):
        assert (before.steps, before.labs, before.problems) == (after.steps, after.labs, after.problems)


def test_lessons_and_labs_are_found(course: Path, cache: Path) -> None:
    index = load_index(course, cache)
    assert find_lesson(index, "momentum") is index.lessons[1]
    assert find_lesson(index, "02_momentum") is index.lessons[1]
    assert find_lesson(index, "nothing") is None
    lab = find_lab(index, "slide")
    assert lab is not None and (lab.folder, lab.lesson, lab.title.zh) == ("01_rates", "rates", "下降")
    assert find_lab(index, "nothing") is None


@pytest.mark.parametrize("file", ["lesson.yaml", "zh.yaml"])
def test_only_the_lesson_that_changed_is_read_again(
    course: Path, cache: Path, read_again: list[str], file: str
) -> None:
    load_index(course, cache)
    read_again.clear()
    old, new = ("Learning rates", "Rates") if file == "lesson.yaml" else ("学习率的大小", "步长")
    rewrite(course / "01_rates" / file, old, new)
    title = load_index(course, cache).lessons[0].title
    assert read_again == ["01_rates"]
    assert new in (title.en, title.zh)


def test_a_change_of_equal_length_is_seen_by_its_time(course: Path, cache: Path) -> None:
    load_index(course, cache)
    rewrite(course / "01_rates" / "lesson.yaml", "Learning rates", "Learning RATES")
    assert load_index(course, cache).lessons[0].title.en == "Learning RATES"


def test_a_new_order_reads_no_lesson_again(course: Path, cache: Path, read_again: list[str]) -> None:
    load_index(course, cache)
    read_again.clear()
    rewrite(course / "course.yaml", "A small course", "The same course")
    assert load_index(course, cache).title.en == "The same course"
    assert read_again == []


def test_another_version_of_tutor_reads_everything_again(
    course: Path, cache: Path, read_again: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    load_index(course, cache)
    read_again.clear()
    monkeypatch.setattr(module, "__version__", "99.0")
    load_index(course, cache)
    assert read_again == ["01_rates", "02_momentum"]


def test_translating_a_lesson_later_is_seen(course: Path, cache: Path) -> None:
    zh = course / "01_rates" / "zh.yaml"
    chinese = zh.read_bytes()
    zh.unlink()
    assert load_index(course, cache).lessons[0].title.zh == ""
    zh.write_bytes(chinese)
    assert load_index(course, cache).lessons[0].title.zh == "学习率的大小"


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "text", "binary", "newline"])
def test_a_damaged_cache_is_done_without(
    course: Path, cache: Path, read_again: list[str], damage: str
) -> None:
    whole = load_index(course, cache)
    (file,) = cache.iterdir()
    content = file.read_bytes()
    at = len(content) // 2
    file.write_bytes(
        {
            "cut": content[:at],
            "flipped": content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :],
            "empty": b"",
            "text": b"not a cache",
            "binary": bytes(range(256)) * 40,
            "newline": content + b"\n",
        }[damage]
    )
    read_again.clear()
    assert load_index(course, cache) == whole
    assert read_again == ["01_rates", "02_momentum"]


def test_where_nothing_can_be_kept_all_is_read(course: Path, tmp_path: Path) -> None:
    no_folder = tmp_path / "file"
    no_folder.write_text("in the way")
    assert len(load_index(course, no_folder).lessons) == 2
    assert len(load_index(course, no_folder / "below").lessons) == 2


def test_nothing_is_left_beside_the_cache(course: Path, cache: Path) -> None:
    load_index(course, cache)
    assert [file.suffix for file in cache.iterdir()] == [".jsonl"]


def test_a_broken_lesson_is_marked_and_breaks_no_other(course: Path, cache: Path) -> None:
    rewrite(course / "01_rates" / "lesson.yaml", "minutes: 20", "minutes: long")
    for _ in range(2):  # read, then from the cache
        rates, momentum = load_index(course, cache).lessons
        assert (rates.id, rates.title.en, rates.broken, rates.steps) == ("rates", "Learning rates", True, ())
        assert [str(problem).partition(": ")[0] for problem in rates.problems] == [
            "course/01_rates/lesson.yaml:4:10"
        ]
        assert not momentum.broken and momentum.step_count == 7


def test_a_lesson_that_is_no_yaml_goes_by_its_folder(course: Path, cache: Path) -> None:
    (course / "01_rates" / "lesson.yaml").write_text("[")
    rates = load_index(course, cache).lessons[0]
    assert (rates.id, rates.title.en, rates.broken) == ("01_rates", "01_rates", True)


def test_a_mended_lesson_is_whole_again(course: Path, cache: Path) -> None:
    file = course / "01_rates" / "lesson.yaml"
    good = file.read_bytes()
    file.write_text("[")
    assert load_index(course, cache).lessons[0].broken
    file.write_bytes(good)
    assert not load_index(course, cache).lessons[0].broken


def test_a_broken_course_is_said(course: Path, cache: Path) -> None:
    (course / "course.yaml").write_text("format: 1\n")
    with pytest.raises(ContentError, match="`title` is missing"):
        load_index(course, cache)


def test_two_folders_keep_a_cache_each(
    course: Path, cache: Path, tmp_path: Path, read_again: list[str]
) -> None:
    other = Path(shutil.copytree(course, tmp_path / "other"))
    rewrite(other / "course.yaml", "A small course", "Another course")
    for _ in range(2):
        assert load_index(course, cache).title.en == "A small course"
        assert load_index(other, cache).title.en == "Another course"
    assert len(read_again) == 4


def test_a_folder_by_another_name_shares_its_cache(course: Path, cache: Path, read_again: list[str]) -> None:
    load_index(course, cache)
    read_again.clear()
    os.symlink(course, course.with_name("link"))
    load_index(course.with_name("link"), cache)
    assert read_again == []


def test_a_fresh_cache_needs_no_parser(course: Path, cache: Path) -> None:
    load_index(course, cache)
    script = (
        "import sys; from pathlib import Path; from tutor.course.index import load_index\n"
        f"index = load_index(Path({str(course)!r}), Path({str(cache)!r}))\n"
        "assert len(index.lessons[0].steps) == 10\n"
        "print([name for name in ('yaml', 'msgspec', 'platformdirs', 'rich', 'textual', 'torch') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_lessons_lie_beside_the_program() -> None:
    assert (default_folder() / "course.yaml").is_file()


def test_in_an_installed_package_they_lie_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tutor" / "course").mkdir(parents=True)
    monkeypatch.setattr(module, "__file__", str(tmp_path / "tutor" / "course" / "index.py"))
    assert default_folder() == tmp_path / "lessons"
    (tmp_path / "tutor" / "lessons").mkdir()
    assert default_folder() == tmp_path / "tutor" / "lessons"
