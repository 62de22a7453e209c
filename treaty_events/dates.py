"""Date mentions in about fifty languages to EDTF (ISO 8601-2) values.

The reading is strict: every word and number of the mention must be understood, otherwise there is no value. So vote
counts (`34-2 in May`), centuries and article numbers give None, and a fabricated date cannot come out. What the words
leave open (the year of `17 febbraio`, the day of `giovedì`) is filled in from the publication date only where one is
given, and the result says so in `anchor`.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import itertools
import json
import re
from importlib import resources
from typing import Any, Final, Literal

from treaty_events import calendars, decades, durations
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
from treaty_events.wordforms import segments

_IGNORED: Final = frozenset(("fill", "num", "part", "within", "skip", "yearword"))
_PLACES: Final = {
    "=y": "year", "n4": "year", "=m": "month", "=p": "month", "=d": "day", "n": "day", "first": "day",
    "weekday": "weekday", "season": "season", "span": "span",
}  # fmt: skip
Granularity = Literal["day", "month", "year", "interval"]
Anchor = Literal["text", "published", "context"]
_LONGEST: Final = 80
_READINGS: Final = 64
_ROW: Final = 4  # words in the longest expression of the table
# A week that does not begin on Monday.
_WEEK_STARTS: Final = {"fa": 5, "he": 6}
# Languages of both hemispheres: last summer may be that of two years.
_BOTH_HEMISPHERES: Final = frozenset(("en", "es", "pt"))
# After what tells a year or day by itself a preposition may stand ("last year in May").
_RELATIVE: Final = frozenset(("=year", "=month", "=week", "=day", "theyear", "themonth"))
_FIRST_YEAR, _LAST_YEAR = 1500, 2100
# \x01y2023\x02 is a marker of `calendars.mark_numbers`.
_TOKEN: Final = re.compile(rf"\x01([ymd])(\d+)\x02|(\d+)|({WORD})|([-/~])|([\s.,;:()'°॰\[\]]+)|(.)", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class DateValue:
    """What a date mention says.

    Attributes:
        edtf: the value in EDTF level 1, e.g. `2020-10-16`, `2020-10`, `2020-03/2020-05`.
        granularity: how fine it is; seasons, weeks and decades are intervals.
        anchor: `published` if the publication date was needed, else `text`; `context` is for callers that give a year.
    """

    edtf: str
    granularity: Granularity
    anchor: Anchor = "text"


@dataclasses.dataclass
class _Parts:
    """What the words of one date (or of one end of a range) give."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    season: int | None = None
    span: int | None = None  # half of a year 1, 2; quarter 11 to 14
    shift: int | None = None  # last -1, this 0, next 1
    unit: str | None = None
    relative: list[tuple[str, int]] = dataclasses.field(default_factory=list)
    persian: bool = False
    bare: bool = False  # the day is a number with no month beside it
    lean: int | None = None  # the form of a weekday or season says that it is ahead 1, behind -1, on either side 0
    whole: bool = False  # the end (start, middle) of "the year", "the month", which need not be the current one


@dataclasses.dataclass(frozen=True)
class _Frame:
    """What is known beside the words of a date."""

    published: datetime.date | None
    year: int | None
    forward: bool
    language: str


@functools.cache
def _lexicon(language: str) -> Lexicon[str]:
    entry = _tables()[language]
    return Lexicon(language, entry["exact"], entry["stems"])


@functools.cache
def _tables() -> dict[str, Any]:
    table = resources.files("treaty_events") / "tables" / "dates.json"
    data: dict[str, Any] = json.loads(table.read_text(encoding="utf-8"))
    return data


@functools.cache
def _scripts(language: str) -> frozenset[str]:
    """Name the scripts that a language's words of dates are written in."""
    table = _tables()[language]
    return scripts("".join((*table["exact"], *table["ago"], *table["decade"], "年" if language in SINITIC else "")))


class _UnclearError(Exception):
    """The mention cannot be read."""


def _pieces(text: str, language: str) -> list[tuple[str, str, str]]:
    """Cut a mention into (kind, text, what it is glued to: "n" a number, "w" a word with an apostrophe, "" nothing)."""
    pieces: list[tuple[str, str, str]] = []
    glue = ""
    for match in _TOKEN.finditer(text):
        role, value, number, word, dash, space, other = match.groups()
        if other:
            raise _UnclearError
        if space:
            glue = "" if space.strip("'°") else glue or "w" * (space == "'")
        elif dash:
            pieces.append(("-", dash, ""))
        elif word:
            runs = next(segments(word, _lexicon(language).exact), None) if language in UNSPACED else None
            pieces.extend(("w", w, "" if i else glue) for i, w in enumerate(runs or [word]))
            glue = ""
        else:
            pieces.append((role, value, "") if role else ("n", number, ""))
            glue = "n" if number else ""
    return pieces


def _tokens(text: str, language: str) -> list[list[tuple[str, int]]]:
    """Give the possible readings of each token: (key, number)."""
    pieces = _pieces(text, language)
    readings: list[list[tuple[str, int]]] = []
    while pieces:
        kind, piece, glued = pieces[0]
        length = 1
        if kind == "-":
            readings.append([("range", 0), ("skip", 0)])
        elif kind == "n":
            readings.append([({1: "n", 2: "n", 4: "n4"}.get(len(piece), "bad"), int(piece))])
        elif kind != "w":
            readings.append([(f"={kind}", int(piece))])
        else:
            keys, length = _look_up(pieces, language)
            # An ending: 12-го, 2021-ci, Mart'ta.
            if tail_fits(language, piece) if glued and not keys else glued == "n" and "num" in keys:
                keys, length = ["num"], 1
            if not keys:
                raise _UnclearError
            readings.append([_key(k) for k in keys])
        pieces = pieces[length:]
    return readings


def _look_up(pieces: list[tuple[str, str, str]], language: str) -> tuple[list[str], int]:
    """Find the longest known expression at the start of the pieces: its keys, and how many pieces it takes."""
    lexicon = _lexicon(language)
    words = [p[1] for p in itertools.takewhile(lambda p: p[0] == "w", pieces[:_ROW])]
    for length in range(len(words), 0, -1):
        for first in without_prefix(language, words[0]):
            if keys := lexicon.exact.get(" ".join((first, *words[1:length]))):
                return keys.split("|"), length
    keys = lexicon.find(words[0])
    return (keys.split("|") if keys else []), 1


@functools.cache
def _key(key: str) -> tuple[str, int]:
    match = re.fullmatch(r"([mdspohqabgu]|day|week|month|year)([-+]?\d+)", key)
    if match is None:
        return key, 0
    number = int(match[2]) + (10 if match[1] == "q" else 0)
    names = {"m": "=m", "p": "=p", "d": "weekday", "s": "season", "o": "n", "h": "span", "q": "span"}
    names |= {"a": "ahead", "b": "behind", "g": "gone", "u": "open"}
    return names.get(match[1], f"={match[1]}"), number


def _gather(atoms: list[tuple[str, int]]) -> _Parts:
    """Read the atoms of one date."""
    keys = {key for key, _ in atoms}
    parts, day_at, month_at = _Parts(), None, None
    atoms = [a for i, a in enumerate(atoms) if a[0] != "lead" or not i or atoms[i - 1][0] not in _RELATIVE]
    for position, (key, value) in enumerate(a for a in atoms if a[0] not in _IGNORED):
        _put(parts, key, value)
        if key in ("n", "first"):
            day_at = position
        elif key in ("=m", "=p") and month_at is None:
            month_at = position
    if "yearword" in keys and parts.year is None:
        raise _UnclearError
    # A number is a day only next to its month; without a month only at the start of a range.
    parts.bare = day_at is not None and month_at is None
    if day_at is not None and month_at is not None and abs(day_at - month_at) != 1:
        raise _UnclearError
    if parts.unit and parts.shift is not None:
        parts.relative.append((parts.unit, parts.shift))
        parts.unit = parts.shift = None
    if parts.unit in ("year", "month") and "within" in keys and not (parts.year or parts.relative):
        parts.relative.append((parts.unit, 0))
        parts.unit, parts.whole = None, True
    # The end of "the year" told of, in languages where the word alone means this year.
    parts.whole = parts.whole or ("within" in keys and not keys.isdisjoint(("theyear", "themonth")))
    low, high = (1200, 1499) if parts.persian else (_FIRST_YEAR, _LAST_YEAR)
    if parts.unit or not low <= (low if parts.year is None else parts.year) <= high:
        raise _UnclearError
    return parts


def _put(parts: _Parts, key: str, value: int) -> None:
    """Enter one atom; each part of a date may come once."""
    if key in ("=day", "=week", "=month", "=year"):
        parts.relative.append((key[1:], value))
        return
    if key in ("theyear", "themonth"):
        parts.relative.append((key[3:], 0))
        return
    if key in ("ahead", "behind", "gone", "open"):
        parts.lean = {"ahead": 1, "open": 0}.get(key, -1)
        key = "season" if key == "gone" else "weekday"
    name: str
    entry: str | int
    if key in ("week", "month", "year"):
        name, entry = "unit", key
    elif key in ("last", "this", "next"):
        name, entry = "shift", ("last", "this", "next").index(key) - 1
    elif key in _PLACES:
        name, entry = _PLACES[key], 1 if key == "first" else value
    else:
        raise _UnclearError
    # Arabic news gives both names of a month: أيلول/سبتمبر.
    if getattr(parts, name) is not None and (key != "=m" or parts.month != value):
        raise _UnclearError
    setattr(parts, name, entry)
    parts.persian = parts.persian or key == "=p"


def _absolute(parts: _Parts) -> DateValue:
    """Write a date whose year is known."""
    year, month, day = parts.year, parts.month, parts.day
    if year is None:
        raise _UnclearError
    if parts.persian:
        if not month:
            raise _UnclearError
        if day:
            return DateValue(calendars.persian(year, month, day).isoformat(), "day")
        start = calendars.persian(year, month, 1)
        return DateValue(f"{start:%Y-%m}/{calendars.add_months(start.replace(day=1), 1):%Y-%m}", "interval")
    if parts.span and not (month or day or parts.season):
        first, last = (
            (parts.span * 6 - 5, parts.span * 6) if parts.span < 10 else (parts.span * 3 - 32, parts.span * 3 - 30)
        )
        return DateValue(f"{year:04}-{first:02}/{year:04}-{last:02}", "interval")
    if parts.span:
        raise _UnclearError
    if parts.season and not month and not day:
        return DateValue(f"{year:04}-{parts.season}", "interval")
    if parts.season or (day is not None and month is None):
        raise _UnclearError
    if day is not None and month is not None:
        return DateValue(datetime.date(year, month, day).isoformat(), "day")
    if parts.weekday is not None:
        raise _UnclearError
    if month is not None:
        datetime.date(year, month, 1)
        return DateValue(f"{year:04}-{month:02}", "month")
    return DateValue(f"{year:04}", "year")


def _anchored(parts: _Parts, published: datetime.date, frame: _Frame) -> DateValue:
    """Work out a date from the day of publication; forward, what the words leave open lies after it."""
    units, forward = dict(parts.relative), frame.forward
    if parts.bare or len(units) != len(parts.relative) or (parts.whole and not forward):
        raise _UnclearError
    if units and parts.shift is not None:
        raise _UnclearError
    if parts.persian:
        return _absolute(dataclasses.replace(parts, year=_persian_year(parts, units, published, forward), relative=[]))
    if "year" in units and len(units) == 1:
        return _absolute(dataclasses.replace(parts, year=published.year + units["year"], relative=[]))
    if parts.season:
        if units or parts.month or parts.day or frame.language in _BOTH_HEMISPHERES:
            raise _UnclearError
        year = calendars.season_year(parts.season, published, parts.shift, parts.lean)
        return _absolute(dataclasses.replace(parts, year=year))
    if parts.month is not None and not units.keys() - {"day"}:
        if parts.weekday is not None and parts.day is None:
            # "The last Friday in March"
            raise _UnclearError
        shift = 1 if forward and parts.shift is None else parts.shift
        year = calendars.nearest_year(parts.month, parts.day, published, shift, parts.weekday)
        return _absolute(dataclasses.replace(parts, year=year, weekday=None))
    if len(units) == 1 and parts.month is None:
        ((unit, shift),) = units.items()
        return _shifted(parts, unit, shift, published, _WEEK_STARTS.get(frame.language, 0))
    if parts.day is not None and not units and parts.month is None:
        return DateValue(calendars.nearest_day(parts.day, published, parts.shift, parts.weekday).isoformat(), "day")
    if parts.weekday is not None and not units:
        return DateValue(_weekday(parts, published, forward).isoformat(), "day")
    raise _UnclearError


def _weekday(parts: _Parts, published: datetime.date, forward: bool) -> datetime.date:
    """Choose the day of a weekday."""
    number = parts.weekday
    if number is None:
        raise _UnclearError
    if parts.shift == 0:
        # "This Friday" is the day itself on a Friday, otherwise the one before or the one after.
        if number != published.weekday():
            raise _UnclearError
        return published
    shift = parts.lean if parts.shift is None else parts.shift
    if shift == 0 and not forward:
        raise _UnclearError
    return calendars.weekday(number, published, 1 if forward and not shift and number != published.weekday() else shift)


def _persian_year(parts: _Parts, units: dict[str, int], published: datetime.date, forward: bool) -> int:
    """Choose the Persian year of a month or day."""
    if parts.month is None or units.keys() - {"day", "year"}:
        raise _UnclearError
    if "year" in units:
        if len(units) > 1:
            raise _UnclearError
        return calendars.persian_year(published) + units["year"]
    shift = 1 if forward and parts.shift is None else parts.shift
    return calendars.nearest_persian_year(parts.month, parts.day, published, shift, parts.weekday)


def _shifted(parts: _Parts, unit: str, shift: int, published: datetime.date, week_start: int) -> DateValue:
    """Work out a day, week or month so many after publication."""
    if unit == "month" and parts.weekday is None:
        first = calendars.add_months(published.replace(day=1), shift)
        return _absolute(_Parts(first.year, first.month, parts.day))
    if parts.day is not None or unit == "month":
        raise _UnclearError
    if unit == "day":
        date = published + datetime.timedelta(days=shift)
        if parts.weekday not in (None, date.weekday()):
            raise _UnclearError
        return DateValue(date.isoformat(), "day")
    first = published + datetime.timedelta(days=7 * shift - (published.weekday() - week_start) % 7)
    if parts.weekday is not None:
        return DateValue((first + datetime.timedelta(days=(parts.weekday - week_start) % 7)).isoformat(), "day")
    return DateValue(f"{first.isoformat()}/{(first + datetime.timedelta(days=6)).isoformat()}", "interval")


def _single(parts: _Parts, frame: _Frame) -> DateValue:
    if parts.year is None and frame.year is not None and parts.month is not None and not parts.relative:
        if parts.persian:
            raise _UnclearError
        parts = dataclasses.replace(parts, year=frame.year)
    if parts.year is not None and parts.shift is None and all(unit == "day" for unit, _ in parts.relative):
        return _absolute(dataclasses.replace(parts, weekday=parts.weekday if parts.day is None else None))
    if frame.published is None or parts.year is not None:
        raise _UnclearError
    return dataclasses.replace(_anchored(parts, frame.published, frame), anchor="published")


def _interval(left: _Parts, right: _Parts, frame: _Frame) -> DateValue:
    if left.relative or right.relative or left.shift is not None or right.shift is not None:
        raise _UnclearError
    # What one end leaves out, the other says: "May 12-14, 2019", "12 to 14 May 2019", "5月12日至14日".
    if right.year is None:
        right = dataclasses.replace(right, year=left.year)
    if right.month is None and right.day is not None:
        right = dataclasses.replace(right, month=left.month, bare=left.bare)
    end = _single(right, frame)
    if end.granularity == "interval":
        raise _UnclearError
    numbers = [int(n) for n in end.edtf.split("-")]
    if left.month is None and left.day is not None and len(numbers) == 3 and left.year in (None, numbers[0]):
        left = dataclasses.replace(left, month=numbers[1])
    if left.year is None:
        later = left.month is not None and len(numbers) > 1 and left.month > numbers[1]
        left = dataclasses.replace(left, year=numbers[0] - later)
    start = _absolute(dataclasses.replace(left, weekday=None))
    if start.granularity != end.granularity or start.edtf >= end.edtf:
        raise _UnclearError
    return DateValue(f"{start.edtf}/{end.edtf}", "interval", end.anchor)


def _interpret(atoms: list[tuple[str, int]], frame: _Frame) -> DateValue:
    between = bool(atoms) and atoms[0][0] == "between"
    while atoms and atoms[0][0] in ("lead", "range", "between"):
        atoms = atoms[1:]
    cut = [i for i, (key, _) in enumerate(atoms) if key in ("range", "and")]
    if len(cut) > 1 or not atoms:
        raise _UnclearError
    if cut:
        atoms = [atom for atom in atoms if atom[0] != "years"]
    else:
        return _single(_gather(atoms), frame)
    end = list(itertools.dropwhile(lambda atom: atom[0] == "lead", atoms[cut[0] + 1 :]))
    value = _interval(_gather(atoms[: cut[0]]), _gather(end), frame)
    if atoms[cut[0]][0] == "and" and not between and not calendars.neighbours(*value.edtf.split("/")):
        raise _UnclearError
    return value


def _leads(language: str, word: str) -> bool:
    """Tell whether a word may stand before a date without saying anything of it."""
    return bool({"lead", "fill", "within"} & set(_lexicon(language).exact.get(word, "").split("|")))


def _ago(text: str, language: str, published: datetime.date) -> DateValue | None:
    """Read a length of time that ends at publication (`two years ago`), as fine as its unit."""
    for pattern in _tables()[language]["ago"]:
        head, _, tail = pattern.partition("{}")
        if text.startswith(head) and text.endswith(tail) and len(text) > len(pattern) - 2:
            length = durations.parse(text[len(head) : len(text) - len(tail)], language)
            match = re.fullmatch(r"P(\d+)([YMD])", length or "")
            if match and int(match[1]) < 1000:
                count = int(match[1])
                if match[2] == "D":
                    return DateValue((published - datetime.timedelta(days=count)).isoformat(), "day", "published")
                if match[2] == "M":
                    month = calendars.add_months(published.replace(day=1), -count)
                    return DateValue(f"{month.year:04}-{month.month:02}", "month", "published")
                return DateValue(f"{published.year - count:04}", "year", "published")
    return None


def _read(
    surface: str, language: str, order: str, published: datetime.date | None, year: int | None, forward: bool
) -> DateValue | None:
    text = fold(surface, language)
    if language == "ar":
        # The conjunction is written together with the number: و2004.
        text = re.sub(r"(?<!\w)و(?=\d)", "", text)
    if language in ("fr", "ca"):
        # dix-sept juin, abans-d'ahir
        text = re.sub(r"(?<=[a-z])-(?=[a-z])", " ", text)
    if decade := decades.read(text, tuple(_tables()[language]["decade"]), functools.partial(_leads, language)):
        return DateValue(decade, "interval")
    if published is not None and (value := _ago(text, language, published)):
        return value
    try:
        readings = _tokens(calendars.mark_numbers(text, language, order), language)
    except (_UnclearError, ValueError):
        return None
    found: list[DateValue] = []
    frame = _Frame(published, year, forward, language)
    for atoms in itertools.islice(itertools.product(*readings), _READINGS):
        try:
            value = _interpret(list(atoms), frame)
        except (_UnclearError, ValueError, OverflowError):
            continue
        if value not in found:
            found.append(value)
    return found[0] if len(found) == 1 else None


@functools.lru_cache(maxsize=16384)
def _parse(
    surface: str, language: str | None, published: datetime.date | None, year: int | None, forward: bool
) -> DateValue | None:
    if not surface or len(surface) > _LONGEST:
        return None
    base = base_language(language)
    if base in LANGUAGES:
        american = (language or "").replace("_", "-").lower() == "en-us"
        order = "mdy" if american else "any" if language == "en" else "dmy"
        return _read(surface, str(base), order, published, year, forward)
    # Unknown language: what every language that can read it agrees on. Buddhist years need Thai letters beside them.
    thai = re.search("[\u0e01-\u0e2e]", surface) is not None
    # Bare numbers mean the same in all languages.
    letters = scripts(surface)
    known = LANGUAGES if letters else ("en",)
    others = [other for other in known if (thai or other != "th") and letters <= _scripts(other)]
    values = {_read(surface, other, "any", published, year, forward) for other in others} - {None}
    return values.pop() if len(values) == 1 else None


def parse(
    surface: str,
    *,
    language: str | None = None,
    published: datetime.date | None = None,
    year: int | None = None,
    forward: bool = False,
) -> DateValue | None:
    """Read a date mention.

    Args:
        surface: the mention as it stands in the text.
        language: language tag of the text; `en-US` and `en-GB` settle the order of 03/04/2023, plain `en` does not.
        published: day of publication, for dates without a year, weekdays and words such as `yesterday`.
        year: year that the context gives to a date without one.
        forward: the date is that of something planned: a weekday or a day without year lies after publication, unless
            the words say otherwise.

    Returns:
        The value, None where the words (and the publication date, if given) do not settle it.
    """
    if isinstance(published, datetime.datetime):
        published = published.date()
    return _parse(surface.strip(' \t\r\n,;:!?"«»“”„'), language, published, year, forward)
