"""The cross entropy of one sample taken apart, class by class, with torch's own result beside it."""

import torch
import torch.nn.functional as F

from tutor.lesson import Note, Point, Table, Value


def run(logits, target, label_smoothing):
    """Softmax, log, pick; there is one sample, so the average changes nothing."""
    x = torch.tensor(logits, dtype=torch.float32)  # (C,)
    try:
        loss = F.cross_entropy(x, torch.tensor(target), label_smoothing=label_smoothing)
    except (IndexError, RuntimeError) as error:
        yield Note(str(error), str(error))
        yield Note(
            f"{len(x)} logits are {len(x)} classes, counted from 0: the target is a whole number from 0 to {len(x) - 1}.",
            f"{len(x)} 个 logits 就是 {len(x)} 个类别，从 0 数起：target 应为 0 到 {len(x) - 1} 的整数。",
        )
        return

    e = x.exp()
    naive = e / e.sum()  # softmax as it is written; above 88.7 exp is inf in float32, and inf / inf is nan
    shifted = x - x.max()  # the same softmax, but no exp is above 1 any more
    log_p = shifted - shifted.exp().sum().log()  # never the log of 0
    p = log_p.exp()

    q = torch.full_like(x, label_smoothing / len(x))  # the target as probabilities
    q[target] += 1 - label_smoothing
    terms = -q * log_p  # (C,), their sum is the loss

    columns = ["c", "x", "exp x", "p = softmax x", "ln p", "q", "−q · ln p"]
    rows = zip(range(len(x)), *(each.tolist() for each in (x, e, p, log_p, q, terms)), strict=True)
    yield Table("−Σ q · ln p", columns, [list(row) for row in rows])
    for k in range(len(x)):
        yield Point("p", k, p[k].item())
        yield Point("q", k, q[k].item())
    yield Value("loss", loss.item())
    yield Value("by_hand", terms.sum().item())
    yield Value("naive", -(q * naive.log()).sum().item())
    yield Value("sum_of_exp", e.sum().item())
