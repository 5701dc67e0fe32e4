"""A small course, a store of its own, and the app on both, without a terminal and without torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tutor.course.index import Index, load_index
from tutor.progress.store import Store
from tutor.protocol import Ready, Warming
from tutor.ui.app import TutorApp

COURSE = """
format: 1
title: {en: A small course, zh: 一门小课程}
parts:
  - id: start
    title: {en: The start, zh: 开头}
    lessons: [{folder: 01_first}, {folder: 02_second, requires: [first]}]
  - id: finish
    title: {en: The finish, zh: 结尾}
    lessons: [{folder: 03_third}]
"""
GLOSSARY = """
fan_in: {term: {en: fan-in, zh: 扇入}, means: {en: How many inputs are summed up., zh: 求和的输入个数。}}
gain: {term: {en: gain, zh: 增益}, means: {en: A factor., zh: 一个系数。}}
variance: {term: {en: variance, zh: 方差}, means: {en: The mean squared deviation., zh: 离差平方的均值。}}
"""
FIRST = (
    """
id: first
title: The first lesson
summary: Where it begins.
minutes: 5
concepts: []
labs:
  drift:
    run: drift.py
    title: A drifting value
    controls: {steps: {kind: integer, default: 5, min: 1, max: 50, label: steps}}
    series: {height: height}
    values: {last: last height}
    charts: [{id: height, title: Height by step, x: step, y: height, series: [height]}]
steps:
  - {id: read, kind: text, title: Read this, terms: [gain], body: Something to **read**.}
  - {id: sum, kind: question, ask: number, title: A sum, prompt: What is 1 + 1?, answer: 2}
  - {id: try, kind: lab, title: Try it, lab: drift, body: Run it.}
""",
    """
title: 第一课
summary: 从这里开始。
labs:
  drift:
    title: 漂移的数值
    controls: {steps: 步数}
    series: {height: 高度}
    values: {last: 最后的高度}
    charts: [{title: 高度随步数的变化, x: 步, y: 高度}]
steps:
  read: {title: 读一读, body: 可以**读**的内容。}
  sum: {title: 求和, prompt: 1 + 1 等于多少？}
  try: {title: 试一试, body: 运行它。}
""",
)
DRIFT = '''"""A value that drifts."""

from tutor.lesson import Point, Value


def run(steps: int):
    for step in range(steps):
        yield Point("height", step, step / 2)
    yield Value("last", steps / 2)
'''


def _short(id: str, en: str, zh: str) -> tuple[str, str]:
    """A lesson of one text."""
    return (
        f"id: {id}\ntitle: {en}\nsummary: About {id}.\nminutes: 3\nconcepts: []\n"
        "steps: [{id: only, kind: text, title: The only step, body: Little to say.}]\n",
        f"title: {zh}\nsummary: 关于{zh}。\nsteps: {{only: {{title: 唯一的一步, body: 没有多少内容。}}}}\n",
    )


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A folder with three lessons, a lab and a glossary."""
    folder = tmp_path / "lessons"
    lessons = {
        "01_first": FIRST,
        "02_second": _short("second", "The second lesson", "第二课"),
        "03_third": _short("third", "The third lesson", "第三课"),
    }
    for name, (english, chinese) in lessons.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "lesson.yaml").write_text(english, encoding="utf-8")
        (folder / name / "zh.yaml").write_text(chinese, encoding="utf-8")
    (folder / "01_first" / "drift.py").write_text(DRIFT, encoding="utf-8")
    (folder / "course.yaml").write_text(COURSE, encoding="utf-8")
    (folder / "glossary.yaml").write_text(GLOSSARY, encoding="utf-8")
    return folder


@pytest.fixture
def index(course: Path, tmp_path: Path) -> Index:
    """The index of the small course."""
    return load_index(course, tmp_path / "cache")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Progress of a learner who was welcomed already."""
    store = Store.open(tmp_path / "progress.sqlite3")
    store.set("welcomed", "yes")
    return store


class StandIn:
    """In place of the kernel where no lab is run: it has one state and says it when started."""

    def __init__(self, on_news: Callable[[object], object], state: object) -> None:
        self._on_news = on_news
        self._then = state
        self.state: object = Warming("Python")
        self.closed = False

    async def start(self) -> None:
        self.state = self._then
        self._on_news(self.state)

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def make_app(course: Path, index: Index, store: Store) -> Callable[..., TutorApp]:
    """Makes the app; `torch` is the state that the stand-in for the kernel comes to, the rest as for the app."""

    def make(torch: object = Ready("2.13.0", 1.0), **more: object) -> TutorApp:
        given = {"kernel_factory": lambda on_news: StandIn(on_news, torch), "store": store, **more}
        return TutorApp(course, index, **given)

    return make


@pytest.fixture
def shown() -> Callable[[TutorApp], str]:
    """Reads what stands on the screen, row by row, without the blanks at their ends."""

    def read(app: TutorApp) -> str:
        return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())

    return read
