"""The one vocabulary: every label, event type, attribute value and relation that the project knows.

Nothing else in the project writes these names: the validator, the model's heads, the decoder, the output schema and the
scorer all read them here. Order matters (it is the order of the model's outputs), so new names go at the end of a list
and `VERSION` goes up; a release directory carries the vocabulary that it was trained with. A model may be trained with
further event types of its own: they stand after those here, in its release's vocabulary.

Sources: Vienna Convention on the Law of Treaties 1969 (articles in `EVENT_TYPES`), Kinne's Defense Cooperation
Agreement Dataset and EuroVoc (provision topics).
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from .errors import InputError

VERSION: Final = "1"

# Event type -> article(s) of the Vienna Convention on the Law of Treaties.
EVENT_TYPES: Final[dict[str, str]] = {
    "negotiation": "7",
    "adoption": "9, 10",
    "signature": "11-13",
    "approval": "domestic",
    "ratification": "14",
    "accession": "15",
    "entry_into_force": "24, 25",
    "amendment": "39-41",
    "extension": "54(a)",
    "suspension": "57",
    "termination": "54-56",
}

# The form of every event type, those of the vocabulary and those that a model was trained with besides.
EVENT_TYPE_PATTERN: Final = r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$"

# Mention label -> prefix of mention ids in the hand-writing form (`data/GUIDELINES.md`).
MENTION_LABELS: Final[dict[str, str]] = {
    "GPE": "G",
    "PERSON": "P",
    "DATE": "D",
    "DURATION": "U",
    "ORG": "O",
    "ROLE": "R",
    "TREATY": "T",
    "PROVISION": "V",
}
TRIGGER: Final = "TRIGGER"
TRIGGER_PREFIX: Final = "E"

STATUSES: Final = ("occurred", "planned", "rejected")
LEVELS: Final = ("domestic", "international")
KINDS: Final = (
    "treaty",
    "agreement",
    "memorandum",
    "protocol",
    "convention",
    "declaration",
    "contract",
    "plan",
    "other",
)
DOMAINS: Final = (
    "defence",
    "security",
    "political",
    "trade",
    "finance",
    "energy",
    "transport",
    "technology",
    "environment",
    "justice",
    "migration",
    "culture",
    "health",
    "border",
    "other",
)
TOPICS: Final = (
    "defence_policy_consultation",
    "education_training",
    "joint_exercises",
    "personnel_exchange_visits",
    "peacekeeping",
    "research_technology",
    "defence_industry",
    "procurement_arms",
    "classified_information",
    "intelligence_sharing",
    "military_medicine",
    "airspace_use_air_defence",
    "basing_access_transit",
    "logistics_support",
    "military_aid",
    "economic_aid",
    "mutual_defence",
    "neutrality_non_aggression",
    "crisis_consultation",
    "integrated_command",
    "counterterrorism",
    "cyber",
    "maritime_security",
    "humanitarian_disaster_relief",
    "legal_affairs",
    "military_history_culture_sport",
    "mapping_hydrography",
    "institutions",
    "final_clauses",
    "trade_investment",
    "energy_resources",
    "transport_communication",
    "environment_health",
    "people_movement",
    "culture_science",
    "other",
)

# Attribute -> (label of the spans that carry it, its values). `renewal` is the renewal clause that a duration is part
# of.
ATTRIBUTES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "type": (TRIGGER, tuple(EVENT_TYPES)),
    "status": (TRIGGER, STATUSES),
    "level": (TRIGGER, LEVELS),
    "kind": ("TREATY", KINDS),
    "domain": ("TREATY", DOMAINS),
    "topic": ("PROVISION", TOPICS),
}
# Attributes that a classification head predicts; `type` comes out of the trigger head's BIO tags.
PREDICTED_ATTRIBUTES: Final = ("status", "level", "kind", "domain", "topic")
# `level` may be absent (the text does not tell, or the event is no ratification): the head has a class for that.
OPTIONAL_ATTRIBUTES: Final = ("level",)
# Labels whose spans may carry a normalised `value`, and the standard that it is written in.
VALUE_STANDARDS: Final[dict[str, str]] = {
    "GPE": "ISO 3166-1 alpha-3 (ISO 3166-3 alpha-3 for former states, XKX for Kosovo)",
    "ORG": "acronym of an international organisation",
    "DATE": "EDTF (ISO 8601-2) level 1",
    "DURATION": "ISO 8601 duration",
}


@dataclasses.dataclass(frozen=True)
class Relation:
    """What a relation may join.

    Attributes:
        name: relation label.
        head: label of the head span.
        tails: labels that the tail span may have.
    """

    name: str
    head: str
    tails: tuple[str, ...]


RELATIONS: Final = (
    Relation("treaty", TRIGGER, ("TREATY",)),
    Relation("party", TRIGGER, ("GPE", "ORG")),
    Relation("agent", TRIGGER, ("ORG", "PERSON", "ROLE", "GPE")),
    Relation("date", TRIGGER, ("DATE",)),
    Relation("place", TRIGGER, ("GPE",)),
    Relation("party", "TREATY", ("GPE", "ORG")),
    Relation("dated", "TREATY", ("DATE",)),
    Relation("term", "TREATY", ("DURATION",)),
    Relation("provision", "TREATY", ("PROVISION",)),
    Relation("supersedes", "TREATY", ("TREATY",)),
    Relation("amends", "TREATY", ("TREATY",)),
    Relation("implements", "TREATY", ("TREATY",)),
    Relation("same_as", "TREATY", ("TREATY",)),
    Relation("holds", "PERSON", ("ROLE",)),
    Relation("of", "ROLE", ("GPE", "ORG")),
    Relation("of", "ORG", ("GPE", "ORG")),
)
RELATION_NAMES: Final = tuple(dict.fromkeys(r.name for r in RELATIONS))
SPAN_LABELS: Final = (*MENTION_LABELS, TRIGGER)
# Relations that read the same in both directions.
SYMMETRIC: Final = ("same_as",)


def allowed(name: str, head: str, tail: str) -> bool:
    """Tell whether a relation may join two spans.

    Args:
        name: relation label.
        head: label of the head span (`TRIGGER` for an event trigger of any type).
        tail: label of the tail span.

    Returns:
        True if some signature in `RELATIONS` permits it.
    """
    return any(r.name == name and r.head == head and tail in r.tails for r in RELATIONS)


def signatures(name: str) -> tuple[Relation, ...]:
    """Give the signatures of one relation label (`party` and `of` have two each)."""
    return tuple(r for r in RELATIONS if r.name == name)


def bio_tags(classes: tuple[str, ...] = ("",)) -> tuple[str, ...]:
    """Give the BIO tag list of a head: `O`, then `B` and `I` of each class (`B`/`I` alone when there is one class)."""
    return ("O", *(f"{p}-{c}" if c else p for c in classes for p in "BI"))


def is_event_type(name: object) -> bool:
    """Tell whether something could be an event type: a lower-case name such as `entry_into_force`."""
    return isinstance(name, str) and re.fullmatch(EVENT_TYPE_PATTERN, name) is not None


def check_extra_event_types(names: Iterable[object]) -> tuple[str, ...]:
    """Check the names of further event types.

    Returns:
        The names, in the order given.

    Raises:
        InputError: one is malformed, of the vocabulary, or named twice.
    """
    checked: list[str] = []
    for name in names:
        if not isinstance(name, str) or not is_event_type(name):
            raise InputError(f"event type {name!r}: a name of lower-case letters, digits and _ is needed (objection)")
        if name in EVENT_TYPES:
            raise InputError(f"event type {name!r} is one of the vocabulary: name only new ones")
        if name in checked:
            raise InputError(f"event type {name!r} is named twice")
        checked.append(name)
    return tuple(checked)


def as_dict(extra_event_types: tuple[str, ...] = ()) -> dict[str, Any]:
    """Give the vocabulary as plain data, as it is written into a release directory.

    Args:
        extra_event_types: event types that the model was trained with besides those here.
    """
    # A list: the order of the types is the order of the model's outputs, and JSON objects have none.
    types = [{"type": name, "vclt": article} for name, article in EVENT_TYPES.items()]
    attributes = {k: {"on": label, "values": list(v)} for k, (label, v) in ATTRIBUTES.items()}
    if extra_event_types:
        types += [{"type": name, "vclt": ""} for name in extra_event_types]
        attributes["type"] = {"on": TRIGGER, "values": [*EVENT_TYPES, *extra_event_types]}
    return {
        "version": VERSION,
        "event_types": types,
        "mention_labels": list(MENTION_LABELS),
        "attributes": attributes,
        "relations": [dataclasses.asdict(r) for r in RELATIONS],
    }


def extra_event_types(other: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Give the event types that a model's vocabulary has besides those here.

    Args:
        other: what `as_dict` gave for it.

    Returns:
        The further types in the order of the model's outputs; None if the vocabulary differs in anything else, so that
        its outputs mean something else.
    """
    try:
        extra = check_extra_event_types(entry["type"] for entry in other["event_types"][len(EVENT_TYPES) :])
    except (InputError, KeyError, TypeError):
        return None
    same = json.loads(json.dumps(as_dict(extra))) == json.loads(json.dumps(other))
    return extra if same else None
