"""Decoding constraints on relations: which of the scored pairs are kept.

A relation holds when its probability reaches the signature's threshold and, where the vocabulary's meaning allows one
answer only (an event has one date, a person holds one office at a time), when it is the best of its head.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from . import vocabulary

# Relations of which a head has at most one.
SINGLE: Final = frozenset(
    {
        ("date", vocabulary.TRIGGER),
        ("place", vocabulary.TRIGGER),
        ("dated", "TREATY"),
        ("term", "TREATY"),
        ("holds", "PERSON"),
    }
)
# A trigger is a step of some treaty: its best instrument is kept down to this share of the threshold.
_NEEDED_SHARE: Final = 0.4
_TREATY: Final = next(i for i, r in enumerate(vocabulary.RELATIONS) if r.name == "treaty")


def choose(pairs: NDArray[np.int64], scores: NDArray[np.float32], thresholds: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Choose among scored relations.

    Args:
        pairs: head, tail, signature, shape (candidates, 3); each at most once.
        scores: probabilities, shape (candidates,).
        thresholds: one a signature.

    Returns:
        Which candidates hold.
    """
    heads, signatures = pairs[:, 0], pairs[:, 2]
    keep: NDArray[np.bool_] = scores >= thresholds[signatures]
    for signature, relation in enumerate(vocabulary.RELATIONS):
        single = (relation.name, relation.head) in SINGLE
        if not single and signature != _TREATY:
            continue
        here = np.flatnonzero(signatures == signature)
        if not len(here):
            continue
        # The best candidate of each head: sorted by head, then by falling score, the first of each run.
        order = here[np.lexsort((-scores[here], heads[here]))]
        best = order[np.append(True, heads[order][1:] != heads[order][:-1])]
        if single:
            firsts = np.zeros(len(keep), np.bool_)
            firsts[best] = True
            keep[here] &= firsts[here]
        else:
            needed = best[scores[best] >= thresholds[signature] * _NEEDED_SHARE]
            keep[needed] = True
    return keep
