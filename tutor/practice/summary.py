"""The learner's own summary of the losses: groups of their own naming, a line to each loss, and what is in doubt."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from tutor.course.losses import Atlas
from tutor.words import Words

MOST_GROUPS = 30
LONGEST = 200
"""Characters of a name or a line."""


@dataclass(frozen=True, slots=True)
class Group:
    """Losses that the learner puts together. `task` is what they say the group is about, beside its name."""

    name: str = ""
    losses: tuple[str, ...] = ()
    task: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole of it. Losses in no group are not placed yet; `lines` are kept for them all the same."""

    groups: tuple[Group, ...] = ()
    lines: Mapping[str, str] = field(default_factory=dict)

    def group_of(self, loss: str) -> int | None:
        """The number of the group that a loss is in, from 0."""
        return next((at for at, group in enumerate(self.groups) if loss in group.losses), None)

    def unplaced(self, atlas: Atlas) -> list[str]:
        """The losses in no group, in the order of the atlas."""
        return [name for name in atlas.losses if self.group_of(name) is None]

    # What the learner does -----------------------------------------------------------------------------------

    def with_group(self) -> Summary:
        """A group more, at the end, without a name."""
        return replace(self, groups=(*self.groups, Group()))

    def without_group(self, at: int) -> Summary:
        """Without a group; its losses are not placed any more."""
        return replace(self, groups=self.groups[:at] + self.groups[at + 1 :])

    def with_(self, at: int, group: Group) -> Summary:
        """With another group in the place of one."""
        return replace(self, groups=(*self.groups[:at], group, *self.groups[at + 1 :]))

    def named(self, at: int, name: str) -> Summary:
        """A group is called otherwise."""
        return self.with_(at, replace(self.groups[at], name=name[:LONGEST]))

    def declared(self, at: int, task: str | None) -> Summary:
        """A group is about this task, or nothing is said of that."""
        return self.with_(at, replace(self.groups[at], task=task))

    def filed(self, loss: str, at: int | None, place: int | None = None) -> Summary:
        """A loss goes into a group, at a `place` among its losses or to the end; or out of all groups for None."""
        groups = [
            replace(each, losses=tuple(one for one in each.losses if one != loss)) for each in self.groups
        ]
        if at is not None:
            inside = list(groups[at].losses)
            inside.insert(len(inside) if place is None else place, loss)
            groups[at] = replace(groups[at], losses=tuple(inside))
        return replace(self, groups=tuple(groups))

    def moved(self, loss: str, by: Literal[-1, 1]) -> Summary:
        """A loss goes a line up or down: past a neighbour, or over the edge into the next group.

        Below the last group stands what is not placed.
        """
        at = self.group_of(loss)
        if at is None:
            return self.filed(loss, len(self.groups) - 1) if by < 0 and self.groups else self
        inside = self.groups[at].losses
        to = inside.index(loss) + by
        if 0 <= to < len(inside):
            return self.filed(loss, at, to)
        if by < 0:
            return self.filed(loss, at - 1) if at else self
        return self.filed(loss, at + 1, 0) if at + 1 < len(self.groups) else self.filed(loss, None)

    def said(self, loss: str, line: str) -> Summary:
        """The learner's line about a loss."""
        return replace(self, lines={**self.lines, loss: line[:LONGEST]})


# In the store ------------------------------------------------------------------------------------------------------


def written(summary: Summary) -> str:
    """The summary as it is kept."""
    groups = [{"name": g.name, "task": g.task, "losses": list(g.losses)} for g in summary.groups]
    lines = {loss: line for loss, line in summary.lines.items() if line}
    return json.dumps({"groups": groups, "lines": lines}, ensure_ascii=False)


def read(given: str, atlas: Atlas) -> Summary:
    """The summary that was kept; of what does not fit the atlas any more, whatever does."""
    try:
        kept = json.loads(given)
        groups, lines = kept["groups"], kept["lines"]
        summary = Summary(lines={str(loss): str(line) for loss, line in lines.items()})
        for each in groups:
            task = each.get("task")
            group = Group(str(each["name"]), task=task if task in atlas.tasks else None)
            summary = replace(summary, groups=(*summary.groups, group))
            for loss in each["losses"]:
                if loss in atlas.losses:
                    summary = summary.filed(loss, len(summary.groups) - 1)
    except (ValueError, TypeError, KeyError, AttributeError):
        return Summary()
    return summary


# What is missing or in doubt ---------------------------------------------------------------------------------------


class Doubt(NamedTuple):
    """Something that keeps the summary from being done, about a loss or else about a group by its number."""

    about: str | int
    kind: Literal["unplaced", "unwritten", "alike", "misfiled", "nameless"]
    says: Words


def outcome_of(atlas: Atlas, summary: Summary) -> str:
    """ "right" once every loss is placed, has a line, and nothing is in doubt; else "begun"."""
    return "begun" if any(doubts(atlas, summary)) else "right"


def doubts(atlas: Atlas, summary: Summary) -> Iterator[Doubt]:
    """Everything missing or in doubt: groups first, then the losses in the order of the atlas."""
    for at, group in enumerate(summary.groups):
        if not group.name.strip():
            yield Doubt(at, "nameless", Words("This group has no name.", "这一组还没有名称。"))
    written_by: dict[str, str] = {}
    for loss in atlas.losses:
        where = summary.group_of(loss)
        if where is None:
            yield Doubt(loss, "unplaced", Words(f"{loss} is in no group.", f"{loss} 还没有归组。"))
        elif (misfit := _misfit(atlas, loss, summary.groups[where])) is not None:
            yield Doubt(loss, "misfiled", misfit)
        line = " ".join(summary.lines.get(loss, "").split())
        if not line:
            yield Doubt(loss, "unwritten", Words(f"{loss} has no line.", f"{loss} 还没有一句说明。"))
        elif line in written_by:
            other = written_by[line]
            said = Words(f"{loss} has the same line as {other}.", f"{loss} 与 {other} 的说明相同。")
            yield Doubt(loss, "alike", said)
        written_by.setdefault(line, loss)


def task_of(atlas: Atlas, group: Group) -> str | None:
    """What a group is about: what was declared, else what its name says; None where that is no task, or several."""
    if group.task in atlas.tasks:
        return group.task
    name = group.name.casefold()
    told = {
        id
        for id, task in atlas.tasks.items()
        if any(_occurs(each, name) for each in (*task.title.both(), *task.names))
    }
    # A part says more than the whole.
    told -= {above for id in told for above in atlas.above(id)}
    return told.pop() if len(told) == 1 else None


def _occurs(title: str, name: str) -> bool:
    """Whether a title stands in a name: as whole words, in a language that has them."""
    title = title.casefold()
    return bool(re.search(rf"\b{re.escape(title)}\b", name)) if title.isascii() else title in name


def _misfit(atlas: Atlas, loss: str, group: Group) -> Words | None:
    """Why a loss does not belong into the group, going by what the group is about; None if it does."""
    task = task_of(atlas, group)
    if task is None or task in atlas.uses(loss):
        return None
    entry, about = atlas.losses[loss], atlas.tasks[task]
    if entry.target not in about.targets:
        said = Words(
            "{loss} under “{group}”: its target is “{target}”, but in “{task}” the target {wants}.",
            "{loss} 归入“{group}”：它的 target 是“{target}”，而“{task}”的 target {wants}。",
        )
    else:
        said = Words(
            "{loss} under “{group}”: it takes {input}, and its use is: {use}",
            "{loss} 归入“{group}”：它的输入是{input}，用途是：{use}",
        )
    return said.filled(
        loss=loss,
        group=group.name,
        target=atlas.targets[entry.target],
        task=about.title,
        wants=about.target,
        input=atlas.inputs[entry.input].title,
        use=entry.use,
    )


# To hand in --------------------------------------------------------------------------------------------------------


def as_json(atlas: Atlas, summary: Summary) -> dict[str, Any]:
    """The summary as plain data: the groups in their order, what is in none last, under no name."""
    groups = [(group.name, task_of(atlas, group), list(group.losses)) for group in summary.groups]
    if rest := summary.unplaced(atlas):
        groups.append(("", None, rest))
    return {
        "groups": [
            {
                "name": name,
                "task": task,
                "losses": [{"name": loss, "line": summary.lines.get(loss, "")} for loss in losses],
            }
            for name, task, losses in groups
        ],
        "outcome": outcome_of(atlas, summary),
    }
