"""Agreements and parties in the manner of the manytreaties packages: `agreements.csv` and `parties.csv`.

Dates are EDTF, which those packages read as messydates. `StateRatification` holds what binds a state towards the
others: a vote of its parliament (`level` domestic) is not put there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from treaty_events.treaties import Dossier, Step

from .tables import csv_text

AGREEMENT_COLUMNS: Final = (
    "treatyID", "Title", "Begin", "End", "Signature", "Force", "Term", "Grounds", "TypeDomain", "TypeAgree",
    "TypeAmbit", "TypeGeo", "TypeSubject", "Location", "Depository", "Published", "Secretariat", "Website", "TitleAlt",
    "Language", "Languages", "Text", "TextURL", "Coder", "Comments", "Source",
)  # fmt: skip
PARTY_COLUMNS: Final = (
    "stateID", "treatyID", "Title", "Begin", "End", "Signature", "Force", "Term", "StateSignature",
    "StateRatification", "StateForce", "StateEnd",
)  # fmt: skip


def _title(dossier: Dossier) -> str:
    """The fullest English name, else the fullest of all."""
    names = sorted(dossier.names, key=lambda n: (n.language == "en", len(n.text)))
    return names[-1].text if names else dossier.key


def _date(dossier: Dossier, kind: str, code: str | None = None, *, international: bool = False) -> str | None:
    """Date of a step that was done by all parties, or by one of them."""

    def fits(step: Step) -> bool:
        done = step.type == kind and step.status == "occurred" and step.date is not None
        level = not international or step.level != "domestic"
        return done and level and (not step.actors if code is None else not step.actors or code in step.actors)

    own = [s for s in dossier.steps if fits(s)]
    own.sort(key=lambda s: code is not None and code not in s.actors)
    return own[0].date if own else None


def _common(dossier: Dossier) -> dict[str, Any]:
    signed, force, end = (_date(dossier, kind) for kind in ("signature", "entry_into_force", "termination"))
    return {
        "treatyID": dossier.key,
        "Title": _title(dossier),
        "Begin": force or signed,
        "End": end,
        "Signature": signed,
        "Force": force,
        "Term": end,
    }


def agreement_rows(dossiers: Iterable[Dossier]) -> Iterator[dict[str, Any]]:
    """Give one row a treaty, with the keys of `AGREEMENT_COLUMNS`; what the articles do not tell stays empty."""
    for dossier in dossiers:
        title = _title(dossier)
        place = next((s.place for s in dossier.steps if s.type == "signature" and s.place), None)
        yield {
            **_common(dossier),
            "TypeDomain": dossier.domain,
            "TypeAgree": dossier.kind,
            "TypeAmbit": "bilateral" if len(dossier.parties) == 2 else "multilateral" if dossier.parties else None,
            "TypeSubject": ";".join(dossier.topics),
            "Location": place,
            "TitleAlt": ";".join(n.text for n in dossier.names if n.text != title),
            "Coder": "treaty-events",
            "Source": ";".join(dossier.documents),
        }


def party_rows(dossiers: Iterable[Dossier]) -> Iterator[dict[str, Any]]:
    """Give one row a treaty and party, with the keys of `PARTY_COLUMNS`."""
    for dossier in dossiers:
        for code in dossier.parties:
            yield {
                "stateID": code,
                **_common(dossier),
                "StateSignature": _date(dossier, "signature", code),
                "StateRatification": _date(dossier, "ratification", code, international=True)
                or _date(dossier, "accession", code),
                "StateForce": _date(dossier, "entry_into_force", code),
                "StateEnd": _date(dossier, "termination", code),
            }


def files(dossiers: Iterable[Dossier]) -> dict[str, str]:
    """Write `agreements.csv` and `parties.csv`."""
    kept = list(dossiers)
    return {
        "agreements.csv": csv_text(AGREEMENT_COLUMNS, agreement_rows(kept)),
        "parties.csv": csv_text(PARTY_COLUMNS, party_rows(kept)),
    }
