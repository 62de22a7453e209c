"""The corpus' documents: where they lie, and the form that they have (see `treaty_events.annotation`)."""

from __future__ import annotations

from pathlib import Path

from treaty_events.annotation import (
    ATTRIBUTE_KEYS,
    AnnotatedDocument,
    Link,
    Mention,
    read_documents,
    text_digest,
    write_documents,
    write_lines,
)

from .splits import SPLITS

__all__ = [
    "ATTRIBUTE_KEYS",
    "DATA",
    "AnnotatedDocument",
    "Link",
    "Mention",
    "read_corpus",
    "read_documents",
    "text_digest",
    "write_documents",
    "write_lines",
]

DATA = Path(__file__).parent


def read_corpus(directory: Path = DATA / "corpus") -> list[AnnotatedDocument]:
    """Read all splits of the corpus."""
    return [d for split in SPLITS for d in read_documents(directory / f"{split}.jsonl")]
