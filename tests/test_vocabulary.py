from __future__ import annotations

import json
from typing import get_args

from treaty_events import schema, vocabulary


def test_schema_types_are_the_vocabulary() -> None:
    assert get_args(schema.EventType) == tuple(vocabulary.EVENT_TYPES)
    assert get_args(schema.Status) == vocabulary.STATUSES
    assert get_args(schema.Level) == vocabulary.LEVELS


def test_relations_join_known_labels() -> None:
    for relation in vocabulary.RELATIONS:
        assert {relation.head, *relation.tails} <= set(vocabulary.SPAN_LABELS)


def test_allowed_follows_the_signatures() -> None:
    assert vocabulary.allowed("party", "TREATY", "GPE")
    assert vocabulary.allowed("agent", vocabulary.TRIGGER, "PERSON")
    assert not vocabulary.allowed("party", "PERSON", "GPE")
    assert not vocabulary.allowed("holds", "ROLE", "PERSON")


def test_vocabulary_survives_json_and_differences_show() -> None:
    written = json.loads(json.dumps(vocabulary.as_dict()))
    assert vocabulary.same_as_here(written)
    written["relations"].pop()
    assert not vocabulary.same_as_here(written)


def test_shipped_json_schema_is_current() -> None:
    from pathlib import Path

    path = Path(schema.__file__).with_name("schema.json")
    assert path.read_text(encoding="utf-8") == schema.json_schema(), "run: python -m treaty_events.schema"


def test_granularity() -> None:
    values = {"2020": "year", "2020-10": "month", "2020-10-16": "day", "2020/2021": "interval", "199X": "interval"}
    assert {v: schema.granularity(v) for v in values} == values
