"""Reading beyond one machine with Ray Data: Parquet in, Parquet out, an extractor in each worker.

Needs the extra `distributed`. Workers that die are started again and their blocks read again (Ray's own doing); an
article that cannot be read becomes a row with an error. `docs/scale-out.md` shows it, and Spark's way.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .articles import Article
from .errors import InputError, MissingExtraError
from .extractor import Extractor
from .gate import DEFAULT_RECALL
from .schema import Document
from .stream import Failure, Stream

if TYPE_CHECKING:
    import pyarrow
    import ray.data

logger = logging.getLogger(__name__)
_COLUMNS = ("id", "events", "language", "skipped", "error")


def rows(batch: list[dict[str, Any]], extractor: Extractor, gate: float | None = None) -> Iterator[dict[str, Any]]:
    """Read rows: what every worker does, with Ray, Spark or anything else.

    Args:
        batch: rows with `text`, and `id`, `published`, `language` where they are known.
        extractor: the worker's own.
        gate: see `Extractor.stream`.

    Yields:
        For each row, in order: `id`, `events` (JSON array), `language`, `skipped`, and `error` (None where all is
        well).
    """
    for row, result in zip(batch, Stream(extractor, map(_article, batch), gate=gate), strict=True):
        name = _known(row, "id")
        name = None if name is None else str(name)
        if isinstance(result, Failure):
            yield {"id": name, "events": "[]", "language": None, "skipped": False, "error": str(result.error)}
        else:
            yield {
                "id": name,
                "events": _events(result),
                "language": result.language,
                "skipped": result.skipped,
                "error": None,
            }


def _known(row: dict[str, Any], name: str) -> Any:
    """Give a value; None for what pandas and NumPy put where there is none (NaN and NaT, unequal to themselves)."""
    value = row.get(name)
    return None if isinstance(value, float | np.generic | datetime.date) and value != value else value


def _article(row: dict[str, Any]) -> Article:
    published = _known(row, "published")
    if isinstance(published, np.datetime64):
        # As Ray gives columns of dates; its text is ISO 8601.
        published = str(published)
    elif hasattr(published, "isoformat"):
        published = published.isoformat()
    language = _known(row, "language") or _known(row, "lang")
    # A text that is none fails when it is read, in its own row.
    return Article(str(_known(row, "id")), row.get("text"), published or None, language or None)  # type: ignore[arg-type]


def _events(document: Document) -> str:
    return "[" + ",".join(event.model_dump_json() for event in document.events) + "]"


class _Reader:
    """A worker's extractor."""

    def __init__(self, model: str | None, threads: int, engine: Any, gate: float | None) -> None:
        self.extractor = Extractor.from_pretrained(model, threads=threads, engine=engine)
        self.gate = gate if self.extractor.has_gate else None

    def __call__(self, batch: dict[str, Any]) -> pyarrow.Table:
        import pyarrow

        names = list(batch)
        records = [dict(zip(names, values, strict=True)) for values in zip(*batch.values(), strict=True)]
        # Types are given: of a batch without any error the column would have none, and its files not fit the others.
        types = {name: pyarrow.bool_() if name == "skipped" else pyarrow.string() for name in _COLUMNS}
        return pyarrow.Table.from_pylist(list(rows(records, self.extractor, self.gate)), pyarrow.schema(types))


def read_dataset(
    articles: ray.data.Dataset,
    *,
    workers: int = 1,
    threads: int = 1,
    model: str | Path | None = None,
    engine: str = "auto",
    gate: float | None = DEFAULT_RECALL,
    batch: int = 256,
    gpus: float = 0,
) -> ray.data.Dataset:
    """Read a Ray dataset of articles.

    Example::

        import ray
        from treaty_events.distributed import read_dataset

        articles = ray.data.read_parquet("s3://news/2025/")
        read_dataset(articles, workers=32, threads=2).write_parquet("s3://events/2025/")

    Args:
        articles: rows with `text`, and `id`, `published`, `language` where they are known.
        workers: processes that read, over the whole cluster. Their threads should leave it a CPU at least: what comes
            before and after them (files are read and written by tasks) would wait for ever.
        threads: threads of each, as many as CPUs are reserved for it.
        model: see `Extractor.from_pretrained`; every machine must have it.
        engine: see `engines.load`.
        gate: see `Extractor.stream`; a release without gate reads all.
        batch: articles that a worker is handed at a time.
        gpus: GPUs of each worker, for a CUDA build of ONNX Runtime.

    Returns:
        A dataset with the columns that `rows` names. It is read when it is consumed.

    Raises:
        MissingExtraError: Ray is not installed.
        InputError: the numbers make no sense.
    """
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingExtraError("ray", "distributed") from error
    if min(workers, threads, batch) < 1:
        raise InputError(f"workers {workers}, threads {threads} and batch {batch} must be at least 1")
    cpus = ray.cluster_resources().get("CPU", 0) if ray.is_initialized() else 0
    if cpus and workers * threads >= cpus:
        # Not refused: a cluster may grow.
        logger.warning(
            "%d workers of %d threads take all %d CPUs that the cluster has now: until it grows, nothing is left to "
            "read and write with; give fewer workers or threads",
            workers,
            threads,
            cpus,
        )
    return articles.map_batches(
        _Reader,
        fn_constructor_args=(None if model is None else str(model), threads, engine, gate),
        batch_size=batch,
        batch_format="numpy",
        compute=ray.data.ActorPoolStrategy(size=workers),
        num_cpus=threads,
        num_gpus=gpus or None,
        # A worker that dies is replaced and its batch read again.
        max_restarts=-1,
        max_task_retries=-1,
    )
