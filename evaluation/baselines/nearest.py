"""Events from mentions alone: every trigger takes the nearest treaty, parties and date.

For systems that find spans and no relations. What is linked goes through the package's own assembly, so that names,
dates and repeated steps are treated as the model's are.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from evaluation.gold import EventRecord, event_record
from treaty_events.assembly import Assembler
from treaty_events.extraction import Extraction, Mention, Relation

from .gazetteer import Span, sentences

# Parties that a step is given: most treaties are between two.
_PARTIES: Final = 2


def _distance(a: Mention, b: Mention) -> int:
    return max(a.start - b.end, b.start - a.end, 0)


class _Linker:
    """Links the mentions of one text."""

    def __init__(self, text: str, mentions: Sequence[Mention], language: str) -> None:
        self.mentions = mentions
        self.sentences = sentences(text)
        self.names = Assembler(Extraction(text, tuple(mentions)), language)

    def _sentence(self, mention: Mention) -> Span:
        found = (span for span in self.sentences if span[0] <= mention.start < span[1])
        return next(found, (mention.start, mention.end))

    def _here(self, trigger: Mention, *labels: str) -> list[int]:
        """Mentions of some labels in the trigger's sentence, the nearest first."""
        start, end = self._sentence(trigger)
        found = [i for i, m in enumerate(self.mentions) if m.label in labels and start <= m.start < end]
        return sorted(found, key=lambda i: _distance(trigger, self.mentions[i]))

    def _before(self, trigger: Mention, *labels: str) -> list[int]:
        """Mentions of some labels before the trigger's sentence, the last first."""
        start, _ = self._sentence(trigger)
        return [i for i, m in reversed([*enumerate(self.mentions)]) if m.label in labels and m.start < start]

    def _parties(self, trigger: Mention) -> Iterator[int]:
        """The nearest mentions that name so many states or organisations, each of them once."""
        named: set[str] = set()
        for i in (*self._here(trigger, "GPE", "ORG"), *self._before(trigger, "GPE", "ORG")):
            codes = set(self.names.codes(self.mentions[i])) - named
            if codes and len(named) < _PARTIES:
                named |= codes
                yield i

    def relations(self) -> Iterator[Relation]:
        """Link every trigger; dates are taken from its own sentence only."""
        for i, mention in enumerate(self.mentions):
            if mention.is_trigger:
                treaties = self._here(mention, "TREATY") or self._before(mention, "TREATY")
                yield from (Relation("treaty", i, t) for t in treaties[:1])
                yield from (Relation("date", i, d) for d in self._here(mention, "DATE")[:1])
                yield from (Relation("party", i, p) for p in self._parties(mention))


def nearest_events(
    text: str, mentions: Iterable[Mention], language: str, published: datetime.date | None = None
) -> list[EventRecord]:
    """Assemble events from mentions that nothing links.

    Args:
        text: that the mentions are of.
        mentions: triggers with `type` and perhaps `status`, treaties with `kind` and `domain` where known, GPE, ORG,
            DATE.
        language: ISO 639-1 code.
        published: publication date, for relative dates.

    Returns:
        Event records; a trigger without any treaty in its sentence or before gives none.
    """
    ordered = sorted(mentions, key=lambda m: (m.start, -m.end))
    relations = tuple(_Linker(text, ordered, language).relations())
    return [
        event_record(event)
        for event in Assembler(Extraction(text, tuple(ordered), relations), language, published).events()
    ]
