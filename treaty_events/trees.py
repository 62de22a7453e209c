"""Boosted trees, read in numpy: what `training.judges` fits with scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


class Trees:
    """Gives the probability that something is so, from its features.

    Args:
        tensors: `feature`, `threshold`, `left`, `right` and `value` of the nodes, each (trees, nodes), where a leaf is
            its own left and right; `base`, the log-odds before the first tree; `least`, the probability from which on
            it is taken to be so.
    """

    def __init__(self, tensors: Mapping[str, NDArray[np.generic]]) -> None:
        self.feature, self.left, self.right = (tensors[n].astype(np.int64) for n in ("feature", "left", "right"))
        self.threshold, self.value = (tensors[n].astype(np.float32) for n in ("threshold", "value"))
        self.base, self.least = (float(tensors[n].item()) for n in ("base", "least"))

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Read all trees for some rows at once.

        Args:
            features: shape (rows, features).

        Returns:
            Shape (rows,).
        """
        rows, trees = np.arange(len(features))[:, None], np.arange(len(self.feature))[None]
        node = np.zeros((len(features), len(self.feature)), np.int64)
        # No path is longer than a tree has nodes.
        for _ in range(self.feature.shape[1]):
            below = features[rows, self.feature[trees, node]] <= self.threshold[trees, node]
            following = np.where(below, self.left[trees, node], self.right[trees, node])
            if (following == node).all():
                break
            node = following
        odds = self.base + self.value[trees, node].sum(axis=1, dtype=np.float64)
        return np.asarray(1 / (1 + np.exp(-odds)))
