"""Events one by one: JSON lines, flat CSV, and a pandas table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from treaty_events import states
from treaty_events.errors import MissingExtraError
from treaty_events.schema import Document, TreatyEvent

from .tables import csv_text

if TYPE_CHECKING:
    import pandas as pd

_JOIN: Final = ";"
COLUMNS: Final = (
    "document", "language", "published", "event", "type", "status", "level", "is_main", "confidence", "parties",
    "party_names", "party_cow", "agents", "date", "date_granularity", "date_anchor", "date_text", "place",
    "place_country", "treaty", "kind", "domain", "term", "topics", "trigger", "trigger_start", "trigger_end",
)  # fmt: skip


def _name(document: Document, number: int) -> str:
    return document.id if document.id is not None else f"document-{number}"


def _row(document: Document, number: int, index: int, event: TreatyEvent) -> dict[str, Any]:
    codes = event.party_codes
    cow = [state.cow for state in map(states.lookup, codes) if state is not None and state.cow is not None]
    treaty, date, place = event.treaty, event.date, event.place
    return {
        "document": _name(document, number),
        "language": document.language,
        "published": document.published,
        "event": index,
        "type": event.type,
        "status": event.status,
        "level": event.level,
        "is_main": event.is_main,
        "confidence": round(event.confidence, 4),
        "parties": _JOIN.join(codes),
        "party_names": _JOIN.join(p.name or p.evidence.text for p in event.parties),
        "party_cow": _JOIN.join(map(str, cow)),
        "agents": _JOIN.join(a.evidence.text for a in event.agents),
        "date": date and date.value,
        "date_granularity": date and date.granularity,
        "date_anchor": date and date.anchor,
        "date_text": date and date.evidence.text,
        "place": place and place.evidence.text,
        "place_country": place and place.country,
        "treaty": treaty and treaty.name,
        "kind": treaty and treaty.kind,
        "domain": treaty and treaty.domain,
        "term": treaty and treaty.term and treaty.term.value,
        "topics": _JOIN.join(dict.fromkeys(p.topic for p in treaty.provisions if p.topic)) if treaty else "",
        "trigger": event.trigger.text,
        "trigger_start": event.trigger.start,
        "trigger_end": event.trigger.end,
    }


def rows(documents: Iterable[Document]) -> Iterator[dict[str, Any]]:
    """Give one flat row an event, with the keys of `COLUMNS`; several values of a cell are joined with `;`."""
    for number, document in enumerate(documents):
        for index, event in enumerate(document.events):
            yield _row(document, number, index, event)


def csv_file(documents: Iterable[Document]) -> dict[str, str]:
    """Write `events.csv`."""
    return {"events.csv": csv_text(COLUMNS, rows(documents))}


def jsonl(documents: Iterable[Document]) -> dict[str, str]:
    """Write `events.jsonl`: each event whole, with the id, language and date of its article."""
    lines = []
    for number, document in enumerate(documents):
        head = {
            "document": _name(document, number),
            "language": document.language,
            "published": document.published.isoformat() if document.published else None,
        }
        for index, event in enumerate(document.events):
            record = {**head, "event": index, **event.model_dump(mode="json")}
            lines.append(json.dumps(record, ensure_ascii=False) + "\n")
    return {"events.jsonl": "".join(lines)}


def to_dataframe(documents: Iterable[Document]) -> pd.DataFrame:
    """Give the events as a pandas table, one a row, with the columns of `COLUMNS`.

    Raises:
        MissingExtraError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise MissingExtraError("pandas", "tables") from error
    return pandas.DataFrame(list(rows(documents)), columns=list(COLUMNS))
