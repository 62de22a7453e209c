"""What the model found, as annotation for a person to correct."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import PurePath

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


def document_ids(names: Sequence[str], files: Collection[str] = ()) -> list[str]:
    """Give every article an id of its own.

    Args:
        names: articles' names, as `read_articles` gives them.
        files: those of the files that were read. A name that is one of them, or a line of one, is cut to its last part,
            or to as many as tell it from all others; a record's own id stays as it is.

    Returns:
        An id for each name. Where names are the same, the later ones get a number.
    """

    def endings(name: str) -> list[str]:
        if name not in files and name.rpartition(":")[0] not in files:
            return [name]
        parts = PurePath(name).parts
        return [*("/".join(parts[-n:]) for n in range(1, len(parts))), name]

    shared = Counter(ending for name in set(names) for ending in endings(name))
    ids: list[str] = []
    taken: set[str] = set()
    for given in names:
        plain = next((ending for ending in endings(given) if shared[ending] == 1), given)
        name, number = plain, 1
        while name in taken:
            number += 1
            name = f"{plain} ({number})"
        taken.add(name)
        ids.append(name)
    return ids
