"""Past states, formal names and capitals in many languages; what is ambiguous or no state gives nothing."""

from __future__ import annotations

import pytest

from treaty_events import countries

from .surfaces import cases

# Historical polities have the code of the state that continues them; formal names and capitals in many forms.
PAST = {
    "en": """
        Ottoman Empire = TUR; the Ottomans = TUR; Sublime Porte = TUR; Qing Empire = CHN; Tsarist Russia = RUS;
        Nazi Germany = DEU; Kingdom of Prussia = DEU; Austro-Hungarian Empire = AUT HUN; Habsburg Monarchy = AUT;
        Franco-Prussian = FRA DEU; Russo-Ottoman = RUS TUR; Persian Empire = IRN; Korean Empire = KOR; Ceylon = LKA;
        Papal States = VAT; Kingdom of Sardinia = ITA; Gold Coast = GHA; British Empire = GBR; Persian Gulf =;
        Oriental Republic of Uruguay = URY; United Republic of Tanzania = TZA; the state of Israel = ISR;
        Saint Vincent and the Grenadines = VCT; Dayton = USA; Maastricht = NLD; nice =; split =; Roman Empire =;
        Baltic States =; Indochina =; Mesopotamia =; Persian rug =; Prussian blue =; Siamese cat =;
        Central African states =; ottoman =; Ming =;
        United Russia =; Saint Louis =; San Jose =; Macedonian Empire =
    """,
    "fr": """
        l'Empire ottoman = TUR; ottomanes = TUR; Prusse = DEU; franco-prussienne = FRA DEU; Perse = IRN; Siam = THA;
        austro-hongrois = AUT HUN; République hellénique = GRC; Royaume hachémite de Jordanie = JOR;
        République algérienne démocratique et populaire = DZA; Indochine =; indochinoise =; Colombie-Britannique = CAN
    """,
    "de": """
        Osmanischen Reiches = TUR; Osmanen = TUR; preußischen = DEU; Österreich-Ungarns = AUT HUN; Kirchenstaat = VAT;
        Königreich der Niederlande = NLD; Vereinigte Republik Tansania = TZA; leiden =; bergen =; Indochina =;
        Leidens =; Bergen =; Kaiserreich =; Wiener = AUT
    """,
    "it": """
        Impero ottomano = TUR; ottomane = TUR; austro-ungarico = AUT HUN; Stato Pontificio = VAT; Regno sabaudo = ITA;
        Regno hascemita di Giordania = JOR; Genova = ITA; Impero romano =
    """,
    "ru": """
        Османской империей = TUR; османов = TUR; Османов = TUR; русско-прусский = RUS DEU; Австро-Венгрии = AUT HUN;
        царской России = RUS; империи Цин = CHN; Верхней Вольте = BFA; Иорданского Хашимитского Королевства = JOR;
        Лаосская Народно-Демократическая Республика = LAO; Сиама = THA; Римская империя =; Персидский залив =;
        Киевская Русь =; в порту =; ниша =; семей =; Индокитая =
    """,
    "uk": """
        Османської імперії = TUR; Пруссії = DEU; австро-угорський = AUT HUN; Гаазі = NLD; Празі = CZE; Харкова = UKR;
        Йорданське Хашимітське Королівство = JOR; Римська імперія =
    """,
    "pl": """
        Imperium Osmańskiego = TUR; osmańskiej = TUR; pruskiego = DEU; Prus = DEU; Cesarstwo Rosyjskie = RUS;
        Pradze = CZE; Wilnie = LTU; III Rzeszy = DEU; krety =; porto =
    """,
    "cs": """
        Osmanskou říší = TUR; Rakouska-Uherska = AUT HUN; Pruska = DEU; Ruského impéria = RUS; nic =;
        Brazilská federativní republika = BRA; Římská říše =
    """,
    "tr": """
        Osmanlı İmparatorluğu'nun = TUR; Osmanlılar = TUR; Prusya'nın = DEU; Rus İmparatorluğu = RUS; Kars'ta = TUR;
        Avusturya-Macaristan = AUT HUN; Ürdün Haşimi Krallığı = JOR; Nice'de = FRA; nice =; karşı =; gence =;
        Roma İmparatorluğu =; Amerika devletleri =
    """,
    "az": "Osmanlı imperiyasının = TUR; Prussiyanın = DEU; Aşqabadda = TKM; Qarsda = TUR; qarşı =; gəncə =",
    "kk": """
        Осман империясының = TUR; Ресей империясының = RUS; Пруссияның = DEU; Минскіде = BLR; Бейжіңде = CHN;
        Израиль мемлекеті = ISR; Америка мемлекеттері =
    """,
    "ky": "Осмон империясынын = TUR; Россия империясынын = RUS; Пруссиянын = DEU",
    "uz": "Usmonli imperiyasining = TUR; Rossiya imperiyasi = RUS; Ummon Sultonligi = OMN",
    "ar": """
        والعثمانيين = TUR; الدولة العثمانية = TUR; عثمان =; الإمبراطورية الروسية = RUS; المملكة الأردنية الهاشمية = JOR;
        الجمهورية الجزائرية الديمقراطية الشعبية = DZA; الهند الصينية =; أستانة = KAZ; ولاية جورجيا =; بروس =; الجماهير =;
        ألمانيا الديمقراطية = DDR
    """,
    "fa": "امپراتوری عثمانی = TUR; پادشاهی اردن هاشمی = JOR; ازبکستان = UZB; اوزبیکستان = UZB; هندوچین =",
    "hi": "ओटोमन साम्राज्य = TUR; त्रिनिदाद एवं टोबैगो = TTO; सीलोन = LKA; रोमन साम्राज्य =; ब्रिटिश कोलंबिया =",
    "zh": """
        奥斯曼帝国 = TUR; 奥匈帝国 = AUT HUN; 清政府 = CHN; 乌拉圭东岸共和国 = URY; 中柬 = CHN KHM; 中老 = CHN LAO; 老人 =;
        卢森堡大公国 = LUX; 印度支那 =; 罗马帝国 =; 匈人 =; 英联邦 =; 基辅大公国 =; 也门民主人民共和国 = YMD
    """,
    "ja": """
        オスマン帝国 = TUR; 清 = CHN; ロシア帝国 = RUS; プロイセン = DEU; オーストリア・ハンガリー帝国 = AUT HUN;
        オーストリア=ハンガリー = AUT HUN; ルクセンブルク大公国 = LUX; ローマ帝国 =; 仏領インドシナ =; ギニア・ビサウ = GNB; キエフ大公国 =
    """,
    "ko": "오스만 제국의 = TUR; 청나라와 = CHN; 오스트리아-헝가리 = AUT HUN; 도미니카공화국 = DOM; 로마 제국 =",
    "el": """
        Οθωμανικής Αυτοκρατορίας = TUR; ρωσοοθωμανικός = RUS TUR; Αυστροουγγαρίας = AUT HUN; Πρωσίας = DEU;
        Ελβετική Συνομοσπονδία = CHE; Περσικός Κόλπος =; λιβανιού =; κάννη =;
        Κάννες = FRA; τουρκικών κρατών =; Ανατολική Ιερουσαλήμ =; κιοτής =; Βασίλειο =; Βασιλείου =
    """,
    "hu": "Oszmán Birodalommal = TUR; porosz = DEU; Vietnami Szocialista Köztársaság = VNM; Római Birodalom =",
    "ro": "Imperiului Otoman = TUR; otomanilor = TUR; Prusiei = DEU; Republica Unită Tanzania = TZA; Imperiul Roman =",
    "nl": "Ottomaanse Rijk = TUR; Pruisen = DEU; Verenigde Republiek Tanzania = TZA; Kaboel = AFG; bergen =; Osman =",
    "sv": "Osmanska rikets = TUR; Preussens = DEU; Schweiziska edsförbundet = CHE; Romerska riket =",
    "sr": "Османског царства = TUR; Pruske = DEU; Хашемитска Краљевина Јордан = JOR; нису =; Rimsko carstvo =",
    "bg": "Османската империя = TUR; османците = TUR; Високата порта = TUR; Римската империя =",
    "he": "העות'מאנים = TUR; האימפריה העות'מאנית = TUR; פרוסיה = DEU; האימפריה הרומית =",
    "ka": "ოსმალეთის იმპერიის = TUR; პრუსიის = DEU; რომის იმპერია =",
    "lt": "Osmanų imperijos = TUR; Prūsijos = DEU; Romos imperija =",
    "fi": "Osmanien valtakunnan = TUR; Preussin = DEU; Marokon kuningaskunta = MAR; Rooman valtakunta =; tartu =",
    "et": "Tartus = EST; Osmani impeeriumi = TUR; Rooma impeerium =; Rooma riigi =",
    "id": "Kekaisaran Ottoman = TUR; Kerajaan Yordania Hasyimiyah = JOR; Negara Qatar = QAT; Kekaisaran Romawi =",
    "vi": "Đế quốc Áo-Hung = AUT HUN; nhà Thanh = CHN; Nhà nước Qatar = QAT; Đông Dương =; đại ý =",
}


@pytest.mark.parametrize(("language", "surface", "codes"), cases(PAST))
def test_surface(language: str, surface: str, codes: str) -> None:
    assert " ".join(countries.resolve(surface, language)) == codes


@pytest.mark.parametrize(("language", "surface", "codes"), cases(PAST))
def test_never_wrong_without_a_language(language: str, surface: str, codes: str) -> None:
    assert " ".join(countries.resolve(surface)) in (codes, "")
