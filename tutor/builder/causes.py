"""Why torch refuses what the learner built, and what it takes without a word although nobody wants it."""

from __future__ import annotations

from collections.abc import Iterator

from tutor.builder.answer import Answer
from tutor.builder.groups import Builder, named
from tutor.words import Words

CAUSES = (
    (
        "empty parameter list",
        Words(
            "params had no tensor in it: an empty list, or a generator that was read to its end before. An"
            " optimizer cannot be begun empty; give the first group to the constructor.",
            "params 中没有张量：要么是空列表，要么是已经读完的生成器。优化器不能先空着建；把第一组交给构造函数。",
        ),
    ),
    (
        "more than one parameter group",
        Words(
            "A tensor may be in one group only, else two rates would update it in every step. Take it out of one.",
            "一个张量只能属于一组，否则每一步会按两个学习率各更新一次。请从其中一组去掉它。",
        ),
    ),
    (
        "Invalid learning rate",
        Words(
            "A negative rate would climb instead of descend, so the constructor refuses it. To climb, set maximize.",
            "负的学习率会使参数沿梯度上升，构造函数因此拒绝。确实要上升，请用 maximize。",
        ),
    ),
    (
        "Invalid momentum value",
        Words(
            "Momentum is a share of the last step that is kept, so it is not negative.",
            "动量是保留上一步的比例，不能为负。",
        ),
    ),
    (
        "Invalid weight_decay value",
        Words("A negative decay would make the weights grow.", "负的权值衰减会使权值不断增大。"),
    ),
    (
        "Nesterov momentum requires",
        Words(
            "nesterov looks ahead along the buffer: it needs momentum above 0, and dampening 0.",
            "nesterov 要沿动量缓存向前看：需要 momentum 大于 0，且 dampening 为 0。",
        ),
    ),
    (
        "non-leaf",
        Words(
            "The tensor was computed from another one. It is made anew in every forward pass, so to update it changes"
            " nothing; give the tensor that it comes from.",
            "这个张量是由别的张量计算出来的，每次前向都会重新计算，更新它没有意义；应传入它所依据的那个张量。",
        ),
    ),
    (
        "ordered collections",
        Words(
            "A set has no order, but state_dict numbers the tensors by their order. Write a list.",
            "集合没有顺序，而 state_dict 按顺序给张量编号。请写成列表。",
        ),
    ),
    (
        "should be an iterable of Tensors or dicts",
        Words(
            "One tensor is not a list of tensors: put it into brackets.",
            "单个张量不是张量列表：请加上方括号。",
        ),
    ),
    (
        "can only optimize Tensors",
        Words(
            "Something in params is no tensor: a list within the list, or a dict that is not in a list.",
            "params 里有的不是张量：例如列表里又套了列表，或者字典没有放进列表。",
        ),
    ),
    (
        "unexpected keyword argument",
        Words(
            "SGD has no argument of this name; look at how it is spelt.",
            "SGD 没有这个名字的参数，请检查拼写。",
        ),
    ),
    (
        "not supported between instances",
        Words("A setting is text where a number belongs.", "某个设置应为数，却写成了字符串。"),
    ),
    (
        "is not defined",
        Words("A name is used that nothing was given before.", "用到了一个之前没有赋值的名字。"),
    ),
)
"""A part of torch's message, and what led to it."""


def cause(answer: Answer) -> Words | None:
    """Why the script was refused; None where that is not known, or where it was not."""
    if answer.failed is None:
        return None
    return next((why for part, why in CAUSES if part in answer.failed.message), None)


def remarks(builder: Builder | None, answer: Answer) -> Iterator[Words]:
    """What torch took without a word."""
    if answer.failed is not None or not answer.groups:
        return
    for index, group in enumerate(answer.groups):
        if not group.get("params", True):
            yield Words(
                "Group {n} has no tensor: inside a dict that is not noticed, only an empty list for the constructor.",
                "第 {n} 组没有张量：写在字典里不会被发现，只有交给构造函数的空列表才会报错。",
            ).filled(n=index)
        lr = group.get("lr")
        if isinstance(lr, int | float) and lr < 0:
            yield Words(
                "Group {n} has a negative lr and climbs: add_param_group does not look, only the constructor does.",
                "第 {n} 组的 lr 为负，参数会上升：只有构造函数检查 lr，add_param_group 不检查。",
            ).filled(n=index)
        if group.get("nesterov") is True and group.get("momentum") == 0:
            yield Words(
                "Group {n} has nesterov and no momentum: added so, it is not refused, and nesterov does nothing.",
                "第 {n} 组设了 nesterov 却没有动量：添加时不会被拒绝，但 nesterov 不起作用。",
            ).filled(n=index)
    if builder is None:
        return
    if any("lr" not in group.settings for group in builder.groups) and "lr" not in builder.keywords:
        yield Words(
            "lr is nowhere set. torch 1.13 refused that; today it is 0.001, without a word.",
            "没有设置 lr。torch 1.13 会拒绝；如今不作提示，取 0.001。",
        )
    held = {named(param) for group in builder.groups for param in group.params}
    if left := [tensor.name for tensor in builder.tensors if tensor.name not in held]:
        yield Words(
            "In no group, and never updated: {names}.", "不在任何一组中，永远不会更新：{names}。"
        ).filled(names=Words(", ".join(left), "、".join(left)))
    if builder.listed == 0 and len(builder.groups) > 1:
        keywords = [key for key in builder.keywords if any(key not in g.settings for g in builder.groups[1:])]
        if keywords:
            yield Words(
                "Group 0's {keys} became the optimizer's defaults: added groups inherit them.",
                "第 0 组的 {keys} 成了优化器的默认值，后添加的组不设则继承。",
            ).filled(keys=Words(", ".join(keywords), "、".join(keywords)))
