"""What the annotation tools have no place for: a document's own fields, kept beside or inside their files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from treaty_events import vocabulary
from treaty_events.annotation import AnnotatedDocument, Link, Mention
from treaty_events.errors import AnnotationError

RECORDS: Final = "documents.jsonl"
_ANNOTATION = ("text", "mentions", "relations", "sha256")


def fields(document: AnnotatedDocument) -> dict[str, Any]:
    """Give a document's fields other than text and annotation; only those that are set."""
    record = document.to_dict()
    return {key: value for key, value in record.items() if key not in _ANNOTATION and value is not None}


def build(
    known: dict[str, Any], text: str, mentions: list[Mention], relations: list[Link], where: str
) -> AnnotatedDocument:
    """Put a document together again.

    Args:
        known: what `fields` gave; a tool that lost it leaves at least an `id`.
        text: the article.
        mentions: in any order; they are put in text order, longer first.
        relations: between them.
        where: file and place, for the error message.

    Raises:
        AnnotationError: a mention lies outside the text, a relation has no end, or a field is unknown.
    """
    if not isinstance(text, str):
        raise AnnotationError(f"the text is {type(text).__name__}, not a string", path=where)
    ids = {m.id for m in mentions}
    for mention in mentions:
        if not 0 <= mention.start < mention.end <= len(text):
            raise AnnotationError(
                f"{mention.label} {mention.start}-{mention.end} is no span of a text of {len(text)} code points",
                path=where,
            )
    for link in relations:
        if not {link.head, link.tail} <= ids:
            raise AnnotationError(
                f"relation {link.type} joins {link.head} and {link.tail}: one is not there", path=where
            )
    ordered = sorted(mentions, key=lambda m: (m.start, -m.end))
    try:
        return AnnotatedDocument(**{"lang": "und", **known}, text=text, mentions=ordered, relations=relations)
    except TypeError as error:
        raise AnnotationError(f"not a document's fields: {error}", path=where) from error


def stems(documents: Sequence[AnnotatedDocument]) -> list[str]:
    """Give each document a file name without suffix: its id, with what no file name may hold replaced; no two alike."""
    given: list[str] = []
    taken: set[str] = set()
    for document in documents:
        plain = re.sub(r"[^\w.-]", "_", document.id) or "document"
        stem, number = plain, 1
        # Some file systems take `A` and `a` for one name.
        while stem.casefold() in taken:
            number += 1
            stem = f"{plain}-{number}"
        taken.add(stem.casefold())
        given.append(stem)
    return given


def write_records(known: Mapping[str, Mapping[str, Any]]) -> str:
    """Write the content of the file `RECORDS`: a JSON line for each document, its file's stem in the field `file`."""
    return "".join(json.dumps({"file": stem, **one}, ensure_ascii=False) + "\n" for stem, one in known.items())


def read_records(files: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Read the file `RECORDS`, if it is among the files: documents' fields by the stem of their file.

    Raises:
        AnnotationError: it is not what `write_records` gives.
    """
    found = {}
    for number, line in enumerate(files.get(RECORDS, "").split("\n"), 1):
        if line.strip():
            try:
                one = json.loads(line)
                found[one.pop("file")] = one
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise AnnotationError(f"not a document's fields: {error!r}", path=RECORDS, line=number) from error
    return found


def name_mentions(mentions: Sequence[Mention]) -> None:
    """Name mentions that have no id (made in the tool) or another one's (copied there); the first one keeps it."""
    taken = {m.id for m in mentions}
    kept: set[str] = set()
    for mention in mentions:
        if not mention.id or mention.id in kept:
            mention.id = new_id(mention.label, taken)
        kept.add(mention.id)


def new_id(label: str, taken: set[str]) -> str:
    """Name a mention that a tool's user made: letter of its label and the next free number."""
    letter = vocabulary.MENTION_LABELS.get(label, vocabulary.TRIGGER_PREFIX)
    number = 1
    while f"{letter}{number}" in taken:
        number += 1
    taken.add(f"{letter}{number}")
    return f"{letter}{number}"
