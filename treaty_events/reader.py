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

from . import decoding
from .extraction import Extraction
from .heads import Array
from .links import Links
from .runtime import Backend
from .segmentation import Segmenter
from .windows import TokenizedText, Window, windows

# Tokens whose encoder output is held at a time; a longer text is read in blocks of so many windows.
_HELD_TOKENS = 32_768
_LONG_WINDOWS = 64


@dataclasses.dataclass(frozen=True, slots=True)
class EncodedText:
    """What the encoder makes of a text.

    Attributes:
        tokens: its segmentation.
        tags: tag logits, each token's from the window that speaks for it, shape (tokens, tags).
        windows: the windows in order, each with its encoder output (special tokens included).
    """

    tokens: TokenizedText
    tags: Array
    windows: list[tuple[Window, Array]]


class Reader:
    """Runs a model over texts.

    Args:
        backend: the model.
        segmenter: cuts texts into its pieces.
        config: its configuration: `vocabulary`, `window`, `overlap`, `outside`, `thresholds`, `temperatures`,
            `special_ids`.
        batch_tokens: tokens of a batch at most, padding included.
    """

    def __init__(
        self, backend: Backend, segmenter: Segmenter, config: dict[str, Any], *, batch_tokens: int = 1024
    ) -> None:
        self.backend, self.segmenter, self.batch_tokens = backend, segmenter, batch_tokens
        self.size, self.overlap = int(config["window"]), int(config["overlap"])
        self.layout = decoding.Layout.of_vocabulary(config["vocabulary"])
        self.outside = np.asarray(config["outside"], np.float32)
        self.config = config
        self.temperature = float((config.get("temperatures") or {}).get("tags", 1.0))
        self.special: dict[str, int] = config["special_ids"]

    def read(self, texts: Sequence[str]) -> list[Extraction]:
        """Read texts.

        Args:
            texts: any strings.

        Returns:
            One extraction a text, in order.
        """
        return list(self._read(self.segmenter.segment(texts)))

    def _read(self, texts: list[TokenizedText]) -> Iterator[Extraction]:
        """Read segmented texts, as many at a time as can be held."""
        group: list[TokenizedText] = []
        held = 0
        for text in texts:
            if group and held + len(text) > _HELD_TOKENS:
                yield from map(self.link, self._encode(group))
                group, held = [], 0
            if len(text) > _HELD_TOKENS:
                yield self._read_long(text)
            else:
                group.append(text)
                held += len(text)
        yield from map(self.link, self._encode(group))

    def encode(self, texts: Sequence[str]) -> list[EncodedText]:
        """Run the encoder over texts; `link` does the rest."""
        return self._encode(self.segmenter.segment(texts))

    def _encode(self, texts: list[TokenizedText]) -> list[EncodedText]:
        encoded = [EncodedText(t, np.zeros((len(t), self.layout.tags), np.float32), []) for t in texts]
        pieces = [(i, w) for i, t in enumerate(texts) for w in windows(len(t), self.size, self.overlap)]
        for k, window, logits, states in self._run([(texts[i], w) for i, w in pieces]):
            text = encoded[pieces[k][0]]
            text.tags[window.core_start : window.core_end] = logits
            text.windows.append((window, states))
        for text in encoded:
            text.windows.sort(key=lambda read: read[0].start)
        return encoded

    def _run(self, pieces: list[tuple[TokenizedText, Window]]) -> Iterator[tuple[int, Window, Array, Array]]:
        """Run windows through the encoder, like lengths together.

        Yields:
            For each, in any order: its number, itself, tag logits of its core, and its encoder output.
        """
        for group in self._groups([w.end - w.start for _, w in pieces]):
            ids, mask = self._pad([pieces[k][0].ids[pieces[k][1].start : pieces[k][1].end] for k in group])
            logits, states = self.backend.encode(ids, mask)
            for row, k in enumerate(group):
                window = pieces[k][1]
                # Position 0 is the opening special token.
                core = slice(window.core_start - window.start + 1, window.core_end - window.start + 1)
                # A copy: a view would keep the whole batch.
                yield k, window, logits[row, core], states[row, : window.end - window.start + 2].copy()

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

    def find(self, encoded: EncodedText) -> decoding.Spans:
        """Read a text's spans off its tag logits."""
        return self._spans(encoded.tags, encoded.tokens.joined)

    def link(self, encoded: EncodedText, spans: decoding.Spans | None = None) -> Extraction:
        """Find the attributes and relations of a text's spans, window by window.

        Args:
            encoded: the text.
            spans: other spans than `find` gives, sorted as it sorts them.
        """
        links = Links(self.backend, encoded.tokens, self.layout, self.config)
        links.add_spans(self.find(encoded) if spans is None else spans)
        for window, states in encoded.windows:
            links.add_window(window, states)
        return links.extraction()

    def _spans(self, tags: Array, joined: NDArray[np.bool_]) -> decoding.Spans:
        return decoding.decode_tags(tags / np.float32(self.temperature), joined, self.layout, self.outside)

    def _read_long(self, tokens: TokenizedText) -> Extraction:
        """Read a text of any length, some windows at a time: no more than those are held.

        The text is decoded piece by piece, each up to a token at which no span can go on; windows wait until all spans
        that begin in them are known.
        """
        links = Links(self.backend, tokens, self.layout, self.config)
        pieces = windows(len(tokens), self.size, self.overlap)
        waiting: list[tuple[Window, Array]] = []
        tags, decoded = np.zeros((0, self.layout.tags), np.float32), 0
        for at in range(0, len(pieces), _LONG_WINDOWS):
            block = pieces[at : at + _LONG_WINDOWS]
            fresh = np.zeros((block[-1].core_end - block[0].core_start, self.layout.tags), np.float32)
            for k, window, logits, states in self._run([(tokens, w) for w in block]):
                start = block[k].core_start - block[0].core_start
                fresh[start : start + len(logits)] = logits
                waiting.append((window, states))
            tags = np.concatenate([tags, fresh])
            cut = len(tags)
            if at + _LONG_WINDOWS < len(pieces):
                joined = tokens.joined[decoded : decoded + len(tags)]
                safe = decoding.outside_all(tags / np.float32(self.temperature), self.layout, self.outside) & ~joined
                cut = int(np.flatnonzero(safe)[-1]) if safe.any() else 0
            found = self._spans(tags[:cut], tokens.joined[decoded : decoded + cut])
            links.add_spans(dataclasses.replace(found, bounds=found.bounds + decoded))
            tags, decoded = tags[cut:], decoded + cut
            waiting.sort(key=lambda read: read[0].start)
            while waiting and waiting[0][0].end <= decoded:
                links.add_window(*waiting.pop(0))
        return links.extraction()
