"""The view of a builder step: what its keys do. Change the form or the code; torch answers each change."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from tutor.builder.presets import PRESETS
from tutor.practice.numbers import narrow
from tutor.ui.page import Keys
from tutor.ui.widgets.builder_face import CODE, FORM, STEPS
from tutor.ui.widgets.builder_live import BuilderLive
from tutor.ui.widgets.code_field import CodeField
from tutor.words import Words


class BuilderView(BuilderLive):
    """The keys of a builder step. The view keeps the focus itself; only the code is edited in a field."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "act", show=False),
        Binding("space", "switch", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("home", "move(-1000)", show=False),
        Binding("end", "move(1000)", show=False),
        Binding("shift+up", "scroll(-5)", show=False),
        Binding("shift+down", "scroll(5)", show=False),
        Binding("tab", "field(1)", show=False),
        Binding("shift+tab", "field(-1)", show=False),
        Binding("backspace,delete", "erase", show=False),
        Binding("escape", "escape", show=False),
        Binding("a", "add", show=False),
        Binding("d", "remove", show=False),
        Binding("less_than_sign,shift+left", "reorder(-1)", show=False),
        Binding("greater_than_sign,shift+right", "reorder(1)", show=False),
        Binding("z", "undo", show=False),
        Binding("p,P", "presets", show=False),
        Binding("x", "step", show=False),
        Binding("r", "run", show=False),
        Binding("ctrl+c", "stop", show=False),
        Binding("c", "tab('code')", show=False),
        Binding("t", "tab('answer')", show=False),
        Binding("s", "tab('steps')", show=False),
        Binding("b", "tab('task')", show=False),
        Binding("v", "next_tab", show=False),
        Binding("i", "edit", show=False),
        Binding("e", "export", show=False),
    ]

    # Keys ----------------------------------------------------------------------------------------------------

    @property
    def typing(self) -> bool:
        return self.editor is not None or ("form" in self.memory and self.form.draft is not None)

    def keys(self) -> Keys:
        if "form" not in self.memory:
            return []
        if self.editor is not None:
            return [("esc", Words("take the code", "确认代码"))]
        if self.slow:
            return [("ctrl+c", Words("stop", "停止"))]
        if self.form.draft is not None:
            return [("enter", Words("take", "确认")), ("esc", Words("leave", "放弃"))]
        if self.choosing is not None:
            return [("enter", Words("take", "选用")), ("esc", Words("leave", "放弃"))]
        if not self.wide and self.tab != FORM:
            edit = [("i", Words("edit", "编辑"))] if self.tab == CODE else []
            other = [("tab", Words("next group", "下一组"))] if self.tab == STEPS else []
            return [
                ("esc", Words("groups", "参数组")),
                *edit,
                *other,
                ("v", Words("next tab", "下一页")),
                *(each for each in self._more() if each[0] != "i" or not edit),
            ]
        return [
            ("tab", Words("field", "字段")),
            ("a", Words("add", "添加")),
            ("d", Words("remove", "删除")),
            ("x", Words("step", "更新")),
            ("t", Words("torch", "回答")),
            ("c", Words("code", "代码")),
            *self._more(),
        ]

    def _more(self) -> Keys:
        presets = [("p", Words("presets", "预设"))] if len(self.builder_step.presets) > 1 else []
        return [
            *presets,
            ("e", Words("export", "导出")),
            ("i", Words("edit the code", "编辑代码")),
            ("< >", Words("move the group", "移动该组")),
            ("z", Words("undo", "撤销")),
            ("shift+up, shift+down", Words("scroll", "滚动")),
            ("b", Words("task", "任务")),
        ]

    async def _on_key(self, event: events.Key) -> None:
        """Keys act here and now, so that what is typed ahead over a slow line keeps its order."""
        if self.editor is None and await self._pressed(event):
            event.stop()
            event.prevent_default()

    async def _pressed(self, event: events.Key) -> bool:
        if "form" not in self.memory:
            return False
        sign = narrow(event.character or "")
        if self.form.draft is not None and event.key in ("left", "right"):
            return True
        if self.form.draft is not None and event.is_printable:
            if self.form.type(sign):
                self.repaint()
                return True
            if not self._settled():  # a letter that is no part of a number is a key
                return True
        key = {"<": "less_than_sign", ">": "greater_than_sign"}.get(sign, event.key)
        for binding in self._bindings.key_to_bindings.get(key, ()):
            if await self.app.run_action(binding.action, self):
                return True
        if event.is_printable and self._form_is_open and self.form.type(sign):
            self.repaint()
            return True
        return False

    @property
    def _form_is_open(self) -> bool:
        return self.choosing is None and (self.wide or self.tab == FORM)

    def on_paste(self, event: events.Paste) -> None:
        text = event.text.strip()
        if text and self._form_is_open and self.editor is None:
            event.stop()
            self.form.open()
            if self.form.draft is not None:
                self.form.draft = "".join(map(narrow, text.splitlines()[0]))[:200]
            self.repaint()

    # The form ------------------------------------------------------------------------------------------------

    def _settled(self) -> bool:
        """Take what is typed, if anything is; False where it cannot be taken, which is said."""
        done = self.form.settle()
        if done:
            self.changed()
        else:
            self.repaint()
        return done is not None

    async def action_act(self) -> None:
        """Take what is typed; open the field; take the preset; in the code, edit it."""
        form = self.form
        if self.choosing is not None:
            name = self.builder_step.presets[self.choosing]
            self.choosing = None
            self.changed(form.change(PRESETS[name].builder))
        elif not self._form_is_open:
            if self.tab != CODE:
                raise SkipAction
            await self.action_edit()
        elif form.draft is not None:
            self._settled()
        elif form.chooses:
            self.changed(form.cycle())
        else:
            form.open()
            self.repaint()

    def action_switch(self) -> None:
        """The next value of a field that is chosen."""
        if not self._form_is_open:
            raise SkipAction
        self.changed(self.form.cycle())

    def action_move(self, by: int) -> None:
        """To another row, or another preset; in a tab, up or down."""
        if self.choosing is not None:
            self.choosing = min(max(self.choosing + by, 0), len(self.builder_step.presets) - 1)
        elif not self._form_is_open or abs(by) > 1:
            self.top = max(self.top + by, 0)
        elif self._settled() and not self.form.move(by):
            raise SkipAction
        self.repaint()

    def action_scroll(self, by: int) -> None:
        """Up or down in what stands beside the form, or in its place."""
        self.top = max(self.top + by, 0)
        self.repaint()

    def action_field(self, by: int) -> None:
        """To the next field, or the one before."""
        if not self._form_is_open:
            self.form.go_to_group(by)
            self.top = 0
        elif self._settled():
            self.form.go(by)
        self.repaint()

    def action_erase(self) -> None:
        """Take back what was typed last; leave a setting unset."""
        if self._form_is_open:
            self.changed(self.form.erase())

    def action_add(self) -> None:
        """One more group."""
        self.changed(self.form.add_group())

    def action_remove(self) -> None:
        """Take the group out."""
        done = self.form.remove_group()
        if not done:
            self.tutor.notify_passing(Words("An optimizer has at least one group.", "优化器至少有一组。"))
        self.changed(done)

    def action_reorder(self, by: int) -> None:
        """Move the group one place."""
        self.changed(self.form.move_group(by))

    def action_undo(self) -> None:
        """Take back the last change."""
        self.changed(self.form.undo())

    def action_presets(self) -> None:
        """List what can be begun with."""
        self.choosing = None if self.choosing is not None else 0
        if not self.wide:
            self.tab = FORM
        self.repaint()

    def action_step(self) -> None:
        """One more step, and what it did."""
        done = self.form.add_step()
        if not self.wide or self.tab not in (CODE, STEPS):
            self.tab, self.top = STEPS, 0
        self.changed(done)

    # Looking, running ----------------------------------------------------------------------------------------

    def action_run(self) -> None:
        """Ask torch again."""
        self.changed()

    def action_stop(self) -> None:
        """Stop a script that does not end."""
        if self.asked is None:
            raise SkipAction
        self.runs.stop()

    def action_tab(self, name: str) -> None:
        """Show a tab, or the form again."""
        self.choosing, self.top = None, 0
        self.tab = name if self.tab != name or self.wide else FORM
        self.repaint()

    def action_next_tab(self) -> None:
        """The tab at its right."""
        tabs = self.tabs
        self.action_tab(tabs[(tabs.index(self.tab) + 1) % len(tabs)] if self.tab in tabs else tabs[0])

    def action_escape(self) -> None:
        """Out of whatever is open here; with nothing open, the page's own escape."""
        if self.choosing is not None:
            self.choosing = None
        elif self.form.cancel():
            pass
        elif not self.wide and self.tab != FORM:
            self.tab = FORM
        else:
            raise SkipAction
        self.repaint()

    def action_export(self) -> None:
        """Write the script to a file."""
        self.tutor.notify_passing(self.runs.export(self.form.code))

    # The code ------------------------------------------------------------------------------------------------

    async def action_edit(self) -> None:
        """Edit the code where it stands."""
        if self.editor is not None or not self._settled():
            return
        self.tab, self.choosing, self.top = CODE, None, 0
        editor = CodeField(self.form.code, self.close_editor)
        await self.mount(editor)
        self.place_editor()
        self.screen.set_focus(editor)
        self.repaint()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """What is typed is taken even if the learner leaves without closing the field."""
        if event.text_area.text != self.form.code:
            self.memory["editing"] = event.text_area.text

    def close_editor(self) -> None:
        """Take the code as it stands; the form follows it where it can."""
        editor = self.editor
        if editor is None:
            return
        text = editor.text.rstrip() + "\n"
        self.memory.pop("editing", None)
        self.screen.set_focus(self)
        editor.remove()
        changed = self.form.take_code(text)
        self.call_after_refresh(self.changed, changed)
