"""Files that a visitor can fetch: written for the moment, gone with the program."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from treaty_events.files import write_text


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
