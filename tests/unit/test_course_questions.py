"""What an author can do wrong with texts, tensors, predictions and drawn questions, planted into a small lesson."""

import runpy
import shutil
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import msgspec
import pytest

from tutor.course.check import check, translated
from tutor.course.index import load_index
from tutor.course.load import ContentError, load_lesson
from tutor.course.model import GeneratedQuestion, TensorQuestion, TextQuestion
from tutor.protocol import Variant

LESSON, ZH, VARIANTS = "03_typed/lesson.yaml", "03_typed/zh.yaml", "03_typed/variants.py"


def evaluate(expressions: dict[str, str]) -> dict[str, object]:
    return {name: eval(expression) for name, expression in expressions.items()}


def pose(file: Path, function: str, seeds: list[int]) -> list[Variant] | str:
    """What the kernel does, without torch."""
    try:
        generate = runpy.run_path(str(file))[function]
        return [msgspec.structs.replace(generate(Random(seed)), seed=seed) for seed in seeds]
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def play(file: Path, function: str, settings: dict[str, Any]) -> dict[str, Any] | str:
    try:
        yielded = runpy.run_path(str(file))[function](**settings)
        return {each.name: each.value for each in yielded}
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@pytest.fixture
def course(course: Path) -> Path:
    """The small course, with a lesson of typed questions more."""
    shutil.copytree(Path(__file__).parent.parent / "data" / "03_typed", course / "03_typed")
    with (course / "course.yaml").open("a") as file:
        file.write("      - folder: 03_typed\n")
    translated(course)
    return course


def test_the_lesson_is_sound_and_loads_as_it_is_written(course: Path, tmp_path: Path) -> None:
    assert "\n".join(map(str, check(course, evaluate, pose, play))) == ""
    entry = load_index(course, tmp_path / "cache").lessons[-1]
    name, cells, _, drawn, *_ = load_lesson(course, entry).steps
    assert isinstance(name, TextQuestion) and name.answers == ["entropy", "Shannon entropy"]
    assert isinstance(cells, TensorQuestion) and cells.answer == [2.0, 4.0]
    assert isinstance(drawn, GeneratedQuestion) and drawn.reasons["same"].zh == "你没有改变 {n}。"


class Planted(NamedTuple):
    file: str
    old: str
    new: str
    at: str
    """The spoilt text that the place must point to."""
    wrong: str
    write: str
    said_in: str = LESSON


MISTAKES = {
    # Texts
    "a text that is right and wrong": Planted(LESSON, "text: KL", "text: Shannon-Entropy.", "Shannon-E", "'Shannon-Entropy.' is accepted as right", "delete it here"),
    "a text that is wrong twice": Planted(LESSON, "text: KL", "text: Cross  Entropy", "Cross  E", "'Cross  Entropy' is a mistake twice", "both reasons"),
    "an empty answer": Planted(LESSON, "[entropy, Shannon entropy]", '[entropy, " ` "]', '" ` "', "nothing is left of this", "what is typed"),
    "an empty wrong text": Planted(LESSON, "text: KL", 'text: ""', '"", because', "nothing is left of this", "what is typed"),
    "no answer": Planted(LESSON, "answers: [entropy, Shannon entropy]", "answers: []", "answers: []", "nothing is accepted", "at least one"),
    # Tensors
    "a tensor that is right and wrong": Planted(LESSON, "value: [1, 2]", "value: [2.001, 4]", "[2.001", "[2.001, 4] is accepted as right", "smaller tolerance"),
    "a tensor that is wrong twice": Planted(LESSON, "value: [1, 2]", "value: [1, 4.001]", "[1, 4.001]", "[1, 4.001] is a mistake twice", "both reasons"),
    "a tensor of another shape": Planted(LESSON, "value: [1, 2]", "value: [[1, 2]]", "[[1, 2]], because", "this has the shape (1, 2), the answer (2,)", "cells"),
    "a ragged tensor": Planted(LESSON, "answer: [2, 4]", "answer: [[2, 4], [2]]", "[[2, 4], [2]]", "neither a vector nor a matrix", "rows of one length"),
    "a mixed tensor": Planted(LESSON, "answer: [2, 4]", "answer: [2, [4]]", "[2, [4]]", "neither a vector nor a matrix", "rows of one length"),
    "no tensor": Planted(LESSON, "answer: [2, 4]", "answer: 2", "2\n    verify", "`answer` must be a list, not the number 2", "- "),
    "a tensor that torch denies": Planted(LESSON, '"[2 * 1, 2 * 2]"', '"[2 * 1, 2 * 3]"', '"[2 * 1, 2 * 3]"', "this gives [2, 6], `answer` says [2, 4]", "mend one"),
    "a number for a tensor": Planted(LESSON, '"[2 * 1, 2 * 2]"', "2 * 1", "2 * 1\n", "this gives no tensor (2)", "one Python expression"),
    "a wrong tensor that torch denies": Planted(LESSON, '"[1, 2 ** 2]"', '"[1, 2]"', '"[1, 2]"', "this gives [1, 2], `value` says [1, 4]", "mend one"),
    # Predictions
    "a prediction from no lab": Planted(LESSON, "lab: double", "lab: doubel", "doubel", "no lesson declares the lab doubel", "did you mean `double`?"),
    "a prediction of no value": Planted(LESSON, "of: total", "of: totl", "totl", "the lab double has no value totl", "did you mean `total`?"),
    "a prediction with a ragged table": Planted(LESSON, "[[1, 3]]", "[[1, 3], [1]]", "[[1, 3]", "inputs must be rows of finite numbers", "write what it takes"),
    "a prediction with no setting": Planted(LESSON, "{inputs: [[1, 3]]}", "{input: [[1, 3]]}", "input: [[", "the lab double has no control input", "did you mean `inputs`?"),
    "a prediction that comes true and is wrong": Planted(LESSON, "value: 4, because: {en: Not", "value: 8.001, because: {en: Not", "8.001", "8.001 is what the lab gives, and right", "another number"),
    "a lab that gives no number": Planted("03_typed/double.py", "sum(2 * n for row in inputs for n in row)", "None", "total\n    mistakes", "the lab gives no number for it (None)", "mend the lab"),
    "a lab that fails": Planted("03_typed/double.py", "2 * n", "n / 0", "total\n    mistakes", "the lab gives no number for it (ZeroDivisionError: ", "mend the lab"),
    # Controls
    "a default that is no table": Planted(LESSON, "default: [[1, 2]]", "default: [1, 2]", "[1, 2], label", "inputs must be rows of finite numbers", "write what it takes"),
    # Drawn questions
    "a generator of nowhere": Planted(LESSON, "variants.py:double", "variant.py:double", "variant.py", "there is no file variant.py", "mend its name"),
    "a generator from elsewhere": Planted(LESSON, "variants.py:double", "../03_typed/variants.py:double", "../03", "is no file beside this lesson", "file.py:function"),
    "a generator without a name": Planted(LESSON, "variants.py:double", "variants.py", "variants.py", "'variants.py' names no function", "file.py:function"),
    "a generator that is not there": Planted(LESSON, "variants.py:double", "variants.py:triple", "variants.py:triple", "variants.py has no function triple", "def triple(rng):"),
    "a generator of two arguments": Planted(VARIANTS, "double(rng)", "double(rng, n)", "variants.py:double", "takes (rng, n)", "def double(rng):"),
    "a generator that fails": Planted(VARIANTS, "2 * n", "n / 0", "variants.py:double", "the generator fails (ZeroDivisionError: division by zero)", "mend it"),
    "the same numbers always": Planted(VARIANTS, "rng.randint(3, 9)", "7", "variants.py:double", "the same numbers whatever the seed", "draw from `rng`"),
    "a mistake that is the key": Planted(VARIANTS, "randint(3, 9)", "randint(2, 3)", "variants.py:double", "squared and answer both give 4", "draw again"),
    "two mistakes alike": Planted(VARIANTS, '"same": n}', '"same": n * n * 1.0001}', "variants.py:double", "same and squared both give", "draw again"),
    "an infinite key": Planted(VARIANTS, "answer=2 * n", 'answer=float("inf")', "variants.py:double", "the answer is inf", "mend the generator"),
    "a tensor for a number": Planted(VARIANTS, "answer=2 * n", "answer=[2 * n]", "variants.py:double", "no number", "mend the generator"),
    "a mistake without reason": Planted(VARIANTS, '"same": n}', '"same": n, "less": n - 1}', "reasons:", "the mistake less has no reason", "add `less: `"),
    "a reason without mistake": Planted(VARIANTS, ', "same": n', "", "same: You", "the generator names no mistake same", "it names squared"),
    "no reasons": Planted(LESSON, '    reasons:\n      squared: "{n} squared is {square:.1f}."\n      same: You left {n} as it is.\n', "    reasons: {}\n", "reasons: {}", "no mistake has a reason", "name the generator's mistakes"),
    "a number nobody draws": Planted(LESSON, "twice {n}", "twice {m}", "How much is twice", "the generator gives no field m", "it gives answer, n, square"),
    "a number nobody draws in Chinese": Planted(ZH, "{n} 的两倍", "{m} 的两倍", '"{m} 的', "the generator gives no field m", "it gives", ZH),
    "another number in Chinese": Planted(ZH, "你没有改变 {n}", "你没有改变 {square}", "你没有", "the names differ from the English (lacks {n}; adds {square})", "same in both", ZH),
    "another format in Chinese": Planted(ZH, "{square:.1f}", "{square:.2f}", '"{n} 的平方', "the names differ from the English", "same in both", ZH),
    "another digit beside the names": Planted(ZH, '"{n} + {n}"]', '"{n} + {n} + 0"]', '"{n} + {n} + 0', "the numbers differ from the English (adds 0)", "same in both", ZH),
    "a lone brace": Planted(LESSON, "twice {n}?", "twice {n?", "How much", "a brace stands alone", "double a brace"),
    "a name that is none": Planted(LESSON, "twice {n}?", "twice {n.real}?", "How much", "{n.real} is no plain name", "write {name}"),
    "a format that is none": Planted(LESSON, "{square:.1f}", "{square:.1q}", '"{n} squared', "{square:.1q} cannot be filled in", "another format"),
    "a streak of nothing": Planted(LESSON, "streak: 2", "streak: 0", "0\n", "0 in a row", "1 or more"),
    "a tolerance of nothing": Planted(LESSON, "streak: 2", "tolerance: 0", "0\n", "the tolerance 0 is not relative", "0.01"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_planted_mistake_is_said_once_at_its_place_in_both_languages(course: Path, name: str) -> None:
    planted = MISTAKES[name]
    text = (course / planted.file).read_text(encoding="utf-8")
    assert planted.old in text
    (course / planted.file).write_text(text.replace(planted.old, planted.new, 1), encoding="utf-8")
    translated(course)
    found = check(course, evaluate, pose, play)
    of_it = [p for p in found if planted.wrong in p.wrong.en and p.file == f"course/{planted.said_in}"]
    assert len(of_it) == 1, "\n".join(map(str, found))
    assert planted.write in of_it[0].write.en
    said_in = (course / planted.said_in).read_text(encoding="utf-8")
    before = said_in[: said_in.index(planted.at)]
    assert of_it[0].line == before.count("\n") + 1, str(of_it[0])
    assert of_it[0].column == len(before) - before.rfind("\n"), str(of_it[0])
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in p.wrong.zh + p.write.zh) for p in found)


def test_a_generator_from_elsewhere_is_not_even_loaded(course: Path, tmp_path: Path) -> None:
    text = (course / LESSON).read_text()
    (course / LESSON).write_text(text.replace("variants.py:double", "/tmp/variants.py:double"))
    entry = load_index(course, tmp_path / "cache").lessons[-1]
    with pytest.raises(ContentError, match="no file beside this lesson"):
        load_lesson(course, entry)


def test_without_a_kernel_generators_and_labs_are_only_read(course: Path) -> None:
    lab, path = course / "03_typed" / "double.py", course / VARIANTS
    lab.write_text(lab.read_text().replace("2 * n", "n / 0"))
    path.write_text(path.read_text().replace("2 * n", "n / 0"))
    assert check(course, evaluate) == []
