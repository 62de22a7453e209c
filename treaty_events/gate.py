"""A gate for streams: tells cheaply which articles may hold a treaty event, so that only those are read in full.

Every token piece has a short vector, made once from its word embedding. Their means over short stretches of text go
through two small layers, and the highest stretch speaks for the article. That costs little more than segmenting it.
`training.gate` trains it on where triggers stand; it errs on the side of reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import release
from .errors import InputError, ReleaseError
from .segmentation import Segmenter

Array = NDArray[np.float32]
# Share of the articles with a treaty event that streams are to let through.
DEFAULT_RECALL = 0.995


def stretches(tokens: int, size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cut a sequence into overlapping stretches, a quarter of their size apart.

    Args:
        tokens: length of the sequence, at least 1.
        size: tokens of a stretch, a multiple of 4; the last ones are shorter.

    Returns:
        Starts and ends.
    """
    step = size // 4
    starts = np.arange(0, max(1, tokens - size + step), step)
    return starts, np.minimum(starts + size, tokens)


class Gate:
    """Scores articles by how likely they hold a treaty event.

    Args:
        tensors: `pieces` (int8, a vector for each piece), `scale` (of its columns), `hidden.weight`, `hidden.bias`,
            `out.weight`, `out.bias`, `size` (tokens of a stretch) and `positives` (scores of event-bearing documents
            that the gate was not trained on, rising).
        segmenter: the release's.
    """

    def __init__(self, tensors: dict[str, NDArray[np.generic]], segmenter: Segmenter) -> None:
        self.segmenter = segmenter
        self.pieces: NDArray[np.int8] = tensors["pieces"]  # type: ignore[assignment]
        # The means' divisor is folded into the scale.
        self.scale = tensors["scale"].astype(np.float32)
        self.hidden = tensors["hidden.weight"].astype(np.float32), tensors["hidden.bias"].astype(np.float32)
        self.out = tensors["out.weight"].astype(np.float32), float(tensors["out.bias"].item())
        self.size = int(tensors["size"].item())
        self.positives = tensors["positives"].astype(np.float64)

    @classmethod
    def from_pretrained(cls, directory: Path, segmenter: Segmenter) -> Gate:
        """Load a release's gate.

        Raises:
            ReleaseError: the release has none.
        """
        path = directory / release.GATE
        if not path.is_file():
            raise ReleaseError(f"{directory} has no gate: train one with 'python -m training.gate'")
        tensors = release.Tensors(path)
        return cls({name: tensors[name] for name in tensors.names()}, segmenter)

    def threshold(self, recall: float) -> float:
        """Give the score from which on articles are read.

        Args:
            recall: share of the articles with a treaty event that are to be read, above 0 and up to 1. 1 still skips
                what scores lower than every such article seen.

        Raises:
            InputError: `recall` is no such number.
        """
        if not 0 < recall <= 1:
            raise InputError(f"gate {recall} is no share: give the recall to keep, such as 0.99")
        return float(np.quantile(self.positives, 1 - recall))

    def scores(self, texts: Sequence[str]) -> Array:
        """Score texts.

        Args:
            texts: any strings.

        Returns:
            Log-odds, shape (texts,); minus infinity for texts without a token.
        """
        result = np.full(len(texts), -np.inf, np.float32)
        sequences = self.segmenter.pieces(texts)
        filled = [i for i, ids in enumerate(sequences) if ids]
        if not filled:
            return result
        lengths = np.array([len(sequences[i]) for i in filled])
        ids = np.concatenate([np.array(sequences[i], np.int64) for i in filled])
        sums = np.zeros((len(ids) + 1, self.pieces.shape[1]), np.int32)
        np.cumsum(self.pieces[ids], axis=0, dtype=np.int32, out=sums[1:])
        offsets = np.cumsum(lengths) - lengths
        cut = [stretches(int(n), self.size) for n in lengths]
        counts = np.array([len(starts) for starts, _ in cut])
        shift = np.repeat(offsets, counts)
        starts = np.concatenate([s for s, _ in cut]) + shift
        ends = np.concatenate([e for _, e in cut]) + shift
        means = (sums[ends] - sums[starts]).astype(np.float32) * self.scale
        inner = np.maximum(means @ self.hidden[0] + self.hidden[1], 0)
        odds = inner @ self.out[0] + self.out[1]
        result[filled] = np.maximum.reduceat(odds, np.cumsum(counts) - counts)
        return result
