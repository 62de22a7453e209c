"""What the model itself says: strict spans, relations end to end, attributes.

Everything is counted on predicted spans against all gold items, those included that the model could not have listed. A
span is right if offsets and label are exactly right, a relation if both its spans are too.
"""

from __future__ import annotations

import dataclasses
import datetime
import warnings
from collections.abc import Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

import numpy as np

from treaty_events import countries, dates, durations, organisations, vocabulary
from treaty_events.errors import MissingExtraError
from treaty_events.extraction import Extraction, Mention, Relation, clusters

from .intervals import f1_interval

# Start, end and what it is: a mention label, or the event type of a trigger.
Span = tuple[int, int, str]
# Items of one document by name: a label, a relation, an attribute.
Items = Mapping[str, AbstractSet[Hashable]]
MICRO: Final = "micro"


def span_of(mention: Mention) -> Span:
    """Give a mention's bounds and what it is."""
    return mention.start, mention.end, mention.attributes["type"] if mention.is_trigger else mention.label


def _is_flat(span: Span, others: Sequence[Span]) -> bool:
    return all(span[1] <= other[0] or other[1] <= span[0] for other in others)


def _tag(spans: Sequence[Span], borders: Sequence[int]) -> list[str]:
    """Tag the stretches between neighbouring borders; no span overlaps another."""
    place = {border: i for i, border in enumerate(borders)}
    tags = ["O"] * (len(borders) - 1)
    for start, end, name in spans:
        first, stop = place[start], place[end]
        tags[first:stop] = [f"B-{name}", *[f"I-{name}"] * (stop - first - 1)]
    return tags


def tag_sequences(gold: set[Span], predicted: set[Span]) -> tuple[list[list[str]], list[list[str]]]:
    """Write the spans of one label in one document as BIO sequences, gold and predicted over the same units.

    The units are characters, joined where no span begins or ends; so offsets are exact whatever the words are. Spans
    that overlap another one of their own side cannot stand in one sequence: each of them gets a sequence of its own.

    Args:
        gold: spans of one label.
        predicted: spans of that label.

    Returns:
        Gold and predicted sequences.
    """
    apart: set[Span] = set()
    for side in (gold, predicted):
        kept: list[Span] = []
        for span in sorted(side):
            if _is_flat(span, kept[-1:]):
                kept.append(span)
            else:
                apart.add(span)
    rows: tuple[list[list[str]], list[list[str]]] = ([], [])
    borders = sorted({border for span in (gold | predicted) - apart for border in span[:2]})
    if borders:
        for side, row in zip((gold, predicted), rows, strict=True):
            row.append(_tag(sorted(side - apart), borders))
    for span in sorted(apart):
        for spans, row in zip((gold, predicted), rows, strict=True):
            row.append([f"B-{span[2]}" if span in spans else "O"])
    return rows


def seqeval_scores(gold: Sequence[set[Span]], predicted: Sequence[set[Span]]) -> dict[str, dict[str, float]]:
    """Score spans with seqeval (strict mode, IOB2), each label in sequences of its own.

    Args:
        gold: spans of each document.
        predicted: spans of each document, in the same order.

    Returns:
        `precision`, `recall`, `f1` by label that occurs, and `micro`; empty without any span.

    Raises:
        MissingExtraError: seqeval is not installed.
    """
    try:
        from seqeval.metrics import classification_report
        from seqeval.scheme import IOB2
    except ImportError as error:
        raise MissingExtraError("seqeval", "evaluation") from error
    truth: list[list[str]] = []
    guess: list[list[str]] = []
    for g, p in zip(gold, predicted, strict=True):
        for name in sorted({span[2] for span in g | p}):
            rows = tag_sequences({s for s in g if s[2] == name}, {s for s in p if s[2] == name})
            truth += rows[0]
            guess += rows[1]
    if not truth:
        return {}
    with warnings.catch_warnings():
        # Labels that were never predicted are no surprise here.
        warnings.simplefilter("ignore")
        report = classification_report(truth, guess, output_dict=True, mode="strict", scheme=IOB2, zero_division=0)
    rename = {"precision": "precision", "recall": "recall", "f1-score": "f1"}
    return {
        MICRO if name == "micro avg" else name: {new: float(row[old]) for old, new in rename.items()}
        for name, row in report.items()
        if name not in ("macro avg", "weighted avg")
    }


def score_items(
    gold: Sequence[Items], predicted: Sequence[Items], *, intervals: bool = True
) -> dict[str, dict[str, Any]]:
    """Score sets of items by name and over all names.

    Args:
        gold: items of each document.
        predicted: items of each document, in the same order.
        intervals: also draw bootstrap intervals of F1 over the documents.

    Returns:
        `precision`, `recall`, `f1`, `gold`, `predicted` and `interval` by name that occurs, and `micro`.
    """
    names = sorted({name for side in (gold, predicted) for items in side for name, found in items.items() if found})
    rows: dict[str, list[tuple[int, int, int]]] = {}
    for name in names:
        sides = ((g.get(name, set()), p.get(name, set())) for g, p in zip(gold, predicted, strict=True))
        rows[name] = [(len(g & p), len(g), len(p)) for g, p in sides]
    total = np.zeros((len(gold), 3), np.int64)
    for counts in rows.values():
        total += np.asarray(counts)
    rows[MICRO] = [(int(hits), int(g), int(p)) for hits, g, p in total]
    return {name: _score(counts, intervals) for name, counts in rows.items() if any(map(any, counts))}


def _score(rows: Sequence[tuple[int, int, int]], intervals: bool) -> dict[str, Any]:
    hits, gold, predicted = (sum(row[i] for row in rows) for i in range(3))
    score: dict[str, Any] = {
        "precision": hits / predicted if predicted else 0.0,
        "recall": hits / gold if gold else 0.0,
        "f1": 2 * hits / (gold + predicted),
        "gold": gold,
        "predicted": predicted,
    }
    bounds = f1_interval(rows) if intervals else None
    return score if bounds is None else {**score, "interval": list(bounds)}


def span_items(extraction: Extraction, *, triggers: bool) -> Items:
    """Give a text's mentions by label, or its triggers by event type."""
    items: dict[str, set[Hashable]] = {}
    for mention in extraction.mentions:
        if mention.is_trigger == triggers:
            span = span_of(mention)
            items.setdefault(span[2], set()).add(span)
    return items


def score_spans(
    gold: Sequence[Extraction], predicted: Sequence[Extraction], *, triggers: bool, intervals: bool = True
) -> dict[str, dict[str, Any]]:
    """Score mentions by label, or triggers by event type: seqeval's strict figures, with counts and intervals.

    Args:
        gold: of each document.
        predicted: of each document, in the same order.
        triggers: the triggers rather than the mentions.
        intervals: also draw bootstrap intervals.

    Returns:
        As `score_items`.
    """
    sides = [[span_items(e, triggers=triggers) for e in side] for side in (gold, predicted)]
    report = score_items(sides[0], sides[1], intervals=intervals)
    flat: list[list[set[Any]]] = [[set().union(*items.values()) for items in side] for side in sides]
    for name, row in seqeval_scores(flat[0], flat[1]).items():
        report[name] |= row
    return report


def close_same_as(extraction: Extraction) -> Extraction:
    """Complete `same_as` to all pairs of a cluster, later mention to earlier (as training does).

    Annotators link a mention to any earlier one of the same instrument; which one means nothing.
    """
    treaties = [i for i, m in enumerate(extraction.mentions) if m.label == "TREATY"]
    first = clusters(treaties, [(r.head, r.tail) for r in extraction.relations if r.type == "same_as"])
    place = {i: (extraction.mentions[i].start, extraction.mentions[i].end) for i in treaties}
    pairs = tuple(
        Relation("same_as", later, earlier)
        for earlier in treaties
        for later in treaties
        if place[later] > place[earlier] and first[later] == first[earlier]
    )
    others = tuple(r for r in extraction.relations if r.type != "same_as")
    return dataclasses.replace(extraction, relations=others + pairs)


def relation_items(extraction: Extraction) -> Items:
    """Give a text's relations by head label and name, e.g. `TRIGGER.party`, each with its two spans."""
    items: dict[str, set[Hashable]] = {}
    for relation in extraction.relations:
        head, tail = extraction.mentions[relation.head], extraction.mentions[relation.tail]
        ends = span_of(head), span_of(tail)
        if relation.type in vocabulary.SYMMETRIC:
            ends = max(ends), min(ends)
        items.setdefault(f"{head.label}.{relation.type}", set()).add(ends)
    return items


def _attribute_items(extraction: Extraction) -> Items:
    items: dict[str, set[Hashable]] = {}
    for mention in extraction.mentions:
        for name in vocabulary.PREDICTED_ATTRIBUTES:
            value = mention.attributes.get(name)
            if vocabulary.ATTRIBUTES[name][0] == mention.label and value is not None:
                items.setdefault(name, set()).add((mention.start, mention.end, mention.label, value))
    return items


def score_attributes(
    gold: Sequence[Extraction], predicted: Sequence[Extraction], *, intervals: bool = True
) -> dict[str, dict[str, Any]]:
    """Score attributes end to end, and on the spans that were found exactly.

    Args:
        gold: of each document.
        predicted: of each document, in the same order.
        intervals: also draw bootstrap intervals of F1.

    Returns:
        As `score_items`, with `accuracy` over `matched` spans: those found exactly of which either side has a value.
    """
    sides = [[_attribute_items(e) for e in side] for side in (gold, predicted)]
    report = score_items(sides[0], sides[1], intervals=intervals)
    for name in vocabulary.PREDICTED_ATTRIBUTES:
        label = vocabulary.ATTRIBUTES[name][0]
        pairs = [
            (a.attributes.get(name), b.attributes.get(name)) for a, b in _found(gold, predicted) if a.label == label
        ]
        told = [a == b for a, b in pairs if a is not None or b is not None]
        if told:
            report[name] |= {"accuracy": sum(told) / len(told), "matched": len(told)}
    return report


def _found(gold: Sequence[Extraction], predicted: Sequence[Extraction]) -> list[tuple[Mention, Mention]]:
    """Gold mentions that were found exactly, with the mention that was found (of a trigger, whatever its type)."""
    pairs = []
    for g, p in zip(gold, predicted, strict=True):
        by_span = {(m.start, m.end, m.label): m for m in p.mentions}
        pairs += [(m, by_span[m.start, m.end, m.label]) for m in g.mentions if (m.start, m.end, m.label) in by_span]
    return pairs


def _normalise(label: str, surface: str, language: str, published: datetime.date | None) -> str | None:
    if label == "GPE":
        return "+".join(countries.resolve(surface, language)) or None
    if label == "ORG":
        return organisations.resolve(surface, language)
    if label == "DATE":
        parsed = dates.parse(surface, language=language, published=published)
        return None if parsed is None else parsed.edtf
    return durations.parse(surface, language)


def score_values(
    gold: Sequence[Extraction], languages: Sequence[str], published: Sequence[datetime.date | None]
) -> dict[str, dict[str, float]]:
    """Score the tables and grammars that normalise names, dates and durations, on gold mentions.

    Args:
        gold: of each document.
        languages: of each document.
        published: publication date of each document.

    Returns:
        By label: `mentions`, `gold` values, `accuracy` (share of these given exactly) and `wrong` (values given where
        gold has another one or none, as a share of the mentions).
    """
    counts: dict[str, list[int]] = {}
    for extraction, language, date in zip(gold, languages, published, strict=True):
        for mention in extraction.mentions:
            if mention.label not in vocabulary.VALUE_STANDARDS:
                continue
            value = mention.attributes.get("value")
            given = _normalise(mention.label, extraction.surface(mention), language, date)
            row = counts.setdefault(mention.label, [0, 0, 0, 0])
            row[0] += 1
            row[1] += value is not None
            row[2] += value is not None and value == given
            row[3] += given is not None and value != given
    return {
        label: {"mentions": n, "gold": valued, "accuracy": right / valued, "wrong": wrong / n}
        for label, (n, valued, right, wrong) in sorted(counts.items())
        if valued
    }


def score_extractions(
    gold: Sequence[Extraction], predicted: Sequence[Extraction], *, intervals: bool = True
) -> dict[str, dict[str, dict[str, Any]]]:
    """Score everything that the model says of some documents.

    Args:
        gold: of each document.
        predicted: of each document, in the same order.
        intervals: also draw bootstrap intervals.

    Returns:
        `mentions`, `triggers`, `relations`, `relations_closed` (`same_as` completed to whole clusters on both sides)
        and `attributes`, each by name and `micro`; see `score_items`.
    """

    def closed(side: Sequence[Extraction]) -> list[Items]:
        return [relation_items(close_same_as(e)) for e in side]

    return {
        "mentions": score_spans(gold, predicted, triggers=False, intervals=intervals),
        "triggers": score_spans(gold, predicted, triggers=True, intervals=intervals),
        "relations": score_items(
            [relation_items(e) for e in gold], [relation_items(e) for e in predicted], intervals=intervals
        ),
        "relations_closed": score_items(closed(gold), closed(predicted), intervals=intervals),
        "attributes": score_attributes(gold, predicted, intervals=intervals),
    }


def micro_f1(report: Mapping[str, Mapping[str, Any]]) -> float:
    """Give the F1 over all names; 1 where there was nothing to find and nothing was found."""
    return float(report[MICRO]["f1"]) if MICRO in report else 1.0
