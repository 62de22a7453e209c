"""Counts of the corpus, as they stand in its card: `python -m data.counts` rewrites the tables of `data/README.md`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence

from treaty_events import vocabulary

from .documents import DATA, AnnotatedDocument, read_corpus
from .repetition import tables
from .splits import SPLITS

CARD = DATA / "README.md"
_BEGIN, _END = "<!-- counts: python -m data.counts -->", "<!-- end of counts -->"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / max(1, whole):.0f} %)"


def length(document: AnnotatedDocument) -> int:
    """Give the words of a text; where words are not set apart, 1.6 characters count as one."""
    return round(len(document.text) / 1.6) if document.lang in ("ja", "zh") else len(document.text.split())


def _coverage(documents: Sequence[AnnotatedDocument]) -> str:
    """Say how long the texts are, how much happens in them and whom they name."""
    words = [length(d) for d in documents]
    triggers = [sum(m.label == vocabulary.TRIGGER for m in d.mentions) for d in documents]
    names = {d.text[m.start : m.end] for d in documents for m in d.mentions if m.label == "PERSON"}
    parties: dict[str, set[str]] = {"GPE": set(), "ORG": set()}
    for document in documents:
        mentions = {m.id: m for m in document.mentions}
        for link in document.relations:
            value = mentions[link.tail].attributes.get("value") if link.type == "party" else None
            parties.setdefault(mentions[link.tail].label, set()).update(value.split("+") if value else ())
    return (
        f"{_share(sum(w > 250 for w in words), len(words))} over 250 words, "
        f"{_share(sum(w > 700 for w in words), len(words))} over 700, "
        f"{_share(sum(w <= 45 for w in words), len(words))} up to 45 (Chinese and Japanese: 1.6 characters a word); "
        f"{_share(sum(t >= 3 for t in triggers), len(triggers))} with three triggers or more; "
        f"{len(parties['GPE'])} states and territories and {len(parties['ORG'])} international organisations as "
        f"parties; {len(names)} different names of persons."
    )


def counts(documents: Sequence[AnnotatedDocument]) -> str:
    """Give the counts of a corpus as Markdown tables."""
    triggers = [m for d in documents for m in d.mentions if m.label == vocabulary.TRIGGER]
    free = [d for d in documents if not any(m.label == vocabulary.TRIGGER for m in d.mentions)]
    words = sorted(len(d.text.split()) for d in documents)
    parts = [
        f"{len(documents)} documents in {len({d.lang for d in documents})} languages, "
        f"{len({d.story for d in documents})} stories, {_share(len(free), len(documents))} documents without an event, "
        f"{_share(sum(bool(d.reader) for d in documents), len(documents))} read by a second reader; "
        f"median length {words[len(words) // 2]} words (split at spaces).",
        _coverage(documents),
        _table(
            ("language", *SPLITS, "without event", "mentions", "relations"),
            (
                (
                    lang,
                    *(sum(d.split == s for d in chosen) for s in SPLITS),
                    sum(d in free for d in chosen),
                    sum(len(d.mentions) for d in chosen),
                    sum(len(d.relations) for d in chosen),
                )
                for lang in sorted({d.lang for d in documents})
                for chosen in ([d for d in documents if d.lang == lang],)
            ),
        ),
        _table(
            ("event type", *vocabulary.STATUSES, "triggers", "languages"),
            (
                (
                    kind,
                    *(sum(m.attributes["status"] == s for m in chosen) for s in vocabulary.STATUSES),
                    len(chosen),
                    len({d.lang for d in documents if any(m.attributes.get("type") == kind for m in d.mentions)}),
                )
                for kind in vocabulary.EVENT_TYPES
                for chosen in ([m for m in triggers if m.attributes["type"] == kind],)
            ),
        ),
        _table(
            ("label", "mentions"),
            ((n, sum(m.label == n for d in documents for m in d.mentions)) for n in vocabulary.SPAN_LABELS),
        ),
        _table(
            ("relation", "links"),
            Counter(r.type for d in documents for r in d.relations).most_common(),
        ),
        _table(
            ("domain of the treaty mentions", "mentions"),
            Counter(m.attributes["domain"] for d in documents for m in d.mentions if m.label == "TREATY").most_common(),
        ),
        "What the corpus repeats most (`python -m data.repetition`):",
        tables(documents),
    ]
    return "\n\n".join(parts)


def card_with(text: str, documents: Sequence[AnnotatedDocument]) -> str:
    """Put the counts between the markers of a card."""
    before, rest = text.split(_BEGIN)
    _, after = rest.split(_END)
    return f"{before}{_BEGIN}\n\n{counts(documents)}\n\n{_END}{after}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Rewrite the card's tables; gives the exit code."""
    argparse.ArgumentParser(description="Rewrite the tables of data/README.md.").parse_args(arguments)
    CARD.write_text(card_with(CARD.read_text(encoding="utf-8"), read_corpus()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
