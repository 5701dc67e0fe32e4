"""Labs that behave."""

import os
import threading

import torch
from torch import nn

from tutor.lesson import Note, Point, Progress, Table, Value


def everything(name: str, count: int):
    """One of each thing that a lab may yield."""
    yield Note("hello", "你好")
    yield Progress(1, 2)
    for k in range(count):
        yield Point(name, k, k / 3)
    yield Table("rows", ["k", "y"], [[k, (k, float("nan"))] for k in range(2)])
    yield Value("nothing", None)


def points(count):
    for k in range(count):
        yield Point("a", k, k)


def rounds(count):
    """Lists: what comes at once is sent at once."""
    for k in range(count):
        yield [Point("a", k, k), Point("b", k, -k), Progress(k + 1, count)]
    yield []
    yield [Point("a", count, 0), "no message"]


def not_numbers():
    for k, y in enumerate((float("nan"), float("inf"), float("-inf"))):
        yield Point("y", k, y)
    yield Value("list", [1.0, float("nan"), [float("-inf")]])
    yield Table("t", ["c"], [[float("inf")]])


def network(seed):
    """Random numbers, matrix products over more than one thread's share, a backward pass, an optimizer."""
    torch.manual_seed(seed)
    linears = [nn.Linear(300, 300) for _ in range(4)]
    x = torch.randn(64, 300)
    for linear in linears:
        x = torch.tanh(linear(x))
    loss = x.square().mean()
    loss.backward()
    optimizer = torch.optim.Adam([p for linear in linears for p in linear.parameters()], lr=0.1)
    optimizer.step()
    yield Value("loss", loss.item())
    yield Value("weights", linears[0].weight[0].tolist())


def wide(rows):
    """A table that is one line of more than a megabyte."""
    yield Table("wide", ["a", "b"], [[k, f"row {k} " * 4] for k in range(rows)])


def where():
    """Which process this is, and what it can get at."""
    yield Value("pid", os.getpid())
    yield Value("zygote", os.getppid())
    yield Value("threads", torch.get_num_threads())
    yield Value("folder", os.getcwd())
    with open("mine.txt", "w") as file:
        file.write("x" * 10)
    yield Value("written", os.path.getsize("mine.txt"))
    try:
        os.open("/dev/tty", os.O_RDONLY)
    except OSError as error:
        yield Value("tty", type(error).__name__)


def writes(path):
    with open(path, "w") as file:
        file.write("x")
    yield Value("written", path)


def reads_stdin():
    import sys

    yield Value("read", sys.stdin.read())


def threads():
    """Threads that work, and one that would go on for ever."""
    results = []
    workers = [threading.Thread(target=lambda k=k: results.append(k)) for k in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    threading.Thread(target=threading.Event().wait).start()
    yield Value("sum", sum(results))
