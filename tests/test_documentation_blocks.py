"""Every Python and shell block of README.md and docs/*.md runs.

The blocks of a page run in order, in one namespace and in a folder of the page's own that holds the files they name.
`predict` and `treaty-events` take the tiny model; articles of the fixtures are read as they are annotated, so that there
are events to work with. A block with a title is a file: it is written into the folder. Commands of the repository are
parsed, and run where they are quick and need nothing but the folder.

A block that cannot run has `<!-- not run: REASON -->` before it. It is parsed nevertheless; `pytest -rs` lists these.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.documents import AnnotatedDocument, write_documents
from evaluation.gold import event_record, gold_events, gold_extraction
from treaty_events import extractor, formats
from treaty_events.extraction import Extraction
from treaty_events.reader import Reader

from .conftest import ROOT, SOURCE
from .documentation import LANGUAGES, PAGES, Block, Broken, Page, left_out, page_blocks, read_blocks


@pytest.fixture
def folder(documents: list[AnnotatedDocument], release_directory: Path, tmp_path: Path) -> Path:
    """The files that the pages name, in a folder of the test's own."""
    french, russian = documents
    for name in ("a.txt", "b.txt", "article.txt", "articles/a.txt", "articles/b.txt", "held-out/c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(french.text, encoding="utf-8")
    (tmp_path / "my-documents.txt").write_text(SOURCE, encoding="utf-8")
    paragraphs = f"<p>{french.text}</p>" * 4
    (tmp_path / "page.html").write_text(f"<html><body><article>{paragraphs}</article></body></html>", encoding="utf-8")
    lines = [{"id": d.id, "text": d.text, "published": d.published, "lang": d.lang} for d in documents]
    (tmp_path / "articles.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, lines)).encode()))
    for name, document in (("export.json", french), ("export-held-out.json", russian)):
        content = formats.write([document], "labelstudio")["tasks.json"]
        assert isinstance(content, str)
        (tmp_path / name).write_text(content, encoding="utf-8")
    events = [event_record(event) for event in gold_events(french)]
    for name, fields in (("gold.jsonl", {"lang": "fr", "text": french.text}), ("other-system.jsonl", {})):
        (tmp_path / name).write_text(json.dumps({"id": "fr-1", **fields, "events": events}), encoding="utf-8")
    write_documents(tmp_path / "documents.jsonl", documents)
    # The tiny model takes its time over a long article, so the examples have a short one's text here.
    for path in (ROOT / "examples").glob("*.txt"):
        (tmp_path / "examples").mkdir(exist_ok=True)
        (tmp_path / "examples" / path.name).write_text(french.text, encoding="utf-8")
    (tmp_path / "my-release").symlink_to(release_directory)
    return tmp_path


@pytest.fixture
def page(
    folder: Path, documents: list[AnnotatedDocument], release_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Page]:
    """A page's names and folder, with the tiny model in the place of the shipped one."""
    annotated = {document.text: gold_extraction(document) for document in documents}

    class AnnotatedReader(Reader):
        def read(self, texts: Sequence[str]) -> list[Extraction]:
            return [annotated.get(e.text, e) for e in super().read(texts)]

    monkeypatch.setattr("treaty_events.release.default_directory", lambda: release_directory)
    monkeypatch.setattr(extractor, "Reader", AnnotatedReader)
    monkeypatch.chdir(folder)
    extractor._shipped.cache_clear()
    extractor._loaded.cache_clear()
    yield Page()
    extractor._shipped.cache_clear()
    extractor._loaded.cache_clear()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_blocks_run(path: Path, page: Page) -> None:
    for block in page_blocks(path):
        if block.reason is None:
            page.check(block)


@pytest.mark.parametrize("block", list(left_out()), ids=lambda block: block.place)
def test_blocks_that_are_not_run_can_be_parsed(block: Block, page: Page) -> None:
    page.check(block, run=False)
    pytest.skip(f"{block.place} is not run: {block.reason}")


@pytest.mark.parametrize(
    ("language", "code", "message"),
    [
        ("python", "from treaty_events import nothing", "cannot import name"),
        ("python", "predict(", "SyntaxError"),
        ("sh", "treaty-events predict article.txt --pubished 2025-02-13", "SystemExit"),
        ("sh", "treaty-events predict article.txt --published soon", "exit code 2"),
        ("sh", "treaty-events predict missing.txt", "exit code 2"),
        (
            "sh",
            "treaty-events predict a.txt --format jsonl > r.jsonl\ntreaty-events dossiers r.jsonl --key X",
            "code 2",
        ),
        ("sh", "treaty-events predict missing/*.txt", "nothing matches"),
        ("sh", "python -m training.trian --config configs/base.yaml", "no module training.trian"),
        ("sh", "python -m training.train --confg configs/base.yaml", "SystemExit"),
        ("sh", "python -m training.train --config configs/bass.yaml", "configs/bass.yaml is not in the repository"),
        ("sh", "python -m data.validate gold.jsonl", "exit code 1"),
        ("sh", "pip install -c constraints.txt '.[trian]'", "no extra trian"),
        ("sh", "pip install -c constraint.txt .", "constraint.txt"),
        ("sh", "pip install torch", "not this project"),
        ("sh", "rm -r /", "'rm' is not known here"),
        ("json", '{"a": 1,}', "JSONDecodeError"),
        ("yaml", "output: runs/x\nepoch: 3", "unknown key epoch"),
    ],
)
def test_broken_blocks_are_found(language: str, code: str, message: str, page: Page) -> None:
    title = "x.yaml" if language == "yaml" else None
    with pytest.raises(Broken, match=re.escape(message)):
        page.check(Block("x.md:1", language, title, code, None))


def test_shell_code_feeds_what_comes_after_it(page: Page) -> None:
    piped = (
        "treaty-events predict - --format jsonl < a.txt | treaty-events dossiers - --format jsonl > out.jsonl  # .\n"
    )
    page.check(Block("x.md:1", "sh", None, piped, None))
    page.check(Block("x.md:2", "python", None, "import json\nfound = json.load(open('out.jsonl'))", None))
    assert page.names["found"]["key"] == "KAZ-QAT[MLC]_2023A"


@given(st.lists(st.tuples(st.sampled_from(LANGUAGES), st.text(st.characters(exclude_characters="`\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))), max_size=4))  # fmt: skip
def test_blocks_are_found_as_written(parts: list[tuple[str, str]]) -> None:
    markdown = "".join(f"words\n\n```{language}\n{code}\n```\n" for language, code in parts)
    assert [(b.language, b.code) for b in read_blocks(markdown, "x")] == [(lang, f"{code}\n") for lang, code in parts]


@pytest.mark.parametrize(
    "markdown", ["```python\nx\n", "```fortran\nx\n```\n", " ```python\nx\n ```\n", "```\npip install x\n```\n"]
)
def test_blocks_that_would_be_overlooked_are_refused(markdown: str) -> None:
    with pytest.raises(Broken):
        read_blocks(markdown, "x")


def test_a_reason_belongs_to_the_next_block_only() -> None:
    first, second = read_blocks("<!-- not run: waits -->\n```sh\na\n```\n\n```sh\nb\n```\n", "x")
    assert (first.reason, second.reason) == ("waits", None)
