"""Two distributions over the same outcomes: what an outcome tells, and what it costs to take Q for P."""

import math

import torch
from torch.nn import functional as F

from tutor.lesson import Note, Point, Table, Value


def distribution(name, numbers):
    """The numbers as probabilities, None if they cannot be; notes say what was done to them."""
    x = torch.tensor(numbers, dtype=torch.float64)
    total = x.sum().item()
    if not 2 <= len(numbers) <= 6:
        en = f"{name} needs 2 to 6 outcomes, not {len(numbers)}."
        yield Note(en, f"{name} 应有 2 到 6 个结果，而不是 {len(numbers)} 个。")
    elif not math.isfinite(total) or x.min() < 0 or total == 0:
        en = f"{name} = {numbers} cannot be probabilities: write numbers from 0 up, not all of them 0."
        yield Note(en, f"{name} = {numbers} 不能作为概率：请写不小于 0 的数，且不能全为 0。")
    elif abs(total - 1) < 1e-9:
        return x
    else:
        en = f"{name} summed to {total:.6g}. Probabilities sum to 1, so each number was divided by that."
        yield Note(en, f"{name} 的和是 {total:.6g}。概率之和应为 1，所以每个数都除以了它。")
        return x / total


def shares(p, information):
    """p·I of each outcome. What never happens adds 0, even where I is infinite: 0·ln 0 counts as 0."""
    return torch.where(p > 0, p * information, 0)


def run(P: list[float], Q: list[float], y: int, unit: str):
    """All four quantities by their formulas, and beside what torch makes of the same numbers."""
    p = yield from distribution("P", P)
    q = yield from distribution("Q", Q)
    if p is None or q is None:
        return
    if len(p) != len(q):
        en = f"P has {len(p)} outcomes and Q has {len(q)}. Both must speak of the same ones."
        yield Note(en, f"P 有 {len(p)} 个结果，Q 有 {len(q)} 个，两者必须针对同一组结果。")
        return
    one, log = (math.log(2), "log₂") if unit == "bits" else (1.0, "ln")  # one unit, in nats
    y = min(y, len(p) - 1)

    told_p = 0 - p.log() / one  # the self-information of each outcome under P
    told_q = 0 - q.log() / one  # and under Q
    columns = [shares(p, told_p), shares(p, told_q - told_p), shares(p, told_q)]
    entropy, kl, cross_entropy = (column.sum().item() for column in columns)
    yield Value("entropy", entropy)
    yield Value("kl", kl)
    yield Value("sum", entropy + kl)
    yield Value("cross_entropy", cross_entropy)
    yield Value("kl_swapped", shares(q, told_p - told_q).sum().item())
    yield Value("self_information", told_p[y].item())
    yield Value("loss", told_q[y].item())

    for k, row in enumerate(zip(p.tolist(), q.tolist(), strict=True)):
        yield Point("p", k, row[0])
        yield Point("q", k, row[1])
    rows = [[k, *(column[k].item() for column in (p, q, told_p, told_q, *columns))] for k in range(len(p))]
    rows.append(["Σ", 1.0, 1.0, "", "", entropy, kl, cross_entropy])
    yield Table("P, Q", ["y", "p", "q", f"−{log} p", f"−{log} q", "H(P)", "KL(P‖Q)", "H(P,Q)"], rows)
    by_torch = [
        ("H(P)", entropy, torch.special.entr(p).sum(), "special.entr(p).sum()"),
        ("KL(P‖Q)", kl, F.kl_div(q.log(), p, reduction="sum"), 'F.kl_div(q.log(), p, reduction="sum")'),
        ("H(P,Q)", cross_entropy, F.cross_entropy(q.log(), p), "F.cross_entropy(q.log(), p)"),
    ]
    rows = [[name, ours, nats.item() / one, call] for name, ours, nats, call in by_torch]
    yield Table("torch", ["", "Σ", "torch", "import torch.nn.functional as F"], rows)

    if entropy == 0:
        en = f"H(P) = 0: one outcome is certain. So H(P,Q) = KL(P‖Q) = −{log} q of that outcome."
        yield Note(en, f"H(P) = 0：有一个结果必然发生，所以 H(P,Q) = KL(P‖Q) = 该结果的 −{log} q。")
    if ((q == 0) & (p > 0)).any():
        en = "Q calls an outcome impossible that P has: −ln 0 = inf, and so are KL and the cross entropy."
        yield Note(en, "P 中可能的结果，Q 却认为不可能：−ln 0 = inf，KL 和交叉熵也都是 inf。")
    if ((q == 0) & (p == 0)).any():
        en = "Where p = q = 0, torch gets 0 · (−inf) = nan. By the convention 0·ln 0 = 0 the outcome adds 0."
        yield Note(en, "在 p = q = 0 处，torch 算出 0 · (−inf) = nan；按 0·ln 0 = 0 的约定，这一项应为 0。")
    yield from curves(one)
    if (q > 0).all():
        yield from descent(p, q, one)


def curves(one):
    """What one outcome of probability x tells, its share x·I, and the entropy of the pair (x, 1 − x)."""
    x = torch.linspace(0, 1, 101, dtype=torch.float64)
    share = torch.special.entr(x) / one  # −x·ln x, and 0 for x = 0
    binary = share + share.flip(0)
    for k in range(len(x)):
        if k > 0:  # an outcome of probability 0 would tell infinitely much
            yield Point("told", x[k].item(), -math.log(x[k]) / one)
        yield Point("share", x[k].item(), share[k].item())
        yield Point("binary", x[k].item(), binary[k].item())
    yield Value("peak", binary.max().item())


def descent(p, q, one, steps=50):
    """Train the logits of Q: each step goes against the gradient of the cross entropy, with the learning rate 1."""
    z = q.log()  # softmax(z) = q
    for k in range(steps + 1):
        z.requires_grad_()
        cross_entropy = F.cross_entropy(z, p)
        kl = F.kl_div(F.log_softmax(z, dim=0), p, reduction="sum")
        yield Point("cross_entropy", k, cross_entropy.item() / one)
        yield Point("kl", k, kl.item() / one)
        yield Point("entropy", k, torch.special.entr(p).sum().item() / one)
        (gradient,) = torch.autograd.grad(cross_entropy, z)  # softmax(z) − p
        z = (z - gradient).detach()
    yield Value("cross_entropy_end", cross_entropy.item() / one)
