"""The treaty stories that the corpus tells: one record a treaty, gathered from the annotation of all its documents.

`python -m data.build` writes them to `data/stories.jsonl`. Nothing in a record comes from anywhere but the documents: a
story's parties are the states and organisations that they link to its treaty, its steps are their triggers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from treaty_events import vocabulary
from treaty_events.extraction import clusters

from .documents import AnnotatedDocument, Mention

# Stories of no treaty: texts close in topic that hold no event.
NO_EVENT: Final = "NEG-"
_CODES: Final = re.compile(r"[A-Z]{3}(?=-)")

Story = dict[str, Any]


class _Annotation:
    """One document's mentions and links, by what they are asked for."""

    def __init__(self, document: AnnotatedDocument) -> None:
        self.document = document
        self.mentions = {m.id: m for m in document.mentions}
        self.tails: dict[tuple[str, str], list[Mention]] = {}
        for link in document.relations:
            self.tails.setdefault((link.head, link.type), []).append(self.mentions[link.tail])
        treaties = [m.id for m in document.mentions if m.label == "TREATY"]
        same = [(link.head, link.tail) for link in document.relations if link.type == "same_as"]
        self.cluster = clusters(treaties, same)
        self.triggers = [m for m in document.mentions if m.label == vocabulary.TRIGGER]

    def linked(self, mention: Mention, relation: str) -> list[Mention]:
        return self.tails.get((mention.id, relation), [])

    def codes(self, mention: Mention, relation: str) -> set[str]:
        """Give the codes of the states and organisations that a mention is linked to."""
        values = (m.attributes.get("value") for m in self.linked(mention, relation))
        return {code for value in values if value for code in value.split("+")}

    def surface(self, mention: Mention) -> str:
        return self.document.text[mention.start : mention.end]

    def main_treaty(self) -> str | None:
        """Give the cluster that the document is about: whose parties the story's key names, then with most steps."""
        assert self.document.story is not None
        expected = set(_CODES.findall(self.document.story))
        steps: Counter[str] = Counter()
        shared: Counter[str] = Counter()
        for trigger in self.triggers:
            for treaty in self.linked(trigger, "treaty"):
                first = self.cluster[treaty.id]
                steps[first] += 1
                parties = self.codes(trigger, "party")
                shared[first] = max(shared[first], len(parties & expected) - len(parties - expected))
        return max(steps, key=lambda t: (shared[t] if expected else 0, steps[t]), default=None)


def main_treaty(document: AnnotatedDocument) -> frozenset[str]:
    """Give the ids of the mentions of the treaty that a document is about; empty if no step of a treaty is told."""
    annotation = _Annotation(document)
    main = annotation.main_treaty()
    return frozenset(mention for mention, first in annotation.cluster.items() if first == main)


def _step(annotation: _Annotation, trigger: Mention) -> tuple[str | None, ...]:
    date = next((m.attributes.get("value") for m in annotation.linked(trigger, "date")), None)
    place = next((annotation.surface(m) for m in annotation.linked(trigger, "place")), None)
    return trigger.attributes["type"], trigger.attributes["status"], date, place


def _common(values: Iterable[str | None]) -> str | None:
    counted = Counter(v for v in values if v)
    return min(counted, key=lambda v: (-counted[v], v), default=None)


def story(key: str, documents: Sequence[AnnotatedDocument]) -> Story:
    """Gather one story from its documents.

    Args:
        key: of the story.
        documents: all that tell it.

    Returns:
        A record with the same fields for every story; lists are sorted, and empty where the documents tell nothing.
    """
    kinds: list[str | None] = []
    domains: list[str | None] = []
    parties: set[str] = set()
    persons: set[str] = set()
    topics: set[str] = set()
    terms: set[str] = set()
    steps: set[tuple[str | None, ...]] = set()
    for document in documents:
        annotation = _Annotation(document)
        main = annotation.main_treaty()
        for treaty in (m for m in document.mentions if annotation.cluster.get(m.id, "") == main):
            kinds.append(treaty.attributes.get("kind"))
            domains.append(treaty.attributes.get("domain"))
            parties |= annotation.codes(treaty, "party")
            topics |= {m.attributes["topic"] for m in annotation.linked(treaty, "provision")}
            terms |= {m.attributes["value"] for m in annotation.linked(treaty, "term") if "value" in m.attributes}
        for trigger in annotation.triggers:
            if any(annotation.cluster[t.id] == main for t in annotation.linked(trigger, "treaty")):
                steps.add(_step(annotation, trigger))
                parties |= annotation.codes(trigger, "party")
                persons |= {annotation.surface(m) for m in annotation.linked(trigger, "agent") if m.label == "PERSON"}
    names = ("type", "status", "date", "place")
    ordered = sorted(steps, key=lambda s: (s[2] is None, s[2] or "", s[0] or "", s[1] or "", s[3] or ""))
    return {
        "key": key,
        "real": all(d.real is not False for d in documents),
        "split": documents[0].split,
        "kind": _common(kinds),
        "domain": _common(domains),
        "parties": sorted(parties),
        "steps": [dict(zip(names, step, strict=True)) for step in ordered],
        "dates": sorted({s[2] for s in steps if s[2]}),
        "places": sorted({s[3] for s in steps if s[3]}),
        "persons": sorted(persons),
        "provisions": sorted(topics),
        "terms": sorted(terms),
        "languages": sorted({d.lang for d in documents}),
        "documents": sorted(d.id for d in documents),
    }


def gather(documents: Iterable[AnnotatedDocument]) -> list[Story]:
    """Gather all stories, sorted by key."""
    told: dict[str, list[AnnotatedDocument]] = {}
    for document in documents:
        if document.story:
            told.setdefault(document.story, []).append(document)
    return [story(key, told[key]) for key in sorted(told)]
