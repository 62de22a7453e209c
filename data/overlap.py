"""Near-duplicates: pairs of documents that share more of their wording than two articles of two authors would.

`python -m data.overlap` lists the closest pairs of the corpus and exits with 1 if one lies above the bound. The measure
is containment: the share of the shorter text's character n-grams (letters and digits only, lower case) that also stand
in the longer one. It sees a sentence that was used twice, wherever it stands and whatever was put around it.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Sequence
from typing import Final, NamedTuple

from .documents import AnnotatedDocument, read_corpus

# Characters of an n-gram: two to three words, so that a treaty's name that two texts share does not make them alike.
SIZE: Final = 16
# Two articles on one treaty share its name and those of its signatories: up to 0.25 in short texts. From 0.3 on whole
# sentences agree.
BOUND: Final = 0.3


class Pair(NamedTuple):
    """Two documents and how much of the shorter one the longer one holds, 0 to 1."""

    share: float
    left: str
    right: str


def shingles(text: str) -> frozenset[str]:
    """Give the character n-grams of a text; of a shorter text, the text itself."""
    plain = "".join(c for c in text.casefold() if c.isalnum())
    return frozenset(plain[i : i + SIZE] for i in range(max(1, len(plain) - SIZE + 1)))


def closest(documents: Sequence[AnnotatedDocument], least: float = 0.1) -> list[Pair]:
    """Find the pairs of one language that share much, closest first.

    Args:
        documents: with text.
        least: share from which on a pair is listed.

    Returns:
        The pairs.
    """
    pairs = []
    for lang in sorted({d.lang for d in documents}):
        sets = [(d.id, shingles(d.text)) for d in documents if d.lang == lang]
        for (left, a), (right, b) in itertools.combinations(sets, 2):
            share = len(a & b) / min(len(a), len(b))
            if share >= least:
                pairs.append(Pair(share, left, right))
    return sorted(pairs, key=lambda p: (-p.share, p.left, p.right))


def main(arguments: Sequence[str] | None = None) -> int:
    """List the closest pairs; gives the exit code."""
    parser = argparse.ArgumentParser(description="List near-duplicates of the corpus.")
    parser.add_argument("--bound", type=float, default=BOUND)
    parser.add_argument("--least", type=float, default=0.1, help="list pairs from here on")
    options = parser.parse_args(arguments)
    pairs = closest(read_corpus(), options.least)
    sys.stdout.writelines(f"{p.share:.2f} {p.left} {p.right}\n" for p in pairs)
    above = sum(p.share > options.bound for p in pairs)
    sys.stdout.write(f"{above} pairs above {options.bound}\n")
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
