"""States in their text: what an ambiguous name means is told by the other names beside it."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Final

from . import countries
from .extraction import Extraction, Mention
from .wordforms import fold

# Capitals of former states: today's code, the former one, and how the city is written (stems, folded).
_CAPITALS: Final = (
    (
        "RUS",
        "SUN",
        "mosc mosk moskv moszkv moscow moskow kremlin kreml cremlin москв маскв мәскеу крем μοσχ κρεμλ موسك مسك 莫斯科 "
        "モスクワ 모스크바 मॉस्को",
    ),
    ("SRB", "YUG", "belgrad beograd bělehrad белград београд бялград βελιγραδ بلغراد 贝尔格莱德 ベオグラード"),
    ("CZE", "CSK", "prag prah praag прага прагу праз прагой πραγ براغ 布拉格 プラハ 프라하"),
)  # fmt: skip


class Atlas:
    """The states that one text names.

    Args:
        extraction: its mentions.
        language: of the text.
    """

    def __init__(self, extraction: Extraction, language: str | None) -> None:
        self.extraction, self.language = extraction, language

    def read(self, mention: Mention) -> tuple[str, ...]:
        """Resolve a GPE mention.

        An ambiguous name (`Congo`) takes the one of its states that the text names without doubt elsewhere. A capital
        stands for the former state (`Moscow` for the Soviet Union) where the text names that one and not today's.

        Args:
            mention: of the text.

        Returns:
            Codes of states in order of appearance; empty if unsure.
        """
        surface = self.extraction.surface(mention)
        codes = countries.resolve(surface, self.language)
        if not codes:
            named = [c for c in countries.candidates(surface, self.language) if c in self._named]
            return (named[0],) if len(named) == 1 else ()
        for today, former, cities in _CAPITALS:
            if codes == (today,) and former in self._named and today not in self._named:
                text = fold(surface, self.language)
                if text.startswith(tuple(fold(city) for city in cities.split())):
                    return (former,)
        return codes

    @functools.cached_property
    def _named(self) -> frozenset[str]:
        """States that the text names without doubt, by more than a capital."""
        return frozenset(self._clear(m for m in self.extraction.mentions if m.label == "GPE"))

    def _clear(self, mentions: Iterable[Mention]) -> Iterable[str]:
        for mention in mentions:
            surface = self.extraction.surface(mention)
            text = fold(surface, self.language)
            for code in countries.resolve(surface, self.language):
                cities = next((c for today, _, c in _CAPITALS if today == code), "")
                if not (cities and text.startswith(tuple(fold(city) for city in cities.split()))):
                    yield code
