"""spaCy's DocBin: one file with a `Doc` for each document.

- `doc.spans[LABEL]`: the mentions of a label; `span.label_` is the label too, `span.id_` the mention's name.
- `doc.user_data["treaty_events"]`: `attributes` (by mention's name), `relations` (`type`, `head`, `tail`) and `fields`
  (the document's own, `id` and `lang` among them).

Tokens are those of spaCy's language-independent tokeniser, cut further wherever a mention begins or ends, so every
mention is a span of whole tokens and `doc.text` is the text, character by character. `doc.ents` stays empty: mentions
overlap. Where a user has added, moved or removed spans, the spans count.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from treaty_events.annotation import AnnotatedDocument, Link, Mention
from treaty_events.errors import AnnotationError, MissingExtraError

from . import record

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

FILE: Final = "documents.spacy"
KEY: Final = "treaty_events"


def _library() -> Any:
    try:
        import spacy
        import spacy.tokens
    except ImportError as error:
        raise MissingExtraError("spacy", "spacy") from error
    return spacy


def _words(document: AnnotatedDocument, language: Language) -> tuple[list[str], list[bool]]:
    """Cut a text into tokens, and tell of each whether a space follows that is no token of its own."""
    text = document.text
    starts, ends = {m.start for m in document.mentions}, {m.end for m in document.mentions}
    borders = {0, len(text), *starts, *ends}
    for token in language.tokenizer(text):
        borders |= {token.idx, token.idx + len(token), token.idx + len(token.text_with_ws)}
    ordered = sorted(borders)
    words: list[str] = []
    spaces: list[bool] = []
    for start, end in pairwise(ordered):
        # A mention that begins or ends with a space needs it as a token.
        inside = start in starts or end in ends
        if text[start:end] == " " and words and not spaces[-1] and not inside:
            spaces[-1] = True
        else:
            words.append(text[start:end])
            spaces.append(False)
    return words, spaces


def _doc(document: AnnotatedDocument, language: Language) -> Doc:
    words, spaces = _words(document, language)
    doc: Doc = _library().tokens.Doc(language.vocab, words=words, spaces=spaces)
    groups: dict[str, list[Any]] = {}
    for mention in document.mentions:
        span = doc.char_span(mention.start, mention.end, label=mention.label, span_id=mention.id)
        groups.setdefault(mention.label, []).append(span)
    for label, spans in groups.items():
        doc.spans[label] = spans
    doc.user_data[KEY] = {
        "fields": record.fields(document),
        "attributes": {m.id: m.attributes for m in document.mentions if m.attributes},
        "relations": [dataclasses.asdict(link) for link in document.relations],
    }
    return doc


def write(documents: Sequence[AnnotatedDocument]) -> dict[str, bytes]:
    """Write one DocBin, with the docs' user data.

    Raises:
        MissingExtraError: spaCy is not installed.
    """
    language = _library().blank("xx")
    docs = (_doc(document, language) for document in documents)
    return {FILE: _library().tokens.DocBin(docs=docs, store_user_data=True).to_bytes()}


def _document(doc: Doc, where: str) -> AnnotatedDocument:
    """Take a document out of a `Doc`; one that this module did not write has spans only."""
    known = doc.user_data.get(KEY) or {}
    attributes = known.get("attributes", {})
    mentions = [
        Mention(span.id_, span.label_ or group, span.start_char, span.end_char, dict(attributes.get(span.id_, {})))
        for group, spans in doc.spans.items()
        for span in spans
    ]
    # A relation goes with the spans that it joins; a new span must not inherit it with the name.
    names = {m.id for m in mentions}
    relations = [Link(**r) for r in known.get("relations", []) if {r["head"], r["tail"]} <= names]
    record.name_mentions(mentions)
    return record.build({"id": where, **known.get("fields", {})}, doc.text, mentions, relations, where)


def read(files: Mapping[str, bytes]) -> list[AnnotatedDocument]:
    """Read DocBin files (`.spacy`): span groups, and what `write` put into the docs' user data.

    Raises:
        AnnotationError: a file is no DocBin.
        MissingExtraError: spaCy is not installed.
    """
    library = _library()
    vocabulary = library.blank("xx").vocab
    documents = []
    for name in [n for n in files if n.endswith(".spacy")]:
        try:
            docs = library.tokens.DocBin().from_bytes(files[name]).get_docs(vocabulary)
            documents += [_document(doc, f"{name}, doc {i}") for i, doc in enumerate(docs)]
        except AnnotationError:
            raise
        # spaCy, its decompression and its decoder raise whatever they stumble over.
        except Exception as error:
            raise AnnotationError(f"not a DocBin of spaCy: {error!r}", path=name) from error
    return documents
