"""What the demo does with uploaded files: reads their articles and puts all in one table. No widgets here."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from treaty_events.articles import Article, read_articles
from treaty_events.errors import InputError, MissingExtraError, UnreadableError
from treaty_events.extractor import Extractor, parse_published
from treaty_events.preannotation import document_ids
from treaty_events.schema import Document

from . import downloads, reading

COLUMNS: Final = ("article", "language", *reading.COLUMNS)
SUFFIXES: Final = (".txt", ".html", ".htm", ".jsonl")


@dataclasses.dataclass(frozen=True, slots=True)
class Batch:
    """What was read of many files.

    Attributes:
        documents: each with its name as `id`, which no other one has, in order.
        failures: name and reason for each article that could not be read.
    """

    documents: tuple[Document, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()


def _articles(path: str, name: str) -> Iterator[Article | UnreadableError]:
    """Read a file's articles, called by the name that its owner knows."""
    if not path.lower().endswith(SUFFIXES):
        yield UnreadableError(name, f"only files whose names end with {', '.join(SUFFIXES)} are read: rename it")
        return
    try:
        for item in read_articles([path]):
            known = item.name.replace(path, name)
            if isinstance(item, UnreadableError):
                yield UnreadableError(known, _reason(item))
            else:
                yield Article(known, item.text, item.published, item.language)
    except MissingExtraError as error:
        yield UnreadableError(name, str(error))


def _reason(error: UnreadableError) -> str:
    return str(error).removeprefix(f"{error.name}: ")


def article(path: str) -> Article:
    """Read the one article of an uploaded file.

    Raises:
        InputError: the file cannot be read, or holds another number of articles.
    """
    name = Path(path).name
    found = list(_articles(path, name))
    for item in found:
        if isinstance(item, UnreadableError):
            raise item
    if len(found) != 1:
        raise InputError(f"{name} holds {len(found)} articles: read it under 'Many files'")
    only = found[0]
    assert isinstance(only, Article)
    return only


def read_files(
    extractor: Extractor,
    paths: Sequence[str],
    published: str | None = None,
    language: str | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> Batch:
    """Read the articles of many files; one that cannot be read does not stop the others.

    Args:
        extractor: reads them.
        paths: files of the kinds in `SUFFIXES`.
        published: `YYYY-MM-DD` for articles without a date of their own, or empty.
        language: ISO 639-1 code for articles without one of their own, or empty.
        progress: told how many of how many articles are done and the name of the next one.

    Raises:
        InputError: there is no file, or the date or the language is wrong.
    """
    if not paths:
        raise InputError("there is no file: upload some first")
    day, code = reading.parse_date(published), reading.parse_language(language)
    # An upload's folder means nothing to its owner.
    names = document_ids([Path(path).name for path in paths])
    found = [item for path, name in zip(paths, names, strict=True) for item in _articles(path, name)]
    ids = iter(document_ids([item.name for item in found if isinstance(item, Article)]))
    documents: list[Document] = []
    failures: list[tuple[str, str]] = []
    for done, item in enumerate(found):
        if isinstance(item, UnreadableError):
            failures.append((item.name, _reason(item)))
            continue
        name = next(ids)
        if progress is not None:
            progress(done, len(found), name)
        try:
            own_day = parse_published(item.published) if item.published else day
            own_code = reading.parse_language(item.language) if item.language else code
            document, _ = reading.read(extractor, item.text, own_day, own_code)
        except InputError as error:
            failures.append((name, str(error)))
        else:
            documents.append(document.model_copy(update={"id": name}))
    return Batch(tuple(documents), tuple(failures))


def view(batch: Batch) -> reading.View:
    """Show what was read of many files: one table, one CSV file, one JSONL file.

    An article without events has a row that says so. `record` stays empty: the JSONL file has it.
    """
    rows: list[list[str]] = []
    for document in batch.documents:
        head = [document.id or "", document.language or ""]
        empty = ["no treaty event", *[""] * (len(reading.COLUMNS) - 1)]
        rows += [head + reading.row(event) for event in document.events] or [head + empty]
    events = sum(len(d.events) for d in batch.documents)
    read = reading.count(len(batch.documents), "article")
    message = reading.note(f"{read} read, {reading.count(events, 'treaty event')} found.")
    if batch.failures:
        number = f"{reading.count(len(batch.failures), 'article')} could not be read:"
        message += reading.alert(number, *(f"{name}: {reason}" for name, reason in batch.failures))
    if not batch.documents:
        return reading.View(message)
    lines = "".join(json.dumps(d.model_dump(mode="json"), ensure_ascii=False) + "\n" for d in batch.documents)
    return reading.View(message, rows=rows, files={**downloads.table(batch.documents), "documents.jsonl": lines})
