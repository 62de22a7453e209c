"""Stories, splits, near-duplicates and repetition of the corpus."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from pathlib import Path

import pytest

from data import overlap, repetition, splits
from data.documents import DATA, AnnotatedDocument, read_corpus
from data.stories import gather


def test_a_story_is_gathered_from_its_documents(documents: list[AnnotatedDocument]) -> None:
    told, negative = gather([*documents, dataclasses.replace(documents[0], id="fr-2", real=False)])
    assert (told["key"], told["parties"], told["kind"], told["domain"]) == (
        "KAZ-QAT-2023-x",
        ["KAZ", "QAT"],
        "agreement",
        "defence",
    )
    assert told["steps"] == [
        {"type": "signature", "status": "occurred", "date": "2023-12-12", "place": "Doha"},
        {"type": "ratification", "status": "occurred", "date": "2025-02-13", "place": None},
    ]
    assert (told["terms"], told["provisions"], told["dates"]) == (
        ["P5Y"],
        ["education_training"],
        ["2023-12-12", "2025-02-13"],
    )
    assert told["documents"] == ["fr-1", "fr-2"]
    assert not told["real"]
    assert (negative["kind"], negative["steps"], negative["real"]) == (None, [], False)


def test_a_background_treaty_does_not_leak_into_the_story() -> None:
    from data import markup

    source = """=== en-1
lang: en
story: FRA-ITA-2021-quirinal
---
[France|G1 FRA] and [Italy|G2 ITA] [signed|E1 signature occurred] a [treaty|T1 treaty political]; [Germany|G3 DEU] and [Poland|G4 POL] [signed|E2 signature occurred] [theirs|T2 treaty border] and [ratified|E3 ratification occurred] it in [1991|D1 1991].
---
E1: treaty=T1 party=G1,G2
E2: treaty=T2 party=G3,G4
E3: treaty=T2 party=G3,G4 date=D1
"""
    (story,) = gather(markup.parse(source))
    assert (story["parties"], story["domain"], story["dates"]) == (["FRA", "ITA"], "political", [])


def test_splits() -> None:
    assert {splits.split_of(s) for s in splits.ARTICLE_STORIES} == {"train"}
    assert splits.split_of("KAZ-QAT-2023-military-cooperation", "ka") == "test"
    drawn = Counter(splits.split_of(f"AAA-BBB-{i}-x") for i in range(2000))
    assert 200 < drawn["test"] < 360
    assert 160 < drawn["dev"] < 320


def test_held_out_stories_are_tested(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key = next(f"AAA-BBB-{i}-x" for i in range(99) if splits.split_of(f"AAA-BBB-{i}-x") == "train")
    (tmp_path / "keys.txt").write_text(f"{key}\n\n", encoding="utf-8")
    assert splits.held_out(tmp_path / "keys.txt") == {key}
    monkeypatch.setattr(splits, "held_out", lambda: frozenset({key}))
    assert splits.split_of(key) == "test"


def test_overlap_sees_a_sentence_used_twice(documents: list[AnnotatedDocument]) -> None:
    french = documents[0]
    framed = dataclasses.replace(french, id="fr-2", text=f"Un début.\n{french.text.upper()}\nUne fin, tout autre.")
    other = dataclasses.replace(french, id="fr-3", text="Rien de commun avec ce qui précède, ni avec ce qui suit.")
    assert [(p.left, p.right, p.share) for p in overlap.closest([french, framed, other])] == [("fr-1", "fr-2", 1.0)]
    assert overlap.closest([french, dataclasses.replace(french, id="x", lang="it")]) == []


def test_no_near_duplicates_in_the_corpus(capsys: pytest.CaptureFixture[str]) -> None:
    assert overlap.main([]) == 0, capsys.readouterr().out


def test_repetition(documents: list[AnnotatedDocument]) -> None:
    found = repetition.repetition(documents * 8)
    assert found["party sets (documents)"] == [("KAZ-QAT", 8, 1.0)]
    assert ("signature", "fr", ("signé", 8, 1.0), 1) in found["triggers"]
    assert found["sentence openings"][0] == ("fr: le sénat kazakh", 8, 1 / 3)
    assert repetition.openings(dataclasses.replace(documents[0], lang="ja", text="日本と豪州は協定に署名した。")) == [
        "ja: 日本と豪州は"
    ]


def test_shipped_stories_are_those_of_the_corpus() -> None:
    shipped = [json.loads(line) for line in (DATA / "stories.jsonl").read_text(encoding="utf-8").splitlines()]
    assert shipped == gather(read_corpus()), "run: python -m data.build"
