"""Every mistake an author can make, planted into a small course: it is said once, at its place, with what to write."""

from pathlib import Path
from typing import NamedTuple

import pytest

from tutor.course.check import check, translated
from tutor.course.problem import Problem
from tutor.words import Language

LESSON, ZH = "01_rates/lesson.yaml", "01_rates/zh.yaml"


def computed(expressions: dict[str, str]) -> dict[str, float | str]:
    """What the kernel does, for expressions of plain Python."""
    return {name: eval(expression) for name, expression in expressions.items()}


def replaced(course: Path, file: str, old: str, new: str) -> str:
    text = (course / file).read_text(encoding="utf-8")
    assert old in text, old
    text = text.replace(old, new, 1)
    (course / file).write_text(text, encoding="utf-8")
    return text


def test_the_small_course_is_sound(course: Path) -> None:
    assert check(course, computed) == []


class Planted(NamedTuple):
    """A mistake, and what is said of it: `at` is the spoilt text that the place must point to."""

    file: str
    old: str
    new: str
    at: str
    wrong: str
    write: str
    said_in: str | None = None
    """The file that is named, if it is not the spoilt one."""


MISTAKES = {
    # YAML
    "a colon in a text": Planted(LESSON, "summary: What one", "summary: Now: what one", ": what one", "not valid YAML", "in quotes"),
    "a tab": Planted(LESSON, "minutes: 20", "\tminutes: 20", "\tminutes", "not valid YAML", "by spaces"),
    "an open quote": Planted(LESSON, 'title: "Lab: slide down"', 'title: "Lab: slide down', '"Lab: slide', "not valid YAML", "close the quote"),
    "a key twice": Planted(LESSON, "minutes: 20", "minutes: 20\nminutes: 30", "minutes: 30", "'minutes' for the second time", "delete one of the two"),
    "an anchor": Planted(LESSON, "title: Learning rates\nsummary: What one step does.", "title: &t Learning rates\nsummary: *t", "&t Learn", "anchor", "write the value out"),
    "a sign YAML has not": Planted(LESSON, "What one step does.", "What\x07 one step does.", "\x07", "U+0007", "delete it"),
    # Shapes
    "text for a number": Planted(LESSON, "answer: 0.25", "answer: a quarter", "a quarter", "`answer` must be a number, not the text 'a quarter'", "for example 0.25"),
    "a number for text": Planted(LESSON, "title: The border", "title: 25", "25\n    prompt", "`title` must be text, not the number 25", "in quotes"),
    "a switch for text": Planted(LESSON, "- What does one step multiply by?", "- yes", "yes\n", "item 1 of `hints` must be text, not the switch true", "in quotes"),
    "a map for a list": Planted(LESSON, "concepts: [S01, S02]", "concepts: {S01: 1}", "{S01", "`concepts` must be a list, not a map", "- "),
    "nothing for a map": Planted(LESSON, "set: {lr: 0.3, rule: momentum}", "set:", "\n    chart: loss", "`set` must be a map, not nothing", "{key: value}"),
    "a misspelt field": Planted(LESSON, "    prompt: Above", "    promt: Above", "promt", "unknown field `promt`", "did you mean `prompt`?"),
    "a field of nowhere": Planted(LESSON, "    intro: The grad", "    colour: red\n    intro: The grad", "colour", "unknown field `colour`", "use one of"),
    "a comma in a flow map": Planted(LESSON, "lr: {kind: number, default: 0.1, min: 0, max: 1, label: learning rate}", "lr: {kind: number, default: 0.1, min: 0, max: 1, label: learning rate, lr}", "lr}", "unknown field `lr`", "in quotes"),
    "an unknown kind": Planted(LESSON, "kind: text", "kind: txt", "txt", "unknown kind the text 'txt'", "did you mean text?"),
    "an unknown question": Planted(LESSON, "ask: several", "ask: some", "some\n", "unknown ask the text 'some'", "write one of number, choice, several, order"),
    "a question of no kind": Planted(LESSON, "    ask: order\n", "", "id: order", "`ask` is missing", "number, choice, several, order"),
    "an unknown control": Planted(LESSON, "{kind: seed", "{kind: sed", "sed,", "unknown kind the text 'sed'", "did you mean seed?"),
    "a scale of its own": Planted(LESSON, "scale: log", "scale: square", "square", "`scale` must be one of linear, log", "write one of linear, log"),
    "a missing field": Planted(LESSON, "    prompt: What happens far above the border?\n", "", "id: rate\n", "`prompt` is missing", "add `prompt: `"),
    "a wrong option without reason": Planted(LESSON, "      - text: The loss stays\n        because: Only exactly at the border.\n", "      - text: The loss stays\n", "text: The loss stays", "`because` is missing", "add `because: `"),
    "a course part without title": Planted("course.yaml", "    title: {en: Descent, zh: 下降}\n", "", "id: descent", "`title` is missing", "add"),
    # Ids
    "a step id twice": Planted(LESSON, "id: zero", "id: border", "border\n    kind: question\n    ask: number\n    title: The minimum", "the step id border is there twice", "rename one"),
    "a step id with spaces": Planted(LESSON, "id: zero", "id: The Zero", "The Zero", "the id 'The Zero' is not plain", "hyphens"),
    "a lesson id twice": Planted("02_momentum/lesson.yaml", "id: momentum", "id: rates", "02_momentum", "the lesson id rates belongs to an earlier lesson", "rename one", "course.yaml"),
    "a lab id twice": Planted("02_momentum/lesson.yaml", "steps:\n", 'labs:\n  slide: {run: slide.py, title: {en: Slide, zh: 下降}, controls: {}}\nsteps:\n', "slide: {run", "another lesson declares a lab slide", "rename one"),
    "a lab id with hyphens": Planted(LESSON, "labs:\n  slide:", "labs:\n  slide-down:", "slide-down", "the lab id 'slide-down' is not plain", "underscores"),
    "a folder twice": Planted("course.yaml", "folder: 02_momentum", "folder: 01_rates", "01_rates\n        requires", "the folder 01_rates is there twice", "delete one"),
    "a part twice": Planted("course.yaml", "parts:\n", "parts:\n  - {id: descent, title: {en: More, zh: 更多}, lessons: []}\n", "descent\n", "the part id descent is there twice", "rename one"),
    "a concept of nowhere": Planted(LESSON, "[S01, S02]", "[S01, slope]", "slope", "'slope' is no concept", "for example I01"),
    "no time": Planted(LESSON, "minutes: 20", "minutes: 0", "0\nconcepts", "0 minutes is no time", "for example 30"),
    # The course
    "an unknown requirement": Planted("course.yaml", "requires: [rates]", "requires: [rate]", "rate]", "no earlier lesson has the id rate", "did you mean `rates`?"),
    "a requirement that comes later": Planted("course.yaml", "      - folder: 01_rates\n", "      - folder: 01_rates\n        requires: [momentum]\n", "momentum]", "no earlier lesson has the id momentum", "delete it"),
    "a folder that is not there": Planted("course.yaml", "folder: 02_momentum", "folder: 03_none", "", "there is no such file", "write it", "03_none/lesson.yaml"),
    "a term that is not in the glossary": Planted(LESSON, "terms: [learning_rate]", "terms: [learning_rates]", "learning_rates]", "the glossary has no learning_rates", "did you mean `learning_rate`?"),
    "a term without Chinese": Planted("glossary.yaml", "{en: momentum, zh: 动量}", "momentum", "momentum\n", "the Chinese is missing", "{en: ..., zh: ...}"),
    # Questions
    "two right answers": Planted(LESSON, "        because: Only exactly at the border.", "        because: Only exactly at the border.\n        right: true", "options:\n      - text: The loss grows", "2 options are right", "exactly one"),
    "no right answer": Planted(LESSON, "        right: true\n", "", "options:\n      - text: The loss grows", "0 options are right", "exactly one"),
    "an option twice": Planted(LESSON, "- text: The loss stays", "- text: The loss grows", "The loss grows\n        because: Only", "this option is there twice", "change or delete"),
    "one line to order": Planted(LESSON, "      - {text: Move the weight, because: Against the gradient.}\n", "", "lines:\n      - {text: Take", "one line has no order", "at least two"),
    "four hints": Planted(LESSON, "    hints:\n", "    hints:\n      - One\n      - Two\n", "The factor must", "4 hints are too many", "keep 3"),
    "a mistake that is right": Planted(LESSON, "value: 0.5\n", "value: 0.2501\n", "0.2501", "0.2501 is accepted as right", "another number"),
    "a mistake twice": Planted(LESSON, "value: 0.5\n", "value: 0.125\n", "0.125\n        because: The second", "0.125 is a mistake twice", "both reasons in one"),
    "a mistake near zero": Planted(LESSON, "{value: 2, because", "{value: 0.0001, because", "0.0001", "accepted as right", "another number"),
    "a tolerance in percent": Planted(LESSON, "tolerance: 0.01", "tolerance: 5", "5\n", "the tolerance 5 is not relative", "0.01"),
    "an answer that torch denies": Planted(LESSON, "verify: 2 / 8", "verify: 2 / 9", "2 / 9", "this gives 0.2222222, `answer` says 0.25", "mend one"),
    "a mistake that torch denies": Planted(LESSON, "verify: 1 / 8", "verify: 1 / 9", "1 / 9", "this gives 0.1111111, `value` says 0.125", "mend one"),
    "an expression that is none": Planted(LESSON, "verify: 2 / 8", "verify: 2 //", "2 //", "Python cannot read this", "one Python expression"),
    "too few questions": Planted("02_momentum/lesson.yaml", "    kind: question\n    ask: number\n    title: {en: Question 1, zh: 第 1 题}\n    prompt: {en: How much is 1 + 1?, zh: \"1 + 1 等于多少？\"}\n    answer: 2\n    verify: 1 + 1", "    kind: text\n    title: {en: Question 1, zh: 第 1 题}\n    body: {en: How much is 1 + 1?, zh: \"1 + 1 等于多少？\"}", "steps:", "5 questions are too few", "at least 6"),
    "a line asked for without choice": Planted(LESSON, "        wrong:\n          - formula: x₁ = x₀ · (1 − 4·lr)\n            because: Half the gradient is missing.\n", "", "ask: Put", "there is no wrong one to choose", "add `wrong` lines"),
    "wrong lines nobody sees": Planted(LESSON, "      - ask: Put the gradient in. What comes out?\n        formula", "      - formula", "wrong:", "nobody sees these lines", "add `ask`"),
    "a wrong line that is right": Planted(LESSON, "(1 − 4·lr)", "(1 − 8·lr)", "x₁ = x₀ · (1 − 8·lr)\n            because: Half", "this line is there twice", "change or delete"),
    # Labs
    "no such lab": Planted(LESSON, "lab: slide\n", "lab: slid\n", "slid\n", "no lesson declares the lab slid", "did you mean `slide`?"),
    "no such file": Planted(LESSON, "run: slide.py", "run: slides.py", "slides.py", "there is no file slides.py beside this lesson", "mend its name"),
    "a file from elsewhere": Planted(LESSON, "run: slide.py", "run: ../slide.py", "../slide.py", "'../slide.py' is no file beside this lesson", "file.py"),
    "no such function": Planted(LESSON, "run: slide.py", "run: slide.py:go", "slide.py:go", "slide.py has no function go", "def go(lr, rule, iterations, seed):"),
    "a control without parameter": Planted(LESSON, "      seed: {kind: seed, label: random seed}\n", "      seed: {kind: seed, label: random seed}\n      width: {kind: toggle, default: true, label: wide}\n", "slide.py", "the controls are (lr, rule, iterations, seed, width)", "a parameter of its name"),
    "a parameter without control": Planted("01_rates/slide.py", "iterations, seed", "iterations, seed, width", "slide.py", "takes (lr, rule, iterations, seed, width)", "a parameter of its name", LESSON),
    "Python with a mistake": Planted("01_rates/slide.py", "x = 2.0", "x = = 2.0", "slide.py", "Python cannot read it", "mend its syntax", LESSON),
    "a function that yields nothing": Planted("01_rates/slide.py", '        yield Point("loss", k, 4 * x * x)\n        x -= lr * 8 * x\n    yield Value("last", x)', "        x -= lr * 8 * x", "slide.py", "run in slide.py yields nothing", "generator", LESSON),
    "a default out of range": Planted(LESSON, "default: 0.1, min: 0, max: 1", "default: 2, min: 0, max: 1", "2, min", "lr must be a number from 0 to 1, not 2", "widen"),
    "a default that is no option": Planted(LESSON, "default: plain", "default: simple", "simple", "rule must be one of plain, momentum, not 'simple'", "write what it takes"),
    "a range upside down": Planted(LESSON, "min: 1, max: 500", "min: 500, max: 1", "1, label: iterations", "500 to 1 is no range", "above `min`"),
    "a range without end": Planted(LESSON, "min: 0, max: 1,", "min: 0, max: .inf,", "{kind: number", "the range has no end", "finite"),
    "an option of a control twice": Planted(LESSON, "options: [plain, momentum]", "options: [plain, momentum, plain]", "plain], default", "the option plain is there twice", "delete one"),
    "a list without names": Planted(LESSON, "{kind: seed, label", "{kind: several, options: [], default: [], label", "[], default", "there is nothing to choose from", "write names"),
    "a default that is not on the list": Planted(LESSON, "{kind: seed, label", "{kind: several, options: [a, b], default: [c], label", "[c], label", "seed must be some of a, b, with commas between them, not ['c']", "write what it takes"),
    "when of no control": Planted(LESSON, "when: {rule: [plain]}", "when: {rules: [plain]}", "rules: [plain]", "`when` names no other control: rules", "did you mean `rule`?"),
    "when of no option": Planted(LESSON, "when: {rule: [plain]}", "when: {rule: [plane]}", "plane]", "rule must be one of plain, momentum, not 'plane'", "write what it takes"),
    "defaults of no choice": Planted(LESSON, "when: {rule: [plain]}", "defaults: {rules: {plain: 1}}", "rules: {plain", "`defaults` names no choice: rules", "did you mean `rule`?"),
    "defaults of no option": Planted(LESSON, "when: {rule: [plain]}", "defaults: {rule: {plane: 1}}", "plane: 1", "rule has no option plane", "did you mean `plain`?"),
    "defaults that do not fit": Planted(LESSON, "when: {rule: [plain]}", "defaults: {rule: {plain: 999}}", "999}", "iterations must be a whole number from 1 to 500", "write what it takes"),
    "a chart of no series": Planted(LESSON, "series: [loss]", "series: [los]", "los]", "the series los has no label", "did you mean `loss`?"),
    "a contour without level lines": Planted(LESSON, "series: [loss], scale: log", "series: [loss], form: contour", "{id: loss, title", "the contour chart loss lacks a path or level lines", "last the points of the level lines"),
    "a setting of no control": Planted(LESSON, "set: {lr: 0.3", "set: {rate: 0.3", "rate: 0.3", "the lab slide has no control rate", "write one of lr, rule, iterations, seed"),
    "a setting out of range": Planted(LESSON, "set: {lr: 0.3", "set: {lr: 3", "3, rule", "lr must be a number from 0 to 1, not 3", "write what it takes"),
    "a chart that is not there": Planted(LESSON, "chart: loss", "chart: losses", "losses", "the lab slide has no chart losses", "did you mean `loss`?"),
    "a prediction of nothing": Planted(LESSON, "of: last", "of: first", "first\n      ask", "the lab slide has no value first", "write one of last"),
    "options without values": Planted(LESSON, "equals: [0, 1]", "equals: [0]", "predict:", "2 options stand against 1 values", "`equals`"),
    "options of a number": Planted(LESSON, "      ask: choice\n      options: [At", "      options: [At", "options: [At", "a number is asked for, not a choice", "add `ask: choice`"),
    # Both languages
    "a missing translation": Planted(ZH, "    prompt: 学习率超过多少时损失会增大？\n", "", "border:", "the Chinese of steps.border.prompt is missing", "translate “Above which learning rate does the loss grow?”"),
    "a missing hint": Planted(ZH, "      - 这个因子必须小于一。\n", "", "hints:", "the Chinese of steps.border.hints[2] is missing", "translate “The factor"),
    "a translation of nothing": Planted(ZH, "    solution: 二除以二阶导数。\n", "    solution: 二除以二阶导数。\n    answer: 四分之一\n", "answer: 四", "steps.border.answer is not a text of lesson.yaml", "delete it"),
    "a translation of no step": Planted(ZH, "  zero:\n", "  extra: {title: 多余}\n  zero:\n", "extra:", "steps.extra is not a text of lesson.yaml", "delete it"),
    "a hint too many": Planted(ZH, "      - 这个因子必须小于一。\n", "      - 这个因子必须小于一。\n      - 再来一条。\n", "再来", "steps.border.hints[3] is not a text", "delete it"),
    "other inline code": Planted(ZH, "`lr` 乘以", "`ir` 乘以", "|\n      权值", "the inline code differs from the English (lacks lr; adds ir)", "same in both"),
    "other fenced code": Planted(ZH, "x -= lr * 8 * x  # 一步", "x -= lr * 9 * x  # 一步", "|\n      权值", "the code differs from the English", "same in both"),
    "other numbers": Planted(ZH, "`x` 的 8 倍", "`x` 的 9 倍", "|\n      权值", "the numbers differ from the English (lacks 8; adds 9)", "same in both"),
    "full-width digits": Planted(ZH, "用 0.1 走", "用 ０.１ 走", "从 2 出发", "the numbers differ from the English (lacks 0.1; adds ０.１)", "same in both"),
    "English in the Chinese": Planted(ZH, "intro: 梯度是已知的。", "intro: The gradient is known.", "The gradient", "this is not Chinese", "translate it"),
    "a formula too wide": Planted(LESSON, "wₖ₊₁ = wₖ − lr · g(wₖ)", "wₖ₊₁ = wₖ − lr · g(wₖ)" + " + 0" * 20, "|\n      wₖ₊₁", "this line is 102 cells wide", "76 cells"),
    "code too wide": Planted(ZH, "# 一步", "# " + "一" * 40, "|\n      权值", "this line is 99 cells wide", "76 cells"),
    "English that moved on": Planted(LESSON, "title: The border", "title: The edge", "border:", "the English of step border changed after the Chinese was written", "tutor check --translated", ZH),
    "a head that moved on": Planted(LESSON, "title: Learning rates", "title: Rates of learning", "title: 学习率的大小", "the English of the lesson's head changed", "tutor check --translated", ZH),
    "a lab that moved on": Planted(LESSON, "title: Slide down", "title: Slide far", "slide:", "the English of lab slide changed", "tutor check --translated", ZH),
    "Chinese with an error": Planted(ZH, "title: 边界", "title: “边界”: 一", ": 一\n    prompt", "not valid YAML", "in quotes"),
}  # fmt: skip

CHANGES_ENGLISH = {"English that moved on", "a head that moved on", "a lab that moved on"}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_planted_mistake_is_said_at_its_place(course: Path, name: str) -> None:
    planted = MISTAKES[name]
    text = replaced(course, planted.file, planted.old, planted.new)
    found = check(course, computed)
    if name not in CHANGES_ENGLISH:
        found = [problem for problem in found if "changed after" not in problem.wrong.en]
    file = planted.said_in or planted.file
    of_it = [p for p in found if planted.wrong in p.wrong.en and p.file == f"course/{file}"]
    assert len(of_it) == 1, "\n".join(map(str, found))
    assert planted.write in of_it[0].write.en
    if planted.at:
        text = text if file == planted.file else (course / file).read_text(encoding="utf-8")
        assert (of_it[0].line, of_it[0].column) == place(text, planted.at), str(of_it[0])


def place(text: str, at: str) -> tuple[int, int]:
    """Line and column of the last place that reads so; a line break before it belongs to the line above."""
    start = text.rindex(at)
    before = text[:start]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


@pytest.mark.parametrize("name", MISTAKES)
def test_each_is_said_in_chinese_too(course: Path, name: str) -> None:
    planted = MISTAKES[name]
    replaced(course, planted.file, planted.old, planted.new)
    for problem in check(course, computed):
        said = problem.into(Language.ZH)
        assert any("\u4e00" <= sign <= "\u9fff" for sign in problem.wrong.zh + problem.write.zh), said
        assert "\n" not in said


def test_a_missing_translation_is_one_problem(course: Path) -> None:
    (course / "02_momentum" / "zh.yaml").unlink()
    assert [str(problem) for problem in check(course)] == [
        "course/02_momentum/lesson.yaml:1:1: the Chinese is missing: there is no zh.yaml: write its 2 texts"
    ]


def test_a_lesson_the_course_forgot(course: Path) -> None:
    replaced(course, "course.yaml", "      - folder: 02_momentum\n        requires: [rates]\n", "")
    assert [str(problem) for problem in check(course)] == [
        "course/course.yaml:3:1: the lesson in 02_momentum is not in the course: add its folder to a part"
    ]


def test_a_folder_without_a_course(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert [str(problem) for problem in check(tmp_path / "empty")] == [
        "empty/course.yaml:1:1: there is no such file: write it"
    ]


def test_several_mistakes_are_said_in_the_order_of_the_file(course: Path) -> None:
    replaced(course, LESSON, "tolerance: 0.01", "tolerance: 5")
    replaced(course, LESSON, "kind: text", "kind: txt")
    replaced(course, LESSON, "lab: slide\n", "lab: slid\n")
    of_lesson = [problem for problem in check(course, computed) if problem.file.endswith("lesson.yaml")]
    assert len(of_lesson) == 3
    assert of_lesson == sorted(of_lesson, key=lambda problem: problem.line)


def test_comments_in_code_may_be_translated_but_nothing_else(course: Path) -> None:
    replaced(course, ZH, "# 一步", "# 走一步，向下")
    assert check(course) == []


def test_an_expression_that_fails_says_how(course: Path) -> None:
    def failing(expressions: dict[str, str]) -> dict[str, float | str]:
        return {name: "NameError: no such thing" for name in expressions}

    said = [str(problem) for problem in check(course, failing)]
    assert len(said) == 8
    assert said[0].startswith(
        "course/01_rates/lesson.yaml:57:13: this gives no number (NameError: no such thing)"
    )


def test_without_a_kernel_the_numbers_are_left_alone(course: Path) -> None:
    replaced(course, LESSON, "verify: 2 / 8", "verify: 2 / 9")
    assert check(course) == []


def test_files_are_named_from_where_the_author_works(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced(course, LESSON, "minutes: 20", "minutes: 0")
    monkeypatch.chdir(course / "01_rates")
    assert [problem.file for problem in check(course)] == ["lesson.yaml"]


# The lock ------------------------------------------------------------------------------------------------------


def of_translation(course: Path) -> list[Problem]:
    return [problem for problem in check(course) if "--translated" in problem.write.en]


def test_reading_the_chinese_again_settles_it(course: Path) -> None:
    replaced(course, LESSON, "title: The border", "title: The edge")
    assert len(of_translation(course)) == 1
    translated(course)
    assert check(course) == []


@pytest.mark.parametrize("content", [None, "", "{", "[]", "\0"])
def test_without_a_lock_nobody_knows(course: Path, content: str | None) -> None:
    lock = course / "01_rates" / "zh.lock"
    lock.unlink() if content is None else lock.write_text(content)
    assert [str(problem) for problem in check(course)] == [
        "course/01_rates/zh.yaml:1:1: zh.lock is missing or damaged: "
        "read the Chinese against it, then run `tutor check --translated`"
    ]
    translated(course)
    assert check(course) == []


def test_the_lock_does_not_mind_where_the_file_changes_otherwise(course: Path) -> None:
    replaced(course, LESSON, "minutes: 20", "minutes: 25  # longer")
    replaced(course, LESSON, "    answer: 0.25\n    verify: 2 / 8\n", "    answer: 0.25\n\n")
    assert check(course) == []


def test_an_unchanged_lock_is_not_written_again(course: Path) -> None:
    lock = course / "01_rates" / "zh.lock"
    before = lock.stat().st_mtime_ns
    translated(course)
    assert lock.stat().st_mtime_ns == before
    assert sorted(path.name for path in lock.parent.iterdir()) == [
        "lesson.yaml",
        "slide.py",
        "zh.lock",
        "zh.yaml",
    ]


def test_a_broken_lesson_keeps_its_lock(course: Path) -> None:
    lock = course / "01_rates" / "zh.lock"
    before = lock.read_text()
    (course / LESSON).write_text("[")
    translated(course)
    assert lock.read_text() == before
