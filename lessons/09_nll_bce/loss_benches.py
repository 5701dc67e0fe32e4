"""The eighteen losses on the bench: what each takes, how its elements lie, and where its computation by hand is."""

from collections.abc import Callable
from dataclasses import dataclass

import hand_classes as classes
import hand_ctc as sequences
import hand_embeddings as embeddings
import hand_margins as margins
import hand_order as order
import hand_regression as regression


@dataclass(frozen=True)
class Bench:
    """What the bench knows of a loss, and torch does not say."""

    hand: Callable
    """The lines of one element."""
    takes: tuple[str, ...] = ("inputs", "target")
    """Its tensors, in torch's order; the first one is moved."""
    indices: tuple[str, ...] = ()
    """Those that hold whole numbers: classes, labels, lengths."""
    at_of: Callable | None = None
    """The element that a place in the first input belongs to; None where each number is an element of its own."""
    alike: tuple[str, ...] = ()
    """Those that must be of one shape for the hand; where it compares number with number, torch may stretch them."""
    low: float = float("-inf")
    high: float = float("inf")
    """Where the first input ends: the curve goes no further."""
    divisor: Callable | None = None
    """What `mean` divides the sum by; without it, the number of elements."""
    mean: Callable | None = None
    """The `mean` of the elements, where it is no such quotient."""


def sample(place):
    """Of (n, c) or (n, c, d): the sample, and what stands behind the classes. () without a batch."""
    return place[:1] + place[2:] if len(place) > 1 else ()


def vector(place):
    """Of (n, c): the sample whose numbers lie along the last dimension. () without a batch."""
    return place[:-1]


def sequence(place):
    """Of (t, n, c): the sample. () without a batch."""
    return place[1:2] if len(place) == 3 else ()


CLASSES = {"indices": ("target",), "at_of": sample, "divisor": classes.divisor}
LABELS = {"indices": ("target",), "at_of": vector}
TRIPLET = ("anchor", "positive", "negative")
CTC = ("log_probs", "targets", "input_lengths", "target_lengths")

BENCHES = {
    "CrossEntropyLoss": Bench(classes.cross_entropy, **CLASSES),
    "NLLLoss": Bench(classes.nll_loss, **CLASSES, high=0),
    "BCELoss": Bench(classes.bce, low=0, high=1),
    "BCEWithLogitsLoss": Bench(classes.bce_with_logits),
    "L1Loss": Bench(regression.l1),
    "MSELoss": Bench(regression.mse),
    "SmoothL1Loss": Bench(regression.smooth_l1),
    "PoissonNLLLoss": Bench(regression.poisson_nll),
    "KLDivLoss": Bench(order.kl_div, high=0),
    "MarginRankingLoss": Bench(order.margin_ranking, ("input1", "input2", "target")),
    "MultiLabelMarginLoss": Bench(margins.multilabel_margin, **LABELS),
    "SoftMarginLoss": Bench(margins.soft_margin),
    "MultiLabelSoftMarginLoss": Bench(
        margins.multilabel_soft_margin, at_of=vector, alike=("inputs", "target")
    ),
    "MultiMarginLoss": Bench(margins.multi_margin, **LABELS),
    "TripletMarginLoss": Bench(embeddings.triplet_margin, TRIPLET, at_of=vector, alike=TRIPLET),
    "HingeEmbeddingLoss": Bench(embeddings.hinge_embedding, low=0),
    "CosineEmbeddingLoss": Bench(
        embeddings.cosine_embedding, ("x1", "x2", "target"), at_of=vector, alike=("x1", "x2")
    ),
    "CTCLoss": Bench(sequences.ctc, CTC, CTC[1:], at_of=sequence, high=0, mean=sequences.mean),
}
