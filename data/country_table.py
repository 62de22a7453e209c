"""Build the table of `treaty_events.countries` from CLDR's territories and cities and the lists in `data/names/`."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any, Final

from babel import Locale
from babel.core import get_global

from data.namelists import LOCALES, NAMES, UNSPACED, ListError, fresh_locale, lines, mixed_script
from treaty_events.wordforms import LANGUAGES, MIN_STEM, NAMES_ONLY, fold, inner_stem, noun_stem, tail_fits

logger = logging.getLogger(__name__)

CYRILLIC: Final = frozenset("ru uk be bg sr kk ky mk".split())
OTHER_SCRIPTS: Final = frozenset("el ar fa zh ja ko hi he ka".split()) | CYRILLIC
# ISO 3166-3 alpha-3 codes of former states, Kosovo's user-assigned code; CLDR region -> code where they differ.
FORMER: Final = {
    "SUN": "Soviet Union",
    "YUG": "Yugoslavia",
    "CSK": "Czechoslovakia",
    "DDR": "German Democratic Republic",
    "SCG": "Serbia and Montenegro",
    "ZAR": "Zaire",
    "YMD": "Democratic Yemen",
    "VDR": "North Vietnam",
}
# Codes that CLDR keeps as aliases of today's regions.
WITHDRAWN: Final = frozenset(
    "ATB BUR BYS CSK CTE DDR DHY FXX GEL HVO JTN MID NHB PUS RHO ROM TMP VDR WAK YMD ZAR".split()
)
SPECIAL: Final = {"XK": "XKX"}
NO_STATE: Final = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ AQ".split())
# How a language writes the & of CLDR's names.
AND: Final = dict(
    pair.split("=")
    for pair in "en=and fr=et it=e el=και ru=и kk=және tr=ve de=und es=y pt=e uk=і pl=i ro=și az=və zh=和 "
    "ky=жана uz=va hi=और id=dan vi=và sr=и bg=и cs=a nl=en be=і hu=és ja=・ ko=및 ar=و fa=و "
    "sv=och ka=და lt=ir lv=un et=ja fi=ja da=og no=og sk=a sl=in hr=i mk=и ms=dan ca=i".split()
)
# Zone names that are no city one would write a state's name with, or that other states' cities share.
NO_CITY: Final = frozenset(
    "Cordoba San_Juan Knox Center Vincennes Easter Christmas Troll Vostok Palmer Casey Mawson Davis Rothera Syowa "
    "Macquarie Midway Wake Johnston Beulah New_Salem Monticello Marengo Petersburg Winamac Tell_City Louisville "
    "Kentucky Thunder_Bay Nome Regina Hermosillo Merida Belem Santarem Nipigon Boise Phoenix Salta Rioja La_Rioja "
    "Catamarca Tucuman Jujuy Mendoza San_Luis Atikokan Cambridge_Bay Edmonton Lindeman Hobart Eucla Creston "
    "Swift_Current Dawson Dawson_Creek Inuvik Metlakatla Sitka Yakutat Adak Denver Menominee Detroit Saipan "
    "Barnaul Kerguelen Chagos Reunion Cocos Kwajalein Enderbury Wallis Efate".split()
)


def words(text: str, language: str) -> list[str]:
    """Cut a folded name into its words the way `treaty_events.countries` does."""
    return [w for w in re.split(r"[\s\-./·・]+", fold(text, language)) if w]


class CountryTable:
    """The names of one language, by class; a later, weaker source never replaces an earlier one.

    Classes: `x` whole form, `n` noun stem, `a` adjective stem, `c` combining form, `u` acronym, `m` several stems.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.classes: dict[str, dict[str, str]] = {k: {} for k in "xnacum"}
        self.rank: dict[tuple[str, str], int] = {}
        self.forms: dict[str, list[str]] = {}
        self.lost: list[str] = []

    def put(self, kind: str, key: str, code: str, rank: int) -> None:
        """Enter a key; two codes of one rank for one key make it ambiguous (empty code)."""
        if not key:
            return
        table, old = self.classes[kind], self.rank.get((kind, key), 99)
        if rank < old:
            table[key], self.rank[kind, key] = code, rank
        elif rank == old and table[key] != code:
            self.lost.append(f"{self.language} {kind} {key}: {table[key]} / {code}")
            table[key] = ""

    def name(self, text: str, code: str, rank: int) -> None:
        """Enter a base name, of one word or several."""
        parts = words(text, self.language)
        if self.language == "ar":
            # The article only: in ألمانيا the two letters belong to the name.
            plain = {fold(w, "ar") for w in text.split() if w.startswith("ال")}
            parts = [p[2:] if p in plain and len(p) > 4 else p for p in parts]
            if len(parts) == 1 and (full := words(text, "ar")[0]) != parts[0]:
                self.put("x", full, code, rank)
        if len(parts) > 1:
            self.put("m", " ".join(inner_stem(self.language, p) for p in parts), code, rank)
            return
        if not parts:
            return
        stem = noun_stem(self.language, parts[0])
        if self.language == "el" and stem == parts[0]:
            # No Greek ending to take off: the name has one form only.
            self.put("x", stem, code, rank)
            return
        if len(stem) >= (2 if self.language in UNSPACED else MIN_STEM):
            self.put("n", stem, code, rank)
        if len(stem) < MIN_STEM or not tail_fits(self.language, parts[0][len(stem) :]):
            self.put("x", parts[0], code, rank)
        if self.language == "ar" and rank < 3:
            # Nisba adjectives drop the noun's final vowel: روسيا -> روسي.
            bare = re.sub("(?:يا|ا|ه|يه)$", "", parts[0])
            if len(bare) >= MIN_STEM:
                self.put("a", bare, code, rank + 4)

    def item(self, text: str, code: str) -> None:
        """Enter one item of a hand-made list.

        Args:
            text: the item; `=` before it: this form only, `^`: an acronym in a script without capitals, `-` after it:
                stem of an adjective or of the name of a people, `~`: first member of a compound.
            code: its state, empty for a form that has none.
        """
        bare = text.rstrip("-~").lstrip("=^")
        if mixed_script(bare):
            raise ListError(f"{self.language}: mixed scripts in {text!r}")
        letters = re.sub(r"[\W\d_]", "", bare)
        if text.startswith("="):
            self.put("x", " ".join(words(bare, self.language)), code, 0)
        elif text.startswith("^"):
            self.put("u", bare, code, 0)
        elif text.endswith("~"):
            self.put("c", fold(bare, self.language), code, 0)
        elif text.endswith("-"):
            parts = words(bare, self.language)
            if len(parts) > 1:
                self.put("m", " ".join([*(inner_stem(self.language, p) for p in parts[:-1]), parts[-1]]), code, 0)
            else:
                self.put("a", parts[0], code, 0)
                # Personal plurals: łotewski, łotewscy; ruský, ruští.
                soft = {"pl": ("k", "c"), "cs": ("sk", "st")}.get(self.language)
                if soft and parts[0].endswith(soft[0]):
                    self.put("a", parts[0].removesuffix(soft[0]) + soft[1], code, 0)
        elif 1 < len(letters) <= 6 and letters.isupper() and letters.lower() != letters:
            self.put("u", re.sub(r"[.\s]", "", bare), code, 0)
        else:
            self.name(text, code, 0)

    def dump(self) -> dict[str, Any]:
        """Give the table as plain data: class -> code -> keys in one string, and the words of state forms."""
        out: dict[str, Any] = {}
        for kind, table in self.classes.items():
            by_code: dict[str, list[str]] = {}
            for key, code in table.items():
                by_code.setdefault(code, []).append(key)
            out[kind] = {code: "|".join(sorted(keys)) for code, keys in sorted(by_code.items())}
        out["forms"] = {k: sorted(v) for k, v in sorted(self.forms.items())}
        return out


def variants(name: str, language: str = "en") -> list[str]:
    """Give a CLDR name without brackets, what its brackets hold (`Myanmar (Burma)`), and both with `&` written out."""
    conjunction = AND.get(language, "and")
    inside = re.findall(r"[(（]([^)）]+)[)）]", name)
    outside = re.sub(r"\s*[(（][^)）]*[)）]", "", name).strip()
    found = [outside, *(i for i in inside if len(i) > 3)]
    return [*found, *(v.replace("&", conjunction) for v in found if "&" in v)]


def alpha3() -> dict[str, str]:
    """Give CLDR region -> ISO 3166-1 alpha-3 code."""
    aliases = get_global("territory_aliases")
    codes = {
        new[0]: old
        for old, new in aliases.items()
        if len(new) == 1 and re.fullmatch("[A-Z]{3}", old) and old not in WITHDRAWN
    }
    return {**codes, **SPECIAL}


def city_names(locale: Locale, codes: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Give (city, code) for the time zones' exemplar cities, in the locale's words or, in Latin scripts, the zone's."""
    zones = get_global("zone_territories")
    for zone in sorted(zones):
        tail = zone.rsplit("/", 1)[-1]
        code = codes.get(zones[zone])
        if code is None or "/" not in zone or zone.startswith(("Etc/", "Antarctica/")) or tail in NO_CITY:
            continue
        city = locale.time_zones.get(zone, {}).get("city")
        if city is None and locale.language not in OTHER_SCRIPTS and str(locale) not in ("uz_Cyrl", "sr_Latn"):
            city = tail.replace("_", " ")
        if city:
            yield re.sub(r"\s*[(（].*", "", city), code


def hand_cities() -> list[tuple[str, dict[str, str]]]:
    """Read `cities.txt`: (code, {language or "" for English: name})."""
    rows = []
    for line in (NAMES / "cities.txt").read_text(encoding="utf-8").splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        code, _, rest = line.partition(" ")
        first, *others = (part.strip() for part in rest.split(";"))
        rows.append((code, {"": first, **{o.partition(" ")[0]: o.partition(" ")[2] for o in others if o}}))
    return rows


def hand_city(names: dict[str, str], language: str) -> str | None:
    """Choose the form of a city's name for a language."""
    if language in names:
        return names[language]
    if language in CYRILLIC:
        return names.get("ru")
    return None if language in OTHER_SCRIPTS else names[""]


ENGLISH: Final = {
    "BIH": "Bosnia and Herzegovina",
    "COD": "DR Congo",
    "COG": "Republic of the Congo",
    "HKG": "Hong Kong",
    "MAC": "Macao",
    "PSE": "Palestine",
    "TTO": "Trinidad and Tobago",
    "TUR": "Türkiye",
}


def read_names(table: CountryTable, codes: set[str]) -> None:
    """Enter the hand-made list of a table's language."""
    path = NAMES / f"countries.{table.language}.txt"
    for head, items, number in lines(path) if path.exists() else ():
        if head.startswith("@"):
            # Articles and ordinary words count as they stand, the words of state forms may be inflected.
            forms = {fold(i, table.language) for i in items}
            if head not in ("@drop", "@common"):
                forms = {inner_stem(table.language, f) for f in forms}
            table.forms[head[1:]] = sorted(forms.union(table.forms.get(head[1:], ())))
        elif head == "--" or all(code in FORMER or code in codes for code in head.split("/")):
            for item in items:
                table.item(item, "" if head == "--" else head)
        else:
            raise ListError(f"{path}:{number}: no such state: {head}")


def countries() -> dict[str, Any]:
    """Build the table of `treaty_events.countries`."""
    english = fresh_locale("en").territories
    codes = {r: c for r, c in alpha3().items() if r not in NO_STATE and r in english}
    cities = hand_cities()
    tables: dict[str, Any] = {}
    names: dict[str, dict[str, str]] = {}
    for language in (*LANGUAGES, *NAMES_ONLY):
        table = CountryTable(language)
        read_names(table, set(codes.values()))
        for tag in LOCALES.get(language, (language,)):
            locale = fresh_locale(tag)
            for region, code in sorted(codes.items()):
                for rank, variant in enumerate(variants(locale.territories.get(region, ""), language), 1):
                    table.name(variant, code, min(rank, 2))
            for city, code in city_names(locale, codes):
                table.name(city, code, 4)
        for code, forms in cities:
            if form := hand_city(forms, language):
                table.name(form, code, 3)
        tables[language] = table.dump()
        for lost in table.lost:
            logger.warning("no state for an ambiguous form: %s", lost)
        local = fresh_locale(language).territories
        names[language] = {c: variants(local[r])[0] for r, c in sorted(codes.items()) if r in local}
    names["en"] |= ENGLISH | FORMER
    return {"names": names, "languages": tables}
