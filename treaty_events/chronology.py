"""Dates in their text: what their words leave open is filled in from the paragraph or from the publication date."""

from __future__ import annotations

import dataclasses
import datetime
import functools
from typing import Any, Final

from . import dates
from .extraction import Extraction, Mention

# Characters between a date and one without year that may still belong to the same year.
_CLOSE: Final = 200


class Chronology:
    """The dates of one text.

    Args:
        extraction: its mentions.
        language: of the text.
        published: publication date, for relative dates.
    """

    def __init__(self, extraction: Extraction, language: str | None, published: datetime.date | None) -> None:
        self.extraction, self.language, self.published = extraction, language, published
        self.mentions = extraction.mentions

    def read(self, mention: Mention, status: str | None = None) -> dates.DateValue | None:
        """Normalise a DATE mention.

        Args:
            mention: of the text.
            status: of the event that it is the date of. What is planned lies after publication, what occurred before,
                where the words leave the year or the week open.

        Returns:
            The value, None where nothing settles it.
        """
        surface = self.extraction.surface(mention)

        def read(**options: Any) -> dates.DateValue | None:
            return dates.parse(surface, language=self.language, **options)

        near, far = self._years.get(mention.start, (None, None))
        if near is not None:
            return self._in_context(read(year=near))
        parsed = read(published=self.published)
        if parsed is None and status == "planned":
            # "By the end of the year": of this one, if it is still to come.
            return read(published=self.published, forward=True)
        if parsed is None or parsed.anchor != "published" or self.published is None:
            return parsed
        today = self.published.isoformat()
        if status == "planned":
            return read(published=self.published, forward=True) or parsed
        if status == "occurred" and parsed.edtf[: len(today)] > today[: len(parsed.edtf)] and "/" not in parsed.edtf:
            # It cannot have been that one: the year is the history's, or that of the latest before publication.
            if far is not None:
                return self._in_context(read(year=far)) or parsed
            past = [read(year=self.published.year - back) for back in (0, 1)]
            fits = [p for p in past if p is not None and p.edtf <= today[: len(p.edtf)]]
            return dataclasses.replace(fits[0], anchor="published") if fits else parsed
        return parsed

    @staticmethod
    def _in_context(parsed: dates.DateValue | None) -> dates.DateValue | None:
        return None if parsed is None else dataclasses.replace(parsed, anchor="context")

    @functools.cached_property
    def _years(self) -> dict[int, tuple[int | None, int | None]]:
        """Years that the text gives to days and months without one, by the mention's start.

        A history goes on from the day that it named last ("on 19 April 1951 ... on 23 July"). The first year is that
        of an exact date before in the paragraph, not inside a treaty's name, and only for what comes after it in the
        calendar as well; else the publication date decides. The second is that of the date just before.
        """
        names = [(m.start, m.end) for m in self.mentions if m.label == "TREATY"]
        years: dict[int, tuple[int | None, int | None]] = {}
        last: tuple[int, str] | None = None
        loose: tuple[int, str] | None = None
        for mention in sorted((m for m in self.mentions if m.label == "DATE"), key=lambda m: m.start):
            surface = self.extraction.surface(mention)
            parsed = dates.parse(surface, language=self.language)
            if parsed is None and loose is not None:
                same = last is not None and "\n" not in self.extraction.text[last[0] : mention.start]
                year = int((last[1] if last is not None and same else loose[1])[:4])
                guess = dates.parse(surface, language=self.language, year=year)
                if guess is not None and guess.granularity in ("day", "month"):
                    after = last is not None and same and guess.edtf >= last[1][: len(guess.edtf)]
                    close = mention.start - loose[0] < _CLOSE
                    years[mention.start] = (year if after else None, year if close else None)
                    parsed = guess if after else None
            inside = any(start <= mention.start and mention.end <= end for start, end in names)
            if parsed is not None and not inside and parsed.granularity in ("day", "month", "year"):
                loose = (mention.end, parsed.edtf)
                if parsed.granularity != "year":
                    last = (mention.end, parsed.edtf)
        return years
