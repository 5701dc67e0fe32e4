"""The arguments of the `tutor` command, explained in the learner's language."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from tutor import __version__
from tutor.words import Language, language_of_environment

USAGE_ERROR = 2
"""Exit status for wrong arguments; 1 is for work that failed."""


def spoken(arguments: Sequence[str]) -> Language:
    """The language to speak, looked up before parsing because the help is spoken in it too."""
    for at, argument in enumerate(arguments):
        following = arguments[at + 1] if at + 1 < len(arguments) else ""
        value = argument.removeprefix("--lang=") if argument.startswith("--lang=") else following
        if argument.startswith("--lang") and value in list(Language):
            return Language(value)
    return language_of_environment()


_CHINESE = (
    (r"argument (.+?): invalid int value: (.+)", r"\1 应为整数，而不是 \2"),
    (r"argument (.+?): invalid choice: (.+?) \(choose from (.+)\)", r"\1 不能是 \2，可选：\3"),
    (r"argument (.+?): expected one argument", r"\1 之后缺少取值"),
    (r"the following arguments are required: (.+)", r"缺少参数：\1"),
    (r"unrecognized arguments: (.+)", r"多余的参数：\1"),
)
"""What argparse complains of, and the same in Chinese."""


def _in_chinese(message: str) -> str:
    """A complaint of argparse in Chinese; one that is not known stays as it is."""
    for english, chinese in _CHINESE:
        if found := re.fullmatch(english, message):
            return found.expand(chinese)
    return message


class Parser(argparse.ArgumentParser):
    """argparse with its own few words in the learner's language."""

    language = Language.EN

    def error(self, message: str) -> NoReturn:
        if self.language is Language.ZH:
            self.exit(USAGE_ERROR, f"{self.prog}：{_in_chinese(message)}。用法见 {self.prog} --help\n")
        self.exit(USAGE_ERROR, f"{self.prog}: {message}: see {self.prog} --help\n")

    def format_help(self) -> str:
        text = super().format_help()
        if self.language is Language.ZH:
            for english, chinese in (
                ("usage:", "用法："),
                ("positional arguments:", "参数："),
                ("options:", "选项："),
                ("show this help message and exit", "显示本帮助后退出"),
                ("show program's version number and exit", "显示版本号后退出"),
            ):
                text = text.replace(english, chinese)
        return text


def parser(language: Language) -> Parser:
    """The parser that speaks `language`; what it parses names the command to do in `does`."""

    def say(en: str, zh: str) -> str:
        return zh if language is Language.ZH else en

    class Spoken(Parser):
        pass

    Spoken.language = language
    # The options that hold everywhere may stand before or after the command: SUPPRESS keeps a
    # command's silence from overwriting what was said before it.
    everywhere = Spoken(add_help=False, argument_default=argparse.SUPPRESS)
    everywhere.add_argument(
        "--lang", choices=[str(each) for each in Language], help=say("the language to speak", "界面语言")
    )
    everywhere.add_argument(
        "--lessons",
        type=Path,
        metavar=say("FOLDER", "目录"),
        help=say("take the lessons from this folder", "使用该目录中的课程"),
    )
    everywhere.add_argument("--version", action="version", version=f"tutor {__version__}")
    everywhere.add_argument(
        "--ascii",
        action="store_true",
        default=argparse.SUPPRESS,
        help=say("draw with ASCII characters only", "只用 ASCII 字符绘图"),
    )
    whole = Spoken(
        prog="tutor",
        parents=[everywhere],
        description=say(
            "A terminal tutor for one week of PyTorch. Without a command it opens where you left off.",
            "在终端里学习一周的 PyTorch 课程。不带命令时，从上次离开的地方继续。",
        ),
    )
    # No defaults for what holds everywhere: its actions are shared with the commands, which would repeat them.
    whole.set_defaults(does="app", slug=None, review=False)
    commands = whole.add_subparsers(metavar=say("COMMAND", "命令"), title=say("commands", "命令"))

    def command(name: str, en: str, zh: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name, parents=[everywhere], help=say(en, zh), description=say(en, zh), prog=f"tutor {name}"
        )

    lesson = command("lesson", "open the app at a lesson", "打开应用并进入某一课")
    lesson.add_argument("slug", metavar=say("SLUG", "课程名"))
    lesson.set_defaults(does="app")

    lessons = command("lessons", "list the course with your progress", "列出课程与学习进度")
    lessons.add_argument("--json", action="store_true", help=say("one JSON object", "输出一个 JSON 对象"))
    lessons.set_defaults(does="lessons")

    review = command("review", "ask again what is due today", "复习今天到期的题目")
    review.set_defaults(does="app", slug=None, review=True)

    report = command("report", "what you did, to read and to hand in", "学习报告，可阅读或上交")
    report.add_argument(
        "--format",
        choices=["md", "html", "json"],
        help=say("by default what the file's name ends with, else md", "默认取决于文件名后缀，否则为 md"),
    )
    report.add_argument(
        "-o",
        dest="file",
        type=Path,
        metavar=say("FILE", "文件"),
        help=say("write it to this file", "写入该文件"),
    )
    report.add_argument(
        "--force",
        action="store_true",
        help=say("replace the file if it is there already", "文件已存在时覆盖它"),
    )
    report.set_defaults(does="report")

    lab = command("lab", "run a lab without a screen", "不打开界面，直接运行实验")
    lab.add_argument(
        "id",
        metavar="ID",
        nargs="?",
        help=say("the lab; without it, all are listed", "实验名；省略则列出全部"),
    )
    lab.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=say("a setting of the lab; may be repeated", "实验的设置，可重复"),
    )
    lab.add_argument("--json", action="store_true", help=say("JSON lines", "逐行输出 JSON"))
    lab.set_defaults(does="lab")

    trace = command("trace", "what a piece of code enters, step by step", "列出一段代码进入的每个类和函数")
    trace.add_argument(
        "snippet",
        metavar=say("CODE", "代码"),
        help=say('for example "nn.CrossEntropyLoss()"', '例如 "nn.CrossEntropyLoss()"'),
    )
    trace.add_argument(
        "--setup",
        default="",
        metavar=say("CODE", "代码"),
        help=say("run this before, without following it", "先运行这段代码，不跟踪"),
    )
    trace.add_argument(
        "--all",
        action="store_true",
        help=say(
            "what is hidden at first, too: torch's plumbing, built-in functions", "同时列出默认隐藏的内容"
        ),
    )
    trace.add_argument("--json", action="store_true", help=say("JSON lines", "逐行输出 JSON"))
    trace.set_defaults(does="trace")

    atlas = command("atlas", "all losses at a glance", "损失函数总览")
    atlas.add_argument(
        "--format",
        choices=["table", "tree", "md", "mermaid", "json"],
        default="table",
        help=say("table if nothing else is said", "默认为 table"),
    )
    atlas.set_defaults(does="atlas")

    sgd = command("sgd", "the parameter groups of an SGD, as torch has them", "由 torch 给出 SGD 的参数组")
    sgd.add_argument(
        "--group",
        action="append",
        default=[],
        metavar="KEY=VALUE,...",
        help=say(
            "a group, the first for the constructor; may be repeated. Without it: the homework's three",
            "一个参数组，第一个交给构造函数，可重复；省略则为作业的三组",
        ),
    )
    sgd.add_argument(
        "--steps",
        type=int,
        default=0,
        metavar="N",
        help=say("take N steps on a gradient of 1", "以梯度 1 更新 N 步"),
    )
    sgd.add_argument(
        "--script",
        dest="file",
        type=Path,
        metavar=say("FILE", "文件"),
        help=say("write the Python that was run to this file", "把所运行的 Python 写入该文件"),
    )
    sgd.add_argument(
        "--force",
        action="store_true",
        help=say("replace the file if it is there already", "文件已存在时覆盖它"),
    )
    sgd.add_argument("--json", action="store_true", help=say("JSON lines", "逐行输出 JSON"))
    sgd.set_defaults(does="sgd")

    check = command("check", "check the lessons in a folder", "检查某个目录中的课程")
    check.add_argument("folder", nargs="?", type=Path, metavar=say("FOLDER", "目录"))
    check.add_argument(
        "--translated",
        action="store_true",
        help=say(
            "note that the Chinese was read again and belongs to the English as it is now",
            "记录：中文已重新核对，与当前英文一致",
        ),
    )
    check.add_argument(
        "--schema",
        action="store_true",
        help=say("print the JSON Schema of lesson.yaml", "输出 lesson.yaml 的 JSON Schema"),
    )
    check.set_defaults(does="check")

    doctor = command("doctor", "say what tutor finds on this machine", "检查本机环境")
    doctor.set_defaults(does="doctor")
    return whole
