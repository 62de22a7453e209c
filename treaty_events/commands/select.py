"""`treaty-events select`: which articles to annotate next."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ..articles import Article, read_articles
from ..errors import InputError
from ..extractor import Extractor
from ..files import write_text
from ..selection import Choice, Pile
from . import add_reading

if TYPE_CHECKING:
    from . import Commands

logger = logging.getLogger("treaty_events")


class _Spool:
    """Holds the articles on disk while all are read, so that standard input can be chosen from as well.

    Args:
        file: a temporary one.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.offsets: list[int] = []

    def add(self, article: Article) -> None:
        """Put an article behind the others."""
        record = {
            "id": article.name,
            "text": article.text,
            "published": article.published,
            "lang": article.language,
        }
        self.offsets.append(self.file.tell())
        self.file.write(json.dumps(record).encode("ascii") + b"\n")

    def __getitem__(self, index: int) -> dict[str, Any]:
        self.file.seek(self.offsets[index])
        record: dict[str, Any] = json.loads(self.file.readline())
        return record


def _annotated(paths: Sequence[str]) -> Iterator[str]:
    for item in read_articles(paths):
        # An annotated article that is overlooked would be annotated again.
        if not isinstance(item, Article):
            raise item
        yield item.text


def _prepare(path: str) -> None:
    """Find out before hours of reading whether the output can be written.

    Raises:
        InputError: it cannot, or it is there already.
    """
    if path == "-":
        return
    if Path(path).exists():
        raise InputError(f"{path} is there already: remove it, or give another name")
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error


def _write(spool: _Spool, choices: Sequence[Choice], path: str) -> None:
    records = [{**spool[c.index], "score": round(c.score, 4), "reason": c.reason} for c in choices]
    content = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    if path == "-":
        sys.stdout.write(content)
        return
    try:
        write_text(Path(path), content)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error


def _select(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    if options.number < 1:
        raise InputError(f"-n {options.number}: give the number of articles wanted, at least 1")
    _prepare(options.output)
    extractor = Extractor.from_pretrained(options.model, threads=options.threads, engine=options.engine)
    pile = Pile(extractor, _annotated(options.seen))
    failed = 0
    with tempfile.TemporaryFile() as file:
        spool = _Spool(file)
        with tqdm(unit=" articles", disable=not sys.stderr.isatty(), file=sys.stderr) as progress:
            for item in pile.read(read_articles(options.files), options.published, options.language):
                if isinstance(item, Article):
                    spool.add(item)
                else:
                    failed += 1
                    logger.error("%s", item)
                progress.update()
        choices = pile.choose(options.number, balance=options.balance)
        if not choices:
            raise InputError(f"nothing to choose: each of the {len(pile)} articles is nearly one that is annotated")
        if len(choices) < options.number:
            rest = len(pile) - len(choices)
            why = f"the other {rest} are nearly the same as these or as annotated ones" if rest else "there are no more"
            logger.warning("%d articles instead of %d: %s", len(choices), options.number, why)
        _write(spool, choices, options.output)
    return 1 if failed else 0


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "select",
        help="choose the articles that are most worth annotating",
        description="Read many articles and write those whose annotation would teach the model most: "
        "it is in doubt about them, and they are unlike each other.",
        epilog="example: treaty-events select news.jsonl -n 50 -o chosen.jsonl; "
        "then: treaty-events preannotate chosen.jsonl --to labelstudio -o tasks",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="as for predict; folders too; - is stdin")
    parser.add_argument("-n", "--number", type=int, default=50, metavar="N", help="articles to choose; default: 50")
    parser.add_argument(
        "--seen",
        action="append",
        default=[],
        metavar="FILE",
        help="annotated articles, to choose none like them: JSON lines with a field text; may be given again",
    )
    parser.add_argument(
        "--balance",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="share the choice among the languages; default: yes",
    )
    parser.add_argument("-o", "--output", default="-", metavar="FILE", help="where to; default: standard output")
    add_reading(parser)
    parser.set_defaults(run=_select)
