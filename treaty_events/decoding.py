"""From the model's numbers to spans: BIO tags, word borders, one flat layer a label.

The tag logits of all heads lie side by side in one array; a model's `Layout` says which columns are whose. Training
decodes with the same functions, so that the relation head sees the spans that it will see in use.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from . import vocabulary


@dataclasses.dataclass(frozen=True, slots=True)
class Head:
    """Columns of one BIO head: `O`, then `B` and `I` of each of its classes.

    Attributes:
        label: what it tags.
        start: first column.
        types: for each class, its index in `Layout.span_types`.
    """

    label: str
    start: int
    types: tuple[int, ...]

    @property
    def end(self) -> int:
        """Column after the last."""
        return self.start + 1 + 2 * len(self.types)


_MENTIONS: Final = len(vocabulary.MENTION_LABELS)


@dataclasses.dataclass(frozen=True, slots=True)
class Layout:
    """What a model's outputs stand for: the columns of its tag heads, and the types that its spans can have.

    Event types of the model's own come after those of the vocabulary, so the vocabulary's columns and types have the
    same numbers in every layout, and so do the heads: there is one for each of `vocabulary.SPAN_LABELS`, in that order.

    Attributes:
        span_types: what a span can be: a mention label, or an event type (a trigger of that type).
        heads: the BIO heads; that of triggers is the last.
    """

    span_types: tuple[str, ...]
    heads: tuple[Head, ...]

    @classmethod
    @functools.cache
    def of(cls, extra_event_types: tuple[str, ...] = ()) -> Layout:
        """Give the layout of a model by the event types that it has besides the vocabulary's."""
        types = (*vocabulary.MENTION_LABELS, *vocabulary.EVENT_TYPES, *extra_event_types)
        mentions = (Head(label, 3 * i, (i,)) for i, label in enumerate(vocabulary.MENTION_LABELS))
        return cls(types, (*mentions, Head(vocabulary.TRIGGER, 3 * _MENTIONS, tuple(range(_MENTIONS, len(types))))))

    @classmethod
    def of_vocabulary(cls, record: Mapping[str, Any]) -> Layout:
        """Give the layout of a model by the vocabulary in its configuration.

        A record that is of no form known here has the vocabulary's own types: runs of older versions wrote it in
        another form, and a release with another vocabulary is not read (`release.read_config`).
        """
        return cls.of(vocabulary.extra_event_types(record) or ())

    @property
    def tags(self) -> int:
        """Number of columns."""
        return self.heads[-1].end

    @property
    def extra_event_types(self) -> tuple[str, ...]:
        """Event types besides the vocabulary's."""
        return self.span_types[_MENTIONS + len(vocabulary.EVENT_TYPES) :]


# The layout without further event types.
BASE: Final = Layout.of()
# Labels of which two spans seldom touch: a new one right after another must be this much surer (log-odds) than that the
# other goes on.
_APART: Final = frozenset({"GPE", "PERSON", "DATE", "ORG", "ROLE", "TREATY"})
_SURER: Final = 2.0
# For each relation signature, which labels head and tail may have: shape (signatures, labels, labels).
COMPATIBLE: Final[NDArray[np.bool_]] = np.array(
    [
        [[r.head == h and t in r.tails for t in vocabulary.SPAN_LABELS] for h in vocabulary.SPAN_LABELS]
        for r in vocabulary.RELATIONS
    ]
)


def labels_of(types: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the label of each span type, as index in `vocabulary.SPAN_LABELS`: all event types are triggers."""
    return np.minimum(types, _MENTIONS)


@dataclasses.dataclass(frozen=True, slots=True)
class Spans:
    """Spans over a token sequence.

    Attributes:
        bounds: first token and token after the last, shape (spans, 2).
        types: index in `Layout.span_types`, shape (spans,).
        scores: probability of the class, geometric mean over the span's tokens, shape (spans,).
    """

    bounds: NDArray[np.int64]
    types: NDArray[np.int64]
    scores: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.types)

    def take(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> Spans:
        """Give some of the spans, by index or mask."""
        return Spans(self.bounds[chosen], self.types[chosen], self.scores[chosen])


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log-probabilities over the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def _total(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log of the summed probabilities over the last axis."""
    result: NDArray[np.float32] = np.logaddexp.reduce(scores, axis=-1)
    return result


def outside_all(
    logits: NDArray[np.float32], layout: Layout, outside: NDArray[np.float32] | None = None
) -> NDArray[np.bool_]:
    """Tell which tokens no head takes for a part of a span.

    Args:
        logits: shape (tokens, `layout.tags`).
        layout: the model's.
        outside: see `decode_tags`.

    Returns:
        Shape (tokens,).
    """
    result = np.ones(len(logits), np.bool_)
    for i, head in enumerate(layout.heads):
        result &= _border(head, logits, 0.0 if outside is None else float(outside[i]))[1].argmax(axis=1) == 0
    return result


def _border(head: Head, logits: NDArray[np.float32], outside: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Log-probabilities of a head's tags, and of being outside, at the begin of and inside a span of any class."""
    scores = logits[:, head.start : head.end].copy()
    scores[:, 0] += outside
    scores = log_softmax(scores)
    return scores, np.stack([scores[:, 0], _total(scores[:, 1::2]), _total(scores[:, 2::2])], axis=1)


def _decode_head(
    head: Head, logits: NDArray[np.float32], joined: NDArray[np.bool_], outside: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    # Where a span begins and ends is decided over all classes together, its class over all of its tokens: pieces of one
    # word that lean to different classes are one span.
    scores, border = _border(head, logits, outside)
    tags = border.argmax(axis=1)
    inside = tags > 0
    before = np.append(False, inside[:-1])
    if head.label in _APART:
        tags = np.where((tags == 1) & before & (border[:, 1] - border[:, 2] < _SURER), 2, tags)
    # `I` after `O` opens a span as `B` does; `B` in the middle of a word goes on.
    begins = inside & (((tags == 1) & ~(joined & before)) | ~before)
    starts = np.flatnonzero(begins)
    if not len(starts):
        return np.zeros((0, 2), np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)
    stops = np.flatnonzero(~inside | begins)
    ends = np.append(stops, len(tags))[np.searchsorted(stops, starts, side="right")]
    classes = np.logaddexp(scores[:, 1::2], scores[:, 2::2])
    sums = np.concatenate([np.zeros((1, classes.shape[1]), np.float32), np.cumsum(classes, axis=0)])
    means = (sums[ends] - sums[starts]) / (ends - starts)[:, None]
    chosen = means.argmax(axis=1)
    types = np.asarray(head.types)[chosen]
    probabilities = np.exp(np.take_along_axis(means, chosen[:, None], axis=1)[:, 0]).astype(np.float32)
    # Snap to whole words: to the left while the first token continues a word, to the right while the next one does.
    index = np.arange(len(tags))
    first = np.maximum.accumulate(np.where(joined, 0, index))
    following = np.append(joined[1:], False)
    last = np.minimum.accumulate(np.where(following, len(tags), index)[::-1])[::-1]
    bounds = np.stack([first[starts], last[ends - 1] + 1], axis=1)
    keep = _without_overlap(bounds, probabilities)
    return bounds[keep], types[keep], probabilities[keep]


def _without_overlap(bounds: NDArray[np.int64], scores: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Of spans that overlap after snapping, keep the surer one (they come in text order)."""
    keep = np.ones(len(bounds), np.bool_)
    if (bounds[1:, 0] >= bounds[:-1, 1]).all():
        return keep
    end, last = -1, -1
    for i, (start, stop) in enumerate(bounds):
        if start < end:
            loser = i if scores[last] >= scores[i] else last
            keep[loser] = False
            if loser == i:
                continue
        end, last = stop, i
    return keep


def decode_tags(
    logits: NDArray[np.float32],
    joined: NDArray[np.bool_],
    layout: Layout,
    outside: NDArray[np.float32] | None = None,
) -> Spans:
    """Read spans off the tag logits.

    Args:
        logits: shape (tokens, `layout.tags`).
        joined: whether a token continues a word, shape (tokens,).
        layout: the model's.
        outside: what to add to each head's `O` logit (negative finds more spans), shape (heads,).

    Returns:
        Spans sorted by start, longer first; flat within a label, any nesting between labels.
    """
    parts = [
        _decode_head(head, logits, joined, 0.0 if outside is None else float(outside[i]))
        for i, head in enumerate(layout.heads)
    ]
    bounds = np.concatenate([p[0] for p in parts])
    types = np.concatenate([p[1] for p in parts])
    scores = np.concatenate([p[2] for p in parts])
    order = np.lexsort((types, -bounds[:, 1], bounds[:, 0]))
    return Spans(bounds[order], types[order], scores[order])
