"""Questions come back when FSRS says so, by what the learner did and never by what they think of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from fsrs import Rating

from tutor.course import load
from tutor.course.index import HomeworkStep, load_index
from tutor.practice.homework import tasks
from tutor.practice.questions import keys_of
from tutor.practice.review import Schedule, minutes_for, rating
from tutor.progress.rows import Given

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEYS = {("why", "q1"): "16.0", ("why", "q2"): "31.0", ("xavier", "q1"): "0.0625"}


def answer(
    outcome: str, *, after: timedelta = timedelta(), question=("why", "q1"), hints=0, key=None
) -> Given:
    at = (START + after).timestamp()
    return Given(at, *question, "", outcome, hints, key or KEYS[question], None, None)


@pytest.mark.parametrize(
    ("sitting", "expected"),
    [
        ([("right", 0)], Rating.Good),
        ([("right", 1)], Rating.Hard),
        ([("wrong", 0), ("right", 0)], Rating.Hard),
        ([("wrong", 0)], Rating.Again),
        ([("wrong", 0), ("shown", 3)], Rating.Again),
        ([("skipped", 0)], None),
        ([("skipped", 0), ("right", 0)], Rating.Good),
    ],
)
def test_the_rating_comes_from_the_outcome(sitting, expected) -> None:
    assert rating([answer(outcome, hints=hints) for outcome, hints in sitting]) == expected


def test_a_question_answered_well_comes_back_later_each_time_and_one_answered_wrong_soon() -> None:
    log = [
        answer("right"),
        answer("right", after=timedelta(minutes=11)),
        answer("right", after=timedelta(days=3)),
    ]
    gaps = []
    for count in (1, 2, 3):
        card = Schedule.of(log[:count], KEYS).cards["why", "q1"]
        gaps.append(card.due - datetime.fromtimestamp(log[count - 1].at, UTC))
    assert gaps == sorted(gaps)
    assert gaps[-1] > timedelta(days=3)
    forgotten = Schedule.of([*log, answer("wrong", after=timedelta(days=20))], KEYS).cards["why", "q1"]
    assert forgotten.due - (START + timedelta(days=20)) < timedelta(hours=1)


def test_the_due_ones_are_mixed_over_lessons_and_the_longest_overdue_come_first() -> None:
    log = [
        answer("wrong", question=("xavier", "q1"), after=timedelta(hours=2)),
        answer("wrong", question=("why", "q2"), after=timedelta(hours=1)),
        answer("wrong", after=timedelta(hours=3)),
    ]
    schedule = Schedule.of(log, KEYS)
    assert schedule.due(START) == []
    assert schedule.due(START + timedelta(days=1)) == [("why", "q2"), ("xavier", "q1"), ("why", "q1")]


def test_a_changed_key_starts_anew_and_a_vanished_question_is_never_due() -> None:
    log = [answer("right", key="15.0"), answer("wrong", question=("why", "q2"))]
    schedule = Schedule.of(log, {("why", "q1"): "16.0"})
    assert schedule.cards == {}
    assert schedule.due(START + timedelta(days=99)) == []


def test_replaying_the_same_log_gives_the_same_days() -> None:
    log = [answer("right", after=timedelta(days=3 * i)) for i in range(6)]
    assert Schedule.of(log, KEYS).cards["why", "q1"].due == Schedule.of(log, KEYS).cards["why", "q1"].due


def test_mastery_is_what_would_be_recalled_today() -> None:
    log = [answer("right"), answer("right", after=timedelta(days=1))]
    schedule = Schedule.of(log, KEYS)
    both = [("why", "q1"), ("why", "q2")]
    fresh = schedule.mastery(both, START + timedelta(days=1))
    assert fresh == pytest.approx(0.5, abs=0.02), "one of two was just recalled, the other never asked"
    assert 0 < schedule.mastery(both, START + timedelta(days=60)) < fresh, "it fades"
    assert schedule.mastery([], START) == 0


def test_few_questions_of_one_lesson_are_spread_among_many_of_another() -> None:
    keys = {("a", f"q{i}"): "k" for i in range(9)} | {("b", "x"): "k", ("b", "y"): "k"}
    log = [answer("wrong", question=q, after=timedelta(minutes=i), key="k") for i, q in enumerate(keys)]
    due = Schedule.of(log, keys).due(START + timedelta(days=1))
    assert [step for lesson, step in due if lesson == "a"] == [f"q{i}" for i in range(9)]
    places = [i for i, (lesson, _) in enumerate(due) if lesson == "b"]
    assert places == [2, 8], "neither together nor at the end"


def test_what_was_missed_is_not_recalled_until_it_was_answered_right() -> None:
    question, now = ("why", "q1"), START + timedelta(hours=1)
    log = [answer("right"), answer("wrong", after=timedelta(minutes=40))]
    assert Schedule.of(log, KEYS).recall(question, now) == 0, "though it was asked an hour ago"
    log.append(answer("right", after=timedelta(minutes=45)))
    assert Schedule.of(log, KEYS).recall(question, now) == 1
    shown = [answer("right"), answer("shown", after=timedelta(minutes=40))]
    assert Schedule.of(shown, KEYS).recall(question, now) == 0


def test_each_day_has_its_own_questions_and_the_next_one_is_known() -> None:
    log = [answer("right"), answer("right", after=timedelta(minutes=11))]
    log += [answer("wrong", question=("why", "q2"), after=timedelta(minutes=12))]
    schedule = Schedule.of(log, KEYS)
    tomorrow = START + timedelta(days=1)
    assert schedule.due(tomorrow) == [("why", "q2")]
    assert schedule.next_due(tomorrow) == schedule.cards["why", "q1"].due
    assert schedule.due(START + timedelta(days=30)) == [("why", "q2"), ("why", "q1")]
    assert schedule.next_due(START + timedelta(days=30)) is None
    assert Schedule.of([], KEYS).next_due(START) is None


def test_the_mastery_of_a_lesson_counts_the_questions_never_asked() -> None:
    schedule = Schedule.of([answer("right")], KEYS)
    assert schedule.masteries(START) == {"why": 0.5, "xavier": 0.0}


@pytest.mark.parametrize(("questions", "minutes"), [(1, 1), (2, 1), (6, 4), (30, 20)])
def test_how_long_a_review_takes_is_said_in_minutes(questions: int, minutes: int) -> None:
    assert minutes_for(questions) == minutes


# The keys of the questions ----------------------------------------------------------------------------------


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lessons that are read from their files."""
    read: list[str] = []
    really = load.load_lesson
    monkeypatch.setattr(
        load, "load_lesson", lambda folder, entry: (read.append(entry.id), really(folder, entry))[1]
    )
    return read


def test_the_keys_of_a_lesson_are_read_once_and_again_when_it_changed(
    course: Path, tmp_path: Path, reads: list[str]
) -> None:
    index, cache = load_index(course, tmp_path), tmp_path / "cache"
    first = index.lessons[0]
    keys = keys_of(course, index.lessons, cache)
    assert {lesson for lesson, _ in keys} == {entry.id for entry in index.lessons}
    assert keys_of(course, index.lessons, cache) == keys
    assert reads == [entry.id for entry in index.lessons]
    path = course / first.folder / "lesson.yaml"
    path.write_text(path.read_text("utf-8") + "\n# a remark\n", "utf-8")
    assert keys_of(course, index.lessons, cache) == keys
    assert reads[len(index.lessons) :] == [first.id]
    assert keys_of(course, [first], cache) == {id: key for id, key in keys.items() if id[0] == first.id}
    assert len(reads) == len(index.lessons) + 1


@pytest.mark.parametrize("spoiled", ["", "{", "[]", '{"01_rates": 1}', '{"01_rates": ["", {}]}'])
def test_a_spoiled_cache_and_none_at_all_cost_only_time(course: Path, tmp_path: Path, spoiled: str) -> None:
    index, cache = load_index(course, tmp_path), tmp_path / "cache"
    keys = keys_of(course, index.lessons, cache)
    (file,) = cache.iterdir()
    file.write_text(spoiled)
    assert keys_of(course, index.lessons, cache) == keys
    assert keys_of(course, index.lessons, file / "no folder") == keys


def test_a_broken_lesson_has_no_questions(course: Path, tmp_path: Path) -> None:
    index = load_index(course, tmp_path)
    (course / index.lessons[0].folder / "lesson.yaml").write_text("id: [", "utf-8")
    (course / index.lessons[1].folder / "lesson.yaml").unlink()
    assert keys_of(course, index.lessons, tmp_path / "cache") == {}


# Homework ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcomes", "state", "following"),
    [
        ({}, "new", "one"),
        ({"one": ["skipped"]}, "new", "one"),
        ({"one": ["wrong"]}, "begun", "one"),
        ({"one": ["right"]}, "begun", "drawn"),
        ({"one": ["right", "wrong"], "drawn": ["right", "wrong", "right"]}, "begun", "drawn"),
        ({"one": ["shown"], "drawn": ["right", "right"]}, "begun", "one"),
        ({"one": ["wrong", "right"], "drawn": ["right", "skipped", "right", "wrong"]}, "done", None),
    ],
)
def test_a_task_is_done_when_each_of_its_questions_was_right_often_enough_in_a_row(
    outcomes: dict[str, list[str]], state: str, following: str | None
) -> None:
    entry = SimpleNamespace(id="a", homework=(HomeworkStep("one", 2, 1), HomeworkStep("drawn", 2, 2)))
    plain = SimpleNamespace(id="b", homework=())
    (task,) = tasks(SimpleNamespace(lessons=(plain, entry)), lambda lesson: outcomes)
    assert (task.number, task.state) == (2, state)
    assert task.next == (following and ("a", following))


def test_the_index_knows_which_questions_are_homework(course: Path, tmp_path: Path) -> None:
    assert [entry.homework for entry in load_index(course, tmp_path).lessons] == [(), ()]
    path = course / "01_rates" / "lesson.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("    ask: number\n", "    ask: number\n    homework: 3\n", 1), "utf-8")
    (marked,), others = (entry.homework for entry in load_index(course, tmp_path).lessons)
    assert (marked.task, marked.streak) == (3, 1)
    assert load_index(course, tmp_path).lessons[0].homework == (marked,), "from the cache, too"
    assert others == ()
