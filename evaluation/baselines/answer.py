"""A language model's answer: its JSON Schema, and from its quotes to event records with offsets."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from evaluation.gold import EventRecord
from treaty_events import vocabulary
from treaty_events.errors import InputError

from .gazetteer import Span
from .quotes import locate

_CODE: Final = re.compile(r"[A-Z][A-Za-z0-9+-]{1,15}")
_EDTF: Final = re.compile(r"[0-9X]{4}[0-9X~?%/.-]{0,28}")


def _object(properties: Mapping[str, Any], *, nullable: bool = False) -> dict[str, Any]:
    """Schema of an object; strict services want every property required and no others."""
    return {
        "type": ["object", "null"] if nullable else "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def answer_schema() -> dict[str, Any]:
    """Give the JSON Schema of an answer."""
    text, maybe = {"type": "string"}, {"type": ["string", "null"]}

    def choice(values: tuple[str, ...]) -> dict[str, Any]:
        return {"type": "string", "enum": list(values)}

    event = _object(
        {
            "sentence": text,
            "trigger": text,
            "type": choice(tuple(vocabulary.EVENT_TYPES)),
            "status": choice(vocabulary.STATUSES),
            "treaty": _object(
                {"quote": text, "kind": choice(vocabulary.KINDS), "domain": choice(vocabulary.DOMAINS)}, nullable=True
            ),
            "parties": {"type": "array", "items": _object({"quote": text, "code": text})},
            "agents": {"type": "array", "items": text},
            "date": _object({"quote": text, "value": maybe}, nullable=True),
            "place": maybe,
        }
    )
    return _object({"events": {"type": "array", "items": event}})


def parse_answer(content: str) -> list[Any]:
    """Read the events of an answer; a code fence or words around the JSON object are passed over.

    Raises:
        InputError: there is no such object; says why.
    """
    start, end = content.find("{"), content.rfind("}")
    if start < 0 or end < start:
        raise InputError("the answer has no JSON object")
    try:
        answer = json.loads(content[start : end + 1])
    except (ValueError, RecursionError) as error:
        raise InputError(f"the answer is not JSON: {error}") from error
    events = answer.get("events")
    if not isinstance(events, list):
        raise InputError("the answer has no list of events")
    return events


class _Reading:
    """Turns the events of one answer into records.

    Attributes:
        dropped: how many fields were dropped, by name.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.dropped: Counter[str] = Counter()
        self._triggers: list[Span] = []

    def _find(self, name: str, quote: Any, near: Span | None) -> Span | None:
        span = locate(self.text, quote, near=near) if isinstance(quote, str) else None
        # Nothing said is nothing dropped.
        self.dropped[name] += span is None and quote not in (None, "")
        return span

    def _one_of(self, name: str, value: Any, values: tuple[str, ...]) -> str | None:
        known = isinstance(value, str) and value in values
        self.dropped[name] += value is not None and not known
        return value if known else None

    def _trigger(self, event: Mapping[str, Any]) -> tuple[Span | None, Span | None]:
        """The trigger, in its sentence if it is there, and where the event's other words are looked for first.

        A word that several events have for their trigger is taken once for each, as long as the text has it so often.
        """
        trigger, sentence = event.get("trigger"), event.get("sentence")
        whole = locate(self.text, sentence) if isinstance(sentence, str) else None
        if isinstance(trigger, str):
            span = locate(self.text, trigger, within=whole, taken=self._triggers) if whole else None
            span = span or locate(self.text, trigger, near=whole, taken=self._triggers)
            if span is not None:
                self._triggers.append(span)
                return span, span
        return self._find("trigger", trigger, None), whole

    def _treaty(self, treaty: Any, near: Span | None) -> dict[str, Any]:
        span = self._find("treaty", treaty.get("quote"), near) if isinstance(treaty, dict) else None
        if span is None:
            return {}
        kind = self._one_of("kind", treaty.get("kind"), vocabulary.KINDS)
        domain = self._one_of("domain", treaty.get("domain"), vocabulary.DOMAINS)
        return {"treaty": list(span), "kind": kind, "domain": domain}

    def _value(self, name: str, item: Any, key: str, near: Span | None, form: re.Pattern[str]) -> str | None:
        """The value (a code, a date) of an item whose quote is in the text."""
        if not isinstance(item, dict) or self._find(name, item.get("quote"), near) is None:
            return None
        value = item.get(key)
        fits = isinstance(value, str) and form.fullmatch(value) is not None
        self.dropped[name] += value not in (None, "") and not fits
        return value if fits else None

    def record(self, event: Any) -> EventRecord | None:
        """Give an event's record; None if it has no known type."""
        step = event.get("type") if isinstance(event, dict) else None
        if self._one_of("event", step if isinstance(step, str) else "", tuple(vocabulary.EVENT_TYPES)) is None:
            return None
        trigger, near = self._trigger(event)
        parties, agents = (v if isinstance(v := event.get(key), list) else [] for key in ("parties", "agents"))
        codes = {self._value("party", party, "code", near, _CODE) for party in parties}
        spans = [self._find("agent", agent, near) for agent in agents]
        place = self._find("place", event.get("place"), near)
        return {
            "type": step,
            "status": self._one_of("status", event.get("status"), vocabulary.STATUSES),
            "parties": sorted(code for code in codes if code is not None),
            "date": self._value("date", event.get("date"), "value", near, _EDTF),
            "trigger": None if trigger is None else list(trigger),
            "place": None if place is None else list(place),
            "agents": [list(span) for span in spans if span is not None],
            **self._treaty(event.get("treaty"), near),
        }


def to_records(events: list[Any], text: str) -> tuple[list[EventRecord], Counter[str]]:
    """Turn an answer's events into records.

    Args:
        events: see `parse_answer`; anything may be in it.
        text: the text.

    Returns:
        Records, and how many fields (under `event`: events) were dropped, by name: the quote is not in the text, or the
        value is none of the vocabulary's.
    """
    reading = _Reading(text)
    records = [record for event in events if (record := reading.record(event)) is not None]
    return records, +reading.dropped
