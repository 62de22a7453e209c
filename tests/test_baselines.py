"""Baselines and adapters: the texts that they read and the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from evaluation import evaluate
from evaluation.baselines import __main__ as cli
from evaluation.baselines import records
from evaluation.gold import read_predictions
from treaty_events import vocabulary
from treaty_events.errors import InputError

from .baselines import TEXT
from .test_evaluation_gold import line, write


def test_texts_are_read_without_their_gold_and_without_their_language(tmp_path: Path) -> None:
    path = write(
        tmp_path / "x.jsonl",
        {"id": 7, "text": TEXT, "published": "2024-11-28T10:00:00Z", "lang": "en", "events": [{"type": "signature"}]},
        {"id": "far", "text": ""},
    )
    (found,) = records.read_texts([path])
    assert (found.id, found.lang, found.events, str(found.published)) == ("7", "fr", (), "2024-11-28")


@pytest.mark.parametrize(
    ("record", "complaint"),
    [({"id": "a"}, "no text"), ({"text": "x"}, "no id"), ({"id": "a", "text": "x", "published": 2024}, "x.jsonl:1")],
)
def test_unusable_records_are_told_with_their_line(tmp_path: Path, record: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=re.escape(complaint)):
        records.read_texts([write(tmp_path / "x.jsonl", record)])


def test_an_id_that_comes_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", {"id": "a", "text": "x"})
    with pytest.raises(InputError, match="twice"):
        records.read_texts([path, path])


def test_the_form_that_help_shows_is_read_by_the_evaluation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    shown = capsys.readouterr().out
    example = shown[shown.index('{"id"') : shown.index("]}", shown.index("confidence")) + 2]
    (tmp_path / "p.jsonl").write_text(" ".join(example.split()))
    assert read_predictions(tmp_path / "p.jsonl")["fr-017"][0]["date"] == "2023-12-12"
    for name in (*vocabulary.EVENT_TYPES, *vocabulary.STATUSES, *vocabulary.KINDS):
        assert name in shown


def test_rules_and_chance_are_written_and_scored(
    tmp_path: Path, documents: Any, caplog: pytest.LogCaptureFixture
) -> None:
    from data.documents import write_documents

    data = write(tmp_path / "gold.jsonl", line(text=TEXT))
    write_documents(tmp_path / "train.jsonl", documents)
    for name, more in (("keyword", ()), ("random", ("--train", str(tmp_path / "train.jsonl"), "--seed", "4"))):
        output = tmp_path / f"{name}.jsonl"
        assert cli.main([name, "--data", str(data), "--output", str(output), *more]) == 0
        results = tmp_path / name
        assert evaluate.main([str(a) for a in ("--events", data, "--predictions", output, "--output", results)]) == 0
    figures = json.loads((tmp_path / "keyword" / "results.json").read_text())["measurements"][0]["events"]["all"]
    assert (figures["event_f1"], figures["parties_accuracy"]) == (1.0, 1.0)


@pytest.mark.parametrize(
    "arguments",
    [
        ("keyword", "--data", "none.jsonl", "--output", "p.jsonl"),
        ("random", "--data", "none.jsonl", "--output", "p.jsonl", "--train", "none.jsonl"),
        ("llm", "--data", "none.jsonl", "--output", "p.jsonl", "--model", "m", "--base-url", "nowhere"),
    ],
)
def test_what_cannot_be_done_is_exit_code_2(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 2
    assert caplog.text
    assert list(tmp_path.iterdir()) == []
