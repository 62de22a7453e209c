from __future__ import annotations

import argparse
import csv
import html
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treaty_events import Document, Extractor, InputError, MissingExtraError
from treaty_events.commands import demo as command
from treaty_events.demo import create_demo, reading, server, uploads
from treaty_events.demo.downloads import Downloads

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
    assert 'lang="ar" dir="auto"' in article[0]
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


# The widgets


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.slow
def test_blocks_have_labels_and_ask_nobody(extractor: Extractor) -> None:
    pytest.importorskip("gradio", minversion="6.0")
    blocks = create_demo(extractor)
    assert blocks.analytics_enabled is False
    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"
    config = blocks.get_config_file()
    named = ("textbox", "dropdown", "file", "dataframe", "code", "uploadbutton", "tabitem")
    shown = [c for c in config["components"] if c["type"] in named]
    assert {c["type"] for c in shown} == set(named)
    assert all(c["props"].get("label") for c in shown)
    public = [d["api_name"] for d in config["dependencies"] if d["api_visibility"] == "public"]
    assert public == ["read", "read_files"]


@pytest.mark.slow
def test_port_in_use_is_an_error_that_says_so(extractor: Extractor) -> None:
    pytest.importorskip("gradio", minversion="6.0")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match="choose another --host or --port"):
            server.serve(extractor, "127.0.0.1", taken.getsockname()[1], browser=False)


@pytest.fixture(scope="module")
def address(release_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo in a process of its own; at the end it must go in peace and leave nothing behind."""
    pytest.importorskip("gradio", minversion="6.0")
    port, folder = free_port(), tmp_path_factory.mktemp("demo")
    code = (
        "from treaty_events import cli; from treaty_events.commands import demo; "
        "cli._COMMANDS = (demo,); raise SystemExit(cli.main())"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, "demo", "--no-browser", "--port", str(port), "--model", str(release_directory)],
        env={**os.environ, "TMPDIR": str(folder), "OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        said = next((line for line in process.stderr if "demo at" in line), "")
        assert f"http://127.0.0.1:{port}/" in said
        yield f"http://127.0.0.1:{port}/"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert not list(folder.glob("treaty-events-*"))
    finally:
        process.kill()
        process.stderr.close()


@pytest.mark.slow
def test_programs_can_call_it(address: str, extractor: Extractor, tmp_path: Path) -> None:
    import gradio_client

    client = gradio_client.Client(address, verbose=False, analytics_enabled=False, download_files=str(tmp_path))
    message, frame, table, record, events, whole = client.predict(TEXT, "2025-02-13", "fr", api_name="/read")
    document = extractor.document(TEXT, "2025-02-13", "fr")
    assert Document.model_validate_json(record) == document
    assert "French" in message
    assert "srcdoc" in frame
    assert len(table["data"]) == len(document.events)
    offered = [item["value"] for item in (events, whole)]
    assert [Path(path).name for path in offered] == ["events.csv", "document.json"]
    assert json.loads(Path(offered[1]).read_text(encoding="utf-8")) == document.model_dump(mode="json")

    message, frame, *_ = client.predict("", "", "", api_name="/read")
    assert "the text is empty" in message
    assert not frame

    files = [
        gradio_client.handle_file(upload(tmp_path, name, content))
        for name, content in (("中文.txt", TEXT), ("bad.txt", b"\xff"))
    ]
    message, table, *_ = client.predict(files, "", "", api_name="/read_files")
    assert "1 article read" in message
    assert "bad.txt: not UTF-8" in message
    assert {row[0] for row in table["data"]} == {"中文.txt"}


@pytest.mark.slow
def test_no_file_of_the_machine_and_no_address_is_read(address: str, tmp_path: Path) -> None:
    import httpx

    call = f"{address}gradio_api/call/read_files"
    with socket.socket() as trap:
        trap.bind(("127.0.0.1", 0))
        trap.listen()
        trap.setblocking(False)
        web = f"http://127.0.0.1:{trap.getsockname()[1]}/a.txt"
        secret = {"path": upload(tmp_path, "secret.txt", TEXT)}
        for given_ in (secret, {"path": web}, {"path": "a.txt", "url": web}, {"path": f"{address}file", "url": web}):
            data = [[{**given_, "meta": {"_type": "gradio.FileData"}}], "", ""]
            event = httpx.post(call, json={"data": data}).json()["event_id"]
            answer = httpx.get(f"{call}/{event}", timeout=30).text
            assert "event: error" in answer
            assert "article read" not in answer
        with pytest.raises(BlockingIOError):
            trap.accept()


@pytest.mark.slow
def test_a_person_can_use_it_and_nothing_leaves_the_machine(address: str, tmp_path: Path) -> None:
    webdriver = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    browser, driver = shutil.which("chromium"), shutil.which(os.environ.get("CHROMEDRIVER", "chromedriver"))
    if browser is None or driver is None:
        pytest.skip("needs chromium and chromedriver")
    chosen = webdriver.ChromeOptions()
    chosen.binary_location = browser
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1300,1400",
                     "--disable-background-networking", "--disable-component-update"):  # fmt: skip
        chosen.add_argument(argument)
    chosen.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    with webdriver.Chrome(options=chosen, service=webdriver.ChromeService(driver)) as page:

        def button(label: str):  # type: ignore[no-untyped-def]
            found = (b for b in page.find_elements(By.TAG_NAME, "button") if label in b.text and b.is_displayed())
            return WebDriverWait(page, 20).until(lambda _: next(found, None))

        def said(words: str) -> str:
            def find(_: object) -> str | None:
                texts = [m.text for m in page.find_elements(By.CSS_SELECTOR, ".message") if m.is_displayed()]
                return next((text for text in texts if words in text), None)

            return str(WebDriverWait(page, 60, ignored_exceptions=(Exception,)).until(find))

        page.get(address)
        WebDriverWait(page, 60).until(lambda _: page.find_elements(By.TAG_NAME, "textarea"))
        time.sleep(1)  # until its events are bound
        text = page.find_element(By.TAG_NAME, "textarea")
        assert text.accessible_name == "Article"
        button("Find treaty events").click()
        assert "the text is empty" in said("Not read")

        arabic = next(e for e in reading.examples() if e.language == "ar")
        button(arabic.label).click()
        WebDriverWait(page, 20).until(lambda _: text.get_attribute("value") == arabic.text)
        button("Find treaty events").click()
        assert "Arabic" in said("characters read")
        frame = page.find_element(By.CSS_SELECTOR, "iframe.report")
        assert frame.accessible_name == "The article with its mentions and events"
        page.switch_to.frame(frame)
        article = page.find_element(By.TAG_NAME, "article")
        assert page.execute_script("return arguments[0].textContent", article) == arabic.text
        assert article.value_of_css_property("direction") == "rtl"
        page.find_element(By.CSS_SELECTOR, ".card a").click()
        assert page.execute_script("return location.href").startswith("about:srcdoc#m")
        assert page.execute_script("return document.querySelectorAll('article').length") == 1
        page.switch_to.default_content()

        button("Many files").click()
        chooser = page.find_element(By.CSS_SELECTOR, "input[type=file][multiple]")
        paths = [upload(tmp_path, "a.txt", TEXT), upload(tmp_path, "bad.txt", b"\xff")]
        chooser.send_keys("\n".join(paths))
        # Sizes are shown when the files have arrived.
        WebDriverWait(page, 20).until(lambda _: "1.0 B" in page.find_element(By.TAG_NAME, "body").text)
        button("Read all").click()
        assert "1 article read" in said("article read")
        assert "bad.txt: not UTF-8" in said("could not be read")

        asked = set()
        for entry in page.get_log("performance"):
            event = json.loads(entry["message"])["message"]
            if event["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated"):
                asked.add(urlsplit(event["params"].get("request", event["params"])["url"]).hostname)
        # A frame's own document and data: addresses have no host.
        assert "127.0.0.1" in asked
        assert asked <= {"127.0.0.1", None}
