"""What the command says of a course that is broken as a whole, or that cannot be written to, and of wrong arguments."""

from pathlib import Path

import pytest

from tutor import cli
from tutor.course import likeness


def test_a_broken_course_is_a_sentence_in_the_language_asked_for(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / "course.yaml").write_text("format: 1\ntitle: {en: x, zh: 课}\n")
    assert cli.main(["lessons", "--lessons", str(course), "--lang", "en"]) == 1
    assert (
        capsys.readouterr().err == "course/course.yaml:1:1: `parts` is missing: add `parts: ` with a list\n"
    )
    assert cli.main(["lessons", "--lessons", str(course), "--lang", "zh"]) == 1
    assert capsys.readouterr().err == "course/course.yaml:1:1: 缺少 `parts`：请补上 `parts: `，内容为列表\n"


def test_a_lock_that_cannot_be_written_is_a_sentence(
    course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, lock: dict[str, str]) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(likeness, "write_lock", full)
    assert cli.main(["check", str(course), "--translated", "--lang", "en"]) == 1
    assert "zh.lock cannot be written: [Errno 28] No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sgd", "--steps", "x"], "tutor sgd：--steps 应为整数，而不是 'x'。用法见 tutor sgd --help"),
        (["sgd", "--group"], "--group 之后缺少取值"),
        (["report", "--format", "pdf"], "--format 不能是 'pdf'，可选：'md'"),
        (["lab", "a", "b"], "多余的参数：b"),
        (["lesson"], "缺少参数：课程名"),
    ],
)
def test_what_is_no_argument_at_all_is_said_in_chinese_too(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        cli.main([*arguments, "--lang", "zh"])
    told = capsys.readouterr().err
    # Python 3.12 no longer quotes the choices.
    assert said.replace("'md'", "md") in told.replace("'md'", "md")
