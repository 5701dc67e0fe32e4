"""A lesson as its tests read it: its steps in both languages, its Python, the decimals it says."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from tutor.lesson import Note, Picture, Point, Table, Value

LESSONS = Path(__file__).parents[2] / "lessons"


class Read:
    """One lesson's folder. `steps` and `chinese` are by id, as YAML has them."""

    def __init__(self, folder: str) -> None:
        self.folder = LESSONS / folder
        self.lesson = yaml.safe_load((self.folder / "lesson.yaml").read_text(encoding="utf-8"))
        self.steps: dict[str, Any] = {step["id"]: step for step in self.lesson["steps"]}
        zh = yaml.safe_load((self.folder / "zh.yaml").read_text(encoding="utf-8"))
        self.chinese: dict[str, Any] = zh["steps"]

    def module(self, name: str) -> ModuleType:
        """The file `name`.py beside the lesson."""
        spec = importlib.util.spec_from_file_location(name, self.folder / f"{name}.py")
        assert spec and spec.loader
        loaded = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(loaded)
        return loaded

    def lab(self, name: str, **changed: Any) -> Emitted:
        """What the lab yields at its defaults, but for what is `changed`."""
        lab = self.lesson["labs"][name]
        settings = {key: control["default"] for key, control in lab["controls"].items()} | changed
        return Emitted(self.module(lab["run"].removesuffix(".py")).run(**settings))

    def unknown_decimals(self, step: str, figures: Iterable[Any]) -> list[str]:
        """The decimals in the texts of a step that are none of `figures`, rounded."""
        known = [abs(float(figure)) for figure in figures]
        unknown = []
        for said in (self.steps[step], self.chinese[step]):
            for decimal in re.findall(r"(?<![\w.{:])\d+\.\d+(?:e-?\d+)?(?!\w)", texts(said)):
                digits = len(decimal.partition("e")[0].partition(".")[2])
                exponent = int(decimal.partition("e")[2] or 0)
                close = 0.5001 * 10.0 ** (exponent - digits)
                if not any(abs(figure - float(decimal)) <= close for figure in known):
                    unknown.append(decimal)
        return unknown


def texts(part: Any) -> str:
    """All text as it stands in the file, without what is evaluated or formatted elsewhere."""
    if isinstance(part, dict):
        skip = ("value", "verify", "answer", "answers", "set", "tolerance")
        return " ".join(texts(value) for key, value in part.items() if key not in skip)
    return " ".join(map(texts, part)) if isinstance(part, list) else str(part)


class Emitted:
    """What a lab yielded, by kind and name."""

    def __init__(self, emissions: Iterable[Any]) -> None:
        every = list(emissions)
        self.values = {e.name: e.value for e in every if isinstance(e, Value)}
        self.tables = {e.name: e for e in every if isinstance(e, Table)}
        self.pictures = {e.name: e for e in every if isinstance(e, Picture)}
        self.notes = [e for e in every if isinstance(e, Note)]
        self.points: dict[str, list[tuple[float, float]]] = {}
        for e in every:
            if isinstance(e, Point):
                self.points.setdefault(e.series, []).append((e.x, e.y))

    def ys(self, series: str) -> list[float]:
        """The points' second numbers, in order."""
        return [y for _, y in self.points[series]]
