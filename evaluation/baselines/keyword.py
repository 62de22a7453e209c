"""Rules, as a day of work gives them: lists of words, the nearest names, the nearest date.

A word for a step (`keyword.tsv`) in a text that has a word for an instrument, in that sentence or before it, is an
event; treaty, parties and date are the nearest, the latter two as the package's tables know them. Nothing is learned,
and nothing is known of a language that the list leaves out: its texts get no events. No place and no agents are given.
The rules were chosen on the development split; test split and real texts were not looked at.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from importlib import resources
from typing import Final

from evaluation.gold import EventDocument, EventRecord
from treaty_events.extraction import Mention
from treaty_events.wordforms import fold, proclitic_variants

from .gazetteer import UNSPACED, Span, find_dates, names, sentences, words
from .nearest import nearest_events

TABLE: Final = "keyword.tsv"


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A row's word or words.

    Attributes:
        group: `kind` or `domain` of an instrument, `type` or `status` of a step.
        value: which one.
        stems: folded words one after the other; with a star, any ending may follow.
    """

    group: str
    value: str
    stems: tuple[str, ...]


@functools.cache
def lexicon() -> dict[str, tuple[Entry, ...]]:
    """Read the list of words: entries by language, the longest first."""
    table = resources.files("evaluation.baselines") / TABLE
    entries: dict[str, list[Entry]] = {}
    for line in table.read_text(encoding="utf-8").splitlines()[1:]:
        language, group, value, forms = line.split("\t")
        for form in forms.split(", "):
            stems = tuple(fold(stem, language) for stem in form.split())
            entries.setdefault(language, []).append(Entry(group, value, stems))
    return {
        language: tuple(sorted(rows, key=lambda e: (-len(e.stems), -len("".join(e.stems)))))
        for language, rows in entries.items()
    }


def _fits(entry: Entry, words: tuple[tuple[str, ...], ...]) -> bool:
    """Tell whether an entry's stems are the first words, each given in its folded variants."""
    if len(entry.stems) > len(words):
        return False
    return all(
        any(form.startswith(stem[:-1]) if stem.endswith("*") else form == stem for form in forms)
        for stem, forms in zip(entry.stems, words, strict=False)
    )


def _in_words(text: str, language: str, span: Span) -> Iterator[tuple[Span, Entry]]:
    """Look up every word of a sentence; of entries of one group the longest counts."""
    spans = words(text, span)
    folded = [fold(text[slice(*s)], language) for s in spans]
    forms = [proclitic_variants(language, word) for word in folded]
    longest = max(len(entry.stems) for entry in lexicon()[language])
    for i, (start, _) in enumerate(spans):
        groups: set[str] = set()
        for entry in lexicon()[language]:
            if entry.group not in groups and _fits(entry, tuple(forms[i : i + longest])):
                groups.add(entry.group)
                yield (start, spans[i + len(entry.stems) - 1][1]), entry


def _in_characters(text: str, language: str, span: Span) -> Iterator[tuple[Span, Entry]]:
    """Look up every character run of a sentence without spaces."""
    for start in range(*span):
        groups: set[str] = set()
        for entry in lexicon()[language]:
            word = entry.stems[0].rstrip("*")
            if entry.group not in groups and text.startswith(word, start, span[1]):
                groups.add(entry.group)
                yield (start, start + len(word)), entry


def _nearest(place: Span, cues: list[tuple[Span, str]], reach: int) -> str | None:
    """Value of the nearest cue within reach, in characters."""
    near = [(max(cue[0] - place[1], place[0] - cue[1], 0), value) for cue, value in cues]
    distance, value = min(near, default=(reach, ""))
    return value if distance < reach else None


class KeywordRules:
    """The rules.

    Attributes:
        status_reach: characters around a step in which a word may say that it is planned or rejected.
        domain_reach: characters around an instrument in which a word may say what it is about.
    """

    status_reach = 40
    domain_reach = 200

    def _sentence(self, text: str, language: str, span: Span) -> Iterator[Mention]:
        """Find triggers and treaties."""
        found: dict[str, list[tuple[Span, str]]] = {"kind": [], "type": [], "status": [], "domain": []}
        for place, entry in (_in_characters if language in UNSPACED else _in_words)(text, language, span):
            found[entry.group].append((place, entry.value))
        for place, kind in found["kind"]:
            attributes = {"kind": kind, "domain": _nearest(place, found["domain"], self.domain_reach)}
            yield Mention(*place, "TREATY", attributes={k: v for k, v in attributes.items() if v is not None})
        for place, step in found["type"]:
            status = _nearest(place, found["status"], self.status_reach) or "occurred"
            yield Mention(*place, "TRIGGER", attributes={"type": step, "status": status})

    def predict(self, document: EventDocument) -> list[EventRecord]:
        """Give the events of a text; none in a language without words."""
        text, language = document.text, document.lang
        if language not in lexicon():
            return []
        mentions: list[Mention] = []
        for span in sentences(text):
            here = list(self._sentence(text, language, span))
            mentions += here + names(text, language, span)
            if any(mention.is_trigger for mention in here):
                mentions += find_dates(text, language, span, document.published)
        events = nearest_events(text, mentions, language, document.published)
        # All rules are equally sure of themselves.
        return [{key: value for key, value in event.items() if key != "confidence"} for event in events]
