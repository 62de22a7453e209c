"""The command line: `treaty-events predict`, `dossiers`, `export`, `report` and more.

Results go to standard output and nothing else does; errors and progress go to standard error. Exit codes: 0 all well,
1 some input could not be read (the others were), 2 nothing could be done.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from .articles import Article, read_articles, read_results
from .errors import InputError, TreatyEventsError
from .extractor import Extractor, package_version, parse_published
from .files import write_text
from .schema import Document, TreatyEvent

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


def _info(options: argparse.Namespace) -> int:
    from . import release

    directory = Path(options.model) if options.model else release.default_directory()
    release.check(directory)
    provenance = json.loads((directory / release.PROVENANCE).read_text(encoding="utf-8"))
    digests = json.loads((directory / release.CHECKSUMS).read_text(encoding="utf-8"))
    config = release.read_config(directory)
    size = sum((directory / name).stat().st_size for name in release.FILES)
    rows = {
        "package": package_version(),
        "model": provenance.get("name", directory.name),
        "directory": str(directory),
        "size": f"{size / 1e6:.1f} MB",
        "weights sha256": digests[release.WEIGHTS],
        "vocabulary": f"version {config['vocabulary']['version']}",
        "event types": ", ".join(kind["type"] for kind in config["vocabulary"]["event_types"]),
        "window": f"{config['window']} tokens, {config['overlap']} shared with the next; texts of any length",
        "trained on": f"{provenance.get('documents', 'unknown')} documents and passages (see provenance.json)",
        "licence": provenance.get("license", "Apache-2.0"),
    }
    width = max(map(len, rows))
    sys.stdout.write("".join(f"{name.ljust(width)}  {value}\n" for name, value in rows.items()))
    return 0


def _export(options: argparse.Namespace) -> int:
    from . import exports

    files = exports.export(read_results(options.files), options.to)
    if options.output == "-":
        sys.stdout.write("".join(files.values()))
        return 0
    for path in exports.write(files, options.output):
        sys.stderr.write(f"treaty-events: wrote {path}\n")
    return 0


def _dossiers(options: argparse.Namespace) -> int:
    from .dossiers import build_dossiers
    from .exports import timelines

    dossiers = build_dossiers(read_results(options.files))
    several = [d for d in dossiers if len(d.documents) >= options.least]
    chosen = several if options.key is None else [d for d in dossiers if d.key == options.key]
    if options.key is not None and not chosen:
        raise InputError(f"no dossier {options.key!r}: without --key all are listed, with their keys")
    if options.plot:
        if len(chosen) != 1:
            raise InputError(f"--plot draws one dossier, {len(chosen)} are chosen: give --key")
        timelines.plot(chosen[0]).savefig(options.plot, dpi=150)
    writer = timelines.jsonl if options.format == "jsonl" else timelines.markdown
    sys.stdout.write("".join(writer(chosen).values()))
    return 0


def _report(options: argparse.Namespace) -> int:
    from .page import page

    articles = list(read_articles([options.file]))
    for article in articles:
        if isinstance(article, InputError):
            raise article
    if len(articles) != 1:
        raise InputError(f"{options.file} holds {len(articles)} articles: a page shows one")
    article = cast("Article", articles[0])
    extractor = Extractor.from_pretrained(options.model, threads=options.threads)
    extraction = extractor.extract([article.text])[0]
    published = parse_published(article.published or options.published)
    document = extractor.assemble(extraction, article.language or options.language, published)
    html = page(document, extraction)
    if options.output == "-":
        sys.stdout.write(html)
    else:
        write_text(Path(options.output), html)
        sys.stderr.write(f"treaty-events: wrote {options.output}\n")
    return 0


def _convert(options: argparse.Namespace) -> int:
    from . import formats

    chosen = formats.FORMATS[options.target]
    if chosen.loses:
        logger.warning("%s does not hold %s", options.target, chosen.loses)
    documents = formats.read(formats.read_files(options.files), options.source)
    _write_all(formats.write(documents, options.target), options.output)
    return 0


def _preannotate(options: argparse.Namespace) -> int:
    from . import formats
    from .preannotation import annotate

    articles = list(read_articles(options.files))
    failed = [article for article in articles if isinstance(article, InputError)]
    for error in failed:
        logger.error("%s", error)
    kept = [article for article in articles if isinstance(article, Article)]
    if not kept:
        return 2
    extractor = Extractor.from_pretrained(options.model, threads=options.threads)
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
    _write_all(formats.write(documents, options.target, model=extractor.info.name), options.output)
    return 1 if failed else 0


def _write_all(files: Mapping[str, str], directory: str) -> None:
    for name, content in files.items():
        write_text(Path(directory) / name, content)
        sys.stderr.write(f"treaty-events: wrote {Path(directory) / name}\n")


def _formats() -> dict[str, str]:
    from .exports import FORMATS

    return {name: form.description for name, form in FORMATS.items()}


def _annotation_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from .formats import FORMATS

    listed = "formats: " + "; ".join(f"{name} ({form.description})" for name, form in FORMATS.items())
    convert = commands.add_parser(
        "convert",
        help="take annotated documents from one annotation tool to another",
        description="Read annotated documents of one tool's format and write them in another's.",
        epilog=listed,
    )
    readable = [name for name, form in FORMATS.items() if form.read]
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
    preannotate.set_defaults(run=_preannotate)
    for command in (convert, preannotate):
        command.add_argument(
            "--to", dest="target", required=True, choices=tuple(FORMATS), metavar="FORMAT", help=", ".join(FORMATS)
        )
        command.add_argument("-o", "--output", default=".", metavar="DIR", help="folder for the files")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="treaty-events", description="Find treaty events in news articles.")
    parser.add_argument("--version", action="version", version=f"treaty-events {package_version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    predict = commands.add_parser(
        "predict",
        help="read articles and write their treaty events",
        description="Read articles and write their treaty events to standard output.",
        epilog="example: treaty-events predict article.txt --published 2025-02-13",
    )
    predict.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help=".txt, .html, .jsonl (fields text, id, published, lang), also .gz; - is stdin",
    )
    predict.add_argument("--format", choices=("table", "json", "jsonl"), default="table", help="default: table")
    predict.set_defaults(run=_predict)
    dossiers = commands.add_parser(
        "dossiers",
        help="merge the events of many articles into treaties",
        description="Merge the events of many articles into treaties, each with its steps, sources and conflicts.",
        epilog="example: treaty-events predict *.txt --format jsonl | treaty-events dossiers -",
    )
    dossiers.add_argument("--format", choices=("markdown", "jsonl"), default="markdown", help="default: markdown")
    dossiers.add_argument("--least", type=int, default=1, metavar="N", help="only treaties that N articles tell of")
    dossiers.add_argument("--key", help="only this treaty")
    dossiers.add_argument("--plot", metavar="FILE", help="also draw the treaty's timeline (.png, .svg, .pdf)")
    dossiers.set_defaults(run=_dossiers)
    export = commands.add_parser(
        "export",
        help="write events or treaties in the formats of other tools",
        description="Write the events of read articles, or their treaties, in the formats of other tools.",
        epilog="formats: " + "; ".join(f"{name} ({text})" for name, text in _formats().items()),
    )
    export.add_argument("--to", required=True, choices=tuple(_formats()), metavar="FORMAT", help=", ".join(_formats()))
    export.add_argument("--output", default=".", metavar="DIR", help="folder for the files, or - for standard output")
    export.set_defaults(run=_export)
    for command in (dossiers, export):
        command.add_argument(
            "files", nargs="+", metavar="FILE", help="what 'predict --format jsonl' wrote, also .gz; - is stdin"
        )
    report = commands.add_parser(
        "report",
        help="show an article with its mentions and events as a web page",
        description="Write a self-contained web page: the article with its mentions, the events, their timeline.",
        epilog="example: treaty-events report article.txt --published 2025-02-13 -o report.html",
    )
    report.add_argument("file", metavar="FILE", help=".txt, .html or .jsonl with one article; - is stdin")
    report.add_argument("-o", "--output", default="-", metavar="FILE", help="the page; - (default) is standard output")
    report.set_defaults(run=_report)
    _annotation_parsers(commands)
    info = commands.add_parser("info", help="tell which model this is", description="Tell which model this is.")
    info.set_defaults(run=_info)
    preannotate = commands.choices["preannotate"]
    for command in (predict, report, preannotate):
        command.add_argument(
            "--published", metavar="YYYY-MM-DD", help="publication date, for dates such as 'yesterday'"
        )
        command.add_argument("--language", metavar="XX", help="ISO 639-1 code; identified if left out")
        command.add_argument("--threads", type=int, metavar="N", help="threads of the runtime")
    for command in (predict, report, preannotate, info):
        command.add_argument("--model", metavar="DIR", help="release directory; default: the shipped weights")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    logging.basicConfig(format="treaty-events: %(message)s", stream=sys.stderr, level=logging.WARNING)
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        return code
    except TreatyEventsError as error:
        logger.error("%s", error)
        return 2
    except BrokenPipeError:
        # The reader of our output left (as `head` does): nothing more to say.
        sys.stderr.close()
        return 0


if __name__ == "__main__":
    sys.exit(main())
