"""A whole lesson by keyboard at 80x24, in both languages: the way through it, and every kind of step but the lab."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot

from tutor.progress.store import Store
from tutor.ui.app import TutorApp
from tutor.ui.screens.glossary import GlossaryPage
from tutor.ui.screens.home import HomePage
from tutor.ui.screens.lesson import LessonScreen
from tutor.ui.widgets.outline import Outline
from tutor.words import Language, Words

COURSE = """
format: 1
title: {en: Course, zh: 课程}
parts:
  - {id: p, title: {en: Part, zh: 部分}, lessons: [{folder: 01_a}, {folder: 02_b}]}
"""
GLOSSARY = """
gain: {term: {en: gain, zh: 增益}, means: {en: A factor., zh: 一个系数。}}
rate: {term: {en: learning rate, zh: 学习率}, means: {en: How far a step goes., zh: 一步走多远。}}
"""
LESSON = """
id: a
title: Slopes
summary: Down a slope.
minutes: 5
concepts: []
steps:
  - id: read
    kind: text
    title: Against the gradient
    terms: [rate]
    body: |
      The weight moves against its gradient; how far is the **learning rate**.

      - It is `lr` in torch, and `<module>` is not markup.

      | lr | steps |
      |---|---|
      | 0.1 | 5 |
  - id: rule
    kind: formula
    title: The rule
    intro: One step.
    formula: |
      w₁ = w₀ −  lr · g      (exactly   so)
    where: {lr: the learning rate}
    body: That is all.
  - id: walk
    kind: derivation
    title: What a step does
    intro: y = 4x².
    lines:
      - {formula: x₁ = x₀ − lr · y', because: The rule.}
      - ask: Put y' in.
        formula: x₁ = x₀ − 8·lr·x₀
        because: y' = 8x.
        wrong:
          - {formula: x₁ = x₀ − 4·lr·x₀, because: That is half the derivative.}
          - {formula: x₁ = x₀ − 8·lr, because: One x₀ is lost.}
      - ask: Now factor out.
        formula: x₁ = x₀ · (1 − 8·lr)
        because: x₀ is common.
        wrong:
          - {formula: x₁ = x₀ · (1 + 8·lr), because: The sign changed.}
    body: So every step multiplies.
  - id: border
    kind: question
    ask: number
    title: The border
    prompt: Above which `lr` does it grow?
    given: |
      loss = 4 * x ** 2
    answer: 0.25
    mistakes:
      - {value: 0.125, because: At 0.125 it is there in one step.}
    hints: [Look at 1 − 8·lr., "|1 − 8·lr| > 1 needs lr > 0.25."]
    solution: 2 / 8 = 0.25
  - id: pick
    kind: question
    ask: choice
    title: Which one
    prompt: Which one diverges?
    options:
      - {text: lr = 0.1, because: 0.1 shrinks., right: false}
      - {text: lr = 0.3, because: 0.3 grows., right: true}
      - {text: lr = 0.2, because: 0.2 swings but shrinks.}
  - id: mark
    kind: question
    ask: several
    title: All of them
    prompt: Which converge?
    options:
      - {text: "0.05", because: It creeps., right: true}
      - {text: "0.2", because: It swings., right: true}
      - {text: "0.4", because: It grows.}
  - id: sort
    kind: question
    ask: order
    title: In order
    prompt: One step of training.
    lines:
      - {text: zero_grad(), because: Gradients add up.}
      - {text: forward, because: The loss comes first.}
      - {text: backward(), because: It needs a loss.}
      - {text: step(), because: It needs gradients.}
  - id: long
    kind: text
    title: Long
    body: |
      BEGIN
      LINES
      END OF IT
"""
CHINESE = """
title: 斜坡
summary: 下坡。
steps:
  read:
    title: 沿负梯度方向
    body: |
      权值沿负梯度方向移动，移动多远由**学习率**决定。

      - 在 torch 中它叫 `lr`，而 `<module>` 不是标记。

      | lr | 步数 |
      |---|---|
      | 0.1 | 5 |
  rule: {title: 规则, intro: 走一步。, where: {lr: 学习率}, body: 就这些。}
  walk:
    title: 一步做了什么
    intro: y = 4x²。
    lines:
      - because: 更新规则。
      - {ask: 代入 y'。, because: y' = 8x。, wrong: [{because: 那只是导数的一半。}, {because: 少了一个 x₀。}]}
      - {ask: 提取公因子。, because: x₀ 是公因子。, wrong: [{because: 符号变了。}]}
    body: 所以每一步都是乘法。
  border:
    title: 边界
    prompt: "`lr` 超过多少时它会变大？"
    mistakes: [{because: 取 0.125 时一步就到。}]
    hints: [看看 1 − 8·lr。, "|1 − 8·lr| > 1 需要 lr > 0.25。"]
    solution: 2 / 8 = 0.25
  pick:
    title: 哪一个
    prompt: 哪一个发散？
    options: [{text: lr = 0.1, because: 0.1 收缩。}, {text: lr = 0.3, because: 0.3 增大。}, {text: lr = 0.2, because: 0.2 摆动但收缩。}]
  mark:
    title: 全部选出
    prompt: 哪些收敛？
    options: [{text: "0.05", because: 它很慢。}, {text: "0.2", because: 它会摆动。}, {text: "0.4", because: 它会增大。}]
  sort:
    title: 排序
    prompt: 训练的一步。
    lines:
      - {text: zero_grad(), because: 梯度会累加。}
      - {text: 前向, because: 先有损失。}
      - {text: backward(), because: 它需要损失。}
      - {text: step(), because: 它需要梯度。}
  long: {title: 很长, body: "BEGIN\\n\\n结束\\n"}
"""
LONG = "\n\n".join(f"      Paragraph {n}." for n in range(30))

Open = Callable[..., AbstractAsyncContextManager["Learner"]]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Two lessons; the first has a step of every kind but the lab."""
    folder = tmp_path / "lessons"
    second = "id: b\ntitle: Next\nsummary: S.\nminutes: 1\nconcepts: []\nsteps: [{id: x, kind: text, title: X, body: Y.}]\n"
    for name, english, chinese in (
        ("01_a", LESSON.replace("      LINES", "\n" + LONG + "\n"), CHINESE),
        ("02_b", second, "title: 下一课\nsummary: 概要。\nsteps: {x: {title: X, body: Y。}}\n"),
    ):
        (folder / name).mkdir(parents=True)
        (folder / name / "lesson.yaml").write_text(english, encoding="utf-8")
        (folder / name / "zh.yaml").write_text(chinese, encoding="utf-8")
    (folder / "course.yaml").write_text(COURSE, encoding="utf-8")
    (folder / "glossary.yaml").write_text(GLOSSARY, encoding="utf-8")
    return folder


class Learner:
    """Presses keys and reads the screen."""

    def __init__(self, app: TutorApp, pilot: Pilot[None], read: Callable[[TutorApp], str]) -> None:
        self.app = app
        self.pilot = pilot
        self._read = read

    async def press(self, *keys: str) -> str:
        """Press the keys in one burst, wait until all is done, and read."""
        for key in keys:
            character = " " if key == "space" else key if len(key) == 1 else None
            event = Key(_character_to_key(key) if len(key) == 1 else key, character)
            event.set_sender(self.app)
            self.app.post_message(event)
        await self.pilot.pause()
        await self.pilot.pause()
        return self.read()

    def read(self) -> str:
        """All that stands on the screen."""
        text = self._read(self.app)
        assert all(cell_len(line) <= self.app.size.width for line in text.splitlines())
        return text

    @property
    def footer(self) -> str:
        """The line of keys."""
        return self.read().splitlines()[-1]

    @property
    def step(self) -> str | None:
        """The id of the step on screen."""
        screen = self.app.screen
        return screen.step.id if isinstance(screen, LessonScreen) and screen.step else None


@pytest.fixture
def open_at(make_app: Callable[..., TutorApp], shown: Callable[[TutorApp], str]) -> Open:
    """Opens the lesson at a step."""

    @asynccontextmanager
    async def opened(
        step: str | None, size: tuple[int, int] = (80, 24), **more: object
    ) -> AsyncIterator[Learner]:
        app = make_app(start_at=("a", step), **more)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield Learner(app, pilot, shown)

    return opened


def flat(text: str) -> str:
    """The text in one line, however it was broken."""
    return " ".join(text.split())


def answers(store: Store) -> list[tuple[str, str, str, int]]:
    """All that was answered: step, given, outcome, hints."""
    return store._read("SELECT step, given, outcome, hints FROM answer ORDER BY id")  # type: ignore[return-value]


# The way through ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", list(Language))
async def test_a_lesson_is_read_from_the_first_step_to_what_comes_next(
    open_at: Open, language: Language
) -> None:
    async with open_at("read", language=language) as learner:
        seen = [learner.step]
        for key in ("n", "enter", "right", "right", "pagedown", "n", "n"):
            await learner.press(key)
            seen.append(learner.step)
        assert seen == ["read", "rule", "walk", "border", "pick", "mark", "sort", "long"]
        text = await learner.press("n")
        assert learner.step is None
        assert Words("Lesson done", "本课学完").into(language) in text
        assert Words("Next: 2 Next", "下一课：2 下一课").into(language) in text
        await learner.press("enter")
        assert isinstance(learner.app.screen, LessonScreen)
        assert learner.app.screen.lesson.id == "b"


async def test_every_key_for_back_leads_back_and_before_the_first_step_there_is_a_word(open_at: Open) -> None:
    async with open_at("walk") as learner:
        await learner.press("p")
        assert learner.step == "rule"
        await learner.press("left")
        assert learner.step == "read"
        assert "first step" in await learner.press("pageup")
        assert learner.step == "read"


async def test_the_place_is_in_the_store_before_the_step_is_on_screen(
    open_at: Open, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tutor.ui.screens import lesson as module

    places: list[tuple[str, str] | None] = []
    make_view = module.view_of
    monkeypatch.setattr(
        module, "view_of", lambda *given: (places.append(store.place()), make_view(*given))[1]
    )
    async with open_at("read") as learner:
        await learner.press("n")
        assert places == [("a", "read"), ("a", "rule")]
        assert store.seen_steps() == {"a": {"read", "rule"}}


async def test_a_lesson_opens_where_the_learner_left_it(open_at: Open, store: Store) -> None:
    store.move("a", "pick")
    async with open_at(None) as learner:
        assert learner.step == "pick"


async def test_escape_goes_home_and_the_place_is_kept(open_at: Open, store: Store) -> None:
    async with open_at("rule") as learner:
        await learner.press("escape")
        assert isinstance(learner.app.screen, HomePage)
        assert store.place() == ("a", "rule")


async def test_the_end_says_how_many_questions_were_right_and_how_many_steps_were_not_opened(
    open_at: Open,
) -> None:
    async with open_at("pick") as learner:
        for key in ("2", "3", "1", "n"):
            await learner.press(key)
        await learner.press("n", "n", "n")
        text = learner.read()
        assert "Steps not opened yet: 4" in text
        assert "Questions answered right: 1 of 4" in text
        assert "Next: 2 Next" in text
        await learner.press("left")
        assert learner.step == "long"


async def test_the_outline_covers_the_step_at_80_columns_and_leads_anywhere(open_at: Open) -> None:
    async with open_at("read") as learner:
        text = await learner.press("o")
        assert "Which one" in text
        assert "The weight moves" not in text
        assert "The weight moves" in await learner.press("o"), "the same key leads back"
        assert "The weight moves" in await learner.press("o", "escape"), "and so does escape"
        await learner.press("o")
        await learner.press(*["down"] * 4, "enter")
        assert learner.step == "pick"
        assert "Which one diverges?" in learner.read()


async def test_the_outline_stands_beside_the_step_at_120_columns(open_at: Open) -> None:
    async with open_at("read", size=(120, 40)) as learner:
        text = learner.read()
        assert "All of them" in text
        assert "The weight moves" in text
        await learner.press("o")
        await learner.press("end", "enter")
        assert learner.step == "long"
        assert not learner.app.screen.query_one(Outline).has_focus, "the keys belong to the step again"


async def test_the_outline_shows_what_became_of_each_step(open_at: Open, store: Store) -> None:
    store.answered("a", "border", "0.25", "right", 0)
    store.answered("a", "pick", "0", "wrong", 0)
    store.seen("a", "rule")
    async with open_at("read") as learner:
        rows = (await learner.press("o")).splitlines()
        signs = {
            title: row.split()[0]
            for row in rows
            for title in ("The rule", "The border", "In order")
            if title in row
        }
        assert signs == {"The rule": "●", "The border": "✓", "In order": "○"}
        assert next(row for row in rows if "Which one" in row).split()[0] == "✗"


async def test_g_opens_the_glossary_with_the_terms_of_the_step_first(open_at: Open) -> None:
    async with open_at("read") as learner:
        assert "g terms" in learner.footer
        text = await learner.press("g")
        assert isinstance(learner.app.screen, GlossaryPage)
        assert text.index("learning rate") < text.index("gain")
        await learner.press("escape")
        assert learner.step == "read"


async def test_a_step_longer_than_the_screen_scrolls_and_says_that_there_is_more(open_at: Open) -> None:
    async with open_at("long") as learner:
        text = learner.read()
        assert "↓ more" in text
        assert "END OF IT" not in text
        text = await learner.press("end")
        assert "END OF IT" in text
        assert "↑ more" in text
        assert "BEGIN" in await learner.press("home")
        one_down = await learner.press("down", "down")
        assert "BEGIN" not in one_down


async def test_the_header_keeps_the_place_in_the_lesson_at_any_width(open_at: Open) -> None:
    async with open_at("read") as learner:
        assert "1 Slopes  ›  Against the gradient" in learner.read()
        assert "◐○○○○○○○   1/8" in learner.read()
        await learner.pilot.resize_terminal(34, 24)
        await learner.pilot.pause()
        assert learner.read().splitlines()[0].endswith("1/8")


# Texts and formulas --------------------------------------------------------------------------------------------


async def test_a_text_shows_its_markdown_and_keeps_what_only_looks_like_markup(open_at: Open) -> None:
    async with open_at("read") as learner:
        text = learner.read()
        assert "the learning rate." in text
        assert "• It is lr in torch, and <module> is not markup." in text
        assert "──" in text


async def test_without_unicode_nothing_but_ascii_is_drawn(open_at: Open) -> None:
    async with open_at("read", ascii=True) as learner:
        text = learner.read().replace("中文", "")
        assert text.isascii(), [c for c in text if not c.isascii()]


async def test_chinese_is_broken_between_characters_and_no_line_begins_with_a_full_stop(
    open_at: Open, course: Path
) -> None:
    long = "权值沿负梯度方向移动，移动多远由学习率决定。" * 6
    twin = course / "01_a" / "zh.yaml"
    twin.write_text(twin.read_text(encoding="utf-8").replace("就这些。", long), encoding="utf-8")
    async with open_at("rule", language=Language.ZH) as learner:
        rows = [row.strip() for row in learner.read().splitlines() if "梯度" in row or "学习率决定" in row]
        assert len(rows) >= 4
        assert all(row[0] not in "，。" for row in rows)
        assert all(cell_len(row) > 70 for row in rows[:-1]), "lines are filled"


async def test_a_formula_stands_exactly_as_it_is_written(open_at: Open) -> None:
    async with open_at("rule") as learner:
        text = learner.read()
        assert "    w₁ = w₀ −  lr · g      (exactly   so)" in text
        assert "lr   the learning rate" in text
        assert (
            text.index("One step.") < text.index("w₁ =") < text.index("lr   the") < text.index("That is all.")
        )


async def test_the_language_switches_in_place(open_at: Open) -> None:
    async with open_at("rule") as learner:
        text = await learner.press("L")
        assert "1 斜坡  ›  规则" in text
        assert "就这些。" in text
        assert "(exactly   so)" in text
        assert "下一步" in learner.footer


# Derivations -----------------------------------------------------------------------------------------------------


def place_of(text: str, formula: str) -> str:
    """The number before an option."""
    row = next(row for row in text.splitlines() if row.endswith(formula))
    return next(part for part in row.split() if part.isdigit())


async def test_a_derivation_is_walked_with_a_reason_for_each_wrong_pick(open_at: Open, store: Store) -> None:
    async with open_at("walk") as learner:
        text = learner.read()
        assert "Put y' in." in text
        assert "The rule." in text
        assert "y' = 8x." not in text
        text = await learner.press(place_of(text, "x₁ = x₀ − 8·lr"))
        assert "✗ Not that one. One x₀ is lost." in text
        assert answers(store)[-1][2] == "wrong"
        text = await learner.press(place_of(text, "x₁ = x₀ − 8·lr·x₀"))
        assert "y' = 8x." in text
        assert "Now factor out." in text
        text = await learner.press(place_of(text, "x₁ = x₀ · (1 − 8·lr)"))
        assert "So every step multiplies." in text
        assert answers(store)[-1] == ("walk", "1 slips", "right", 0)
        await learner.press("enter")
        assert learner.step == "border"


async def test_a_derivation_by_cursor_keeps_its_progress_and_its_reasons_in_both_languages(
    open_at: Open,
) -> None:
    async with open_at("walk") as learner:
        here = int(place_of(learner.read(), "x₁ = x₀ − 4·lr·x₀"))
        text = await learner.press(*["down"] * (here - 1), "enter")
        assert "half the derivative" in text
        text = await learner.press("n", "pageup")
        assert "half the derivative" in text, "as it was left"
        assert "✗" in next(row for row in text.splitlines() if row.endswith("x₁ = x₀ − 4·lr·x₀"))
        text = await learner.press("L")
        assert "✗ 不是这一行。那只是导数的一半。" in text
        await learner.press("escape")
        learner.app.open_lesson("a", "walk")
        await learner.pilot.pause()
        assert "那只是导数的一半" in learner.read(), "even after going home"


async def test_s_shows_the_line_and_the_derivation_counts_as_shown(open_at: Open, store: Store) -> None:
    async with open_at("walk") as learner:
        assert "s show the line" in learner.footer
        text = await learner.press("s", "s")
        assert "So every step multiplies." in text
        assert answers(store) == [("walk", "0 slips", "shown", 0)]
        assert "Put y' in." in await learner.press("t"), "and can be walked once more"


async def test_lines_without_wrong_ones_are_revealed_by_enter(
    open_at: Open, course: Path, store: Store
) -> None:
    for name in ("lesson.yaml", "zh.yaml"):
        file = course / "01_a" / name
        text = file.read_text(encoding="utf-8")
        for wrong in (
            "\n        wrong:\n          - {formula: x₁ = x₀ · (1 + 8·lr), because: The sign changed.}",
            ", wrong: [{because: 符号变了。}]",
        ):
            text = text.replace(wrong, "")
        file.write_text(text, encoding="utf-8")
    async with open_at("walk") as learner:
        text = await learner.press(place_of(learner.read(), "x₁ = x₀ − 8·lr·x₀"))
        assert "Now factor out." in text
        assert "(1 − 8·lr)" not in text
        assert "(1 − 8·lr)" in await learner.press("enter")
        assert answers(store)[-1][2] == "right"


# Numbers ---------------------------------------------------------------------------------------------------------


async def test_a_wrong_number_gets_its_reason_and_is_typed_over(open_at: Open, store: Store) -> None:
    async with open_at("border") as learner:
        assert "2 hints left" in learner.read()
        text = await learner.press(*"1/8", "enter")
        assert "✗ Not yet. At 0.125 it is there in one step." in text
        assert "lr > 0.25" not in text
        text = await learner.press(*".6", "enter")
        assert "by a factor of about 2.4" in text
        text = await learner.press(*"1/4", "enter")
        assert "✓ Right." in text
        assert "2 / 8 = 0.25" in text
        assert answers(store) == [
            ("border", "1/8", "wrong", 0),
            ("border", ".6", "wrong", 0),
            ("border", "1/4", "right", 0),
        ]
        await learner.press("enter")
        assert learner.step == "pick"


async def test_an_answer_is_in_the_store_before_its_feedback_is_on_screen(
    open_at: Open, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    async with open_at("border") as learner:
        keep = store.answered
        monkeypatch.setattr(
            store, "answered", lambda *given, **more: (keep(*given, **more), seen.append(learner.read()))
        )
        await learner.press(*"3", "enter")
        assert len(seen) == 1
        assert "Not yet" not in seen[0]
        assert "Not yet" in learner.read()


async def test_an_answer_is_kept_with_its_key_and_how_sure_the_learner_was(
    open_at: Open, store: Store
) -> None:
    async with open_at("border") as learner:
        assert "unsure" not in await learner.press(*"3", "enter")
        assert "unsure" in await learner.press(*"4", "u")
        assert "unsure" not in await learner.press("enter"), "it was said of that answer"
        text = await learner.press(*"0.25", "u", "u")
        assert "sure" in text and "unsure" not in text
        await learner.press("enter")
        assert [(each.given, each.sure) for each in store.answers()] == [
            ("3", None),
            ("4", False),
            ("0.25", True),
        ]
        assert {each.key for each in store.answers()} == {"number 0.25"}


async def test_the_same_answer_twice_is_one_answer(open_at: Open, store: Store) -> None:
    async with open_at("border") as learner:
        await learner.press(*"3", "enter", "enter")
        assert len(answers(store)) == 1


async def test_what_cannot_be_read_is_not_marked(open_at: Open, store: Store) -> None:
    async with open_at("border") as learner:
        text = await learner.press("enter")
        assert "Nothing is written yet" in text
        text = await learner.press(*"1/4 apples", "enter")
        assert "? Not marked: this is not a number I can read. Before “apples” a sign is missing" in flat(
            text
        )
        assert "1/4 apples" in text, "to be edited, not typed anew"
        assert answers(store) == []
        assert "✓" in await learner.press(*["backspace"] * 7, "enter")


async def test_words_of_numbers_can_be_typed(open_at: Open, store: Store) -> None:
    async with open_at("border") as learner:
        for text in ("nan", "ln 2", "sqrt(2)", "pi/4", "inf", "1e5", "exp(1)", "tanh(1)"):
            await learner.press(*text, "enter")
            assert learner.step == "border"
        assert [given for _, given, *_ in answers(store)] == [
            *("nan", "ln 2", "sqrt(2)", "pi/4", "inf", "1e5", "exp(1)", "tanh(1)")
        ]


async def test_full_width_characters_of_an_input_method_are_a_number_and_keys(
    open_at: Open, store: Store
) -> None:
    async with open_at("border") as learner:
        assert "✓" in await learner.press(*"０。２５", "enter")
        await learner.press("t")
        assert "Hint 1 of 2" in await learner.press(*"ｈ")
        await learner.press(*"？")
        assert "Keys" in learner.read().splitlines()[0]


async def test_letters_that_begin_no_number_stay_keys_while_the_field_is_open(open_at: Open) -> None:
    async with open_at("border") as learner:
        assert "h hint" in learner.footer
        assert "Hint 1 of 2: Look at" in await learner.press("h")
        await learner.press(*"2*")
        text = await learner.press("h")
        assert "Hint 2 of 2" in text
        assert "no hints left" in text
        assert "2*" in text
        assert "no more hints" in await learner.press("h")
        assert "Which one" in await learner.press("o")


async def test_the_arrows_move_in_the_text_and_turn_the_page_where_there_is_none(open_at: Open) -> None:
    async with open_at("border") as learner:
        assert "→ next" in learner.footer
        await learner.press(*"25", "left", "left", *"0.")
        assert "0.25" in learner.read()
        assert "pgdn next" in learner.footer
        await learner.press("pagedown")
        assert learner.step == "pick"
        await learner.press("left")
        assert learner.step == "border"
        assert "0.25" in learner.read(), "what was typed is still there"
        await learner.press("end", *["backspace"] * 4, "right")
        assert learner.step == "pick"


async def test_escape_leaves_the_field_and_then_every_letter_is_a_key(open_at: Open, store: Store) -> None:
    async with open_at("border") as learner:
        await learner.press(*"0.2", "escape")
        assert learner.step == "border"
        assert "enter type" in learner.footer
        assert "s show" in learner.footer
        await learner.press("5")
        assert "0.25" in learner.read(), "a digit goes into the field again, behind what stands there"
        await learner.press("escape", "n")
        assert learner.step == "pick"
        await learner.press("p", "escape", "enter")
        assert "✓" in await learner.press("enter")
        await learner.press("escape")
        assert isinstance(learner.app.screen, HomePage), "nobody is trapped"


async def test_who_leafs_through_with_n_gets_past_the_field(open_at: Open) -> None:
    async with open_at("border") as learner:
        await learner.press("n")
        assert learner.step == "border", "it may be nan"
        await learner.press("n")
        assert learner.step == "pick"
        assert "nn" not in await learner.press("p")
        await learner.press("p", "p")
        assert learner.step == "walk"


async def test_the_answer_is_shown_on_request_and_recorded_as_shown(open_at: Open, store: Store) -> None:
    async with open_at("border") as learner:
        await learner.press("h", "escape")
        text = await learner.press("s")
        assert "Shown: 0.25" in text
        assert "2 / 8 = 0.25" in text
        assert answers(store) == [("border", "", "shown", 1)]
        text = await learner.press("t")
        assert "You had the answer shown before." in text
        assert "Shown: 0.25" not in text


async def test_a_question_left_without_an_answer_is_skipped_once(open_at: Open, store: Store) -> None:
    async with open_at("border") as learner:
        await learner.press("pagedown", "pageup", "pagedown")
        assert answers(store) == [("border", "", "skipped", 0)]


async def test_a_question_answered_in_an_earlier_session_says_so_and_can_be_tried_again(
    open_at: Open, store: Store
) -> None:
    store.answered("a", "border", "0.25", "right", 0)
    async with open_at("border") as learner:
        assert "✓ Answered right before." in learner.read()
        assert "✓ Right." in await learner.press(*"0.25", "enter")


async def test_the_language_switches_while_a_number_is_typed(open_at: Open) -> None:
    async with open_at("border") as learner:
        await learner.press(*"1/8", "enter", "h", *"0.")
        text = await learner.press("L")
        for said in (
            "lr 超过多少时它会变大",
            "0.",
            "还不对。取 0.125 时一步就到。",
            "提示 1/2：看看",
            "还有 1 条提示",
            "判分",
        ):
            assert said in text
        assert "✓ 正确。" in await learner.press(*"25", "enter")


async def test_a_resize_keeps_what_was_typed_and_said(open_at: Open) -> None:
    async with open_at("border") as learner:
        await learner.press(*"1/8", "enter", *"0.")
        for size in ((120, 40), (40, 12), (80, 24)):
            await learner.pilot.resize_terminal(*size)
            await learner.pilot.pause()
        assert "At 0.125" in learner.read()
        assert "✓" in await learner.press(*"25", "enter")


async def test_the_feedback_comes_into_view_where_there_is_little_room(open_at: Open) -> None:
    async with open_at("border", size=(80, 12)) as learner:
        text = await learner.press("h", *"1/8", "enter")
        assert "At 0.125 it is there in one step." in text


async def test_digits_typed_in_a_hurry_before_enter_are_all_there(open_at: Open, store: Store) -> None:
    async with open_at("border") as learner:
        await learner.press(*"1/8", "enter", "enter", "h", "h", "h", "up", "down", "tab")
        await learner.press(*"0.25", "enter")
        assert [given for _, given, *_ in answers(store)] == ["1/8", "0.25"]


# Options ---------------------------------------------------------------------------------------------------------


async def test_a_choice_is_made_by_number_and_each_wrong_one_has_its_reason(
    open_at: Open, store: Store
) -> None:
    async with open_at("pick") as learner:
        text = await learner.press(place_of(learner.read(), "lr = 0.2"))
        assert "✗ Not yet. 0.2 swings but shrinks." in text
        assert "✗ lr = 0.2" in text
        text = await learner.press(place_of(text, "lr = 0.3"))
        assert "✓ Right. 0.3 grows." in text
        assert answers(store) == [("pick", "2", "wrong", 0), ("pick", "1", "right", 0)]
        assert "✓ Right." in await learner.press("n", "p")
        assert "Right." not in await learner.press("t")


async def test_a_choice_is_made_with_the_cursor_which_stops_at_the_ends(open_at: Open, store: Store) -> None:
    async with open_at("pick") as learner:
        place = int(place_of(learner.read(), "lr = 0.3"))
        await learner.press(*["up"] * 3, *["down"] * (place - 1))
        text = await learner.press("L")
        assert "›" in next(row for row in text.splitlines() if row.endswith("lr = 0.3"))
        assert "✓ 正确。0.3 增大。" in await learner.press("enter")
        assert "✓ Right. 0.3 grows." in await learner.press("L")


async def test_several_says_what_is_missing_and_what_is_too_many(open_at: Open, store: Store) -> None:
    async with open_at("mark") as learner:
        text = learner.read()
        text = await learner.press(place_of(text, "0.05"), place_of(text, "0.4"))
        assert text.count("[x]") == 2
        text = await learner.press("enter")
        assert "“0.2” is missing: It swings." in text
        assert "“0.4” does not belong: It grows." in text
        await learner.press("L", "n", "p")
        text = learner.read()
        assert text.count("[x]") == 2, "the marks are kept"
        assert "漏选了“0.2”：它会摆动。" in text
        text = await learner.press(place_of(text, "0.4"), place_of(text, "0.2"), "enter")
        assert "✓ 正确。" in text
        assert [(given, outcome) for _, given, outcome, _ in answers(store)] == [
            ("0,2", "wrong"),
            ("0,1", "right"),
        ]


async def test_space_marks_and_takes_the_mark_away(open_at: Open) -> None:
    async with open_at("mark") as learner:
        assert "[x]" in await learner.press("down", "space")
        assert "[x]" not in await learner.press("space")


def order_of(text: str) -> list[str]:
    """The lines as they lie."""
    names = ("zero_grad()", "forward", "backward()", "step()")
    rows = [row for row in text.splitlines() if any(row.endswith(name) for name in names)]
    return [row.split()[-1] for row in rows]


async def test_lines_are_put_in_order_by_taking_them_along(open_at: Open, store: Store) -> None:
    right = ["zero_grad()", "forward", "backward()", "step()"]
    async with open_at("sort") as learner:
        lines = order_of(learner.read())
        assert sorted(lines) == sorted(right)
        assert lines != right
        await learner.press("enter")
        text = learner.read()
        wrong = next(i for i, (a, b) in enumerate(zip(lines, right, strict=True)) if a != b)
        assert f"Line {wrong + 1} is the first that is out of place: “{lines[wrong]}” comes later." in text
        for place, name in enumerate(right):
            at = order_of(learner.read()).index(name)
            await learner.press(str(at + 1), "space", *["up"] * (at - place), "space")
        assert order_of(learner.read()) == right
        assert "✓ Right." in await learner.press("enter")
        assert answers(store)[-1][1:3] == ("0,1,2,3", "right")


async def test_shift_moves_a_line_and_escape_first_lets_go_of_it(open_at: Open) -> None:
    async with open_at("sort") as learner:
        first, second, *_ = order_of(learner.read())
        assert order_of(await learner.press("shift+down"))[:2] == [second, first]
        text = await learner.press("space")
        assert "↑↓" in text
        assert "put down" in learner.footer
        assert "↑↓" not in await learner.press("escape")
        assert learner.step == "sort"
        assert order_of(await learner.press("L", "L"))[:2] == [second, first], "kept in the other language"


async def test_keys_that_mean_nothing_here_do_nothing(open_at: Open, store: Store) -> None:
    async with open_at("pick") as learner:
        before = learner.read()
        for key in ("9", "7", "x", "z", "tab", "delete", "f5", "ctrl+a", "space", "full_stop"):
            await learner.press(key)
        assert learner.read() == before
        assert answers(store) == []
