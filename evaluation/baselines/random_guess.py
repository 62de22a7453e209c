"""Chance: as many events as the training texts have, with fillers drawn by their frequency there.

What scores no better than this has learned no more than the frequencies.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TypeVar

from data.documents import read_documents
from evaluation.gold import EventDocument, EventRecord, gold_document
from treaty_events.errors import InputError

from .gazetteer import words

V = TypeVar("V")
_ATTRIBUTES: Final = ("type", "status", "kind", "domain")


def _draw(generator: random.Random, counts: Counter[V]) -> V:
    return generator.choices(list(counts), list(counts.values()))[0]


class RandomGuess:
    """Guesses events.

    The guess depends on seed, id and text alone, not on the other texts.

    Args:
        documents: with gold events, to count.
        seed: of the generator.

    Raises:
        InputError: the documents have no event.
    """

    def __init__(self, documents: Iterable[EventDocument], seed: int = 0) -> None:
        self.seed = seed
        self.numbers: Counter[int] = Counter()
        self.attributes: Counter[tuple[str | None, ...]] = Counter()
        self.sizes: Counter[int] = Counter()
        self.parties: Counter[str] = Counter()
        for document in documents:
            self.numbers[len(document.events)] += 1
            for event in document.events:
                self.attributes[tuple(event[name] for name in _ATTRIBUTES)] += 1
                self.sizes[len(event["parties"])] += 1
                self.parties.update(event["parties"])
        if not self.attributes:
            raise InputError("no event in the training texts: nothing to draw from")

    @classmethod
    def from_file(cls, path: Path, seed: int = 0) -> RandomGuess:
        """Count the events of a training split.

        Raises:
            InputError: the file cannot be read, or has no event.
            AnnotationError: it is malformed.
        """
        if not path.is_file():
            raise InputError(f"{path} is not there: build the corpus with 'python -m data.build', or name another file")
        return cls((gold_document(document) for document in read_documents(path) if document.text), seed)

    def _event(self, generator: random.Random, document: EventDocument) -> EventRecord:
        spans = words(document.text, (0, len(document.text)))
        size = _draw(generator, self.sizes)
        drawn = _draw(generator, self.attributes)
        parties: set[str] = set()
        while len(parties) < min(size, len(self.parties)):
            parties.add(_draw(generator, self.parties))
        return {
            **dict(zip(_ATTRIBUTES, drawn, strict=True)),
            "parties": sorted(parties),
            "trigger": list(generator.choice(spans)) if spans else None,
        }

    def predict(self, document: EventDocument) -> list[EventRecord]:
        """Give the guess for a text: each event's trigger is any word, it has no date, place or agents."""
        generator = random.Random(f"{self.seed} {document.id} {document.text}")
        number = _draw(generator, self.numbers)
        return [self._event(generator, document) for _ in range(number)]
