"""What `predict` returns: typed, frozen, and the wire format.

Every filled field carries the words it rests on, as offsets into the text of the result. What the text does not say is
`None` (or an empty tuple). `model_dump_json()` is the wire format; its JSON Schema ships as `schema.json`.
"""

from __future__ import annotations

import datetime
import json
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from . import vocabulary
from .bodies import Kind
from .dates import Anchor, Granularity

EventType = Literal[
    "negotiation",
    "adoption",
    "signature",
    "approval",
    "ratification",
    "accession",
    "entry_into_force",
    "amendment",
    "extension",
    "suspension",
    "termination",
]
# A model may tell events of types of its own (see `decoding.Layout`), so a result's type is not one of these only.
EventTypeName = Annotated[
    str,
    Field(
        pattern=vocabulary.EVENT_TYPE_PATTERN,
        description=f"{', '.join(get_args(EventType))}; or a type that the model was trained with besides",
        examples=list(get_args(EventType)),
    ),
]
Status = Literal["occurred", "planned", "rejected"]
Level = Literal["domestic", "international"]
Probability = Annotated[float, Field(ge=0, le=1)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(_Frozen):
    """Words of the text: `text[start:end] == text` of this object, always.

    Attributes:
        text: the words.
        start: offset of the first code point.
        end: offset after the last code point.
    """

    text: str
    start: int = Field(ge=0)
    end: int = Field(gt=0)


class Party(_Frozen):
    """A state or organisation that an event or a treaty binds.

    Attributes:
        evidence: where it is named.
        code: ISO 3166-1 alpha-3 code or organisation acronym; None if the name cannot be resolved for sure.
        name: English name for the code; None without one.
        is_organisation: whether it is an international organisation.
    """

    evidence: Evidence
    code: str | None = None
    name: str | None = None
    is_organisation: bool = False


class Agent(_Frozen):
    """Who performs a step: a person, a body, or the holder of an office.

    Attributes:
        evidence: where it is named.
        kind: `person`, `body`, `role` or `state`.
        role: office of a person, as the text has it.
        body: what kind of body or office acts (the person's, through the role), e.g. `legislature`; None if the words
            do not tell.
        countries: codes of the states whose office or body it is.
    """

    evidence: Evidence
    kind: Literal["person", "body", "role", "state"]
    role: Evidence | None = None
    body: Kind | None = None
    countries: tuple[str, ...] = ()


class Date(_Frozen):
    """A point or stretch of time.

    Attributes:
        evidence: the words.
        value: EDTF (ISO 8601-2), e.g. `2020-10-16`, `2020-10`, `2020`, `2020-03/2020-05`; None if they do not settle
            it.
        granularity: how fine the value is; None without one.
        anchor: `text` if the words alone settle it, `published` if the publication date was needed, `context` if the
            year is that of the date before it in the paragraph; None without a value.
    """

    evidence: Evidence
    value: str | None = None
    granularity: Granularity | None = None
    anchor: Anchor | None = None


class Place(_Frozen):
    """Where a step takes place.

    Attributes:
        evidence: the words.
        country: ISO 3166-1 alpha-3 code of the state it lies in (or is), if known.
    """

    evidence: Evidence
    country: str | None = None


class Duration(_Frozen):
    """A length of time; `value` is an ISO 8601 duration such as `P5Y`, or None."""

    evidence: Evidence
    value: str | None = None


class Renewal(_Frozen):
    """What the final clauses say of renewing the treaty and of leaving it.

    Attributes:
        evidence: the clauses.
        automatic: whether it renews itself; None if they do not tell.
        term: for how long it is renewed each time.
        notice: how long before a party must give notice.
    """

    evidence: tuple[Evidence, ...]
    automatic: bool | None = None
    term: Duration | None = None
    notice: Duration | None = None


class Provision(_Frozen):
    """What a treaty provides for.

    Attributes:
        evidence: the words.
        topic: one of `vocabulary.TOPICS`.
    """

    evidence: Evidence
    topic: str | None = None


class RelatedTreaty(_Frozen):
    """Another treaty that this one supersedes, amends or implements.

    Attributes:
        relation: which of the three.
        evidence: where it is named.
        date: its own date.
    """

    relation: Literal["supersedes", "amends", "implements"]
    evidence: Evidence
    date: Date | None = None


class Treaty(_Frozen):
    """The instrument that an event is a step of.

    Attributes:
        name: its fullest mention in the text.
        evidence: the mention that the event is linked to.
        mentions: all mentions that were found to be the same instrument, in text order.
        instrument: code of a well-known treaty (`NPT`, see `instruments`); None for all others.
        kind: one of `vocabulary.KINDS`.
        domain: one of `vocabulary.DOMAINS`.
        date: date by which it is known (`the 1994 treaty`).
        term: how long it is valid.
        renewal: what its final clauses say of renewal and notice; None if they say nothing of either.
        provisions: what it provides for.
        related: treaties that it supersedes, amends or implements.
    """

    name: str
    evidence: Evidence
    mentions: tuple[Evidence, ...]
    instrument: str | None = None
    kind: str | None = None
    domain: str | None = None
    date: Date | None = None
    term: Duration | None = None
    renewal: Renewal | None = None
    provisions: tuple[Provision, ...] = ()
    related: tuple[RelatedTreaty, ...] = ()


class TreatyEvent(_Frozen):
    """A step in the life of a treaty.

    Attributes:
        type: one of `vocabulary.EVENT_TYPES`, or a type that the model was trained with besides (its release's
            vocabulary names it).
        status: one of `vocabulary.STATUSES`.
        level: for a ratification, `domestic` (a chamber votes) or `international` (instruments are exchanged); else
            None.
        trigger: the words that say the step.
        mentions: all triggers that were merged into this event, in text order.
        treaty: the instrument. Results have one always; None is for events written by hand.
        parties: whom it binds.
        agents: who performs the step.
        date: when.
        place: where.
        confidence: calibrated probability that the event is right.
        is_main: whether it is the text's main event rather than background.
    """

    type: EventTypeName
    status: Status
    level: Level | None = None
    trigger: Evidence
    mentions: tuple[Evidence, ...]
    treaty: Treaty | None = None
    parties: tuple[Party, ...] = ()
    agents: tuple[Agent, ...] = ()
    date: Date | None = None
    place: Place | None = None
    confidence: Probability
    is_main: bool = False

    @property
    def party_codes(self) -> tuple[str, ...]:
        """Codes of the parties that could be resolved, sorted, each once."""
        return tuple(sorted({p.code for p in self.parties if p.code is not None}))


class ModelInfo(_Frozen):
    """Which model read the text: name of its release, digest of its weights, package version."""

    name: str
    weights_sha256: str
    package: str


class Document(_Frozen):
    """One text and what was found in it.

    Attributes:
        id: name of the text, as given; None if it has none.
        text: the text that all offsets refer to, exactly as given.
        events: in the order of their first trigger.
        language: ISO 639-1 code, as given or as identified; None if neither.
        published: publication date that was given.
        characters_read: code points that the model saw: all of them, or none if the text was skipped.
        tokens: tokens of the text.
        windows: windows that it was read in.
        model: which model.
        skipped: a gate took the text for one without treaty event; it was not read.
    """

    id: str | None = None
    text: str
    events: tuple[TreatyEvent, ...]
    language: str | None = None
    published: datetime.date | None = None
    characters_read: int
    tokens: int
    windows: int
    model: ModelInfo
    skipped: bool = False


def json_schema() -> str:
    """Give the JSON Schema of `Document`, as shipped in `schema.json`."""
    schema: dict[str, Any] = Document.model_json_schema(mode="serialization")
    return json.dumps(schema, indent=1, sort_keys=True) + "\n"


def granularity(value: str) -> Granularity:
    """Tell how fine an EDTF value is; seasons and decades are intervals, as in `dates`."""
    season = value.count("-") == 1 and value[-2:] in ("21", "22", "23", "24")
    if "/" in value or "X" in value or season:
        return "interval"
    grains: tuple[Granularity, ...] = ("year", "month", "day")
    return grains[value.count("-")]


# The types above repeat the vocabulary for the type checker's sake; a test keeps them from drifting apart.


if __name__ == "__main__":
    from pathlib import Path

    Path(__file__).with_name("schema.json").write_text(json_schema(), encoding="utf-8")
