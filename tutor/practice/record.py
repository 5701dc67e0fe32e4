"""Steps written down one by one: each entry compared with what really happens, and every difference explained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tutor.course.model import RecordQuestion
from tutor.course.sameness import normal
from tutor.practice.chain import read_entry
from tutor.words import Words


def entries_of(text: str) -> list[str]:
    """The entries of an answer, one a line; lines without a word do not count."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def names_of(question: RecordQuestion, entries: Sequence[str]) -> list[str | None]:
    """The step that each entry names, by its English text; None if it is none of them.

    In a chain of calls, "super().__init__" names the next constructor after the entry before.
    """
    known: dict[str, str] = {}
    for step in question.steps:
        for said in (*step.text.both(), *step.accepts):
            known.setdefault(_read(question, said), step.text.en)
    order = [step.text.en for step in question.steps]
    found: list[str | None] = []
    for entry in entries:
        read = _read(question, entry)
        if question.trace is not None and read == "__init__":
            last = next((name for name in reversed(found) if name is not None), None)
            begin = order.index(last) + 1 if last is not None else 0
            found.append(next((name for name in order[begin:] if name.endswith(".__init__")), None))
        else:
            found.append(known.get(read))
    return found


def _read(question: RecordQuestion, text: str) -> str:
    return normal(text, "name") if question.trace is None else read_entry(text)


def differences(question: RecordQuestion, text: str) -> list[Words]:
    """Every difference between the learner's entries and the recorded steps, in order, each with its reason."""
    entries = entries_of(text)
    names = names_of(question, entries)
    pairs = _aligned(question, names)
    kept = {question.steps[step].text.en for _, step in pairs}
    found = []
    entry = step = 0
    for next_entry, next_step in [*pairs, (len(entries), len(question.steps))]:
        found += [_surplus(question, entries[at], names[at], kept, at + 1) for at in range(entry, next_entry)]
        before = question.steps[step - 1].text if step else None
        for at in range(step, next_step):
            # One that stands elsewhere among the entries was said to be out of place already.
            elsewhere = question.steps[at].text.en in names and question.steps[at].text.en not in kept
            if not question.steps[at].optional and not elsewhere:
                found.append(_missing(question, at, before))
                before = _SAID
        entry, step = next_entry + 1, next_step + 1
    return found


_SAID = Words("")
"""In place of the step before: one that was said to be missing, too, and that is not to be named."""


def _aligned(question: RecordQuestion, names: Sequence[str | None]) -> list[tuple[int, int]]:
    """Which entry stands for which step: in order, as many as possible, those first that are asked for."""
    steps = question.steps
    worth = [1 if step.optional else 1000 for step in steps]
    best = [[0] * (len(steps) + 1) for _ in range(len(names) + 1)]
    for entry in reversed(range(len(names))):
        for step in reversed(range(len(steps))):
            skip = max(best[entry + 1][step], best[entry][step + 1])
            same = names[entry] == steps[step].text.en
            best[entry][step] = max(skip, worth[step] + best[entry + 1][step + 1]) if same else skip
    return list(_walked(question, names, best, worth))


def _walked(
    question: RecordQuestion, names: Sequence[str | None], best: list[list[int]], worth: list[int]
) -> Iterator[tuple[int, int]]:
    entry = step = 0
    while entry < len(names) and step < len(question.steps):
        same = names[entry] == question.steps[step].text.en
        if same and best[entry][step] == worth[step] + best[entry + 1][step + 1]:
            yield entry, step
            entry, step = entry + 1, step + 1
        elif best[entry][step] == best[entry][step + 1]:
            step += 1
        else:
            entry += 1


def _surplus(question: RecordQuestion, entry: str, name: str | None, kept: set[str], number: int) -> Words:
    """What is to be said of an entry that does not belong where it stands."""
    shown = _quoted(question, Words(entry))
    if name is None:
        said = Words("Entry {number}, {entry}: {because}", "第 {number} 项{entry}：{because}")
        return said.filled(number=number, entry=shown, because=_stranger(question, entry))
    because = next(step.because for step in question.steps if step.text.en == name)
    times = sum(step.text.en == name for step in question.steps)
    if name in kept and times == 1:
        said = Words("Entry {number}, {entry}, is there twice.", "第 {number} 项{entry}重复了。")
        return said.filled(number=number, entry=shown)
    said = Words(
        "Entry {number}, {entry}, is out of place: {because}", "第 {number} 项{entry}位置不对：{because}"
    )
    return said.filled(number=number, entry=shown, because=because)


def _quoted(question: RecordQuestion, name: Words) -> Words:
    """A name as it stands in a sentence. Those of functions are code: their underscores are no signs."""
    if question.trace is None:
        return Words("“{name}”", "“{name}”").filled(name=name)
    return Words("“`{name}`”", "“`{name}`”").filled(name=name.en.replace("`", ""))


def _stranger(question: RecordQuestion, entry: str) -> Words:
    """Why an entry is none of the steps."""
    read = _read(question, entry)
    known = [mistake.because for mistake in question.mistakes if _read(question, mistake.text) == read]
    if known:
        return known[0]
    if question.trace is None:
        return Words("It is none of the steps.", "它不是其中的任何一步。")
    ways = {_read(question, said) for step in question.steps for said in (step.text.en, *step.accepts)}
    if read.replace("_", "") in {way.replace("_", "") for way in ways}:
        return Words("Almost: the underscores belong to the name.", "很接近：下划线也是名字的一部分。")
    return Words("torch does not enter that here.", "torch 在这里没有进入它。")


def _missing(question: RecordQuestion, step: int, before: Words | None) -> Words:
    """What is to be said of a step that was left out after the one `before`; it does not name the step."""
    because = question.steps[step].because
    if before is None:
        return Words("Something comes before all that: {because}", "最前面还缺一步：{because}").filled(
            because=because
        )
    if before is _SAID:
        return Words("And then another one: {because}", "接着还缺一步：{because}").filled(because=because)
    said = Words("After {before} a step is missing: {because}", "{before}之后缺了一步：{because}")
    return said.filled(before=_quoted(question, before), because=because)
