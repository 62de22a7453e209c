"""`treaty-events convert` and `preannotate`: to annotation tools and back."""

from __future__ import annotations

import argparse
import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .. import formats, soundness
from ..annotation import AnnotatedDocument
from ..articles import Article, expand, read_articles
from ..errors import InputError
from ..extractor import Extractor, parse_published
from ..preannotation import annotate, document_ids
from . import add_reading, write_files

if TYPE_CHECKING:
    from . import Commands

logger = logging.getLogger("treaty_events")


def _write(documents: Sequence[AnnotatedDocument], options: argparse.Namespace, model: str | None = None) -> None:
    """Write documents in the format that was asked for, and say what it does not hold.

    Raises:
        InputError: a file cannot be written.
    """
    loses = formats.FORMATS[options.target].loses
    if loses:
        logger.warning("%s does not hold %s", options.target, loses)
    files = formats.write(documents, options.target, model=model)
    try:
        write_files(files, options.output)
    except OSError as error:
        raise InputError(f"{options.output}: {error.strerror}") from error


def _convert(options: argparse.Namespace) -> int:
    _write(formats.read(formats.read_files(options.files), options.source), options)
    return 0


def _preannotate(options: argparse.Namespace) -> int:
    published = parse_published(options.published)
    kept: list[Article] = []
    failed = 0
    for item in map(soundness.check, read_articles(options.files)):
        if isinstance(item, Article):
            kept.append(item)
        else:
            failed += 1
            logger.error("%s", item)
    if not kept:
        return 2
    # Articles in a packed file are named without its `.gz`.
    paths = [path for path in expand(options.files) if isinstance(path, str)]
    files = {path[:-3] if path.lower().endswith(".gz") else path for path in paths}
    ids = document_ids([article.name for article in kept], files)
    for name, number in Counter(Path(article.name).name for article in kept if article.name in files).items():
        if number > 1:
            logger.warning("%d articles are named %s: their documents are named by their folders as well", number, name)
    for article, name in zip(kept, ids, strict=True):
        if not article.name.endswith(name):
            logger.warning("%s is there before: this document is named %r", article.name, name)
    extractor = Extractor.from_pretrained(options.model, threads=options.threads, engine=options.engine)
    extractions = extractor.extract([article.text for article in kept])
    documents = [
        annotate(
            extraction,
            name,
            article.language or options.language,
            parse_published(article.published) if article.published else published,
        )
        for article, name, extraction in zip(kept, ids, extractions, strict=True)
    ]
    _write(documents, options, extractor.info.name)
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
