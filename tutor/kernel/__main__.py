"""The kernel's own process, `python -m tutor.kernel`: gets torch warm, then serves runs until the app is gone."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import socket
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

# One thread a run: a run is forked, and threads that torch started before would not be in the fork.
os.environ |= {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

from tutor.kernel.confine import die_with_parent
from tutor.kernel.serve import Zygote, serve_one
from tutor.protocol import Message, Missing, Ready, Warming, encode


def main() -> None:
    """Serve the app at the other end of the socket that `--control` names; returns when it is gone."""
    parser = argparse.ArgumentParser(prog="python -m tutor.kernel", description=__doc__)
    parser.add_argument("--control", type=int, required=True, help="descriptor of the socket to the app")
    parser.add_argument("--folder", type=Path, required=True, help="where the runs' own folders are made")
    parser.add_argument("--memory", type=int, required=True, help="bytes a run may take beyond torch itself")
    parser.add_argument("--spare", action="store_true", help="do one run in this process instead of forking")
    arguments = parser.parse_args()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # a run lets it through when it can take it
    die_with_parent(signal.SIGTERM)
    with suppress(OSError):
        os.nice(10)
    os.chdir("/")  # the current folder may be gone, which torch's import does not survive
    control = socket.socket(fileno=arguments.control)
    with suppress(ConnectionError):
        warm(lambda news: control.sendall(encode(news)))
        if arguments.spare:
            serve_one(control, arguments.folder, arguments.memory)
        else:
            Zygote(control, arguments.folder, arguments.memory).serve()


def warm(say: Callable[[Message], None]) -> None:
    """Import torch and what it imports lazily, without a tensor operation that would start threads."""
    began = time.perf_counter()
    warnings.filterwarnings("ignore", message="Failed to initialize NumPy")
    try:
        say(Warming("torch"))
        import torch

        say(Warming("torch.optim"))
        torch.optim.SGD([torch.nn.Parameter(torch.empty(1))], lr=1)
        importlib.import_module("tutor.kernel.stepping")  # knows torch, too
    except ConnectionError:
        raise
    except (Exception, SystemExit) as error:
        say(Missing(f"{type(error).__name__}: {error}"))
    else:
        say(Ready(str(torch.__version__), time.perf_counter() - began))


if __name__ == "__main__":
    try:
        main()
    finally:
        # The interpreter's own farewell to torch takes a tenth of a second that nobody needs.
        os._exit(0)
