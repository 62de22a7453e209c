"""The validator: finds every fault of annotated documents and says where it is and what to do.

`python -m data.validate FILE...` reads hand-written (`.txt`) and JSONL files and exits with 1 if there is a fault.
Event types that the vocabulary does not have must be named: `--event-types objection`.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import logging
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import regex

from treaty_events import vocabulary
from treaty_events.errors import AnnotationError, InputError
from treaty_events.windows import inside_word

from . import markup
from .documents import AnnotatedDocument, Mention, read_documents, text_digest

_GRAPHEME = regex.compile(r"\X")
_GPE_VALUE = regex.compile(r"[A-Z]{3}(?:\+[A-Z]{3})*")
_DAY = r"-?\d{4}(?:-(?:0[1-9]|1[0-2]|2[1-4])(?:-(?:0[1-9]|[12]\d|3[01]))?)?"
_EDTF = regex.compile(rf"(?:{_DAY}[?~%]?)(?:/(?:{_DAY}[?~%]?|\.\.)?)?|\.\./{_DAY}|\d{{3}}X|\d{{2}}XX")
_ISO_DURATION = regex.compile(r"P(?=\d|T\d)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?")
_LANG = regex.compile(r"[a-z]{2,3}")
logger = logging.getLogger(__name__)


def _fault(
    document: AnnotatedDocument, message: str, offset: int | None = None, path: str | None = None
) -> AnnotationError:
    return AnnotationError(message, path=path, document=document.id, offset=offset)


def _check_value(mention: Mention, value: str) -> str | None:
    if mention.label == "GPE" and not _GPE_VALUE.fullmatch(value):
        return f"{value!r} is no alpha-3 code (KAZ, or KAZ+QAT for a compound)"
    if mention.label == "DATE":
        if not _EDTF.fullmatch(value):
            return f"{value!r} is no EDTF date (2020-10-16, 2020-10, 2020, 2020-03/2020-05)"
        for part in value.replace("?", "").replace("~", "").replace("%", "").split("/"):
            if len(part) == 10 and part[0] != "-":
                try:
                    datetime.date.fromisoformat(part)
                except ValueError:
                    return f"{part!r} is no day of the calendar"
    if mention.label == "DURATION" and not _ISO_DURATION.fullmatch(value):
        return f"{value!r} is no ISO 8601 duration (P5Y, P6M, P30D)"
    return None


def _check_type(value: str, event_types: Collection[str]) -> str | None:
    """Check an event type against the vocabulary's and those that are named besides."""
    known = (*vocabulary.EVENT_TYPES, *event_types)
    if value in known:
        return None
    message = f"type {value!r} is not one of {', '.join(known)}"
    if not vocabulary.is_event_type(value):
        return message
    return f"{message} (name a new one with --event-types of data.validate, or event_types in configs/finetune.yaml)"


def _check_mention(mention: Mention, event_types: Collection[str]) -> Iterator[str]:
    if mention.label not in vocabulary.SPAN_LABELS:
        yield f"unknown label {mention.label!r}: use one of {', '.join(vocabulary.SPAN_LABELS)}"
        return
    for name, value in mention.attributes.items():
        if name == "value":
            if mention.label not in vocabulary.VALUE_STANDARDS:
                yield f"{mention.label} carries no value"
            elif message := _check_value(mention, value):
                yield message
        elif name not in vocabulary.ATTRIBUTES or vocabulary.ATTRIBUTES[name][0] != mention.label:
            yield f"{mention.label} has no attribute {name!r}"
        elif name == "type":
            if message := _check_type(value, event_types):
                yield message
        elif value not in vocabulary.ATTRIBUTES[name][1]:
            yield f"{name} {value!r} is not one of {', '.join(vocabulary.ATTRIBUTES[name][1])}"
    for name, (label, _) in vocabulary.ATTRIBUTES.items():
        if label == mention.label and name not in mention.attributes and name not in vocabulary.OPTIONAL_ATTRIBUTES:
            yield f"{label} {mention.id} needs a {name}"
    if "level" in mention.attributes and mention.attributes.get("type") not in ("ratification", "approval"):
        yield "only a ratification (or approval) has a level: drop it"


def _check_fields(document: AnnotatedDocument, path: str | None) -> Iterator[AnnotationError]:
    if not _LANG.fullmatch(document.lang):
        yield _fault(document, f"lang {document.lang!r} is no ISO 639 code", path=path)
    if document.published is not None:
        try:
            datetime.date.fromisoformat(document.published)
        except ValueError:
            yield _fault(document, f"published {document.published!r} is no date: write YYYY-MM-DD", path=path)
    if document.text and document.sha256 and document.sha256 != text_digest(document.text):
        yield _fault(document, "sha256 does not fit the text: the text was changed after it was annotated", path=path)
    if not document.text and not document.sha256:
        yield _fault(document, "no text and no sha256: a stand-off document needs the digest of its text", path=path)


def _check_span(mention: Mention, text: str, borders: set[int]) -> Iterator[str]:
    """Check a span against its text (an empty text, of a stand-off document, tells only so much)."""
    if not 0 <= mention.start < mention.end or (text and mention.end > len(text)):
        yield f"[{mention.start}, {mention.end}) lies outside the text: the text has {len(text)} characters"
        return
    if not text:
        return
    surface = text[mention.start : mention.end]
    if surface != surface.strip():
        yield f"{surface!r} starts or ends with white space: move the border"
    if not {mention.start, mention.end} <= borders:
        yield f"{surface!r} cuts a grapheme (a letter and its marks): move the border"
    if inside_word(text, mention.start) or inside_word(text, mention.end):
        yield f"{surface!r} cuts a word: take the whole word"


def check_document(
    document: AnnotatedDocument, path: str | None = None, event_types: Collection[str] = ()
) -> Iterator[AnnotationError]:
    """Find the faults inside one document.

    Args:
        document: a document with its text, or a stand-off one without (then the text's checks are left out).
        path: file, for the messages.
        event_types: types that a trigger may have besides the vocabulary's.

    Yields:
        One error a fault, with document and offset; none if it is sound.
    """
    yield from _check_fields(document, path)
    ids: dict[str, Mention] = {}
    borders = {0, *(m.end() for m in _GRAPHEME.finditer(document.text))}
    for mention in document.mentions:
        if mention.id in ids:
            yield _fault(document, f"two mentions have the id {mention.id}: renumber one", mention.start, path)
        ids[mention.id] = mention
        for message in (*_check_span(mention, document.text, borders), *_check_mention(mention, event_types)):
            yield _fault(document, f"{mention.id}: {message}", mention.start, path)
    for label in vocabulary.SPAN_LABELS:
        spans = sorted((m for m in document.mentions if m.label == label), key=lambda m: (m.start, m.end))
        for left, right in itertools.pairwise(spans):
            if right.start < left.end:
                message = f"{left.id} and {right.id} overlap: spans of one label are flat, keep one"
                yield _fault(document, message, right.start, path)
    yield from _check_links(document, ids, path)


def _check_links(document: AnnotatedDocument, ids: dict[str, Mention], path: str | None) -> Iterator[AnnotationError]:
    seen = set()
    for link in document.relations:
        lost = [n for n in (link.head, link.tail) if n not in ids]
        if lost:
            yield _fault(document, f"{link.head} {link.type} {link.tail}: no mention {', '.join(lost)}", path=path)
            continue
        head, tail = ids[link.head], ids[link.tail]
        at = head.start
        if link.type not in vocabulary.RELATION_NAMES:
            known = ", ".join(vocabulary.RELATION_NAMES)
            yield _fault(document, f"unknown relation {link.type!r}: use one of {known}", at, path)
        elif not vocabulary.allowed(link.type, head.label, tail.label):
            fits = "; ".join(f"{r.head} -> {'/'.join(r.tails)}" for r in vocabulary.signatures(link.type))
            message = f"{link.head} {link.type} {link.tail}: {head.label} -> {tail.label} is not allowed ({fits})"
            yield _fault(document, message, at, path)
        if link.head == link.tail:
            yield _fault(document, f"{link.head} {link.type} itself", at, path)
        key = (link.type, link.head, link.tail)
        if key in seen:
            yield _fault(document, f"{link.head} {link.type} {link.tail} is given twice", at, path)
        seen.add(key)
    linked = {link.head for link in document.relations if link.type == "treaty"}
    for mention in document.mentions:
        if mention.label == vocabulary.TRIGGER and mention.id not in linked:
            message = f"trigger {mention.id} has no treaty: link it to the instrument that the step is of"
            yield _fault(document, message, mention.start, path)


def check_corpus(
    documents: Iterable[tuple[str | None, AnnotatedDocument]], event_types: Collection[str] = ()
) -> Iterator[AnnotationError]:
    """Find the faults of a whole corpus: those of each document, and those between documents.

    Args:
        documents: pairs of file name (or None) and document.
        event_types: see `check_document`.

    Yields:
        One error a fault: also an id used twice, a text that occurs twice, a story that lies in two splits.
    """
    ids: Counter[str] = Counter()
    texts: dict[str, str] = {}
    splits: dict[str, tuple[str, str]] = {}
    for path, document in documents:
        yield from check_document(document, path, event_types)
        ids[document.id] += 1
        if ids[document.id] == 2:
            yield _fault(document, "the id is used twice: rename one", path=path)
        digest = document.sha256 or text_digest(document.text)
        if digest in texts:
            yield _fault(document, f"the same text as {texts[digest]}: drop one", path=path)
        texts.setdefault(digest, document.id)
        if document.story and document.split:
            split, other = splits.setdefault(document.story, (document.split, document.id))
            if split != document.split:
                message = f"story {document.story} is in {document.split} here and in {split} ({other}): move one"
                yield _fault(document, message, path=path)


def read_any(path: str | Path) -> list[AnnotatedDocument]:
    """Read annotated documents from a hand-written (`.txt`) or a JSONL file."""
    return markup.parse_file(path) if Path(path).suffix == ".txt" else list(read_documents(path))


def main(arguments: list[str] | None = None) -> int:
    """Run the validator on files; gives the exit code."""
    parser = argparse.ArgumentParser(description="Check annotated documents.")
    parser.add_argument("files", nargs="+", type=Path, help=".txt (hand-written) or .jsonl")
    parser.add_argument(
        "--event-types", metavar="NAME[,NAME]", help="event types of your own, besides those of the vocabulary"
    )
    options = parser.parse_args(arguments)
    try:
        event_types = vocabulary.check_extra_event_types(options.event_types.split(",") if options.event_types else ())
    except InputError as error:
        parser.error(str(error))
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    pairs: list[tuple[str | None, AnnotatedDocument]] = []
    faults: list[AnnotationError] = []
    for path in options.files:
        try:
            pairs += [(str(path), document) for document in read_any(path)]
        except AnnotationError as error:
            faults.append(error)
    faults += check_corpus(pairs, event_types)
    for fault in faults:
        logger.error("%s", fault)
    logger.info("%d documents, %d faults", len(pairs), len(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
