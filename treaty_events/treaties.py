"""A treaty as several articles tell it: the types that `build_dossiers` returns, and the treaty's key.

Like `schema`, frozen and with evidence: each step names the events of the articles that it rests on.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from . import countries, organisations
from .schema import EventTypeName, Evidence, Level, Status

_LETTERS: Final = {
    "treaty": "T", "agreement": "A", "memorandum": "M", "protocol": "P", "convention": "C", "declaration": "D",
    "contract": "K", "plan": "L", "other": "O",
}  # fmt: skip
_ACTIVITIES: Final = {
    "defence": "MLC", "security": "SEC", "political": "POL", "trade": "TRD", "finance": "FIN", "energy": "ENR",
    "transport": "TRN", "technology": "TEC", "environment": "ENV", "justice": "JUS", "migration": "MIG",
    "culture": "CUL", "health": "HLT", "border": "BRD", "other": "OTH",
}  # fmt: skip


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Frozen):
    """An event of one article that a step rests on.

    Attributes:
        document: id of the article.
        event: index of the event in the article's `events`.
        language: of the article.
        published: of the article.
        trigger: the words that say the step; offsets into the article's text.
        status: as this article has it.
        date: EDTF value that this article gives, or None.
        confidence: of the event.
    """

    document: str
    event: int
    language: str | None = None
    published: datetime.date | None = None
    trigger: Evidence
    status: Status
    date: str | None = None
    confidence: float


# A value and the ids of the documents that give it.
Supported = tuple[str, tuple[str, ...]]


class Conflict(_Frozen):
    """A field on which sources contradict each other.

    Attributes:
        field: `date`, `kind`, `domain`, `term` or `parties`.
        values: each value with the ids of the documents that give it, the best supported first.
    """

    field: Literal["date", "kind", "domain", "term", "parties"]
    values: tuple[Supported, ...]


class Step(_Frozen):
    """One step in a treaty's life, as all sources together tell it.

    Attributes:
        type: event type.
        status: `occurred` once a source reports it as done, although an earlier one had it as planned.
        level: of a ratification.
        actors: codes of the states that took the step alone (accession, ratification of an open treaty, denunciation);
            empty where all parties took it together.
        date: EDTF value with the most support; the finest of those that agree.
        place: where, as most sources have it.
        agents: names of persons and bodies.
        sources: the events that tell it, by date of publication.
        conflicts: dates that contradict each other.
        confidence: probability that at least one of the sources is right.
    """

    type: EventTypeName
    status: Status
    level: Level | None = None
    actors: tuple[str, ...] = ()
    date: str | None = None
    place: str | None = None
    agents: tuple[str, ...] = ()
    sources: tuple[Source, ...]
    conflicts: tuple[Conflict, ...] = ()
    confidence: float


class Name(_Frozen):
    """A name of the treaty, with its language and how many articles use it."""

    text: str
    language: str | None = None
    articles: int = 1


class Dossier(_Frozen):
    """A treaty as several articles tell it.

    Attributes:
        key: stable name, such as `KAZ-QAT[MLC]_2023A`: parties in alphabetical order, subject, year of signature, kind.
            A well-known treaty has its own, such as `NPT_1968`.
        instrument: code of a well-known treaty.
        parties: codes, sorted; those that most sources agree on.
        names: what it is called, the most used first.
        kind: one of `vocabulary.KINDS`.
        domain: one of `vocabulary.DOMAINS`.
        signed: EDTF date of signature.
        in_force: EDTF date of entry into force.
        term: ISO 8601 duration.
        renews_itself: whether its final clauses say so.
        renewal_term: ISO 8601 duration of each renewal.
        topics: of its provisions, the most told first.
        steps: by date, then by stage.
        documents: ids of the articles, sorted.
        conflicts: fields of the treaty itself on which sources differ.
    """

    key: str
    instrument: str | None = None
    parties: tuple[str, ...] = ()
    names: tuple[Name, ...] = ()
    kind: str | None = None
    domain: str | None = None
    signed: str | None = None
    in_force: str | None = None
    term: str | None = None
    renews_itself: bool = False
    renewal_term: str | None = None
    topics: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    documents: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


def treaty_key(parties: Sequence[str], kind: str | None, domain: str | None, signed: str | None) -> str:
    """Write a treaty's key in the manner of the manytreaties data sets, e.g. `KAZ-QAT[MLC]_2023A`.

    Args:
        parties: codes; of more than four, the first three and the number of all.
        kind: of the instrument.
        domain: of the instrument.
        signed: EDTF date of signature.

    Returns:
        The key, with `UNK`, `0000` for what is not known.
    """
    names = sorted(parties)
    joined = "-".join(names) if 0 < len(names) <= 4 else f"{'-'.join(names[:3])}+{len(names) - 3}" if names else "UNK"
    year = signed[:4] if signed and signed[:4].isdigit() else "0000"
    return f"{joined}[{_ACTIVITIES.get(domain or '', 'OTH')}]_{year}{_LETTERS.get(kind or '', 'O')}"


def party_names(codes: Iterable[str], language: str = "en") -> list[str]:
    """Give the names of parties: states in a language, organisations in English, unknown codes as they are."""
    return [countries.name(code, language) or organisations.name(code) or code for code in codes]
