"""Momentum in torch.optim.SGD: its path, the roots behind its oscillation, and where it converges at all."""

import math

import torch

from tutor.lesson import Note, Picture, Point, Table, Value

SMALL = 1e-6
MOST = 5
"""Pairs that are laid over the first one."""


def parabola(w):
    """The course's function, y = 4x². Its curvature is 8."""
    return 4 * w[0] ** 2


def valley(narrow):
    """(x² + narrow·y²) / 2: the curvature is 1 along the valley and `narrow` across it."""
    return lambda w: (w[0] ** 2 + narrow * w[1] ** 2) / 2


def run(surface, lr, momentum, dampening, nesterov, narrow, others, iterations):
    """Record the position and the loss before each of `iterations` steps, for each pair (lr, momentum)."""
    f, start, curvatures = parabola, [2.0], [8.0]
    if surface == "valley":
        f, start, curvatures = valley(narrow), [-4.0, 1.0], [1.0, float(narrow)]
    try:
        runs = [Run(start, lr, momentum, dampening, nesterov)]
    except ValueError as error:
        yield from refused(error)
        raise
    pairs = [pair for pair in dict.fromkeys(map(tuple, others or [])) if len(pair) == 2]
    if any(len(row) != 2 for row in others or []) or len(pairs) > MOST:
        yield Note(
            f"others takes up to {MOST} rows, each with two numbers: lr and momentum. The rest is left out.",
            f"others 最多 {MOST} 行，每行两个数：lr 和动量。其余的已略去。",
        )
    runs += [Run(start, *pair, dampening, nesterov and pair[1] > 0) for pair in pairs[:MOST]]

    yield from ground(f, surface)
    for k in range(iterations):
        for i, each in enumerate(runs):
            name = f":{each.lr:.10g}, m {each.momentum:.10g}" if i else ""
            w, loss = each.look(f)
            yield Point(f"x{name}", k, w[0])
            yield Point(f"loss{name}", k, loss)
            yield Point(f"path{name}", w[0], w[1] if len(w) > 1 else loss)
            if k + 1 < iterations:
                each.optimizer.step()
        if k + 1 < iterations and momentum > 0:
            state = runs[0].optimizer.state[runs[0].w]  # kept by parameter
            yield Point("buffer", k + 1, state["momentum_buffer"][0].item())

    yield Table(
        "runs", ["lr", "momentum", "reached", "for_good", "last_loss"], [each.told() for each in runs]
    )
    _, _, reached, for_good, last_loss = runs[0].told()
    yield Value("reached", reached)
    yield Value("for_good", for_good)
    yield Value("last_loss", last_loss)
    yield Value("crossed", next((k for k, x in enumerate(runs[0].xs) if x * start[0] < 0), None))
    yield from roots(lr, momentum, dampening, nesterov, curvatures)
    yield from mapped(f, start, dampening, nesterov, max(curvatures), iterations)


class Run:
    """One descent by torch.optim.SGD, and what was seen of it."""

    def __init__(self, start, lr, momentum, dampening, nesterov):
        self.lr, self.momentum = lr, momentum
        self.w = torch.tensor(start, requires_grad=True)
        self.optimizer = torch.optim.SGD([self.w], lr, momentum, dampening, nesterov=nesterov)
        self.xs, self.losses = [], []

    def look(self, f):
        """Where it stands and the loss there, whose gradient is left for the next step."""
        self.optimizer.zero_grad()
        loss = f(self.w)
        loss.backward()
        self.xs.append(self.w[0].item())
        self.losses.append(loss.item())
        return self.w.tolist(), loss.item()

    def told(self):
        """The pair; the first iteration below 1e-6, the first from which on it stays there; the last loss."""
        below = [loss < SMALL for loss in self.losses]  # nan is not
        reached = below.index(True) if True in below else None
        above = [k for k, small in enumerate(below) if not small]
        for_good = above[-1] + 1 if above else 0
        return [self.lr, self.momentum, reached, for_good if below[-1] else None, self.losses[-1]]


def refused(error):
    """torch's own words, and what to change."""
    yield Note(f"torch says: {error}", f"torch 的原话：{error}")
    yield Note(
        "Nesterov looks ahead by m·v, so it needs a momentum above 0; and torch does not combine it with dampening.",
        "Nesterov 要沿 m·v 预先看一步，所以动量必须大于 0；torch 也不允许它与 dampening 同时使用。",
    )


def ground(f, surface):
    """The parabola, or points where the valley crosses a level between two neighbours of a grid."""
    if surface == "parabola":
        for x in torch.linspace(-2.5, 2.5, 480).tolist():
            yield Point("level", x, 4 * x * x)
        return
    x, y = torch.linspace(-4.5, 4.5, 180), torch.linspace(-1.5, 1.5, 90)
    for level in (0.05, 0.3, 1, 2.5, 5, 9, 14):
        z = f((x[None, :], y[:, None])) - level
        i, j = (z[:, :-1] * z[:, 1:] < 0).nonzero(as_tuple=True)  # between (i, j) and its right neighbour
        across = x[j] + z[i, j] / (z[i, j] - z[i, j + 1]) * (x[j + 1] - x[j])
        yield from (Point("level", *at) for at in torch.stack((across, y[i]), 1).tolist())
        i, j = (z[:-1] * z[1:] < 0).nonzero(as_tuple=True)  # between (i, j) and the one above
        up = y[i] + z[i, j] / (z[i, j] - z[i + 1, j]) * (y[i + 1] - y[i])
        yield from (Point("level", *at) for at in torch.stack((x[j], up), 1).tolist())


def roots(lr, m, dampening, nesterov, curvatures):
    """One step is a 2x2 matrix on (x, v), where the gradient is h·x; it shrinks both if its roots are below 1."""
    rows, largest = [], 0.0
    for h in curvatures:
        # v' = m·v + (1 − dampening)·h·x, and x' = x − lr·v', or x − lr·(h·x + m·v') with nesterov
        keep, take = m, (1 - dampening if m else 1) * h
        ahead, pull = (m, h) if nesterov else (1, 0)
        step = [[1 - lr * (pull + ahead * take), -lr * ahead * keep], [take, keep]]
        pair = torch.linalg.eigvals(torch.tensor(step, dtype=torch.float64))
        size, imag = pair.abs().max().item(), pair[0].imag.abs().item()
        shown = f"{pair[0].real:.4f} ± {imag:.4f}i" if imag else "{:.4f}, {:.4f}".format(*pair.real.tolist())
        turns = 2 * math.pi / pair.angle().abs().max().item() if imag else None
        rows.append([h, shown, size, turns])
        largest = max(largest, size)
    yield Table("roots", ["curvature", "root", "radius", "period"], rows)
    yield Value("root", rows[-1][1] if len(rows) == 1 else [row[1] for row in rows])
    yield Value("radius", largest)


def mapped(f, start, dampening, nesterov, curvature, iterations, columns=48, rows=32):
    """Every pair (lr, momentum) of a grid at once, by the update written out; brighter is sooner below 1e-6."""
    widest = 4 / curvature
    lr = torch.arange(1, columns + 1) * (widest / columns)  # left to right
    m = torch.linspace(1, 0, rows + 1)[1:, None]  # top to bottom
    w = torch.tensor(start)[:, None, None].repeat(1, rows, columns).requires_grad_()
    fresh = torch.where(m > 0, 1 - dampening, 1)  # SGD without momentum damps nothing
    last, v = torch.full((rows, columns), -1), None
    for k in range(iterations):
        loss = f(w)
        (g,) = torch.autograd.grad(loss.sum(), w)
        last = torch.where(loss < SMALL, last, k)  # the last iteration that was not below
        if k + 1 < iterations:
            v = m * v + fresh * g if k else g
            w = (w - lr * (g + m * v if nesterov else v)).detach().requires_grad_()
    bright = 1 - 0.7 * (last + 2).log() / math.log(iterations + 1)
    slow = torch.where(loss.detach() < f(torch.tensor(start)), 0.15, 0)
    grey = torch.where(last + 1 < iterations, bright, slow)
    en = f"lr 0–{widest:g} across, m 0–1 upward. White: soon; black: diverges"
    zh = f"横轴 lr 0–{widest:g}，纵轴 m 0–1。白：很快；黑：发散"
    yield Picture("map", grey.tolist(), en, zh)
