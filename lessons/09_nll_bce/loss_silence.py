"""What torch takes without a word although hardly anybody wants it, and what it must not be given at all."""

from itertools import pairwise

import torch
from loss_call import Refused

from tutor.lesson import Note


def check_labels(log_probs, targets, input_lengths, target_lengths):
    """Raise `Refused` for labels that are no classes: torch would read memory beside log_probs, and not say so."""
    classes = log_probs.shape[-1] if log_probs.dim() else 0
    for symbol in (symbol for label in labels_read(targets, target_lengths) for symbol in label):
        if not 0 <= symbol < classes or symbol != int(symbol):
            told = f"{symbol:g}"
            raise Refused(
                f"targets has the label {told}, and the {classes} classes are 0 to {classes - 1}. torch does not check"
                " labels: outside of the classes it would read memory that is not log_probs, and give any number. So it is"
                " not called.",
                f"targets 中有标签 {told}，而 {classes} 个类别是 0 到 {classes - 1}。torch 不检查标签：越界时它会读到"
                " log_probs 以外的内存，得到任意的数。因此这里不调用 torch。",
            )


def labels_read(targets, target_lengths):
    """The labels that CTC reads; what stands behind a label's length in its row it never looks at."""
    lengths = target_lengths.reshape(-1).long().tolist()
    if targets.dim() < 2:
        return [targets.reshape(-1).tolist()]
    return [row[: max(length, 0)] for row, length in zip(targets.flatten(1).tolist(), lengths, strict=False)]


def taken_silently(loss, tensors, args, *losses):
    """Notes on targets and inputs that mean something else than torch computes."""
    yield from SILENT.get(loss, lambda *_: ())(tensors, args)
    if not all(each.isfinite().all() for each in losses):
        yield Note(
            "A loss that is nan or inf raises no error: it reaches the weights with the next step.",
            "损失为 nan 或 inf 时不会报错：下一步更新就会波及权值。",
        )


def signs(tensors, _):
    """Targets that are neither 1 nor −1."""
    if (tensors["target"].double().abs() != 1).any():
        yield Note(
            "A target here says +1 or −1. torch takes 0 or any other number without a word, and computes nonsense: with 0"
            " and 1 as labels, write 2·y − 1.",
            "这里的 target 只应是 +1 或 −1。其他数（例如 0）torch 也照收不误，算出的值没有意义：标签若是 0 和 1，请改写为"
            " 2·y − 1。",
        )


def probabilities(tensors, _):
    """Targets outside of 0 to 1."""
    if ((tensors["target"] < 0) | (tensors["target"] > 1)).any():
        yield Note(
            "The target of this loss is 0 or 1, or between. torch does not check it: with other targets the loss can fall"
            " for ever.",
            "这个损失的 target 应在 0 到 1 之间。torch 不检查：用别的 target，损失可以无限下降。",
        )


def log_probabilities(tensors, _):
    """Inputs that cannot be logarithms of probabilities."""
    if (tensors["inputs"] > 0).any():
        yield Note(
            "Some inputs are above 0: they are no logarithms of probabilities. This loss takes no logarithm itself, and torch"
            " does not check: the loss may come out negative. Put log_softmax before it.",
            "有的 inputs 大于 0，不可能是概率的对数。这个损失自己不取对数，torch 也不检查，结果可能是负数。请先做 log_softmax。",
        )


def divergence(tensors, args):
    """What makes a KL divergence none."""
    inputs, target = tensors["inputs"].double(), tensors["target"].double()
    yield from log_probabilities(tensors, args)
    if not args["log_target"] and (target < 0).any():
        yield Note(
            "A target below 0 is no probability. If it is a logarithm already, say so: log_target=True.",
            "target 小于 0，不是概率。如果它已经取过对数，请设 log_target=True。",
        )
    elif (
        (inputs <= 0).all()
        and inputs.dim()
        and not torch.allclose(inputs.exp().sum(-1), torch.ones(()).double(), atol=1e-3)
    ):
        yield Note(
            "exp(inputs) does not add up to 1 in each row, so these are no log-probabilities and the sum is no KL divergence.",
            "exp(inputs) 每行之和不是 1，说明这些不是对数概率，求和的结果也不是 KL 散度。",
        )
    if inputs.dim() == 1:
        yield Note(
            "With one dimension batchmean divides by the number of classes: it takes the first dimension for the batch."
            " Write the row as (1, D).",
            "只有一维时，batchmean 除以的是类别数：它把第一维当作批。请把这一行写成 (1, D)。",
        )


def softmaxed(tensors, _):
    """Logits that look like probabilities."""
    inputs = tensors["inputs"].double()
    if (
        inputs.dim() == 2
        and (inputs >= 0).all()
        and torch.allclose(inputs.sum(1), inputs.new_ones(()), atol=1e-4)
    ):
        yield Note(
            "Each row of inputs adds up to 1: a softmax may have been here already. CrossEntropyLoss does one itself, and"
            " says nothing about a second one.",
            "inputs 的每一行之和都是 1，可能已经做过 softmax。CrossEntropyLoss 自己会做一次，做两次它也不会提示。",
        )


def counts(tensors, args):
    """Targets that are no counts, rates that are none."""
    target = tensors["target"].double()
    if (target < 0).any() or (target != target.round()).any():
        yield Note(
            "A Poisson target is a count: 0, 1, 2, ... torch takes fractions and negative numbers without a word.",
            "泊松损失的 target 是计数：0、1、2……torch 对小数和负数也不会提示。",
        )
    if not args["log_input"] and (tensors["inputs"] < 0).any():
        yield Note(
            "With log_input=False an input is the rate itself and cannot be negative: its logarithm is nan.",
            "log_input=False 时，输入就是泊松率本身，不能为负：负数的对数是 nan。",
        )


def label_lists(tensors, _):
    """A 0/1 mask where a list of labels is meant."""
    target = tensors["target"]
    rows = target.reshape(-1, target.shape[-1]) if target.dim() else target.reshape(1, 1)
    if any(row.numel() > 2 and -1 not in row and set(row.tolist()) <= {0, 1} for row in rows):
        yield Note(
            "A target here is a list of labels that ends with −1. A mask of 0 and 1 is read as the labels 0 and 1, over and"
            " over; for masks there is MultiLabelSoftMarginLoss.",
            "这里的 target 是以 −1 结尾的标签列表。0/1 掩码会被当作反复出现的标签 0 和 1；掩码请用 MultiLabelSoftMarginLoss。",
        )


def distances(tensors, args):
    """Distances below 0."""
    yield from signs(tensors, args)
    if (tensors["inputs"] < 0).any():
        yield Note(
            "An input here is a distance. A negative one is taken without a word, and the loss can fall below 0.",
            "这里的输入是距离。负数 torch 也不会提示，损失会小于 0。",
        )


def sequences(tensors, args):
    """Labels that hold the blank, or need more frames than there are; and what torch's gradient is of."""
    labels = labels_read(tensors["targets"], tensors["target_lengths"])
    if any(args["blank"] in label for label in labels):
        yield Note(
            "The blank stands in a label. torch does not check this; the blank means 'nothing here', so no way spells such"
            " a label, and the value has no meaning.",
            "标签中出现了 blank。torch 不检查这一点；blank 表示“此处没有字符”，任何路径都拼不出这样的标签，所得的值没有意义。",
        )
    if tensors["targets"].dim() > 1:
        frames = tensors["input_lengths"].reshape(-1).tolist()
        needed = [len(label) + sum(a == b for a, b in pairwise(label)) for label in labels]
        for n, (has, needs) in enumerate(zip(frames, needed, strict=True)):
            if has < needs:
                yield Note(
                    f"Sample {n} has {has} frames and its label needs {needs}: one a symbol, and one more for the blank between"
                    " two equal ones. Its loss is inf, and torch says nothing; with zero_infinity=True it is 0.",
                    f"样本 {n} 有 {has} 帧，而它的标签需要 {needs} 帧：每个字符一帧，两个相同字符之间还要多一帧放 blank。它的损失是"
                    " inf，torch 不提示；设 zero_infinity=True 时为 0。",
                )
    yield Note(
        "torch's gradient of CTC is that with respect to the logits before log_softmax, p − (share of all ways): it counts"
        " on a log_softmax having made log_probs. The slope of the curve is −(share) alone.",
        "torch 给出的 CTC 梯度是对 log_softmax 之前的 logits 的梯度，即 p −（各路径所占份额）：它默认 log_probs 出自"
        " log_softmax。曲线的斜率则只是 −（份额）。",
    )


SILENT = {
    "CrossEntropyLoss": softmaxed,
    "NLLLoss": log_probabilities,
    "BCEWithLogitsLoss": probabilities,
    "MultiLabelSoftMarginLoss": probabilities,
    "PoissonNLLLoss": counts,
    "KLDivLoss": divergence,
    "MarginRankingLoss": signs,
    "MultiLabelMarginLoss": label_lists,
    "SoftMarginLoss": signs,
    "HingeEmbeddingLoss": distances,
    "CosineEmbeddingLoss": signs,
    "CTCLoss": sequences,
}
