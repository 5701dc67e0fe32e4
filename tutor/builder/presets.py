"""Builders to start from: the ways to do the homework, what groups are for, and the usual mistakes."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from tutor.builder.groups import Builder, Group, Tensor, groups_from, homework_groups
from tutor.words import Words


class Preset(NamedTuple):
    """A builder with what it is and what to see in it."""

    name: Words
    tells: Words
    builder: Builder


_THREE = groups_from(homework_groups(), gradients=(1.0, 1.0))
_ONE = groups_from([{"lr": 0.1}])


def _last(**changes: object) -> Builder:
    """The homework with another last group."""
    last = replace(_THREE.groups[2], **changes)  # type: ignore[arg-type]
    return replace(_THREE, groups=(*_THREE.groups[:2], last), gradients=())


PRESETS: dict[str, Preset] = {
    "added": Preset(
        Words("Homework: one and two", "作业：一加二"),
        Words(
            "The constructor makes group 0 of its params and keywords; add_param_group adds two: three groups.",
            "构造函数用 params 和关键字参数建第 0 组，add_param_group 再加两组，共三组。",
        ),
        _THREE,
    ),
    "listed": Preset(
        Words("Homework: a list of three", "作业：一个列表三组"),
        Words(
            "The constructor takes a list of dicts and calls add_param_group itself, once for each: three groups.",
            "构造函数接收字典列表，内部对每个字典调用一次 add_param_group，共三组。",
        ),
        replace(_THREE, listed=3),
    ),
    "four": Preset(
        Words("Homework: one more, and three added", "作业：自带一组，再加三组"),
        Words(
            "Read word by word: three groups added to an optimizer that has one already. These are four.",
            "按字面理解：优化器自己已有一组，再添加三组，于是有四组。",
        ),
        replace(
            groups_from([{"lr": 0.1}, *homework_groups()], gradients=(1.0, 1.0)),
            tensors=(
                Tensor("w0", (1,)),
                Tensor("w1", (2, 2)),
                Tensor("w2", (3, 3)),
                Tensor("w3", (4,)),
            ),
            groups=(
                Group(("w0",), {"lr": 0.1}),
                *(Group((f"w{n}",), each) for n, each in enumerate(homework_groups(), 1)),
            ),
        ),
    ),
    "one": Preset(
        Words("One group, lr 0.1", "只有一组，lr 0.1"),
        Words("An optimizer with the one group that its constructor makes.", "优化器只有构造函数建的一组。"),
        _ONE,
    ),
    "backbone": Preset(
        Words("A backbone at a small rate", "骨干网络用小学习率"),
        Words(
            "Keywords beside a list are for every group that does not say otherwise: the biases switch the decay off.",
            "列表旁的关键字参数对所有没有另行设置的组生效；偏置一组关掉了权值衰减。",
        ),
        Builder(
            (
                Group(("w1",), {"lr": 0.001}, "backbone"),
                Group(("w2",), {}, "head"),
                Group(("b1", "b2"), {"weight_decay": 0}, "biases"),
            ),
            (Tensor("w1", (3, 3)), Tensor("w2", (2, 3)), Tensor("b1", (3,)), Tensor("b2", (2,))),
            listed=3,
            defaults={"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01},
            gradients=(1.0, 1.0),
        ),
    ),
    "empty": Preset(
        Words("Wrong: no params", "错误：params 为空"),
        Words("An optimizer is to be begun empty and filled later.", "想先建一个空的优化器，之后再加参数。"),
        replace(_THREE, groups=(Group((), {"lr": 0.01}), *_THREE.groups[1:]), gradients=()),
    ),
    "twice": Preset(
        Words("Wrong: a tensor in two groups", "错误：同一张量在两组中"),
        Words("w1 stands in group 0 and in group 2.", "w1 同时出现在第 0 组和第 2 组。"),
        _last(params=("w1",)),
    ),
    "negative": Preset(
        Words("Wrong: a negative rate", "错误：学习率为负"),
        Words("lr is -0.01 in the constructor.", "构造函数中的 lr 为 -0.01。"),
        groups_from([{"lr": -0.01, "momentum": 0.9}]),
    ),
    "negative-added": Preset(
        Words("Not noticed: a negative rate, added", "未被发现：添加的组学习率为负"),
        Words("The same mistake in a dict that is added.", "同样的错误，写在添加的字典里。"),
        replace(_last(settings={"lr": -0.03, "momentum": 0.7}), gradients=(1.0,)),
    ),
    "nesterov": Preset(
        Words("Wrong: nesterov without momentum", "错误：nesterov 却没有动量"),
        Words(
            "nesterov looks ahead along a momentum that is not there.",
            "nesterov 要沿动量向前看，但没有动量。",
        ),
        groups_from([{"lr": 0.01, "nesterov": True}]),
    ),
    "no-lr": Preset(
        Words("Not noticed: no lr", "未被发现：没有 lr"),
        Words("Nothing says how long a step is.", "没有任何地方给出学习率。"),
        groups_from([{"momentum": 0.9}], gradients=(1.0,)),
    ),
    "not-leaf": Preset(
        Words("Wrong: not a leaf", "错误：不是叶子张量"),
        Words("w3 * 2 was computed from w3.", "w3 * 2 是由 w3 计算得到的。"),
        _last(params=("w3 * 2",)),
    ),
    "used-up": Preset(
        Words("Wrong: a generator used up", "错误：已耗尽的生成器"),
        Words(
            "Something has read the generator before, say to count the parameters.",
            "生成器之前已被读过一遍，例如为了统计参数个数。",
        ),
        Builder(
            (Group(("w1", "w2"), {"lr": 0.01}, "weights", "used up"),),
            (Tensor("w1", (2, 2)), Tensor("w2", (3, 3))),
        ),
    ),
    "set": Preset(
        Words("Wrong: a set", "错误：集合"),
        Words("The tensors of group 2 stand in a set.", "第 2 组的张量放在集合里。"),
        _last(kind="set"),
    ),
}
"""By the id that a lesson names them with."""
