"""Calibration on the development split: `python -m training.calibrate runs/first/model --data data/corpus/dev.jsonl`.

Chooses how ready each tag head is to find a span (the trigger head by the events that come of it), each relation's
threshold (those of parties and instruments by the events too), and how an event's raw score becomes a probability;
writes them into the model's configuration. Weights do not change. The texts are encoded once.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.documents import AnnotatedDocument, read_documents
from treaty_events import TreatyEventsError, decoding, vocabulary
from treaty_events.assembly import assemble
from treaty_events.extraction import Extraction
from treaty_events.files import write_json
from treaty_events.reader import EncodedText, Reader

from .backend import reader_of
from .release import load_trained

# Steps of each head's bias that are tried, and the thresholds.
_OUTSIDE = np.arange(-2.0, 5.01, 0.25)
_LEAST = np.round(np.arange(0.0, 0.85, 0.05), 2)
_THRESHOLDS = np.arange(0.1, 0.91, 0.05)
# A setting leaves the middle only if it gains this much: the development split is small.
_LEAST_GAIN = 0.003
# Biases of the trigger head that are tried on the events: what is best for its spans finds too few events.
_TRIGGER_OUTSIDE = (0.0, 1.0, 2.0, 3.0, 4.0)
# Relations whose thresholds are set by the events too, and the thresholds that are tried. An event's parties and
# instrument come together from several mentions: weak links are worth more to them than the relations' own F1 says.
_DECISIVE = ("party", "treaty")
_EVENT_THRESHOLDS = (0.15, 0.25, 0.35, 0.5, 0.65)
# What a false event in each event-free text costs, in F1.
_ALARM = 0.1
_LEAST_GOLD = 20
logger = logging.getLogger(__name__)


def f1(hits: int, gold: int, found: int) -> float:
    """F1 from counts; 0 without any."""
    return 2 * hits / (gold + found) if gold + found else 0.0


def _best(values: NDArray[np.float64], scores: Sequence[float], middle: float) -> float:
    """The value with the best score; `middle` unless that gains enough; the nearest to it of equals."""
    base = scores[int(np.abs(values - middle).argmin())]
    order = sorted(range(len(values)), key=lambda i: (-scores[i], abs(values[i] - middle)))
    return float(values[order[0]]) if scores[order[0]] - base >= _LEAST_GAIN else middle


def choose_outside(
    encoded: Sequence[EncodedText], documents: Sequence[AnnotatedDocument], layout: decoding.Layout
) -> list[float]:
    """Choose each tag head's bias on `O` for the best strict span F1."""
    chosen = []
    for h, head in enumerate(layout.heads):
        gold = [
            {(m.start, m.end, m.attributes.get("type")) for m in d.mentions if m.label == head.label} for d in documents
        ]
        scores = []
        for value in _OUTSIDE:
            outside = np.full(len(layout.heads), 50.0, np.float32)
            outside[h] = value
            hits = found = 0
            for text, wanted in zip(encoded, gold, strict=True):
                spans = decoding.decode_tags(text.tags, text.tokens.joined, layout, outside)
                starts, ends = text.tokens.characters(spans.bounds)
                names = [layout.span_types[t] if head.label == vocabulary.TRIGGER else None for t in spans.types]
                got = {(int(s), int(e), n) for s, e, n in zip(starts, ends, names, strict=True)}
                hits, found = hits + len(got & wanted), found + len(got)
            scores.append(f1(hits, sum(map(len, gold)), found))
        chosen.append(_best(_OUTSIDE, scores, 0.0))
        logger.info("%s: outside %+.2f, F1 %.3f", head.label, chosen[-1], max(scores))
    return chosen


def _gold_links(document: AnnotatedDocument) -> set[tuple[int, int, int, int, int]]:
    """Gold relations of a document: signature and the bounds of both mentions, `same_as` over whole clusters."""
    from .examples import close_same_as

    by_id = {m.id: m for m in document.mentions}
    links = set()
    for link in close_same_as(document).relations:
        head, tail = by_id[link.head], by_id[link.tail]
        signature = next(
            i
            for i, r in enumerate(vocabulary.RELATIONS)
            if r.name == link.type and r.head == head.label and tail.label in r.tails
        )
        links.add((signature, head.start, head.end, tail.start, tail.end))
    return links


def choose_thresholds(
    reader: Reader, encoded: Sequence[EncodedText], documents: Sequence[AnnotatedDocument]
) -> list[float]:
    """Choose each relation signature's threshold for the best end-to-end F1 on the spans that the model finds."""
    reader.config["thresholds"] = [float(_THRESHOLDS[0])] * len(vocabulary.RELATIONS)
    extractions = [reader.link(text) for text in encoded]
    gold = [_gold_links(d) for d in documents]
    chosen = []
    for signature, relation in enumerate(vocabulary.RELATIONS):
        scored: list[tuple[float, bool]] = []
        for extraction, wanted in zip(extractions, gold, strict=True):
            for link in extraction.relations:
                head, tail = extraction.mentions[link.head], extraction.mentions[link.tail]
                if link.type == relation.name and head.label == relation.head and tail.label in relation.tails:
                    place = (signature, head.start, head.end, tail.start, tail.end)
                    scored.append((link.score, place in wanted))
        total = sum(1 for wanted in gold for link in wanted if link[0] == signature)
        scores = [
            f1(sum(right for s, right in scored if s >= t), total, sum(s >= t for s, _ in scored)) for t in _THRESHOLDS
        ]
        chosen.append(_best(_THRESHOLDS, scores, 0.5) if total >= _LEAST_GOLD else 0.5)
        logger.info("%s -> %s: threshold %.2f, F1 %.3f", relation.head, relation.name, chosen[-1], max(scores))
    return chosen


def fit_confidence(scores: Sequence[float], right: Sequence[bool], steps: int = 200) -> tuple[float, float]:
    """Fit slope and intercept on the log-odds of raw scores (Platt scaling, Newton's method, a little ridge).

    Args:
        scores: raw scores, 0 to 1.
        right: whether each event was right.
        steps: of the fit, at most.

    Returns:
        Slope and intercept; (1, 0) when there are too few events to fit.
    """
    if len(scores) < _LEAST_GOLD or len(set(right)) < 2:
        return 1.0, 0.0
    p = np.clip(np.asarray(scores, float), 1e-3, 1 - 1e-3)
    x = np.stack([np.log(p / (1 - p)), np.ones(len(p))], axis=1)
    y = np.asarray(right, float)
    ridge, prior = 1e-2, np.array([1.0, 0.0])

    def loss(w: NDArray[np.float64]) -> float:
        z = x @ w
        return float((np.logaddexp(0, z) - y * z).sum() + ridge / 2 * ((w - prior) ** 2).sum())

    weights = prior
    for _ in range(steps):
        q = 1 / (1 + np.exp(-np.clip(x @ weights, -50, 50)))
        gradient = x.T @ (q - y) + ridge * (weights - prior)
        change = np.linalg.solve((x * (q * (1 - q))[:, None]).T @ x + ridge * np.eye(2), gradient)
        # Newton's full step may overshoot: shorten it until the loss falls.
        while loss(weights - change) > loss(weights) and np.abs(change).max() > 1e-9:
            change = change / 2
        weights = weights - change
        if np.abs(change).max() < 1e-8:
            break
    return float(weights[0]), float(weights[1])


def confidence_samples(
    extractions: Sequence[Extraction], documents: Sequence[AnnotatedDocument]
) -> tuple[list[float], list[bool]]:
    """Raw scores of the events that are found, and whether each is one of the gold events."""
    from evaluation.events import match
    from evaluation.gold import event_record, gold_document, publication_date

    scores: list[float] = []
    right: list[bool] = []
    for extraction, document in zip(extractions, documents, strict=True):
        events = assemble(extraction, document.lang, publication_date(document.published))
        matched = {j for _, j in match(gold_document(document).events, [event_record(e) for e in events])}
        scores += [e.confidence for e in events]
        right += [j in matched for j in range(len(events))]
    return scores, right


def choose_least(
    extractions: Sequence[Extraction], documents: Sequence[AnnotatedDocument], confidence: tuple[float, float]
) -> tuple[float, float]:
    """Choose the confidence from which on events are told.

    Best mean of event F1 and slot F1, less `_ALARM` times the false events told of a text that has none: most news is
    free of treaty events, most of the development split is not.

    Returns:
        The confidence, and what it scores.
    """
    from evaluation.events import score_events
    from evaluation.gold import event_record, gold_document, publication_date

    gold = [gold_document(d).events for d in documents]
    events = [
        assemble(e, d.lang, publication_date(d.published), confidence)
        for e, d in zip(extractions, documents, strict=True)
    ]
    best, most = 0.0, -1.0
    for least in _LEAST:
        told = [[event_record(e) for e in found if e.confidence >= least] for found in events]
        figures = score_events(gold, told, intervals=False)["all"]
        alarms = figures["false_per_negative"] or 0.0
        score = (figures["event_f1"] + figures["slot_f1"]) / 2 - _ALARM * alarms
        logger.info(
            "least confidence %.2f: event F1 %.3f, slot F1 %.3f, false events an event-free text %.2f",
            least,
            figures["event_f1"],
            figures["slot_f1"],
            alarms,
        )
        if score > most:
            best, most = float(least), score
    return best, most


def _choose_events(
    reader: Reader, encoded: Sequence[EncodedText], documents: Sequence[AnnotatedDocument]
) -> tuple[dict[str, Any], float]:
    """Choose confidence and least confidence for a reader as it is set; gives them and what they score."""
    extractions = [reader.link(text) for text in encoded]
    scores, right = confidence_samples(extractions, documents)
    slope, intercept = fit_confidence(scores, right)
    logger.info("confidence: slope %.3f, intercept %+.3f over %d events", slope, intercept, len(scores))
    if not math.isfinite(slope + intercept):
        slope, intercept = 1.0, 0.0
    least, score = choose_least(extractions, documents, (slope, intercept))
    return {"confidence": [slope, intercept], "least_confidence": least}, score


def choose_event_thresholds(
    reader: Reader, encoded: Sequence[EncodedText], documents: Sequence[AnnotatedDocument], least: float
) -> list[float]:
    """Choose the thresholds of the decisive relations for the best events, one after another; the others stay.

    Args:
        reader: as it is set by now; its thresholds are changed.
        encoded: the documents' texts.
        documents: with gold annotation.
        least: confidence from which on events are told.

    Returns:
        One threshold a signature: best mean of event F1, strict F1 and slot F1.
    """
    from evaluation.events import score_events
    from evaluation.gold import event_record, gold_document, publication_date

    gold = [gold_document(d).events for d in documents]
    slope, intercept = reader.config["confidence"]

    def score() -> float:
        told = [
            [
                event_record(e)
                for e in assemble(reader.link(text), d.lang, publication_date(d.published), (slope, intercept), least)
            ]
            for text, d in zip(encoded, documents, strict=True)
        ]
        figures = score_events(gold, told, intervals=False)["all"]
        return float(figures["event_f1"] + figures["strict_f1"] + figures["slot_f1"]) / 3

    chosen = [float(t) for t in reader.config["thresholds"]]
    most = score()
    for signature, relation in enumerate(vocabulary.RELATIONS):
        if relation.name not in _DECISIVE:
            continue
        for value in _EVENT_THRESHOLDS:
            reader.config["thresholds"] = [*chosen[:signature], value, *chosen[signature + 1 :]]
            now = score()
            logger.info("%s -> %s: threshold %.2f, events %.3f", relation.head, relation.name, value, now)
            if now > most:
                most, chosen = now, reader.config["thresholds"]
    reader.config["thresholds"] = chosen
    return chosen


def calibrate(directory: Path, documents: Sequence[AnnotatedDocument]) -> dict[str, Any]:
    """Choose all settings for a trained model.

    Returns:
        `outside`, `thresholds`, `confidence` and `least_confidence`, as `TreatyEventsConfig` takes them.
    """
    model, tokenizer = load_trained(directory)
    reader = reader_of(model.eval(), tokenizer)
    encoded = reader.encode([d.text for d in documents])
    outside = choose_outside(encoded, documents, reader.layout)
    reader.outside = np.asarray(outside, np.float32)
    thresholds = choose_thresholds(reader, encoded, documents)
    reader.config["thresholds"] = thresholds
    trigger = vocabulary.SPAN_LABELS.index(vocabulary.TRIGGER)
    best: dict[str, Any] = {"outside": outside, "thresholds": thresholds}
    most = -math.inf
    for bias in _TRIGGER_OUTSIDE:
        reader.outside[trigger] = bias
        chosen, score = _choose_events(reader, encoded, documents)
        logger.info("%s: outside %+.2f, events score %.3f", vocabulary.TRIGGER, bias, score)
        if score > most:
            most = score
            best |= {"outside": [float(value) for value in reader.outside], **chosen}
    reader.outside = np.asarray(best["outside"], np.float32)
    reader.config["confidence"] = best["confidence"]
    best["thresholds"] = choose_event_thresholds(reader, encoded, documents, best["least_confidence"])
    best |= _choose_events(reader, encoded, documents)[0]
    return best


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(description="Choose thresholds on the development split.")
    parser.add_argument("trained", type=Path, help="directory of the trained model; its config.json is rewritten")
    parser.add_argument("--data", nargs="+", type=Path, required=True, help="JSONL of annotated documents")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    try:
        documents = [d for path in options.data for d in read_documents(path)]
        chosen = calibrate(options.trained, documents)
    except TreatyEventsError as error:
        logger.error("%s", error)
        return 2
    path = options.trained / "config.json"
    write_json(path, {**json.loads(path.read_text(encoding="utf-8")), **chosen})
    return 0


if __name__ == "__main__":
    sys.exit(main())
