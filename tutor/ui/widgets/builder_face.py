"""How the SGD builder looks: the form at the left; its code, torch's answer and the steps at the right or in tabs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, cast

from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widgets import TextArea

from tutor.builder.answer import Answer, wanting
from tutor.builder.form import ROWS, Form
from tutor.builder.presets import PRESETS
from tutor.builder.told import error_lines, group_lines, remark_lines, step_lines
from tutor.course.model import BuilderStep, Lesson
from tutor.protocol import Finished
from tutor.ui.looks import Looks, Piece, cells, spread, wrapped
from tutor.ui.news import advice, told
from tutor.ui.page import Keys
from tutor.ui.widgets.builder_cards import Cards
from tutor.ui.widgets.markup import inline, setting_of
from tutor.ui.widgets.step import Memory, StepView
from tutor.words import Words

WIDE = 90
"""The columns from which on there are two panes."""
TALL = 30
"""The rows from which on two panes show everything at once."""
FORM, CODE, ANSWER, STEPS, TASK = TABS = ("form", "code", "answer", "steps", "task")
_NAMES = {
    FORM: Words("groups", "参数组"),
    CODE: Words("code", "代码"),
    ANSWER: Words("torch's answer", "torch 的回答"),
    STEPS: Words("steps", "更新"),
    TASK: Words("task", "任务"),
}


class BuilderFace(StepView, Looks):
    """Draws by lines what is known; a change costs the lines that differ."""

    COMPONENT_CLASSES: ClassVar[set[str]] = Looks.COMPONENT_CLASSES
    ALLOW_SELECT = False
    whole = True
    """It takes the outline's place where there are two panes."""

    def __init__(self, lesson: Lesson, step: BuilderStep, memory: Memory | None = None) -> None:
        super().__init__(lesson, step, memory)
        self.builder_step = step
        self.answer: Answer | None = None
        """The last that is complete."""
        self.asked: Answer | None = None
        """The one that is being waited for."""
        self.slow = False
        """Whether that takes long."""
        self.tab = FORM
        self.top = 0
        """The first line of the tab that is in view."""
        self.choosing: int | None = None
        """The preset under the cursor, while they are listed."""
        self._was_wide = False
        self._strips: list[Strip] = []
        self._drawings: dict[str, tuple[object, list[Strip]]] = {}
        """What was drawn of each part, with what it was drawn from: a key changes few of them."""
        self._told: Keys = []

    @property
    def form(self) -> Form:
        """What the learner made."""
        return cast(Form, self.memory["form"])

    @property
    def editor(self) -> TextArea | None:
        """The field for the code, while it is open."""
        return next(iter(self.query_children(TextArea)), None)

    @property
    def wide(self) -> bool:
        """Whether there are two panes."""
        return self.size.width >= WIDE

    @property
    def tabs(self) -> tuple[str, ...]:
        """What can be looked at in turn: at the right of the form, or in its place."""
        return TABS[1:] if self.wide else TABS

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(container.height, 17)

    # Painting ------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        if not self._strips:
            self._strips = self._drawn()
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def repaint(self) -> None:
        """Show what is true now; only lines that changed are sent."""
        if not self.is_attached or not self.size:
            return
        before, self._strips = self._strips, self._drawn()
        for y, strip in enumerate(self._strips):
            if y >= len(before) or strip != before[y]:
                self.refresh(Region(0, y, self.size.width, 1))
        if self._told != (keys := self.keys()):
            self._told = keys
            self.post_message(self.KeysChanged())

    def retell(self) -> None:
        self.repaint()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips = []
        self._drawings.clear()

    def on_resize(self) -> None:
        self._strips = []
        if self.wide != self._was_wide:
            self._was_wide = self.wide
            self.tab, self.top = CODE if self.wide else FORM, 0
        self.place_editor()
        self.refresh()

    def place_editor(self) -> None:
        """Put the field for the code where the code stands."""
        if (editor := self.editor) is not None:
            left = self._left_width + 3 if self.wide else 0
            editor.styles.offset = (left, 2)
            editor.styles.width = max(self.size.width - left, 1)
            editor.styles.height = max(self.size.height - 4, 3)

    @property
    def _left_width(self) -> int:
        return (self.size.width - 3) // 2

    def _drawn(self) -> list[Strip]:
        width, height = self.size
        if "form" not in self.memory:
            return []
        if not self.wide:
            bar = self._bar(TABS, width)
            body = self._tab(self.tab, width, height - 1)
            return self._fitted([bar, *body], width, height)
        left = self._fitted(self._left(self._left_width, height), self._left_width, height)
        right = self._fitted(
            self._right(width - self._left_width - 3, height), width - self._left_width - 3, height
        )
        rule = self.strip([(f" {self.signs.upright} ", "rule")], 3)
        return [Strip.join([a, rule, b]) for a, b in zip(left, right, strict=True)]

    def _bar(self, tabs: Sequence[str], width: int) -> Strip:
        pieces: list[Piece] = []
        for tab in tabs:
            here = tab == self.tab
            name = self.say(_NAMES[tab])
            pieces += [(f"{self.signs.cursor if here else ' '}{name}  ", "strong" if here else "muted")]
        return self.strip(spread(pieces, [("v", "muted")], width, self.signs.more), width)

    def _fitted(self, lines: Sequence[Strip], width: int, height: int) -> list[Strip]:
        return [*lines[:height], *(self.strip([], width) for _ in range(height - len(lines)))]

    def _texts(self, texts: Sequence[str], width: int, look: str = "") -> list[Strip]:
        return [self.strip([(line, look)], width) for text in texts for line in wrapped(text, width)]

    # Panes ---------------------------------------------------------------------------------------------------

    def _left(self, width: int, height: int) -> list[Strip]:
        """The task where there is room, the form, and below it what torch says of this group."""
        if self.choosing is not None:
            return self._presets(width, height)
        task = [*self._words(width), self.strip([], width)] if height >= TALL else []
        lines = [*task, *self._form(width, height - len(task))]
        if height < TALL:
            return lines
        rest = self._answer(width, only=self.form.group)
        return [*lines, self.strip([], width), *rest]

    def _right(self, width: int, height: int) -> list[Strip]:
        bar = self._bar(TABS[1:], width)
        if height < TALL or self.tab not in (CODE, STEPS) or self.editor is not None:
            return [bar, *self._tab(self.tab, width, height - 1)]
        code = self._code(width)
        steps = self._steps(width)
        if len(code) + len(steps) + 2 > height or self.tab == STEPS or self.top:
            return [bar, *self._tab(self.tab, width, height - 1)]
        return [bar, *code, self.strip([(self.signs.rule * width, "rule")], width), *steps]

    def _tab(self, tab: str, width: int, height: int) -> list[Strip]:
        if self.choosing is not None and not self.wide:
            return self._presets(width, height)
        if tab == FORM:
            return self._form(width, height)
        if self.editor is not None:
            return self._editing(width, height)
        lines = {CODE: self._code, ANSWER: self._answer, STEPS: self._steps, TASK: self._words}[tab](width)
        said = [*self._advice(width), *self._refusal(width)] if tab == CODE and not self.wide else []
        room = max(height - len(said), 3)
        self.top = max(min(self.top, len(lines) - room), 0)
        shown = lines[self.top : self.top + room]
        if len(lines) > room:
            below = self.top + room < len(lines)
            more = f"{self.signs.up if self.top else ' '} {self.signs.down if below else ' '}"
            shown = [*shown[:-1], self.strip(spread([], [(more, "accent")], width, self.signs.more), width)]
        return [*self._fitted(shown, width, room), *said] if said else shown

    def _refusal(self, width: int) -> list[Strip]:
        """What torch says against the code, if anything."""
        errors = [] if self.answer is None else error_lines(self.answer, self.tutor.language, short=True)
        return self._texts(errors, width, "wrong")

    def _form(self, width: int, height: int) -> list[Strip]:
        """The cards, then what there is to say of the field, then torch in short."""
        lines = [
            self.strip(line, width) for line in Cards(self.form, self.signs, self.tutor.language).lines(width)
        ]
        at = 1 + ROWS.index(self.form.row)
        said = [*self._advice(width), *self._summary(width)]
        if len(lines) + len(said) > height:
            room = max(height - min(len(said), 7), 4)
            top = max(min(at - room // 2, len(lines) - room), 0)
            lines = lines[top : top + room] if len(lines) > room else lines
        task = [] if self.wide else self._words(width)
        spare = height - len(lines) - len(said) - len(task)
        if spare < 0:
            return [*lines, *said][:height]
        gap = [self.strip([], width)]
        return [*lines, *gap * (spare > 0), *said, *gap * (spare > 1 and bool(task)), *task]

    def _advice(self, width: int) -> list[Strip]:
        if self.form.complaint is not None:
            return self._texts([self.say(self.form.complaint)], width, "wrong")
        if self.form.unread is not None:
            words = Words(
                "The form cannot show line {n} of your code: {why}. torch runs it all the same.",
                "表单无法显示代码第 {n} 行：{why}。torch 仍会照原样运行。",
            ).filled(n=self.form.unread.line, why=self.form.unread.why)
            return self._texts([self.say(words)], width, "warn")
        return []

    def _summary(self, width: int) -> list[Strip]:
        """Torch's answer in a few lines: its error, or how many groups it has."""
        answer, kernel = self.answer, self.tutor.kernel
        missing = advice(kernel.state) if kernel is not None else None
        if missing is not None:
            return self._texts([self.say(missing)], width, "warn")
        if self.slow:
            words = Words("torch is at work ... ctrl+c stops it.", "torch 正在运行 ... 按 ctrl+c 停止。")
            return self._texts([self.say(words)], width, "muted")
        if answer is None:
            if kernel is None:
                return []
            news = told(kernel.state, self.tutor.language)
            return [self.strip(spread(news, [], width, self.signs.more), width)]
        if refused := self._refusal(width):
            return refused
        count = len(answer.groups)
        one, more = (
            Words("torch {version}: 1 group", "torch {version}：1 组"),
            Words("torch {version}: {n} groups", "torch {version}：{n} 组"),
        )
        said: list[Piece] = [
            (self.say((one if count == 1 else more).filled(version=answer.torch, n=count)), "")
        ]
        homework = self._homework(answer)
        beside = cells([*said, *homework]) + 2 <= width
        lines = [self.strip([*said, ("  ", ""), *homework] if beside else said, width)]
        lines += [] if beside else [self.strip(homework, width)]
        for remark in remark_lines(answer, self.form.shown, self.tutor.language)[:2]:
            lines += self._texts([remark], width, "warn")
        return lines

    def _homework(self, answer: Answer) -> list[Piece]:
        """Whether this is what the homework asks for, and if not, why not."""
        if self.done:
            done = Words("{yes} homework 4 is done", "{yes} 作业 4 完成").filled(yes=self.signs.yes)
            return [(self.say(done), "right")]
        lacks = wanting(answer.groups) if self.builder_step.homework else None
        if lacks is None:
            return []
        return [(self.say(Words("homework 4: {lacks}", "作业 4：{lacks}").filled(lacks=lacks)), "accent")]

    @property
    def done(self) -> bool:
        """Whether torch has built what the homework asks for."""
        answer = self.answer
        return (
            self.builder_step.homework is not None
            and answer is not None
            and isinstance(answer.ending, Finished)
            and wanting(answer.groups) is None
        )

    def _presets(self, width: int, height: int) -> list[Strip]:
        names = self.builder_step.presets
        at = self.choosing or 0
        room = max(height - 4, 3)
        top = max(min(at - room // 2, len(names) - room), 0)
        lines = []
        for number in range(top, min(top + room, len(names))):
            here = number == at
            sign = self.signs.cursor if here else " "
            lines.append(
                self.strip(
                    [(f"{sign} {self.say(PRESETS[names[number]].name)}", "accent" if here else "")], width
                )
            )
        tells = self._texts([self.say(PRESETS[names[at]].tells)], width, "muted")
        return [*lines, self.strip([], width), *tells]

    # Tabs ----------------------------------------------------------------------------------------------------

    def _once(self, part: str, made_from: tuple[object, ...], draw: Callable[[], list[Strip]]) -> list[Strip]:
        """What `draw` gives, drawn anew only where something is different in `made_from`."""
        key = (*made_from, self.tutor.language)
        if part not in self._drawings or self._drawings[part][0] != key:
            self._drawings[part] = (key, draw())
        return self._drawings[part][1]

    def _words(self, width: int) -> list[Strip]:
        return self._once("task", (width,), lambda: self._drawn_words(width))

    def _drawn_words(self, width: int) -> list[Strip]:
        lines = inline(self, self.say(self.builder_step.body), width)
        return [Strip(line).adjust_cell_length(width, self.rich_style) for line in lines]

    def _code(self, width: int) -> list[Strip]:
        """The script, in colours."""
        return self._once("code", (width, self.form.code), lambda: self._drawn_code(width))

    def _drawn_code(self, width: int) -> list[Strip]:
        from rich.syntax import Syntax

        code = Syntax(
            self.form.code,
            "python",
            theme=setting_of(self).code_theme,
            word_wrap=True,
            background_color="default",
        )
        options = self.app.console_options.update(width=width, height=None)
        lines = self.app.console.render_lines(code, options, pad=False)
        return [Strip(line).adjust_cell_length(width, self.rich_style) for line in lines]

    def _editing(self, width: int, height: int) -> list[Strip]:
        how = Words("esc takes it: the form follows", "按 esc 确认，表单随之更新")
        blank = [self.strip([], width) for _ in range(max(height - 2, 0))]
        return [*blank, *self._texts([self.say(how)], width, "muted")]

    def _answer(self, width: int, only: int | None = None) -> list[Strip]:
        """Every element of `optimizer.param_groups`, every key and value; or of one group `only`."""
        answer = self.answer
        if answer is None:
            return self._summary(width)
        made_from = (width, answer, self.form.shown, only)
        return self._once(f"answer {only}", made_from, lambda: self._drawn_answer(answer, width, only))

    def _drawn_answer(self, answer: Answer, width: int, only: int | None) -> list[Strip]:
        language = self.tutor.language
        lines: list[Strip] = []
        if only is None:
            lines += self._texts(error_lines(answer, language), width, "wrong")
            lines += self._texts(remark_lines(answer, self.form.shown, language), width, "warn")
            lines += [self.strip([], width)] if lines else []
        for index in range(len(answer.groups)):
            if only is not None and index != only:
                continue
            head = f"optimizer.param_groups[{index}]"
            version = [(f"torch {answer.torch}", "muted")]
            lines.append(self.strip(spread([(head, "strong")], version, width, self.signs.more), width))
            texts = group_lines(answer, self.form.shown, index, language)
            lines += [self.strip([(f"  {text}", "")], width) for text in texts]
            lines.append(self.strip([], width))
        return lines

    def _steps(self, width: int) -> list[Strip]:
        """Of the group that the cursor is on, each tensor's first element step by step, by torch and by hand."""
        answer, form = self.answer, self.form
        if answer is None or not answer.groups or len(answer.steps) < 2:
            words = Words(
                "x takes a step: every gradient is 1, or what you type under gradients.",
                "按 x 更新一步：梯度默认为 1，也可在“梯度”一行输入。",
            )
            return self._texts([self.say(words)], width, "muted")
        index = min(form.group, len(answer.groups) - 1)
        return self._once("steps", (width, answer, index), lambda: self._drawn_steps(answer, width, index))

    def _drawn_steps(self, answer: Answer, width: int, index: int) -> list[Strip]:
        lines: list[Strip] = []
        for name in dict.fromkeys(param.name for param in answer.groups[index]["params"]):
            title = Words("group {n}, {name}: the first element", "第 {n} 组，{name}：第一个元素")
            lines.append(self.strip([(self.say(title.filled(n=index, name=name)), "strong")], width))
            texts = step_lines(answer, index, name, self.tutor.language)
            lines += [self.strip([(text, "")], width) for text in texts]
            lines.append(self.strip([], width))
        return lines
