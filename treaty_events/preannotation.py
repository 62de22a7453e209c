"""What the model found, as annotation for a person to correct."""

from __future__ import annotations

import datetime
from collections import Counter

from . import language as identification
from . import vocabulary
from .annotation import AnnotatedDocument, Link, Mention
from .assembly import Assembler
from .extraction import Extraction


def annotate(
    extraction: Extraction, name: str, language: str | None = None, published: datetime.date | None = None
) -> AnnotatedDocument:
    """Turn a model's mentions and relations into an annotated document, with normalised values filled in.

    Args:
        extraction: what `Extractor.extract` gave.
        name: id of the document.
        language: ISO 639-1 code; identified if None.
        published: publication date, for relative dates.

    Returns:
        The document; its mentions are named by their label's letter and a number, as in the hand-writing form.
    """
    language = language or identification.identify(extraction.text)
    assembler = Assembler(extraction, language, published)
    numbers: Counter[str] = Counter()
    mentions = []
    for mention in extraction.mentions:
        letter = vocabulary.MENTION_LABELS.get(mention.label, vocabulary.TRIGGER_PREFIX)
        numbers[letter] += 1
        attributes = dict(mention.attributes)
        value = assembler.value(mention)
        if value is not None:
            attributes["value"] = value
        mentions.append(Mention(f"{letter}{numbers[letter]}", mention.label, mention.start, mention.end, attributes))
    links = [Link(r.type, mentions[r.head].id, mentions[r.tail].id) for r in extraction.relations]
    return AnnotatedDocument(
        name,
        language or "und",
        extraction.text,
        mentions,
        links,
        published=None if published is None else published.isoformat(),
    )
