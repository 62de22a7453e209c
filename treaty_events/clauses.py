"""What a final clause says: whether the treaty renews itself, and whether leaving it takes notice.

The model finds the clause and the lengths of time; this module only reads which of them is which, by the stems that the
languages use for renewing, for doing so by itself and for giving notice. A clause without any of them says neither.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from .wordforms import fold


def _pattern(stems: str) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(fold(stem.replace("_", " "))) for stem in stems.split()))


_BY_ITSELF: Final = _pattern(
    "automat tacit tácit stillschweigend stilzwijgend itself sozinho selbst автомат мълчалив мовчазн молчалив "
    "прећутн prećutn milcząc mlčky αυτόματ αυτοματ αυτοδίκαι σιωπηρ otomatik kendiliğinden avtomatik öz-özünə 自动 "
    "自動 자동 otomatis स्वत स्वचालित تلقائي تلقاء خودکار önműköd hallgatólag өздігінен өзінен-өзі tự_động"
)
_RENEWAL: Final = _pattern(
    "renew renouvel recond rinnov rinnuov prorog prórrog prolong verläng renov extend extens продл пролонг поновл "
    "продовж продовж возобновл ұзар жаңар узар uzat uzay uzad yenilen yenilə prelung reînno înnoir perpanj "
    "diperbarui παρατείν παράτασ ανανε ανανέ hosszabb megúj verleng produž продуж обнов удължа поднов prodlouž "
    "prodluž obnov przedłuż odnow odnaw прадаўж прадоўж 续 續 延长 延長 展期 更新 연장 갱신 gia_hạn नवीनी नवीकर बढ़ "
    "تجدد تجديد تمدد تمديد تمدید uzaytır cho‘zil uzaytiril"
)
_NOTICE: Final = _pattern(
    "notice notif object ahead préavis preaviso preavviso aviso disdetta kündig gekündigt denunci dénonc denounc "
    "withdraw opzeg wypowied wypowiedz výpověd vypověd уведом повідом денонс хабарла ескерт билдир bildir ihbar "
    "fesih feshed xəbərdar ειδοποί αντιταχθ πριν γνωστοποί καταγγελ καταγγείλ 通知 废止 廃棄 통보 통지 종료 thông_báo "
    "pemberitahuan सूचना إخطار إشعار انسحاب اطلاع обавешт obavešt otkaz отказ предизвест felmond xabar_ber "
    "ogohlantir"
)


class Clause(NamedTuple):
    """What a clause speaks of.

    Attributes:
        renewal: that the treaty's term is lengthened.
        automatic: that this happens by itself.
        notice: that a party leaves by giving notice.
    """

    renewal: bool
    automatic: bool
    notice: bool


def read(surface: str) -> Clause:
    """Read a final clause, in any of the languages.

    Args:
        surface: the clause, as it stands in the text.
    """
    text = fold(surface)
    automatic = bool(_BY_ITSELF.search(text))
    return Clause(automatic or bool(_RENEWAL.search(text)), automatic, bool(_NOTICE.search(text)))


def is_notice(before: str, after: str) -> bool:
    """Tell whether a length of time is that of the notice rather than of the renewal, by the nearer word.

    Args:
        before: words of the clause before the length of time.
        after: words after it.
    """

    def distance(pattern: re.Pattern[str]) -> int:
        left = [m.end() for m in pattern.finditer(fold(before))]
        right = pattern.search(fold(after))
        far = 10_000
        return min(len(fold(before)) - left[-1] if left else far, right.start() if right else far)

    # A length of time before an objection, a withdrawal or the end is a notice as well.
    notice = distance(_NOTICE)
    return notice < min(distance(_RENEWAL), distance(_BY_ITSELF)) if notice < 10_000 else False
