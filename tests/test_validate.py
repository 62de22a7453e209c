from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from data import build, splits, validate
from data.documents import AnnotatedDocument, Link, Mention, read_documents, write_documents
from data.validate import check_corpus, check_document

ROOT = Path(__file__).parent.parent


def document(text: str = "Le Sénat du Qatar", *mentions: Mention, links: tuple[Link, ...] = ()) -> AnnotatedDocument:
    return AnnotatedDocument("d", "fr", text, list(mentions), list(links))


def faults(annotated: AnnotatedDocument) -> list[str]:
    return [str(f) for f in check_document(annotated)]


def test_sound_documents_have_no_fault(documents: list[AnnotatedDocument]) -> None:
    assert [f for d in documents for f in faults(d)] == []


@pytest.mark.parametrize(
    ("mention", "message"),
    [
        (Mention("G1", "GPE", 12, 40), "outside the text"),
        (Mention("G1", "GPE", 5, 5), "outside the text"),
        (Mention("G1", "GPE", 11, 17), "white space"),
        (Mention("G1", "GPE", 12, 15), "cuts a word"),
        (Mention("X1", "COUNTRY", 12, 17), "unknown label"),
        (Mention("G1", "GPE", 12, 17, {"value": "Qatar"}), "alpha-3"),
        (Mention("D1", "DATE", 12, 17, {"value": "2023-02-30"}), "no day of the calendar"),
        (Mention("D1", "DATE", 12, 17, {"value": "12.5.2023"}), "no EDTF"),
        (Mention("U1", "DURATION", 12, 17, {"value": "5Y"}), "ISO 8601"),
        (Mention("P1", "PERSON", 12, 17, {"value": "QAT"}), "carries no value"),
        (Mention("T1", "TREATY", 12, 17, {"kind": "pact", "domain": "defence"}), "is not one of"),
        (Mention("T1", "TREATY", 12, 17, {"kind": "treaty"}), "needs a domain"),
        (Mention("E1", "TRIGGER", 12, 17, {"type": "signature", "status": "occurred"}), "no treaty"),
        (Mention("E1", "TRIGGER", 12, 17, {"type": "signature", "status": "occurred", "level": "domestic"}), "level"),
    ],
)
def test_mention_faults_are_found(mention: Mention, message: str) -> None:
    found = faults(document("Le Sénat du Qatar", mention))
    assert any(message in f for f in found), found


def test_spans_of_one_label_may_not_overlap_others_may_nest() -> None:
    outer, inner = Mention("O1", "ORG", 3, 17), Mention("G1", "GPE", 12, 17)
    assert faults(document("Le Sénat du Qatar", outer, inner)) == []
    found = faults(document("Le Sénat du Qatar", outer, dataclasses.replace(inner, label="ORG", id="O2")))
    assert any("overlap" in f for f in found)


def test_cut_grapheme_is_found() -> None:
    assert any("grapheme" in f for f in faults(document("Re\u0301publique ok", Mention("G1", "GPE", 0, 2))))


@pytest.mark.parametrize(
    ("link", "message"),
    [
        (Link("holds", "G1", "O1"), "is not allowed"),
        (Link("likes", "O1", "G1"), "unknown relation"),
        (Link("of", "O1", "G7"), "no mention G7"),
    ],
)
def test_link_faults_are_found(link: Link, message: str) -> None:
    annotated = document("Le Sénat du Qatar", Mention("O1", "ORG", 3, 8), Mention("G1", "GPE", 12, 17), links=(link,))
    assert any(message in f for f in faults(annotated))


def test_faults_between_documents_are_found() -> None:
    base = dataclasses.replace(document(), story="S", split="train")
    other = dataclasses.replace(base, split="test")
    found = " ".join(str(f) for f in check_corpus([("a", base), ("b", other)]))
    assert "id is used twice" in found
    assert "the same text as" in found
    assert "story S is in test here and in train" in found


def test_a_text_that_changed_is_found() -> None:
    changed = dataclasses.replace(document(), sha256="0" * 64)
    assert any("sha256" in f for f in faults(changed))


def test_command_says_file_and_fails(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "d.jsonl"
    write_documents(path, [document("Le Sénat du Qatar", Mention("G1", "GPE", 12, 15))])
    assert validate.main([str(path)]) == 1
    assert str(path) in caplog.text
    write_documents(path, [document()])
    assert validate.main([str(path)]) == 0


def test_event_types_of_ones_own_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    objected = Mention("E1", "TRIGGER", 3, 8, {"type": "objection", "status": "occurred"})
    treaty = Mention("T1", "TREATY", 12, 17, {"kind": "treaty", "domain": "defence"})
    annotated = document("Le Sénat du Qatar", objected, treaty, links=(Link("treaty", "E1", "T1"),))
    (fault,) = faults(annotated)
    assert "type 'objection' is not one of negotiation" in fault
    assert "--event-types" in fault
    assert "event_types" in fault
    assert list(check_document(annotated, event_types=("objection",))) == []
    assert list(check_corpus([(None, annotated)], ("objection",))) == []
    path = tmp_path / "d.jsonl"
    write_documents(path, [annotated])
    assert validate.main([str(path)]) == 1
    assert validate.main(["--event-types", "withdrawal,objection", str(path)]) == 0
    for wrong in ("Objection", "signature", "objection,"):
        with pytest.raises(SystemExit):
            validate.main([str(path), "--event-types", wrong])


def test_corpus_is_sound_and_built_from_its_sources(tmp_path: Path) -> None:
    assert build.main(["--output", str(tmp_path), "--stories", str(tmp_path / "stories.jsonl")]) == 0
    assert (tmp_path / "stories.jsonl").read_bytes() == (ROOT / "data" / "stories.jsonl").read_bytes()
    for split in splits.SPLITS:
        built, shipped = (
            list(read_documents(tmp_path / f"{split}.jsonl")),
            list(read_documents(ROOT / "data" / "corpus" / f"{split}.jsonl")),
        )
        assert built == shipped, "the corpus is not what its sources give: run python -m data.build"


def test_guidelines_examples_are_sound() -> None:
    from data import markup

    guidelines = (ROOT / "data" / "GUIDELINES.md").read_text(encoding="utf-8")
    examples = markup.parse(guidelines.split("## 7. Examples")[1].split("```")[1].strip() + "\n")
    assert len(examples) >= 4
    assert [str(f) for d in examples for f in check_document(d)] == []


def test_corpus_loads_with_datasets() -> None:
    from datasets import load_dataset

    folder = ROOT / "data" / "corpus"
    loaded = load_dataset("json", data_files={s: str(folder / f"{s}.jsonl") for s in splits.SPLITS})
    row = loaded["train"][0]
    mention = row["mentions"][0]
    assert row["text"][mention["start"] : mention["end"]].strip()


def test_five_article_stories_stay_in_training() -> None:
    assert {splits.split_of(s) for s in splits.ARTICLE_STORIES} == {"train"}
