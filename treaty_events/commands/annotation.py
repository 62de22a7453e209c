"""`treaty-events convert` and `preannotate`: to annotation tools and back."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from .. import formats
from ..articles import Article, read_articles
from ..errors import InputError
from ..extractor import Extractor, parse_published
from ..preannotation import annotate
from . import add_reading, write_files

if TYPE_CHECKING:
    from . import Commands

logger = logging.getLogger("treaty_events")


def _convert(options: argparse.Namespace) -> int:
    chosen = formats.FORMATS[options.target]
    if chosen.loses:
        logger.warning("%s does not hold %s", options.target, chosen.loses)
    documents = formats.read(formats.read_files(options.files), options.source)
    write_files(formats.write(documents, options.target), options.output)
    return 0


def _preannotate(options: argparse.Namespace) -> int:
    articles = list(read_articles(options.files))
    failed = [article for article in articles if isinstance(article, InputError)]
    for error in failed:
        logger.error("%s", error)
    kept = [article for article in articles if isinstance(article, Article)]
    if not kept:
        return 2
    extractor = Extractor.from_pretrained(options.model, threads=options.threads, engine=options.engine)
    extractions = extractor.extract([article.text for article in kept])
    documents = [
        annotate(
            extraction,
            Path(article.name).name,
            article.language or options.language,
            parse_published(article.published or options.published),
        )
        for article, extraction in zip(kept, extractions, strict=True)
    ]
    write_files(formats.write(documents, options.target, model=extractor.info.name), options.output)
    return 1 if failed else 0


def add(commands: Commands) -> None:
    """Add the commands' parsers."""
    extras = {name: f"; extra {form.extra}" if form.extra else "" for name, form in formats.FORMATS.items()}
    listed = "formats: " + "; ".join(
        f"{name} ({form.description}{extras[name]})" for name, form in formats.FORMATS.items()
    )
    convert = commands.add_parser(
        "convert",
        help="take annotated documents from one annotation tool to another",
        description="Read annotated documents of one tool's format and write them in another's.",
        epilog=listed,
    )
    readable = [name for name, form in formats.FORMATS.items() if form.read]
    convert.add_argument("--from", dest="source", required=True, choices=readable, metavar="FORMAT")
    convert.set_defaults(run=_convert)
    convert.add_argument("files", nargs="+", metavar="FILE", help="files, or folders of them")
    preannotate = commands.add_parser(
        "preannotate",
        help="write the model's mentions and relations for an annotation tool, to be corrected there",
        description="Read articles and write what the model found as editable annotation for a tool.",
        epilog=listed,
    )
    preannotate.add_argument("files", nargs="+", metavar="FILE", help=".txt, .html, .jsonl, also .gz; - is stdin")
    add_reading(preannotate)
    preannotate.set_defaults(run=_preannotate)
    for command in (convert, preannotate):
        command.add_argument(
            "--to",
            dest="target",
            required=True,
            choices=tuple(formats.FORMATS),
            metavar="FORMAT",
            help=", ".join(formats.FORMATS),
        )
        command.add_argument("-o", "--output", default=".", metavar="DIR", help="folder for the files")
