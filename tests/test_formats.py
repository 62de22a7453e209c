from __future__ import annotations

import dataclasses
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.documents import read_corpus
from tests.strategies import TEXT, document, documents, same
from treaty_events import cli, formats, vocabulary
from treaty_events.annotation import Link
from treaty_events.errors import AnnotationError, InputError
from treaty_events.extraction import Extraction
from treaty_events.extraction import Mention as ModelMention
from treaty_events.extraction import Relation as ModelRelation
from treaty_events.preannotation import annotate

# Those that need an extra: test_formats_more.
LOSSLESS = [name for name, form in formats.FORMATS.items() if form.read and not form.loses and not form.extra]


@pytest.mark.parametrize("form", LOSSLESS)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_round_trip_is_identity(form: str, data: st.DataObject) -> None:
    originals = [data.draw(documents("a/b c")), data.draw(documents("a_b c"))]
    back = formats.read(formats.write(originals, form), form)
    assert len(back) == 2
    assert all(map(same, originals, back))


@pytest.mark.parametrize("form", LOSSLESS)
def test_corpus_goes_through(form: str) -> None:
    originals = read_corpus()[::40]
    back = formats.read(formats.write(originals, form), form)
    assert all(map(same, originals, back))


def test_label_studio_counts_as_javascript_does() -> None:
    files = formats.write([document()], "labelstudio")
    (task,) = json.loads(files["tasks.json"])
    treaty = next(
        r["value"] for r in task["annotations"][0]["result"] if r.get("value", {}).get("labels") == ["TREATY"]
    )
    units = TEXT.encode("utf-16-le")
    assert units[2 * treaty["start"] : 2 * treaty["end"]].decode("utf-16-le") == treaty["text"] == "келісімге"
    names = {e.get("name") for e in ElementTree.fromstring(files["config.xml"]).iter() if e.get("name")}
    assert {"label", "text", "value", *vocabulary.ATTRIBUTES} <= names


def test_label_studio_predictions_are_read_until_someone_annotates() -> None:
    from treaty_events.formats import labelstudio

    files = labelstudio.write([document()], model="treaty-events")
    (task,) = json.loads(files["tasks.json"])
    assert task["predictions"][0]["model_version"] == "treaty-events"
    assert same(labelstudio.read(files)[0], document())
    task["annotations"] = [{"result": []}, {"was_cancelled": True, "result": task["predictions"][0]["result"]}]
    assert labelstudio.read({"export.json": json.dumps([task])})[0].mentions == []


def test_brat_reads_what_a_person_changed() -> None:
    files = formats.write([document()], "brat")
    files["kk-1.ann"] += "T3\tDATE 0 6\tДохада\n#9\tAnnotatorNotes T3\tcheck this\nR9\tdated Arg1:T2 Arg2:T3\n"
    (back,) = formats.read(files, "brat")
    made = next(m for m in back.mentions if m.label == "DATE")
    assert (made.id, made.start, made.end) == ("D1", 0, 6)
    assert Link("dated", "T1", "D1") in back.relations
    assert "type\tArg:TRIGGER, Value:negotiation|" in files["annotation.conf"]


def test_columns_say_what_they_lose() -> None:
    files = formats.write([document()], "conll")
    assert "Қазақстан\tB-GPE" in files["GPE.conll"]
    assert set(files) == {f"{label}.conll" for label in vocabulary.SPAN_LABELS}
    with pytest.raises(InputError, match="written only: it loses relations"):
        formats.read(files, "conll")


@pytest.mark.parametrize(
    ("form", "files", "message"),
    [
        ("xml", {}, "no format 'xml': there are jsonl, brat"),
        ("brat", {}, "no document of the format brat in no file"),
        ("brat", {"a.ann": ""}, "a.txt is missing"),
        ("brat", {"a.txt": "x", "a.ann": "T1\tGPE 0 9\tx\n"}, "no span of a text of 1"),
        ("brat", {"a.txt": "x", "a.ann": "R1\tparty Arg1:T1 Arg2:T2\n"}, "names T1, which is no entity"),
        ("doccano", {"a.jsonl": "{}\n"}, "a.jsonl:1"),
        ("prodigy", {"a.jsonl": '{"text": 1}\n'}, "a.jsonl:1"),
        ("labelstudio", {"a.json": "{}x"}, "not an export of Label Studio"),
        ("jsonl", {"a.jsonl": '{"id": 1, "x": 2}\n'}, "a.jsonl:1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(form: str, files: dict[str, str], message: str) -> None:
    with pytest.raises((InputError, AnnotationError), match=message):
        formats.read(files, form)


def test_documents_need_ids_of_their_own_and_text() -> None:
    with pytest.raises(InputError, match="two documents are named 'kk-1'"):
        formats.write([document(), document()], "brat")
    with pytest.raises(InputError, match="has no text"):
        formats.write([dataclasses.replace(document(), text="")], "brat")


def test_convert_command_goes_from_tool_to_tool(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name, content in formats.write([document()], "brat").items():
        (tmp_path / "brat" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "brat" / name).write_bytes(content.encode())
    out = tmp_path / "out"
    arguments = ["convert", str(tmp_path / "brat"), "--from", "brat", "--output", str(out), "--to"]
    assert cli.main([*arguments, "doccano"]) == 0
    back = formats.read(formats.read_files([out]), "doccano")
    assert same(back[0], document())
    assert cli.main([*arguments, "conll"]) == 0
    assert "conll does not hold relations" in caplog.text
    assert cli.main(["convert", str(tmp_path / "none"), "--from", "brat", "--to", "jsonl"]) == 2


def test_preannotate_command_writes_what_a_tool_can_open(release_directory: Path, tmp_path: Path) -> None:
    article = tmp_path / "a.txt"
    article.write_text("Qatar and Kazakhstan signed the accord in Doha.", encoding="utf-8")
    out = tmp_path / "out"
    arguments = ["preannotate", str(article), "--model", str(release_directory), "-o", str(out), "--to"]
    assert cli.main([*arguments, "labelstudio"]) == 0
    (task,) = json.loads((out / "tasks.json").read_text(encoding="utf-8"))
    assert task["predictions"]
    assert cli.main([*arguments, "jsonl"]) == 0
    (back,) = formats.read(formats.read_files([out / "documents.jsonl"]), "jsonl")
    assert (back.id, back.text) == ("a.txt", article.read_text(encoding="utf-8"))
    assert cli.main(["preannotate", str(tmp_path / "none"), "--to", "brat", "-o", str(out)]) == 2


def test_preannotation_fills_values_in() -> None:
    text = "Qatar signed it on 12 December 2023 for five years."
    spans = [("Qatar", "GPE"), ("12 December 2023", "DATE"), ("five years", "DURATION"), ("signed", "TRIGGER")]
    found = [ModelMention(text.index(w), text.index(w) + len(w), label) for w, label in spans]
    made = annotate(Extraction(text, tuple(found), (ModelRelation("party", 3, 0),)), "a", "en")
    assert [(m.id, m.attributes.get("value")) for m in made.mentions] == [
        ("G1", "QAT"), ("D1", "2023-12-12"), ("U1", "P5Y"), ("E1", None),
    ]  # fmt: skip
    assert made.relations == [Link("party", "E1", "G1")]
