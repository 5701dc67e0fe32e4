"""What all shapes of a lesson have in common."""

from __future__ import annotations

import msgspec

from tutor.words import Words


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Base of all shapes: an unknown field is an author's typing mistake and is said so."""


class Step(Shape, frozen=True, kw_only=True):
    """One screen of a lesson. `id` is stable: progress is kept under it."""

    id: str
    title: Words
    terms: list[str] = []
    """Glossary ids of the key terms of this step."""
