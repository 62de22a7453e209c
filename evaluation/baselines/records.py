"""What goes into a baseline and what comes out: texts, and predicted events as the evaluation reads them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from data.documents import write_lines
from evaluation.gold import EventDocument, EventRecord, read_articles, read_records
from treaty_events import language as identification
from treaty_events.errors import InputError
from treaty_events.extractor import parse_published

# Shown by `python -m evaluation.baselines --help`.
RECORD_FORM: Final = """\
The form of predictions, one JSON object a line, each text of the data once:

  {"id": "fr-017", "events": [{"type": "signature", "status": "occurred", "kind": "agreement", "domain": "defence",
   "parties": ["KAZ", "QAT"], "date": "2023-12-12", "trigger": [112, 117], "treaty": [60, 98], "place": [121, 125],
   "agents": [[3, 9]], "confidence": 0.8}]}

  id          of the text, as in the data
  type        negotiation, adoption, signature, approval, ratification, accession, entry_into_force, amendment,
              extension, suspension, termination; the only key that an event must have
  status      occurred, planned, rejected
  kind        of the instrument: treaty, agreement, memorandum, protocol, convention, declaration, contract, plan, other
  domain      of the instrument: defence, trade, energy, ... (treaty_events/vocabulary.py)
  parties     ISO 3166-1 alpha-3 codes, acronyms of organisations (EU, NATO)
  date        of the step, EDTF: 2023-12-12, 2023-12, 2023
  trigger     [start, end) in code points of the text: the words that say the step
  treaty      [start, end) of the words for the instrument
  place       [start, end)
  agents      a list of [start, end): who performs the step
  confidence  0 to 1, for the calibration error

A predicted event is matched to a gold event of its type by trigger, by treaty or by parties. Other keys are not looked
at. To score:

  python -m evaluation.evaluate --data data/corpus/test.jsonl --predictions predictions.jsonl --output results
"""
logger = logging.getLogger(__name__)


class System(Protocol):
    """Tells the events of a text."""

    def predict(self, document: EventDocument) -> Sequence[EventRecord]:
        """Give the events of a text, of which no gold is looked at."""


def _document(record: Mapping[str, Any], where: str) -> EventDocument:
    name, text = record.get("id"), record.get("text")
    if name is None or not isinstance(text, str):
        raise InputError(f"{where}: no {'id' if name is None else 'text'}")
    try:
        published = parse_published(record.get("published"))
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    # As for the model: the publication date is told, the language is not.
    return EventDocument(str(name), identification.identify(text) or "und", text, (), published)


def _records(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give a file's or a folder's texts with where they stand."""
    if not path.is_dir():
        yield from ((f"{path}:{number}", record) for number, record in read_records(path))
        return
    documents, problems = read_articles(path)
    for problem in problems:
        logger.warning("%s", problem)
    for document in documents:
        yield str(path), {"id": document.id, "text": document.text, "published": document.published}


def read_texts(paths: Iterable[Path]) -> list[EventDocument]:
    """Read texts, without their gold.

    Args:
        paths: JSONL files of objects with `id`, `text` and perhaps `published`, or folders of articles with
            `gold.jsonl`. Stand-off documents without their text have nothing to read and are left out, as the
            evaluation leaves them out.

    Returns:
        Documents without events; the language is identified, whatever the file says.

    Raises:
        InputError: a file cannot be read, a line has no id or text, or an id comes twice.
    """
    documents: dict[str, EventDocument] = {}
    for path in paths:
        for where, record in _records(path):
            document = _document(record, where)
            if document.id in documents:
                raise InputError(f"{where}: {document.id!r} comes twice")
            if document.text:
                documents[document.id] = document
    return list(documents.values())


def prediction(document: EventDocument, events: Iterable[EventRecord]) -> dict[str, Any]:
    """Give the line of a text's predicted events."""
    return {"id": document.id, "lang": document.lang, "events": list(events)}


def write_predictions(path: Path, system: System, documents: Iterable[EventDocument]) -> int:
    """Write what a system says of some texts, whole or not at all.

    Returns:
        How many events.
    """
    lines = [prediction(document, system.predict(document)) for document in documents]
    write_lines(path, lines)
    return sum(len(line["events"]) for line in lines)
