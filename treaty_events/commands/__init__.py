"""The commands of the command line, a module for each kind; `treaty_events.cli` puts them together.

Each module has `add(commands)`, which adds its parsers. A command's parser sets `run`: a function from the parsed
options to the exit code (0 all well, 1 some input could not be read, 2 nothing could be done).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from ..engines import EngineName
from ..files import write_bytes, write_text

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_model(parser: argparse.ArgumentParser) -> None:
    """Let a command choose its model."""
    parser.add_argument(
        "--model",
        metavar="DIR",
        help="release directory, or OWNER/NAME on the Hugging Face Hub; default: the shipped weights",
    )


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Let a command that reads articles choose its model and say what is known of the articles."""
    parser.add_argument("--published", metavar="YYYY-MM-DD", help="publication date, for dates such as 'yesterday'")
    parser.add_argument("--language", metavar="XX", help="ISO 639-1 code; identified if left out")
    parser.add_argument("--threads", type=int, metavar="N", help="threads of the runtime")
    parser.add_argument("--engine", choices=get_args(EngineName), default="auto", help="what runs the model")
    add_model(parser)


def write_files(files: Mapping[str, str | bytes], directory: str) -> None:
    """Write files into a folder and say so on standard error."""
    for name, content in files.items():
        path = Path(directory) / name
        if isinstance(content, bytes):
            write_bytes(path, content)
        else:
            write_text(path, content)
        sys.stderr.write(f"treaty-events: wrote {path}\n")
