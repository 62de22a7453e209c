"""Kinds of bodies and offices: legislature, head of state, head of government, government, ministry, court, forces.

Told by the stems that the languages use for them, on the words of an ORG or ROLE mention that the model found. A name
without such a stem (a company, a person's party) has no kind.
"""

from __future__ import annotations

import functools
import re
from typing import Final, Literal

from .wordforms import fold

Kind = Literal[
    "legislature", "head_of_state", "head_of_government", "government", "ministry", "court", "armed_forces", "monarch"
]

# In this order: the president of a senate belongs to a legislature, a prime minister to no ministry. "_" is a space,
# "^" the start of a word, "$" its end.
_STEMS: Final[tuple[tuple[Kind, str], ...]] = (
    (
        "legislature",
        "deput posł poslan tbmm совет_федерации совета_федерации федерация_кеңесі палат chamber ^camera ^camere "
        "^cámara ^câmara ^chambre kammar kamer ^kamer ^рада$ ^ради$ seimas saeima riigikogu рийгикогу сейма "
        "меджлис маджлис folketing unterhaus oberhaus legislativ مجلس_نواب مجلس_النواب ^مجلس$ جرگ دوما 두마 "
        "ड्यूमा 参院 衆院 собрани събрани сход жиналыс shromážděn ^house$ ^the_house$ нацыянальны_сход "
        "заң_шығаруш сенатор senayan oberste_sowjet верховн_совет eidgenössischen_räte vouli parlia parlam parlem "
        "парлам παρλαμ κοινοβουλ βουλη βουλησ $βουλευτ ^senat ^sénat сенат ^sena$ ^senado σενατ γερουσι meclis "
        "məclis мәжіліс мажилис majlis برلمان بارلمان مجلس_الشيوخ مجلس_الشورى مجلس_الأمة مجلس_المستشارين "
        "مجلس_شورا مجلس_الشعب الكنيست البرلمان ^congress ^congrès ^congreso ^congresso конгрес kongres "
        "^chamber_of ^chambre_des ^camera_dei ^cámara_de ^câmara_dos ^camera_deputaților дума ^rada$ ^rady$ "
        "верховн_рад верховная_рада верховной_рад верховною_рад верховна_рада верховної_рад ^sejm сейм bundestag "
        "bundesrat nationalrat landtag ständerat riksdag storting knesset кнесет kneset 国会 國會 議会 议会 議會 "
        "人大 人民代表大会 参議院 參議院 众议院 眾議院 衆議院 上院 下院 参议院 立法院 국회 의회 상원 하원 सभा "
        "संसद quốc_hội thượng_viện hạ_viện ^dpr$ assembl asamblea assemblea assembleia adunare ассамбле асамбле "
        "ασαμπλ εθνοσυνελευσ skupštin скупштин народно_събрание народното_събрание országgyűlés ^kamara sněmovn "
        "jogorku жогорку oliy_majlis олий_мажлис жоғарғы_кеңес верховный_совет верховного_совет верховным_совет "
        "house_of_representatives house_of_commons house_of_lords lower_house upper_house deputat diputado "
        "депутат milletvekil eduskun staten-generaal tweede_kamer eerste_kamer ^cortes $millət_məclis маслихат "
        "народное_собрание хурал хурул сойм палата_представителей палаты_представ lawmaker мәслихат депутаттар "
        "vekil sabor сабор dewan_perwakilan",
    ),
    (
        "government",
        "council_of_ministers cabinet_of_ministers consiglio_dei_ministri conseil_des_ministres consejo_de_ministros "
        "conselho_de_ministros consiliul_de_miniștri совет_министр кабинет_министров кабінет_міністрів rada_ministrów "
        "bakanlar_kurulu nazirlər_kabineti министрлер_кабинети vazirlar_mahkamasi υπουργικο_συμβουλ ministerrat "
        "مجلس_الوزراء هیئت_وزیران savet_ministara савет_министара министерски_съвет министерския_съвет minisztertanács "
        "совет_міністраў савет_міністраў raad_van_ministers ministerraad कैबिनेट",
    ),
    (
        "head_of_government",
        "prime_minister premier ^premir chancell kanzler canciller_federal chancelier cancelliere premijer "
        "премьер прем'єр прэм'ер премиер başbakan baş_nazir баш_министр премьер-министр bosh_vazir бош_вазир "
        "πρωθυπουργ رئيس_الوزراء رئيس_الحكومة رییس_جمهور$ نخست‌وزیر نخست_وزیر 总理 總理 首相 国务总理 총리 수상 "
        "प्रधानमंत्री प्रधान_मंत्री thủ_tướng perdana_menteri presidente_del_consiglio presidente_del_gobierno "
        "presidente_do_conselho primer_ministro primeiro-ministro primo_ministro prim-ministr miniszterelnök "
        "předsed_vlády minister-president statsminister",
    ),
    (
        "monarch",
        "^king ^queen ^emir ^sultan ^monarch ^pope$ emperor ^roi$ ^reine$ ^rey$ ^reina$ ^rei$ ^rainha$ ^re$ "
        "король короля королем шейх эмир султан βασιλια βασιλε εμιρησ κралят الملك ملك_ الأمير أمير_ السلطان 国王 "
        "國王 天皇 국왕 ^könig ^kral raja_ nhà_vua ^król ^regele",
    ),
    (
        "head_of_state",
        "головы_държав държавния_глава глава_держави главы_государства главе_государства главой_государства "
        "кіраўнік_дзяржавы jefe_del_estado jefe_de_estado capo_dello_stato chef_de_l'etat chefs_d'etat "
        "staatsoberhaupt αρχηγο_του_κρατουσ 国の頭 国家元首 국가원수 kremlin кремл cremlin president präsident "
        "président presidente preside prezident prezydent президент прэзідэнт προεδρο_τησ_δημοκρατι προεδρο "
        "cumhurbaşkan رئيس رئیس_جمهور رئيس_الجمهورية 总统 總統 国家主席 國家主席 大統領 대통령 राष्ट्रपति "
        "tổng_thống chủ_tịch_nước presiden$ head_of_state глава_государства глави_держав президентт "
        "мемлекет_басшы preşedinte predsednik предсједник председник hlav_stát köztársasági_elnök államfő ^elnök",
    ),
    (
        "ministry",
        "省 産業通商資源省 außenamt στειτ_ντιπαρτμεντ treasury خزانة foreign_affairs ministr minist minister "
        "министер министр міністэр міністр министър υπουργ bakan nazir vazir вазир министрліг وزير وزارة وزارت "
        "وزیر 部长 部長 外交部 国防部 國防部 外務省 防衛省 大臣 장관 외교부 국방부 मंत्राल मंत्री bộ_trưởng ^bộ_ "
        "menteri kementerian foreign_office state_department department_of_state pentagon пентагон "
        "secretary_of_state secretary_of_defen home_secretary foreign_secretary auswärtig farnesina quai_d'orsay "
        "мзс мид$ мид_ msz мвд cancillerí canciller itamaraty segretari_di_stato sırətli secretario_de "
        "secretary_of minisztér miniszter",
    ),
    (
        "government",
        "federal_council conseil_fédéral bundesrat_ planalto palazzo_chigi giunta junte әкімшіл junta government "
        "govern gouvern gobiern governo guvern правительств уряд кабинет кабінет cabinet gabinet gabinete kabinet "
        "kabinett κυβερνησ υπουργικο_συμβουλ hükümet hükumət үкімет өкмөт hukumat ҳукумат الحكومة حكومة "
        "مجلس_الوزراء دولت 政府 内阁 內閣 内閣 国务院 정부 내각 सरकार मंत्रिमंडल chính_phủ pemerintah rząd vlád "
        "vlad влада владу владе regering regierung council_of_ministers consiglio_dei_ministri "
        "conseil_des_ministres consejo_de_ministros conselho_de_ministros совет_министр rada_ministrów kormány "
        "правителство урад administration bakanlar_kurulu",
    ),
    (
        "court",
        "court cour_ ^corte tribunal суд$ суда$ судом суду_ constitution_court δικαστηρι gericht mahkeme məhkəmə "
        "сот$ соты сотының محكمة المحكمة دادگاه 法院 裁判所 법원 재판소 अदालत न्यायालय tòa_án mahkamah trybunał "
        "soud sąd sud$ bíróság съд curtea верховный_суд судъ",
    ),
    (
        "armed_forces",
        "armed_forces army ^navy air_force general_staff вооруженн збройн армия армии генштаб генеральн_штаб "
        "ενοπλ στρατ silahlı_kuvvet genelkurmay silahlı_qüvv қарулы_күш القوات_المسلحة الجيش ارتش 军队 军委 "
        "自卫队 自衛隊 국군 सेना quân_đội angkatan bundeswehr streitkräft forces_armées forze_armate "
        "fuerzas_armadas forças_armadas siły_zbrojne ozbrojen fegyveres krijgsmacht въоръжени forțele_armate",
    ),
)  # fmt: skip


@functools.cache
def _patterns() -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    def stem(written: str) -> str:
        text = re.escape(fold(written.strip("^$").replace("_", " ")))
        return (r"\b" if written.startswith("^") else "") + text + (r"\b" if written.endswith("$") else "")

    return tuple((kind, re.compile("|".join(stem(s) for s in stems.split()))) for kind, stems in _STEMS)


@functools.lru_cache(maxsize=8192)
def kind(surface: str) -> Kind | None:
    """Tell what kind of body or office a mention names, in any of the languages.

    Args:
        surface: the mention, an organisation or an office.

    Returns:
        The kind, None for any other body.
    """
    text = fold(surface)
    return next((name for name, pattern in _patterns() if pattern.search(text)), None)
