"""Questions about information, with other numbers each time."""

import math
import random

import torch
from torch.nn import functional as F

from tutor.lesson import Variant


def apart(answer: float, mistakes: dict[str, float]) -> bool:
    """Whether the key and what each mistake gives are numbers that can be told from each other."""
    values = [answer, *mistakes.values()]
    pairs = [(a, b) for i, a in enumerate(values) for b in values[:i]]
    return all(abs(a - b) > 0.01 * max(abs(a), abs(b)) for a, b in pairs)


def probabilities(rng: random.Random, outcomes: int, of: int) -> list[float]:
    """So many probabilities, each a whole number of parts, above 0."""
    cuts = sorted(rng.sample(range(1, of), outcomes - 1))
    return [(b - a) / of for a, b in zip([0, *cuts], [*cuts, of], strict=True)]


def entropy(rng: random.Random) -> Variant:
    """H(P) = −Σ p·ln p of three outcomes."""
    while True:
        P = probabilities(rng, 3, 20)
        p = torch.tensor(P, dtype=torch.float64)
        answer = torch.special.entr(p).sum().item()
        information = -p.log()
        mistakes = {
            "bits": answer / math.log(2),
            "log10": answer / math.log(10),
            "unweighted": information.sum().item(),
            "plain-mean": information.mean().item(),
            "sign": -answer,
            "self-information": information.max().item(),
        }
        if apart(answer, mistakes):
            break
    numbers = {f"p{k}": P[k] for k in range(3)}
    terms = {f"t{k}": (p * information)[k].item() for k in range(3)}
    told = {"bits": mistakes["bits"], "rarest": min(P)}
    return Variant(answer=answer, mistakes=mistakes, fields={"P": P, **numbers, **terms, **told})


def relative_entropy(rng: random.Random) -> Variant:
    """KL(P‖Q) = Σ p·ln(p/q) of two outcomes."""
    while True:
        P, Q = probabilities(rng, 2, 20), probabilities(rng, 2, 20)
        p, q = torch.tensor(P, dtype=torch.float64), torch.tensor(Q, dtype=torch.float64)
        answer = F.kl_div(q.log(), p, reduction="sum").item()
        ratio = (p / q).log()
        mistakes = {
            "swapped": F.kl_div(p.log(), q, reduction="sum").item(),
            "bits": answer / math.log(2),
            "sign": -answer,
            "cross-entropy": F.cross_entropy(q.log(), p).item(),
            "unweighted": ratio.sum().item(),
            "first-only": (p * ratio)[0].item(),
            "mean": F.kl_div(q.log(), p, reduction="none").mean().item(),
        }
        if answer > 0.1 and apart(answer, mistakes):  # four decimals shall be enough to type
            break
    numbers = {"p0": P[0], "p1": P[1], "q0": Q[0], "q1": Q[1]}
    terms = {"t0": (p * ratio)[0].item(), "t1": (p * ratio)[1].item()}
    fields = {"P": P, "Q": Q, **numbers, **terms, "swapped": mistakes["swapped"]}
    return Variant(answer=answer, mistakes=mistakes, fields=fields)


def mean_loss(rng: random.Random) -> Variant:
    """The mean of −ln q[y] over three samples with three classes."""
    while True:
        Q = [probabilities(rng, 3, 10) for _ in range(3)]
        Y = [rng.randrange(3) for _ in range(3)]
        q, y = torch.tensor(Q, dtype=torch.float64), torch.tensor(Y)
        answer = F.cross_entropy(q.log(), y).item()
        picked = q[range(3), y]
        mistakes = {
            "sum": F.cross_entropy(q.log(), y, reduction="sum").item(),
            "bits": answer / math.log(2),
            "sign": -answer,
            "likeliest": -q.amax(dim=1).log().mean().item(),
            "log-of-mean": -picked.mean().log().item(),
            "no-log": picked.mean().item(),
        }
        if apart(answer, mistakes):
            break
    numbers = {f"q{k}": picked[k].item() for k in range(3)}
    losses = {f"l{k}": -picked[k].log().item() for k in range(3)}
    rows = {f"row{k}": Q[k] for k in range(3)} | {f"y{k}": Y[k] for k in range(3)}
    sums = {"sum": mistakes["sum"], "no_log": mistakes["no-log"]}
    return Variant(answer=answer, mistakes=mistakes, fields={**rows, **numbers, **losses, **sums})
