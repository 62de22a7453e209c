"""Gold: from annotation to events, and the readers of event-level files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from data.documents import AnnotatedDocument, Link, text_digest
from data.markup import parse
from evaluation.development import PARTS, score_predictions
from evaluation.gold import (
    event_record,
    gold_document,
    gold_events,
    gold_extraction,
    publication_date,
    read_articles,
    read_event_gold,
    read_predictions,
)
from treaty_events.errors import AnnotationError, InputError
from treaty_events.extraction import Extraction

SOURCE = """=== ex-fr
lang: fr
style: wire
story: KAZ-QAT-2023
real: yes
---
Le [Sénat [kazakh|G1 KAZ]|O1] a [ratifié|E1 ratification occurred domestic] [mardi|D1] l'[accord de coopération \
militaire avec le [Qatar|G2 QAT]|T1 agreement defence], [signé|E2 signature occurred] à [Doha|G3 QAT] le \
[12 décembre 2023|D2 2023-12-12].
---
E1: treaty=T1 party=G1,G2 agent=O1 date=D1
E2: treaty=T1 party=G1,G2 place=G3 date=D2
T1: party=G1,G2
O1: of=G1
"""


@pytest.fixture
def document() -> AnnotatedDocument:
    return parse(SOURCE)[0]


def line(**changes: Any) -> dict[str, Any]:
    text = "Les deux pays ont signé l'accord."
    event = {
        "type": "signature",
        "status": "occurred",
        "kind": "agreement",
        "domain": "defence",
        "parties": ["KAZ", "QAT"],
        "date": None,
        "treaty": [26, 32],
        "place": None,
        "agents": [],
        "evidence": [18, 32],
    }
    return {"id": "a", "lang": "fr", "published": None, "text": text, "events": [event], **changes}


def write(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    return path


def test_all_mentions_and_links_come_over(document: AnnotatedDocument) -> None:
    extraction = gold_extraction(document)
    assert len(extraction.mentions) == len(document.mentions)
    assert len(extraction.relations) == len(document.relations)
    starts = [m.start for m in extraction.mentions]
    assert starts == sorted(starts)
    of = next(r for r in extraction.relations if r.type == "of")
    assert extraction.surface(extraction.mentions[of.head]) == "Sénat kazakh"
    assert extraction.mentions[of.tail].attributes["value"] == "KAZ"


def test_a_link_to_nothing_is_refused(document: AnnotatedDocument) -> None:
    document.relations.append(Link("party", "E1", "G9"))
    with pytest.raises(AnnotationError, match="G9"):
        gold_extraction(document)


def test_events_become_records(document: AnnotatedDocument) -> None:
    ratification, signature = (event_record(e) for e in gold_events(document))
    assert (ratification["type"], ratification["kind"], ratification["domain"]) == (
        "ratification",
        "agreement",
        "defence",
    )
    assert ratification["parties"] == signature["parties"] == ["KAZ", "QAT"]
    assert signature["date"] == "2023-12-12"
    text = document.text
    assert [text[a:b] for a, b in ratification["agents"]] == ["Sénat kazakh"]
    assert text[slice(*signature["place"])] == "Doha"
    assert text[slice(*ratification["trigger"])] == "ratifié"
    assert ratification["evidence"] == ratification["trigger"]


def test_a_value_that_gold_leaves_out_stays_out(document: AnnotatedDocument) -> None:
    # With the publication date the grammar could resolve "mardi"; the annotator did not.
    document.published = "2025-02-13"
    for mention in document.mentions:
        if mention.id == "G1":
            mention.attributes.clear()
    ratification = event_record(gold_events(document)[0])
    assert ratification["date"] is None
    assert ratification["parties"] == ["QAT"]


def test_a_publication_date_must_be_one() -> None:
    assert publication_date(None) is None
    with pytest.raises(InputError, match="soon"):
        publication_date("soon")


def test_event_gold_is_read(tmp_path: Path) -> None:
    (document,) = read_event_gold(write(tmp_path / "gold.jsonl", line(published="2024-11-28")))
    assert document.events[0]["trigger"] is None
    assert document.published
    assert document.published.year == 2024


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": None}, "no text"),
        ({"lang": None, "events": [{"type": "A party"}]}, "A party"),
        ({"events": [{"type": "signature", "treaty": [4, 400]}]}, "400"),
        ({"events": [{"type": "signature", "parties": [1]}]}, "codes"),
        ({"events": ["signature"]}, "JSON object"),
        ({"sha256": "0"}, "SHA-256"),
    ],
)
def test_malformed_gold_says_where_and_why(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = write(tmp_path / "gold.jsonl", line(), line(**changes))
    with pytest.raises(InputError, match=message) as raised:
        read_event_gold(path)
    assert f"{path}:2" in str(raised.value)


def test_missing_and_broken_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        read_event_gold(tmp_path / "nothing.jsonl")
    (tmp_path / "broken.jsonl").write_text("{")
    with pytest.raises(InputError, match="not JSON"):
        read_event_gold(tmp_path / "broken.jsonl")


def test_articles_are_taken_only_with_the_text_that_was_annotated(tmp_path: Path) -> None:
    texts = {"a.txt": "Texte un.\r\nFin.", "b.txt": "Texte deux."}
    records: list[dict[str, Any]] = [
        {"id": name, "file": name, "lang": "fr", "published": None, "sha256": text_digest(text), "events": []}
        for name, text in {**texts, "c.txt": "Texte trois."}.items()
    ]
    write(tmp_path / "gold.jsonl", *records)
    (tmp_path / "a.txt").write_bytes(texts["a.txt"].encode())
    (tmp_path / "b.txt").write_bytes(b"Autre texte.")
    documents, problems = read_articles(tmp_path)
    assert [d.id for d in documents] == ["a.txt"]
    assert documents[0].text == texts["a.txt"]  # line ends as they are
    assert len(problems) == 2
    assert "SHA-256" in problems[0]
    assert "c.txt is not in" in problems[1]


def test_articles_may_not_lie_outside_their_folder(tmp_path: Path) -> None:
    write(tmp_path / "gold.jsonl", {"id": "x", "file": "../x.txt", "lang": "fr", "sha256": "0", "events": []})
    with pytest.raises(InputError, match="file name"):
        read_articles(tmp_path)


def test_predictions_are_read_once_each(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", {"id": "a", "events": [{"type": "signature"}, {"type": "objection"}]})
    assert read_predictions(path)["a"][0]["parties"] == []
    write(path, {"id": "a", "events": []}, {"id": "a", "events": []})
    with pytest.raises(InputError, match="twice"):
        read_predictions(path)


def test_development_scores_are_1_for_gold_and_fall_with_it(document: AnnotatedDocument) -> None:
    gold = gold_extraction(document)
    assert set(score_predictions([document], [gold])) == {*PARTS, "score"}
    perfect = score_predictions([document], [gold])
    # "mardi" has no year in gold, and the grammar finds none either.
    assert all(value == 1.0 for value in perfect.values())
    nothing = score_predictions([document], [Extraction(document.text)])
    assert all(value == 0.0 for value in nothing.values())
    half = score_predictions([document], [Extraction(document.text, gold.mentions)])
    assert half["relation_f1"] == 0.0
    assert 0.0 < half["score"] < 1.0


def test_a_gold_document_has_the_events(document: AnnotatedDocument) -> None:
    assert [e["type"] for e in gold_document(document).events] == ["ratification", "signature"]
