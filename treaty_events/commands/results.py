"""`treaty-events dossiers` and `export`: what to make of events that were read before."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from .. import exports
from ..articles import read_results
from ..errors import InputError

if TYPE_CHECKING:
    from . import Commands


def _export(options: argparse.Namespace) -> int:
    files = exports.export(read_results(options.files), options.to)
    if options.output == "-":
        if len(files) > 1:
            raise InputError(f"{options.to} is the files {', '.join(files)}: give a folder with --output")
        sys.stdout.write("".join(files.values()))
        return 0
    try:
        paths = exports.write(files, options.output)
    except OSError as error:
        raise InputError(f"{options.output}: {error.strerror}") from error
    for path in paths:
        sys.stderr.write(f"treaty-events: wrote {path}\n")
    return 0


def _dossiers(options: argparse.Namespace) -> int:
    from ..dossiers import build_dossiers
    from ..exports import timelines

    dossiers = build_dossiers(read_results(options.files))
    several = [d for d in dossiers if len(d.documents) >= options.least]
    chosen = several if options.key is None else [d for d in dossiers if d.key == options.key]
    if options.key is not None and not chosen:
        raise InputError(f"no dossier {options.key!r}: without --key all are listed, with their keys")
    if options.plot:
        if len(chosen) != 1:
            raise InputError(f"--plot draws one dossier, {len(chosen)} are chosen: give --key")
        try:
            timelines.plot(chosen[0]).savefig(options.plot, dpi=150)
        except (OSError, ValueError) as error:
            raise InputError(f"{options.plot} cannot be drawn: {error}") from error
    writer = timelines.jsonl if options.format == "jsonl" else timelines.markdown
    sys.stdout.write("".join(writer(chosen).values()))
    return 0


def add(commands: Commands) -> None:
    """Add the commands' parsers."""
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
    listed = {name: form.description for name, form in exports.FORMATS.items()}
    export = commands.add_parser(
        "export",
        help="write events or treaties in the formats of other tools",
        description="Write the events of read articles, or their treaties, in the formats of other tools.",
        epilog="formats: " + "; ".join(f"{name} ({text})" for name, text in listed.items()),
    )
    export.add_argument("--to", required=True, choices=tuple(listed), metavar="FORMAT", help=", ".join(listed))
    export.add_argument(
        "-o", "--output", default=".", metavar="DIR", help="folder for the files, or - for standard output"
    )
    export.set_defaults(run=_export)
    for command in (dossiers, export):
        command.add_argument(
            "files", nargs="+", metavar="FILE", help="what 'predict --format jsonl' wrote, also .gz; - is stdin"
        )
