from __future__ import annotations

import gzip
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from treaty_events import InputError
from treaty_events.articles import Article, read_articles, read_results
from treaty_events.errors import UnreadableError

TEXT = "Le Sénat kazakh a ratifié l'accord avec le Qatar."


def read(*paths: Path | str) -> list[tuple[str, str | None]]:
    """Give names and texts, None where an article could not be read."""
    return [
        (item.name, item.text if isinstance(item, Article) else None) for item in read_articles([str(p) for p in paths])
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000,
        b'{"text": "a", "n": ' + b"1" * 5_000 + b"}",
        b'{"text": "S\xe9nat"}',
        b'{"text": null}',
        b'"text"',
        b"\x00",
    ],
)
def test_a_hostile_line_stands_for_itself_only(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "one"}\n' + line + b'\n{"text": "three"}')
    assert read(path) == [(f"{path}:1", "one"), (f"{path}:2", None), (f"{path}:3", "three")]


def test_lines_of_any_kind_of_end_and_a_mark_of_byte_order(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text": "a\\r\\n\xe2\x80\xa8"}\r\n\r\n{"text": "", "id": "last"}')
    assert read(path) == [(f"{path}:1", "a\r\n\u2028"), ("last", "")]
    text = tmp_path / "a.txt"
    text.write_bytes(b"\xef\xbb\xbfa\r\nb\rc")
    empty = tmp_path / "empty.txt"
    empty.touch()
    assert read(text, empty) == [(str(text), "a\r\nb\rc"), (str(empty), "")]


def test_an_id_of_zero_is_an_id(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a", "id": 0}\n{"text": "b", "id": null}\n{"text": "c", "id": ""}\n')
    assert [name for name, _ in read(path)] == ["0", f"{path}:2", f"{path}:3"]


def test_names_can_be_written_as_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a", "id": "x\\ud800"}\n')
    odd = os.fsencode(tmp_path) + b"/\xff.txt"
    Path(os.fsdecode(odd)).write_text("b")
    names = [name for name, _ in read(path, os.fsdecode(odd), os.fsdecode(odd) + "none")]
    assert names == [r"x\ud800", rf"{tmp_path}/\udcff.txt", rf"{tmp_path}/\udcff.txtnone"]
    assert all(str(item).encode() for item in read_articles([os.fsdecode(odd) + "none"]))


def test_gzip_of_several_members_and_of_damaged_ones(tmp_path: Path) -> None:
    lines = [json.dumps({"text": f"{TEXT} {n}", "id": str(n)}).encode() + b"\n" for n in range(4)]
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(lines[0] + lines[1]) + gzip.compress(lines[2] + lines[3]))
    assert [name for name, _ in read(path)] == ["0", "1", "2", "3"]
    damaged = bytearray(gzip.compress(os.urandom(50) + TEXT.encode()))
    damaged[10:14] = b"\xff\xff\xff\xff"
    other = tmp_path / "b.txt.gz"
    after = tmp_path / "c.txt"
    after.write_text("c")
    for content in (damaged, gzip.compress(TEXT.encode())[:-9], b"no gzip"):
        other.write_bytes(content)
        assert read(other, after) == [(str(other), None), (str(after), "c")]
    other.write_bytes(damaged)
    with pytest.raises(InputError, match=r"b\.txt\.gz"):
        list(read_results([str(other)]))


def test_reading_leaves_standard_input_open(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(TEXT.encode()))
    monkeypatch.setattr("sys.stdin", stdin)
    assert read("-") == [("stdin", TEXT)]
    assert not stdin.buffer.closed


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "locked").mkdir()
    (tmp_path / "a.txt").write_text("a")
    scan = os.scandir

    def refuse(path: Any = ".") -> Any:
        if os.fspath(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert read(tmp_path) == [(str(tmp_path / "a.txt"), "a"), (str(tmp_path / "locked"), None)]


def test_a_page_that_breaks_the_html_reader_stands_for_itself_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trafilatura = pytest.importorskip("trafilatura")

    def broken(*_: Any, **__: Any) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr(trafilatura, "extract", broken)
    page, text = tmp_path / "a.html.gz", tmp_path / "b.txt"
    page.write_bytes(gzip.compress(b"<p>" * 10))
    text.write_text("b")
    assert read(page, text) == [(str(tmp_path / "a.html"), None), (str(text), "b")]


@pytest.fixture
def pyarrow() -> Any:
    pytest.importorskip("pyarrow.parquet")
    return pytest.importorskip("pyarrow")


def test_parquet_rows_that_cannot_be_read_stand_for_themselves(pyarrow: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    offsets = pyarrow.array([0, 1, 2, 3], pyarrow.int32()).buffers()[1]
    texts = pyarrow.StringArray.from_buffers(3, offsets, pyarrow.py_buffer(b"a\xffc"))
    table = pyarrow.table({"text": texts, "id": pyarrow.array([0, None, 2])})
    pyarrow.parquet.write_table(table, path)
    assert read(path) == [("0", "a"), (f"{path}:2", None), ("2", "c")]


def test_parquet_without_text_and_damaged_parquet_are_told(pyarrow: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"body": ["a", "b"]}), path)
    assert read(path) == [(str(path), None)]
    (told,) = read_articles([str(path)])
    assert isinstance(told, UnreadableError)
    assert "no column 'text'" in str(told)
    pyarrow.parquet.write_table(pyarrow.table({"text": [TEXT * 50]}), path)
    content = bytearray(path.read_bytes())
    content[4:60] = b"\xff" * 56
    path.write_bytes(content)
    after = tmp_path / "b.txt"
    after.write_text("b")
    assert read(path, after) == [(str(path), None), (str(after), "b")]
