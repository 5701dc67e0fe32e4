"""`tutor lab` where there is more than curves: pictures, tables, lists of numbers, how far a long run is."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.terminal import Terminal

TUTOR = [sys.executable, "-m", "tutor", "lab"]


def tutor(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*TUTOR, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)


def test_pictures_are_json_lines_with_their_words_in_the_learners_language() -> None:
    ran = tutor("banknotes", "--set", "epochs=1", "--json", "--lang", "zh")
    assert (ran.returncode, ran.stderr) == (0, ""), "no bar where stderr is no terminal"
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert "progress" not in {line["kind"] for line in lines}
    pictures = [line for line in lines if line["kind"] == "picture"]
    assert len(pictures) == 6
    for picture in pictures:
        assert set(picture) == {"kind", "name", "rows", "text"} and "网络认为是" in picture["text"]
        assert [len(row) for row in picture["rows"]] == [32] * 32
        assert all(0 <= level <= 1 for row in picture["rows"] for level in row)


def test_pictures_are_drawn_with_signs_into_a_pipe() -> None:
    ran = tutor("banknotes", "--set", "epochs=1", "--lang", "en", "--ascii")
    assert ran.stdout.count("The net says") == 6
    rows = [line for line in ran.stdout.splitlines() if len(line) > 50 and set(line) <= set(" .:-=+*#%@")]
    assert len(rows) > 3 * 16 - 10 and len({sign for row in rows for sign in row}) >= 6


def test_a_bar_on_the_terminal_says_how_far_a_run_is_and_is_gone_at_its_end() -> None:
    with Terminal([*TUTOR, "banknotes", "--set", "epochs=4", "--lang", "en"], rows=100) as terminal:
        assert terminal.wait(60) == 0
        said = terminal.history.decode()
        assert "━" in said and "/100  " in said
        assert "/100  " not in "\n".join(terminal.screen())
        assert "test accuracy" in "\n".join(terminal.screen())


def test_tables_and_lists_are_told_in_the_labs_words() -> None:
    ran = tutor("reduction", "--set", "reduction=none", "--lang", "zh")
    assert "torch 的损失" in ran.stdout and "[1.3133, 0.2539, 0.2539]" in ran.stdout
    assert ran.returncode == 0


def test_a_setting_that_counts_for_nothing_is_said_so() -> None:
    ran = tutor("loss", "--set", "loss=MSELoss", "--set", "x1=[[1, 2]]", "--lang", "en", "--json")
    assert ran.returncode == 0 and ran.stderr == "x1 counts for nothing with loss=MSELoss.\n"
