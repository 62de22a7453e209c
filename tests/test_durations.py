"""Lengths of time in many languages."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treaty_events import durations
from treaty_events.datewords import LANGUAGES

from .surfaces import cases

# language -> "surface = ISO 8601 duration".
SURFACES = {
    "en": """
        five years = P5Y; five-year = P5Y; 30-day = P30D; six months = P6M; 99-year = P99Y; ninety-nine years = P99Y;
        one and a half years = P1Y6M; a year and a half = P1Y6M; twenty-five years = P25Y;
        a period of five years = P5Y; five (5) years = P5Y; 5-10 years = None; years = None; every five years = None;
        five times = None; 5 years and 6 months = P5Y6M; a decade = P10Y; 10 years = P10Y; 2020 = None
    """,
    "fr": """
        cinq ans = P5Y; un an = P1Y; six mois = P6M; quatre-vingt-dix-neuf ans = P99Y; période de cinq ans = P5Y;
        vingt-cinq ans = P25Y; un an et demi = P1Y6M
    """,
    "it": """
        cinque anni = P5Y; quinquennale = P5Y; sei mesi = P6M; venticinque anni = P25Y; novantanove anni = P99Y;
        un anno e mezzo = P1Y6M
    """,
    "el": """
        πέντε έτη = P5Y; πενταετής = P5Y; πενταετούς = P5Y; πενταετία = P5Y; 5 χρόνια = P5Y; έξι μήνες = P6M;
        είκοσι πέντε έτη = P25Y
    """,
    "ru": """
        5 лет = P5Y; пять лет = P5Y; пятилетний = P5Y; пятилетнего = P5Y; пяти лет = P5Y; полтора года = P1Y6M;
        шесть месяцев = P6M; шестимесячный = P6M; двадцать пять лет = P25Y; 49-летний = P49Y; 30-дневный = P30D;
        год = P1Y; 2020 год = None
    """,
    "kk": """
        бес жыл = P5Y; бес жылдық = P5Y; 5 жылға = P5Y; алты ай = P6M; жиырма бес жыл = P25Y; бес жыл мерзімге = P5Y
    """,
    "tr": """
        beş yıl = P5Y; beş yıllık = P5Y; 5 yıl süreyle = P5Y; altı ay = P6M; bir buçuk yıl = P1Y6M;
        yirmi beş yıl = P25Y
    """,
    "de": """
        fünfjährig = P5Y; fünfjähriges = P5Y; fünf Jahre = P5Y; 99 Jahren = P99Y; fünfundzwanzig Jahre = P25Y;
        30-tägig = P30D
    """,
    "es": """
        cinco años = P5Y; seis meses = P6M; noventa y nueve años = P99Y; año y medio = None; un año y medio = P1Y6M
    """,
    "pt": """
        cinco anos = P5Y; dois anos = P2Y
    """,
    "ro": """
        cinci ani = P5Y
    """,
    "pl": """
        pięć lat = P5Y; pięcioletni = P5Y; pięciu lat = P5Y
    """,
    "uk": """
        п'ять років = P5Y; п'ятирічний = P5Y; п’яти років = P5Y
    """,
    "az": """
        beş il = P5Y; beş illik = P5Y
    """,
    "ar": """
        خمس سنوات = P5Y; 5 سنوات = P5Y; سنتين = P2Y; لمدة خمس سنوات = P5Y
    """,
    "zh": """
        五年 = P5Y; 5年 = P5Y; 为期五年 = P5Y; 六个月 = P6M; 一年半 = P1Y6M; 二十五年 = P25Y; 2020年 = None
    """,
    "ja": """
        5年間 = P5Y; 五年 = P5Y; 6カ月 = P6M
    """,
    "ko": """
        5년 = P5Y; 6개월 = P6M; 오년 = P5Y
    """,
    "fa": """
        پنج سال = P5Y; پنج‌ساله = P5Y
    """,
    "hi": """
        पांच साल = P5Y; पाँच वर्ष = P5Y
    """,
    "id": """
        lima tahun = P5Y
    """,
    "vi": """
        năm năm = P5Y; 5 năm = P5Y
    """,
    "sr": """
        пет година = P5Y; pet godina = P5Y; петогодишњи = P5Y
    """,
    "bg": """
        пет години = P5Y; петгодишен = P5Y
    """,
    "cs": """
        pět let = P5Y; pětiletý = P5Y
    """,
    "nl": """
        vijf jaar = P5Y; vijfjarig = P5Y
    """,
    "be": """
        пяць гадоў = P5Y
    """,
    "hu": """
        öt év = P5Y; ötéves = P5Y; huszonöt év = P25Y
    """,
    "ky": """
        беш жыл = P5Y
    """,
    "uz": """
        besh yil = P5Y; besh yillik = P5Y
    """,
    "sv": """
        fem år = P5Y; femårigt = P5Y; tjugofem år = P25Y; ett och ett halvt år = P1Y6M; 30 dagar = P30D;
        minst fem år = None
    """,
    "he": """
        לחמש שנים = P5Y; שנתיים = P2Y; לשנתיים = P2Y; חודשיים = P2M; שישה חודשים = P6M; עשרים וחמש שנים = P25Y;
        שנה וחצי = P1Y6M; חמש שנים וחצי = P5Y6M; עשור = P10Y;
        השנה = None; השבוע = None; כחמש שנים = None; כ-5 שנים = None; חמש-עשרה שנים = P15Y
    """,
    "ka": """
        ხუთი წლით = P5Y; ხუთწლიანი = P5Y; 5-წლიანი = P5Y; ექვსი თვით = P6M; ოცდახუთი წლით = P25Y;
        ორი წელიწადნახევარი = None; ოცდათხუთმეტი წლით = P35Y; 30 დღის ვადაში = P30D
    """,
    "lt": """
        penkerių metų = P5Y; penkeriems metams = P5Y; šeši mėnesiai = P6M; penkmetis = P5Y; pusantrų metų = P1Y6M;
        dvidešimt penkerių metų = P25Y;
        septyneriems metams = P7Y; iki penkerių metų = None
    """,
    "lv": """
        pieciem gadiem = P5Y; pusotru gadu = P1Y6M
    """,
    "et": """
        viieks aastaks = P5Y; viieaastane = P5Y;
        kuni viis aastat = None
    """,
    "fi": """
        viideksi vuodeksi = P5Y; viisivuotinen = P5Y; kaksikymmentäviisi vuotta = P25Y
    """,
    "da": """
        femårig = P5Y; halvandet år = P1Y6M; femogtyve år = P25Y
    """,
    "no": """
        fem år = P5Y; tjuefem år = P25Y
    """,
    "sk": """
        päť rokov = P5Y; päťročný = P5Y
    """,
    "sl": """
        pet let = P5Y; petindvajset let = P25Y
    """,
    "hr": """
        pet godina = P5Y; petogodišnji = P5Y
    """,
    "hy": """
        հինգ տարով = P5Y; քսանհինգ տարի = P25Y; հնգամյա = P5Y;
        հինգ տարեկան = None
    """,
    "th": """
        ห้าปี = P5Y; เป็นเวลาห้าปี = P5Y; หกเดือน = P6M
    """,
    "sw": """
        miaka mitano = P5Y; mwaka mmoja = P1Y;
        mwaka wa tano = None; zaidi ya miaka mitano = None; kwa muda wa miaka mitano = P5Y
    """,
    "ca": """
        vint-i-cinc anys = P25Y; un any i mig = P1Y6M
    """,
    "ur": """
        اسی سال = None; پانچ سال = P5Y
    """,
}


@pytest.mark.parametrize(("language", "surface", "value"), cases(SURFACES))
def test_surface(language: str, surface: str, value: str) -> None:
    assert str(durations.parse(surface, language)) == value


@pytest.mark.parametrize(("language", "surface", "value"), cases(SURFACES))
def test_never_wrong_without_a_language(language: str, surface: str, value: str) -> None:
    assert str(durations.parse(surface)) in (value, "None")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [1, 2, 5, 10, 25, 30, 99])
def test_digits_with_every_unit(language: str, count: int) -> None:
    units = {"en": "years", "zh": "年", "ja": "年間", "ko": "년", "ru": "лет", "el": "έτη", "ar": "سنوات", "hi": "वर्ष"}
    if language in units:
        assert durations.parse(f"{count} {units[language]}", language) == f"P{count}Y"


@pytest.mark.parametrize(
    "surface",
    ["five", "years", "5", "5-10 years", "every year", "a long time", "five soldiers", "2020", "yearly", "", "0 years",
     "five years and", "half", "and", "first year", "a", "in five"],
)  # fmt: skip
def test_no_duration(surface: str) -> None:
    assert durations.parse(surface, "en") is None


@pytest.mark.parametrize(
    ("language", "surface", "value"),
    [("en", "three and a half years", "P3Y6M"), ("en", "two decades", "P20Y"), ("it", "vent'anni", "P20Y"),
     ("kk", "екі жылда", "P2Y"), ("ko", "5년 8개월", "P5Y8M"), ("pl", "sześciu miesiącach", "P6M"),
     ("en", "a fortnight", "P2W"), ("ru", "на срок до пяти лет", "None")],
)  # fmt: skip
def test_halves_decades_and_case_forms(language: str, surface: str, value: str) -> None:
    assert str(durations.parse(surface, language)) == value


@settings(deadline=None)
@given(st.text(max_size=60), st.sampled_from([None, *LANGUAGES, "xx"]))
def test_any_text_gives_iso_or_nothing(text: str, language: str | None) -> None:
    value = durations.parse(text, language)
    assert value is None or re.fullmatch(r"P(?=\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?", value)
