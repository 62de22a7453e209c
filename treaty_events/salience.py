"""Which of a text's events is the one that it is about."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Sequence
from typing import Final

from . import schema

# Characters of a text's opening, headline and lead; days within which a step is news.
_OPENING: Final = 400
_FRESH: Final = 60


def _last_day(event: schema.TreatyEvent) -> datetime.date | None:
    """The last day that an event's date allows; None where it has none, or a season or decade."""
    value = (event.date.value or "").split("/")[-1] if event.date else ""
    match = re.fullmatch(r"(\d{4})(?:-(0[1-9]|1[0-2]))?(?:-(\d{2}))?", value)
    if match is None:
        return None
    month = int(match[2] or 12)
    return datetime.date(int(match[1]), month, int(match[3] or calendar.monthrange(int(match[1]), month)[1]))


def main_event(events: Sequence[schema.TreatyEvent], published: datetime.date | None) -> int | None:
    """Find the event that a text is about: the first one of its opening that is no background, else the first.

    Args:
        events: of the text, in the order of their first triggers.
        published: publication date of the text, if known.

    Returns:
        Its index, None without events.
    """
    opening = [i for i, e in enumerate(events) if e.trigger.start < _OPENING] or list(range(len(events)))[:1]
    days = {i: _last_day(events[i]) for i in opening}
    known = [day for day in days.values() if day is not None]
    latest = max(known, default=None)
    if published is not None:
        latest = max(latest or published, published)
    for i in opening:
        day = days[i]
        if day is None or latest is None or (latest - day).days <= _FRESH:
            return i
    return opening[0] if opening else None
