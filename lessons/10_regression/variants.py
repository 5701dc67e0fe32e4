"""Questions on the losses of regression with other numbers each time: torch gives the key, each mistake its value."""

import math
import random

import torch
import torch.nn.functional as F

from tutor.lesson import Variant, listed, shown, told_apart


def halves(rng, n, low=-4, high=4):
    """n numbers in steps of a half."""
    return torch.tensor([rng.randint(2 * low, 2 * high) / 2 for _ in range(n)], dtype=torch.double)


def l1_mean(rng: random.Random) -> Variant:
    """Predictions and targets; the mean absolute error is asked."""
    while True:
        n = rng.choice([3, 4, 5])
        x, y = halves(rng, n), halves(rng, n)
        d = x - y
        key = F.l1_loss(x, y).item()
        mistakes = {
            "kept-the-signs": d.mean().item(),
            "gave-the-sum": d.abs().sum().item(),
            "squared": (d**2).mean().item(),
            "root-of-squares": (d**2).mean().sqrt().item(),
            "added-the-targets": (x + y).abs().mean().item(),
        }
        if told_apart([key, *mistakes.values()], 2e-3):
            break
    fields = {
        **pair(x, y),
        "terms": " + ".join(f"{v:g}" for v in d.abs().tolist()),
        "sum": d.abs().sum().item(),
        "n": n,
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def l1_gradient(rng: random.Random) -> Variant:
    """The gradient of the mean with respect to each prediction is asked."""
    while True:
        x, y = halves(rng, 4), halves(rng, 4)
        x.requires_grad_()
        (key,) = torch.autograd.grad(F.l1_loss(x, y), x)
        d = (x - y).detach()
        mistakes = {
            "forgot-the-mean": d.sign(),
            "turned": -key,
            "distance": d.abs() / 4,
            "of-the-squares": d / 2,
        }
        if (
            (d != 0).all()
            and len(set(d.sign().tolist())) == 2
            and told_apart([key.tolist(), *(m.tolist() for m in mistakes.values())], 2e-3)
        ):
            break
    fields = {**pair(x.detach(), y), "signs": listed(d.sign(), "g"), "result": listed(key, "g")}
    return Variant(answer=key.tolist(), mistakes={k: m.tolist() for k, m in mistakes.items()}, fields=fields)


def mse_mean(rng: random.Random) -> Variant:
    """Predictions and targets; the mean squared error is asked."""
    while True:
        n = rng.choice([3, 4, 5])
        x, y = halves(rng, n, -3, 3), halves(rng, n, -3, 3)
        d = x - y
        key = F.mse_loss(x, y).item()
        mistakes = {
            "took-the-half": key / 2,
            "gave-the-sum": F.mse_loss(x, y, reduction="sum").item(),
            "not-squared": d.abs().mean().item(),
            "root": math.sqrt(key),
            "square-of-the-mean": (d.mean() ** 2).item(),
        }
        if told_apart([key, *mistakes.values()], 2e-3):
            break
    squares = (d**2).tolist()
    fields = {**pair(x, y), "terms": " + ".join(f"{v:g}" for v in squares), "sum": sum(squares), "n": n}
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def mse_gradient(rng: random.Random) -> Variant:
    """The gradient of the mean with respect to each prediction is asked."""
    while True:
        x, y = halves(rng, 4, -3, 3), halves(rng, 4, -3, 3)
        x.requires_grad_()
        (key,) = torch.autograd.grad(F.mse_loss(x, y), x)
        d = (x - y).detach()
        mistakes = {
            "forgot-the-two": d / 4,
            "forgot-the-mean": 2 * d,
            "turned": -key,
            "the-losses": d**2,
            "of-l1": d.sign() / 4,
        }
        if (d != 0).sum() >= 3 and told_apart([key.tolist(), *(m.tolist() for m in mistakes.values())], 2e-3):
            break
    fields = {**pair(x.detach(), y), "d": listed(d, "g"), "result": listed(key, "g")}
    return Variant(answer=key.tolist(), mistakes={k: m.tolist() for k, m in mistakes.items()}, fields=fields)


def smooth_one(rng: random.Random) -> Variant:
    """One distance, on either side of beta."""
    while True:
        beta, x, y = rng.choice([0.5, 1.0, 2.0, 4.0]), *halves(rng, 2).tolist()
        d = abs(x - y)
        key = F.smooth_l1_loss(torch.tensor(x), torch.tensor(y), beta=beta).item()
        square, line = d * d / (2 * beta), d - beta / 2
        mistakes = {
            "other-branch": line if d < beta else square,
            "forgot-the-half": 2 * square if d < beta else d - beta,
            "huber": beta * key,
            "l1": d,
            "as-with-1": F.smooth_l1_loss(torch.tensor(x), torch.tensor(y)).item(),
            "forgot-beta": d * d / 2,
        }
        if beta == 1:
            del mistakes["huber"], mistakes["as-with-1"], mistakes["forgot-beta"]
        elif d < beta:
            del mistakes["huber"]  # that is d²/2 as well
        if d and d != beta and told_apart([key, *mistakes.values()], 2e-3):
            break
    below = d < beta
    fields = {
        "x": x,
        "y": y,
        "d": d,
        "beta": beta,
        "side": "<" if below else "≥",
        "line": f"{d:g}² / (2 · {beta:g})" if below else f"{d:g} − {beta:g}/2",
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def smooth_mean(rng: random.Random) -> Variant:
    """Three distances, some on each side of beta; the mean is asked."""
    while True:
        beta = rng.choice([1.0, 2.0])
        x, y = halves(rng, 3), halves(rng, 3)
        d = (x - y).abs()
        each = F.smooth_l1_loss(x, y, beta=beta, reduction="none")
        key = each.mean().item()
        mistakes = {
            "gave-the-sum": each.sum().item(),
            "l1": d.mean().item(),
            "all-squares": (d**2 / (2 * beta)).mean().item(),
            "all-lines": (d - beta / 2).mean().item(),
        }
        if 0 < (d < beta).sum() < 3 and told_apart([key, *mistakes.values()], 2e-3):
            break
    fields = {
        **pair(x, y),
        "beta": beta,
        "d": listed(d, "g"),
        "terms": " + ".join(f"{v:g}" for v in each.tolist()),
        "sum": each.sum().item(),
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def poisson_log(rng: random.Random) -> Variant:
    """The logarithm of a rate, and a count."""
    while True:
        x, y = rng.randint(-4, 4) / 2, rng.randint(0, 6)
        a, b = torch.tensor(x, dtype=torch.double), torch.tensor(float(y), dtype=torch.double)
        key = F.poisson_nll_loss(a, b).item()
        mistakes = {
            "forgot-exp": x - y * x,
            "with-the-factorial": key + math.lgamma(y + 1),
            "squared": (math.exp(x) - y) ** 2,
            "turned": -key,
        }
        if x > 0:
            mistakes["took-x-for-the-rate"] = x - y * math.log(x)
        if y < 2:
            del mistakes["with-the-factorial"]
        if told_apart([key, *mistakes.values()], 2e-3):
            break
    return Variant(
        answer=key, mistakes=mistakes, fields={"x": x, "y": y, "rate": math.exp(x), "product": y * x}
    )


def poisson_rate(rng: random.Random) -> Variant:
    """A rate itself, and a count: log_input=False."""
    while True:
        x, y = rng.randint(1, 10) / 2, rng.randint(1, 6)
        a, b = torch.tensor(x, dtype=torch.double), torch.tensor(float(y), dtype=torch.double)
        key = F.poisson_nll_loss(a, b, log_input=False).item()
        mistakes = {
            "as-a-logarithm": math.exp(x) - y * x,
            "forgot-ln": x - y * x,
            "swapped": y - x * math.log(y),
            "base-2": x - y * math.log2(x),
            "turned": -key,
        }
        if told_apart([key, *mistakes.values()], 2e-3):
            break
    return Variant(answer=key, mistakes=mistakes, fields={"x": x, "y": y, "ln": math.log(x)})


def pair(x, y):
    """Predictions and targets as one types them."""
    return {"x": shown(x), "y": shown(y)}
