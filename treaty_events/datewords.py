"""Languages of dates and lengths of time, and the endings of their words.

Dates are read in more languages than names are: a calendar's words are few, and CLDR has most of them. What
`wordforms` says of the others holds here too.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final, TypeVar

from treaty_events import wordforms

V = TypeVar("V")

_FURTHER: Final = tuple("sv he ka lt lv et fi da nb sk sl hr bs mk sq hy ms bn ur th sw ca".split())
LANGUAGES: Final = tuple(dict.fromkeys((*wordforms.LANGUAGES, *_FURTHER)))
# Languages that put no spaces between words.
UNSPACED: Final = frozenset(("zh", "ja", "ko", "th"))
# What else the languages are called.
_ALIASES: Final = {"no": "nb", "iw": "he"}
# One word of folded text; the vowel signs of Indian scripts and of Thai are no letters to `re`.
WORD: Final = (
    "(?:[^\\W\\d_]|[\u0900-\u0903\u093a-\u094f\u0981-\u0983\u09bc-\u09cd\u09d7\u0e31\u0e34-\u0e3a\u0e47-\u0e4e])+"
)
_HEBREW_POINTS: Final = re.compile("[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]")
# And, that, in, to, from, as, the: written together with the word, before a number with a hyphen.
_HEBREW_PREFIX: Final = "[ושה]?[בלמכה]{0,2}"

# Scripts of the languages, as Unicode names their letters.
_SCRIPTS: Final = frozenset(
    "LATIN CYRILLIC GREEK HEBREW ARABIC GEORGIAN ARMENIAN DEVANAGARI BENGALI THAI CJK HIRAGANA KATAKANA HANGUL".split()
)
# Languages whose numerals and units of time are read by rule.
SINITIC: Final = frozenset(("zh", "ja", "ko"))

# Endings of nouns over folded text (no accents), "" included.
_TAILS: Final = {
    "sv": "(?:en|ens|s|n|ns|s(?:kvall|morgon|natt|formiddag|eftermiddag)(?:en|ens)?)?",
    "ka": "(?:[იდ]?დან|ი?ს?|ით|ად|მა|ის?თვის|ს?თვის|ში|შიც|ზე|ა?მდე|ი?სა|ისას|ის?კენ|ე?ბის?|ე?ბში|ე?ბს|ე?ბიდან)?",
    "lt": "(?:i|i?[soau]|i?as|is|yje|i?ui|i?ai|i?ais|i?us|i?uose|e|es|ei|eje|i?oje|i?os|i?ams|i?u|en[io]|eniui|enyje)?",
    "lv": "(?:i?s|i?a|i?am|i?u|ii?|i?os|i?iem|i?us|es?|ei|i?ai|i?as|em|m)?",
    "et": "(?:i?s?se|[iaeu]?(?:l|lt|le|s|st|ks|ni|na|t|d|ga|ta)?)?",
    "fi": "(?:n|a|ta|na|ssa|sta|lla|lta|lle|ksi|hun|iin|on|een|aan|den|tta|den?ssa|den?sta)?",
    "da": "(?:en|ens|s|et|ets|n|er|ne)?",
    "nb": "(?:en|ens|s|et|ets|n|er|ne|a)?",
    "sk": "(?:[aueioy]|om|ou|ove|ov|och|ami|mi|am)?",
    "sl": "(?:[aueio]|om|em|j[aue]|jem|ov|ih|mi|ah|ami)?",
    "hr": "(?:[aueio]|om|em|j[aue]|jem|og|oga|om[eu]?|ima|ama)?",
    "bs": "(?:[aueio]|om|em|j[aue]|jem|og|oga|om[eu]?|ima|ama|[аеиоу]|ом|ем)?",
    "mk": "(?:та|от|то|о|а|и|ите|ва|во)?",
    "sq": "(?:[aeiu]|it|in|ve|un|ut|en|es|t|te|je?n|ja|je|s|esh|eve|esh?ve)?",
    "hy": "(?:ի|ին|ից|իցը|ում|ը|ն|ով|ներ(?:ի|ին|ից|ում|ը)?|վա|վանից|յան|յին)?",
    "bn": "(?:ে|েই|ের|র|\u09df|\u09af\u09bc|তে|টি|টির)?",
    "ca": "(?:s|es)?",
}  # fmt: skip
# Final letters that inflection replaces.
_FINALS: Final = {
    "ka": "[იას]",
    "lt": "(?:is|io|ius|as|e|es|a|os|o|us|ys|iai|ai)",
    "lv": "(?:is|s|a|e|i)",
    "et": "(?:i|a|u)",
    "sk": "[aeuiyo]",
    "sl": "(?:ja|[aeuio])",
    "hr": "[aeui]",
    "bs": "[aeui]",
    "sq": "[aei]",
    "hy": "ի",
}


def base_language(language: str | None) -> str | None:
    """Give the language of a tag as the calendars name it: its own if it has one (`bs` is not `hr` here).

    Args:
        language: a language tag.

    Returns:
        The language; None for None or an empty tag.
    """
    subtag = re.split(r"[-_]", (language or "").strip().lower())[0]
    if subtag in LANGUAGES:
        return subtag
    base = wordforms.base_language(language)
    return None if base is None else _ALIASES.get(base, base)


@functools.lru_cache(maxsize=16384)
def fold(text: str, language: str) -> str:
    """Make two spellings equal, as `wordforms.fold` does; Hebrew loses its points and the hyphen after a prefix."""
    if language == "he":
        text = _HEBREW_POINTS.sub("", text.translate({0x5BE: "-", 0x5F3: "'", 0x5F4: '"'}))
    text = wordforms.fold(text, language)
    if language == "he":
        text = re.sub(r"(?<=\d) ל-?(?=\d)", " - ", text)
        text = re.sub(rf"(?<!\w){_HEBREW_PREFIX}-(?=\w)", "", text)
    return text


@functools.lru_cache(maxsize=4096)
def _script(char: str) -> str:
    name = unicodedata.name(char, "").partition(" ")[0] if char.isalpha() else ""
    return name if name in _SCRIPTS else ""


def scripts(text: str) -> frozenset[str]:
    """Name the scripts of a text's letters (`LATIN`), by which most languages are ruled out at little cost."""
    return frozenset(map(_script, unicodedata.normalize("NFKC", text))) - {""}


def noun_stem(language: str, word: str) -> str:
    """Give the part of a folded date word that its case forms share."""
    if language not in _FURTHER:
        return wordforms.noun_stem(language, word)
    stem = re.sub(f"(?:{_FINALS.get(language, '(?!)')})$", "", word)
    return stem if len(stem) >= wordforms.MIN_STEM else word


def tail_fits(language: str, tail: str) -> bool:
    """Tell whether a string is an ending that the language may put on a date word's stem."""
    if language not in _FURTHER:
        return wordforms.tail_fits(language, tail)
    return re.fullmatch(_TAILS.get(language, ""), tail) is not None


def without_prefix(language: str, word: str) -> Iterator[str]:
    """Give a word and, in Hebrew, what it may be without the particles before it, least stripped first."""
    yield word
    if language == "he":
        for length in (1, 2, 3):
            if len(word) - length >= 2 and re.fullmatch(_HEBREW_PREFIX, word[:length]):
                yield word[length:]


class Lexicon(wordforms.Lexicon[V]):
    """Folded date words of one language and what they stand for, found in any case form."""

    def __init__(self, language: str, exact: Mapping[str, V], stems: Mapping[str, V] | None = None) -> None:
        super().__init__(language, exact, stems)

    def find(self, word: str) -> V | None:
        """Give the value of a folded word, None if the lexicon has no such word."""
        for form in without_prefix(self.language, word):
            if form in self.exact:
                return self.exact[form]
        for stem, tail in wordforms.cuts(word):
            if stem in self.stems and tail_fits(self.language, tail):
                return self.stems[stem]
        return None
