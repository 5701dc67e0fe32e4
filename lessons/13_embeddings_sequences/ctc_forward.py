"""CTC's probability of a label by the forward table, path by path, and by torch."""

import math
from itertools import product

import torch
import torch.nn.functional as F

from tutor.lesson import Note, Point, Table, Value

BLANK, SIGNS = 0, "–abcdefghijklmnopqrstuvwxyz"
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
MOST_PATHS, SHOWN_PATHS = 20_000, 12


def forward_table(p, label):
    """α of shape (T, 2S + 1): the probability of all beginnings of paths that are at symbol i in frame t."""
    s = [BLANK]
    for symbol in label:
        s += [symbol, BLANK]
    alpha = torch.zeros(len(p), len(s), dtype=p.dtype)
    alpha[0, :2] = p[0, s[:2]]
    for t in range(1, len(p)):
        for i in range(len(s)):
            before = alpha[t - 1, i].clone()  # it stays
            if i >= 1:
                before += alpha[t - 1, i - 1]  # it moves on
            if i >= 2 and s[i] != BLANK and s[i] != s[i - 2]:
                before += alpha[t - 1, i - 2]  # it skips the blank between two different symbols
            alpha[t, i] = p[t, s[i]] * before
    return s, alpha


def collapsed(path):
    """Merge what repeats, then drop the blanks."""
    return [k for t, k in enumerate(path) if k != BLANK and (t == 0 or k != path[t - 1])]


def run(probabilities: list[list[float]], target: list[int]):
    """The label's probability in three ways, which agree."""
    p = torch.tensor(probabilities, dtype=torch.float64)
    if p.dim() != 2 or p.shape[1] < 2:
        en = "It takes at least one frame, and in it the blank and one class more."
        yield Note(en, "至少要有一帧，每帧至少有空白和另一个类别。")
        return
    frames, classes = p.shape
    if classes > len(SIGNS):
        yield Note(f"The lab has signs for {len(SIGNS)} classes.", f"本实验只有 {len(SIGNS)} 个类别的符号。")
        return
    if any(k == BLANK or k >= classes for k in target):
        yield Note(
            f"A target may hold 1 to {classes - 1}: 0 is the blank, and there are {classes} classes. torch does not"
            " check this: for a larger one it reads memory beyond the row and gives any number.",
            f"target 只能取 1 到 {classes - 1}：0 是空白，共有 {classes} 个类别。torch 对此不作检查："
            "更大的值会读到这一行之外的内存，给出任意的数。",
        )
        return
    if ((p.sum(1) - 1).abs() > 1e-6).any():
        yield Note(
            "Not all rows sum to 1, so these are no probabilities.", "并非每一行的和都是 1，因此这不是概率。"
        )

    s, alpha = forward_table(p, target)
    columns = ["t", *(f"{SIGNS[k]}{i}".translate(SUBSCRIPTS) for i, k in enumerate(s))]
    yield Table("α(t, i)", columns, [[t, *row] for t, row in enumerate(alpha.tolist())])
    for t, row in enumerate(alpha):
        yield Point("ended", t, row[-2:].sum().item())
    probability = alpha[-1, -2:].sum().item()
    yield Value("probability", probability)

    if classes**frames <= MOST_PATHS:
        paths = [path for path in product(range(classes), repeat=frames) if collapsed(path) == target]
        weights = [math.prod(p[t, k].item() for t, k in enumerate(path)) for path in paths]
        named = [[" ".join(SIGNS[k] for k in path), w] for path, w in zip(paths, weights, strict=True)]
        yield Table("π", ["π", "p(π)"], named[:SHOWN_PATHS])
        yield Value("paths", len(paths))
        yield Value("summed", math.fsum(weights))

    yield Value("by_hand", -math.log(probability) if probability else math.inf)
    lengths = torch.tensor(frames), torch.tensor(len(target))
    label = torch.tensor(target, dtype=torch.long)
    yield Value("loss", F.ctc_loss(p.log(), label, *lengths, reduction="sum").item())
    if probability == 0:
        yield Note(
            f"No path of {frames} frames spells it with a probability above 0, so the loss is −ln 0 = inf;"
            " `zero_infinity=True` would make 0 of it.",
            f"没有任何一条 {frames} 帧的路径能以大于 0 的概率拼出它，所以损失是 −ln 0 = inf；"
            "`zero_infinity=True` 会把它变成 0。",
        )
