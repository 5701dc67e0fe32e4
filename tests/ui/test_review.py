"""What was missed comes back: the card on Home, mastery, homework, and the review itself, at 80x24 in both languages."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

sys.path.insert(0, str(Path(__file__).parents[1]))
from terminal import Terminal
from tutor.course.index import default_folder, find_lesson, load_index
from tutor.course.load import load_lesson
from tutor.course.model import Question
from tutor.practice.key import key_of
from tutor.progress import store as store_module
from tutor.progress.store import Store
from tutor.protocol import Ready, Variant
from tutor.ui.app import TutorApp
from tutor.ui.screens.home import HomePage
from tutor.ui.screens.lesson import LessonScreen
from tutor.ui.screens.report import ReportPage
from tutor.ui.screens.review import ReviewPage, when
from tutor.words import Language, Words

COURSE = """
format: 1
title: {en: Course, zh: 课程}
parts:
  - {id: p, title: {en: Part, zh: 部分}, lessons: [{folder: 01_a}, {folder: 02_b}, {folder: 03_c}]}
"""
NUMBERS = """
id: {id}
title: Lesson {id}
summary: Sums.
minutes: 5
concepts: []
steps:
  - {{id: read, kind: text, title: Read, body: Read this.}}
  - {{id: one, kind: question, ask: number, title: One, prompt: "What is 1 + {n}?", answer: {one}, homework: {n},
     hints: [Count on.]}}
  - {{id: two, kind: question, ask: number, title: Two, prompt: "What is 2 + {n}?", answer: {two}, homework: 2,
     mistakes: [{{value: 100, because: That is a hundred.}}]}}
  - {{id: three, kind: question, ask: choice, title: Three, prompt: Which is three?,
     options: [{{text: "3", because: It is., right: true}}, {{text: "4", because: It is four.}}]}}
"""
CHINESE = """
title: 第 {id} 课
summary: 求和。
steps:
  read: {{title: 读, body: 读一读。}}
  one: {{title: 其一, prompt: "1 + {n} 等于多少？", hints: [往后数。]}}
  two: {{title: 其二, prompt: "2 + {n} 等于多少？", mistakes: [{{because: 那是一百。}}]}}
  three: {{title: 其三, prompt: 哪个是三？, options: [{{text: "3", because: 是的。}}, {{text: "4", because: 那是四。}}]}}
"""

Open = Callable[..., AbstractAsyncContextManager["Learner"]]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Three lessons with three questions each."""
    folder = tmp_path / "lessons"
    for n, id in enumerate("abc", 1):
        lesson = folder / f"0{n}_{id}"
        lesson.mkdir(parents=True)
        (lesson / "lesson.yaml").write_text(
            NUMBERS.format(id=id, n=n, one=1 + n, two=2 + n), encoding="utf-8"
        )
        (lesson / "zh.yaml").write_text(CHINESE.format(id=id, n=n), encoding="utf-8")
    (folder / "course.yaml").write_text(COURSE, encoding="utf-8")
    return folder


class Past:
    """Writes into the store what was answered on another day."""

    def __init__(self, course: Path, cache: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self._course, self._store, self._monkeypatch = course, store, monkeypatch
        self._index = load_index(course, cache)

    def answered(self, lesson: str, step: str, outcome: str, *, days: float = 3, given: str = "7") -> None:
        entry = find_lesson(self._index, lesson)
        assert entry is not None
        steps = {each.id: each for each in load_lesson(self._course, entry).steps}
        question = steps[step]
        assert isinstance(question, Question)
        at = time.time() - days * 86400
        with self._monkeypatch.context() as patched:
            patched.setattr(store_module, "time", SimpleNamespace(time=lambda: at))
            self._store.seen(lesson, step)
            self._store.answered(lesson, step, given, outcome, 0, key=key_of(question))


@pytest.fixture
def past(course: Path, tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> Past:
    """What the learner did before today."""
    return Past(course, tmp_path / "cache", store, monkeypatch)


class Learner:
    """Presses keys and reads the screen."""

    def __init__(self, app: TutorApp, pilot: Pilot[None], read: Callable[[TutorApp], str]) -> None:
        self.app = app
        self.pilot = pilot
        self._read = read

    async def press(self, *keys: str) -> str:
        """Press the keys, wait until all that they bring about is done, and read."""
        await self.pilot.press(*keys)
        await self.settled()
        return self.read()

    async def settled(self) -> None:
        """Wait for the workers and for what they changed."""
        await self.pilot.pause()
        workers = [worker for worker in self.app.workers if worker.name != "kernel"]
        await self.app.workers.wait_for_complete(workers)
        await self.pilot.pause()

    def read(self) -> str:
        """All that stands on the screen."""
        text = self._read(self.app)
        assert all(cell_len(line) <= 80 for line in text.splitlines())
        return text

    @property
    def asked(self) -> tuple[str, str] | None:
        """The lesson and step of the question on screen."""
        screen = self.app.screen
        view = screen.view if isinstance(screen, ReviewPage) else None
        return (view.lesson.id, view.step.id) if view is not None else None


@pytest.fixture
def learner(make_app: Callable[..., TutorApp], shown: Callable[[TutorApp], str]) -> Open:
    """Opens the app."""

    @asynccontextmanager
    async def opened(language: Language = Language.EN, **more: object) -> AsyncIterator[Learner]:
        app = make_app(language=language, **more)
        async with app.run_test(size=(80, 24)) as pilot:
            each = Learner(app, pilot, shown)
            await each.settled()
            yield each

    return opened


def line_with(text: str, word: str) -> str:
    lines = [line for line in text.splitlines() if word in line]
    assert lines, text
    return lines[0]


# Home ------------------------------------------------------------------------------------------------------


async def test_a_newcomer_has_nothing_to_review(learner: Open) -> None:
    async with learner() as me:
        assert "due" not in me.read()


@pytest.mark.parametrize(
    ("language", "card"),
    [
        (Language.EN, "Review     3 questions due, about 2 minutes"),
        (Language.ZH, "复习   3 题到期，约 2 分钟"),
    ],
)
async def test_home_says_how_much_is_due_and_how_long_it_takes(
    learner: Open, past: Past, language: Language, card: str
) -> None:
    for lesson, step in (("a", "one"), ("a", "two"), ("b", "one")):
        past.answered(lesson, step, "wrong")
    async with learner(language) as me:
        assert card in me.read()
        assert line_with(me.read(), card).endswith(" r")
        await me.press("down", "enter")
        assert me.asked is not None, "the card can be chosen, too"


async def test_one_question_is_said_as_one(learner: Open, past: Past) -> None:
    past.answered("a", "one", "wrong")
    async with learner() as me:
        assert "1 question due, about a minute" in me.read()


async def test_the_bar_of_a_lesson_is_what_would_be_recalled_of_it_and_not_what_was_opened(
    learner: Open, past: Past, store: Store
) -> None:
    for step in ("one", "two", "three"):
        past.answered("a", step, "right", days=0)
        past.answered("b", step, "wrong", days=0)
    for lesson in "abc":
        for step in ("read", "one", "two", "three"):
            store.seen(lesson, step)
    async with learner() as me:
        text = me.read()
        assert "mastery" in text
        assert line_with(text, "  Lesson a").rstrip().endswith("done   " + "━" * 8)
        assert line_with(text, "  Lesson b").rstrip().endswith("done   " + "─" * 8), (
            "all wrong: nothing is known"
        )
        assert line_with(text, "  Lesson c").rstrip().endswith("done   " + "─" * 8), "read, never answered"


async def test_mastery_grows_while_the_app_runs(learner: Open, past: Past) -> None:
    past.answered("a", "one", "wrong")
    async with learner() as me:
        assert "━" not in me.read()
        await me.press("r", "2", "enter")
        assert "━" in line_with(await me.press("escape"), "  Lesson a")


async def test_a_course_looks_only_at_lessons_with_answers(
    learner: Open, past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tutor.course import load

    read: list[str] = []
    really = load.load_lesson
    monkeypatch.setattr(
        load, "load_lesson", lambda folder, entry: (read.append(entry.id), really(folder, entry))[1]
    )
    past.answered("b", "one", "wrong")
    read.clear()
    async with learner() as me:
        assert "1 question due" in me.read()
        assert read == ["b"]
    async with learner() as me:
        assert "1 question due" in me.read()
        assert read == ["b"], "its keys are in the cache"


# Homework --------------------------------------------------------------------------------------------------


async def test_home_shows_the_state_of_the_homework_and_w_leads_to_what_is_open(
    learner: Open, past: Past
) -> None:
    async with learner() as me:
        assert line_with(me.read(), "Homework").split() == ["Homework", "1", "–", "2", "–", "3", "–", "w"]
        told = " ".join((await me.press("down")).split())
        assert "To hand in: task 1 in lesson 1, task 2 in lesson 1, task 3 in lesson 3. Next: One." in told
        assert "要上交的：作业 1 在第 1 课" in await me.press("L")
        await me.press("L")
    past.answered("a", "one", "right")
    past.answered("a", "two", "right")
    past.answered("b", "one", "shown")
    async with learner() as me:
        assert line_with(me.read(), "Homework").split() == [
            *("Homework", "1", "✓", "2", "in", "progress", "3", "–", "w")
        ]
        await me.press("w")
        screen = me.app.screen
        assert isinstance(screen, LessonScreen)
        assert (screen.lesson.id, screen.step and screen.step.id) == ("b", "one")
        text = await me.press("escape", "escape", "L")
        assert line_with(text, "作业").split() == ["作业", "1", "✓", "2", "进行中", "3", "–", "w"]


@pytest.mark.parametrize("language", list(Language))
async def test_all_four_tasks_in_progress_fit_into_their_line(
    language: Language, store: Store, tmp_path: Path
) -> None:
    index = load_index(default_folder(), tmp_path)
    for entry in index.lessons:
        for each in entry.homework:
            store.answered(entry.id, each.step, "7", "wrong", 0)
    for step in index.lessons[0].steps:
        store.seen(index.lessons[0].id, step.id)  # "Go on with" is the widest label
    store.move(index.lessons[0].id, index.lessons[0].steps[-1].id)
    app = TutorApp(default_folder(), index, store, language)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        screen = "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())
        line = line_with(screen, Words("Homework", "作业").into(language))
    begun = Words("in progress", "进行中").into(language)
    assert all(f"{number} {begun}" in line for number in range(1, 5))
    assert line.endswith("w")


async def test_when_all_homework_is_done_w_says_so(learner: Open, past: Past) -> None:
    for lesson in "abc":
        for step in ("one", "two"):
            past.answered(lesson, step, "right")
    async with learner() as me:
        assert "All homework is done" in await me.press("w")
        assert isinstance(me.app.screen, HomePage)


# The review ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            Language.EN,
            (
                "Review  ›  1 Lesson a",
                "4 left",
                "Not yet.",
                "3 left",
                "the last one",
                "Right at once: 3 of 4.",
            ),
        ),
        (
            Language.ZH,
            ("复习  ›  1 第 a 课", "还剩 4 题", "还不对。", "还剩 3 题", "最后一题", "一次答对：3/4。"),
        ),
    ],
)
async def test_a_review_asks_what_is_due_mixed_over_the_lessons(
    learner: Open, past: Past, store: Store, language: Language, words: tuple[str, ...]
) -> None:
    for days, (lesson, step) in enumerate((("b", "two"), ("b", "one"), ("a", "two"), ("a", "one")), 3):
        past.answered(lesson, step, "wrong", days=days)
    place, left, wrong, then, last, done = words
    async with learner(language) as me:
        text = await me.press("r")
        assert me.asked == ("a", "one"), "the longest overdue first"
        assert place in text
        assert left in text
        assert wrong in await me.press("9", "enter")
        assert then in await me.press("2", "enter"), "what is answered is not left"
        await me.press("enter")
        assert me.asked == ("b", "one"), "then another lesson"
        await me.press("3", "enter", "enter")
        assert me.asked == ("a", "two")
        await me.press("3", "enter", "enter")
        assert me.asked == ("b", "two")
        assert last in me.read()
        await me.press("4", "enter")
        text = await me.press("enter")
        assert me.asked is None
        assert done in text
        given = [(each.lesson, each.step, each.given, each.outcome) for each in store.answers()[4:]]
        assert given == [
            ("a", "one", "9", "wrong"),
            ("a", "one", "2", "right"),
            ("b", "one", "3", "right"),
            ("a", "two", "3", "right"),
            ("b", "two", "4", "right"),
        ]
        await me.press("enter")
        assert isinstance(me.app.screen, HomePage)
        assert "due" not in me.read()


async def test_escape_leaves_at_any_moment_and_what_was_answered_stays_answered(
    learner: Open, past: Past, store: Store
) -> None:
    for lesson in "abc":
        past.answered(lesson, "one", "wrong")
    async with learner() as me:
        await me.press("r", "2", "enter", "enter", "9")
        await me.press("escape", "escape")
        assert isinstance(me.app.screen, HomePage)
        assert "2 questions due" in me.read()
        await me.press("r")
        assert me.asked == ("b", "one")
    assert [each.outcome for each in store.answers()[3:]] == ["right"]


async def test_the_place_in_the_lesson_stays_where_it_was(learner: Open, past: Past, store: Store) -> None:
    past.answered("b", "one", "wrong")
    store.move("a", "read")
    async with learner() as me:
        await me.press("r", "3", "enter", "enter")
        assert store.place() == ("a", "read")


async def test_what_is_skipped_stays_due_and_the_question_before_can_be_gone_back_to(
    learner: Open, past: Past, store: Store
) -> None:
    past.answered("a", "one", "wrong", days=4)
    past.answered("b", "one", "wrong", days=3)
    async with learner() as me:
        await me.press("r", "pagedown")
        assert me.asked == ("b", "one")
        await me.press("pageup")
        assert me.asked == ("a", "one")
        assert "first question" in await me.press("pageup")
        await me.press("pagedown", "3", "enter")
        text = await me.press("enter")
        assert "Right at once: 1 of 1." in text
        assert "Due now: 1. Enter asks again." in text
        await me.press("enter")
        assert me.asked == ("a", "one")
    assert [each.outcome for each in store.answers()[2:]] == ["skipped", "right"]


async def test_a_question_that_vanished_and_one_in_a_broken_lesson_are_not_asked(
    learner: Open, past: Past, course: Path
) -> None:
    for lesson in "abc":
        past.answered(lesson, "one", "wrong")
    async with learner() as me:
        assert "3 questions due" in me.read()
        changed = (course / "01_a" / "lesson.yaml").read_text("utf-8").replace("id: one", "id: another")
        (course / "01_a" / "lesson.yaml").write_text(changed, "utf-8")
        (course / "01_a" / "zh.yaml").unlink()
        (course / "02_b" / "lesson.yaml").write_text("id: [", "utf-8")
        await me.press("r")
        assert me.asked == ("c", "one")
        assert "the last one" in me.read()


async def test_a_question_that_vanishes_during_the_review_is_passed_over(
    learner: Open, past: Past, course: Path
) -> None:
    past.answered("a", "one", "wrong", days=5)
    past.answered("b", "one", "wrong", days=4)
    past.answered("c", "one", "wrong", days=3)
    async with learner() as me:
        await me.press("r")
        assert me.asked == ("a", "one")
        (course / "02_b" / "lesson.yaml").unlink()
        await me.press("pagedown")
        assert me.asked == ("c", "one")


async def test_correcting_a_word_keeps_a_question_due_and_changing_its_key_does_not(
    learner: Open, past: Past, course: Path
) -> None:
    past.answered("a", "one", "wrong")
    past.answered("b", "one", "wrong")
    for folder, old, new in (("01_a", "What is 1", "How much is 1"), ("02_b", "answer: 3", "answer: 3.5")):
        text = (course / folder / "lesson.yaml").read_text("utf-8")
        assert old in text
        (course / folder / "lesson.yaml").write_text(text.replace(old, new), "utf-8")
    async with learner() as me:
        assert "1 question due" in me.read()
        assert "How much is 1 + 1?" in await me.press("r")


@pytest.mark.parametrize(
    ("language", "nothing", "later"),
    [
        (Language.EN, "Nothing to review yet", "Nothing is due now. The next question: in"),
        (Language.ZH, "还没有可以复习的题目", "现在没有到期的题目。下一题："),
    ],
)
async def test_when_nothing_is_due_the_review_says_when_something_will_be(
    learner: Open, past: Past, language: Language, nothing: str, later: str
) -> None:
    async with learner(language) as me:
        assert nothing in await me.press("r")
        await me.press("enter")
        assert isinstance(me.app.screen, HomePage)
    past.answered("a", "one", "right", days=0)
    async with learner(language) as me:
        assert later in await me.press("r")


@pytest.mark.parametrize(
    ("ahead", "en", "zh"),
    [
        (timedelta(seconds=9), "in a moment", "马上"),
        (timedelta(minutes=10), "in 10 minutes", "10 分钟后"),
        (timedelta(minutes=61), "in an hour", "1 小时后"),
        (timedelta(hours=23), "in 23 hours", "23 小时后"),
        (timedelta(days=1), "in a day", "1 天后"),
        (timedelta(days=40), "in 40 days", "40 天后"),
    ],
)
def test_the_time_until_the_next_question_is_said_in_its_largest_unit(
    ahead: timedelta, en: str, zh: str
) -> None:
    start = datetime(2026, 3, 2)
    assert when(start + ahead, start) == Words(en, zh)


async def test_the_review_can_be_what_the_app_opens_with(learner: Open, past: Past) -> None:
    past.answered("c", "three", "wrong")
    async with learner(review=True) as me:
        assert me.asked == ("c", "three")
        await me.press("escape")
        assert isinstance(me.app.screen, HomePage)


async def test_the_language_changes_in_the_middle_of_a_question(learner: Open, past: Past) -> None:
    past.answered("a", "two", "wrong")
    async with learner() as me:
        await me.press("r", "1", "0", "0", "enter")
        assert "That is a hundred." in me.read()
        text = await me.press("L")
        assert "那是一百。" in text
        assert "最后一题" in text


# What torch draws ------------------------------------------------------------------------------------------

DRAWN = """
id: a
title: Lesson a
summary: Sums.
minutes: 5
concepts: []
steps:
  - {id: read, kind: text, title: Read, body: Read this.}
  - {id: one, kind: question, ask: generated, generate: variants.py:double, title: Double, prompt: "What is 2 x {n}?", reasons: {}}
"""


class Drawing:
    """In place of the kernel, for a generator that doubles a number which the seed says."""

    state = Ready("2.13.0", 1.0)

    def __init__(self, on_news: Callable[[object], object]) -> None:
        pass

    async def start(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def pose(self, file: Path, function: str, seeds: list[int]) -> AsyncIterator[object]:
        for seed in seeds:
            yield Variant(answer=2.0 * (seed % 1000), fields={"n": seed % 1000}, seed=seed)


async def test_a_question_that_is_drawn_comes_back_with_fresh_numbers(
    learner: Open, past: Past, store: Store, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (course / "01_a" / "lesson.yaml").write_text(DRAWN, "utf-8")
    (course / "01_a" / "zh.yaml").unlink()
    past.answered("a", "one", "right", days=9)
    async with learner(kernel_factory=Drawing) as me:
        await me.press("r")
        assert me.asked == ("a", "one")
        number = me.read().partition("What is 2 x ")[2].partition("?")[0]
        text = await me.press(*str(2 * int(number)), "enter")
        assert "Right." in text
        await me.press("enter")
        assert me.asked is None
    last = store.answers()[-1]
    assert (last.outcome, last.given) == ("right", str(2 * int(number)))
    assert last.seed is not None
    assert last.seed % 1000 == int(number)


# The report ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            Language.EN,
            ["Report", "Homework", "Task 1: in progress", "What is 1 + 1?", "wrong", "tutor report -o"],
        ),
        (Language.ZH, ["学习报告", "作业", "任务 1：进行中", "1 + 1 等于多少？", "错误", "tutor report -o"]),
    ],
)
async def test_e_shows_the_report_and_it_changes_its_language_where_it_stands(
    learner: Open, past: Past, language: Language, said: list[str]
) -> None:
    past.answered("a", "one", "wrong", given="<b>7</b> [red]x[/red]")
    async with learner(language.other) as me:
        await me.press("e")
        assert isinstance(me.app.screen, ReportPage)
        text = await me.press("L")
        for words in said:
            assert words in text
        assert "<b>7</b> [red]x[/red]" in text, "what was typed is not obeyed"
        before = text
        assert await me.press("pagedown") != before
        assert "100%" in await me.press("end") or "0%" in me.read()
        await me.press("escape")
        assert isinstance(me.app.screen, HomePage)


async def test_review_and_report_are_in_the_palette(learner: Open) -> None:
    async with learner() as me:
        await me.press("ctrl+p", *"hand in", "enter")
        assert isinstance(me.app.screen, ReportPage)
        assert "Not answered yet:" in me.read()
        await me.press("ctrl+p", *"复习", "enter")
        assert isinstance(me.app.screen, ReviewPage)
        await me.press("escape")
        assert isinstance(me.app.screen, HomePage), "one page at a time stands on Home"


# In a real terminal ----------------------------------------------------------------------------------------

LAUNCH = """
import sys
from pathlib import Path
from tutor.course.index import load_index
from tutor.progress.store import Store
from tutor.ui.app import TutorApp
from tutor.ui.screens.home import HomePage

class NoKernel:
    state = "none"
    def __init__(self, on_news): pass
    async def start(self): pass
    async def close(self): pass

here = Path(sys.argv[1])
remember = HomePage._remember

def watched(page):
    heavy = {"fsrs", "msgspec", "yaml", "tutor.practice.review", "tutor.course.load"}
    (here / "imported").write_text(" ".join(sorted(heavy & set(sys.modules))))
    return remember(page)

HomePage._remember = watched
app = TutorApp(
    here / "lessons", load_index(here / "lessons", here / "cache"), Store.open(here / "progress.sqlite3"),
    kernel_factory=NoKernel,
)
app.run()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_what_is_due_comes_after_the_first_paint_and_then_the_screen_is_silent(
    past: Past, tmp_path: Path
) -> None:
    for lesson in "abc":
        past.answered(lesson, "one", "wrong")
    with Terminal([sys.executable, "-c", LAUNCH, str(tmp_path)], env=dict(os.environ)) as terminal:
        terminal.wait_for("Lesson a")
        terminal.wait_for("3 questions due")
        assert (tmp_path / "imported").read_text() == "", "of what takes long, nothing before the first paint"
        terminal.quiet()
        assert terminal.quiet(1) == 0
        terminal.send("r")
        terminal.wait_for("What is 1 + ")
        before = terminal.written
        terminal.send("pagedown")
        terminal.wait_for("2 left")
        terminal.quiet()
        assert 0 < terminal.written - before < 12_000
        for key in ("escape", "escape", "q"):
            terminal.send(key)
            terminal.quiet()
        assert terminal.wait() == 0
