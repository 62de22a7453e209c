"""Defence treaties as the Defense Cooperation Agreement Dataset (DCAD) has them: a row a treaty, a row a dyad and year.

Only treaties on defence and security between two states that the Correlates of War list, and only those whose signature
is told as done. DCAD's `factiva...` columns, which say that news told of the step, are called `news...` here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from treaty_events import countries, states
from treaty_events.treaties import Dossier, Step

from .tables import csv_text, day_parts

TREATY_COLUMNS: Final = (
    "ccode1", "cowName1", "ccode2", "cowName2", "signDay", "signMonth", "signYear", "EIFDay", "EIFMonth", "EIFYear",
    "type", "category1", "category2", "category3", "span", "renewType", "renewYears", "terminated", "durationActual",
    "endYearEstimate", "asymmetry", "categoryConf", "UNTS", "fullText", "sourceType", "source", "newsConf", "newsSign",
    "newsEIF", "DCAid",
)  # fmt: skip
DYAD_COLUMNS: Final = (
    "ccode1", "abbrev1", "ccode2", "abbrev2", "year", "dcaGeneralV1", "dcaGeneralV2", "dcaSectorV1", "dcaSectorV2",
    "dcaAnyV1", "dcaAnyV2",
)  # fmt: skip
DOMAINS: Final = frozenset({"defence", "security"})
# DCAD's seven areas by topic of our provisions.
AREAS: Final = {
    "defence_policy_consultation": 1,
    "education_training": 2,
    "joint_exercises": 2,
    "personnel_exchange_visits": 2,
    "peacekeeping": 3,
    "research_technology": 4,
    "defence_industry": 5,
    "procurement_arms": 6,
    "logistics_support": 6,
    "classified_information": 7,
    "intelligence_sharing": 7,
}
# Areas from which on an agreement is a general one.
_GENERAL: Final = 3
# Confidence of the signature from which on a treaty counts in the strict columns (V1).
_SURE: Final = 0.8


def _occurred(dossier: Dossier, kind: str) -> Step | None:
    return next((s for s in dossier.steps if s.type == kind and s.status == "occurred"), None)


def _pair(dossier: Dossier) -> tuple[states.State, states.State] | None:
    found = [states.lookup(code) for code in dossier.parties]
    pair = sorted((s for s in found if s is not None and s.cow is not None), key=lambda s: s.cow or 0)
    return (pair[0], pair[1]) if len(found) == len(pair) == 2 else None


def _areas(dossier: Dossier) -> list[int]:
    return sorted({AREAS[t] for t in dossier.topics if t in AREAS})


def _is_general(dossier: Dossier) -> bool:
    areas = _areas(dossier)
    return len(areas) >= _GENERAL or not areas


def _years(duration: str | None) -> int | None:
    match = re.fullmatch(r"P(\d+)Y", duration or "")
    return int(match[1]) if match else None


def _chosen(dossiers: Iterable[Dossier]) -> Iterator[tuple[Dossier, states.State, states.State, Step]]:
    for dossier in dossiers:
        pair, signed = _pair(dossier), _occurred(dossier, "signature")
        if dossier.domain in DOMAINS and pair is not None and signed is not None:
            yield dossier, *pair, signed


def treaty_rows(dossiers: Iterable[Dossier]) -> Iterator[dict[str, Any]]:
    """Give one row a treaty, with the keys of `TREATY_COLUMNS`; what the articles do not tell stays empty."""
    for dossier, one, two, signed in _chosen(dossiers):
        force, ended = _occurred(dossier, "entry_into_force"), _occurred(dossier, "termination")
        sign_year, sign_month, sign_day = day_parts(signed.date)
        force_year, force_month, force_day = day_parts(force.date if force else None)
        end_year = day_parts(ended.date if ended else None)[0]
        began = force_year or sign_year
        areas = [*_areas(dossier), None, None, None]
        span = _years(dossier.term)
        yield {
            "ccode1": one.cow,
            "cowName1": countries.name(one.alpha3),
            "ccode2": two.cow,
            "cowName2": countries.name(two.alpha3),
            "signDay": sign_day,
            "signMonth": sign_month,
            "signYear": sign_year,
            "EIFDay": force_day,
            "EIFMonth": force_month,
            "EIFYear": force_year,
            "type": "general" if _is_general(dossier) else "sector",
            "category1": areas[0],
            "category2": areas[1],
            "category3": areas[2],
            "span": span,
            "renewType": "automatic" if dossier.renews_itself else None,
            "renewYears": _years(dossier.renewal_term),
            "terminated": int(ended is not None),
            "durationActual": end_year - began if end_year and began else None,
            "endYearEstimate": began + span if began and span else None,
            "sourceType": "news",
            "source": ";".join(dossier.documents),
            "newsConf": round(signed.confidence, 3),
            "newsSign": 1,
            "newsEIF": int(force is not None),
            "DCAid": dossier.key,
        }


def dyad_rows(dossiers: Iterable[Dossier]) -> Iterator[dict[str, Any]]:
    """Give one row a pair of states and year of signature: whether they signed a general or a sector agreement in it.

    V1 counts treaties whose signature is sure (confidence 0.8 and more), V2 all.
    """
    cells: dict[tuple[states.State, states.State, int], dict[str, int]] = {}
    for dossier, one, two, signed in _chosen(dossiers):
        year = day_parts(signed.date)[0]
        if year is None:
            continue
        cell = cells.setdefault((one, two, year), dict.fromkeys(DYAD_COLUMNS[5:], 0))
        kind = "General" if _is_general(dossier) else "Sector"
        versions = ("V1", "V2") if signed.confidence >= _SURE else ("V2",)
        for name in (f"dca{k}{v}" for k in (kind, "Any") for v in versions):
            cell[name] = 1
    for (one, two, year), cell in sorted(cells.items(), key=lambda item: (item[0][0].cow, item[0][1].cow, item[0][2])):
        head = {"ccode1": one.cow, "abbrev1": one.cow_name, "ccode2": two.cow, "abbrev2": two.cow_name, "year": year}
        yield {**head, **cell}


def files(dossiers: Iterable[Dossier]) -> dict[str, str]:
    """Write `treaties.csv` and `dyad_year.csv`."""
    kept = list(dossiers)
    return {
        "treaties.csv": csv_text(TREATY_COLUMNS, treaty_rows(kept)),
        "dyad_year.csv": csv_text(DYAD_COLUMNS, dyad_rows(kept)),
    }
