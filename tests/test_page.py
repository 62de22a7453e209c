from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treaty_events import cli, vocabulary
from treaty_events.assembly import assemble
from treaty_events.extraction import Extraction, Mention, Relation
from treaty_events.page import page
from treaty_events.schema import Document, ModelInfo

TEXT = 'Menu | Home\nThe Senate of Kazakhstan ratified the <accord> with Qatar on 12 December 2023 & "left".\n'


def span(words: str, label: str, **attributes: str) -> Mention:
    start = TEXT.index(words)
    return Mention(start, start + len(words), label, attributes=attributes)


MENTIONS = (
    span("Senate of Kazakhstan", "ORG"),
    span("Kazakhstan", "GPE"),
    span("ratified", vocabulary.TRIGGER, type="ratification", status="occurred", level="domestic"),
    span("<accord> with Qatar", "TREATY", kind="agreement", domain="defence"),
    span("Qatar", "GPE"),
    span("Qatar on 12", "PROVISION", topic="other"),
    span("12 December 2023", "DATE"),
)
LINKS = (
    Relation("treaty", 2, 3), Relation("party", 2, 1), Relation("party", 2, 4), Relation("agent", 2, 0),
    Relation("date", 2, 6),
)  # fmt: skip


class Page(HTMLParser):
    """What a browser would see: the article's text, ids, link targets, and elements that were never closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.article, self.ids, self.targets, self.open = "", [], [], []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.ids += [found["id"]] if "id" in found else []
        self.targets += [found["href"][1:]] if found.get("href", "").startswith("#") else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "article" in self.open:
            self.article += data


def document(extraction: Extraction, language: str | None = "en") -> Document:
    return Document(
        text=extraction.text,
        events=assemble(extraction, language),
        language=language,
        characters_read=len(extraction.text),
        tokens=0,
        windows=1,
        model=ModelInfo(name="tiny", weights_sha256="", package="0"),
    )


def test_page_shows_the_article_and_what_its_events_stand_on() -> None:
    extraction = Extraction(TEXT, MENTIONS, LINKS)
    html = page(document(extraction), extraction)
    seen = Page(html)
    assert seen.article == TEXT
    assert not seen.open
    assert len(set(seen.ids)) == len(seen.ids)
    assert set(seen.targets) <= set(seen.ids)
    assert "<h3>Ratification (domestic) · main event</h3>" in html
    assert ">Qatar (QAT)</a>" in html
    assert "(2023-12-12)" in html
    assert "<title>The Senate of Kazakhstan ratified the &lt;accord&gt;" in html
    for name in ("state or place", "organisation", "treaty", "provision", "date", "step"):
        assert f">{name}</span>" in html


def test_page_needs_nothing_from_elsewhere() -> None:
    extraction = Extraction(TEXT, MENTIONS, LINKS)
    html = page(document(extraction), extraction)
    assert "default-src 'none'" in html
    assert not re.search(r"https?:|url\(|<link|src=", html.replace("-src '", ""))


def test_page_without_events_says_so() -> None:
    extraction = Extraction("")
    html = page(document(extraction, None), extraction)
    assert "No treaty event was found." in html
    assert "(empty text)" in html


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=40),
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(1, 12), st.sampled_from(sorted(vocabulary.MENTION_LABELS))),
        max_size=8,
    ),
)
def test_any_mentions_leave_the_text_as_it_is(text: str, spans: list[tuple[int, int, str]]) -> None:
    mentions = sorted(
        {(a, min(a + n, len(text)), label) for a, n, label in spans if a < len(text)}, key=lambda m: (m[0], -m[1])
    )
    extraction = Extraction(text, tuple(Mention(a, b, label) for a, b, label in mentions))
    seen = Page(page(document(extraction), extraction))
    assert seen.article == text
    assert not seen.open


def test_command_writes_the_page(release_directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    article, target = tmp_path / "a.txt", tmp_path / "out" / "page.html"
    article.write_text("Qatar ratified the accord.", encoding="utf-8")
    assert cli.main(["report", str(article), "-o", str(target), "--model", str(release_directory)]) == 0
    assert Page(target.read_text(encoding="utf-8")).article == "Qatar ratified the accord."
    assert str(target) in capsys.readouterr().err
    assert cli.main(["report", str(tmp_path / "none.txt"), "--model", str(release_directory)]) == 2
