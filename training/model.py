"""The joint model: one encoder pass, a BIO head a label, attribute and relation heads over the spans of a window.

Spans are read off the tag heads (or given, in training: gold ones and the model's own), each becomes one vector, and a
small transformer lets the spans of a window see one another with their distances: which trigger a date belongs to
depends on the other triggers. Attributes are read off each span, relations off each type-compatible pair of spans.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel, PretrainedConfig, PreTrainedModel

from treaty_events import decoding, vocabulary

IGNORED = -100
# Classes of each attribute head; an optional attribute has one more, the last: none.
ATTRIBUTE_SIZES = {
    name: len(vocabulary.ATTRIBUTES[name][1]) + (name in vocabulary.OPTIONAL_ATTRIBUTES)
    for name in vocabulary.PREDICTED_ATTRIBUTES
}


class TreatyEventsConfig(PretrainedConfig):
    """Sizes of the joint model.

    Args:
        encoder: fields of the encoder's `BertConfig`.
        span_size: width of a span's vector.
        span_layers: layers of the transformer over spans.
        span_heads: attention heads in it.
        pair_size: width of a pair's hidden layer.
        distances: buckets of the signed token distance between two spans (odd).
        dropout: dropout on the encoder's output and in the span layers.
        window: tokens of a window, without special ones.
        overlap: tokens that neighbouring windows share.
        outside: added to each tag head's `O` logit when decoding, one number a head.
        thresholds: least probability of each relation signature.
        temperatures: divides the logits, by head name (calibration).
        confidence: slope and intercept on the log-odds of an event's raw score (calibration).
        least_confidence: confidence from which on an event is told.
        vocabulary: the vocabulary that the outputs mean (see `vocabulary.as_dict`).
    """

    model_type = "treaty-events"

    def __init__(
        self,
        encoder: dict[str, Any] | None = None,
        span_size: int = 256,
        span_layers: int = 2,
        span_heads: int = 4,
        pair_size: int = 128,
        distances: int = 25,
        dropout: float = 0.1,
        window: int = 384,
        overlap: int = 128,
        outside: list[float] | None = None,
        thresholds: list[float] | None = None,
        temperatures: dict[str, float] | None = None,
        confidence: tuple[float, float] | list[float] = (1.0, 0.0),
        least_confidence: float = 0.0,
        vocabulary: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        from treaty_events import vocabulary as names

        self.encoder = encoder or {}
        self.span_size = span_size
        self.span_layers = span_layers
        self.span_heads = span_heads
        self.pair_size = pair_size
        self.distances = distances
        self.dropout = dropout
        self.window = window
        self.overlap = overlap
        self.outside = outside or [0.0] * len(names.SPAN_LABELS)
        self.thresholds = thresholds or [0.5] * len(names.RELATIONS)
        self.temperatures = temperatures or {}
        self.confidence = list(confidence)
        self.least_confidence = least_confidence
        self.vocabulary = vocabulary or names.as_dict()
        super().__init__(**kwargs)

    @property
    def layout(self) -> decoding.Layout:
        """What the tag columns and span types stand for."""
        return decoding.Layout.of_vocabulary(self.vocabulary)


def distance_bucket(distance: Tensor, buckets: int) -> Tensor:
    """Put signed token distances into buckets that widen with the logarithm.

    Args:
        distance: any shape, int64.
        buckets: odd number of buckets; the middle one is distance 0.

    Returns:
        Bucket numbers, same shape.
    """
    half = buckets // 2
    size = torch.log2(distance.abs().float() + 1) * (half / math.log2(513))
    return half + torch.sign(distance) * size.ceil().long().clamp(max=half)


class SpanLayer(nn.Module):
    """Pre-norm transformer layer over the spans of a window, with a bias for their distance."""

    def __init__(self, size: int, heads: int, distances: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm_in = nn.LayerNorm(size)
        self.qkv = nn.Linear(size, 3 * size)
        self.out = nn.Linear(size, size)
        self.bias = nn.Embedding(distances, heads)
        self.norm_ff = nn.LayerNorm(size)
        self.ff_in = nn.Linear(size, 2 * size)
        self.ff_out = nn.Linear(2 * size, size)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, buckets: Tensor, present: Tensor) -> Tensor:
        """Update span vectors.

        Args:
            x: shape (windows, spans, size).
            buckets: distance buckets, shape (windows, spans, spans).
            present: False for padding, shape (windows, spans).
        """
        batch, n, size = x.shape
        q, k, v = self.qkv(self.norm_in(x)).view(batch, n, 3, self.heads, size // self.heads).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-1, -2) / math.sqrt(size // self.heads) + self.bias(buckets).permute(0, 3, 1, 2)
        scores = scores.masked_fill(~present[:, None, None, :], -1e4)
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, n, size)
        x = x + self.dropout(self.out(mixed))
        hidden = nn.functional.gelu(self.ff_in(self.norm_ff(x)), approximate="tanh")
        return x + self.dropout(self.ff_out(hidden))


class RelationOutput(nn.Linear):
    """The last layer of the relation head; a class of its own for its initial bias."""


class SpanModule(nn.Module):
    """Attributes of spans and relations between them."""

    def __init__(self, config: TreatyEventsConfig, hidden: int) -> None:
        super().__init__()
        size, pair = config.span_size, config.pair_size
        self.distances = config.distances
        self.first = nn.Linear(hidden, size)
        self.last = nn.Linear(hidden, size, bias=False)
        self.mean = nn.Linear(hidden, size, bias=False)
        self.context = nn.Linear(hidden, size, bias=False)
        self.norm_tokens = nn.LayerNorm(hidden)
        self.label = nn.Embedding(len(config.layout.span_types), size)
        self.norm = nn.LayerNorm(size)
        self.layers = nn.ModuleList(
            SpanLayer(size, config.span_heads, config.distances, config.dropout) for _ in range(config.span_layers)
        )
        self.norm_out = nn.LayerNorm(size)
        self.attributes = nn.ModuleDict({name: nn.Linear(size, n) for name, n in ATTRIBUTE_SIZES.items()})
        self.pair_head = nn.Linear(size, pair)
        self.pair_tail = nn.Linear(size, pair, bias=False)
        self.pair_between = nn.Linear(hidden, pair, bias=False)
        self.match_head = nn.Linear(size, pair)
        self.match_tail = nn.Linear(size, pair)
        self.pair_distance = nn.Embedding(config.distances, pair)
        self.pair_out = RelationOutput(pair, len(vocabulary.RELATIONS))
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self, hidden: Tensor, mask: Tensor, bounds: Tensor, types: Tensor, present: Tensor
    ) -> tuple[dict[str, Tensor], Tensor]:
        """Score attributes and relations.

        Args:
            hidden: encoder output, the special token first, shape (windows, tokens, hidden).
            mask: 1 for tokens, 0 for padding, shape (windows, tokens).
            bounds: first token and token after the last, in `hidden`'s positions, shape (windows, spans, 2).
            types: index in `decoding.Layout.span_types`, shape (windows, spans).
            present: False for padding, shape (windows, spans).

        Returns:
            Attribute logits by name, each (windows, spans, classes), and relation logits
            (windows, head spans, tail spans, signatures).
        """
        start, end = bounds[..., 0], bounds[..., 1]
        n = start.shape[1]
        # All states of this encoder point into much the same direction: what tells tokens apart is what is left of them
        # without the window's mean.
        weight = mask[..., None].to(hidden.dtype)
        average = (hidden * weight).sum(1, keepdim=True) / weight.sum(1, keepdim=True)
        hidden = self.norm_tokens(hidden - average)

        def at(states: Tensor, index: Tensor) -> Tensor:
            return states.gather(1, index[..., None].expand(-1, -1, states.shape[-1]))

        cumulated = nn.functional.pad(hidden.cumsum(1), (0, 0, 1, 0))
        mean = (at(cumulated, end) - at(cumulated, start)) / (end - start).clamp(min=1)[..., None]
        x = self.first(at(hidden, start)) + self.last(at(hidden, (end - 1).clamp(min=0))) + self.mean(mean)
        x = self.norm(x + self.context(average) + self.label(types))
        buckets = distance_bucket(start[:, None, :] - start[:, :, None], self.distances)
        for layer in self.layers:
            x = layer(x, buckets, present)
        x = self.norm_out(x)
        # Mean of the states between two spans: what stands between "signed" and a date says whether they belong
        # together.
        between = nn.functional.pad(self.pair_between(hidden).cumsum(1), (0, 0, 1, 0))
        left = torch.minimum(end[:, :, None], end[:, None, :]).flatten(1)
        right = torch.maximum(torch.maximum(start[:, :, None], start[:, None, :]).flatten(1), left)
        gap = (at(between, right) - at(between, left)) / (right - left).clamp(min=1)[..., None]
        pair = self.pair_head(x)[:, :, None] + self.pair_tail(x)[:, None] + gap.unflatten(1, (n, n))
        pair = nn.functional.gelu(pair + self.pair_distance(buckets), approximate="tanh")
        # A product lets one span's features ask for the other's, which a sum cannot.
        pair = pair + self.match_head(x)[:, :, None] * self.match_tail(x)[:, None]
        x = self.dropout(x)
        return {name: head(x) for name, head in self.attributes.items()}, self.pair_out(self.dropout(pair))


@dataclasses.dataclass
class Output:
    """What a forward pass gives.

    Attributes:
        tags: logits of all BIO heads, shape (windows, tokens, tags), special tokens included.
        hidden: encoder output, shape (windows, tokens, hidden).
        attributes: logits by name, (windows, spans, classes); None without spans.
        relations: logits (windows, spans, spans, signatures); None without spans.
    """

    tags: Tensor
    hidden: Tensor
    attributes: dict[str, Tensor] | None = None
    relations: Tensor | None = None


class TreatyEventsModel(PreTrainedModel):
    """Encoder, tag heads and span module; saved and loaded like any transformers model."""

    config_class = TreatyEventsConfig
    base_model_prefix = "encoder"
    # Whether two spans' types allow a relation: (signatures, types, types). Not a weight.
    compatible: Tensor

    def __init__(self, config: TreatyEventsConfig) -> None:
        super().__init__(config)
        encoder = BertConfig(**config.encoder)
        self.encoder = BertModel(encoder, add_pooling_layer=False)
        self.dropout = nn.Dropout(config.dropout)
        self.tags = nn.Linear(encoder.hidden_size, config.layout.tags)
        self.spans = SpanModule(config, encoder.hidden_size)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        # torch's own initial weights: the small ones that transformers gives to pretrained encoders' heads (0.02) leave
        # the span module, several layers deep, nearly without gradients for the first epochs.
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.1)
        elif isinstance(module, nn.Linear | nn.LayerNorm):
            module.reset_parameters()
        if isinstance(module, RelationOutput):
            # Few pairs are related: start from that prior, not from one half.
            nn.init.constant_(module.bias, -3.0)

    @classmethod
    def from_encoder(cls, encoder: BertModel, **sizes: Any) -> TreatyEventsModel:
        """Put untrained heads on a base encoder (see `TreatyEventsConfig` for the sizes)."""
        fields = encoder.config.to_dict()
        keep = BertConfig().to_dict().keys() - {"transformers_version", "architectures", "dtype"}
        model = cls(TreatyEventsConfig(encoder={k: v for k, v in fields.items() if k in keep}, **sizes))
        model.encoder.load_state_dict(encoder.state_dict())
        return model

    def encode(self, input_ids: Tensor, attention_mask: Tensor) -> Output:
        """Run the encoder and the tag heads; arguments as in `forward`."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        hidden = self.dropout(hidden)
        return Output(tags=self.tags(hidden), hidden=hidden)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        choose: Callable[[Tensor], tuple[Tensor, Tensor, Tensor] | None] | None = None,
    ) -> Output:
        """Run the encoder and its tag heads, then the span module on the spans that are chosen by them.

        One call does both, so that wrappers (data parallelism, mixed precision) see the whole of a step.

        Args:
            input_ids: with special tokens, shape (windows, tokens).
            attention_mask: 1 for tokens, 0 for padding, same shape.
            choose: given the tag logits, gives bounds, types and present as `SpanModule.forward` takes them, or None
                for no spans.
        """
        output = self.encode(input_ids, attention_mask)
        spans = None if choose is None else choose(output.tags)
        if spans is not None:
            output.attributes, output.relations = self.spans(output.hidden, attention_mask, *spans)
        return output


def tag_loss(
    tags: Tensor,
    gold: Tensor,
    layout: decoding.Layout,
    outside_weight: float = 1.0,
    weights: Mapping[str, float] = types.MappingProxyType({}),
) -> Tensor:
    """Cross-entropy of all BIO heads.

    Args:
        tags: logits (windows, tokens, `layout.tags`).
        gold: tag of each head, (windows, tokens, heads); `IGNORED` where the data set does not say.
        layout: the model's.
        outside_weight: weight of `O` tokens against the others.
        weights: weight of a head by its label; 1 where it is not named.

    Returns:
        Weighted sum over the heads of the mean over the tokens that count.
    """
    total = tags.new_zeros(())
    for i, head in enumerate(layout.heads):
        weight = tags.new_ones(head.end - head.start)
        weight[0] = outside_weight
        logits, target = tags[..., head.start : head.end].flatten(0, 1), gold[..., i].flatten()
        if (target != IGNORED).any():
            loss = nn.functional.cross_entropy(logits, target, weight=weight, ignore_index=IGNORED)
            total = total + weights.get(head.label, 1.0) * loss
    return total


def attribute_loss(logits: dict[str, Tensor], gold: Tensor) -> Tensor:
    """Cross-entropy of the attribute heads; `gold` is (windows, spans, attributes), `IGNORED` where none applies."""
    total = gold.new_zeros((), dtype=torch.float32)
    for i, name in enumerate(vocabulary.PREDICTED_ATTRIBUTES):
        target = gold[..., i].flatten()
        if (target != IGNORED).any():
            total = total + nn.functional.cross_entropy(logits[name].flatten(0, 1), target, ignore_index=IGNORED)
    return total


def compatible_pairs(types: Tensor, present: Tensor) -> Tensor:
    """Tell which pairs of spans each relation signature may join.

    Returns:
        Shape (windows, spans, spans, signatures); no span is paired with itself.
    """
    table = torch.from_numpy(np.ascontiguousarray(decoding.COMPATIBLE.transpose(1, 2, 0))).to(types.device)
    # As `decoding.labels_of`: all event types are triggers.
    labels = types.clamp(max=len(vocabulary.MENTION_LABELS))
    pairs = table[labels[:, :, None], labels[:, None, :]]
    apart = ~torch.eye(types.shape[1], dtype=torch.bool, device=types.device)
    return pairs & (present[:, :, None] & present[:, None, :] & apart)[..., None]


def relation_loss(logits: Tensor, gold: Tensor, pairs: Tensor) -> Tensor:
    """Binary cross-entropy over the pairs that could be related, per gold relation.

    Args:
        logits: (windows, spans, spans, signatures).
        gold: 1 where related, same shape.
        pairs: which entries count (see `compatible_pairs`), same shape.
    """
    losses = nn.functional.binary_cross_entropy_with_logits(logits, gold, reduction="none")
    return (losses * pairs).sum() / (gold * pairs).sum().clamp(min=1)
