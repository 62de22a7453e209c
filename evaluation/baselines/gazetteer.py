"""Names of states and organisations, and dates, found in a text by trying its words on the tables of the package."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Final

from treaty_events import countries, dates, organisations
from treaty_events.extraction import Mention
from treaty_events.wordforms import WORD

Span = tuple[int, int]
# Scripts without spaces: every run of characters may be a name.
UNSPACED: Final = frozenset(("zh", "ja"))
_SENTENCE: Final = re.compile(r"(?:[^.!?\n…。！？।]|[.](?=\S))+")
_PLAIN: Final = re.compile(WORD)
_WORD: Final = re.compile(rf"{WORD}(?:[-‐–'’]{WORD})*")
_PIECE: Final = re.compile(rf"\d+|{WORD}(?:[-‐–]{WORD})*")
_NAME_WORDS: Final = 3
_DATE_WORDS: Final = 5
_NAME_CHARACTERS: Final = 8
_DATE_CHARACTERS: Final = 11
# What may stand between the words of one name, or of one date.
_NAME_GAP: Final = re.compile(r"[ \u00a0]")
_DATE_GAP: Final = re.compile(r"[\s.,/'’-]{0,3}")


def sentences(text: str) -> list[Span]:
    """Cut a text into sentences, roughly: at line ends and after full stops before a space."""
    return [match.span() for match in _SENTENCE.finditer(text)]


def words(text: str, span: Span) -> list[Span]:
    """Give the words of a part of a text."""
    return [match.span() for match in _PLAIN.finditer(text, *span)]


def _runs(text: str, span: Span, pattern: re.Pattern[str], gap: re.Pattern[str], longest: int) -> Iterator[list[Span]]:
    """Give for each word the runs of words that begin with it, longest first."""
    pieces = [match.span() for match in pattern.finditer(text, *span)]
    for i, (start, end) in enumerate(pieces):
        runs = [(start, end)]
        for (_, before), (after, stop) in itertools.pairwise(pieces[i : i + longest]):
            if not gap.fullmatch(text, before, after):
                break
            runs.append((start, stop))
        yield runs[::-1]


def _character_runs(span: Span, longest: int) -> Iterator[list[Span]]:
    for start in range(*span):
        yield [(start, end) for end in range(min(span[1], start + longest), start + 1, -1)]


def _first(runs: Iterator[list[Span]], fits: Callable[[Span], bool]) -> Iterator[Span]:
    """Give the runs that fit: the longest at each word, none that overlaps one before it."""
    reached = 0
    for candidates in runs:
        if candidates and candidates[0][0] >= reached:
            found = next((span for span in candidates if fits(span)), None)
            if found is not None:
                reached = found[1]
                yield found


def names(text: str, language: str, span: Span) -> list[Mention]:
    """Find names of states (GPE) and of organisations (ORG).

    Args:
        text: the text.
        language: ISO 639-1 code.
        span: the part of the text to look in.

    Returns:
        Mentions in text order that a table resolves; none overlaps another.
    """
    labels: dict[Span, str] = {}

    def fits(run: Span) -> bool:
        surface = text[slice(*run)]
        if countries.resolve(surface, language) or countries.candidates(surface, language):
            labels[run] = "GPE"
        elif surface.isupper() and surface.isalpha() and organisations.resolve(surface, language):
            labels[run] = "ORG"
        return run in labels

    if language in UNSPACED:
        runs = _character_runs(span, _NAME_CHARACTERS)
    else:
        runs = _runs(text, span, _WORD, _NAME_GAP, _NAME_WORDS)
    return [Mention(start, end, labels[start, end]) for start, end in _first(runs, fits)]


def find_dates(text: str, language: str, span: Span, published: datetime.date | None) -> list[Mention]:
    """Find dates (DATE), see `names`; without a publication date only those that need none."""

    def fits(run: Span) -> bool:
        surface = text[slice(*run)]
        # A lone number of less than four digits is no date.
        if surface.isdigit() and len(surface) != 4:
            return False
        return dates.parse(surface, language=language, published=published) is not None

    if language in UNSPACED:
        runs = _character_runs(span, _DATE_CHARACTERS)
    else:
        runs = _runs(text, span, _PIECE, _DATE_GAP, _DATE_WORDS)
    return [Mention(start, end, "DATE") for start, end in _first(runs, fits)]
