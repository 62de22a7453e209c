"""Dates whose words leave something open."""

from __future__ import annotations

import datetime

import pytest

from treaty_events.chronology import Chronology
from treaty_events.extraction import Extraction, Mention

TODAY = datetime.date(2024, 11, 20)


def read(
    text: str, *surfaces: str, status: str | None = None, published: datetime.date | None = TODAY, treaty: str = ""
) -> list[tuple[str, str] | None]:
    mentions, start = [], 0
    for surface in surfaces:
        start = text.index(surface, start)
        mentions.append(Mention(start, start + len(surface), "DATE"))
        start += len(surface)
    if treaty:
        at = text.index(treaty)
        mentions.append(Mention(at, at + len(treaty), "TREATY"))
    chronology = Chronology(Extraction(text, tuple(mentions)), "en", published)
    values = [chronology.read(m, status) for m in mentions if m.label == "DATE"]
    return [None if v is None else (v.edtf, v.anchor) for v in values]


def test_a_history_goes_on_in_its_year() -> None:
    text = "Talks opened on 19 April 1951, the text was signed on 23 July and the bases closed in October."
    assert read(text, "19 April 1951", "23 July", "October") == [
        ("1951-04-19", "text"),
        ("1951-07-23", "context"),
        ("1951-10", "context"),
    ]


def test_the_year_does_not_cross_paragraphs_or_run_backwards() -> None:
    assert read("Signed on 19 April 1951.\nOn 23 July it rained.", "19 April 1951", "23 July")[1] == (
        "2024-07-23",
        "published",
    )
    assert read("Signed on 19 April 1951. In March it rained.", "19 April 1951", "March")[1] == ("2025-03", "published")
    assert (
        read("Signed on 19 April 1951.\nOn 23 July it rained.", "19 April 1951", "23 July", published=None)[1] is None
    )


def test_a_date_in_a_name_starts_no_history() -> None:
    text = "The treaty of 19 April 1951 was denounced on 23 July."
    assert read(text, "19 April 1951", "23 July", treaty="treaty of 19 April 1951")[1] == ("2024-07-23", "published")


@pytest.mark.parametrize(
    ("surface", "status", "value"),
    [
        ("Thursday", None, "2024-11-14"),
        ("Thursday", "occurred", "2024-11-14"),
        ("Thursday", "planned", "2024-11-21"),
        ("January", "planned", "2025-01"),
        ("June", "planned", "2025-06"),
        ("January", "occurred", "2024-01"),
        ("5 December", "occurred", "2023-12-05"),
        ("5 December", None, "2024-12-05"),
        ("Wednesday", "planned", "2024-11-20"),
        ("the end of the year", "planned", "2024"),
    ],
)
def test_plans_lie_ahead_and_deeds_behind(surface: str, status: str | None, value: str) -> None:
    assert read(f"It is {surface}.", surface, status=status) == [(value, "published")]


def test_a_deed_after_publication_belongs_to_the_history_beside_it() -> None:
    text = "1995: a declaration is signed.\n5 December: it enters into force."
    assert read(text, "1995", "5 December", status="occurred")[1] == ("1995-12-05", "context")
