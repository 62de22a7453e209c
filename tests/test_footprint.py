from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path

import pytest

from data.documents import AnnotatedDocument, write_documents
from evaluation import footprint


def test_articles_go_on_for_ever_and_lose_no_word(documents: list[AnnotatedDocument], tmp_path: Path) -> None:
    write_documents(tmp_path / "d.jsonl", documents)
    words = [w for d in documents for w in d.text.split()]
    taken, parts = [], footprint.articles(tmp_path / "d.jsonl", 7)
    while len(taken) < 2 * len(words):
        article = next(parts).split()
        assert 0 < len(article) <= 7
        taken += article
    assert taken == list(itertools.islice(itertools.cycle(words), len(taken)))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_resident_memory_grows_with_what_is_held() -> None:
    before = footprint.resident()
    held = bytearray(64 * 1024 * 1024)
    after = footprint.resident()
    assert after["all"] - before["all"] > 32
    assert after["anonymous"] <= after["all"]
    del held


@pytest.mark.slow
def test_command_measures_each_in_a_process_of_its_own(tmp_path: Path) -> None:
    output = tmp_path / "footprint.json"
    assert footprint.main(["--articles", "20", "--megabytes", "--output", str(output)]) == 0
    result = json.loads(output.read_text(encoding="utf-8"))
    assert 0 < result["start"]["import_seconds"] < result["start"]["first_prediction_seconds"]
    assert [s["articles"] for s in result["stream"]["megabytes"]] == list(range(1, 21))
    assert all(s["anonymous"] > 50 for s in result["stream"]["megabytes"])
    assert result["long"] == []
