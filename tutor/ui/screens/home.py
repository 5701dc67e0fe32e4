"""Home: the course as a tree with the progress beside each lesson, and the way back to where one was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tutor.course.index import find_lab, find_lesson
from tutor.ui.looks import Piece
from tutor.ui.page import Keys, Page
from tutor.ui.widgets.finder import Finder, found
from tutor.ui.widgets.line_list import GAP, Line, LineList
from tutor.ui.widgets.prose import Prose
from tutor.words import Language, Words

if TYPE_CHECKING:
    from tutor.course.index import Entry

CONTINUE = "continue"
"""The key of the first line; the others have "lesson:" or "lab:" before an id."""
NEW = Words("new", "未开始")


class HomePage(Page):
    """The map of the course."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "app.quit", show=False),
        Binding("g", "glossary", show=False),
    ]

    _came_back = False
    """Whether the page was shown before: only then can the progress have changed."""

    def content(self) -> ComposeResult:
        self.finder = Finder(
            self.lines, lambda: self.say(Words("title of a lesson or lab", "课程或实验的名称"))
        )
        yield self.finder
        yield Prose(most=2)

    def on_mount(self) -> None:
        self.finder.list.focus()
        self.refill(CONTINUE)

    def on_screen_resume(self) -> None:
        if self._came_back:
            self.refill()
        self._came_back = True

    def retell(self) -> None:
        super().retell()
        self.refill()

    def refill(self, key: str | None = None) -> None:
        """Read the progress and show the course with it."""
        self._seen = self.tutor.store.seen_steps()
        self.finder.refill(key)
        self._describe(self.finder.list.key)

    def keys(self) -> Keys:
        if self.finder.is_open:
            return [("enter", Words("open", "打开")), ("escape", Words("all lessons", "全部课程"))]
        return [
            ("enter", Words("open", "打开")),
            ("/", Words("find", "查找")),
            ("g", Words("glossary", "术语表")),
        ]

    def settled_keys(self) -> Keys:
        keys = super().settled_keys()
        return keys if self.finder.is_open else [*keys, ("q", Words("quit", "退出"))]

    def help_keys(self) -> Keys:
        return [
            ("enter", Words("open the lesson or lab", "打开该课或实验")),
            ("/", Words("find a lesson or lab by typing", "输入文字查找课程或实验")),
            ("escape", Words("show all lessons again", "重新显示全部课程")),
            ("g", Words("glossary", "术语表")),
            ("q", Words("quit", "退出")),
        ]

    def notice(self) -> Words | None:
        return self.tutor.passing_notice or self.tutor.store.trouble or super().notice()

    # The lines ---------------------------------------------------------------------------------------------

    def lines(self, typed: str) -> list[Line]:
        """The course, or what of it was looked for, as lines."""
        language = self.tutor.language
        lines: list[Line] = []
        number = 0
        # Of a thousand lessons most are new: said once.
        new = ((self.say(NEW) + "   ", "muted"), (self.tutor.signs.bar(0), "muted"))
        for part in self.tutor.index.parts:
            begun = False
            for entry in part.lessons:
                number += 1
                fits = not typed or found(typed, str(number), entry.id, *_both(entry.title))
                labs = [lab for lab in entry.labs if found(typed, lab.id, *_both(lab.title))] if typed else []
                if (fits or labs) and not begun:
                    lines += [GAP, Line(None, [(self.say(part.title), "strong")])]
                    begun = True
                if fits or labs:
                    state = self._state(entry) if entry.id in self._seen or entry.broken else new
                    title = ((f"{number:3}  ", "muted"), (entry.title.into(language), ""))
                    lines.append(Line(f"lesson:{entry.id}", title, state))
                for lab in labs:
                    name = Words("Lab: {title}", "实验：{title}").filled(title=lab.title)
                    lines.append(Line(f"lab:{lab.id}", [(" " * 8 + self.say(name), "")], [(lab.id, "muted")]))
        if typed:
            nothing = Words(
                "Nothing in the course is called '{typed}'. Escape shows all of it.",
                "课程中没有与“{typed}”相符的内容，按 escape 显示全部。",
            ).filled(typed=typed)
            return lines[1:] or [Line(None, [(self.say(nothing), "muted")])]
        return [self._line_to_go_on(), *lines]

    def _state(self, entry: Entry) -> Sequence[Piece]:
        """How far the learner got in a lesson, in words and as a bar."""
        done, of = self._progress(entry)
        if entry.broken:
            state, look = self.say(Words("broken", "文件有误")), "wrong"
        elif not done:
            state, look = self.say(NEW), "muted"
        elif done == of:
            state, look = self.say(Words("done", "已完成")), "right"
        else:
            state, look = f"{done}/{of}", "accent"
        return ((f"{state}   ", look), (self.tutor.signs.bar(done / of if of else 0), "muted"))

    def _line_to_go_on(self) -> Line:
        go_on = self._to_go_on()
        if go_on is None:
            return Line(None, [(self.say(Words("This course has no lessons.", "本课程没有内容。")), "muted")])
        entry, step_id = go_on
        number = self.tutor.index.lessons.index(entry) + 1
        where: list[Piece] = [(f"{number} {self.say(entry.title)}", "")]
        if step_id is None:
            begin = Words("Begin", "开始") if number == 1 else Words("Go on with", "下一课")
        else:
            begin = Words("Continue", "继续")
            step = Words(", step {at} of {of}", "，第 {at} 步，共 {of} 步")
            at = [each.id for each in entry.steps].index(step_id) + 1
            where.append((self.say(step.filled(at=at, of=entry.step_count)), "muted"))
        return Line(CONTINUE, [(f"{self.say(begin)}   ", "strong"), *where], [("enter", "muted")])

    def _to_go_on(self) -> tuple[Entry, str | None] | None:
        """The lesson and step to go on with: where the learner was, or the next lesson after a finished one."""
        lessons = self.tutor.index.lessons
        place = self.tutor.store.place()
        at = next((i for i, entry in enumerate(lessons) if place and entry.id == place[0]), None)
        if at is None or place is None:
            return (lessons[0], None) if lessons else None
        entry, step_id = lessons[at], place[1]
        ids = [step.id for step in entry.steps]
        if step_id not in ids:
            return entry, None
        done, of = self._progress(entry)
        if done == of and ids[-1] == step_id and at + 1 < len(lessons):
            return lessons[at + 1], None
        return entry, step_id

    def _progress(self, entry: Entry) -> tuple[int, int]:
        """How many steps of the lesson were seen, and how many it has."""
        return entry.seen_of(self._seen.get(entry.id, frozenset())), entry.step_count

    # What the learner does ---------------------------------------------------------------------------------

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        self._describe(event.key)

    def _describe(self, key: str | None) -> None:
        """What the lesson under the cursor is about, below the list."""
        entry = self._entry(key)
        self.query_one(Prose).show([(self.say(self._about(entry)), "muted")] if entry is not None else [])

    def _about(self, entry: Entry) -> Words:
        if entry.broken and entry.problems:
            return Words("Its files are broken: {problem}", "文件有误：{problem}").filled(
                problem=Words(*(entry.problems[0].into(language) for language in Language))
            )
        about = Words("{summary} About {minutes} minutes.", "{summary}约 {minutes} 分钟。").filled(
            summary=entry.summary, minutes=entry.minutes
        )
        before = [
            f"{number} {self.say(other.title)}"
            for number, other in enumerate(self.tutor.index.lessons, 1)
            if other.id in entry.requires and self._progress(other)[0] < other.step_count
        ]
        if not before:
            return about
        return Words("{about} Best after {before}.", "{about}建议先学 {before}。").filled(
            about=about, before=", ".join(before)
        )

    def _entry(self, key: str | None) -> Entry | None:
        """The lesson that a line is about."""
        if key == CONTINUE:
            go_on = self._to_go_on()
            return go_on and go_on[0]
        kind, _, id = (key or "").partition(":")
        lab = find_lab(self.tutor.index, id) if kind == "lab" else None
        return find_lesson(self.tutor.index, lab.lesson if lab is not None else id)

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        kind, _, id = event.key.partition(":")
        if kind == CONTINUE:
            if (go_on := self._to_go_on()) is not None:
                self.tutor.open_lesson(go_on[0].id, go_on[1])
        elif kind == "lesson":
            self.tutor.open_lesson(id)
        else:
            self.tutor.open_lab(id)

    def action_glossary(self) -> None:
        """Show the glossary."""
        self.tutor.open_glossary()


def _both(words: Words) -> tuple[str, str]:
    return words.into(Language.EN), words.into(Language.ZH)
