"""What is wrong in a lesson's files, said to its author: where, what, and what to write instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tutor.words import Language, Words


@dataclass(frozen=True)
class Problem:
    """One mistake in one place. `line` and `column` count from 1; `wrong` and `write` end without a full stop."""

    file: str
    """The file as its author calls it: relative to the lessons' parent folder, or to the working directory."""
    line: int
    column: int
    wrong: Words
    """What is wrong."""
    write: Words
    """What to write instead."""

    def into(self, language: Language) -> str:
        """`file:line:column: what is wrong: what to write`, in one line."""
        colon = "：" if language is Language.ZH else ": "
        said = f"{self.wrong.into(language)}{colon}{self.write.into(language)}"
        return f"{self.file}:{self.line}:{self.column}: {' '.join(said.split())}"

    def __str__(self) -> str:
        return self.into(Language.EN)


class ContentError(Exception):
    """A file of the course cannot be used; `problems`, at least one, say why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = list(problems)


def listed(names: Sequence[object]) -> str:
    """Names in a row, for a sentence of either language."""
    return ", ".join(str(name) for name in names)
