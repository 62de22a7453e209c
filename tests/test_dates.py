"""Dates in many languages; nothing is ever made up."""

from __future__ import annotations

import datetime
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treaty_events import calendars, dates
from treaty_events.datewords import LANGUAGES

from .surfaces import cases

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
        in the spring = None; last spring = None; the following week = None; this year = 2025*; this month = 2025-02*; now = None;
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
        پنجشنبه = 2025-02-13*; ۱۴۰۲ = None; مهر ۱۳۹۸ = 2019-09/2019-10;
        تابستان ۱۳۹۶ = 2017-22; دوم اسفند = 2025-02-20*; هفتهٔ پیش = 2025-02-08/2025-02-14*
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
        tháng 12/2023 = 2023-12; thứ Năm = 2025-02-13*; năm 2014 = 2014; tuần trước = 2025-02-10/2025-02-16*;
        21 đến 24/4 = 2025-04-21/2025-04-24*; đêm 31/12 = 2024-12-31*; sáng nay = 2025-02-19*
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
    "sv": """
        den 12 mars 2019 = 2019-03-12; i går = 2025-02-18*; i dag = 2025-02-19*; tisdag = 2025-02-25*;
        tisdagen = 2025-02-18*; i tisdags = 2025-02-18*; onsdagskvällen = 2025-02-19*; i onsdags = 2025-02-12*;
        tisdagen den 18 februari = 2025-02-18*; förra veckan = 2025-02-10/2025-02-16*; i fjol = 2024*;
        i våras = 2024-21*; i vintras = None; hösten 2020 = 2020-23; 1990-talet = 199X; för två år sedan = 2023*;
        första kvartalet 2024 = 2024-01/2024-03; slutet av 2024 = 2024; början av månaden = None;
        den 1 juli nästa år = 2026-07-01*;
        1900-talet = None; 2000-talet = None; 20-talet = None; 80-talet = 198X; det gångna året = None;
        på torsdagen = 2025-02-13*; natten till torsdag = None
    """,
    "he": """
        12 במרץ 2019 = 2019-03-12; ב-12 במרץ = 2025-03-12*; ב־12 במרץ 2019 = 2019-03-12; ה-12 בחודש = 2025-02-12*;
        ביום שלישי = 2025-02-18*; יום ד' = 2025-02-19*; אתמול = 2025-02-18*; השנה = 2025*; בשנה שעברה = 2024*;
        בשבוע שעבר = 2025-02-09/2025-02-15*; בחודש הבא = 2025-03*; שנות ה-90 = 199X; שנות התשעים = 199X;
        לפני שנתיים = 2023*; ברבעון הראשון של 2024 = 2024-01/2024-03; סוף 2019 = 2019; חודש = None;
        בשבוע האחרון = None; בשבוע הקרוב = None; בשנה האחרונה = None; בחודש האחרון = None; ביום השני = None;
        השני = None; סוף השנה = None; בסוף החודש = None; בסוף השבוע = None; בין 2015 ל-2019 = 2015/2019;
        ביום שלישי הקרוב = 2025-02-25*; היום (רביעי) = 2025-02-19*; אתמול (שני) = None; סוף מרץ 2019 = 2019-03;
        בשנות ה-20 = None; הרבעון השני של 2019 = 2019-04/2019-06
    """,
    "ka": """
        2019 წლის 12 მარტს = 2019-03-12; 12 მარტი = 2025-03-12*; 2019 წელს = 2019; გუშინ = 2025-02-18*;
        შარშან = 2024*; გასულ კვირას = 2025-02-10/2025-02-16*; 2019 წლის იანვარში = 2019-01; ხუთშაბათს = 2025-02-13*;
        2019-2021 წლებში = 2019/2021; ორი წლის წინ = 2023*; 1990-იან წლებში = 199X; სექტემბრიდან = 2024-09*;
        2024 წლის პირველ კვარტალში = 2024-01/2024-03; 2024 წლის ბოლომდე = 2024;
        პირველ მარტს = 2025-03-01*; 1-ლ მარტს = 2025-03-01*; თებერვლამდე = 2025-02*; ბოლო კვირას = None;
        ბოლო წელს = None; წლის ბოლომდე = None; კვირას = 2025-02-16*; გუშინწინ = 2025-02-17*
    """,
    "lt": """
        2019 m. kovo 12 d. = 2019-03-12; kovo 12-ąją = 2025-03-12*; balandžio 3-iąją = 2025-04-03*;
        š. m. vasario 12 d. = 2025-02-12*; 2019 metais = 2019; vakar = 2025-02-18*; ketvirtadienį = 2025-02-13*;
        praėjusią savaitę = 2025-02-10/2025-02-16*; pernai = 2024*; sausį = 2025-01*; praėjusių metų gruodį = 2024-12*;
        prieš dvejus metus = 2023*; 2019–2021 m. = 2019/2021; 2024 m. pirmąjį ketvirtį = 2024-01/2024-03;
        kovo 12–14 dienomis = 2025-03-12/2025-03-14*; rugsėjo pabaigoje = 2024-09*;
        1990-aisiais = 1990; 1990-ieji = 1990; 2020-ųjų = 2020; 2019-ųjų kovą = 2019-03; 2019 m. vasarai = 2019-22;
        vasario 16-oji = 2025-02-16*; XX a. dešimtajame dešimtmetyje = 199X; užpernai = 2023*;
        kitą antradienį = 2025-02-25*
    """,
    "lv": """
        2019. gada 12. martā = 2019-03-12; ceturtdien = 2025-02-13*; pērn = 2024*; pirms diviem gadiem = 2023*
    """,
    "et": """
        2019. aasta 12. märtsil = 2019-03-12; eile = 2025-02-18*; neljapäeval = 2025-02-13*; detsembril = 2024-12*
    """,
    "fi": """
        maaliskuun 12. päivänä = 2025-03-12*; maaliskuussa 2019 = 2019-03; viime viikolla = 2025-02-10/2025-02-16*;
        vuoden 2019 lopussa = 2019; 1990-luvulla = 199X; ensi vuonna = 2026*;
        1900-luvulla = None; viime kuukausina = None; vuodesta 2019 lähtien = 2019; edellisenä vuonna = None
    """,
    "da": """
        den 12. marts 2019 = 2019-03-12; i torsdags = 2025-02-13*; for to år siden = 2023*; foråret 2020 = 2020-21;
        på tirsdag = 2025-02-25*; den sidste uge = None; 20'erne = None
    """,
    "no": """
        12. mars 2019 = 2019-03-12; i fjor = 2024*; forrige uke = 2025-02-10/2025-02-16*; 1990-tallet = 199X;
        på torsdag = None; på torsdag 13. februar 2025 = 2025-02-13; torsdag = 2025-02-13*; siste uke = None;
        1900-tallet = None
    """,
    "sk": """
        12. marca 2019 = 2019-03-12; v marci 2019 = 2019-03; vo štvrtok = 2025-02-13*; pred dvoma rokmi = 2023*
    """,
    "sl": """
        decembra 2019 = 2019-12; lani = 2024*; v četrtek = 2025-02-13*; pred dvema letoma = 2023*
    """,
    "hr": """
        12. ožujka 2019. = 2019-03-12; u siječnju 2019. = 2019-01; prošle godine = 2024*; devedesetih = 199X
    """,
    "bs": """
        12. marta 2019. godine = 2019-03-12; prošle sedmice = 2025-02-10/2025-02-16*
    """,
    "mk": """
        12 март 2019 година = 2019-03-12; во четврток = 2025-02-13*; минатата недела = None;
        изминатата година = None; во недела = 2025-02-16*
    """,
    "sq": """
        më 12 mars 2019 = 2019-03-12; të enjten = 2025-02-13*; vitin e kaluar = 2024*; dy vjet më parë = 2023*
    """,
    "hy": """
        2019 թ. մարտի 12-ին = 2019-03-12; մարտի 12-ին = 2025-03-12*; երեկ = 2025-02-18*; անցյալ շաբաթ = None
    """,
    "ms": """
        12 Mac 2019 = 2019-03-12; Khamis = 2025-02-13*; semalam = 2025-02-18*; dua tahun lalu = 2023*
    """,
    "bn": """
        ২০১৯ সালের ১২ মার্চ = 2019-03-12; মার্চে = 2025-03*; গত বছর = 2024*; দুই বছর আগে = 2023*
    """,
    "ur": """
        12 مارچ 2019ء = 2019-03-12; جمعرات = 2025-02-13*; گزشتہ سال = 2024*
    """,
    "th": """
        วันที่ 12 มีนาคม พ.ศ. 2562 = 2019-03-12; มี.ค. 2562 = 2019-03; 12 มี.ค. 62 = None; ปี 2562 = 2019; 2019 = 2019;
        วันพฤหัสบดีที่ 13 กุมภาพันธ์ = 2025-02-13*; ปีที่แล้ว = 2024*; สองปีก่อน = 2023*;
        อาทิตย์ที่แล้ว = None; วันอาทิตย์ที่ผ่านมา = 2025-02-16*
    """,
    "sw": """
        tarehe 12 Machi 2019 = 2019-03-12; Alhamisi = 2025-02-13*; jana = 2025-02-18*; mwaka jana = 2024*
    """,
    "ca": """
        12 d'abril de 2019 = 2019-04-12; dijous = 2025-02-13*; l'any passat = 2024*; fa dos anys = 2023*;
        anit = None; abans-d'ahir = 2025-02-17*; els anys 90 = 199X; els anys 20 = None
    """,
}


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


@pytest.mark.parametrize(
    ("surface", "published", "value"),
    [
        ("scorsa estate", "2025-02-19", "2024-22"),
        ("scorsa estate", "2025-10-01", None),  # this year's or the one before
        ("prossima primavera", "2025-02-19", None),
        ("prossima primavera", "2025-10-01", "2026-21"),
        ("questa estate", "2025-10-01", "2025-22"),
        ("scorso inverno", "2025-10-01", None),
        ("primavera dell'anno scorso", "2025-10-01", "2024-21"),
    ],
)
def test_seasons_beside_publication(surface: str, published: str, value: str | None) -> None:
    found = dates.parse(surface, language="it", published=datetime.date.fromisoformat(published))
    assert (found.edtf if found else None) == value


def test_the_end_of_the_year_is_this_one_only_for_what_is_planned() -> None:
    assert dates.parse("fine dell'anno", language="it", published=PUBLISHED) is None
    found = dates.parse("fine dell'anno", language="it", published=PUBLISHED, forward=True)
    assert found == dates.DateValue("2025", "year", "published")


def test_without_a_language_bare_numbers_are_no_days() -> None:
    assert dates.parse("(13)", published=PUBLISHED) is None
    assert dates.parse("12.3.2019") == dates.DateValue("2019-03-12", "day")
    assert dates.parse("12 במרץ 2019") == dates.DateValue("2019-03-12", "day")


def test_a_weekday_on_either_side_is_ahead_for_what_is_planned() -> None:
    found = dates.parse("på torsdag", language="nb", published=PUBLISHED, forward=True)
    assert found == dates.DateValue("2025-02-20", "day", "published")


def test_buddhist_years_need_thai_beside_them() -> None:
    assert dates.parse("2562") is None
    assert dates.parse("2562", language="en") is None
    assert dates.parse("12 มีนาคม 2562") == dates.DateValue("2019-03-12", "day")


def test_persian_months_near_publication() -> None:
    for surface, published, value in (
        ("۲۸ شهریور", "2023-09-12", "2023-09-19"),
        ("بهمن", "2027-01-20", "2027-01/2027-02"),
        ("اسفند گذشته", "2023-09-12", "2023-02/2023-03"),
    ):
        found = dates.parse(surface, language="fa", published=datetime.date.fromisoformat(published))
        assert found is not None
        assert found.edtf == value


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
        ("last Friday in March", "2025-02-19", None),
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
