"""Folding of written words and the endings that each language may put on a name.

The value modules (`countries`, `organisations`, `dates`, `durations`) compare folded words: lower case, no accents,
ASCII digits. A word matches a table entry when it is the entry itself or the entry's stem plus one of the endings
listed here; nothing else counts, so that `Maldini` never becomes the Maldives. The same functions build the tables
(`data/tables.py`) and read them, which keeps both sides in step.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Final, Generic, TypeVar

V = TypeVar("V")

LANGUAGES: Final = tuple(
    "en fr it el ru kk tr de es pt uk pl ro az ar zh ky uz fa ja ko hi id vi sr bg cs nl be hu".split()
)
# Further languages of the tables of states and organisations; those of dates are `datewords.LANGUAGES`.
NAMES_ONLY: Final = tuple("sv he ka lt lv et fi da no sk sl hr mk ms ca".split())
# Tags that stand for another language's tables.
_ALIASES: Final = dict(
    pair.split("=")
    for pair in "nb=no nn=no iw=he hbo=he in=id sh=hr bs=hr mo=ro ltg=lv uzs=uz arz=ar ary=ar yue=zh wuu=zh cmn=zh "
    "prs=fa pes=fa".split()
)

# Letters that lose their meaning without the mark that canonical decomposition would take away.
_KEPT: Final = frozenset("йїў")
_LETTERS: Final = str.maketrans(
    {
        "ı": "i", "ł": "l", "đ": "d", "ø": "o", "æ": "ae", "œ": "oe", "ʻ": "'", "ʼ": "'", "’": "'", "‘": "'",
        "`": "'", "´": "'", "ʹ": "'", "′": "'", "＇": "'", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-",
        "−": "-", "－": "-", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ۀ": "ه", "ہ": "ه", "ٱ": "ا", "ـ": None,
        "\u00ad": None, "\u200b": None, "\u200c": None, "\u200d": None, "\u200e": None, "\u200f": None,
        "\u061c": None, "\u093c": None, "\ufeff": None, "\u0670": None, "،": ",", "׳": "'", "״": '"', "־": "-",
    }
)  # fmt: skip
_MARKS: Final = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u093c]")


def base_language(language: str | None) -> str | None:
    """Give the language of a tag as the tables name it.

    Args:
        language: a language tag.

    Returns:
        The primary subtag in lower case (`zh-Hant` -> `zh`), or the language whose tables serve it (`nb` -> `no`); None
        for None or an empty tag.
    """
    if not language:
        return None
    subtag = re.split(r"[-_]", language.strip().lower())[0]
    return _ALIASES.get(subtag, subtag) or None


@functools.lru_cache(maxsize=65536)
def fold(text: str, language: str | None = None) -> str:
    """Make two spellings of one word equal: case, accents, apostrophes, dashes, digits of any script, Arabic variants.

    Args:
        text: any string.
        language: language tag; Vietnamese keeps its accents (they tell words apart), Uzbek loses its apostrophes.

    Returns:
        The folded text, spaces normalised.
    """
    text = unicodedata.normalize("NFKC", text)
    text = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text)
    # `str.lower` turns İ into i plus a dot that the mark stripping removes; casefold joins ς and σ, ß and ss.
    text = text.casefold().translate(_LETTERS)
    if language != "vi":
        text = "".join(c if c in _KEPT or c.isascii() else _bare(c) for c in unicodedata.normalize("NFC", text))
    text = unicodedata.normalize("NFC", text)
    if language == "uz":
        text = text.replace("'", "")
    if language == "he":
        # Gershayim are often typed as a closing quotation mark or as two apostrophes.
        text = re.sub("[”“„]|''", '"', text)
    return " ".join(text.split())


def squeezed(surface: str) -> str:
    """Write an acronym without dots and, between single letters or pairs (`EE. UU.`), without spaces."""
    bare = surface.replace(".", "")
    parts = bare.split()
    return "".join(parts) if all(len(p) < 3 and p.isupper() for p in parts) else bare.strip()


@functools.lru_cache(maxsize=4096)
def _bare(char: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFD", char)).translate(_LETTERS)


# Written over folded text (no accents; Greek without final sigma; Turkish ı = i, ü = u, ö = o).
_RU_ADJ = "(?:ий|ый|ого|ому|им|ым|ом|ая|ой|ую|ою|ое|ие|ые|их|ых|ими|ыми|о)"
_UK_ADJ = "(?:ий|ого|ому|им|ім|а|ої|ій|у|ою|е|і|их|ими|о)"
_BE_ADJ = "(?:[іы]|ага|аму|[іы]м|ая|ай|ой|ую|аю|ое|ае|[іы]я|[іы]х|[іы]мі|а|о)"
_BG_ADJ = "(?:и|ия|ият|а|ата|о|ото|ите)"
_SR_ADJ = "(?:и|ог|ога|ом|ому|оме|им|а|е|у|ој|их|има|о|i|og|oga|om|omu|ome|im|a|e|u|oj|ih|ima|o)"
_PL_ADJ = "(?:i|y|iego|ego|iemu|emu|im|ym|a|iej|ej|ie|e|ich|ych|imi|ymi|o|u)"
_CS_ADJ = "(?:y|i|eho|emu|em|ym|im|a|e|ou|ych|ymi|o|u)"
_TR_CASE = (
    "(?:n?[iu]n|y?[iu]|y?[ae]|n[ae]|n?d[ae]|t[ae]|n?d[ae]n|t[ae]n|y?l[ae]|c[ae]|l[iu]|l[iu]k|s[iu]|s[iu]n[iu]n"
    "|[iu]n[iu]n|[iu]n[ae]|[iu]nd[ae]n?)"
)
_AZ_CASE = "(?:[iu]n(?:d[aeə]n?|[aeə]|[iu]n)|n?[iu]n?|y?[aeə]|d[aeə]n?|l[aeə]|l[iu][kq]?|c[aeə]|s[iu](?:n[iu]n)?)"
_KK_CASE = (
    "(?:[ндт][ыіиую]ң|[гғқк][аеәо]|н[ае]|[дт][аео]|[дтн][аео]н|[ндт][ыі]|[мбп]ен|[лдт][ыі][қк]|[дт]а[гғ]ы|і?[дт]егі"
    "|ш[ае]|[ыі]н|с?[ыі](?:н(?:[дт][ае]н?|[ае]н?|[ыі]ң|[ыі]))?)"
)
_KY_CASE = (
    "(?:[ндт][ыиуү]н|[гк][аеоө]|[дт][аеоө]|[дт][аеоө]н|[ндт][ыиуү]|[лдт][ыиуү][кг]|[дт][аеоө]г[ыиуү]"
    "|ч[аеоө]|с?[ыиуү](?:н(?:[дт][аеоө](?:н|г[ыиуү])?|[аеоө]н?|[ыиуү]н))?)"
)
_UZ_CASE = "(?:s?i(?:da|dan|ning|ga|dagi)?|ning|ni|ga|ka|qa|da|dan|cha|lik|dagi|нинг|ни|га|ка|қа|да|дан|ча|лик|даги)"
_HU_CASE = (
    "(?:b[ae]n?|b[oe]l|n[ae]k|[a-z]?[ae]l|v[ae]l|h[oe]z|t[oe]l|r[oe]l|r[ae]|[oe]?n|[oae]?t|[ae]?ert|ig|kent|[eao]k"
    "|j?[ea](?:b[ae]n|n[ae]k|t[oe]l|r[oe]l|r[ae]|ig|t|v[ae]l)|[eao]k(?:n[ae]k|k[ae]l|b[ae]n|t[oe]l|r[oe]l|r[ae]|[eoa]t)|i|iak|s|es|os|je|ja|jen|jan)"
)
_EL = "(?:α|ασ|ων|εσ|οσ|ου|ο|οι|ουσ|η|ησ|εωσ|ε|εισ|εων|υ|υσ)"
_SK_ADJ = "(?:y|a|e|eho|emu|ej|ou|ym|om|ych|ymi|u|o|i|ho|mu)"
_SL_ADJ = "(?:i|a|o|e|ega|emu|em|im|ih|imi|ima)"
_HR_ADJ = "(?:i|og|oga|om|omu|ome|im|ima|a|e|u|oj|ih|o)"
_FI_CASE = (
    "(?:(?:i?(?:n|a|ta|tta|ssa|sta|lla|lta|lle|ksi|na)|h?[aeiouy]n|[ei]en|iin|seen|i?t|iden|itten)?(?:kin|kaan)?)"
)
_ET_CASE = "(?:i|it|[ie]?(?:d|t|s|sse|st|l|le|lt|ks|ni|na|ta|ga|de|dega|dele|des)|u|e|a)"
_LV_CASE = "(?:a|as|ai|u|e|es|ei|is|i|s|us|im|am|em|iem|o|os|ja|jas|jai|ju|im|un|as|ams)"
_LT_CASE = (
    "(?:as|o|ui|a|e|u|ai|ams|us|ais|uose|is|io|iui|i|iu|iai|iams|ius|iais|iuose|ys|yje|es|ei|ej|ele|ems|emis|ese|os|oj"
    "|oje|oms|omis|ose|iuje|umi|aus|uje|ies|imi|im|ims|in|on)"
)
_LT_ADJ = (
    "i?(?:as|a|o|os|am|ai|u|i|us|iu|iem|iems|oms|ais|omis|oj|oje|ame|uose|ose|asis|oji|ojo|osios|ajam|ajai|aji|aja|uoju"
    "|ajame|ojoje|ieji|uju|iesiems|osioms|uosius|asias|aisiais|osiomis|e|es|ei|ej|io|is|iui|yje|iai|iams|ius|iais|ese)"
)
_KA_CASE = "(?:ებ)?[აი]?(?:(?:მა?|სა?|ის?ა?|ით|თ|დ|ად|ში|ზე|(?:ი?სა?)?(?:თან|თვის|გან|კენ)|ი?დან|მდე)(?:ც|ვე)?)?"
_RO = "(?:a|ei|ii|ul|ului|i|le|lui|lor|ilor|elor|e|u|o|esc|easca|esti|escul|estilor)"

# language -> (endings of nouns, endings of adjectives), regular expressions for the whole tail; "" fits any noun.
_TAILS: Final[dict[str, tuple[str, str]]] = {
    "en": ("(?:'s?|s'?)?", "(?:'s?|s'?)?"),
    "fr": ("", "(?:e|s|es|ne|nes|te|tes)?"),
    "it": ("", "(?:[oaie]|hi|he)?"),
    "es": ("", "(?:[oae]s?|es)?"),
    "pt": ("", "(?:[oaei]s?|es|is|s)?"),
    "de": ("(?:e?s|')?", "(?:e[rnsm]?|n|in|innen|s)?"),
    "nl": ("(?:'?s|')?", "(?:e[nr]?|s)?"),
    "ro": (f"{_RO}?", f"{_RO}?"),
    "el": (_EL, _EL),
    "ru": (
        f"(?:[аяыиуюоейь]|ой|ей|ою|ею|ом|ем|ью|ов|ев|ам|ям|ами|ями|ах|ях|(?:[ий]|ий)?ск{_RU_ADJ})?",
        f"(?:{_RU_ADJ})",
    ),
    "uk": (
        f"(?:[аяиіїуюоеєйь]|ою|ею|єю|ой|ей|ом|ем|єм|ові|еві|єві|ів|їв|ам|ям|ами|ями|ах|ях|'?ю|(?:і?й)?ськ{_UK_ADJ})?",
        f"(?:{_UK_ADJ})",
    ),
    "be": (
        f"(?:[аяыіуюоеэйь]|ай|яй|аю|яю|ой|ей|ом|ем|ам|ям|амі|ямі|ах|ях|аў|яў|оў|ью|(?:і?й)?ск{_BE_ADJ})?",
        f"(?:{_BE_ADJ})",
    ),
    "bg": (f"(?:[аяоеи]|та|то|те|ът|(?:и?й)?ск{_BG_ADJ})?", f"(?:{_BG_ADJ})?"),
    "sr": (
        "(?:[аеиоуј]|ом|ем|ама|има|ју|ој|ог|их|им|[aeiouj]|om|em|ama|ima|ju|oj|og|ih|im"
        f"|(?:(?:иј)?ск|(?:ij)?sk){_SR_ADJ})?",
        f"(?:{_SR_ADJ})",
    ),
    "pl": (
        f"(?:[aeiyou]|owi|em|iem|ie|ii|ach|ami|om|ow|ia|io|iu|ej|iej|ych|ich|ym|im|(?:an|ij|ej)?sk{_PL_ADJ})?",
        f"(?:{_PL_ADJ})",
    ),
    "cs": (
        f"(?:[aeiouy]|em|um|ou|ich|ach|am|ami|im|imi|mi|ech|ovi|ych|ym|eho|(?:i?j)?sk{_CS_ADJ})?",
        f"(?:{_CS_ADJ})",
    ),
    "tr": (f"'?(?:(?:l[ae]r)?{_TR_CASE}?(?:ki)?)", f"'?(?:(?:l[ae]r)?{_TR_CASE}?(?:ki)?)"),
    "az": (f"'?-?(?:(?:l[aeə]r)?{_AZ_CASE}?(?:ki)?)", f"'?-?(?:(?:l[aeə]r)?{_AZ_CASE}?(?:ki)?)"),
    "kk": (f"-?(?:[лдт][ае]р)?{_KK_CASE}?", f"-?(?:[лдт][ае]р)?{_KK_CASE}?"),
    "ky": (f"-?(?:[лдт][аеоө]р)?{_KY_CASE}?", f"-?(?:[лдт][аеоө]р)?{_KY_CASE}?"),
    "uz": (f"-?(?:lar|лар)?{_UZ_CASE}?", f"-?(?:lar|лар)?{_UZ_CASE}?"),
    "hu": (f"-?{_HU_CASE}?", f"-?{_HU_CASE}?"),
    "ar": ("(?:ي|يه|يين|يون|يتين|يا)?", "(?:ي|يه|يين|يون|يتين|يان|يا|ه|ات|يات)?"),
    "fa": ("(?:ي|يي|اي|ها|هاي|يها|ان|يان)?", "(?:ي|ها|هاي|يها|ان|يان)?"),
    "he": ("", "(?:י|ית|ים|יים|יות)"),
    "ka": (_KA_CASE, _KA_CASE),
    "lt": (f"{_LT_CASE}?", f"{_LT_ADJ}"),
    "sv": (
        "(?:s|')?",
        "(?:[tae]s?|s|ens?|n[as]?|arn?a?s?|ern?a?s?|are|aren|ares|arens|arnas?|ernas?|or|orna|orn?as|ors)?",
    ),
    "lv": (f"{_LV_CASE}?", "(?:i|u|iem|us|is|a|as|ai|e|es|ei|os|am|em|ais|o|u|ie|im)"),
    "et": (f"{_ET_CASE}?", "(?:t?[ei]?(?:d|ed|te|tele|tega|t|se|sed|ne|e|i))?"),
    "fi": (
        f":?{_FI_CASE}?",
        "i(?:s|nen|sta|sten|sia|siin|silla|sille|silta|sissa|sista"
        "|se(?:[nta]|ssa|sta|en|lla|lta|lle|ksi|na))(?:kin|kaan)?",
    ),
    "da": ("(?:s|'s?)?", "(?:es?|t|s|ers?|eren|erens|erne|ernes|ere|en|ne|nes)?"),
    "no": ("(?:s|'s?)?", "(?:es?|t|s|ers?|eren|erens|erne|ernes|ere|en|ne|nes)?"),
    "sk": (
        f"(?:[aeiouy]|om|em|ou|ich|ach|am|ami|im|imi|ov|och|ovi|ych|ym|eho|iu|ia|ie|ii|iou|(?:i?j)?sk{_SK_ADJ})?",
        f"(?:{_SK_ADJ})",
    ),
    "sl": (f"(?:[aeiou]|om|em|ov|ih|ah|am|ami|im|imi|jo|ja|ju|jem|ega|emu|(?:ij)?sk{_SL_ADJ})?", f"(?:{_SL_ADJ})"),
    "hr": (f"(?:[aeiou]|om|em|ama|ima|ju|oj|og|ih|im|oga|omu|(?:ij)?sk{_HR_ADJ})?", f"(?:{_HR_ADJ})"),
    "mk": ("(?:[аоеи]|та|то|те|от)?", "(?:и|иот|а|ата|о|ото|ите)?"),
    "ms": ("(?:nya)?", "(?:nya)?"),
    "ca": ("", "(?:[ae]s?|os|s|na|ns|nes)?"),
    "hi": ("(?:ी|ीय|ियों)?", "(?:ी|ीय|ियों|ों)?"),
    "id": ("(?:nya)?", "(?:nya)?"),
    "vi": ("", ""),
    "zh": ("", ""),
    "ja": ("", ""),
    "ko": (
        "(?:인|인들|측|의|은|는|이|가|을|를|와|과|에|에서|에게|로|으로|도|만|및|이나|나|발|산)?",
        "(?:인|인들|의|은|는|이|가|을|를|와|과|에|로)?",
    ),
}
# Final letters that inflection replaces: a noun's stem is the word without them (if enough is left).
_FINALS: Final[dict[str, str]] = {
    "ru": "[аяыьй]",
    "ky": "ь",
    "uk": "[аяийь]",
    "be": "[аяыьй]",
    "bg": "[ая]",
    "sr": "[аaеe]",
    "pl": "[ay]",
    "cs": "[aoye]",
    "el": "(?:[αηο]σ?|εσ|οι)",
    "ro": "(?:le|a|ul|e)",
    "lv": "(?<=.{4})(?:[aes]|is)",
    "sk": "(?<=.{4})[aoeyi]",
    "sl": "(?<=.{4})[aoei]",
    "hr": "(?<=.{4})[aoei]",
    "mk": "(?<=.{4})а",
    # What is left must be long enough to take the endings of every declension.
    "ka": "(?<=.{4})[აი]",
    "lt": "(?<=.{4})(?:i?ai|[aiuye]s|[ae]|os)",
}
# The same for a word inside a name of several, which may be an adjective (`южная`, `zjednoczone`).
_INNER_FINALS: Final[dict[str, str]] = {
    **_FINALS,
    "ru": "(?:ая|яя|ый|ий|ое|ее|ые|ие|[аяыьйоеи])",
    "uk": "(?:ий|ій|[аяеєиіьо])",
    "be": "(?:ая|яя|(?<![цр])ыя|(?<=[кгх])ія|ае|ы|і|[аяь])",
    "bg": "(?:ите|ата|[аяиое])",
    "sr": "[аеиоaeio]",
    "pl": "(?:ie|[aeiy])",
    "cs": "[aeiyo]",
    "lv": "(?:ie|[aeis]|ais|is)",
    "sk": "[aeiyo]",
    "sl": "[aeio]",
    "hr": "[aeio]",
    "mk": "[аеио]",
    "ka": "[აი]",
    "lt": "(?:i?ai|i?oji|[aiuyeo]s|[aei])",
}
MIN_STEM: Final = 3
# One word of folded text; the vowel signs of Devanagari are no letters to `re`.
WORD: Final = "(?:[^\\W\\d_]|[\u0900-\u0903\u093a-\u094f])+"
_LONGEST_TAIL: Final = 9


@functools.cache
def _pattern(language: str, adjective: bool) -> re.Pattern[str]:
    return re.compile(_TAILS[language][int(adjective)])


def tail_fits(language: str, tail: str, *, adjective: bool = False) -> bool:
    """Tell whether a string is an ending that the language may put on a noun (or adjective) stem."""
    if not tail and not adjective:
        return True
    return _pattern(language, adjective).fullmatch(tail) is not None


def noun_stem(language: str, word: str) -> str:
    """Give the part of a folded noun that its case forms share (`россия` -> `росси`)."""
    finals = _FINALS.get(language)
    if finals is None:
        return word
    stem = re.sub(f"(?:{finals})$", "", word)
    return stem if len(stem) >= MIN_STEM else word


def inner_stem(language: str, word: str) -> str:
    """Give the stem of a word inside a name of several words."""
    finals = _INNER_FINALS.get(language)
    stem = word if finals is None else re.sub(f"(?:{finals})$", "", word)
    return stem if len(stem) >= MIN_STEM else word


def inner_fits(language: str, word: str, stem: str) -> bool:
    """Tell whether a word inside a name of several words is a form of a stem made by `inner_stem`."""
    if not word.startswith(stem):
        return False
    tail = word[len(stem) :]
    return tail_fits(language, tail) or tail_fits(language, tail, adjective=True)


def cuts(word: str, shortest: int = MIN_STEM) -> Iterator[tuple[str, str]]:
    """Give the ways to cut a word into stem and ending, longest stem first."""
    for end in range(len(word), max(min(shortest, len(word)), len(word) - _LONGEST_TAIL) - 1, -1):
        yield word[:end], word[end:]


class Lexicon(Generic[V]):
    """Folded words of one language and what they stand for, found in any case form.

    Args:
        language: language whose endings apply.
        exact: folded forms that match as they are.
        stems: noun stems that match with the language's noun endings.
    """

    def __init__(self, language: str, exact: Mapping[str, V], stems: Mapping[str, V] | None = None) -> None:
        self.language, self.exact, self.stems = language, exact, stems or {}

    def find(self, word: str) -> V | None:
        """Give the value of a folded word, None if the lexicon has no such word."""
        if word in self.exact:
            return self.exact[word]
        for stem, tail in cuts(word):
            if stem in self.stems and tail_fits(self.language, tail):
                return self.stems[stem]
        return None


class Phrases:
    """Names of several words of one language, each kept as its words' stems (see `inner_stem`), found in any case form.

    Args:
        language: language whose endings apply.
        names: what each name stands for; its stems are joined by spaces.
    """

    def __init__(self, language: str, names: Mapping[str, str]) -> None:
        self.language = language
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for key, code in names.items():
            stems = tuple(key.split())
            self._by_first.setdefault(stems[0], []).append((stems, code))

    def fits(self, word: str, stem: str) -> bool:
        """Tell whether a folded word is a form of a stem."""
        return any(inner_fits(self.language, form, stem) for form in self._forms(word))

    def at_start(self, words: Sequence[str]) -> Iterator[tuple[int, str]]:
        """Give the names that some folded words begin with: how many words each takes, and what it stands for."""
        firsts = dict.fromkeys(stem for form in self._forms(words[0]) for stem, _ in cuts(form, 1))
        for stems, code in (entry for first in firsts for entry in self._by_first.get(first, ())):
            if len(stems) <= len(words) and all(map(self.fits, words, stems)):
                yield len(stems), code

    def whole(self, words: Sequence[str]) -> str | None:
        """Give what the first name stands for that takes all of some folded words."""
        return next((code for length, code in self.at_start(words) if length == len(words)), None)

    def _forms(self, word: str) -> tuple[str, ...]:
        return proclitic_variants(self.language, word) if self.language != "fa" else (word,)


def segments(run: str, words: Container[str]) -> Iterator[list[str]]:
    """Cut a run of a script without spaces into known words, every way there is, longest words first."""
    if not run:
        yield []
    for end in range(len(run), 0, -1):
        if run[:end] in words:
            for rest in segments(run[end:], words):
                yield [run[:end], *rest]


_ARABIC_CLITICS: Final = re.compile(r"[وف]?[بكل]?ال|[وف]?لل|[وف]?[بكل]|[وف]")
# language -> conjunctions, prepositions and articles that are written together with the word after them.
_PROCLITICS: Final[dict[str, re.Pattern[str]]] = {
    "ar": _ARABIC_CLITICS,
    "fa": _ARABIC_CLITICS,
    "he": re.compile("ו?(?:לכש|כש|מש|ש)?(?:[בלכמ]?ה?)"),
}


def proclitic_variants(language: str, word: str) -> tuple[str, ...]:
    """Give a word and what it is without the conjunction, preposition and article written together with it.

    Args:
        language: language of the word.
        word: one folded word.

    Returns:
        The word itself, then what is left of it, least stripped first; at least three letters are left.
    """
    clitics = _PROCLITICS.get(language)
    if clitics is None:
        return (word,)
    starts = (n for n in range(1, min(5, len(word) - 2)) if clitics.fullmatch(word[:n]))
    return (word, *(word[n:] for n in starts))
