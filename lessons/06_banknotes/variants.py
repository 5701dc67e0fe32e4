"""The questions of this lesson with other numbers each time; torch gives the key, each mistake its own value."""

import itertools
import math
import random

import torch
import torch.nn.functional as F

from tutor.lesson import Variant


def one_sample(rng: random.Random) -> Variant:
    """The loss of one sample from three logits."""
    while True:
        logits = [rng.randint(-4, 6) / 2 for _ in range(3)]
        y, a, b = rng.sample(range(3), 3)
        x = torch.tensor(logits, dtype=torch.float64)
        p, total = x.softmax(0), x.exp().sum().item()
        loss = F.cross_entropy(x, torch.tensor(y)).item()
        mistakes = {
            "class-a": -p[a].log().item(),
            "class-b": -p[b].log().item(),
            "stopped-at-p": p[y].item(),
            "one-minus-p": 1 - p[y].item(),
            "base-10": loss / math.log(10),
            "base-2": loss / math.log(2),
            "no-minus": -loss,
            "no-logit": math.log(total),
            "softmax-twice": F.cross_entropy(p, torch.tensor(y)).item(),
        }
        if loss > 0.05 and told_apart(loss, mistakes):
            return Variant(
                answer=loss,
                mistakes=mistakes,
                fields={
                    "logits": listed(logits),
                    "y": y,
                    "a": a,
                    "b": b,
                    "x": f"{logits[y]:g}",
                    "exps": " + ".join(f"{e:.4f}" for e in x.exp().tolist()),
                    "exp": math.exp(logits[y]),
                    "total": total,
                    "log": math.log(total),
                    "p": p[y].item(),
                },
            )


def softmax(rng: random.Random) -> Variant:
    """Three logits made into probabilities."""
    while True:
        logits = [float(n) for n in rng.sample(range(1, 6), 3)]
        x = torch.tensor(logits, dtype=torch.float64)
        p = x.softmax(0)
        mistakes = {
            "no-exp": (x / x.sum()).tolist(),
            "no-sum": x.exp().tolist(),
            "sigmoid": x.sigmoid().tolist(),
            "base-2": (2**x / (2**x).sum()).tolist(),
            "logarithm": p.log().tolist(),
        }
        if all(told_apart(p[k].item(), {name: each[k] for name, each in mistakes.items()}) for k in range(3)):
            return Variant(
                answer=p.tolist(),
                mistakes=mistakes,
                fields={
                    "logits": listed(logits),
                    "exps": " + ".join(f"{e:.4f}" for e in x.exp().tolist()),
                    "total": x.exp().sum().item(),
                    "result": listed(p.tolist(), 4),
                },
            )


def smoothing(rng: random.Random) -> Variant:
    """The loss of one sample with label smoothing, from the probabilities that the net gives."""
    while True:
        first, second = rng.randint(2, 14), rng.randint(2, 14)
        shares = [first / 20, second / 20, (20 - first - second) / 20]
        if shares[2] < 0.1:
            continue
        y, e = rng.randrange(3), rng.choice((0.1, 0.15, 0.2, 0.3))
        logs = torch.tensor(shares, dtype=torch.float64).log()  # of these, softmax is p again
        loss = F.cross_entropy(logs, torch.tensor(y), label_smoothing=e).item()
        hit, everything = -logs[y].item(), -logs.sum().item()
        q = [(1 - e) * (k == y) + e / 3 for k in range(3)]
        mistakes = {
            "no-smoothing": hit,
            "hit-alone": (1 - e) * hit,
            "undivided": (1 - e) * hit + e * everything,
            "others-alone": (1 - e) * hit + e / 2 * (everything - hit),
            "missed-y": (1 - e) * hit + e / 3 * (everything - hit),
            "base-2": loss / math.log(2),
        }
        if told_apart(loss, mistakes):
            return Variant(
                answer=loss,
                mistakes=mistakes,
                fields={
                    "p": listed(shares),
                    "y": y,
                    "e": f"{e:g}",
                    "q": listed(q, 4),
                    "hit": hit,
                    "terms": " + ".join(f"{a:.4f} · {-b:.4f}" for a, b in zip(q, logs.tolist(), strict=True)),
                    "logs": listed([-b for b in logs.tolist()], 4),
                },
            )


def soft_target(rng: random.Random) -> Variant:
    """Cross entropy with the target given as probabilities."""
    while True:
        p, q = rng.randint(1, 9) / 10, rng.randint(1, 9) / 10
        net, target = torch.tensor([[p, 1 - p], [q, 1 - q]], dtype=torch.float64)
        loss = F.cross_entropy(net.log(), target).item()
        entropy = -(target * target.log()).sum().item()
        mistakes = {
            "swapped": -(net * target.log()).sum().item(),
            "other-order": F.cross_entropy(net.log(), target.flip(0)).item(),
            "largest-alone": F.cross_entropy(net.log(), target.argmax()).item(),
            "divergence": loss - entropy,
            "entropy": entropy,
        }
        if loss - entropy > 0.01 and told_apart(loss, mistakes):
            return Variant(
                answer=loss,
                mistakes=mistakes,
                fields={
                    "p": listed([p, 1 - p]),
                    "q": listed([q, 1 - q]),
                    "q0": f"{q:g}",
                    "q1": f"{1 - q:g}",
                    "first": -math.log(p),
                    "second": -math.log(1 - p),
                    "divergence": loss - entropy,
                    "entropy": entropy,
                },
            )


def told_apart(answer: float, mistakes: dict[str, float]) -> bool:
    """Whether no two of the answer and the mistakes are within 1 % of each other."""
    values = [answer, *mistakes.values()]
    return all(abs(a - b) > 0.01 * max(abs(a), abs(b)) for a, b in itertools.combinations(values, 2))


def listed(numbers: list[float], digits: int | None = None) -> str:
    """A list as it is read: [0.5, 2, -1]."""
    return f"[{', '.join(f'{n:g}' if digits is None else f'{n:.{digits}f}' for n in numbers)}]"
