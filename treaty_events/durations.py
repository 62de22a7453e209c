"""Lengths of time in about fifty languages (`five years`, `пятилетний`, `beş yıl`) to ISO 8601 durations (`P5Y`).

As with dates, every word must be understood; a range (`5-10 years`), an unknown word or a unit without a number gives
None.
"""

from __future__ import annotations

import functools
import itertools
import json
import re
from importlib import resources
from typing import Any, Final

from treaty_events import calendars
from treaty_events.datewords import (
    LANGUAGES,
    SINITIC,
    UNSPACED,
    WORD,
    Lexicon,
    base_language,
    fold,
    scripts,
    tail_fits,
    without_prefix,
)
from treaty_events.wordforms import cuts

_LONGEST: Final = 80
_UNITS: Final = "YMWD"
_TOKEN: Final = re.compile(rf"(\d+(?:[.,]\d+)?)|({WORD}(?:'{WORD})*)|([\s()',.\-]+)|(.)", re.DOTALL)
# Languages that put the number after the unit (miaka mitano).
_UNIT_FIRST: Final = frozenset(("sw",))
_KOREAN: Final = {c: i for i, c in enumerate("영일이삼사오육칠팔구")}
# Endings that may follow an adjective made of number and unit (пятилет-ний, fünfjährig-es, πενταετ-ής).
_LONGEST_TAIL: Final = 5
_HEBREW_NO_LENGTH: Final = frozenset("המכ")
_AND: Final = frozenset("and et e ed y und en i si a es dan va ve və και и і та й و и жана және".split())


class _Words:
    """The words of one language."""

    def __init__(self, language: str, table: dict[str, Any]) -> None:
        self.language = language
        self.numbers: Lexicon[int] = Lexicon(
            language, table["numbers"], {k: v for k, v in table["number_stems"].items() if len(k) > 2}
        )
        self.units: dict[str, str] = table["units"]
        self.fill: frozenset[str] = frozenset(table["fill"])
        self.half: frozenset[str] = frozenset(table["half"])
        self.whole: dict[str, str] = table["whole"]
        self.prefixes: dict[str, int] = table["prefixes"]
        self.stems: dict[str, str] = table["stems"]
        words = (table["numbers"], self.units, self.fill, self.half, self.whole, self.stems, self.prefixes)
        self.scripts = scripts("".join((*itertools.chain(*words), "年" if language in SINITIC else "")))

    def bare(self, word: str) -> str:
        """Give a word without the particles that Hebrew writes before it, where it is known without them."""
        known = (self.numbers.exact, self.units, self.fill, self.whole, self.half)
        firsts = {phrase.partition(" ")[0] for phrase in self.whole} if self.language == "he" else set()
        forms = (w for w in without_prefix(self.language, word) if w in firsts or any(w in k for k in known))
        # The year (this one), from a year, about a year: not its length.
        forms = (w for w in forms if not _HEBREW_NO_LENGTH.intersection(word.removesuffix(w)))
        return next(forms, word)

    def number(self, word: str) -> int | None:
        """Read one number word."""
        # `bare` has taken off what Hebrew may put before a number.
        return self.numbers.exact.get(word) if self.language == "he" else self.numbers.find(word)

    def compound(self, word: str) -> tuple[int, str] | None:
        """Read number and unit written as one word, the longest number first."""
        for cut in range(len(word) - 1, 0, -1):
            count = self.prefixes.get(word[:cut])
            if count is None and cut > 1:
                count = self.numbers.exact.get(word[:cut])
            if count is None:
                continue
            if unit := self.unit_stem(word[cut:].lstrip("-")):
                return count, unit
        return None

    def inflected_unit(self, word: str) -> str | None:
        """Read a unit with a case ending (`жылда`, `latach`)."""
        for stem, tail in cuts(word, 2):
            if stem in self.units and tail_fits(self.language, tail):
                return self.units[stem]
        return None

    def unit_stem(self, word: str) -> str | None:
        """Read the unit part of a compound adjective."""
        for end in range(len(word), 1, -1):
            if word[:end] in self.stems and len(word) - end <= _LONGEST_TAIL:
                return self.stems[word[:end]]
        return None


@functools.cache
def _words(language: str) -> _Words:
    return _Words(language, _tables()[language])


@functools.cache
def _tables() -> dict[str, Any]:
    table = resources.files("treaty_events") / "tables" / "durations.json"
    data: dict[str, Any] = json.loads(table.read_text(encoding="utf-8"))
    return data


def _write(counts: list[tuple[int, str]], half: str | None) -> str | None:
    """Write the duration: units in falling order, half of the last unit added."""
    values = dict.fromkeys(_UNITS, 0)
    last = -1
    for number, name in counts:
        # Decades are counted in years.
        count, unit = (10 * number, "Y") if name == "T" else (number, name)
        if _UNITS.index(unit) <= last or not 0 < count < 1000:
            return None
        last = _UNITS.index(unit)
        values[unit] = count
    if half and counts:
        if counts[-1][1] != "Y" or len(counts) > 1:
            return None
        return f"P{values['Y']}Y6M"
    written = "".join(f"{values[u]}{u}" for u in _UNITS if values[u])
    return f"P{written}" if written else None


def _unspaced(text: str, words: _Words) -> str | None:
    text = text.replace(" ", "")
    for fill in sorted(words.fill, key=len, reverse=True):
        text = text.removeprefix(fill)
    if text in words.whole:
        return words.whole[text]
    units = "|".join(sorted(words.units, key=len, reverse=True))
    # Chinese, Japanese and Korean numerals are read by rule, Thai ones are words.
    numerals = (
        "|".join(sorted(words.numbers.exact, key=len, reverse=True)) if words.language == "th" else r"[^\d\W]{1,4}?"
    )
    part = rf"(\d{{1,3}}|{numerals})({units})"
    match = re.fullmatch(rf"{part}(?:{part}|(半|ครึ่ง))?(?:间|間|의|동안)?", text)
    if match is None:
        return None
    pairs = [(match[1], match[2]), (match[3], match[4])]
    counts = [(words.numbers.exact.get(n) or _east_asian_number(n), words.units[u]) for n, u in pairs if n]
    return _write([(n or 0, u) for n, u in counts], match[5])


def _east_asian_number(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    if text[0] in "일이삼사오육칠팔구십백":
        text = text.translate({ord(k): "〇一二三四五六七八九"[v] for k, v in _KOREAN.items()} | {ord("십"): "十"})
    return calendars.numeral(text)


def _replaced(text: str, words: _Words) -> str | None:
    """Take a whole expression (`un semestre`) that has its own value, also with a filling phrase around it."""
    if text in words.whole:
        return words.whole[text]
    for key, value in words.whole.items():
        if key.endswith("*") and text.startswith(key[:-1]) and len(text) - len(key) < _LONGEST_TAIL:
            return value
    return None


def _read(surface: str, language: str) -> str | None:
    words = _words(language)
    text = fold(surface, language)
    if language in UNSPACED:
        return _unspaced(text, words)
    if language in ("it", "fr"):
        # vent'anni, d'un an
        text = text.replace("'", " ")
    if language == "he" and re.search(r"(?<!\w)[ושב]?[המכ]-?\d", surface):
        return None
    tokens: list[str] = []
    for number, word, _, other in _TOKEN.findall(text):
        if other:
            return None
        if number or word:
            tokens.append(number or words.bare(word))
    # "five years and": something is missing.
    if tokens and tokens[-1] in _AND:
        return None
    if re.search(r"\d\s*-\s*\d", text):
        return None
    if (
        language in _UNIT_FIRST
        and (at := next((i for i, t in enumerate(tokens) if t in words.units), None)) is not None
    ):
        tokens = [*tokens[:at], *tokens[at + 1 :], tokens[at]]
    return _parse_tokens(tokens, words)


def _parse_tokens(tokens: list[str], words: _Words) -> str | None:
    if whole := _replaced(" ".join(tokens), words):
        return whole
    counts: list[tuple[int, str]] = []
    pending: int | None = None
    half: str | None = None
    position = 0
    while position < len(tokens):
        for length in range(min(5, len(tokens) - position), 0, -1):
            phrase = " ".join(tokens[position : position + length])
            step = _step(phrase, length, words, pending)
            if step is not None:
                break
        else:
            return None
        kind, value = step
        position += length
        if kind == "number":
            if pending is not None and pending != value:
                # Twenty five; five (5) repeats the number.
                if not (pending % 10 == 0 and 10 < pending < 100 and isinstance(value, int) and value < 10):
                    return None
                value = pending + int(value)
            pending = int(value)
        elif kind == "unit":
            if pending is None:
                return None
            counts.append((pending, str(value)))
            pending = None
        elif kind == "compound" and isinstance(value, tuple) and pending is None:
            counts.append(value)
        elif kind == "whole" and pending is None and not counts:
            rest = [t for t in tokens[position:] if t not in words.fill]
            return None if rest else str(value)
        elif kind == "half" and half is None:
            half = "half"
        elif kind != "fill":
            return None
    return _write(counts, half) if pending is None else None


def _step(phrase: str, length: int, words: _Words, pending: int | None) -> tuple[str, Any] | None:
    """Say what the next words are; None if nothing of that length is known."""
    if phrase in words.half:
        return "half", None
    if phrase in words.whole and pending is None:
        return "whole", words.whole[phrase]
    if phrase.isdigit():
        return ("number", int(phrase)) if len(phrase) < 4 else None
    # A word may be both (Vietnamese năm is five and year): after a number it is the unit.
    if phrase in words.units and pending is not None:
        return "unit", words.units[phrase]
    if phrase in words.numbers.exact:
        return "number", words.numbers.exact[phrase]
    if phrase in words.fill:
        return "fill", None
    if length > 1:
        return None
    if phrase in _AND:
        return "fill", None
    if compound := words.compound(phrase):
        return "compound", compound
    if pending is not None and (unit := words.unit_stem(phrase) or words.inflected_unit(phrase)):
        return "unit", unit
    number = words.number(phrase)
    return None if number is None else ("number", number)


@functools.lru_cache(maxsize=8192)
def _parse(surface: str, language: str | None) -> str | None:
    if not surface or len(surface) > _LONGEST:
        return None
    if language in LANGUAGES:
        return _read(surface, str(language))
    letters = scripts(surface)
    values = {_read(surface, other) for other in LANGUAGES if letters <= _words(other).scripts} - {None}
    return values.pop() if len(values) == 1 else None


def parse(surface: str, language: str | None = None) -> str | None:
    """Read a length of time.

    Args:
        surface: the mention as it stands in the text.
        language: language tag of the text; None where it is not known.

    Returns:
        The ISO 8601 duration (`P5Y`, `P18M`, `P1Y6M` for a year and a half), None where the words do not settle it.
    """
    return _parse(surface.strip(' \t\r\n,;:!?"«»“”„[]'), base_language(language))
