"""States whose name alone does not tell which one is meant."""

from __future__ import annotations

import pytest

from treaty_events import countries, instruments
from treaty_events.atlas import Atlas
from treaty_events.extraction import Extraction, Mention


def read(text: str, *surfaces: str, language: str = "en") -> list[tuple[str, ...]]:
    mentions = [Mention(text.index(s), text.index(s) + len(s), "GPE") for s in surfaces]
    atlas = Atlas(Extraction(text, tuple(mentions)), language)
    return [atlas.read(m) for m in mentions]


@pytest.mark.parametrize(
    ("surface", "language", "codes"),
    [
        ("Congo", "en", ("COD", "COG")),
        ("congolaise", "fr", ("COD", "COG")),
        ("Корее", "ru", ("KOR", "PRK")),
        ("Koreą", "pl", ("KOR", "PRK")),
        ("dominicano", "es", ("DMA", "DOM")),
        ("Qatar", "en", ()),
        ("South Korea", "en", ()),
        ("Narnia", "en", ()),
    ],
)
def test_candidates(surface: str, language: str, codes: tuple[str, ...]) -> None:
    assert tuple(sorted(countries.candidates(surface, language))) == codes
    assert not (codes and countries.resolve(surface, language))


def test_an_ambiguous_name_takes_the_state_that_the_text_names() -> None:
    assert read("Brazzaville said that Congo had signed.", "Brazzaville", "Congo") == [("COG",), ("COG",)]
    assert read("Rwanda and Congo signed.", "Rwanda", "Congo") == [("RWA",), ()]
    text = "South Korea met North Korea; the Korean side signed."
    assert read(text, "South Korea", "North Korea", "Korean")[2] == ()
    assert read("Сеул заявил: корейская сторона подписала.", "Сеул", "корейская", language="ru")[1] == ("KOR",)


def test_moscow_stands_for_the_soviet_union_in_its_time() -> None:
    assert read("The Soviet Union agreed; Moscow signed.", "Soviet Union", "Moscow") == [("SUN",), ("SUN",)]
    text = "The Soviet Union agreed; Russia left it, Moscow said."
    assert read(text, "Soviet Union", "Russia", "Moscow") == [("SUN",), ("RUS",), ("RUS",)]
    assert read("Moscow signed.", "Moscow") == [("RUS",)]


@pytest.mark.parametrize(
    ("name", "language", "kind", "code"),
    [
        ("Non-Proliferation Treaty", "en", "treaty", "NPT"),
        ("1968 Treaty on the Non-Proliferation of Nuclear Weapons", "en", None, "NPT"),
        ("NPT", "en", "treaty", "NPT"),
        ("additional protocol to the Non-Proliferation Treaty", "en", "protocol", None),
        ("treaty on friendship", "en", "treaty", None),
        ("Non-Proliferation Treaty", "xx", None, None),
    ],
)
def test_well_known_treaties(name: str, language: str, kind: str | None, code: str | None) -> None:
    found = instruments.resolve(name, language, kind)
    assert (found and found.code) == code
    if found:
        assert (found.date, found.kind) == ("1968-07-01", "treaty")
        assert instruments.lookup(found.code) == found
