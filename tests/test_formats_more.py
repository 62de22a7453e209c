"""The formats that need an extra: UIMA CAS, spaCy's DocBin, Parquet for datasets."""

from __future__ import annotations

import dataclasses
import datetime
import json
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.documents import read_corpus
from tests.strategies import TEXT, document, documents, same
from treaty_events import cli, formats, vocabulary
from treaty_events.annotation import ATTRIBUTE_KEYS, AnnotatedDocument, Link, Mention, read_documents
from treaty_events.errors import AnnotationError, InputError, MissingExtraError
from treaty_events.files import write_bytes
from treaty_events.formats import cas, docbin, record
from treaty_events.formats import datasets as parquet

PACKAGES = {"cas": "cassis", "spacy": "spacy", "datasets": "datasets"}
FORMS = [name for name, form in formats.FORMATS.items() if form.extra]
CUSTOM = "{http:///webanno/custom.ecore}"
# A mention at the very start and end, with a space at either border, inside another one, and one that crosses it.
AWKWARD = AnnotatedDocument(
    "x", "de", "\x0bÜber 🤝🏽 das  Abkommen\ufffe von Rom ",
    [
        Mention("T1", "TREATY", 0, 27, {"kind": "agreement", "domain": "trade"}),
        Mention("E1", "TRIGGER", 0, 6, {"type": "signature", "status": "planned", "level": "domestic"}),
        Mention("G1", "GPE", 5, 9, {"value": "ITA"}),
        Mention("V1", "PROVISION", 7, 8, {"topic": "other"}),
        Mention("D1", "DATE", 11, 13, {"value": ""}),
        Mention("G2", "GPE", 27, 32),
    ],
    [Link("party", "T1", "G2"), Link("party", "T1", "G1"), Link("treaty", "E1", "T1"), Link("treaty", "E1", "T1")],
    real=False, split="dev",
)  # fmt: skip


def need(form: str) -> None:
    pytest.importorskip(PACKAGES[formats.FORMATS[form].extra])


@pytest.mark.parametrize("form", FORMS)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=30)
@given(st.data())
def test_round_trip_is_identity(form: str, data: st.DataObject) -> None:
    need(form)
    originals = [data.draw(documents("a/b c")), data.draw(documents("a_b C"))]
    back = formats.read(formats.write(originals, form), form)
    assert len(back) == 2
    assert all(map(same, originals, back))


@pytest.mark.parametrize("form", FORMS)
def test_corpus_and_awkward_borders_go_through(form: str) -> None:
    need(form)
    originals = [
        *read_corpus()[::100],
        AWKWARD,
        dataclasses.replace(AWKWARD, id="y", text="", mentions=[], relations=[]),
    ]
    back = {d.id: d for d in formats.read(formats.write(originals, form), form)}
    assert all(same(d, back.pop(d.id)) for d in originals)
    assert not back


def utf16(text: str, start: int, end: int) -> str:
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def test_xmi_counts_as_java_does() -> None:
    need("xmi")
    root = ElementTree.fromstring(formats.write([document()], "xmi")["kk-1.xmi"])
    text = root.find("{http:///uima/cas.ecore}Sofa").attrib["sofaString"]
    spans = {
        e.attrib["label"]: utf16(text, int(e.attrib["begin"]), int(e.attrib["end"]))
        for e in root.iter(f"{CUSTOM}TreatyMention")
    }
    assert text == TEXT
    assert spans == {"GPE": "Қазақстан", "TREATY": "келісімге"}


def test_json_cas_counts_as_java_does_and_holds_its_types() -> None:
    need("jsoncas")
    made = json.loads(formats.write([document()], "jsoncas")["kk-1.json"])
    (treaty,) = (s for s in made["%FEATURE_STRUCTURES"] if s.get("label") == "TREATY")
    assert utf16(TEXT, treaty["begin"], treaty["end"]) == "келісімге"
    assert made["%TYPES"][cas.RELATION]["Governor"]["%RANGE"] == cas.MENTION
    assert made["%TYPES"][cas.MENTION]["eventType"]["%RANGE"] == "uima.cas.String"


def test_xmi_replaces_what_xml_cannot_hold_and_puts_it_back() -> None:
    need("xmi")
    files = formats.write([AWKWARD], "xmi")
    assert "\x0b" not in files["x.xmi"]
    assert files["x.xmi"].count("\ufffd") == 2
    kept = dataclasses.replace(AWKWARD, text=AWKWARD.text.replace("Rom", "\ufffd"), mentions=[], relations=[])
    assert formats.read(formats.write([kept], "xmi"), "xmi")[0].text == kept.text
    with pytest.raises(InputError, match=r"x cannot be written as \.xmi"):
        formats.write([dataclasses.replace(kept, mentions=[Mention("G1", "GPE", 0, 1, {"value": "\x00"})])], "xmi")


@pytest.mark.parametrize(("form", "suffix"), [("xmi", ".xmi"), ("jsoncas", ".json")])
def test_cas_reads_what_inception_makes_of_it(form: str, suffix: str) -> None:
    """The document's structure is gone, layers of INCEpTION's own are there, a person added and copied mentions."""
    need(form)
    import cassis

    original = dataclasses.replace(document(), published="2024-02-29", style="wire\x00")
    files = formats.write([original], form)
    content = files.pop(f"kk-1{suffix}")
    types = cassis.load_typesystem(files[cas.TYPE_SYSTEM])
    types.create_type("de.tudarmstadt.Token", "uima.tcas.Annotation")
    files[cas.TYPE_SYSTEM] = types.to_xml()
    made = cassis.load_cas_from_xmi(content, types) if form == "xmi" else cassis.load_cas_from_json(content, types)
    made.remove(made.select(cas.DOCUMENT)[0])
    made.add(types.get_type("de.tudarmstadt.Token")(begin=0, end=6))
    mention = types.get_type(cas.MENTION)
    new, copied = mention(begin=0, end=6, label="DATE"), mention(begin=0, end=6, label="GPE", identifier="G1")
    made.add_all([new, copied])
    made.add(
        types.get_type(cas.RELATION)(
            begin=0, end=6, Governor=made.select(cas.MENTION)[-1], Dependent=new, label="dated"
        )
    )
    files[f"kk-1{suffix}{suffix}"] = made.to_xmi() if form == "xmi" else made.to_json()

    (back,) = formats.read(files, form)
    assert {m.id: (m.label, m.start) for m in back.mentions} == {
        "G1": ("GPE", 8), "T1": ("TREATY", TEXT.index("келісімге")), "D1": ("DATE", 0), "G2": ("GPE", 0),
    }  # fmt: skip
    assert back.relations == [Link("party", "T1", "G1"), Link("dated", "T1", "D1")]
    assert (back.id, back.lang, back.published, back.style) == ("kk-1", "kk", "2024-02-29", "wire\x00")


def test_a_lone_cas_is_read() -> None:
    need("xmi")
    content = formats.write([AWKWARD], "xmi")["x.xmi"]
    (back,) = formats.read({"other.xmi": content}, "xmi")
    assert same(back, AWKWARD)


def test_inception_gets_layers_and_tag_sets() -> None:
    need("xmi")
    import cassis

    files = formats.write([document()], "xmi")
    types = cassis.load_typesystem(files[cas.TYPE_SYSTEM])
    features = {f.name: f.rangeType.name for f in types.get_type(cas.RELATION).features}
    assert features == {"Governor": cas.MENTION, "Dependent": cas.MENTION, "label": "uima.cas.String"}
    sets = {name: [line.split("\t")[0] for line in files[name].splitlines()] for name in files if name.endswith(".tsv")}
    assert sets["tagset-label.tsv"] == ["treaty-events label", *vocabulary.SPAN_LABELS]
    assert sets["tagset-eventType.tsv"][1:] == list(vocabulary.EVENT_TYPES)
    assert len(sets) == 2 + len(vocabulary.ATTRIBUTES)


def test_docbin_tokens_respect_mentions() -> None:
    spacy = pytest.importorskip("spacy")
    from spacy.tokens import DocBin

    content = formats.write([AWKWARD], "docbin")["documents.spacy"]
    (doc,) = DocBin().from_bytes(content).get_docs(spacy.blank("de").vocab)
    assert doc.text == AWKWARD.text
    spans = {s.id_: (s.label_, s.start_char, s.end_char) for group in doc.spans.values() for s in group}
    assert spans == {m.id: (m.label, m.start, m.end) for m in AWKWARD.mentions}
    assert set(doc.spans) == {m.label for m in AWKWARD.mentions}
    kept = doc.user_data[docbin.KEY]
    assert kept["attributes"]["T1"] == {"kind": "agreement", "domain": "trade"}
    assert kept["relations"][0] == {"type": "party", "head": "T1", "tail": "G2"}
    assert kept["fields"] == {"id": "x", "lang": "de", "real": False, "split": "dev"}


def test_docbin_reads_what_a_person_changed() -> None:
    spacy = pytest.importorskip("spacy")
    from spacy.tokens import DocBin

    vocab = spacy.blank("xx").vocab
    (doc,) = DocBin().from_bytes(formats.write([AWKWARD], "docbin")["documents.spacy"]).get_docs(vocab)
    doc.spans["GPE"] = [s for s in doc.spans["GPE"] if s.id_ != "G1"] + [doc.char_span(7, 8)]
    plain = spacy.blank("xx")("Nothing of ours")
    files = {"a.spacy": DocBin(docs=[doc, plain], store_user_data=True).to_bytes()}
    back, other = formats.read(files, "docbin")
    assert [(m.id, m.start, m.end) for m in back.mentions if m.label == "GPE"] == [("G1", 7, 8), ("G2", 27, 32)]
    # The G1 that is gone took its relation with it.
    assert [link for link in back.relations if "party" in link.type] == [Link("party", "T1", "G2")]
    assert len(back.relations) == 3
    assert (other.id, other.text, other.mentions) == ("a.spacy, doc 1", "Nothing of ours", [])


def test_datasets_are_typed_and_split(tmp_path: Path) -> None:
    library = pytest.importorskip("datasets")
    corpus = read_corpus()
    documents = [*[d for d in corpus if d.split == "dev"][:3], *[d for d in corpus if d.split == "test"][:2]]
    documents.append(dataclasses.replace(AWKWARD, split=None))
    made = parquet.to_datasets(documents)
    assert {split: len(rows) for split, rows in made.items()} == {"validation": 3, "test": 2, "unsplit": 1}
    assert all(rows.features == parquet.features() for rows in made.values())
    assert all(map(same, documents[:3], parquet.from_rows(made["validation"])))
    assert set(parquet.features()["mentions"].feature["attributes"]) == set(ATTRIBUTE_KEYS)

    for name, content in formats.write(documents, "datasets").items():
        write_bytes(tmp_path / "rows" / name, content)
    loaded = library.load_dataset(str(tmp_path / "rows"), cache_dir=str(tmp_path / "cache"))
    assert {split: rows.features == parquet.features() for split, rows in loaded.items()} == dict.fromkeys(made, True)
    assert loaded["test"][:] == made["test"][:]


def test_own_lines_become_typed_rows(tmp_path: Path) -> None:
    """`load_dataset("json")` makes a point in time of a day: `to_datasets` does not, and `from_rows` puts it right."""
    library = pytest.importorskip("datasets")
    original = dataclasses.replace(document(), published="2024-02-29")
    path = tmp_path / "a.jsonl"
    write_bytes(path, formats.write([original], "jsonl")["documents.jsonl"].encode())
    guessed = library.load_dataset("json", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache"))
    assert isinstance(guessed[0]["published"], datetime.datetime)
    typed = parquet.to_datasets(read_documents(path))["unsplit"]
    assert typed[0]["published"] == "2024-02-29"
    for rows in (guessed, typed):
        assert same(parquet.from_rows(rows)[0], original)


@pytest.mark.parametrize("form", FORMS)
def test_attributes_are_never_dropped(form: str) -> None:
    need(form)
    odd = dataclasses.replace(document(), mentions=[Mention("G1", "GPE", 0, 1, {"mood": "good"})], relations=[])
    with pytest.raises(AnnotationError, match="kk-1: mention G1 has an attribute 'mood'"):
        formats.write([odd], form)


@pytest.mark.parametrize(
    ("form", "files", "message"),
    [
        ("xmi", {"a.xmi": "<x"}, "a.xmi: not a CAS as XMI"),
        ("xmi", {"a.xmi": "", "TypeSystem.xml": "<x"}, "TypeSystem.xml: not a type system"),
        ("xmi", {"documents.jsonl": "{}\n", "a.xmi": ""}, "documents.jsonl:1: not a document's fields"),
        ("xmi", {"a.json": "{}"}, "no document of the format xmi in a.json"),
        ("jsoncas", {"a.json": "[]"}, "a.json: not a JSON CAS"),
        ("docbin", {"a.spacy": b"x"}, "a.spacy: not a DocBin"),
        ("docbin", {"a.spacy": "text"}, "no document of the format docbin in a.spacy"),
        ("datasets", {"a.parquet": b"PAR1"}, "a.parquet: not Parquet"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(form: str, files: dict[str, str | bytes], message: str) -> None:
    need(form)
    with pytest.raises((InputError, AnnotationError), match=message):
        formats.read(files, form)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('begin="8" end="17" label="GPE"', 'begin="19" end="20" label="GPE"', "19"),
        ('begin="8" end="17" label="GPE"', 'begin="8" end="99" label="GPE"', "99"),
        ('begin="8" end="17" label="GPE"', 'begin="8" end="17"', "mention at code point 8 has no label"),
        (' label="party"', "", "relation at code point 8 has no label"),
    ],
)
def test_xmi_with_wrong_offsets_or_no_label_is_refused(before: str, after: str, message: str) -> None:
    need("xmi")
    files = formats.write([document()], "xmi")
    assert before in files["kk-1.xmi"]
    files["kk-1.xmi"] = files["kk-1.xmi"].replace(before, after)
    with pytest.raises(AnnotationError, match=message):
        formats.read(files, "xmi")


def test_a_parquet_row_that_is_no_document_is_named() -> None:
    need("datasets")
    import io

    import pyarrow
    import pyarrow.parquet

    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"id": ["a"], "colour": ["red"]}), buffer)
    with pytest.raises(AnnotationError, match=r"a\.parquet:1: document a: not a document record: .*colour"):
        formats.read({"a.parquet": buffer.getvalue()}, "datasets")


def test_doccano_cannot_guess_the_encoding_wrong() -> None:
    assert formats.write([document()], "doccano")["doccano.jsonl"].isascii()


@pytest.mark.parametrize("form", FORMS)
def test_a_missing_extra_is_named(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = formats.FORMATS[form].extra
    monkeypatch.setitem(sys.modules, PACKAGES[extra], None)
    with pytest.raises(MissingExtraError, match=rf"treaty-events\[{extra}\]"):
        formats.write([document()], form)
    with pytest.raises(MissingExtraError, match=rf"treaty-events\[{extra}\]"):
        formats.read({"a.xmi": "", "a.json": "", "a.spacy": b"", "a.parquet": b""}, form)


def test_stems_are_unlike_on_every_file_system() -> None:
    names = ["a/b", "A_b", "a_b-2", "", "ünïcode", "../x"]
    stems = record.stems([AnnotatedDocument(name, "en", "") for name in names])
    assert len({stem.casefold() for stem in stems}) == len(names)
    assert not any("/" in stem for stem in stems)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.spacy"
    write_bytes(path, b"\x00\r\n")
    with pytest.raises(TypeError):
        write_bytes(path, "text")  # type: ignore[arg-type]
    assert path.read_bytes() == b"\x00\r\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("form", FORMS)
def test_convert_command_goes_there_and_back(form: str, tmp_path: Path) -> None:
    need(form)
    source, there, back = tmp_path / "a.jsonl", tmp_path / "there", tmp_path / "back"
    inside = there / "data" if form == "datasets" else there
    write_bytes(source, formats.write([document()], "jsonl")["documents.jsonl"].encode())
    assert cli.main(["convert", str(source), "--from", "jsonl", "--to", form, "-o", str(there)]) == 0
    assert cli.main(["convert", str(inside), "--from", form, "--to", "jsonl", "-o", str(back)]) == 0
    assert (back / "documents.jsonl").read_bytes() == source.read_bytes()
