from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from treaty_events import decoding, linking, vocabulary
from treaty_events.decoding import HEADS, SPAN_TYPES, TAGS, decode_tags


def logits_for(tags: dict[str, list[int]], tokens: int) -> np.ndarray:
    """Logits that spell given tags per head label: 0 is O, 1 + 2k is B of class k, 2 + 2k is I of class k."""
    logits = np.zeros((tokens, TAGS), np.float32)
    for head in HEADS:
        for token, tag in enumerate(tags.get(head.label, [0] * tokens)):
            logits[token, head.start + tag] = 8
    return logits


def found(tags: dict[str, list[int]], tokens: int, joined: list[int] = []) -> set[tuple[str, int, int]]:  # noqa: B006
    flags = np.zeros(tokens, np.bool_)
    flags[joined] = True
    spans = decode_tags(logits_for(tags, tokens), flags)
    return {(SPAN_TYPES[t], int(a), int(b)) for (a, b), t in zip(spans.bounds, spans.types, strict=True)}


def test_labels_nest_and_lie_side_by_side() -> None:
    spans = found({"GPE": [0, 1, 2, 1, 0], "TREATY": [1, 2, 2, 2, 0]}, 5)
    assert spans == {("GPE", 1, 3), ("GPE", 3, 4), ("TREATY", 0, 4)}


def test_inside_without_begin_opens_a_span() -> None:
    assert found({"GPE": [0, 2, 2, 0]}, 4) == {("GPE", 1, 3)}


def test_triggers_carry_their_event_type() -> None:
    ratification = list(vocabulary.EVENT_TYPES).index("ratification")
    assert found({"TRIGGER": [0, 1 + 2 * ratification, 2 + 2 * ratification]}, 3) == {("ratification", 1, 3)}


def test_pieces_that_lean_to_different_classes_are_one_span() -> None:
    head = HEADS[-1]
    logits = np.zeros((2, TAGS), np.float32)
    for h in HEADS:
        logits[:, h.start] = 2
    signature, adoption = (list(vocabulary.EVENT_TYPES).index(n) for n in ("signature", "adoption"))
    logits[0, head.start + 1 + 2 * adoption] = 6
    logits[1, head.start + 2 + 2 * signature] = 4
    logits[1, head.start + 2 + 2 * adoption] = 3.5
    spans = decode_tags(logits, np.zeros(2, np.bool_))
    assert [(SPAN_TYPES[t], *b) for t, b in zip(spans.types, spans.bounds.tolist(), strict=True)] == [
        ("adoption", 0, 2)
    ]


def test_spans_snap_to_whole_words() -> None:
    # Tokens 1-2-3 are one word: a span that begins or ends inside it takes all of it.
    assert found({"GPE": [0, 0, 1, 0, 0]}, 5, joined=[2, 3]) == {("GPE", 1, 4)}
    # A begin tag in the middle of a word goes on with the span.
    assert found({"GPE": [0, 1, 1, 2, 0]}, 5, joined=[2, 3]) == {("GPE", 1, 4)}


def test_outside_bias_finds_more_or_fewer() -> None:
    logits = np.zeros((3, TAGS), np.float32)
    flags = np.zeros(3, np.bool_)
    assert len(decode_tags(logits, flags, np.full(len(HEADS), 5, np.float32))) == 0
    found = decode_tags(logits, flags, np.full(len(HEADS), -5, np.float32))
    assert {SPAN_TYPES[t] for t in found.types} >= set(vocabulary.MENTION_LABELS)


def test_a_span_right_after_another_must_be_surer_than_that_the_other_goes_on() -> None:
    def spans(surer: float) -> list[tuple[int, int]]:
        logits = logits_for({"TREATY": [1, 1]}, 2)
        start = next(h.start for h in HEADS if h.label == "TREATY")
        logits[1, start + 2] = logits[1, start + 1] - surer
        return [(int(a), int(b)) for a, b in decode_tags(logits, np.zeros(2, np.bool_)).bounds]

    assert spans(3) == [(0, 1), (1, 2)]
    assert spans(1) == [(0, 2)]


@given(st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_spans_are_flat_per_label_whole_words_and_in_order(tokens: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    joined = rng.random(tokens) < 0.4
    joined[0] = False
    spans = decode_tags(rng.normal(size=(tokens, TAGS)).astype(np.float32) * 3, joined)
    assert ((spans.scores > 0) & (spans.scores <= 1 + 1e-6)).all()
    for (start, end), _ in zip(spans.bounds, spans.types, strict=True):
        assert 0 <= start < end <= tokens
        assert not joined[start]
        assert end == tokens or not joined[end]
    for label in vocabulary.SPAN_LABELS:
        chosen = [b for b, t in zip(spans.bounds, spans.types, strict=True) if decoding.LABEL_OF_TYPE[t] == label]
        assert all(a[1] <= b[0] for a, b in zip(chosen, chosen[1:], strict=False))


def test_single_relations_keep_the_best_and_a_trigger_keeps_its_treaty() -> None:
    names = [(r.name, r.head) for r in vocabulary.RELATIONS]
    date, treaty, party = (names.index(n) for n in (("date", "TRIGGER"), ("treaty", "TRIGGER"), ("party", "TRIGGER")))
    pairs = np.array([[0, 1, date], [0, 2, date], [0, 3, treaty], [0, 4, treaty], [0, 5, party], [0, 6, party]])
    scores = np.array([0.9, 0.95, 0.3, 0.25, 0.8, 0.2], np.float32)
    keep = linking.choose(pairs, scores, np.full(len(names), 0.5, np.float32))
    assert keep.tolist() == [False, True, True, False, True, False]
