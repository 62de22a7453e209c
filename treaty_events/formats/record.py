"""What the annotation tools have no place for: a document's own fields, kept beside or inside their files."""

from __future__ import annotations

from typing import Any

from treaty_events import vocabulary
from treaty_events.annotation import AnnotatedDocument, Link, Mention
from treaty_events.errors import AnnotationError

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


def new_id(label: str, taken: set[str]) -> str:
    """Name a mention that a tool's user made: letter of its label and the next free number."""
    letter = vocabulary.MENTION_LABELS.get(label, vocabulary.TRIGGER_PREFIX)
    number = 1
    while f"{letter}{number}" in taken:
        number += 1
    taken.add(f"{letter}{number}")
    return f"{letter}{number}"
