"""A text, an answer of a language model about it, and what must hold of events, for the tests of the baselines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.gold import EventDocument

TEXT = "Le Qatar et le Kazakhstan ont signé l'accord militaire à Doha le 12 décembre 2023."


def document(text: str, lang: str = "en", name: str = "a") -> EventDocument:
    return EventDocument(name, lang, text, ())


def words_of(text: str, span: Sequence[int] | None) -> str:
    assert span is not None
    return text[span[0] : span[1]]


def assert_spans_lie_in(text: str, events: Sequence[Mapping[str, Any]]) -> None:
    for event in events:
        for span in [event.get("trigger"), event.get("treaty"), event.get("place"), *(event.get("agents") or [])]:
            assert span is None or 0 <= span[0] < span[1] <= len(text)


def answer_of(**changes: Any) -> dict[str, Any]:
    event = {
        "sentence": TEXT,
        "trigger": "signé",
        "type": "signature",
        "status": "occurred",
        "treaty": {"quote": "accord militaire", "kind": "agreement", "domain": "defence"},
        "parties": [{"quote": "Qatar", "code": "QAT"}, {"quote": "Kazakhstan", "code": "KAZ"}],
        "agents": [],
        "date": {"quote": "12 décembre 2023", "value": "2023-12-12"},
        "place": "Doha",
    }
    return {"events": [{**event, **changes}]}


GOOD = json.dumps(answer_of(), ensure_ascii=False)


EMPTY = '{"events": []}'
