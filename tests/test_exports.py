"""Exports, each read back with a tool that its users have."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import icalendar
import pandas as pd
import pytest
import rdflib

from treaty_events import exports
from treaty_events.dossiers import build_dossiers
from treaty_events.errors import InputError
from treaty_events.exports import dyads, events, linked, polecat, tables, timelines
from treaty_events.schema import Document

from .test_dossiers import ARTICLES, article, event

LEFT = article(
    "https://example.org/mali",
    event(
        "termination",
        "MLI FRA",
        "2022-05-02",
        treaty="accord de défense, «2014»;\tannexe",
        agent="MLI",
        domain="defence",
    ),
    event("entry_into_force", "MLI FRA", "2014", treaty="accord de défense, «2014»;\tannexe", at=20),
    published="2022-05-03",
    language="fr",
)
OPEN = article(
    "kz",
    event(
        "accession", "KAZ EU", "2024-01", treaty="Istanbul convention", kind="convention", domain="justice", agent="KAZ"
    ),
    event(
        "ratification",
        "NLD QAT",
        "2024-02-30".replace("30", "28"),
        treaty="tax treaty",
        domain="finance",
        level="domestic",
        at=9,
    ),
    event("ratification", "NLD QAT", "2024-05-01", treaty="tax treaty", domain="finance", level="international", at=30),
)
DOCUMENTS: tuple[Document, ...] = (*ARTICLES, LEFT, OPEN, article("nothing"))
COUNT = sum(len(d.events) for d in DOCUMENTS)


def read_csv(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), keep_default_na=False, dtype=str)


@pytest.mark.parametrize("name", exports.FORMATS)
def test_every_format_writes_what_it_says(name: str, tmp_path: Path) -> None:
    files = exports.export(DOCUMENTS, name)
    assert set(files) <= set(exports.FORMATS[name].description.replace(",", " ").replace(":", " ").split())
    paths = exports.write(files, tmp_path / "out")
    assert {p.name: p.read_bytes().decode() for p in paths} == files
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(files)
    # Nothing to say is no error, and the head of a table still stands there.
    assert exports.export([], name).keys() == files.keys()


def test_unknown_format() -> None:
    with pytest.raises(InputError, match="use one of jsonl"):
        exports.export(DOCUMENTS, "xml")


def test_jsonl_holds_every_event_whole() -> None:
    lines = [json.loads(line) for line in exports.export(DOCUMENTS, "jsonl")["events.jsonl"].splitlines()]
    assert len(lines) == COUNT
    whole = [(d, i, e) for d in DOCUMENTS for i, e in enumerate(d.events)]
    for line, (document, index, told) in zip(lines, whole, strict=True):
        assert (line.pop("document"), line.pop("event"), line.pop("language")) == (
            document.id,
            index,
            document.language,
        )
        line.pop("published")
        assert type(told).model_validate(line) == told


def test_csv_reads_back() -> None:
    frame = read_csv(exports.export(DOCUMENTS, "csv")["events.csv"])
    assert tuple(frame.columns) == events.COLUMNS
    assert len(frame) == COUNT
    row = frame[frame.document == "https://example.org/mali"].iloc[0]
    assert (row.type, row.parties, row.party_cow, row.date) == ("termination", "FRA;MLI", "220;432", "2022-05-02")
    assert row.treaty == "accord de défense, «2014»;\tannexe"


def test_dataframe() -> None:
    frame = events.to_dataframe(DOCUMENTS)
    assert (tuple(frame.columns), len(frame)) == (events.COLUMNS, COUNT)
    assert frame.date.isna().sum() == 1


def test_dcad_rows() -> None:
    files = exports.export(DOCUMENTS, "dcad")
    treaties = read_csv(files["treaties.csv"])
    assert tuple(treaties.columns) == dyads.TREATY_COLUMNS
    # Defence treaties whose signing is told: not the tax treaty, not the one that was only left.
    assert list(treaties.DCAid) == ["KAZ-QAT[MLC]_2023A", "KAZ-RUS[MLC]_2020A"]
    qatar = treaties.iloc[0]
    assert [qatar[c] for c in ("ccode1", "ccode2", "signDay", "signMonth", "signYear", "EIFYear", "newsSign")] == [
        "694", "705", "12", "12", "2023", "", "1",
    ]  # fmt: skip
    years = read_csv(files["dyad_year.csv"])
    assert tuple(years.columns) == dyads.DYAD_COLUMNS
    assert years.values.tolist()[0] == ["365", "RUS", "705", "KZK", "2020", "1", "1", "0", "0", "1", "1"]


def test_polecat_has_no_type_for_those_of_a_models_own() -> None:
    assert [polecat.plover_type(event(t, "KAZ QAT")) for t in ("objection", "signature")] == [None, ("SUPPORT", "")]


def test_polecat_rows() -> None:
    text = exports.export(DOCUMENTS, "polecat")["events.tsv"]
    rows = list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))
    assert tuple(rows[0]) == polecat.COLUMNS
    assert len(polecat.COLUMNS) == 40
    assert all(None not in row and None not in row.values() for row in rows)
    # Entry into force has no PLOVER type.
    assert len(rows) == COUNT - 1
    by_id = {row["Event ID"]: row for row in rows}
    left = by_id["https://example.org/mali:0"]
    assert (left["Event Type"], left["Event Mode"], left["Quad Code"]) == ("SANCTION", "withdraw", "MATERIAL CONFLICT")
    assert (left["Actor Country"], left["Actor COW"], left["Recipient Country"]) == ("MLI", "432", "FRA")
    assert (by_id["en:0"]["Event Type"], by_id["it:0"]["Event Type"]) == ("AGREE", "SUPPORT")
    assert by_id["fr:0"]["Contexts"] == "diplomatic;military;legislative"
    assert by_id["it:0"]["Actor Country"] == "KAZ|QAT"


def test_manytreaties_keep_votes_apart_from_ratifications() -> None:
    files = exports.export(DOCUMENTS, "manytreaties")
    agreements, parties = read_csv(files["agreements.csv"]), read_csv(files["parties.csv"])
    assert set(parties.treatyID) <= set(agreements.treatyID)
    qatar = parties[(parties.stateID == "QAT") & (parties.treatyID == "KAZ-QAT[MLC]_2023A")].iloc[0]
    assert (qatar.StateSignature, qatar.StateRatification) == ("2023-12-12", "")
    taxed = parties[(parties.stateID == "NLD")].iloc[0]
    assert taxed.StateRatification == "2024-05-01"
    assert agreements[agreements.treatyID == "KAZ-QAT[MLC]_2023A"].iloc[0].TypeAmbit == "bilateral"


def test_jsonld_is_a_graph() -> None:
    graph = rdflib.Graph().parse(data=exports.export(DOCUMENTS, "jsonld")["treaties.jsonld"], format="json-ld")
    schema = rdflib.Namespace("https://schema.org/")
    jolux = rdflib.Namespace(linked.CONTEXT["jolux"])
    dossiers = build_dossiers(DOCUMENTS)
    assert len(set(graph.subjects(rdflib.RDF.type, schema.Legislation))) == len(dossiers)
    assert len(set(graph.subjects(rdflib.RDF.type, jolux.TaskForTreaty))) == sum(len(d.steps) for d in dossiers)
    assert rdflib.Literal("2023-12-12") in set(graph.objects(None, jolux.treatySignatureDate))
    assert rdflib.URIRef("http://www.wikidata.org/entity/Q846") in set(graph.objects(None, schema.sameAs))


def test_quickstatements_never_call_a_vote_a_ratification() -> None:
    lines = exports.export(DOCUMENTS, "quickstatements")["quickstatements.txt"].splitlines()
    assert lines.count("CREATE") == 2
    assert "LAST\tP1891\tQ846\tP585\t+2023-12-12T00:00:00Z/11" in lines
    assert not [line for line in lines if "P6193" in line]
    signed = article(
        "https://example.org/a",
        event("signature", "NLD QAT", "2024-01-10", domain="finance", treaty='the "tax" treaty'),
        event(
            "ratification",
            "NLD QAT",
            "2024-05",
            level="international",
            domain="finance",
            treaty='the "tax" treaty',
            at=9,
        ),
    )
    lines = linked.quickstatements(build_dossiers([signed]))["quickstatements.txt"].splitlines()
    assert 'LAST\tP6193\tQ29999\tP585\t+2024-05-00T00:00:00Z/10\tS854\t"https://example.org/a"' in lines
    assert "LAST\tLen\t\"the 'tax' treaty\"" in lines
    assert linked.wikidata_date("2024-01/2024-06") is None


def test_calendar() -> None:
    text = exports.export(DOCUMENTS, "ics")["treaties.ics"]
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    entries = icalendar.Calendar.from_ical(text).walk("VEVENT")
    dated = [s for d in build_dossiers(DOCUMENTS) for s in d.steps if s.date and len(s.date) == 10]
    assert len(entries) == len({str(e["UID"]) for e in entries}) == len(dated)
    mali = next(e for e in entries if "mali" in str(e["DESCRIPTION"]))
    assert (str(mali["SUMMARY"]), mali.decoded("DTSTART").isoformat()) == (
        "termination by Mali: accord de défense, «2014»; annexe (France, Mali)",
        "2022-05-02",
    )


def test_markdown_names_sources_and_conflicts() -> None:
    told = [
        article("a_1", event("signature", "GRC FRA", "2021-09-28"), published="2021-09-29"),
        article("b", event("signature", "GRC FRA", "2021-09-27"), published="2021-09-29"),
    ]
    text = timelines.markdown(build_dossiers(told))["timelines.md"]
    assert "- **2021-09-27** signature — a\\_1, b" in text
    assert "  - sources differ on the date: 2021-09-27 (b); 2021-09-28 (a\\_1)" in text


def test_plot(tmp_path: Path) -> None:
    for number, dossier in enumerate(build_dossiers(DOCUMENTS)):
        timelines.plot(dossier).savefig(tmp_path / f"{number}.png")
        assert (tmp_path / f"{number}.png").stat().st_size > 5000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2023-12-12", (2023, 12, 12)),
        ("2023-12", (2023, 12, None)),
        ("2023", (2023, None, None)),
        ("2023-03/2023-05", (2023, None, None)),
        ("2023-03-01/2023-03-09", (2023, 3, None)),
        ("2022-12/2023-01", (None, None, None)),
        ("2023-21", (2023, None, None)),
        ("199X", (None, None, None)),
        (None, (None, None, None)),
    ],
)
def test_day_parts(value: str | None, expected: tuple[int | None, ...]) -> None:
    assert tables.day_parts(value) == expected
