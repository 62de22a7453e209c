"""How far two annotators agree who marked the same texts apart from each other.

`python -m evaluation.agreement FIRST.jsonl SECOND.jsonl` scores the second annotation against the first as a model
would be scored: strict F1 of mentions, triggers and relations, attributes, values, and the events that come out of
them. F1 is the same whichever of the two is taken for gold, and needs no guess at what was agreed by chance.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from data.documents import AnnotatedDocument, read_documents
from treaty_events import vocabulary
from treaty_events.errors import InputError, TreatyEventsError
from treaty_events.extraction import Extraction
from treaty_events.files import write_json

from .events import score_events
from .gold import gold_document, gold_extraction
from .report import table
from .spans import MICRO, score_extractions

_PARTS: Final = ("mentions", "triggers", "relations_closed", "attributes")
logger = logging.getLogger(__name__)


def pair(
    first: Sequence[AnnotatedDocument], second: Sequence[AnnotatedDocument]
) -> list[tuple[AnnotatedDocument, AnnotatedDocument]]:
    """Put the two annotations of each text side by side.

    Args:
        first: documents with text.
        second: the same documents, annotated by someone else, in any order.

    Returns:
        The pairs, in the order of `first`.

    Raises:
        InputError: a document stands on one side only, or its text is not the same.
    """
    others = {document.id: document for document in second}
    alone = {document.id for document in first} ^ others.keys()
    if alone:
        raise InputError(f"{len(alone)} documents have one annotation only, e.g. {min(alone)}: annotate them twice")
    pairs = [(document, others[document.id]) for document in first]
    for one, other in pairs:
        if one.text != other.text:
            raise InputError(f"{one.id} has another text in the second file: annotate the same text twice")
    return pairs


def _values(first: Sequence[Extraction], second: Sequence[Extraction]) -> dict[str, dict[str, float]]:
    """Compare the values of mentions that both marked, by label."""
    counts: dict[str, list[int]] = {}
    for one, other in zip(first, second, strict=True):
        theirs = {(m.start, m.end, m.label): m.attributes.get("value") for m in other.mentions}
        for mention in one.mentions:
            key = (mention.start, mention.end, mention.label)
            if mention.label in vocabulary.VALUE_STANDARDS and key in theirs:
                row = counts.setdefault(mention.label, [0, 0])
                row[0] += 1
                row[1] += mention.attributes.get("value") == theirs[key]
    return {label: {"both": both, "same": same / both} for label, (both, same) in sorted(counts.items())}


def agreement(first: Sequence[AnnotatedDocument], second: Sequence[AnnotatedDocument]) -> dict[str, Any]:
    """Measure how far two annotations agree.

    Args:
        first: documents with text.
        second: the same, annotated apart.

    Returns:
        `documents`, `languages`, `all` (as `score_extractions`), `values`, `events` (F1 of assembled events) and
        `by_language` (micro F1 of mentions, triggers and relations).

    Raises:
        InputError: the two do not hold the same texts.
    """
    pairs = pair(first, second)
    sides = [[gold_extraction(documents[i]) for documents in pairs] for i in (0, 1)]
    languages = [one.lang for one, _ in pairs]
    by_language = {}
    for lang in sorted(set(languages)):
        here = [i for i, other in enumerate(languages) if other == lang]
        scores = score_extractions([sides[0][i] for i in here], [sides[1][i] for i in here], intervals=False)
        by_language[lang] = {
            "documents": len(here),
            **{part: scores[part][MICRO]["f1"] for part in _PARTS[:3] if MICRO in scores[part]},
        }
    events = score_events(
        [gold_document(one).events for one, _ in pairs], [gold_document(other).events for _, other in pairs], languages
    )
    return {
        "documents": len(pairs),
        "languages": len(set(languages)),
        "all": score_extractions(*sides),
        "values": _values(*sides),
        "events": events["all"],
        "by_language": by_language,
    }


def agreement_markdown(measured: dict[str, Any]) -> str:
    """Write the figures as Markdown tables."""
    rows = []
    for part in _PARTS:
        for name, row in measured["all"][part].items():
            label = "all" if name == MICRO else name
            rows.append((part.removesuffix("_closed"), label, row["gold"], row["predicted"], f"{row['f1']:.2f}"))
    events = measured["events"]
    rows += [("events", name, "", "", f"{events[f'{name}_f1']:.2f}") for name in ("event", "strict", "slot")]
    rows += [("values", label, row["both"], "", f"{row['same']:.2f}") for label, row in measured["values"].items()]
    languages = [
        (lang, row["documents"], *(f"{row[part]:.2f}" if part in row else "" for part in _PARTS[:3]))
        for lang, row in measured["by_language"].items()
    ]
    return "\n\n".join(
        (
            f"{measured['documents']} documents in {measured['languages']} languages, annotated twice apart.",
            table(("what", "label", "first", "second", "F1 (values: share that is the same)"), rows),
            table(("language", "documents", "mention F1", "trigger F1", "relation F1"), languages),
        )
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.agreement", description=__doc__.splitlines()[0])
    parser.add_argument("first", type=Path, help="annotated documents, JSONL")
    parser.add_argument("second", type=Path, help="the same documents, annotated by someone else")
    parser.add_argument("--output", type=Path, help="JSON file for the figures")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    try:
        measured = agreement(list(read_documents(options.first)), list(read_documents(options.second)))
    except (TreatyEventsError, OSError) as error:
        logger.error("%s", error)
        return 2
    if options.output:
        write_json(options.output, measured)
    sys.stdout.write(agreement_markdown(measured) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
