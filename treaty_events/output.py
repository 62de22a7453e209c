"""Where streamed results go: standard output, or a file that an interrupted run can go on with."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .articles import Article
from .errors import InputError, UnreadableError


class Output:
    """An open output.

    Args:
        file: what is written to.
        done: how many records of each name the file holds already.

    Attributes:
        resumed: records that the file held already.
    """

    def __init__(self, file: IO[str], done: Counter[str] | None = None) -> None:
        self.file = file
        self.done: Counter[str] = done or Counter()
        self.resumed = self.done.total()

    def write(self, content: str) -> None:
        """Write one record; it is on its way to the disk when this returns."""
        self.file.write(content)
        self.file.flush()

    def left(self, articles: Iterable[Article | UnreadableError]) -> Iterator[Article | UnreadableError]:
        """Give the articles whose records are not there yet."""
        left = Counter(self.done)
        for article in articles:
            if left[article.name] > 0:
                left[article.name] -= 1
            else:
                yield article


def _whole_lines(path: Path) -> Counter[str]:
    """Count the records of each name in a file of JSON lines and cut off a last line that was not finished."""
    names: Counter[str] = Counter()
    whole = 0
    with open(path, "rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.endswith(b"\n"):
                break
            try:
                names[str(json.loads(line)["id"])] += 1
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(f"{path}:{number}: no result of 'treaty-events predict --format jsonl'") from error
            whole += len(line)
    with open(path, "r+b") as file:
        file.truncate(whole)
    return names


@contextmanager
def open_output(path: str, *, resume: bool = False) -> Iterator[Output]:
    """Open an output.

    Args:
        path: a file of JSON lines, or `-` for standard output.
        resume: go on with the file if it is there; a half-written last line is cut off.

    Raises:
        InputError: the file is there and nothing was said of going on, or it holds something else.
    """
    if path == "-":
        yield Output(sys.stdout)
        return
    file = Path(path)
    if file.exists() and file.stat().st_size and not resume:
        raise InputError(f"{path} is there already: --resume goes on with it, or remove it")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        done = _whole_lines(file) if file.exists() else None
        with open(file, "a", encoding="utf-8", newline="") as out:
            yield Output(out, done)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
