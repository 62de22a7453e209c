"""Files that a visitor can fetch: written for the moment, gone with the program."""

from __future__ import annotations

import csv
import io
import tempfile
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from treaty_events.exports import export
from treaty_events.files import write_text
from treaty_events.schema import Document

# A spreadsheet takes a cell that begins with one of these for a formula, and runs it.
_FORMULA: Final = tuple("=+-@\t\r\n")


def table(documents: Iterable[Document]) -> dict[str, str]:
    """Write events as `events.csv`, for a spreadsheet: what would be a formula there gets an apostrophe before it.

    Cells hold the words of articles and the names of files, which anybody may have written. `treaty-events export`
    writes the same table for programs, with every cell as it is.

    Args:
        documents: read articles.

    Returns:
        Content by name.
    """
    files = {}
    for name, content in export(documents, "csv").items():
        out = io.StringIO(newline="")
        rows = csv.reader(io.StringIO(content, newline=""))
        csv.writer(out, lineterminator="\r\n").writerows(
            [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row] for row in rows
        )
        files[name] = out.getvalue()
    return files


class Downloads:
    """Keeps the files of the latest results in a temporary folder of its own.

    Gradio takes a copy of what it is given, so that few need to be kept here.

    Args:
        keep: number of results whose files are kept.
    """

    def __init__(self, keep: int = 16) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="treaty-events-demo-")
        self._kept: deque[tempfile.TemporaryDirectory[str]] = deque()
        self._keep = keep

    def offer(self, files: Mapping[str, str]) -> dict[str, str]:
        """Write a result's files.

        Args:
            files: content by name.

        Returns:
            Path by name.
        """
        if not files:
            return {}
        folder = tempfile.TemporaryDirectory(dir=self._folder.name)
        self._kept.append(folder)
        while len(self._kept) > self._keep:
            self._kept.popleft().cleanup()
        paths = {name: Path(folder.name) / name for name in files}
        for name, path in paths.items():
            write_text(path, files[name])
        return {name: str(path) for name, path in paths.items()}
