"""The same words in both languages, side by side, so that neither can be forgotten."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Language(StrEnum):
    """A language the tutor speaks."""

    EN = "en"
    ZH = "zh"

    @property
    def other(self) -> Language:
        """The language that the switch key leads to."""
        return Language.ZH if self is Language.EN else Language.EN


class Words:
    """One piece of text in English and in Chinese; equal when both are.

    `zh` is empty where a lesson's author has not translated it yet; the English is shown then, and
    `tutor check` complains. Not a dataclass: msgspec would decode that by itself, and only from a map,
    where an author writes plain text.
    """

    __slots__ = ("en", "zh")

    def __init__(self, en: str, zh: str = "") -> None:
        self.en = en
        self.zh = zh

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Words) and (self.en, self.zh) == (other.en, other.zh)

    def __hash__(self) -> int:
        return hash((self.en, self.zh))

    def __repr__(self) -> str:
        return f"Words({self.en!r}, {self.zh!r})"

    def into(self, language: Language) -> str:
        """The text in `language`, in English where there is no Chinese."""
        return (self.zh or self.en) if language is Language.ZH else self.en

    def both(self) -> tuple[str, ...]:
        """The text in each language that it is written in."""
        return (self.en, self.zh) if self.zh else (self.en,)

    def filled(self, **values: Any) -> Words:
        """Both texts with `{name}` replaced; a value that is itself `Words` speaks each language."""

        def spoken(language: Language) -> dict[str, Any]:
            return {k: v.into(language) if isinstance(v, Words) else v for k, v in values.items()}

        return Words(
            self.en.format(**spoken(Language.EN)),
            self.zh.format(**spoken(Language.ZH)) if self.zh else "",
        )


def language_of_environment(environ: Mapping[str, str] = os.environ) -> Language:
    """What `LC_ALL`, `LC_MESSAGES` or `LANG` ask for, the first that is set; English for all but Chinese."""
    locale = next((environ[k] for k in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(k)), "")
    return Language.ZH if locale.lower().startswith("zh") else Language.EN
