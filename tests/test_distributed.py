from __future__ import annotations

import datetime
import json
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from treaty_events import Extractor, InputError, distributed
from treaty_events.distributed import read_dataset, rows

TREATY = "Le Sénat kazakh a ratifié l'accord de coopération militaire avec le Qatar, signé à Doha. "


def test_rows_keep_their_place(extractor: Extractor) -> None:
    batch = [
        {"id": 7, "text": TREATY, "published": datetime.date(2025, 2, 13), "language": "fr"},
        {"id": "x", "text": None},
        {"text": TREATY, "published": "soon"},
        {"id": "last", "text": ""},
    ]
    found = list(rows(batch, extractor))
    assert [row["id"] for row in found] == ["7", "x", None, "last"]
    assert [row["error"] is None for row in found] == [True, False, False, True]
    (document,) = extractor.documents([TREATY], "2025-02-13", "fr")
    assert json.loads(found[0]["events"]) == [e.model_dump(mode="json") for e in document.events]
    assert found[0]["language"] == "fr"


NOTHING = float("nan")


@pytest.mark.parametrize(
    "published",
    [np.datetime64("2025-02-13"), np.datetime64("2025-02-13T10:00:00"), datetime.datetime(2025, 2, 13), "2025-02-13"],
)
def test_dates_come_as_the_engines_give_them(extractor: Extractor, published: Any) -> None:
    (row,) = rows([{"text": TREATY, "published": published, "language": "fr"}], extractor)
    (document,) = extractor.documents([TREATY], "2025-02-13", "fr")
    assert row["error"] is None
    assert json.loads(row["events"]) == [e.model_dump(mode="json") for e in document.events]


@pytest.mark.parametrize("nothing", [None, NOTHING, np.float64("nan"), np.datetime64("NaT")])
def test_what_is_not_known_is_none(extractor: Extractor, nothing: Any) -> None:
    (row,) = rows([{"id": nothing, "text": TREATY, "published": nothing, "language": nothing}], extractor)
    assert (row["id"], row["error"]) == (None, None)
    (broken,) = rows([{"id": 0, "text": nothing}], extractor)
    assert broken["id"] == "0"
    assert "has no text" in broken["error"]


def test_frames_with_nothing_in_them_are_read(extractor: Extractor) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "id": ["a", None],
            "text": [TREATY, TREATY],
            "published": [pandas.Timestamp("2025-02-13"), None],
            "language": ["fr", None],
        }
    )
    first, second = rows(frame.to_dict("records"), extractor)
    assert (first["id"], first["error"], second["id"], second["error"]) == ("a", None, None, None)


def test_a_workers_table_has_the_same_types_whatever_it_read(release_directory: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    reader = distributed._Reader(str(release_directory), 1, "onnx", 0.99)
    good, bad = [reader({"text": np.array([text], object)}) for text in (TREATY, None)]
    assert good.schema == bad.schema
    assert set(good.schema.types) == {pyarrow.string(), pyarrow.bool_()}
    assert good.num_rows == bad.num_rows == 1


def test_numbers_that_make_no_sense() -> None:
    pytest.importorskip("ray.data")
    with pytest.raises(InputError, match="workers 0"):
        read_dataset(None, workers=0)  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_local_cluster_reads_what_one_process_does_though_a_worker_dies(
    extractor: Extractor, release_directory: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ray = pytest.importorskip("ray")
    ray_data = pytest.importorskip("ray.data")

    texts = [f"{TREATY * (1 + i % 3)}{i}" for i in range(120)]
    killed = tmp_path / "killed"
    # Two for the workers, two for the tasks before and after them.
    ray.init(num_cpus=4, include_dashboard=False, log_to_driver=False, ignore_reinit_error=True)
    try:

        def kill_once(batch):  # type: ignore[no-untyped-def]
            # The first worker to get here kills itself, as a machine that goes away would.
            if 60 in batch["number"] and not killed.exists():
                killed.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return batch

        articles = ray_data.from_items([{"id": str(i), "number": i, "text": text} for i, text in enumerate(texts)])
        articles = articles.repartition(8).map_batches(kill_once, batch_size=8)
        read_dataset(articles, workers=2, threads=2, model=release_directory)
        assert "2 workers of 2 threads take all 4 CPUs" in caplog.text
        read = read_dataset(articles, workers=2, model=release_directory, engine="onnx", gate=None, batch=16)
        read.write_parquet(str(tmp_path / "out"))
        got = {row["id"]: row for row in ray_data.read_parquet(str(tmp_path / "out")).take_all()}
    finally:
        ray.shutdown()
    assert killed.exists()
    assert len(got) == len(texts)
    expected = [len(d.events) for d in extractor.documents(texts)]
    assert sum(expected) > 0
    assert [len(json.loads(got[str(i)]["events"])) for i in range(len(texts))] == pytest.approx(expected, abs=2)


@pytest.mark.slow
def test_spark_reads_with_map_in_pandas(release_directory: Path) -> None:
    pytest.importorskip("pyspark")
    pandas = pytest.importorskip("pandas")
    from pyspark.sql import SparkSession

    path = str(release_directory)

    def read(frames):  # type: ignore[no-untyped-def]
        extractor = Extractor.from_pretrained(path, threads=1, engine="onnx")
        for frame in frames:
            yield pandas.DataFrame(rows(frame.to_dict("records"), extractor))

    spark = SparkSession.builder.master("local[2]").getOrCreate()
    try:
        frame = spark.createDataFrame([("a", TREATY), ("b", "")], "id string, text string")
        schema = "id string, events string, language string, skipped boolean, error string"
        found = {row.id: row for row in frame.mapInPandas(read, schema).collect()}
    finally:
        spark.stop()
    assert set(found) == {"a", "b"}
    assert json.loads(found["b"].events) == []
