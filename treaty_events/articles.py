"""What the command line reads: articles in files of several kinds, and results that it wrote before."""

from __future__ import annotations

import dataclasses
import gzip
import io
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any, cast

from .errors import InputError, MissingExtraError, UnreadableError
from .schema import Document

# What is read in a folder.
_SUFFIXES = (".txt", ".html", ".htm", ".jsonl", ".parquet")
_PARQUET_ROWS = 256


@dataclasses.dataclass(frozen=True, slots=True)
class Article:
    """A text to read, with where it comes from.

    Attributes:
        name: file name, or the record's id (its line where it has none).
        text: the article.
        published: its own publication date, if the record has one.
        language: its own language, if the record has one.
    """

    name: str
    text: str
    published: str | None = None
    language: str | None = None


def _html_text(source: str, name: str) -> str:
    """Take the article out of a web page; offsets then refer to the text that is returned."""
    try:
        import trafilatura
    except ImportError as error:
        raise MissingExtraError("trafilatura", "html") from error
    text = trafilatura.extract(source, include_comments=False, include_tables=True, favor_recall=True)
    if not text:
        raise UnreadableError(name, "no article text found in the page")
    return str(text)


def _article(record: Any, where: str) -> Article | UnreadableError:
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        return UnreadableError(where, "a record needs a string field 'text'")
    published, language = record.get("published"), record.get("lang") or record.get("language")
    for name, value in (("published", published), ("lang", language)):
        if value is not None and not isinstance(value, str):
            return UnreadableError(where, f"field {name!r} is {type(value).__name__}, not a string")
    return Article(str(record.get("id") or where), record["text"], published, language)


def _records(lines: IO[bytes], name: str) -> Iterator[Article | UnreadableError]:
    for number, line in enumerate(lines, 1):
        where = f"{name}:{number}"
        try:
            content = line.decode("utf-8-sig" if number == 1 else "utf-8")
            if content.strip():
                yield _article(json.loads(content), where)
        except UnicodeDecodeError as error:
            yield UnreadableError(where, f"not UTF-8 at byte {error.start}: convert it first (iconv -t utf-8)")
        except json.JSONDecodeError as error:
            yield UnreadableError(where, f"not JSON: {error}")


def _rows(path: str) -> Iterator[Article | UnreadableError]:
    try:
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise MissingExtraError("pyarrow", "parquet") from error
    try:
        file = parquet.ParquetFile(path)
    except (OSError, ValueError) as error:
        raise UnreadableError(path, str(error)) from error
    wanted = [n for n in ("id", "text", "published", "lang", "language") if n in file.schema_arrow.names]
    number = 0
    for batch in file.iter_batches(_PARQUET_ROWS, columns=wanted):
        for row in batch.to_pylist():
            number += 1
            # Columns of dates come as dates.
            values = {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items()}
            yield _article(values, f"{path}:{number}")


def expand(paths: Sequence[str]) -> Iterator[str]:
    """Name the files to read: folders are walked, in the order of their names; what is no article is left out."""
    for path in paths:
        if path != "-" and Path(path).is_dir():
            for inner in sorted(p for p in Path(path).rglob("*") if p.is_file()):
                if inner.name.lower().removesuffix(".gz").endswith(_SUFFIXES):
                    yield str(inner)
        else:
            yield path


def is_stream(paths: Sequence[str]) -> bool:
    """Tell whether paths may hold many articles: folders, JSONL and Parquet files."""
    return any(
        path.lower().removesuffix(".gz").endswith((".jsonl", ".parquet")) or (path != "-" and Path(path).is_dir())
        for path in paths
    )


def _read(path: str) -> Iterator[Article | UnreadableError]:
    kind = path.lower().removesuffix(".gz")
    if kind.endswith(".parquet"):
        yield from _rows(path)
        return
    name = "stdin" if path == "-" else path[: len(kind)]
    with nullcontext(sys.stdin.buffer) if path == "-" else open(path, "rb") as raw:
        file = cast("IO[bytes]", gzip.GzipFile(fileobj=raw) if path.lower().endswith(".gz") else raw)
        if kind.endswith(".jsonl"):
            yield from _records(file, name)
            return
        source = io.TextIOWrapper(file, "utf-8-sig", newline="").read()
    if kind.endswith((".html", ".htm")):
        yield Article(path, _html_text(source, path))
    else:
        yield Article(name, source)


def read_articles(paths: Sequence[str]) -> Iterator[Article | UnreadableError]:
    """Read articles from files, one at a time.

    Args:
        paths: plain text, `.html`/`.htm`, `.jsonl` (fields text, id, published, lang), each also `.gz`; `.parquet`
            with columns of the same names (extra `parquet`); folders of such files; `-` reads plain text from standard
            input.

    Yields:
        Articles in order, and an error in place of what could not be read.
    """
    for path in expand(paths):
        try:
            yield from _read(path)
        except UnicodeDecodeError as error:
            yield UnreadableError(path, f"not UTF-8 at byte {error.start}: convert it first (iconv -t utf-8)")
        except (OSError, EOFError) as error:
            yield UnreadableError(path, (isinstance(error, OSError) and error.strerror) or str(error))
        except UnreadableError as error:
            yield error


def failure_record(name: str, error: Exception) -> str:
    """Write what stands in JSONL results for an article that could not be read."""
    return json.dumps({"id": name, "error": str(error)}, ensure_ascii=False)


def is_failure(line: str) -> bool:
    """Tell whether a line of JSONL results stands for an article that could not be read."""
    if '"error"' not in line[:4096]:
        return False
    try:
        record = json.loads(line)
    except json.JSONDecodeError:
        return False
    return isinstance(record, dict) and "error" in record and "text" not in record


def read_results(paths: Sequence[str]) -> Iterator[Document]:
    """Read back what `predict --format jsonl` wrote; records of articles that could not be read are passed over.

    Raises:
        InputError: a line is no document; says which.
    """
    for path in paths:
        try:
            raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
            source = (gzip.decompress(raw) if path.endswith(".gz") else raw).decode("utf-8-sig")
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: {error}") from error
        for number, line in enumerate(source.split("\n"), 1):
            if line.strip() and not is_failure(line):
                try:
                    yield Document.model_validate_json(line)
                except ValueError as error:
                    first = str(error).splitlines()[0]
                    raise InputError(
                        f"{path}:{number}: no document of 'treaty-events predict --format jsonl' ({first})"
                    ) from error
