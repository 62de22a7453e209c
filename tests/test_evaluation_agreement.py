"""Agreement of two annotations."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from data.documents import AnnotatedDocument, Link, write_documents
from evaluation import agreement
from treaty_events.errors import InputError


@pytest.fixture
def second(documents: list[AnnotatedDocument]) -> list[AnnotatedDocument]:
    """The same texts by an annotator who misses a link and a value, and gives another status."""
    other = copy.deepcopy(documents)
    other[0].relations.remove(Link("date", "E2", "D2"))
    by_id = {m.id: m for m in other[0].mentions}
    by_id["E2"].attributes["status"] = "planned"
    del by_id["D1"].attributes["value"]
    return other[::-1]


def test_the_same_annotation_agrees(documents: list[AnnotatedDocument]) -> None:
    measured = agreement.agreement(documents, documents)
    assert all(row["f1"] == 1 for part in measured["all"].values() for row in part.values())
    assert measured["events"]["slot_f1"] == 1


def test_disagreements_are_counted(documents: list[AnnotatedDocument], second: list[AnnotatedDocument]) -> None:
    measured = agreement.agreement(documents, second)
    assert (measured["documents"], measured["languages"]) == (2, 2)
    assert measured["all"]["mentions"]["micro"]["f1"] == 1
    assert measured["all"]["attributes"]["status"]["f1"] == pytest.approx(0.5)
    assert measured["all"]["relations"]["TRIGGER.date"]["f1"] == pytest.approx(2 / 3)
    assert measured["values"]["DATE"] == {"both": 3, "same": pytest.approx(2 / 3)}
    assert measured["by_language"]["ru"]["mentions"] == 1


def test_other_texts_are_refused(documents: list[AnnotatedDocument], second: list[AnnotatedDocument]) -> None:
    with pytest.raises(InputError, match="fr-1"):
        agreement.agreement(documents, second[:1])
    second[0].text += "!"
    with pytest.raises(InputError, match="another text"):
        agreement.agreement(documents, second)


def test_command(
    documents: list[AnnotatedDocument],
    second: list[AnnotatedDocument],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_documents(tmp_path / "a.jsonl", documents)
    write_documents(tmp_path / "b.jsonl", second)
    out = tmp_path / "agreement.json"
    assert agreement.main([str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"), "--output", str(out)]) == 0
    assert "| triggers | signature | 1 | 1 | 1.00 |" in capsys.readouterr().out
    assert json.loads(out.read_text(encoding="utf-8"))["documents"] == 2
    assert agreement.main([str(tmp_path / "a.jsonl"), str(tmp_path / "none.jsonl")]) == 2
