"""What a lesson's text quotes, found so that a test can hold it against torch."""

import importlib.util
import inspect
import re
from pathlib import Path

import yaml
from torch import nn

LESSONS = Path(__file__).parents[2] / "lessons"
FORMATTED = ("value", "verify", "answer", "answers", "set", "given", "equals")


class Lesson:
    """The English and the Chinese of a lesson by step, and the Python beside it."""

    def __init__(self, folder):
        self.folder = LESSONS / folder
        english = yaml.safe_load((self.folder / "lesson.yaml").read_text(encoding="utf-8"))
        self.steps = {step["id"]: step for step in english["steps"]}
        self.chinese = yaml.safe_load((self.folder / "zh.yaml").read_text(encoding="utf-8"))["steps"]

    def module(self, name):
        spec = importlib.util.spec_from_file_location(
            f"{self.folder.name}_{name}", self.folder / f"{name}.py"
        )
        loaded = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(loaded)
        return loaded

    def options(self, step):
        """The texts of a question's options, and whether each is marked as right."""
        return {option["text"]: option.get("right", False) for option in self.steps[step]["options"]}

    def generated(self):
        return {id: step for id, step in self.steps.items() if step.get("ask") == "generated"}

    def unheard_decimals(self, figures):
        """Decimals of the text that are none of the figures, each with its step; generated texts have their own test."""
        return [
            (id, decimal)
            for id, step in self.steps.items()
            if step.get("ask") != "generated"
            for said in (step, self.chinese[id])
            for decimal in re.findall(r"(?<![\w.{:])\d+\.\d+(?!\w)", texts(said))
            if not any(close(figure, decimal) for figure in figures)
        ]

    def signatures(self):
        """The calls `nn.Name(...)` that formula steps quote with their defaults."""
        bodies = " ".join(step.get("body", "") for step in self.steps.values() if step["kind"] == "formula")
        return dict(re.findall(r"`nn\.(\w+)\((.*?)\)`", bodies))


def close(figure, decimal):
    digits = len(decimal.partition(".")[2])
    return abs(abs(float(figure)) - float(decimal)) <= 0.5001 * 10**-digits


def texts(part):
    """All text as it stands in the file, without what is evaluated or formatted elsewhere."""
    if isinstance(part, dict):
        return " ".join(texts(value) for key, value in part.items() if key not in FORMATTED)
    return " ".join(map(texts, part)) if isinstance(part, list) else str(part)


def defaults(name):
    """The arguments of a loss with their defaults as one writes them, without the two deprecated ones."""
    known = inspect.signature(getattr(nn, name)).parameters.values()
    shown = {each.name: each.default for each in known if each.name not in ("size_average", "reduce")}
    return {name: "1e-8" if value == 1e-8 else repr(value).replace("'", '"') for name, value in shown.items()}
