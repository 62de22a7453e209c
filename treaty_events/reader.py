"""Reading: texts in, mentions and relations out.

A text is segmented once, cut into overlapping windows, and the windows of all texts are batched by length. In an
overlap, each window speaks for the half in which it sees more context, so that a text of any length is read whole and
every span is found once. Relations are scored within each window and the best score of a pair counts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from . import decoding, linking, vocabulary
from .extraction import Extraction, Mention, Relation
from .heads import Array, softmax
from .runtime import Backend
from .windows import TokenizedText, Window, tokenize, windows

# Pairs below this probability are not looked at again.
_FLOOR = 0.05


@dataclasses.dataclass(frozen=True, slots=True)
class EncodedText:
    """What the encoder makes of a text.

    Attributes:
        tokens: its segmentation.
        tags: tag logits, each token's from the window that speaks for it, shape (tokens, `decoding.TAGS`).
        windows: the windows in order, each with its encoder output (special tokens included).
    """

    tokens: TokenizedText
    tags: Array
    windows: list[tuple[Window, Array]]


class Reader:
    """Runs a model over texts.

    Args:
        backend: the model.
        tokenizer: its tokenizer, without truncation or padding.
        config: its configuration: `window`, `overlap`, `outside`, `thresholds`, `temperatures`, `special_ids`.
        batch_tokens: tokens of a batch at most, padding included.
    """

    def __init__(
        self, backend: Backend, tokenizer: Tokenizer, config: dict[str, Any], *, batch_tokens: int = 4096
    ) -> None:
        self.backend, self.tokenizer, self.batch_tokens = backend, tokenizer, batch_tokens
        self.size, self.overlap = int(config["window"]), int(config["overlap"])
        self.outside = np.asarray(config["outside"], np.float32)
        self.thresholds = np.asarray(config["thresholds"], np.float32)
        self.temperatures: dict[str, float] = config.get("temperatures") or {}
        self.special: dict[str, int] = config["special_ids"]

    def read(self, texts: Sequence[str]) -> list[Extraction]:
        """Read texts.

        Args:
            texts: any strings.

        Returns:
            One extraction a text, in order.
        """
        return [self.link(encoded) for encoded in self.encode(texts)]

    def encode(self, texts: Sequence[str]) -> list[EncodedText]:
        """Run the encoder over texts; `link` does the rest."""
        tokens = tokenize(self.tokenizer, texts)
        encoded = [EncodedText(t, np.zeros((len(t), decoding.TAGS), np.float32), []) for t in tokens]
        pieces = [(i, w) for i, t in enumerate(tokens) for w in windows(len(t), self.size, self.overlap)]
        for group in self._groups([w.end - w.start for _, w in pieces]):
            ids, mask = self._pad([tokens[pieces[k][0]].ids[pieces[k][1].start : pieces[k][1].end] for k in group])
            logits, states = self.backend.encode(ids, mask)
            for row, k in enumerate(group):
                index, w = pieces[k]
                # Position 0 is the opening special token.
                core = slice(w.core_start - w.start + 1, w.core_end - w.start + 1)
                encoded[index].tags[w.core_start : w.core_end] = logits[row, core]
                encoded[index].windows.append((w, states[row, : w.end - w.start + 2]))
        for text in encoded:
            text.windows.sort(key=lambda read: read[0].start)
        return encoded

    def _groups(self, lengths: list[int]) -> Iterator[list[int]]:
        """Group windows of like length into batches within the token budget."""
        group: list[int] = []
        for k in sorted(range(len(lengths)), key=lengths.__getitem__):
            if group and (lengths[k] + 2) * (len(group) + 1) > self.batch_tokens:
                yield group
                group = []
            group.append(k)
        if group:
            yield group

    def _pad(self, rows: list[NDArray[np.int64]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        longest = max(map(len, rows)) + 2
        ids = np.full((len(rows), longest), self.special["padding"], np.int64)
        mask = np.zeros_like(ids)
        for i, row in enumerate(rows):
            ids[i, 0] = self.special["opening"]
            ids[i, 1 : len(row) + 1] = row
            ids[i, len(row) + 1] = self.special["closing"]
            mask[i, : len(row) + 2] = 1
        return ids, mask

    def link(self, encoded: EncodedText) -> Extraction:
        """Find a text's spans, then their attributes and relations window by window."""
        tokens, tags, read = encoded.tokens, encoded.tags, encoded.windows
        spans = decoding.decode_tags(tags / self.temperatures.get("tags", 1.0), tokens.joined, self.outside)
        starts, ends = tokens.characters(spans.bounds)
        # A span of nothing but white space has no characters.
        solid = starts < ends
        spans, starts, ends = spans.take(solid), starts[solid], ends[solid]
        attributes: list[dict[str, tuple[str, float]]] = [{} for _ in range(len(spans))]
        pairs, scores = [np.zeros((0, 3), np.int64)], [np.zeros(0, np.float32)]
        for window, states in read:
            here = np.flatnonzero((spans.bounds[:, 0] >= window.start) & (spans.bounds[:, 0] < window.end))
            if not len(here):
                continue
            # A span that sticks out of the window is seen as far as it goes.
            bounds = np.minimum(spans.bounds[here], window.end) - window.start + 1
            types = spans.types[here]
            logits, relations = self.backend.relate(states, bounds, types)
            owned = (spans.bounds[here, 0] >= window.core_start) & (spans.bounds[here, 0] < window.core_end)
            self._attributes(logits, types, here, owned, attributes)
            found, probabilities = self._pairs(relations, types)
            pairs.append(np.stack([here[found[:, 0]], here[found[:, 1]], found[:, 2]], axis=1))
            scores.append(probabilities)
        mentions = tuple(
            self._mention(int(s), int(e), int(t), float(p), a)
            for s, e, t, p, a in zip(starts, ends, spans.types, spans.scores, attributes, strict=True)
        )
        relations_kept = tuple(self._relations(np.concatenate(pairs), np.concatenate(scores)))
        return Extraction(tokens.text, mentions, relations_kept, len(tokens), len(read))

    def _attributes(
        self,
        logits: dict[str, Array],
        types: NDArray[np.int64],
        here: NDArray[np.intp],
        owned: NDArray[np.bool_],
        into: list[dict[str, tuple[str, float]]],
    ) -> None:
        labels = [decoding.LABEL_OF_TYPE[t] for t in types]
        for name in vocabulary.PREDICTED_ATTRIBUTES:
            label, values = vocabulary.ATTRIBUTES[name]
            probabilities = softmax(logits[name] / np.float32(self.temperatures.get(name, 1.0)))
            best = probabilities.argmax(axis=1)
            for row in np.flatnonzero(owned):
                if labels[row] == label and best[row] < len(values):
                    into[here[row]][name] = (values[best[row]], float(probabilities[row, best[row]]))

    def _pairs(self, logits: Array, types: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        probabilities = 1 / (1 + np.exp(-logits / np.float32(self.temperatures.get("relations", 1.0))))
        allowed = decoding.COMPATIBLE[:, types[:, None], types[None, :]].transpose(1, 2, 0)
        apart = ~np.eye(len(types), dtype=np.bool_)[..., None]
        found = np.argwhere(allowed & apart & (probabilities >= _FLOOR))
        return found, probabilities[tuple(found.T)].astype(np.float32)

    def _relations(self, pairs: NDArray[np.int64], scores: NDArray[np.float32]) -> Iterator[Relation]:
        """Take each pair's best score over the windows, then what the constraints leave."""
        order = np.lexsort((-scores, pairs[:, 2], pairs[:, 1], pairs[:, 0]))
        pairs, scores = pairs[order], scores[order]
        first = np.ones(len(pairs), np.bool_)
        first[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
        pairs, scores = pairs[first], scores[first]
        keep = linking.choose(pairs, scores, self.thresholds)
        for (head, tail, signature), score in zip(pairs[keep].tolist(), scores[keep].tolist(), strict=True):
            yield Relation(vocabulary.RELATIONS[signature].name, head, tail, score)

    @staticmethod
    def _mention(start: int, end: int, kind: int, score: float, attributes: dict[str, tuple[str, float]]) -> Mention:
        label = decoding.LABEL_OF_TYPE[kind]
        values = {name: value for name, (value, _) in attributes.items()}
        if label == vocabulary.TRIGGER:
            values = {"type": decoding.SPAN_TYPES[kind], **values}
            # A level is part of a ratification only.
            if values["type"] != "ratification":
                values.pop("level", None)
        return Mention(start, end, label, score, values, {name: p for name, (_, p) in attributes.items()})
