"""Numbers and calendars for `treaty_events.dates`: numeric dates, nearest dates, East Asian numerals, Persian years."""

from __future__ import annotations

import datetime
import re
from typing import Final

_DIGITS: Final = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "兩": 2, "两": 2}
_ERAS: Final = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867}
_NUMERAL: Final = "[〇○零一二三四五六七八九十]"
_PERSIAN_SEASON: Final = re.compile("بهار|تابستان|پاييز|زمستان")
# Beyond this many days a bare day of the month could be another month's.
_NEAR: Final = 12


def numeral(text: str) -> int | None:
    """Read a Chinese numeral: digits in a row (二〇二三) or up to 99 (十二, 二十一).

    Args:
        text: the numeral.

    Returns:
        Its value, None if it is not well formed.
    """
    if "十" in text:
        match = re.fullmatch("([二三四五六七八九]?)十([一二三四五六七八九]?)", text)
        return None if match is None else 10 * _DIGITS.get(match[1], 1) + _DIGITS.get(match[2], 0)
    if not text or any(c not in _DIGITS for c in text):
        return None
    return int("".join(str(_DIGITS[c]) for c in text))


def east_asian(text: str) -> str:
    """Write the numerals and eras before 年, 月, 日 in digits of the common era."""

    def digits(match: re.Match[str]) -> str:
        value = numeral(match[0])
        return match[0] if value is None else str(value)

    # 上周三 is the Wednesday of last week; (木) only repeats the weekday.
    text = re.sub("(上|下|本|这)(周|週|星期)([一二三四五六日天])", r"\1\2\2\3", text)
    text = re.sub(r"\([月火水木金土日월화수목금토일]\)", "", text)
    text = re.sub(f"{_NUMERAL}+(?=[年月日号號])", digits, text)
    return re.sub(
        f"({'|'.join(_ERAS)})(元|\\d{{1,2}})年",
        lambda m: f"{_ERAS[m[1]] + (1 if m[2] == '元' else int(m[2]))}年",
        text,
    )


def _mark(**roles: str) -> str:
    return "".join(f"\x01{role}{int(value)}\x02" for role, value in roles.items())


def _buddhist(match: re.Match[str]) -> str:
    # 2443 to 2643 are 1900 to 2100; the years of the common era end before.
    return _mark(y=str(int(match[1]) - 543)) if int(match[1]) >= 2443 else match[0]


def _local(text: str, language: str) -> str:
    """Mark what one language or calendar alone writes so."""
    if language == "fa":
        # A season of a Persian year lies in the year that its spring lies in.
        text = re.sub(
            r"(?<=[^\W\d] )1([234]\d\d)$",
            lambda m: str(1621 + int(m[1])) if _PERSIAN_SEASON.search(text) else m[0],
            text,
        )
    if language == "th":
        text = re.sub(r"(?<!\d)(?:พ\.ศ\.|พุทธศักราช)?\s*(2[4-6]\d\d)(?!\d)", _buddhist, text)
        text = re.sub(r"(?:ค\.ศ\.|คริสต์ศักราช)\s*(?=\d|\x01)", "", text)
    if language == "he":
        # "The 12th of the month"
        text = re.sub(r"(?<!\d)(\d{1,2}) [בל]חודש$", lambda m: _mark(d=m[1]), text)
    if language == "id":
        # "Senin (2/10)"
        text = re.sub(r"\((\d{1,2})/(\d{1,2})\)$", lambda m: _mark(d=m[1], m=m[2]), text)
    if language == "pt":
        # "quinta-feira (13)"
        text = re.sub(r"\((\d{1,2})\)$", lambda m: _mark(d=m[1]), text)
    return text


def mark_numbers(text: str, language: str, order: str) -> str:
    r"""Replace numeric dates, and numbers with 年, 月, 日 or tháng, by markers that tell their role (\x01y2023\x02).

    Args:
        text: folded text of a date mention.
        language: primary language tag.
        order: `dmy`, `mdy`, or `any` where the language alone does not settle 03/04/2023.

    Returns:
        The text with markers.

    Raises:
        ValueError: day and month cannot be told apart.
    """

    def full(match: re.Match[str]) -> str:
        first, separator, second = int(match[1]), match[2], int(match[3])
        if first > 12 or order == "dmy" or first == second or (order == "any" and separator == "."):
            return _mark(d=match[1], m=match[3], y=match[4])
        if second > 12 or order == "mdy":
            return _mark(d=match[3], m=match[1], y=match[4])
        raise ValueError("day and month cannot be told apart")

    if language in ("zh", "ja", "ko"):
        text = east_asian(text)
        text = re.sub(r"(\d{4})\s*[年년]", " \x01y\\1\x02 ", text)
        text = re.sub(r"(?<!\d)(\d{1,2})\s*(?:月份|月|월)", " \x01m\\1\x02 ", text)
        text = re.sub(r"(?<!\d)(\d{1,2})\s*[日号號일]", " \x01d\\1\x02 ", text)
        text = re.sub(r"(?<=\x02 )(?:에|의|경|쯤|부터|까지)$", "", text.strip())
    text = _local(text, language)
    if language == "vi":
        text = re.sub(r"\bthg ", "tháng ", text)
        text = re.sub(r"tháng (\d{1,2})/(\d{4})(?!\d)", lambda m: _mark(m=m[1], y=m[2]), text)
        text = re.sub(r"tháng (\d{1,2})(?!\d)", lambda m: _mark(m=m[1]), text)
    iso = re.compile(r"(?<![\d./-])(\d{4})([-./])\s?(\d{1,2})\2\s?(\d{1,2})(?![\d/-])\.?")
    text = iso.sub(lambda m: _mark(y=m[1], m=m[3], d=m[4]), text)
    text = re.sub(r"(?<![\d./])(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4})(?![\d/]|\.\d)\.?", full, text)
    text = re.sub(r"(?<![\d./-])(\d{1,2})[./](\d{4})(?![\d./-])", lambda m: _mark(m=m[1], y=m[2]), text)
    if order == "dmy":
        # "28/10" as a whole; within other words it is a share or a number of something.
        short = re.fullmatch(r"(?:(?:(?:sáng|trưa|chiều|tối|dêm) )?(?:ngày )?)(\d{1,2})/(\d{1,2})", text)
        if short and text != "24/7":
            text = _mark(d=short[1], m=short[2])
        if language == "vi":
            # "21 đến 24/4": the month stands once. Folding writes d for đ.
            ends = re.compile(r"(?:(?:từ )?ngày )?(\d{1,2}) ?(?:dến|-) ?(?:ngày )?(\d{1,2})/(\d{1,2})")
            text = ends.sub(lambda m: f"{_mark(d=m[1])} - {_mark(d=m[2], m=m[3])}", text)
        text = re.sub(r"(?<![\d./-])(\d{1,2})\.(\d{2})\.?(?![\d./-])", lambda m: _mark(d=m[1], m=m[2]), text)
    return text


def persian(year: int, month: int, day: int) -> datetime.date:
    """Convert a date of the Persian (solar Hijri) calendar, years 1200 to 1499.

    Raises:
        ValueError: there is no such day.
    """
    if not (1200 <= year <= 1499 and 1 <= month <= 12 and 1 <= day <= (31 if month < 7 else 30)):
        raise ValueError("no such day")
    if month == 12 and day == 30 and _new_year(year + 1) - _new_year(year) != datetime.timedelta(days=366):
        raise ValueError("no such day")
    before = 31 * (month - 1) if month < 8 else 186 + 30 * (month - 7)
    return _new_year(year) + datetime.timedelta(days=before + day - 1)


def persian_year(date: datetime.date) -> int:
    """Give the Persian year that a day lies in."""
    year = date.year - 621
    return year if date >= _new_year(year) else year - 1


def nearest_persian_year(
    month: int, day: int | None, published: datetime.date, shift: int | None, weekday: int | None
) -> int:
    """Choose the year of a Persian month or day as `nearest_year` does.

    Raises:
        ValueError: no year fits.
    """
    now, found = persian_year(published), []
    for year in (now - 1, now, now + 1):
        try:
            first = persian(year, month, day or 1)
        except ValueError:
            continue
        last = first if day else first + datetime.timedelta(days=29)
        if day and weekday not in (None, first.weekday()):
            continue
        if not {-1: last <= published, 0: year == now, 1: first >= published, None: True}[shift]:
            continue
        distance = 0 if first <= published <= last else min(abs((d - published).days) for d in (first, last))
        if shift is not None or distance <= 183:
            found.append((2 * distance + (first > published), year))
    if not found:
        raise ValueError("no year fits")
    return min(found)[1]


# Months of the northern seasons; winter lies in two years.
_SEASONS: Final = {21: (3, 5), 22: (6, 8), 23: (9, 11)}


def season_year(season: int, published: datetime.date, shift: int | None, lean: int | None) -> int:
    """Choose the year of the last, this or the next spring, summer or autumn.

    Args:
        season: EDTF number, 21 to 24.
        published: day of publication.
        shift: -1 if the words say last, 1 if they say next, 0 for this.
        lean: -1 if the word means the season just past.

    Returns:
        The year.

    Raises:
        ValueError: the words leave two years open ("last summer" in October), or it is a winter.
    """
    if season not in _SEASONS:
        raise ValueError("a winter lies in two years")
    first, last = _SEASONS[season]
    begun, over = published.month >= first, published.month > last
    if shift == 0:
        return published.year
    if shift == -1 and not over:
        return published.year - 1
    if shift == 1 and begun:
        return published.year + 1
    if shift is None and lean == -1 and (over or not begun):
        return published.year - (not over)
    raise ValueError("two years are open")


def _new_year(year: int) -> datetime.date:
    # 33-year cycle with eight leap years, right for the whole range that is let in; 1 Farvardin 1403 = 20 March 2024.
    def leaps(y: int) -> int:
        return 8 * (y // 33) + sum(1 for r in (1, 5, 9, 13, 17, 22, 26, 30) if r < y % 33)

    return datetime.date(2024, 3, 20) + datetime.timedelta(days=365 * (year - 1403) + leaps(year) - leaps(1403))


def add_months(first: datetime.date, months: int) -> datetime.date:
    """Move the first day of a month by some months."""
    number = first.year * 12 + first.month - 1 + months
    return datetime.date(number // 12, number % 12 + 1, 1)


def neighbours(start: str, end: str) -> bool:
    """Tell whether two EDTF days, months or years follow one another."""
    first, last = [int(n) for n in start.split("-")], [int(n) for n in end.split("-")]
    if len(first) == 3:
        return datetime.date.fromisoformat(end) - datetime.date.fromisoformat(start) == datetime.timedelta(days=1)
    if len(first) == 2:
        return add_months(datetime.date(first[0], first[1], 1), 1) == datetime.date(last[0], last[1], 1)
    return last[0] - first[0] == 1


def nearest_year(month: int, day: int | None, published: datetime.date, shift: int | None, weekday: int | None) -> int:
    """Choose the year of a month or day: nearest to publication, the past one where two are as near.

    Args:
        month: month number.
        day: day of the month, None for the month as a whole.
        published: day of publication.
        shift: -1 if the words say last, 1 if they say next, 0 for this.
        weekday: weekday that the text gives as well (Monday 0).

    Returns:
        The year.

    Raises:
        ValueError: no year fits.
    """
    found: list[tuple[int, int]] = []
    for year in range(published.year - 1, published.year + 2):
        if day is None:
            distance = 12 * (year - published.year) + month - published.month
            past, future, limit = distance < 0, distance > 0, 6
        else:
            try:
                date = datetime.date(year, month, day)
            except ValueError:
                continue
            distance = (date - published).days
            past, future, limit = distance <= 0, distance >= 0, 183
            if weekday is not None and date.weekday() != weekday:
                continue
        if not {-1: past, 0: year == published.year, 1: future, None: True}[shift]:
            continue
        # 29 February may be further off than half a year, so may what is called last or next.
        if shift is not None or abs(distance) <= limit or (month, day) == (2, 29):
            found.append((2 * abs(distance) + (distance > 0), year))
    if not found:
        raise ValueError("no year fits")
    return min(found)[1]


def nearest_day(day: int, published: datetime.date, shift: int | None, weekday: int | None) -> datetime.date:
    """Choose the month of a day without one, as East Asian and Brazilian news writes it.

    Raises:
        ValueError: no month has the day near enough.
    """
    found: list[tuple[int, datetime.date]] = []
    for months in (-1, 0, 1):
        first = add_months(published.replace(day=1), months)
        try:
            date = first.replace(day=day)
        except ValueError:
            continue
        distance = (date - published).days
        near = abs(distance) <= _NEAR
        if weekday not in (None, date.weekday()):
            continue
        if {-1: distance <= 0, 0: near, 1: distance >= 0, None: near}[shift]:
            found.append((2 * abs(distance) + (distance > 0), date))
    if not found:
        raise ValueError("no month fits")
    return min(found)[1]


def weekday(number: int, published: datetime.date, shift: int | None) -> datetime.date:
    """Find the day that a weekday means: the latest up to publication; with last or next, strictly before or after."""
    if shift == 1:
        return published + datetime.timedelta(days=(number - published.weekday() - 1) % 7 + 1)
    start = published - datetime.timedelta(days=1) if shift == -1 else published
    return start - datetime.timedelta(days=(start.weekday() - number) % 7)
