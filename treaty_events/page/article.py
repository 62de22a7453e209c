"""The text of an article with its mentions, as nested elements, and the list of the mentions."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

from treaty_events import vocabulary
from treaty_events.extraction import Extraction, Mention

NAMES: Final = {
    "GPE": "state or place", "ORG": "organisation", "PERSON": "person", "ROLE": "office", "DATE": "date",
    "DURATION": "duration", "TREATY": "treaty", "PROVISION": "provision", vocabulary.TRIGGER: "step",
}  # fmt: skip


def key(start: int, end: int) -> str:
    """Name a place in the text, for ids and links."""
    return f"{start}-{end}"


def _said(mention: Mention) -> str:
    """What a mention is, in words."""
    values = [v.replace("_", " ") for name, v in sorted(mention.attributes.items()) if name in vocabulary.ATTRIBUTES]
    normalised = [v for name, v in mention.attributes.items() if name == "value"]
    return ", ".join([NAMES[mention.label], *values, *normalised])


def _segments(extraction: Extraction) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Cut the text at every border of a mention; gives each piece with the mentions over it, outermost first."""
    mentions = extraction.mentions
    borders = sorted({0, len(extraction.text), *(m.start for m in mentions), *(m.end for m in mentions)})
    starts: dict[int, list[int]] = {}
    for index, mention in enumerate(mentions):
        starts.setdefault(mention.start, []).append(index)
    over: list[int] = []
    for start, end in itertools.pairwise(borders):
        over = [i for i in over if mentions[i].end > start] + starts.get(start, [])
        over.sort(key=lambda i: (mentions[i].start, -mentions[i].end, i))
        yield extraction.text[start:end], tuple(over)


def marked(extraction: Extraction) -> str:
    """Write the text with its mentions as nested elements; where two cross, the later one is cut in two."""
    linked: dict[int, list[int]] = {}
    for relation in extraction.relations:
        linked.setdefault(relation.head, []).append(relation.tail)
        linked.setdefault(relation.tail, []).append(relation.head)
    out: list[str] = []
    opened: list[int] = []
    seen: set[str] = set()

    def opening(index: int) -> str:
        mention = extraction.mentions[index]
        place = key(mention.start, mention.end)
        # Mentions come in text order: those inside this one follow it directly.
        following = (extraction.mentions[i] for i in range(index + 1, len(extraction.mentions)))
        inner = sum(m.end <= mention.end for m in itertools.takewhile(lambda m: m.start < mention.end, following))
        others = sorted({key(extraction.mentions[i].start, extraction.mentions[i].end) for i in linked.get(index, ())})
        anchor = "" if place in seen else f' id="m{place}"'
        seen.add(place)
        return (
            f'<span class="m {mention.label}"{anchor} data-m="{place}"'
            + (f' data-r="{" ".join(others)}"' if others else "")
            + f' style="--d:{min(inner, 3)}" title="{escape(_said(mention))}">'
        )

    for piece, over in _segments(extraction):
        while opened and opened[-1] not in over:
            out.append("</span>")
            opened.pop()
        stale = next((n for n, i in enumerate(opened) if i not in over), None)
        if stale is not None:
            out.append("</span>" * (len(opened) - stale))
            del opened[stale:]
        for index in (i for i in over if i not in opened):
            out.append(opening(index))
            opened.append(index)
        out.append(escape(piece, quote=False))
    out.append("</span>" * len(opened))
    return "".join(out)


def listed(extraction: Extraction, language: str | None) -> str:
    """Write all mentions as a table: what colours and tips say, for those who do not see or cannot point at them."""
    if not extraction.mentions:
        return ""
    said = f' lang="{escape(language)}"' if language else ""
    rows = "".join(
        f'<tr><td><a href="#m{key(m.start, m.end)}" dir="auto"{said}>{escape(" ".join(extraction.surface(m).split()))}'
        f"</a></td><td>{escape(_said(m))}</td><td>{m.start}–{m.end}</td></tr>"
        for m in extraction.mentions
    )
    return (
        f"<details>\n<summary>All mentions ({len(extraction.mentions)})</summary>\n<table>\n"
        '<thead><tr><th scope="col">words</th><th scope="col">what</th><th scope="col">offsets</th></tr></thead>\n'
        f"<tbody>{rows}</tbody>\n</table>\n</details>"
    )


def legend(labels: Iterable[str]) -> str:
    """Write what the marks of these labels mean."""
    found = set(labels)
    return " ".join(f'<span class="m {label}">{name}</span>' for label, name in NAMES.items() if label in found)
