"""Bootstrap intervals over documents, for any figure that is made of counts.

A document is the unit that is drawn again: mentions and events of one text are not independent of each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

RESAMPLES: Final = 1000
SEED: Final = 0
# Drawing fewer documents again and again says nothing of documents that were not seen.
FEWEST: Final = 5
_TAILS: Final = (2.5, 97.5)
Counts = NDArray[np.float64]


def resample(counts: NDArray[Any], resamples: int = RESAMPLES, seed: int = SEED) -> Counts:
    """Draw documents with replacement and add their counts up.

    Args:
        counts: one row a document, shape (documents, columns).
        resamples: how many draws.
        seed: of the draws; the same counts always give the same sums.

    Returns:
        Sums, shape (resamples, columns).
    """
    documents = len(counts)
    drawn = np.random.default_rng(seed).integers(0, max(1, documents), (resamples, documents))
    weights = np.zeros((resamples, documents), np.float64)
    np.add.at(weights, (np.arange(resamples)[:, None], drawn), 1.0)
    result: Counts = weights @ np.asarray(counts, np.float64)
    return result


def interval(values: Counts) -> tuple[float, float] | None:
    """Give the middle 95 % of a figure's resampled values.

    Args:
        values: shape (resamples,); NaN where a draw did not define the figure.

    Returns:
        Lower and upper bound; None if no draw defined it.
    """
    defined = values[~np.isnan(values)]
    if not len(defined):
        return None
    low, high = np.percentile(defined, _TAILS)
    return float(low), float(high)


def ratio(part: Any, whole: Any) -> Counts:
    """Divide counts, elementwise; NaN where the whole is nothing."""
    part, whole = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan)


def f1(hits: Any, gold: Any, predicted: Any) -> Counts:
    """Give F1 from counts, elementwise; NaN where there is neither gold nor prediction."""
    return ratio(2 * np.asarray(hits, np.float64), np.asarray(gold, np.float64) + np.asarray(predicted, np.float64))


def f1_interval(rows: Sequence[tuple[int, int, int]] | NDArray[Any]) -> tuple[float, float] | None:
    """Give the interval of an F1 from each document's hits, gold items and predictions.

    Args:
        rows: shape (documents, 3).

    Returns:
        Lower and upper bound; None where there are neither gold items nor predictions, or too few documents.
    """
    if len(rows) < FEWEST:
        return None
    sums = resample(np.asarray(rows))
    return interval(f1(sums[:, 0], sums[:, 1], sums[:, 2]))
