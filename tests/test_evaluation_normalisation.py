"""The script that measures the resolvers, and the tables that it measures on."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from data.validate import _EDTF, _ISO_DURATION
from evaluation import normalisation
from treaty_events import countries, states


def write(directory: Path, name: str, text: str) -> None:
    (directory / name).write_text(text.replace(" | ", "\t"), encoding="utf-8")


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    write(tmp_path, "countries.tsv", "lang | form | value | class\nen | Qatar | QAT | base\nen | Qatar | KAZ | base\n")
    write(tmp_path, "countries_negative.tsv", "lang | form | why\nen | Narnia | no state\nen | Italy | is one\n")
    write(tmp_path, "organisations.tsv", "lang | form | value\nen | NATO | NATO\nen | Airbus | -\n")
    write(
        tmp_path,
        "dates.tsv",
        "lang | published | form | value | class\nfr | 2024-05-15 | hier | 2024-05-14 | relative\n",
    )
    write(tmp_path, "durations.tsv", "lang | form | value\nit | cinque anni | P5Y\nit | boh | -\n")
    return tmp_path


def test_figures(tables: Path) -> None:
    measured = normalisation.measure(tables)
    assert measured["countries"]["all"] == {
        "forms": 2, "languages": 1, "right": 0.5, "wrong": 0.5, "negatives": 2, "false": 0.5,
    }  # fmt: skip
    assert measured["dates"]["classes"]["relative"]["right"] == 1
    assert measured["organisations"]["all"]["false"] == 0
    assert "| countries | 2 | 1 | 50.0 % | 50.0 % | 2 | 50.0 % |" in normalisation.markdown(measured)


def test_published_is_read(tables: Path) -> None:
    (case,) = normalisation.read_cases(tables / "dates.tsv")
    assert case.published == datetime.date(2024, 5, 15)


@pytest.mark.parametrize("name", normalisation.RESOLVERS)
def test_shipped_tables_are_sound(name: str) -> None:
    cases = [
        c for file in normalisation.RESOLVERS[name][1] for c in normalisation.read_cases(normalisation.VALUES / file)
    ]
    assert len({(c.lang, c.form, c.published) for c in cases}) == len(cases)
    assert len({c.lang for c in cases}) >= 25
    for case in cases:
        assert case.form == case.form.strip() != ""
        if name == "countries" and case.value:
            assert all(states.lookup(code) and countries.name(code) for code in case.value.split("+")), case
        if name == "dates" and case.value:
            assert _EDTF.fullmatch(case.value), case
        if name == "durations" and case.value:
            assert _ISO_DURATION.fullmatch(case.value), case
