"""The learner's summary of the losses, to be handed in: a table and a mind map, and what is still in doubt."""

from __future__ import annotations

from collections.abc import Iterator

from tutor.course.losses import Atlas
from tutor.mermaid import Node, mindmap
from tutor.practice.summary import Summary, doubts
from tutor.report.markup import code, escaped, fenced, table
from tutor.words import Language, Words

TITLE = Words("My summary of the loss functions", "我的损失函数总结")


def markdown(atlas: Atlas, summary: Summary, language: Language) -> Iterator[str]:
    """The blocks: a table, the mind map, what is missing or in doubt. What the learner typed stands in code only."""
    heads = [Words("group", "分组"), Words("loss", "损失函数"), Words("in my words", "我的说明")]
    rows = [
        [_cell(group), f"`{loss}`", _cell(summary.lines.get(loss, ""))]
        for group, losses in _groups(atlas, summary, language)
        for loss in losses
    ]
    yield table([each.into(language) for each in heads], rows, numbers=False)
    yield fenced(mermaid(atlas, summary, language), "mermaid")
    found = list(doubts(atlas, summary))
    if found:
        said = Words("Missing or in doubt:", "缺少或存疑：").into(language)
        yield "\n".join([said, "", *(f"- {escaped(each.says.into(language))}" for each in found)])
    else:
        yield Words("Nothing is missing or in doubt.", "没有缺少或存疑之处。").into(language)


def mermaid(atlas: Atlas, summary: Summary, language: Language) -> str:
    """The mind map: groups, the losses in them, and to each its line."""
    branches = [
        Node(
            group,
            [Node(f"{loss}: {line}" if (line := summary.lines.get(loss, "")) else loss) for loss in losses],
        )
        for group, losses in _groups(atlas, summary, language)
    ]
    return mindmap(Node(TITLE.into(language), branches))


def _groups(atlas: Atlas, summary: Summary, language: Language) -> Iterator[tuple[str, list[str]]]:
    """The groups that hold anything, and what is in none."""
    nameless = Words("without a name", "未命名").into(language)
    for group in summary.groups:
        if group.losses:
            yield group.name.strip() or nameless, list(group.losses)
    if rest := summary.unplaced(atlas):
        yield Words("not placed yet", "还没有归组").into(language), rest


def _cell(text: str) -> str:
    """Code in a cell of a table, where a bar would end the cell."""
    return code(text).replace("|", "\\|") if text.strip() else ""
