"""From annotated documents to training examples: windows of tokens with tags, spans and relations.

An example holds NumPy arrays only, so that it can be made once and kept. Heads that a data set does not know are
`IGNORED` (auxiliary sets label some mentions and nothing else).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from data.documents import AnnotatedDocument, Link, Mention
from treaty_events import vocabulary
from treaty_events.decoding import BASE, Layout
from treaty_events.errors import AnnotationError
from treaty_events.extraction import clusters
from treaty_events.windows import TokenizedText, Window, tokenize, windows

from .model import IGNORED

_SIGNATURE_INDEX = {(r.name, r.head, tail): i for i, r in enumerate(vocabulary.RELATIONS) for tail in r.tails}
EVERYTHING = frozenset((*vocabulary.SPAN_LABELS, "attributes", "relations"))


@dataclasses.dataclass(slots=True)
class Example:
    """One window.

    Attributes:
        ids: token ids without special ones, shape (tokens,).
        joined: whether a token continues a word, shape (tokens,).
        tags: gold tag of each head, shape (tokens, heads).
        bounds: gold spans by token, shape (spans, 2).
        types: index in `decoding.Layout.span_types`, shape (spans,).
        attributes: gold classes, shape (spans, attributes); `IGNORED` where none applies.
        relations: head span, tail span, signature, shape (relations, 3).
        linked: whether relations and attributes of this window count.
        lang: language, for sampling.
        document: id of the document.
    """

    ids: NDArray[np.int64]
    joined: NDArray[np.bool_]
    tags: NDArray[np.int64]
    bounds: NDArray[np.int64]
    types: NDArray[np.int64]
    attributes: NDArray[np.int64]
    relations: NDArray[np.int64]
    linked: bool
    lang: str
    document: str


def _span_type(mention: Mention, layout: Layout, document: AnnotatedDocument) -> int:
    name = mention.attributes["type"] if mention.label == vocabulary.TRIGGER else mention.label
    if name not in layout.span_types:
        message = f"the model has no event type {name!r}: name it in event_types, in the YAML file of the run"
        raise AnnotationError(message, document=document.id, offset=mention.start)
    return layout.span_types.index(name)


def _attribute_row(mention: Mention) -> list[int]:
    row = []
    for name in vocabulary.PREDICTED_ATTRIBUTES:
        label, values = vocabulary.ATTRIBUTES[name]
        value = mention.attributes.get(name)
        if label != mention.label:
            row.append(IGNORED)
        elif value is not None:
            row.append(values.index(value))
        else:
            row.append(len(values) if name in vocabulary.OPTIONAL_ATTRIBUTES else IGNORED)
    return row


def _window_example(
    document: AnnotatedDocument, text: TokenizedText, window: Window, known: Collection[str], layout: Layout
) -> Example:
    length = window.end - window.start
    tags = np.zeros((length, len(layout.heads)), np.int64)
    spans: dict[str, tuple[int, int, int]] = {}
    for h, head in enumerate(layout.heads):
        if head.label not in known:
            tags[:, h] = IGNORED
    for mention in document.mentions:
        found = text.within(mention.start, mention.end)
        if found is None:
            continue
        kind = _span_type(mention, layout, document)
        h = vocabulary.SPAN_LABELS.index(mention.label)
        begin = 1 + 2 * layout.heads[h].types.index(kind)
        first, stop = max(found[0], window.start) - window.start, min(found[1], window.end) - window.start
        if first >= stop or mention.label not in known:
            continue
        tags[first:stop, h] = begin + 1
        if found[0] >= window.start:
            tags[first, h] = begin
        if found[0] >= window.start and found[1] <= window.end:
            spans[mention.id] = (first, stop, kind)
    order = {name: i for i, name in enumerate(spans)}
    by_id = {m.id: m for m in document.mentions}
    relations = []
    for link in document.relations:
        if link.head in order and link.tail in order:
            signature = _SIGNATURE_INDEX[link.type, by_id[link.head].label, by_id[link.tail].label]
            relations.append((order[link.head], order[link.tail], signature))
    return Example(
        ids=text.ids[window.start : window.end],
        joined=text.joined[window.start : window.end],
        tags=tags,
        bounds=np.array([s[:2] for s in spans.values()], np.int64).reshape(-1, 2),
        types=np.array([s[2] for s in spans.values()], np.int64),
        attributes=np.array([_attribute_row(by_id[n]) for n in spans], np.int64).reshape(
            -1, len(vocabulary.PREDICTED_ATTRIBUTES)
        ),
        relations=np.array(relations, np.int64).reshape(-1, 3),
        linked="relations" in known,
        lang=document.lang,
        document=document.id,
    )


def close_same_as(document: AnnotatedDocument) -> AnnotatedDocument:
    """Complete `same_as` to all pairs of a cluster, later mention to earlier.

    Annotators link a mention to any earlier one; which one is of no meaning, so the model is taught all of them.
    """
    place = {m.id: (m.start, m.end) for m in document.mentions}
    treaties = [m.id for m in document.mentions if m.label == "TREATY"]
    first = clusters(treaties, [(x.head, x.tail) for x in document.relations if x.type == "same_as"])
    pairs = [
        Link("same_as", later, earlier)
        for earlier in treaties
        for later in treaties
        if place[later] > place[earlier] and first[later] == first[earlier]
    ]
    others = [link for link in document.relations if link.type != "same_as"]
    return dataclasses.replace(document, relations=others + pairs)


def make_examples(
    documents: Iterable[AnnotatedDocument],
    tokenizer: Tokenizer,
    *,
    window: int,
    overlap: int,
    known: Collection[str] = EVERYTHING,
    layout: Layout = BASE,
) -> list[Example]:
    """Cut documents into training examples.

    Args:
        documents: with text and offsets.
        tokenizer: the model's.
        window: tokens of a window.
        overlap: tokens that neighbours share.
        known: labels that the documents annotate, and `relations` if their links count.
        layout: the model's. The base layout's numbers are the same in all others.

    Returns:
        Windows in order, all tokens covered.

    Raises:
        AnnotationError: an event type is not in the layout; says where and what to do.
    """
    documents = [close_same_as(document) for document in documents]
    texts = tokenize(tokenizer, [d.text for d in documents])
    return [
        _window_example(document, text, piece, known, layout)
        for document, text in zip(documents, texts, strict=True)
        for piece in windows(len(text), window, overlap)
    ]
