"""A race of optimizers: the same start, the same surface, each with weights of its own, step by step in turn."""

import math
import runpy
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import optim

from tutor.lesson import Note, Point, Progress, Table, Value


def run(optimizers: list[str], surface: str, lr: list[float] | None, steps: int, fitted: bool, seed: int):
    """`lr` is None for each optimizer's own default, one number for all, or one for each in the order of `optimizers`.

    Whom torch refuses, and whose loss is no longer finite, is out, with torch's words and the reason.
    """
    if optimizers and lr is not None and len(lr) not in (1, len(optimizers)):
        yield Note(
            f"Rates: {len(lr)}; optimizers: {len(optimizers)}. Give one rate for all, one for each, or none.",
            f"学习率有 {len(lr)} 个，优化器有 {len(optimizers)} 个。请给出一个共用的学习率，或每个优化器一个，或者不设。",
        )
        return
    if not optimizers:
        yield Note("Nobody races. Tick an optimizer.", "没有参赛者。请勾选优化器。")
        return
    torch.manual_seed(seed)
    start, loss_of, lines = course_of(surface)
    yield [Point("level", x, y) for x, y in lines]

    rates = [None] * len(optimizers) if lr is None else lr * len(optimizers) if len(lr) == 1 else lr
    racing: list[Racer] = []
    for name, rate in zip(optimizers, rates, strict=True):
        try:
            racing.append(Racer(name, start, loss_of, rate, fitted))
        except (AttributeError, RuntimeError, TypeError, ValueError) as error:
            yield out(name, error)

    finished, gone, seen, sent = list(racing), [], [], time.perf_counter()
    for k in range(steps):
        for racer in list(racing):
            place = racer.place()
            try:
                loss = racer.step()
            except (IndexError, RuntimeError, TypeError, ValueError) as error:
                seen.append(out(racer.name, error))
                racing.remove(racer)
                finished.remove(racer)
                continue
            seen.append(Point(racer.loss_series, k, loss))
            if place is not None:
                seen.append(Point(racer.path_series, *place))
            if not math.isfinite(loss):
                seen.append(lost(racer, k, loss))
                gone.append(racer.name)
                racing.remove(racer)
        if time.perf_counter() - sent > 0.02:  # a list is sent at once, which costs less than one by one
            yield [*seen, Progress(k + 1, steps)]
            seen, sent = [], time.perf_counter()

    for racer in racing:  # where the last step has led
        with torch.no_grad():
            racer.loss = racer.loss_of(racer.weights).item()
        seen.append(Point(racer.loss_series, steps, racer.loss))
        if (place := racer.place()) is not None:
            seen.append(Point(racer.path_series, *place))
    yield seen
    if gone:
        yield Value("first_out", gone[0])
    yield from told(finished)


class Racer:
    """One optimizer and its own copy of the weights."""

    def __init__(self, name, start, loss_of, rate, fitted):
        as_matrix, self.sparse = fitted and name == "Muon", fitted and name == "SparseAdam"
        self.name, self.loss_of = name, loss_of
        self.loss_series, self.path_series = f"loss:{name}", f"path:{name}"
        self.weights = [w.clone().reshape(1, -1) if as_matrix and w.dim() < 2 else w.clone() for w in start]
        for w in self.weights:
            w.requires_grad_()
        make = getattr(optim, name)
        self.optimizer = make(self.weights) if rate is None else make(self.weights, lr=rate)
        self.evaluations, self.loss = 0, math.nan

    def closure(self):
        """The loss at the weights, with its gradient; LBFGS asks for it several times a step."""
        self.optimizer.zero_grad()
        loss = self.loss_of(self.weights)
        loss.backward()
        if self.sparse:
            for w in self.weights:
                w.grad = w.grad.to_sparse()
        self.evaluations += 1
        return loss

    def step(self):
        """Step once; return the loss before it, which torch returns for every optimizer."""
        self.loss = self.optimizer.step(self.closure).item()
        return self.loss

    def place(self):
        """Where the weights are in the picture; None where there are too many of them for one."""
        if self.weights[0].numel() > 2:
            return None
        numbers = self.weights[0].flatten().tolist()
        return numbers if len(numbers) == 2 else (*numbers, 4 * numbers[0] ** 2)


# Surfaces: a function of x and y, where to start, and the part of the plane that is shown ---------------------

SURFACES = {
    "valley": (lambda x, y: (x**2 + 20 * y**2) / 2, (-2.0, 1.0), (-2.5, 2.5, -1.5, 1.5)),
    "saddle": (lambda x, y: x**2 / 2 + (y**2 - 1) ** 2 / 4, (-1.5, 0.01), (-2.0, 2.0, -1.5, 1.5)),
    "rosenbrock": (lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2, (-1.5, 2.0), (-2.0, 2.0, -1.0, 3.0)),
    "beale": (
        lambda x, y: (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2,
        (1.0, 1.5),
        (-0.5, 4.5, -1.0, 2.0),
    ),
}


SHARES = (0.04, 0.12, 0.3, 0.55, 0.85)


def course_of(surface):
    """The weights to start from, the loss as a function of weights, and points on the lines of the picture."""
    if surface == "banknotes":
        return banknotes()
    if surface == "parabola":
        curve = [(x, 4 * x**2) for x in torch.linspace(-2.2, 2.2, 201).tolist()]
        return [torch.tensor([2.0])], lambda weights: (4 * weights[0] ** 2).sum(), curve
    f, start, window = SURFACES[surface]
    return [torch.tensor(start)], lambda weights: f(*weights[0].flatten().unbind()), level_lines(f, *window)


def level_lines(f, left, right, low, high):
    """Where f crosses one of five levels between two neighbours on a grid; below each lies a share of the area."""
    x, y = torch.linspace(left, right, 100), torch.linspace(low, high, 50)
    z = f(x[None, :], y[:, None])  # (50, 100)
    for level in z.flatten().quantile(torch.tensor(SHARES)):
        above = z - level
        i, j = (above[:, :-1] * above[:, 1:] < 0).nonzero().T  # between column j and the next
        part = above[i, j] / (above[i, j] - above[i, j + 1])
        yield from zip((x[j] + part * (x[j + 1] - x[j])).tolist(), y[i].tolist(), strict=True)
        i, j = (above[:-1] * above[1:] < 0).nonzero().T  # between row i and the next
        part = above[i, j] / (above[i, j] - above[i + 1, j])
        yield from zip(x[j].tolist(), (y[i] + part * (y[i + 1] - y[i])).tolist(), strict=True)


def banknotes():
    """Lesson 6's drawn notes, 100 of them, 8 x 8 pixels in three colours, and a net of two layers without biases."""
    draw = runpy.run_path(str(Path(__file__).parents[1] / "06_banknotes" / "banknotes.py"))["draw"]
    images, target = draw(100)  # (100, 3, 32, 32), (100,)
    inputs = (F.avg_pool2d(images, 4).flatten(1) - 0.5) / 0.25  # (100, 192)
    start = [torch.randn(192, 8) / 192**0.5, torch.randn(8, 2) / 8**0.5]

    def loss_of(weights):
        return F.cross_entropy(torch.tanh(inputs @ weights[0]) @ weights[1], target)

    return start, loss_of, []


# What is said ---------------------------------------------------------------------------------------------------


def told(racers):
    """The table, the best first, and who that is."""
    racers = sorted(racers, key=lambda each: each.loss if math.isfinite(each.loss) else math.inf)
    rows = [[r.name, float(r.optimizer.param_groups[0]["lr"]), r.loss, r.evaluations] for r in racers]
    yield Table("result", ["optimizer", "lr", "loss", "evaluations"], rows)
    if racers and math.isfinite(racers[0].loss):
        yield Value("winner", racers[0].name)
        yield Value("final", racers[0].loss)
        yield Value("loser", racers[-1].name)


def lost(racer, k, loss):
    """A loss that is no number any more."""
    rate = float(racer.optimizer.param_groups[0]["lr"])
    return Note(
        f"{racer.name} is out: at lr = {rate:g} its steps grew until the loss was {loss}, at step {k}.",
        f"{racer.name} 出局：lr = {rate:g} 时步子越迈越大，第 {k} 步损失已是 {loss}。",
    )


def out(name, error):
    """Why torch refuses an optimizer here, in its own words and in ours."""
    message = str(error)
    if "dense gradients" in message:
        en = "A gradient over one point is dense: every weight has one. Switch `fitted` on to hand it a sparse one."
        zh = "这里的梯度是稠密的：每个权值都有梯度。打开“适配”，就会交给它稀疏梯度。"
    elif "2D parameters" in message:
        en = "Its update makes a matrix orthogonal, so it takes matrices only. Switch `fitted` on for a matrix (1, n)."
        zh = "它的更新要把矩阵正交化，所以只接受矩阵。打开“适配”，就会把权值写成矩阵 (1, n)。"
    elif "earning rate" in message:
        en = "A step goes against the gradient; a negative rate would climb. SparseAdam does not take 0 either."
        zh = "更新沿着负梯度方向，学习率为负就成了上坡。SparseAdam 也不接受 0。"
    elif isinstance(error, AttributeError):
        en, zh = "The installed torch does not have it yet.", "当前安装的 torch 还没有它。"
    else:
        en, zh = "The others go on without it.", "其余的继续比赛。"
    return Note(f"{name} is out. torch says: {message}\n{en}", f"{name} 出局。torch 的原话：{message}\n{zh}")
