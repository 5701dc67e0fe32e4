"""`tutor sgd`: the parameter groups of an SGD as torch has them, without a screen."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tutor.builder.answer import Answer, is_params
from tutor.builder.causes import cause
from tutor.builder.code import written
from tutor.builder.groups import KEYS, SWITCHES, Builder, Settings, groups_from, homework_groups
from tutor.course.index import default_folder
from tutor.protocol import Crashed, Finished, Stopped, plain
from tutor.words import Language, Words

RUNNER = Path("18_sgd_groups", "builder.py")
"""The file beside the lesson that runs the script in the kernel."""
MOST_STEPS = 1000
_SWITCHED = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class BadGroup(ValueError):
    """A `--group` that cannot be one; the words say why."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


def builder_of(groups: Sequence[str], steps: int) -> Builder:
    """The groups that the arguments name, the homework's without any; raises `BadGroup`."""
    if not 0 <= steps <= MOST_STEPS:
        words = Words("--steps takes 0 to {most}, not {n}.", "--steps 需要 0 到 {most}，而不是 {n}。")
        raise BadGroup(words.filled(most=MOST_STEPS, n=steps))
    settings = [settings_of(group) for group in groups] or homework_groups()
    return groups_from(settings, [1.0] * steps)


def settings_of(text: str) -> Settings:
    """`lr=0.01,momentum=0.9` as settings; raises `BadGroup`."""
    settings: dict[str, float | bool] = {}
    for part in text.split(",") if text.strip() else ():
        key, equals, value = (each.strip() for each in part.partition("="))
        if not equals or key not in KEYS:
            words = Words(
                "--group takes KEY=VALUE,..., not {part!r}. The keys are: {keys}.",
                "--group 需要 KEY=VALUE,... 的形式，而不是 {part!r}。可用的键：{keys}。",
            )
            raise BadGroup(words.filled(part=part, keys=", ".join(KEYS)))
        if key in settings:
            words = Words("{key} stands twice in {text!r}.", "{text!r} 中 {key} 写了两次。")
            raise BadGroup(words.filled(key=key, text=text))
        settings[key] = _value(key, value)
    return settings


def _value(key: str, text: str) -> float | bool:
    if key in SWITCHES:
        if text.lower() in _SWITCHED:
            return _SWITCHED[text.lower()]
        words = Words("{key} is true or false, not {text!r}.", "{key} 应为 true 或 false，而不是 {text!r}。")
        raise BadGroup(words.filled(key=key, text=text))
    try:
        number = float(text)
        if abs(number) < 1e300:
            return int(text) if text.lstrip("+-").isdigit() else number
    except ValueError:
        pass
    words = Words("{key} is a number, not {text!r}.", "{key} 应为数，而不是 {text!r}。")
    raise BadGroup(words.filled(key=key, text=text))


def run(builder: Builder, *, as_json: bool, language: Language) -> int:
    """Have torch build it and print the answer; 0 if it did, 1 if it refused, 130 if it was stopped."""
    answer = asyncio.run(_ask(written(builder)))
    if as_json:
        for line in json_lines(answer, language):
            print(json.dumps(line, ensure_ascii=False, allow_nan=False))
    else:
        from tutor.builder.told import report_lines

        print("\n".join(report_lines(answer, builder, language)))
    if isinstance(answer.ending, Stopped):
        return 130
    return 0 if isinstance(answer.ending, Finished) else 1


async def _ask(code: str) -> Answer:
    from tutor.client import Kernel

    kernel, answer = Kernel(), Answer(code)
    await kernel.start()
    try:
        asked = kernel.run_lab(default_folder() / RUNNER, {"code": code})
        if sys.platform != "win32":
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, asked.interrupt)
        async for batch in asked.batches():
            for emission in batch:
                answer.take(emission)
    finally:
        await kernel.close()
    return answer


def json_lines(answer: Answer, language: Language) -> Iterator[dict[str, Any]]:
    """A line for each key of each group, then for each tensor after each step, and for the error, if any."""
    for index, group in enumerate(answer.groups):
        for key, value in group.items():
            if is_params(value):
                value = [{"name": param.name, "shape": list(param.shape)} for param in value]
            yield {"kind": "group", "index": index, "key": key, "value": plain(value)}
    for number, rows in enumerate(answer.steps[1:], 1):
        for row in rows:
            values = {"gradient": row.gradient, "weight": row.weight, "momentum_buffer": row.buffer}
            yield {"kind": "step", "step": number, "index": row.group, "name": row.name, **plain(values)}
    if answer.failed is not None:
        why = cause(answer)
        yield {
            "kind": "error",
            "type": answer.failed.type,
            "message": answer.failed.message,
            "cause": why.into(language) if why is not None else None,
        }
    elif isinstance(answer.ending, Stopped | Crashed):
        yield {"kind": "error", "type": type(answer.ending).__name__, "message": "", "cause": None}
