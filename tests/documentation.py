"""The pages of the documentation taken apart into blocks, and what runs the blocks of one."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import importlib
import importlib.util
import io
import json
import re
import shlex
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from training.settings import read_settings
from treaty_events import cli

from .conftest import ROOT

DOCS: Final = ROOT / "docs"


PAGES: Final = (ROOT / "README.md", *sorted(DOCS.glob("*.md")))


LANGUAGES: Final = ("python", "sh", "yaml", "json", "text", "markdown")


OURS: Final = ("data", "evaluation", "training")


FOLDERS: Final = (*OURS, "configs", "examples", "tests", "treaty_events")


# Quick enough to be run where all that they read lies in the page's folder.
QUICK: Final = ("data.validate", "evaluation.evaluate")


FENCE: Final = re.compile(r"^```(?P<info>[^`\n]*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


_INFO: Final = re.compile(r'(\w+)(?: title="([^"]+)")?')


_COMMAND: Final = re.compile(r"^\$? *(?:treaty-events|python3?|pip) ", re.MULTILINE)


_NOT_RUN: Final = re.compile(r"<!-- not run: ([^\n]+?) -->\n\s*\Z")


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
    for found in FENCE.finditer(markdown):
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
