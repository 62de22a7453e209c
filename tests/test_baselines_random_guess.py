from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evaluation.baselines.random_guess import RandomGuess
from evaluation.gold import EventDocument
from treaty_events import vocabulary
from treaty_events.errors import InputError

from .baselines import document, words_of


def gold(events: list[list[dict[str, Any]]]) -> list[EventDocument]:
    return [EventDocument(str(i), "en", "x", tuple(e)) for i, e in enumerate(events)]


def event_of(kind: str, *parties: str) -> dict[str, Any]:
    return {"type": kind, "status": "occurred", "kind": "treaty", "domain": "defence", "parties": list(parties)}


def test_chance_keeps_the_frequencies() -> None:
    training = gold([[], [event_of("signature", "ITA", "FRA")] * 3, [event_of("accession", "ITA")]])
    guess = RandomGuess(training, seed=3)
    guesses = [guess.predict(document("some words here", name=str(i))) for i in range(600)]
    numbers = Counter(len(g) for g in guesses)
    assert set(numbers) == {0, 1, 3}
    assert all(150 < number < 250 for number in numbers.values())
    types = Counter(e["type"] for g in guesses for e in g)
    assert 0.70 < types["signature"] / types.total() < 0.80
    assert {tuple(e["parties"]) for g in guesses for e in g} == {("ITA",), ("FRA",), ("FRA", "ITA")}
    assert {words_of("some words here", e["trigger"]) for g in guesses for e in g} == {"some", "words", "here"}


def test_a_guess_depends_on_its_text_and_the_seed_alone() -> None:
    training = gold([[event_of(kind, "ITA", "FRA", "DEU")] * n for n, kind in enumerate(vocabulary.EVENT_TYPES)])
    text = document("one two three four five six")
    first = RandomGuess(training, seed=1)
    first.predict(document("another"))
    assert first.predict(text) == RandomGuess(training, seed=1).predict(text)
    assert len({json.dumps(RandomGuess(training, seed=s).predict(text)) for s in range(5)}) > 1
    assert all(e["trigger"] is None for e in first.predict(document("12 !")))


def test_chance_needs_events_to_draw_from(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no event"):
        RandomGuess(gold([[]]))
    with pytest.raises(InputError, match="not there"):
        RandomGuess.from_file(tmp_path / "none.jsonl")
