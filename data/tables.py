"""Build the tables of the value modules from CLDR (through Babel) and the hand-made lists in `data/names/`.

`python -m data.tables` writes `treaty_events/tables/*.json`; the output depends on nothing but its inputs, so that a
second run changes no byte. Babel is needed here only: the package reads the JSON.
"""

from __future__ import annotations

import json
import logging
import pathlib
import re
from typing import Any, Final

from data.country_table import countries
from data.namelists import LOCALES, NAMES, UNSPACED, ListError, fresh_locale, lines, mixed_script
from treaty_events import datewords
from treaty_events.datewords import WORD
from treaty_events.wordforms import LANGUAGES, MIN_STEM, NAMES_ONLY, fold, inner_stem

TABLES: Final = pathlib.Path(__file__).parent.parent / "treaty_events" / "tables"
# Keys of `dates.txt` whose words take the endings of nouns.
INFLECTED: Final = re.compile(r"[mds]\d+|p\d+|week|month|year")
# Languages in which the word for year beside its number takes case endings (`2014-жылдан`, `2027 წლამდე`).
INFLECTED_YEARS: Final = frozenset("kk ky uz tr hu ka lt lv et fi hy".split())
# Second scripts of the calendars that names have no list for.
FURTHER_LOCALES: Final = {"bs": ("bs", "bs_Cyrl")}


def date_words(text: str, language: str) -> str:
    """Give a date word as `treaty_events.dates` cuts it: letters only, one space between words."""
    return " ".join(re.findall(WORD, datewords.fold(text, language)))


class DateWords:
    """The date words of one language: whole forms, and stems that take the endings of nouns."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.exact: dict[str, list[str]] = {}
        self.stems: dict[str, str] = {}
        self.ago: list[str] = []
        self.decades: list[str] = []

    def put(self, word: str, key: str) -> None:
        """Enter a word of the list or a full name of CLDR."""
        bare = word.lstrip("=")
        form = date_words(bare, self.language)
        # "tháng 5", "5月": the number is the name, `dates` reads it by itself.
        if not form or re.search(r"\d", fold(bare)):
            return
        keys = self.exact.setdefault(form, [])
        if key not in keys:
            keys.append(key)
        stem = datewords.noun_stem(self.language, form)
        if word != bare or " " in form or len(stem) < MIN_STEM:
            return
        if INFLECTED.fullmatch(key) or (key == "yearword" and self.language in INFLECTED_YEARS):
            known = self.stems.setdefault(stem, key)
            if {known, key} == {"year", "yearword"}:
                self.stems[stem] = "year|yearword"

    def put_days(self, items: list[str]) -> None:
        """Enter the ordinals of the days of a month, first to last (slashes between variants)."""
        if len(items) != 31:
            raise ListError(f"dates.txt: {self.language} days: 31 words, not {len(items)}")
        for number, forms in enumerate(items, 1):
            for form in forms.split("/"):
                self.put(f"={form}", f"o{number}")

    def put_short(self, word: str, key: str) -> None:
        """Enter an abbreviation unless the form means something already."""
        form = date_words(word, self.language)
        if len(form) > 2 and form not in self.exact and not re.search(r"\d", fold(word)):
            self.exact[form] = [key]


def dates() -> dict[str, Any]:
    """Build the table of `treaty_events.dates`: for each language its words (exact and stems) and what they mean."""
    listed = [(head, items) for head, items, _ in lines(NAMES / "dates.txt")]
    tables: dict[str, Any] = {}
    for language in datewords.LANGUAGES:
        table = DateWords(language)
        for head, items in listed:
            key, _, first = items[0].partition(" ")
            if key == "days" and head == language:
                table.put_days([first, *items[1:]])
                continue
            for item in (first, *items[1:]) if head == language else ():
                if key == "ago":
                    table.ago.append(datewords.fold(item, language))
                elif key == "decade":
                    table.decades.append(datewords.fold(item, language))
                else:
                    table.put(item, key)
        contexts = [
            (fresh_locale(tag), context)
            for tag in (LOCALES | FURTHER_LOCALES).get(language, (language,))
            for context in ("format", "stand-alone")
        ]
        for locale, context in contexts:
            for number in range(1, 13):
                table.put(locale.months[context]["wide"][number], f"m{number}")
            for day in range(7):
                table.put(locale.days[context]["wide"][day], f"d{day}")
        for locale, context in contexts:
            for number in range(1, 13):
                table.put_short(locale.months[context]["abbreviated"][number], f"m{number}")
        exact = {form: "|".join(settled(keys)) for form, keys in table.exact.items()}
        tables[language] = {"exact": exact, "stems": table.stems, "ago": table.ago, "decade": table.decades}
    return tables


def settled(keys: list[str]) -> list[str]:
    """Leave out the plain weekday where the form says as well on which side of publication it lies."""
    sided = [key for key in keys if re.fullmatch(r"[ab]\d", key)]
    return [key for key in keys if not (sided and re.fullmatch(r"d\d", key))]


TENS: Final = tuple(range(20, 100, 10))


def number_words(language: str) -> dict[str, int]:
    """Read the number words of a language and put its one-word compounds together."""
    numbers: dict[str, int] = {}
    base: dict[int, str] = {}
    for head, items, _ in lines(NAMES / "numbers.txt"):
        if head != language:
            continue
        listed, _, extra = items[0].partition(";")
        units, tens, hundred = (part.split() for part in listed.split("|"))
        for value, forms in [*enumerate(units, 1), *zip(TENS[1:], tens, strict=True), (100, hundred[0])]:
            base[value] = forms.split("/")[0]
            for form in forms.split("/"):
                numbers.setdefault(number_key(form, language), value)
        for pair in extra.split():
            value_text, _, form = pair.partition("=")
            numbers[number_key(form, language)] = int(value_text)
    for ten in TENS if base else ():
        # Georgian counts in scores: 35 is "twenty and fifteen".
        for unit in range(1, 20 if language == "ka" else 10):
            if one_word := glued_number(language, base[ten], base[unit], unit):
                numbers.setdefault(number_key(one_word, language), ten + unit)
    return numbers


def number_key(form: str, language: str) -> str:
    """Fold a number word of the list (underscores are spaces)."""
    return datewords.fold(form.replace("_", " "), language)


def glued_number(language: str, ten: str, unit: str, value: int) -> str | None:
    """Put tens and unit together where the language writes them as one word."""
    if language == "it":
        return (ten[:-1] if value in (1, 8) else ten) + ("uno" if value == 1 else unit)
    if language == "de":
        return f"{unit}und{ten}"
    if language == "nl":
        return f"{unit}en{ten}"
    if language == "hu":
        return ("huszon" if ten == "húsz" else ten) + unit
    if language in ("sv", "nb", "fi", "sk", "hy"):
        return ten + unit
    if language in ("da", "sl"):
        return f"{unit}{'og' if language == 'da' else 'in'}{ten}"
    if language == "ka" and ten in ("ოცი", "ორმოცი", "სამოცი", "ოთხმოცი"):
        return f"{ten[:-1]}და{unit}"
    return None


def put_duration_words(table: dict[str, Any], key: str, forms: list[str]) -> None:
    """Enter one line of `durations.txt` in a language's table."""
    if key in ("fill", "half"):
        table[key] = sorted({*table[key], *forms})
    elif key in ("T", "Y", "M", "W", "D"):
        table["units"].update(dict.fromkeys(forms, key))
    elif key in ("Yx", "Mx", "Wx", "Dx"):
        table["stems"].update(dict.fromkeys(forms, key[0]))
    elif re.fullmatch(r"\d+x", key):
        table["prefixes"].update(dict.fromkeys(forms, int(key[:-1])))
    elif key.isdigit():
        table["numbers"].update(dict.fromkeys(forms, int(key)))
    elif re.fullmatch(r"P(?:\d+[YMWD])+", key):
        table["whole"].update(dict.fromkeys(forms, key))
    else:
        raise ListError(f"durations.txt: unknown key {key}")


def duration_words(text: str, language: str) -> str:
    """Give a word of `durations.txt` as `treaty_events.durations` cuts it; a final * (any ending) stays."""
    return " ".join(re.findall(rf"{WORD}(?:'{WORD})*", datewords.fold(text, language))) + "*" * text.endswith("*")


def durations() -> dict[str, Any]:
    """Build the table of `treaty_events.durations`."""
    listed = [(head, items) for head, items, _ in lines(NAMES / "durations.txt")]
    tables: dict[str, Any] = {}
    for language in datewords.LANGUAGES:
        table: dict[str, Any] = {k: {} for k in ("units", "whole", "prefixes", "stems")} | {"fill": [], "half": []}
        table["numbers"] = number_words(language)
        for head, items in listed:
            if head == language:
                key, _, first = items[0].partition(" ")
                put_duration_words(table, key, [duration_words(w.lstrip("="), language) for w in (first, *items[1:])])
        table["number_stems"] = {
            datewords.noun_stem(language, word): value for word, value in table["numbers"].items() if " " not in word
        }
        tables[language] = table
    return tables


def organisations() -> dict[str, Any]:
    """Build the table of `treaty_events.organisations`."""
    languages = (*LANGUAGES, *NAMES_ONLY)
    tables: dict[str, dict[str, Any]] = {k: {"acronyms": {}, "stems": {}, "whole": {}} for k in languages}
    names: dict[str, str] = {}
    for code, items, _ in lines(NAMES / "organisations.txt"):
        language, _, first = items[0].partition(" ")
        if language != "*" and language not in tables:
            raise ListError(f"organisations.txt: no such language: {language}")
        if language == "en":
            names.setdefault(code, next((i for i in (first, *items[1:]) if " " in i), first))
        for item in (first, *items[1:]):
            if mixed_script(item) and not item.isupper():
                raise ListError(f"organisations.txt: mixed scripts in {item!r}")
            for target in languages if language == "*" else (language,):
                put_organisation(tables[target], target, item, code)
    known = {code for table in tables.values() for kind in table.values() for code in kind.values()}
    for language, table in tables.items():
        table["leading"] = leading_words(language)
    return {"names": {c: names.get(c, c.replace("_", " ")) for c in sorted(known)}, "languages": tables}


def leading_words(language: str) -> list[str]:
    """Give the articles and prepositions that a mention may begin with, as the lists of states have them."""
    path = NAMES / f"countries.{language}.txt"
    listed = lines(path) if path.exists() else ()
    return sorted({fold(item, language) for head, items, _ in listed if head == "@drop" for item in items})


def put_organisation(table: dict[str, Any], language: str, item: str, code: str) -> None:
    """Enter one name or acronym of an organisation."""
    if item.startswith("^"):
        table["acronyms"].setdefault(item[1:], code)
        return
    letters = re.sub(r"[\W\d_]", "", item)
    if letters and " " not in item and sum(c.isupper() for c in letters) >= max(2, len(letters) - 1):
        table["acronyms"].setdefault(item.replace(".", ""), code)
        return
    if re.fullmatch(r"[A-Z]\d+", item):
        table["acronyms"].setdefault(item, code)
        return
    if language in UNSPACED:
        table["whole"].setdefault(fold(item, language).replace(" ", ""), code)
        return
    parts = [p for p in re.split(r"[\s\-./,·]+", fold(item, language)) if p]
    if language == "ar":
        parts = [re.sub("^(?:لل|ال)(?=...)", "", p) for p in parts]
    key = " ".join(inner_stem(language, p) for p in parts)
    if table["stems"].setdefault(key, code) != code:
        raise ListError(f"{item!r} stands for two organisations or treaties")


def instruments() -> dict[str, Any]:
    """Build the table of `treaty_events.instruments`."""
    tables: dict[str, Any] = {k: {"acronyms": {}, "stems": {}, "whole": {}} for k in LANGUAGES}
    listed: dict[str, list[str]] = {}
    code = ""
    for line in (NAMES / "treaties.txt").read_text(encoding="utf-8").splitlines():
        head, _, rest = line.split("#")[0].strip().partition(" ")
        if head == "=":
            code, *facts = rest.split()
            if code in listed or len(facts) != 3:
                raise ListError(f"treaties.txt: {rest!r} needs an unused code, a date, a kind and a domain")
            listed[code] = facts
        elif head:
            if head not in tables:
                raise ListError(f"treaties.txt: no such language: {head}")
            for name in (n.strip() for n in rest.split(",")):
                if name:
                    # The matcher cuts at apostrophes (convention d'Istanbul); Uzbek ones are letters.
                    cut = name if head == "uz" else re.sub("['’]", " ", name)
                    put_organisation(tables[head], head, cut, code)
    return {"instruments": listed, "languages": tables}


def states() -> dict[str, Any]:
    """Build the table of `treaty_events.states`."""
    tables: dict[str, Any] = {}
    for code, items, _ in lines(NAMES / "states.txt"):
        alpha2, item, number, abbreviation = items
        cow = [None, None] if number == "-" else [int(number), abbreviation]
        tables[code] = [alpha2, item, *cow]
    return tables


def write(name: str, table: dict[str, Any]) -> None:
    """Write one table, keys in order, one language a line."""
    path = TABLES / name
    path.parent.mkdir(exist_ok=True)
    body = ",\n".join(
        f"{json.dumps(key)}:{json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(',', ':'))}"
        for key, value in sorted(table.items())
    )
    path.write_text("{" + body + "}\n", encoding="utf-8")


def main() -> None:
    """Write every table."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    write("countries.json", countries())
    write("dates.json", dates())
    write("durations.json", durations())
    write("organisations.json", organisations())
    write("states.json", states())
    write("instruments.json", instruments())


if __name__ == "__main__":
    main()
