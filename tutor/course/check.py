"""Everything that can be known to be wrong with a course before a learner meets it."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tutor.course import (
    lab_rules,
    likeness,
    loss_rules,
    losses,
    question_rules,
    rules,
    taught_rules,
    trace_rules,
)
from tutor.course.document import At, Document
from tutor.course.draft import Draft, draft_of, place_of, said, templates_of
from tutor.course.index import ATLAS
from tutor.course.load import document_of, load_course, load_glossary
from tutor.course.model import (
    BuilderStep,
    Course,
    GeneratedQuestion,
    Lab,
    LabStep,
    Question,
    RecordQuestion,
    Summary,
    Term,
    TraceStep,
)
from tutor.course.problem import ContentError, Problem
from tutor.course.proof import (
    Evaluate,
    Follow,
    Play,
    Pose,
    drawn_problems,
    predicted_problems,
    traced_problems,
    verify_problems,
)
from tutor.course.translation import Overlay
from tutor.course.tree import Fault
from tutor.words import Words


def check(
    folder: Path,
    evaluate: Evaluate | None = None,
    pose: Pose | None = None,
    play: Play | None = None,
    follow: Follow | None = None,
    tables: loss_rules.Tables | None = None,
) -> list[Problem]:
    """Every problem of the course in `folder`, file by file, line by line; none if a learner may have it.

    The authors' `verify` expressions are evaluated by `evaluate`, all at once; without it they are only parsed.
    `pose` draws from each question generator, `play` runs the labs that answer questions, `follow` steps through the
    traces, `tables` asks torch what it has of the atlas; without them they are only read.
    """
    found: list[Problem] = []
    names: list[str] = []
    try:
        course, document = load_course(folder)
        names = [lesson.folder for part in course.parts for lesson in part.lessons]
    except ContentError as error:
        found += error.problems
        course = None
    drafts = [draft for name in dict.fromkeys(names) if (draft := draft_of(folder, name, found))]
    terms = _glossary(folder, found)
    atlas = _atlas(folder, found)
    if atlas is not None:
        found += loss_rules.atlas_problems(*atlas, folder, tables)
    if course is not None:
        found += [said(document, each) for each in _course_faults(course, folder, drafts)]
        found += _pair_problems(document, Course)
    labs: dict[str, Lab] = {}
    for draft in drafts:
        for name, lab in draft.labs.items():
            if name in labs:
                wrong = Words(f"another lesson declares a lab {name}, too", f"另一课也声明了实验 {name}")
                found.append(draft.en.problem(("labs", name), wrong, Words("rename one", "请改名"), key=True))
            labs.setdefault(name, lab)
    if atlas is not None:
        found += [said(atlas[1], each) for each in taught_rules.taught_faults(atlas[0], drafts, labs)]
    for draft in drafts:
        found += [said(draft.en, each) for each in _lesson_faults(draft, folder, labs, terms)]
        found += [
            said(draft.en, each) for each in taught_rules.named_faults(draft, atlas[0] if atlas else None)
        ]
        found += _translation_problems(draft, folder)
        found += _template_problems(draft)
    found += verify_problems(drafts, evaluate)
    if pose is not None:
        found += [problem for draft in drafts for problem in drawn_problems(draft, folder, pose)]
    if play is not None:
        found += predicted_problems(drafts, folder, play)
    if follow is not None:
        found += [problem for draft in drafts for problem in traced_problems(draft, follow)]
    found = [replace(problem, file=_nearest(folder, problem.file)) for problem in dict.fromkeys(found)]
    return sorted(found, key=lambda problem: (problem.file, problem.line, problem.column))


def translated(folder: Path) -> None:
    """Note for every lesson that its Chinese belongs to the English as it is now.

    Files that cannot be read are left to `check`. Raises `OSError` if a lock cannot be written.
    """
    try:
        course, _ = load_course(folder)
    except ContentError:
        return
    for name in [lesson.folder for part in course.parts for lesson in part.lessons]:
        draft = draft_of(folder, name, [])
        if draft is not None and draft.zh is not None:
            lock = likeness.lock_of(draft.tree, draft.overlay.twins)
            likeness.write_lock(folder / name / "zh.lock", lock)


def _nearest(folder: Path, name: str) -> str:
    """The shortest way to name a file: from the folder's parent, or from where the author works."""
    path = folder.resolve().parent / name
    here = Path(os.getcwd())
    return min((name, str(path.relative_to(here))), key=len) if path.is_relative_to(here) else name


# The course ------------------------------------------------------------------------------------------------------


def _course_faults(course: Course, folder: Path, drafts: list[Draft]) -> Iterator[Fault]:
    ids = {draft.name: draft.id for draft in drafts}
    earlier: list[str] = []
    parts = [part.id for part in course.parts]
    for index in rules.repeated(parts):
        wrong = Words(f"the part id {parts[index]} is there twice", f"部分 id {parts[index]} 重复")
        yield rules.fault(("parts", index, "id"), wrong, Words("rename one", "请改名"))
    seen: list[str] = []
    for number, part in enumerate(course.parts):
        for index, lesson in enumerate(part.lessons):
            at: At = ("parts", number, "lessons", index)
            id = ids.get(lesson.folder)
            if lesson.folder in seen:
                wrong = Words(f"the folder {lesson.folder} is there twice", f"目录 {lesson.folder} 重复")
                yield rules.fault((*at, "folder"), wrong, Words("delete one", "请删除一个"))
            elif id is not None and id in earlier:
                wrong = Words(
                    f"the lesson id {id} belongs to an earlier lesson", f"课程 id {id} 已被前面的课程使用"
                )
                yield rules.fault(
                    (*at, "folder"),
                    wrong,
                    Words("rename one: progress is kept under it", "请改名，学习进度按 id 保存"),
                )
            for place, required in enumerate(lesson.requires):
                if required not in earlier:
                    wrong = Words(
                        f"no earlier lesson has the id {required}", f"前面的课程中没有 id {required}"
                    )
                    yield rules.fault((*at, "requires", place), wrong, rules.one_of(required, earlier))
            seen.append(lesson.folder)
            earlier += [id] if id else []
    for forgotten in sorted(path.parent.name for path in folder.glob("*/lesson.yaml")):
        if forgotten not in seen:
            wrong = Words(f"the lesson in {forgotten} is not in the course", f"{forgotten} 中的课程未列入")
            yield rules.fault(
                ("parts",), wrong, Words("add its folder to a part", "请把该目录加入某个部分"), on_key=True
            )


def _glossary(folder: Path, found: list[Problem]) -> list[str]:
    """The ids of the key terms; what is wrong with them goes to `found`."""
    if not (folder / "glossary.yaml").exists():
        return []
    try:
        terms = load_glossary(folder)
    except ContentError as error:
        found += error.problems
        document = _readable(folder, "glossary.yaml")
        value = document.value if document else None
        return [term for term in value if isinstance(term, str)] if isinstance(value, dict) else []
    found += _pair_problems(document_of(folder, "glossary.yaml"), dict[str, Term])
    return list(terms)


def _atlas(folder: Path, found: list[Problem]) -> tuple[losses.Atlas, Document] | None:
    """The atlas and its file, None where there is none to read; what is wrong with its texts goes to `found`."""
    if not (folder / ATLAS).exists():
        return None
    try:
        atlas, document = losses.read_atlas(folder)
    except ContentError as error:
        found += error.problems
        return None
    found += _pair_problems(document, losses.Atlas)
    return atlas, document


def _readable(folder: Path, name: str) -> Document | None:
    try:
        return document_of(folder, name)
    except ContentError:
        return None


def _pair_problems(document: Document, wanted: Any) -> Iterator[Problem]:
    """Texts that stand in both languages side by side, as in `course.yaml`."""
    overlay = Overlay()
    overlay.lay(wanted, document.value, None)
    for at, _, words, _ in overlay.twins:
        if not words.zh:
            write = Words("write {en: ..., zh: ...}", "请写成 {en: ..., zh: ...}")
            yield document.problem(at, Words("the Chinese is missing", "缺少中文"), write)
            continue
        for wrong, write in likeness.words_faults(words):
            yield document.problem((*at, "zh"), wrong, write)


# One lesson ------------------------------------------------------------------------------------------------------


def _lesson_faults(draft: Draft, folder: Path, labs: dict[str, Lab], terms: list[str]) -> Iterator[Fault]:
    if isinstance(draft.tree, dict):
        yield from rules.head_faults(draft.tree)
    for name, lab in draft.labs.items():
        yield from lab_rules.lab_faults(name, lab, ("labs", name), folder / draft.name)
    traces = {step.id: step for _, step in draft.steps if isinstance(step, TraceStep)}
    for at, step in draft.steps:
        yield from rules.step_faults(step, at, terms)
        if isinstance(step, Question):
            yield from question_rules.typed_faults(step, at, labs, folder / draft.name)
        if isinstance(step, LabStep):
            yield from lab_rules.lab_step_faults(step, at, labs)
        if isinstance(step, TraceStep):
            yield from trace_rules.trace_faults(step, at)
        if isinstance(step, RecordQuestion):
            yield from trace_rules.chain_faults(step, at, traces)
        if isinstance(step, Summary) and not (folder / ATLAS).exists():
            wrong = Words("there is no atlas to summarise", "没有可供总结的损失函数总览")
            yield rules.fault(at, wrong, Words(f"write {ATLAS}", f"请编写 {ATLAS}"))
        if isinstance(step, BuilderStep):
            yield from lab_rules.builder_faults(step, at, folder / draft.name)
        yield from likeness.verbatim_faults(step, at)
    for twin in draft.overlay.twins:
        if not twin.words.en.strip():
            yield rules.fault(
                twin.at,
                Words("this text is empty", "文本为空"),
                Words("write it, or delete it", "请填写或删除"),
            )
        for wrong, write in likeness.fenced_too_wide(twin.words.en):
            yield rules.fault(twin.at, wrong, write)


def _translation_problems(draft: Draft, folder: Path) -> Iterator[Problem]:
    twins = draft.overlay.twins
    missing = [twin for twin in twins if twin.words.en and not twin.words.zh]
    if draft.zh is None:
        if not (folder / draft.name / "zh.yaml").exists():
            wrong = Words("the Chinese is missing: there is no zh.yaml", "缺少中文：没有 zh.yaml")
            write = Words(f"write its {len(missing)} texts", f"请编写其中的 {len(missing)} 处文本")
            yield replace(draft.en.problem((), wrong, write), line=1, column=1)
        return
    for twin in missing:
        short = twin.words.en if len(twin.words.en) <= 50 else twin.words.en[:49] + "…"
        place = place_of(twin.zh_at)
        document, at = (draft.en, twin.at) if twin.beside else (draft.zh, twin.zh_at)
        yield document.problem(
            at,
            Words(f"the Chinese of {place} is missing", f"缺少 {place} 的中文"),
            Words(f"translate “{short}”", f"请翻译“{short}”"),
            key=True,
        )
    for stray in draft.overlay.strays:
        siblings = [str(twin.zh_at[-1]) for twin in missing if twin.zh_at[:-1] == stray[:-1]]
        close = difflib.get_close_matches(str(stray[-1]), siblings, 1) if stray else []
        write = (
            Words(f"did you mean `{close[0]}`?", f"是否想写 `{close[0]}`？")
            if close
            else Words("delete it, or put it where the English is", "请删除，或移到与英文相同的位置")
        )
        wrong = Words(
            f"{place_of(stray)} is not a text of lesson.yaml", f"{place_of(stray)} 不是 lesson.yaml 中的文本"
        )
        yield draft.zh.problem(stray, wrong, write, key=True)
    for twin in twins:
        if twin.words.zh:
            document, at = (draft.en, twin.at) if twin.beside else (draft.zh, twin.zh_at)
            for wrong, write in (
                *likeness.words_faults(twin.words, template=draft.is_template(twin)),
                *likeness.fenced_too_wide(twin.words.zh),
            ):
                yield document.problem(at, wrong, write)
    lock = likeness.read_lock(folder / draft.name / "zh.lock")
    for found in likeness.lock_faults(lock, likeness.lock_of(draft.tree, twins)):
        yield said(draft.zh, found)


def _template_problems(draft: Draft) -> Iterator[Problem]:
    for at, step in draft.steps:
        if isinstance(step, GeneratedQuestion):
            for document, place, text in templates_of(draft, at, step):
                for found in question_rules.template_faults(text, place):
                    yield said(document, found)
