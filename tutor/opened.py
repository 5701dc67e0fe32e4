"""What the commands work on: the folder of lessons, its index, the learner's progress; or the complaint why not."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.arguments import USAGE_ERROR
from tutor.words import Language, Words

if TYPE_CHECKING:
    from tutor.course.index import Index
    from tutor.progress.store import Store


class Complaint(Exception):
    """Something the caller should know and mend; ends the command."""

    def __init__(self, words: Words, status: int = USAGE_ERROR) -> None:
        super().__init__(words.en)
        self.words = words
        self.status = status


def lessons_folder(options: argparse.Namespace) -> Path:
    from tutor.course.index import default_folder

    folder: Path = options.lessons or default_folder()
    if not (folder / "course.yaml").is_file():
        raise Complaint(
            Words(
                "There are no lessons in {folder}: it has no course.yaml. Name a folder that has one.",
                "{folder} 中没有课程：缺少 course.yaml。请指定一个含有该文件的目录。",
            ).filled(folder=folder)
        )
    return folder


def index_of(folder: Path) -> Index:
    from tutor.course.index import load_index
    from tutor.course.problem import ContentError
    from tutor.places import cache_folder

    try:
        return load_index(folder, cache_folder())
    except ContentError as error:
        en, zh = ("\n".join(each.into(language) for each in error.problems) for language in Language)
        raise Complaint(Words(en, zh), status=1) from error


def learners_store() -> Store:
    from tutor.places import progress_file
    from tutor.progress.store import Store

    return Store.open(progress_file())


def agree_to(options: argparse.Namespace, folder: Path, store: Store) -> None:
    """Let the learner see, once a version, which files with Python in them a folder from elsewhere would run."""
    if not options.lessons:
        return
    from tutor.course.trust import agree, is_agreed, trust_of

    trust = trust_of(folder)
    if is_agreed(trust, store):
        return
    say = options.spoken
    listing = "\n".join(f"  {file}" for file in trust.files)
    asks = Words(
        "The lessons in {folder} bring Python code of their own, which is run on this machine:\n{listing}\n"
        "Run them? Type yes to agree to this version of them: ",
        "{folder} 中的课程带有自己的 Python 代码，会在本机运行：\n{listing}\n"
        "是否允许运行？同意当前版本请输入 yes：",
    ).filled(folder=folder, listing=listing)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Complaint(
            Words(
                "The lessons in {folder} bring Python code of their own:\n{listing}\n"
                "Nothing was run. Read them, then agree in a terminal: tutor --lessons {folder}",
                "{folder} 中的课程带有自己的 Python 代码：\n{listing}\n"
                "未运行任何内容。请先阅读它们，再在终端中确认：tutor --lessons {folder}",
            ).filled(folder=folder, listing=listing)
        )
    print(asks.into(say), end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("yes", "y", "是"):
        raise Complaint(Words("Nothing was run.", "未运行任何内容。"), status=1)
    agree(trust, store)
