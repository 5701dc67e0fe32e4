from tutor.course.model import Derivation, DerivationLine, NumberQuestion, WrongLine
from tutor.practice.attempt import Attempt, Walk
from tutor.words import Words

W = Words("x", "x")


def line(formula: str, asks: bool = True, wrong: int = 2) -> DerivationLine:
    return DerivationLine(
        formula=formula,
        because=W,
        ask=W if asks else None,
        wrong=[WrongLine(formula=f"{formula} no {i}", because=W) for i in range(wrong if asks else 0)],
    )


def walk(*lines: DerivationLine) -> Walk:
    return Walk.begin(Derivation(id="d", title=W, intro=W, lines=list(lines)))


def test_a_derivation_begins_at_the_first_line_that_is_asked_for() -> None:
    here = walk(line("a", asks=False), line("b", asks=False), line("c"), line("d", asks=False))
    assert here.done == 2
    assert sorted(here.options, key=str) == [0, 1, None]


def test_a_wrong_pick_is_remembered_until_the_line_is_found() -> None:
    here = walk(line("a"), line("b")).picked(1).picked(0).picked(1)
    assert (here.done, here.refused, here.slips) == (0, (0, 1), 3)
    on = here.picked(None)
    assert (on.done, on.refused, on.over, on.slips) == (1, (), False, 3)
    assert on.picked(None).over
    assert on.picked(None).outcome == "right"


def test_lines_that_are_given_follow_by_themselves() -> None:
    assert walk(line("a"), line("b", asks=False)).picked(None).over


def test_a_line_shown_makes_the_derivation_count_as_shown() -> None:
    assert walk(line("a"), line("b")).revealed().picked(None).outcome == "shown"


def test_going_on_where_there_is_nothing_to_pick_is_not_giving_up() -> None:
    here = walk(line("a", wrong=0))
    assert here.options == []
    assert here.revealed().over
    assert here.revealed().outcome == "right"


def test_an_attempt_counts_hints_up_to_the_last() -> None:
    question = NumberQuestion(id="n", kind="question", title=W, prompt=W, answer=1, hints=[W, W])
    attempt = Attempt.begin(question)
    assert attempt.hinted().hints == 1
    assert attempt.hinted().hinted().hinted().hints == 2


def test_an_attempt_is_over_when_right_or_shown_and_not_before() -> None:
    question = NumberQuestion(id="n", kind="question", title=W, prompt=W, answer=1)
    attempt = Attempt.begin(question)
    assert not attempt.answered("2").over
    assert not attempt.answered("two").over
    assert attempt.answered("1").over
    assert attempt.revealed().over
