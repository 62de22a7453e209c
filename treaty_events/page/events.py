"""The events of an article, as cards, and their timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from treaty_events.schema import Agent, Date, Duration, Evidence, TreatyEvent

from .article import key

# EDTF's seasons as the month in which they begin, to be put in order.
_SEASONS = {"21": "03", "22": "06", "23": "09", "24": "12"}


def _evidence(event: TreatyEvent) -> Iterator[Evidence]:
    """All the words that an event stands on."""
    yield from event.mentions
    if event.treaty:
        treaty = event.treaty
        yield from treaty.mentions
        yield from (p.evidence for p in treaty.provisions)
        yield from (known.evidence for known in (treaty.term, treaty.date) if known)
        if treaty.renewal:
            yield from treaty.renewal.evidence
        for related in treaty.related:
            yield related.evidence
            if related.date:
                yield related.date.evidence
    yield from (p.evidence for p in event.parties)
    for agent in event.agents:
        yield agent.evidence
        if agent.role:
            yield agent.role
    yield from (known.evidence for known in (event.date, event.place) if known)


def _heading(event: TreatyEvent) -> str:
    level = f" ({event.level})" if event.level else ""
    status = "" if event.status == "occurred" else f", {event.status}"
    return escape(event.type.replace("_", " ").capitalize() + level + status)


def _moment(event: TreatyEvent) -> str:
    """Give an event's date as something to sort by: a season stands where its first month does.

    An interval stands where it begins, or where it ends if its beginning is open.
    """
    value = (event.date and event.date.value) or ""
    start, _, end = value.partition("/")
    day = end if start in ("", "..") else start
    year, _, month = day.partition("-")
    return "-".join([year.replace("X", "0"), _SEASONS.get(month, month)]) if month else year.replace("X", "0")


def timeline(events: Sequence[TreatyEvent]) -> str:
    """Write the dated events in their order; nothing if there are fewer than two."""
    dated = sorted((e for e in events if e.date and e.date.value), key=_moment)
    if len(dated) < 2:
        return ""
    items = "".join(
        f'<li class="{e.status}"><time>{escape(str(e.date and e.date.value))}</time> '
        f'<a href="#m{key(e.trigger.start, e.trigger.end)}">{_heading(e)}</a>'
        f"{escape(': ' + ', '.join(e.party_codes)) if e.party_codes else ''}</li>"
        for e in dated
    )
    return f'<h2>Timeline</h2>\n<ol class="timeline">{items}</ol>'


class Cards:
    """Writes events as cards.

    Args:
        language: of the article, so that its words are read out and drawn as such.
    """

    def __init__(self, language: str | None) -> None:
        self.language = f' lang="{escape(language)}"' if language else ""

    def write(self, events: Sequence[TreatyEvent]) -> str:
        """Write all cards, or that there is no event."""
        cards = (self._card(event, f"e{number}") for number, event in enumerate(events, 1))
        return "\n".join(cards) or "<p>No treaty event was found.</p>"

    def _link(self, evidence: Evidence, name: str | None = None) -> str:
        """Link to words of the article, under a name in English if there is one."""
        target = f'href="#m{key(evidence.start, evidence.end)}"'
        if name:
            return f"<a {target}>{escape(name)}</a>"
        return f'<a {target} dir="auto"{self.language}>{escape(" ".join(evidence.text.split()))}</a>'

    def _valued(self, known: Date | Duration) -> str:
        return self._link(known.evidence) + (f" ({escape(known.value)})" if known.value else "")

    def _agent(self, agent: Agent) -> str:
        role = f", {self._link(agent.role)}" if agent.role else ""
        return self._link(agent.evidence) + role + (f" ({', '.join(agent.countries)})" if agent.countries else "")

    def _rows(self, event: TreatyEvent) -> Iterator[tuple[str, str]]:
        treaty = event.treaty
        parties = [self._link(p.evidence, f"{p.name} ({p.code})" if p.name and p.code else None) for p in event.parties]
        yield "between", ", ".join(parties)
        if event.date:
            yield "when", self._valued(event.date)
        if event.place:
            yield "where", self._link(event.place.evidence)
        yield "by", "; ".join(map(self._agent, event.agents))
        if treaty:
            yield "kind", escape(", ".join(v for v in (treaty.kind, treaty.domain) if v))
            if treaty.date:
                yield "dated", self._valued(treaty.date)
            if treaty.term:
                yield "term", self._valued(treaty.term)
            if treaty.renewal:
                yield "renewal", "; ".join(map(self._link, treaty.renewal.evidence))
            # Each on its own line: wrapped lists of right-to-left phrases cannot be told apart.
            yield "provides", "".join(f"<div>{self._link(p.evidence)}</div>" for p in treaty.provisions)
            yield "related", "; ".join(f"{r.relation} {self._link(r.evidence)}" for r in treaty.related)
        yield "evidence", ", ".join(map(self._link, event.mentions))
        yield "confidence", f"{event.confidence:.2f}"

    def _card(self, event: TreatyEvent, name: str) -> str:
        keys = " ".join(dict.fromkeys(key(e.start, e.end) for e in _evidence(event)))
        rows = "".join(f"<dt>{title}</dt><dd>{value}</dd>" for title, value in self._rows(event) if value)
        treaty = f'<p class="name">{self._link(event.treaty.evidence)}</p>' if event.treaty else ""
        main = " · main event" if event.is_main else ""
        return (
            f'<section class="card {event.status}" aria-labelledby="{name}" data-e="{keys}">'
            f'<h3 id="{name}">{_heading(event)}{main}</h3>{treaty}<dl>{rows}</dl>'
            f'<button type="button" class="pin" aria-pressed="false" aria-describedby="{name}">Keep its words marked'
            "</button></section>"
        )
