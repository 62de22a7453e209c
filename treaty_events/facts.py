"""What an extraction says of its mentions: which are linked, which mean one instrument, what their values are."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from . import countries, durations, organisations, schema
from .atlas import Atlas
from .chronology import Chronology
from .extraction import Extraction, Mention, Relation, clusters

# Characters of a name that tells an instrument from others by itself.
_LONG_NAME = 20


class Facts:
    """Looks up an extraction.

    Args:
        extraction: mentions and relations.
        language: of the text, for values.
        published: publication date, for relative dates.

    Attributes:
        mentions: of the extraction.
        tails: relations by their type and head.
        cluster_of: the first mention of each treaty mention's instrument.
        members: the mentions of each instrument, by the first.
    """

    # Characters of a name of several words that is taken for the same instrument where it comes back.
    shortest_name = 10

    def __init__(
        self, extraction: Extraction, language: str | None = None, published: datetime.date | None = None
    ) -> None:
        self.extraction, self.language, self.published = extraction, language, published
        self.mentions = extraction.mentions
        self.atlas = Atlas(extraction, language)
        self.chronology = Chronology(extraction, language, published)
        self.tails: dict[tuple[str, int], list[Relation]] = {}
        for relation in extraction.relations:
            self.tails.setdefault((relation.type, relation.head), []).append(relation)
        self.cluster_of = self._clusters()
        self.members: dict[int, list[int]] = {}
        for index, root in self.cluster_of.items():
            self.members.setdefault(root, []).append(index)

    def linked(self, name: str, heads: Iterable[int]) -> list[int]:
        """Give the tails of a relation from any of some heads, in text order, each once."""
        return sorted({r.tail for head in heads for r in self.tails.get((name, head), [])})

    def best(self, name: str, heads: Iterable[int]) -> int | None:
        """Give the surest tail of a relation from any of some heads; the earliest of equals."""
        found = [r for head in heads for r in self.tails.get((name, head), [])]
        return max(found, key=lambda r: (r.score, -r.tail)).tail if found else None

    def _clusters(self) -> dict[int, int]:
        """Put treaty mentions of one instrument together; gives each mention's first one."""
        treaties = [i for i, m in enumerate(self.mentions) if m.label == "TREATY"]
        pairs = [(r.head, r.tail) for r in self.extraction.relations if r.type == "same_as"]
        # A long name that comes back word for word is the same instrument, or one of several words.
        names: dict[str, int] = {}
        for i in treaties:
            words = self.extraction.surface(self.mentions[i]).casefold().split()
            name = " ".join(words)
            if len(name) >= _LONG_NAME or (len(words) > 1 and len(name) >= self.shortest_name):
                pairs.append((names.setdefault(name, i), i))
        return clusters(treaties, pairs)

    def evidence(self, mention: Mention) -> schema.Evidence:
        """Quote a mention."""
        return schema.Evidence(text=self.extraction.surface(mention), start=mention.start, end=mention.end)

    def codes(self, mention: Mention) -> tuple[str, ...]:
        """Resolve a GPE or ORG mention: gold value first, then the tables; empty if unsure."""
        value = mention.attributes.get("value")
        if value is not None:
            return tuple(value.split("+"))
        surface = self.extraction.surface(mention)
        if mention.label == "GPE":
            return self.atlas.read(mention)
        acronym = organisations.resolve(surface, self.language)
        # A state that was marked as a body ("Japan has approved it") is a state all the same.
        return countries.resolve(surface, self.language) if acronym is None else (acronym,)

    def date(self, mention: Mention, status: str | None = None) -> schema.Date:
        """Normalise a DATE mention.

        Args:
            mention: the mention.
            status: of the event that it is the date of (see `Chronology.read`).
        """
        value = mention.attributes.get("value")
        parsed = self.chronology.read(mention, status)
        if value is not None:
            granularity = schema.granularity(value)
            anchor = parsed.anchor if parsed and parsed.edtf == value else "text"
            return schema.Date(evidence=self.evidence(mention), value=value, granularity=granularity, anchor=anchor)
        if parsed is None:
            return schema.Date(evidence=self.evidence(mention))
        return schema.Date(
            evidence=self.evidence(mention), value=parsed.edtf, granularity=parsed.granularity, anchor=parsed.anchor
        )

    def value(self, mention: Mention) -> str | None:
        """Normalise a mention of any label: codes of states joined by `+`, an acronym, an EDTF date, a duration."""
        if mention.label in ("GPE", "ORG"):
            return "+".join(self.codes(mention)) or None
        if mention.label == "DATE":
            return self.date(mention).value
        return self.duration(mention).value if mention.label == "DURATION" else None

    def duration(self, mention: Mention) -> schema.Duration:
        """Normalise a DURATION mention."""
        value = mention.attributes.get("value")
        if value is None:
            value = durations.parse(self.extraction.surface(mention), self.language)
        return schema.Duration(evidence=self.evidence(mention), value=value)
