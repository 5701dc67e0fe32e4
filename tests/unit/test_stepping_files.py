"""The source that is shown, and recordings in files."""

from __future__ import annotations

import gzip
import inspect
import json
from pathlib import Path

import pytest

from tests.unit.stepping_hand import Hand, loss
from tutor.protocol import Failed
from tutor.protocol.trace import SNIPPET, Code, Remark, Wrote
from tutor.stepping.saved import NotSaved, load, save
from tutor.stepping.source import Sources, short_file, why_none

SNIPPET_TEXT = """class Net(Base):
    def __init__(self, wide=(1,
                             2)):
        super().__init__()
        # still inside

    @property
    def size(self):
        return sum(x for x in
                   [1, 2])


net = Net(add(1, 2), kind=Kind().name)
"""


def _code(qualname: str, line: int, file: str = SNIPPET) -> Code:
    return Code(0, file, line, qualname)


@pytest.mark.parametrize(
    "function", [inspect.getblock, json.JSONDecoder.decode, Path.joinpath, pytest.raises]
)
def test_the_lines_shown_are_those_of_inspect(function: object) -> None:
    code = function.__code__  # type: ignore[attr-defined]
    block = Sources("").block(_code(code.co_qualname, code.co_firstlineno, code.co_filename))
    assert block is not None and code.co_firstlineno == block.first
    assert "\n".join(block.lines) + "\n" == inspect.getsource(function)  # type: ignore[arg-type]


def test_a_method_is_shown_below_the_line_of_its_class() -> None:
    block = Sources(SNIPPET_TEXT).block(_code("Net.__init__", 2))
    assert block is not None and block.header == (1, "class Net(Base):")
    assert (block.first, block.lines[-1]) == (2, "        # still inside")
    decorated = Sources(SNIPPET_TEXT).block(_code("Net.size", 7))
    assert (
        decorated is not None
        and decorated.lines[0] == "    @property"
        and decorated.header == (1, "class Net(Base):")
    )


def test_a_comprehension_is_shown_in_the_function_around_it_and_a_module_whole() -> None:
    block = Sources(SNIPPET_TEXT).block(_code("Net.size.<locals>.<genexpr>", 9))
    assert block is not None and (block.first, len(block.lines)) == (7, 4)
    whole = Sources(SNIPPET_TEXT).block(_code("<module>", 1))
    assert whole is not None and "\n".join(whole.lines) + "\n" == SNIPPET_TEXT
    # A lambda in no function: its module.
    lonely = Sources("f = lambda x: x\nf(1)\n").block(_code("<lambda>", 1))
    assert lonely is not None and len(lonely.lines) == 2


def test_the_calls_of_a_line_come_in_the_order_in_which_they_are_made() -> None:
    sources = Sources(SNIPPET_TEXT)
    calls = sources.calls(_code("<module>", 1), 13)
    assert [text for _, text in calls] == ["add(1, 2)", "Kind()", "Net(add(1, 2), kind=Kind().name)"]
    (line, last, start, end), _ = calls[0]
    assert line == last == 13 and SNIPPET_TEXT.splitlines()[12][start:end] == "add(1, 2)"
    inner = Sources(SNIPPET_TEXT)
    assert [text for _, text in inner.calls(_code("Net.__init__", 2), 4)] == ["super()", "super().__init__()"]
    assert sources.calls(_code("<module>", 1), 12) == [] == sources.calls(_code("<module>", 1), 99)


def test_columns_are_bytes_as_python_counts_them() -> None:
    text = 'name = "交叉熵"; f(g("损失"))\n'
    (span, _), _ = Sources(text).calls(_code("<module>", 1), 1)
    assert text.encode()[span[2] : span[3]].decode() == 'g("损失")'


def test_without_a_file_there_is_a_reason() -> None:
    code = _code("__init__", 2, "<string>")
    assert Sources("").block(code) is None
    assert "made while the program ran" in why_none(code).en
    gone = _code("run", 2, "/nowhere/module.py")
    assert Sources("").block(gone) is None and "nowhere/module.py" in why_none(gone).en
    assert (
        short_file("/opt/lib/python3.11/site-packages/torch/nn/modules/loss.py") == "torch/nn/modules/loss.py"
    )


def test_a_recording_is_the_same_after_a_file(tmp_path: Path) -> None:
    hand, at = loss()
    recording = hand.recording
    recording.take(Wrote(at["change"], "said\n"))
    recording.take(Remark(at["change"], "thread"))
    recording.take(Failed("KeyError", "'x'"))
    save(tmp_path / "new" / "a.steps", recording, Sources(recording.snippet))
    again, sources = load(tmp_path / "new" / "a.steps")
    assert (again.events, again.frames, again.codes, again.things) == (
        recording.events,
        recording.frames,
        recording.codes,
        recording.things,
    )
    for event in range(recording.last + 1):
        frame = again.frame(event)
        assert again.values(frame.owner, event) == recording.values(frame.owner, event)
        assert again.written(event) == recording.written(event)
    assert (again.snippet, again.seed, again.torch, again.ended) == (
        recording.snippet,
        0,
        "2.13.0",
        recording.ended,
    )
    assert again.remarks == recording.remarks
    block = sources.block(again.codes[0])
    assert block is not None and block.lines == ["loss = Loss()"]
    # The sources are those of the recording, even where this machine has other ones.
    assert sources.block(again.codes[1]) is None
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.steps"]


@pytest.mark.parametrize("what", ["missing", "text", "gzip of text", "cut", "no frames", "other format"])
def test_what_is_no_recording_is_refused_in_a_sentence(what: str, tmp_path: Path) -> None:
    path, good = tmp_path / "bad.steps", tmp_path / "good.steps"
    hand = Hand()
    hand.call("<module>")
    save(good, hand.recording, Sources(""))
    lines = gzip.decompress(good.read_bytes()).splitlines(keepends=True)
    if what == "text":
        path.write_text("hello")
    elif what == "gzip of text":
        path.write_bytes(gzip.compress(b"hello\n"))
    elif what == "cut":
        path.write_bytes(good.read_bytes()[:-12])
    elif what == "no frames":
        path.write_bytes(gzip.compress(b"".join(line for line in lines if b'"frame"' not in line[:16])))
    elif what == "other format":
        path.write_bytes(gzip.compress(lines[0].replace(b'"format":1', b'"format":99')))
    with pytest.raises(NotSaved) as refused:
        load(path)
    assert "bad.steps" in refused.value.words.en and "bad.steps" in refused.value.words.zh
