"""A text's spans with their attributes and relations, collected window by window."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from . import bodies, decoding, linking, vocabulary
from .decoding import Layout, Spans
from .extraction import Extraction, Mention, Relation
from .heads import Array, softmax
from .parties import FLOOR
from .runtime import Backend
from .windows import TokenizedText, Window

# Pairs below this probability are not looked at again.
_FLOOR = 0.05
_PARTY: Final = [i for i, r in enumerate(vocabulary.RELATIONS) if r.name == "party"]
# Bodies that take part in a state's consent without giving it.
_APPROVERS: Final[frozenset[bodies.Kind]] = frozenset({"government", "head_of_government", "court"})


class Links:
    """Collects what is found in one text.

    Args:
        backend: the model.
        tokens: the text's segmentation.
        layout: what the model's outputs stand for.
        config: `thresholds` of relation signatures, `temperatures` of heads.
    """

    def __init__(self, backend: Backend, tokens: TokenizedText, layout: Layout, config: dict[str, Any]) -> None:
        self.backend, self.tokens, self.layout = backend, tokens, layout
        self.thresholds = np.asarray(config["thresholds"], np.float32)
        self.temperatures: dict[str, float] = config.get("temperatures") or {}
        self.spans = Spans(np.zeros((0, 2), np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
        self.starts, self.ends = np.zeros(0, np.int64), np.zeros(0, np.int64)
        self.attributes: list[dict[str, tuple[str, float]]] = []
        self.pairs, self.scores = [np.zeros((0, 3), np.int64)], [np.zeros(0, np.float32)]
        self.windows = 0

    def add_spans(self, spans: Spans) -> None:
        """Add spans that stand after all those before."""
        starts, ends = self.tokens.characters(spans.bounds)
        # A span of nothing but white space has no characters.
        solid = starts < ends
        spans = spans.take(solid)
        self.spans = Spans(
            np.concatenate([self.spans.bounds, spans.bounds]),
            np.concatenate([self.spans.types, spans.types]),
            np.concatenate([self.spans.scores, spans.scores]),
        )
        self.starts = np.concatenate([self.starts, starts[solid]])
        self.ends = np.concatenate([self.ends, ends[solid]])
        self.attributes += [{} for _ in range(len(spans))]

    def add_window(self, window: Window, states: Array) -> None:
        """Score the spans that begin in a window; all of them have been added.

        Args:
            window: the window.
            states: its encoder output, special tokens included.
        """
        self.windows += 1
        # Spans are sorted by where they start.
        first, stop = np.searchsorted(self.spans.bounds[:, 0], [window.start, window.end])
        here = np.arange(first, stop)
        if not len(here):
            return
        # A span that sticks out of the window is seen as far as it goes.
        bounds = np.minimum(self.spans.bounds[here], window.end) - window.start + 1
        types = self.spans.types[here]
        logits, relations = self.backend.relate(states, bounds, types)
        owned = (self.spans.bounds[here, 0] >= window.core_start) & (self.spans.bounds[here, 0] < window.core_end)
        self._attributes(logits, types, here, owned)
        found, probabilities = self._pairs(relations, types)
        self.pairs.append(np.stack([here[found[:, 0]], here[found[:, 1]], found[:, 2]], axis=1))
        self.scores.append(probabilities)

    def extraction(self) -> Extraction:
        """Give what was found in the whole text."""
        mentions = tuple(
            _mention(int(s), int(e), self.layout.span_types[t], float(p), a)
            for s, e, t, p, a in zip(
                self.starts, self.ends, self.spans.types, self.spans.scores, self.attributes, strict=True
            )
        )
        relations, candidates = self._relations(np.concatenate(self.pairs), np.concatenate(self.scores))
        mentions = tuple(_typed_by_actor(self.tokens.text, mentions, relations))
        return Extraction(self.tokens.text, mentions, relations, len(self.tokens), self.windows, candidates)

    def _attributes(
        self,
        logits: dict[str, Array],
        types: NDArray[np.int64],
        here: NDArray[np.intp],
        owned: NDArray[np.bool_],
    ) -> None:
        labels = [vocabulary.SPAN_LABELS[k] for k in decoding.labels_of(types)]
        for name in vocabulary.PREDICTED_ATTRIBUTES:
            label, values = vocabulary.ATTRIBUTES[name]
            probabilities = softmax(logits[name] / np.float32(self.temperatures.get(name, 1.0)))
            best = probabilities.argmax(axis=1)
            for row in np.flatnonzero(owned):
                if labels[row] == label and best[row] < len(values):
                    self.attributes[here[row]][name] = (values[best[row]], float(probabilities[row, best[row]]))

    def _pairs(self, logits: Array, types: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        probabilities = 1 / (1 + np.exp(-logits / np.float32(self.temperatures.get("relations", 1.0))))
        labels = decoding.labels_of(types)
        allowed = decoding.COMPATIBLE[:, labels[:, None], labels[None, :]].transpose(1, 2, 0)
        apart = ~np.eye(len(types), dtype=np.bool_)[..., None]
        found = np.argwhere(allowed & apart & (probabilities >= _FLOOR))
        return found, probabilities[tuple(found.T)].astype(np.float32)

    def _relations(
        self, pairs: NDArray[np.int64], scores: NDArray[np.float32]
    ) -> tuple[tuple[Relation, ...], tuple[Relation, ...]]:
        """Take each pair's best score over the windows; gives what the constraints leave, and what may be parties."""
        order = np.lexsort((-scores, pairs[:, 2], pairs[:, 1], pairs[:, 0]))
        pairs, scores = pairs[order], scores[order]
        first = np.ones(len(pairs), np.bool_)
        first[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
        pairs, scores = pairs[first], scores[first]
        keep = linking.choose(pairs, scores, self.thresholds)
        parties = np.isin(pairs[:, 2], _PARTY) & (scores >= FLOOR)
        return tuple(_told(pairs[keep], scores[keep])), tuple(_told(pairs[parties], scores[parties]))


def _told(pairs: NDArray[np.int64], scores: NDArray[np.float32]) -> Iterator[Relation]:
    for (head, tail, signature), score in zip(pairs.tolist(), scores.tolist(), strict=True):
        yield Relation(vocabulary.RELATIONS[signature].name, head, tail, score)


def _typed_by_actor(text: str, mentions: Sequence[Mention], relations: Iterable[Relation]) -> Iterator[Mention]:
    """Hold types to who acts: what only a government or a court consents to is approved, not ratified."""
    agents: dict[int, set[bodies.Kind | None]] = {}
    for relation in relations:
        if relation.type == "agent":
            tail = mentions[relation.tail]
            agents.setdefault(relation.head, set()).add(bodies.kind(text[tail.start : tail.end]))
    for index, mention in enumerate(mentions):
        told = agents.get(index)
        if told and told <= _APPROVERS and mention.attributes.get("type") == "ratification":
            values = {name: value for name, value in mention.attributes.items() if name != "level"}
            yield dataclasses.replace(mention, attributes={**values, "type": "approval"})
        else:
            yield mention


def _mention(start: int, end: int, kind: str, score: float, attributes: dict[str, tuple[str, float]]) -> Mention:
    label = kind if kind in vocabulary.MENTION_LABELS else vocabulary.TRIGGER
    values = {name: value for name, (value, _) in attributes.items()}
    if label == vocabulary.TRIGGER:
        values = {"type": kind, **values}
        # A level is part of a ratification only.
        if values["type"] != "ratification":
            values.pop("level", None)
    return Mention(start, end, label, score, values, {name: p for name, (_, p) in attributes.items()})
