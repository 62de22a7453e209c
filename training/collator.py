"""Batches: windows of like length together, a token budget, and the spans that the span module is trained on."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from treaty_events import decoding, vocabulary

from .examples import Example
from .model import IGNORED


@dataclasses.dataclass
class Batch:
    """Padded windows; position 0 is the opening special token.

    Attributes:
        input_ids: shape (windows, tokens).
        attention_mask: same shape.
        tags: gold tags, (windows, tokens, heads); `IGNORED` on special tokens and padding.
        examples: the windows themselves.
    """

    input_ids: Tensor
    attention_mask: Tensor
    tags: Tensor
    examples: list[Example]

    def to(self, device: torch.device) -> Batch:
        """Move the tensors."""
        return Batch(self.input_ids.to(device), self.attention_mask.to(device), self.tags.to(device), self.examples)


@dataclasses.dataclass
class SpanBatch:
    """Spans of a batch's windows with their gold attributes and relations; padding has `present` False."""

    bounds: Tensor
    types: Tensor
    present: Tensor
    attributes: Tensor
    relations: Tensor
    counts: Tensor


def batches(examples: Sequence[Example], budget: int, rng: np.random.Generator) -> list[list[int]]:
    """Group windows into batches of at most `budget` tokens, padding included, in random order.

    Lengths are sorted with a little noise, so that batches hold windows of like length but not always the same ones.
    """
    lengths = np.array([len(e.ids) + 2 for e in examples])
    order = np.argsort(lengths * rng.uniform(0.9, 1.1, len(lengths)))
    groups: list[list[int]] = [[]]
    longest = 0
    for index in order:
        longest = max(longest, int(lengths[index]))
        if groups[-1] and longest * (len(groups[-1]) + 1) > budget:
            groups.append([])
            longest = int(lengths[index])
        groups[-1].append(int(index))
    return [groups[i] for i in rng.permutation(len(groups))] if groups[0] else []


def collate(examples: Sequence[Example], *, opening: int, closing: int, padding: int) -> Batch:
    """Pad windows to one length and put special tokens around them."""
    longest = max(len(e.ids) for e in examples) + 2
    ids = np.full((len(examples), longest), padding, np.int64)
    mask = np.zeros((len(examples), longest), np.int64)
    tags = np.full((len(examples), longest, len(vocabulary.SPAN_LABELS)), IGNORED, np.int64)
    for i, example in enumerate(examples):
        n = len(example.ids)
        ids[i, : n + 2] = [opening, *example.ids, closing]
        mask[i, : n + 2] = 1
        tags[i, 1 : n + 1] = example.tags
    return Batch(torch.from_numpy(ids), torch.from_numpy(mask), torch.from_numpy(tags), list(examples))


def hide_tokens(batch: Batch, share: float, mask: int, rng: np.random.Generator) -> Batch:
    """Put the mask token in place of some tokens; special tokens, padding and all labels stay.

    Args:
        batch: the windows.
        share: mean share of tokens to hide; each window draws its own between 0 and twice that.
        mask: id of the mask token.
        rng: source of randomness.

    Returns:
        A batch with other `input_ids`; the same one if `share` is 0.
    """
    if not share:
        return batch
    shape = tuple(batch.input_ids.shape)
    drawn = rng.random(shape) < rng.uniform(0, 2 * share, (shape[0], 1))
    for row, example in zip(drawn, batch.examples, strict=True):
        row[0] = False
        row[len(example.ids) + 1 :] = False
    return dataclasses.replace(batch, input_ids=batch.input_ids.masked_fill(torch.from_numpy(drawn), mask))


def _overlaps(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
    left = np.maximum(a[:, None, 0], b[None, :, 0])
    right = np.minimum(a[:, None, 1], b[None, :, 1])
    result: NDArray[np.bool_] = left < right
    return result


def candidates(
    example: Example, predicted: decoding.Spans, rng: np.random.Generator, *, jitter: float, own: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Choose the spans of a window that the span module trains on.

    Args:
        example: a window with its gold spans.
        predicted: what the tag heads give for it now.
        rng: source of randomness.
        jitter: probability of moving a border of a gold span by a token.
        own: probability that a gold span gives way to the model's own span over it.

    Returns:
        Bounds (spans, 2), types (spans,), and for each the gold span that it stands for, -1 for a false one. Gold spans
        come first, in order, so each is there exactly once.
    """
    bounds, types = example.bounds.copy(), example.types
    labels, own_labels = decoding.labels_of(types), decoding.labels_of(predicted.types)
    touching = _overlaps(bounds, predicted.bounds) & (labels[:, None] == own_labels[None, :])
    moved = rng.random(len(bounds)) < jitter
    for i in np.flatnonzero(moved):
        side, step = int(rng.integers(2)), int(rng.choice((-1, 1)))
        bounds[i, side] = np.clip(bounds[i, side] + step, 0, len(example.ids))
        if bounds[i, 0] >= bounds[i, 1]:
            bounds[i] = example.bounds[i]
    for i in np.flatnonzero(touching.any(axis=1) & (rng.random(len(bounds)) < own)):
        bounds[i] = predicted.bounds[rng.choice(np.flatnonzero(touching[i]))]
    false = ~touching.any(axis=0)
    origin = np.concatenate([np.arange(len(bounds)), np.full(int(false.sum()), -1)])
    return (
        np.concatenate([bounds, predicted.bounds[false]]),
        np.concatenate([types, predicted.types[false]]),
        origin.astype(np.int64),
    )


def span_batch(
    examples: Sequence[Example],
    predicted: Sequence[decoding.Spans],
    rng: np.random.Generator,
    *,
    jitter: float,
    own: float,
) -> SpanBatch | None:
    """Make the span module's batch for windows whose relations are annotated.

    Args:
        examples: the windows.
        predicted: the model's spans in each.
        rng: source of randomness.
        jitter: see `candidates`.
        own: see `candidates`.

    Returns:
        Padded tensors (positions count the opening special token), or None if no window has a span.
    """
    chosen = [
        candidates(e, p, rng, jitter=jitter, own=own)
        if e.linked
        else (np.zeros((0, 2), np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))
        for e, p in zip(examples, predicted, strict=True)
    ]
    most = max(len(types) for _, types, _ in chosen)
    if not most:
        return None
    count = len(examples)
    bounds = np.zeros((count, most, 2), np.int64)
    bounds[..., 1] = 1
    types = np.zeros((count, most), np.int64)
    present = np.zeros((count, most), np.bool_)
    attributes = np.full((count, most, len(vocabulary.PREDICTED_ATTRIBUTES)), IGNORED, np.int64)
    relations = np.zeros((count, most, most, len(vocabulary.RELATIONS)), np.float32)
    for i, (example, (b, t, origin)) in enumerate(zip(examples, chosen, strict=True)):
        n, gold = len(t), int((origin >= 0).sum())
        if not n:  # Nothing is known of this window's spans, though its names are annotated.
            continue
        bounds[i, :n], types[i, :n], present[i, :n] = b + 1, t, True
        attributes[i, :gold] = example.attributes
        if len(example.relations):
            head, tail, signature = example.relations.T
            relations[i, head, tail, signature] = 1
    counts = np.array([len(t) for _, t, _ in chosen])
    tensors = (torch.from_numpy(a) for a in (bounds, types, present, attributes, relations, counts))
    return SpanBatch(*tensors)
