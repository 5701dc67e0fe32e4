"""The Chinese laid over the English: every text of a lesson finds its twin at the same place of the other file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tutor.course.document import At
from tutor.course.model import AnyStep
from tutor.course.tree import bare, children, fields_of, shape_of
from tutor.words import Words

ALONE = ("label", "text", "title", "because", "prompt")
"""Where the English has a map, the Chinese may be the text alone: it is the first of these fields."""


class Twins(NamedTuple):
    """One text in both languages, with its place in either file."""

    at: At
    zh_at: At
    words: Words
    beside: bool = False
    """Both languages stand in the English file, as {en, zh}."""


@dataclass
class Overlay:
    """What laying `zh.yaml` over `lesson.yaml` found."""

    twins: list[Twins] = field(default_factory=list)
    strays: list[At] = field(default_factory=list)
    """Places in `zh.yaml` that translate nothing."""

    def lay(self, wanted: Any, en: Any, zh: Any, at: At = (), zh_at: At = ()) -> Any:
        """The tree `en`, of type `wanted`, with each of its texts as `Words` that have their Chinese from `zh`.

        What does not fit `wanted` is left as it is, for `tree.faults` to complain about.
        """
        wanted = bare(wanted)
        if wanted is Words:
            return self._words(en, zh, at, zh_at)
        below = list(children(wanted, en))
        if not below:
            if zh is not None:
                self.strays.append(zh_at)
            return en
        by_id = isinstance(en, list) and below[0][1] == AnyStep
        twins = self._twins(wanted, en, zh, zh_at, by_id)
        merged = dict(en) if isinstance(en, dict) else list(en)
        for key, kind, child in below:
            zh_key: Any = child.get("id") if by_id and isinstance(child, dict) else key
            if not isinstance(zh_key, (str, int)):
                zh_key = "?"
            twin, twin_at = twins.pop(zh_key, (None, (*zh_at, zh_key)))
            merged[key] = self.lay(kind, child, twin, (*at, key), twin_at)
        self.strays += [place for _, place in twins.values()]
        return merged

    def _twins(self, wanted: Any, en: Any, zh: Any, zh_at: At, by_id: bool) -> dict[Any, tuple[Any, At]]:
        """What `zh` has for the children of `en`, by their keys: the value, and its place."""
        if isinstance(zh, str) and isinstance(en, dict):
            shape = shape_of(wanted, en)
            alone = next((name for name in ALONE if shape and name in fields_of(shape)), None)
            if alone:
                return {alone: (zh, zh_at)}
        if isinstance(zh, dict) and (isinstance(en, dict) or by_id):
            return {key: (value, (*zh_at, key)) for key, value in zh.items()}
        if isinstance(zh, list) and isinstance(en, list) and not by_id:
            return {index: (value, (*zh_at, index)) for index, value in enumerate(zh) if value is not None}
        if zh is not None:
            self.strays.append(zh_at)
        return {}

    def _words(self, en: Any, zh: Any, at: At, zh_at: At) -> Any:
        beside = isinstance(en, dict) and "en" in en and en.keys() <= {"en", "zh"}
        if beside:
            en, own = en["en"], en.get("zh")
            if zh is not None:
                self.strays.append(zh_at)
            zh = own
        elif zh is not None and not isinstance(zh, str):
            self.strays.append(zh_at)
        if not isinstance(en, str) or (beside and not isinstance(zh, str | None)):
            return en if not beside else {"en": en, "zh": zh}
        words = Words(en.strip("\n"), zh.strip("\n") if isinstance(zh, str) else "")
        self.twins.append(Twins(at, zh_at, words, beside))
        return words
