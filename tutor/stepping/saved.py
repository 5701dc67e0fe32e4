"""A recording as a file: JSON lines, compressed, with the sources, so that it opens where torch is another or none."""

from __future__ import annotations

import gzip
import os
import zlib
from pathlib import Path

import msgspec

from tutor.protocol import Emission, Message
from tutor.protocol.trace import Stepped, Wrote
from tutor.stepping.recording import Recording
from tutor.stepping.source import Block, Sources
from tutor.words import Words

FORMAT = 1
SUFFIX = ".steps"
MOST_BYTES = 1 << 30
"""Bytes that a file may unpack to."""


class NotSaved(Exception):
    """A file that cannot be written or read as a recording; `words` says why."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


class Head(Message, frozen=True, tag="steps"):
    """The first line of the file."""

    format: int
    snippet: str
    setup: str
    seed: int
    torch: str


class Source(Message, frozen=True, tag="source"):
    """The source of the code with this number."""

    code: int
    first: int
    lines: list[str]
    header: tuple[int, str] | None = None


_head = msgspec.json.Decoder(Head)
_line = msgspec.json.Decoder(Source | Emission, strict=False)


def save(path: Path, recording: Recording, sources: Sources) -> None:
    """Write `recording` to `path`, in place of what is there.

    Raises:
        NotSaved: the file cannot be written.
    """
    head = Head(FORMAT, recording.snippet, recording.setup, recording.seed, recording.torch)
    beside = path.with_name(path.name + ".part")
    encode = msgspec.json.Encoder().encode
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with gzip.open(beside, "wb", compresslevel=6) as file:
            for message in (head, *_sources(recording, sources), *_told(recording)):
                file.write(encode(message) + b"\n")
        os.replace(beside, path)
    except OSError as error:
        words = Words("{path} cannot be written: {error}.", "无法写入 {path}：{error}。")
        raise NotSaved(words.filled(path=path, error=error.strerror or error)) from error


def _sources(recording: Recording, sources: Sources) -> list[Message]:
    blocks = [(code.id, sources.block(code)) for code in recording.codes]
    return [Source(id, b.first, list(b.lines), b.header) for id, b in blocks if b is not None]


def _told(recording: Recording) -> list[Message]:
    """What `Recording.take` can be given to be the same again."""
    names: list[Message] = [*recording.codes, *recording.things.values(), *recording.frames]
    happened: list[Stepped | Wrote] = [*recording.events, *recording.written(len(recording.events))]
    end = [] if recording.ended is None else [recording.ended]
    # After an event, what was written then: the sort keeps the order of what is equal.
    return [*names, *sorted(happened, key=lambda each: each.at), *recording.remarks, *end]


def load(path: Path) -> tuple[Recording, Sources]:
    """The recording in the file `path`, and its sources.

    Raises:
        NotSaved: there is no such file, or it is no recording.
    """
    try:
        with gzip.open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except gzip.BadGzipFile as error:
        raise NotSaved(_no_recording(path)) from error
    except (OSError, EOFError, zlib.error) as error:
        words = Words("{path} cannot be read: {error}.", "无法读取 {path}：{error}。")
        raise NotSaved(words.filled(path=path, error=getattr(error, "strerror", None) or error)) from error
    try:
        return _read(data)
    except (msgspec.DecodeError, LookupError, UnicodeDecodeError) as error:
        raise NotSaved(_no_recording(path)) from error


def _no_recording(path: Path) -> Words:
    words = Words(
        "{path} is no recording of steps, or one of another version of tutor. It was written with `w` on the page that steps.",
        "{path} 不是单步记录，或者来自其他版本的 tutor。单步记录由单步页面上的 `w` 键保存。",
    )
    return words.filled(path=path)


def _read(data: bytes) -> tuple[Recording, Sources]:
    first, *lines = data.splitlines() or [b""]
    head = _head.decode(first)
    if head.format != FORMAT or len(data) > MOST_BYTES:
        raise LookupError(head.format)
    recording = Recording(head.snippet, head.setup, head.seed, head.torch)
    kept = {}
    for line in lines:
        message = _line.decode(line)
        if isinstance(message, Source):
            kept[message.code] = Block(message.first, message.lines, message.header)
        else:
            recording.take(message)
    for frame in recording.frames:
        recording.codes[frame.code]
    return recording, Sources(head.snippet, head.setup, kept)
