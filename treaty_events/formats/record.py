"""What all formats share: checks of a document, names for files and mentions, and a document's own fields.

The annotation tools have no place for these fields: they are kept beside or inside the tools' files.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from treaty_events import vocabulary
from treaty_events.annotation import ATTRIBUTE_KEYS, AnnotatedDocument, Link, Mention, text_digest
from treaty_events.errors import AnnotationError

logger = logging.getLogger("treaty_events")

RECORDS: Final = "documents.jsonl"
_ANNOTATION = ("text", "mentions", "relations", "sha256")
# Names of the fields that `fields` may give.
FIELDS: Final = frozenset(f.name for f in dataclasses.fields(AnnotatedDocument)) - frozenset(_ANNOTATION)
# Bytes of a file name without suffix: file systems take 255, and a temporary name adds some.
_LONGEST: Final = 120


def left_out(what: str, where: str) -> None:
    """Warn of something in a tool's file that a document has no place for.

    Args:
        what: what is not taken over, as a plural.
        where: file and place.
    """
    logger.warning("%s: %s are left out", where, what)


def _is_value(name: str, value: str) -> bool:
    """Tell whether an attribute can have a value; event types may be others than the vocabulary's."""
    if name == "type":
        return vocabulary.is_event_type(value)
    return name not in vocabulary.ATTRIBUTES or value in vocabulary.ATTRIBUTES[name][1]


def _mention_fault(mention: Mention, text: str) -> str | None:
    if mention.label not in vocabulary.SPAN_LABELS:
        return f"mention {mention.id} has the label {mention.label!r}: there are {', '.join(vocabulary.SPAN_LABELS)}"
    borders = (mention.start, mention.end)
    if not all(isinstance(border, int) for border in borders) or not 0 <= mention.start < mention.end <= len(text):
        return f"{mention.label} {mention.start}-{mention.end} is no span of a text of {len(text)} code points"
    for name, value in mention.attributes.items():
        if name not in ATTRIBUTE_KEYS:
            return f"mention {mention.id} has an attribute {name!r}: there are {', '.join(ATTRIBUTE_KEYS)}"
        if not isinstance(value, str) or not _is_value(name, value):
            return f"mention {mention.id} has {name} {value!r}: that is none of its values"
    return None


def check(document: AnnotatedDocument, where: str | None = None) -> None:
    """Make sure that a document is one that every format can hold; what it means is up to `data.validate`.

    Args:
        document: as it was read, or is to be written.
        where: file and place, for the error message.

    Raises:
        AnnotationError: there is no text, a mention lies outside it or shares its id with another one, a relation has
            no end, or the vocabulary lacks a label, an attribute, its value, or a relation.
    """

    def fault(message: str) -> AnnotationError:
        return AnnotationError(message, path=where, document=str(document.id))

    if not isinstance(document.id, str) or not isinstance(document.text, str):
        raise fault(f"id and text are {type(document.id).__name__} and {type(document.text).__name__}, not strings")
    if not document.text and (document.mentions or document.sha256 not in (None, text_digest(""))):
        raise fault("has no text: join a stand-off document with its text first (data.align)")
    ids: set[str] = set()
    for mention in document.mentions:
        wrong = _mention_fault(mention, document.text)
        if mention.id in ids:
            wrong = f"two mentions are named {mention.id!r}"
        if wrong:
            raise fault(wrong)
        ids.add(mention.id)
    for link in document.relations:
        if not {link.head, link.tail} <= ids:
            raise fault(f"relation {link.type} joins {link.head} and {link.tail}: one is not there")
        if link.type not in vocabulary.RELATION_NAMES:
            raise fault(f"relation {link.type!r}: there are {', '.join(vocabulary.RELATION_NAMES)}")


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
        AnnotationError: it is no whole document (see `check`), or a field is unknown.
    """
    try:
        document = AnnotatedDocument(**{"lang": "und", **known}, text=text, mentions=mentions, relations=relations)
    except TypeError as error:
        raise AnnotationError(f"not a document's fields: {error}", path=where) from error
    check(document, where)
    document.mentions = sorted(mentions, key=lambda m: (m.start, -m.end))
    return document


def stems(documents: Sequence[AnnotatedDocument]) -> list[str]:
    """Give each document a file name without suffix: its id, with what no file name may hold replaced; no two alike."""
    given: list[str] = []
    taken: set[str] = set()
    for document in documents:
        plain = re.sub(r"[^\w.-]", "_", document.id) or "document"
        # An id may be the address of a page.
        plain = plain.encode("utf-8")[:_LONGEST].decode("utf-8", "ignore")
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
