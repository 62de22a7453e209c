from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from data import plots
from data.documents import AnnotatedDocument
from data.splits import SPLITS

PNG = b"\x89PNG\r\n"


def test_bars_count_every_document_once(documents: list[AnnotatedDocument]) -> None:
    documents = [dataclasses.replace(d, split=split) for d, split in zip(documents, SPLITS, strict=False)]
    by_language, by_length = plots.by_language(documents), plots.by_length(documents)
    assert sum(map(sum, by_language.values())) == sum(map(sum, by_length.values())) == len(documents)
    assert by_language[documents[1].lang] == [0, 1, 0]
    assert plots.by_type(documents)["signature"] == [1, 0, 0]


def test_picture_is_written(documents: list[AnnotatedDocument], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    plots.plot(documents, tmp_path / "new" / "corpus.png")
    assert (tmp_path / "new" / "corpus.png").read_bytes().startswith(PNG)
