from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import markup
from data.documents import AnnotatedDocument, Link, Mention, read_documents, write_documents
from treaty_events.errors import AnnotationError

# Any text that a line-based file keeps: no carriage returns (the form reads \r\n as \n), no lone surrogates.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), min_size=1, max_size=60)


@st.composite
def nested_documents(draw: st.DrawFn) -> AnnotatedDocument:
    text = draw(
        TEXT.filter(lambda t: not any(line.rstrip() == "---" or line.startswith("=== ") for line in t.split("\n")))
    )
    cuts = st.integers(0, len(text))
    mentions: list[Mention] = []
    for number in range(draw(st.integers(0, 5))):
        start, end = sorted((draw(cuts), draw(cuts)))
        crossing = any(m.start < start < m.end < end or start < m.start < end < m.end for m in mentions)
        if start < end and not crossing:
            mentions.append(Mention(f"G{number + 1}", "GPE", start, end, {"value": "KAZ"}))
    mentions.sort(key=lambda m: (m.start, -m.end))
    return AnnotatedDocument(
        "d", "fr", text, mentions, [Link("of", m.id, "G9") for m in mentions], story="S", real=True
    )


@given(nested_documents())
def test_round_trip_is_identity(document: AnnotatedDocument) -> None:
    again = markup.parse(markup.render(document))[0]
    key = [(m.start, m.end, m.attributes) for m in document.mentions]
    assert again.text == document.text
    assert sorted((m.start, -m.end, str(m.attributes)) for m in again.mentions) == sorted(
        (s, -e, str(a)) for s, e, a in key
    )
    assert {(x.type, x.head, x.tail) for x in again.relations} == {(x.type, x.head, x.tail) for x in document.relations}


def test_offsets_nesting_values_and_links(documents: list[AnnotatedDocument]) -> None:
    document = documents[0]
    by_id = {m.id: m for m in document.mentions}
    assert document.text[by_id["T1"].start : by_id["T1"].end] == "accord de coopération militaire avec le Qatar"
    assert document.text[by_id["G2"].start : by_id["G2"].end] == "Qatar"
    assert by_id["E1"].attributes == {"type": "ratification", "status": "occurred", "level": "domestic"}
    assert Link("term", "T2", "U1") in document.relations
    assert document.published == "2025-02-13"
    assert document.real is True


def test_a_link_to_an_id_that_nobody_wrote_finds_no_mention_by_chance() -> None:
    text = "[Oman|G] and [Qatar|G1] [signed|E1 signature occurred] a [pact|T1]."
    document = markup.parse(f"=== x\nlang: en\n---\n{text}\n---\nE1: party=G1,G2\n")[0]
    assert sorted(mention.id for mention in document.mentions) == ["E1", "G1", "G3", "T1"]


def test_astral_characters_count_as_one(documents: list[AnnotatedDocument]) -> None:
    text = documents[1].text
    assert text[text.index("🤝") + 2] == "«"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("a [b|Q1]", "unknown label letter"),
        ("a [b|G1 KAZ", "must open a tag"),
        ("a [b", "never closed"),
        ("a b]", "without a tag"),
        ("a [|G1]", "must hold text"),
        ("a [b|P1 KAZ]", "at most 0 value"),
        ("a \\x", "a backslash stands only before"),
    ],
)
def test_broken_markup_says_where(body: str, message: str) -> None:
    with pytest.raises(AnnotationError, match=message) as caught:
        markup.parse(f"=== d\nlang: fr\n---\nfirst line\n{body}\n---\n", "file.txt")
    assert (caught.value.path, caught.value.line, caught.value.document) == ("file.txt", 5, "d")


@pytest.mark.parametrize(
    "source",
    [
        "text without a head\n",
        "=== d\nlang: fr\n---\ntext\n",
        "=== d\n---\nt\n---\n",
        "=== d\nlang: fr\ncolour: red\n---\nt\n---\n",
    ],
)
def test_broken_form_is_refused(source: str) -> None:
    with pytest.raises(AnnotationError):
        markup.parse(source)


def test_crossing_mentions_cannot_be_rendered() -> None:
    mentions = [Mention("G1", "GPE", 0, 3), Mention("O1", "ORG", 2, 5)]
    with pytest.raises(AnnotationError, match="crosses"):
        markup.render(AnnotatedDocument("d", "fr", "abcdef", mentions))


def test_jsonl_round_trip(documents: list[AnnotatedDocument], tmp_path) -> None:  # type: ignore[no-untyped-def]
    write_documents(tmp_path / "d.jsonl", documents)
    again = list(read_documents(tmp_path / "d.jsonl"))
    assert [(d.text, d.mentions, d.relations) for d in again] == [(d.text, d.mentions, d.relations) for d in documents]


def test_jsonl_refuses_what_it_does_not_know(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "d.jsonl"
    path.write_text('{"id": "a", "lang": "fr", "text": "t", "surprise": 1}\n')
    with pytest.raises(AnnotationError, match="surprise"):
        list(read_documents(path))
