"""Lesson text on screen: Markdown, formulas and code as blocks, wrapped for both languages, in our looks."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich import markdown as rich_markdown
from rich.box import Box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.segment import Segment
from rich.style import Style
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from tutor.ui.looks import Looks, wrapped
from tutor.ui.signs import Signs

_PARSER = (
    MarkdownIt("commonmark")
    .enable(["table"])
    .disable(["html_inline", "html_block", "autolink", "link", "image", "heading", "lheading", "reference"])
)
"""What a lesson may contain; `<module>` and `[1, 2](x)` are just text."""


@dataclass(frozen=True, slots=True)
class _Setting:
    """What the elements of a text need to know of where they stand."""

    signs: Signs
    theme: Theme
    code_theme: str


class Sheet(Looks):
    """Blocks of text below each other, an empty line between them. `blocks` is asked for them anew whenever
    something changed: the language, the theme, what there is to say."""

    DEFAULT_CSS = "Sheet { height: auto; }"
    ALLOW_SELECT = False

    def __init__(self, blocks: Callable[[Sheet], Sequence[RenderableType]], id: str | None = None) -> None:
        super().__init__(id=id)
        self._blocks = blocks

    def render(self) -> Group:
        """All blocks, one below the other."""
        spaced: list[RenderableType] = []
        for block in self._blocks(self):
            spaced += [Text(""), block] if spaced else [block]
        return Group(*spaced)

    def retell(self) -> None:
        """Say everything anew."""
        self.refresh(layout=True)

    # Blocks ------------------------------------------------------------------------------------------------

    def prose(self, text: str) -> RenderableType:
        """Markdown."""
        return _Markdown(text, self._setting())

    def formula(self, text: str) -> RenderableType:
        """A formula as an indented block; its text stays exactly as it is."""
        return Padding(Text(text.rstrip("\n"), style=self.look("strong"), overflow="fold"), (0, 0, 0, 4))

    def code(self, text: str) -> RenderableType:
        """Code, or data laid out by hand, as it stands."""
        return Padding(_highlighted(text, "", self._setting()), (0, 0, 0, 2))

    def said(self, sign: str, look: str, first: str, text: str = "") -> RenderableType:
        """Markdown behind a sign in a look; `first` are its first words."""
        # What is a block of its own cannot go on behind them.
        between = "\n\n" if text.startswith(("```", "|", "> ", "- ", "* ", "1.", "    ")) else " "
        grid = Table.grid(expand=True)
        grid.add_column(width=cell_len(sign) + 1, no_wrap=True)
        grid.add_column(ratio=1)
        # Markdown ends no bold between a full-width sign and a character, so the sign stays outside.
        stop = first[-1:] if first[-1:] in "。：" else ""
        head = f"**{first.removesuffix(stop)}**{stop}"
        said = head + ("" if stop and between == " " else between) + text if first else text
        grid.add_row(Text(sign, style=self.look(look)), self.prose(said))
        return grid

    def where(self, symbols: Sequence[tuple[str, str]]) -> RenderableType:
        """Symbols in a column, and beside each what it stands for, in Markdown."""
        widest = max((cell_len(symbol) for symbol, _ in symbols), default=0)
        grid = Table.grid(expand=True)
        grid.add_column(width=min(widest, 24) + 3)
        grid.add_column(ratio=1)
        for symbol, meaning in symbols:
            grid.add_row(Text(symbol, style=self.look("strong")), self.prose(meaning))
        return Padding(grid, (0, 0, 0, 4))

    def lines(self, lines: Sequence[tuple[str, str]]) -> RenderableType:
        """Formulas below each other, each with its reason in Markdown: beside it where there is room."""
        return _Lines(self, lines)

    def quiet(self, left: str, right: str = "") -> RenderableType:
        """A line that is not so important, with something at its right end."""
        grid = Table.grid(expand=True)
        grid.add_column(ratio=1)
        grid.add_column(justify="right")
        grid.add_row(Text(left, style=self.look("muted")), Text(right, style=self.look("muted")))
        return grid

    def _setting(self) -> _Setting:
        return setting_of(self)


def setting_of(widget: Looks) -> _Setting:
    """The signs and styles of where `widget` stands."""
    strong, accent, muted = (widget.look(name) for name in ("strong", "accent", "muted"))
    theme = Theme(
        {
            "markdown.strong": Style(bold=True),
            "markdown.em": Style(italic=True),
            "markdown.code": Style(color=accent.color),
            "markdown.code_block": Style.null(),
            "markdown.block_quote": Style(color=muted.color, dim=muted.dim),
            "markdown.item.bullet": Style(color=muted.color, dim=muted.dim),
            "markdown.item.number": Style(color=muted.color, dim=muted.dim),
            "markdown.table.header": Style(bold=strong.bold),
            "markdown.table.border": Style(color=muted.color, dim=muted.dim),
        }
    )
    return _Setting(widget.signs, theme, "ansi_dark" if widget.app.current_theme.dark else "ansi_light")


def inline(widget: Looks, text: str, width: int) -> list[list[Segment]]:
    """Markdown as lines of segments of at most `width` cells, for widgets that draw by lines."""
    console = widget.app.console
    options = widget.app.console_options.update(width=max(width, 1), height=None, highlight=False)
    lines = console.render_lines(_Markdown(text, setting_of(widget)), options, pad=False)
    return [list(Segment.apply_style(line, widget.rich_style)) for line in lines]


@dataclass(frozen=True, slots=True)
class _Lines:
    sheet: Sheet
    lines: Sequence[tuple[str, str]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widest = max(cell_len(row) for formula, _ in self.lines for row in formula.splitlines() or [""])
        beside = widest <= options.max_width * 0.45 and options.max_width >= 60
        grid = Table.grid(expand=True)
        if beside:
            grid.add_column(width=widest + 3)
        grid.add_column(ratio=1)
        for formula, reason in self.lines:
            line = Text(formula.rstrip("\n"), style=self.sheet.look("strong"), overflow="fold")
            why = self.sheet.prose(reason)
            if beside:
                grid.add_row(line, why)
            else:
                grid.add_row(Group(line, Padding(why, (0, 0, 0, 4))))
        yield Padding(grid, (0, 0, 0, 4))


def _highlighted(code: str, language: str, setting: _Setting) -> RenderableType:
    """Code in colours if it is Python; anything else as it stands."""
    code = code.rstrip()
    if language not in ("", "python", "py") or not (language or _is_python(code)):
        return Text(code, overflow="fold")
    return Syntax(code, "python", theme=setting.code_theme, word_wrap=True, background_color="default")


def _is_python(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError):
        return False
    return True


class _Markdown(rich_markdown.Markdown):
    """Rich's Markdown without links, headings and centring, and with lines broken as Chinese wants it."""

    def __init__(self, text: str, setting: _Setting) -> None:
        super().__init__("", hyperlinks=False)
        self.parsed = _PARSER.parse(text)
        self.setting = setting
        for token in self.parsed:
            _join_chinese(token.children or [])

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        begun = False
        with console.use_theme(self.setting.theme):
            for part in super().__rich_console__(console, options):
                # Rich sets a list or a quote off from what is before it even where nothing is.
                begun = begun or not (isinstance(part, Segment) and part.text == "\n")
                if begun:
                    yield part


def _join_chinese(inline: list[Token]) -> None:
    """A line of the file that ends in Chinese goes on in the next without a space between them."""
    for before, token, after in zip(inline, inline[1:], inline[2:], strict=False):
        if token.type == "softbreak" and _is_wide(before.content[-1:]) and _is_wide(after.content[:1]):
            token.type, token.content = "text", ""


def _is_wide(character: str) -> bool:
    return cell_len(character) == 2


def _setting(markdown: rich_markdown.Markdown) -> _Setting:
    return cast(_Markdown, markdown).setting


class _Paragraph(rich_markdown.Paragraph):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        plain, at = self.text.plain, 0
        for line in wrapped(plain, options.max_width):
            at = plain.index(line, at)
            row = self.text[at : at + len(line)]
            row.no_wrap = True
            yield row
            at += len(line)


class _Code(rich_markdown.CodeBlock):
    @classmethod
    def create(cls, markdown: rich_markdown.Markdown, token: Token) -> _Code:
        code = cls(token.info.partition(" ")[0], "")
        code.setting = _setting(markdown)
        return code

    setting: _Setting

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Padding(_highlighted(str(self.text), self.lexer_name, self.setting), (0, 0, 0, 2))


class _Quote(rich_markdown.BlockQuote):
    @classmethod
    def create(cls, markdown: rich_markdown.Markdown, token: Token) -> _Quote:
        quote = cls()
        quote.sign = _setting(markdown).signs.upright
        return quote

    sign: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        inner = options.update(width=max(options.max_width - 2, 1))
        for line in console.render_lines(self.elements, inner, style=self.style):
            yield Segment(f"{self.sign} ", self.style)
            yield from line
            yield Segment.line()


class _Item(rich_markdown.ListItem):
    @classmethod
    def create(cls, markdown: rich_markdown.Markdown, token: Token) -> _Item:
        item = cls()
        item.sign = "•" if _setting(markdown).signs.rule == "─" else "-"
        return item

    sign: str

    def render_bullet(self, console: Console, options: ConsoleOptions) -> RenderResult:
        inner = options.update(width=max(options.max_width - 3, 1))
        style = console.get_style("markdown.item.bullet")
        for at, line in enumerate(console.render_lines(self.elements, inner, style=self.style)):
            yield Segment("   " if at else f" {self.sign} ", style)
            yield from line
            yield Segment.line()


class _Grid(rich_markdown.TableElement):
    @classmethod
    def create(cls, markdown: rich_markdown.Markdown, token: Token) -> _Grid:
        grid = cls()
        rule = _setting(markdown).signs.rule
        grid.lines = Box(f"    \n    \n {rule * 2} \n    \n    \n    \n    \n    \n")
        return grid

    lines: Box

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table(box=self.lines, show_edge=False, pad_edge=False, style="markdown.table.border")
        header = self.header.row.cells if self.header and self.header.row else []
        for cell in header:
            heading = cell.content.copy()
            heading.stylize("markdown.table.header")
            table.add_column(heading, justify=cell.justify)
        for row in self.body.rows if self.body else []:
            table.add_row(*(cell.content for cell in row.cells))
        yield Padding(table, (0, 0, 0, 2))


_Markdown.elements = {
    **rich_markdown.Markdown.elements,
    "paragraph_open": _Paragraph,
    "fence": _Code,
    "code_block": _Code,
    "blockquote_open": _Quote,
    "list_item_open": _Item,
    "table_open": _Grid,
}
