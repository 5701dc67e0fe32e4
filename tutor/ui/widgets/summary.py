"""The view of a summary: the losses on a board, moved into groups of the learner's own, a line written to each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal, cast

from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from tutor.course.losses import Atlas
from tutor.course.model import Summary as SummaryStep
from tutor.practice.summary import (
    LONGEST,
    MOST_GROUPS,
    Doubt,
    Summary,
    doubts,
    outcome_of,
    read,
    task_of,
    written,
)
from tutor.ui.looks import Piece, fitted
from tutor.ui.page import Keys
from tutor.ui.widgets.field import AnswerField
from tutor.ui.widgets.line_list import Line, LineList
from tutor.ui.widgets.prose import Prose
from tutor.ui.widgets.step import StepView
from tutor.words import Words

GROUP = "group:"
"""Before the number of a group, in the key of its line; the other keys are names of losses."""


class Board(LineList):
    """Groups, the losses in them, and those in none. It takes no keys: the view does, and moves its cursor."""

    def __init__(self) -> None:
        super().__init__()
        self.can_focus = False


class LineField(AnswerField):
    """The name of a group, or the line about a loss. What is typed is kept with every key; enter only leaves."""

    heard: events.Key | None = None
    """The last key that came here first; the view around the field may hear it afterwards."""

    def _on_key(self, event: events.Key) -> None:  # type: ignore[override]
        self.heard = event  # and then Textual asks AnswerField

    async def action_submit(self) -> None:
        """Done with this one."""
        self.query_ancestor(SummaryView).close_field()

    def action_close(self) -> None:
        """Done with this one."""
        self.query_ancestor(SummaryView).close_field()


class SummaryView(StepView):
    """What the learner did is with the screen, and in the store, before the next key."""

    DEFAULT_CSS = """
    SummaryView { height: 100%; min-height: 12; layout: vertical; }
    SummaryView Prose { height: auto; }
    SummaryView #status { height: 3; }
    SummaryView Horizontal { height: 1; }
    SummaryView Static { width: auto; max-width: 40; height: 1; color: $accent; }
    SummaryView Input.-textual-compact, SummaryView Input.-textual-compact:focus {
        margin: 0; width: 1fr; background: $background; background-tint: $foreground 0%;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("home", "edge('first')", show=False),
        Binding("end", "edge('last')", show=False),
        Binding("shift+up", "drag(-1)", show=False),
        Binding("shift+down", "drag(1)", show=False),
        Binding("space", "pick", show=False),
        Binding("enter", "write", show=False),
        Binding("escape", "put_down", show=False),
        Binding("a", "new_group", show=False),
        Binding("r", "rename", show=False),
        Binding("t", "declare", show=False),
        Binding("d", "drop_group", show=False),
        Binding("m", "next_doubt", show=False),
        Binding("x", "export", show=False),
        *(Binding(str(digit), f"file({digit})", show=False) for digit in range(10)),
    ]

    class Changed(Message):
        """The summary is `given` now; the screen keeps it."""

        def __init__(self, view: SummaryView, given: str, outcome: str) -> None:
            super().__init__()
            self.view = view
            self.given = given
            self.outcome = outcome

    class Exported(Message):
        """The learner wants the summary as files."""

        def __init__(self, atlas: Atlas, summary: Summary) -> None:
            super().__init__()
            self.atlas = atlas
            self.summary = summary

    atlas: Atlas | None = None
    """None until the view is there, or where the course has none."""
    _picked: str | None = None
    """The loss that the arrows move."""
    _editing: str | None = None
    """The key of the line whose text is in the open field."""

    @property
    def summary(self) -> Summary:
        """What the learner has made so far."""
        return cast(Summary, self.memory["summary"])

    # On screen -------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        self._body, self._status = Prose(most=3), Prose(id="status", most=3)
        self.board, self.field, self._label = Board(), LineField(""), Static()
        self.field.max_length = LONGEST
        yield self._body
        yield self.board
        with Horizontal():
            yield self._label
            yield self.field
        yield self._status

    def on_mount(self) -> None:
        self.atlas = self.tutor.atlas()
        if self.atlas is not None and "summary" not in self.memory:
            kept = {(each.lesson, each.step): each.given for each in self.tutor.store.summaries()}
            given = kept.get((self.lesson.id, self.step.id))
            self.memory["summary"] = Summary() if given is None else read(given, self.atlas)
        self.retell()

    def retell(self) -> None:
        self._body.show([(self.say(cast(SummaryStep, self.step).body), "")])
        self.repaint()

    def repaint(self, key: str | None = None) -> None:
        """Show the board anew, the cursor at `key`, else where it is."""
        if self.atlas is None:
            self.board.show(
                [Line(None, [(self.say(Words("This course has no atlas.", "本课程没有损失函数总览。")), "")])]
            )
            return
        self._doubts = list(doubts(self.atlas, self.summary))
        self.board.show(list(self._lines(self.atlas)), key or self.board.key)
        self._tell()

    def _lines(self, atlas: Atlas) -> Iterator[Line]:
        for at, group in enumerate(self.summary.groups):
            name = group.name.strip() or self.say(Words("(no name)", "（未命名）"))
            task = task_of(atlas, group)
            title = self.say(atlas.tasks[task].title) if task is not None else name
            about: list[Piece] = [(f"  {self.tutor.signs.into} {title}", "muted")] if title != name else []
            yield Line(
                f"{GROUP}{at}",
                [(f"{at + 1} ", "accent"), (name, "strong"), *about],
                [(f"{len(group.losses)} ", "muted")],
            )
            for loss in group.losses:
                yield self._line(loss)
        rest = self.summary.unplaced(atlas)
        if rest:
            yield Line(
                None,
                [(self.say(Words("Not placed yet", "还没有归组")), "muted")],
                [(f"{len(rest)} ", "muted")],
            )
            for loss in rest:
                yield self._line(loss)

    def _line(self, loss: str) -> Line:
        signs = self.tutor.signs
        kinds = {doubt.kind for doubt in self._doubts if doubt.about == loss}
        sign: Piece = (signs.yes, "right") if not kinds else (signs.dash, "muted")
        if kinds & {"misfiled", "alike"}:
            sign = (signs.no, "wrong")
        held = (f"{signs.run} ", "accent") if loss == self._picked else ("  ", "")
        said = self.summary.lines.get(loss, "")
        return Line(loss, [held, (fitted(loss, 26), ""), (said, "muted")], [sign, (" ", "")])

    def _tell(self) -> None:
        """What there is to say of the line under the cursor, and of the whole."""
        assert self.atlas is not None
        key = self.board.key
        if not self.field.has_focus:
            self._fill(key)
        here = [doubt for doubt in self._doubts if _key(doubt) == key]
        first = [(self.say(here[0].says), "warn")] if here else [(self.say(self._about(key)), "muted")]
        self._status.show([*first, (self.say(self._standing()), "right" if not self._doubts else "")])

    def _about(self, key: str | None) -> Words:
        if key is None:
            return Words("", "")
        if not key.startswith(GROUP):
            return Words("{loss} is placed and has its line.", "{loss} 已归组并写好说明。").filled(loss=key)
        group = self.summary.groups[int(key.removeprefix(GROUP))]
        task = task_of(cast(Atlas, self.atlas), group)
        if task is None:
            return Words("What is this group about? t says it.", "这一组属于哪类任务？按 t 说明。")
        said = Words("Taken to be about: {task}. t says otherwise.", "视为属于：{task}。按 t 更改。")
        return said.filled(task=cast(Atlas, self.atlas).tasks[task].title)

    def _standing(self) -> Words:
        """How much is done, and how much is in doubt."""
        atlas = cast(Atlas, self.atlas)
        if not self._doubts:
            return Words(
                "{yes} All {n} are placed, each has its line, nothing is in doubt.",
                "{yes} {n} 种都已归组，各有一句说明，没有存疑之处。",
            ).filled(yes=self.tutor.signs.yes, n=len(atlas.losses))
        of = len(atlas.losses)
        count = {kind: sum(d.kind == kind for d in self._doubts) for kind in ("unplaced", "unwritten")}
        return Words(
            "placed {placed}/{of}   lines {lines}/{of}   in doubt {doubt}",
            "已归组 {placed}/{of}   有说明 {lines}/{of}   存疑 {doubt}",
        ).filled(
            placed=of - count["unplaced"],
            lines=of - count["unwritten"],
            of=of,
            doubt=len(self._doubts) - sum(count.values()),
        )

    def _fill(self, key: str | None) -> None:
        """Show in the closed field what it would edit."""
        with self.field.prevent(Input.Changed):
            self.field.value = self._text(key)
        self.field.placeholder = self.say(Words("enter writes here", "按 enter 填写")) if key else ""
        group = key is not None and key.startswith(GROUP)
        label = Words("name of the group: ", "组名：") if group else Words("in my words: ", "我的说明：")
        self._label.update(self.say(label) if key else "")

    def _text(self, key: str | None) -> str:
        if key is None or self.atlas is None:
            return ""
        if key.startswith(GROUP):
            return self.summary.groups[int(key.removeprefix(GROUP))].name
        return self.summary.lines.get(key, "")

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        event.stop()
        if self.atlas is not None:
            self._tell()

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        event.stop()  # a click has moved the cursor already
        self._tell()

    # Keys ------------------------------------------------------------------------------------------------------

    @property
    def typing(self) -> bool:
        return self.field.has_focus

    def keys(self) -> Keys:
        up_down = f"{self.tutor.signs.up}{self.tutor.signs.down}"
        if self.field.has_focus:
            return [("enter", Words("done", "完成")), (up_down, Words("next one", "上一个、下一个"))]
        if self._picked is not None:
            return [(up_down, Words("move it", "移动")), ("space", Words("put down", "放下"))]
        key = self.board.key or ""
        here: Keys = (
            [("enter", Words("name", "命名")), ("t", Words("task", "任务")), ("d", Words("drop", "删除"))]
            if key.startswith(GROUP)
            else [("enter", Words("write", "写说明")), ("space", Words("pick up", "拿起"))]
        )
        return [
            *here,
            ("a", Words("new group", "新建组")),
            ("1-9", Words("into group", "放入组")),
            ("m", Words("missing", "缺什么")),
            ("x", Words("export", "导出")),
        ]

    async def _on_key(self, event: events.Key) -> None:
        """Keys act here and now, so that what is typed ahead over a slow line keeps its order."""
        if self.field.has_focus:
            if self.field.heard is not event:  # it was pressed before the field was open
                self._take(event)
                self.app.post_message(events.Key(event.key, event.character))
            elif event.key in ("up", "down"):
                self._take(event)
                self._edit_next(-1 if event.key == "up" else 1)
        elif self.atlas is not None:
            for binding in self._bindings.key_to_bindings.get(event.key, ()):
                if await self.app.run_action(binding.action, self):
                    self._take(event)
                    break

    def _take(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()

    # What the learner does -------------------------------------------------------------------------------------

    def change(self, summary: Summary, key: str | None = None) -> None:
        """The summary is this from now on; the cursor goes to `key`."""
        if summary != self.summary:
            self.memory["summary"] = summary
            self.post_message(
                self.Changed(self, written(summary), outcome_of(cast(Atlas, self.atlas), summary))
            )
        self.repaint(key)
        self.post_message(self.KeysChanged())

    @property
    def _loss(self) -> str | None:
        """The loss under the cursor."""
        key = self.board.key
        return None if key is None or key.startswith(GROUP) else key

    @property
    def _group(self) -> int | None:
        """The group under the cursor, or that of the loss there."""
        key = self.board.key
        if key is not None and key.startswith(GROUP):
            return int(key.removeprefix(GROUP))
        return self.summary.group_of(key) if key is not None else None

    def action_move(self, by: Literal[-1, 1]) -> None:
        """To another line; what is picked up moves along."""
        if self._picked is not None:
            self._drag(self._picked, by)
        else:
            self.board.action_move(by)
            self.post_message(self.KeysChanged())

    def action_edge(self, which: Literal["first", "last"]) -> None:
        """To the first line, or to the last."""
        (self.board.action_first if which == "first" else self.board.action_last)()
        self.post_message(self.KeysChanged())

    def action_drag(self, by: Literal[-1, 1]) -> None:
        """The loss under the cursor a line up or down."""
        if self._loss is not None:
            self._drag(self._loss, by)

    def _drag(self, loss: str, by: Literal[-1, 1]) -> None:
        if not self.summary.groups:
            self.tutor.notify_passing(Words("There is no group yet; a makes one.", "还没有组，按 a 新建。"))
            return
        self.change(self.summary.moved(loss, by), loss)

    def action_pick(self) -> None:
        """Pick the loss up, or put it down."""
        self._picked = None if self._picked is not None else self._loss
        self.repaint()
        self.post_message(self.KeysChanged())

    def action_put_down(self) -> None:
        """Put down what is picked up; else it is the page's escape."""
        if self._picked is None:
            raise SkipAction
        self.action_pick()

    def action_file(self, number: int) -> None:
        """The loss under the cursor into the group of this number; 0 takes it out. The cursor goes on to the next."""
        loss = self._loss
        if loss is None:
            return
        if number > len(self.summary.groups):
            none = Words("There is no group {n}; a makes one.", "没有第 {n} 组，按 a 新建。")
            self.tutor.notify_passing(none.filled(n=number))
            return
        keys = [line for line in self._keys() if not line.startswith(GROUP)]
        at = keys.index(loss)
        following = keys[at + 1] if at + 1 < len(keys) else loss
        self._picked = None
        self.change(self.summary.filed(loss, number - 1 if number else None), following)

    def _keys(self) -> list[str]:
        """The keys of the board's lines, from the top."""
        return [line.key for line in self._lines(cast(Atlas, self.atlas)) if line.key is not None]

    def action_new_group(self) -> None:
        """A group more, and its name is asked for."""
        if len(self.summary.groups) >= MOST_GROUPS:
            self.tutor.notify_passing(Words("That is enough groups.", "组已经够多了。"))
            return
        self._picked = None
        summary = self.summary.with_group()
        self.change(summary, f"{GROUP}{len(summary.groups) - 1}")
        self.action_write()

    def action_rename(self) -> None:
        """Another name for the group under the cursor."""
        if self._group is not None:
            self.repaint(f"{GROUP}{self._group}")
            self.action_write()

    def action_declare(self) -> None:
        """The group is about the next task; after the last one, about what its name says."""
        if self._group is None:
            return
        tasks = [None, *cast(Atlas, self.atlas).tasks]
        group = self.summary.groups[self._group]
        following = tasks[(tasks.index(group.task) + 1) % len(tasks)]
        self.change(self.summary.declared(self._group, following))

    def action_drop_group(self) -> None:
        """The group is gone; its losses are not placed any more."""
        key = self.board.key
        if key is not None and key.startswith(GROUP):
            self.change(self.summary.without_group(int(key.removeprefix(GROUP))))

    def action_next_doubt(self) -> None:
        """To the next line with something missing or in doubt."""
        keys = self._keys()
        at = keys.index(self.board.key) if self.board.key in keys else -1
        wanted = {_key(doubt) for doubt in self._doubts}
        following = next((key for key in keys[at + 1 :] + keys[: at + 1] if key in wanted), None)
        if following is not None:
            self.repaint(following)
            self.post_message(self.KeysChanged())

    def action_export(self) -> None:
        """Have it written to files."""
        self.post_message(self.Exported(cast(Atlas, self.atlas), self.summary))

    # The field -------------------------------------------------------------------------------------------------

    def action_write(self) -> None:
        """Open the field for the line under the cursor."""
        if self.board.key is None:
            return
        self._picked = None
        self._editing = self.board.key
        self._fill(self._editing)
        self.field.cursor_position = len(self.field.value)
        self.screen.set_focus(self.field)
        self.post_message(self.KeysChanged())

    def _edit_next(self, by: int) -> None:
        self.board.action_move(by)
        self.action_write()
        self._tell()

    def close_field(self) -> None:
        """What is typed next is a key again."""
        self._editing = None
        self.screen.set_focus(self)
        self._tell()
        self.post_message(self.KeysChanged())

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        key = self._editing
        if key is None or self.atlas is None:
            return
        if key.startswith(GROUP):
            self.change(self.summary.named(int(key.removeprefix(GROUP)), event.value), key)
        else:
            self.change(self.summary.said(key, event.value), key)


def _key(doubt: Doubt) -> str:
    """The key of the line that a doubt is about."""
    return f"{GROUP}{doubt.about}" if isinstance(doubt.about, int) else doubt.about
