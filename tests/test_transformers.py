from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from treaty_events import Extractor, InputError, ReleaseError, release

from .integrations import OTHER, TEXT, events_of


@pytest.fixture
def batches(pipe: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    sizes: list[int] = []
    documents = Extractor.documents

    def spy(self: Extractor, texts: Any, *rest: Any) -> Any:
        sizes.append(len(texts))
        return documents(self, texts, *rest)

    monkeypatch.setattr(Extractor, "documents", spy)
    return sizes


def test_pipeline_gives_plain_events(pipe: Any, whole: Extractor) -> None:
    assert repr(pipe).startswith("TreatyEventsPipeline")
    events = pipe(TEXT, published="2025-02-13")
    assert events
    assert events == events_of(whole, TEXT, "2025-02-13") == json.loads(json.dumps(events))
    assert pipe([TEXT, OTHER]) == [events_of(whole, TEXT), events_of(whole, OTHER)]
    assert pipe((OTHER,)) == [events_of(whole, OTHER)]
    assert pipe([]) == pipe(()) == []


def test_pipeline_reads_in_batches(pipe: Any, batches: list[int]) -> None:
    assert len(pipe([TEXT] * 5, batch_size=2)) == 5
    assert batches == [2, 2, 1]


def test_pipeline_takes_dates_and_languages_of_each_text(pipe: Any) -> None:
    items = [
        {"text": TEXT, "published": "2025-02-14", "language": "it", "site": 1},
        {"text": TEXT, "published": None},
        TEXT,
    ]
    read = pipe(items, published="2025-02-13", language="fr", documents=True, batch_size=8)
    assert [(d["published"], d["language"], d["text"]) for d in read] == [
        ("2025-02-14", "it", TEXT),
        ("2025-02-13", "fr", TEXT),
        ("2025-02-13", "fr", TEXT),
    ]


def test_pipeline_streams_generators_and_data_sets(pipe: Any, whole: Extractor) -> None:
    datasets = pytest.importorskip("datasets")
    from transformers.pipelines.pt_utils import KeyDataset

    taken: list[int] = []

    def texts() -> Iterator[str]:
        for number in range(4):
            taken.append(number)
            yield TEXT

    stream = pipe(texts(), batch_size=2)
    next(stream)
    assert len(taken) <= 2
    assert len(list(stream)) == 3
    rows = datasets.Dataset.from_dict({"text": [TEXT, OTHER, TEXT], "published": ["2025-02-13", None, None]})
    expected = [events_of(whole, TEXT, "2025-02-13"), events_of(whole, OTHER), events_of(whole, TEXT)]
    assert list(pipe(rows, batch_size=2)) == expected
    assert list(pipe(KeyDataset(rows, "text"), batch_size=2)) == [events_of(whole, TEXT), *expected[1:]]


@pytest.mark.parametrize("item", [3, None, {"title": TEXT}, {"text": 3}, b"x"])
def test_pipeline_refuses_what_is_no_text(pipe: Any, item: Any) -> None:
    with pytest.raises(InputError, match="text"):
        pipe([item])


@pytest.mark.parametrize("size", [0, -1])
def test_pipeline_reads_no_batch_of_nothing(pipe: Any, size: int) -> None:
    with pytest.raises(InputError, match="batch_size"):
        pipe([TEXT], batch_size=size)


def test_pipeline_is_saved_as_a_release(pipe: Any, tmp_path: Path, whole: Extractor) -> None:
    pipe.save_pretrained(tmp_path / "saved")
    release.check(tmp_path / "saved")
    again = Extractor.from_pretrained(tmp_path / "saved", threads=1, least_confidence=0)
    assert again.predict(TEXT) == whole.predict(TEXT)


def test_pipeline_refuses_a_damaged_release(pipe: Any, tmp_path: Path) -> None:
    from transformers import pipeline

    pipe.save_pretrained(tmp_path)
    (tmp_path / release.TOKENIZER).write_text("{}")
    with pytest.raises(ReleaseError, match="damaged"):
        pipeline("treaty-events", model=str(tmp_path))
