"""A spaCy component: `nlp.add_pipe("treaty_events")`, on a pipeline of any language.

Example::

    import spacy

    nlp = spacy.blank("xx")
    nlp.add_pipe("treaty_events")
    for doc, _ in nlp.pipe([(article, {"published": "2025-02-13"})], as_tuples=True):
        for event in doc._.treaty_events:
            print(event.type, event.party_codes)
        for span in doc.spans["treaty_events"]:
            print(span.text, span.label_, doc._.treaty_events[int(span.id_)].status)

What it writes:

- `doc._.treaty_document`: the `Document`, with the exact code points of `doc.text`; None for a doc that was not read.
- `doc._.treaty_events`: its events, a tuple of `TreatyEvent`; empty for a doc that was not read.
- `doc.spans["treaty_events"]`: the words that say an event. A span's label is the event's type, its id (`span.id_`) the
  number of the event in `doc._.treaty_events`.
- `doc.spans["treaty_mentions"]`: all that the model marked (`GPE`, `TREATY`, `TRIGGER`, ...), in text order,
  overlapping.

spaCy's tokens are not the model's: a span has every token that its words touch, and `doc.spans[...].attrs["offsets"]`
holds the exact start and end of each. All of it survives `Doc.to_bytes`, `DocBin` and `nlp.pipe(..., n_process=2)`.

The publication date, without which relative dates stay unresolved, is `doc._.published` where it is set before the
component runs (on a doc from `nlp.make_doc`), else `published` of the context that `nlp.pipe(..., as_tuples=True)`
takes.

The pipeline on disk names the model (`config.cfg`) and holds no weights.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import islice
from typing import Any, Final

from ..errors import InputError, MissingExtraError
from ..extraction import Extraction
from ..extractor import Extractor, Published, parse_published
from ..schema import Document, TreatyEvent

try:
    from spacy.language import Language
    from spacy.tokens import Doc, SpanGroup
    from spacy.util import raise_error
except ImportError as missing:
    raise MissingExtraError("spacy", "spacy") from missing

# Name of the component, of its spans and, in `Doc.user_data`, of its result.
NAME: Final = "treaty_events"
MENTIONS: Final = "treaty_mentions"
_PUBLISHED: Final = "treaty_published"

ErrorHandler = Callable[[str, Any, list[Doc], Exception], Any]


@cache
def _extractor(model: str | None, threads: int | None, least_confidence: float | None, process: int) -> Extractor:
    """Load a model once a process: a runtime that was started before a fork has no threads after it."""
    return Extractor.from_pretrained(model, threads=threads, least_confidence=least_confidence)


@lru_cache(maxsize=256)
def _document(record: str) -> Document:
    return Document.model_validate_json(record)


def read_document(doc: Doc) -> Document | None:
    """Give what was read in a doc (`doc._.treaty_document`), or None if it was not read."""
    record = doc.user_data.get(NAME)
    return None if record is None else _document(record)


def read_events(doc: Doc) -> tuple[TreatyEvent, ...]:
    """Give the events of a doc (`doc._.treaty_events`)."""
    document = read_document(doc)
    return () if document is None else document.events


def get_published(doc: Doc) -> datetime.date | None:
    """Give the publication date that was set on a doc (`doc._.published`)."""
    return parse_published(doc.user_data.get(_PUBLISHED))


def set_published(doc: Doc, value: Published) -> None:
    """Set the publication date of a doc (`doc._.published = "2025-02-13"`).

    Raises:
        InputError: it is no date.
    """
    date = parse_published(value)
    doc.user_data[_PUBLISHED] = None if date is None else date.isoformat()


def _group(doc: Doc, key: str, items: Sequence[tuple[int, int, str, str]]) -> SpanGroup:
    """Put spans (start, end, label, id) on a doc's tokens; their own offsets go into the group's attributes."""
    spans = [
        doc.char_span(start, end, label=label, span_id=name, alignment_mode="expand")
        for start, end, label, name in items
    ]
    # `char_span` gives None for offsets outside the text only.
    return SpanGroup(doc, name=key, spans=spans, attrs={"offsets": [[start, end] for start, end, _, _ in items]})


class TreatyEventsComponent:
    """Reads docs; see the module for what it writes.

    Args:
        name: name of the component in its pipeline.
        model: release directory or name on the hub; None for the weights that ship with the package.
        threads: threads of the runtime; None lets it choose.
        least_confidence: confidence from which on an event is told; None for the release's own choice.
        language: ISO 639-1 code of all texts; None to identify each text's.
        batch_size: docs that are read together at most.

    Raises:
        InputError: the batch size is less than 1.
    """

    def __init__(
        self,
        name: str = NAME,
        *,
        model: str | None = None,
        threads: int | None = None,
        least_confidence: float | None = None,
        language: str | None = None,
        batch_size: int = 32,
    ) -> None:
        if batch_size < 1:
            raise InputError(f"batch_size is {batch_size}: read at least one doc at a time")
        self.name, self.language, self.batch_size = name, language, batch_size
        self.settings = (model, threads, least_confidence)
        self.error_handler: ErrorHandler = raise_error

    @property
    def extractor(self) -> Extractor:
        """The model, loaded when it is first needed."""
        return _extractor(*self.settings, os.getpid())

    def set_error_handler(self, error_handler: ErrorHandler) -> None:
        """Say what becomes of a doc that cannot be read (see spaCy's `Language.set_error_handler`)."""
        self.error_handler = error_handler

    def get_error_handler(self) -> ErrorHandler:
        """Give what `set_error_handler` set; by default errors are raised."""
        return self.error_handler

    def __call__(self, doc: Doc) -> Doc:
        """Read a doc.

        Raises:
            InputError: its publication date is no date.
            ReleaseError: the model is missing or damaged.
        """
        self._read(self.extractor, [doc])
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 32) -> Iterator[Doc]:
        """Read a stream of docs, a batch at a time.

        Args:
            stream: docs.
            batch_size: docs that spaCy buffers; the component's own `batch_size` is the upper limit, since the
                encoder's output of a whole batch is held at once.

        Yields:
            The docs in order, without those that the error handler swallowed.
        """
        # Outside the error handler: a missing model is no doc's fault.
        extractor = self.extractor
        waiting = iter(stream)
        while docs := list(islice(waiting, min(batch_size, self.batch_size))):
            try:
                self._read(extractor, docs)
            except Exception:
                # One bad doc must not take its neighbours along: read them one by one.
                for doc in docs:
                    try:
                        self._read(extractor, [doc])
                    except Exception as error:
                        self.error_handler(self.name, self, [doc], error)
                    else:
                        yield doc
            else:
                yield from docs

    def _read(self, extractor: Extractor, docs: Sequence[Doc]) -> None:
        dates = [self._published(doc) for doc in docs]
        # `Extractor.documents` in two steps, for the mentions.
        extractions = extractor.extract([doc.text for doc in docs])
        for doc, extraction, date in zip(docs, extractions, dates, strict=True):
            self._write(doc, extraction, extractor.assemble(extraction, self.language, date))

    def _published(self, doc: Doc) -> datetime.date | None:
        published: Published = doc._.published
        context = getattr(doc, "_context", None)
        if published is None and isinstance(context, Mapping):
            published = context.get("published")
        return parse_published(published)

    def _write(self, doc: Doc, extraction: Extraction, document: Document) -> None:
        doc.user_data[NAME] = document.model_dump_json()
        triggers = [
            (words.start, words.end, event.type, str(number))
            for number, event in enumerate(document.events)
            for words in event.mentions
        ]
        doc.spans[NAME] = _group(doc, NAME, triggers)
        mentions = [(mention.start, mention.end, mention.label, "") for mention in extraction.mentions]
        doc.spans[MENTIONS] = _group(doc, MENTIONS, mentions)


def create(
    nlp: Language,
    name: str,
    model: str | None,
    threads: int | None,
    least_confidence: float | None,
    language: str | None,
    batch_size: int,
) -> TreatyEventsComponent:
    """Make the component: the factory that `nlp.add_pipe("treaty_events", config={...})` calls.

    Args:
        nlp: the pipeline.
        name: name of the component in it.
        model: see `TreatyEventsComponent`, as for the others.
        threads: threads of the runtime.
        least_confidence: confidence from which on an event is told.
        language: ISO 639-1 code of all texts; the pipeline's own language is not taken for it.
        batch_size: docs that are read together at most.
    """
    return TreatyEventsComponent(
        name,
        model=model,
        threads=threads,
        least_confidence=least_confidence,
        language=language,
        batch_size=batch_size,
    )


Language.factory(
    NAME,
    default_config={
        "model": None,
        "threads": None,
        "least_confidence": None,
        "language": None,
        "batch_size": 32,
    },
    assigns=["doc.spans", "doc._.treaty_document", "doc._.treaty_events"],
    func=create,
)
# Forced, since a module may be loaded twice.
Doc.set_extension("treaty_document", getter=read_document, force=True)
Doc.set_extension("treaty_events", getter=read_events, force=True)
# The name is a common one: whoever has it already keeps it, and what is set there is read.
if not Doc.has_extension("published"):
    Doc.set_extension("published", getter=get_published, setter=set_published)
