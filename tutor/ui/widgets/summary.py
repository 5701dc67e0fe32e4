"""The view of a summary: the losses on a board, moved into groups of the learner's own, a line written to each."""

from __future__ import annotations

from typing import ClassVar, Literal, cast

from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from tutor.course.losses import Atlas
from tutor.course.model import Summary as SummaryStep
from tutor.practice.summary import (
    LONGEST,
    MOST_GROUPS,
    Summary,
    doubts,
    outcome_of,
    read,
    written,
)
from tutor.ui.page import Keys
from tutor.ui.widgets import summary_keys
from tutor.ui.widgets.board import Board, about, group_at, key_of, said_of, standing
from tutor.ui.widgets.draft import Draft, DraftLine
from tutor.ui.widgets.line_list import Line, LineList
from tutor.ui.widgets.prose import Prose
from tutor.ui.widgets.step import StepView
from tutor.words import Words


class SummaryView(StepView):
    """What the learner does is in the store before it is on the screen: with a kill after any key nothing is lost."""

    DEFAULT_CSS = """
    SummaryView { height: 100%; min-height: 12; layout: vertical; }
    SummaryView Prose { height: auto; }
    SummaryView #status { height: 3; }
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

    class Exported(Message):
        """The learner wants the summary as files."""

        def __init__(self, atlas: Atlas, summary: Summary) -> None:
            super().__init__()
            self.atlas = atlas
            self.summary = summary

    atlas: Atlas | None = None
    """None until the view is there, or where the course has none."""
    summary = Summary()
    """What the learner has made so far."""
    _picked: str | None = None
    """The loss that the arrows move."""
    _asked_to_drop = False
    """Whether the key before this one asked to drop a group that is not empty."""
    _draft: Draft | None = None
    """What is being written."""
    _writing = ""
    """The key of the line that it is written into."""

    # On screen -------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        self._body, self._status = Prose(most=3), Prose(id="status", most=3)
        self.board, self._line_shown = Board(), DraftLine()
        yield self._body
        yield self.board
        yield self._line_shown
        yield self._status

    def on_mount(self) -> None:
        self.atlas = self.tutor.atlas()
        if self.atlas is not None:
            kept = {(each.lesson, each.step): each.given for each in self.tutor.store.summaries()}
            given = kept.get((self.lesson.id, self.step.id))
            self.summary = Summary() if given is None else read(given, self.atlas)
        self.retell()

    def retell(self) -> None:
        self._body.show([(self.say(cast(SummaryStep, self.step).body), "")])
        self.repaint()

    def repaint(self, key: str | None = None) -> None:
        """Show the board anew, the cursor at `key`, else where it is."""
        if self.atlas is None:
            none = self.say(Words("This course has no atlas.", "本课程没有损失函数总览。"))
            self.board.show([Line(None, [(none, "")])])
            return
        self._doubts = list(doubts(self.atlas, self.summary))
        self.board.tell(
            *(self.atlas, self.summary, self._doubts, self.tutor.language, self._picked),
            key=key or self.board.key,
        )
        self._tell()

    def _tell(self) -> None:
        """What there is to say of the line under the cursor, and of the whole."""
        assert self.atlas is not None
        key = self.board.key
        self._show_line(key)
        said = (
            said_of(key, self.atlas, self.summary, self._doubts),
            standing(self.atlas, self._doubts, self.tutor.signs.yes),
        )
        self._status.show([(self.say(words), look) for words, look in said])

    def _show_line(self, key: str | None) -> None:
        """The line under the cursor, or what is being written there."""
        group = group_at(key)
        label = (
            Words("name of the group: ", "组名：")
            if group is not None
            else Words("in my words: ", "我的说明：")
        )
        hint = Words("enter writes here", "按 enter 填写")
        draft = self._draft
        self._line_shown.show(
            self.say(label) if key is not None else "",
            self._text(key) if draft is None else draft.text,
            self.say(hint) if key is not None else "",
            None if draft is None else draft.at,
        )

    def _text(self, key: str | None) -> str:
        if key is None or self.atlas is None:
            return ""
        group = group_at(key)
        return self.summary.lines.get(key, "") if group is None else self.summary.groups[group].name

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        event.stop()
        if self._draft is not None and self._writing != self.board.key:
            self.action_write()  # a click moved the cursor: the writing goes with it
        elif self.atlas is not None:
            self._tell()

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        event.stop()  # a click has moved the cursor already
        self._tell()

    # Keys ------------------------------------------------------------------------------------------------------

    @property
    def typing(self) -> bool:
        return self._draft is not None

    def keys(self) -> Keys:
        up_down = f"{self.tutor.signs.up}{self.tutor.signs.down}"
        if self._draft is not None:
            return summary_keys.writing(up_down)
        if self._picked is not None:
            return summary_keys.carrying(up_down)
        return summary_keys.free(on_group=group_at(self.board.key) is not None)

    def help_keys(self) -> Keys:
        return summary_keys.EVERY

    async def _on_key(self, event: events.Key) -> None:
        """Keys act here and now, so that what is typed ahead over a slow line keeps its order."""
        self._asked_to_drop = self._asked_to_drop and event.key == "d"
        if self._draft is not None:
            if self._typed(event):
                self._take(event)
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
            outcome = outcome_of(cast(Atlas, self.atlas), summary)
            self.tutor.store.summarised(self.lesson.id, self.step.id, written(summary), outcome)
            self.summary = summary
        self.repaint(key)
        self.post_message(self.KeysChanged())

    @property
    def _loss(self) -> str | None:
        """The loss under the cursor."""
        return self.board.key if group_at(self.board.key) is None else None

    @property
    def _group(self) -> int | None:
        """The group under the cursor, or that of the loss there."""
        key = self.board.key
        if key is None:
            return None
        group = group_at(key)
        return self.summary.group_of(key) if group is None else group

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
        keys = [key for key in self.board.keys if group_at(key) is None]
        at = keys.index(loss)
        following = keys[at + 1] if at + 1 < len(keys) else loss
        self._picked = None
        self.change(self.summary.filed(loss, number - 1 if number else None), following)

    def action_new_group(self) -> None:
        """A group more, and its name is asked for."""
        if len(self.summary.groups) >= MOST_GROUPS:
            self.tutor.notify_passing(Words("That is enough groups.", "组已经够多了。"))
            return
        self._picked = None
        summary = self.summary.with_group()
        self.change(summary, key_of(len(summary.groups) - 1))
        self.action_write()

    def action_rename(self) -> None:
        """Another name for the group under the cursor."""
        if self._group is not None:
            self.repaint(key_of(self._group))
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
        """The group is gone, its losses are not placed any more; where it has any, only when asked twice."""
        group = group_at(self.board.key)
        if group is None:
            return
        count = len(self.summary.groups[group].losses)
        if count and not self._asked_to_drop:
            asks = Words(
                "d again drops the group; its losses ({n}) are then in none.",
                "再按一次 d 删除该组，其中的 {n} 种将不属于任何组。",
            )
            self.tutor.notify_passing(asks.filled(n=count))
            self._asked_to_drop = True
        else:
            self.change(self.summary.without_group(group))

    def action_next_doubt(self) -> None:
        """To the next line with something missing or in doubt."""
        keys = self.board.keys
        at = keys.index(self.board.key) if self.board.key in keys else -1
        wanted = {about(doubt) for doubt in self._doubts}
        following = next((key for key in keys[at + 1 :] + keys[: at + 1] if key in wanted), None)
        if following is not None:
            self.repaint(following)
            self.post_message(self.KeysChanged())

    def action_export(self) -> None:
        """Have it written to files."""
        self.post_message(self.Exported(cast(Atlas, self.atlas), self.summary))

    # The line that is written -----------------------------------------------------------------------------------

    def action_write(self) -> None:
        """Write into the line under the cursor; from now on letters are text."""
        key = self.board.key
        if key is None:
            return
        self._picked = None
        text = self._text(key)
        self._draft, self._writing = Draft(text, len(text), LONGEST), key
        self._tell()
        self.post_message(self.KeysChanged())

    def _typed(self, event: events.Key) -> bool:
        """Whether the key is for the line that is written; what is typed is kept with every key."""
        assert self._draft is not None
        if event.key in ("enter", "escape"):
            self._draft = None
            self._tell()
            self.post_message(self.KeysChanged())
        elif event.key in ("up", "down"):
            self.board.action_move(-1 if event.key == "up" else 1)
            self.action_write()
        elif self._draft.press(event.key):
            self._keep_draft()
        elif event.is_printable and event.character:
            self._insert(event.character)
        else:
            return False
        return True

    def _insert(self, text: str) -> None:
        assert self._draft is not None
        self._draft.insert(text)
        self._keep_draft()

    def _keep_draft(self) -> None:
        assert self._draft is not None
        key, text, group = self._writing, self._draft.text, group_at(self._writing)
        changed = self.summary.said(key, text) if group is None else self.summary.named(group, text)
        self.change(changed, key)

    def on_paste(self, event: events.Paste) -> None:
        if self._draft is not None and event.text.strip():
            event.stop()
            self._insert(" ".join(event.text.split()))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Letters are no keys while a line is written; the footer then offers others."""
        return self._draft is not None and character is not None and character.isprintable()
