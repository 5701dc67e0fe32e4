"""Parameter groups as the learner puts them together: plain values, from which the Python is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, get_args

KEYS = ("lr", "momentum", "dampening", "weight_decay", "nesterov", "maximize")
"""The settings of a group that the form has, in the order of `torch.optim.SGD`'s arguments."""
SWITCHES = frozenset({"nesterov", "maximize"})
"""Those that are True or False; the others are numbers."""

Settings = Mapping[str, float | bool]
"""What was set, by key; what is not in it is inherited."""
Made = Literal["ones", "zeros", "randn", "rand"]
"""The function of torch that makes a tensor."""
MADE: tuple[Made, ...] = get_args(Made)
Kind = Literal["list", "set", "generator", "used up"]
"""How a group's tensors are handed over; "used up" is a generator that was read once before."""
KINDS: tuple[Kind, ...] = get_args(Kind)
Origin = Literal["set", "constructor", "torch"]
"""Where the value of a key comes from: its group, the constructor's keywords, the defaults of `torch.optim.SGD`."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor to be optimized; every dimension of its `shape` is at least 1."""

    name: str
    shape: tuple[int, ...]
    made: Made = "ones"


@dataclass(frozen=True, slots=True)
class Group:
    """One parameter group. `params` are names of tensors, or "w1 * 2" for a tensor that is not a leaf."""

    params: tuple[str, ...]
    settings: Settings = field(default_factory=dict)
    name: str = ""
    """The variable that holds the tensors; "" where they stand in place."""
    kind: Kind = "list"


@dataclass(frozen=True, slots=True)
class Builder:
    """An optimizer to be built.

    The first `listed` groups are dicts in the constructor's list, with `defaults` as its keywords; the others
    are added. With 0 listed, the tensors of group 0 are given to the constructor, and its settings as keywords.
    """

    groups: tuple[Group, ...]
    tensors: tuple[Tensor, ...] = ()
    listed: int = 0
    defaults: Settings = field(default_factory=dict)
    gradients: tuple[float, ...] = ()
    """The gradient of every element of every tensor, for each call of `step()`."""

    @property
    def keywords(self) -> Settings:
        """The settings that the constructor gets as keywords; torch makes them the optimizer's defaults."""
        return self.defaults if self.listed else self.groups[0].settings

    def origin(self, index: int, key: str) -> Origin:
        """Where torch takes the value of `key` in group `index` from."""
        if key == "params" or (index < len(self.groups) and key in self.groups[index].settings):
            return "set"
        return "constructor" if key in self.keywords else "torch"

    def tensor(self, name: str) -> Tensor | None:
        """The tensor of this name."""
        return next((tensor for tensor in self.tensors if tensor.name == name), None)


def named(param: str) -> str:
    """The tensor that an entry of `params` is made from: w1, for "w1 * 2" too."""
    return param.partition("*")[0].strip()


# Changes: each gives another builder ---------------------------------------------------------------------------


def changed(builder: Builder, index: int, group: Group) -> Builder:
    """`builder` with another group at `index`; tensors it names for the first time are made, 2 x 2."""
    groups = (*builder.groups[:index], group, *builder.groups[index + 1 :])
    return with_tensors(replace(builder, groups=groups))


def with_tensors(builder: Builder) -> Builder:
    """`builder` with every tensor that its groups name."""
    tensors = list(builder.tensors)
    for group in builder.groups:
        for param in group.params:
            if named(param) not in [tensor.name for tensor in tensors]:
                tensors.append(Tensor(named(param), (2, 2)))
    return replace(builder, tensors=tuple(tensors))


def with_setting(settings: Settings, key: str, value: float | bool | None) -> Settings:
    """`settings` with `key` set to `value`, or not set at all for None; in the order of `KEYS`."""
    merged = {**settings, key: value}
    return {each: merged[each] for each in KEYS if merged.get(each) is not None}  # type: ignore[misc]


def with_group(builder: Builder, after: int) -> Builder:
    """One more group behind `after`, with a new tensor."""
    taken = {tensor.name for tensor in builder.tensors}
    name = next(f"w{n}" for n in range(1, len(taken) + 2) if f"w{n}" not in taken)
    groups = (*builder.groups[: after + 1], Group((name,)), *builder.groups[after + 1 :])
    listed = builder.listed + 1 if after < builder.listed else builder.listed
    return with_tensors(replace(builder, groups=groups, listed=listed))


def without_group(builder: Builder, index: int) -> Builder:
    """`builder` without a group and the tensors that only this group had; the last group stays."""
    if len(builder.groups) == 1:
        return builder
    groups = (*builder.groups[:index], *builder.groups[index + 1 :])
    used = {named(param) for group in groups for param in group.params}
    gone = {named(param) for param in builder.groups[index].params} - used
    tensors = tuple(tensor for tensor in builder.tensors if tensor.name not in gone)
    listed = max(builder.listed - (index < builder.listed), min(builder.listed, 1))
    return replace(builder, groups=groups, tensors=tensors, listed=listed)


def moved(builder: Builder, index: int, by: int) -> Builder:
    """`builder` with the group at `index` in the place of its neighbour, which takes its place."""
    other = index + by
    if not 0 <= other < len(builder.groups):
        return builder
    groups = list(builder.groups)
    groups[index], groups[other] = groups[other], groups[index]
    return replace(builder, groups=tuple(groups))


def as_listed(builder: Builder) -> Builder:
    """The same groups, with the same settings in torch, as one list of dicts."""
    count = len(builder.groups)
    if builder.listed:
        return replace(builder, listed=count)
    first = replace(builder.groups[0], settings={})
    keywords = builder.groups[0].settings
    return replace(builder, groups=(first, *builder.groups[1:]), listed=count, defaults=keywords)


def as_added(builder: Builder) -> Builder:
    """The same groups, with the same settings in torch, the first by the constructor, the others added to it."""
    if not builder.listed:
        return builder
    first, *others = builder.groups
    keywords = {**builder.defaults, **first.settings}
    # What a group inherited from the constructor it would now inherit from group 0: set it where the two differ.
    groups = [
        replace(group, settings=ordered({**_differing(builder.defaults, keywords), **group.settings}))
        for group in others
    ]
    return replace(
        builder, groups=(replace(first, settings=ordered(keywords)), *groups), listed=0, defaults={}
    )


TORCHS: Settings = MappingProxyType(
    {"lr": 0.001, "momentum": 0, "dampening": 0, "weight_decay": 0, "nesterov": False, "maximize": False}
)
"""The defaults of `torch.optim.SGD`; a test holds them against the installed torch."""


def _differing(defaults: Settings, keywords: Settings) -> Settings:
    before, after = {**TORCHS, **defaults}, {**TORCHS, **keywords}
    return {key: before[key] for key in KEYS if before[key] != after[key]}


def ordered(settings: Settings) -> Settings:
    """`settings` in the order of `KEYS`."""
    return {key: settings[key] for key in KEYS if key in settings}


def homework_groups() -> tuple[Settings, ...]:
    """What homework 4 asks for: the learning rate and the momentum of three groups."""
    return tuple({"lr": lr, "momentum": momentum} for lr, momentum in ((0.01, 0.9), (0.02, 0.8), (0.03, 0.7)))


def groups_from(settings: Sequence[Settings], gradients: Sequence[float] = ()) -> Builder:
    """A group with a tensor of its own for each of `settings`, the first by the constructor, the others added."""
    shapes = ((2, 2), (3, 3), (4,))
    return Builder(
        tuple(Group((f"w{n}",), ordered(each)) for n, each in enumerate(settings, 1)),
        tuple(Tensor(f"w{n + 1}", shapes[n % 3]) for n in range(len(settings))),
        gradients=tuple(gradients),
    )
