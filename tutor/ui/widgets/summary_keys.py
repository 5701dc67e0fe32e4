"""The keys of a summary's board: which matter in which place, and what each of them does."""

from __future__ import annotations

from tutor.ui.page import Keys
from tutor.words import Words


def writing(up_down: str) -> Keys:
    """While a line is written."""
    return [("enter", Words("done", "完成")), (up_down, Words("next one", "上一个、下一个"))]


def carrying(up_down: str) -> Keys:
    """While a loss is picked up."""
    return [(up_down, Words("move it", "移动")), ("space", Words("put down", "放下"))]


def free(on_group: bool) -> Keys:
    """Else, the cursor on a group or on a loss."""
    here: Keys = (
        [("enter", Words("name", "命名")), ("t", Words("task", "任务")), ("d", Words("drop", "删除"))]
        if on_group
        else [("enter", Words("write", "写说明")), ("space", Words("pick up", "拿起"))]
    )
    return [
        *here,
        ("a", Words("new group", "新建组")),
        ("1-9", Words("into group", "放入组")),
        ("m", Words("missing", "缺什么")),
        ("x", Words("export", "导出")),
    ]


EVERY: Keys = [
    (
        "enter",
        Words("write the line about the loss, or the name of the group", "写损失函数的说明，或组名"),
    ),
    ("a", Words("a new group", "新建一组")),
    (
        "1-9, 0",
        Words("the loss into the group of that number; out of all", "把损失函数放入该号的组；移出所有组"),
    ),
    (
        "space",
        Words(
            "pick the loss up: the arrows move it; put it down",
            "拿起损失函数，用方向键移动；再按放下",
        ),
    ),
    ("shift+up, shift+down", Words("move the loss a line", "把损失函数移动一行")),
    ("r", Words("rename the group", "重命名该组")),
    ("t", Words("say which task the group is about", "说明该组属于哪类任务")),
    ("d", Words("drop the group; its losses stay", "删除该组，其中的损失函数保留")),
    ("m", Words("to what is missing or in doubt next", "跳到下一处缺少或存疑的地方")),
    (
        "x",
        Words(
            "export: Markdown, Mermaid, SVG, into the folder you work in",
            "导出 Markdown、Mermaid、SVG 到当前目录",
        ),
    ),
]
"""All of them, as the help says it."""
