"""CTC by hand: the forward table of one sample, frame by frame.

Graves et al. 2006, section 4.1. The label l gets a blank before, between and behind its symbols: l′. α[t](s) is the
probability of all ways to have read l′ up to its symbol s at frame t. A way stays, goes on by one, or by two where
that skips a blank between two different symbols.
"""

import torch
from hand_lines import number


def one_sample(at, log_probs, targets, input_lengths, target_lengths):
    """The frames (T, C) of one sample, and its label as a list; `targets` may hold all labels one after the other."""
    frames, lengths = input_lengths.reshape(-1).long().tolist(), target_lengths.reshape(-1).long().tolist()
    n, log_probs = (at[0], log_probs[:, at[0]]) if at else (0, log_probs)
    label = targets[sum(lengths[:n]) :] if targets.dim() == 1 else targets[n]
    return log_probs[: frames[n]], label[: lengths[n]].long().tolist()


def ctc(at, log_probs, targets, input_lengths, target_lengths, blank, zero_infinity):
    """−ln of the sum over all ways that collapse to the label, from the forward table α."""
    x, label = one_sample(at, log_probs, targets, input_lengths, target_lengths)
    symbols = [blank]
    for symbol in label:
        symbols += [symbol, blank]
    yield "l′", "", torch.tensor(symbols)

    never = x.new_tensor(float("-inf"))
    log_alpha = [x.new_zeros(())] + [never] * (len(symbols) - 1)  # before the first frame: at the first blank
    for t, frame in enumerate(x):
        before, log_alpha = log_alpha, []
        for s, symbol in enumerate(symbols):
            ways = [before[s]]
            if s >= 1:
                ways.append(before[s - 1])
            if s >= 2 and symbol != blank and symbol != symbols[s - 2]:
                ways.append(before[s - 2])
            log_alpha.append(torch.stack(ways).logsumexp(0) + frame[symbol])
        alpha = torch.stack(log_alpha).exp()
        yield f"p[{t}]", "", frame.exp()
        yield f"α[{t}]", f"(Σ α[{t - 1}])·p[{t}]" if t else "", alpha
    ends = torch.stack(log_alpha[-2:])
    log_p = ends.logsumexp(0)
    yield "P", f"α[{len(x) - 1}](S−1) + α[{len(x) - 1}](S)", log_p.exp(), " + ".join(map(number, ends.exp()))
    loss = -log_p
    if zero_infinity and loss.isinf():
        yield "l", "0", torch.zeros_like(loss)
    else:
        yield "l", "−ln P", loss


def mean(losses, log_probs, targets, input_lengths, target_lengths, **_):
    """Each loss divided by the length of its label, at least 1, then the average over the batch."""
    lengths = target_lengths.reshape(-1).clamp(min=1)
    return (losses.reshape(-1) / lengths).mean()


def courses_own_run():
    """What the course draws with seed 1: 50 frames, 16 samples, 20 classes; too many numbers for a table."""
    torch.manual_seed(1)
    log_probs = torch.randn(50, 16, 20).log_softmax(2)
    targets, frames = torch.randint(1, 20, (16, 30)), torch.full((16,), 50)
    drawn = (log_probs, targets, frames, torch.randint(10, 30, (16,)))
    names = ("log_probs", "targets", "input_lengths", "target_lengths")
    return {name: tensor.tolist() for name, tensor in zip(names, drawn, strict=True)}
