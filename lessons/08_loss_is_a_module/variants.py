"""Questions on Modules with other classes each time: torch builds them and is asked."""

import random
import sys
import textwrap

import torch
from torch import nn

from tutor.lesson import Variant

NAMES = {"torch": torch, "nn": nn}


KINDS = {
    "plain": "self.{name} = torch.ones({n})",
    "buffer": 'self.register_buffer("{name}", torch.ones({n}))',
    "passing": 'self.register_buffer("{name}", torch.ones({n}), persistent=False)',
    "parameter": "self.{name} = nn.Parameter(torch.ones({n}))",
    "linear": "self.{name} = nn.Linear({n}, 2)",
}


def saved_entries(rng: random.Random) -> Variant:
    """A Module with attributes of all kinds; how many entries its state_dict has is asked."""
    while True:
        plain, passing = rng.sample([0, 1, 2], 2)
        count = {
            "plain": plain,
            "passing": passing,
            "buffer": rng.randint(0, 2),
            "parameter": rng.randint(0, 2),
        }
        count["linear"] = 1
        chosen = [kind for kind, times in count.items() for _ in range(times)]
        if not 4 <= len(chosen) <= 6:
            continue
        rng.shuffle(chosen)
        lines = [KINDS[k].format(name=n, n=rng.randint(2, 5)) for k, n in zip(chosen, "abcdef", strict=False)]
        module = built(lines)
        key = len(module.state_dict())
        mistakes = told_apart(
            key,
            {
                "counted-plain": key + plain,
                "counted-passing": key + passing,
                "linear-is-one": key - 1,
                "only-parameters": len(list(module.parameters())),
                "counted-lines": len(chosen),
            },
        )
        if len(mistakes) >= 2 and mistakes.keys() & {"counted-plain", "counted-passing"}:
            break
    fields = {
        "lines": textwrap.indent("\n".join(lines), " " * 8),
        "keys": ", ".join(module.state_dict()),
        "n": len(lines),
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def told_apart(key, mistakes):
    """The mistakes that do not lead to the key, nor two of them to one value."""
    values = list(mistakes.values())
    return {name: value for name, value in mistakes.items() if value != key and values.count(value) == 1}


def built(lines):
    """An instance of a class with these lines in its __init__, after super().__init__()."""
    body = textwrap.indent("\n".join(["super().__init__()", *lines]), " " * 8)
    space = dict(NAMES)
    exec(f"class Own(nn.Module):\n    def __init__(self):\n{body}\n", space)
    return space["Own"]()


def constructors(rng: random.Random) -> Variant:
    """A chain of classes, some without an __init__ of their own; how many are entered is asked, and torch is watched."""
    while True:
        depth = rng.choice([3, 4])
        names = rng.sample(["Base", "Middle", "Weighted", "Focal", "Soft", "Mine"], depth)
        own = [rng.random() < 0.6 for _ in names]
        parents = [rng.choice(["nn.Module", "nn.modules.loss._Loss"]), *names[:-1]]
        code = "\n".join(
            f"class {name}({parent}):"
            + ("\n    def __init__(self):\n        super().__init__()" if has else " pass")
            for name, parent, has in zip(names, parents, own, strict=True)
        )
        space = dict(NAMES)
        exec(code, space)
        entered = watched(space[names[-1]])
        key = len(entered)
        mistakes = told_apart(
            key,
            {
                "counted-classes": len(space[names[-1]].__mro__) - 1,
                "forgot-module": key - 1,
                "counted-object": key + 1,
                "only-the-last": 1,
            },
        )
        if len(mistakes) >= 2 and not all(own):
            break
    without = [name for name, has in zip(names, own, strict=True) if not has]
    fields = {
        "code": code,
        "last": names[-1],
        "entered": " → ".join(entered),
        "without": ", ".join(without),
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def watched(cls):
    """The classes whose __init__ is entered, in order, when `cls` is called."""
    entered = []

    def watch(frame, event, arg):
        if event == "call" and frame.f_code.co_name == "__init__":
            entered.append(frame.f_code.co_qualname.rpartition(".")[0])

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        cls()
    finally:
        sys.setprofile(before)
    return entered
