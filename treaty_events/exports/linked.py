"""Linked data: JSON-LD with schema.org and the Swiss JOLUX ontology, and batches of Wikidata QuickStatements."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

from treaty_events import countries, states
from treaty_events.treaties import Dossier, Step

CONTEXT: Final = {
    "schema": "https://schema.org/",
    "jolux": "http://data.legilux.public.lu/resource/ontology/jolux#",
    "Treaty": "schema:Legislation",
    "TreatyProcess": "jolux:TreatyProcess",
    "TaskForTreaty": "jolux:TaskForTreaty",
    "name": "schema:name",
    "about": "schema:about",
    "process": {"@id": "schema:subjectOf"},
    "tasks": {"@id": "schema:subEvent"},
    "party": {"@id": "jolux:treatyPartyCountry"},
    "signatureDate": "jolux:treatySignatureDate",
    "signaturePlace": "jolux:treatySignaturePlace",
    "dateInForce": "schema:legislationDateOfApplicability",
    "date": "schema:startDate",
    "eventStatus": "schema:eventStatus",
    "type": "schema:additionalType",
    "source": "schema:citation",
    "sameAs": {"@id": "schema:sameAs", "@type": "@id"},
    "alternateName": {"@id": "schema:alternateName", "@container": "@language"},
}
_EUROVOC: Final = {
    "signature": 3466,
    "ratification": 2901,
    "accession": 5420,
    "extension": 5833,
    "amendment": 5870,
    "termination": 5574,
}
# Wikidata: instance of; treaty; signatory; ratified by; point in time; effective date; retrieved from (reference URL).
_INSTANCE_OF, _TREATY, _SIGNATORY, _RATIFIED_BY, _POINT_IN_TIME, _REFERENCE_URL = (
    "P31", "Q131569", "P1891", "P6193", "P585", "S854",
)  # fmt: skip


def _party(code: str) -> dict[str, Any]:
    state = states.lookup(code)
    node: dict[str, Any] = {"@id": f"#{code}", "name": countries.name(code) or code}
    return node if state is None else {**node, "sameAs": f"http://www.wikidata.org/entity/{state.wikidata}"}


def _task(key: str, number: int, step: Step) -> dict[str, Any]:
    node: dict[str, Any] = {
        "@id": f"{key}/{number}",
        "@type": ["TaskForTreaty", "schema:Event"],
        "type": step.type,
        "eventStatus": step.status,
        "source": sorted({s.document for s in step.sources}),
    }
    if step.date:
        node["date"] = step.date
    if step.place:
        node["schema:location"] = step.place
    if step.type in _EUROVOC:
        node["about"] = {"@id": f"http://eurovoc.europa.eu/{_EUROVOC[step.type]}"}
    if step.actors:
        node["schema:agent"] = [{"@id": f"#{code}"} for code in step.actors]
    return node


def node(dossier: Dossier) -> dict[str, Any]:
    """Give a treaty as a JSON-LD node, its steps as tasks of a treaty process."""
    key = "#" + quote(dossier.key, safe="-_+")
    names: dict[str, list[str]] = {}
    for name in dossier.names:
        names.setdefault(name.language or "und", []).append(name.text)
    signature = next((s for s in dossier.steps if s.type == "signature" and s.status == "occurred"), None)
    treaty: dict[str, Any] = {
        "@id": key,
        "@type": "Treaty",
        "name": dossier.names[0].text if dossier.names else dossier.key,
        "schema:identifier": dossier.key,
        "alternateName": names,
        "party": [_party(code) for code in dossier.parties],
        "process": {
            "@id": f"{key}/process",
            "@type": "TreatyProcess",
            "tasks": [_task(key, i, step) for i, step in enumerate(dossier.steps)],
        },
    }
    if dossier.kind:
        treaty["schema:legislationType"] = dossier.kind
    if dossier.signed:
        treaty["signatureDate"] = dossier.signed
    if signature is not None and signature.place:
        treaty["signaturePlace"] = signature.place
    if dossier.in_force:
        treaty["dateInForce"] = dossier.in_force
    return treaty


def jsonld(dossiers: Iterable[Dossier]) -> dict[str, str]:
    """Write `treaties.jsonld`."""
    graph = {"@context": CONTEXT, "@graph": [node(d) for d in dossiers]}
    return {"treaties.jsonld": json.dumps(graph, ensure_ascii=False, indent=1) + "\n"}


def wikidata_date(value: str | None) -> str | None:
    """Write an EDTF day, month or year as Wikidata's time value (`+2023-12-12T00:00:00Z/11`); None for all else."""
    match = re.fullmatch(r"(\d{4})(?:-(0[1-9]|1[0-2]))?(?:-(\d{2}))?", value or "")
    if match is None:
        return None
    year, month, day = match.groups()
    precision = 11 if day else 10 if month else 9
    return f"+{year}-{month or '00'}-{day or '00'}T00:00:00Z/{precision}"


def _quoted(text: str) -> str:
    return '"' + re.sub(r"\s+", " ", text).replace('"', "'").strip() + '"'


def _urls(step: Step) -> list[str]:
    return sorted({s.document for s in step.sources if re.match(r"https?://\S+$", s.document)})


def _statements(dossier: Dossier) -> list[str]:
    lines = ["CREATE"]
    named: set[str] = set()
    for name in dossier.names:
        if name.language and name.language not in named:
            named.add(name.language)
            lines.append(f"LAST\tL{name.language}\t{_quoted(name.text)}")
    lines.append(f"LAST\t{_INSTANCE_OF}\t{_TREATY}")
    for step in dossier.steps:
        if step.status != "occurred":
            continue
        # A vote in parliament does not bind towards the other parties: it is no ratification in Wikidata's sense.
        bound = step.type == "accession" or (step.type == "ratification" and step.level == "international")
        if not (bound or step.type == "signature"):
            continue
        date = wikidata_date(step.date)
        for code in step.actors or dossier.parties:
            state = states.lookup(code)
            if state is None or (bound and not step.actors and step.type == "accession"):
                continue
            cells = ["LAST", _RATIFIED_BY if bound else _SIGNATORY, state.wikidata]
            cells += [_POINT_IN_TIME, date] if date else []
            for url in _urls(step)[:1]:
                cells += [_REFERENCE_URL, _quoted(url)]
            lines.append("\t".join(cells))
    return lines


def quickstatements(dossiers: Iterable[Dossier]) -> dict[str, str]:
    """Write `quickstatements.txt` (version 1, tab-separated): a new item a treaty whose signature is told as done.

    Article ids that are web addresses become references. Review the batch before it is run: an item may exist.
    """
    lines: list[str] = []
    for dossier in dossiers:
        if dossier.parties and any(s.type == "signature" and s.status == "occurred" for s in dossier.steps):
            lines += _statements(dossier)
    return {"quickstatements.txt": "".join(line + "\n" for line in lines)}
