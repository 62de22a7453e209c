"""Annotated documents in and out of annotation tools.

Every format gives back what it was given: offsets, names of mentions, attributes, relations, a document's own fields. A
format that cannot hold all of that says what it loses (`Format.loses`), and one that is written only cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from treaty_events.annotation import AnnotatedDocument
from treaty_events.errors import InputError

from . import brat, columns, labelstudio, lines

Files = dict[str, str]


class Format(NamedTuple):
    """A tool's format.

    Attributes:
        description: what it is.
        write: gives files by name.
        read: takes files by name; None where the format is written only.
        loses: what it cannot hold; empty if nothing is lost.
        write_predictions: as `write`, for what a model (the second argument) found, where the tool keeps that apart.
    """

    description: str
    write: Callable[[Sequence[AnnotatedDocument]], Files]
    read: Callable[[Mapping[str, str]], list[AnnotatedDocument]] | None
    loses: str = ""
    write_predictions: Callable[[Sequence[AnnotatedDocument], str], Files] | None = None


FORMATS: Final[Mapping[str, Format]] = {
    "jsonl": Format("this project's own JSON lines", lines.write_own, lines.read_own),
    "brat": Format("brat standoff, with annotation.conf", brat.write, brat.read),
    "labelstudio": Format(
        "Label Studio tasks and interface",
        labelstudio.write,
        labelstudio.read,
        write_predictions=labelstudio.write,
    ),
    "doccano": Format("doccano JSON lines with relations, and label lists", lines.write_doccano, lines.read_doccano),
    "prodigy": Format("Prodigy JSON lines", lines.write_prodigy, lines.read_prodigy),
    "conll": Format(
        "CoNLL-2003 columns, one file a label",
        columns.write,
        None,
        "relations, attributes, white space, and borders of mentions inside a word",
    ),
}


def read(files: Mapping[str, str], form: str) -> list[AnnotatedDocument]:
    """Read annotated documents.

    Args:
        files: content by name, line ends as they are.
        form: one of `FORMATS`.

    Raises:
        InputError: no such format, one that cannot be read, or none of its files is among them.
        AnnotationError: a file is not what the format says; says where.
    """
    known = _format(form)
    if known.read is None:
        raise InputError(f"{form} is written only: it loses {known.loses}")
    documents = known.read(files)
    if not documents:
        raise InputError(f"no document of the format {form} in {', '.join(files) or 'no file'}")
    return documents


def read_files(paths: Sequence[str | Path]) -> Files:
    """Read the files of a tool: those named, and those in the folders named; UTF-8, line ends as they are.

    Raises:
        InputError: a file cannot be read, is not UTF-8, or has the name of another one.
    """
    files: Files = {}
    for given in map(Path, paths):
        for path in sorted(p for p in given.iterdir() if p.is_file()) if given.is_dir() else [given]:
            if path.name in files:
                raise InputError(f"two files are named {path.name}: read one folder at a time")
            try:
                files[path.name] = path.read_bytes().decode("utf-8")
            except UnicodeDecodeError as error:
                raise InputError(f"{path}: not UTF-8 at byte {error.start}") from error
            except OSError as error:
                raise InputError(f"{path}: {error.strerror}") from error
    return files


def write(documents: Sequence[AnnotatedDocument], form: str, *, model: str | None = None) -> Files:
    """Write annotated documents; see `FORMATS[form].loses` for what does not go in.

    Args:
        documents: with text, each with an id of its own.
        form: one of `FORMATS`.
        model: whose predictions the annotation is, where a format tells them from a person's.

    Raises:
        InputError: no such format, two documents of one id, or one without text.
    """
    known = _format(form)
    ids = [d.id for d in documents]
    if len(set(ids)) < len(ids):
        double = next(i for i in ids if ids.count(i) > 1)
        raise InputError(f"two documents are named {double!r}: give each an id of its own")
    for document in documents:
        if not document.text and document.mentions:
            raise InputError(f"{document.id} has no text: join a stand-off document with its text first (data.align)")
    if model is not None and known.write_predictions is not None:
        return known.write_predictions(documents, model)
    return known.write(documents)


def _format(form: str) -> Format:
    if form not in FORMATS:
        raise InputError(f"no format {form!r}: there are {', '.join(FORMATS)}")
    return FORMATS[form]
