"""PLOVER events in the columns of the POLECAT data set, as strict TSV.

PLOVER counts an accomplished signature or ratification as SUPPORT and the promise of one as AGREE; talks are CONSULT,
a refusal REJECT, leaving or suspending a treaty SANCTION. It has no event for entry into force. Parties are actors of
one reciprocal event: all are named in the actor's columns and there is no recipient, except where one state alone
leaves, suspends or refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from treaty_events import countries, states, vocabulary
from treaty_events.schema import Document, TreatyEvent

from .tables import tsv_text

_SIDE: Final = (
    "Name", "Country", "COW", "Primary Sector", "Sectors", "Title", "Name Raw", "Wikipedia ID",
)  # fmt: skip
COLUMNS: Final = (
    "Event ID", "Event Date", "Event Type", "Event Mode", "Intensity", "Quad Code", "Contexts",
    *(f"Actor {c}" if c not in ("Primary Sector", "Wikipedia ID") else {"Primary Sector": "Primary Actor Sector",
      "Wikipedia ID": "Wikipedia Actor ID"}[c] for c in _SIDE),
    *(f"Recipient {c}" if c not in ("Primary Sector", "Wikipedia ID") else {"Primary Sector":
      "Primary Recipient Sector", "Wikipedia ID": "Wikipedia Recipient ID"}[c] for c in _SIDE),
    "Placename", "City", "District", "Province", "Country", "Latitude", "Longitude", "GeoNames ID", "Raw Placename",
    "Feature Type", "Source", "Publication Date", "Story People", "Story Organizations", "Story Locations",
    "Language", "Version",
)  # fmt: skip
_QUAD: Final = {
    "AGREE": "VERBAL COOPERATION",
    "CONSULT": "VERBAL COOPERATION",
    "SUPPORT": "VERBAL COOPERATION",
    "REJECT": "VERBAL CONFLICT",
    "SANCTION": "MATERIAL CONFLICT",
}
# Contexts of PLOVER by domain; every event is diplomatic.
_CONTEXTS: Final = {
    "defence": "military", "security": "military", "trade": "economic", "finance": "economic",
    "energy": "natural_resource", "environment": "environment", "justice": "legal", "migration": "migration",
    "health": "health", "border": "territory", "technology": "technology",
}  # fmt: skip
_LEGISLATIVE: Final = frozenset({"ratification", "approval"})


def plover_type(event: TreatyEvent) -> tuple[str, str] | None:
    """Give an event's PLOVER type and mode; None where PLOVER has none."""
    kind, status = event.type, event.status
    # What a type of a model's own amounts to, nobody has said.
    if kind == "entry_into_force" or kind not in vocabulary.EVENT_TYPES:
        return None
    if kind in ("termination", "suspension"):
        if status == "occurred":
            return "SANCTION", "withdraw" if kind == "termination" else "discontinue"
        # A threat to leave is none of the types kept here; a refusal to leave supports the treaty.
        return None if status == "planned" else ("SUPPORT", "")
    if status == "rejected":
        return "REJECT", ""
    if status == "planned":
        return "AGREE", ""
    return ("CONSULT", "") if kind == "negotiation" else ("SUPPORT", "")


def _actors(codes: Iterable[str]) -> dict[str, str]:
    known = [(code, states.lookup(code)) for code in codes]
    return {
        "names": "|".join(countries.name(code) or code for code, _ in known),
        "codes": "|".join(code for code, _ in known),
        "cow": "|".join(str(s.cow) for _, s in known if s is not None and s.cow is not None),
    }


def _row(document: Document, name: str, index: int, event: TreatyEvent) -> dict[str, Any] | None:
    coded = plover_type(event)
    if coded is None:
        return None
    kind, mode = coded
    acting = {c for agent in event.agents for c in agent.countries}
    codes = event.party_codes
    alone = acting & set(codes) if kind in ("REJECT", "SANCTION") else set()
    actor = _actors([c for c in codes if c in alone] if len(alone) == 1 else codes)
    other = _actors([c for c in codes if c not in alone] if len(alone) == 1 else [])
    contexts = ["diplomatic", _CONTEXTS.get((event.treaty and event.treaty.domain) or "", "")]
    if event.type in _LEGISLATIVE:
        contexts.append("legislative")
    people = [a.evidence.text for a in event.agents if a.kind == "person"]
    bodies = [a.evidence.text for a in event.agents if a.kind == "body"]
    place = event.place
    return {
        "Event ID": f"{name}:{index}",
        "Event Date": event.date and event.date.value,
        "Event Type": kind,
        "Event Mode": mode,
        "Quad Code": _QUAD[kind],
        "Contexts": ";".join(c for c in contexts if c),
        "Actor Name": actor["names"],
        "Actor Country": actor["codes"],
        "Actor COW": actor["cow"],
        "Actor Title": ";".join(a.role.text for a in event.agents if a.role),
        "Actor Name Raw": ";".join(a.evidence.text for a in event.agents),
        "Recipient Name": other["names"],
        "Recipient Country": other["codes"],
        "Recipient COW": other["cow"],
        "Country": place and place.country,
        "Raw Placename": place and place.evidence.text,
        "Source": name,
        "Publication Date": document.published,
        "Story People": ";".join(people),
        "Story Organizations": ";".join(bodies),
        "Story Locations": place and place.evidence.text,
        "Language": document.language,
        "Version": document.model.package,
    }


def rows(documents: Iterable[Document]) -> Iterator[dict[str, Any]]:
    """Give the rows; events that PLOVER has no type for are left out."""
    for number, document in enumerate(documents):
        name = document.id if document.id is not None else f"document-{number}"
        for index, event in enumerate(document.events):
            if row := _row(document, name, index, event):
                yield row


def tsv(documents: Iterable[Document]) -> dict[str, str]:
    """Write `events.tsv`."""
    return {"events.tsv": tsv_text(COLUMNS, rows(documents))}
