"""What the command line reads: articles in files of several kinds, and results that it wrote before."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any, cast

from .errors import InputError, MissingExtraError, UnreadableError
from .schema import Document

# What is read in a folder.
_SUFFIXES = (".txt", ".html", ".htm", ".jsonl", ".parquet")
_PARQUET_ROWS = 256
# What opening and decompressing raise.
_UNREADABLE = (OSError, EOFError, zlib.error)


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


def _writable(name: str) -> str:
    """Give a name that UTF-8 can write: half a surrogate pair (of a file name, of JSON) stands as its escape."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _html_text(source: str, name: str) -> str:
    """Take the article out of a web page; offsets then refer to the text that is returned."""
    try:
        import trafilatura
    except ImportError as error:
        raise MissingExtraError("trafilatura", "html") from error
    try:
        text = trafilatura.extract(source, include_comments=False, include_tables=True, favor_recall=True)
    except Exception as error:
        # A parser of what the web holds: one page must not end the stream.
        raise UnreadableError(name, f"the page cannot be parsed: {error}") from error
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
    identifier = record.get("id")
    given = identifier is not None and identifier != ""
    return Article(_writable(str(identifier)) if given else where, record["text"], published, language)


def _records(lines: IO[bytes], name: str) -> Iterator[Article | UnreadableError]:
    for number, line in enumerate(lines, 1):
        where = f"{name}:{number}"
        try:
            content = line.decode("utf-8-sig" if number == 1 else "utf-8")
            if content.strip():
                yield _article(json.loads(content), where)
        except UnicodeDecodeError as error:
            yield UnreadableError(where, f"not UTF-8 at byte {error.start}: convert it first (iconv -t utf-8)")
        except (ValueError, RecursionError) as error:
            # Also a number of more digits than Python takes, or too many brackets.
            yield UnreadableError(where, f"not JSON: {error}")


def _rows(path: str) -> Iterator[Article | UnreadableError]:
    try:
        import pyarrow
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise MissingExtraError("pyarrow", "parquet") from error
    name = _writable(path)
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            if "text" not in names:
                raise UnreadableError(name, "no column 'text'")
            wanted = [n for n in ("id", "text", "published", "lang", "language") if n in names]
            for batch in file.iter_batches(_PARQUET_ROWS, columns=wanted):
                for row in range(batch.num_rows):
                    number += 1
                    yield _row(batch, row, f"{name}:{number}")
    except pyarrow.ArrowException as error:
        raise UnreadableError(name, str(error)) from error


def _row(batch: Any, row: int, where: str) -> Article | UnreadableError:
    try:
        values = {name: batch.column(name)[row].as_py() for name in batch.schema.names}
    except ValueError as error:
        # Bytes that are not UTF-8, a time that Python has no date for.
        return UnreadableError(where, str(error))
    # Columns of dates come as dates.
    return _article({k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in values.items()}, where)


def expand(paths: Sequence[str]) -> Iterator[str | UnreadableError]:
    """Name the files to read: folders are walked, in the order of their names; what is no article is left out.

    Args:
        paths: files and folders.

    Yields:
        Files, and an error for each folder that cannot be listed.
    """
    for path in paths:
        if path == "-" or not Path(path).is_dir():
            yield path
            continue
        closed: list[OSError] = []
        files = [
            Path(folder, name)
            for folder, _, names in os.walk(path, onerror=closed.append)
            for name in names
            if name.lower().removesuffix(".gz").endswith(_SUFFIXES)
        ]
        yield from (str(file) for file in sorted(files) if file.is_file())
        yield from (UnreadableError(_writable(str(error.filename)), error.strerror or str(error)) for error in closed)


def is_stream(paths: Sequence[str]) -> bool:
    """Tell whether paths may hold many articles: folders, JSONL and Parquet files."""
    return any(
        path.lower().removesuffix(".gz").endswith((".jsonl", ".parquet")) or (path != "-" and Path(path).is_dir())
        for path in paths
    )


@contextmanager
def _opened(path: str) -> Iterator[IO[bytes]]:
    """Open a file, or standard input for `-`; gives what it holds, decompressed if its name ends in `.gz`."""
    with nullcontext(sys.stdin.buffer) if path == "-" else open(path, "rb") as raw:
        if path.lower().endswith(".gz"):
            with gzip.GzipFile(fileobj=raw) as file:
                yield cast("IO[bytes]", file)
        else:
            yield raw


def _read(path: str) -> Iterator[Article | UnreadableError]:
    kind = path.lower().removesuffix(".gz")
    if kind.endswith(".parquet"):
        yield from _rows(path)
        return
    name = "stdin" if path == "-" else _writable(path[: len(kind)])
    with _opened(path) as file:
        if kind.endswith(".jsonl"):
            yield from _records(file, name)
            return
        source = file.read().decode("utf-8-sig")
    yield Article(name, _html_text(source, name) if kind.endswith((".html", ".htm")) else source)


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
        if isinstance(path, UnreadableError):
            yield path
            continue
        name = _writable(path)
        try:
            yield from _read(path)
        except UnicodeDecodeError as error:
            yield UnreadableError(name, f"not UTF-8 at byte {error.start}: convert it first (iconv -t utf-8)")
        except _UNREADABLE as error:
            yield UnreadableError(name, (isinstance(error, OSError) and error.strerror) or str(error))
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
    except (ValueError, RecursionError):
        return False
    return isinstance(record, dict) and "error" in record and "text" not in record


def read_results(paths: Sequence[str]) -> Iterator[Document]:
    """Read back what `predict --format jsonl` wrote; records of articles that could not be read are passed over.

    Raises:
        InputError: a line is no document; says which.
    """
    for path in paths:
        try:
            with _opened(path) as file:
                for number, content in enumerate(file, 1):
                    yield from _result(content, path, number)
        except _UNREADABLE as error:
            raise InputError(f"{path}: {error}") from error


def _result(content: bytes, path: str, number: int) -> Iterator[Document]:
    try:
        line = content.decode("utf-8-sig" if number == 1 else "utf-8")
        if line.strip() and not is_failure(line):
            yield Document.model_validate_json(line)
    except ValueError as error:
        first = str(error).splitlines()[0]
        raise InputError(f"{path}:{number}: no document of 'treaty-events predict --format jsonl' ({first})") from error
