"""Steps written down one by one: each entry compared with what really happens, and every difference explained."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from tutor.course.model import RecordQuestion
from tutor.course.sameness import normal
from tutor.words import Words


def entries_of(text: str) -> list[str]:
    """The entries of an answer, one a line; lines without a word do not count."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def place_of(question: RecordQuestion, entry: str) -> int | None:
    """Which recorded step `entry` names, None if it is none of them."""
    given = normal(entry, "name")
    for index, step in enumerate(question.steps):
        if given in {normal(each, "name") for each in (*step.text.both(), *step.accepts)}:
            return index
    return None


def differences(question: RecordQuestion, text: str) -> list[Words]:
    """Every difference between the learner's entries and the recorded steps, in order, each with its reason."""
    entries = entries_of(text)
    places = [place_of(question, entry) for entry in entries]
    wanted: Sequence[int | None] = range(len(question.steps))
    found = []
    matcher = difflib.SequenceMatcher(None, places, wanted, autojunk=False)
    kept = {
        place for block in matcher.get_matching_blocks() for place in wanted[block.b : block.b + block.size]
    }
    for change, begin, end, first, last in matcher.get_opcodes():
        if change != "equal":
            found += [_surplus(question, entries[at], places[at], kept, at + 1) for at in range(begin, end)]
            # A step that stands elsewhere among the entries was said to be out of place already.
            found += [_missing(question, step) for step in range(first, last) if step not in places]
    return found


def _surplus(
    question: RecordQuestion, entry: str, place: int | None, kept: set[int | None], number: int
) -> Words:
    """What is to be said of an entry that does not belong where it stands."""
    if place is None:
        known = [m.because for m in question.mistakes if normal(m.text, "name") == normal(entry, "name")]
        because = known[0] if known else Words("It is none of the steps.", "它不是其中的任何一步。")
        said = Words("Entry {number}, “{entry}”: {because}", "第 {number} 项“{entry}”：{because}")
        return said.filled(number=number, entry=entry, because=because)
    if place in kept:
        said = Words("Entry {number}, “{entry}”, is there twice.", "第 {number} 项“{entry}”重复了。")
        return said.filled(number=number, entry=entry)
    said = Words(
        "Entry {number}, “{entry}”, is out of place: {because}", "第 {number} 项“{entry}”位置不对：{because}"
    )
    return said.filled(number=number, entry=entry, because=question.steps[place].because)


def _missing(question: RecordQuestion, step: int) -> Words:
    """What is to be said of a step that was left out; it does not name the step."""
    if step == 0:
        said = Words("Something comes before all that: {because}", "最前面还缺一步：{because}")
    else:
        said = Words("After “{before}” a step is missing: {because}", "“{before}”之后缺了一步：{because}")
    before = question.steps[step - 1].text if step else ""
    return said.filled(before=before, because=question.steps[step].because)
