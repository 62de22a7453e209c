"""Dossiers: the events of many articles merged into treaties, each with its steps in order, its sources and conflicts.

Two articles tell of one treaty if parties, dates, subject, kind and name fit, whatever language they are in. Articles
are added one by one, at any time, and compared only with dossiers that share a pair of parties or a name: the work
grows with the number of articles, not with its square.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Literal

from . import instruments, vocabulary
from .matching import Fact, Group, Record, affinity, agree, blocks, records
from .schema import Document
from .treaties import Conflict, Dossier, Name, Step, Supported, treaty_key

# What a record and a dossier need to have in common, in the points that `affinity` gives, to be one treaty.
THRESHOLD: Final = 2.0
# Dossiers of one block that a record is compared with at most, latest first: a guard against blocks without end.
_COMPARED: Final = 400
_STAGES: Final = {name: i for i, name in enumerate(vocabulary.EVENT_TYPES)}
_RANK: Final = {"occurred": 2, "rejected": 1, "planned": 0}
# Steps that a treaty takes once; the others can come back (two chambers ratify, a term is extended twice).
_ONCE: Final = frozenset({"signature", "entry_into_force"})
# Steps that the parties take together, whoever's minister the article names.
_JOINT: Final = frozenset({"negotiation", "adoption", "signature", "entry_into_force", "amendment", "extension"})
_Field = Literal["date", "kind", "domain", "term", "parties"]


class DossierBuilder:
    """Merges articles into dossiers, one article after the other.

    Example::

        builder = DossierBuilder()
        for document in documents:
            builder.add(document)
        dossiers = builder.dossiers()

    Args:
        threshold: points from which on a record joins a dossier; more makes more and purer dossiers.
    """

    def __init__(self, threshold: float = THRESHOLD) -> None:
        self.threshold = threshold
        self._groups: dict[int, Group] = {}
        self._blocks: dict[str, list[int]] = {}
        self._changed: set[int] = set()
        self._number = self._added = 0

    def add(self, document: Document) -> None:
        """Merge an article's events.

        Args:
            document: a read article; give it an `id` that is its own, or it is named by its number.
        """
        found = [(record, blocks(record)) for record in records(document, self._added)]
        # Two treaties of one article are two treaties (its author knew them apart), so each dossier takes one of them,
        # the one that fits best.
        fits = sorted(
            (
                (-points, index, number)
                for index, (record, keys) in enumerate(found)
                for number, points in self._fitting(record, self._near(keys))
            ),
        )
        homes: dict[int, int] = {}
        for _, index, number in fits:
            if index not in homes and number not in homes.values():
                homes[index] = number
        for index, (record, keys) in enumerate(found):
            self._place(record, keys, homes.get(index))
        self._added += 1

    def _place(self, record: Record, keys: Sequence[str], home: int | None) -> None:
        if home is None:
            home = self._number
            self._groups[home] = Group()
            self._number += 1
        self._groups[home].add(record)
        self._file(keys, home)
        self._changed.add(home)

    def _near(self, keys: Sequence[str]) -> set[int]:
        """Groups that share a block: of those in most blocks, the latest."""
        near = Counter(n for key in keys for n in self._blocks.get(key, ())[-_COMPARED:] if n in self._groups)
        return set(sorted(near, key=lambda n: (-near[n], -n))[:_COMPARED])

    def _fitting(self, record: Record, near: set[int]) -> Iterator[tuple[int, float]]:
        """Give the groups that a record may join, with its points."""
        for number in near:
            points = affinity(record, self._groups[number])
            if points is not None and points > self.threshold:
                yield number, points

    def _file(self, keys: Sequence[str], number: int) -> None:
        for key in keys:
            block = self._blocks.setdefault(key, [])
            if number not in block[-_COMPARED:]:
                block.append(number)

    def _settle(self) -> None:
        """Merge groups that fit now: a late article can tell that two early ones meant the same treaty."""
        for number in sorted(self._changed):
            group = self._groups.get(number)
            if group is None:
                continue
            keys = [key for record in group.records for key in blocks(record)]
            documents = {r.document for r in group.records}
            for other in sorted(self._near(list(dict.fromkeys(keys))) - {number}):
                theirs = self._groups[other]
                if documents & {r.document for r in theirs.records} or not self._fits(group, theirs):
                    continue
                first, second = sorted((number, other))
                for record in self._groups.pop(second).records:
                    self._groups[first].add(record)
                    self._file(blocks(record), first)
                break
        self._changed.clear()

    def _fits(self, one: Group, other: Group) -> bool:
        small, large = sorted((one, other), key=lambda g: len(g.records))
        points = [affinity(record, large) for record in small.records]
        return None not in points and sum(p for p in points if p is not None) > len(points) * self.threshold

    def groups(self) -> list[Group]:
        """Give the records that belong together, in the order in which the first of each came."""
        self._settle()
        return [self._groups[number] for number in sorted(self._groups)]

    def dossiers(self) -> list[Dossier]:
        """Give the dossiers so far, in the order in which their first articles came; keys are unique."""
        seen: Counter[str] = Counter()
        built = []
        for group in self.groups():
            dossier = _dossier(group)
            seen[dossier.key] += 1
            if seen[dossier.key] > 1:
                dossier = dossier.model_copy(update={"key": f"{dossier.key}-{seen[dossier.key]}"})
            built.append(dossier)
        return built


def build_dossiers(documents: Iterable[Document], threshold: float = THRESHOLD) -> list[Dossier]:
    """Merge the events of many articles into dossiers; see `DossierBuilder`.

    Args:
        documents: read articles, in any languages. Each should have an `id`.
        threshold: points from which on a record joins a dossier.

    Returns:
        One dossier a treaty, in the order of its first article.
    """
    builder = DossierBuilder(threshold)
    for document in documents:
        builder.add(document)
    return builder.dossiers()


def _dossier(group: Group) -> Dossier:
    parties = tuple(sorted(group.codes()))
    kind, kinds = _most(group, lambda r: r.kind)
    domain, domains = _most(group, lambda r: r.domain)
    term, terms = _most(group, lambda r: r.treaty.term.value if r.treaty and r.treaty.term else None)
    renewals = [r.treaty.renewal for r in group.records if r.treaty and r.treaty.renewal]
    renewed = [r.term.value for r in renewals if r.term and r.term.value]
    steps = _steps(group, parties)
    done = {s.type: s.date for s in reversed(steps) if s.status == "occurred" and s.date}
    signed = done.get("signature") or next((s for s, _ in group.signed.most_common(1)), None)
    topics = Counter(
        topic for r in group.records if r.treaty for topic in {p.topic for p in r.treaty.provisions if p.topic}
    )
    told: tuple[tuple[_Field, tuple[Supported, ...]], ...] = (
        ("kind", kinds),
        ("domain", domains),
        ("term", terms),
    )
    conflicts = [Conflict(field=name, values=values) for name, values in told if len(values) > 1]
    known = instruments.lookup(group.instruments.most_common(1)[0][0]) if group.instruments else None
    return Dossier(
        key=treaty_key(parties, kind, domain, signed) if known is None else f"{known.code}_{known.date[:4]}",
        instrument=None if known is None else known.code,
        parties=parties,
        names=_names(group),
        kind=kind,
        domain=domain,
        signed=signed,
        in_force=done.get("entry_into_force"),
        term=term,
        renews_itself=any(r.automatic for r in renewals),
        renewal_term=Counter(renewed).most_common(1)[0][0] if renewed else None,
        topics=tuple(sorted(topics, key=lambda t: (-topics[t], t))),
        steps=steps,
        documents=tuple(sorted({r.document for r in group.records})),
        conflicts=tuple(conflicts),
    )


def _most(group: Group, get: Callable[[Record], str | None]) -> tuple[str | None, tuple[Supported, ...]]:
    """The value with most documents behind it (`other` only alone), and all values with their documents."""
    found: dict[str, set[str]] = {}
    for record in group.records:
        if value := get(record):
            found.setdefault(value, set()).add(record.document)
    ordered = sorted(found, key=lambda v: (v == "other", -len(found[v]), v))
    values = tuple((v, tuple(sorted(found[v]))) for v in ordered if v != "other")
    return (ordered[0] if ordered else None), values


def _names(group: Group) -> tuple[Name, ...]:
    counted = Counter((r.treaty.name, r.language) for r in group.records if r.treaty)
    return tuple(
        Name(text=text, language=language, articles=n)
        for (text, language), n in sorted(counted.items(), key=lambda pair: (-pair[1], -len(pair[0][0]), pair[0][0]))
    )


def _steps(group: Group, parties: tuple[str, ...]) -> tuple[Step, ...]:
    """Merge the events of all records into steps."""
    merged: list[list[Fact]] = []
    facts = [fact for record in group.records for fact in record.facts]
    # What happened first, the surest dates first: plans then find the step that they were fulfilled by.
    facts.sort(key=lambda f: (-_RANK[f.event.status], f.source.date is None, f.source.date or "", f.source.document))
    for fact in facts:
        home = next((step for step in merged if _one_step(step, fact, parties)), None)
        if home is None:
            merged.append([fact])
        else:
            home.append(fact)
    steps = [_step(step, parties) for step in merged]
    return tuple(sorted(steps, key=_order))


def _order(step: Step) -> tuple[bool, str, int, str, str]:
    """Where a step stands among the others: by its date, then its stage; types of a model's own are the last stage."""
    return step.date is None, step.date or "", _STAGES.get(step.type, len(_STAGES)), step.type, step.status


def _alone(fact: Fact, parties: Iterable[str]) -> frozenset[str]:
    """The states that took a step by themselves: fewer than the treaty has parties."""
    codes = frozenset(fact.codes)
    if fact.event.type in _JOINT:
        return codes if len(codes) == 1 and not codes >= frozenset(parties) else frozenset()
    acting = frozenset(c for agent in fact.event.agents for c in agent.countries)
    own = acting & codes if acting else codes
    return own if len(own) == 1 and not own >= frozenset(parties) else frozenset()


def _one_step(step: Sequence[Fact], fact: Fact, parties: tuple[str, ...]) -> bool:
    first = step[0]
    if first.event.type != fact.event.type:
        return False
    levels = {f.event.level for f in (*step, fact) if f.event.level}
    if len(levels) > 1:
        return False
    mine, theirs = _alone(fact, parties), frozenset().union(*(_alone(f, parties) for f in step))
    if mine and theirs and mine != theirs:
        return False
    dates = [(agree(fact.source.date, f.source.date)) for f in step if fact.source.date and f.source.date]
    if "rejected" in (fact.event.status, first.event.status) and fact.event.status != first.event.status:
        return False
    if fact.event.status == "planned" and first.event.status == "occurred":
        # A plan is fulfilled by a step that came after it was told, or on the day that it named.
        told = fact.source.published
        fits = any(d > 0 for d in dates)
        day = next((f.source.date for f in step if f.source.date), None)
        return fits or (not dates and told is not None and day is not None and day >= told.isoformat()[: len(day)])
    if not dates:
        return True
    return max(dates) > 0 or (first.event.type in _ONCE and first.event.status == fact.event.status)


def _step(facts: list[Fact], parties: tuple[str, ...]) -> Step:
    reported = [f for f in facts if f.event.status == facts[0].event.status]
    dated: dict[str, set[str]] = {}
    for fact in reported:
        if fact.source.date:
            dated.setdefault(fact.source.date, set()).add(fact.source.document)
    # A year supports every day in it: the finest of the best supported.
    support = {d: set().union(*(docs for e, docs in dated.items() if d.startswith(e))) for d in dated}
    ordered = sorted(support, key=lambda d: (-len(support[d]), -len(d), d))
    apart = [d for d in ordered if all(agree(d, e) <= 0.3 for e in ordered if e != d and len(e) >= len(d))]
    conflict = Conflict(field="date", values=tuple((d, tuple(sorted(dated[d]))) for d in apart))
    places = Counter(f.place for f in reported if f.place)
    agents = Counter(a.evidence.text for f in reported for a in f.event.agents if a.kind != "state")
    doubt = 1.0
    for fact in reported:
        doubt *= 1 - fact.source.confidence
    sources = sorted((f.source for f in facts), key=lambda s: (s.published is None, s.published, s.document, s.event))
    return Step(
        type=facts[0].event.type,
        status=facts[0].event.status,
        level=next((f.event.level for f in facts if f.event.level), None),
        actors=tuple(sorted(frozenset().union(*(_alone(f, parties) for f in facts)))),
        date=ordered[0] if ordered else None,
        place=places.most_common(1)[0][0] if places else None,
        agents=tuple(sorted(agents, key=lambda a: (-agents[a], a))),
        sources=tuple(sources),
        conflicts=(conflict,) if len(apart) > 1 else (),
        confidence=1 - doubt,
    )
