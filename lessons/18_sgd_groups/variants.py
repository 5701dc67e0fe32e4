"""Questions on SGD with other numbers each time: torch gives the key, each known mistake its value."""

import math
import random
from itertools import combinations

import torch

from tutor.lesson import Variant

KEYS = ("lr", "momentum", "dampening", "weight_decay", "nesterov")


def step(rng: random.Random) -> Variant:
    """A step of a weight that has a momentum buffer already; the weight after it is asked."""
    while True:
        settings = {"lr": rng.choice([0.01, 0.1, 0.2]), "momentum": rng.choice([0.5, 0.8, 0.9])}
        extra = rng.choice(["weight_decay", "dampening", "nesterov"])
        settings[extra] = {"weight_decay": 0.1, "dampening": 0.5, "nesterov": True}[extra]
        w, v, g = (float(rng.choice([1, 2, 3, 4, 5, 6])) for _ in range(3))
        key = stepped(w, v, g, **settings)
        lr, m, damp, decay, ahead = (settings.get(each, 0) for each in KEYS)
        plain = {**settings, "nesterov": False}
        mistakes = {
            "no-momentum": w - lr * (g + decay * w),
            "forgot-lr": w - (w - key) / lr,
            "wrong-sign": 2 * w - key,
        }
        if decay:
            mistakes["no-decay"] = stepped(w, v, g, **{**settings, "weight_decay": 0})
        if damp:
            mistakes["no-dampening"] = stepped(w, v, g, **{**settings, "dampening": 0})
            mistakes["damped-buffer"] = w - lr * (1 - damp) * (m * v + g)
        if ahead:
            mistakes["no-nesterov"] = stepped(w, v, g, **plain)
        elif not damp:
            mistakes["always-nesterov"] = stepped(w, v, g, **{**plain, "nesterov": True})
        if told_apart([key, *mistakes.values()]):
            break
    grown = g + decay * w
    buffer = m * v + (1 - damp) * grown
    share = f"(1 − {damp:g}) · {grown:g}" if damp else f"{grown:g}"
    lines = [f"g = {g:g} + {decay:g} · {w:g} = {grown:g}"] if decay else []
    lines.append(f"v = {m:g} · {v:g} + {share} = {buffer:g}")
    direction = grown + m * buffer if ahead else buffer
    lines += [f"u = {grown:g} + {m:g} · {buffer:g} = {direction:g}"] if ahead else []
    lines.append(f"w = {w:g} − {lr:g} · {direction:g} = {key:.6g}")
    fields = {
        "settings": f"`{', '.join(f'{name}={value}' for name, value in settings.items())}`",
        "lines": "\n".join(f"- {line}" for line in lines),
        "w": w,
        "v": v,
        "g": g,
        "momentum": m,
        "dampening": damp,
        "decay": decay,
    }
    return Variant(answer=key, mistakes=mistakes, fields=fields)


def stepped(w, v, g, **settings):
    """One step of torch's SGD on one weight, with `v` in its momentum buffer."""
    weight = torch.tensor(w, dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.SGD([weight], **settings)
    optimizer.state[weight]["momentum_buffer"] = torch.tensor(v, dtype=torch.double)
    weight.grad = torch.tensor(g, dtype=torch.double)
    optimizer.step()
    return weight.item()


CHOICES = {"lr": (0.01, 0.02, 0.05, 0.1), "momentum": (0.5, 0.8, 0.9), "weight_decay": (0.01, 0.02, 0.05)}


def inherited(rng: random.Random) -> Variant:
    """Groups are added to an optimizer; one key of one of them is asked, set there or inherited."""
    keywords = {key: rng.choice(values) for key, values in CHOICES.items()}
    added = []
    for _ in range(2):
        own = rng.sample(list(CHOICES), rng.choice([1, 2]))
        added.append({key: rng.choice(CHOICES[key]) for key in CHOICES if key in own})
    index, key = rng.choice([1, 2]), rng.choice(list(CHOICES))
    optimizer = torch.optim.SGD([torch.ones(1)], **keywords)
    for own in added:
        optimizer.add_param_group({"params": [torch.ones(1)], **own})
    answer = optimizer.param_groups[index][key]
    fresh = torch.optim.SGD([torch.ones(1)]).defaults[key]
    other = optimizer.param_groups[3 - index][key]
    sets = key in added[index - 1]
    mistakes = {"constructors": keywords[key]} if sets else {"torchs-default": fresh}
    if key in added[2 - index]:
        mistakes["neighbours"] = other
    values = [answer, *mistakes.values()]
    if len(set(values)) < len(values):
        return inherited(rng)
    fields = {
        "keywords": ", ".join(f"{name}={value:g}" for name, value in keywords.items()),
        "first": written(added[0]),
        "second": written(added[1]),
        "index": index,
        "key": key,
        "constructor": keywords[key],
        "fresh": fresh,
        "other": other,
        "name": f"w{index + 1}",
        "own": f"{answer:g}" if sets else "–",
    }
    return Variant(answer=answer, mistakes=mistakes, fields=fields)


def written(settings):
    """The settings as they stand in a dict."""
    return ", ".join(f'"{key}": {value:g}' for key, value in settings.items())


def told_apart(values):
    """Whether any two of the numbers differ by more than the marking forgives."""
    return not any(math.isclose(a, b, rel_tol=5e-3) for a, b in combinations(values, 2))
