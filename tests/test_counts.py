from __future__ import annotations

from data.counts import CARD, card_with, counts
from data.documents import AnnotatedDocument, read_corpus


def test_counts_of_two_documents(documents: list[AnnotatedDocument]) -> None:
    tables = counts(documents)
    assert "2 documents in 2 languages, 2 stories, 1 (50 %) documents without an event" in tables
    assert "| signature | 1 | 0 | 0 | 1 | 1 |" in tables
    assert "| party | 6 |" in tables


def test_card_holds_the_counts_of_the_corpus() -> None:
    card = CARD.read_text(encoding="utf-8")
    assert card == card_with(card, read_corpus()), "run: python -m data.counts"
