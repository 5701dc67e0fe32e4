"""A chain of calls is asked for as torch made it: however an entry is written, and whatever this torch leaves out."""

import pytest

from tutor.course.model import RecordedStep, RecordQuestion, TextMistake
from tutor.practice.chain import read_entry, traced
from tutor.practice.marking import mark, right_answer
from tutor.protocol.trace import Frame
from tutor.stepping.journal import Call
from tutor.words import Words

FRAME = Frame(0, 0, -1, 0)
CALLED = [
    ("Cross.__init__", ""),
    ("_Loss.__init__", "Cross.__init__"),
    ("Module.__init__", "_Loss.__init__"),
    ("Module.__setattr__", "_Loss.__init__"),
    ("Meta.__instancecheck__", "Module.__setattr__"),
    ("Module.register_buffer", "Cross.__init__"),
    ("Module.__setattr__", "Cross.__init__"),
]
CALLS = [Call(name, "x.py", 1, "", FRAME, FRAME, by) for name, by in CALLED]


def step(name: str) -> RecordedStep:
    return RecordedStep(text=Words(name), because=Words(f"[{name}]"))


def asked(*names: str) -> RecordQuestion:
    question = RecordQuestion(
        id="q",
        title=Words("t"),
        kind="question",
        prompt=Words("p"),
        trace="construct",
        steps=[step(name) for name in names],
        mistakes=[TextMistake(text="object", because=Words("In C."))],
    )
    return traced(question, CALLS, "2.13.0")


CONSTRUCTORS = ("Cross.__init__", "_Loss.__init__", "Module.__init__")
QUESTION = asked(*CONSTRUCTORS, "Module.__setattr__", "Module.register_buffer")


def said(*entries: str, question: RecordQuestion = QUESTION) -> list[str]:
    return [words.en for words in mark(question, "\n".join(entries)).because]


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ("第一步：_Loss类，super(_Loss, self).__init__", "_loss"),
        ("Step 2: class _Loss(Module)", "_loss"),
        ("3. enters class Module", "module"),
        ("torch.nn.Module.__init__(self)", "module.__init__"),
        ("nn.Cross()", "cross"),
        ("self.register_buffer('weight', torch.ones(2))", "register_buffer"),
        ("Module 类，register_buffer", "module.register_buffer"),
        ("_ＬＯＳＳ。__init__", "_loss.__init__"),
        ("super(Cross, self).__init__(weight, reduction)", "__init__"),
        ("super().__setattr__('training', True)", "super.__setattr__"),
    ],
)
def test_an_entry_may_be_written_in_many_ways(entry: str, name: str) -> None:
    assert read_entry(entry) == name


@pytest.mark.parametrize(
    "entries",
    [
        ("Cross", "_Loss", "Module", "__setattr__", "register_buffer"),
        (
            "Cross, super().__init__",
            "super().__init__",
            "super().__init__",
            "Module.__setattr__",
            "register_buffer",
        ),
        (
            "Cross",
            "super().__init__",
            "Module",
            "Module.__setattr__",
            "register_buffer",
            "Module.__setattr__",
        ),
        ("Cross", "_Loss", "Module", "__setattr__", "Meta.__instancecheck__", "register_buffer"),
    ],
)
def test_every_order_that_torch_took_is_right(entries: tuple[str, ...]) -> None:
    assert said(*entries) == []


def test_what_was_asked_for_is_the_key() -> None:
    assert right_answer(QUESTION) == "\n".join(
        [*CONSTRUCTORS, "Module.__setattr__", "Module.register_buffer"]
    )
    assert mark(QUESTION, right_answer(QUESTION)).outcome == "right"


def test_a_forgotten_super_is_explained_without_being_named() -> None:
    assert said("Cross", "Module", "__setattr__", "register_buffer") == [
        "After “`Cross.__init__`” a step is missing: [_Loss.__init__]"
    ]


def test_of_several_forgotten_ones_none_is_named() -> None:
    assert said("Cross", "__setattr__", "register_buffer") == [
        "After “`Cross.__init__`” a step is missing: [_Loss.__init__]",
        "And then another one: [Module.__init__]",
    ]


def test_only_the_first_call_counts_as_written_down() -> None:
    (only,) = said("Cross", "_Loss", "Module", "register_buffer", "Module.__setattr__")
    assert only == "After “`Module.__init__`” a step is missing: [Module.__setattr__]"


def test_what_nobody_asks_for_is_explained_by_who_called_it_where_it_is_out_of_place() -> None:
    (only,) = said("Cross", "_Loss", "__instancecheck__", "Module", "__setattr__", "register_buffer")
    assert "Entry 3" in only and "`Module.__setattr__` calls it." in only


def test_strangers_get_their_own_reason() -> None:
    rest = ("Module", "__setattr__", "register_buffer")
    assert said("Cross", "_Loss", "object", *rest) == ["Entry 3, “`object`”: In C."]
    assert "underscores belong" in said("Cross", "_Loss", "Loss", *rest)[0]
    assert "does not enter that" in said("Cross", "_Loss", "forward", *rest)[0]


def test_what_this_torch_does_not_call_is_neither_asked_for_nor_accepted() -> None:
    question = asked(*CONSTRUCTORS, "Module.gone")
    assert said("Cross", "_Loss", "Module", question=question) == []
    (only,) = said("Cross", "_Loss", "Module", "Module.gone", question=question)
    assert "Your torch, 2.13.0, does not enter it here" in only
