"""Exports: events and dossiers in the forms that the users of such data already work with.

Every exporter takes read articles or dossiers and gives files as text, by name; `write` puts them on disk whole or not
at all. What a target format cannot hold is left out of it and nothing is made up to fill its columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from treaty_events.dossiers import build_dossiers
from treaty_events.errors import InputError
from treaty_events.files import write_text
from treaty_events.schema import Document
from treaty_events.treaties import Dossier

from . import dyads, events, linked, manytreaties, polecat, timelines

Files = dict[str, str]


class Format(NamedTuple):
    """A target format: what it is, and what writes it from articles or from dossiers."""

    description: str
    from_documents: Callable[[Iterable[Document]], Files] | None = None
    from_dossiers: Callable[[Iterable[Dossier]], Files] | None = None


FORMATS: Final[Mapping[str, Format]] = {
    "jsonl": Format("events.jsonl: one event a line, with all evidence", events.jsonl),
    "csv": Format("events.csv: one event a row, flat", events.csv_file),
    "polecat": Format("events.tsv: PLOVER events in POLECAT's columns", polecat.tsv),
    "dossiers": Format("dossiers.jsonl: one treaty a line", None, timelines.jsonl),
    "dcad": Format("treaties.csv, dyad_year.csv: as the Defense Cooperation Agreement Dataset", None, dyads.files),
    "manytreaties": Format("agreements.csv, parties.csv: as the manytreaties packages", None, manytreaties.files),
    "jsonld": Format("treaties.jsonld: schema.org and JOLUX", None, linked.jsonld),
    "quickstatements": Format(
        "quickstatements.txt: a batch for Wikidata, to be reviewed", None, linked.quickstatements
    ),
    "markdown": Format("timelines.md: each treaty's timeline", None, timelines.markdown),
    "ics": Format("treaties.ics: dated steps as calendar entries", None, timelines.calendar),
}


def export(documents: Iterable[Document], to: str) -> Files:
    """Write articles' events in a format; dossiers are built where the format is about treaties.

    Args:
        documents: read articles, each with an `id`.
        to: one of `FORMATS`.

    Returns:
        Content by file name.

    Raises:
        InputError: there is no such format.
    """
    if to not in FORMATS:
        raise InputError(f"no format {to!r}: use one of {', '.join(FORMATS)}")
    chosen = FORMATS[to]
    if chosen.from_documents is not None:
        return chosen.from_documents(documents)
    assert chosen.from_dossiers is not None
    return chosen.from_dossiers(build_dossiers(documents))


def write(files: Mapping[str, str], directory: str | Path) -> list[Path]:
    """Write files into a directory, each whole or not at all.

    Args:
        files: content by name.
        directory: made if it is not there.

    Returns:
        The paths written.
    """
    paths = []
    for name, content in files.items():
        path = Path(directory) / name
        write_text(path, content)
        paths.append(path)
    return paths
