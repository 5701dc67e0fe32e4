"""The builder's groups, their Python and back, the form, and what is said of torch's answer."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tutor.builder.answer import Answer, restored, wanting
from tutor.builder.causes import remarks
from tutor.builder.code import Unread, read, written
from tutor.builder.form import Form
from tutor.builder.groups import Builder, groups_from, homework_groups, moved, with_group, without_group
from tutor.builder.hand import by_hand
from tutor.builder.presets import PRESETS
from tutor.builder.told import report_lines
from tutor.cli import main
from tutor.protocol import Failed, Finished, Table
from tutor.sgd import builder_of
from tutor.words import Language

HOMEWORK = groups_from(homework_groups())
CODE = written(HOMEWORK)

# The Python ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_comes_back_from_its_python(name: str) -> None:
    assert read(written(PRESETS[name].builder)) == PRESETS[name].builder


def test_code_as_a_learner_writes_it_is_read() -> None:
    read_back = read(
        """
import torch
import torch.optim as optim
# my homework
a = torch.randn((2, 2), requires_grad=True)
b = torch.zeros(3, requires_grad=True)
opt = optim.SGD(params=[a], momentum=.9, lr=1e-2)
opt.add_param_group({'lr': 2e-2, 'params': [b], 'nesterov': True})
"""
    )
    assert isinstance(read_back, Builder)
    assert [group.params for group in read_back.groups] == [("a",), ("b",)]
    assert list(read_back.groups[0].settings.items()) == [("lr", 0.01), ("momentum", 0.9)]
    assert read_back.groups[1].settings == {"lr": 0.02, "nesterov": True}
    assert read_back.tensor("a").made == "randn"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("code", "line", "said"),
    [
        ("import os\n", 1, "no place"),
        ("x = 1 / 0\n", 1, "no place"),
        ("w = torch.ones(2, requires_grad=True)\n", 1, "no torch.optim.SGD"),
        ("x = (\n", 1, "Python cannot read it"),
        (CODE.replace('"lr": 0.02', '"learning_rate": 0.02'), 8, "no learning_rate"),
        (CODE.replace("lr=0.01", "lr=rate"), 7, "rate is no plain number"),
        (CODE.replace("lr=0.01", "lr=__import__('os').getpid()"), 7, "no plain number"),
        (CODE.replace("[w1], lr", "[w9], lr"), 7, "w9 is no tensor"),
        (CODE.replace("[w1], lr", "w1, lr"), 7, "a list, a set"),
        (CODE.replace("print(index, key, value)", "print(key)"), 11, "no place"),
        (CODE + "for i in range(3):\n    optimizer.step()\n", 14, "no place"),
        (CODE + "optimizer = torch.optim.SGD([w1])\n", 14, "second optimizer"),
        (CODE.replace("\n\noptim", "\nw1 = torch.ones(2, requires_grad=True)\n\noptim"), 6, "assigned anew"),
        (CODE + 'optimizer.add_param_group({"params": []})\n', 14, "no place"),
        ("w1 = torch.ones(0, requires_grad=True)", 1, "from 1 on"),
    ],
)
def test_what_the_form_has_no_place_for_is_said_with_its_line(code: str, line: int, said: str) -> None:
    unread = read(code)
    assert isinstance(unread, Unread)
    assert unread.line == line
    assert said in unread.why.en
    assert unread.why.zh


def test_groups_are_added_removed_and_moved_and_tensors_come_and_go_with_them() -> None:
    more = with_group(HOMEWORK, 0)
    assert [group.params for group in more.groups] == [("w1",), ("w4",), ("w2",), ("w3",)]
    assert without_group(more, 1) == HOMEWORK
    assert moved(moved(HOMEWORK, 0, 1), 1, -1) == HOMEWORK
    assert moved(HOMEWORK, 0, -1) == HOMEWORK
    only = groups_from([{}])
    assert without_group(only, 0) == only


# The form -----------------------------------------------------------------------------------------------------


def typed(form: Form, row: str, text: str, column: int = 0) -> str | None:
    """What the form says to `text` in a field; None if it takes it."""
    form.row, form.column = row, column
    form.open()
    form.draft = text
    return None if form.settle() is not None else form.complaint.en  # type: ignore[union-attr]


def test_fields_take_what_can_be_and_say_what_cannot() -> None:
    form = Form(HOMEWORK)
    assert typed(form, "params", "w1，b1, w2*2") is None
    assert form.builder.groups[0].params == ("w1", "b1", "w2 * 2")
    assert typed(form, "shapes", "(3, 3), (5,), (3, 3)") is None
    assert form.builder.tensor("b1").shape == (5,)  # type: ignore[union-attr]
    assert typed(form, "name", "backbone") is None
    assert "backbone = [w1, b1, w2 * 2]" in form.code
    assert typed(form, "gradients", "1 -2, .5") is None
    assert form.builder.gradients == (1.0, -2.0, 0.5)
    assert typed(form, "lr", "") is None
    assert "lr" not in form.builder.groups[0].settings
    for row, text in (
        ("lr", "fast"), ("lr", "1_0"), ("lr", "nan"), ("name", "w1"), ("name", "for"), ("name", "optimizer"),
        ("params", "1w"), ("params", "w1 * 3"), ("params", "backbone"), ("shapes", "(2, 2)"),
        ("shapes", "(0,), (1,), (1,)"), ("gradients", "up"),
    ):  # fmt: skip
        before = form.builder
        assert typed(form, row, text), (row, text)
        assert form.builder == before
        form.cancel()


def test_no_change_is_lost_and_each_can_be_taken_back() -> None:
    form = Form(HOMEWORK)
    form.take_code(CODE + "print(optimizer)\n")
    assert form.unread is not None
    assert form.builder == HOMEWORK
    form.add_step()  # from here on the form writes the code
    assert form.unread is None
    assert "print(optimizer)" not in form.code
    assert form.undo()
    assert form.code == CODE + "print(optimizer)\n"
    assert form.unread is not None
    assert form.undo()
    assert form.code == CODE
    assert not form.undo()
    assert Form(HOMEWORK, CODE + "# mine\n").code == CODE + "# mine\n", "comments stay with the code"


def test_both_ways_stand_under_one_field_and_every_field_can_be_reached() -> None:
    form = Form(HOMEWORK)
    form.row = "way"
    form.cycle()
    assert form.columns == [-1, 0, 1, 2]
    seen = set()
    for _ in range(60):
        form.go(1)
        seen.add((form.row, form.column))
    assert {("lr", -1), ("name", 2), ("maximize", 2), ("way", -1)} <= seen
    assert ("name", -1) not in seen
    form.row = "way"
    form.cycle()
    assert form.builder == HOMEWORK


# What is said ---------------------------------------------------------------------------------------------------


def answer(groups: Sequence[dict[str, object]], error: str = "") -> Answer:
    rows = [[i, key, value] for i, group in enumerate(groups) for key, value in group.items()]
    result = Answer(CODE, "2.13.0")
    result.take(Table("param_groups", [], rows))
    result.take(
        Failed("ValueError", error, ['File "<code>", line 7, in <module>']) if error else Finished(0.1)
    )
    return result


def built(*settings: tuple[float, float]) -> list[dict[str, object]]:
    return [{"params": [["w", [2]]], "lr": lr, "momentum": momentum} for lr, momentum in settings]


def test_the_homework_is_three_groups_in_their_order_or_four_with_the_constructors_own() -> None:
    three = [(0.01, 0.9), (0.02, 0.8), (0.03, 0.7)]
    assert wanting(answer(built(*three)).groups) is None
    assert wanting(answer(built((0.1, 0), *three)).groups) is None
    for wrong, said in (
        (three[:2], "3 groups are asked for"),
        ([*three, (0.1, 0)], "group 1 needs lr 0.01"),
        (three[::-1], "group 0 needs lr 0.01"),
        ([(0.01, 0.9), (0.02, 0.8), (0.03, 0.9)], "group 2 needs momentum 0.7"),
        ([], "3 groups"),
    ):
        lacks = wanting(answer(built(*wrong)).groups)
        assert lacks is not None
        assert said in lacks.en
        assert lacks.zh


def test_an_error_comes_verbatim_with_its_line_and_its_cause() -> None:
    refused = answer([], "Invalid learning rate: -1")
    for language, cause in ((Language.EN, "Cause: A negative rate"), (Language.ZH, "原因：负的学习率")):
        said = "\n".join(report_lines(refused, HOMEWORK, language))
        assert "ValueError: Invalid learning rate: -1" in said
        assert "7" in said
        assert "optimizer = torch.optim.SGD([w1], lr=0.01, momentum=0.9)" in said
        assert cause in said
    assert len(report_lines(answer([], "something new"), HOMEWORK, Language.EN)) == 4, "no cause is made up"


def test_what_torch_takes_without_a_word_is_remarked() -> None:
    odd = answer(
        [
            {"params": [], "lr": 0.1, "nesterov": False, "momentum": 0},
            {"params": [["w2", [2]]], "lr": -0.1, "nesterov": True, "momentum": 0},
        ]
    )
    said = " ".join(remark.en for remark in remarks(groups_from([{"momentum": 0.9}, {"lr": -0.1}]), odd))
    for words in (
        "no tensor",
        "negative lr",
        "nesterov does nothing",
        "lr is nowhere set",
        "became the optimizer's",
    ):
        assert words in said


def test_a_kept_answer_is_told_again_as_it_was() -> None:
    first = answer(built((0.01, 0.9), (0.02, 0.8), (0.03, 0.7)))
    again = restored(CODE, first.kept())
    assert report_lines(again, HOMEWORK, Language.ZH) == report_lines(first, HOMEWORK, Language.ZH)
    assert wanting(again.groups) is None
    assert restored(CODE, answer([], "no: colon").kept()).failed == Failed("ValueError", "no: colon")


def test_the_hand_computation_writes_down_each_part_of_the_rule() -> None:
    group = {
        "lr": 0.1, "momentum": 0.9, "dampening": 0.5, "weight_decay": 0.1, "nesterov": False, "maximize": True,
    }  # fmt: skip
    first, second = by_hand(group, 2.0, [1.0, 1.0])
    assert first.lines == (
        "g = −(1) = −1",
        "g = −1 + 0.1 · 2 = −0.8",
        "v = g = −0.8",
        "w = 2 − 0.1 · (−0.8) = 2.08",
    )
    assert second.lines[2] == "v = 0.9 · (−0.8) + (1 − 0.5) · (−0.792) = −1.116"


# The command ----------------------------------------------------------------------------------------------------


def test_without_groups_it_is_the_homework() -> None:
    assert builder_of([], 2) == groups_from(homework_groups(), [1.0, 1.0])
    assert builder_of(["lr=1e-2, nesterov=yes"], 0).groups[0].settings == {"lr": 0.01, "nesterov": True}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--group", "rate=1"], "weight_decay"),
        (["--group", "lr"], "KEY=VALUE"),
        (["--group", "lr=fast"], "fast"),
        (["--group", "lr=inf"], "inf"),
        (["--group", "lr=0.1,lr=0.2"], "lr=0.1,lr=0.2"),
        (["--group", "nesterov=maybe"], "true"),
        (["--steps", "-1"], "1000"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_wrong_arguments_end_the_command_with_2(
    arguments: list[str], said: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sgd", *arguments, "--lang", language]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""
