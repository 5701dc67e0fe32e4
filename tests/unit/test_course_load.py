"""Loading a lesson: both languages in one shape, and every mistake in a broken one said with its place."""

from pathlib import Path

import pytest

from tutor.course.index import LabEntry, load_index
from tutor.course.load import ContentError, load_course, load_glossary, load_lab, load_lesson, read_lesson
from tutor.course.model import Derivation, LabStep, NumberQuestion, Text
from tutor.course.source import beside
from tutor.words import Language, Words


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems(course: Path, lesson: str = "01_rates") -> list[str]:
    with pytest.raises(ContentError) as caught:
        read_lesson(course, lesson)
    return [str(problem) for problem in caught.value.problems]


def test_a_lesson_comes_in_both_languages(course: Path, tmp_path: Path) -> None:
    entry = load_index(course, tmp_path / "cache").lessons[0]
    lesson = load_lesson(course, entry)
    assert lesson.title == Words("Learning rates", "学习率的大小")
    steps = {step.id: step for step in lesson.steps}
    update, derivation, border, play = (steps[id] for id in ("update", "one-step", "border", "play"))
    assert isinstance(update, Text) and update.body.into(Language.ZH).startswith("权值移动的距离")
    assert isinstance(derivation, Derivation)
    assert derivation.lines[1].wrong[0].because == Words("Half the gradient is missing.", "少了一半梯度。")
    assert isinstance(border, NumberQuestion) and border.answer == 0.25
    assert [hint.zh for hint in border.hints] == ["一步会乘上多少？", "这个因子必须小于一。"]
    assert isinstance(play, LabStep) and play.predict is not None
    assert play.predict.options[1] == Words("Far away", "在远处")
    assert play.set == {"lr": 0.3, "rule": "momentum"}


def test_a_chinese_text_may_stand_for_the_map_it_labels(course: Path) -> None:
    lesson, _ = read_lesson(course, "01_rates")
    controls = lesson.labs["slide"].controls
    assert [control.label.zh for control in controls.values()] == [
        "学习率",
        "更新规则",
        "迭代次数",
        "随机种子",
    ]
    zero = next(step for step in lesson.steps if step.id == "zero")
    assert isinstance(zero, NumberQuestion) and zero.mistakes[0].because.zh == "那是出发点。"


def test_both_languages_may_stand_side_by_side(course: Path) -> None:
    lesson, _ = read_lesson(course, "02_momentum")
    assert lesson.title == Words("Momentum", "动量")
    assert lesson.steps[0].title == Words("Question 1", "第 1 题")


def test_without_chinese_the_english_is_shown(course: Path) -> None:
    (course / "01_rates" / "zh.yaml").unlink()
    lesson, _ = read_lesson(course, "01_rates")
    assert lesson.title == Words("Learning rates", "")
    assert lesson.title.into(Language.ZH) == "Learning rates"


def test_chinese_never_reaches_what_is_not_text(course: Path) -> None:
    spoil(
        course / "01_rates" / "zh.yaml",
        "    title: 边界\n",
        "    title: 边界\n    answer: 7\n    verify: 三\n",
    )
    border = next(step for step in read_lesson(course, "01_rates")[0].steps if step.id == "border")
    assert isinstance(border, NumberQuestion)
    assert (border.answer, border.verify) == (0.25, "2 / 8")


def test_the_glossary_and_the_order_of_the_course(course: Path) -> None:
    assert load_glossary(course)["momentum"].term == Words("momentum", "动量")
    order, _ = load_course(course)
    assert [lesson.folder for lesson in order.parts[0].lessons] == ["01_rates", "02_momentum"]
    assert order.parts[0].lessons[1].requires == ["rates"]


def test_a_lab_comes_from_the_lesson_that_declares_it(course: Path) -> None:
    lab = load_lab(course, LabEntry("slide", Words("", ""), "rates", "01_rates"))
    assert lab.title == Words("Slide down", "下降")
    with pytest.raises(
        ContentError, match=r"course/01_rates/lesson\.yaml:7:3: the lab gone is no longer here"
    ):
        load_lab(course, LabEntry("gone", Words("", ""), "rates", "01_rates"))


def test_numbers_as_one_writes_them(course: Path) -> None:
    spoil(course / "01_rates" / "lesson.yaml", "tolerance: 0.01", "tolerance: 1e-2")
    first = next(step for step in read_lesson(course, "01_rates")[0].steps if step.id == "first")
    assert isinstance(first, NumberQuestion) and first.tolerance == 0.01


def test_one_mistake_hides_no_other(course: Path) -> None:
    file = course / "01_rates" / "lesson.yaml"
    spoil(file, "minutes: 20", "minutes: long")
    spoil(file, "    answer: 0.25", "    answer: about a quarter")
    spoil(file, "        because: That rate arrives in one step.\n", "")
    spoil(file, "kind: integer, default: 20", "kind: integer, default: many")
    said = problems(course)
    assert len(said) == 4
    for essence in ("`minutes` must be", "`answer` must be", "`because` is missing", "`default` must be"):
        assert any(essence in each for each in said), essence


def test_a_lesson_without_steps(course: Path) -> None:
    file = course / "01_rates" / "lesson.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.index("steps:")] + "steps:\n", encoding="utf-8")
    assert problems(course) == [
        "course/01_rates/lesson.yaml:19:7: `steps` must be a list, not nothing: write a list, for example [a, b]"
    ]


def test_a_broken_lesson_speaks_chinese_too(course: Path) -> None:
    spoil(course / "01_rates" / "lesson.yaml", "minutes: 20", "minutes: long")
    with pytest.raises(ContentError) as caught:
        read_lesson(course, "01_rates")
    said = caught.value.problems[0].into(Language.ZH)
    assert (
        said == "course/01_rates/lesson.yaml:4:10: `minutes` 应为整数，而不是文本 'long'：请写整数，例如 12"
    )


@pytest.mark.parametrize("name", ["..", "../other", "/etc", ".hidden", "a/b", ""])
def test_a_course_holds_only_its_own_folders(course: Path, name: str) -> None:
    spoil(course / "course.yaml", "folder: 01_rates", f"folder: {name!r}")
    with pytest.raises(ContentError, match=r"course/course\.yaml:7:17: .* is no folder of this course"):
        load_course(course)


@pytest.mark.parametrize(
    "run", ["../other/slide.py", "/tmp/slide.py", "slide.sh", "a/slide.py", "slide.py:a.b"]
)
def test_a_lab_runs_only_what_lies_beside_its_lesson(course: Path, run: str) -> None:
    spoil(course / "01_rates" / "lesson.yaml", "run: slide.py", f"run: {run}")
    assert "is no file beside this lesson" in problems(course)[0]


def test_a_newer_format_is_not_guessed_at(course: Path) -> None:
    spoil(course / "course.yaml", "format: 1", "format: 2")
    with pytest.raises(ContentError, match="get a newer tutor"):
        load_course(course)


def test_a_file_that_is_not_there(course: Path) -> None:
    (course / "01_rates" / "lesson.yaml").unlink()
    assert problems(course) == ["course/01_rates/lesson.yaml:1:1: there is no such file: write it"]


def test_a_file_that_is_not_utf8(course: Path) -> None:
    (course / "01_rates" / "lesson.yaml").write_bytes(b"id: rates\ntitle: \xff\n")
    assert problems(course) == ["course/01_rates/lesson.yaml:2:8: this is not UTF-8: save the file as UTF-8"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_endless_nesting_is_a_sentence_not_a_crash(course: Path, opening: str) -> None:
    (course / "01_rates" / "lesson.yaml").write_text(opening * 60_000)
    assert "nested" in problems(course)[0] or "not valid YAML" in problems(course)[0]


def test_what_a_lab_imports_from_beside_it_is_found_once_each(tmp_path: Path) -> None:
    (tmp_path / "lab.py").write_text("import math\nimport one\nfrom two import x\nfrom . import three\n")
    (tmp_path / "one.py").write_text("from two import y\nimport lab\n")
    (tmp_path / "two.py").write_text("not Python(\n")
    assert beside(tmp_path, "lab.py") == ["lab.py", "one.py", "two.py"]
    assert beside(tmp_path, "missing.py") == ["missing.py"]
