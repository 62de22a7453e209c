"""What the pages of the documentation name is there, and the site is built from it."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

from treaty_events import cli, exports, schema

from .conftest import ROOT
from .documentation import DOCS, FENCE, PAGES

_INLINE: Final = re.compile(r"`((?:treaty-events|python -m) [^`]+)`")


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
    prose = FENCE.sub("", path.read_text(encoding="utf-8"))
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
