"""Annotated documents in and out of annotation tools.

Every format gives back what it was given: offsets, names of mentions, attributes, relations, a document's own fields. A
format that cannot hold all of that says what it loses (`Format.loses`), and one that is written only cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from treaty_events.annotation import AnnotatedDocument
from treaty_events.errors import InputError

from . import brat, cas, columns, datasets, docbin, labelstudio, lines, record

Files = dict[str, str | bytes]


class Format(NamedTuple):
    """A tool's format.

    Attributes:
        description: what it is.
        write: gives files by name.
        read: takes files by name (bytes where the format is binary, else text); None where the format is written only.
        loses: what it cannot hold; empty if nothing is lost.
        write_predictions: as `write`, for what a model (the second argument) found, where the tool keeps that apart.
        binary: suffix of its files, if they are bytes.
        extra: the extra of this package that it needs.
    """

    description: str
    write: Callable[[Sequence[AnnotatedDocument]], Mapping[str, str | bytes]]
    read: Callable[[Mapping[str, Any]], list[AnnotatedDocument]] | None
    loses: str = ""
    write_predictions: Callable[[Sequence[AnnotatedDocument], str], Mapping[str, str | bytes]] | None = None
    binary: str = ""
    extra: str = ""


FORMATS: Final[Mapping[str, Format]] = {
    "jsonl": Format("this project's own JSON lines", lines.write_own, lines.read_own),
    "brat": Format("brat standoff, with annotation.conf", brat.write, brat.read),
    "labelstudio": Format(
        "Label Studio tasks and interface",
        labelstudio.write,
        labelstudio.read,
        write_predictions=labelstudio.write,
    ),
    "doccano": Format(
        "doccano JSON lines with relations, for a project that allows overlapping spans, and label lists",
        lines.write_doccano,
        lines.read_doccano,
    ),
    "prodigy": Format("Prodigy JSON lines", lines.write_prodigy, lines.read_prodigy),
    "conll": Format(
        "CoNLL-2003 columns, one file a label",
        columns.write,
        None,
        "relations, attributes, ids, documents' own fields, white space, borders of mentions inside a word, and "
        "mentions that overlap another one of their label",
    ),
    "xmi": Format(
        "UIMA CAS as XMI, with TypeSystem.xml and tag sets for INCEpTION", cas.write_xmi, cas.read_xmi, extra="cas"
    ),
    "jsoncas": Format("UIMA CAS as JSON, likewise for INCEpTION", cas.write_json, cas.read_json, extra="cas"),
    "docbin": Format("spaCy DocBin with span groups", docbin.write, docbin.read, binary=".spacy", extra="spacy"),
    "datasets": Format(
        "Parquet for Hugging Face datasets, in the folder data, a file a split",
        datasets.write,
        datasets.read,
        binary=datasets.SUFFIX,
        extra="datasets",
    ),
}


def read(files: Mapping[str, str | bytes], form: str) -> list[AnnotatedDocument]:
    """Read annotated documents.

    Args:
        files: content by name, line ends as they are; of a binary format as bytes.
        form: one of `FORMATS`.

    Raises:
        InputError: no such format, one that cannot be read, or none of its files is among them.
        AnnotationError: a file is not what the format says; says where.
        MissingExtraError: the format's extra is not installed.
    """
    known = _format(form)
    if known.read is None:
        raise InputError(f"{form} is written only: it loses {known.loses}")
    kind = bytes if known.binary else str
    documents = known.read({name: content for name, content in files.items() if isinstance(content, kind)})
    if not documents:
        raise InputError(f"no document of the format {form} in {', '.join(files) or 'no file'}")
    return documents


def read_files(paths: Sequence[str | Path]) -> Files:
    """Read the files of a tool: those named, and those in the folders named.

    Files with the suffix of a binary format are given as bytes, all others as text: UTF-8, line ends as they are.

    Raises:
        InputError: a file cannot be read, is not UTF-8, or has the name of another one.
    """
    binary = tuple(form.binary for form in FORMATS.values() if form.binary)
    files: Files = {}
    for given in map(Path, paths):
        for path in sorted(p for p in given.iterdir() if p.is_file()) if given.is_dir() else [given]:
            if path.name in files:
                raise InputError(f"two files are named {path.name}: read one folder at a time")
            try:
                content = path.read_bytes()
                files[path.name] = content if path.name.endswith(binary) else content.decode("utf-8")
            except UnicodeDecodeError as error:
                raise InputError(f"{path}: not UTF-8 at byte {error.start}") from error
            except OSError as error:
                raise InputError(f"{path}: {error.strerror}") from error
    return files


def write(documents: Sequence[AnnotatedDocument], form: str, *, model: str | None = None) -> Files:
    """Write annotated documents; see `FORMATS[form].loses` for what does not go in.

    Args:
        documents: with text, each with an id of its own, all of the vocabulary (see `record.check`).
        form: one of `FORMATS`.
        model: whose predictions the annotation is, where a format tells them from a person's.

    Raises:
        InputError: no such format, or two documents of one id.
        AnnotationError: a document has no text, or holds what no format can (see `record.check`).
        MissingExtraError: the format's extra is not installed.
    """
    known = _format(form)
    taken: set[str] = set()
    for document in documents:
        record.check(document)
        if document.id in taken:
            raise InputError(f"two documents are named {document.id!r}: give each an id of its own")
        taken.add(document.id)
    if model is not None and known.write_predictions is not None:
        return dict(known.write_predictions(documents, model))
    return dict(known.write(documents))


def _format(form: str) -> Format:
    if form not in FORMATS:
        raise InputError(f"no format {form!r}: there are {', '.join(FORMATS)}")
    return FORMATS[form]
