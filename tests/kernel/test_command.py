"""`tutor` without a screen, as scripts, pipes and authors use it: the real command, the real kernel."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import Terminal
from tutor.course.index import default_folder

TUTOR = [sys.executable, "-m", "tutor"]


def tutor(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*TUTOR, *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=cwd
    )


PLAIN_LOOP = """
import json, torch
from torch import nn
torch.set_num_threads(1)
torch.manual_seed(1)
linears = [nn.Linear(256, 256, bias=False) for _ in range(100)]
for linear in linears:
    nn.init.normal_(linear.weight)
x = torch.randn(16, 256)
for linear in linears:
    x = linear(x)
    print(x.std().item())
"""


def test_the_first_labs_figures_are_those_of_a_plain_torch_loop(tmp_path: Path) -> None:
    ran = tutor("lab", "activation_std", "--json", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    plain = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PLAIN_LOOP], capture_output=True, text=True, check=True
    ).stdout.split()
    stds = [line["y"] for line in lines if line["kind"] == "point" and line["series"] == "activation_std"]
    assert list(map(str, stds)) == plain, "to the last bit, nan spelt out"
    assert stds[29:31] == [pytest.approx(1.32298e36, rel=1e-5), "nan"]
    values = {line["name"]: line["value"] for line in lines if line["kind"] == "value"}
    assert (values["first_nonfinite_std"], values["first_nonfinite_activation"]) == (30, 31)


def test_a_lab_without_json_is_text_with_a_chart_in_either_language() -> None:
    english, chinese = (
        tutor("lab", "activation_std", "--set", "layers=20", "--lang", each) for each in ("en", "zh")
    )
    assert "Activations by layer" in english.stdout
    assert "各层激活值" in chinese.stdout
    assert english.returncode == chinese.returncode == 0
    ascii = tutor("lab", "activation_std", "--set", "layers=20", "--lang", "en", "--ascii").stdout
    chart = ascii[ascii.index("Activations by layer") :].splitlines()[1:12]
    assert all(line.isascii() for line in chart), chart


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nope"], "activation_std, gain, initializer"),
        (["activation_std", "--set", "layers=0"], "from 1 to 200"),
        (["activation_std", "--set", "init=best"], "xavier_uniform"),
        (["activation_std", "--set", "depth=3"], "layers"),
        (["activation_std", "--set", "layers"], "NAME=VALUE"),
    ],
)
def test_wrong_arguments_exit_2_and_name_what_is_allowed(arguments: list[str], said: str) -> None:
    ran = tutor("lab", *arguments, "--lang", "en")
    assert ran.returncode == 2
    assert said in ran.stderr
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr


def test_a_lab_that_fails_says_so_in_its_last_json_line_and_exits_1() -> None:
    ran = tutor("lab", "initializer", "--set", "init=eye", "--set", "kernel=3", "--json")
    last = json.loads(ran.stdout.splitlines()[-1])
    assert ran.returncode == 1
    assert last == {
        "kind": "error",
        "type": "ValueError",
        "message": "Only tensors with 2 dimensions are supported",
    }


def test_ctrl_c_stops_a_lab_that_is_under_way() -> None:
    command = [
        *TUTOR,
        "lab",
        "activation_std",
        "--set",
        "layers=200",
        "--set",
        "width=512",
        "--set",
        "batch=1024",
    ]
    with subprocess.Popen(
        [*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as lab:
        assert lab.stdout
        assert lab.stderr
        assert json.loads(lab.stdout.readline())["kind"] == "point"
        lab.send_signal(signal.SIGINT)
        rest = lab.stdout.read().splitlines()
        assert lab.stderr.read() == ""
    assert lab.returncode == 130
    assert json.loads(rest[-1])["type"] == "Stopped"


def test_plain_tutor_into_a_pipe_prints_the_course_and_how_to_go_on(tmp_path: Path) -> None:
    for language, title, on in (
        ("en", "Why initialization matters", "In a terminal"),
        ("zh", "权值初始化的必要性", "在终端中"),
    ):
        ran = tutor("--lang", language, cwd=tmp_path)
        assert ran.returncode == 0
        assert title in ran.stdout
        assert on in ran.stdout


def test_the_course_as_json_holds_every_lesson_with_its_progress() -> None:
    course = json.loads(tutor("lessons", "--json", "--lang", "en").stdout)
    first = course["lessons"][0]
    assert first["id"] == "why-initialization"
    assert first["seen"] == 0 < first["steps"]
    assert "activation_std" in first["labs"]


def test_the_languages_of_the_environment_and_of_the_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "权值初始化" in tutor("lessons").stdout
    assert "Weight initialization" in tutor("lessons", "--lang", "en").stdout
    assert "用法" in tutor("--help").stdout


def test_our_own_lessons_have_no_problem_and_every_verified_number_is_torchs() -> None:
    ran = tutor("check")
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stdout + ran.stderr


def test_a_planted_mistake_is_one_line_with_its_place(tmp_path: Path) -> None:
    copy = tmp_path / "lessons"
    shutil.copytree(default_folder(), copy)
    file = copy / "01_why_initialization" / "lesson.yaml"
    file.write_text(file.read_text("utf-8").replace("answer: 4.5\n", "answer: 4.25\n", 1), "utf-8")
    ran = tutor("check", copy, "--lang", "en")
    assert ran.returncode == 1
    (line,) = ran.stdout.splitlines()
    place, _, said = line.partition(": ")
    assert place.split(":")[0].endswith("01_why_initialization/lesson.yaml")
    assert all(part.isdigit() for part in place.split(":")[1:])
    assert "4.5" in said


def test_a_foreign_folders_python_is_not_run_before_the_learner_agreed(tmp_path: Path) -> None:
    copy = tmp_path / "theirs"
    shutil.copytree(default_folder(), copy)
    lab = copy / "01_why_initialization" / "activation_std.py"
    lab.write_text("print('IT RAN')\n" + lab.read_text("utf-8"), "utf-8")

    ran = tutor("lab", "activation_std", "--lessons", copy, "--lang", "en")
    assert ran.returncode == 2
    assert "01_why_initialization/activation_std.py" in ran.stderr
    assert "IT RAN" not in ran.stdout

    command = [*TUTOR, "lab", "activation_std", "--lessons", str(copy), "--set", "layers=3", "--lang", "en"]
    with Terminal(command) as terminal:
        terminal.wait_for("Type yes")
        terminal.send("n", "o", "enter")
        assert terminal.wait() == 1
    with Terminal(command, rows=50) as terminal:
        terminal.wait_for("Type yes")
        terminal.send("y", "e", "s", "enter")
        terminal.wait_for("IT RAN", "std after the last layer")
        assert terminal.wait() == 0
    assert tutor("lab", "activation_std", "--lessons", copy, "--set", "layers=3").returncode == 0, (
        "asked once"
    )
    lab.write_text(lab.read_text("utf-8") + "\n# changed\n", "utf-8")
    assert tutor("lab", "activation_std", "--lessons", copy).returncode == 2, "another version: asked again"


def test_doctor_says_what_is_there_and_where_progress_is_kept(places: Path) -> None:
    ran = tutor("doctor", "--lang", "en")
    assert ran.returncode == 0
    for expected in (
        "80x24",
        "utf-8",
        "torch",
        "imported in",
        str(places / "data" / "tutor" / "progress.sqlite3"),
    ):
        assert expected in ran.stdout
