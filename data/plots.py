"""Pictures of the corpus for its card: `python -m data.plots` draws them into `data/figures/`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from treaty_events import vocabulary
from treaty_events.errors import MissingExtraError

from .counts import length
from .documents import DATA, AnnotatedDocument, read_corpus
from .splits import SPLITS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Told apart by colour-blind readers, and in print by their lightness.
_COLOURS: Final = ("#4477aa", "#ccbb44", "#ee6677")
_LENGTHS: Final = (45, 100, 250, 400, 700, 100_000)


def _stacked(axes: Axes, rows: Mapping[str, Sequence[int]], parts: Sequence[str], title: str) -> None:
    names = list(rows)
    left = [0] * len(names)
    for number, part in enumerate(parts):
        widths = [rows[name][number] for name in names]
        axes.barh(names, widths, left=left, color=_COLOURS[number], label=part, height=0.75)
        left = [a + b for a, b in zip(left, widths, strict=True)]
    axes.invert_yaxis()
    axes.margins(y=0.01)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.set_title(title, fontsize=10)
    axes.legend(loc="lower right", fontsize=8)


def by_language(documents: Sequence[AnnotatedDocument]) -> dict[str, list[int]]:
    """Count the documents of each language by split, most documents first."""
    counted = Counter((d.lang, d.split) for d in documents)
    languages = Counter(d.lang for d in documents)
    order = sorted(languages, key=lambda lang: (-languages[lang], lang))
    return {lang: [counted[lang, split] for split in SPLITS] for lang in order}


def by_type(documents: Sequence[AnnotatedDocument]) -> dict[str, list[int]]:
    """Count the triggers of each event type by status."""
    triggers = [m.attributes for d in documents for m in d.mentions if m.label == vocabulary.TRIGGER]
    counted = Counter((a["type"], a["status"]) for a in triggers)
    return {kind: [counted[kind, status] for status in vocabulary.STATUSES] for kind in vocabulary.EVENT_TYPES}


def by_length(documents: Sequence[AnnotatedDocument]) -> dict[str, list[int]]:
    """Count the documents of each range of lengths (in words) by split."""
    rows: dict[str, list[int]] = {}
    low = 0
    for high in _LENGTHS:
        name = f"over {low}" if high == _LENGTHS[-1] else f"{low + 1}-{high}"
        inside = [d for d in documents if low < length(d) <= high]
        rows[name] = [sum(d.split == split for d in inside) for split in SPLITS]
        low = high
    return rows


def plot(documents: Sequence[AnnotatedDocument], path: Path) -> None:
    """Draw documents by language and length, and events by type.

    Args:
        documents: the corpus.
        path: PNG file to write.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plots") from error
    figure = Figure(figsize=(11, 7), layout="constrained")
    axes = figure.subplot_mosaic(
        [["languages", "types"], ["languages", "lengths"]],
        height_ratios=(len(vocabulary.EVENT_TYPES), len(_LENGTHS)),
    )
    _stacked(axes["languages"], by_language(documents), SPLITS, "documents by language")
    _stacked(axes["types"], by_type(documents), vocabulary.STATUSES, "triggers by event type")
    _stacked(axes["lengths"], by_length(documents), SPLITS, "documents by length in words")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the card's picture; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m data.plots", description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=DATA / "figures" / "corpus.png", help="PNG file")
    plot(read_corpus(), parser.parse_args(arguments).output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
