"""The JSON Schema says of a lesson what the loader says."""

import json
from typing import Any

from tutor.course.model import AnyStep
from tutor.course.schema import lesson_schema
from tutor.course.tree import shapes_of


def shape(name: str) -> Any:
    return lesson_schema()["$defs"][name]


def test_it_is_json_and_every_reference_leads_somewhere() -> None:
    schema = lesson_schema()
    text = json.dumps(schema)
    for part in text.split('"$ref": "')[1:]:
        assert part.split('"')[0].removeprefix("#/$defs/") in schema["$defs"]


def test_every_kind_of_step_is_offered() -> None:
    offered = lesson_schema()["properties"]["steps"]["items"]["oneOf"]
    assert [each["$ref"].removeprefix("#/$defs/") for each in offered] == [
        s.__name__ for s in shapes_of(AnyStep)
    ]
    assert shape("Text")["properties"]["kind"] == {"enum": ["text"]}
    number = shape("NumberQuestion")
    assert (number["properties"]["ask"], number["properties"]["kind"]) == (
        {"enum": ["number"]},
        {"enum": ["question"]},
    )
    assert {"ask", "kind", "answer", "prompt"} <= set(number["required"])


def test_a_text_is_plain_or_in_both_languages() -> None:
    plain, both = shape("Text")["properties"]["body"]["anyOf"]
    assert plain == {"type": "string"}
    assert set(both["properties"]) == {"en", "zh"}


def test_a_misspelt_field_is_one_for_the_editor_too() -> None:
    schema = lesson_schema()
    assert schema["additionalProperties"] is False
    assert all(each["additionalProperties"] is False for each in schema["$defs"].values())
    assert set(schema["required"]) == {"id", "title", "summary", "minutes", "concepts", "steps"}
