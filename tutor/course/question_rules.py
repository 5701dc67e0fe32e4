"""What must hold of questions whose answer is typed: the known mistakes can be told from the answer and each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tutor.course.document import At
from tutor.course.lab_rules import settings_faults, value_faults
from tutor.course.load import path_faults
from tutor.course.model import (
    GeneratedQuestion,
    Lab,
    Mistake,
    NumberQuestion,
    PredictQuestion,
    Question,
    RecordQuestion,
    Tensor,
    TensorMistake,
    TensorQuestion,
    TextQuestion,
)
from tutor.course.rules import Faults, fault
from tutor.course.sameness import normal, same_number, same_tensor, size_of
from tutor.course.source import SourceError, function_in, parameters, takes
from tutor.course.templates import TemplateError, names_in, shown
from tutor.words import Words

SAID_ONCE = Words("say both reasons in one, or delete one", "请把两个原因合并，或删除其中一个")


def typed_faults(question: Question, at: At, labs: dict[str, Lab], folder: Path) -> Faults:
    """A question that is answered by typing; `folder` is the lesson's own."""
    match question:
        case NumberQuestion():
            yield from _number_faults(question, at, question.answer)
        case TextQuestion():
            yield from _text_faults(question, at)
        case RecordQuestion():
            yield from _record_faults(question, at)
        case TensorQuestion():
            yield from _tensor_faults(question, at)
        case PredictQuestion():
            yield from settings_faults(question, at, labs)
            if question.lab in labs:
                yield from value_faults(question.of, (*at, "of"), question.lab, labs[question.lab])
            yield from _number_faults(question, at, None)
        case GeneratedQuestion():
            yield from _generated_faults(question, at, folder)


def verify_expressions(question: Question, at: At) -> Iterator[tuple[At, str, float | Tensor, float]]:
    """Each expression an author wrote to prove an answer: where, what, what it must give, how exactly."""
    if not isinstance(question, NumberQuestion | TensorQuestion | PredictQuestion):
        return
    if not isinstance(question, PredictQuestion) and question.verify is not None:
        yield (*at, "verify"), question.verify, question.answer, question.tolerance
    mistakes: Sequence[Mistake | TensorMistake] = question.mistakes
    for index, mistake in enumerate(mistakes):
        if mistake.verify is not None:
            yield (*at, "mistakes", index, "verify"), mistake.verify, mistake.value, question.tolerance


def tolerance_faults(tolerance: float, at: At) -> Faults:
    """A tolerance is a fraction of the answer."""
    if not 0 < tolerance < 1:
        wrong = Words(f"the tolerance {tolerance:g} is not relative", f"容差 {tolerance:g} 不是相对值")
        write = Words("write a fraction of the answer, for example 0.01", "请写答案的比例，例如 0.01")
        yield fault((*at, "tolerance"), wrong, write)


def _number_faults(question: NumberQuestion | PredictQuestion, at: At, answer: float | None) -> Faults:
    """`answer` is None where only a run gives it."""
    tolerance = question.tolerance
    if bad := list(tolerance_faults(tolerance, at)):
        yield from bad
        return
    values = [mistake.value for mistake in question.mistakes]
    yield from _mistakes_faults(
        values, (*at, "mistakes"), answer, lambda a, b: same_number(a, b, tolerance), "value"
    )


def _tensor_faults(question: TensorQuestion, at: At) -> Faults:
    tolerance = question.tolerance
    bad = list(tolerance_faults(tolerance, at))
    size = size_of(question.answer)
    if size is None:
        bad.append(_no_tensor(question.answer, (*at, "answer")))
    for index, mistake in enumerate(question.mistakes):
        place = (*at, "mistakes", index, "value")
        if size_of(mistake.value) is None:
            bad.append(_no_tensor(mistake.value, place))
        elif size is not None and size_of(mistake.value) != size:
            wrong = Words(
                f"this has the shape {size_of(mistake.value)}, the answer {size}",
                f"形状是 {size_of(mistake.value)}，而答案是 {size}",
            )
            bad.append(
                fault(
                    place,
                    wrong,
                    Words("write one that can be typed into its cells", "请写能填进这些格子的值"),
                )
            )
    yield from bad
    if not bad:
        values = [mistake.value for mistake in question.mistakes]
        yield from _mistakes_faults(
            values, (*at, "mistakes"), question.answer, lambda a, b: same_tensor(a, b, tolerance), "value"
        )


def _no_tensor(value: Tensor, at: At) -> Any:
    return fault(
        at,
        Words("this is neither a vector nor a matrix", "既不是向量，也不是矩阵"),
        Words(
            "write [1, 2], or [[1, 2], [3, 4]] with rows of one length",
            "请写 [1, 2]，或各行等长的 [[1, 2], [3, 4]]",
        ),
    )


def _text_faults(question: TextQuestion, at: At) -> Faults:
    if not question.answers:
        yield fault(
            (*at, "answers"),
            Words("nothing is accepted", "没有可接受的答案"),
            Words("write at least one answer", "请至少写一个答案"),
            on_key=True,
        )
    empty = Words("nothing is left of this to compare", "没有可比较的内容")
    for index, answer in enumerate(question.answers):
        if not normal(answer, question.form):
            yield fault((*at, "answers", index), empty, Words("write what is typed", "请写要输入的内容"))
    texts = [normal(mistake.text, question.form) for mistake in question.mistakes]
    for index, text in enumerate(texts):
        if not text:
            yield fault(
                (*at, "mistakes", index, "text"), empty, Words("write what is typed", "请写要输入的内容")
            )
    answers = [normal(answer, question.form) for answer in question.answers]
    for index, text in enumerate(texts):
        place, said = (*at, "mistakes", index, "text"), question.mistakes[index].text
        if text and text in answers:
            wrong = Words(f"{said!r} is accepted as right", f"{said!r} 会被判为正确")
            yield fault(place, wrong, Words("delete it here or in `answers`", "请在此处或 `answers` 中删除"))
        elif text and text in texts[:index]:
            wrong = Words(f"{said!r} is a mistake twice", f"错误答案 {said!r} 重复")
            yield fault(place, wrong, SAID_ONCE)


def _record_faults(question: RecordQuestion, at: At) -> Faults:
    """Each step can be told from the others, and no known mistake is one of them."""
    if len(question.steps) < 2:
        wrong = Words("one step has no order", "只有一步，没有顺序可言")
        yield fault((*at, "steps"), wrong, Words("write two steps or more", "请至少写两步"), on_key=True)
    known: dict[str, int] = {}
    for index, step in enumerate(question.steps):
        for said in (*step.text.both(), *step.accepts):
            if known.setdefault(normal(said, "name"), index) != index:
                wrong = Words(f"{said!r} names two steps", f"{said!r} 同时是两步的名称")
                yield fault((*at, "steps", index, "text"), wrong, Words("name them apart", "请用不同的名称"))
    for index, mistake in enumerate(question.mistakes):
        if normal(mistake.text, "name") in known:
            wrong = Words(f"{mistake.text!r} is accepted as right", f"{mistake.text!r} 会被判为正确")
            write = Words("delete it here or in `steps`", "请在此处或 `steps` 中删除")
            yield fault((*at, "mistakes", index, "text"), wrong, write)


def _mistakes_faults(
    values: Sequence[Any], at: At, answer: Any, same: Callable[[Any, Any], bool], field: str
) -> Faults:
    for index, value in enumerate(values):
        place, said = (*at, index, field), shown(value)
        if answer is not None and same(value, answer):
            wrong = Words(f"{said} is accepted as right", f"{said} 会被判为正确")
            yield fault(
                place, wrong, Words("take another number, or a smaller tolerance", "请换一个数，或减小容差")
            )
        elif any(same(value, other) for other in values[:index]):
            wrong = Words(f"{said} is a mistake twice", f"错误值 {said} 重复")
            yield fault(place, wrong, SAID_ONCE)


def _generated_faults(question: GeneratedQuestion, at: At, folder: Path) -> Faults:
    """What can be known without drawing: the generator is there, and its texts are templates."""
    yield from tolerance_faults(question.tolerance, at)
    if question.streak < 1:
        wrong = Words(
            f"{question.streak} in a row are never reached", f"连续答对 {question.streak} 次没有意义"
        )
        yield fault((*at, "streak"), wrong, Words("write 1 or more", "请写 1 或更大的数"))
    if not question.reasons:
        wrong = Words("no mistake has a reason", "没有任何错误原因")
        write = Words(
            "name the generator's mistakes, each with its reason", "请逐个写出生成函数的错误名及原因"
        )
        yield fault((*at, "reasons"), wrong, write, on_key=True)
    if bad := path_faults(question.generate, (*at, "generate"), function=True):
        yield from bad
        return
    file, _, name = question.generate.partition(":")
    try:
        function = function_in(folder, file, name, ["rng"])
        if not takes(function, ["rng"]):
            raise SourceError(
                Words(
                    f"{name} in {file} takes ({parameters(function)})",
                    f"{file} 中 {name} 的参数是（{parameters(function)}）",
                ),
                Words(f"write `def {name}(rng):`", f"请写成 `def {name}(rng):`"),
            )
    except SourceError as error:
        yield fault((*at, "generate"), error.wrong, error.write)


def template_faults(text: str, at: At) -> Faults:
    """A text that names numbers can be read as such; that they are there, drawing shows."""
    try:
        names_in(text)
    except TemplateError as error:
        yield fault(at, error.words, error.write)
