"""Training stopped, saved and continued: the same to the last bit, if everything was saved."""

import io

import torch
from torch import nn
from torch.nn import functional as F

from tutor.lesson import Point, Table, Value


def run(keep: str, lr: float, momentum: float, stop_at: int, iterations: int, seed: int):
    """Train straight through, and once more with a stop after `stop_at` iterations; compare the weights."""
    torch.manual_seed(seed)
    x = torch.randn(32, 4)
    y = x @ torch.tensor([[1.0], [-2.0], [0.5], [3.0]]) + 0.1 * torch.randn(32, 1)
    start = nn.Linear(4, 1).state_dict()  # both begin with the same weights

    def fresh():
        net = nn.Linear(4, 1)
        net.load_state_dict(start)
        return net, torch.optim.SGD(net.parameters(), lr=lr, momentum=momentum)

    def train(name, net, optimizer, begin, end):
        for k in range(begin, end):
            optimizer.zero_grad()
            loss = F.mse_loss(net(x), y)
            loss.backward()
            optimizer.step()
            yield Point(name, k, loss.item())

    net, optimizer = fresh()
    yield from train("straight", net, optimizer, 0, iterations)

    first, its_optimizer = fresh()
    yield from train("resumed", first, its_optimizer, 0, min(stop_at, iterations))
    file = io.BytesIO()  # stands for a file on disk
    torch.save({"net": first.state_dict(), "optimizer": its_optimizer.state_dict()}, file)
    yield Value("bytes", file.tell())

    file.seek(0)
    saved = torch.load(file)  # only tensors, numbers and dicts: weights_only=True is the default
    second, new_optimizer = fresh()
    second.load_state_dict(saved["net"])
    if keep == "both":
        new_optimizer.load_state_dict(saved["optimizer"])
    yield from train("resumed", second, new_optimizer, min(stop_at, iterations), iterations)

    pairs = list(zip(net.parameters(), second.parameters(), strict=True))
    yield Value("equal", all(torch.equal(a, b) for a, b in pairs))
    yield Value("difference", max((a - b).abs().max().item() for a, b in pairs))
    rows = [[name, *map(words, pair)] for name, pair in zip(("weight", "bias"), pairs, strict=True)]
    yield Table("weights", ["", "straight", "resumed"], rows)


def words(tensor):
    """The numbers with more digits than float32 has, so that the last bit shows."""
    return ", ".join(f"{value:.9g}" for value in tensor.flatten().tolist())
