"""A bench for any loss: torch's value and gradient, beside them the computation by hand, line by line.

torch computes in float32, the hand in float64. What torch refuses it refuses here, in its own words.
"""

import warnings
from contextlib import suppress
from itertools import product

import torch
from hand_ctc import courses_own_run
from hand_lines import last, rows
from loss_benches import BENCHES
from loss_call import Refused, arguments, exactly, made, tensors_of
from loss_refusals import explained, went_in
from loss_silence import check_labels, taken_silently

from tutor.lesson import Note, Point, Table, Value

ALSO = {"input1": "x1", "input2": "x2", "x1": "input1", "x2": "input2"}
"""torch calls them input1 and input2, its formulas x₁ and x₂: the bench takes both names."""


def run(
    loss,
    inputs,
    target,
    input1,
    input2,
    x1,
    x2,
    anchor,
    positive,
    negative,
    log_probs,
    targets,
    input_lengths,
    target_lengths,
    args,
    element,
    input_dtype,
    target_dtype,
):
    """`loss` is called with the tables it takes and with `args`; `element` of the first table is looked at closely."""
    given, bench = dict(locals()), BENCHES[loss]
    tables = {name: given[name] for name in bench.takes}
    tables |= {name: given[ALSO[name]] for name in tables if given.get(ALSO.get(name)) is not None}
    if loss == "CTCLoss" and log_probs is None:
        tables = courses_own_run()
    tensors = {}
    try:
        tensors = tensors_of(tables, bench, input_dtype, target_dtype)
        if loss == "CTCLoss":
            check_labels(*tensors.values())
        criterion = made(loss, args)
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            value, grads = value_and_gradients(criterion, tensors, bench)
    except (ValueError, IndexError, RuntimeError, TypeError, OverflowError) as error:
        if not isinstance(error, Refused):
            yield Note(f"torch says: {error}", f"torch 的原话：{error}")
        yield from went_in(tensors)
        yield explained(error, loss)
        raise
    for each in warned:
        yield Note(f"torch warns: {each.message}", f"torch 的警告：{each.message}")
    warnings.simplefilter("ignore")  # it has been said

    torchs = reduced_by_torch(loss, args, tensors)
    elements, by_hand = {}, {}
    if len({tensors[name].shape for name in bench.alike}) <= 1:
        with suppress(IndexError):  # a target of one number for many samples: torch stretches that, too
            elements, by_hand = computed_by_hand(loss, args, tensors, tables, torchs["none"].shape)
    if not by_hand:
        yield Note(
            "torch has stretched the shapes to one another, where they should be equal. The hand does not follow.",
            "torch 对形状做了广播，而它们本应相等。这里不再手算。",
        )
    first = tensors[bench.takes[0]]
    place = place_of(element, first)
    if elements:
        at = place if bench.at_of is None else bench.at_of(place)
        lines = elements.get(at, next(iter(elements.values())))
        yield Table("steps", ["line", "numbers", "value"], list(rows(lines)))
    each = [[str(list(at)), last(lines).item(), torchs["none"][at].item()] for at, lines in elements.items()]
    yield Table("elements", ["element", "by_hand", "torch"], each)
    both = [[m, by_hand[m].item() if by_hand else "", torchs[m].item()] for m in torchs if m != "none"]
    yield Table("reduction", ["reduction", "by_hand", "torch"], both)
    yield Value("loss", value.tolist())
    if criterion.reduction in by_hand:
        yield Value("by_hand", by_hand[criterion.reduction].tolist())
    for name, grad in grads.items():
        yield Value("grad" if name == bench.takes[0] else f"grad_{name}", grad.tolist())
    if first.numel():
        yield Value("element", f"{bench.takes[0]}{list(place)} = {first[place].item():g}")
    yield Value("none", torchs["none"].tolist())
    if first.numel() and bench.takes[0] in grads:
        yield from curve(criterion, tensors, bench, place)
    yield from taken_silently(loss, tensors, arguments(loss, args), torchs["none"], value)


def value_and_gradients(criterion, tensors, bench):
    """The loss, and its gradient with respect to each float input; where it is no single number, that of its sum."""
    inputs = {
        n: t for n, t in tensors.items() if n not in (*bench.indices, "target") and t.is_floating_point()
    }
    leaves = {name: tensor.clone().requires_grad_() for name, tensor in inputs.items()}
    value = criterion(*{**tensors, **leaves}.values())
    grads = torch.autograd.grad(value.sum(), list(leaves.values()), materialize_grads=True) if leaves else []
    return value.detach(), dict(zip(leaves, grads, strict=True))


def reduced_by_torch(loss, args, tensors):
    """What each reduction makes of the call; of whole numbers torch takes no mean."""
    found = {}
    for mode in ("none", "sum", "mean", *(["batchmean"] if loss == "KLDivLoss" else [])):
        with suppress(RuntimeError):
            found[mode] = made(loss, args, reduction=mode)(*tensors.values())
    return found


def computed_by_hand(loss, args, tensors, tables, shape):
    """The lines of every element, by its place in the `shape` of what `none` returns; and each reduction of them."""
    bench, named = BENCHES[loss], arguments(loss, args)
    exact = exactly(tensors, tables, bench)
    elements = {at: list(bench.hand(at, *exact, **named)) for at in product(*map(range, shape))}
    losses = torch.stack([last(lines) for lines in elements.values()] or [torch.zeros(())]).double()
    losses = losses[: len(elements)]
    count = len(losses) if bench.divisor is None else bench.divisor(*exact, **named)
    mean = losses.sum() / count if bench.mean is None else bench.mean(losses, *exact, **named)
    batch = next(iter(tensors.values())).shape[:1].numel()
    total = losses.sum()
    return elements, {"none": losses.reshape(shape), "sum": total, "mean": mean, "batchmean": total / batch}


def place_of(element, tensor):
    """Where in the tensor its number `element` stands, counted row by row; the last one, if there are not so many."""
    at = torch.tensor(min(element, max(tensor.numel() - 1, 0)))
    return tuple(each.item() for each in torch.unravel_index(at, tensor.shape)) if tensor.numel() else ()


def curve(criterion, tensors, bench, place):
    """One number of the first input moves, the others stay: the loss, and its gradient at every place."""
    name = bench.takes[0]
    now = tensors[name][place].item()
    inside = bench.low <= now <= bench.high
    low = max(now - 4, bench.low) if inside else now - 4
    high = min(now + 4, bench.high) if inside else now + 4
    for x in torch.linspace(low, high, 83)[1:-1].tolist():
        moved = tensors[name].clone()
        moved[place] = x
        value, grads = value_and_gradients(criterion, {**tensors, name: moved}, bench)
        yield Point("loss", x, value.sum().item())
        yield Point("gradient", x, grads[name][place].item())
    value, _ = value_and_gradients(criterion, tensors, bench)
    yield Point("here", now, value.sum().item())
