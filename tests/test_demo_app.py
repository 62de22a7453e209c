"""The demo's widgets, called by programs and used by a person in a browser."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.test_demo import TEXT, upload
from treaty_events import Document, Extractor, InputError
from treaty_events.demo import create_demo, reading, server

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


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
