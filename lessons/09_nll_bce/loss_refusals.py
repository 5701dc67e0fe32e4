"""What torch says when it refuses, explained: the cause, and what to change."""

import re

from loss_call import Refused

from tutor.lesson import Note

WHY = [
    (
        r"all elements of input should be between 0 and 1",
        "BCELoss takes probabilities. Logits go through torch.sigmoid first, or to BCEWithLogitsLoss as they are.",
        "BCELoss 的输入是概率。logits 要先经过 torch.sigmoid，或者直接交给 BCEWithLogitsLoss。",
    ),
    (
        r"all elements of target should be between 0 and 1",
        "The target of a BCE is a probability as well: 0, 1, or something between them.",
        "BCE 的 target 也是概率：0、1，或者介于两者之间的数。",
    ),
    (
        r"Found dtype Long but expected Float|cast to the desired output type Long",
        "The target is computed with like the inputs, so it must be float too: target.float().",
        "target 要和 inputs 一起参与运算，因此也必须是浮点数：target.float()。",
    ),
    (
        r"target dtype to be Long or Byte|expected scalar type Long but found",
        "The target is a class index, a whole number that picks a column: it must have dtype torch.long.",
        "target 是类别下标，用来选取某一列，必须是整数，dtype 为 torch.long。",
    ),
    (
        r"Target -?\d+ is out of bounds|target out of range|'target' is out of range",
        "A class index counts the columns of inputs from 0; with C columns it is at most C - 1.",
        "类别下标从 0 数起，指向 inputs 的列；有 C 列时最大为 C - 1。",
    ),
    (
        r"to match target batch_size|target tensor should be 1-D|inconsistent target size",
        "Each row of inputs is a sample, and each sample needs its own target.",
        "inputs 的每一行是一个样本，每个样本都要有自己的 target。",
    ),
    (
        r"multi-target not supported",
        "The target has one number a sample: its shape is (N), neither (N, 1) nor (1, N).",
        "每个样本的 target 是一个数：形状是 (N)，不是 (N, 1) 或 (1, N)。",
    ),
    (
        r"class probabilities, got",
        "A target of the shape of the inputs is taken for probabilities of the classes, and those are floats.",
        "target 与 inputs 形状相同时会被当作各类别的概率，概率必须是浮点数。",
    ),
    (
        r"ignore_index is not supported for floating point target",
        "Probabilities name no class, so there is none to be ignored. Set their rows to 0 instead.",
        "target 是概率时不指向任何一个类别，也就没有可以忽略的类别；可以把相应的行设为 0。",
    ),
    (
        r"weight tensor should be defined|inconsistent weight size",
        "weight has one number for each class, that is for each column of inputs, not for each sample.",
        "weight 是每个类别一个数，即 inputs 的每一列一个数，而不是每个样本一个数。",
    ),
    (
        r"[Tt]arget size .* input size",
        "This loss compares number with number: target has exactly the shape of inputs.",
        "这个损失逐个元素比较，target 的形状必须与 inputs 完全相同。",
    ),
    (
        r"is not a valid value for reduction|^\S* is not valid",
        "reduction is none, sum or mean; KLDivLoss alone has batchmean as well.",
        "reduction 只能是 none、sum 或 mean；只有 KLDivLoss 还有 batchmean。",
    ),
    (
        r"unexpected keyword argument",
        "This loss has no such argument. Its signature names those it has, with their defaults.",
        "这个损失没有这个参数，它的函数签名列出了全部参数及默认值。",
    ),
    (
        r"cannot assign '\w+' object to buffer",
        "weight and pos_weight are tensors, one number a class. In args, write them as a list.",
        "weight 与 pos_weight 是张量，每个类别一个数；在 args 中请写成列表。",
    ),
    (
        r"not implemented for '(Long|Int|Bool)'|could not infer output dtype|Integral inputs not supported",
        "The inputs are whole numbers; torch computes this loss, and gradients at all, with floats only.",
        "inputs 是整数，而 torch 只用浮点数计算这个损失，梯度也只对浮点数存在。",
    ),
    (
        r"Found dtype \w+ but expected|result type .* can't be cast|expected scalar type|bool tensor",
        "Two tensors have dtypes that do not go together. Look at the dtypes above.",
        "两个张量的 dtype 不能配合使用，请看上面列出的 dtype。",
    ),
    (
        r"margin_ranking_loss : All input tensors should have same dimension",
        "input1, input2 and target are compared number by number and need as many dimensions: with (N, 1) inputs the"
        " target is (N, 1) too, or all three are (N).",
        "input1、input2 与 target 逐个元素比较，维数必须相同：输入是 (N, 1) 时 target 也是 (N, 1)，或者三者都是 (N)。",
    ),
    (
        r"expected to have the same number of dimensions",
        "anchor, positive and negative are compared row by row: give all three the same shape (N, D).",
        "anchor、positive、negative 逐行比较，三者的形状都应是 (N, D)。",
    ),
    (
        r"0D target tensor expects 1D input",
        "A single number as target goes with two single vectors (D). For rows (N, D) the target is (N).",
        "target 是单个数时，输入应是两个向量 (D)；输入为 (N, D) 时，target 的形状是 (N)。",
    ),
    (
        r"expected margin to be greater than 0",
        "With a margin of 0 equal embeddings would cost nothing, and all of them collapse to one point.",
        "margin 为 0 时，所有嵌入坍缩到同一点也没有损失，所以 margin 必须大于 0。",
    ),
    (
        r"only p == 1 and p == 2",
        "p is the power of the hinge, and torch has written down two of them: 1 and 2.",
        "p 是合页项的幂次，torch 只实现了 1 和 2。",
    ),
    (
        r"does not support negative values for beta|non-positive values for delta",
        "beta is a distance, where the parabola turns into a line. 0 makes it L1Loss; less there is not.",
        "beta 是距离，抛物线在此处接上直线。取 0 就是 L1Loss，不能更小。",
    ),
    (
        r"label_smoothing must be between",
        "label_smoothing is the share of the target that is spread over all classes: 0 to 1.",
        "label_smoothing 是 target 中平均分给所有类别的份额，取 0 到 1。",
    ),
    (
        r"Expected input_lengths to have value",
        "input_lengths counts the frames of each sample: at most T, the first dimension of log_probs, and not negative.",
        "input_lengths 是每个样本的帧数：不为负，且不超过 log_probs 的第一维 T。",
    ),
    (
        r"argument #2 'targets'|target_lengths to have value",
        "targets must hold what target_lengths promise: rows (N, S) with S at least the longest, or all labels one after"
        " the other, as many as the lengths add up to.",
        "targets 必须与 target_lengths 相符：或者是 (N, S)，S 不小于最长的标签；或者把所有标签首尾相接，总数等于各长度之和。",
    ),
    (
        r"lengths must be of size batch_size|_lengths must be integral",
        "input_lengths and target_lengths are whole numbers, one for each of the N samples.",
        "input_lengths 与 target_lengths 都是整数，N 个样本各有一个。",
    ),
    (
        r"blank must be in label range",
        "blank is one of the C classes of log_probs: 0 to C - 1.",
        "blank 是 log_probs 的 C 个类别之一：0 到 C - 1。",
    ),
    (
        r"must match the size of tensor|Attempting to broadcast",
        "The two shapes cannot be stretched to one another: from the right, sizes must be equal or 1.",
        "两个形状无法相互广播：从右往左，各维大小必须相等，或者其中一个是 1。",
    ),
]


SHAPES = {
    "CrossEntropyLoss": "inputs (N, C), target (N) or (N, C)",
    "NLLLoss": "inputs (N, C), target (N)",
    "MarginRankingLoss": "input1, input2, target (N)",
    "MultiLabelMarginLoss": "inputs (N, C), target (N, C)",
    "MultiLabelSoftMarginLoss": "inputs (N, C), target (N, C)",
    "MultiMarginLoss": "inputs (N, C), target (N)",
    "TripletMarginLoss": "anchor, positive, negative (N, D)",
    "CosineEmbeddingLoss": "x1, x2 (N, D), target (N)",
    "CTCLoss": "log_probs (T, N, C), targets (N, S), input_lengths (N), target_lengths (N)",
}
"""What stands in a call that torch takes; any other loss takes a pair of one shape."""


def explained(error, loss):
    """Why torch refuses, as a note; for what the bench itself refuses, its own words."""
    if isinstance(error, Refused):
        return Note(str(error), error.zh)
    for pattern, en, zh in WHY:
        if re.search(pattern, str(error)):
            return Note(en, zh)
    return Note(
        f"nn.{loss} takes {SHAPES.get(loss, 'inputs (N, …), target (N, …)')}. N counts samples, C classes, D numbers of a vector.",
        f"nn.{loss} 接受的是 {SHAPES.get(loss, 'inputs (N, …), target (N, …)')}。N 是样本数，C 是类别数，D 是向量的维数。",
    )


def went_in(tensors):
    """The shapes and dtypes of what the loss was called with."""
    told = ", ".join(
        f"{name} {tuple(each.shape)} {str(each.dtype).removeprefix('torch.')}"
        for name, each in tensors.items()
    )
    if told:
        yield Note(f"What went in: {told}.", f"传入的是：{told}。")
