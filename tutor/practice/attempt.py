"""A learner's attempt at a question, and at a derivation: frozen values that each thing done replaces."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from tutor.course.model import (
    AnyQuestion,
    ChoiceQuestion,
    Derivation,
    OrderQuestion,
    SeveralQuestion,
    TensorQuestion,
)
from tutor.course.sameness import rows_of
from tutor.practice.marking import Answer, Verdict, mark, right_answer


def arranged(question: ChoiceQuestion | SeveralQuestion | OrderQuestion) -> tuple[int, ...]:
    """The order in which options or lines are laid out at first: indices into the question.

    Shuffled from the step's id, so that it is the same for everyone and always; lines to be put in order
    never start out in the right one.
    """
    count = len(question.lines if isinstance(question, OrderQuestion) else question.options)
    order = _shuffled(count, question.id)
    if isinstance(question, OrderQuestion) and mark(question, order).outcome == "right":
        order = order[1:] + order[:1]
    return order


def _shuffled(count: int, seed: str) -> tuple[int, ...]:
    order = list(range(count))
    random.Random(seed).shuffle(order)
    return tuple(order)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Where the learner is with a question: what stands there now, and what was said of it."""

    question: AnyQuestion
    draft: Answer
    """Not yet answered: text, the option under the cursor, the options marked, the lines as they lie."""
    hints: int = 0
    """How many hints were given."""
    verdict: Verdict | None = None
    """On the draft when it was last answered."""
    shown: bool = False
    """The learner asked for the answer."""
    once: bool = False
    """A wrong answer ends it, too: other numbers follow, or the result has been seen."""
    sure: bool | None = None
    """What the learner said of the answer to come; None if nothing."""

    @classmethod
    def begin(cls, question: AnyQuestion, *, once: bool = False) -> Attempt:
        """Nothing answered yet."""
        draft: Answer = ""
        match question:
            case OrderQuestion():
                draft = arranged(question)
            case ChoiceQuestion():
                draft = arranged(question)[0]
            case SeveralQuestion():
                draft = frozenset()
            case TensorQuestion():
                draft = tuple(tuple("" for _ in row) for row in rows_of(question.answer))
        return cls(question, draft, once=once)

    @property
    def over(self) -> bool:
        """Answered right, or shown, or answered at all where that is possible only once."""
        ends = ("right", "wrong") if self.once else ("right",)
        return self.shown or (self.verdict is not None and self.verdict.outcome in ends)

    def doubted(self) -> Attempt:
        """With the next of: unsure, sure, nothing said."""
        return replace(self, sure={None: False, False: True, True: None}[self.sure])

    def answered(self, draft: Answer) -> Attempt:
        """With `draft` given and marked."""
        return replace(self, draft=draft, verdict=mark(self.question, draft))

    def hinted(self) -> Attempt:
        """With one more hint, if there is one."""
        return replace(self, hints=min(self.hints + 1, len(self.question.hints)))

    def revealed(self) -> Attempt:
        """With the right answer in place of the learner's."""
        return replace(self, draft=right_answer(self.question), verdict=None, shown=True)


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a learner is in a derivation."""

    step: Derivation
    done: int = 0
    """Lines that stand there, those given at the start included."""
    refused: tuple[int, ...] = ()
    """Wrong picks for the line that is asked for, in the order they were made: indices into its `wrong`."""
    slips: int = 0
    """Wrong picks in all."""
    shown: bool = False
    """Whether a line was shown on request."""

    @classmethod
    def begin(cls, step: Derivation) -> Walk:
        """At the first line that is asked for."""
        return cls(step)._on()

    @property
    def over(self) -> bool:
        """Every line stands there."""
        return self.done == len(self.step.lines)

    @property
    def outcome(self) -> str:
        """How it counts when it is over."""
        return "shown" if self.shown else "right"

    @property
    def options(self) -> list[int | None]:
        """What there is to pick for the line asked for: None is the right line, a number one of `wrong`.

        Empty where there is nothing to pick, because the line has no `wrong` ones.
        """
        if self.over or not self.step.lines[self.done].wrong:
            return []
        wrong = len(self.step.lines[self.done].wrong)
        return [None if i == wrong else i for i in _shuffled(wrong + 1, f"{self.step.id}:{self.done}")]

    def picked(self, option: int | None) -> Walk:
        """With a wrong pick remembered, or the right line standing there and those that follow unasked."""
        if option is None:
            return replace(self, done=self.done + 1, refused=())._on()
        refused = (*(i for i in self.refused if i != option), option)
        return replace(self, refused=refused, slips=self.slips + 1)

    def revealed(self) -> Walk:
        """With the line asked for put there. Where there is nothing to pick, that is how one goes on."""
        return replace(self.picked(None), shown=self.shown or bool(self.options))

    def _on(self) -> Walk:
        done = self.done
        while done < len(self.step.lines) and self.step.lines[done].ask is None:
            done += 1
        return replace(self, done=done)
