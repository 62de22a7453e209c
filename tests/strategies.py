"""Random and handmade annotated documents, for the tests of the annotation formats."""

from __future__ import annotations

import dataclasses

from hypothesis import strategies as st

from treaty_events import vocabulary
from treaty_events.annotation import AnnotatedDocument, Link, Mention

TEXT = "Дохада\r\nҚазақстан 🇰🇿 мен Қатар\u2028e\u0301 келісімге\n\nқол қойды.\n"


def pieces() -> st.SearchStrategy[str]:
    awkward = [
        "🇰🇿",
        "👩‍👩‍👧",
        "e\u0301",
        "\r\n",
        "\n",
        "\t",
        "\u2028",
        "\x85",
        "ا",
        "ـ",
        "中",
        "a",
        " ",
        '"',
        "|",
        "<b>",
    ]
    return st.lists(st.one_of(st.sampled_from(awkward), st.characters(exclude_categories=["Cs"])), max_size=30).map(
        "".join
    )


@st.composite
def documents(draw: st.DrawFn, name: str = "d") -> AnnotatedDocument:
    text = draw(pieces())
    mentions: list[Mention] = []
    for _ in range(draw(st.integers(0, 6)) if text else 0):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        label = draw(st.sampled_from(vocabulary.SPAN_LABELS))
        if any((m.label, m.start, m.end) == (label, start, end) for m in mentions):
            continue
        attributes = {
            key: draw(st.sampled_from(values))
            for key, (owner, values) in vocabulary.ATTRIBUTES.items()
            if owner == label and draw(st.booleans())
        }
        if label in vocabulary.VALUE_STANDARDS and draw(st.booleans()):
            attributes["value"] = draw(st.sampled_from(["KAZ+QAT", "2023-12-12", "P5Y", "a b"]))
        mentions.append(Mention(f"M{len(mentions)}", label, start, end, attributes))
    mentions.sort(key=lambda m: (m.start, -m.end))
    links = []
    for _ in range(draw(st.integers(0, 4)) if len(mentions) > 1 else 0):
        head, tail = draw(st.sampled_from(mentions)), draw(st.sampled_from(mentions))
        links.append(Link(draw(st.sampled_from(vocabulary.RELATION_NAMES)), head.id, tail.id))
    return AnnotatedDocument(
        name, "kk", text, mentions, links, style=draw(st.none() | pieces()), real=draw(st.none() | st.booleans()),
        published=draw(st.none() | st.just("2024-02-29")),
    )  # fmt: skip


def same(left: AnnotatedDocument, right: AnnotatedDocument) -> bool:
    one, other = (dataclasses.replace(d, sha256=None) for d in (left, right))
    return (
        dataclasses.replace(one, mentions=[]) == dataclasses.replace(other, mentions=[])
        and sorted(one.mentions, key=lambda m: m.id) == sorted(other.mentions, key=lambda m: m.id)
    )  # fmt: skip


def document() -> AnnotatedDocument:
    place = TEXT.index("Қазақстан")
    return AnnotatedDocument(
        "kk-1",
        "kk",
        TEXT,
        [
            Mention("G1", "GPE", place, place + 9, {"value": "KAZ"}),
            Mention("T1", "TREATY", TEXT.index("келісімге"), TEXT.index("келісімге") + 9, {"kind": "agreement"}),
        ],
        [Link("party", "T1", "G1")],
    )
