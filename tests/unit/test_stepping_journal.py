"""The journal has every function once, tells what became of it, and loses nothing that the learner wrote."""

import pytest

from tests.unit.stepping_hand import Hand
from tutor.protocol import Failed
from tutor.stepping.groups import GROUPS
from tutor.stepping.journal import Entry, Journal, between, calls, entries, steps_in_words
from tutor.stepping.recording import Recording

LOSS, MODULE = "/torch/nn/loss.py", "C:\\torch\\nn\\module.py"


def constructed(torch: str = "2.13.0", ends: bool = True) -> tuple[Recording, dict[str, int]]:
    """`Loss()`: three constructors by super(), an attribute set twice, a C function called."""
    hand, at = Hand(), {}
    hand.recording.torch = torch
    hand.call("<module>")
    at["snippet"] = hand.line(1)
    at["Loss"] = hand.call("Loss.__init__", -1, LOSS, 10)
    at["Base"] = hand.call("Base.__init__", -1, LOSS, 3)
    at["Module"] = hand.call("Module.__init__", -1, MODULE, 20)
    at["log"] = hand.event("c_call", 21, name="torch._C.log", group="checks")
    hand.leave(22)
    for line in (4, 5):
        at["set"] = hand.call("Module.__setattr__", -1, MODULE, 90, "attributes")
        hand.leave(91)
        hand.line(line)
    hand.leave(6)
    # For another object: a constructor that is called within one, but not by super().
    at["Part"] = hand.call("Part.__init__", -2, LOSS, 30)
    hand.leave(31)
    at["helper"] = hand.call("build.<locals>.helper", 0, LOSS, 40)
    hand.leave(41)
    hand.leave(11)
    hand.leave(1)
    hand.end(None if ends else Failed("ValueError", "no"))
    return hand.recording, at


def states(found: list[Entry]) -> dict[str, str]:
    return {each.qualname: each.state for each in found}


def test_every_function_is_there_once_in_the_order_of_its_first_call() -> None:
    recording, at = constructed()
    found = entries(recording, GROUPS, [at["snippet"], at["Base"]])
    assert [(e.qualname, e.place, e.count) for e in found] == [
        ("Loss.__init__", "loss.py:10", 1),
        ("Base.__init__", "loss.py:3", 1),
        ("Module.__init__", "module.py:20", 1),
        ("torch._C.log", "C++", 1),
        ("Module.__setattr__", "module.py:90", 2),
        ("Part.__init__", "loss.py:30", 1),
        ("build.<locals>.helper", "loss.py:40", 1),
    ]
    assert "<module>" not in states(found), "the learner's own code is no function that was entered"
    assert [call.qualname for call in calls(recording)].count("Module.__setattr__") == 2


def test_it_tells_where_the_learner_was_what_ran_and_what_was_hidden() -> None:
    recording, at = constructed()
    told = states(entries(recording, GROUPS, [at["Base"], at["log"]]))
    assert told["Base.__init__"] == told["torch._C.log"] == "visited", "being there counts, hidden or not"
    assert told["Loss.__init__"] == "ran" and told["Module.__setattr__"] == "hidden"
    assert states(entries(recording, [], []))["Module.__setattr__"] == "ran", "with nothing hidden"


def test_the_course_form_says_super_where_a_constructor_goes_on_for_the_same_object() -> None:
    recording, _ = constructed()
    shown = [each for each in entries(recording, [], [])]
    assert [words.en for words in steps_in_words(shown)] == [
        "Step 1: class Loss, super().__init__",
        "Step 2: class Base, super().__init__",
        "Step 3: enters class Module, __init__",
        "Step 4: into C++: torch._C.log",
        "Step 5: class Module, __setattr__",
        "Step 6: enters class Part, __init__",
        "Step 7: function build.<locals>.helper",
    ]
    assert steps_in_words(shown)[2].zh == "第三步：进入 Module 类，__init__"


def test_a_hidden_wrapper_between_two_entries_is_explained() -> None:
    hand = Hand("optimizer.step()\n")
    hand.call("<module>")
    hand.call("hooks.<locals>.wrapper", 0, "/torch/optim/optimizer.py", 5, "wrappers")
    hand.call("record.__enter__", 0, "/torch/profiler.py", 7, "plumbing")
    hand.call("SGD.step", -1, "/torch/optim/sgd.py", 9)
    recording = hand.recording
    step = next(e for e in entries(recording, GROUPS, []) if e.qualname == "SGD.step")
    assert step.wrappers == ["hooks.<locals>.wrapper"] and step.caller == ""
    said = between(step)
    assert said is not None
    assert said.en.startswith("Between your code and `SGD.step` stands `hooks.<locals>.wrapper`.")
    assert GROUPS["wrappers"].about.zh in said.zh
    shown = next(e for e in entries(recording, [], []) if e.qualname == "SGD.step")
    assert between(shown) is None and shown.caller == "record.__enter__", "shown wrappers need no word"


def test_it_is_complete_once_the_learner_was_in_all_that_is_shown_and_the_run_came_to_its_end() -> None:
    recording, at = constructed()
    everywhere = set(at.values())
    assert Journal.of(recording, GROUPS, everywhere).complete
    assert not Journal.of(recording, GROUPS, everywhere - {at["Part"]}).complete
    assert not Journal.of(constructed(ends=False)[0], GROUPS, everywhere).complete
    nothing = Hand()
    nothing.call("<module>")
    nothing.end()
    assert not Journal.of(nothing.recording, GROUPS, [0]).complete, "nothing was entered"


def test_the_learners_lines_and_where_they_were_last_time_are_kept() -> None:
    recording, at = constructed()
    first = Journal.of(recording, GROUPS, [at["Loss"]]).noted("Base.__init__", " sets “reduction” \n")
    again = Journal.of(recording, GROUPS, [at["Base"]], Journal.read(first.written()))
    assert again.notes == {"Base.__init__": "sets “reduction”"}
    assert {name for name, state in states(again.entries).items() if state == "visited"} == {
        "Loss.__init__",
        "Base.__init__",
    }
    assert again.noted("Base.__init__", " ").notes == {}


def test_after_another_torch_only_the_lines_are_kept() -> None:
    old = Journal.of(constructed("2.6.0")[0], GROUPS, [constructed()[1]["Loss"]]).noted(
        "Loss.__init__", "mine"
    )
    new = Journal.of(constructed()[0], GROUPS, [], old)
    assert new.torch == "2.13.0" and new.notes == {"Loss.__init__": "mine"}
    assert "visited" not in states(new.entries).values()


@pytest.mark.parametrize("text", ["", "{}", "null", '{"snippet": 3}'])
def test_what_is_no_journal_is_none(text: str) -> None:
    assert Journal.read(text) is None
