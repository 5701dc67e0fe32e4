"""Labs as they should not be: each function does one thing that a run must survive alone."""

import ctypes
import os
import subprocess
import sys
import time
from contextlib import suppress

import torch

from tutor.lesson import Point, Value


def raises(text):
    yield Point("a", 0, 1)
    deeper(text)


def deeper(text):
    raise ValueError(text)


def raises_in_torch():
    yield Value("never", (torch.ones(2, 3) @ torch.ones(2, 3)).tolist())


def raises_unspeakable():
    class Unspeakable(Exception):
        def __str__(self):
            raise RuntimeError("no text")

    raise Unspeakable
    yield


def imports_nothing():
    import no_such_module_anywhere

    yield no_such_module_anywhere


def loops():
    yield Value("pid", os.getpid())
    while True:
        pass


def yields_for_ever():
    k = 0
    while True:
        yield Point("a", k, k)
        k += 1


def ignores_the_interrupt():
    yield Value("pid", os.getpid())
    while True:
        try:
            print("deaf")
            while True:
                time.sleep(60)
        except:  # noqa: E722 - that is the point
            pass


def prints(megabytes):
    line = "x" * 99
    for _ in range(megabytes * 10_000):
        print(line)
    print("the end")
    yield Value("done", True)


def prints_binary():
    sys.stdout.buffer.write(b"\xff\xfe\x00\x07 \x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b[2J ok\r\n")
    os.write(2, "错误\n".encode())
    yield Value("done", True)


def exits(status):
    yield Point("a", 0, 1)
    os._exit(status)


def sys_exits():
    yield Point("a", 0, 1)
    sys.exit(4)


def segfaults():
    yield Point("a", 0, 1)
    ctypes.string_at(0)


def eats_memory():
    hoard = []
    yield Point("a", 0, 1)
    while True:
        hoard.append(bytearray(64 << 20))


def eats_memory_in_torch():
    yield Value("never", torch.empty(10**12).numel())


def fills_the_disk():
    with open("big", "wb") as file:
        for _ in range(1000):
            file.write(bytes(1 << 20))
    yield Value("never", True)


def closes_its_descriptors():
    yield Point("a", 0, 1)
    os.closerange(0, 256)
    yield Point("a", 1, 1)


def leaves_a_child():
    """A child that keeps every descriptor and never ends."""
    pid = os.fork()
    if pid == 0:
        while True:
            time.sleep(60)
    yield Value("child", pid)


def leaves_a_daemon():
    """A process in a session of its own, whose parent is gone."""
    daemon = subprocess.Popen(
        [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)"],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    yield Value("child", int(daemon.stdout.readline()))


def leaves_a_child_and_loops():
    yield from leaves_a_child()
    yield from loops()


def forks_and_goes_on():
    """Both processes go on yielding."""
    os.fork()
    yield Point("a", 0, 1)


def yields_an_int():
    yield Point("a", 0, 1)
    yield 5


def yields_a_tensor():
    yield Point("a", 0, torch.ones(3))


def yields_a_word():
    yield Point("a", 0, "much")


def yields_too_much():
    yield Value("a", "x" * (9 << 20))


def yields_nothing():
    pass


def writes_nonsense_to_every_descriptor():
    for descriptor in range(3, 64):
        with suppress(OSError):
            os.write(descriptor, b'{"kind": "gibberish"}\n')
    yield Value("done", True)
