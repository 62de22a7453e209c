"""What a language model answers: quotes found in the text, records, and what is dropped."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.baselines import answer, llm
from evaluation.baselines.quotes import locate
from treaty_events import vocabulary
from treaty_events.errors import InputError

from .baselines import TEXT, answer_of, assert_spans_lie_in, words_of


def test_quotes_are_found_as_written_or_with_other_white_space() -> None:
    text = "Nigeria and Niger\n signed;  Niger signed."
    assert locate(text, "Niger") == (12, 17)
    assert locate(text, "Niger", near=(34, 40)) == (28, 33)
    assert locate(text, " Niger signed") == (28, 40)
    assert locate(text, "and  Niger signed") == (8, 25)
    assert locate(text, "signed", taken=[(19, 25)]) == (34, 40)
    assert locate(text, "signed", within=(26, 40)) == (34, 40)
    for absent in ("niger", "Niger and", "Niger... signed", "", " \n"):
        assert locate(text, absent) is None


@given(st.text(max_size=60), st.data())
def test_every_piece_of_a_text_is_found_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    quote = text[start : data.draw(st.integers(start, len(text)))]
    span = locate(text, quote)
    assert (span is None) == (not quote.strip())
    if span is not None:
        assert text[span[0] : span[1]] == quote.strip()


def read(given: dict[str, Any], text: str = TEXT) -> tuple[list[dict[str, Any]], dict[str, int]]:
    events, dropped = answer.to_records(answer.parse_answer(json.dumps(given)), text)
    return events, dict(dropped)


def test_an_answer_becomes_records_with_offsets() -> None:
    (event,), dropped = read(answer_of())
    assert dropped == {}
    assert (event["kind"], event["domain"], event["parties"]) == ("agreement", "defence", ["KAZ", "QAT"])
    assert event["date"] == "2023-12-12"
    assert [words_of(TEXT, event[k]) for k in ("trigger", "treaty", "place")] == ["signé", "accord militaire", "Doha"]


def test_what_the_text_does_not_say_is_dropped_and_counted() -> None:
    (event,), dropped = read(
        answer_of(
            trigger="undertecknade",
            status="done",
            treaty={"quote": "accord nucléaire", "kind": "treaty", "domain": "defence"},
            parties=[
                {"quote": "Qatar", "code": "QAT"},
                {"quote": "Oman", "code": "OMN"},
                {"quote": "Doha", "code": "?"},
            ],
            agents=["Sultan Kamaletdinov", "Kazakhstan"],
            date={"quote": "13 décembre 2023", "value": "2023-12-13"},
            place="Astana",
        )
    )
    assert dropped == {"trigger": 1, "status": 1, "treaty": 1, "party": 2, "agent": 1, "date": 1, "place": 1}
    assert event["parties"] == ["QAT"]
    assert [words_of(TEXT, agent) for agent in event["agents"]] == ["Kazakhstan"]
    assert [event.get(k) for k in ("trigger", "status", "treaty", "kind", "date", "place")] == [None] * 6


def test_what_is_not_said_is_not_counted_as_dropped() -> None:
    (event,), dropped = read(answer_of(treaty=None, parties=[], date=None, place=None))
    assert (dropped, event["date"], event.get("treaty")) == ({}, None, None)
    assert read({"events": [{"type": "marriage"}, 3]}) == ([], {"event": 2})


def test_each_event_has_its_own_trigger_where_the_text_has_several() -> None:
    text = "Chad signed first.\nThen Mali  signed too."
    events = [
        answer_of(sentence=s, trigger="signed")["events"][0] for s in ("Chad signed first.", "Then Mali signed too")
    ]
    found, _ = read({"events": events}, text)
    assert [event["trigger"] for event in found] == [[5, 11], [30, 36]]
    found, _ = read({"events": [{**event, "sentence": ""} for event in events]}, text)
    assert [event["trigger"] for event in found] == [[5, 11], [30, 36]]


def test_offsets_count_code_points() -> None:
    text = "🤝 Катар и Чад подписали договор"
    (event,), _ = read(answer_of(sentence=text, trigger="подписали"), text)
    assert words_of(text, event["trigger"]) == "подписали"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([TEXT, "Qatar", "signature"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "trigger", "sentence", "treaty", "quote", "code", "parties", "agents", "date", "value"]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=3))
def test_whatever_is_answered_gives_records_that_can_be_scored(events: list[Any]) -> None:
    found, _ = answer.to_records(events, TEXT)
    assert_spans_lie_in(TEXT, found)
    assert all(e["type"] in vocabulary.EVENT_TYPES and all(isinstance(p, str) for p in e["parties"]) for e in found)


@pytest.mark.parametrize(
    "content", ["", "no JSON", "[]", '{"events": [}', '{"events": 3}', "[" * 10**5, "{" * 10**5 + "}"]
)
def test_malformed_answers_are_told(content: str) -> None:
    with pytest.raises(InputError, match="answer"):
        answer.parse_answer(content)


def test_words_around_the_object_are_passed_over() -> None:
    assert answer.parse_answer('Here you are:\n```json\n{"events": []}\n```') == []


def test_the_schema_is_one_and_takes_the_answer() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = answer.answer_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(answer_of(), schema)
    jsonschema.validate(answer_of(treaty=None, date=None, place=None), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(answer_of(type="marriage"), schema)
    for name in (*vocabulary.EVENT_TYPES, *vocabulary.STATUSES):
        assert re.search(rf"\b{name}\b", (Path(llm.__file__).parent / llm.GUIDE).read_text(encoding="utf-8"))
