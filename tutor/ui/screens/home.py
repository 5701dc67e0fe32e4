"""Home: the course as a tree with the progress beside each lesson, and the way back to where one was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tutor.course.index import ATLAS, find_lab, find_lesson
from tutor.practice.homework import Task, tasks
from tutor.ui.looks import Piece, cells
from tutor.ui.page import Keys, Page
from tutor.ui.widgets.finder import Finder, found
from tutor.ui.widgets.line_list import GAP, Line, LineList
from tutor.ui.widgets.prose import Prose
from tutor.words import Language, Words

if TYPE_CHECKING:
    from tutor.course.index import Entry
    from tutor.practice.questions import QuestionId

CONTINUE, REVIEW, HOMEWORK = "continue", "review", "homework"
"""The keys of the first lines; the others have "lesson:" or "lab:" before an id."""
NEW = Words("new", "未开始")
_LISTED = {Language.EN: ", ", Language.ZH: "，"}


class Remembered(NamedTuple):
    """What is known of the learner's memory: how many questions are due, and the mastery of each lesson, 0 to 1."""

    due: int = 0
    minutes: int = 0
    mastery: Mapping[str, float] = MappingProxyType({})


class HomePage(Page):
    """The map of the course."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "app.quit", show=False),
        Binding("g", "glossary", show=False),
        Binding("r", "review", show=False),
        Binding("w", "homework", show=False),
        Binding("e", "report", show=False),
        Binding("a", "atlas", show=False),
    ]

    _has_atlas = False
    _came_back = False
    """Whether the page was shown before: only then can the progress have changed."""
    _remembered = Remembered()
    """Nothing until it was worked out, after the first paint."""

    def content(self) -> ComposeResult:
        self.finder = Finder(
            self.lines, lambda: self.say(Words("title of a lesson or lab", "课程或实验的名称"))
        )
        yield self.finder
        yield Prose(most=2)

    def on_mount(self) -> None:
        self._has_atlas = (self.tutor.folder / ATLAS).exists()
        self.finder.list.focus()
        self.refill(CONTINUE)

    def on_screen_resume(self) -> None:
        if self._came_back:
            self.refill()
        self._came_back = True
        self.call_after_refresh(self._remember)

    @work(exclusive=True)
    async def _remember(self) -> None:
        """Work out what would be recalled now, and show it if that is something else than before."""
        if not (self._seen and self.is_current):
            return
        from tutor.practice.review import minutes_for
        from tutor.ui.recall import now, recalled

        schedule = await recalled(self.tutor)
        due = len(schedule.due(now()))
        remembered = Remembered(due, minutes_for(due), schedule.masteries(now()))
        if remembered != self._remembered:
            self._remembered = remembered
            self.refill()

    def retell(self) -> None:
        super().retell()
        self.refill()

    def refill(self, key: str | None = None) -> None:
        """Read the progress and show the course with it."""
        self._seen = self.tutor.store.seen_steps()
        self._tasks = tasks(self.tutor.index, self.tutor.store.outcomes)
        self.finder.refill(key)
        self._describe(self.finder.list.key)

    def keys(self) -> Keys:
        if self.finder.is_open:
            return [("enter", Words("open", "打开")), ("escape", Words("all lessons", "全部课程"))]
        return [
            ("enter", Words("open", "打开")),
            ("/", Words("find", "查找")),
            ("r", Words("review", "复习")),
            *([("a", Words("atlas", "总览"))] if self._has_atlas else []),
            ("g", Words("glossary", "术语表")),
            ("e", Words("report", "报告")),
        ]

    def settled_keys(self) -> Keys:
        keys = super().settled_keys()
        return keys if self.finder.is_open else [*keys, ("q", Words("quit", "退出"))]

    def help_keys(self) -> Keys:
        return [
            ("enter", Words("open the lesson or lab", "打开该课或实验")),
            ("/", Words("find a lesson or lab by typing", "输入文字查找课程或实验")),
            ("escape", Words("show all lessons again", "重新显示全部课程")),
            ("r", Words("review: questions due again", "复习：到期的题目")),
            ("w", Words("go on with the homework", "继续做作业")),
            ("e", Words("report: what you did, to hand in", "报告：学习记录，可以上交")),
            ("a", Words("atlas: all losses at a glance", "总览：全部损失函数")),
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
        mastery = [] if typed else [(self.say(Words("mastery", "掌握程度")), "muted")]
        # Of a thousand lessons most are new: said once.
        new = ((self.say(NEW) + "   ", "muted"), (self.tutor.signs.bar(0), "muted"))
        for part in self.tutor.index.parts:
            begun = False
            for entry in part.lessons:
                number += 1
                fits = not typed or found(typed, str(number), entry.id, *_both(entry.title))
                labs = [lab for lab in entry.labs if found(typed, lab.id, *_both(lab.title))] if typed else []
                if (fits or labs) and not begun:
                    lines += [GAP, Line(None, [(self.say(part.title), "strong")], mastery)]
                    begun, mastery = True, []
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
        return [*self._first_lines(), *lines]

    def _state(self, entry: Entry) -> Sequence[Piece]:
        """How far the learner got in a lesson, in words, and what would be recalled of it now, as a bar."""
        done, of = self._progress(entry)
        if entry.broken:
            state, look = self.say(Words("broken", "文件有误")), "wrong"
        elif not done:
            state, look = self.say(NEW), "muted"
        elif done == of:
            state, look = self.say(Words("done", "已完成")), "right"
        else:
            state, look = f"{done}/{of}", "accent"
        mastery = self._remembered.mastery.get(entry.id, 0.0)
        return ((f"{state}   ", look), (self.tutor.signs.bar(mastery), "muted"))

    def _first_lines(self) -> list[Line]:
        """What there is to go on with, its names in a column."""
        lines = [self._line_to_go_on(), *self._line_to_review(), *self._line_of_homework()]
        widest = max(cells(line.left[:1]) for line in lines)
        return [
            Line(
                line.key,
                [*line.left[:1], (" " * (widest - cells(line.left[:1])), ""), *line.left[1:]],
                line.right,
            )
            for line in lines
        ]

    def _line_to_review(self) -> list[Line]:
        """What is due, if anything is."""
        due, minutes = self._remembered.due, self._remembered.minutes
        if not due:
            return []
        one, more = Words("1 question due", "1 题到期"), Words("{due} questions due", "{due} 题到期")
        about = (
            Words(", about a minute", "，约 1 分钟")
            if minutes == 1
            else Words(", about {minutes} minutes", "，约 {minutes} 分钟").filled(minutes=minutes)
        )
        said = self.say(one if due == 1 else more.filled(due=due))
        label = self.say(Words("Review", "复习"))
        left = [(f"{label}   ", "strong"), (said, ""), (self.say(about), "muted")]
        return [Line(REVIEW, left, [("r", "muted")])]

    def _line_of_homework(self) -> list[Line]:
        """The state of each task that a lesson asks for."""
        if not self._tasks:
            return []
        states = [piece for task in self._tasks for piece in self._state_of(task)]
        states[-1] = (states[-1][0].rstrip(), states[-1][1])
        label = self.say(Words("Homework", "作业"))
        return [Line(HOMEWORK, [(f"{label}   ", "strong"), *states], [("w", "muted")])]

    def _state_of(self, task: Task) -> list[Piece]:
        signs = self.tutor.signs
        said, look = {
            "new": (signs.dash, "muted"),
            "begun": (self.say(Words("in progress", "进行中")), "accent"),
            "done": (signs.yes, "right"),
        }[task.state]
        return [(f"{task.number} ", ""), (f"{said}  ", look)]

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
        about = self._about_homework() if key == HOMEWORK else self._about(entry) if entry else None
        self.query_one(Prose).show([(self.say(about), "muted")] if about is not None else [])

    def _about_homework(self) -> Words:
        """In which lessons the tasks are, and what enter opens."""
        numbers = {entry.id: number for number, entry in enumerate(self.tutor.index.lessons, 1)}
        task = Words("task {task} in lesson {lesson}", "作业 {task} 在第 {lesson} 课")
        where = [task.filled(task=each.number, lesson=numbers[each.steps[0][0]]) for each in self._tasks]
        following = self._next_of_homework
        if following is None:
            then = Words("All is done, e shows it.", "已全部完成，按 e 查看。")
        else:
            entry = find_lesson(self.tutor.index, following[0])
            title = next(step.title for step in entry.steps if step.id == following[1]) if entry else ""
            then = Words("Next: {title}.", "接下来：{title}。").filled(title=title)
        listed = Words(
            *(sign.join(each.into(language) for each in where) for language, sign in _LISTED.items())
        )
        return Words("To hand in: {listed}. {then}", "要上交的：{listed}。{then}").filled(
            listed=listed, then=then
        )

    @property
    def _next_of_homework(self) -> QuestionId | None:
        """The first question of the homework that is not done."""
        return next((task.next for task in self._tasks if task.next is not None), None)

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
        elif kind == REVIEW:
            self.action_review()
        elif kind == HOMEWORK:
            self.action_homework()
        elif kind == "lesson":
            self.tutor.open_lesson(id)
        else:
            self.tutor.open_lab(id)

    def action_review(self) -> None:
        """Ask what is due."""
        self.tutor.open_review()

    def action_homework(self) -> None:
        """Go on with the first question of the homework that is not done."""
        following = self._next_of_homework
        if following is not None:
            self.tutor.open_lesson(*following)
        elif self._tasks:
            self.tutor.notify_passing(
                Words(
                    "All homework is done; e shows it in the report.", "作业已全部完成，按 e 在报告中查看。"
                )
            )
        else:
            self.tutor.notify_passing(Words("This course has no homework.", "本课程没有作业。"))

    def action_report(self) -> None:
        """Show what was done."""
        self.tutor.open_report()

    def action_atlas(self) -> None:
        """Show all losses at a glance."""
        self.tutor.open_atlas()

    def action_glossary(self) -> None:
        """Show the glossary."""
        self.tutor.open_glossary()


def _both(words: Words) -> tuple[str, str]:
    return words.into(Language.EN), words.into(Language.ZH)
