from __future__ import annotations

import errno
import io
import json
from collections import Counter
from pathlib import Path

import pytest

from treaty_events import InputError
from treaty_events.articles import Article, failure_record
from treaty_events.output import Output, open_output

RECORD = '{"id": "a", "text": "x", "events": []}\n'


@pytest.mark.parametrize(
    "content",
    ["notes without an end of line", '{"id": "a", "text": "an article, no result"}\n', RECORD + "half a note", "[]\n"],
)
def test_a_file_of_something_else_is_not_touched(tmp_path: Path, content: str) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text(content)
    with pytest.raises(InputError, match=r"out\.jsonl:\d: no result"), open_output(str(path), resume=True):
        pass
    assert path.read_text() == content


@pytest.mark.parametrize("cut", [1, 5, 8, 20, len(RECORD) - 1])
def test_a_half_written_record_is_cut_off(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "out.jsonl"
    whole = RECORD + failure_record("b", InputError("no")) + "\n"
    path.write_text(whole + RECORD[:cut])
    with open_output(str(path), resume=True) as output:
        assert (output.resumed, output.done) == (2, Counter("ab"))
        assert [a.name for a in output.left([Article(n, "") for n in "abca"])] == ["c", "a"]
        output.write(RECORD)
    assert path.read_text() == whole + RECORD


def test_what_fails_while_the_output_is_open_is_not_blamed_on_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="model"), open_output(str(tmp_path / "out.jsonl")):
        raise FileNotFoundError(errno.ENOENT, "No such file", "model.onnx")


def test_a_full_disk_is_told() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with pytest.raises(InputError, match="/dev/full: No space left"), open_output("/dev/full") as output:
        output.write(RECORD)


def test_results_can_be_thrown_away() -> None:
    with open_output("/dev/null") as output:
        output.write(RECORD)


def test_standard_output_is_utf8(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="ascii"))
    with open_output("-") as output:
        output.write("κύρωση\n")
    assert raw.getvalue().decode("utf-8") == "κύρωση\n"


def test_left_may_be_asked_twice() -> None:
    output = Output(io.StringIO(), Counter("a"))
    for _ in range(2):
        assert list(output.left([Article("a", ""), Article("b", "")])) == [Article("b", "")]
    assert json.loads(failure_record("a", InputError("é")))["error"] == "é"
