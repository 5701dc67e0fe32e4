"""`tutor doctor`: what this machine offers, what is missing, and how to get it."""

from __future__ import annotations

import asyncio
import locale
import os
import platform
import shutil
import sys
import time
from importlib import metadata
from pathlib import Path

from tutor import __version__
from tutor.words import Language, Words

TORCH_INSTALL = 'python -m pip install "torch==2.13.0"'
"""How to get the torch that the lessons were checked with."""


def examine(folder: Path, language: Language) -> int:
    """Print what was found, a line each; 1 if something that labs need is missing, else 0."""

    def line(name: Words, found: object, advice: Words | None = None) -> None:
        label = name.into(language)
        print(f"{label}{' ' * max(1, 14 - _cells(label))}{found}")
        if advice:
            print(f"{' ' * 14}→ {advice.into(language)}")

    line(Words("tutor", "tutor"), f"{__version__}, {folder}")
    line(Words("python", "python"), f"{platform.python_version()}, {sys.executable}")
    line(Words("terminal", "终端"), *_terminal())
    line(Words("colours", "颜色"), _colours().into(language))
    line(Words("encoding", "编码"), *_encoding())
    line(Words("locale", "区域设置"), *_locale(language))
    for name in ("textual", "rich", "plotext", "msgspec", "PyYAML", "platformdirs"):
        line(Words(name, name), *_package(name, language))
    healthy = True
    found, advice = asyncio.run(_torch(language))
    healthy &= advice is None
    line(Words("torch", "torch"), found, advice)
    found, advice = _progress()
    line(Words("progress", "学习进度"), found, advice)
    return 0 if healthy else 1


def _cells(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _terminal() -> tuple[str, Words | None]:
    columns, rows = shutil.get_terminal_size()
    term = os.environ.get("TERM", "")
    small = columns < 80 or rows < 24
    return f"{columns}x{rows}, TERM={term}", (
        Words(
            "80x24 is the smallest complete size; below it, screens scroll.",
            "完整显示至少需要 80x24；更小时需要滚动。",
        )
        if small
        else None
    )


def _colours() -> Words:
    if os.environ.get("NO_COLOR"):
        return Words("none, as NO_COLOR asks", "无（NO_COLOR）")
    if os.environ.get("COLORTERM") in ("truecolor", "24bit"):
        return Words("true colour", "真彩色")
    return (
        Words("256 colours", "256 色")
        if "256" in os.environ.get("TERM", "")
        else Words("16 colours", "16 色")
    )


def _encoding() -> tuple[str, Words | None]:
    encoding = sys.stdout.encoding or "?"
    if encoding.lower().replace("-", "") == "utf8":
        return encoding, None
    return encoding, Words(
        "Signs beyond ASCII may not show. Set LANG to a UTF-8 locale, or use tutor --ascii.",
        "ASCII 以外的字符可能无法显示。请把 LANG 设为 UTF-8 区域设置，或使用 tutor --ascii。",
    )


def _locale(language: Language) -> tuple[str, None]:
    asked = next((os.environ[k] for k in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(k)), "-")
    return f"{asked} ({locale.getpreferredencoding(False)}), --lang {language}", None


def _package(name: str, language: Language) -> tuple[str, Words | None]:
    try:
        return metadata.version(name), None
    except metadata.PackageNotFoundError:
        return Words("missing", "缺失").into(language), Words(
            "python -m pip install {name}", "python -m pip install {name}"
        ).filled(name=name)


async def _torch(language: Language) -> tuple[str, Words | None]:
    """Start the real kernel and wait for its word."""
    from tutor.client import Kernel
    from tutor.protocol import Ready

    kernel = Kernel()
    begun = time.monotonic()
    await kernel.start()
    try:
        state = await kernel.settled()
    finally:
        await kernel.close()
    if isinstance(state, Ready):
        words = Words(
            "{version}, imported in {seconds:.1f} s, kernel ready after {total:.1f} s",
            "{version}，导入用时 {seconds:.1f} 秒，内核 {total:.1f} 秒后就绪",
        ).filled(version=state.torch, seconds=state.seconds, total=time.monotonic() - begun)
        return words.into(language), None
    reason = getattr(state, "reason", str(state))
    return reason.into(language) if isinstance(reason, Words) else reason, Words(
        "Lessons and questions work without it; labs need it: {install}",
        "没有它也能阅读课程和答题，但实验需要它：{install}",
    ).filled(install=TORCH_INSTALL)


def _progress() -> tuple[str, Words | None]:
    from tutor.places import progress_file
    from tutor.progress.store import Store

    store = Store.open(progress_file())
    store.close()
    return str(progress_file()), store.trouble
