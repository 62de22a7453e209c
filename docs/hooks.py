"""What the site takes from the repository as it is, so that no page holds a copy: files, help texts, examples.

A comment on a line of its own stands for it in a page:

* `<!-- include: data/GUIDELINES.md -->`: the file, without its front matter; `<!-- include: README.md, result -->`: the
  part of it between `<!-- result -->` and `<!-- end -->`.
* `<!-- help: predict -->`: what `treaty-events predict --help` prints.
* `<!-- text: ex-fr -->` and `<!-- event: ex-fr, 1 -->`: text and an event of an example of the annotation guide.
* `<!-- dossier: STORY -->`: the dossier of a story of the corpus, from its annotation.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import os
import posixpath
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from unittest import mock

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).parent.parent
# mkdocs does not put the repository on the path, and `data` and `evaluation` are not installed.
sys.path.insert(0, str(ROOT))

# Files of the repository that are a page of the site.
PAGES: Final = {
    "README.md": "index.md",
    "model_card.md": "model-card.md",
    "data/README.md": "data-card.md",
    "data/GUIDELINES.md": "annotation.md",
}
_MARK: Final = re.compile(r"^<!-- (include|help|text|event|dossier): (.+?) -->$", re.MULTILINE)
_FENCED: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"(!?)\[([^\[\]]*)\]\(([^()\s]+)\)")
# Columns of a help text, so that it fits a page.
_WIDTH: Final = 80
# Evidence as `json` writes it: an object of its own over several lines.
_EVIDENCE: Final = re.compile(r'\{\s+("text": .*,)\s+("start": \d+,)\s+("end": \d+)\s+\}')


def _source(path: str) -> str:
    """Read a file of the repository, without its front matter."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)


def _links(path: str, text: str) -> Iterator[re.Match[str]]:
    """Find a file's links to files of the repository, those in code left out."""
    fenced = [m.span() for m in _FENCED.finditer(text)]
    for link in _LINK.finditer(text):
        inside = any(start <= link.start() < end for start, end in fenced)
        if not inside and not re.match(r"[a-z]+:|#", link[3]):
            yield link


def include(path: str, part: str | None = None) -> str:
    """Give a file of the repository as a page's Markdown.

    Args:
        path: from the repository's root.
        part: name of the comment that opens the part wanted; None for the whole file.

    Returns:
        The Markdown. Links to files that are pages go to these; of others only the words are left.

    Raises:
        ValueError: the file has no such part.
    """
    text = _source(path)
    if part is not None:
        _, opening, rest = text.partition(f"<!-- {part} -->\n")
        wanted, closing, _ = rest.partition("<!-- end -->")
        if not (opening and closing):
            raise ValueError(f"{path} has no part between <!-- {part} --> and <!-- end -->")
        text = wanted
    pieces, last = [], 0
    for link in _links(path, text):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link[3]))
        file, _, anchor = target.partition("#")
        shown = link[2]
        if link[1]:
            shown = f"![{link[2]}]({target})"
        elif file in PAGES:
            shown = f"[{link[2]}]({PAGES[file]}{'#' + anchor if anchor else ''})"
        pieces += [text[last : link.start()], shown]
        last = link.end()
    text = "".join([*pieces, text[last:]])
    return text.replace("<details>", '<details markdown="1">').strip() + "\n"


def command_help(command: str) -> str:
    """Give what `treaty-events COMMAND --help` prints, as a code block; `treaty-events` gives the list of commands."""
    from treaty_events import cli

    printed = io.StringIO()
    arguments = ["--help"] if command == "treaty-events" else [command, "--help"]
    with (
        mock.patch.dict(os.environ, COLUMNS=str(_WIDTH)),
        contextlib.redirect_stdout(printed),
        contextlib.suppress(SystemExit),
    ):
        cli.main(arguments)
    if not printed.getvalue():
        raise ValueError(f"treaty-events has no command {command!r}")
    return f"```text\n{printed.getvalue().rstrip()}\n```\n"


def _example(name: str) -> tuple[str, list[str]]:
    """Give an example of the annotation guide: its text, and its events as JSON, assembled from the annotation."""
    from data import markup
    from evaluation.gold import gold_events

    examples = _source("data/GUIDELINES.md").rpartition("\n## ")[2]
    document = next(d for d in markup.parse(examples.split("```")[1].lstrip()) if d.id == name)
    events = [json.dumps(e.model_dump(mode="json"), ensure_ascii=False, indent=2) for e in gold_events(document)]
    return document.text.strip(), [_EVIDENCE.sub(r"{\1 \2 \3}", event) for event in events]


def example_text(name: str) -> str:
    """Give the text of an example of the annotation guide as a quotation."""
    return f"> {_example(name)[0]}\n"


def example_event(name: str, number: str) -> str:
    """Give an event of an example of the annotation guide as JSON; events are counted from 0."""
    return f"```json\n{_example(name)[1][int(number)]}\n```\n"


def dossier(story: str) -> str:
    """Give the dossier of a story of the corpus as Markdown, quoted, built from the annotation of its documents."""
    from data.documents import read_corpus
    from evaluation.gold import gold_events
    from treaty_events.dossiers import build_dossiers
    from treaty_events.exports import timelines
    from treaty_events.schema import Document, ModelInfo

    nobody = ModelInfo(name="annotation", weights_sha256="", package="")
    documents = [
        Document(
            id=d.id,
            text=d.text,
            events=gold_events(d),
            language=d.lang,
            published=None if d.published is None else datetime.date.fromisoformat(d.published),
            characters_read=len(d.text),
            tokens=0,
            windows=0,
            model=nobody,
        )
        for d in read_corpus()
        if d.story == story
    ]
    (timeline,) = timelines.markdown(build_dossiers(documents)).values()
    return f"```markdown\n{timeline.strip()}\n```\n"


_MAKERS: Final[dict[str, Callable[..., str]]] = {
    "include": include,
    "help": command_help,
    "text": example_text,
    "event": example_event,
    "dossier": dossier,
}


def expand(markdown: str) -> str:
    """Put what the comments of a page stand for in their place.

    Raises:
        ValueError: there is no such part or command.
    """
    return _MARK.sub(lambda mark: _MAKERS[mark[1]](*mark[2].split(", ")), markdown)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pictures of the files that pages include."""
    for path, page in PAGES.items():
        marked = files.get_file_from_path(page)
        if marked is None or f"include: {path} -->" not in marked.content_string:
            continue
        for link in _links(path, _source(path)):
            if link[1]:
                target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link[3]))
                files.append(File.generated(config, target, abs_src_path=str(ROOT / target)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill a page in before it is rendered."""
    return expand(markdown)
