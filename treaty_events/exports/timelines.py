"""Treaties over time: dossiers as JSON lines, Markdown timelines, calendar entries, and a picture."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from treaty_events.errors import MissingExtraError
from treaty_events.treaties import Dossier, Step, party_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# RFC 5545: a content line holds 75 octets at most, then it is folded.
_OCTETS: Final = 75
# Okabe and Ito's colours, which colour-blind readers tell apart.
_COLOURS: Final = {"occurred": "#0072B2", "planned": "#E69F00", "rejected": "#D55E00"}
# Days that the axis spans at least.
_LEAST_REACH: Final = 120
_MARKERS: Final = {"occurred": "o", "planned": "D", "rejected": "X"}


def jsonl(dossiers: Iterable[Dossier]) -> dict[str, str]:
    """Write `dossiers.jsonl`."""
    return {"dossiers.jsonl": "".join(d.model_dump_json() + "\n" for d in dossiers)}


def title(dossier: Dossier) -> str:
    """Give a heading: the most used English name, or else the most used one, with the parties."""
    english = [n for n in dossier.names if n.language == "en"]
    name = " ".join((english or dossier.names)[0].text.split()) if dossier.names else dossier.kind or "treaty"
    parties = ", ".join(party_names(dossier.parties))
    return f"{name} ({parties})" if parties else name


def label(step: Step) -> str:
    """Say a step in a few words."""
    words = step.type.replace("_", " ") + (f" ({step.level})" if step.level else "")
    who = f" by {', '.join(party_names(step.actors))}" if step.actors else ""
    where = f" in {step.place}" if step.place else ""
    return words + who + where + ("" if step.status == "occurred" else f", {step.status}")


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", " ".join(text.split()))


def _lines(dossier: Dossier) -> Iterator[str]:
    yield f"## {_escaped(title(dossier))}"
    yield ""
    facts = [f"`{dossier.key}`", dossier.kind, dossier.domain, dossier.term and f"term {dossier.term}"]
    yield " · ".join(f for f in facts if f)
    yield ""
    for step in dossier.steps:
        sources = ", ".join(dict.fromkeys(_escaped(s.document) for s in step.sources))
        yield f"- **{step.date or 'no date'}** {_escaped(label(step))} — {sources}"
        for conflict in step.conflicts:
            values = "; ".join(f"{value} ({', '.join(map(_escaped, docs))})" for value, docs in conflict.values)
            yield f"  - sources differ on the {conflict.field}: {values}"
    for conflict in dossier.conflicts:
        values = "; ".join(f"{value} ({', '.join(map(_escaped, docs))})" for value, docs in conflict.values)
        yield f"- sources differ on the {conflict.field}: {values}"
    yield ""


def markdown(dossiers: Iterable[Dossier]) -> dict[str, str]:
    """Write `timelines.md`: each treaty with its steps in order, sources and conflicts."""
    lines = ["# Treaties", "", *(line for d in dossiers for line in _lines(d))]
    return {"timelines.md": "\n".join(lines).rstrip() + "\n"}


def _content_line(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    whole = f"{name}:{' '.join(escaped.splitlines())}"
    pieces, piece = [], ""
    for character in whole:
        if len((piece + character).encode()) > _OCTETS:
            pieces.append(piece)
            # A continuation begins with a space, which is part of its length.
            piece = " "
        piece += character
    return "\r\n".join([*pieces, piece]) + "\r\n"


def calendar(dossiers: Iterable[Dossier]) -> dict[str, str]:
    """Write `treaties.ics` (RFC 5545): an all-day entry for each step of a known day; rejected ones are cancelled."""
    out = ["BEGIN:VCALENDAR\r\n", "VERSION:2.0\r\n", "PRODID:-//treaty-events//timelines//EN\r\n"]
    for dossier in dossiers:
        for number, step in enumerate(dossier.steps):
            if step.date is None or len(step.date) != 10 or "/" in step.date:
                continue
            day = datetime.date.fromisoformat(step.date)
            identity = hashlib.sha256(f"{dossier.key}/{number}/{step.type}/{step.date}".encode()).hexdigest()[:32]
            published = [s.published for s in step.sources if s.published]
            stamp = max(published, default=day)
            status = {"occurred": "CONFIRMED", "planned": "TENTATIVE", "rejected": "CANCELLED"}[step.status]
            out += [
                "BEGIN:VEVENT\r\n",
                _content_line("UID", f"{identity}@treaty-events"),
                f"DTSTAMP:{stamp:%Y%m%d}T000000Z\r\n",
                f"DTSTART;VALUE=DATE:{day:%Y%m%d}\r\n",
                f"DTEND;VALUE=DATE:{day + datetime.timedelta(days=1):%Y%m%d}\r\n",
                _content_line("SUMMARY", f"{label(step)}: {title(dossier)}"),
                _content_line("DESCRIPTION", "; ".join(dict.fromkeys(s.document for s in step.sources))),
                f"STATUS:{status}\r\n",
                "TRANSP:TRANSPARENT\r\n",
                "END:VEVENT\r\n",
            ]
    return {"treaties.ics": "".join([*out, "END:VCALENDAR\r\n"])}


def _days(value: str) -> float:
    """Place an EDTF date on an axis of days; the middle of a month, a season, a year or an interval."""
    first, _, last = value.partition("/")
    if last and last != "..":
        return (_days(first) + _days(last)) / 2
    numbers = [int(n) for n in re.findall(r"\d+", first)]
    if len(numbers) == 3:
        return float(datetime.date(*numbers).toordinal())
    if len(numbers) == 2 and numbers[1] <= 12:
        return datetime.date(numbers[0], numbers[1], 15).toordinal()
    return datetime.date(numbers[0], 7, 1).toordinal()


def plot(dossier: Dossier) -> Figure:
    """Draw a treaty's timeline; save it with the figure's `savefig`.

    Each step stands at its date, those without one at the left edge.

    Args:
        dossier: with at least one step.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib import figure as figures
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plots") from error
    origin = date2num(datetime.date(1970, 1, 1)) - datetime.date(1970, 1, 1).toordinal()
    moments = [_days(s.date) + origin if s.date and "X" not in s.date else None for s in dossier.steps]
    known = [m for m in moments if m is not None] or [origin + datetime.date(2000, 1, 1).toordinal()]
    reach = max(max(known) - min(known), _LEAST_REACH)
    drawn = figures.Figure(figsize=(9, 1.5 + 0.3 * len(dossier.steps)), layout="constrained")
    axes = drawn.subplots()
    for row, (step, moment) in enumerate(zip(dossier.steps, moments, strict=True)):
        # Steps without a date stand to the left of the axis, hollow.
        place = min(known) - 0.08 * reach if moment is None else moment
        colour = _COLOURS[step.status]
        filled = "none" if moment is None else colour
        axes.plot([place], [row], _MARKERS[step.status], color=colour, markerfacecolor=filled, markersize=7)
        articles = len({s.document for s in step.sources})
        text = f"{step.date or 'no date'}  {label(step)}" + (f"  [{articles} articles]" if articles > 1 else "")
        axes.annotate(text, (place, row), xytext=(9, 0), textcoords="offset points", va="center", fontsize=8)
    axes.set_xlim(min(known) - 0.12 * reach, max(known) + 0.9 * reach)
    axes.set_ylim(len(dossier.steps) - 0.3, -0.7)
    axes.set_yticks([])
    locator = AutoDateLocator(maxticks=7)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.set_title(title(dossier), fontsize=10, loc="left", wrap=True)
    handles = [axes.plot([], [], _MARKERS[s], color=c, label=s)[0] for s, c in _COLOURS.items()]
    drawn.legend(handles=handles, fontsize=7, loc="outside lower center", ncols=3, frameon=False)
    return drawn
