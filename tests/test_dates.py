"""Dates in many languages; nothing is ever made up."""

from __future__ import annotations

import datetime
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treaty_events import calendars, dates
from treaty_events.wordforms import LANGUAGES

PUBLISHED = datetime.date(2025, 2, 19)  # a Wednesday
# language -> "surface = EDTF value"; * after the value: it needs the publication date.
SURFACES = {
    "it": """
        16 ottobre 2020 = 2020-10-16; 17 febbraio = 2025-02-17*; giovedì = 2025-02-13*;
        oggi, 17 febbraio = 2025-02-17*; 1º marzo = 2025-03-01*; primo marzo 2020 = 2020-03-01;
        sabato scorso = 2025-02-15*; 28 marzo 1994 = 1994-03-28; ottobre 2020 = 2020-10; dell'anno scorso = 2024*;
        due anni fa = 2023*; la settimana scorsa = 2025-02-10/2025-02-16*; il mese prossimo = 2025-03*;
        lunedì 17 febbraio 2025 = 2025-02-17; fine anno = None; quest'anno = 2025*; ieri sera = 2025-02-18*;
        8 marzo scorso = 2024-03-08*; tra il 2019 e il 2021 = 2019/2021;
        dal 12 al 14 maggio 2019 = 2019-05-12/2019-05-14; inizio dell'anno = None;
        12 e 13 maggio 2019 = 2019-05-12/2019-05-13
    """,
    "ru": """
        16 октября 2020 года = 2020-10-16; 12-го декабря 2023 г. = 2023-12-12; в прошлую субботу = 2025-02-15*;
        в октябре прошлого года = 2024-10*; вчера = 2025-02-18*; 2014 год = 2014; 12.05.2019 = 2019-05-12;
        с 12 по 14 мая 2019 года = 2019-05-12/2019-05-14; весной 2020 года = 2020-21; 1990-е годы = 199X;
        два года назад = 2023*; в прошлом году = 2024*; на прошлой неделе = 2025-02-10/2025-02-16*;
        в следующем месяце = 2025-03*; 5 лет = None; конце 2023 года = 2023; четверг, 13 февраля = 2025-02-13*;
        статья 5 = None; 2019-2021 годы = 2019/2021; 2019–2021 гг. = 2019/2021; сентябрь 2019 г. = 2019-09;
        в сентябре = 2024-09*; май = 2025-05*; 13 мая 2020-го = 2020-05-13; 13 февраля этого года = 2025-02-13*;
        XXI век = None; 12 и 13 мая = 2025-05-12/2025-05-13*
    """,
    "kk": """
        2023 жылғы 12 желтоқсан = 2023-12-12; 12 желтоқсан 2023 жылы = 2023-12-12;
        2023 жылғы 12 желтоқсанда = 2023-12-12; өткен сенбі = 2025-02-15*; бүгін = 2025-02-19*; 2023 жылы = 2023;
        2024 жылдың 28 қарашасында = 2024-11-28; былтыр = 2024*; өткен аптада = 2025-02-10/2025-02-16*;
        келесі айда = 2025-03*; 2019-2021 жылдары = 2019/2021; 16 қазан = 2024-10-16*; 2020 жылғы қазанда = 2020-10;
        қазан айында = 2024-10*; сенбі күні = 2025-02-15*; былтырғы жылы = 2024*
    """,
    "tr": """
        12 Aralık 2023 = 2023-12-12; 12 Aralık 2023'te = 2023-12-12; geçen Cumartesi = 2025-02-15*;
        Ekim 2019 = 2019-10; 2014 = 2014; 2019 yılının Ekim ayında = 2019-10; geçen yıl = 2024*;
        5 Mart'ta = 2025-03-05*; iki yıl önce = 2023*; geçen hafta = 2025-02-10/2025-02-16*; gelecek ay = 2025-03*;
        12-14 Mayıs 2019 = 2019-05-12/2019-05-14; 2023 yılı = 2023; Perşembe günü = 2025-02-13*; bu yıl = 2025*;
        16 Ekim 2020'de = 2020-10-16; 16 Ekim 2020 tarihinde = 2020-10-16; Mayıs ayında = 2025-05*
    """,
    "el": """
        το περασμένο Σάββατο = 2025-02-15*; 12 Δεκεμβρίου 2023 = 2023-12-12; 12η Δεκεμβρίου 2023 = 2023-12-12;
        Δευτέρα = 2025-02-17*; Οκτώβριο του 2019 = 2019-10; 1η Μαΐου = 2025-05-01*; χθες = 2025-02-18*;
        πέρυσι = 2024*; πριν από δύο χρόνια = 2023*; τον περασμένο μήνα = 2025-01*;
        την επόμενη εβδομάδα = 2025-02-24/2025-03-02*; τον Οκτώβριο του 2019 = 2019-10;
        Πέμπτη 13 Φεβρουαρίου = 2025-02-13*; το 2014 = 2014; φέτος = 2025*; σήμερα, 17 Φεβρουαρίου = 2025-02-17*;
        τέλη Μαΐου = 2025-05*
    """,
    "en": """
        May 12, 2019 = 2019-05-12; 12 May 2019 = 2019-05-12; 12th of May, 2019 = 2019-05-12; 03/04/2023 = None;
        13/04/2023 = 2023-04-13; 2023-12-12 = 2023-12-12; 34-2 in May = None; 21st century = None; the 1990s = 199X;
        Thursday = 2025-02-13*; Wednesday = 2025-02-19*; last Wednesday = 2025-02-12*; next Monday = 2025-02-24*;
        yesterday = 2025-02-18*; last month = 2025-01*; last year = 2024*; next week = 2025-02-24/2025-03-02*;
        March 2020 to May 2020 = 2020-03/2020-05; March-May 2020 = 2020-03/2020-05;
        12-14 May 2019 = 2019-05-12/2019-05-14; 2014-2019 = 2014/2019; 2 in May = None; article 12 = None;
        early 2020 = 2020; mid-May = 2025-05*; February 30, 2020 = None; last October = 2024-10*; 31-2 = None;
        12 = None; May = 2025-05*; Thursday, February 13 = 2025-02-13*; Thursday, Feb. 13, 2025 = 2025-02-13;
        spring 2020 = 2020-21; 9/11 = None; 24/7 = None; 2023/24 = None; 2019-20 = None; COVID-19 = None;
        Resolution 1325 = None; 2254 = None; 10% = None; five years = None; two years ago = 2023*;
        three days ago = 2025-02-16*; a month ago = 2025-01*; 12.30 = None; 5 March = 2025-03-05*;
        in the spring = None; last spring = None; this year = 2025*; this month = 2025-02*; now = None;
        Monday to Wednesday = None; 3-5 March = 2025-03-03/2025-03-05*; Dec. 12 = 2024-12-12*; the 12th = None;
        end of the year = None; end of this year = 2025*; the end of 2024 = 2024; late May 2024 = 2024-05;
        29 February = 2024-02-29*; 30 February 2024 = None; 0 May 2020 = None; May 2020 - June 2019 = None;
        2020-2015 = None; yesterday evening = 2025-02-18*; tonight = 2025-02-19*; next October = 2025-10*;
        December 31 = 2024-12-31*; May 12, 2019, and June 3, 2020 = None; 12 May 2019 (Sunday) = 2019-05-12;
        20th century = None; day = None; the day = None; mid = None; week = None; Feb = 2025-02*; 1st = None;
        first = None; early = None; 20 20 = None; 1 2 = None; May 12-14, 2019 = 2019-05-12/2019-05-14;
        May 12–14 = 2025-05-12/2025-05-14*; 12 and 13 May 2019 = 2019-05-12/2019-05-13;
        between 2019 and 2021 = 2019/2021; 2019 and 2021 = None; 2019 and 2020 = 2019/2020; 3 to 5 = None;
        12-14 = None; 2-3 May = 2025-05-02/2025-05-03*; May-June 2020 = 2020-05/2020-06;
        30 December - 2 January 2020 = 2019-12-30/2020-01-02; March and May 2020 = None
    """,
    "en-US": """
        03/04/2023 = 2023-03-04
    """,
    "en-GB": """
        03/04/2023 = 2023-04-03
    """,
    "fr": """
        12 décembre 2023 = 2023-12-12; 1er mars 2024 = 2024-03-01; samedi dernier = 2025-02-15*; hier = 2025-02-18*;
        l'an dernier = 2024*; aujourd'hui = 2025-02-19*; jeudi 28 novembre = 2024-11-28*; les années 1990 = 199X;
        il y a deux ans = 2023*; la semaine dernière = 2025-02-10/2025-02-16*; mardi 18 février 2025 = 2025-02-18;
        du 12 au 14 mai 2019 = 2019-05-12/2019-05-14; fin 2024 = 2024; le 5 mars prochain = 2025-03-05*;
        jeudi soir = 2025-02-13*; cette année = 2025*; l'année dernière = 2024*
    """,
    "de": """
        12. Mai 2019 = 2019-05-12; 12.05.2019 = 2019-05-12; am vergangenen Samstag = 2025-02-15*;
        gestern = 2025-02-18*; letzte Woche = 2025-02-10/2025-02-16*; am Donnerstag = 2025-02-13*;
        vor zwei Jahren = 2023*; Ende 2024 = 2024; im Mai = 2025-05*
    """,
    "es": """
        12 de mayo de 2019 = 2019-05-12; el pasado sábado = 2025-02-15*; ayer = 2025-02-18*; el año pasado = 2024*;
        la semana que viene = 2025-02-24/2025-03-02*; el jueves = 2025-02-13*; hace dos años = 2023*
    """,
    "pt": """
        ontem = 2025-02-18*; 12 de maio de 2019 = 2019-05-12; quinta-feira = 2025-02-13*; sexta = 2025-02-14*;
        na semana passada = 2025-02-10/2025-02-16*; na quinta-feira (13) = 2025-02-13*; no ano passado = 2024*
    """,
    "zh": """
        2019年5月12日 = 2019-05-12; 二〇二三年十二月十二日 = 2023-12-12; 去年12月 = 2024-12*; 12日 = 2025-02-12*;
        周六 = 2025-02-15*; 上周三 = 2025-02-12*; 本月12日 = 2025-02-12*; 5月12日至14日 = 2025-05-12/2025-05-14*;
        2019年5月 = 2019-05; 5月 = 2025-05*; 近日 = None; 2014年 = 2014; 明年 = 2026*; 星期四 = 2025-02-13*;
        2019年5月12日至14日 = 2019-05-12/2019-05-14
    """,
    "ja": """
        令和5年12月12日 = 2023-12-12; 昨日 = 2025-02-18*; 来週月曜日 = 2025-02-24*; 12日 = 2025-02-12*;
        2023年12月 = 2023-12; 先週 = 2025-02-10/2025-02-16*; 5月12日(木) = 2025-05-12*
    """,
    "ko": """
        2023년 12월 12일 = 2023-12-12; 지난 토요일 = 2025-02-15*; 12일 = 2025-02-12*; 지난해 12월 = 2024-12*;
        2023년 = 2023; 다음 주 = 2025-02-24/2025-03-02*; 이번 달 = 2025-02*; 12월 3일 = 2024-12-03*
    """,
    "ar": """
        ١٢ ديسمبر ٢٠٢٣ = 2023-12-12; 12 كانون الأول 2023 = 2023-12-12; السبت الماضي = 2025-02-15*; أمس = 2025-02-18*;
        العام الماضي = 2024*; الأسبوع الماضي = 2025-02-10/2025-02-16*; الخميس 13 فبراير = 2025-02-13*;
        عام 2014 = 2014; في ديسمبر 2023 = 2023-12; يوم الخميس = 2025-02-13*; اليوم = 2025-02-19*
    """,
    "az": """
        2021-ci il iyunun 15-də = 2021-06-15; 12 dekabr 2023-cü il = 2023-12-12; ötən il = 2024*;
        fevralın 13-də = 2025-02-13*; 2023-cü ilin dekabrında = 2023-12
    """,
    "fa": """
        ۲۱ آذر ۱۴۰۲ = 2023-12-12; ۱۲ دسامبر ۲۰۲۳ = 2023-12-12; سال گذشته = 2024*; دیروز = 2025-02-18*;
        پنجشنبه = 2025-02-13*; ۱۴۰۲ = None
    """,
    "hi": """
        12 दिसंबर 2023 = 2023-12-12; गुरुवार = 2025-02-13*; पिछले साल = 2024*
    """,
    "id": """
        12 Desember 2023 = 2023-12-12; Kamis = 2025-02-13*; tahun lalu = 2024*;
        minggu depan = 2025-02-24/2025-03-02*
    """,
    "vi": """
        ngày 12 tháng 12 năm 2023 = 2023-12-12; 12/12/2023 = 2023-12-12; hôm qua = 2025-02-18*;
        tháng 12/2023 = 2023-12; thứ Năm = 2025-02-13*; năm 2014 = 2014; tuần trước = 2025-02-10/2025-02-16*
    """,
    "sr": """
        12. децембра 2023. године = 2023-12-12; 12. decembra 2023. = 2023-12-12; у четвртак = 2025-02-13*;
        прошле године = 2024*
    """,
    "bg": """
        12 декември 2023 г. = 2023-12-12; миналата година = 2024*
    """,
    "cs": """
        12. prosince 2023 = 2023-12-12; minulý rok = 2024*; ve čtvrtek = 2025-02-13*
    """,
    "nl": """
        12 december 2023 = 2023-12-12; vorige week = 2025-02-10/2025-02-16*; afgelopen donderdag = 2025-02-13*
    """,
    "be": """
        12 снежня 2023 года = 2023-12-12; у чацвер = 2025-02-13*; мінулым годам = 2024*
    """,
    "hu": """
        2023. december 12-én = 2023-12-12; 2023. december 12. = 2023-12-12; tavaly decemberben = 2024-12*;
        csütörtökön = 2025-02-13*; 2023 decemberében = 2023-12; december 12-én = 2024-12-12*
    """,
    "uk": """
        12 грудня 2023 року = 2023-12-12; минулого року = 2024*; у четвер = 2025-02-13*
    """,
    "pl": """
        12 grudnia 2023 r. = 2023-12-12; w zeszłą sobotę = 2025-02-15*; w zeszłym roku = 2024*;
        w czwartek = 2025-02-13*; 12 grudnia ub.r. = 2024-12-12*
    """,
    "ro": """
        12 decembrie 2023 = 2023-12-12; anul trecut = 2024*; joi = 2025-02-13*
    """,
    "ky": """
        2023-жылдын 12-декабры = 2023-12-12; өткөн жылы = 2024*
    """,
    "uz": """
        2023-yil 12-dekabr = 2023-12-12; oʻtgan yili = 2024*
    """,
}


def cases(table: dict[str, str]) -> list[tuple[str, str, str]]:
    """Give (language, surface, expected) for each `surface = expected` of a table."""
    found = []
    for language, text in table.items():
        for item in re.split(r";\s*", " ".join(text.split())):
            surface, _, expected = item.partition(" =")
            found.append((language, surface.strip(), expected.strip()))
    return found


@pytest.mark.parametrize(("language", "surface", "value"), cases(SURFACES))
def test_surface(language: str, surface: str, value: str) -> None:
    found = dates.parse(surface, language=language, published=PUBLISHED)
    assert (found.edtf if found else "None") == value.rstrip("*")
    if found:
        assert found.anchor == ("published" if value.endswith("*") else "text")


@pytest.mark.parametrize(("language", "surface", "value"), cases(SURFACES))
def test_nothing_is_anchored_without_a_publication_date(language: str, surface: str, value: str) -> None:
    found = dates.parse(surface, language=language)
    assert (found.edtf if found else "None") == ("None" if value.endswith("*") else value)


def test_granularity() -> None:
    wanted = {"16 October 2020": "day", "October 2020": "month", "2020": "year", "spring 2020": "interval"}
    for surface, granularity in wanted.items():
        found = dates.parse(surface, language="en")
        assert found is not None
        assert found.granularity == granularity


def test_year_of_the_context() -> None:
    assert dates.parse("17 febbraio", language="it", year=2022) == dates.DateValue("2022-02-17", "day")
    assert dates.parse("29 febbraio", language="it", year=2022) is None


@pytest.mark.parametrize(
    ("surface", "published", "value"),
    [
        ("28 December", "2025-01-03", "2024-12-28"),
        ("3 January", "2024-12-28", "2025-01-03"),
        ("Thursday, 17 February", "2022-02-18", "2022-02-17"),
        ("Friday, 17 February", "2022-02-18", None),  # no near year has that weekday
        ("last December", "2024-12-28", "2023-12"),
        ("last Wednesday", "2025-02-19", "2025-02-12"),
        ("Wednesday", "2025-02-19", "2025-02-19"),
        ("tomorrow", "2024-02-28", "2024-02-29"),
        ("last month", "2025-01-31", "2024-12"),
        ("May 12, 2019, and June 3, 2020", "2025-01-31", None),
    ],
)
def test_nearest(surface: str, published: str, value: str | None) -> None:
    found = dates.parse(surface, language="en", published=datetime.date.fromisoformat(published))
    assert (found.edtf if found else None) == value


def test_east_asian_and_arabic_forms() -> None:
    assert dates.parse("令和元年5月1日", language="ja") == dates.DateValue("2019-05-01", "day")
    assert dates.parse("13 أيلول/سبتمبر 2023", language="ar") == dates.DateValue("2023-09-13", "day")
    assert dates.parse("5月12日(木)", language="ja", year=2022) == dates.DateValue("2022-05-12", "day")
    assert dates.parse("2000-жылдары", language="kk") == dates.DateValue("200X", "interval")


@pytest.mark.parametrize(
    "surface",
    ["34-2 in May", "21st century", "article 12", "Resolution 1325", "31 June 2020", "30 February 2021", "12", "31-2",
     "a vote of 12 May", "No. 5 of 2020", "2020 12", "13/13/2020", "03/04/2023", "00/05/2020", "May 2020 2021", "soon",
     "New START", "five years", "1 May 99999", "5th article", "Sunday Times"],
)  # fmt: skip
@pytest.mark.parametrize("published", [None, PUBLISHED])
def test_never_made_up(surface: str, published: datetime.date | None) -> None:
    assert dates.parse(surface, language="en", published=published) is None


def real(edtf: str) -> bool:
    """Tell whether an EDTF value names real calendar days."""
    if re.fullmatch(r"\d{3}X|\d{4}(-2[1-4])?", edtf):
        return True
    if "/" in edtf:
        start, end = edtf.split("/")
        return start < end and real(start) and real(end)
    datetime.date.fromisoformat(edtf if len(edtf) > 7 else f"{edtf}-01")
    return True


@settings(deadline=None)
@given(st.text(max_size=40), st.sampled_from([None, *LANGUAGES, "en-US", "xx"]), st.none() | st.dates())
def test_any_text_gives_real_days_or_nothing(text: str, language: str | None, published: datetime.date | None) -> None:
    found = dates.parse(text, language=language, published=published)
    assert found is None or real(found.edtf)
    if published is None and found is not None:
        assert found.anchor == "text"


@settings(deadline=None)
@given(
    st.lists(st.sampled_from("12 31 29 2020 May February Monday last next - to and . / week year ago 5 1990s".split())),
    st.dates(datetime.date(1900, 1, 1), datetime.date(2090, 1, 1)),
)
def test_any_row_of_date_words_gives_real_days_or_nothing(row: list[str], published: datetime.date) -> None:
    found = dates.parse(" ".join(row), language="en", published=published)
    assert found is None or real(found.edtf)


@settings(deadline=None, max_examples=60)
@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2090, 1, 1)), st.sampled_from(LANGUAGES))
def test_reads_what_cldr_writes(date: datetime.date, language: str) -> None:
    babel_dates = pytest.importorskip("babel.dates")
    # One locale's data spoils another's in Babel 2.18 (see data/namelists.py).
    pytest.importorskip("babel.localedata")._cache.clear()
    for style in ("long", "full"):
        found = dates.parse(babel_dates.format_date(date, style, locale=language), language=language)
        assert found == dates.DateValue(date.isoformat(), "day")
    found = dates.parse(babel_dates.format_date(date, "LLLL y", locale=language), language=language)
    assert found == dates.DateValue(date.isoformat()[:7], "month")


def test_persian_new_years() -> None:
    known = {1300: "1921-03-21", 1357: "1978-03-21", 1375: "1996-03-20", 1399: "2020-03-20", 1403: "2024-03-20"}
    for year, day in known.items():
        assert calendars.persian(year, 1, 1).isoformat() == day
    with pytest.raises(ValueError):
        calendars.persian(1402, 12, 30)
