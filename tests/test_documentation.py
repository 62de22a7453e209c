"""Every Python and shell block of README.md and docs/*.md runs, and the site is built from what is there.

The blocks of a page run in order, in one namespace and in a folder of the page's own that holds the files they name.
`predict` and `treaty-events` take the tiny model; articles of the fixtures are read as they are annotated, so that there
are events to work with. A block with a title is a file: it is written into the folder. Commands of the repository are
parsed, and run where they are quick and need nothing but the folder.

A block that cannot run has `<!-- not run: REASON -->` before it. It is parsed nevertheless; `pytest -rs` lists these.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import gzip
import importlib
import importlib.util
import io
import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.documents import AnnotatedDocument, write_documents
from evaluation.gold import event_record, gold_events, gold_extraction
from training.settings import read_settings
from treaty_events import cli, exports, extractor, formats, schema
from treaty_events.extraction import Extraction
from treaty_events.reader import Reader

from .conftest import ROOT, SOURCE

DOCS: Final = ROOT / "docs"
PAGES: Final = (ROOT / "README.md", *sorted(DOCS.glob("*.md")))
LANGUAGES: Final = ("python", "sh", "yaml", "json", "text", "markdown")
OURS: Final = ("data", "evaluation", "training")
FOLDERS: Final = (*OURS, "configs", "examples", "tests", "treaty_events")
# Quick enough to be run where all that they read lies in the page's folder.
QUICK: Final = ("data.validate", "evaluation.evaluate")
_FENCE: Final = re.compile(r"^```(?P<info>[^`\n]*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
_INFO: Final = re.compile(r'(\w+)(?: title="([^"]+)")?')
_COMMAND: Final = re.compile(r"^\$? *(?:treaty-events|python3?|pip) ", re.MULTILINE)
_NOT_RUN: Final = re.compile(r"<!-- not run: ([^\n]+?) -->\n\s*\Z")
_INLINE: Final = re.compile(r"`((?:treaty-events|python -m) [^`]+)`")


class Broken(AssertionError):
    """A block does not do what a reader would expect of it."""


class _Parsed(Exception):
    """Stops a command after it has parsed its arguments."""


@dataclasses.dataclass(frozen=True)
class Block:
    """A fenced block: where it starts, its language, the file that it is, its lines, and why it is not run."""

    place: str
    language: str
    title: str | None
    code: str
    reason: str | None


def read_blocks(markdown: str, name: str) -> list[Block]:
    """Find the fenced blocks of a page.

    Raises:
        Broken: a block would be overlooked: of another language, indented, not closed, or commands that are called text.
    """
    blocks = []
    for found in _FENCE.finditer(markdown):
        place = f"{name}:{markdown.count(chr(10), 0, found.start()) + 1}"
        info = _INFO.fullmatch(found["info"].strip() or "text")
        if info is None or info[1] not in LANGUAGES:
            raise Broken(f"{place}: {found['info']!r} is no language of a block here: {', '.join(LANGUAGES)}")
        if info[1] == "text" and _COMMAND.search(found["code"]):
            raise Broken(f"{place}: commands belong into a block of the language sh")
        reason = _NOT_RUN.search(markdown[: found.start()])
        blocks.append(Block(place, info[1], info[2], found["code"], reason and reason[1]))
    fences = len(re.findall(r"^\s*```", markdown, re.MULTILINE))
    if fences != 2 * len(blocks):
        raise Broken(f"{name}: {fences} fence lines for {len(blocks)} blocks: one is indented or not closed")
    return blocks


def page_blocks(path: Path) -> list[Block]:
    """Find the blocks of a page by its path."""
    return read_blocks(path.read_text(encoding="utf-8"), path.name)


def left_out() -> Iterator[Block]:
    """Give the blocks of all pages that are not run."""
    for path in PAGES:
        # A page that cannot be taken apart fails in its own test.
        with contextlib.suppress(Broken):
            yield from (block for block in page_blocks(path) if block.reason is not None)


def pipelines(code: str) -> Iterator[list[list[str]]]:
    """Split shell code into pipelines of stages of words; `&&` and line ends part pipelines."""
    for line in code.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&<>;")
        lexer.whitespace_split = True
        stages: list[list[str]] = [[]]
        for word in lexer:
            if word == "&&":
                yield stages
                stages = [[]]
            elif word == "|":
                stages.append([])
            else:
                stages[-1].append(word)
        if stages != [[]]:
            yield stages


def parse_stop(parser: argparse.ArgumentParser, arguments: Sequence[str] | None = None) -> None:
    """Stand in for `parse_args`: parse, then stop the command."""
    _, rest = parser.parse_known_args(arguments)
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    raise _Parsed


class Page:
    """What the blocks of one page share: names, and the folder that is the working directory."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__"}

    def check(self, block: Block, *, run: bool = True) -> None:
        """Run a block, or only parse it.

        Raises:
            Broken: it fails; says where and how.
        """
        try:
            if block.title is not None:
                Path(block.title).write_text(block.code, encoding="utf-8")
            if block.language == "python":
                compiled = compile(block.code, block.place, "exec")
                if run:
                    exec(compiled, self.names)
            elif block.language == "sh":
                for stages in pipelines(block.code):
                    self._pipeline(stages, run)
            elif block.language == "json":
                for line in block.code.splitlines():
                    json.loads(line)
            elif block.language == "yaml":
                read_settings(str(block.title))
        except (Exception, SystemExit) as error:
            raise Broken(f"{block.place}: {error!r}") from error

    def _pipeline(self, stages: list[list[str]], run: bool) -> None:
        given = b""
        for stage in stages:
            words, sent = self._redirect(stage)
            given = sent or given
            name = words[0].rpartition("/")[2]
            if name == "treaty-events":
                given = self._treaty_events(words[1:], given, run)
            elif name in ("python", "python3") and words[1] == "-m":
                self._module(words[2], words[3:], run)
            elif name == "pip":
                self._pip(words[1:])
            elif run:
                raise Broken(
                    f"{name!r} is not known here: teach the test, or say <!-- not run: why --> before the block"
                )
            if run and ">" in stage:
                Path(stage[stage.index(">") + 1]).write_bytes(given)

    @staticmethod
    def _redirect(stage: list[str]) -> tuple[list[str], bytes]:
        """Give a stage's words, patterns filled in, and what comes from a file."""
        words, sent, rest = [], b"", iter(stage)
        for word in rest:
            if word == "<":
                sent = Path(next(rest)).read_bytes()
            elif word == ">":
                next(rest)
            elif "*" in word:
                matched = sorted(map(str, Path().glob(word)))
                if not matched:
                    raise Broken(f"nothing matches {word}")
                words += matched
            else:
                words.append(word)
        return words, sent

    @staticmethod
    def _treaty_events(arguments: list[str], given: bytes, run: bool) -> bytes:
        if not run:
            cli.parser().parse_args(arguments)
            return b""
        printed = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
            patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
            code = cli.main(arguments)
        if code:
            raise Broken(f"treaty-events {shlex.join(arguments)}: exit code {code}")
        return printed.getvalue().encode()

    @staticmethod
    def _module(module: str, arguments: list[str], run: bool) -> None:
        if importlib.util.find_spec(module) is None:
            raise Broken(f"there is no module {module}")
        if module.partition(".")[0] not in OURS:
            return
        local = True
        for path in (Path(a) for a in arguments if a.partition("/")[0] in FOLDERS):
            local = False
            if not (ROOT / path).exists():
                raise Broken(f"{path} is not in the repository")
        if hasattr(importlib.import_module(module), "__path__"):
            module += ".__main__"
        main = importlib.import_module(module).main
        if run and local and module in QUICK and "--model" not in arguments:
            if code := main(arguments):
                raise Broken(f"python -m {module} {shlex.join(arguments)}: exit code {code}")
            return
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(argparse.ArgumentParser, "parse_args", parse_stop)
            with pytest.raises(_Parsed):
                main(arguments)

    @staticmethod
    def _pip(arguments: list[str]) -> None:
        parser = argparse.ArgumentParser(prog="pip", exit_on_error=False)
        parser.add_argument("command", choices=("install",))
        parser.add_argument("-q", action="store_true")
        parser.add_argument("-c", default="constraints.txt")
        parser.add_argument("-e", action="append", default=[])
        parser.add_argument("wanted", nargs="*")
        options = parser.parse_intermixed_args(arguments)
        if not (ROOT / options.c).is_file():
            raise Broken(f"{options.c} is not in the repository")
        known = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
        for wanted in (*options.wanted, *options.e):
            requirement = re.fullmatch(r"(\.|treaty-events)(?:\[([\w,]+)\])?", wanted)
            if requirement is None:
                raise Broken(f"pip install {wanted}: not this project")
            extras = set(requirement[2].split(",")) if requirement[2] else set()
            if extras - set(known):
                raise Broken(f"there is no extra {', '.join(sorted(extras - set(known)))}")


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


def commands() -> dict[str, argparse.ArgumentParser]:
    actions = cli.parser()._actions
    return next(dict(a.choices) for a in actions if isinstance(a, argparse._SubParsersAction))


def test_every_command_has_a_section_with_an_example_and_its_help() -> None:
    text = (DOCS / "command-line.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## ([\w-]+)\n(.*?)(?=^## )", text, re.MULTILINE | re.DOTALL))
    assert set(commands()) == set(sections), "docs/command-line.md has a section for each command"
    for name, section in sections.items():
        assert f"<!-- help: {name} -->" in section
        assert f"\ntreaty-events {name} " in section or f"\ntreaty-events {name}\n" in section


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_commands_within_sentences_exist(path: Path) -> None:
    known = commands()
    prose = _FENCE.sub("", path.read_text(encoding="utf-8"))
    for command in _INLINE.findall(prose):
        words = command.split()
        if words[0] == "python":
            assert importlib.util.find_spec(words[2]), command
        else:
            assert words[1] in known, command
            unknown = [w for w in words if w.startswith("--") and w not in known[words[1]].format_help()]
            assert not unknown, command


def table_rows(text: str, header: str) -> list[list[str]]:
    """Give the cells of the first table with a header."""
    rows = text.partition(header)[2].partition("\n\n")[0].strip().splitlines()[1:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_export_table_names_all_formats() -> None:
    rows = table_rows((DOCS / "dossiers.md").read_text(encoding="utf-8"), "| format | rows | for |")
    assert [row[0].strip("`") for row in rows] == [*exports.FORMATS]


def test_event_tables_say_what_the_example_has() -> None:
    hooks = load_hooks()
    event = json.loads(hooks._example("ex-fr")[1][1])
    text = (DOCS / "output.md").read_text(encoding="utf-8")
    told = set()
    for section in text.partition("\n## Around the events")[0].split("\n### ")[1:]:
        whole = re.search(r"^Fields of `(.+)`:$", section, re.MULTILINE)
        for field, value, _ in table_rows(section, "| field | value here | meaning |"):
            keys = re.findall(r"\w+", f"{whole[1]}.{field}" if whole else field)
            found = event
            for key in keys:
                found = found[int(key)] if key.isdigit() else found[key]
            assert found == json.loads(value.strip("`")), field
            told.add(".".join(key for key in keys[:2] if not key.isdigit()))
    schema.TreatyEvent.model_validate(event)
    assert {name.partition(".")[0] for name in told} == set(schema.TreatyEvent.model_fields)
    assert {name.partition(".")[2] for name in told if name.startswith("treaty.")} == set(schema.Treaty.model_fields)
    around = " ".join(row[0] for row in table_rows(text, "| field | meaning |"))
    assert re.findall(r"`(\w+)`", around) == [*schema.Document.model_fields]


def load_hooks() -> ModuleType:
    pytest.importorskip("mkdocs")
    spec = importlib.util.spec_from_file_location("hooks", DOCS / "hooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_included_files_keep_links_to_pages_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = load_hooks()
    source = "---\ntitle: x\n---\n# T\n[guide](GUIDELINES.md#a) [licence](../LICENSE) ![p](figures/p.png) [w](https://w.org)\n"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "README.md").write_text(f"{source}```\n[a](b)\n```\n")
    monkeypatch.setattr(hooks, "ROOT", tmp_path)
    assert hooks.include("data/README.md") == (
        "# T\n[guide](annotation.md#a) licence ![p](data/figures/p.png) [w](https://w.org)\n```\n[a](b)\n```\n"
    )


def test_marks_that_stand_for_nothing_are_errors() -> None:
    hooks = load_hooks()
    assert hooks.expand("a\n<!-- include: README.md, result -->\n").count("evidence") == 1
    with pytest.raises(ValueError, match="has no part"):
        hooks.expand("<!-- include: README.md, nothing -->")
    with pytest.raises(ValueError, match="no command 'nothing'"):
        hooks.expand("<!-- help: nothing -->")


class Loaded(HTMLParser):
    """What a browser fetches for a page: scripts, styles, pictures, frames."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = {"link": "href", "a": "", "base": "href"}.get(tag, "src")
        self.found += [value for name, value in attrs if name == wanted and value]


@pytest.mark.slow
def test_site_builds_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    for package in ("mkdocs", "material", "mkdocstrings"):
        pytest.importorskip(package)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert not re.search(r"^(?:WARNING|ERROR)", done.stderr, re.MULTILINE), done.stderr
    built = sorted(tmp_path.glob("*.html"))
    assert {p.stem for p in built} >= {p.stem for p in DOCS.glob("*.md")}
    for path in built:
        loaded = Loaded()
        loaded.feed(path.read_text(encoding="utf-8"))
        assert loaded.found
        outside = [url for url in loaded.found if re.match(r"(?:\w+:)?//", url)]
        assert not outside, path.name
        missing = [url for url in loaded.found if not (tmp_path / url.split("#")[0].split("?")[0]).exists()]
        assert not missing or path.stem == "404", path.name
        assert "<!-- include" not in path.read_text(encoding="utf-8")
    for path in tmp_path.rglob("*.css"):
        assert not re.search(
            r"url\(\s*['\"]?(?:\w+:)?//|@import\s+['\"](?:\w+:)?//", path.read_text(encoding="utf-8")
        ), path
