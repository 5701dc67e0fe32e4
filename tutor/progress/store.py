"""Every step seen, answer given, prediction made, lab run and journal kept, in one SQLite file."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor.progress.file import ProgressFile
from tutor.progress.rows import Given, Ran, StepState, Summarised, Walked

if TYPE_CHECKING:
    from tutor.stepping.journal import Journal

_RANK = {"skipped": 0, "wrong": 1, "shown": 2, "right": 3}


class Store(ProgressFile):
    """The learner's progress. All methods are synchronous and quick; none raises for a bad file or disk."""

    @classmethod
    def open(cls, path: Path) -> Store:
        """The store in `path`, which is created with its folder if need be."""
        return cls(path)

    # What the learner does ---------------------------------------------------------------------------------

    def seen(self, lesson: str, step: str) -> None:
        """The step was on screen."""
        self._write("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", lesson, step, time.time())

    def move(self, lesson: str, step: str) -> None:
        """The learner is at this step now; where `tutor` goes on next time."""
        self.set("place", json.dumps([lesson, step]))

    def answered(
        self,
        lesson: str,
        step: str,
        given: str,
        outcome: str,
        hints: int,
        *,
        key: str = "",
        sure: bool | None = None,
        seed: int | None = None,
    ) -> None:
        """A question was answered `given`, after `hints` hints; the rest is as `Given` has it."""
        self._write(
            "INSERT INTO answer (at, lesson, step, given, outcome, hints, key, sure, seed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(time.time(), lesson, step, given, outcome, hints, key, sure, seed),
        )

    def predicted(self, lesson: str, step: str, given: str) -> None:
        """What the learner said before a run."""
        self._write(
            "INSERT INTO prediction (at, lesson, step, given) VALUES (?, ?, ?, ?)",
            *(time.time(), lesson, step, given),
        )

    def ran(
        self,
        lesson: str,
        step: str,
        lab: str,
        settings: dict[str, Any],
        values: dict[str, Any],
        ending: str,
        series: dict[str, list[list[Any]]] | None = None,
    ) -> None:
        """A lab was run with `settings`, gave `values` and `series`, and ended like `ending`."""
        kept = (json.dumps(each) for each in (settings, values))
        self._write(
            "INSERT INTO run (at, lesson, step, lab, settings, results, ending, series)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *(time.time(), lesson, step, lab, *kept, ending, json.dumps(series or {})),
        )

    def walked(self, journal: Journal, lesson: str = "", step: str = "") -> None:
        """The journal of stepping through the code of a step, or through code of the learner's own, is this now."""
        self._write(
            "INSERT INTO journal (lesson, step, snippet, setup, at, complete, content) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (lesson, step, snippet, setup) DO UPDATE SET at = excluded.at, content = excluded.content,"
            " complete = max(complete, excluded.complete)",
            *(lesson, step, journal.snippet, journal.setup, time.time(), journal.complete, journal.written()),
        )

    def summarised(self, lesson: str, step: str, given: str, outcome: str) -> None:
        """The learner's summary is `given` from now on."""
        self._write(
            "INSERT OR REPLACE INTO summary VALUES (?, ?, ?, ?, ?)", lesson, step, time.time(), given, outcome
        )

    def set(self, name: str, value: str) -> None:
        """Keep a setting of the app."""
        self._write("INSERT OR REPLACE INTO setting VALUES (?, ?, ?)", name, value, time.time())

    # What is known -----------------------------------------------------------------------------------------

    def setting(self, name: str) -> str | None:
        """A setting of the app, None if it was never set."""
        rows = self._read("SELECT value FROM setting WHERE name = ?", name)
        return rows[0][0] if rows else None

    def place(self) -> tuple[str, str] | None:
        """The lesson and step where the learner was last."""
        try:
            lesson, step = json.loads(self.setting("place") or "null")
            return str(lesson), str(step)
        except (TypeError, ValueError):
            return None

    def steps(self, lesson: str) -> dict[str, StepState]:
        """The state of every step of `lesson` that the learner met."""
        states = {
            step: StepState(True) for (step,) in self._read("SELECT step FROM seen WHERE lesson = ?", lesson)
        }
        for step, outcomes in self.outcomes(lesson).items():
            states[step] = StepState(True, max(outcomes, key=lambda outcome: _RANK.get(outcome, 0)))
        return states

    def outcomes(self, lesson: str) -> dict[str, list[str]]:
        """The outcomes of every question of `lesson` that was answered, in the order of the answers.

        Of code that was stepped through it is "right" if that was done to the end, else "begun"; of a summary how it
        stands now.
        """
        found: defaultdict[str, list[str]] = defaultdict(list)
        for summary in self.summaries():
            if summary.lesson == lesson:
                found[summary.step].append(summary.outcome)
        for step, outcome in self._read(
            "SELECT step, outcome FROM answer WHERE lesson = ? ORDER BY id", lesson
        ):
            found[step].append(outcome)
        for step, complete in self._read("SELECT step, complete FROM journal WHERE lesson = ?", lesson):
            found[step].append("right" if complete else "begun")
        return dict(found)

    def answers(self) -> list[Given]:
        """Every answer ever given, in the order they were given."""
        rows = self._read(
            "SELECT at, lesson, step, given, outcome, hints, key, sure, seed FROM answer ORDER BY id"
        )
        return [
            Given(
                at, lesson, step, given, outcome, hints, key or "", None if sure is None else bool(sure), seed
            )
            for at, lesson, step, given, outcome, hints, key, sure, seed in rows
        ]

    def summaries(self) -> list[Summarised]:
        """Every summary as it is now."""
        rows = self._read("SELECT at, lesson, step, given, outcome FROM summary ORDER BY at")
        return [Summarised(*row) for row in rows]

    def runs(self) -> list[Ran]:
        """Every run of a lab, in the order they ended."""
        rows = self._read(
            "SELECT at, lesson, step, lab, settings, results, ending, series FROM run ORDER BY id"
        )
        return [
            Ran(
                at,
                lesson,
                step,
                lab,
                json.loads(settings),
                json.loads(values),
                ending,
                json.loads(series or "{}"),
            )
            for at, lesson, step, lab, settings, values, ending, series in rows
        ]

    def journals(self) -> list[Walked]:
        """Every journal, the lessons' and those of the learner's own code, in the order of the last changes."""
        from tutor.stepping.journal import Journal

        rows = self._read("SELECT at, lesson, step, complete, content FROM journal ORDER BY at")
        return [
            Walked(at, lesson, step, bool(complete), journal)
            for at, lesson, step, complete, content in rows
            if (journal := Journal.read(content)) is not None
        ]

    def journal(self, snippet: str, setup: str, lesson: str = "", step: str = "") -> Journal | None:
        """What was kept of stepping through this code; None if it never was."""
        from tutor.stepping.journal import Journal

        rows = self._read(
            "SELECT content FROM journal WHERE lesson = ? AND step = ? AND snippet = ? AND setup = ?",
            *(lesson, step, snippet, setup),
        )
        return Journal.read(rows[0][0]) if rows else None

    def seen_steps(self) -> dict[str, AbstractSet[str]]:
        """For each lesson the ids of its steps that were seen."""
        seen: defaultdict[str, AbstractSet[str]] = defaultdict(frozenset)
        for lesson, step in self._read("SELECT lesson, step FROM seen"):
            seen[lesson] |= {step}
        return dict(seen)

    def prediction(self, lesson: str, step: str) -> str | None:
        """What the learner last predicted at this step."""
        rows = self._read(
            "SELECT given FROM prediction WHERE lesson = ? AND step = ? ORDER BY id DESC LIMIT 1",
            lesson,
            step,
        )
        return rows[0][0] if rows else None
