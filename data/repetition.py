"""What the corpus repeats, and so what a model may memorise: `python -m data.repetition` prints the tables.

A party pair, a name, a sentence's first words or a verb that stands for most steps of a type is a short cut: the model
learns it instead of the reading. Each table names the most frequent items and the share that they take.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from treaty_events import vocabulary

from .documents import AnnotatedDocument, Mention, read_corpus

_WORD: Final = re.compile(r"\w+")
_SENTENCE: Final = re.compile(r"(?<=[.!?。！？؟।])\s+|\n+")
# Words of a sentence's opening; characters where words are not set apart.
_OPENING: Final = 3
_SPACELESS: Final = frozenset({"ja", "zh"})
# A type's commonest trigger in a language says little where the type stands there only a few times.
_ENOUGH: Final = 8


class Share(NamedTuple):
    """An item, how often it stands there, and what share of all it is."""

    item: str
    times: int
    share: float


def shares(items: Iterable[str], most: int) -> list[Share]:
    """Give the most frequent items."""
    counted = Counter(items)
    total = counted.total()
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
    return [Share(item, count, count / total) for item, count in ordered]


def openings(document: AnnotatedDocument) -> list[str]:
    """Give the first words of each sentence of a text."""
    found = []
    for sentence in _SENTENCE.split(document.text):
        words = list(sentence.strip())[: 2 * _OPENING] if document.lang in _SPACELESS else _WORD.findall(sentence)
        if len(words) > _OPENING:
            kept = words if document.lang in _SPACELESS else words[:_OPENING]
            found.append(f"{document.lang}: {('' if document.lang in _SPACELESS else ' ').join(kept).casefold()}")
    return found


def party_sets(document: AnnotatedDocument) -> set[str]:
    """Give the sets of two parties or more that a text's triggers have, as joined codes; each once."""
    mentions = {m.id: m for m in document.mentions}
    codes: dict[str, set[str]] = {}
    for link in document.relations:
        if link.type == "party" and mentions[link.head].label == vocabulary.TRIGGER:
            value = mentions[link.tail].attributes.get("value")
            codes.setdefault(link.head, set()).update(value.split("+") if value else ())
    return {"-".join(sorted(c)) for c in codes.values() if len(c) > 1}


def _surfaces(document: AnnotatedDocument, label: str) -> list[tuple[Mention, str]]:
    return [(m, document.text[m.start : m.end].casefold()) for m in document.mentions if m.label == label]


def triggers(documents: Sequence[AnnotatedDocument]) -> list[tuple[str, str, Share, int]]:
    """Find, for each event type and language, the trigger that stands there most often.

    Returns:
        Type, language, the trigger and how many different ones there are, by falling share; types that a language
        has a few times only are left out.
    """
    words: dict[tuple[str, str], list[str]] = {}
    for document in documents:
        for mention, surface in _surfaces(document, vocabulary.TRIGGER):
            words.setdefault((mention.attributes["type"], document.lang), []).append(surface)
    rows = [(*key, shares(found, 1)[0], len(set(found))) for key, found in words.items() if len(found) >= _ENOUGH]
    return sorted(rows, key=lambda row: (-row[2].share, row[0], row[1]))


def repetition(documents: Sequence[AnnotatedDocument], most: int = 8) -> dict[str, Any]:
    """Count what a corpus repeats.

    Args:
        documents: with text.
        most: items of each table.

    Returns:
        Tables of `Share` by name, and `triggers`.
    """
    return {
        "party sets (documents)": shares((p for d in documents for p in party_sets(d)), most),
        "person names (documents)": shares(
            (n for d in documents for n in {s for _, s in _surfaces(d, "PERSON")}), most
        ),
        "sentence openings": shares((o for d in documents for o in openings(d)), most),
        "treaty mentions": shares((f"{d.lang}: {s}" for d in documents for _, s in _surfaces(d, "TREATY")), most),
        "stories (documents)": shares((d.story for d in documents if d.story), most),
        "triggers": triggers(documents)[:most],
    }


def tables(documents: Sequence[AnnotatedDocument]) -> str:
    """Write the tables as Markdown."""
    found = repetition(documents)
    lines = ["| what | most frequent (times, share of all) |", "|---|---|"]
    for name, rows in found.items():
        if name != "triggers":
            lines.append(f"| {name} | {'; '.join(f'{r.item} ({r.times}, {100 * r.share:.1f} %)' for r in rows)} |")
    lines += ["", "| event type | language | commonest trigger | share | different triggers |", "|---|---|---|---|---|"]
    lines += [
        f"| {kind} | {lang} | {share.item} | {share.times} ({100 * share.share:.0f} %) | {different} |"
        for kind, lang, share, different in found["triggers"]
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what the corpus repeats; gives the exit code."""
    argparse.ArgumentParser(description="Show what the corpus repeats.").parse_args(arguments)
    sys.stdout.write(tables(read_corpus()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
