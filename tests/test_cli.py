from __future__ import annotations

import datetime
import gzip
import io
import json
from pathlib import Path

import pytest

from treaty_events import cli

TEXT = "Le Sénat kazakh a ratifié l'accord avec le Qatar."


@pytest.fixture
def run(release_directory: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture):  # type: ignore[no-untyped-def]
    def call(*arguments: str) -> tuple[int, str, str]:
        caplog.clear()
        code = cli.main([*arguments, "--model", str(release_directory)])
        return code, capsys.readouterr().out, caplog.text

    return call


def test_single_file_as_table(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.txt"
    path.write_text(TEXT, encoding="utf-8")
    code, out, _ = run("predict", str(path))
    assert code == 0
    assert out.splitlines()[0].startswith("type")


def test_json_is_the_document(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.txt"
    path.write_text(TEXT, encoding="utf-8")
    code, out, _ = run("predict", str(path), "--format", "json", "--published", "2025-02-13")
    record = json.loads(out)
    assert code == 0
    assert (record["text"], record["published"]) == (TEXT, "2025-02-13")


def test_many_files_keep_their_order(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for n in range(40):
        (tmp_path / f"{n:02}.txt").write_text(f"{TEXT} {n}", encoding="utf-8")
    paths = [str(p) for p in sorted(tmp_path.glob("*.txt"))]
    code, out, _ = run("predict", *paths, "--format", "jsonl")
    assert code == 0
    assert [json.loads(line)["id"] for line in out.splitlines()] == paths
    code, out, _ = run("predict", *paths, "--format", "json")
    assert len(json.loads(out)) == 40


def test_jsonl_gives_id_date_and_language(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    records = [{"id": "x", "text": TEXT, "published": "2025-02-13", "lang": "fr"}, {"text": TEXT}]
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, records)).encode()))
    code, out, _ = run("predict", str(path), "--format", "jsonl")
    first, second = map(json.loads, out.splitlines())
    assert code == 0
    assert (first["id"], first["published"], first["language"]) == ("x", "2025-02-13", "fr")
    assert second["id"].endswith("a.jsonl:2")


def test_one_bad_input_does_not_stop_the_others(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    good, latin, lines = tmp_path / "good.txt", tmp_path / "latin.txt", tmp_path / "l.jsonl"
    good.write_text(TEXT, encoding="utf-8")
    latin.write_bytes("Sénat".encode("latin-1"))
    lines.write_text(
        json.dumps({"id": "bad", "text": TEXT, "published": "soon"}) + "\nnot json\n" + json.dumps({"text": TEXT})
    )
    code, out, errors = run(
        "predict", str(latin), str(tmp_path / "none.txt"), str(lines), str(good), "--format", "jsonl"
    )
    assert code == 1
    records = [json.loads(line) for line in out.splitlines()]
    assert [r["id"] for r in records] == [
        str(latin),
        str(tmp_path / "none.txt"),
        "bad",
        f"{lines}:2",
        f"{lines}:3",
        str(good),
    ]
    assert ["error" in r for r in records] == [True, True, True, True, False, False]
    for message in ("latin.txt: not UTF-8 at byte 1", "none.txt", "bad: published 'soon'", "l.jsonl:2: not JSON"):
        assert message in errors


def test_nothing_readable_is_exit_code_2(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    code, out, errors = run("predict", str(tmp_path / "none.txt"))
    assert (code, out) == (2, "")
    assert "none.txt" in errors


def test_standard_input(run, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    code, out, _ = run("predict", "-", "--format", "json")
    assert code == 0
    assert json.loads(out)["text"] == TEXT


def test_html_is_read_without_its_navigation(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.html"
    body = " ".join([TEXT] * 6)
    menu = "<nav><a href=/>Accueil</a></nav>"
    path.write_text(f"<html><body>{menu}<article><h1>Titre</h1><p>{body}</p></article></body></html>", encoding="utf-8")
    code, out, _ = run("predict", str(path), "--format", "json")
    record = json.loads(out)
    assert code == 0
    assert TEXT in record["text"]
    assert "<p>" not in record["text"]


def test_bad_date_and_missing_model_are_errors(run, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.txt"
    path.write_text(TEXT, encoding="utf-8")
    assert run("predict", str(path), "--published", "soon")[0] == 2
    assert cli.main(["info", "--model", str(tmp_path)]) == 2
    assert "is no release directory" in caplog.text


def test_info_names_the_model(run) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = run("info")
    assert code == 0
    assert "tiny" in out
    assert "signature" in out


def test_folders_are_read_in_the_order_of_names(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "b").mkdir()
    for name in ("c.txt", "a.txt", "b/x.txt.gz"):
        content = TEXT.encode()
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    (tmp_path / "notes.pdf").write_bytes(b"%PDF")
    code, out, _ = run("predict", str(tmp_path), "--format", "jsonl")
    assert code == 0
    expected = [str(tmp_path / name) for name in ("a.txt", "b/x.txt", "c.txt")]
    assert [json.loads(line)["id"] for line in out.splitlines()] == expected


def test_parquet_columns_are_read_as_records(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    day = datetime.date(2025, 2, 13)
    table = pyarrow.table({"id": ["x", "y"], "text": [TEXT, None], "published": [day, None], "other": [1, 2]})
    path = tmp_path / "a.parquet"
    parquet.write_table(table, path)
    code, out, _ = run("predict", str(path), "--format", "jsonl")
    first, second = map(json.loads, out.splitlines())
    assert code == 1
    assert (first["id"], first["published"]) == ("x", "2025-02-13")
    assert second == {"id": f"{path}:2", "error": f"{path}:2: a record needs a string field 'text'"}


@pytest.mark.parametrize("kept", [0, 1, 2, 5])
def test_an_interrupted_run_goes_on_with_nothing_lost_or_doubled(run, tmp_path: Path, kept: int) -> None:  # type: ignore[no-untyped-def]
    articles, whole, part = tmp_path / "a.jsonl", tmp_path / "whole.jsonl", tmp_path / "part.jsonl"
    records = [{"id": name, "text": f"{TEXT} {i}"} for i, name in enumerate("abcab")]
    articles.write_text("\n".join([*map(json.dumps, records[:3]), "broken", *map(json.dumps, records[3:])]))
    assert run("predict", str(articles), "--format", "jsonl", "-o", str(whole))[0] == 1
    lines = whole.read_text().splitlines(keepends=True)
    assert len(lines) == 6
    # A kill leaves whole lines and perhaps a piece of one.
    part.write_text("".join(lines[:kept]) + lines[kept][:20])
    code, _, errors = run("predict", str(articles), "--format", "jsonl", "-o", str(part))
    assert code == 2
    assert "--resume" in errors
    run("predict", str(articles), "--format", "jsonl", "-o", str(part), "--resume")
    assert part.read_text() == whole.read_text()


def test_output_that_is_no_result_is_not_touched(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    article, notes = tmp_path / "a.txt", tmp_path / "notes.txt"
    article.write_text(TEXT)
    notes.write_text("my notes\n")
    code, _, errors = run("predict", str(article), "--format", "jsonl", "-o", str(notes), "--resume")
    assert code == 2
    assert "notes.txt:1" in errors
    assert notes.read_text() == "my notes\n"
