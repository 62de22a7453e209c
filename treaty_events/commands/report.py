"""`treaty-events report`: an article and what was found in it as a web page."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ..articles import Article, read_articles
from ..errors import InputError
from ..extractor import Extractor, parse_published
from ..files import write_text
from . import add_reading

if TYPE_CHECKING:
    from . import Commands


def _report(options: argparse.Namespace) -> int:
    from ..page import page

    articles = list(read_articles([options.file]))
    for article in articles:
        if isinstance(article, InputError):
            raise article
    if len(articles) != 1:
        raise InputError(f"{options.file} holds {len(articles)} articles: a page shows one")
    article = cast("Article", articles[0])
    try:
        article.text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(f"{article.name}: half a character (a lone surrogate) at {error.start}") from error
    published = parse_published(article.published or options.published)
    extractor = Extractor.from_pretrained(options.model, threads=options.threads, engine=options.engine)
    extraction = extractor.extract([article.text])[0]
    document = extractor.assemble(extraction, article.language or options.language, published)
    html = page(document, extraction)
    if options.output == "-":
        sys.stdout.write(html)
    else:
        try:
            write_text(Path(options.output), html)
        except OSError as error:
            raise InputError(f"{options.output}: {error.strerror}") from error
        sys.stderr.write(f"treaty-events: wrote {options.output}\n")
    return 0


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "report",
        help="show an article with its mentions and events as a web page",
        description="Write a self-contained web page: the article with its mentions, the events, their timeline.",
        epilog="example: treaty-events report article.txt --published 2025-02-13 -o report.html",
    )
    parser.add_argument("file", metavar="FILE", help=".txt, .html or .jsonl with one article; - is stdin")
    parser.add_argument("-o", "--output", default="-", metavar="FILE", help="the page; - (default) is standard output")
    add_reading(parser)
    parser.set_defaults(run=_report)
