"""The `tutor` command: the app, and the same abilities without a screen."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.arguments import USAGE_ERROR, parser, spoken
from tutor.words import Language, Words

if TYPE_CHECKING:
    from tutor.course.index import Index
    from tutor.progress.store import Store


def main(argv: Sequence[str] | None = None) -> int:
    """Run `tutor` with these arguments; the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    language = spoken(arguments)
    options = parser(language).parse_args(arguments, argparse.Namespace(lessons=None, ascii=False))
    options.spoken = language
    _speak_utf8()
    try:
        status = _COMMANDS[options.does](options)
    except Complaint as complaint:
        print(complaint.words.into(language), file=sys.stderr)
        return complaint.status
    except BrokenPipeError:
        # Whoever read us has read enough; Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return status


class Complaint(Exception):
    """Something the caller should know and mend; ends the command."""

    def __init__(self, words: Words, status: int = USAGE_ERROR) -> None:
        super().__init__(words.en)
        self.words = words
        self.status = status


def _speak_utf8() -> None:
    """Signs that the terminal's encoding lacks are replaced, not raised over."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace")


# What the commands share -----------------------------------------------------------------------------------


def _folder(options: argparse.Namespace) -> Path:
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


def _index(folder: Path) -> Index:
    from tutor.course.index import load_index
    from tutor.course.problem import ContentError
    from tutor.places import cache_folder

    try:
        return load_index(folder, cache_folder())
    except ContentError as error:
        en, zh = ("\n".join(each.into(language) for each in error.problems) for language in Language)
        raise Complaint(Words(en, zh), status=1) from error


def _store() -> Store:
    from tutor.places import progress_file
    from tutor.progress.store import Store

    return Store.open(progress_file())


def _agree(options: argparse.Namespace, folder: Path, store: Store) -> None:
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


# The commands ----------------------------------------------------------------------------------------------


def _app(options: argparse.Namespace) -> int:
    folder = _folder(options)
    index = _index(folder)
    start_at: tuple[str, str | None] | None = None
    if options.slug is not None:
        from tutor.course.index import find_lesson

        if find_lesson(index, options.slug) is None:
            raise Complaint(
                Words(
                    "There is no lesson {slug}. The lessons are: {known}.",
                    "没有名为 {slug} 的课程。现有课程：{known}。",
                ).filled(slug=options.slug, known=", ".join(each.id for each in index.lessons))
            )
        start_at = (options.slug, None)
    store = _store()
    if options.review and not (sys.stdin.isatty() and sys.stdout.isatty()):
        _print_due(folder, index, store, _chosen_language(options, store))
        return 0
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        _print_course(index, store, options.spoken)
        print()
        print(
            Words(
                "In a terminal, `tutor` opens the lessons. Here: tutor lab ID, tutor check, tutor doctor, tutor --help.",
                "在终端中运行 `tutor` 即可打开课程；此处可用：tutor lab ID、tutor check、tutor doctor、tutor --help。",
            ).into(options.spoken)
        )
        return 0
    if options.lessons:
        from tutor.course.trust import opened

        if not store.setting(opened(folder)):
            _agree(options, folder, store)
            store.set(opened(folder), "yes")
    from tutor.ui.app import run_app

    language = _chosen_language(options, store)
    status = run_app(
        folder,
        index,
        store,
        language=language,
        ascii=options.ascii,
        start_at=start_at,
        foreign=options.lessons is not None,
        review=options.review,
    )
    store.close()
    if store.unsaved:
        # Said again where it stays on the screen.
        raise Complaint(
            Words(
                "What you did in this session is lost: {trouble}", "本次学习的进度已丢失：{trouble}"
            ).filled(trouble=store.trouble),
            status=1,
        )
    return status


def _chosen_language(options: argparse.Namespace, store: Store) -> Language:
    """What `--lang` says, else what the learner switched to last, else what the environment asks for."""
    kept = store.setting("language")
    if not hasattr(options, "lang") and kept in list(Language):
        return Language(kept)
    return Language(options.spoken)


def _lessons(options: argparse.Namespace) -> int:
    index = _index(_folder(options))
    store = _store()
    if not options.json:
        _print_course(index, store, options.spoken)
        return 0
    seen = store.seen_steps()
    lessons = [
        {
            "id": lesson.id,
            "title": lesson.title.into(options.spoken),
            "part": part.title.into(options.spoken),
            "minutes": lesson.minutes,
            "steps": len(lesson.steps),
            "seen": sum(step.id in seen.get(lesson.id, ()) for step in lesson.steps),
            "labs": [lab.id for lab in lesson.labs],
        }
        for part in index.parts
        for lesson in part.lessons
    ]
    print(json.dumps({"title": index.title.into(options.spoken), "lessons": lessons}, ensure_ascii=False))
    return 0


def _print_course(index: Index, store: Store, language: Language) -> None:
    from rich.cells import cell_len

    seen = store.seen_steps()
    print(index.title.into(language))
    width = max((cell_len(lesson.title.into(language)) for lesson in index.lessons), default=0)
    number = 0
    for part in index.parts:
        print(f"\n{part.title.into(language)}")
        for lesson in part.lessons:
            number += 1
            title = lesson.title.into(language)
            known = {step.id for step in lesson.steps}
            done = len(known & set(seen.get(lesson.id, ())))
            print(
                f"  {number:2}  {title}{' ' * (width - cell_len(title))}  {done:2}/{len(known):<2}  {lesson.id}"
            )


def _print_due(folder: Path, index: Index, store: Store, language: Language) -> None:
    """How much there is to review, and what."""
    from datetime import UTC, datetime

    from tutor.places import cache_folder
    from tutor.practice.review import schedule_of

    due = schedule_of(folder, index, store.answers(), cache_folder()).due(datetime.now(UTC))
    print(Words("Questions due: {n}", "到期题目：{n}").filled(n=len(due)).into(language))
    titles = {
        (entry.id, step.id): f"{entry.title.into(language)} › {step.title.into(language)}"
        for entry in index.lessons
        for step in (entry.steps if entry.id in {lesson for lesson, _ in due} else ())
    }
    for question in due:
        print(f"  {titles[question]}")


def _report(options: argparse.Namespace) -> int:
    from datetime import datetime

    from tutor.places import cache_folder
    from tutor.report.gather import Log, gather
    from tutor.report.write import FORMATS, written

    folder, file, store = _folder(options), options.file, _store()
    named = file.suffix.lower().lstrip(".") if file is not None else ""
    format = options.format or (named if named in FORMATS else "md")
    report = gather(folder, _index(folder), Log.of(store), cache_folder(), datetime.now().astimezone())
    text = written(report, format, _chosen_language(options, store), ascii=options.ascii)
    if file is None:
        print(text, end="")
        return 0
    trouble = Words("The report cannot be written to {file}: {error}", "无法把报告写入 {file}：{error}")
    _save(text, file, trouble, force=options.force)
    return 0


def _save(text: str, file: Path, trouble: Words, *, force: bool) -> None:
    """Write a file that the caller asked for; one that is there already only by force."""
    from tutor.report.write import save

    try:
        save(text, file, force=force)
    except FileExistsError as error:
        words = Words("{file} is there already; --force replaces it.", "{file} 已存在；使用 --force 覆盖它。")
        raise Complaint(words.filled(file=file)) from error
    except OSError as error:
        raise Complaint(trouble.filled(file=file, error=error.strerror or error), status=1) from error


def _sgd(options: argparse.Namespace) -> int:
    from tutor import sgd

    try:
        builder = sgd.builder_of(options.group, options.steps)
    except sgd.BadGroup as error:
        raise Complaint(error.words) from error
    if options.file is not None:
        from tutor.builder.code import written

        trouble = Words("The script cannot be written to {file}: {error}", "无法把脚本写入 {file}：{error}")
        _save(written(builder), options.file, trouble, force=options.force)
    return sgd.run(builder, as_json=options.json, language=options.spoken)


def _lab(options: argparse.Namespace) -> int:
    from tutor import headless

    folder = _folder(options)
    index = _index(folder)
    if options.id is None:
        for lesson in index.lessons:
            for lab in lesson.labs:
                print(f"{lab.id:24} {lab.title.into(options.spoken)}")
        return 0
    from tutor.course.index import find_lab

    found = find_lab(index, options.id)
    if found is None:
        raise Complaint(
            Words(
                "There is no lab {id}. The labs are: {known}.", "没有名为 {id} 的实验。现有实验：{known}。"
            ).filled(
                id=options.id, known=", ".join(lab.id for lesson in index.lessons for lab in lesson.labs)
            )
        )
    pairs = [text.partition("=") for text in options.set]
    for name, equals, _ in pairs:
        if not equals:
            raise Complaint(
                Words(
                    "--set takes NAME=VALUE, not {name!r}.", "--set 需要 NAME=VALUE 的形式，而不是 {name!r}。"
                ).filled(name=name)
            )
    _agree(options, folder, _store())
    given = {name: value for name, _, value in pairs}
    return headless.run_lab(
        folder, found, given, as_json=options.json, language=options.spoken, ascii=options.ascii
    )


def _trace(options: argparse.Namespace) -> int:
    from tutor.traced import trace

    return trace(
        options.snippet,
        options.setup,
        everything=options.all,
        as_json=options.json,
        language=options.spoken,
    )


def _atlas(options: argparse.Namespace) -> int:
    from tutor import atlas, headless
    from tutor.course.losses import load_atlas
    from tutor.course.problem import ContentError

    folder = _folder(options)
    try:
        found = load_atlas(folder)
    except ContentError as error:
        en, zh = ("\n".join(each.into(language) for each in error.problems) for language in Language)
        raise Complaint(Words(en, zh), status=1) from error
    if found is None:
        raise Complaint(Words("This course has no atlas.", "本课程没有损失函数总览。"), status=1)
    known = None
    if options.format != "mermaid":  # the map has nothing that only torch knows
        _agree(options, folder, _store())
        installed = headless.installed_losses(folder)
        if isinstance(installed, Words):
            print(installed.into(options.spoken), file=sys.stderr)
        else:
            known = installed
    print(atlas.written(found, known, options.format, options.spoken), end="")
    return 0


def _check(options: argparse.Namespace) -> int:
    from tutor import headless

    if options.schema:
        from tutor.course.schema import lesson_schema

        print(json.dumps(lesson_schema(), indent=2, ensure_ascii=False))
        return 0
    options.lessons = options.folder or options.lessons
    return headless.check_lessons(_folder(options), translated=options.translated, language=options.spoken)


def _doctor(options: argparse.Namespace) -> int:
    from tutor.doctor import examine

    return examine(_folder(options), options.spoken)


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "app": _app,
    "lessons": _lessons,
    "report": _report,
    "lab": _lab,
    "trace": _trace,
    "atlas": _atlas,
    "sgd": _sgd,
    "check": _check,
    "doctor": _doctor,
}
"""What each command does; the names are those that the parser gives."""
