"""What the model found, as annotation for a person to correct: in Python, and the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from treaty_events import cli, formats
from treaty_events.annotation import Link
from treaty_events.extraction import Extraction
from treaty_events.extraction import Mention as ModelMention
from treaty_events.extraction import Relation as ModelRelation
from treaty_events.preannotation import annotate, document_ids


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


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        (["/in/a/1.txt", "/in/b/2.txt"], ["1.txt", "2.txt"]),
        (["/in/a/1.txt", "/in/b/1.txt", "/in/b/2.txt"], ["a/1.txt", "b/1.txt", "2.txt"]),
        (["/in/a/x/1.txt", "/in/b/x/1.txt"], ["a/x/1.txt", "b/x/1.txt"]),
        (["/in/l.jsonl:3", "/in/l.jsonl:4"], ["l.jsonl:3", "l.jsonl:4"]),
        (["1.txt", "a/1.txt"], ["1.txt", "a/1.txt"]),
        # A record's own id is left as it is.
        (["https://example.org//x/1", "../1", "1"], ["https://example.org//x/1", "../1", "1"]),
        (["x", "x", "x (2)", "x"], ["x", "x (2)", "x (2) (2)", "x (3)"]),
        ([], []),
    ],
)
def test_documents_have_ids_of_their_own(names: list[str], ids: list[str]) -> None:
    files = [name.rpartition(":")[0] or name for name in names if name.startswith("/in")]
    assert document_ids(names, [*files, "a/1.txt"]) == ids


def test_articles_of_one_name_stay_apart(
    release_directory: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for folder in ("a", "b"):
        (tmp_path / "in" / folder).mkdir(parents=True)
        (tmp_path / "in" / folder / "1.txt").write_text(f"Qatar signed {folder}.", encoding="utf-8")
    lines = "".join(json.dumps({"id": "x", "text": f"Qatar {n}."}) + "\n" for n in range(2))
    (tmp_path / "in" / "l.jsonl").write_text(lines, encoding="utf-8")
    out = tmp_path / "out"
    arguments = ["preannotate", str(tmp_path / "in"), "--model", str(release_directory), "-o", str(out), "--to"]
    assert cli.main([*arguments, "brat"]) == 0
    found = {d.id: d.text for d in formats.read(formats.read_files([out]), "brat")}
    assert found == {"a/1.txt": "Qatar signed a.", "b/1.txt": "Qatar signed b.", "x": "Qatar 0.", "x (2)": "Qatar 1."}
    assert "2 articles are named 1.txt" in caplog.text
    assert "this document is named 'x (2)'" in caplog.text


def test_one_bad_article_does_not_stop_the_others(
    release_directory: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    records = [
        {"id": "late", "text": "Qatar signed.", "published": "soon"},
        {"id": "half", "text": "Qatar \ud800"},
        {"id": "empty", "text": ""},
        {"id": "good", "text": "Qatar signed.", "published": "2025-02-13T10:00"},
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    arguments = ["preannotate", str(path), "--model", str(release_directory), "-o", str(tmp_path / "out"), "--to"]
    assert cli.main([*arguments, "jsonl"]) == 1
    (made,) = formats.read(formats.read_files([tmp_path / "out"]), "jsonl")
    assert (made.id, made.published) == ("good", "2025-02-13")
    assert all(name in caplog.text for name in ("late: ", "half: ", "empty: "))
    assert cli.main([*arguments, "conll"]) == 1
    assert "conll does not hold relations" in caplog.text


def test_a_folder_that_cannot_be_written_is_an_error_that_says_so(
    release_directory: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    article = tmp_path / "a.txt"
    article.write_text("Qatar signed.", encoding="utf-8")
    arguments = ["preannotate", str(article), "--model", str(release_directory), "-o", str(article), "--to", "jsonl"]
    assert cli.main(arguments) == 2
    assert str(article) in caplog.text
