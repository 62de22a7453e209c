"""International organisations in many languages; national bodies give None."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treaty_events import organisations
from treaty_events.wordforms import LANGUAGES, NAMES_ONLY

from .surfaces import cases

# language -> "surface = acronym".
SURFACES = {
    "en": """
        EU = EU; European Union = EU; European Parliament = EU; the European Commission = EU;
        Council of Europe = COE; European Council = EU; Senate = None; Nato = NATO; NATO's = NATO; U.N. = UN;
        WHO = WHO; who = None; ministry of defence = None
    """,
    "fr": """
        UE = EU; l'UE = EU; l'Union européenne = EU; OTAN = NATO; Nations unies = UN; Sénat = None
    """,
    "it": """
        Unione europea = EU; dell'Unione Europea = EU; Onu = UN; Csto = CSTO
    """,
    "el": """
        ΕΕ = EU; Ευρωπαϊκής Ένωσης = EU; ΟΗΕ = UN; ΝΑΤΟ = NATO; Συμβουλίου της Ευρώπης = COE
    """,
    "ru": """
        ОДКБ = CSTO; Организации Договора о коллективной безопасности = CSTO; СНГ = CIS; ЕАЭС = EAEU; Евросоюза = EU;
        Евросоюзом = EU; Европейского союза = EU; ООН = UN; Шанхайской организации сотрудничества = SCO;
        Сенат = None
    """,
    "kk": """
        ҰҚШҰ = CSTO; ЕО = EU; Еуропалық одақпен = EU; ТМД = CIS; ШЫҰ-ның = SCO; Түркі мемлекеттері ұйымының = OTS
    """,
    "tr": """
        AB = EU; AB'nin = EU; Avrupa Birliği'nin = EU; Türk Devletleri Teşkilatı = OTS; TDT = OTS; BM = UN;
        Meclis = None
    """,
    "de": """
        Europäischen Union = EU; der EU-Kommission = EU; Europarat = COE
    """,
    "es": """
        Unión Europea = EU; OTAN = NATO
    """,
    "pt": """
        União Europeia = EU
    """,
    "ro": """
        Uniunea Europeană = EU; Uniunii Europene = EU
    """,
    "pl": """
        Unii Europejskiej = EU; UE = EU
    """,
    "uk": """
        Європейського Союзу = EU; ЄС = EU
    """,
    "az": """
        BMT = UN; Türk Dövlətləri Təşkilatının = OTS
    """,
    "ar": """
        الاتحاد الأوروبي = EU; للاتحاد الأوروبي = EU; الأمم المتحدة = UN; مجلس التعاون الخليجي = GCC
    """,
    "zh": """
        欧盟 = EU; 联合国 = UN; 上合组织 = SCO
    """,
    "ja": """
        国連 = UN; NATO = NATO
    """,
    "ko": """
        유엔 = UN; 유럽연합과 = EU
    """,
    "fa": """
        اتحادیه اروپا = EU
    """,
    "hi": """
        संयुक्त राष्ट्र = UN
    """,
    "id": """
        Uni Eropa = EU
    """,
    "vi": """
        Liên Hợp Quốc = UN
    """,
    "sr": """
        Европске уније = EU; Evropske unije = EU
    """,
    "bg": """
        Европейския съюз = EU
    """,
    "cs": """
        Evropské unie = EU
    """,
    "nl": """
        Europese Unie = EU
    """,
    "be": """
        Еўрапейскага саюза = EU
    """,
    "hu": """
        Európai Unió = EU; Európai Unióval = EU
    """,
    "ky": """
        ЕАЭБ = EAEU
    """,
    "uz": """
        Yevropa Ittifoqi = EU
    """,
    "he": """
        האו"ם = UN; לאו״ם = UN; נאט"ו = NATO; בנאט״ו = NATO; לאיחוד האירופי = EU; הכנסת = None
    """,
    "ka": """
        ევროკავშირის = EU; ნატოს = NATO; ნატო-ს = NATO; დსთ-ს = CIS; დსთ = CIS; გაეროს = UN; პარლამენტი = None
    """,
    "lt": """
        Europos Sąjungos = EU; ES = EU; Europos Komisijai = EU; Jungtinių Tautų = UN; Seimas = None
    """,
    "sv": """
        FN:s = UN; Nato = NATO; EU:s = EU; Europeiska unionens = EU; riksdagen = None
    """,
}


@pytest.mark.parametrize(("language", "surface", "acronym"), cases(SURFACES))
def test_surface(language: str, surface: str, acronym: str) -> None:
    assert str(organisations.resolve(surface, language)) == acronym


@pytest.mark.parametrize(("language", "surface", "acronym"), cases(SURFACES))
def test_never_wrong_without_a_language(language: str, surface: str, acronym: str) -> None:
    assert str(organisations.resolve(surface)) in (acronym, "None")


@pytest.mark.parametrize(
    "surface",
    ["Senate", "the parliament", "Ministry of Defence", "State Duma", "Federal Council", "Union", "Commission", "who",
     "Bank", "Kazakhstan", "", "SCO e", "Council"],
)  # fmt: skip
def test_no_organisation(surface: str) -> None:
    assert organisations.resolve(surface, "en") is None
    assert organisations.resolve(surface) is None


def test_name() -> None:
    assert organisations.name("CSTO") == "Collective Security Treaty Organization"
    assert organisations.name("UNICEF") == "UNICEF"
    assert organisations.name("XXX") is None


@settings(deadline=None)
@given(st.text(max_size=60), st.sampled_from([None, *LANGUAGES, *NAMES_ONLY, "xx"]))
def test_any_text_gives_a_known_acronym(text: str, language: str | None) -> None:
    acronym = organisations.resolve(text, language)
    assert acronym is None or organisations.name(acronym)
