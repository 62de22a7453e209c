"""From mentions and relations to events: clusters of treaty mentions, merged steps, inherited parties, values.

Deterministic. Gold annotation goes through it too, without what mends a model's mistakes. Nothing here finds an event:
each event stands on a trigger and on relations that were given.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
import re
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import Literal, cast

from . import (
    bodies,
    clauses,
    countries,
    instruments,
    organisations,
    pairing,
    salience,
    schema,
    vocabulary,
)
from .extraction import Extraction, Mention
from .facts import Facts
from .judges import Judges, event_features
from .parties import Candidates, Table, choose

# Steps that each state takes for itself: parties of the treaty that do not take part in the step are not taken over.
UNILATERAL = frozenset({"accession"})
_RELATED: tuple[Literal["supersedes", "amends", "implements"], ...] = ("supersedes", "amends", "implements")
# A trigger's further instruments, besides the surest, are believed from this probability on.
_FURTHER = 0.8
# EDTF dates of a day, a month or a year: not the seasons, ranges and uncertain ones.
_PLAIN = re.compile(r"\d{4}(?:-(?:0\d|1[0-2])(?:-\d\d)?)?")
# Characters after a final clause in which a length of time still belongs to it.
_REACH = 60
_AGENT_KINDS: dict[str, Literal["person", "body", "role", "state"]] = {
    "PERSON": "person",
    "ORG": "body",
    "ROLE": "role",
    "GPE": "state",
}


@dataclasses.dataclass
class Step:
    """Triggers that were merged into one event.

    Attributes:
        triggers: by their index in the extraction, in text order.
        cluster: the instrument that it is a step of, by its first mention.
        retold: triggers that only hope for it, and say nothing more of it.
    """

    triggers: list[int]
    cluster: int
    retold: list[int] = dataclasses.field(default_factory=list)


class Assembler(Facts):
    """Assembles the events of one text.

    Args:
        extraction: mentions and relations.
        language: of the text, for values.
        published: publication date, for relative dates.
        calibration: slope and intercept on the log-odds of an event's raw score (see `training.calibrate`).
        least: confidence from which on an event is told.
        judges: of parties and events; None takes the links that hold, and an event's own score.
    """

    def __init__(
        self,
        extraction: Extraction,
        language: str | None = None,
        published: datetime.date | None = None,
        calibration: tuple[float, float] = (1.0, 0.0),
        least: float = 0.0,
        judges: Judges | None = None,
    ) -> None:
        super().__init__(extraction, language, published)
        self.calibration, self.least, self.judges = calibration, least, judges
        self.triggers_of: dict[int, list[int]] = {}
        for index in (i for i, m in enumerate(self.mentions) if m.is_trigger):
            for root in self._instruments(index):
                self.triggers_of.setdefault(root, []).append(index)

    def steps(self) -> list[Step]:
        """Merge triggers: one type, one instrument, one status, no conflict in date or actor."""
        steps: dict[tuple[str, str, int], list[Step]] = {}
        # A step is a step of some instrument: a trigger that is linked to none is not told as an event.
        for cluster, triggers in self.triggers_of.items():
            for index in triggers:
                attributes = self.mentions[index].attributes
                group = steps.setdefault((attributes["type"], attributes.get("status", "occurred"), cluster), [])
                step = next((s for s in group if self._same_step(s, index)), None)
                if step is None:
                    group.append(Step([index], cluster))
                else:
                    step.triggers.append(index)
        told = self._told_again([s for group in steps.values() for s in group])
        return sorted(told, key=lambda s: (s.triggers[0], s.cluster))

    def _told_again(self, steps: list[Step]) -> list[Step]:
        """Take a hope, fear or demand of a step for one more telling of it where the text tells that it was taken.

        `calls for ratification` adds no event to one that parliament ratified: it has no date, place, actor or parties
        of its own. A refusal is an event beside the step.
        """
        taken: dict[tuple[str, int], list[Step]] = {}
        for step in steps:
            if self._status(step) == "occurred":
                taken.setdefault((self._type(step), step.cluster), []).append(step)
        kept = []
        for step in steps:
            told = None
            if self._is_bare(step):
                codes = self._own_codes(step.triggers)
                same = taken.get((self._type(step), step.cluster), [])
                told = next((s for s in same if codes <= self._own_codes(s.triggers)), None)
            if told is None:
                kept.append(step)
            else:
                told.retold += step.triggers
        return kept

    def _type(self, step: Step) -> str:
        return self.mentions[step.triggers[0]].attributes["type"]

    def _status(self, step: Step) -> str:
        return self.mentions[step.triggers[0]].attributes.get("status", vocabulary.STATUSES[0])

    def _is_bare(self, step: Step) -> bool:
        """Tell whether a step that is only planned says neither when nor where nor by whom."""
        own = ("date", "place", "agent")
        return self._status(step) == "planned" and not any(self.linked(name, step.triggers) for name in own)

    def _instruments(self, trigger: int) -> list[int]:
        """Clusters of the instruments that a trigger is a step of: the surest, and others from `_FURTHER` on."""
        scores: dict[int, float] = {}
        for link in self.tails.get(("treaty", trigger), []):
            cluster = self.cluster_of[link.tail]
            scores[cluster] = max(scores.get(cluster, 0.0), link.score)
        best = max(scores, key=lambda c: (scores[c], -c), default=None)
        return sorted(c for c, score in scores.items() if c == best or score >= _FURTHER)

    def _same_step(self, step: Step, trigger: int) -> bool:
        """Tell whether a trigger may be another mention of a step: no other time, no other lone party."""
        mine, theirs = self._when([trigger]), self._when(step.triggers)
        if mine and theirs and not (mine.startswith(theirs) or theirs.startswith(mine)):
            return False
        own, other = self._own_codes([trigger]), self._own_codes(step.triggers)
        return not (len(own) == 1 and len(other) == 1 and own != other)

    def _when(self, triggers: list[int]) -> str | None:
        """The plain date of a step, whatever its precision: one that another begins with may be the same."""
        best = self.best("date", triggers)
        value = None if best is None else self.date(self.mentions[best]).value
        return value if value is not None and _PLAIN.fullmatch(value) else None

    def _own_codes(self, triggers: list[int]) -> set[str]:
        return {code for i in self.linked("party", triggers) for code in self.codes(self.mentions[i])}

    def candidates(self, step: Step, linked: Collection[str]) -> Table:
        """Describe what may be a party of a step.

        Args:
            step: one of `steps`.
            linked: codes of the parties that the links which hold give it.
        """
        others = [i for i in self.triggers_of[step.cluster] if i not in step.triggers]
        kind = self._type(step)
        return self._candidates.of(step.triggers, self.members[step.cluster], others, linked, kind)

    @cached_property
    def _candidates(self) -> Candidates:
        return Candidates(self)

    def _parties(self, step: Step, kind: str) -> tuple[schema.Party, ...]:
        linked = self._linked_parties(step, kind)
        if self.judges is None:
            return linked
        codes = {party.code for party in linked if party.code}
        chosen = choose(self.judges.parties, self.candidates(step, codes))
        # A party whose name resolves to no code is none of the candidates.
        kept = tuple(p for p in linked if p.code is None or p.code in chosen)
        told = {p.code for p in kept}
        further = sorted(mention for code, mention in chosen.items() if code not in told)
        return (*kept, *(p for p in self._party_list(further) if p.code in chosen and p.code not in told))

    def _linked_parties(self, step: Step, kind: str) -> tuple[schema.Party, ...]:
        found = self.linked("party", step.triggers)
        if not (kind in UNILATERAL and found):
            found += self.linked("party", self.members[step.cluster])
        parties = tuple(self._party_list(found))
        return parties if kind in UNILATERAL else self._bilateral(step, parties)

    def _bilateral(self, step: Step, parties: tuple[schema.Party, ...]) -> tuple[schema.Party, ...]:
        """Hold a step of a treaty between two to these two; who is named at another step only, is party here too.

        Which treaty is one of two is seen from all links to parties that its mentions and its steps have.
        """
        heads = [*self.members[step.cluster], *self.triggers_of[step.cluster]]
        scored = [
            {
                code: link.score
                for link in sorted(self.tails.get(("party", head), []), key=lambda r: r.score)
                for code in self.codes(self.mentions[link.tail])
            }
            for head in heads
        ]
        # What the step itself says counts twice.
        pair = pairing.pair(scored, [2.0 if head in step.triggers else 1.0 for head in heads])
        named = {p.code for p in parties if p.code}
        if pair is None:
            return parties
        if len(named) > 2 and pair <= named:
            return tuple(p for p in parties if p.code is None or p.code in pair)
        if len(named) < 2 and named <= pair:
            others = self._party_list(self.linked("party", heads))
            return (*parties, *(p for p in others if p.code in pair - named))
        return parties

    def _party_list(self, indexes: Sequence[int]) -> Iterable[schema.Party]:
        """Parties in the order found; a state named twice comes once, a compound adjective gives each of its states."""
        seen: set[str] = set()
        for index in dict.fromkeys(indexes):
            mention = self.mentions[index]
            codes = self.codes(mention)
            for code in codes:
                if code not in seen:
                    seen.add(code)
                    organisation = mention.label == "ORG" and countries.name(code) is None
                    name = organisations.name(code) if organisation else countries.name(code)
                    yield schema.Party(
                        evidence=self.evidence(mention), code=code, name=name, is_organisation=organisation
                    )
            surface = self.extraction.surface(mention).casefold()
            if not codes and surface not in seen:
                seen.add(surface)
                yield schema.Party(evidence=self.evidence(mention), is_organisation=mention.label == "ORG")

    def _agent(self, index: int) -> schema.Agent:
        mention = self.mentions[index]
        role = self.best("holds", [index])
        owners = self.linked("of", [index] if role is None else [index, role])
        named = mention if mention.label in ("ORG", "ROLE") else None if role is None else self.mentions[role]
        codes = tuple(dict.fromkeys(c for o in owners for c in self.codes(self.mentions[o])))
        return schema.Agent(
            evidence=self.evidence(mention),
            kind=_AGENT_KINDS[mention.label],
            role=None if role is None else self.evidence(self.mentions[role]),
            body=None if named is None else bodies.kind(self.extraction.surface(named)),
            countries=codes,
        )

    def _agents(self, step: Step) -> tuple[schema.Agent, ...]:
        found = self.linked("agent", step.triggers)
        # A role that some agent holds is that agent's, not one of its own.
        held = {r.tail for i in found for r in self.tails.get(("holds", i), [])}
        return tuple(self._agent(i) for i in found if i not in held)

    def _vote(self, members: Sequence[int], name: str) -> str | None:
        """The attribute value that a cluster's mentions agree on most, weighted by probability; `other` only alone."""
        weights: dict[str, float] = {}
        for i in members:
            value = self.mentions[i].attributes.get(name)
            if value is not None:
                weights[value] = weights.get(value, 0.0) + self.mentions[i].scores.get(name, 1.0)
        named = {v: w for v, w in weights.items() if v != "other"} or weights
        return max(named, key=lambda v: named[v]) if named else None

    def _related(self, members: Sequence[int]) -> Iterable[schema.RelatedTreaty]:
        for name in _RELATED:
            others: dict[int, list[int]] = {}
            for i in self.linked(name, members):
                if self.cluster_of[i] != self.cluster_of[members[0]]:
                    others.setdefault(self.cluster_of[i], []).append(i)
            for root, mentioned in others.items():
                dated = self.best("dated", self.members[root])
                yield schema.RelatedTreaty(
                    relation=name,
                    evidence=self.evidence(self.mentions[mentioned[0]]),
                    date=None if dated is None else self.date(self.mentions[dated]),
                )

    def _treaty(self, step: Step) -> schema.Treaty:
        members = self.members[step.cluster]
        linked = [i for i in self.linked("treaty", step.triggers) if i in members]
        name = max(members, key=lambda i: self.mentions[i].end - self.mentions[i].start)
        # The linked mention if it says more than a bare noun does ("agreement"), else the fullest one.
        own = max(linked, key=lambda i: self.mentions[i].end - self.mentions[i].start)
        if len(self.extraction.surface(self.mentions[own]).split()) < 2:
            own = name
        dated, term = self.best("dated", members), self.best("term", members)
        provisions = [self.mentions[i] for i in self.linked("provision", members)]
        kind = self._vote([own, *members], "kind")
        return schema.Treaty(
            name=self.extraction.surface(self.mentions[name]),
            evidence=self.evidence(self.mentions[own]),
            mentions=tuple(self.evidence(self.mentions[i]) for i in members),
            instrument=self._instrument(members, kind),
            kind=kind,
            domain=self._vote(members, "domain"),
            date=None if dated is None else self.date(self.mentions[dated]),
            term=None if term is None else self.duration(self.mentions[term]),
            renewal=self._renewal([p for p in provisions if p.attributes.get("topic") == "final_clauses"], term),
            provisions=tuple(
                schema.Provision(evidence=self.evidence(p), topic=p.attributes.get("topic")) for p in provisions
            ),
            related=tuple(self._related(members)),
        )

    def _instrument(self, members: Sequence[int], kind: str | None) -> str | None:
        """The well-known treaty that the mentions name; none if they name two."""
        surfaces = [self.extraction.surface(self.mentions[i]) for i in members]
        found = {known.code for s in surfaces if (known := instruments.resolve(s, self.language, kind))}
        return found.pop() if len(found) == 1 else None

    def _renewal(self, finals: Sequence[Mention], term: int | None) -> schema.Renewal | None:
        """Read the final clauses, each with what its sentence adds within a few words."""
        used: list[Mention] = []
        automatic: bool | None = None
        lengths: dict[bool, Mention] = {}
        text = self.extraction.text
        for clause in finals:
            said = clauses.read(self.extraction.surface(clause))
            if not (said.renewal or said.notice):
                continue
            used.append(clause)
            automatic = automatic or said.automatic or None
            reach = clause.end + len(re.split(r"[.;!?。;\n]", text[clause.end : clause.end + _REACH])[0])
            for index, mention in enumerate(self.mentions):
                if mention.label == "DURATION" and clause.start <= mention.start < reach and index != term:
                    before, after = text[clause.start : mention.start], text[mention.end : reach]
                    notice = said.notice and (not said.renewal or clauses.is_notice(before, after))
                    # Words between the clause and a length of time after it may speak of something else.
                    if notice or mention.start < clause.end:
                        lengths.setdefault(notice, mention)
        if not used:
            return None
        return schema.Renewal(
            evidence=tuple(self.evidence(clause) for clause in used),
            automatic=automatic,
            term=self.duration(lengths[False]) if False in lengths else None,
            notice=self.duration(lengths[True]) if True in lengths else None,
        )

    def _place(self, step: Step) -> schema.Place | None:
        best = self.best("place", step.triggers)
        if best is None:
            return None
        codes = self.codes(self.mentions[best])
        return schema.Place(evidence=self.evidence(self.mentions[best]), country=codes[0] if len(codes) == 1 else None)

    def _confidence(self, step: Step) -> float:
        """Calibrated probability that the event is right.

        The raw score is that of the surest trigger: its own probability times its status's and its instrument's.
        """
        best = 0.0
        for i in step.triggers:
            parts = [self.mentions[i].score, self.mentions[i].scores.get("status", 1.0)]
            parts += [max((r.score for r in self.tails.get(("treaty", i), [])), default=0.5)]
            best = max(best, math.prod(parts))
        best = min(max(best, 1e-6), 1 - 1e-6)
        slope, intercept = self.calibration
        return 1 / (1 + math.exp(-slope * math.log(best / (1 - best)) - intercept))

    def events(self) -> tuple[schema.TreatyEvent, ...]:
        """Assemble the events, in the order of their first triggers."""
        steps = self.steps()
        events = [self._event(step) for step in steps]
        if self.judges is not None and self.judges.events is not None:
            features = event_features(self, [(step.triggers, step.cluster) for step in steps], events)
            scores = self.judges.events.probabilities(features).tolist()
            # Of a type of a user's own the judge knows nothing.
            events = [
                event.model_copy(update={"confidence": score}) if event.type in vocabulary.EVENT_TYPES else event
                for event, score in zip(events, scores, strict=True)
            ]
        events = [event for event in events if event.confidence >= self.least]
        main = salience.main_event(events, self.published)
        return tuple(e.model_copy(update={"is_main": True}) if i == main else e for i, e in enumerate(events))

    def _event(self, step: Step) -> schema.TreatyEvent:
        trigger = self.mentions[step.triggers[0]]
        kind = self._type(step)
        date = self.best("date", step.triggers)
        levels = [self.mentions[i].attributes.get("level") for i in step.triggers]
        return schema.TreatyEvent(
            type=kind,
            status=cast("schema.Status", self._status(step)),
            level=cast("schema.Level | None", next((level for level in levels if level is not None), None)),
            trigger=self.evidence(trigger),
            mentions=tuple(self.evidence(self.mentions[i]) for i in sorted([*step.triggers, *step.retold])),
            treaty=self._treaty(step),
            parties=self._parties(step, kind),
            agents=self._agents(step),
            date=None if date is None else self.date(self.mentions[date], trigger.attributes.get("status")),
            place=self._place(step),
            confidence=self._confidence(step),
        )


def assemble(
    extraction: Extraction,
    language: str | None = None,
    published: datetime.date | None = None,
    calibration: tuple[float, float] = (1.0, 0.0),
    least: float = 0.0,
    judges: Judges | None = None,
) -> tuple[schema.TreatyEvent, ...]:
    """Assemble the events of one text; see `Assembler`."""
    return Assembler(extraction, language, published, calibration, least, judges).events()
