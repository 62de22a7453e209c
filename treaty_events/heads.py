"""The span module at inference: attributes of spans and relations between them, in NumPy.

The same arithmetic as `training.model.SpanModule`, on one window at a time: a few small matrix products, so that it
needs neither torch nor a graph whose sizes change with every window. A parity test holds the two together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from . import vocabulary
from .decoding import labels_of

Array = NDArray[np.float32]


def gelu(x: Array) -> Array:
    """GELU, tanh form (what the span module is trained with)."""
    # Products, not a power: NumPy's takes ten times as long.
    inner = x * x
    inner *= np.float32(0.044715)
    inner += 1
    inner *= x
    inner *= np.float32(math.sqrt(2 / math.pi))
    np.tanh(inner, out=inner)
    inner += 1
    inner *= x
    inner *= np.float32(0.5)
    return inner


def layer_norm(x: Array, weight: Array, bias: Array) -> Array:
    """Layer normalisation over the last axis, epsilon 1e-5 as in torch."""
    centred = x - x.mean(axis=-1, keepdims=True)
    result: Array = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5) * weight + bias
    return result


def softmax(x: Array) -> Array:
    """Probabilities over the last axis."""
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    result: Array = powers / powers.sum(axis=-1, keepdims=True)
    return result


def distance_bucket(distance: NDArray[np.int64], buckets: int) -> NDArray[np.int64]:
    """Put signed token distances into logarithmic buckets, the middle one for 0."""
    half = buckets // 2
    size = np.log2(np.abs(distance).astype(np.float32) + 1) * (half / math.log2(513))
    return half + np.sign(distance) * np.minimum(np.ceil(size).astype(np.int64), half)


class SpanHeads:
    """Attribute and relation scores of a window's spans.

    Args:
        weights: the span module's tensors by their name in the trained model, without the `spans.` in front, float32.
        attention_heads: heads of the transformer over spans.
        compatible: which labels may be head and tail of each relation signature, shape (signatures, labels, labels).
    """

    def __init__(self, weights: Mapping[str, Array], attention_heads: int, compatible: NDArray[np.bool_]) -> None:
        self.weights = {name: np.ascontiguousarray(value, np.float32) for name, value in weights.items()}
        self.attention_heads = attention_heads
        self.related: NDArray[np.bool_] = np.logical_or.reduce(compatible)
        self.layers = 1 + max((int(n.split(".")[1]) for n in weights if n.startswith("layers.")), default=-1)
        self.buckets = len(self.weights["pair_distance.weight"])

    def _linear(self, name: str, x: Array) -> Array:
        result: Array = x @ self.weights[f"{name}.weight"].T
        bias = self.weights.get(f"{name}.bias")
        return result if bias is None else result + bias

    def _norm(self, name: str, x: Array) -> Array:
        return layer_norm(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _layer(self, layer: int, x: Array, buckets: NDArray[np.int64]) -> Array:
        prefix, n, size, heads = f"layers.{layer}", len(x), x.shape[1], self.attention_heads
        qkv = self._linear(f"{prefix}.qkv", self._norm(f"{prefix}.norm_in", x))
        q, k, v = qkv.reshape(n, 3, heads, size // heads).transpose(1, 2, 0, 3)
        bias = self.weights[f"{prefix}.bias.weight"][buckets].transpose(2, 0, 1)
        mixed = softmax(q @ k.transpose(0, 2, 1) / np.float32(math.sqrt(size // heads)) + bias) @ v
        x = x + self._linear(f"{prefix}.out", mixed.transpose(1, 0, 2).reshape(n, size))
        return x + self._linear(
            f"{prefix}.ff_out", gelu(self._linear(f"{prefix}.ff_in", self._norm(f"{prefix}.norm_ff", x)))
        )

    def __call__(
        self, hidden: Array, bounds: NDArray[np.int64], types: NDArray[np.int64]
    ) -> tuple[dict[str, Array], Array]:
        """Score the spans of one window.

        Args:
            hidden: encoder output, the opening special token first, shape (tokens, hidden).
            bounds: first token and token after the last, in `hidden`'s positions, shape (spans, 2).
            types: index in `decoding.Layout.span_types`, shape (spans,).

        Returns:
            Attribute logits by name, each (spans, classes), and relation logits (head spans, tail spans, signatures);
            minus infinity for pairs of spans whose types allow no relation.
        """
        start, end = bounds[:, 0], bounds[:, 1]
        average = hidden.mean(axis=0, keepdims=True)
        hidden = self._norm("norm_tokens", hidden - average)
        zero = np.zeros((1, hidden.shape[1]), np.float32)
        cumulated = np.concatenate([zero, np.cumsum(hidden, axis=0, dtype=np.float32)])
        mean = (cumulated[end] - cumulated[start]) / np.maximum(end - start, 1)[:, None].astype(np.float32)
        x = self._linear("first", hidden[start]) + self._linear("last", hidden[end - 1]) + self._linear("mean", mean)
        x = self._norm("norm", x + self._linear("context", average) + self.weights["label.weight"][types])
        buckets = distance_bucket(start[None, :] - start[:, None], self.buckets)
        for layer in range(self.layers):
            x = self._layer(layer, x, buckets)
        x = self._norm("norm_out", x)
        projected = self._linear("pair_between", hidden)
        between = np.concatenate([np.zeros((1, projected.shape[1]), np.float32), np.cumsum(projected, 0, np.float32)])
        # Three quarters of all pairs are of types between which there is no relation.
        labels = labels_of(types)
        head, tail = np.nonzero(self.related[labels][:, labels])
        left = np.minimum(end[head], end[tail])
        right = np.maximum(np.maximum(start[head], start[tail]), left)
        pair = between[right] - between[left]
        pair /= np.maximum(right - left, 1)[:, None].astype(np.float32)
        pair += self._linear("pair_head", x)[head]
        pair += self._linear("pair_tail", x)[tail]
        pair += self.weights["pair_distance.weight"][buckets[head, tail]]
        pair = gelu(pair)
        pair += self._linear("match_head", x)[head] * self._linear("match_tail", x)[tail]
        relations = np.full((len(types), len(types), len(self.weights["pair_out.weight"])), -np.inf, np.float32)
        relations[head, tail] = self._linear("pair_out", pair)
        attributes = {name: self._linear(f"attributes.{name}", x) for name in vocabulary.PREDICTED_ATTRIBUTES}
        return attributes, relations
