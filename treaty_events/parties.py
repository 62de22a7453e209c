"""Which states and organisations are parties to a step: links from everywhere in the text, weighed by fitted trees.

A link from the step's own words, from a mention of its treaty three sentences before and from another step of that
treaty each say something, and so do the offices of those who act. `training.parties` fits what each is worth on the
development split. Nothing is added without a link: what the model sees no sign of is no candidate.
"""

from __future__ import annotations

import dataclasses
import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from . import vocabulary
from .facts import Facts
from .trees import Trees

# Links below this probability are no sign of a party.
FLOOR: Final = 0.08
_NONE: Final = math.log(0.02 / 0.98)
_NO_LINK: Final = (_NONE, 1)
_FAR: Final = 3000
FEATURES: Final = (
    "step", "treaty", "other_steps", "in_treaty", "of_agent", "place", "organisation", "distance", "mentions", "share",
    "rank", "second", "third", "candidates", "linked", "all_linked", "type",
)  # fmt: skip


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 0.001), 0.999)
    return math.log(bounded / (1 - bounded))


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """Candidates for the parties of a step.

    Attributes:
        codes: of states and organisations, sorted.
        mentions: of each, the one with the surest link.
        features: shape (candidates, `FEATURES`).
    """

    codes: tuple[str, ...]
    mentions: tuple[int, ...]
    features: NDArray[np.float32]


class Candidates:
    """Looks for what may be a party in one text.

    Args:
        facts: of the text's extraction.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        mentions = facts.mentions
        self.codes = {i: facts.codes(m) for i, m in enumerate(mentions) if m.label in ("GPE", "ORG")}
        self.counts = Counter(code for codes in self.codes.values() for code in codes)
        self.organisations = {c for i, codes in self.codes.items() if mentions[i].label == "ORG" for c in codes}
        # Where each code is named: starts and ends, in text order.
        self.places: dict[str, tuple[list[int], list[int]]] = {}
        for i, codes in self.codes.items():
            for code in codes:
                starts, ends = self.places.setdefault(code, ([], []))
                starts.append(mentions[i].start)
                ends.append(mentions[i].end)
        self.nested: dict[int, frozenset[str]] = {}
        # Head -> mention -> probability. What holds is a sign too, however improbable.
        self.links: dict[int, dict[int, float]] = {}
        for link in facts.extraction.candidates:
            self.links.setdefault(link.head, {})[link.tail] = link.score
        for link in facts.extraction.relations:
            if link.type == "party":
                tails = self.links.setdefault(link.head, {})
                tails[link.tail] = max(tails.get(link.tail, 0.0), link.score, FLOOR)

    def _strongest(self, heads: Sequence[int]) -> dict[str, tuple[float, int]]:
        """Each code's surest link from any of some heads: log-odds, and minus the mention (the earliest of equals)."""
        found: dict[str, tuple[float, int]] = {}
        for head in heads:
            for tail, score in self.links.get(head, {}).items():
                for code in self.codes.get(tail, ()):
                    found[code] = max(found.get(code, _NO_LINK), (_log_odds(score), -tail))
        return found

    def _named_inside(self, members: Sequence[int]) -> frozenset[str]:
        """Codes that are named within a mention of a treaty."""
        if members[0] not in self.nested:
            spans = [(self.facts.mentions[i].start, self.facts.mentions[i].end) for i in members]
            self.nested[members[0]] = frozenset(
                code
                for code, (starts, ends) in self.places.items()
                for start, end in spans
                if any(ends[i] <= end for i in range(bisect_left(starts, start), bisect_left(starts, end)))
            )
        return self.nested[members[0]]

    def _gap(self, code: str, triggers: Sequence[int]) -> int:
        """Characters from the nearest mention of a code to the nearest trigger."""
        starts, ends = self.places[code]
        best = _FAR
        for trigger in triggers:
            mention = self.facts.mentions[trigger]
            after = bisect_left(starts, mention.start)
            if after < len(starts):
                best = min(best, max(0, starts[after] - mention.end))
            if after:
                best = min(best, max(0, mention.start - ends[after - 1]))
        return best

    def _acting(self, triggers: Sequence[int]) -> set[str]:
        """States and organisations that a step's agents are, or belong to."""
        agents = self.facts.linked("agent", triggers)
        offices = self.facts.linked("holds", agents)
        acting = [*agents, *offices]
        return {code for i in [*acting, *self.facts.linked("of", acting)] for code in self.codes.get(i, ())}

    def of(
        self, triggers: Sequence[int], members: Sequence[int], others: Sequence[int], linked: Collection[str], kind: str
    ) -> Table:
        """Describe what may be a party of one step.

        Args:
            triggers: of the step, by their index in the extraction.
            members: mentions of its treaty.
            others: triggers of other steps of that treaty.
            linked: codes of the parties that the links which hold give.
            kind: event type.

        Returns:
            The candidates, each with its mention and its features.
        """
        facts = self.facts
        signs = [self._strongest(heads) for heads in (triggers, members, others)]
        codes = sorted({code for sign in signs for code, (odds, _) in sign.items() if odds >= _log_odds(FLOOR)})
        if not codes:
            return Table((), (), np.zeros((0, len(FEATURES)), np.float32))
        odds = {code: [sign.get(code, _NO_LINK)[0] for sign in signs] for code in codes}
        strength = {code: max(odds[code][:2]) + 0.5 * min(odds[code][:2]) for code in codes}
        order = sorted(codes, key=lambda code: -strength[code])
        rank = {code: i for i, code in enumerate(order)}
        best = [max(odds[code][:2]) for code in order] + [_NONE, _NONE]
        acting, place = self._acting(triggers), facts.best("place", triggers)
        there = set(() if place is None else self.codes.get(place, ()))
        inside = self._named_inside(members)
        total = sum(self.counts.values())
        types = tuple(vocabulary.EVENT_TYPES)
        index = types.index(kind) if kind in types else len(types)
        rows = [
            [
                *odds[code], code in inside, code in acting, code in there, code in self.organisations,
                math.log1p(self._gap(code, triggers)), math.log1p(self.counts[code]), self.counts[code] / total,
                min(rank[code], 6), best[1], best[2], len(codes), code in linked, len(linked), index,
            ]
            for code in codes
        ]  # fmt: skip
        tails = tuple(-max(sign.get(code, _NO_LINK) for sign in signs)[1] for code in codes)
        return Table(tuple(codes), tails, np.asarray(rows, np.float32))


def choose(judge: Trees, table: Table) -> dict[str, int]:
    """Choose the parties of a step; gives each one's code and mention."""
    likely = judge.probabilities(table.features) >= judge.least
    return {c: m for c, m, yes in zip(table.codes, table.mentions, likely.tolist(), strict=True) if yes}
