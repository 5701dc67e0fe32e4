"""What keeps an accident in a run from reaching anything else; no border against ill will."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from contextlib import suppress
from pathlib import Path

LARGEST_FILE = 64 << 20
"""Bytes of the largest file a run may write."""

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 36, 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_WRITE_FILE, _REFER, _TRUNCATE = 1 << 1, 1 << 13, 1 << 14
_CHANGE_FOLDERS = sum(1 << bit for bit in range(4, 13))  # remove and make entries of every kind


def die_with_parent(by: signal.Signals | None) -> None:
    """Have the system send us `by` when our parent dies, nothing for None; only Linux offers it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, by or 0, 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of what our children leave behind; only Linux offers it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def confine(folder: Path | None, memory: int) -> None:
    """Bound this process: `memory` bytes beyond what it has now, small files, writing in `folder` alone."""
    with suppress(OSError):  # when the machine runs short, this process goes first
        Path("/proc/self/oom_score_adj").write_text("1000")
    with suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        resource.setrlimit(
            resource.RLIMIT_AS, (pages * resource.getpagesize() + memory, resource.RLIM_INFINITY)
        )
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux" and platform.machine() in ("x86_64", "aarch64"):
        _write_only_below(folder)


def lift_memory_limit() -> None:
    """Make room again, so that a run that is out of memory can still say so."""
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def landlock_version() -> int:
    """The version of Landlock that the running system offers, 0 for none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(ctypes.CDLL(None).syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)))


def _write_only_below(folder: Path | None) -> None:
    """Landlock: no writing but below `folder` and to /dev/null. Nothing happens where it is not offered."""
    version = landlock_version()
    if version == 0:
        return
    access = _WRITE_FILE | _CHANGE_FOLDERS
    access |= _REFER if version >= 2 else 0
    access |= _TRUNCATE if version >= 3 else 0
    libc = ctypes.CDLL(None)
    handled = struct.pack("Q", access)
    rules = libc.syscall(_CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    if rules < 0:
        return
    to_a_file = access & (_WRITE_FILE | _TRUNCATE)
    for path, allowed in ((folder, access), (Path(os.devnull), to_a_file)):
        if path is not None:
            with suppress(OSError):
                beneath = os.open(path, os.O_PATH)
                libc.syscall(_ADD_RULE, rules, 1, struct.pack("=Qi", allowed, beneath), 0)
                os.close(beneath)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.syscall(_RESTRICT_SELF, rules, 0)
    os.close(rules)
