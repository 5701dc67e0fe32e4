"""The app around the lessons: home, welcome, keys, glossary, palette, both languages, small terminals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from tutor.course.index import load_index
from tutor.progress.store import Store
from tutor.protocol import Missing, Warming
from tutor.ui.app import TutorApp
from tutor.ui.page import Page
from tutor.ui.screens.glossary import GlossaryPage
from tutor.ui.screens.help import HelpPage
from tutor.ui.screens.home import HomePage
from tutor.ui.screens.palette import PalettePage
from tutor.ui.screens.welcome import WelcomePage
from tutor.words import Language, Words

Make = Callable[..., TutorApp]
Shown = Callable[[TutorApp], str]
SIZE = (80, 24)


def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str | None]]:
    """Keeps what the app is asked to open instead of opening it."""
    asked: list[tuple[str, str | None]] = []
    monkeypatch.setattr(TutorApp, "open_lesson", lambda self, lesson, step=None: asked.append((lesson, step)))
    return asked


async def until(pilot: Pilot[None], comes_true: Callable[[], object]) -> None:
    """Let the app work until this is true."""
    for _ in range(50):
        if comes_true():
            return
        await pilot.pause()
    raise AssertionError("it never came true")


# Home ------------------------------------------------------------------------------------------------------


async def test_home_says_begin_to_a_newcomer_and_opens_the_first_lesson(
    make_app: Make, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = opened(monkeypatch)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "› Begin   1 The first lesson" in shown(app))
        assert shown(app).count("new") == 3
        await pilot.press("enter")
        await until(pilot, lambda: asked == [("first", None)])


async def test_home_goes_on_where_the_learner_was(
    make_app: Make, store: Store, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = opened(monkeypatch)
    store.seen("first", "read")
    store.move("first", "sum")
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "› Continue   1 The first lesson, step 2 of 3" in shown(app))
        await until(pilot, lambda: "1/3" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: asked == [("first", "sum")])


async def test_home_offers_the_next_lesson_after_a_finished_one(
    make_app: Make, store: Store, shown: Shown
) -> None:
    for step in ("read", "sum", "try"):
        store.seen("first", step)
    store.move("first", "try")
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "› Go on with   2 The second lesson" in shown(app))
        await until(pilot, lambda: "done" in shown(app))


async def test_home_shows_progress_made_since_it_was_last_on_screen(
    make_app: Make, store: Store, shown: Shown
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("question_mark")
        store.seen("third", "only")
        await pilot.press("escape")
        await until(pilot, lambda: "done" in shown(app))


async def test_home_names_the_lesson_that_should_come_first(make_app: Make, shown: Shown) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("down", "down")
        await until(pilot, lambda: "Best after 1 The first lesson." in shown(app))


async def test_a_broken_lesson_is_said_to_be_and_does_not_open(
    make_app: Make, course: Path, tmp_path: Path, shown: Shown
) -> None:
    (course / "02_second" / "lesson.yaml").write_text("id: second\ntitle: The second\nsteps: 3\n")
    app = make_app()
    app.index = load_index(course, tmp_path / "cache")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("down", "down")
        await until(pilot, lambda: "broken" in shown(app))
        await pilot.press("enter")
        await pilot.pause()
        await until(pilot, lambda: isinstance(app.screen, HomePage))
        await until(pilot, lambda: "02_second/lesson.yaml" in shown(app))


@pytest.mark.parametrize("typed", ["second", "二课", "SEC"])
async def test_the_filter_finds_a_lesson_in_either_language(
    make_app: Make, shown: Shown, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    asked = opened(monkeypatch)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("slash")
        await pilot.press(*typed)
        await until(pilot, lambda: "The second lesson" in shown(app))
        await until(pilot, lambda: "The third lesson" not in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: asked == [("second", None)])
        await pilot.press("escape")
        await until(pilot, lambda: "The third lesson" in shown(app))


async def test_the_filter_finds_a_lab_and_opens_the_step_that_shows_it(
    make_app: Make, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = opened(monkeypatch)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("slash")
        await pilot.press(*"drift")
        await until(pilot, lambda: "Lab: A drifting value" in shown(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: asked == [("first", "try")])


async def test_a_filter_that_finds_nothing_says_so(make_app: Make, shown: Shown) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("slash")
        await pilot.press(*"{zz}")
        await until(pilot, lambda: "Nothing in the course is called '{zz}'" in shown(app))
        await pilot.press("enter", "escape")
        await until(pilot, lambda: "The first lesson" in shown(app))


async def test_a_click_opens_the_line_under_the_mouse(
    make_app: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = opened(monkeypatch)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.click(offset=(20, 6))
        await until(pilot, lambda: asked == [("second", None)])
        await pilot.click(offset=(20, 4))  # A heading.
        await until(pilot, lambda: asked == [("second", None)])


async def test_a_thousand_lessons_are_reached_by_the_keys(
    make_app: Make, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = opened(monkeypatch)
    app = make_app()
    part = app.index.parts[0]
    many = [part.lessons[0].__class__(**{**_fields(part.lessons[1]), "id": f"l{n}"}) for n in range(1000)]
    app.index = app.index.__class__(app.index.title, (part._replace(lessons=tuple(many)),))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("end", "enter")
        await until(pilot, lambda: asked == [("l999", None)])
        await until(pilot, lambda: "1000  The second lesson" in shown(app))
        await pilot.press("pageup", "pageup", "k", "enter")
        await until(pilot, lambda: "› " in shown(app))
        await pilot.press("home")
        await until(pilot, lambda: "› Begin" in shown(app) and "The start" in shown(app))


def _fields(entry: object) -> dict[str, object]:
    return {name: getattr(entry, name) for name in entry.__dataclass_fields__}  # type: ignore[attr-defined]


# Both languages --------------------------------------------------------------------------------------------


async def test_the_language_changes_on_every_page_and_is_kept(
    make_app: Make, store: Store, shown: Shown
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("down", "down")
        for key, english, chinese in (
            (None, "The second lesson", "第二课"),
            ("question_mark", "On this page", "当前页"),
            ("g", "Glossary", "术语表"),
        ):
            if key is not None:
                await pilot.press(key)
            assert english in shown(app)
            await pilot.press("L")
            assert chinese in shown(app) and store.setting("language") == "zh"
            await pilot.press("L")
            assert english in shown(app) and store.setting("language") == "en"
            if key is not None:
                await pilot.press("escape")
        await until(pilot, lambda: "›   2  The second lesson" in shown(app))


async def test_the_pages_below_speak_the_new_language_too(make_app: Make, shown: Shown) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("g", "L", "escape")
        await until(pilot, lambda: "第二课" in shown(app) and "The second lesson" not in shown(app))


async def test_the_language_changes_while_typing_without_losing_what_was_typed(
    make_app: Make, shown: Shown
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("slash")
        await pilot.press(*"L2")
        assert app.language is Language.EN
        await pilot.press("backspace", "backspace")
        await pilot.press(*"drift")
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "drift" in shown(app) and "实验：漂移的数值" in shown(app))


async def test_every_row_is_as_wide_as_the_screen_in_chinese(make_app: Make) -> None:
    app = make_app(language=Language.ZH)
    async with app.run_test(size=SIZE) as pilot:
        for key in ("down", "question_mark", "escape", "g", "escape", "ctrl+p"):
            await pilot.press(key)
            for strip in app.screen._compositor.render_strips():
                assert cell_len(strip.text) == 80


# Welcome, keys, glossary, palette --------------------------------------------------------------------------


async def test_the_first_start_welcomes_and_leads_to_lesson_1(
    make_app: Make, tmp_path: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = opened(monkeypatch)
    store = Store.open(tmp_path / "other.sqlite3")
    app = make_app(store=store)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await until(pilot, lambda: isinstance(app.screen, WelcomePage))
        await pilot.press("end", "enter")
        await until(pilot, lambda: "欢迎" in shown(app))
        await pilot.press("home", "enter")
        await until(pilot, lambda: asked == [("first", None)])
        await until(pilot, lambda: isinstance(app.screen, HomePage))
    again = make_app(store=store)
    async with again.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await until(pilot, lambda: isinstance(again.screen, HomePage))


async def test_starting_at_a_lesson_opens_it(make_app: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = opened(monkeypatch)
    async with make_app(start_at=("third", None)).run_test(size=SIZE) as pilot:
        await until(pilot, lambda: asked == [("third", None)])


async def test_help_lists_the_keys_of_the_page_it_was_opened_on(make_app: Make, shown: Shown) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpPage))
        await until(pilot, lambda: "find a lesson or lab by typing" in shown(app))
        await pilot.press("escape", "g", "f1")
        await until(pilot, lambda: "find a term by typing" in shown(app))


async def test_the_glossary_shows_the_terms_of_the_step_first_and_both_languages(
    make_app: Make, shown: Shown
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        app.open_glossary(["variance", "no such term"])
        await pilot.pause()
        rows = shown(app).splitlines()
        assert rows[3].split() == ["›", "variance", "方差"]
        assert rows.index(next(row for row in rows if "fan-in" in row)) > 3
        await until(
            pilot, lambda: "The mean squared deviation." in shown(app) and "离差平方的均值。" in shown(app)
        )
        await pilot.press("slash")
        await pilot.press(*"扇")
        await until(
            pilot,
            lambda: "fan-in" in shown(app) and "How many inputs" in shown(app) and "gain" not in shown(app),
        )
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(app.screen, HomePage))


async def test_a_broken_glossary_is_said_and_costs_nothing_else(
    make_app: Make, course: Path, shown: Shown
) -> None:
    (course / "glossary.yaml").write_text("gain: [")
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("g")
        await until(pilot, lambda: "The glossary cannot be opened" in shown(app))
        await pilot.press("escape", "ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, PalettePage))


@pytest.mark.parametrize(
    ("typed", "opens"),
    [("lesson third", ("third", None)), ("第三", ("third", None)), ("漂移", ("first", "try"))],
)
async def test_the_palette_finds_lessons_and_labs_in_either_language(
    make_app: Make, monkeypatch: pytest.MonkeyPatch, typed: str, opens: tuple[str, str | None]
) -> None:
    asked = opened(monkeypatch)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+p")
        await pilot.press(*typed)
        await pilot.press("enter")
        await until(pilot, lambda: asked == [opens])


async def test_the_palette_shows_a_term(make_app: Make, shown: Shown) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+p")
        await pilot.press(*"扇入")
        await pilot.press("enter")
        await pilot.pause()
        await until(pilot, lambda: isinstance(app.screen, GlossaryPage))
        await until(pilot, lambda: "› fan-in" in shown(app))


async def test_the_palette_changes_the_theme_which_is_kept(make_app: Make, store: Store) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        assert app.theme_name == "dark"
        await pilot.press("ctrl+p")
        await pilot.press(*"theme")
        await pilot.press("enter")
        await until(pilot, lambda: app.theme_name == "light")
    async with make_app().run_test(size=SIZE):
        assert store.setting("theme") == "light"


# What goes wrong -------------------------------------------------------------------------------------------


async def test_what_is_wrong_with_the_progress_file_is_said_in_both_languages(
    make_app: Make, tmp_path: Path, shown: Shown
) -> None:
    damaged = tmp_path / "damaged.sqlite3"
    damaged.write_bytes(b"no database at all, " * 100)
    store = Store.open(damaged)
    store.set("welcomed", "yes")
    assert store.trouble is not None
    app = make_app(store=store)
    async with app.run_test(size=(80, 30)) as pilot:
        await until(pilot, lambda: "! The progress file" in shown(app))
        await pilot.press("L")
        await until(pilot, lambda: "! 进度文件" in shown(app))
        await until(pilot, lambda: "第一课" in shown(app))


async def test_trouble_that_comes_later_is_said_on_the_page_one_is_on(
    make_app: Make, store: Store, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("g")
        await until(pilot, lambda: "fan-in" in shown(app))
        monkeypatch.setattr(store, "trouble", Words("The disk is full.", "磁盘已满。"))
        app.screen.retell_frame()  # As a lesson does after each answer.
        await until(pilot, lambda: "! The disk is full." in shown(app))
        await pilot.press("down")
        await until(pilot, lambda: "The disk is full." not in shown(app))


async def test_missing_torch_is_said_with_the_way_to_get_it(make_app: Make, shown: Shown) -> None:
    app = make_app(torch=Missing("No module named 'torch'"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await until(pilot, lambda: "torch missing: labs need it" in shown(app))
        await pilot.press("question_mark")
        assert 'python -m pip install "torch>=2.6"' in shown(app)


async def test_the_corner_follows_the_kernel(make_app: Make, shown: Shown) -> None:
    app = make_app(torch=Warming("torch"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await until(pilot, lambda: "importing torch ..." in shown(app))
        assert app.kernel is not None
    assert app.kernel.closed  # type: ignore[attr-defined]


async def test_ctrl_c_tells_how_to_quit_and_does_not(make_app: Make, shown: Shown) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "ctrl+q quits" in shown(app))
        await pilot.press("down")
        await until(pilot, lambda: "ctrl+q quits" not in shown(app))


async def test_ctrl_c_stops_what_runs_on_the_page(make_app: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[Page] = []
    monkeypatch.setattr(HomePage, "interrupt", lambda page: stopped.append(page) is None)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+c")
        assert stopped == [app.screen]
        assert app.passing_notice is None


@pytest.mark.parametrize("size", [(20, 10), (40, 8), (5, 3), (1, 1)])
async def test_a_terminal_too_small_works_and_says_so(
    make_app: Make, shown: Shown, size: tuple[int, int]
) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        for key in (
            "down",
            "down",
            "slash",
            "f",
            "escape",
            "L",
            "L",
            "g",
            "escape",
            "question_mark",
            "escape",
        ):
            await pilot.press(key)
            await pilot.pause()
        await until(pilot, lambda: isinstance(app.screen, HomePage))
        if size == (20, 10):
            await until(pilot, lambda: "! 20x10 < 80x24" in shown(app))
            await until(pilot, lambda: "›" in shown(app))
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        await until(pilot, lambda: "< 80x24" not in shown(app))
        await until(pilot, lambda: "The second lesson" in shown(app))


async def test_ascii_draws_with_ascii_only(make_app: Make, store: Store, shown: Shown) -> None:
    store.seen("first", "read")
    app = make_app(ascii=True)
    async with app.run_test(size=SIZE) as pilot:
        for key in ("down", "question_mark", "escape", "slash", "q"):
            await pilot.press(key)
            drawn = shown(app).replace("中文", "")
            assert drawn.isascii(), {sign for sign in drawn if not sign.isascii()}


async def test_keys_that_do_not_fit_go_but_the_way_to_all_keys_stays(make_app: Make, shown: Shown) -> None:
    app = make_app()
    async with app.run_test(size=(34, 24)):
        last = shown(app).splitlines()[-1]
        assert "? keys" in last and "glossary" not in last and cell_len(last) <= 34
