"""Questions come back when FSRS says so, by what the learner did and never by what they think of it."""

from datetime import UTC, datetime, timedelta

import pytest
from fsrs import Rating

from tutor.practice.review import Schedule, rating
from tutor.progress.store import Given

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
