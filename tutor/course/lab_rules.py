"""What must hold of a lab beyond its shape: controls that make sense, a function that takes them, charts of what it yields."""

from __future__ import annotations

import ast
import math
from pathlib import Path
from typing import Any

from tutor.builder.presets import PRESETS
from tutor.course.document import At
from tutor.course.load import path_faults
from tutor.course.model import (
    BuilderStep,
    Choice,
    Integer,
    Lab,
    LabStep,
    Number,
    Numbers,
    Prediction,
    PredictQuestion,
    Several,
)
from tutor.course.rules import NAME, Faults, fault, one_of, repeated
from tutor.course.settings import SettingError, fit
from tutor.course.source import SourceError, function_in, parameters, takes
from tutor.course.tree import Fault
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
    yield from path_faults(lab.run, (*at, "run"))
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
        if chart.form == "contour" and (len(chart.series) < 2 or chart.scale == "log"):
            wrong = Words(
                f"the contour chart {chart.id} lacks a path or level lines, or has a log scale",
                f"等高线图 {chart.id} 缺少路径或等高线，或者用了对数坐标",
            )
            write = Words(
                "write the paths and last the points of the level lines under `series`, and no `scale`",
                "请在 `series` 中先写路径，最后写等高线的点，不要写 `scale`",
            )
            yield fault((*at, "charts", index), wrong, write)
    yield from _function_faults(lab.run, list(lab.controls), (*at, "run"), folder)


def _control_faults(lab: Lab, at: At) -> Faults:
    for name, control in lab.controls.items():
        place = (*at, name)
        match control:
            case Numbers(min=float(low), max=float(high)) if not low < high:
                yield _no_range(low, high, place)
                continue
            case Integer(min=low, max=high) | Number(min=low, max=high) if not low < high:
                yield _no_range(low, high, place)
                continue
            case Number(min=low, max=high) if not (math.isfinite(low) and math.isfinite(high)):
                wrong = Words("the range has no end", "范围没有边界")
                yield fault(place, wrong, Words("write finite numbers", "请写有限的数"))
                continue
            case Choice(options=options) | Several(options=options) if again := repeated(options):
                wrong = Words(
                    f"the option {options[again[0]]} is there twice", f"选项 {options[again[0]]} 重复"
                )
                yield fault((*place, "options", again[0]), wrong, Words("delete one", "请删除一个"))
            case Several(options=[]):
                wrong = Words("there is nothing to choose from", "没有可选的内容")
                yield fault((*place, "options"), wrong, Words("write names", "请写若干名称"))
                continue
            case _:
                pass
        yield from _setting_faults(name, control, control.default, (*place, "default"))
        yield from _defaults_faults(name, lab, (*place, "defaults"))
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
                yield from _setting_faults(other, lab.controls[other], value, (*there, index))


def _defaults_faults(name: str, lab: Lab, at: At) -> Faults:
    """Other defaults stand under the options of a choice that has none of its own, and fit the control."""
    control = lab.controls[name]
    free = [each for each, one in lab.controls.items() if isinstance(one, Choice) and not one.defaults]
    for other, options in control.defaults.items():
        choice = lab.controls.get(other)
        if other == name or other not in free or not isinstance(choice, Choice):
            wrong = Words(f"`defaults` names no choice: {other}", f"`defaults` 中的 {other} 不是选择项")
            yield fault(
                (*at, other), wrong, one_of(other, [each for each in free if each != name]), on_key=True
            )
            continue
        for option, value in options.items():
            if option not in choice.options:
                wrong = Words(f"{other} has no option {option}", f"{other} 没有选项 {option}")
                yield fault((*at, other, option), wrong, one_of(option, choice.options), on_key=True)
            else:
                yield from _setting_faults(name, control, value, (*at, other, option))


def _no_range(low: float, high: float, at: At) -> Fault:
    wrong = Words(f"{low:g} to {high:g} is no range", f"{low:g} 到 {high:g} 不是有效范围")
    return fault((*at, "max"), wrong, Words("write a `max` above `min`", "`max` 应大于 `min`"))


def _setting_faults(name: str, control: Any, value: Any, at: At) -> Faults:
    try:
        fit(name, control, value)
    except SettingError as error:
        wrong = Words(error.words.en.rstrip("."), error.words.zh.rstrip("。"))
        yield fault(at, wrong, Words("write what it takes, or widen it", "请写允许的值，或放宽范围"))


def _function_faults(run: str, settings: list[str], at: At, folder: Path) -> Faults:
    """`run` names a generator that takes `settings`."""
    file, _, name = run.partition(":")
    name = name or "run"
    try:
        function = function_in(folder, file, name, settings)
    except SourceError as error:
        yield fault(at, error.wrong, error.write)
        return
    if not any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in ast.walk(function)):
        wrong = Words(f"{name} in {file} yields nothing", f"{file} 中的 {name} 没有 yield")
        yield fault(at, wrong, Words("make it a generator", "请写成生成器"))
    if not takes(function, settings):
        taken, controls = parameters(function), ", ".join(settings)
        wrong = Words(
            f"{name} in {file} takes ({taken}), the controls are ({controls})",
            f"{file} 中 {name} 的参数是（{taken}），而设置项是（{controls}）",
        )
        yield fault(
            at,
            wrong,
            Words(
                "give each control a parameter of its name, and no other",
                "每个设置项对应一个同名参数，不多不少",
            ),
        )


def settings_faults(step: LabStep | PredictQuestion, at: At, labs: dict[str, Lab]) -> Faults:
    """A step names a lab of the course, and settings it can take."""
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
        yield from _setting_faults(name, control, value, (*at, "set", name))


def lab_step_faults(step: LabStep, at: At, labs: dict[str, Lab]) -> Faults:
    """A lab step names a lab of the course, settings it can take, a chart and a value it has."""
    yield from settings_faults(step, at, labs)
    lab = labs.get(step.lab)
    if lab is None:
        return
    charts = [chart.id for chart in lab.charts]
    if step.chart is not None and step.chart not in charts:
        wrong = Words(
            f"the lab {step.lab} has no chart {step.chart}", f"实验 {step.lab} 没有图表 {step.chart}"
        )
        yield fault((*at, "chart"), wrong, one_of(step.chart, charts))
    if step.predict is not None:
        yield from prediction_faults(step.predict, (*at, "predict"), step.lab, lab)


def builder_faults(step: BuilderStep, at: At, folder: Path) -> Faults:
    """A builder's script is run by a function that is there, and it begins with something to build."""
    yield from path_faults(step.run, (*at, "run"))
    yield from _function_faults(step.run, ["code"], (*at, "run"), folder)
    for index, name in enumerate(step.presets):
        if name not in PRESETS:
            wrong = Words(f"there is no preset {name}", f"没有名为 {name} 的预设")
            yield fault((*at, "presets", index), wrong, one_of(name, list(PRESETS)))
    if not step.presets:
        wrong = Words("nothing says where the step begins", "没有说明这一步从哪里开始")
        yield fault((*at, "presets"), wrong, one_of("", list(PRESETS)), on_key=True)


def value_faults(of: str, at: At, name: str, lab: Lab) -> Faults:
    """What is predicted is a value of the lab."""
    if of not in lab.values:
        wrong = Words(f"the lab {name} has no value {of}", f"实验 {name} 没有结果值 {of}")
        yield fault(at, wrong, one_of(of, list(lab.values)))


def prediction_faults(predict: Prediction, at: At, name: str, lab: Lab) -> Faults:
    """A prediction is laid beside a value of the lab; a choice has a value for each option."""
    yield from value_faults(predict.of, (*at, "of"), name, lab)
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
