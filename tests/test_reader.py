from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treaty_events import Extractor, decoding, reader, vocabulary
from treaty_events.extraction import Extraction

LONG = "Le Sénat kazakh a ratifié l'accord avec le Qatar 🤝, signé à Doha le 12 décembre 2023. "


def spans(extraction: Extraction) -> list[tuple[int, int, str]]:
    return [(m.start, m.end, m.label) for m in extraction.mentions]


def test_long_text_is_read_to_its_end_in_windows(extractor: Extractor) -> None:
    text = LONG * 30
    (extraction,) = extractor.extract([text])
    assert extraction.windows > 10
    assert extraction.text == text
    ends = [m.end for m in extraction.mentions]
    assert max(ends) > len(text) - len(LONG)
    # No stretch of the text as long as a few sentences goes by without a span: nothing was cut.
    places = sorted({0, len(text), *ends})
    assert max(b - a for a, b in zip(places, places[1:], strict=False)) < 4 * len(LONG)


def test_offsets_point_into_the_callers_string(extractor: Extractor) -> None:
    text = "\r\n  «Κύρωσε» \u00a0 中哈协定 e\u0301 🤝🏽 اتفاقية\tDoha.  "
    (extraction,) = extractor.extract([text])
    assert extraction.mentions
    for mention in extraction.mentions:
        surface = text[mention.start : mention.end]
        assert surface == surface.strip() != ""


def test_a_batch_gives_what_single_texts_give(extractor: Extractor) -> None:
    texts = ["Doha.", LONG * 5, "", LONG, "中哈协定"]
    together = extractor.extract(texts)
    assert [e.text for e in together] == texts
    # Padding changes float sums in the last digits only: scores may differ slightly, spans may not here.
    single = [extractor.extract([t])[0] for t in texts]
    assert [len(spans(e)) for e in together] == pytest.approx([len(spans(e)) for e in single], abs=3)


def test_empty_text_gives_an_empty_extraction(extractor: Extractor) -> None:
    (extraction,) = extractor.extract([""])
    assert (extraction.mentions, extraction.relations, extraction.windows) == ((), (), 0)
    assert extractor.extract([]) == []


def test_relations_obey_the_vocabulary(extractor: Extractor) -> None:
    (extraction,) = extractor.extract([LONG * 4])
    assert extraction.relations
    for relation in extraction.relations:
        head, tail = extraction.mentions[relation.head], extraction.mentions[relation.tail]
        assert vocabulary.allowed(relation.type, head.label, tail.label)
        assert 0 <= relation.score <= 1


def test_attributes_fit_their_labels(extractor: Extractor) -> None:
    (extraction,) = extractor.extract([LONG * 2])
    for mention in extraction.mentions:
        for name, value in mention.attributes.items():
            label, values = vocabulary.ATTRIBUTES[name]
            assert label == mention.label
            assert value in values
        assert not ("level" in mention.attributes and mention.attributes["type"] != "ratification")


@settings(max_examples=40, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=120))
def test_any_string_is_read(extractor: Extractor, text: str) -> None:
    document = extractor.document(text, published="2025-02-13", language="fr")
    assert document.text == text
    assert document.characters_read == len(text)
    for event in document.events:
        for evidence in (event.trigger, *event.mentions):
            assert text[evidence.start : evidence.end] == evidence.text


def test_compatibility_table_is_the_vocabulary() -> None:
    for signature, relation in enumerate(vocabulary.RELATIONS):
        heads = {vocabulary.SPAN_LABELS[h] for h, _ in np.argwhere(decoding.COMPATIBLE[signature])}
        tails = {vocabulary.SPAN_LABELS[t] for _, t in np.argwhere(decoding.COMPATIBLE[signature])}
        assert (heads, tails) == ({relation.head}, set(relation.tails))


def test_a_long_text_is_read_in_blocks_as_it_is_whole(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(f"{LONG}{i} 中哈协定 Сенат ратифицировал договор." for i in range(40))
    (whole,) = extractor.extract([text])
    monkeypatch.setattr(reader, "_HELD_TOKENS", 100)
    for block in (1, 2, 5):
        monkeypatch.setattr(reader, "_LONG_WINDOWS", block)
        (got,) = extractor.extract([text])
        assert (got.tokens, got.windows) == (whole.tokens, whole.windows)
        # Batches of other sizes change int8 scales, and with them a few close decisions.
        both = set(spans(got)) & set(spans(whole))
        assert len(both) > 0.9 * max(len(got.mentions), len(whole.mentions))
        assert len(got.relations) == pytest.approx(len(whole.relations), rel=0.15)


def test_no_more_than_a_few_windows_are_held(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_HELD_TOKENS", 100)
    monkeypatch.setattr(reader, "_LONG_WINDOWS", 2)
    sizes: list[int] = []
    encode = extractor.reader.backend.encode
    monkeypatch.setattr(
        extractor.reader.backend, "encode", lambda ids, mask: sizes.append(ids.size) or encode(ids, mask)
    )
    extractor.extract([LONG * 40])
    assert max(sizes) <= 2 * (extractor.reader.size + 2)
