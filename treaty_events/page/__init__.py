"""One article and what was found in it as a web page: self-contained, no network, for a reader's eyes."""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib import resources
from typing import Final

from treaty_events import vocabulary
from treaty_events.extraction import Extraction
from treaty_events.schema import Agent, Document, Evidence, TreatyEvent

_NAMES: Final = {
    "GPE": "state or place", "ORG": "organisation", "PERSON": "person", "ROLE": "office", "DATE": "date",
    "DURATION": "duration", "TREATY": "treaty", "PROVISION": "provision", vocabulary.TRIGGER: "step",
}  # fmt: skip


def _asset(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


def _key(start: int, end: int) -> str:
    return f"{start}-{end}"


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


def _article(extraction: Extraction) -> str:
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
        key = _key(mention.start, mention.end)
        # Mentions come in text order: those inside this one follow it directly.
        following = (extraction.mentions[i] for i in range(index + 1, len(extraction.mentions)))
        inner = sum(m.end <= mention.end for m in itertools.takewhile(lambda m: m.start < mention.end, following))
        others = sorted({_key(extraction.mentions[i].start, extraction.mentions[i].end) for i in linked.get(index, ())})
        values = [v for name, v in sorted(mention.attributes.items()) if name in (*vocabulary.ATTRIBUTES, "value")]
        said = ", ".join([_NAMES[mention.label], *values])
        anchor = "" if key in seen else f' id="m{key}"'
        seen.add(key)
        return (
            f'<span class="m {mention.label}"{anchor} data-m="{key}"'
            + (f' data-r="{" ".join(others)}"' if others else "")
            + f' style="--d:{min(inner, 3)}" title="{escape(said)}">'
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


def _link(evidence: Evidence, said: str | None = None) -> str:
    return f'<a href="#m{_key(evidence.start, evidence.end)}">{escape(said or " ".join(evidence.text.split()))}</a>'


def _evidence(event: TreatyEvent) -> Iterator[Evidence]:
    """All the words that an event stands on."""
    yield from event.mentions
    if event.treaty:
        yield from event.treaty.mentions
        yield from (p.evidence for p in event.treaty.provisions)
        if event.treaty.term:
            yield event.treaty.term.evidence
        if event.treaty.date:
            yield event.treaty.date.evidence
    yield from (p.evidence for p in event.parties)
    yield from (a.evidence for a in event.agents)
    if event.date:
        yield event.date.evidence
    if event.place:
        yield event.place.evidence


def _agent(agent: Agent) -> str:
    role = f", {_link(agent.role)}" if agent.role else ""
    return _link(agent.evidence) + role + (f" ({', '.join(agent.countries)})" if agent.countries else "")


def _rows(event: TreatyEvent) -> Iterator[tuple[str, str]]:
    treaty = event.treaty
    parties = [_link(p.evidence, f"{p.name} ({p.code})" if p.name and p.code else None) for p in event.parties]
    yield "between", ", ".join(parties)
    if event.date:
        value = f" ({escape(event.date.value)})" if event.date.value else ""
        yield "when", _link(event.date.evidence) + value
    if event.place:
        yield "where", _link(event.place.evidence)
    agents = [
        _link(a.evidence)
        + (f", {_link(a.role)}" if a.role else "")
        + (f" ({', '.join(a.countries)})" * bool(a.countries))
        for a in event.agents
    ]
    yield "by", "; ".join(agents)
    if treaty:
        yield "kind", escape(", ".join(v for v in (treaty.kind, treaty.domain) if v))
        if treaty.term:
            yield "term", _link(treaty.term.evidence) + (f" ({escape(treaty.term.value)})" if treaty.term.value else "")
        yield "provides", "; ".join(_link(p.evidence) for p in treaty.provisions)
        yield "related", "; ".join(f"{r.relation} {_link(r.evidence)}" for r in treaty.related)
    yield "evidence", ", ".join(_link(m) for m in event.mentions)
    yield "confidence", f"{event.confidence:.2f}"


def _heading(event: TreatyEvent) -> str:
    level = f" ({event.level})" if event.level else ""
    status = "" if event.status == "occurred" else f", {event.status}"
    return escape(event.type.replace("_", " ").capitalize() + level + status)


def _card(event: TreatyEvent) -> str:
    keys = " ".join(dict.fromkeys(_key(e.start, e.end) for e in _evidence(event)))
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in _rows(event) if value)
    name = f'<p class="name">{_link(event.treaty.evidence)}</p>' if event.treaty else ""
    main = " · main event" if event.is_main else ""
    return (
        f'<div class="card {event.status}" tabindex="0" role="button" aria-pressed="false" data-e="{keys}">'
        f"<h3>{_heading(event)}{main}</h3>{name}<dl>{rows}</dl></div>"
    )


def _timeline(events: Sequence[TreatyEvent]) -> str:
    dated = sorted((e for e in events if e.date and e.date.value), key=lambda e: str(e.date and e.date.value))
    if len(dated) < 2:
        return ""
    items = "".join(
        f'<li class="{e.status}"><time>{escape(str(e.date and e.date.value))}</time>'
        f'<a href="#m{_key(e.trigger.start, e.trigger.end)}">{_heading(e)}</a>'
        f"{escape(': ' + ', '.join(e.party_codes)) if e.party_codes else ''}</li>"
        for e in dated
    )
    return f'<h2>Timeline</h2>\n<ol class="timeline">{items}</ol>'


def _legend(labels: Iterable[str]) -> str:
    found = set(labels)
    return " ".join(f'<span class="m {label}">{name}</span>' for label, name in _NAMES.items() if label in found)


def page(document: Document, extraction: Extraction, title: str | None = None) -> str:
    """Write an article with its mentions, events and timeline as one HTML page.

    Args:
        document: the article as read (see `Extractor.assemble`).
        extraction: the mentions and relations that it was assembled from.
        title: heading; the article's first line if None.

    Returns:
        The page: no file and no address besides it is needed to show it.
    """
    lines = [line.strip() for line in document.text.splitlines() if line.strip()]
    # A line with bars is a menu.
    first = next((line for line in lines if " | " not in line), lines[0] if lines else "(empty text)")
    number = len(document.events)
    facts = [
        f"language {document.language}" if document.language else "",
        f"published {document.published}" if document.published else "publication date not given",
        f"{document.characters_read} characters read",
        f"{number} treaty event{'s' * (number != 1)}",
    ]
    cards = "\n".join(map(_card, document.events)) or "<p>No treaty event was found.</p>"
    return string.Template(_asset("page.html")).substitute(
        title=escape(title or (first if len(first) <= 120 else first[:119] + "…")),
        style=_asset("style.css"),
        script=_asset("script.js"),
        facts=escape(" · ".join(f for f in facts if f)),
        legend=_legend(m.label for m in extraction.mentions),
        lang=f' lang="{escape(document.language)}" dir="auto"' if document.language else ' dir="auto"',
        article=_article(extraction),
        events=_timeline(document.events) + "\n<h2>Events</h2>\n" + cards,
        model=escape(document.model.name),
        package=escape(document.model.package),
    )
