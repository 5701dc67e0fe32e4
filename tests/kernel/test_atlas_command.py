"""`tutor atlas` without a screen: every format, both languages, what the installed torch adds, and what is missing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import torch
from torch import nn

from tutor.course.index import default_folder

TUTOR = [sys.executable, "-m", "tutor"]


def tutor(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*TUTOR, *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


def test_json_has_the_eighteen_with_the_defaults_of_the_installed_torch_and_what_it_has_beyond() -> None:
    ran = tutor("atlas", "--format", "json")
    assert (ran.returncode, ran.stderr) == (0, "")
    told = json.loads(ran.stdout)
    assert told["torch"] == torch.__version__.partition("+")[0]
    losses = {loss["name"]: loss for loss in told["losses"]}
    assert len(losses) == 18
    assert losses["CrossEntropyLoss"]["arguments"]["ignore_index"]["default"] == "-100"
    assert losses["TripletMarginLoss"]["arguments"]["p"]["default"] == repr(nn.TripletMarginLoss().p)
    beyond = {each.partition("(")[0] for each in told["beyond"]}
    assert beyond == set(nn.modules.loss.__all__) - set(losses) - {"NLLLoss2d"}
    assert "HuberLoss(reduction='mean', delta=1.0)" in told["beyond"]


def test_the_table_speaks_chinese_and_says_what_torch_has_more() -> None:
    ran = tutor("atlas", "--lang", "zh")
    assert ran.returncode == 0
    heads, *rows = ran.stdout.splitlines()
    assert heads.split() == ["损失函数", "公式", "输入", "目标", "取值", "适用"]
    assert len(rows) == 18 + 2 and "HuberLoss" in rows[-1]


def test_a_broken_atlas_and_a_course_without_one_end_with_a_sentence_and_status_1(tmp_path: Path) -> None:
    course = tmp_path / "lessons"
    shutil.copytree(default_folder(), course, ignore=shutil.ignore_patterns("__pycache__"))
    file = course / "atlas" / "losses.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("task: sequence", "tsak: sequence"), encoding="utf-8")
    ran = tutor("atlas", "--lessons", course)
    assert ran.returncode == 1 and "did you mean `task`?" in ran.stderr and not ran.stdout
    file.unlink()
    ran = tutor("atlas", "--lessons", course, "--lang", "zh")
    assert (ran.returncode, ran.stderr) == (1, "本课程没有损失函数总览。\n")
