"""Span, relation and attribute figures."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.spans import (
    Span,
    close_same_as,
    micro_f1,
    relation_items,
    score_attributes,
    score_extractions,
    score_items,
    score_spans,
    score_values,
    seqeval_scores,
    tag_sequences,
)
from treaty_events.extraction import Extraction, Mention, Relation

TEXT = "Le Sénat kazakh a ratifié l'accord avec le Qatar, signé à Doha. Le texte lie le Qatar."


def mention(label: str, surface: str, *, after: int = 0, **attributes: str) -> Mention:
    start = TEXT.index(surface, after)
    return Mention(start, start + len(surface), label, attributes=attributes)


GOLD = Extraction(
    TEXT,
    (
        mention("ORG", "Sénat kazakh"),
        mention("GPE", "kazakh", value="KAZ"),
        mention("TRIGGER", "ratifié", type="ratification", status="occurred", level="domestic"),
        mention("TREATY", "accord avec le Qatar", kind="agreement", domain="defence"),
        mention("GPE", "Qatar", value="QAT"),
        mention("TRIGGER", "signé", type="signature", status="occurred"),
        mention("GPE", "Doha", value="QAT"),
        mention("TREATY", "texte", kind="agreement", domain="defence"),
    ),
    (
        Relation("treaty", 2, 3),
        Relation("party", 2, 1),
        Relation("party", 3, 4),
        Relation("place", 5, 6),
        Relation("same_as", 7, 3),
    ),
)


def without(*indexes: int) -> Extraction:
    """GOLD less some mentions and their relations."""
    kept = [i for i in range(len(GOLD.mentions)) if i not in indexes]
    relations = [
        dataclasses.replace(r, head=kept.index(r.head), tail=kept.index(r.tail))
        for r in GOLD.relations
        if r.head in kept and r.tail in kept
    ]
    return Extraction(TEXT, tuple(GOLD.mentions[i] for i in kept), tuple(relations))


def changed(index: int, mention: Mention) -> Extraction:
    mentions = list(GOLD.mentions)
    mentions[index] = mention
    return dataclasses.replace(GOLD, mentions=tuple(mentions))


def test_gold_against_itself_is_perfect() -> None:
    for part in score_extractions([GOLD], [GOLD]).values():
        assert all(row["f1"] == 1.0 for row in part.values())


def test_a_missed_span_costs_recall_and_its_relations() -> None:
    report = score_extractions([GOLD], [without(4)])
    assert report["mentions"]["GPE"]["recall"] == pytest.approx(2 / 3)
    assert report["mentions"]["GPE"]["precision"] == 1.0
    assert report["relations"]["TREATY.party"]["f1"] == 0.0
    assert report["relations"]["micro"]["recall"] == pytest.approx(4 / 5)


def test_a_border_off_by_one_is_wrong_with_all_that_hangs_on_it() -> None:
    treaty = GOLD.mentions[3]
    report = score_extractions([GOLD], [changed(3, dataclasses.replace(treaty, start=treaty.start - 2))])
    assert report["mentions"]["TREATY"]["f1"] == 0.5
    assert report["mentions"]["GPE"]["f1"] == 1.0  # the nested ones stay right
    assert report["relations"]["TRIGGER.treaty"]["f1"] == 0.0
    assert report["attributes"]["kind"]["f1"] == 0.5
    assert report["attributes"]["kind"]["accuracy"] == 1.0  # on the span that was found


def test_a_trigger_of_another_type_is_wrong_but_its_status_is_not() -> None:
    other = dataclasses.replace(GOLD.mentions[2], attributes={"type": "signature", "status": "occurred"})
    report = score_extractions([GOLD], [changed(2, other)])
    assert report["triggers"]["ratification"]["f1"] == 0.0
    assert report["triggers"]["micro"]["f1"] == 0.5
    assert report["relations"]["TRIGGER.treaty"]["f1"] == 0.0
    assert report["attributes"]["status"]["f1"] == 1.0
    assert report["attributes"]["level"]["accuracy"] == 0.0


def test_same_as_may_name_any_mention_of_the_cluster() -> None:
    mentions = tuple(Mention(10 * i, 10 * i + 5, "TREATY") for i in range(3))
    chain = Extraction("x" * 30, mentions, (Relation("same_as", 1, 0), Relation("same_as", 2, 1)))
    star = Extraction("x" * 30, mentions, (Relation("same_as", 0, 1), Relation("same_as", 2, 0)))
    report = score_extractions([chain], [star])
    assert report["relations"]["micro"]["f1"] == 0.5  # the pair of the first two, whichever way round
    assert report["relations_closed"]["micro"]["f1"] == 1.0
    assert len(close_same_as(chain).relations) == 3


def test_predictions_where_there_is_nothing_count_as_wrong() -> None:
    report = score_spans([Extraction(TEXT)], [GOLD], triggers=False)
    assert (report["micro"]["precision"], report["micro"]["gold"], report["micro"]["predicted"]) == (0.0, 0, 6)
    assert micro_f1(score_spans([Extraction(TEXT)], [Extraction(TEXT)], triggers=False)) == 1.0


def test_relations_of_one_name_are_told_apart_by_their_head() -> None:
    assert set(relation_items(GOLD)) >= {"TRIGGER.party", "TREATY.party"}


def test_attributes_that_do_not_apply_are_not_counted() -> None:
    report = score_attributes([GOLD], [GOLD])
    assert report["level"]["gold"] == 1
    assert "topic" not in report


def test_values_are_judged_on_gold_mentions() -> None:
    report = score_values([GOLD], ["fr"], [None])
    assert report["GPE"]["gold"] == 3
    assert report["GPE"]["accuracy"] >= 2 / 3


def test_overlapping_spans_of_one_label_are_all_counted() -> None:
    gold, predicted = {(0, 9, "ORG"), (3, 6, "ORG")}, {(3, 6, "ORG"), (5, 8, "ORG")}
    row = seqeval_scores([set(gold)], [set(predicted)])["ORG"]
    assert (row["precision"], row["recall"]) == (0.5, 0.5)


def test_neighbours_without_a_gap_are_two_spans() -> None:
    gold, predicted = tag_sequences({(0, 2, "GPE"), (2, 4, "GPE")}, {(0, 4, "GPE")})
    assert gold == [["B-GPE", "B-GPE"]]
    assert predicted == [["B-GPE", "I-GPE"]]


spans = st.sets(
    st.tuples(st.integers(0, 12), st.integers(1, 5), st.sampled_from(["GPE", "ORG", "entry_into_force"])).map(
        lambda t: (t[0], t[0] + t[1], t[2])
    ),
    max_size=8,
)


@given(st.lists(st.tuples(spans, spans), min_size=1, max_size=4))
def test_seqeval_and_sets_agree(documents: list[tuple[set[Span], set[Span]]]) -> None:
    gold, predicted = [g for g, _ in documents], [p for _, p in documents]
    by_name = [
        [{name: {s for s in side if s[2] == name} for name in {s[2] for s in side}} for side in sides]
        for sides in (gold, predicted)
    ]
    counted = score_items(by_name[0], by_name[1], intervals=False)
    measured = seqeval_scores(gold, predicted)
    assert set(counted) == set(measured)
    for name, row in measured.items():
        for key, value in row.items():
            assert counted[name][key] == pytest.approx(value), (name, key)
