"""Names of states in more than forty languages, in any written form, to ISO 3166-1 alpha-3 codes.

A mention is resolved only when the whole of it is understood: a base name, an official name (`Republic of Kazakhstan`),
an inflected or adjectival form, a compound of several states (`Turkish-Kazakh`, `ελληνοτουρκική`, `中哈`), an acronym
or a city that stands for its state. What is unknown or has two readings (`Congo`, `Korea`) gives no code: a wrong party
is worse than none. The table is built by `data/tables.py` from CLDR and the lists in `data/names/`.
"""

from __future__ import annotations

import functools
import json
import re
from importlib import resources
from typing import Any, Final

from treaty_events import organisations
from treaty_events.wordforms import (
    MIN_STEM,
    Phrases,
    base_language,
    cuts,
    fold,
    proclitic_variants,
    squeezed,
    tail_fits,
)

_LONGEST: Final = 120
_AROUND: Final = " \t\r\n,;:!?\"'«»“”„()[]"
_SCRIPTS: Final[dict[str, tuple[str, ...]]] = {
    "latin": tuple("en fr it tr de es pt pl ro az uz id sr cs nl hu vi".split()),
    "cyrillic": tuple("ru kk uk ky sr bg be uz".split()),
    "greek": ("el",),
    "arabic": ("ar", "fa"),
    "devanagari": ("hi",),
    "hangul": ("ko",),
    "han": ("zh", "ja"),
    "hebrew": ("he",),
    "georgian": ("ka",),
}
# Languages read in their own texts only, and in texts whose language has no table: each takes time to load.
_OWN_TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "latin": tuple("sv lt lv et fi da no sk sl hr ms ca".split()),
    "cyrillic": ("mk",),
}
_SCRIPT: Final = re.compile(
    "(?P<latin>[a-zà-ɏḀ-ỿ])|(?P<cyrillic>[Ѐ-ӿ])|(?P<greek>[Ͱ-Ͽἀ-῿])|(?P<arabic>[؀-ۿ])"
    "|(?P<devanagari>[ऀ-ॿ])|(?P<hangul>[가-힣])|(?P<han>[一-鿿぀-ヿ々])"
    "|(?P<hebrew>[֐-׿])|(?P<georgian>[ა-ჿᲐ-Ჿ])",
    re.IGNORECASE,
)
_UNSPACED: Final = frozenset(("zh", "ja", "ko"))
# Words after a hyphen that say what the state does, as in "Russian-led".
_DEED: Final = frozenset(
    "led backed brokered mediated sponsored controlled supplied funded proposed drafted based".split()
)
_ELISION: Final = re.compile(r"^(?:dell|all|nell|sull|dall|qu|un|l|d)'(?=\w)")
# A stem found in another language than the text's must be at least this long.
_FOREIGN_STEM: Final = 4


@functools.cache
def _data() -> dict[str, Any]:
    table = resources.files("treaty_events") / "tables" / "countries.json"
    data: dict[str, Any] = json.loads(table.read_text(encoding="utf-8"))
    return data


@functools.cache
def _names(language: str, plain: bool = False) -> _Names:
    table = _data()["languages"][language]
    return _Names(language, {**table, "a": {}, "c": {}} if plain else table)


class _Names:
    """The names of one language. Lookups give a code, "" for a form with no single state, None for an unknown one."""

    def __init__(self, language: str, table: dict[str, Any]) -> None:
        def keys(kind: str) -> dict[str, str]:
            return {key: code for code, joined in table[kind].items() for key in joined.split("|")}

        self.language = language
        self.whole, self.nouns, self.adjectives = keys("x"), keys("n"), keys("a")
        self.acronyms, self.combining = keys("u"), keys("c")
        self.several = Phrases(language, keys("m"))
        forms: dict[str, list[str]] = table["forms"]
        self.before, self.after = forms.get("before", []), forms.get("after", [])
        self.link, self.drop = frozenset(forms.get("link", [])), frozenset(forms.get("drop", []))
        self.common = frozenset(forms.get("common", []))

    def acronym(self, surface: str) -> str | None:
        """Look up an acronym as written, with what case ending may follow it."""
        match = re.fullmatch(r"([^\W\d_]+)(?:['’ʼ:-]?([^\W\d_]+))??", squeezed(surface))
        if match is None:
            return None
        head, tail = match[1], match[2] or ""
        if not tail and not head.isupper() and head not in self.acronyms:
            # No apostrophe: the capitals are the acronym, the small letters the ending.
            upper = next((i for i, c in enumerate(head) if not c.isupper()), 0)
            head, tail = head[:upper], head[upper:]
        code = self.acronyms.get(head)
        return code if code is not None and tail_fits(self.language, fold(tail, self.language)) else None

    def word(self, word: str, shortest: int) -> str | None:
        """Look up one folded word in any of its forms."""
        for form in proclitic_variants(self.language, word):
            if form in self.whole:
                return self.whole[form]
            for stem, tail in cuts(form, 2 if self.language in _UNSPACED else MIN_STEM):
                if len(stem) < shortest and self.language not in _UNSPACED:
                    break
                # A Greek noun never ends with its stem: Τιράν is not Τίρανα.
                if stem in self.nouns and (tail or self.language != "el") and tail_fits(self.language, tail):
                    return self.nouns[stem]
                if stem in self.adjectives and tail_fits(self.language, tail, adjective=True):
                    return self.adjectives[stem]
        return None

    def words(self, parts: list[str], shortest: int) -> str | None:
        """Look up a name given as its folded words."""
        if not parts:
            return None
        if len(parts) == 1:
            return self.word(parts[0], shortest)
        if (joined := " ".join(parts)) in self.whole:
            return self.whole[joined]
        return self.several.whole(parts)

    def phrase(self, parts: list[str], shortest: int) -> str | None:
        """Look up a name, also without articles and without the words that say the form of state."""
        if (code := self.words(parts, shortest)) is not None:
            return code
        while len(parts) > 1 and parts[0] in self.drop:
            parts = parts[1:]
            if (code := self.words(parts, shortest)) is not None:
                return code
        bare = _ELISION.sub("", parts[0]) if parts else ""
        if parts and bare != parts[0] and (code := self.words([bare, *parts[1:]], shortest)) is not None:
            return code
        start, end = 0, len(parts)
        while start < end - 1 and (self._is(self.before, parts[start]) or (start and parts[start] in self.link)):
            start += 1
        if start and (code := self.words([_ELISION.sub("", parts[start]), *parts[start + 1 :]], shortest)) is not None:
            return code
        while end > start + 1 and self._is(self.after, parts[end - 1]):
            end -= 1
        return self.words(parts[start:end], shortest) if end < len(parts) else None

    def _is(self, forms: list[str], word: str) -> bool:
        return any(self.several.fits(word, form) for form in forms)

    def glued(self, word: str, shortest: int) -> tuple[str, ...]:
        """Take a compound in one word apart: combining form(s), then a name or adjective (`ελληνο|τουρκική`)."""
        for end in range(len(word) - MIN_STEM, MIN_STEM - 1, -1):
            code = self.combining.get(word[:end])
            if code is None and self.language == "el" and word[end - 1] == "ο" and end > MIN_STEM + 1:
                # ιορδαν|ο|ισραηλινός
                code = self.adjectives.get(word[: end - 1])
            if code:
                rest = word[end:]
                last = self.word(rest, max(shortest, MIN_STEM))
                codes = (last,) if last else self.glued(rest, shortest)
                if codes:
                    return (code, *codes)
        return ()

    def before_hyphen(self, piece: str, shortest: int) -> str | None:
        """Look up the first member of a hyphenated compound (`franco-`, `казахстанско-`)."""
        if (code := self.combining.get(piece)) is not None:
            return code
        if (code := self.phrase(_words(piece), shortest)) is not None:
            return code
        return self.adjectives.get(piece[:-1]) if piece[-1:] in "oоοi" and len(piece) > MIN_STEM else None

    def unspaced(self, text: str) -> tuple[str, ...] | None:
        """Look up a name in a script without spaces: form-of-state suffixes, one-character abbreviations in a row."""
        for suffix in sorted(self.after, key=len, reverse=True):
            if text.endswith(suffix) and len(text) > len(suffix):
                rest = text[: -len(suffix)]
                if (code := self.word(rest, 1)) is not None:
                    return (code,) if code else ()
                if codes := self.unspaced(rest):
                    return codes
        codes = tuple(self.combining.get(c, "") for c in text if c not in "·・-、")
        return tuple(dict.fromkeys(codes)) if codes and all(codes) else None


def _words(folded: str) -> list[str]:
    return [w for w in re.split(r"[\s\-./·・]+", folded) if w]


def _read(surface: str, language: str, shortest: int, plain: bool = False) -> tuple[str, ...] | None:
    """Resolve in one language; () for a form that is known to have no single state, None for an unknown one.

    Args:
        surface: the mention.
        language: one of `LANGUAGES` or `NAMES_ONLY`.
        shortest: least number of letters of a stem.
        plain: base names only, no adjectives.
    """
    names = _names(language, plain)
    if (code := names.acronym(surface)) is None:
        # "the DRC"
        head, _, rest = surface.partition(" ")
        code = names.acronym(rest) if rest and fold(head, language) in names.drop else None
    if code is not None:
        return (code,) if code else ()
    text = fold(surface, language)
    if text in names.common and surface == surface.lower():
        return ()
    if (code := names.phrase(_words(text.replace(",", " ")), shortest)) is not None:
        return (code,) if code else ()
    # The middle dot joins states (`オーストリア・ハンガリー`) where no list has the whole.
    dots = "・·=＝" if language in _UNSPACED else ""
    if dots and (found := names.unspaced(text.replace(" ", ""))) is not None:
        return found
    pieces = [p.strip() for p in re.split(f"[-/{dots}]", text)]
    if len(pieces) > 1 and all(pieces):
        originals = [p.strip() for p in re.split(f"[-‐‑‒–—−/{dots}]", surface)]
        return _compound(names, pieces, originals if len(originals) == len(pieces) else pieces, shortest)
    places = re.split("[,،，]", surface)
    if len(places) > 1:
        # "Doha, Qatar": a city and its own state are one place.
        readings = {_read(place, language, shortest, plain) for place in places}
        return readings.pop() if len(readings) == 1 else None
    # "Franco", "sino": the first half of a compound whose halves were marked apart.
    code = names.combining.get(text)
    if code or language in _UNSPACED:
        return (code,) if code else None
    return names.glued(text, shortest) or None


def _compound(names: _Names, pieces: list[str], originals: list[str], shortest: int) -> tuple[str, ...] | None:
    codes: list[str] = []
    for index, (piece, original) in enumerate(zip(pieces, originals, strict=True)):
        last = index == len(pieces) - 1
        if last and index and piece in _DEED:
            continue
        code = names.acronym(original)
        if code is None:
            code = names.phrase(_words(piece), shortest) if last else names.before_hyphen(piece, shortest)
        if code:
            codes.append(code)
        elif code == "":
            return ()
        elif more := names.unspaced(piece) if names.language in _UNSPACED else names.glued(piece, shortest):
            codes.extend(more)
        elif organisations.resolve(original, names.language) is None:
            return None
    return tuple(dict.fromkeys(codes)) or None


@functools.lru_cache(maxsize=65536)
def _resolve(surface: str, language: str | None) -> tuple[str, ...]:
    match = _SCRIPT.search(surface)
    if match is None or len(surface) > _LONGEST:
        return ()
    script = match.lastgroup or "latin"
    family, others = _SCRIPTS[script], _OWN_TEXTS.get(script, ())
    if language in (*family, *others) and (found := _read(surface, language, MIN_STEM)) is not None:
        return found
    # Another language's form, or a text of unknown language: only what no language of the script reads otherwise.
    # A text of a known language may hold foreign names, but no foreign adjectives.
    known = language in _data()["languages"]
    if known and surface[:1].islower():
        return ()
    # Vietnamese names are too short and too common to be looked for elsewhere.
    searched = (other for other in (family if known else family + others) if other not in (language, "vi"))
    readings = {_read(surface, other, _FOREIGN_STEM, known) for other in searched} - {None}
    return readings.pop() or () if len(readings) == 1 else ()


def resolve(surface: str, language: str | None = None) -> tuple[str, ...]:
    """Give the states that a mention names.

    Args:
        surface: the mention as it stands in the text.
        language: language tag of the text; None where it is not known.

    Returns:
        ISO 3166-1 alpha-3 codes (ISO 3166-3 for former states, XKX for Kosovo) in order of appearance; empty if the
        mention is unknown or ambiguous.
    """
    codes = _resolve(surface.strip(_AROUND), base_language(language))
    return () if any("/" in code for code in codes) else codes


def candidates(surface: str, language: str | None = None) -> tuple[str, ...]:
    """Give the states between which an ambiguous mention leaves the choice (`Congo`, `Korean`, `Dominican`).

    Args:
        surface: the mention as it stands in the text.
        language: language tag of the text; None where it is not known.

    Returns:
        Their codes; empty if the mention is clear (then `resolve` gives its state) or unknown.
    """
    codes = _resolve(surface.strip(_AROUND), base_language(language))
    return tuple(codes[0].split("/")) if len(codes) == 1 and "/" in codes[0] else ()


def name(code: str, language: str = "en") -> str | None:
    """Give the short name of a state.

    Args:
        code: alpha-3 code, as `resolve` gives it.
        language: language of the name.

    Returns:
        The name, in English where the language has none (former states), None for an unknown code.
    """
    names = _data()["names"]
    found = names.get(base_language(language) or "en", {}).get(code) or names["en"].get(code)
    return str(found) if found else None
