"""How well articles are merged into treaties: `python -m evaluation.dossiers`.

The corpus tells many treaties several times, in several languages; a document's story says which treaty it is about.
Two documents of one story should meet in one dossier, two of different stories should not: precision, recall and F1
over pairs of documents, on gold events and on a model's.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from data.documents import DATA, AnnotatedDocument, read_corpus
from data.stories import NO_EVENT, main_treaty
from treaty_events.dossiers import THRESHOLD, DossierBuilder
from treaty_events.errors import TreatyEventsError
from treaty_events.files import write_json
from treaty_events.matching import records
from treaty_events.schema import Document, ModelInfo

from .gold import gold_events, publication_date
from .subjects import Subject, open_subject

_GOLD: Final = ModelInfo(name="gold", weights_sha256="", package="")
_BATCH: Final = 32


def same_treaties(path: Path = DATA / "same_treaties.txt") -> dict[str, str]:
    """Read which stories tell of another story's treaty: key of the one to key of the other."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {story: other for story, _, other in (line.partition(" ") for line in lines)}


def gold_results(documents: Sequence[AnnotatedDocument]) -> list[Document]:
    """Give annotated documents as a perfect model would have read them."""
    return [
        Document(
            id=d.id,
            text=d.text,
            events=gold_events(d),
            language=d.lang,
            published=publication_date(d.published),
            characters_read=len(d.text),
            tokens=0,
            windows=0,
            model=_GOLD,
        )
        for d in documents
    ]


def model_results(documents: Sequence[AnnotatedDocument], subject: Subject) -> list[Document]:
    """Read annotated documents with a model."""
    results = []
    for first in range(0, len(documents), _BATCH):
        group = documents[first : first + _BATCH]
        extractions = subject.extract([d.text for d in group])
        for document, extraction in zip(group, extractions, strict=True):
            published = publication_date(document.published)
            results.append(
                Document(
                    id=document.id,
                    text=document.text,
                    events=tuple(subject.events(extraction, published)),
                    language=document.lang,
                    published=published,
                    characters_read=len(document.text),
                    tokens=0,
                    windows=0,
                    model=_GOLD,
                )
            )
    return results


def _main_record(document: AnnotatedDocument, result: Document) -> int | None:
    """Find the record that holds the document's main treaty: the one that quotes most of its mentions."""
    main = main_treaty(document)
    spans = {(m.start, m.end) for m in document.mentions if m.id in main}
    steps = {(m.start, m.end) for m in document.mentions if m.label == "TRIGGER"}
    best, most = None, 0
    for index, record in enumerate(records(result)):
        quoted = record.treaty.mentions if record.treaty else ()
        overlap = sum(any(e.start < end and start < e.end for e in quoted) for start, end in spans)
        overlap = 2 * overlap + sum((f.source.trigger.start, f.source.trigger.end) in steps for f in record.facts)
        if quoted and overlap > most:
            best, most = index, overlap
    return best


def pairwise(stories: Sequence[str], joined: Sequence[int]) -> dict[str, float]:
    """Score a clustering by pairs.

    Args:
        stories: of each document.
        joined: dossier of each document, in the same order.

    Returns:
        `precision`, `recall`, `f1` and the numbers of `gold` and `predicted` pairs.
    """
    gold = predicted = hits = 0
    for (a, b), (c, d) in zip(itertools.combinations(stories, 2), itertools.combinations(joined, 2), strict=True):
        gold += a == b
        predicted += c == d
        hits += a == b and c == d
    return {
        "precision": hits / predicted if predicted else 0.0,
        "recall": hits / gold if gold else 0.0,
        "f1": 2 * hits / (gold + predicted) if gold + predicted else 1.0,
        "gold": gold,
        "predicted": predicted,
    }


def measure(
    documents: Sequence[AnnotatedDocument], results: Sequence[Document], threshold: float = THRESHOLD
) -> dict[str, Any]:
    """Merge results and score the dossiers of the documents' main treaties.

    Args:
        documents: annotated, each with a story.
        results: what was read in them.
        threshold: see `DossierBuilder`.

    Returns:
        As `pairwise`, with the numbers of `documents`, of `stories` and of those told `several` times (three or more),
        of documents `without` an event of their main treaty (each a dossier of its own), and `seconds`.
    """
    builder = DossierBuilder(threshold)
    start = time.perf_counter()
    for result in results:
        builder.add(result)
    groups = builder.groups()
    seconds = time.perf_counter() - start
    place = {(r.document, r.number): i for i, group in enumerate(groups) for r in group.records}
    mains = [_main_record(document, result) for document, result in zip(documents, results, strict=True)]
    joined = [-1 - i if m is None else place[documents[i].id, m] for i, m in enumerate(mains)]
    same = same_treaties()
    stories = [same.get(d.story or d.id, d.story or d.id) for d in documents]
    told = Counter(stories)
    return {
        "documents": len(documents),
        "stories": len(told),
        "several": sum(n >= 3 for n in told.values()),
        "without": mains.count(None),
        "seconds": seconds,
        **pairwise(stories, joined),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.dossiers", description=__doc__.splitlines()[0])
    parser.add_argument("--splits", nargs="+", default=["dev", "test"], choices=("train", "dev", "test"))
    parser.add_argument("--gold", action="store_true", help="from gold events only")
    parser.add_argument("--model", type=Path, help="release or trained model directory (default: the shipped weights)")
    parser.add_argument("--threads", type=int, help="threads of the runtime")
    parser.add_argument("--threshold", type=float, default=THRESHOLD)
    parser.add_argument("--output", type=Path, help="JSON file for the figures")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    documents = [
        d
        for d in read_corpus()
        if d.split in options.splits and d.story and not d.story.startswith(NO_EVENT) and main_treaty(d)
    ]
    try:
        figures = {"gold": measure(documents, gold_results(documents), options.threshold)}
        if not options.gold:
            subject = open_subject(options.model, options.threads)
            figures["model"] = measure(documents, model_results(documents, subject), options.threshold)
    except TreatyEventsError as error:
        logging.getLogger(__name__).error("%s", error)
        return 2
    if options.output:
        write_json(options.output, figures)
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
