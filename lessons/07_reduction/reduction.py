"""Cross entropy by hand, line by line, then put together in the three ways, each beside what torch gives."""

from itertools import chain

import torch
import torch.nn.functional as F

from tutor.lesson import Note, Point, Table, Value

MODES = ("none", "sum", "mean")


def run(
    inputs: list[list[float]],
    target: list[int],
    weight: list[float] | None,
    reduction: str,
    ignore_index: int,
):
    """`inputs` are logits (N, C), `target` class indices (N), `weight` one number a class (C) or None.

    What torch refuses, it refuses here: its own message is noted, explained, and raised again.
    """
    try:
        x = torch.tensor(inputs, dtype=torch.float)
        y = torch.tensor(target, dtype=torch.long)
        w = None if weight is None else torch.tensor(weight, dtype=torch.float)
        torchs = {m: F.cross_entropy(x, y, w, ignore_index=ignore_index, reduction=m) for m in MODES}
    except (ValueError, IndexError, RuntimeError) as error:
        yield Note(f"torch says: {error}", f"torch 的原话：{error}")
        yield explained(str(error), inputs, target, weight)
        raise

    x = x.double()  # by hand with more digits than torch's float32
    n, c = x.shape
    exp = x.exp()
    total = exp.sum(1, keepdim=True)
    softmax = exp / total
    log_softmax = x - total.log()  # ln(exp(x) / total)
    counted = y != ignore_index
    picked = y.where(counted, 0)  # an ignored sample may pick any class, it counts for nothing
    loss = -log_softmax.gather(1, picked[:, None]).squeeze(1) * counted
    w_y = (torch.ones(c, dtype=x.dtype) if w is None else w.double())[picked] * counted
    weighted = w_y * loss
    denominator = w_y.sum()
    by_hand = {"none": weighted, "sum": weighted.sum(), "mean": weighted.sum() / denominator}

    yield Table("exp(x)", ["n", *columns("exp", c), "Σ exp"], rows(exp, total))
    yield Table("softmax(x)", ["n", *columns("p", c)], rows(softmax))
    yield Table("ln softmax(x)", ["n", *columns("ln p", c)], rows(log_softmax))
    yield Table("loss", ["n", "y", "l = −ln p[y]", "w[y]", "w[y]·l"], rows(y, loss, w_y, weighted))
    results = [[m, by_hand[m].tolist(), torchs[m].tolist()] for m in MODES]
    yield Table("reduction", ["reduction", "by hand", "F.cross_entropy"], results)
    for k in range(n):
        yield Point("loss", k, loss[k].item())
        yield Point("weighted", k, weighted[k].item())
    yield Value("loss", torchs[reduction].tolist())
    yield Value("by_hand", by_hand[reduction].tolist())
    yield Value("denominator", denominator.item())
    if counted.any():
        yield in_one_line(w_y[counted].tolist(), loss[counted].tolist())
    yield from remarks(w, counted, denominator.item(), by_hand["sum"].item())


def columns(name, c):
    """`name` with the number of each class."""
    return [f"{name}{str(k).translate(str.maketrans('0123456789', '₀₁₂₃₄₅₆₇₈₉'))}" for k in range(c)]


def rows(*parts):
    """A row for each sample: its number, then its entries of every part."""
    flat = [part.reshape(len(part), -1).tolist() for part in parts]
    return [[n, *chain(*entries)] for n, entries in enumerate(zip(*flat, strict=True))]


def in_one_line(weights, losses):
    """The weighted mean as one writes it down; the middle of a long batch is left out."""
    terms = [f"{w:g}·{loss:.4f}" for w, loss in zip(weights, losses, strict=True)]
    parts = [f"{w:g}" for w in weights]
    if len(terms) > 5:
        terms[3:-1], parts[3:-1] = ["…"], ["…"]
    above, below = sum(w * loss for w, loss in zip(weights, losses, strict=True)), sum(weights)
    mean = torch.tensor(above).div(below).item()  # a tensor divides by 0, too
    line = f"mean = ({' + '.join(terms)}) / ({' + '.join(parts)}) = {above:.4f} / {below:g} = {mean:.4f}"
    return Note(line, line)


def remarks(w, counted, denominator, above):
    """What torch computes without a word, although hardly anybody wants it."""
    n, ignored = len(counted), int((~counted).sum())
    if ignored:
        yield Note(
            f"Ignored samples: {ignored} of {n}. They are 0 under none, and add nothing to the denominator.",
            f"被忽略的样本：{n} 个中有 {ignored} 个。它们在 none 下是 0，也不计入分母。",
        )
    if w is not None and w.min() < 0:
        yield Note(
            "torch takes a negative weight without a word. It turns the sign of the loss: training would push such"
            " samples away from their class, and the denominator can come near 0.",
            "torch 对负权重不报任何错误。负权重使损失变号：训练会把这些样本推离自己的类别，分母也可能接近 0。",
        )
    if denominator == 0:
        result = "nan" if above == 0 else "inf" if above > 0 else "-inf"
        yield Note(
            f"The weights of the targets add up to 0, so mean divides {above:.4g} by 0 and gives {result}, without an"
            " error. none and sum stay finite.",
            f"target 的权重之和是 0，mean 是 {above:.4g} 除以 0，得到 {result}，而且不报错。none 和 sum 仍是有限的。",
        )
        yield (
            Note(
                "With all samples ignored the gradient is 0: the step changes nothing, but every average of the loss"
                " that you keep becomes nan.",
                "所有样本都被忽略时梯度为 0：这一步什么也不会更新，但你记录的平均损失会变成 nan。",
            )
            if ignored == n
            else Note(
                "The gradient is no longer finite either: one such step makes weights of the network nan.",
                "梯度也不再是有限的：只要更新这样一步，网络的权值就会变成 nan。",
            )
        )


def explained(message, inputs, target, weight):
    """Why torch refuses these tensors, and what to change."""
    n, c = len(inputs), len(inputs[0]) if inputs and isinstance(inputs[0], list) else 0
    if "out of bounds" in message:
        return Note(
            f"A target is the number of a column of inputs, counted from 0. Columns of inputs: {c}, so a target is at"
            f" least 0 and less than {c}. Only ignore_index may lie outside.",
            f"target 是 inputs 的列号，从 0 数起。inputs 有 {c} 列，所以 target 至少为 0，且小于 {c}。只有"
            " ignore_index 可以超出这个范围。",
        )
    if "to match target batch_size" in message:
        return Note(
            f"Each row of inputs needs one target. Rows of inputs: {n}; targets: {len(target)}.",
            f"inputs 的每一行对应一个 target。现在 inputs 有 {n} 行，target 有 {len(target)} 个。",
        )
    if "weight tensor should be defined" in message:
        return Note(
            "weight has one number for each class, not for each sample."
            f" Columns of inputs: {c}; numbers in weight: {len(weight)}.",
            f"weight 是每个类别一个数，不是每个样本一个数。现在 inputs 有 {c} 列，weight 有 {len(weight)} 个数。",
        )
    if "class probabilities" in message:
        return Note(
            "inputs and target have the same shape, so torch takes target for probabilities, which are floats. An"
            " empty list has the shape (0,). A batch without samples would be (0, C); then none is empty, sum is 0"
            " and mean is 0/0 = nan.",
            "inputs 与 target 形状相同，torch 便把 target 当作概率，而概率应是浮点数。空列表的形状是 (0,)。没有样本的"
            "批应为 (0, C)，这时 none 为空，sum 是 0，mean 是 0/0 = nan。",
        )
    if "expected sequence of length" in message:
        return Note(
            "The rows of inputs differ in length. A tensor is a full rectangle: every sample has one number a class.",
            "inputs 各行的长度不同。张量必须是完整的矩形：每个样本在每个类别上都有一个数。",
        )
    return Note(
        "The shapes must be: inputs (N, C), target (N), weight (C). N counts samples, C classes.",
        "形状应为：inputs (N, C)，target (N)，weight (C)。N 是样本数，C 是类别数。",
    )
