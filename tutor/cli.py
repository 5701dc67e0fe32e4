"""The `tutor` command: the app, and the same abilities without a screen."""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.arguments import parser, spoken
from tutor.opened import Complaint, agree_to, index_of, learners_store, lessons_folder
from tutor.words import Language, Words

if TYPE_CHECKING:
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


def _speak_utf8() -> None:
    """Signs that the terminal's encoding lacks are replaced, not raised over."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace")


# The commands ----------------------------------------------------------------------------------------------


def _app(options: argparse.Namespace) -> int:
    gc.disable()  # what is made before the first paint stays; after it the app lets the collector work again
    folder = lessons_folder(options)
    index = index_of(folder)
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
    store = learners_store()
    if options.review and not (sys.stdin.isatty() and sys.stdout.isatty()):
        from tutor.listed import print_due

        print_due(folder, index, store, _chosen_language(options, store))
        return 0
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        from tutor.listed import print_course

        print_course(index, store, options.spoken)
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
            agree_to(options, folder, store)
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
    index = index_of(lessons_folder(options))
    store = learners_store()
    if not options.json:
        from tutor.listed import print_course

        print_course(index, store, options.spoken)
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


def _report(options: argparse.Namespace) -> int:
    from datetime import datetime

    from tutor.places import cache_folder
    from tutor.report.gather import Log, gather
    from tutor.report.write import FORMATS, written

    folder, file, store = lessons_folder(options), options.file, learners_store()
    named = file.suffix.lower().lstrip(".") if file is not None else ""
    format = options.format or (named if named in FORMATS else "md")
    report = gather(folder, index_of(folder), Log.of(store), cache_folder(), datetime.now().astimezone())
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

    folder = lessons_folder(options)
    index = index_of(folder)
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
    agree_to(options, folder, learners_store())
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

    folder = lessons_folder(options)
    try:
        found = load_atlas(folder)
    except ContentError as error:
        en, zh = ("\n".join(each.into(language) for each in error.problems) for language in Language)
        raise Complaint(Words(en, zh), status=1) from error
    if found is None:
        raise Complaint(Words("This course has no atlas.", "本课程没有损失函数总览。"), status=1)
    known = None
    if options.format != "mermaid":  # the map has nothing that only torch knows
        agree_to(options, folder, learners_store())
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
    return headless.check_lessons(
        lessons_folder(options), translated=options.translated, language=options.spoken
    )


def _doctor(options: argparse.Namespace) -> int:
    from tutor.doctor import examine

    return examine(lessons_folder(options), options.spoken)


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
