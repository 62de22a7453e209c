"""What each part of the model is worth: `python -m evaluation.ablation --data data/corpus/test.jsonl`.

Reads texts with a release and replaces one part of what it says, by a baseline that knows nothing or by gold, the rest
staying the model's. A baseline shows what the part adds, gold what it costs: the next points are to be had there.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from data.documents import AnnotatedDocument, read_documents
from treaty_events import vocabulary
from treaty_events.decoding import Layout, Spans
from treaty_events.errors import InputError, TreatyEventsError
from treaty_events.extraction import Extraction, Mention, Relation
from treaty_events.files import write_json
from treaty_events.reader import EncodedText, Reader
from treaty_events.release import file_digest

from .events import score_events
from .gold import event_record, gold_document, gold_extraction
from .spans import MICRO, close_same_as, relation_items, score_items, score_spans
from .subjects import ReleasedSubject, Subject, TorchSubject, open_subject

# Tails of a head that the nearest-mention baseline takes, by relation; one where it is not named.
_NEAREST: Final = {"party": 2}
# Characters between a head and the farthest mention that the baseline links it to.
_REACH: Final = 200
# Relations between treaties have no nearest-mention baseline: most instruments have none.
_NO_BASELINE: Final = frozenset(r.name for r in vocabulary.RELATIONS if r.head == "TREATY" and "TREATY" in r.tails)
FIGURES: Final = ("mention_f1", "trigger_f1", "relation_f1", "event_f1", "strict_f1", "slot_f1")

SpanChoice = Callable[[Spans, Spans], Spans]
Change = Callable[[AnnotatedDocument, Extraction], Extraction]


def gold_spans(document: AnnotatedDocument, encoded: EncodedText, layout: Layout) -> Spans:
    """Give a document's gold spans over the model's tokens, in the order that the reader gives its own.

    Raises:
        InputError: a trigger has a type that the model does not know.
    """
    found = []
    for mention in document.mentions:
        bounds = encoded.tokens.within(mention.start, mention.end)
        kind = mention.attributes["type"] if mention.label == vocabulary.TRIGGER else mention.label
        if kind not in layout.span_types:
            raise InputError(f"{document.id}: the model does not know events of type {kind!r}")
        if bounds is not None:
            found.append((*bounds, layout.span_types.index(kind)))
    rows = np.array(sorted(set(found), key=lambda r: (r[0], -r[1], r[2])), np.int64).reshape(-1, 3)
    return Spans(rows[:, :2], rows[:, 2], np.ones(len(rows), np.float32))


def replace_spans(own: Spans, gold: Spans, labels: Iterable[str], layout: Layout) -> Spans:
    """Take the spans of some labels from gold and the others from the model."""
    wanted = set(labels)

    def of(spans: Spans) -> NDArray[np.bool_]:
        names = (layout.span_types[t] for t in spans.types)
        return np.array([(n if n in vocabulary.MENTION_LABELS else vocabulary.TRIGGER) in wanted for n in names], bool)

    kept, taken = own.take(~of(own)), gold.take(of(gold))
    bounds = np.concatenate([kept.bounds, taken.bounds])
    types = np.concatenate([kept.types, taken.types])
    order = np.lexsort((types, -bounds[:, 1], bounds[:, 0]))
    return Spans(bounds, types, np.concatenate([kept.scores, taken.scores])).take(order)


def _gap(a: Mention, b: Mention) -> int:
    return max(0, b.start - a.end, a.start - b.end)


def nearest_mentions(extraction: Extraction) -> Extraction:
    """Replace all relations by links to the nearest mentions of the right label."""

    def links() -> Iterator[Relation]:
        for relation in vocabulary.RELATIONS:
            if relation.name in _NO_BASELINE:
                continue
            tails = [i for i, m in enumerate(extraction.mentions) if m.label in relation.tails]
            for head, mention in enumerate(extraction.mentions):
                if mention.label != relation.head:
                    continue
                near = sorted((_gap(mention, extraction.mentions[t]), t) for t in tails if t != head)
                for gap, tail in near[: _NEAREST.get(relation.name, 1)]:
                    if gap <= _REACH:
                        yield Relation(relation.name, head, tail)

    return dataclasses.replace(extraction, relations=tuple(links()))


def usual_attributes(documents: Sequence[AnnotatedDocument]) -> Change:
    """Give a change that sets every attribute to its most frequent value among these documents' gold."""
    counts: dict[tuple[str, str], Counter[str | None]] = {}
    for document in documents:
        for mention in document.mentions:
            for name in vocabulary.PREDICTED_ATTRIBUTES:
                if vocabulary.ATTRIBUTES[name][0] == mention.label:
                    counts.setdefault((mention.label, name), Counter())[mention.attributes.get(name)] += 1
    usual = {key: values.most_common(1)[0][0] for key, values in counts.items()}

    def change(_: AnnotatedDocument, extraction: Extraction) -> Extraction:
        mentions = []
        for mention in extraction.mentions:
            own = {k: v for k, v in mention.attributes.items() if k not in vocabulary.PREDICTED_ATTRIBUTES}
            own |= {name: value for (label, name), value in usual.items() if label == mention.label and value}
            mentions.append(dataclasses.replace(mention, attributes=own, scores={}))
        return dataclasses.replace(extraction, mentions=tuple(mentions))

    return change


def _matches(gold: Extraction, extraction: Extraction) -> list[list[int]]:
    """For each gold mention the model's mentions of its label that overlap it."""
    return [
        [
            i
            for i, own in enumerate(extraction.mentions)
            if own.label == mention.label and own.start < mention.end and mention.start < own.end
        ]
        for mention in gold.mentions
    ]


def gold_relations(document: AnnotatedDocument, extraction: Extraction) -> Extraction:
    """Take the relations from gold, between the model's own mentions that overlap gold ones."""
    gold = gold_extraction(document)
    found = _matches(gold, extraction)
    links = {(r.type, head, tail) for r in gold.relations for head in found[r.head] for tail in found[r.tail]}
    return dataclasses.replace(extraction, relations=tuple(Relation(*link) for link in sorted(links)))


def gold_attributes(document: AnnotatedDocument, extraction: Extraction) -> Extraction:
    """Take event types and attributes from gold for the model's own mentions that overlap gold ones; no values."""
    gold = gold_extraction(document)
    mentions = list(extraction.mentions)
    for mention, found in zip(reversed(gold.mentions), reversed(_matches(gold, extraction)), strict=True):
        attributes = {k: v for k, v in mention.attributes.items() if k != "value"}
        for i in found:
            mentions[i] = dataclasses.replace(mentions[i], attributes=attributes, scores={})
    return dataclasses.replace(extraction, mentions=tuple(mentions))


def _unchanged(_: AnnotatedDocument, extraction: Extraction) -> Extraction:
    return extraction


class Ablation:
    """Reads documents once and scores what comes of them under changes.

    Args:
        subject: the model.
        documents: annotated, with text.
    """

    def __init__(self, subject: Subject, documents: Sequence[AnnotatedDocument]) -> None:
        self.subject, self.documents = subject, documents
        self.gold = [gold_extraction(d) for d in documents]
        self.events = [gold_document(d) for d in documents]
        self.reader: Reader = _reader(subject)
        self.encoded = self.reader.encode([d.text for d in documents])

    def _extract(self, labels: Iterable[str], change: Change) -> list[Extraction]:
        layout = self.reader.layout
        wanted = tuple(labels)
        extractions = []
        for document, encoded in zip(self.documents, self.encoded, strict=True):
            spans = self.reader.find(encoded)
            if wanted:
                spans = replace_spans(spans, gold_spans(document, encoded, layout), wanted, layout)
            extractions.append(change(document, self.reader.link(encoded, spans)))
        return extractions

    def score(self, labels: Iterable[str] = (), change: Change = _unchanged, *, judged: bool = False) -> dict[str, Any]:
        """Score a variant.

        Args:
            labels: whose spans are gold.
            change: what is done to each extraction.
            judged: let the release's judges choose parties and events; they know the model's own scores only.

        Returns:
            The `FIGURES`, each `{"f1", "interval"}`, and `false_per_negative`.
        """
        extractions = self._extract(labels, change)
        subject = self.subject if judged else _without_judges(self.subject)
        events = [
            [event_record(e) for e in subject.events(x, d.published)]
            for d, x in zip(self.events, extractions, strict=True)
        ]
        told = score_events([d.events for d in self.events], events)["all"]
        relations = [[relation_items(close_same_as(e)) for e in side] for side in (self.gold, extractions)]
        rows = {
            "mention_f1": score_spans(self.gold, extractions, triggers=False).get(MICRO, {}),
            "trigger_f1": score_spans(self.gold, extractions, triggers=True).get(MICRO, {}),
            "relation_f1": score_items(relations[0], relations[1]).get(MICRO, {}),
        }
        figures: dict[str, Any] = {
            name: {"f1": row.get("f1"), "interval": row.get("interval")} for name, row in rows.items()
        }
        for name in ("event_f1", "strict_f1", "slot_f1"):
            figures[name] = {"f1": told[name], "interval": told.get("intervals", {}).get(name)}
        return figures | {"false_per_negative": told["false_per_negative"]}

    def run(self) -> dict[str, dict[str, Any]]:
        """Score all variants, by name."""
        trigger, treaty = vocabulary.TRIGGER, "TREATY"
        return {
            "as it is": self.score(judged=True),
            "without judges (and so all below)": self.score(),
            "nearest mentions instead of relations": self.score(change=lambda _, e: nearest_mentions(e)),
            "most frequent attributes": self.score(change=usual_attributes(self.documents)),
            "gold treaty mentions": self.score((treaty,)),
            "gold triggers": self.score((trigger,)),
            "gold triggers and treaty mentions": self.score((trigger, treaty)),
            "gold spans": self.score(vocabulary.SPAN_LABELS),
            "gold relations": self.score(change=gold_relations),
            "gold event types and attributes": self.score(change=gold_attributes),
            "gold spans, relations, attributes": self.score(
                vocabulary.SPAN_LABELS, lambda d, e: gold_relations(d, gold_attributes(d, e))
            ),
        }


def _without_judges(subject: Subject) -> Subject:
    if not isinstance(subject, ReleasedSubject) or subject.extractor.judges is None:
        return subject
    plain = copy.copy(subject.extractor)
    # Their least confidence means nothing for an event's own score.
    plain.judges, plain.least = None, 0.0
    return ReleasedSubject(plain)


def _reader(subject: Subject) -> Reader:
    if isinstance(subject, ReleasedSubject):
        return subject.extractor.reader
    if isinstance(subject, TorchSubject):
        return subject.reader
    raise InputError("an ablation needs a model, not predictions")


def variants_table(figures: dict[str, dict[str, Any]]) -> str:
    """Write the figures as a Markdown table."""
    lines = ["| variant | " + " | ".join(name.replace("_f1", " F1") for name in FIGURES) + " |"]
    lines.append("|:--|" + "--:|" * len(FIGURES))
    for name, row in figures.items():
        cells = []
        for figure in FIGURES:
            value, bounds = row[figure]["f1"], row[figure]["interval"]
            around = f" ({bounds[0]:.3f}–{bounds[1]:.3f})" if bounds else ""
            cells.append("–" if value is None else f"{value:.3f}{around}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.ablation", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="annotated documents, JSONL")
    parser.add_argument("--model", type=Path, help="release or trained model directory (default: the shipped weights)")
    parser.add_argument("--threads", type=int, help="threads of the runtime")
    parser.add_argument("--output", type=Path, help="JSON file for the figures")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    try:
        documents = [d for d in read_documents(options.data) if d.text]
        if not documents:
            raise InputError(f"{options.data} holds no document with text")
        subject = open_subject(options.model, options.threads)
        figures = Ablation(subject, documents).run()
    except TreatyEventsError as error:
        logging.getLogger(__name__).error("%s", error)
        return 2
    if options.output:
        record = {
            "model": subject.info.model_dump(),
            "file": str(options.data),
            "sha256": file_digest(options.data),
            "documents": len(documents),
            "variants": figures,
        }
        write_json(options.output, record)
    sys.stdout.write(variants_table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
