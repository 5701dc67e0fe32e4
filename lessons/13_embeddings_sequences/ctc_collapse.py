"""The rule by which a CTC path becomes a label: merge what repeats, then drop the blanks."""

import torch
import torch.nn.functional as F

from tutor.lesson import Note, Table, Value

BLANK, SIGNS = 0, "–abcdefghijklmnopqrstuvwxyz"


def spelled(classes):
    """The classes as signs, – for the blank."""
    return " ".join(SIGNS[k] for k in classes)


def run(path: list[int]):
    """The path frame by frame; then torch's loss of the label, for a net that is certain of just this path."""
    if not path:
        yield Note("A path has at least one frame.", "路径至少要有一帧。")
        return
    classes = torch.tensor(path)
    merged = torch.unique_consecutive(classes)
    label = merged[merged != BLANK]

    rows, before = [], None
    for t, k in enumerate(path):
        adds = "= π(t−1)" if k == before else "" if k == BLANK else f"+ {SIGNS[k]}"
        rows.append([t, k, SIGNS[k], adds])
        before = k
    yield Table("π", ["t", "k", "π(t)", "+"], rows)

    equal_neighbours = int((label[1:] == label[:-1]).sum())
    certain = F.one_hot(classes, len(SIGNS)).double().log()  # ln 1 = 0 along the path, ln 0 = −inf elsewhere
    loss = F.ctc_loss(certain, label, torch.tensor(len(path)), torch.tensor(len(label)), reduction="sum")
    yield Value("path", spelled(path))
    yield Value("merged", spelled(merged))
    yield Value("label", spelled(label))
    yield Value("length", len(label))
    yield Value("shortest", len(label) + equal_neighbours)
    yield Value("loss", loss.item() + 0.0)
