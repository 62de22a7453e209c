import json
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from data import align as standoff
from data.documents import AnnotatedDocument, read_documents, text_digest, write_documents
from data.markup import parse
from data.validate import check_corpus
from evaluation.gold import gold_events
from treaty_events.errors import AnnotationError, InputError

ARTICLES = Path(__file__).parents[2] / "shared" / "articles"
SOURCE = """=== toy-1
lang: fr
source: toy.txt
---
Résumé.

L'[Élysée|O1] a [ratifié|E1 ratification occurred] l'[accord signé à [Orléans|G1 FRA]|T1 agreement defence].
Voilà [Côme|G2 ITA].
---
E1: treaty=T1 party=G1 agent=O1
"""


def toy() -> AnnotatedDocument:
    return parse(SOURCE)[0]


def surfaces(document: AnnotatedDocument) -> dict[str, str]:
    return {m.id: document.text[m.start : m.end] for m in document.mentions}


def put(folder: Path, text: str, name: str = "toy.txt") -> None:
    (folder / name).write_bytes(text.encode())


def test_strip_takes_out_the_text_alone() -> None:
    document = toy()
    stripped = standoff.strip_text(document)
    assert stripped == replace(document, text="", sha256=text_digest(document.text))
    assert standoff.strip_text(stripped) == stripped


@pytest.mark.parametrize("fault", [{"text": ""}, {"sha256": "0" * 64}])
def test_strip_refuses_what_could_not_be_aligned_again(fault: dict[str, str]) -> None:
    with pytest.raises(AnnotationError, match="sha256"):
        standoff.strip_text(replace(toy(), **fault))


@pytest.mark.parametrize("name", ["toy.txt", "renamed.html"])
def test_align_finds_the_content_whatever_the_file_is_called(tmp_path: Path, name: str) -> None:
    document = toy()
    put(tmp_path, document.text, name)
    put(tmp_path, "something else", "toy.txt" if name != "toy.txt" else "other.txt")
    aligned, messages = standoff.align([standoff.strip_text(document)], tmp_path)
    assert aligned == [replace(document, sha256=text_digest(document.text))]
    assert messages == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda t: "\ufeff" + t, "byte order mark"),
        (lambda t: t.replace("\n", "\r\n"), "line ends"),
        (lambda t: unicodedata.normalize("NFD", t), "Unicode normal form"),
        (lambda t: t + "\n \n\t\n", "white space at the end"),
        (lambda t: "\ufeff" + unicodedata.normalize("NFD", t).replace("\n", "\r\n") + "\r\n", "line ends"),
    ],
)
def test_align_maps_offsets_over_harmless_differences(tmp_path: Path, change, word) -> None:
    document = toy()
    for annotated, written in ((document.text, change(document.text)), (change(document.text), document.text)):
        # Both ways: the file has the difference, or the annotated text had it.
        if annotated == document.text:
            start = document
        else:
            put(tmp_path, annotated)
            plain = standoff.strip_text(document)
            (start,), _ = standoff.align([plain], tmp_path)
        expected = {i: unicodedata.normalize("NFC", s) for i, s in surfaces(document).items()}
        assert {i: unicodedata.normalize("NFC", s) for i, s in surfaces(start).items()} == expected
        put(tmp_path, written)
        aligned, messages = standoff.align([standoff.strip_text(start)], tmp_path)
        if annotated.endswith("\t\n"):
            # No file could tell which odd white space the text once ended with.
            assert not aligned
            continue
        assert len(messages) == 1
        assert word in messages[0]
        assert aligned[0].text == written
        assert aligned[0].sha256 == text_digest(written)
        assert {i: unicodedata.normalize("NFC", s) for i, s in surfaces(aligned[0]).items()} == expected
        assert not list(check_corpus([(None, aligned[0])]))


def test_a_document_with_its_text_tells_the_first_differing_character(tmp_path: Path) -> None:
    document = toy()
    at = document.text.index("Voilà")
    put(tmp_path, document.text.replace("Voilà", "Voici").replace("\n", "\r\n"))
    aligned, (message,) = standoff.align([document], tmp_path)
    assert aligned == []
    assert f"character {at + 3} " in message


def test_a_stand_off_document_bounds_the_difference(tmp_path: Path) -> None:
    document = toy()
    put(tmp_path, document.text.replace("L'Élysée", "Le palais de l'Élysée"))
    aligned, (message,) = standoff.align([standoff.strip_text(document)], tmp_path)
    assert aligned == []
    first = document.mentions[0]
    assert f"at or before character {first.end}: {first.id}" in message
    put(tmp_path, document.text.replace("Résumé", "Resumé"))
    _, (message,) = standoff.align([standoff.strip_text(document)], tmp_path)
    assert "all mentions fit" in message


def test_align_says_what_is_missing(tmp_path: Path) -> None:
    stripped = standoff.strip_text(toy())
    (tmp_path / "latin.txt").write_bytes("Résumé".encode("latin-1"))
    cases = {
        "no file toy.txt": stripped,
        "names none": replace(stripped, source=None),
        "no file ../toy.txt": replace(stripped, source="../toy.txt"),
        "not UTF-8 from byte 1 on": replace(stripped, source="latin.txt"),
        "no sha256": replace(stripped, sha256=None),
    }
    aligned, messages = standoff.align(cases.values(), tmp_path)
    assert aligned == []
    assert all(reason in message for reason, message in zip(cases, messages, strict=True))
    with pytest.raises(InputError, match="no folder"):
        standoff.align([stripped], tmp_path / "nowhere")


def test_a_mention_inside_a_rewritten_letter_is_refused(tmp_path: Path) -> None:
    document = toy()
    text = unicodedata.normalize("NFD", document.text)
    inside = text.index("e\u0301") + 1
    cut = replace(document.mentions[0], start=0, end=inside)
    put(tmp_path, document.text)
    stripped = replace(document, text="", sha256=text_digest(text), mentions=[cut], relations=[])
    aligned, (message,) = standoff.align([stripped], tmp_path)
    assert aligned == []
    assert "cuts a letter" in message


def test_command_line_there_and_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    document = toy()
    full, bare, back = (tmp_path / name for name in ("full.jsonl", "bare.jsonl", "back.jsonl"))
    articles = tmp_path / "articles"
    articles.mkdir()
    write_documents(full, [document])
    assert standoff.main(["--strip", str(full), "--output", str(bare)]) == 0
    assert "Orl" not in bare.read_text(encoding="utf-8")
    join = ["--annotations", str(bare), "--articles", str(articles), "--output", str(back)]
    assert standoff.main(join) == 1
    assert not back.exists()
    assert "no file toy.txt" in caplog.text
    put(articles, document.text)
    assert standoff.main(join) == 0
    assert back.read_bytes() == full.read_bytes()
    with pytest.raises(SystemExit):
        standoff.main(["--annotations", str(bare), "--output", str(back)])


def test_no_text_goes_into_the_data_folder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    document = toy()
    bare, target = tmp_path / "bare.jsonl", standoff.DATA / "corpus" / ".." / "never-written.jsonl"
    write_documents(bare, [standoff.strip_text(document)])
    put(tmp_path, document.text)
    arguments = ["--annotations", str(bare), "--articles", str(tmp_path), "--output", str(target)]
    assert standoff.main(arguments) == 1
    assert "data folder" in caplog.text
    assert not target.exists()


def test_the_annotated_articles_carry_no_text() -> None:
    documents = list(read_documents(standoff.DATA / "articles.jsonl"))
    assert len(documents) == 5
    assert not any(d.text for d in documents)
    assert not list(check_corpus((None, d) for d in documents))


def test_the_articles_align_and_agree_with_their_event_gold() -> None:
    if not (ARTICLES / "gold.jsonl").is_file():
        pytest.skip(f"the articles are not part of the repository: {ARTICLES} is absent")
    aligned, messages = standoff.align(read_documents(standoff.DATA / "articles.jsonl"), ARTICLES)
    assert messages == []
    assert len(aligned) == 5
    assert not list(check_corpus((None, d) for d in aligned))
    gold = {r["id"]: r for r in map(json.loads, (ARTICLES / "gold.jsonl").read_text(encoding="utf-8").splitlines())}
    for document in aligned:
        record = gold[document.id]
        assert (document.sha256, document.source) == (record["sha256"], record["file"])
        found = [
            (e.type, e.status, list(e.party_codes), None if e.date is None else e.date.value)
            for e in gold_events(document)
        ]
        wanted = [(e["type"], e["status"], sorted(e["parties"]), e["date"]) for e in record["events"]]
        assert sorted(found, key=str) == sorted(wanted, key=str)


def test_texts_may_be_records_of_a_jsonl_file(tmp_path: Path) -> None:
    text = "Sénat : l'accord\navec Doha"
    document = standoff.strip_text(AnnotatedDocument("d", "fr", text))
    (tmp_path / "pool.jsonl").write_text(json.dumps({"id": "x", "text": text}) + "\n\n", encoding="utf-8")
    aligned, messages = standoff.align([document], tmp_path)
    assert messages == []
    assert aligned[0].text == text
