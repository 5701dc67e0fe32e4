"""The report says what the learner did, in three formats and two languages, and never obeys what it quotes."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from tutor import cli
from tutor.course.index import Index, load_index
from tutor.course.load import load_lesson
from tutor.course.model import AnyQuestion, Question
from tutor.labrun import LabRun
from tutor.places import cache_folder, progress_file
from tutor.practice.key import key_of
from tutor.progress import store as store_module
from tutor.progress.store import Store
from tutor.protocol import Point, Value
from tutor.report import write
from tutor.report.gather import Log, gather
from tutor.report.markup import code, escaped, fenced
from tutor.report.parts import Report
from tutor.report.write import as_json, save, written
from tutor.words import Language

EN, ZH = Language.EN, Language.ZH
LESSON = """
id: sums
title: Sums & <b>more</b>
summary: S.
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
  - {id: read, kind: text, title: Read this, body: Something to read.}
  - {id: sum, kind: question, ask: number, title: A sum, prompt: "What is **1 + 1**?", given: "a = 1", answer: 2, homework: 2}
  - id: pick
    kind: question
    ask: several
    title: Which
    prompt: Which are even?
    homework: 2
    options:
      - {text: two, because: It is., right: true}
      - {text: "`4`", because: It is., right: true}
      - {text: five, because: It is odd.}
  - {id: word, kind: question, ask: text, title: A word, prompt: Which function?, answers: [log], homework: 3}
  - id: again
    kind: question
    ask: generated
    generate: variants.py:more
    streak: 2
    title: Again
    prompt: "With {n} samples, {{really}}?"
    reasons: {}
    homework: 4
  - {id: try, kind: lab, title: Try it, lab: drift, body: Run it.}
"""
CHINESE = """
title: 求和 & <b>更多</b>
summary: 概要。
labs:
  drift:
    title: 漂移的数值
    controls: {steps: 步数}
    series: {height: 高度}
    values: {last: 最后的高度}
    charts: [{title: 高度随步数的变化, x: 步, y: 高度}]
steps:
  read: {title: 读一读, body: 可以读的内容。}
  sum: {title: 求和, prompt: "**1 + 1** 等于多少？"}
  pick:
    title: 哪些
    prompt: 哪些是偶数？
    options: [{text: 二, because: 是。}, {text: "`4`", because: 是。}, {text: 五, because: 是奇数。}]
  word: {title: 一个词, prompt: 哪个函数？}
  again: {title: 再来, prompt: "有 {n} 个样本，{{真的}}？", reasons: {}}
  try: {title: 试一试, body: 运行它。}
"""
HOSTILE = [
    "<script>alert(1)</script>",
    "a | b |",
    "`", "``` x", "\\`", "**bold** _x_ [a](http://b) ![i](c) <http://d>",
    "&lt;b&gt;", "\x1b[31mred", "{0} {n}", "", " ", "-- > #", "</code></pre><img src=x onerror=y>", "中文，“引号”",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A course of one lesson, with three homework tasks and a lab."""
    folder = tmp_path / "lessons"
    (folder / "01_sums").mkdir(parents=True)
    (folder / "01_sums" / "lesson.yaml").write_text(LESSON, encoding="utf-8")
    (folder / "01_sums" / "zh.yaml").write_text(CHINESE, encoding="utf-8")
    (folder / "course.yaml").write_text(
        "format: 1\ntitle: {en: A course, zh: 一门课}\n"
        "parts: [{id: p, title: {en: Part, zh: 部分}, lessons: [{folder: 01_sums}]}]\n",
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def index(folder: Path) -> Index:
    return load_index(folder, cache_folder())


@pytest.fixture
def store() -> Store:
    return Store.open(progress_file())


class Learner:
    """Answers into the store."""

    def __init__(self, folder: Path, index: Index, store: Store) -> None:
        self._folder, self._index, self._store = folder, index, store
        steps = load_lesson(folder, index.lessons[0]).steps
        self._questions: dict[str, AnyQuestion] = {s.id: s for s in steps if isinstance(s, Question)}

    def answers(self, step: str, given: str, outcome: str, hints: int = 0, sure: bool | None = None) -> None:
        self._store.seen("sums", step)
        self._store.answered(
            "sums", step, given, outcome, hints, key=key_of(self._questions[step]), sure=sure
        )

    def report(self, later: timedelta = timedelta()) -> Report:
        return gather(
            self._folder, self._index, Log.of(self._store), cache_folder(), datetime.now(UTC) + later
        )


@pytest.fixture
def learner(folder: Path, index: Index, store: Store) -> Learner:
    return Learner(folder, index, store)


class Page(HTMLParser):
    """The elements and texts of a page; raises if they are not well nested."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.codes: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)
        if tag == "code":
            self.codes.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "code" in self.open:
            self.codes[-1] += data


# What it says ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (EN, ["Report: A course", "Task 2: in progress", "Task 3: not begun", "Not answered yet:", "right, after 2 hints, was unsure", "wrong, was sure", "two; `4`", "1/4"]),
        (ZH, ["学习报告：一门课", "任务 2：进行中", "任务 3：未开始", "还没有作答：", "正确，看过 2 条提示，没把握", "错误，有把握", "二；`4`", "1/4"]),
    ],
)  # fmt: skip
def test_the_homework_stands_there_with_every_answer_in_order(
    learner: Learner, language: Language, said: list[str]
) -> None:
    learner.answers("sum", "0.607", "wrong", sure=True)
    learner.answers("sum", "2", "right", 2, sure=False)
    learner.answers("pick", "0,1", "wrong")
    text = written(learner.report(), "md", language)
    for words in said:
        assert words in text
    assert text.index("`0.607`") < text.index("`2`")
    assert "> What is **1 + 1**?" in text or "> **1 + 1** 等于多少？" in text


def test_a_question_that_is_drawn_anew_is_shown_without_its_numbers(learner: Learner) -> None:
    learner.answers("again", "1", "wrong")
    assert "> With … samples, {really}?" in written(learner.report(), "md", EN)


def test_an_answer_to_an_earlier_version_of_a_question_is_shown_as_it_was_given(learner: Learner) -> None:
    learner.answers("pick", "7,9", "wrong")
    learner.answers("pick", "what?", "wrong")
    text = written(learner.report(), "md", EN)
    assert "`7,9`" in text
    assert "`what?`" in text


def test_steps_that_were_recorded_stand_one_a_line(learner: Learner) -> None:
    learner.answers("word", "CrossEntropyLoss.__init__\n_Loss.__init__", "wrong")
    text = written(learner.report(), "md", EN)
    assert "  1. `CrossEntropyLoss.__init__`\n  2. `_Loss.__init__`" in text
    page = Page(written(learner.report(), "html", EN))
    assert "_Loss.__init__" in page.codes


def test_what_is_weak_is_named_the_weakest_first(learner: Learner) -> None:
    learner.answers("word", "log", "right")
    for _ in range(3):
        learner.answers("sum", "9", "wrong")
    learner.answers("pick", "2", "wrong")
    weak = [asked.id[1] for asked in learner.report().weak]
    assert weak == ["sum", "pick"], "neither what is known nor what was never asked is weak"
    later = learner.report(timedelta(days=60))
    assert [asked.id[1] for asked in later.weak] == ["sum", "pick", "word"], "what fades is"
    text = written(later, "md", EN)
    assert "1 Sums & \\<b\\>more".replace("& ", "\\& ") in text
    assert "recalled with 0%, not right 3 times" in text


def test_scores_and_mastery_fade_but_what_was_answered_stays(learner: Learner) -> None:
    learner.answers("sum", "2", "right")
    learner.answers("word", "x", "wrong")
    now, later = learner.report().scores, learner.report(timedelta(days=90)).scores
    assert (now[0].right, now[0].questions, now[0].seen, now[0].steps) == (1, 4, 2, 6)
    assert now[0].mastery == pytest.approx(1 / 4)
    assert later[0].right == 1
    assert 0 < later[0].mastery < now[0].mastery


def test_confidence_is_compared_with_the_outcome(learner: Learner) -> None:
    for outcome, sure in (
        ("right", True),
        ("wrong", True),
        ("wrong", True),
        ("right", False),
        ("right", None),
        ("shown", True),
    ):
        learner.answers("sum", "2", outcome, sure=sure)  # fmt: skip
    text = written(learner.report(), "md", EN)
    assert "Said to be sure: 1 of 3 answers were right." in text
    assert "Said to be unsure: 1 of 1 answers were right." in text
    assert "有把握的答案：3 个中答对 1 个。" in written(learner.report(), "md", ZH)


def test_the_last_run_of_a_lab_is_drawn_from_what_was_kept(learner: Learner, store: Store) -> None:
    for steps in (3, 40):
        run = LabRun({"steps": steps})
        for x in range(steps):
            run.take(Point("height", x, x / 2))
        store.ran("sums", "try", "drift", {"steps": steps}, {"last": steps / 2}, "finished", run.sketch())
    text = written(learner.report(), "md", EN)
    assert "2 runs, the last of them, finished" in text
    assert "steps 40" in text
    assert "Height by step" in text
    assert "┤" in text, "the chart"
    assert "last height   20" in text
    assert "┤" not in written(learner.report(), "md", EN, ascii=True)
    assert "高度随步数的变化" in written(learner.report(), "md", ZH)


def test_a_run_of_a_lab_that_is_gone_is_told_without_it(learner: Learner, store: Store) -> None:
    store.ran("sums", "try", "bygone", {"lr": 0.1}, {"last": "nan"}, "crashed")
    text = written(learner.report(), "md", EN)
    assert "lr = 0.1\nlast = nan" in text


def test_an_empty_store_gives_a_report_that_says_so(learner: Learner) -> None:
    for language, empty in ((EN, "No lesson was begun yet."), (ZH, "还没有开始学习。")):
        assert empty in written(learner.report(), "md", language)
        Page(written(learner.report(), "html", language))
    data = as_json(learner.report(), EN)
    assert (data["lessons"], data["runs"], data["weak"]) == ([], [], [])
    assert [task["state"] for task in data["homework"]] == ["new", "new", "new"]


def test_a_lesson_that_cannot_be_read_costs_the_others_nothing(
    learner: Learner, folder: Path, index: Index
) -> None:
    learner.answers("sum", "2", "right")
    (folder / "01_sums" / "lesson.yaml").write_text("id: [", encoding="utf-8")
    assert "Scores" in written(learner.report(), "md", EN)


# The formats -----------------------------------------------------------------------------------------------


def test_the_json_has_the_keys_that_a_script_can_rely_on(learner: Learner, store: Store) -> None:
    learner.answers("sum", "0.607", "wrong", 1, sure=True)
    store.ran("sums", "try", "drift", {"steps": 2}, {"last": math.inf}, "finished", {"height": [[0, "nan"]]})
    data = json.loads(written(learner.report(), "json", ZH))
    assert set(data) == {
        *(
            "format",
            "title",
            "language",
            "at",
            "homework",
            "lessons",
            "weak",
            "confidence",
            "journals",
            "runs",
        )
    }
    assert (data["format"], data["language"], data["title"]) == (1, "zh", "一门课")
    datetime.fromisoformat(data["at"])
    question = data["homework"][0]["questions"][0]
    assert (question["lesson"], question["step"], question["outcome"]) == ("sums", "sum", "wrong")
    (one,) = question["tries"]
    assert time.time() - one.pop("at") < 60
    assert one == {
        **{"given": "0.607", "answer": "0.607", "outcome": "wrong", "hints": 1, "sure": True, "variant": None}
    }
    assert data["runs"][0]["values"] == {"last": "inf"}
    assert data["runs"][0]["series"] == {"height": [[0, "nan"]]}
    assert data["confidence"] == {"sure": {"answers": 1, "right": 0}, "unsure": {"answers": 0, "right": 0}}


@pytest.mark.parametrize("language", [EN, ZH])
def test_the_html_is_one_page_that_loads_nothing(learner: Learner, store: Store, language: Language) -> None:
    learner.answers("sum", "2", "right")
    store.ran("sums", "try", "drift", {"steps": 2}, {}, "finished", {"height": [[0, 1], [1, 2]]})
    text = written(learner.report(), "html", language)
    page = Page(text)
    assert {"table", "h1", "pre", "blockquote", "strong"} <= page.elements
    assert not {"script", "link", "img", "iframe", "a"} & page.elements
    assert not {"src", "href", "onerror", "onclick"} & page.attributes
    assert "<b>more</b>" in page.text or "<b>更多</b>" in page.text, "a title is text"
    assert f'lang="{"zh-CN" if language is ZH else "en"}"' in text


@pytest.mark.parametrize("given", HOSTILE)
def test_what_a_learner_types_is_shown_and_never_obeyed(learner: Learner, given: str) -> None:
    learner.answers("word", "harmless", "wrong")
    plain = Page(written(learner.report(), "html", EN))
    learner.answers("word", given, "wrong")
    page = Page(written(learner.report(), "html", EN))
    assert (page.elements, page.attributes) == (plain.elements, plain.attributes)
    seen = given.replace("\x1b[31m", "").strip()
    assert not seen or seen in [code.strip() for code in page.codes]
    assert "\x1b" not in written(learner.report(), "md", EN)
    tries = json.loads(written(learner.report(), "json", EN))["homework"][1]["questions"][0]["tries"]
    assert tries[1]["given"] == given


@pytest.mark.parametrize("text", HOSTILE)
def test_quoting_loses_nothing(text: str) -> None:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False})
    seen = text.replace("\x1b[31m", "")
    assert Page(parser.render(f"x {code(text)} y")).codes[0].strip() == seen.strip()
    assert Page(parser.render(fenced(text))).codes[0].strip("\n") == seen.strip("\n")
    assert Page(parser.render(f"x {escaped(text)}")).text.strip() == f"x {seen}".strip()


# The file --------------------------------------------------------------------------------------------------


def report(*arguments: str | Path) -> int:
    return cli.main(["report", *map(str, arguments)])


@pytest.mark.parametrize(
    ("name", "begins"),
    [("r.md", "# Report"), ("r.html", "<!DOCTYPE html>"), ("r.json", "{"), ("r.txt", "# ")],
)
def test_the_name_of_the_file_says_the_format(folder: Path, tmp_path: Path, name: str, begins: str) -> None:
    assert report("--lessons", folder, "-o", tmp_path / name) == 0
    assert (tmp_path / name).read_text("utf-8").startswith(begins)


def test_without_a_file_it_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report("--lessons", folder, "--lang", "zh", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["title"] == "一门课"


def test_the_language_is_the_one_the_learner_switched_to(
    folder: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    store.set("language", "zh")
    assert report("--lessons", folder) == 0
    assert "学习报告" in capsys.readouterr().out
    assert report("--lessons", folder, "--lang", "en") == 0
    assert "# Report" in capsys.readouterr().out


def test_an_existing_file_is_replaced_only_when_that_is_asked_for(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "report.md"
    file.write_text("mine")
    assert report("--lessons", folder, "-o", file) == 2
    said = capsys.readouterr()
    assert f"{file} is there already; --force replaces it." in said.err
    assert "Traceback" not in said.err
    assert file.read_text() == "mine"
    assert report("--lessons", folder, "-o", file, "--force") == 0
    assert file.read_text().startswith("# Report")
    assert [each.name for each in tmp_path.iterdir() if "part" in each.name] == []


@pytest.mark.parametrize("where", ["nowhere/report.md", "a_file/report.md", "folder"])
@pytest.mark.parametrize(("language", "sentence"), [("en", "cannot be written to"), ("zh", "无法把报告写入")])
def test_a_place_that_cannot_be_written_is_said_in_a_sentence(
    folder: Path, tmp_path: Path, where: str, language: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a_file").write_text("")
    (tmp_path / "folder").mkdir()
    assert report("--lessons", folder, "--lang", language, "-o", tmp_path / where, "--force") == 1
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.md"
    file.write_text("before")

    def full(handle: int) -> None:
        assert any(each.read_text() == "after" for each in tmp_path.iterdir()), "written beside it"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        save("after", file, force=True)
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_it_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []
    really = os.fsync
    monkeypatch.setattr(
        write.os, "fsync", lambda handle: (synced.append((tmp_path / "r").exists()), really(handle))
    )
    save("text", tmp_path / "r", force=False)
    assert synced == [False, True], "the file first, then the folder with its name"


def test_a_file_made_meanwhile_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.md"
    monkeypatch.setattr(write.os, "fsync", lambda handle: file.write_text("someone else's"))
    with pytest.raises(FileExistsError):
        save("mine", file, force=False)
    assert file.read_text() == "someone else's"
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_stays_a_link_and_a_device_a_device(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("before")
    (tmp_path / "link").symlink_to("real")
    save("after", tmp_path / "link", force=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "after"
    with pytest.raises(OSError, match="not a file"):
        save("x", Path(os.devnull), force=True)


def test_it_needs_neither_torch_nor_a_screen(folder: Path) -> None:
    script = (
        "import sys; sys.modules['torch'] = None; from tutor import cli;"
        f"status = cli.main(['report', '--lessons', {str(folder)!r}]);"
        "print('FOUND', [name for name in ('textual', 'yaml') if name in sys.modules]); sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert "# Report" in done.stdout
    assert "FOUND ['yaml']" in done.stdout


def test_the_sketch_of_a_run_is_small_and_draws_the_same_again() -> None:
    run = LabRun({"lr": 0.5})
    for x in range(100_000):
        run.take(Point("loss", x, math.inf if x == 99_999 else 1 / (x + 3)))
    run.take(Point("single", 1, math.nan))
    run.take(Value("last", math.nan))
    sketch = run.sketch()
    assert len(sketch["loss"]) == 60
    assert sketch["loss"][0] == [0.0, 0.33333]
    assert sketch["loss"][-1] == [99_999.0, "inf"], "the end is kept"
    assert sketch["single"] == [[1.0, "nan"]]
    assert len(json.dumps(sketch)) < 3000
    again = LabRun.sketched(run.settings, {"last": "nan"}, json.loads(json.dumps(sketch)))
    assert again.sketch() == sketch
    assert again.settings == {"lr": 0.5}
    assert math.isnan(again.seen().values["last"])


def test_the_sketch_of_many_series_is_small_too() -> None:
    run = LabRun({})
    for name in range(500):
        for x in range(10):
            run.take(Point(str(name), x, x / 7))
    assert len(json.dumps(run.sketch())) < 30_000
    assert LabRun({}).sketch() == {}


# The review, piped -----------------------------------------------------------------------------------------


def test_without_a_terminal_the_review_says_what_is_due(
    folder: Path, learner: Learner, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli.main(["review", "--lessons", str(folder)]) == 0
    assert capsys.readouterr().out == "Questions due: 0\n"
    then = time.time() - 86400
    with monkeypatch.context() as patched:
        patched.setattr(store_module, "time", SimpleNamespace(time=lambda: then))
        learner.answers("sum", "9", "wrong")
        learner.answers("pick", "0,1", "right")
    assert cli.main(["review", "--lessons", str(folder), "--lang", "zh"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "到期题目：2",
        "  求和 & <b>更多</b> › 求和",
        "  求和 & <b>更多</b> › 哪些",
    ]
