from __future__ import annotations

import dataclasses
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.documents import read_corpus
from tests.strategies import TEXT, document, documents, same
from treaty_events import cli, formats, vocabulary
from treaty_events.annotation import AnnotatedDocument, Link, Mention, text_digest
from treaty_events.errors import AnnotationError, InputError

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
        ("brat", {"a.txt": "x", "a.ann": "T1\tGPE 0 1\tx\nA1\tnegated T1\n"}, "a.ann:2: not an attribute with a value"),
        ("brat", {"a.txt": "x", "a.ann": "A1\tkind T9 plan\n"}, "a.ann:1: an attribute names T9"),
        ("brat", {"a.txt": "x", "a.ann": "", "documents.jsonl": "{"}, "documents.jsonl:1"),
        ("prodigy", {"a.jsonl": "\nnot json\n"}, "a.jsonl:2: not a line of Prodigy"),
        ("jsonl", {"a.jsonl": '{"id": "a", "lang": "en", "text": 5}'}, "a.jsonl:1: document a: id and text are str and int"),
        ("jsonl", {"a.jsonl": '{"id": "a", "lang": "en", "text": ' + "[" * 99999}, "a.jsonl:1"),
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
    with pytest.raises(AnnotationError, match="has no text"):
        formats.write([dataclasses.replace(document(), text="")], "brat")
    # A stand-off document without mentions.
    with pytest.raises(AnnotationError, match="has no text"):
        formats.write([AnnotatedDocument("x", "en", "", sha256=text_digest("words"))], "brat")


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


def test_file_names_are_never_given_twice() -> None:
    names = ["x_y", "x_y-2", "x/y", "X_Y", "../../etc/passwd", "https://example.org/" + "ä" * 300]
    originals = [AnnotatedDocument(name, "en", name) for name in names]
    files = formats.write(originals, "brat")
    assert all(len(name.encode()) < 200 and "/" not in name for name in files)
    assert {d.id: d.text for d in formats.read(files, "brat")} == dict(zip(names, names, strict=True))


@pytest.mark.parametrize("form", [name for name, form in formats.FORMATS.items() if not form.extra])
@pytest.mark.parametrize(
    ("mention", "message"),
    [
        (Mention("G1", "GPE", 0, 1, {"mood": "good"}), "attribute 'mood'"),
        (Mention("G1", "GPE", 0, 1, {"kind": "party"}), "kind 'party'"),
        (Mention("G1", "PLANET", 0, 1), "label 'PLANET'"),
        (Mention("G1", "GPE", 0, 999), "no span of a text"),
        (Mention("G1", "GPE", 1, 1), "no span of a text"),
        (Mention("T1", "GPE", 0, 1), "two mentions are named 'T1'"),
    ],
)
def test_what_no_format_holds_is_refused(form: str, mention: Mention, message: str) -> None:
    whole = document()
    odd = dataclasses.replace(whole, mentions=[*whole.mentions[1:], mention], relations=[])
    with pytest.raises(AnnotationError, match=message):
        formats.write([odd], form)


@pytest.mark.parametrize("link", [Link("party", "T1", "G9"), Link("friend", "T1", "G1")])
def test_relations_that_are_none_are_refused(link: Link) -> None:
    with pytest.raises(AnnotationError, match="relation"):
        formats.write([dataclasses.replace(document(), relations=[link])], "prodigy")


def test_brat_keeps_our_notes_beside_a_person_s_and_windows_line_ends(caplog: pytest.LogCaptureFixture) -> None:
    files = formats.write([document()], "brat")
    files["kk-1.ann"] += '#8\tAnnotatorNotes T1\tis this right?\n#9\tAnnotatorNotes T2\t{"a": 1}\n'
    files["kk-1.ann"] = files["kk-1.ann"].replace("\n", "\r\n")
    files["readme.txt"] = "x"
    assert same(formats.read(files, "brat")[0], document())
    assert "2 notes by annotators are left out" in caplog.text
    assert "readme.txt: texts without a file of annotation" in caplog.text


def test_prodigy_answers_are_counted_and_recipes_own_fields_are_no_obstacle(caplog: pytest.LogCaptureFixture) -> None:
    (line,) = formats.write([document()], "prodigy")["prodigy.jsonl"].rstrip("\n").split("\n")
    record = json.loads(line)
    record["meta"]["score"] = 0.5
    rejected = {**record, "answer": "reject"}
    content = f"{json.dumps(rejected)}\n{json.dumps(record)}\n"
    (back,) = formats.read({"a.jsonl": content}, "prodigy")
    assert same(back, document())
    assert "a.jsonl:1: annotations answered 'reject' are left out" in caplog.text


def test_doccano_says_whose_attributes_it_no_longer_knows(caplog: pytest.LogCaptureFixture) -> None:
    (line,) = formats.write([document()], "doccano")["doccano.jsonl"].rstrip("\n").split("\n")
    record = json.loads(line)
    record["entities"][0]["label"] = "ORG"
    (back,) = formats.read({"a.jsonl": json.dumps(record)}, "doccano")
    assert (back.mentions[0].label, back.mentions[0].attributes) == ("ORG", {})
    assert "attributes of mentions that were moved, relabelled or removed (G1)" in caplog.text


def label_studio_results() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    (task,) = json.loads(formats.write([document()], "labelstudio")["tasks.json"])
    return task, task["annotations"][0]["result"]


def test_label_studio_reads_a_relation_the_way_it_points() -> None:
    task, results = label_studio_results()
    (link,) = (r for r in results if r["type"] == "relation")
    link.update(from_id="G1", to_id="T1", direction="left")
    assert same(formats.read({"a.json": json.dumps([task])}, "labelstudio")[0], document())
    link["labels"] = []
    with pytest.raises(AnnotationError, match="the relation of G1 and T1 has no label"):
        formats.read({"a.json": json.dumps([task])}, "labelstudio")


def test_label_studio_reports_what_does_not_fit(caplog: pytest.LogCaptureFixture) -> None:
    task, results = label_studio_results()
    value = next(r for r in results if r["type"] == "textarea")["value"]
    value["text"] = []
    results.append({"id": "x", "from_name": "mood", "type": "choices", "value": {"choices": ["good"]}})
    results[0]["value"]["text"] = "elsewhere"
    task["annotations"].insert(0, {"result": []})
    (back,) = formats.read({"a.json": json.dumps([task])}, "labelstudio")
    assert back.mentions[0].attributes == {}
    for said in ("1 earlier annotations", "belong to no mention (mood)", "'Қазақстан' by its offsets, 'elsewhere'"):
        assert said in caplog.text


def test_columns_keep_words_with_their_marks_and_cut_scripts_without_spaces() -> None:
    text = "हिन्दी e\u0301te\u0301 می\u200cخواهد 中国签署了协定。"
    start = text.index("中")
    made = AnnotatedDocument("x", "zh", text, [Mention("G1", "GPE", start, start + 2)])
    lines = formats.write([made], "conll")["GPE.conll"].split("\n")[2:]
    assert [line.split("\t")[0] for line in lines if line] == [*text.split()[:3], *text.split()[3]]
    assert [line for line in lines if "GPE" in line] == ["中\tB-GPE", "国\tI-GPE"]
