"""Files that are written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any


def write_text(path: Path, content: str) -> None:
    """Write a text file (see `write_bytes`).

    Args:
        path: the file; its folder is made if it is not there.
        content: written as UTF-8, line ends as they are.

    Raises:
        OSError: the file cannot be written; what stood there before is untouched.
    """
    write_bytes(path, content.encode("utf-8"))


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON (see `write_text`), characters of all scripts as they are."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file: a temporary one beside it, then a rename, so that no half of it is ever seen.

    Args:
        path: the file; its folder is made if it is not there.
        content: what goes into it.

    Raises:
        OSError: the file cannot be written; what stood there before is untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        os.chmod(aside, 0o644)
        os.replace(aside, path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
