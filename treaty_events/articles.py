"""What the command line reads: articles in files of several kinds, and results that it wrote before."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .errors import InputError, MissingExtraError
from .schema import Document


class Article:
    """A text to read, with where it comes from.

    Args:
        name: file name, with the record's id or line for JSONL.
        text: the article.
        published: its own publication date, if the record has one.
        language: its own language, if the record has one.
    """

    def __init__(self, name: str, text: str, published: str | None = None, language: str | None = None) -> None:
        self.name, self.text, self.published, self.language = name, text, published, language


def _html_text(source: str, name: str) -> str:
    """Take the article out of a web page; offsets then refer to the text that is returned."""
    try:
        import trafilatura
    except ImportError as error:
        raise MissingExtraError("trafilatura", "html") from error
    text = trafilatura.extract(source, include_comments=False, include_tables=True, favor_recall=True)
    if not text:
        raise InputError(f"{name}: no article text found in the page")
    return str(text)


def _records(source: str, name: str) -> Iterator[Article | InputError]:
    for number, line in enumerate(source.splitlines(), 1):
        if not line.strip():
            continue
        where = f"{name}:{number}"
        try:
            record: Any = json.loads(line)
        except json.JSONDecodeError as error:
            yield InputError(f"{where}: not JSON: {error}")
            continue
        if not isinstance(record, dict) or not isinstance(record.get("text"), str):
            yield InputError(f"{where}: a record needs a string field 'text'")
            continue
        language = record.get("lang") or record.get("language")
        yield Article(str(record.get("id") or where), record["text"], record.get("published"), language)


def read_articles(paths: Sequence[str]) -> Iterator[Article | InputError]:
    """Read articles from files.

    Args:
        paths: plain text, `.html`/`.htm`, `.jsonl` (fields text, id, published, lang), each also `.gz`; `-` reads plain
            text from standard input.

    Yields:
        Articles in order, and an error in place of what could not be read.
    """
    for path in paths:
        try:
            raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
            name = "stdin" if path == "-" else path
            if name.endswith(".gz"):
                raw, name = gzip.decompress(raw), name.removesuffix(".gz")
            source = raw.decode("utf-8-sig")
            if name.endswith(".jsonl"):
                yield from _records(source, name)
            elif name.endswith((".html", ".htm")):
                yield Article(path, _html_text(source, path))
            else:
                yield Article(name, source)
        except UnicodeDecodeError as error:
            yield InputError(f"{path}: not UTF-8 at byte {error.start}: convert it first (iconv -t utf-8)")
        except (OSError, EOFError) as error:
            yield InputError(f"{path}: {error.strerror if isinstance(error, OSError) and error.strerror else error}")
        except InputError as error:
            yield error


def read_results(paths: Sequence[str]) -> Iterator[Document]:
    """Read back what `predict --format jsonl` wrote.

    Raises:
        InputError: a line is no document; says which.
    """
    for path in paths:
        try:
            raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
            source = (gzip.decompress(raw) if path.endswith(".gz") else raw).decode("utf-8-sig")
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: {error}") from error
        for number, line in enumerate(source.splitlines(), 1):
            if line.strip():
                try:
                    yield Document.model_validate_json(line)
                except ValueError as error:
                    first = str(error).splitlines()[0]
                    raise InputError(
                        f"{path}:{number}: no document of 'treaty-events predict --format jsonl' ({first})"
                    ) from error
