from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, get_args

import pytest

from treaty_events import InputError, schema, vocabulary


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
    assert vocabulary.extra_event_types(written) == ()
    written["relations"].pop()
    assert vocabulary.extra_event_types(written) is None


def test_event_types_of_a_models_own_are_read_off_its_vocabulary() -> None:
    written = json.loads(json.dumps(vocabulary.as_dict(("objection", "withdrawal"))))
    assert vocabulary.extra_event_types(written) == ("objection", "withdrawal")
    types = [*vocabulary.EVENT_TYPES, "objection", "withdrawal"]
    assert written["attributes"]["type"]["values"] == [e["type"] for e in written["event_types"]] == types


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v["event_types"].insert(0, v["event_types"].pop()),
        lambda v: v["event_types"].append(v["event_types"][0]),
        lambda v: v["event_types"].append({"type": "Objection", "vclt": ""}),
        lambda v: v["event_types"].append("objection"),
        lambda v: v.update(event_types=dict.fromkeys(vocabulary.EVENT_TYPES, "")),
        lambda v: v["attributes"]["type"]["values"].pop(),
        lambda v: v.pop("event_types"),
    ],
)
def test_other_vocabularies_are_told_apart(change: Callable[[dict[str, Any]], object]) -> None:
    written = json.loads(json.dumps(vocabulary.as_dict(("objection",))))
    change(written)
    assert vocabulary.extra_event_types(written) is None


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["Objection"], "lower-case"),
        (["an objection"], "lower-case"),
        (["objection\n"], "lower-case"),
        ([""], "lower-case"),
        ([False], "lower-case"),
        (["signature"], "is one of the vocabulary"),
        (["objection", "objection"], "named twice"),
    ],
)
def test_names_of_new_event_types_are_checked(names: list[object], message: str) -> None:
    assert vocabulary.check_extra_event_types(["objection", "stage_2"]) == ("objection", "stage_2")
    with pytest.raises(InputError, match=message):
        vocabulary.check_extra_event_types(names)


def test_results_take_any_well_formed_event_type() -> None:
    fields = {"trigger": {"text": "x", "start": 0, "end": 1}, "mentions": [], "status": "occurred", "confidence": 1}
    assert schema.TreatyEvent.model_validate({"type": "objection", **fields}).type == "objection"
    for wrong in ("Objection", "an objection", "objection\n", ""):
        with pytest.raises(ValueError, match="pattern"):
            schema.TreatyEvent.model_validate({"type": wrong, **fields})


def test_shipped_json_schema_is_current() -> None:
    from pathlib import Path

    path = Path(schema.__file__).with_name("schema.json")
    assert path.read_text(encoding="utf-8") == schema.json_schema(), "run: python -m treaty_events.schema"


def test_granularity() -> None:
    values = {"2020": "year", "2020-10": "month", "2020-10-16": "day", "2020/2021": "interval", "199X": "interval"}
    assert {v: schema.granularity(v) for v in values} == values
