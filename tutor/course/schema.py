"""The lesson format as JSON Schema, so that an editor completes and checks it while it is written."""

from __future__ import annotations

from typing import Any

import msgspec

from tutor.course.model import AnyStep, Lesson
from tutor.course.tree import fields_of, shapes_of
from tutor.words import Words

DIALECT = "https://json-schema.org/draft/2020-12/schema"
WORDS = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
            "required": ["en"],
            "additionalProperties": False,
        },
    ]
}


def lesson_schema() -> dict[str, Any]:
    """The JSON Schema of `lesson.yaml`, from the shapes of the model and their docstrings."""
    # Lesson itself is put together here: its steps carry their tags in two fields, which msgspec does not describe.
    steps = shapes_of(AnyStep)
    fields = {name: field for name, field in fields_of(Lesson).items() if name != "steps"}
    described, components = msgspec.json.schema_components(
        [*steps, *(field.type for field in fields.values())],
        schema_hook=lambda wanted: WORDS if wanted is Words else NotImplemented,
        ref_template="#/$defs/{name}",
    )
    of_steps, of_fields = described[: len(steps)], described[len(steps) :]
    properties = dict(zip(fields, of_fields, strict=True))
    properties["steps"] = {"type": "array", "items": {"oneOf": list(of_steps)}}
    return {
        "$schema": DIALECT,
        "title": "lesson.yaml",
        "description": (Lesson.__doc__ or "").split("\n")[0],
        "type": "object",
        "properties": properties,
        "required": [name for name, field in fields_of(Lesson).items() if field.required],
        "additionalProperties": False,
        "$defs": components,
    }
