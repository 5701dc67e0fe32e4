"""Counting what the installed torch has: its module of losses lists them itself."""

import inspect
import warnings

from torch import nn

from tutor.lesson import Note, Table, Value

COURSE = [
    "CrossEntropyLoss",
    "NLLLoss",
    "BCELoss",
    "BCEWithLogitsLoss",
    "L1Loss",
    "MSELoss",
    "SmoothL1Loss",
    "PoissonNLLLoss",
    "KLDivLoss",
    "MarginRankingLoss",
    "MultiLabelMarginLoss",
    "SoftMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "TripletMarginLoss",
    "HingeEmbeddingLoss",
    "CosineEmbeddingLoss",
    "CTCLoss",
]


def run():
    """Every name that torch exports, who its parents are, and whether the course has it."""
    rows, beyond, deprecated = [], [], []
    for name in nn.modules.loss.__all__:
        parents = [parent.__name__ for parent in getattr(nn, name).__mro__[1:-1]]
        rows.append([name, " < ".join(parents), COURSE.index(name) + 1 if name in COURSE else ""])
        if name not in COURSE:
            (deprecated if warns(name) else beyond).append(name)
    yield Table("torch.nn.modules.loss", ["nn", "__mro__", "№"], rows)
    yield Value("all", len(rows))
    yield Value("course", sum(name in COURSE for name in nn.modules.loss.__all__))
    yield Value("deprecated", len(deprecated))
    yield Value("beyond", len(beyond))
    for name in beyond:
        signature = f"{name}({', '.join(inspect.signature(getattr(nn, name)).parameters)})"
        yield Note(f"not in the course: {signature}", f"课程之外：{signature}")


def warns(name):
    """Whether torch says, when the loss is made, that its time is over."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            getattr(nn, name)()
        except TypeError:  # it needs arguments, so nobody left it behind
            return False
    return any(issubclass(each.category, FutureWarning) for each in said)
