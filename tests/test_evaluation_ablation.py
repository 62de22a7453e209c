"""Ablations: gold in place of a part of the model gives gold back, baselines link what is near."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from data.documents import AnnotatedDocument, write_documents
from evaluation.ablation import (
    FIGURES,
    Ablation,
    gold_attributes,
    gold_relations,
    gold_spans,
    main,
    nearest_mentions,
    replace_spans,
    usual_attributes,
)
from evaluation.gold import gold_extraction
from evaluation.subjects import ReleasedSubject
from treaty_events import Extractor, vocabulary
from treaty_events.decoding import Spans
from treaty_events.errors import InputError
from treaty_events.extraction import Extraction, Mention


@pytest.fixture(scope="module")
def ablation(extractor: Extractor, documents: list[AnnotatedDocument]) -> Ablation:
    return Ablation(ReleasedSubject(extractor), documents)


def test_gold_in_all_parts_is_perfect(ablation: Ablation) -> None:
    figures = ablation.score(vocabulary.SPAN_LABELS, lambda d, e: gold_relations(d, gold_attributes(d, e)))
    for name in ("mention_f1", "trigger_f1", "relation_f1"):
        assert figures[name]["f1"] == pytest.approx(1.0), name
    # Only the values of names and dates come from the tables instead of gold.
    assert figures["event_f1"]["f1"] == pytest.approx(1.0)
    assert figures["slot_f1"]["f1"] > 0.9


def test_spans_of_some_labels_come_from_gold(ablation: Ablation) -> None:
    document, encoded, layout = ablation.documents[0], ablation.encoded[0], ablation.reader.layout
    own, gold = ablation.reader.find(encoded), gold_spans(document, encoded, ablation.reader.layout)
    mixed = replace_spans(own, gold, (vocabulary.TRIGGER,), layout)

    def triggers(spans: Spans) -> list[list[int]]:
        return [
            b.tolist() for b, t in zip(spans.bounds, spans.types, strict=True) if t >= len(vocabulary.MENTION_LABELS)
        ]

    assert triggers(mixed) == triggers(gold)
    assert len(mixed) == len(own) - len(triggers(own)) + len(triggers(gold))
    starts = mixed.bounds[:, 0].tolist()
    assert starts == sorted(starts)


def test_an_unknown_event_type_is_named(ablation: Ablation) -> None:
    document = ablation.documents[0]
    mentions = [
        dataclasses.replace(m, attributes={**m.attributes, "type": "deposit"}) if m.label == vocabulary.TRIGGER else m
        for m in document.mentions
    ]
    strange = dataclasses.replace(document, mentions=tuple(mentions))
    with pytest.raises(InputError, match="deposit"):
        gold_spans(strange, ablation.encoded[0], ablation.reader.layout)


def test_nearest_mentions_are_linked() -> None:
    text = "France and Chad signed a treaty. " + "x" * 300 + " On Monday"
    at = {w: text.index(w) for w in ("France", "Chad", "signed", "treaty", "Monday")}
    labels = {"France": "GPE", "Chad": "GPE", "signed": vocabulary.TRIGGER, "treaty": "TREATY", "Monday": "DATE"}
    mentions = tuple(Mention(at[w], at[w] + len(w), labels[w]) for w in at)
    linked = nearest_mentions(Extraction(text, mentions)).relations
    words = {(r.type, list(at)[r.head], list(at)[r.tail]) for r in linked}
    assert {("treaty", "signed", "treaty"), ("party", "signed", "France"), ("party", "signed", "Chad")} <= words
    # The date lies too far away, and treaties are not linked to each other.
    assert not any("Monday" in w for w in words)
    assert not any(r.type == "same_as" for r in linked)


def test_usual_attributes_are_the_most_frequent(documents: list[AnnotatedDocument]) -> None:
    gold = gold_extraction(documents[0])
    planned = dataclasses.replace(
        gold,
        mentions=tuple(dataclasses.replace(m, attributes={**m.attributes, "status": "planned"}) for m in gold.mentions),
    )
    changed = usual_attributes(documents)(documents[0], planned)
    assert {m.attributes["status"] for m in changed.mentions if m.is_trigger} == {"occurred"}
    # What is no predicted attribute stays.
    assert [m.attributes.get("type") for m in changed.mentions] == [m.attributes.get("type") for m in gold.mentions]


def test_the_command_writes_all_variants(
    release_directory: Path,
    documents: list[AnnotatedDocument],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    corpus, output = tmp_path / "test.jsonl", tmp_path / "ablation.json"
    write_documents(corpus, documents)
    options = ["--data", str(corpus), "--model", str(release_directory), "--threads", "1", "--output", str(output)]
    assert main(options) == 0
    record = json.loads(output.read_text(encoding="utf-8"))
    assert record["documents"] == len(documents)
    printed = capsys.readouterr().out
    for name, row in record["variants"].items():
        assert f"| {name} |" in printed
        assert set(FIGURES) <= set(row)


def test_an_empty_file_is_an_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    corpus = tmp_path / "empty.jsonl"
    corpus.write_text("", encoding="utf-8")
    assert main(["--data", str(corpus)]) == 2
    assert "holds no document" in caplog.text
