"""What must hold of a lab beyond its shape: controls that make sense, a function that takes them, charts of what it yields."""

from __future__ import annotations

import ast
import math
from pathlib import Path
from typing import Any

from tutor.course.document import At
from tutor.course.load import path_faults
from tutor.course.model import Choice, Integer, Lab, LabStep, Number, Prediction
from tutor.course.rules import NAME, Faults, fault, one_of, repeated
from tutor.course.settings import SettingError, fit
from tutor.words import Words


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
    yield from path_faults(lab, at)
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
            case Choice(options=options) if again := repeated(options):
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
        wrong = Words(f"{file}: Python cannot read it ({error})", f"{file}：Python 无法解析（{error}）")
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
