"""One measurement: a model, or somebody's predictions, against one file of gold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tqdm.auto import tqdm

from data.align import align
from data.documents import AnnotatedDocument, read_documents
from data.validate import check_document
from treaty_events.errors import InputError
from treaty_events.extraction import Extraction
from treaty_events.release import file_digest

from .events import calibration, match, score_events
from .gold import (
    ARTICLES_GOLD,
    EventDocument,
    EventRecord,
    event_record,
    gold_document,
    gold_extraction,
    own_event_types,
    read_articles,
    read_event_gold,
)
from .spans import MICRO, score_extractions, score_values
from .subjects import Subject

Measurement = dict[str, Any]
Predictions = Mapping[str, Sequence[EventRecord]]
# Texts that are read in one call: enough to fill batches, few enough for the progress bar to move.
_GROUP: Final = 16


def read_all(subject: Subject, documents: Sequence[EventDocument], name: str) -> list[Extraction]:
    """Read texts with a model, with a progress bar on a terminal."""
    extractions: list[Extraction] = []
    with tqdm(total=len(documents), desc=name, unit="text", disable=None) as progress:
        for first in range(0, len(documents), _GROUP):
            group = documents[first : first + _GROUP]
            extractions += subject.extract([document.text for document in group])
            progress.update(len(group))
    return extractions


def predicted_events(
    subject: Subject, documents: Sequence[EventDocument], extractions: Iterable[Extraction]
) -> list[list[EventRecord]]:
    """Assemble each text's events as a user gets them: the publication date is told, the language is not."""
    return [
        [event_record(event) for event in subject.events(extraction, document.published)]
        for document, extraction in zip(documents, extractions, strict=True)
    ]


def look_up(predictions: Predictions, documents: Sequence[EventDocument]) -> list[list[EventRecord]]:
    """Take the predictions for some documents.

    Raises:
        InputError: a document has none.
    """
    missing = [document.id for document in documents if document.id not in predictions]
    if missing:
        raise InputError(f"no predictions for {len(missing)} documents, first {missing[0]}")
    return [list(predictions[document.id]) for document in documents]


def _head(name: str, kind: str, path: Path, documents: Sequence[EventDocument]) -> Measurement:
    languages: dict[str, int] = {}
    for document in documents:
        languages[document.lang] = languages.get(document.lang, 0) + 1
    return {
        "name": name,
        "kind": kind,
        "file": str(path),
        "sha256": file_digest(path),
        "documents": len(documents),
        "characters": sum(len(document.text) for document in documents),
        "languages": dict(sorted(languages.items())),
    }


def _events(documents: Sequence[EventDocument], predicted: Sequence[Sequence[EventRecord]]) -> Measurement:
    gold = [document.events for document in documents]
    languages = [document.lang for document in documents]
    measured: Measurement = {"events": score_events(gold, predicted, languages)}
    calibrated = calibration(gold, predicted)
    return measured if calibrated is None else {**measured, "calibration": calibrated}


def _spans(documents: Sequence[AnnotatedDocument], predicted: Sequence[Extraction]) -> dict[str, Any]:
    """Score spans of all documents by name, and of each language's documents over all names."""
    gold = [gold_extraction(document) for document in documents]
    report: dict[str, Any] = {"all": score_extractions(gold, predicted)}
    for language in sorted({document.lang for document in documents}):
        here = [i for i, document in enumerate(documents) if document.lang == language]
        scores = score_extractions([gold[i] for i in here], [predicted[i] for i in here])
        report[language] = {part: {MICRO: rows[MICRO]} for part, rows in scores.items() if MICRO in rows}
    return report


def _paired(documents: Sequence[EventDocument], predicted: Sequence[Sequence[EventRecord]]) -> list[dict[str, Any]]:
    """Put predicted events beside the gold events that they match; no words of the texts."""
    texts = []
    for document, events in zip(documents, predicted, strict=True):
        partner = dict(match(document.events, events))
        pairs = [(g, events[partner[i]] if i in partner else None) for i, g in enumerate(document.events)]
        spare = [(None, event) for j, event in enumerate(events) if j not in partner.values()]
        rows = [{"gold": g, "predicted": p} for g, p in [*pairs, *spare]]
        texts.append({"id": document.id, "lang": document.lang, "events": rows})
    return texts


def read_corpus(path: Path, texts: Path | None) -> tuple[list[AnnotatedDocument], list[str]]:
    """Read annotated documents, stand-off ones joined with their texts.

    Args:
        path: JSONL file.
        texts: folder of the stand-off documents' texts (see `data.align`); None if they are not at hand.

    Returns:
        Those that have a text, and messages on those that have none or whose text differs a little.

    Raises:
        InputError: two documents have one id.
    """
    documents = list(read_documents(path))
    if len({document.id for document in documents}) < len(documents):
        raise InputError(f"{path}: two documents have the same id")
    bare = [document for document in documents if not document.text]
    joined, problems = align(bare, texts) if bare and texts is not None else ([], [])
    of_id = {document.id: document for document in joined}
    found = [document if document.text else of_id.get(document.id) for document in documents]
    read = [document for document in found if document is not None]
    if left := len(documents) - len(read):
        problems.append(
            f"{path}: {left} stand-off documents without their text: left out (--standoff and --texts join them)"
        )
    return read, problems


def measure_corpus(
    path: Path, subject: Subject | None, predictions: Predictions | None, texts: Path | None = None
) -> tuple[Measurement, list[EventDocument], list[list[EventRecord]], list[str]]:
    """Measure on annotated documents: spans, relations and attributes (of a model), and events.

    Args:
        path: JSONL file of annotated documents.
        subject: the model; None to score predictions.
        predictions: somebody's events by document id, instead of a model's.
        texts: folder of the stand-off documents' texts.

    Returns:
        The measurement, the documents, their predicted events, and messages on documents that were left out.

    Raises:
        AnnotationError: the file is malformed, or a document breaks the vocabulary.
        InputError: it holds no text, or a document has no predictions.
    """
    annotated, problems = read_corpus(path, texts)
    if not annotated:
        raise InputError("; ".join([*problems, f"{path} holds no document with text"]))
    own = own_event_types(annotated)
    for document in annotated:
        for fault in check_document(document, str(path), own):
            raise fault
    documents = [gold_document(document) for document in annotated]
    measurement = _head(path.stem, "corpus", path, documents)
    if subject is None:
        events = look_up(predictions or {}, documents)
        return measurement | _events(documents, events), documents, events, problems
    extractions = read_all(subject, documents, path.stem)
    events = predicted_events(subject, documents, extractions)
    measurement |= _events(documents, events) | {"spans": _spans(annotated, extractions)}
    gold = [gold_extraction(document) for document in annotated]
    measurement["values"] = score_values(gold, [d.lang for d in documents], [d.published for d in documents])
    return measurement, documents, events, problems


def measure_events(
    path: Path, subject: Subject | None, predictions: Predictions | None
) -> tuple[Measurement, list[EventDocument], list[list[EventRecord]], list[str]]:
    """Measure on event-level gold: a JSONL file, or a folder of articles with stand-off `gold.jsonl`.

    Args:
        path: the file or the folder.
        subject: the model; None to score predictions.
        predictions: somebody's events by document id, instead of a model's.

    Returns:
        As `measure_corpus`; a folder's measurement also has the events of each text beside gold, under `texts`.

    Raises:
        InputError: the gold is malformed, no text is there, or a document has no predictions.
    """
    problems: list[str] = []
    if path.is_dir():
        documents, problems = read_articles(path)
        file, name, kind = path / ARTICLES_GOLD, path.name or "articles", "articles"
    else:
        documents, file, name, kind = read_event_gold(path), path, path.stem, "events"
    if not documents:
        raise InputError("; ".join([*problems, f"{path} holds no text to measure on"]))
    measurement = _head(name, kind, file, documents)
    if subject is None:
        events = look_up(predictions or {}, documents)
    else:
        events = predicted_events(subject, documents, read_all(subject, documents, name))
    measurement |= _events(documents, events)
    if kind == "articles":
        measurement["texts"] = _paired(documents, events)
    return measurement, documents, events, problems
