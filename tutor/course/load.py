"""From the files of a course to its shapes: a lesson with both its languages, the glossary, the order of it all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tutor.course.document import At, Document, read_document
from tutor.course.model import AnyStep, Course, GeneratedQuestion, Lab, Lesson, Term
from tutor.course.problem import ContentError, Problem
from tutor.course.translation import Overlay
from tutor.course.tree import Fault, children, convert, faults, own_faults
from tutor.words import Words

if TYPE_CHECKING:
    from tutor.course.index import Entry, LabEntry

FORMAT = 1
"""The version of the file format that this program reads."""

_FOLDER = re.compile(r"\w[\w.-]*")
_RUN = re.compile(r"\w[\w-]*\.py(:[A-Za-z_]\w*)?")

__all__ = [
    "ContentError",
    "Problem",
    "load_course",
    "load_glossary",
    "load_lab",
    "load_lesson",
    "read_lesson",
]


def load_lesson(folder: Path, entry: Entry) -> Lesson:
    """The lesson `entry` of the course in `folder`, its Chinese from `zh.yaml`; English where that has none.

    Raises `ContentError` with everything that is wrong in its two files.
    """
    return read_lesson(folder, entry.folder)[0]


def load_lab(folder: Path, entry: LabEntry) -> Lab:
    """The lab `entry`, from the lesson that declares it. Raises `ContentError`."""
    lesson, document = read_lesson(folder, entry.folder)
    if entry.id not in lesson.labs:
        wrong = Words(f"the lab {entry.id} is no longer here", f"实验 {entry.id} 已不在此处")
        write = Words("put it back, or start tutor anew", "请放回原处，或重新启动 tutor")
        raise ContentError([document.problem(("labs",), wrong, write)])
    return lesson.labs[entry.id]


def load_glossary(folder: Path) -> dict[str, Term]:
    """The key terms by their ids; none where there is no `glossary.yaml`. Raises `ContentError`."""
    if not (folder / "glossary.yaml").exists():
        return {}
    document = document_of(folder, "glossary.yaml")
    terms: dict[str, Term] = shaped(dict[str, Term], document, document.value)
    return terms


def load_course(folder: Path) -> tuple[Course, Document]:
    """The order of the course, from `course.yaml`. Raises `ContentError`."""
    document = document_of(folder, "course.yaml")
    course: Course = shaped(Course, document, document.value)
    if course.format != FORMAT:
        wrong = Words(f"this is format {course.format}", f"格式版本为 {course.format}")
        write = Words(
            f"this tutor reads format {FORMAT}; get a newer tutor",
            f"当前 tutor 支持的版本是 {FORMAT}，请升级 tutor",
        )
        raise ContentError([document.problem(("format",), wrong, write)])
    for part_index, part in enumerate(course.parts):
        for index, lesson in enumerate(part.lessons):
            if not _FOLDER.fullmatch(lesson.folder):
                at = ("parts", part_index, "lessons", index, "folder")
                wrong = Words(
                    f"{lesson.folder!r} is no folder of this course", f"{lesson.folder!r} 不是本课程的目录"
                )
                write = Words(
                    "write the plain name of a folder beside course.yaml", "请写 course.yaml 旁的目录名"
                )
                raise ContentError([document.problem(at, wrong, write)])
    return course, document


def read_lesson(folder: Path, name: str) -> tuple[Lesson, Document]:
    """The lesson in the folder called `name`, and its English file for complaints. Raises `ContentError`."""
    document = document_of(folder, f"{name}/lesson.yaml")
    zh = document_of(folder, f"{name}/zh.yaml").value if (folder / name / "zh.yaml").exists() else None
    lesson: Lesson = shaped(Lesson, document, Overlay().lay(Lesson, document.value, zh))
    unsafe = [each for id, lab in lesson.labs.items() for each in path_faults(lab.run, ("labs", id, "run"))]
    for index, step in enumerate(lesson.steps):
        if isinstance(step, GeneratedQuestion):
            unsafe += path_faults(step.generate, ("steps", index, "generate"), function=True)
    if unsafe:
        raise ContentError([document.problem(each.at, each.wrong, each.write) for each in unsafe])
    return lesson, document


def path_faults(run: str, at: At, *, function: bool = False) -> list[Fault]:
    """Python that is not in its lesson's folder would run what the learner never agreed to.

    `run` is `file.py` or `file.py:function`; with `function` set, only the latter.
    """
    if _RUN.fullmatch(run) and (":" in run or not function):
        return []
    if function:
        write = Words("write `file.py:function`", "请写 `file.py:function`")
    else:
        write = Words("write `file.py` or `file.py:function`", "请写 `file.py` 或 `file.py:function`")
    wrong = Words(f"{run!r} is no file beside this lesson", f"{run!r} 不是本课目录中的文件")
    if function and _RUN.fullmatch(run):
        wrong = Words(f"{run!r} names no function", f"{run!r} 没有写明函数")
    return [Fault(at, False, wrong, write)]


def load_head(folder: Path, name: str) -> tuple[str, Words]:
    """Id and title of a lesson that is broken, as well as they can be made out; else its folder's name."""
    try:
        tree = document_of(folder, f"{name}/lesson.yaml").value
    except ContentError:
        tree = {}
    id, title = (tree.get("id"), tree.get("title")) if isinstance(tree, dict) else (None, None)
    return id if isinstance(id, str) else name, Words(title if isinstance(title, str) else name)


def document_of(folder: Path, name: str) -> Document:
    """One file of the course, called by its path from the course's parent folder. Raises `ContentError`."""
    return read_document(folder / name, f"{folder.resolve().name}/{name}")


def shaped(wanted: Any, document: Document, tree: Any) -> Any:
    """`tree`, from `document`, as the type `wanted`. Raises `ContentError` with every mistake in it."""
    try:
        if wanted is Lesson:
            return _lesson(tree)
        return convert(wanted, tree)
    except (msgspec.ValidationError, ValueError) as error:
        found = [document.problem(f.at, f.wrong, f.write, key=f.on_key) for f in faults(wanted, tree)]
        if not found:
            wrong = Words(f"this does not fit the format ({error})", f"不符合格式（{error}）")
            found = [
                document.problem(
                    (), wrong, Words("compare it with lessons/README.md", "请对照 lessons/README.md")
                )
            ]
        raise ContentError(found) from error


def _lesson(tree: Any) -> Lesson:
    """A lesson field by field: questions and other steps carry their tag in different fields, which is more than
    msgspec converts at once."""
    if own_faults(Lesson, tree, ()) != []:
        raise msgspec.ValidationError
    values: dict[str, Any] = {}
    for name, kind, child in children(Lesson, tree):
        if name != "steps":
            values[name] = convert(kind, child)
        elif isinstance(child, list):
            values[name] = [convert(AnyStep, step) for step in child]
        else:
            raise msgspec.ValidationError
    return Lesson(**values)
