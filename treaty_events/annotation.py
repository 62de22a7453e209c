"""Annotated documents: one article a JSON line, spans by code points, relations between them.

A line holds a document's fields, its text, its mentions (event triggers among them) and its relations. Every mention
has the same attribute keys, `None` where one does not apply, so that `datasets.load_dataset("json", ...)` sees one
schema.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from . import vocabulary
from .errors import AnnotationError
from .files import write_text

ATTRIBUTE_KEYS = (*vocabulary.ATTRIBUTES, "value")


@dataclasses.dataclass(slots=True)
class Mention:
    """A labelled span.

    Attributes:
        id: name within the document, e.g. `T1`.
        label: one of `vocabulary.SPAN_LABELS`.
        start: offset of the first code point.
        end: offset after the last code point.
        attributes: values by attribute name; only those that are set.
    """

    id: str
    label: str
    start: int
    end: int
    attributes: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(slots=True)
class Link:
    """A relation between two mentions of a document, by their ids."""

    type: str
    head: str
    tail: str


@dataclasses.dataclass(slots=True)
class AnnotatedDocument:
    """One annotated article.

    Attributes:
        id: unique over the corpus.
        lang: ISO 639-1 code.
        text: the article, as annotated; empty in a stand-off file (then `sha256` identifies it).
        mentions: spans, in text order.
        relations: links between them.
        style: kind of text (wire, ministry, blog, ...).
        story: key of the treaty story that it tells; a story lies in one split only.
        real: whether the story happened.
        published: date of publication (ISO 8601) or None.
        split: train, dev or test.
        writer: who wrote and annotated it.
        reader: who read it a second time.
        source: where a stand-off document's text comes from.
        sha256: of the UTF-8 text.
    """

    id: str
    lang: str
    text: str
    mentions: list[Mention] = dataclasses.field(default_factory=list)
    relations: list[Link] = dataclasses.field(default_factory=list)
    style: str | None = None
    story: str | None = None
    real: bool | None = None
    published: str | None = None
    split: str | None = None
    writer: str | None = None
    reader: str | None = None
    source: str | None = None
    sha256: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give the document as it is written on its line."""
        record = dataclasses.asdict(self)
        for mention in record["mentions"]:
            mention["attributes"] = {key: mention["attributes"].get(key) for key in ATTRIBUTE_KEYS}
        record["sha256"] = self.sha256 or text_digest(self.text)
        return record

    @classmethod
    def from_dict(
        cls, record: dict[str, Any], *, path: str | None = None, line: int | None = None
    ) -> AnnotatedDocument:
        """Read a document from its record.

        Args:
            record: what `to_dict` gives; unknown fields are refused, since dropping them would lose data.
            path: file, for the error message.
            line: line, for the error message.

        Raises:
            AnnotationError: a field is missing, unknown or of the wrong type.
        """
        try:
            fields = dict(record)
            fields["mentions"] = [
                Mention(
                    **{
                        **mention,
                        "attributes": {k: v for k, v in (mention.get("attributes") or {}).items() if v is not None},
                    }
                )
                for mention in fields.get("mentions", [])
            ]
            fields["relations"] = [Link(**link) for link in fields.get("relations", [])]
            return cls(**fields)
        except (TypeError, AttributeError) as error:
            name = record.get("id") if isinstance(record, dict) else None
            raise AnnotationError(f"not a document record: {error}", path=path, line=line, document=name) from error


def text_digest(text: str) -> str:
    """Give the SHA-256 of a text's UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read_documents(path: str | Path) -> Iterator[AnnotatedDocument]:
    """Read a JSONL file of annotated documents.

    Raises:
        AnnotationError: a line is not JSON or not a document; says which.
    """
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except json.JSONDecodeError as error:
                raise AnnotationError(f"not JSON: {error}", path=str(path), line=number) from error
            yield AnnotatedDocument.from_dict(record, path=str(path), line=number)


def write_lines(path: str | Path, records: Iterable[Any]) -> None:
    """Write JSON lines whole or not at all (see `files.write_text`)."""
    write_text(Path(path), "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))


def write_documents(path: str | Path, documents: Iterable[AnnotatedDocument]) -> None:
    """Write annotated documents as JSONL (see `write_lines`)."""
    write_lines(path, (document.to_dict() for document in documents))
