"""Steps into the loss with other versions of torch, and says where they differ.

    python tests/bench/versions.py PYTHON...

Each PYTHON is an interpreter with a torch of its own (and msgspec): its kernel records `nn.CrossEntropyLoss()`, and the
classes whose `__init__` is entered must be those of its `__mro__`, every recorded line one of `inspect.getsource`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
INSIDE = """
import inspect, sys, torch
from torch import nn
from tutor.kernel.trace import Tracer

class Listener:
    codes, frames, calls, lines = {}, {}, [], []
    def tell(self, told):
        {"Code": self.codes, "Frame": self.frames}.get(type(told).__name__, {})[told.id] = told
    def happened(self, event, frame, code):
        if event.what == "call":
            self.calls.append(code.qualname)
        if event.what == "line":
            self.lines.append((code.qualname, code.file, event.line))

listener = Listener()
names = {"nn": nn}
Tracer(listener, names).run(compile("loss_fn = nn.CrossEntropyLoss()", "<your code>", "exec"), dict(names))
entered = [name.removesuffix(".__init__") for name in listener.calls if name.endswith(".__init__")]
mro = [cls.__name__ for cls in nn.CrossEntropyLoss.__mro__ if "__init__" in vars(cls) and cls is not object]
assert entered == mro, (entered, mro)
for cls in nn.CrossEntropyLoss.__mro__[:-1]:
    source, first = inspect.getsourcelines(cls.__init__)
    for name, file, line in listener.lines:
        if name == cls.__init__.__qualname__:
            assert file == inspect.getsourcefile(cls) and first <= line < first + len(source), (name, line)
print(torch.__version__, " > ".join(entered), f"({len(listener.calls) - 1} calls)")
"""


def main() -> int:
    """1 if any version differs from its own `__mro__` or source."""
    failed = False
    for python in sys.argv[1:] or [sys.executable]:
        ran = subprocess.run([python, "-W", "ignore", "-c", INSIDE], cwd=ROOT, text=True)
        failed |= ran.returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
