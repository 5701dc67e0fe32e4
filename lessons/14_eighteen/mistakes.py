"""Eight calls with one thing wrong, each beside the call that was meant: does torch say anything?"""

import warnings

import torch
from torch import nn

from tutor.lesson import Note, Point, Table, Value

x = torch.tensor([[1.0, 0.5, -1.0]])  # logits of one sample, three classes
y = torch.tensor([0])  # its class
labels = torch.tensor([[1.0, 0.0, 0.0]])  # the same as 0 and 1
signs = 2 * labels - 1  # and as +1 and −1
q = torch.tensor([[0.7, 0.2, 0.1]])  # a distribution to match

CALLS = {  # what is passed, the loss, what was meant, what is passed instead
    "CrossEntropyLoss": ("softmax(x), y", nn.CrossEntropyLoss(), (x, y), (x.softmax(1), y)),
    "NLLLoss": ("x, y", nn.NLLLoss(), (x.log_softmax(1), y), (x, y)),
    "BCELoss": ("x, labels", nn.BCELoss(), (x.sigmoid(), labels), (x, labels)),
    "KLDivLoss": ("softmax(x), q", nn.KLDivLoss(reduction="batchmean"), (x.log_softmax(1), q), (x.softmax(1), q)),
    "SoftMarginLoss": ("x, labels", nn.SoftMarginLoss(), (x, signs), (x, labels)),
    "MultiLabelSoftMarginLoss": ("x, signs", nn.MultiLabelSoftMarginLoss(), (x, labels), (x, signs)),
    "MultiLabelMarginLoss": ("x, mask", nn.MultiLabelMarginLoss(), (x, torch.tensor([[0, -1, 0]])), (x, labels.long())),
    "MSELoss": ("column, row", nn.MSELoss(), (x.T, labels.T), (x.T, labels[0])),
}  # fmt: skip


def run(call: str):
    """The chosen loss as it was meant and as it is called; then what torch does about each of the eight."""
    passed, loss, meant, made = CALLS[call]
    value, said = listen(loss, made)
    yield Value("meant", loss(*meant).item())
    yield Value("made", value)
    en, zh = (
        (f"torch says: {said}", f"torch 的反应：{said}")
        if said
        else ("torch says nothing.", "torch 没有任何提示。")
    )
    yield Note(f"{call}({passed}): {en}", f"{call}({passed})：{zh}")
    rows = []
    for number, (name, (passed, loss, meant, made)) in enumerate(CALLS.items(), 1):
        value, said = listen(loss, made)
        rows.append([number, f"{name}({passed})", loss(*meant).item(), value, said.partition(":")[0] or "-"])
        yield Point("meant", number, loss(*meant).item())
        if value is not None:
            yield Point("made", number, value)
    yield Table("calls", ["№", "loss(…)", "✓", "✗", "torch"], rows)
    yield Value("silent", sum(row[-1] == "-" for row in rows))


def listen(loss, given):
    """The value, None where torch raises, and the error or warning in its own words."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            value = loss(*given).item()
        except Exception as error:
            return None, f"{type(error).__name__}: {error}"
    return value, "; ".join(f"{each.category.__name__}: {each.message}" for each in warned)
