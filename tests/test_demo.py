from __future__ import annotations

import argparse
import csv
import html
import io
import json
import re
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treaty_events import Document, Extractor, InputError, MissingExtraError
from treaty_events.commands import demo as command
from treaty_events.demo import create_demo, downloads, reading, uploads
from treaty_events.demo.downloads import Downloads
from treaty_events.exports import export

TEXT = "Le Sénat kazakh a ratifié jeudi l'accord avec le Qatar, signé à Doha le 12 décembre 2023."
ARABIC = "وقّعت قطر وكازاخستان الاتفاقية"


def inside(frame: str) -> str:
    """What the frame shows: the value of its srcdoc, as a browser reads it."""
    found = re.search(r'srcdoc="([^"]*)"', frame)
    assert found is not None
    return html.unescape(found[1])


def upload(folder: Path, name: str, content: str | bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


# One article


def test_view_shows_what_the_extractor_says(extractor: Extractor) -> None:
    view = reading.view(extractor, TEXT, "2025-02-13", "fr")
    document = extractor.document(TEXT, "2025-02-13", "fr")
    assert document.events
    assert Document.model_validate_json(view.record) == document
    assert Document.model_validate_json(view.files["document.json"]) == document
    assert [len(row) for row in view.rows] == [len(reading.COLUMNS)] * len(document.events)
    assert [row[-2] for row in view.rows] == [f"{e.trigger.text} @{e.trigger.start}" for e in document.events]
    rows = list(csv.DictReader(io.StringIO(view.files["events.csv"], newline="")))
    assert [row["trigger"] for row in rows] == [e.trigger.text for e in document.events]
    assert "French" in view.message
    assert f"{len(TEXT)} characters" in view.message
    assert 'role="status"' in view.message


def test_view_says_that_relative_dates_need_a_date(extractor: Extractor) -> None:
    assert "Relative dates stay unresolved" in reading.view(extractor, TEXT, "", "").message
    assert "Relative dates" not in reading.view(extractor, TEXT, "2025-02-13", "").message


def test_language_is_identified_unless_given(extractor: Extractor) -> None:
    assert json.loads(reading.view(extractor, TEXT, "", "").record)["language"] == "fr"
    assert json.loads(reading.view(extractor, TEXT, "", " KK ").record)["language"] == "kk"


@pytest.mark.parametrize(
    ("text", "published", "language", "said"),
    [
        ("", "", "", "the text is empty"),
        (" \n ", "", "", "the text is empty"),
        (None, None, None, "the text is empty"),
        ("a\ud800", "", "", "lone surrogate) at 1"),
        (TEXT, "soon", "", "&#x27;soon&#x27; is no date"),
        (TEXT, "2024-13-40", "", "not in the calendar"),
        (TEXT, "2024-11-289", "", "is no date"),
        (TEXT, "", "French", "no ISO 639-1 code"),
        (TEXT, "", "<b>", "&lt;b&gt;"),
    ],
)
def test_wrong_input_is_a_message(
    extractor: Extractor, text: str | None, published: str | None, language: str | None, said: str
) -> None:
    view = reading.view(extractor, text, published, language)
    assert said in view.message
    assert 'role="alert"' in view.message
    assert view == reading.View(view.message)


def test_frame_is_sandboxed_and_shows_the_article(extractor: Extractor) -> None:
    frame = reading.view(extractor, ARABIC, "", "ar").frame
    assert 'sandbox="allow-scripts"' in frame
    assert "allow-same-origin" not in frame
    page = inside(frame)
    article = re.search(r"<article[^>]*>(.*?)</article>", page, re.DOTALL)
    assert article is not None
    assert 'dir="auto" lang="ar"' in article[0]
    assert html.unescape(re.sub(r"<[^>]*>", "", article[1])) == ARABIC
    # Without it a link to a mention would load the demo itself into the frame.
    assert '<base href="about:srcdoc">' in page


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_gets_out_of_the_frame(text: str) -> None:
    page = f"<head></head><p>{html.escape(text)}</p>"
    frame = reading.frame(page)
    assert inside(frame).replace('\n<base href="about:srcdoc">', "") == page
    # Neither markup nor what Gradio's templates are made of is left outside the tag's own.
    body = frame.removeprefix("<iframe").removesuffix("></iframe>")
    assert not set(body) & set("<>{}$`@\\")


def test_long_text_is_read_whole(extractor: Extractor) -> None:
    text = "\n".join(f"{TEXT} {n}" for n in range(15))
    view = reading.view(extractor, text, "", "fr")
    assert json.loads(view.record)["characters_read"] == len(text)
    assert f"{len(text):,} characters read" in view.message
    assert "2023. 14</" in re.sub(r"</?span[^>]*>", "", inside(view.frame))


# Many files


def test_files_make_one_table_and_failures_are_listed(extractor: Extractor, tmp_path: Path) -> None:
    records = [
        {"id": "x", "text": TEXT, "published": "2025-02-13T10:00:00Z", "lang": "fr"},
        {"text": TEXT},
        {"id": "late", "text": TEXT, "published": "soon"},
        {"text": TEXT, "lang": 5},
        {"id": "odd", "text": TEXT, "lang": "French"},
    ]
    lines = "\n".join([*map(json.dumps, records), "not json"])
    paths = [
        upload(tmp_path, "a.txt", TEXT),
        upload(tmp_path, "latin.txt", "Sénat".encode("latin-1")),
        upload(tmp_path, "empty.txt", ""),
        upload(tmp_path, "l.jsonl", lines),
        upload(tmp_path, "paper.pdf", "%PDF"),
        upload(tmp_path / "other", "a.txt", TEXT),
    ]
    told: list[tuple[int, int, str]] = []
    batch = uploads.read_files(extractor, paths, "2024-01-01", "it", lambda *what: told.append(what))
    assert [(d.id, str(d.published), d.language) for d in batch.documents] == [
        ("a.txt", "2024-01-01", "it"),
        ("x", "2025-02-13", "fr"),
        ("l.jsonl:2", "2024-01-01", "it"),
        ("a.txt (2)", "2024-01-01", "it"),
    ]
    failures = dict(batch.failures)
    assert list(failures) == ["latin.txt", "empty.txt", "late", "l.jsonl:4", "odd", "l.jsonl:6", "paper.pdf"]
    assert failures["latin.txt"].startswith("not UTF-8 at byte 1")
    assert failures["l.jsonl:6"].startswith("not JSON")
    assert told[0] == (0, 11, "a.txt")
    assert told[-1] == (10, 11, "a.txt (2)")

    view = uploads.view(batch)
    assert "4 articles read" in view.message
    assert "7 articles could not be read:" in view.message
    assert str(tmp_path) not in view.message
    assert {row[0] for row in view.rows} == {d.id for d in batch.documents}
    assert {len(row) for row in view.rows} == {len(uploads.COLUMNS)}
    read_again = [Document.model_validate_json(line) for line in view.files["documents.jsonl"].splitlines()]
    assert tuple(read_again) == batch.documents
    assert len(list(csv.DictReader(io.StringIO(view.files["events.csv"])))) == sum(len(d.events) for d in read_again)


def test_article_without_events_has_a_row(extractor: Extractor) -> None:
    document = extractor.document(TEXT).model_copy(update={"id": "x", "events": ()})
    view = uploads.view(uploads.Batch((document,)))
    assert [row[:3] for row in view.rows] == [["x", "fr", "no treaty event"]]
    assert "0 treaty events" in view.message


def test_articles_of_one_name_stay_apart(extractor: Extractor, tmp_path: Path) -> None:
    record = json.dumps({"id": "x", "text": TEXT})
    paths = [
        upload(tmp_path, "UPPER.TXT", TEXT),
        upload(tmp_path, "a.jsonl", f"{record}\n{record}"),
        upload(tmp_path, "b.jsonl", record),
    ]
    batch = uploads.read_files(extractor, paths)
    assert [d.id for d in batch.documents] == ["UPPER.TXT", "x", "x (2)", "x (3)"]
    assert not batch.failures


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_message_holds_markup_or_a_template(text: str) -> None:
    for message in (reading.alert(text), reading.note(text)):
        assert not set(message[message.index("<p>") + 3 : message.rindex("</p>")]) & set('<>{}$`@\\"')
        assert html.unescape(re.sub("</?p>|</?div[^>]*>", "", message)) == text


def test_the_table_to_download_holds_no_formula(extractor: Extractor) -> None:
    document = extractor.document(TEXT)
    bad = document.model_copy(update={"id": "=HYPERLINK(A1)"})
    (events,) = downloads.table([bad, document.model_copy(update={"id": "+1"})]).values()
    rows = list(csv.DictReader(io.StringIO(events, newline="")))
    assert {row["document"] for row in rows} == {"'=HYPERLINK(A1)", "'+1"}
    assert [row["trigger"] for row in rows] == [e.trigger.text for e in document.events] * 2
    assert downloads.table([bad.model_copy(update={"id": "x"})]) == export([bad.model_copy(update={"id": "x"})], "csv")


def test_nothing_readable_offers_no_files() -> None:
    view = uploads.view(uploads.Batch(failures=(("<a>.txt", "no"),)))
    assert "&lt;a&gt;.txt: no" in view.message
    assert (view.rows, view.files) == ((), {})


@pytest.mark.parametrize(("published", "language"), [("soon", ""), ("", "French")])
def test_wrong_date_or_language_stops_a_batch_at_once(
    extractor: Extractor, tmp_path: Path, published: str, language: str
) -> None:
    with pytest.raises(InputError):
        uploads.read_files(extractor, [upload(tmp_path, "a.txt", TEXT)], published, language)
    with pytest.raises(InputError, match="there is no file"):
        uploads.read_files(extractor, [])


def test_uploaded_article_is_taken_out_of_its_file(tmp_path: Path) -> None:
    record = {"id": "x", "text": TEXT, "published": "2025-02-13", "lang": "fr"}
    article = uploads.article(upload(tmp_path, "a.jsonl", json.dumps(record)))
    assert (article.text, article.published, article.language) == (TEXT, "2025-02-13", "fr")
    two = "\n".join([json.dumps(record)] * 2)
    for name, content, said in (
        ("two.jsonl", two, "two.jsonl holds 2 articles: read it under 'Many files'"),
        ("none.jsonl", "", "holds 0 articles"),
        ("bad.txt", b"\xff", "bad.txt: not UTF-8"),
        ("a.doc", "x", "a.doc: only files"),
    ):
        with pytest.raises(InputError, match=said) as raised:
            uploads.article(upload(tmp_path, name, content))
        assert str(tmp_path) not in str(raised.value)


# The examples and the files


def test_examples_are_short_articles_in_their_languages() -> None:
    found = {e.language: e for e in reading.examples()}
    assert set(found) >= {"it", "el", "en", "fr", "kk", "ru", "tr", "ar", "zh", "es", "de", "uk"}
    assert len(found) == len(reading.examples())
    assert set(found) <= set(reading.LANGUAGES)
    for language, example in found.items():
        words = len(example.text.split()) if language != "zh" else len(example.text) // 2
        assert 60 <= words <= 140, language
        assert reading.parse_date(example.published)
        assert unicodedata.is_normalized("NFC", example.text)


def test_downloads_keep_the_latest_files() -> None:
    downloads = Downloads(keep=2)
    assert downloads.offer({}) == {}
    offered = [downloads.offer({"a.csv": f"é\r\n{n}"})["a.csv"] for n in range(3)]
    assert [Path(path).exists() for path in offered] == [False, True, True]
    assert Path(offered[-1]).read_bytes() == "é\r\n2".encode()
    assert Path(offered[-1]).name == "a.csv"


# The command


def options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers())
    return parser.parse_args(["demo", *arguments])


def test_command_serves_what_it_was_told_to(release_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[object, ...]] = []
    monkeypatch.setattr("treaty_events.demo.serve", lambda e, *rest: calls.append((e.info.name, *rest)))
    for arguments in ((), ("--host", "::1", "--port", "99", "--no-browser")):
        chosen = options(*arguments, "--model", str(release_directory))
        assert chosen.run(chosen) == 0
    assert calls == [("tiny", "127.0.0.1", 7860, True), ("tiny", "::1", 99, False)]


def test_without_gradio_the_extra_is_named(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gradio", None)
    with pytest.raises(MissingExtraError, match=re.escape("pip install 'treaty-events[demo]'")):
        create_demo(extractor)
