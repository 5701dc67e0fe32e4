"""Trust: what a folder from elsewhere would run, and a digest that any change of it changes."""

import os
from pathlib import Path

import pytest

from tutor.course.trust import trust_of


def test_it_lists_what_python_would_run(course: Path) -> None:
    (course / "01_rates" / "helper.so").write_bytes(b"\x7fELF")
    (course / "deep" / "er").mkdir(parents=True)
    (course / "deep" / "er" / "more.py").write_text("")
    assert trust_of(course).files == ("01_rates/helper.so", "01_rates/slide.py", "deep/er/more.py")


def test_it_is_the_same_wherever_the_folder_lies(course: Path, tmp_path: Path) -> None:
    before = trust_of(course)
    os.rename(course, tmp_path / "moved")
    assert trust_of(tmp_path / "moved") == before


def test_lesson_text_may_change(course: Path) -> None:
    before = trust_of(course)
    (course / "01_rates" / "lesson.yaml").write_text("id: other")
    assert trust_of(course) == before


@pytest.mark.parametrize("change", ["content", "name", "more", "less", "moved line"])
def test_any_change_of_code_asks_anew(course: Path, change: str) -> None:
    file = course / "01_rates" / "slide.py"
    (course / "01_rates" / "zlast.py").write_text("x")
    before = trust_of(course).digest
    match change:
        case "content":
            file.write_text(file.read_text().replace("4 * x", "5 * x"))
        case "name":
            file.rename(file.with_name("glide.py"))
        case "more":
            (course / "02_momentum" / "more.py").write_text("")
        case "less":
            file.unlink()
        case "moved line":  # the same bytes in the same order, cut elsewhere
            text = file.read_bytes()
            file.write_bytes(text[:-1])
            (course / "01_rates" / "zlast.py").write_bytes(text[-1:] + b"x")
    assert trust_of(course).digest != before


def test_code_behind_a_link_counts(course: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "lab.py").write_text("1")
    os.symlink(tmp_path / "elsewhere", course / "03_link")
    before = trust_of(course)
    assert "03_link/lab.py" in before.files
    (tmp_path / "elsewhere" / "lab.py").write_text("2")
    assert trust_of(course).digest != before.digest


def test_a_circle_of_links_ends(course: Path) -> None:
    os.symlink(course, course / "01_rates" / "again")
    assert trust_of(course).files == ("01_rates/slide.py",)


def test_what_cannot_be_read_asks_anew_once_it_can(course: Path) -> None:
    broken = course / "01_rates" / "gone.py"
    os.symlink(course / "nowhere", broken)
    before = trust_of(course)
    assert "01_rates/gone.py" in before.files
    (course / "nowhere").write_text("print()")
    assert trust_of(course).digest != before.digest


def test_a_folder_without_code_has_nothing_to_agree_to(tmp_path: Path) -> None:
    assert trust_of(tmp_path).files == ()


@pytest.mark.parametrize("written", ["snippet: f()", '"snipp\\x65t": f()'])
def test_code_to_step_through_is_code_wherever_it_stands(tmp_path: Path, written: str) -> None:
    (tmp_path / "01_walk").mkdir()
    lesson = tmp_path / "01_walk" / "lesson.yaml"
    lesson.write_text("steps: [{kind: text}]")
    assert trust_of(tmp_path).files == ()
    lesson.write_text(f"steps: [{{kind: trace, {written}}}]")
    before = trust_of(tmp_path)
    assert before.files == ("01_walk/lesson.yaml",)
    lesson.write_text(f"steps: [{{kind: trace, {written}}}, {{kind: text}}]")
    assert trust_of(tmp_path) != before, "what changes anything there may change the code"
