"""A fine-tuned release against the one that it started from: figures before and after on the same documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from data.documents import AnnotatedDocument
from evaluation.development import PARTS, score_predictions
from treaty_events import Extractor

FIGURES: Final = (*PARTS, "score")
Figures = dict[str, dict[str, float]]


def figures(directory: Path, sets: Mapping[str, Sequence[AnnotatedDocument]]) -> Figures:
    """Score a release on sets of annotated documents.

    Args:
        directory: the release.
        sets: documents by the set's name.

    Returns:
        `FIGURES` of each set that is not empty, to four digits.
    """
    extractor = Extractor.from_pretrained(directory)
    found = {}
    for name, documents in sets.items():
        if documents:
            scores = score_predictions(documents, extractor.extract([d.text for d in documents]))
            found[name] = {figure: round(score, 4) for figure, score in scores.items()}
    return found


def compare(sets: Mapping[str, Sequence[AnnotatedDocument]], before: Figures, after: Figures) -> dict[str, Any]:
    """Put figures before and after side by side, with the number of documents and the change."""
    report: dict[str, Any] = {}
    for name, documents in sets.items():
        report[name] = {"documents": len(documents)}
        if name in before:
            change = {figure: round(after[name][figure] - before[name][figure], 4) for figure in FIGURES}
            report[name] |= {"before": before[name], "after": after[name], "change": change}
    return report


def table(report: Mapping[str, Any]) -> str:
    """Lay out a report's figures before and after, one line each."""
    lines = [f"{'':<28}" + "".join(f"{name.replace('_f1', ' F1'):>13}" for name in FIGURES)]
    for name, title in (("shipped", "shipped split"), ("held_out", "new, held out")):
        part = report[name]
        for when in ("before", "after", "change"):
            if when in part:
                label = f"{title} ({part['documents']}) {when}" if when == "before" else when
                sign = "+" if when == "change" else ""
                lines.append(f"{label:<28}" + "".join(f"{part[when][figure]:>{sign}13.3f}" for figure in FIGURES))
    return "\n".join(lines)
