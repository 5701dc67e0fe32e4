"""Questions on margins and many labels with other numbers each time: torch gives the key, each mistake its value."""

import math
import random

import torch
import torch.nn.functional as F

from tutor.lesson import Variant, listed, shown, told_apart


def multi_margin(rng: random.Random) -> Variant:
    """Two samples of three classes; `none` is asked."""
    while True:
        x = torch.tensor([[rng.randint(-4, 12) / 4 for _ in range(3)] for _ in range(2)])
        y = torch.tensor([rng.randint(0, 2) for _ in range(2)])
        margin = rng.choice([0.5, 1.0, 2.0])
        key = F.multi_margin_loss(x, y, margin=margin, reduction="none")
        wrong = F.one_hot(y, 3) == 0
        terms = (margin - x.gather(1, y[:, None]) + x)[wrong].view(2, 2)
        mistakes = {
            "not-divided": 3 * key,
            "by-terms": 3 * key / 2,
            "right-class-too": key + margin / 3,
            "forgot-margin": F.multi_margin_loss(x, y, margin=0, reduction="none"),
            "forgot-max": terms.sum(1) / 3,
        }
        mistakes = {name: value.tolist() for name, value in mistakes.items()}
        if key.min() > 0 and told_apart([key.tolist(), *mistakes.values()]):
            break
    first, second = (cut_off(row) for row in terms)
    fields = {"x": shown(x), "y": str(y.tolist()), "margin": margin, "first": first, "second": second}
    return Variant(answer=key.tolist(), mistakes=mistakes, fields={**fields, "result": listed(key)})


def multi_margin_squared(rng: random.Random) -> Variant:
    """One sample, p = 2 and a class weight."""
    while True:
        x = torch.tensor([rng.randint(0, 12) / 10 for _ in range(3)])
        y = torch.tensor(rng.randint(0, 2))
        weight = torch.tensor(rng.sample([1.0, 2.0, 3.0, 4.0], 3))
        w = weight[y].item()
        terms = torch.cat([(1 - x[y] + x)[:y], (1 - x[y] + x)[y + 1 :]])
        above = terms.clamp(min=0)
        key = F.multi_margin_loss(x, y, p=2, weight=weight).item()
        mistakes = {
            "no-weight": F.multi_margin_loss(x, y, p=2).item(),
            "no-square": F.multi_margin_loss(x, y, weight=weight).item(),
            "squared-sum": w * above.sum().item() ** 2 / 3,
            "squared-weight": w * key,
            "not-divided": 3 * key,
            "weights-out": key / weight.sum().item(),
        }
        if key > 0 and told_apart([key, *mistakes.values()]):
            break
    fields = {
        "x": shown(x),
        "y": y.item(),
        "weight": shown(weight),
        "w": w,
        "terms": cut_off(terms),
        "squares": above.square().sum().item(),
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def multi_label(rng: random.Random) -> Variant:
    """One sample of four classes, two of them right, and something behind the first -1."""
    while True:
        x = torch.tensor([rng.randint(0, 12) / 10 for _ in range(4)])
        right = rng.sample(range(4), 2)
        y = torch.tensor([*right, -1, rng.choice([-1, *right])])
        wrong = [k for k in range(4) if k not in right]
        terms = torch.tensor([1 - x[j] + x[i] for j in right for i in wrong])
        key = F.multilabel_margin_loss(x, y).item()
        total = terms.clamp(min=0).sum().item()
        among = sum(max(0, 1 - (x[j] - x[i]).item()) for j in right for i in right if i != j)
        last = torch.tensor([*right, 3, 3 if y[3] == -1 else y[3].item()])
        mistakes = {
            "not-divided": total,
            "by-labels": total / 2,
            "right-ones-too": (total + among) / 4,
            "last-class": F.multilabel_margin_loss(x, last).item(),
            "forgot-max": terms.sum().item() / 4,
        }
        if key > 0 and told_apart([key, *mistakes.values()]):
            break
    fields = {
        "x": shown(x),
        "y": str(y.tolist()),
        "right": ", ".join(map(str, right)),
        "wrong": ", ".join(map(str, wrong)),
        "terms": cut_off(terms),
        "sum": total,
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def multi_label_terms(rng: random.Random) -> Variant:
    """A padded list with classes behind its end; the number of compared pairs is asked."""
    while True:
        c = rng.randint(5, 8)
        right = rng.sample(range(c), rng.randint(1, c - 3))
        behind = [rng.choice([-1, *range(c)]) for _ in range(c - len(right) - 1)]
        y = torch.tensor([*right, -1, *behind])
        k, read_on = len(right), len({*right, *(each for each in behind if each >= 0)})
        key = round(c * F.multilabel_margin_loss(torch.zeros(c), y).item())  # equal scores: each term is 1
        mistakes = {
            "read-on": read_on * (c - read_on),
            "all-pairs": k * (c - 1),
            "all-classes": k * c,
            "ordered": 2 * k * (c - k),
        }
        if read_on > k and told_apart([key, *mistakes.values()]):
            break
    fields = {"y": str(y.tolist()), "c": c, "right": ", ".join(map(str, right)), "k": k, "rest": c - k}
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def soft_margin(rng: random.Random) -> Variant:
    """Three scores with labels of 1 and -1; `none` is asked."""
    while True:
        x = torch.tensor([float(rng.choice([-3, -2, -1, 1, 2, 3])) for _ in range(3)])
        y = torch.tensor([rng.choice([1, -1]) for _ in range(3)])
        key = F.soft_margin_loss(x, y, reduction="none")
        mistakes = {
            "y-reversed": F.soft_margin_loss(x, -y, reduction="none"),
            "hinge": (1 - y * x).clamp(min=0),
            "probabilities": (y * x).sigmoid(),
            "exponent": -y * x,
            "base-2": key / math.log(2),
        }
        mistakes = {name: value.tolist() for name, value in mistakes.items()}
        if told_apart([key.tolist(), *mistakes.values()]):
            break
    fields = {"x": shown(x), "y": str(y.tolist()), "exponents": listed(-y * x, "g"), "result": listed(key)}
    return Variant(answer=key.tolist(), mistakes=mistakes, fields=fields)


def soft_margin_mean(rng: random.Random) -> Variant:
    """Two rows of two; the mean is asked."""
    while True:
        x = torch.tensor([[float(rng.randint(-2, 3)) for _ in range(2)] for _ in range(2)])
        y = torch.tensor([[rng.choice([1, -1]) for _ in range(2)] for _ in range(2)])
        losses = F.soft_margin_loss(x, y, reduction="none")
        key, total = F.soft_margin_loss(x, y).item(), losses.sum().item()
        mistakes = {
            "by-rows": total / 2,
            "gave-the-sum": total,
            "y-reversed": F.soft_margin_loss(x, -y).item(),
            "hinge": (1 - y * x).clamp(min=0).mean().item(),
            "base-2": key / math.log(2),
        }
        if told_apart([key, *mistakes.values()]):
            break
    fields = {
        "x": shown(x),
        "y": str(y.tolist()),
        "exponents": listed((-y * x).flatten(), "g"),
        "losses": listed(losses.flatten()),
        "sum": total,
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def multi_label_soft(rng: random.Random) -> Variant:
    """Two samples of three labels; `none` is asked."""
    while True:
        x = torch.tensor([[float(rng.randint(-2, 3)) for _ in range(3)] for _ in range(2)])
        y = torch.tensor([[rng.randint(0, 1) for _ in range(3)] for _ in range(2)])
        terms = F.binary_cross_entropy_with_logits(x, y.float(), reduction="none")
        key = F.multilabel_soft_margin_loss(x, y, reduction="none")
        mistakes = {
            "not-divided": 3 * key,
            "only-right": (y * terms).sum(1) / 3,
            "y-reversed": F.multilabel_soft_margin_loss(x, 1 - y, reduction="none"),
            "by-samples": 3 * key / 2,
        }
        mistakes = {name: value.tolist() for name, value in mistakes.items()}
        if told_apart([key.tolist(), *mistakes.values()]):
            break
    first, second = (listed(row) for row in terms)
    fields = {"x": shown(x), "y": str(y.tolist()), "first": first, "second": second, "result": listed(key)}
    return Variant(answer=key.tolist(), mistakes=mistakes, fields=fields)


def multi_label_soft_weighted(rng: random.Random) -> Variant:
    """The terms of one sample are given, and weights of its three labels."""
    while True:
        terms = torch.tensor([rng.randint(2, 20) / 10 for _ in range(3)])
        y = torch.tensor(rng.sample([0, 1, 1], 3))
        weight = torch.tensor([float(rng.randint(1, 5)) for _ in range(3)])
        # The score whose term is the given one: ln(1 + exp(∓x)) = term, solved for x.
        x = (2 * y - 1) * -terms.expm1().log()
        key = F.multilabel_soft_margin_loss(x, y, weight=weight).item()
        total = (weight * terms).sum().item()
        mistakes = {
            "by-weights": total / weight.sum().item(),
            "no-weights": F.multilabel_soft_margin_loss(x, y).item(),
            "not-divided": total,
            "only-right": (y * weight * terms).sum().item() / 3,
        }
        if told_apart([key, *mistakes.values()]):
            break
    fields = {
        "terms": shown(terms),
        "y": str(y.tolist()),
        "weight": shown(weight),
        "weighted": " + ".join(f"{w:g}·{t:g}" for w, t in zip(weight.tolist(), terms.tolist(), strict=True)),
        "sum": total,
        "total": weight.sum().item(),
    }
    return Variant(answer=key, mistakes=mistakes, fields={**fields, "terms": f"[{listed(terms, 'g')}]"})


def cut_off(terms):
    """The terms of a hinge before and after the max."""
    return ", ".join(
        f"{t:.4g} → 0" if t < 0 else f"{t:.4g}" for t in (round(t, 6) + 0.0 for t in terms.tolist())
    )
