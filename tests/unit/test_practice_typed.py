"""Texts and tensors are marked as a teacher would: what was meant counts, and what was done is said."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.course.model import TensorMistake, TensorQuestion, TextMistake, TextQuestion
from tutor.practice.marking import Cells, Verdict, mark, right_answer, written, wrong_cells
from tutor.words import Words

W = Words("words", "文字")


def because(name: str) -> Words:
    return Words(f"because {name}", f"因为 {name}")


def text(*answers: str, **more: Any) -> TextQuestion:
    mistakes = [TextMistake(text=each, because=because(each)) for each in more.pop("wrong", ())]
    return TextQuestion(
        id="t", kind="question", title=W, prompt=W, answers=list(answers), mistakes=mistakes, **more
    )


def tensor(answer: Any, *wrong: Any, **more: Any) -> TensorQuestion:
    mistakes = [TensorMistake(value=each, because=because(str(each))) for each in wrong]
    return TensorQuestion(
        id="t", kind="question", title=W, prompt=W, answer=answer, mistakes=mistakes, **more
    )


def said(verdict: Verdict) -> list[str]:
    assert all(words.zh for words in verdict.because)
    return [words.en for words in verdict.because]


CODE = "nn.CrossEntropyLoss(weight=w, reduction='none')"


class TestText:
    @pytest.mark.parametrize(
        "typed",
        [
            CODE,
            f"  {CODE} ",
            'nn.CrossEntropyLoss(weight = w, reduction = "none")',
            "nn.CrossEntropyLoss( weight=w,reduction='none' )",
            "nn.CrossEntropyLoss（weight＝w，reduction＝‘none’）",
            "ｎｎ．CrossEntropyLoss（weight=w、reduction=“none”）",
            f"`{CODE}`",
        ],
    )
    def test_code_is_compared_by_its_signs(self, typed: str) -> None:
        assert mark(text(CODE), typed).outcome == "right"

    def test_code_minds_its_case_and_says_so(self) -> None:
        verdict = mark(text(CODE), CODE.lower())
        assert verdict.outcome == "wrong"
        assert "case" in said(verdict)[0]

    def test_a_space_between_two_words_of_code_is_not_nothing(self) -> None:
        assert mark(text("not x"), "not  x").outcome == "right"
        assert mark(text("not x"), "notx").outcome == "wrong"

    @pytest.mark.parametrize(
        "typed",
        [
            "Cross Entropy",
            "cross-entropy",
            "CROSS ENTROPY.",
            "cross_entropy",
            "交叉熵",
            " 交叉熵。",
            "Ｃross entropy",
        ],
    )
    def test_a_name_is_compared_by_its_words(self, typed: str) -> None:
        assert mark(text("cross entropy", "交叉熵", form="name"), typed).outcome == "right"

    def test_a_space_beside_chinese_does_not_count(self) -> None:
        question = text("KL 散度", form="name")
        assert {mark(question, typed).outcome for typed in ("kl散度", "KL 散度", "KL  散 度")} == {"right"}

    @pytest.mark.parametrize("typed", ["", "  ", "``", "\u3000", "."])
    def test_nothing_is_not_wrong_but_unreadable(self, typed: str) -> None:
        assert mark(text("entropy", form="name"), typed).outcome == "unreadable"

    def test_a_known_mistake_is_met_with_its_reason_whatever_its_case(self) -> None:
        question = text("entropy", form="name", wrong=["cross entropy", "KL"], otherwise=because("other"))
        assert said(mark(question, "Cross-Entropy")) == ["because cross entropy"]
        assert said(mark(question, "kl")) == ["because KL"]
        assert said(mark(question, "variance")) == ["because other"]

    def test_a_slip_of_the_finger_is_told_from_another_word(self) -> None:
        question = text("relative entropy", form="name", otherwise=because("other"))
        assert "spelling" in said(mark(question, "relativ entropy"))[0]
        assert said(mark(question, "variance")) == ["because other"]
        assert said(mark(text("entropy"), "variance")) == ["That is something else."]

    def test_its_own_answer_is_right_and_kept_as_it_was_typed(self) -> None:
        question = text(CODE, "F.cross_entropy")
        assert right_answer(question) == CODE
        assert mark(question, right_answer(question)).outcome == "right"
        assert written(" a ‘b’ ") == " a ‘b’ "

    @given(st.text())
    def test_whatever_is_typed_is_marked(self, typed: str) -> None:
        assert mark(text("entropy", form="name", wrong=["KL"]), typed).outcome in (
            "right",
            "wrong",
            "unreadable",
        )
        assert mark(text(CODE), typed).outcome in ("right", "wrong", "unreadable")


def row(*cells: str) -> Cells:
    return (cells,)


class TestTensor:
    def test_each_cell_is_read_like_a_number(self) -> None:
        assert mark(tensor([0.5, 0.25, 2]), row("1/2", "25%", "２")).outcome == "right"
        assert mark(tensor([[1, 2], [3, 4]]), (("1", "2"), ("3", "2^2"))).outcome == "right"

    def test_each_cell_has_the_tolerance_of_its_own(self) -> None:
        assert mark(tensor([1000, 1], tolerance=0.01), row("1009", "1")).outcome == "right"
        assert mark(tensor([1000, 1], tolerance=0.01), row("1000", "1.02")).outcome == "wrong"
        assert mark(tensor([0, 1]), row("0.0009", "1")).outcome == "right", "absolute where the cell is 0"

    def test_wrong_cells_are_named_as_torch_counts(self) -> None:
        assert said(mark(tensor([1, 2, 3]), row("1", "5", "6")))[0].startswith(
            "Wrong: [1], [2] (counted from 0"
        )
        matrix = tensor([[1, 2], [3, 4]])
        assert said(mark(matrix, (("1", "2"), ("0", "4"))))[0].startswith("Wrong: [1, 0] ")
        assert wrong_cells(matrix, (("1", "2"), ("0", "4"))) == [(1, 0)]
        assert said(mark(matrix, (("0", "0"), ("0", "0")))) == ["No cell is right yet."]

    def test_a_known_mistake_is_met_as_a_whole(self) -> None:
        question = tensor([0.5, 0.5], [1, 2], [0.5, 2], otherwise=because("other"))
        assert said(mark(question, row("1", "2"))) == ["because [1, 2]"]
        assert said(mark(question, row("0.5", "2"))) == ["because [0.5, 2]"]
        assert said(mark(question, row("0.5", "3")))[1:] == ["because other"]

    def test_two_mistakes_that_look_alike_are_both_said(self) -> None:
        assert said(mark(tensor([1, 1], [2, 3], [2, 3.001]), row("2", "3"))) == [
            "because [2, 3]",
            "because [2, 3.001]",
        ]

    def test_a_cell_that_cannot_be_read_is_named_and_nothing_is_marked(self) -> None:
        verdict = mark(tensor([[1, 2], [3, 4]]), (("9", "9"), ("9", "four")))
        assert verdict.outcome == "unreadable"
        assert said(verdict)[0].startswith("[1, 1]: “four” is not understood")
        assert said(mark(tensor([1, 2]), row("1", "")))[0].startswith("[1]: Nothing is written yet")

    def test_its_own_answer_is_right_and_is_kept_as_torch_has_it(self) -> None:
        for question in (tensor([1 / 3, 2e-7]), tensor([[1, 2], [3, 16777217]], tolerance=1e-9)):
            assert mark(question, right_answer(question)).outcome == "right"
        assert written(row("1/2", "3")) == "[1/2, 3]"
        assert written((("1",), ("2",))) == "[[1], [2]]"

    @given(st.lists(st.lists(st.text(max_size=5), min_size=2, max_size=2), min_size=2, max_size=2))
    def test_whatever_is_typed_is_marked(self, typed: list[list[str]]) -> None:
        cells = tuple(map(tuple, typed))
        verdict = mark(tensor([[1, 2], [3, 4]], [[4, 3], [2, 1]]), cells)
        assert verdict.outcome == "right" or verdict.because


def test_an_answer_of_another_kind_is_a_mistake_of_ours() -> None:
    for question, answer in ((text("a"), 1), (tensor([1]), "1"), (tensor([1]), (1,))):
        with pytest.raises(TypeError):
            mark(question, answer)
