"""The board of a summary: groups with their losses, what is in none, and what is said of the line under the cursor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tutor.course.losses import Atlas
from tutor.practice.summary import Doubt, Summary, task_of
from tutor.ui.looks import Piece, fitted
from tutor.ui.widgets.line_list import Line, LineList
from tutor.words import Language, Words

GROUP = "group:"
"""Before the number of a group, in the key of its line; the other keys are names of losses."""


def key_of(group: int) -> str:
    """The key of a group's line."""
    return f"{GROUP}{group}"


def group_at(key: str | None) -> int | None:
    """The number of the group whose line has this key; None for any other line."""
    return int(key.removeprefix(GROUP)) if key is not None and key.startswith(GROUP) else None


def about(doubt: Doubt) -> str:
    """The key of the line that a doubt is about."""
    return key_of(doubt.about) if isinstance(doubt.about, int) else doubt.about


class Board(LineList):
    """One line a group and a loss. It takes no keys: the view does, and moves its cursor."""

    def __init__(self) -> None:
        super().__init__()
        self.can_focus = False
        self.keys: list[str] = []
        """The keys of its lines, from the top."""

    def tell(
        self,
        atlas: Atlas,
        summary: Summary,
        doubts: Sequence[Doubt],
        language: Language,
        picked: str | None,
        key: str | None,
    ) -> None:
        """Show the summary as it is now, with what was `picked` up, the cursor at `key`."""
        lines = list(self._lines_of(atlas, summary, doubts, language, picked))
        self.keys = [line.key for line in lines if line.key is not None]
        self.show(lines, key)

    def _lines_of(
        self,
        atlas: Atlas,
        summary: Summary,
        doubts: Sequence[Doubt],
        language: Language,
        picked: str | None,
    ) -> Iterator[Line]:
        def line(loss: str) -> Line:
            held = (f"{self.signs.run} ", "accent") if loss == picked else ("  ", "")
            said = summary.lines.get(loss, "")
            return Line(
                loss, [held, (fitted(loss, 26), ""), (said, "muted")], [self._sign(loss, doubts), (" ", "")]
            )

        for at, group in enumerate(summary.groups):
            name = group.name.strip() or Words("(no name)", "（未命名）").into(language)
            task = task_of(atlas, group)
            title = name if task is None else atlas.tasks[task].title.into(language)
            task_said: list[Piece] = [(f"  {self.signs.into} {title}", "muted")] if title != name else []
            head = [(f"{at + 1} ", "accent"), (name, "strong"), *task_said]
            yield Line(key_of(at), head, [(f"{len(group.losses)} ", "muted")])
            yield from map(line, group.losses)
        if rest := summary.unplaced(atlas):
            heading = Words("Not placed yet", "还没有归组").into(language)
            yield Line(None, [(heading, "muted")], [(f"{len(rest)} ", "muted")])
            yield from map(line, rest)

    def _sign(self, loss: str, doubts: Sequence[Doubt]) -> Piece:
        """Well done, in doubt, or not done yet."""
        kinds = {doubt.kind for doubt in doubts if doubt.about == loss}
        if not kinds:
            return self.signs.yes, "right"
        return (self.signs.no, "wrong") if kinds & {"misfiled", "alike"} else (self.signs.dash, "muted")


def said_of(key: str | None, atlas: Atlas, summary: Summary, doubts: Sequence[Doubt]) -> tuple[Words, str]:
    """What there is to say of a line, and its look: what is missing or in doubt first."""
    for doubt in doubts:
        if about(doubt) == key:
            return doubt.says, "warn"
    group = group_at(key)
    if key is None:
        return Words("", ""), ""
    if group is None:
        return Words("{loss} is placed and has its line.", "{loss} 已归组并写好说明。").filled(
            loss=key
        ), "muted"
    task = task_of(atlas, summary.groups[group])
    if task is None:
        return Words("What is this group about? t says it.", "这一组属于哪类任务？按 t 说明。"), "muted"
    said = Words("Taken to be about: {task}. t says otherwise.", "视为属于：{task}。按 t 更改。")
    return said.filled(task=atlas.tasks[task].title), "muted"


def standing(atlas: Atlas, doubts: Sequence[Doubt], yes: str) -> tuple[Words, str]:
    """How much of the whole is done and how much in doubt, and its look; `yes` is the sign for done."""
    of = len(atlas.losses)
    if not doubts:
        done = Words(
            "{yes} All {n} are placed, each has its line, nothing is in doubt.",
            "{yes} {n} 种都已归组，各有一句说明，没有存疑之处。",
        )
        return done.filled(yes=yes, n=of), "right"
    unplaced, unwritten = (sum(d.kind == kind for d in doubts) for kind in ("unplaced", "unwritten"))
    so_far = Words(
        "placed {placed}/{of}   lines {lines}/{of}   in doubt {doubt}",
        "已归组 {placed}/{of}   有说明 {lines}/{of}   存疑 {doubt}",
    ).filled(placed=of - unplaced, lines=of - unwritten, of=of, doubt=len(doubts) - unplaced - unwritten)
    return so_far, ""
