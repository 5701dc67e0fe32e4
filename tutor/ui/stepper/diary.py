"""The journal of a walk: drawn up when it is asked for, written down whenever the learner comes to a new function."""

from __future__ import annotations

from tutor.progress.store import Store
from tutor.stepping.journal import Journal
from tutor.ui.stepper.walk import Walk

_MANY_CALLS = 20_000
"""Calls from which on it is not written down at every new function, but at the end."""


class Diary:
    """Keeps the journal of code that belongs to a step of a lesson, or to none."""

    def __init__(self, store: Store, lesson: str, step: str) -> None:
        self._store, self._lesson, self._step = store, lesson, step
        self._entered: set[tuple[int, int]] = set()
        self._journal: tuple[tuple[object, ...], Journal] | None = None

    def journal(self, walk: Walk) -> Journal:
        """What was entered, with the learner's lines; drawn up anew only if something of it changed."""
        recording = walk.recording
        key = (id(recording), recording.told, len(walk.visited), frozenset(walk.hidden))
        if self._journal is None or self._journal[0] != key:
            before = self._store.journal(recording.snippet, recording.setup, self._lesson, self._step)
            self._journal = (key, Journal.of(recording, walk.hidden, walk.visited, before))
        return self._journal[1]

    def stood(self, walk: Walk) -> None:
        """The learner stands somewhere: write the journal down if it is a function that they were not in before."""
        if walk.at < 0 or len(walk.recording.calls) > _MANY_CALLS:
            return
        code = (id(walk.recording), walk.recording.code(walk.at).id)
        if code not in self._entered:
            self._entered.add(code)
            self.keep(walk)

    def keep(self, walk: Walk) -> None:
        """Write the journal down."""
        if walk.recording.last >= 0:
            self._store.walked(self.journal(walk), self._lesson, self._step)

    def note(self, walk: Walk, qualname: str, text: str) -> None:
        """Write the learner's own line to an entry."""
        self._store.walked(self.journal(walk).noted(qualname, text), self._lesson, self._step)
        self._journal = None
