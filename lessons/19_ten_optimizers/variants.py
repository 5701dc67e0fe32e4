"""Questions on one weight and a few gradients: torch's own optimizer gives the key, each known mistake its value."""

import math
import random
from itertools import combinations

import torch
from torch import optim

from tutor.lesson import Variant


def rprop(rng: random.Random) -> Variant:
    """Four gradients, at least one change of sign among them; where is w?"""
    while True:
        lr = rng.choice([0.1, 0.2, 0.5])
        grads = [rng.choice([-1, 1]) * rng.choice([0.5, 1, 2, 3, 8]) for _ in range(4)]
        signs = [math.copysign(1, g) for g in grads]
        if signs.count(1.0) in (0, 4):
            continue
        key = stepped(optim.Rprop, 1.0, grads, lr=lr)

        def by(grads, signs, up=1.2, down=0.5, rest=True, lr=lr):
            w, step, before = 1.0, lr, 0.0
            for g, sign in zip(grads, signs, strict=True):
                step *= up if sign * before > 0 else down if sign * before < 0 else 1
                if sign * before < 0 and rest:
                    before = 0.0
                    continue
                w, before = w - step * g, sign
            return w

        mistakes = {
            "moved-at-the-change": by(signs, signs, rest=False),
            "never-changed-the-step": by(signs, signs, up=1, down=1),
            "times-the-gradient": by(grads, signs),
            "uphill": 2 - key,
        }
        if abs(key) > 0.2 and told_apart([key, *mistakes.values()]):  # near 0 four decimals are too few
            break
    lines, w, step, before = [], 1.0, lr, 0.0
    for sign in signs:
        turned = sign * before < 0
        step *= 1.2 if sign * before > 0 else 0.5 if turned else 1
        w, before = (w, 0.0) if turned else (w - step * sign, sign)
        lines.append(f"{step:.4g}{'*' if turned else ''}")
    return Variant(
        answer=key, mistakes=mistakes, fields={"lr": lr, "grads": listed(grads), "sizes": ", ".join(lines)}
    )


def adagrad(rng: random.Random) -> Variant:
    """Three gradients; where is w after three steps?"""
    while True:
        lr, grads = (
            rng.choice([0.1, 0.2, 0.5]),
            [rng.choice([-1, 1, 1]) * rng.randint(1, 6) for _ in range(3)],
        )
        key = stepped(optim.Adagrad, 1.0, grads, lr=lr)
        sums = [sum(g * g for g in grads[: k + 1]) for k in range(3)]
        mistakes = {
            "forgot-the-root": 1 - lr * sum(g / s for g, s in zip(grads, sums, strict=True)),
            "last-gradient-only": 1 - lr * sum(math.copysign(1, g) for g in grads),
            "mean-not-sum": 1
            - lr * sum(g / math.sqrt(s / (k + 1)) for k, (g, s) in enumerate(zip(grads, sums, strict=True))),
            "plain-sgd": 1 - lr * sum(grads),
            "uphill": 2 - key,
        }
        if abs(key) > 0.2 and told_apart([key, *mistakes.values()]):  # near 0 four decimals are too few
            break
    terms = " + ".join(f"{signed(g)}/√{s}" for g, s in zip(grads, sums, strict=True))
    total = sum(g / math.sqrt(s) for g, s in zip(grads, sums, strict=True))
    fields = {"lr": lr, "grads": listed(grads), "sums": listed(sums), "terms": terms, "total": total}
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def rmsprop(rng: random.Random) -> Variant:
    """Two gradients and an alpha; where is w after two steps?"""
    while True:
        lr, alpha = rng.choice([0.05, 0.1, 0.2]), rng.choice([0.5, 0.75, 0.9, 0.96])
        grads = [rng.choice([-1, 1, 1]) * rng.randint(1, 6) for _ in range(2)]
        key = stepped(optim.RMSprop, 1.0, grads, lr=lr, alpha=alpha)
        s1 = (1 - alpha) * grads[0] ** 2
        s2 = alpha * s1 + (1 - alpha) * grads[1] ** 2
        t2 = alpha * grads[0] ** 2 + (1 - alpha) * grads[1] ** 2
        u2 = (1 - alpha) * (alpha * grads[0] ** 2) + alpha * grads[1] ** 2
        a, b = grads
        mistakes = {
            "average-from-the-first-gradient": 1 - lr * (math.copysign(1, a) + b / math.sqrt(t2)),
            "corrected-the-start": 1 - lr * (math.copysign(1, a) + b / math.sqrt(s2 / (1 - alpha**2))),
            "summed-like-adagrad": 1 - lr * (math.copysign(1, a) + b / math.sqrt(a * a + b * b)),
            "forgot-the-root": 1 - lr * (a / s1 + b / s2),
            "alpha-on-the-new": 1 - lr * (a / math.sqrt(alpha * a * a) + b / math.sqrt(u2)),
        }
        if abs(key) > 0.2 and told_apart([key, *mistakes.values()]):  # near 0 four decimals are too few
            break
    fields = {
        "lr": lr,
        "alpha": alpha,
        "grads": listed(grads),
        "s1": s1,
        "s2": s2,
        "a": signed(a),
        "b": signed(b),
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def adam(rng: random.Random) -> Variant:
    """Two gradients, betas of easy numbers; where is w after two steps?"""
    while True:
        lr, b1, b2 = rng.choice([0.1, 0.2, 0.5]), rng.choice([0.5, 0.8, 0.9]), rng.choice([0.9, 0.96, 0.99])
        grads = [rng.choice([-1, 1, 1]) * rng.randint(1, 6) for _ in range(2)]
        key = stepped(optim.Adam, 1.0, grads, lr=lr, betas=(b1, b2))
        a, b = grads
        m1, v1 = (1 - b1) * a, (1 - b2) * a * a
        m2, v2 = b1 * m1 + (1 - b1) * b, b2 * v1 + (1 - b2) * b * b
        m2_hat, v2_hat = m2 / (1 - b1**2), v2 / (1 - b2**2)
        one = math.copysign(1, a)
        mistakes = {
            "no-correction": 1 - lr * (m1 / math.sqrt(v1) + m2 / math.sqrt(v2)),
            "corrected-m-only": 1 - lr * (a / math.sqrt(v1) + m2_hat / math.sqrt(v2)),
            "corrected-by-one-step": 1 - lr * (one + m2 / (1 - b1) / math.sqrt(v2 / (1 - b2))),
            "sign-only": 1 - lr * (one + math.copysign(1, b)),
            "last-gradient-above": 1 - lr * (one + b / math.sqrt(v2_hat)),
            "second-step-only": 1 - lr * m2_hat / math.sqrt(v2_hat),
        }
        if abs(key) > 0.2 and told_apart([key, *mistakes.values()]):  # near 0 four decimals are too few
            break
    fields = {"lr": lr, "b1": b1, "b2": b2, "grads": listed(grads), "one": int(one), "m2": m2, "v2": v2,
              "m2_hat": m2_hat, "v2_hat": v2_hat, "c1": 1 - b1**2, "c2": 1 - b2**2}  # fmt: skip
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def adamw(rng: random.Random) -> Variant:
    """One step with weight decay; Adam's L2 is the distractor."""
    while True:
        w, g = rng.choice([2.0, 3.0, 4.0, 5.0]), rng.choice([-1, 1]) * rng.choice([0.5, 2.0, 3.0, 8.0])
        lr, wd = rng.choice([0.05, 0.1, 0.2]), rng.choice([0.1, 0.2, 0.5])
        key = stepped(optim.AdamW, w, [g], lr=lr, weight_decay=wd)
        one = math.copysign(1, g)
        mistakes = {
            "adams-l2": stepped(optim.Adam, w, [g], lr=lr, weight_decay=wd),
            "decay-without-lr": w * (1 - wd) - lr * one,
            "decay-only": w * (1 - lr * wd),
            "times-the-gradient": w * (1 - lr * wd) - lr * g,
            "uphill": w * (1 - lr * wd) + lr * one,
        }
        if abs(key) > 0.2 and told_apart([key, *mistakes.values()]):  # near 0 four decimals are too few
            break
    fields = {
        "w": w,
        "g": g,
        "lr": lr,
        "wd": wd,
        "shrunk": w * (1 - lr * wd),
        "sign": "−" if one > 0 else "+",
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


COUNTED = ("Adam", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Rprop", "NAdam", "Muon", "Adafactor")


def memory(rng: random.Random) -> Variant:
    """How many numbers an optimizer keeps for a matrix of weights; counted in `optimizer.state`."""
    name = rng.choice([name for name in COUNTED if hasattr(optim, name)])
    while True:
        rows, columns = rng.sample(range(20, 90, 10), 2)
        w = torch.zeros(rows, columns, requires_grad=True)
        optimizer = getattr(optim, name)([w])
        w.grad = torch.ones_like(w)
        optimizer.step()
        key = sum(t.numel() for t in optimizer.state[w].values() if t.dim())
        n = rows * columns
        mistakes = {
            "as-sgd": 0,
            "as-many-as-weights": n,
            "two-for-each": 2 * n,
            "three-for-each": 3 * n,
            "bytes": 4 * key,
            "rows-and-columns": rows + columns,
        }
        mistakes = {code: value for code, value in mistakes.items() if value != key}
        if told_apart([key, *mistakes.values()]):
            break
    keys = ", ".join(k for k, t in optimizer.state[w].items() if t.dim())
    fields = {"name": name, "rows": rows, "columns": columns, "n": n, "keys": keys}
    return Variant(answer=float(key), mistakes=mistakes, fields=fields)


def stepped(make, w, grads, **settings):
    """Where torch's optimizer brings w with these gradients, one a step."""
    w = torch.tensor([w], dtype=torch.float64, requires_grad=True)
    optimizer = make([w], **settings)
    for g in grads:
        w.grad = torch.tensor([g], dtype=torch.float64)
        optimizer.step()
    return w.item()


def signed(number):
    """A number as a term: negative ones in brackets."""
    return f"({number:g})" if number < 0 else f"{number:g}"


def listed(numbers):
    """Numbers in a line."""
    return ", ".join(f"{number:g}" for number in numbers)


def told_apart(values):
    """Whether any two differ by more than the marking forgives."""
    return not any(math.isclose(a, b, rel_tol=5e-3, abs_tol=5e-3) for a, b in combinations(values, 2))
