"""`treaty-events predict`: articles in, events out."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from typing import TYPE_CHECKING

from .. import language
from ..articles import failure_record, is_stream, read_articles
from ..errors import InputError
from ..extractor import Extractor, parse_published
from ..gate import DEFAULT_RECALL
from ..output import Output, open_output
from ..schema import Document, TreatyEvent
from ..stream import Failure, Stream
from . import add_reading

if TYPE_CHECKING:
    from . import Commands

logger = logging.getLogger("treaty_events")
_AUTOMATIC = -1.0
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
    return json.dumps(document.model_dump(mode="json"), ensure_ascii=False, indent=1 if form == "json" else None)


def _gate(value: str) -> float | None:
    """Read the value of `--gate`."""
    if value == "off":
        return None
    try:
        return float(value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{value!r} is neither a share such as 0.99 nor 'off'") from error


def _predict(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    parse_published(options.published)
    if options.resume and options.output == "-":
        raise InputError("--resume needs --output: it goes on with that file")
    if options.output != "-" and options.format != "jsonl":
        raise InputError("--output takes JSON lines: add --format jsonl, or redirect standard output")
    streaming = is_stream(options.files)
    many = streaming or len(options.files) > 1
    gate = options.gate if options.gate != _AUTOMATIC else DEFAULT_RECALL if streaming else None
    if options.language is None:
        language.prepare()
    extractor = Extractor.from_pretrained(options.model, threads=options.threads, engine=options.engine)
    if options.gate == _AUTOMATIC and gate is not None and not extractor.has_gate:
        gate = None
    with open_output(options.output, resume=options.resume) as output:
        articles = output.left(read_articles(options.files))
        stream = Stream(extractor, articles, options.published, options.language, gate)
        writer = _Writer(output, options.format, many)
        with tqdm(unit=" articles", disable=not (many and sys.stderr.isatty()), file=sys.stderr) as progress:
            for result in stream:
                if isinstance(result, Failure):
                    logger.error("%s", _explained(result))
                writer(result)
                progress.update()
        writer.close()
    if stream.skipped:
        logger.warning(
            "%d of %d articles skipped as having no treaty event (--gate off reads all)",
            stream.skipped,
            stream.skipped + stream.read + stream.failed,
        )
    done = stream.read + stream.skipped + output.resumed
    return 0 if not stream.failed else 1 if done else 2


def _explained(failure: Failure) -> str:
    message = str(failure.error)
    return message if message.startswith(failure.id) else f"{failure.id}: {message}"


class _Writer:
    """Writes results in one of the command's formats."""

    def __init__(self, output: Output, form: str, many: bool) -> None:
        self.output, self.form, self.many = output, form, many
        self.listing = form == "json" and many
        self.number = 0
        if self.listing:
            output.write("[\n")

    def __call__(self, result: Document | Failure) -> None:
        if isinstance(result, Failure):
            # Tables and JSON documents have no place for it; standard error says it.
            if self.form == "jsonl":
                self.output.write(failure_record(result.id, result.error) + "\n")
            return
        separator = ",\n" if self.listing and self.number else ""
        content = _emit(result.id or "", result, self.form, self.many)
        self.output.write(separator + content + ("" if self.listing else "\n"))
        self.number += 1

    def close(self) -> None:
        if self.listing:
            self.output.write("\n]\n")


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
        help=".txt, .html, .jsonl (fields text, id, published, lang), also .gz; .parquet; folders; - is stdin",
    )
    parser.add_argument("--format", choices=("table", "json", "jsonl"), default="table", help="default: table")
    parser.add_argument("-o", "--output", default="-", metavar="FILE", help="write JSON lines to this file")
    parser.add_argument("--resume", action="store_true", help="go on with an output file that was interrupted")
    parser.add_argument(
        "--gate",
        type=_gate,
        default=_AUTOMATIC,
        metavar="RECALL",
        help="share of the articles with a treaty event to keep while skipping most others unread, or 'off'; "
        f"default: {DEFAULT_RECALL} for folders, JSONL and Parquet, off for single texts",
    )
    add_reading(parser)
    parser.set_defaults(run=_predict)
