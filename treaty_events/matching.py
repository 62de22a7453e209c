"""What one article says of one treaty, and how much speaks for two articles telling of the same one."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from . import countries
from .schema import Document, Treaty, TreatyEvent
from .treaties import Source

# Points for two articles that give a well-known treaty its name.
_NAMED: Final = 10.0
_CLOSE_DOMAINS: Final = frozenset({"defence", "security", "political"})
_WORD: Final = re.compile(r"[^\W\d_]+")


@dataclasses.dataclass(frozen=True, slots=True)
class Fact:
    """One event with what is asked of it again and again."""

    event: TreatyEvent
    source: Source
    codes: tuple[str, ...]
    place: str | None


@dataclasses.dataclass(slots=True)
class Record:
    """What one article says of one treaty.

    Attributes:
        document: id of the article.
        number: of the treaty in the article.
        language: of the article.
        published: of the article.
        treaty: the instrument as the article has it.
        facts: its events.
        parties: codes of all its events' parties.
        signed: EDTF dates of its signing, and those by which it is known.
        dates: (event type, EDTF day) of its other steps.
        words: of its names, folded.
        toponyms: codes of the places in its names.
        kind: of the instrument.
        domain: of the instrument.
        instrument: code of a well-known treaty.
    """

    document: str
    number: int
    language: str | None
    published: datetime.date | None
    treaty: Treaty | None
    facts: list[Fact]
    parties: frozenset[str] = frozenset()
    signed: tuple[str, ...] = ()
    dates: frozenset[tuple[str, str]] = frozenset()
    words: frozenset[str] = frozenset()
    toponyms: frozenset[str] = frozenset()
    kind: str | None = None
    domain: str | None = None
    instrument: str | None = None


def records(document: Document, number: int = 0) -> list[Record]:
    """Take an article's events apart by treaty.

    Args:
        document: a read article.
        number: names the article where it has no id.

    Returns:
        One record a treaty, in text order. Events without a treaty get a record each.
    """
    name = document.id if document.id is not None else f"document-{number}"
    groups: dict[Any, list[Fact]] = {}
    for index, event in enumerate(document.events):
        source = Source(
            document=name,
            event=index,
            language=document.language,
            published=document.published,
            trigger=event.trigger,
            status=event.status,
            date=event.date.value if event.date else None,
            confidence=event.confidence,
        )
        place = event.place.evidence.text if event.place else None
        key: Any = ("treaty", event.treaty.mentions) if event.treaty else ("event", index)
        groups.setdefault(key, []).append(Fact(event, source, event.party_codes, place))
    return [_record(name, i, document, facts) for i, facts in enumerate(groups.values())]


def _record(name: str, number: int, document: Document, facts: list[Fact]) -> Record:
    treaty = facts[0].event.treaty
    signed = [f.source.date for f in facts if f.event.type == "signature" and f.event.status == "occurred"]
    if treaty is not None and treaty.date is not None:
        signed.append(treaty.date.value)
    names = [treaty.name] if treaty else []
    words = {w for n in names for w in _WORD.findall(n.casefold()) if len(w) > 3}
    toponyms = {c for n in names for w in _WORD.findall(n) for c in countries.resolve(w, document.language)}
    return Record(
        document=name,
        number=number,
        language=document.language,
        published=document.published,
        treaty=treaty,
        facts=facts,
        parties=frozenset(code for f in facts for code in f.codes),
        signed=tuple(dict.fromkeys(s for s in signed if s)),
        dates=frozenset((f.event.type, f.source.date) for f in facts if f.source.date and len(f.source.date) == 10),
        words=frozenset(words),
        toponyms=frozenset(toponyms),
        kind=treaty.kind if treaty else None,
        domain=treaty.domain if treaty else None,
        instrument=treaty.instrument if treaty else None,
    )


class Group:
    """Records that were found to be of one treaty, and what they agree on."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.parties: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.domains: Counter[str] = Counter()
        self.signed: Counter[str] = Counter()
        self.dates: set[tuple[str, str]] = set()
        self.names: set[frozenset[str]] = set()
        self.toponyms: set[str] = set()
        self.published: list[datetime.date] = []
        self.instruments: Counter[str] = Counter()
        self._with_parties = 0

    def add(self, record: Record) -> None:
        """Take a record in."""
        self.records.append(record)
        self.parties.update(record.parties)
        self._with_parties += bool(record.parties)
        if record.instrument:
            self.instruments[record.instrument] += 1
        if record.kind:
            self.kinds[record.kind] += 1
        if record.domain:
            self.domains[record.domain] += 1
        self.signed.update(record.signed)
        self.dates |= record.dates
        if record.words:
            self.names.add(record.words)
        self.toponyms |= record.toponyms
        if record.published:
            self.published.append(record.published)

    def codes(self) -> frozenset[str]:
        """The parties that at least half of the records have that name any; all where that leaves fewer than two."""
        kept = frozenset(c for c, n in self.parties.items() if 2 * n >= self._with_parties)
        return kept if len(kept) > 1 else frozenset(self.parties)


def agree(left: str, right: str) -> float:
    """Say how far two EDTF dates agree: 1 the same day, 0.5 one within the other, -1 apart, 0 if that is unclear."""
    if left == right:
        return 1.0 if len(left) == 10 else 0.5
    if "/" in left or "/" in right:
        spans = sorted((tuple(date.split("/")) if "/" in date else (date, date)) for date in (left, right))
        return 0.5 if spans[1][0][: len(spans[0][1])] <= spans[0][1] else -0.5
    if "X" in left or "X" in right:
        return 0.0
    if left.startswith(right) or right.startswith(left):
        return 0.5
    if len(left) == len(right) == 10:
        days = abs((datetime.date.fromisoformat(left) - datetime.date.fromisoformat(right)).days)
        # Reports are a day off often enough.
        return 0.3 if days <= 1 else -0.5 if days <= 31 else -1.0
    return -0.5 if left[:4] == right[:4] else -1.0


def _party_points(mine: frozenset[str], theirs: frozenset[str]) -> float | None:
    """Points for the parties; None if they rule each other out."""
    if not mine or not theirs:
        return 0.0
    common = mine & theirs
    if mine == theirs:
        return 2.0 if len(mine) > 1 else 0.5
    if len(mine) > 1 and len(theirs) > 1:
        if common in (mine, theirs):
            # One article may leave a party out; a treaty of two is not one of many.
            return 1.2 if len(mine | theirs) - len(common) == 1 else -0.5 if len(common) == 2 else 0.5
        return 0.8 if len(common) > 1 else None if len(mine | theirs) < 5 else -0.5
    return 0.5 if common else -0.3


def _word_points(words: frozenset[str], names: Iterable[frozenset[str]]) -> float:
    """Points for what the treaty is called; names of other languages share no words and say nothing."""
    best = max((len(words & name) / len(words | name) for name in names if words and name), default=0.0)
    return 1.5 if best >= 0.6 else 0.6 if best >= 0.3 else 0.0


def _too_early(record: Record, signed: Iterable[str]) -> bool:
    """Tell whether an article had a step as done long before the treaty was signed."""
    last = str(record.published.year - 1) if record.published else ""
    done = any(f.event.status == "occurred" and f.event.type not in ("negotiation", "approval") for f in record.facts)
    return done and any(day[:4] > last and day[:4].isdigit() and int(day[:4]) > int(last) + 2 for day in signed)


def affinity(record: Record, group: Group) -> float | None:
    """Say how much speaks for one treaty; None if something rules it out."""
    if record.instrument and group.instruments:
        return _NAMED if record.instrument in group.instruments else None
    points = _party_points(record.parties, group.codes())
    if points is None:
        return None
    dated = [agree(a, b) for a in record.signed for b in group.signed]
    if dated:
        best = max(dated)
        points += {1.0: 3.0, 0.5: 1.5, 0.3: 1.0, 0.0: 0.0, -0.5: -1.5}.get(best, -4.0)
    shared = sum(date in group.dates for date in record.dates if date[0] != "signature")
    points += 1.5 * min(shared, 2)
    if record.domain and group.domains:
        top = group.domains.most_common(1)[0][0]
        if record.domain in group.domains:
            points += 1.0
        elif "other" not in (record.domain, top):
            # On a visit many treaties are signed on one day: the subject tells them apart.
            points -= 0.3 if {record.domain, top} <= _CLOSE_DOMAINS else 2.0 if dated and max(dated) == 1 else 1.0
    if record.kind and group.kinds:
        if record.kind in group.kinds:
            points += 0.4
        elif "protocol" in (record.kind, group.kinds.most_common(1)[0][0]):
            points -= 1.5
    points += _word_points(record.words, group.names)
    mine, theirs = record.toponyms - record.parties, group.toponyms - set(group.parties)
    if mine and theirs:
        points += 1.0 if mine & theirs else -0.5
    if record.published and group.published:
        days = min(abs((record.published - day).days) for day in group.published)
        points += 1.0 if days <= 45 else 0.3 if days <= 400 else -0.5 if days > 1500 and not dated else 0.0
    if not dated and record.published and _too_early(record, group.signed):
        points -= 2.5
    return points


def blocks(record: Record) -> list[str]:
    """Keys under which a record may meet others of its treaty."""
    parties = sorted(record.parties)
    keys = [f"{a}-{b}" for a, b in itertools.combinations(parties[:8], 2)]
    keys += [record.instrument] if record.instrument else []
    keys += [f"in {c}" for c in sorted(record.toponyms - record.parties)]
    if len(parties) < 2 or len(parties) > 3:
        keys += [f"word {w}" for w in sorted(record.words) if len(w) > 5]
        keys += [f"{name} {day}" for name, day in sorted(record.dates)]
    return keys
