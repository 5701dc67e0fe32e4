"""The keys of the page that steps: which five matter now, and all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.words import Words

if TYPE_CHECKING:
    from tutor.ui.screens.stepper import StepperPage

Keys = list[tuple[str, Words]]

_INTO, _OVER, _OUT = Words("into", "步入"), Words("over", "步过"), Words("out", "步出")
_BACK, _ON = Words("back", "后退"), Words("continue", "继续")


def footer_keys(page: StepperPage) -> Keys:
    """The keys that matter now."""
    walk, field = page.walk, page.field
    if field.asked is not None:
        return [("enter", field.asked), ("esc", Words("leave it", "取消"))]
    if page.choosing:
        return [("enter", _INTO), ("esc", Words("none of them", "都不进入"))]
    if walk.running:
        return [("x", Words("stop", "停止"))]
    if walk.at < 0:
        return [("R", Words("run it again", "重新运行")), ("esc", Words("back", "返回"))]
    if walk.paused is not None and walk.at == walk.recording.last:
        if walk.paused.why == "asks":
            return [("i", Words("type the line", "输入一行")), ("b", _BACK), ("x", Words("stop", "停止"))]
        if walk.paused.why in ("cap", "deep"):
            return [("y", Words("go on", "继续运行")), ("b", _BACK), ("x", Words("stop", "停止"))]
    return [*_OF_TAB.get(page.tab, []), ("s", _INTO), ("n", _OVER), ("o", _OUT), ("b", _BACK), ("c", _ON)]


_OF_TAB: dict[str, Keys] = {
    "state": [("enter", Words("where it was set", "何处赋值"))],
    "journal": [("enter", Words("write a line", "写一行"))],
    "calls": [("enter", Words("go there", "跳转"))],
    "filters": [("enter", Words("hide or show", "隐藏或显示")), ("a", Words("all", "全部"))],
    "stops": [
        ("a", Words("add", "添加")),
        ("enter", Words("change", "修改")),
        ("d", Words("delete", "删除")),
    ],
    "answers": [("e", Words("evaluate", "求值"))],
}

ALL_KEYS: Keys = [
    (
        "s",
        Words(
            "into whatever comes next; of several calls you choose",
            "步入接下来的任何内容；有多个调用时由你选择",
        ),
    ),
    ("n", Words("over calls, to the next line of this function", "步过调用，到本函数的下一行")),
    ("o", Words("out, to where this function was called", "步出，回到调用处")),
    ("b, S", Words("one event back", "后退一个事件")),
    (
        "N, O",
        Words("back over calls; back to the call of this function", "后退并跨过调用；退回本函数被调用处"),
    ),
    ("c, C", Words("continue to a breakpoint; back to one", "继续到断点；后退到断点")),
    ("t, T", Words("on to the line under the cursor; back to it", "运行到光标所在行；后退到该行")),
    ("up, down", Words("the cursor in the source, or in the list", "移动源码或列表中的光标")),
    ("left, right", Words("the rest of long lines of source", "查看过长源码行的其余部分")),
    ("f", Words("breakpoint at the cursor, or none there", "在光标处设置或取消断点")),
    (
        "F",
        Words(
            "all breakpoints: line, function, class, exception, attribute",
            "全部断点：行、函数、类、异常、属性",
        ),
    ),
    ("e", Words("evaluate an expression, now or in the past", "求表达式的值，现在或过去")),
    ("v", Words("filters: what is hidden", "过滤：隐藏哪些内容")),
    (
        "j",
        Words(
            "journal: what was entered; enter writes a line of your own",
            "日志：进入过的函数；enter 写一行自己的话",
        ),
    ),
    ("k", Words("tree of calls; enter jumps to one", "调用树；enter 跳转")),
    (", .", Words("along the whole recording", "沿整个记录前后移动")),
    ("home, end", Words("to the first event, to the last", "到第一个或最后一个事件")),
    (
        "enter, space",
        Words("in State: to where it was set; open or close it", "在状态页：跳到赋值处；展开或收起"),
    ),
    ("tab, 1-8", Words("the tabs", "切换标签页")),
    ("i", Words("type the line that input() asks for", "输入 input() 等待的一行")),
    ("y", Words("go on after the cap on events, or deep in recursion", "达到事件上限或递归过深后继续")),
    ("x", Words("stop the run; what was recorded stays", "停止运行，已记录的内容保留")),
    ("R", Words("run it again", "重新运行")),
    ("w", Words("save the recording to a file", "把记录保存为文件")),
]
