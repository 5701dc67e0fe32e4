"""`tutor trace`: what a piece of code enters, as a tree and as JSON lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

TUTOR = [sys.executable, "-m", "tutor", "trace"]


def tutor(*arguments: str, typed: str = "", **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*TUTOR, *arguments], capture_output=True, text=True, input=typed, **more)  # type: ignore[call-overload, no-any-return]


def test_the_chain_of_a_loss_is_printed_in_order_with_what_is_hidden_counted() -> None:
    ran = tutor("nn.CrossEntropyLoss()")
    assert ran.returncode == 0
    names = [line.split()[0] for line in ran.stdout.splitlines()]
    assert names == [
        "CrossEntropyLoss.__init__",
        "_WeightedLoss.__init__",
        "_Loss.__init__",
        "Module.__init__",
        "Module.register_buffer",
    ]
    assert "built-in functions" in ran.stderr and "--all" in ran.stderr


def test_everything_is_told_as_json_lines() -> None:
    ran = tutor("nn.CrossEntropyLoss()", "--all", "--json")
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    keys = {"kind", "depth", "class", "function", "qualname", "file", "line", "hidden"}
    assert all(keys <= set(line) for line in lines)
    first = {key: lines[0][key] for key in keys - {"line"}}
    assert first == {
        "kind": "call",
        "depth": 1,
        "class": "CrossEntropyLoss",
        "function": "__init__",
        "qualname": "CrossEntropyLoss.__init__",
        "file": "loss.py",
        "hidden": False,
    }
    kinds = {line["kind"] for line in lines}
    assert kinds == {"call", "return", "exception", "c_call"}
    calls = [line["qualname"] for line in lines if line["kind"] == "call"]
    assert calls.count("Module.__setattr__") == 3 and "Module.__getattr__" in calls
    assert all(line["hidden"] for line in lines if line["qualname"] == "Module.__setattr__")


def test_what_is_set_up_before_is_not_followed() -> None:
    setup = "loss_fn = nn.CrossEntropyLoss()\nx, y = torch.eye(2), torch.tensor([0, 1])"
    ran = tutor("loss_fn(x, y)", "--setup", setup, "--json", "--lang", "zh")
    called = [json.loads(line)["qualname"] for line in ran.stdout.splitlines() if '"call"' in line]
    assert called[0] == "Module._wrapped_call_impl" and "CrossEntropyLoss.__init__" not in called
    assert '"torch._C._nn.cross_entropy_loss"' in ran.stdout and "隐藏的调用" in ran.stderr


def test_code_that_cannot_run_is_answered_with_a_caret_and_nothing_is_run() -> None:
    ran = tutor("x = (1", "--setup", "print('ran')")
    assert ran.returncode == 2 and ran.stdout == "" and "ran\n" not in ran.stderr.replace("was run", "")
    assert ran.stderr.splitlines()[-1].strip() == "^"
    assert tutor("# nothing").returncode == 2


def test_code_that_fails_prints_its_own_lines_and_what_input_asked() -> None:
    ran = tutor("n = input('n? ')\n1 / int(n)", typed="0\n")
    assert ran.returncode == 1 and "! ZeroDivisionError: division by zero  <your code>:2" in ran.stdout
    assert "n? 0" in ran.stderr and "1 / int(n)" in ran.stderr and "tutor/kernel" not in ran.stderr


def test_without_torch_it_is_said_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\")")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    ran = tutor("nn.CrossEntropyLoss()", "--lang", "zh", env={**os.environ, "PYTHONPATH": path})
    assert ran.returncode == 1
    assert "无法导入 torch" in ran.stderr and 'python -m pip install "torch' in ran.stderr
