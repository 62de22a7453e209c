"""How alike articles are: vectors of what they are about and of how they are worded."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from treaty_events import release
from treaty_events.errors import ReleaseError
from treaty_events.extractor import Extractor

Floats = NDArray[np.float32]
# Pieces of a text and how often each comes.
Pieces = tuple[NDArray[np.int32], NDArray[np.int32]]
# Piece counts are hashed to so many columns, which moves a cosine by 0.03.
COLUMNS: Final = 1024
# One of so many word embeddings goes into their mean.
_STEP: Final = 64


class Vectors:
    """Makes vectors of texts: what they are about, and how they are worded.

    Args:
        extractor: one that was loaded from a release directory.

    Raises:
        ReleaseError: it was not.
    """

    def __init__(self, extractor: Extractor) -> None:
        if extractor.directory is None:
            raise ReleaseError("this extractor was not loaded from a release directory: there are no word embeddings")
        self.segmenter = extractor.reader.segmenter
        blocks = release.Tensors(extractor.directory / release.WEIGHTS)[release.WORDS]
        self.words = release.WordEmbeddings(blocks)
        # What all words have in common says nothing about a text.
        self.mean = self.words(np.arange(0, len(blocks), _STEP)).mean(axis=0)
        rng = np.random.default_rng(0)
        self.columns = rng.integers(0, COLUMNS, len(blocks))
        self.signs = rng.choice(np.array([-1.0, 1.0]), len(blocks))
        self.texts = 0
        # Texts that hold a piece.
        self.frequencies = np.zeros(len(blocks), np.int64)

    def count(self, text: str) -> Pieces:
        """Count a text's pieces; it then counts for their frequencies."""
        (ids,) = self.segmenter.pieces([text])
        pieces, counts = np.unique(np.array(ids, np.int32), return_counts=True)
        self.frequencies[pieces] += 1
        self.texts += 1
        return pieces, counts.astype(np.int32)

    def _weights(self, counted: Pieces) -> NDArray[np.float64]:
        """Weigh pieces by how often they come in the text and how rare they are in others (tf-idf)."""
        rarity = np.log((1 + self.texts) / (1 + self.frequencies[counted[0]])) + 1
        weights: NDArray[np.float64] = (1 + np.log(counted[1])) * rarity
        return weights

    def topic(self, counted: Pieces) -> Floats:
        """Mean word embedding of a text, of length 1."""
        return _unit(self._weights(counted) @ (self.words(counted[0].astype(np.int64)) - self.mean))

    def wording(self, counted: Pieces) -> Floats:
        """Weighted piece counts of a text, hashed with signs to a few columns (Weinberger et al. 2009), of length 1."""
        weights = self._weights(counted) * self.signs[counted[0]]
        return _unit(np.bincount(self.columns[counted[0]], weights, COLUMNS).astype(np.float64))


def _unit(vector: NDArray[np.float64]) -> Floats:
    return (vector / max(float(np.linalg.norm(vector)), 1e-12)).astype(np.float32)
