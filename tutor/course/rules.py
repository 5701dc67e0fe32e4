"""What must hold inside one lesson beyond its shapes: questions that can be answered, labs that can be run."""

from __future__ import annotations

import ast
import difflib
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tutor.course.document import At
from tutor.course.model import (
    AnyStep,
    ChoiceQuestion,
    Derivation,
    Integer,
    Lab,
    LabStep,
    Number,
    NumberQuestion,
    OrderQuestion,
    Prediction,
    Question,
    SeveralQuestion,
)
from tutor.course.model import Choice as ChoiceControl
from tutor.course.problem import listed
from tutor.course.settings import SettingError, fit
from tutor.course.tree import Fault
from tutor.words import Words

FEWEST_QUESTIONS = 6
MOST_HINTS = 3
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
CONCEPT = re.compile(r"[A-Z]\d{2}")

Faults = Iterator[Fault]


def fault(at: At, wrong: Words, write: Words, *, on_key: bool = False) -> Fault:
    """A fault at the value that `at` leads to, or at its key."""
    return Fault(at, on_key, wrong, write)


def one_of(name: str, known: Sequence[str]) -> Words:
    """What to write instead of the unknown `name`."""
    close = difflib.get_close_matches(name, known, 1)
    if close:
        return Words(f"did you mean `{close[0]}`?", f"是否想写 `{close[0]}`？")
    if not known:
        return Words("delete it: there is none", "请删除：没有可用的值")
    return Words(f"write one of {listed(known)}", f"可选值有 {listed(known)}")


def repeated(names: Sequence[Any]) -> list[int]:
    """The indices of names that stand earlier in the list, too."""
    return [index for index, name in enumerate(names) if name in names[:index]]


# The head ------------------------------------------------------------------------------------------------------


def head_faults(tree: dict[str, Any]) -> Faults:
    """The lesson's own fields."""
    id, minutes, concepts = tree.get("id"), tree.get("minutes"), tree.get("concepts")
    if isinstance(id, str):
        yield from slug_faults(("id",), id)
    if isinstance(minutes, int) and minutes < 1:
        yield fault(
            ("minutes",),
            Words(f"{minutes} minutes is no time", f"时长不能为 {minutes} 分钟"),
            Words("write how long a learner needs, for example 30", "请写学习所需的分钟数，例如 30"),
        )
    for index, concept in enumerate(concepts if isinstance(concepts, list) else []):
        if isinstance(concept, str) and not CONCEPT.fullmatch(concept):
            yield fault(
                ("concepts", index),
                Words(f"{concept!r} is no concept", f"{concept!r} 不是概念编号"),
                Words(
                    "write a capital letter and two digits, for example I01",
                    "请写一个大写字母加两位数字，例如 I01",
                ),
            )
    steps = tree.get("steps")
    kinds = [step.get("kind") for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    if (count := kinds.count("question")) < FEWEST_QUESTIONS:
        yield fault(
            ("steps",),
            Words(f"{count} questions are too few", f"只有 {count} 道题，太少"),
            Words(f"ask at least {FEWEST_QUESTIONS}", f"请至少写 {FEWEST_QUESTIONS} 道题"),
            on_key=True,
        )
    ids = (
        [step.get("id") if isinstance(step, dict) else None for step in steps]
        if isinstance(steps, list)
        else []
    )
    for index in repeated(ids):
        if isinstance(ids[index], str):
            yield fault(
                ("steps", index, "id"),
                Words(f"the step id {ids[index]} is there twice", f"步骤 id {ids[index]} 重复"),
                Words("rename one: progress is kept under it", "请改名，学习进度按 id 保存"),
            )


def slug_faults(at: At, id: str) -> Faults:
    """An id that is typed on a command line or kept in the progress file."""
    if not SLUG.fullmatch(id):
        yield fault(
            at,
            Words(f"the id {id!r} is not plain", f"id {id!r} 不合规范"),
            Words(
                "use small letters, digits and hyphens, for example one-step",
                "请用小写字母、数字和连字符，例如 one-step",
            ),
        )


# Steps ---------------------------------------------------------------------------------------------------------


def step_faults(step: AnyStep, at: At, labs: dict[str, Lab], terms: Sequence[str]) -> Faults:
    """One step. `labs` are those of the whole course."""
    yield from slug_faults((*at, "id"), step.id)
    for index, term in enumerate(step.terms):
        if term not in terms:
            yield fault(
                (*at, "terms", index),
                Words(f"the glossary has no {term}", f"术语表中没有 {term}"),
                Words("add it to glossary.yaml", "请加入 glossary.yaml")
                if not (close := difflib.get_close_matches(term, terms, 1))
                else Words(
                    f"did you mean `{close[0]}`? Else add it to glossary.yaml",
                    f"是否想写 `{close[0]}`？否则请加入 glossary.yaml",
                ),
            )
    if isinstance(step, Question):
        yield from question_faults(step, at)
    elif isinstance(step, Derivation):
        yield from derivation_faults(step, at)
    elif isinstance(step, LabStep):
        yield from lab_step_faults(step, at, labs)


def question_faults(question: Question, at: At) -> Faults:
    """A question has answers that can be told apart, and at most three hints."""
    if len(question.hints) > MOST_HINTS:
        yield fault(
            (*at, "hints", MOST_HINTS),
            Words(f"{len(question.hints)} hints are too many", f"提示有 {len(question.hints)} 条，太多"),
            Words(f"keep {MOST_HINTS}, the last one the solution", f"请保留 {MOST_HINTS} 条，最后一条是解答"),
        )
    match question:
        case ChoiceQuestion(options=options) | SeveralQuestion(options=options):
            right = sum(option.right for option in options)
            if isinstance(question, ChoiceQuestion) and right != 1:
                yield fault(
                    (*at, "options"),
                    Words(f"{right} options are right", f"有 {right} 个正确选项"),
                    Words(
                        "mark exactly one by `right: true`, or ask: several",
                        "请只给一个选项写 `right: true`，或改为 ask: several",
                    ),
                    on_key=True,
                )
            elif right == 0:
                yield fault(
                    (*at, "options"),
                    Words("no option is right", "没有正确选项"),
                    Words("mark the right ones by `right: true`", "请给正确选项写 `right: true`"),
                    on_key=True,
                )
            yield from _alike([option.text.en for option in options], (*at, "options"), "text")
        case OrderQuestion(lines=lines):
            if len(lines) < 2:
                yield fault(
                    (*at, "lines"),
                    Words("one line has no order", "只有一行，无需排序"),
                    Words("write at least two", "请至少写两行"),
                    on_key=True,
                )
        case NumberQuestion():
            yield from number_faults(question, at)


def _alike(texts: list[str], at: At, field: str) -> Faults:
    if len(texts) < 2:
        yield fault(
            at,
            Words("there is nothing to choose from", "没有可选的内容"),
            Words("write at least two options", "请至少写两个选项"),
            on_key=True,
        )
    for index in repeated(texts):
        yield fault(
            (*at, index, field),
            Words("this option is there twice", "选项重复"),
            Words("change or delete one of the two", "请修改或删除其中一个"),
        )


def number_faults(question: NumberQuestion, at: At) -> Faults:
    """Known mistakes lead to numbers that differ from the answer and from each other."""
    if not 0 < question.tolerance < 1:
        yield fault(
            (*at, "tolerance"),
            Words(
                f"the tolerance {question.tolerance:g} is not relative",
                f"容差 {question.tolerance:g} 不是相对值",
            ),
            Words("write a fraction of the answer, for example 0.01", "请写答案的比例，例如 0.01"),
        )
        return
    for index, mistake in enumerate(question.mistakes):
        place = (*at, "mistakes", index, "value")
        if agree(mistake.value, question.answer, question.tolerance):
            yield fault(
                place,
                Words(f"{mistake.value:g} is accepted as right", f"{mistake.value:g} 会被判为正确"),
                Words("take another number, or a smaller tolerance", "请换一个数，或减小容差"),
            )
        elif any(
            agree(mistake.value, other.value, question.tolerance) for other in question.mistakes[:index]
        ):
            yield fault(
                place,
                Words(f"{mistake.value:g} is a mistake twice", f"错误值 {mistake.value:g} 重复"),
                Words("say both reasons in one, or delete one", "请把两个原因合并，或删除其中一个"),
            )


def agree(value: float, target: float, tolerance: float) -> bool:
    """Whether two numbers count as one: relative to `target`, absolutely if that is 0; NaN agrees with NaN."""
    if not (math.isfinite(value) and math.isfinite(target)):
        return value == target or (math.isnan(value) and math.isnan(target))
    return abs(value - target) <= tolerance * (abs(target) or 1.0) * (1 + 1e-9)


def verify_expressions(question: NumberQuestion, at: At) -> Iterator[tuple[At, str, float]]:
    """Each expression an author wrote to prove a number: where, what, and the number it must give."""
    if question.verify is not None:
        yield (*at, "verify"), question.verify, question.answer
    for index, mistake in enumerate(question.mistakes):
        if mistake.verify is not None:
            yield (*at, "mistakes", index, "verify"), mistake.verify, mistake.value


def derivation_faults(step: Derivation, at: At) -> Faults:
    """A line that is asked for has wrong lines beside it; no two of them are the same."""
    for index, line in enumerate(step.lines):
        place = (*at, "lines", index)
        if line.ask is not None and not line.wrong:
            yield fault(
                place,
                Words(
                    "this line is asked for, but there is no wrong one to choose",
                    "这一行要求选择，却没有错误的选项",
                ),
                Words("add `wrong` lines, or delete `ask`", "请补上 `wrong`，或删除 `ask`"),
            )
        if line.ask is None and line.wrong:
            yield fault(
                (*place, "wrong"),
                Words("nobody sees these lines, for nothing is asked", "没有提问，这些行不会显示"),
                Words("add `ask`, or delete `wrong`", "请补上 `ask`，或删除 `wrong`"),
                on_key=True,
            )
        formulas = [line.formula.strip(), *(wrong.formula.strip() for wrong in line.wrong)]
        for again in repeated(formulas):
            yield fault(
                (*place, "wrong", again - 1, "formula"),
                Words("this line is there twice", "这一行重复"),
                Words("change or delete one of the two", "请修改或删除其中一行"),
            )


def lab_step_faults(step: LabStep, at: At, labs: dict[str, Lab]) -> Faults:
    """A lab step names a lab of the course, settings it can take, a chart and a value it has."""
    lab = labs.get(step.lab)
    if lab is None:
        wrong = Words(f"no lesson declares the lab {step.lab}", f"没有课程声明实验 {step.lab}")
        yield fault((*at, "lab"), wrong, one_of(step.lab, list(labs)))
        return
    for name, value in step.set.items():
        control = lab.controls.get(name)
        if control is None:
            wrong = Words(f"the lab {step.lab} has no control {name}", f"实验 {step.lab} 没有设置项 {name}")
            yield fault((*at, "set", name), wrong, one_of(name, list(lab.controls)), on_key=True)
            continue
        yield from _value_faults(name, control, value, (*at, "set", name))
    charts = [chart.id for chart in lab.charts]
    if step.chart is not None and step.chart not in charts:
        wrong = Words(
            f"the lab {step.lab} has no chart {step.chart}", f"实验 {step.lab} 没有图表 {step.chart}"
        )
        yield fault((*at, "chart"), wrong, one_of(step.chart, charts))
    if step.predict is not None:
        yield from prediction_faults(step.predict, (*at, "predict"), step.lab, lab)


def prediction_faults(predict: Prediction, at: At, name: str, lab: Lab) -> Faults:
    """A prediction is laid beside a value of the lab; a choice has a value for each option."""
    if predict.of not in lab.values:
        wrong = Words(f"the lab {name} has no value {predict.of}", f"实验 {name} 没有结果值 {predict.of}")
        yield fault((*at, "of"), wrong, one_of(predict.of, list(lab.values)))
    if predict.ask == "choice":
        if len(predict.options) < 2 or len(predict.options) != len(predict.equals):
            yield fault(
                at,
                Words(
                    f"{len(predict.options)} options stand against {len(predict.equals)} values",
                    f"选项有 {len(predict.options)} 个，对应的值有 {len(predict.equals)} 个",
                ),
                Words(
                    "write two or more `options`, and in `equals` what the value is for each",
                    "请写两个以上 `options`，并在 `equals` 中逐个写出对应的值",
                ),
                on_key=True,
            )
    elif predict.options or predict.equals:
        yield fault(
            (*at, "options" if predict.options else "equals"),
            Words("a number is asked for, not a choice", "这里要求输入数，而不是选择"),
            Words("add `ask: choice`, or delete it", "请补上 `ask: choice`，或删除它"),
            on_key=True,
        )


# Labs ----------------------------------------------------------------------------------------------------------


def lab_faults(name: str, lab: Lab, at: At, folder: Path) -> Faults:
    """A lab's controls make sense by themselves, and are the parameters of a function that is there."""
    if not NAME.fullmatch(name):
        yield fault(
            at,
            Words(f"the lab id {name!r} is not plain", f"实验 id {name!r} 不合规范"),
            Words(
                "use small letters, digits and underscores, for example learning_rate",
                "请用小写字母、数字和下划线，例如 learning_rate",
            ),
            on_key=True,
        )
    yield from _control_faults(lab, (*at, "controls"))
    charts = [chart.id for chart in lab.charts]
    for index in repeated(charts):
        wrong = Words(f"the chart id {charts[index]} is there twice", f"图表 id {charts[index]} 重复")
        yield fault((*at, "charts", index), wrong, Words("rename one", "请改名"))
    for index, chart in enumerate(lab.charts):
        for number, series in enumerate(chart.series):
            if series not in lab.series:
                wrong = Words(f"the series {series} has no label", f"数据系列 {series} 没有标签")
                yield fault((*at, "charts", index, "series", number), wrong, one_of(series, list(lab.series)))
    yield from _source_faults(lab, (*at, "run"), folder)


def _control_faults(lab: Lab, at: At) -> Faults:
    for name, control in lab.controls.items():
        place = (*at, name)
        match control:
            case Integer(min=low, max=high) | Number(min=low, max=high) if not low < high:
                wrong = Words(f"{low:g} to {high:g} is no range", f"{low:g} 到 {high:g} 不是有效范围")
                yield fault((*place, "max"), wrong, Words("write a `max` above `min`", "`max` 应大于 `min`"))
                continue
            case Number(min=low, max=high) if not (math.isfinite(low) and math.isfinite(high)):
                wrong = Words("the range has no end", "范围没有边界")
                yield fault(place, wrong, Words("write finite numbers", "请写有限的数"))
                continue
            case ChoiceControl(options=options) if again := repeated(options):
                wrong = Words(
                    f"the option {options[again[0]]} is there twice", f"选项 {options[again[0]]} 重复"
                )
                yield fault((*place, "options", again[0]), wrong, Words("delete one", "请删除一个"))
            case _:
                pass
        yield from _value_faults(name, control, control.default, (*place, "default"))
        for other, values in control.when.items():
            there = (*place, "when", other)
            if other == name or other not in lab.controls:
                wrong = Words(
                    f"`when` names no other control: {other}", f"`when` 中的 {other} 不是其他设置项"
                )
                yield fault(
                    there, wrong, one_of(other, [each for each in lab.controls if each != name]), on_key=True
                )
                continue
            for index, value in enumerate(values):
                yield from _value_faults(other, lab.controls[other], value, (*there, index))


def _value_faults(name: str, control: Any, value: Any, at: At) -> Faults:
    try:
        fit(name, control, value)
    except SettingError as error:
        wrong = Words(error.words.en.rstrip("."), error.words.zh.rstrip("。"))
        yield fault(at, wrong, Words("write what it takes, or widen it", "请写允许的值，或放宽范围"))


def _source_faults(lab: Lab, at: At, folder: Path) -> Faults:
    """Read without importing it: the check must not run what a stranger wrote."""
    file, _, function = lab.run.partition(":")
    function = function or "run"
    try:
        tree = ast.parse((folder / file).read_bytes(), file)
    except OSError:
        wrong = Words(f"there is no file {file} beside this lesson", f"本课目录中没有文件 {file}")
        yield fault(at, wrong, Words("write it, or mend its name", "请编写该文件，或改正文件名"))
        return
    except (SyntaxError, ValueError) as error:
        where = f", {Words('line').en} {error.lineno}" if isinstance(error, SyntaxError) else ""
        wrong = Words(
            f"{file}{where}: Python cannot read it ({error})", f"{file}：Python 无法解析（{error}）"
        )
        yield fault(at, wrong, Words("mend its syntax", "请改正语法"))
        return
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found = functions.get(function)
    if found is None:
        wrong = Words(f"{file} has no function {function}", f"{file} 中没有函数 {function}")
        yield fault(
            at,
            wrong,
            Words(
                f"write `def {function}({', '.join(lab.controls)}):`",
                f"请编写 `def {function}({', '.join(lab.controls)}):`",
            ),
        )
        return
    if not any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in ast.walk(found)):
        wrong = Words(f"{function} in {file} yields nothing", f"{file} 中的 {function} 没有 yield")
        yield fault(at, wrong, Words("make it a generator", "请写成生成器"))
    arguments = found.args
    takes = [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    if sorted(takes) != sorted(lab.controls) or arguments.vararg or arguments.kwarg or arguments.posonlyargs:
        wrong = Words(
            f"{function} in {file} takes ({', '.join(takes)}), the controls are ({', '.join(lab.controls)})",
            f"{file} 中 {function} 的参数是（{', '.join(takes)}），而设置项是（{', '.join(lab.controls)}）",
        )
        yield fault(
            at,
            wrong,
            Words(
                "give each control a parameter of its name, and no other",
                "每个设置项对应一个同名参数，不多不少",
            ),
        )
