"""Where streamed results go: standard output, or a file that an interrupted run can go on with."""

from __future__ import annotations

import io
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from .articles import Article
from .errors import InputError, UnreadableError

# How every record begins, of a document or of what stands for one.
_BEGINNING = b'{"id": '


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
        """Write one record; it is on its way to the disk when this returns.

        Raises:
            InputError: the file cannot be written, e.g. since the disk is full.
        """
        with _explained(getattr(self.file, "name", "-")):
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
    """Count the records of each name in a file of JSON lines and cut off a last line that was not finished.

    Raises:
        InputError: a line is no result, nor the beginning of one: the file is left as it is.
    """
    names: Counter[str] = Counter()
    whole, unfinished = 0, b""
    with open(path, "rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.endswith(b"\n"):
                name = _result_name(line)
            else:
                unfinished = line
                name = "" if line[: len(_BEGINNING)] == _BEGINNING[: len(line)] else None
            if name is None:
                raise InputError(f"{path}:{number}: no result of 'treaty-events predict --format jsonl'")
            if not unfinished:
                names[name] += 1
                whole += len(line)
    if unfinished:
        with open(path, "r+b") as file:
            file.truncate(whole)
    return names


def _result_name(line: bytes) -> str | None:
    """Give the name in a line of results; None if it is none (an article has an id too, but no events)."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or "id" not in record or not record.keys() & {"events", "error"}:
        return None
    return str(record["id"])


@contextmanager
def open_output(path: str, *, resume: bool = False) -> Iterator[Output]:
    """Open an output.

    Args:
        path: a file of JSON lines, or `-` for standard output.
        resume: go on with the file if it is there; a half-written last line is cut off.

    Raises:
        InputError: the file is there and nothing was said of going on, it holds something else, or it cannot be
            written.
    """
    if path == "-":
        if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.encoding.lower() != "utf-8":
            # What the terminal's encoding lacks would end the run.
            sys.stdout.reconfigure(encoding="utf-8")
        yield Output(sys.stdout)
        return
    file = Path(path)
    with _explained(path):
        # A device has no records to go on with.
        found = file.is_file() and file.stat().st_size > 0
        if found and not resume:
            raise InputError(f"{path} is there already: --resume goes on with it, or remove it")
        file.parent.mkdir(parents=True, exist_ok=True)
        done = _whole_lines(file) if found else None
        out = open(file, "a", encoding="utf-8", newline="")  # noqa: SIM115 (closed below, by either way)
    try:
        yield Output(out, done)
    except BaseException:
        with suppress(OSError):
            out.close()
        raise
    with _explained(path):
        out.close()


@contextmanager
def _explained(path: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        # The reader left: the command line's own affair.
        raise
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
