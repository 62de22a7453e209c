"""`treaty-events predict`: articles in, events out."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from typing import TYPE_CHECKING

from ..articles import Article, read_articles
from ..errors import InputError
from ..extractor import Extractor, parse_published
from ..schema import Document, TreatyEvent
from . import add_reading

if TYPE_CHECKING:
    from . import Commands

logger = logging.getLogger("treaty_events")
# Texts that are read together: enough for full batches, few enough to hold.
_CHUNK = 32
_TABLE = ("type", "status", "parties", "date", "place", "kind", "domain", "treaty", "evidence")


def _row(event: TreatyEvent) -> dict[str, str]:
    treaty = event.treaty
    date = None if event.date is None else event.date.value or f"«{event.date.evidence.text}»"
    names = [p.code or p.evidence.text for p in event.parties]
    return {
        "type": event.type + (f" ({event.level})" if event.level else ""),
        "status": event.status,
        "parties": ", ".join(names),
        "date": date or "",
        "place": event.place.evidence.text if event.place else "",
        "kind": (treaty and treaty.kind) or "",
        "domain": (treaty and treaty.domain) or "",
        "treaty": treaty.name if treaty else "",
        "evidence": f"{event.trigger.text} @{event.trigger.start}",
    }


def table(document: Document, width: int = 60) -> str:
    """Show a document's events as an aligned table, cells cut with an ellipsis at `width`."""
    if not document.events:
        return "(no treaty event)"
    rows = [dict(zip(_TABLE, _TABLE, strict=True)), *(_row(e) for e in document.events)]
    cells = [
        [
            " ".join(row[c].split()) if len(row[c]) <= width else " ".join(row[c].split())[: width - 1] + "…"
            for c in _TABLE
        ]
        for row in rows
    ]
    widths = [max(len(row[i]) for row in cells) for i in range(len(_TABLE))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells)


def _emit(name: str, document: Document, form: str, many: bool) -> str:
    if form == "table":
        heading = f"{name} [{document.language or '?'}]\n" if many else ""
        return heading + table(document) + ("\n" if many else "")
    record = document.model_copy(update={"id": name}).model_dump(mode="json")
    return json.dumps(record, ensure_ascii=False, indent=1 if form == "json" else None)


def _predict(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    parse_published(options.published)
    extractor = Extractor.from_pretrained(options.model, threads=options.threads)
    failed, number = 0, 0
    articles = read_articles(options.files)
    many = len(options.files) > 1 or options.files[0].removesuffix(".gz").endswith(".jsonl")
    chunk: list[Article] = []
    out = sys.stdout
    opened = options.format == "json" and many
    if opened:
        out.write("[\n")
    with tqdm(unit=" articles", disable=not (many and sys.stderr.isatty()), file=sys.stderr) as progress:

        def flush() -> int:
            nonlocal number
            lost = 0
            try:
                published = [a.published or options.published for a in chunk]
                languages = [a.language or options.language for a in chunk]
                documents: list[Document | None] = list(
                    extractor.documents([a.text for a in chunk], published, languages)
                )
            except InputError:
                # One bad record must not take its neighbours along: read them one by one.
                documents = []
                for article in chunk:
                    try:
                        published_here = article.published or options.published
                        language = article.language or options.language
                        documents.append(extractor.document(article.text, published_here, language))
                    except InputError as error:
                        logger.error("%s: %s", article.name, error)
                        documents.append(None)
                        lost += 1
            for article, document in zip(chunk, documents, strict=True):
                if document is not None:
                    separator = ",\n" if opened and number else ""
                    out.write(separator + _emit(article.name, document, options.format, many))
                    out.write("" if opened else "\n")
                    number += 1
            progress.update(len(chunk))
            chunk.clear()
            return lost

        for article in articles:
            if isinstance(article, InputError):
                logger.error("%s", article)
                failed += 1
                continue
            chunk.append(article)
            if len(chunk) == _CHUNK:
                failed += flush()
        if chunk:
            failed += flush()
    if opened:
        out.write("\n]\n")
    return 0 if not failed else 1 if number else 2


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "predict",
        help="read articles and write their treaty events",
        description="Read articles and write their treaty events to standard output.",
        epilog="example: treaty-events predict article.txt --published 2025-02-13",
    )
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help=".txt, .html, .jsonl (fields text, id, published, lang), also .gz; - is stdin",
    )
    parser.add_argument("--format", choices=("table", "json", "jsonl"), default="table", help="default: table")
    add_reading(parser)
    parser.set_defaults(run=_predict)
