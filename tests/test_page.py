from __future__ import annotations

import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treaty_events import cli, vocabulary
from treaty_events.assembly import assemble
from treaty_events.extraction import Extraction, Mention, Relation
from treaty_events.page import page
from treaty_events.schema import Agent, Date, Document, Evidence, ModelInfo, RelatedTreaty, Renewal

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
    assert ">Ratification (domestic) · main event</h3>" in html
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


def test_every_word_that_an_event_stands_on_is_marked_with_it() -> None:
    extraction = Extraction(TEXT, MENTIONS, LINKS)
    read = document(extraction)
    words = {
        w: Evidence(text=w, start=TEXT.index(w), end=TEXT.index(w) + len(w)) for w in ("Menu", "Home", "left", "The")
    }
    (event,) = read.events
    assert event.treaty
    treaty = event.treaty.model_copy(
        update={
            "renewal": Renewal(evidence=(words["Menu"],)),
            "related": (RelatedTreaty(relation="amends", evidence=words["Home"], date=Date(evidence=words["left"])),),
        }
    )
    agents = (Agent(evidence=event.trigger, kind="person", role=words["The"]),)
    fuller = read.model_copy(update={"events": (event.model_copy(update={"treaty": treaty, "agents": agents}),)})
    (marked,) = re.findall(r'data-e="([^"]*)"', page(fuller, extraction))
    assert {f"{e.start}-{e.end}" for e in words.values()} <= set(marked.split())


def test_cards_can_be_read_out_and_used_without_a_mouse() -> None:
    extraction = Extraction(TEXT, MENTIONS, LINKS)
    html = page(document(extraction, "kk"), extraction)
    # A button's content is one label to a screen reader: headings and links must not stand in one.
    assert 'role="button"' not in html
    for button in re.findall(r"<button.*?</button>", html):
        assert not re.search("<(a|h3|dl)", button)
        assert 'type="button"' in button
    labelled = re.findall(r'aria-(?:labelledby|describedby)="([^"]*)"', html)
    assert labelled
    assert set(labelled) <= set(Page(html).ids)
    assert '<h1 dir="auto" lang="kk">' in html
    assert re.search(r'<a href="#m[\d-]*" dir="auto" lang="kk">12 December 2023</a>', html)
    # What colour and tips say stands in words as well.
    table = html[html.index("<details>") : html.index("</details>")]
    for mention in MENTIONS:
        assert f"<td>{mention.start}–{mention.end}</td>" in table
    assert "<td>step, domestic, occurred, ratification</td>" in table


def test_lines_under_mentions_differ_by_more_than_colour() -> None:
    css = (Path(page.__code__.co_filename).parent / "style.css").read_text(encoding="utf-8")
    styles: dict[str, dict[str, str]] = {label: {} for label in vocabulary.SPAN_LABELS}
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        for label in styles:
            if re.search(rf"(^|,)\s*\.{label}\s*(,|$)", selectors.split("*/")[-1]):
                styles[label] |= dict(re.findall(r"([\w-]+):\s*([^;]+);", body))
    looks = [tuple(sorted((k, v) for k, v in look.items() if k != "--c")) for look in styles.values()]
    assert len(set(looks)) == len(looks)


@pytest.mark.parametrize("dark", [False, True])
def test_colours_have_contrast(dark: bool) -> None:
    css = (Path(page.__code__.co_filename).parent / "style.css").read_text(encoding="utf-8")
    light, other = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    found = dict(re.findall(r"--([\w]+): (#\w+)", light)) | (
        dict(re.findall(r"--([\w]+): (#\w+)", other)) if dark else {}
    )

    def luminance(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    def contrast(one: str, two: str) -> float:
        low, high = sorted((luminance(found[one]), luminance(found[two])))
        return (high + 0.05) / (low + 0.05)

    for ground in ("paper", "card", "mark"):
        assert contrast("ink", ground) >= 7, ground
    assert min(contrast("soft", ground) for ground in ("paper", "card")) >= 4.5
    # Lines and borders, which are no text: 3 to 1 (WCAG 1.4.11).
    assert min(contrast(label, "paper") for label in vocabulary.SPAN_LABELS) >= 3


def test_timeline_is_in_order_whatever_the_dates_are() -> None:
    extraction = Extraction(TEXT, MENTIONS, LINKS)
    read = document(extraction)
    (event,) = read.events
    values = ["2019", "202X", "2024-02", "2024-21", "2024-03-05/2024-04", "../2024-05-01", "2024-12-31"]
    dated = [event.model_copy(update={"date": Date(evidence=event.trigger, value=v)}) for v in values]
    shuffled = read.model_copy(update={"events": tuple(dated[i] for i in (6, 3, 1, 5, 0, 2, 4))})
    assert re.findall("<time>(.*?)</time>", page(shuffled, extraction)) == values


def test_hostile_words_stay_words() -> None:
    bad = "\"><script>alert(1)</script><img src=x onerror=alert(1)>${title} '{{7*7}}' javascript:alert(1)"
    mentions = (Mention(0, len(bad), "TREATY"), Mention(2, 10, vocabulary.TRIGGER, attributes={"type": bad}))
    extraction = Extraction(bad, mentions, (Relation("treaty", 1, 0),))
    read = document(Extraction(TEXT, MENTIONS, LINKS)).model_copy(
        update={"text": bad, "language": bad, "id": bad, "model": ModelInfo(name=bad, weights_sha256="", package=bad)}
    )
    html = page(read, extraction, title=bad)
    tags: list[str] = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append(tag)
            assert not {name for name, _ in attrs} & {"onerror", "onload", "src"}

    Tags().feed(html)
    assert tags.count("script") == 1
    assert "img" not in tags
    assert Page(html).article == bad


def test_thousands_of_mentions_are_quick() -> None:
    text = "Qatar " * 6000
    extraction = Extraction(text, tuple(Mention(6 * i, 6 * i + 5, "GPE") for i in range(6000)))
    read = document(Extraction(TEXT)).model_copy(update={"text": text})
    begun = time.process_time()
    assert Page(page(read, extraction)).article == text
    assert time.process_time() - begun < 10


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


def test_command_says_what_is_wrong(release_directory: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "half.jsonl").write_text('{"text": "Qatar \\ud800"}', encoding="utf-8")
    (tmp_path / "a.txt").write_text("Qatar.", encoding="utf-8")
    for arguments, message in (
        (["half.jsonl"], "lone surrogate"),
        (["a.txt", "--published", "soon"], "is no date"),
        (["a.txt", "-o", str(tmp_path)], "Is a directory"),
    ):
        given_ = ["report", str(tmp_path / arguments[0]), *arguments[1:], "--model", str(release_directory)]
        assert cli.main(given_) == 2
        assert message in caplog.text


def test_command_writes_the_page(release_directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    article, target = tmp_path / "a.txt", tmp_path / "out" / "page.html"
    article.write_text("Qatar ratified the accord.", encoding="utf-8")
    assert cli.main(["report", str(article), "-o", str(target), "--model", str(release_directory)]) == 0
    assert Page(target.read_text(encoding="utf-8")).article == "Qatar ratified the accord."
    assert str(target) in capsys.readouterr().err
    assert cli.main(["report", str(tmp_path / "none.txt"), "--model", str(release_directory)]) == 2
