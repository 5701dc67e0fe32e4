"""A drawn question has its numbers everywhere, in both languages, and the same seed draws it again."""

import math
from typing import Any

import pytest

from tutor.course.model import (
    ChoiceQuestion,
    GeneratedQuestion,
    Mistake,
    NumberQuestion,
    Option,
    OrderedLine,
    OrderQuestion,
    PredictQuestion,
    SeveralQuestion,
    TensorQuestion,
    TextQuestion,
)
from tutor.course.templates import TemplateError
from tutor.practice.attempt import Attempt, arranged
from tutor.practice.key import key_of
from tutor.practice.marking import mark, right_answer
from tutor.practice.variants import foretold, realised
from tutor.protocol import Variant
from tutor.words import Words

W = Words("words", "文字")


def drawn(**more: Any) -> GeneratedQuestion:
    settings = {
        "prompt": Words("mean of {x}, n = {n}", "{x} 的均值，n = {n}"),
        "reasons": {
            "sum": Words("{total} is the sum", "{total} 是总和"),
            "off": Words("not over {n}", "不是除以 {n}"),
        },
        **more,
    }
    return GeneratedQuestion(id="d", kind="question", title=W, generate="variants.py:mean", **settings)


VARIANT = Variant(
    answer=2.0,
    mistakes={"sum": 6, "off": 3.0},
    fields={"x": [1.0, 2.0, 3.0], "n": 3, "total": 6.0, "third": 1 / 3},
    seed=7,
)


def test_every_text_is_filled_in_both_languages() -> None:
    question = realised(
        drawn(
            hints=[Words("{total:.2f} over {n}", "{total:.2f} 除以 {n}")],
            solution=Words("{total} / {n} = {answer} {{done}}", "{total} / {n} = {answer} {{完}}"),
            otherwise=Words("about {third}", "约 {third}"),
            given="x = {x}",
        ),
        VARIANT,
    )
    assert isinstance(question, NumberQuestion)
    assert question.prompt == Words("mean of [1, 2, 3], n = 3", "[1, 2, 3] 的均值，n = 3")
    assert question.hints == [Words("6.00 over 3", "6.00 除以 3")]
    assert question.solution == Words("6 / 3 = 2 {done}", "6 / 3 = 2 {完}")
    assert question.otherwise == Words("about 0.333333", "约 0.333333")
    assert question.given == "x = [1, 2, 3]"
    assert (question.id, question.title) == ("d", W)


def test_each_mistake_is_met_with_its_own_reason() -> None:
    question = realised(drawn(), VARIANT)
    assert mark(question, "2").outcome == "right"
    assert mark(question, "6").because == [Words("6 is the sum", "6 是总和")]
    assert mark(question, "3").because == [Words("not over 3", "不是除以 3")]


def test_two_mistakes_with_one_number_are_both_said() -> None:
    alike = Variant(answer=2.0, mistakes={"sum": 6.0, "off": 6.0}, fields=VARIANT.fields)
    assert len(mark(realised(drawn(), alike), "6").because) == 2


def test_a_tensor_is_answered_cell_by_cell() -> None:
    variant = Variant(answer=[1.0, 2], mistakes={"sum": [3.0, 3], "off": [1, 1]}, fields=VARIANT.fields)
    question = realised(drawn(form="tensor"), variant)
    assert isinstance(question, TensorQuestion)
    assert mark(question, (("1", "2"),)).outcome == "right"
    assert mark(question, (("1", "1"),)).because == [Words("not over 3", "不是除以 3")]


def test_a_format_goes_to_each_number_of_a_list() -> None:
    prompt = Words("{x:.1f} and {rows}", "{x:.1f} 和 {rows}")
    variant = Variant(
        answer=2.0, mistakes=VARIANT.mistakes, fields={**VARIANT.fields, "rows": [[0.1 + 0.2, 1], [2.0, -1]]}
    )
    assert realised(drawn(prompt=prompt), variant).prompt.en == "[1.0, 2.0, 3.0] and [[0.3, 1], [2, -1]]"


def choice(seed: int, **more: Any) -> ChoiceQuestion:
    variant = Variant(
        **{"answer": 2.0, "mistakes": VARIANT.mistakes, "fields": VARIANT.fields, **more}, seed=seed
    )
    question = realised(drawn(form="choice"), variant)
    assert isinstance(question, ChoiceQuestion)
    return question


def test_the_mistakes_are_the_distractors() -> None:
    question = choice(1)
    assert sorted(option.text.en for option in question.options) == ["2", "3", "6"]
    (right,) = [option for option in question.options if option.right]
    assert right.text == Words("2", "2")
    assert mark(question, right_answer(question)).outcome == "right"
    assert mark(question, right_answer(question)).because == []
    wrong = next(index for index, option in enumerate(question.options) if option.text.en == "6")
    assert mark(question, wrong).because == [Words("6 is the sum", "6 是总和")]


def test_the_right_option_moves_with_the_seed_and_stays_with_it() -> None:
    places = [arranged(choice(seed)).index(right_answer(choice(seed))) for seed in range(60)]
    assert {place: places.count(place) > 5 for place in (0, 1, 2)} == {0: True, 1: True, 2: True}
    assert choice(5) == choice(5)


def test_distractors_that_read_alike_are_one_option_with_both_reasons() -> None:
    question = choice(1, mistakes={"sum": 6.0, "off": 6.0})
    assert len(question.options) == 2
    (wrong,) = [option for option in question.options if not option.right]
    assert "sum" in wrong.because.en and "over" in wrong.because.en
    assert [option.right for option in choice(1, mistakes={"sum": 6.0, "off": 2.0}).options].count(True) == 1


def test_a_variant_that_does_not_fit_is_refused() -> None:
    with pytest.raises(TemplateError, match="no field n"):
        realised(drawn(), Variant(answer=1.0, mistakes={}, fields={"x": 1}))
    with pytest.raises(ValueError, match="without a reason: more"):
        realised(drawn(), Variant(answer=1.0, mistakes={"more": 2.0}, fields=VARIANT.fields))
    with pytest.raises(ValueError, match="draws no number"):
        realised(drawn(), Variant(answer=[1.0], fields=VARIANT.fields))
    with pytest.raises(ValueError, match="draws no tensor"):
        realised(drawn(form="tensor"), VARIANT)


def test_numbers_that_json_has_not_come_back() -> None:
    variant = Variant(answer="inf", mistakes={"off": "nan"}, fields=VARIANT.fields)
    question = realised(drawn(reasons={"off": W}), variant)
    assert isinstance(question, NumberQuestion)
    assert question.answer == math.inf and math.isnan(question.mistakes[0].value)


def test_what_a_lab_yields_is_the_key_of_a_prediction() -> None:
    question = PredictQuestion(
        id="p", kind="question", title=W, prompt=W, lab="l", of="loss", mistakes=[Mistake(value=2, because=W)]
    )
    with pytest.raises(TypeError):
        mark(question, "1")
    assert mark(foretold(question, 1.5), "3/2").outcome == "right"
    assert mark(foretold(question, 1.5), "2").because == [W]


def test_what_is_answered_once_is_over_when_it_is_wrong() -> None:
    question = realised(drawn(), VARIANT)
    once = Attempt.begin(question, once=True)
    assert not once.over
    assert not once.answered("six").over, "what could not be read may be mended"
    assert once.answered("6").over and once.answered("2").over
    assert not Attempt.begin(question).answered("6").over


def test_how_sure_one_is_can_be_said_and_unsaid() -> None:
    attempt = Attempt.begin(realised(drawn(), VARIANT))
    said = [attempt := attempt.doubted() for _ in range(3)]
    assert [each.sure for each in said] == [False, True, None]


# Keys ----------------------------------------------------------------------------------------------------------


def question(shape: Any, **more: Any) -> Any:
    return shape(id="q", kind="question", title=W, **{"prompt": W, **more})


def options(*right: bool, word: str = "x") -> list[Option]:
    return [Option(text=Words(word, word), because=W, right=each) for each in right]


LINE = OrderedLine(text=W, because=W)
PAIRS = {
    "number": (question(NumberQuestion, answer=1), {"answer": 2}),
    "choice": (question(ChoiceQuestion, options=options(True, False)), {"options": options(False, True)}),
    "one more option": (
        question(ChoiceQuestion, options=options(True, False)),
        {"options": options(True, False, False)},
    ),
    "several": (question(SeveralQuestion, options=options(True, False)), {"options": options(True, True)}),
    "order": (question(OrderQuestion, lines=[LINE]), {"lines": [LINE, LINE]}),
    "text": (question(TextQuestion, answers=["a"]), {"answers": ["b", "a"]}),
    "tensor": (question(TensorQuestion, answer=[1.0, 2.0]), {"answer": [[1.0, 2.0]]}),
    "predict": (question(PredictQuestion, lab="l", of="a"), {"of": "b"}),
    "predict with": (question(PredictQuestion, lab="l", of="a"), {"set": {"lr": 1}}),
    "generated": (drawn(), {"generate": "variants.py:median"}),
}


@pytest.mark.parametrize("name", PAIRS)
def test_the_key_changes_with_the_answer_and_with_nothing_else(name: str) -> None:
    from msgspec.structs import replace

    asked, changed = PAIRS[name]
    assert key_of(replace(asked, **changed)) != key_of(asked)
    other = Words("other words", "别的文字")
    assert key_of(replace(asked, prompt=other, hints=[other], solution=other, title=other)) == key_of(asked)


def test_words_of_options_and_answers_more_do_not_change_the_key() -> None:
    assert key_of(question(ChoiceQuestion, options=options(True, False, word="y"))) == key_of(
        PAIRS["choice"][0]
    )
    assert key_of(question(TextQuestion, answers=["a", "b"])) == key_of(PAIRS["text"][0])


def test_a_question_that_is_asked_in_another_way_has_another_key() -> None:
    asked = [
        question(NumberQuestion, answer=1),
        question(TextQuestion, answers=["1.0"]),
        question(TensorQuestion, answer=[1.0]),
    ]
    assert len(set(map(key_of, asked))) == 3
