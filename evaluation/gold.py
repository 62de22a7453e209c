"""Gold: annotated documents as the model would have read them, and event-level gold as the scorer takes it.

An event record is a plain dictionary: `type`, `status`, `kind`, `domain`, `parties` (sorted codes), `date` and the
spans `trigger`, `evidence`, `treaty`, `place` (`[start, end)` or None) and `agents` (a list of spans). Gold that was
written event by event has `evidence` (the words that tell the step) and no trigger; predictions have a trigger.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from data.documents import AnnotatedDocument, text_digest
from treaty_events import schema, vocabulary
from treaty_events.assembly import Assembler
from treaty_events.errors import AnnotationError, InputError
from treaty_events.extraction import Extraction, Mention, Relation

EventRecord = dict[str, Any]
ARTICLES_GOLD: Final = "gold.jsonl"
_LABEL_ORDER = {label: i for i, label in enumerate(vocabulary.SPAN_LABELS)}
_SPAN_KEYS = ("trigger", "evidence", "treaty", "place")


@dataclasses.dataclass(frozen=True, slots=True)
class EventDocument:
    """A text with event-level gold.

    Attributes:
        id: unique in its file.
        lang: ISO 639-1 code.
        text: what the spans refer to.
        events: event records.
        published: date of publication, if known.
    """

    id: str
    lang: str
    text: str
    events: tuple[EventRecord, ...]
    published: datetime.date | None = None


def publication_date(value: str | None) -> datetime.date | None:
    """Read a publication date.

    Raises:
        InputError: it is not an ISO 8601 calendar date.
    """
    if value is None:
        return None
    try:
        return datetime.date.fromisoformat(value)
    except ValueError as error:
        raise InputError(f"published is {value!r}: an ISO 8601 date such as 2024-11-28 is needed") from error


def gold_extraction(document: AnnotatedDocument) -> Extraction:
    """Turn an annotated document into what a perfect model would say of its text.

    Args:
        document: with text.

    Returns:
        All mentions, in text order, with all their attributes (`value` among them), and all relations.

    Raises:
        AnnotationError: a link names a mention that does not exist.
    """
    ordered = sorted(document.mentions, key=lambda m: (m.start, -m.end, _LABEL_ORDER[m.label]))
    index = {mention.id: i for i, mention in enumerate(ordered)}
    missing = next((n for link in document.relations for n in (link.head, link.tail) if n not in index), None)
    if missing is not None:
        raise AnnotationError(f"a link names {missing!r}, which is no mention", document=document.id)
    return Extraction(
        text=document.text,
        mentions=tuple(Mention(m.start, m.end, m.label, attributes=dict(m.attributes)) for m in ordered),
        relations=tuple(Relation(link.type, index[link.head], index[link.tail]) for link in document.relations),
    )


def own_event_types(documents: Iterable[AnnotatedDocument]) -> frozenset[str]:
    """Give the event types of annotated documents that the vocabulary does not have (a model may: see its release)."""
    types = {m.attributes.get("type") for d in documents for m in d.mentions if m.label == vocabulary.TRIGGER}
    return frozenset(t for t in types if t is not None and vocabulary.is_event_type(t)) - set(vocabulary.EVENT_TYPES)


class _GoldAssembler(Assembler):
    """Assembles gold: a value that the annotator left out is unknown, whatever the tables would make of it."""

    shortest_name = 1_000_000

    def codes(self, mention: Mention) -> tuple[str, ...]:
        return super().codes(mention) if "value" in mention.attributes else ()

    def date(self, mention: Mention, status: str | None = None) -> schema.Date:
        known = "value" in mention.attributes
        return super().date(mention, status) if known else schema.Date(evidence=self.evidence(mention))

    def _told_again(self, steps: list[Any]) -> list[Any]:
        return steps

    def _bilateral(self, step: Any, parties: tuple[schema.Party, ...]) -> tuple[schema.Party, ...]:
        return parties


def gold_events(document: AnnotatedDocument) -> tuple[schema.TreatyEvent, ...]:
    """Assemble an annotated document's events, with the code that assembles the model's."""
    extraction = gold_extraction(document)
    return _GoldAssembler(extraction, document.lang, publication_date(document.published)).events()


def _span(evidence: schema.Evidence | None) -> list[int] | None:
    return None if evidence is None else [evidence.start, evidence.end]


def event_record(event: schema.TreatyEvent) -> EventRecord:
    """Turn an event into a record; the trigger is its evidence, so that it can stand on either side."""
    treaty = event.treaty
    return {
        "type": event.type,
        "status": event.status,
        "kind": None if treaty is None else treaty.kind,
        "domain": None if treaty is None else treaty.domain,
        "parties": list(event.party_codes),
        "date": None if event.date is None else event.date.value,
        "trigger": _span(event.trigger),
        "evidence": _span(event.trigger),
        "treaty": None if treaty is None else _span(treaty.evidence),
        "place": None if event.place is None else _span(event.place.evidence),
        "agents": [_span(agent.evidence) for agent in event.agents],
        "confidence": event.confidence,
    }


def gold_document(document: AnnotatedDocument) -> EventDocument:
    """Turn an annotated document into one with event-level gold."""
    return EventDocument(
        id=document.id,
        lang=document.lang,
        text=document.text,
        events=tuple(event_record(event) for event in gold_events(document)),
        published=publication_date(document.published),
    )


def read_records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read the objects of a JSONL file with their line numbers.

    Raises:
        InputError: the file cannot be read, or a line is no JSON object.
    """
    try:
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                record = json.loads(line)
                if not isinstance(record, dict):
                    raise InputError(f"{path}:{number}: not a JSON object")
                yield number, record
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: not JSON lines in UTF-8: {error}") from error


def _is_span(value: Any, length: int | None) -> bool:
    if not (isinstance(value, list | tuple) and len(value) == 2 and all(type(v) is int for v in value)):
        return False
    return 0 <= value[0] < value[1] and (length is None or value[1] <= length)


def _checked(event: Any, where: str, length: int | None) -> EventRecord:
    """Check one event record and fill in the keys that it leaves out."""
    if not isinstance(event, dict):
        raise InputError(f"{where}: an event is not a JSON object")
    if not vocabulary.is_event_type(event.get("type")):
        known = ", ".join(vocabulary.EVENT_TYPES)
        raise InputError(f"{where}: event type {event.get('type')!r} is none of {known}, and no name of another type")
    spans = [event.get(key) for key in _SPAN_KEYS] + list(event.get("agents") or [])
    bad = next((s for s in spans if s is not None and not _is_span(s, length)), None)
    if bad is not None:
        raise InputError(f"{where}: {bad!r} is no span [start, end) of the text")
    parties = event.get("parties") or []
    if not all(isinstance(p, str) for p in parties):
        raise InputError(f"{where}: parties are not codes: {parties!r}")
    blank = dict.fromkeys((*_SPAN_KEYS, "status", "kind", "domain", "date"))
    return {**blank, **event, "parties": list(parties), "agents": list(event.get("agents") or [])}


def _document(record: dict[str, Any], text: str, where: str) -> EventDocument:
    missing = [key for key in ("id", "lang", "events") if key not in record]
    if missing:
        raise InputError(f"{where}: no {', '.join(missing)}")
    return EventDocument(
        id=str(record["id"]),
        lang=str(record["lang"]),
        text=text,
        events=tuple(_checked(event, where, len(text)) for event in record["events"]),
        published=publication_date(record.get("published")),
    )


def read_event_gold(path: str | Path) -> list[EventDocument]:
    """Read a JSONL file of texts with event-level gold (`id`, `lang`, `published`, `text`, `events`).

    Raises:
        InputError: a line is not such a record; says which and why.
    """
    documents = []
    for number, record in read_records(Path(path)):
        where = f"{path}:{number}"
        text = record.get("text")
        if not isinstance(text, str):
            raise InputError(f"{where}: no text")
        if record.get("sha256") not in (None, text_digest(text)):
            raise InputError(f"{where}: the text is not the one that was annotated: its SHA-256 differs")
        documents.append(_document(record, text, where))
    return documents


def read_articles(directory: str | Path) -> tuple[list[EventDocument], list[str]]:
    """Read stand-off event gold (`gold.jsonl`) and the texts that lie beside it.

    Args:
        directory: holds `gold.jsonl` and the files that its records name.

    Returns:
        The documents whose text is there and is the annotated one, and a message for each that is left out.

    Raises:
        InputError: there is no `gold.jsonl`, or it is malformed.
    """
    directory = Path(directory)
    documents, problems = [], []
    for number, record in read_records(directory / ARTICLES_GOLD):
        where = f"{directory / ARTICLES_GOLD}:{number}"
        name = record.get("file")
        if not isinstance(name, str) or Path(name).name != name:
            raise InputError(f"{where}: no file name")
        try:
            # Bytes, not text mode: line ends count in offsets and in the digest.
            text = (directory / name).read_bytes().decode("utf-8")
        except FileNotFoundError:
            problems.append(f"{name} is not in {directory}: left out")
            continue
        except UnicodeDecodeError:
            problems.append(f"{name} is not UTF-8: left out")
            continue
        if text_digest(text) != record.get("sha256"):
            problems.append(f"{name} is not the text that was annotated (its SHA-256 differs): left out")
            continue
        documents.append(_document(record, text, where))
    return documents, problems


def read_predictions(path: str | Path) -> dict[str, list[EventRecord]]:
    """Read a JSONL file of predicted events (`id`, `events`), as the reference scorer takes it.

    Raises:
        InputError: a line is not such a record, or an id comes twice.
    """
    predictions: dict[str, list[EventRecord]] = {}
    for number, record in read_records(Path(path)):
        where = f"{path}:{number}"
        if not isinstance(record.get("events"), list) or "id" not in record:
            raise InputError(f"{where}: no id or no events")
        name = str(record["id"])
        if name in predictions:
            raise InputError(f"{where}: {name!r} comes twice")
        predictions[name] = [_checked(event, where, None) for event in record["events"]]
    return predictions
