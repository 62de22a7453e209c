"""Hugging Face `datasets`: Parquet files with typed features, one for each split, and the same rows as a `DatasetDict`.

A row is a line of the project's own JSONL (`annotation.py`): `id`, `lang`, `text`, `mentions` (list of `id`, `label`,
`start`, `end`, `attributes`), `relations` (list of `type`, `head`, `tail`), and the document's other fields, null where
nothing is known. Offsets are code points of `text`, as Python counts. Labels are strings.

`load_dataset(FOLDER)` reads what `write` gives, each split with its `features`. JSONL goes in by
`to_datasets(read_documents(FILE))`: `load_dataset("json", ...)` takes a day for a point in time, whatever features it
is given, and a column that is null in a file has no type there.
"""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from treaty_events.annotation import ATTRIBUTE_KEYS, AnnotatedDocument
from treaty_events.errors import AnnotationError, MissingExtraError

from . import record

if TYPE_CHECKING:
    import datasets

SUFFIX: Final = ".parquet"
# Where `load_dataset` finds files of splits of any name.
_NAME: Final = "data/{}-00000-of-00001" + SUFFIX
# What the hub calls a split; a document of no split goes into `UNSPLIT`.
_SPLITS: Final = {"dev": "validation"}
UNSPLIT: Final = "unsplit"


def _library() -> Any:
    try:
        import datasets
    except ImportError as error:
        raise MissingExtraError("datasets", "datasets") from error
    return datasets


def features() -> datasets.Features:
    """Give the columns' types.

    Raises:
        MissingExtraError: datasets is not installed.
    """
    library = _library()
    string, number = library.Value("string"), library.Value("int32")
    columns: dict[str, Any] = dict.fromkeys(AnnotatedDocument.__dataclass_fields__, string)
    columns["mentions"] = [
        {
            "id": string,
            "label": string,
            "start": number,
            "end": number,
            "attributes": dict.fromkeys(ATTRIBUTE_KEYS, string),
        }
    ]
    columns["relations"] = [{"type": string, "head": string, "tail": string}]
    columns["real"] = library.Value("bool")
    return library.Features(columns)


def _rows(documents: Iterable[AnnotatedDocument]) -> dict[str, list[dict[str, Any]]]:
    """Give rows by the name of their split, in the order in which splits come up."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for document in documents:
        record.check(document)
        split = _SPLITS.get(document.split or "", document.split) or UNSPLIT
        rows.setdefault(re.sub(r"\W", "_", split), []).append(document.to_dict())
    return rows


def to_datasets(documents: Iterable[AnnotatedDocument]) -> datasets.DatasetDict:
    """Give documents as datasets by split (`train`, `validation`, `test`; `unsplit` where a document is of none).

    Raises:
        AnnotationError: a document has no column for what it holds (see `record.check`).
        MissingExtraError: datasets is not installed.
    """
    library, types = _library(), features()
    return library.DatasetDict(
        {split: library.Dataset.from_list(rows, features=types) for split, rows in _rows(documents).items()}
    )


def from_rows(rows: Iterable[Mapping[str, Any]], where: str = "rows") -> list[AnnotatedDocument]:
    """Turn rows, a `Dataset` among them, into documents.

    Args:
        rows: with the columns of `features`; those that are missing count as null.
        where: name of the file, for the error message.

    Raises:
        AnnotationError: a row is no document; says which.
    """
    documents = []
    for number, row in enumerate(rows, 1):
        fields = dict(row)
        published = fields.get("published")
        if isinstance(published, datetime.datetime):  # What `load_dataset("json", ...)` makes of a day.
            fields["published"] = published.date().isoformat()
        document = AnnotatedDocument.from_dict(fields, path=where, line=number)
        record.check(document, f"{where}:{number}")
        documents.append(document)
    return documents


def write(documents: Sequence[AnnotatedDocument]) -> dict[str, bytes]:
    """Write a Parquet file for each split; `load_dataset(FOLDER)` reads them with their features.

    Raises:
        AnnotationError: a document has no column for what it holds (see `record.check`).
        MissingExtraError: datasets is not installed.
    """
    schema = features().arrow_schema
    import pyarrow
    import pyarrow.parquet

    files = {}
    for split, rows in _rows(documents).items():
        buffer = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema=schema), buffer)
        files[_NAME.format(split)] = buffer.getvalue()
    return files


def read(files: Mapping[str, bytes]) -> list[AnnotatedDocument]:
    """Read Parquet files with the columns of `features`.

    Raises:
        AnnotationError: a file is no Parquet, or a row no document.
        MissingExtraError: datasets is not installed.
    """
    _library()
    import pyarrow
    import pyarrow.parquet

    documents = []
    for name in [n for n in files if n.endswith(SUFFIX)]:
        try:
            rows = pyarrow.parquet.read_table(io.BytesIO(files[name])).to_pylist()
        except pyarrow.ArrowException as error:
            raise AnnotationError(f"not Parquet: {error}", path=name) from error
        documents += from_rows(rows, name)
    return documents
