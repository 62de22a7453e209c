"""Scores on the development documents while a model trains: which epoch is the best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from data.documents import AnnotatedDocument
from treaty_events.assembly import assemble
from treaty_events.extraction import Extraction

from .events import score_events
from .gold import event_record, gold_document, gold_extraction, publication_date
from .spans import close_same_as, micro_f1, relation_items, score_items, score_spans

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

    from training.model import TreatyEventsModel

PARTS = ("mention_f1", "trigger_f1", "relation_f1", "event_f1", "slot_f1")


def score_predictions(documents: Sequence[AnnotatedDocument], predicted: Sequence[Extraction]) -> dict[str, float]:
    """Score extractions of annotated documents.

    Args:
        documents: with gold annotation.
        predicted: what the model says of each, in the same order.

    Returns:
        The figures of `PARTS` (relations with `same_as` completed on both sides) and `score`, their mean.
    """
    gold = [gold_extraction(document) for document in documents]
    relations = [[relation_items(close_same_as(e)) for e in side] for side in (gold, predicted)]
    events = [
        [event_record(event) for event in assemble(e, document.lang, publication_date(document.published))]
        for document, e in zip(documents, predicted, strict=True)
    ]
    figures = score_events([gold_document(d).events for d in documents], events, intervals=False)["all"]
    scores = {
        "mention_f1": micro_f1(score_spans(gold, predicted, triggers=False, intervals=False)),
        "trigger_f1": micro_f1(score_spans(gold, predicted, triggers=True, intervals=False)),
        "relation_f1": micro_f1(score_items(relations[0], relations[1], intervals=False)),
        "event_f1": float(figures["event_f1"]),
        "slot_f1": float(figures["slot_f1"]),
    }
    return {**scores, "score": sum(scores[name] for name in PARTS) / len(PARTS)}


def development_scores(
    model: TreatyEventsModel, tokenizer: PreTrainedTokenizerFast, documents: Sequence[AnnotatedDocument]
) -> dict[str, float]:
    """Read the development documents with a model in training and score what it says.

    Args:
        model: in evaluation mode.
        tokenizer: its tokenizer.
        documents: with gold annotation and text.

    Returns:
        `mention_f1`, `trigger_f1`, `relation_f1`, `event_f1`, `slot_f1`, and `score`, their mean.
    """
    # Training imports this module; and evaluation must not need torch to score files.
    from training.backend import reader_of

    predicted = reader_of(model, tokenizer).read([document.text for document in documents])
    return score_predictions(documents, predicted)
