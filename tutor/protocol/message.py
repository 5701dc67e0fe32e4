"""What all messages have in common."""

from __future__ import annotations

import msgspec


class Message(msgspec.Struct, frozen=True, tag_field="kind", omit_defaults=True):
    """Base of all messages; `kind` on the wire is the class name in lower case."""
