"""The atlas without a screen: what of it fits what was typed, what its author is told, and the mind map's syntax."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import msgspec
import pytest

from tutor.atlas import Installed, beyond_said, written
from tutor.course.check import check
from tutor.course.draft import draft_of
from tutor.course.index import default_folder
from tutor.course.losses import Atlas, load_atlas, narrowed
from tutor.course.taught_rules import named_faults, taught_faults
from tutor.mermaid import Node, mindmap
from tutor.words import Language

EN, ZH = Language.EN, Language.ZH


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    atlas = load_atlas(default_folder())
    assert atlas is not None
    return atlas


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("regression", "L1 MSE SmoothL1 PoissonNLL"),
        ("多标签", "BCE BCEWithLogits MultiLabelMargin SoftMargin MultiLabelSoftMargin"),
        ("task:classification target:LONG", "CrossEntropy NLL MultiLabelMargin MultiMargin"),
        ("shape:(N, D)", "TripletMargin CosineEmbedding"),
        ("（t，n，c）", "CTC"),
        ("logits:yes target:float", "BCEWithLogits SoftMargin MultiLabelSoftMargin"),
        ("logits:否", "NLL BCE KLDiv CTC"),
        ("logits: hinge", "MultiMargin HingeEmbedding"),
        ("hinge distances", "HingeEmbedding"),
        ("logits:perhaps", ""),
        ("task:long", ""),
    ],
)
def test_typing_narrows_the_atlas_by_task_target_shape_and_logits(
    atlas: Atlas, typed: str, wanted: str
) -> None:
    assert [name.removesuffix("Loss") for name in narrowed(atlas, typed)] == wanted.split()


# What its author is told -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "at", "wrong", "write"),
    [
        ("    formula: −x[y]\n", "", "title: {en: negative log", "`formula` is missing", "add `formula: `"),
        ("  d: {en: the distance, zh: 距离}\n", "", "formula: |-", "nobody explains the symbol d", "add d to `symbols`"),
        ("  i: {en: a class,", "  k: {en: a column, zh: 列}\n  i: {en: a class,", "  k:", "no formula has the symbol k", "delete it"),
        ("    most: 2\n", "    mots: 2\n", "mots", "unknown field `mots`", "did you mean `most`?"),
        ("formula: −x[y]", "formula: \"\"", '""', "`formula` of NLLLoss is empty", "write it"),
        ("task: sequence", "task: sequenz", "sequenz", "the atlas has no 'sequenz' here", "did you mean `sequence`?"),
        ("within: classification", "within: classes", "within: classes", "the atlas has no 'classes' here", "write one of"),
        ("target: nothing", "target: none", "target: none", "the atlas has no 'none' here", "write one of class_index"),
        ("      log_probs: torch", "      log_props: torch", "      log_props", "`call` passes log_props", "write log_probs, targets"),
        (", zh: 交叉熵}", "}", "{en: cross entropy}", "the Chinese is missing", "zh: ..."),
        ("dtype: long}\n    returns: (N)\n    least: 0\n    use: {en: \"Speech", "dtype: int}\n    returns: (N)\n    least: 0\n    use: {en: \"Speech", "int}", "must be one of float, long", "write one of"),
    ],
)  # fmt: skip
def test_a_part_that_a_loss_lacks_is_said_at_its_place(
    course: Path, old: str, new: str, at: str, wrong: str, write: str
) -> None:
    shutil.copytree(default_folder() / "atlas", course / "atlas")
    file = course / "atlas" / "losses.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    found = [problem for problem in check(course) if problem.file.endswith("losses.yaml")]
    assert len(found) == 1, "\n".join(map(str, found))
    assert wrong in found[0].wrong.en and write in found[0].write.en
    assert at in text.splitlines()[found[0].line - 1]


def test_what_torch_says_otherwise_is_said_to_the_author(course: Path) -> None:
    """A stand-in for the kernel answers as torch does, but for one thing in each loss."""
    shutil.copytree(default_folder() / "atlas", course / "atlas")
    atlas = load_atlas(course)
    assert atlas is not None
    arguments = [
        [name, argument, "None"]
        for name, loss in atlas.losses.items()
        for argument in (*loss.arguments, *atlas.arguments)
        if name != "CTCLoss" and (name, argument) != ("KLDivLoss", "log_target")
    ]
    arguments.append(["MSELoss", "weight", "None"])
    sizes = {"(N, C)": [4, 3], "(*)": [4, 3], "(N)": [4], "(N, D)": [4, 3]}

    def calls(losses: dict[str, dict[str, list[str]]]) -> list[list[object]]:
        rows: list[list[object]] = []
        for name, loss in atlas.losses.items():
            if name == "CTCLoss":
                continue
            given = {each: [sizes[t.shape], t.dtype] for each, t in loss.takes.items()}
            for reduction in losses[name]["reductions"]:
                result = sizes[loss.returns] if reduction == "none" else []
                rows.append([name, reduction, list(loss.takes), given, result, 0.5, 1.0, ""])
        said = {row[0]: row for row in rows if row[1] == "mean"}
        said["BCELoss"][6] = 101.0
        said["NLLLoss"][7] = "RuntimeError: expected scalar type Long"
        said["L1Loss"][4] = [4]
        said["TripletMarginLoss"][2] = ["anchor", "negative", "positive"]
        said["SoftMarginLoss"][3] = {"input": [[4, 3], "float"], "target": [[4], "float"]}
        return rows

    problems = check(
        course,
        tables=lambda file, function, settings: {
            "arguments": arguments,
            "calls": calls(settings["losses"]) if function == "calls" else [],
        },
    )
    told = "\n".join(problem.wrong.en for problem in problems if problem.file.endswith("losses.yaml"))
    assert told.splitlines() == [
        "NLLLoss with reduction mean fails on the example (RuntimeError: expected scalar type Long)",
        "values from 0.5 to 101 came out, not within [0, 100]",
        "torch returns the shape [4]",
        "torch's MSELoss has an argument weight, too",
        "torch's KLDivLoss has no argument log_target",
        "the example passes float of shape [4] as target, not float (*)",
        "torch passes other tensors to TripletMarginLoss",
        "the installed torch has no CTCLoss",
    ]


# What the lessons teach of them --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "lacks"),
    [
        ("\n  MSELoss: [", "\n  L2Loss: [", "the atlas has no loss L2Loss"),
        ('"mse-*"', '"mean-*"', "no step is called mean-*"),
        ("MSELoss: [how-far, mse,", "MSELoss: [how-far,", "a formula with its symbols explained, the default of reduction"),
        ("MSELoss: [how-far, mse,", "MSELoss: [mse,", "the reduction none, the reduction sum"),
        (", broadcast, curves, which-regression]\n  Smooth", ", curves]\n  Smooth", "a mistake with torch's own words, 6 questions (it has 5)"),
        (", broadcast, curves, which-", ", broadcast, which-", "a lab that draws its curve"),
        ("generate: variants.py:mse_mean", "generator: variants.py:mse_mean", "2 generated questions"),
        ("l = (−2.5)² = 6.25", "it is large", "a computation by hand"),
        ('`nn.MSELoss(reduction="mean")`', "`nn.MSELoss()`", "the default of reduction"),
    ],
)  # fmt: skip
def test_a_part_of_a_loss_that_the_lessons_forget_is_said(
    tmp_path: Path, atlas: Atlas, old: str, new: str, lacks: str
) -> None:
    folder = "10_regression"
    shutil.copytree(default_folder() / folder, tmp_path / folder)
    file = tmp_path / folder / "lesson.yaml"
    text = file.read_text(encoding="utf-8")
    for spoil, said in ((False, ""), (True, lacks)):
        if spoil:
            assert text.count(old) == 1
            file.write_text(text.replace(old, new), encoding="utf-8")
        draft = draft_of(tmp_path, folder, [])
        assert draft is not None
        mse = msgspec.structs.replace(atlas, losses={"MSELoss": atlas.losses["MSELoss"]})
        found = [*named_faults(draft, atlas), *taught_faults(mse, [draft], draft.labs)]
        told = ", ".join(each.wrong.en.removeprefix("the lessons teach MSELoss without ") for each in found)
        assert said in told and bool(said) == bool(told)


def test_the_course_says_of_every_loss_of_the_atlas_which_steps_teach_it(atlas: Atlas) -> None:
    """`tutor check` looks for the parts in these; a loss of the atlas that none of them names lacks them all."""
    drafts = [
        draft_of(default_folder(), path.parent.name, []) for path in default_folder().glob("*/lesson.yaml")
    ]
    named = {name for draft in drafts if draft is not None for name in draft.tree.get("losses", {})}
    assert named == set(atlas.losses)


# Told --------------------------------------------------------------------------------------------------------------


def test_what_torch_has_beyond_the_atlas_comes_from_the_installed_torch(atlas: Atlas) -> None:
    mine = [[name, "reduction", "'mean'"] for name in atlas.losses]
    more = Installed.of(
        "2.99.0+cpu", [*mine, ["NewLoss", "margin", "1.0"], ["NewLoss", "reduction", "'mean'"]]
    )
    assert beyond_said(atlas, more).en == "The course has 18; torch 2.99.0 has 19: NewLoss came later."
    assert beyond_said(atlas, Installed.of("2.0", mine)).zh == "torch 2.0 只有这 18 种。"
    assert more.signature("NewLoss") == "NewLoss(margin=1.0, reduction='mean')"


@pytest.mark.parametrize("language", [EN, ZH])
def test_every_format_has_all_losses(atlas: Atlas, language: Language) -> None:
    for format in ("table", "tree", "md", "mermaid", "json"):
        text = written(atlas, None, format, language)
        for name, loss in atlas.losses.items():
            assert name in text
            assert format in ("table", "md", "json") or loss.title.into(language) in text
    rows = written(atlas, None, "md", language).splitlines()
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {7}, "a bar within a cell ends none"


LINE = re.compile(r'(?P<indent>(?:  )+)(?P<id>n\d+)(?:\(\("(?P<root>[^"]+)"\)\)|\["(?P<text>[^"]+)"\])')
"""A node as Mermaid's grammar has it: its depth, a plain id, and a quoted text that is not empty."""


@pytest.mark.parametrize(
    "text",
    ['say "x" #quot; `y`', "```", '%%{init: {"theme": "dark"}}%%', "%% no comment", "", "  \n ", "a\nb",
     "x))", "[y]", "::icon(fa)", "<b>&amp;</b>", "\\", "style:a#b;", "表格：“值”"],
)  # fmt: skip
def test_nothing_that_a_learner_types_breaks_the_mind_map(text: str) -> None:
    """The rules of Mermaid 11's grammar; its parser was asked once about these very texts."""
    lines = mindmap(Node(text, [Node(text, [Node(text)]), Node("end")])).splitlines()
    assert lines[0] == "mindmap"
    found = [LINE.fullmatch(line) for line in lines[1:]]
    assert all(found) and len(found) == 4
    nodes = [match for match in found if match is not None]
    assert [len(node["indent"]) // 2 for node in nodes] == [1, 2, 3, 2], "one root, and no depth left out"
    assert [bool(node["root"]) for node in nodes] == [True, False, False, False]
    assert len({node["id"] for node in nodes}) == 4
    said = nodes[1]["text"]
    assert not re.search(r"[`%<>\\]|#(?!\w+;)|&", said), "nothing that Mermaid would take for its own"
