"""`treaty-events info`: which model this is."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .. import release
from ..extractor import package_version
from . import add_model

if TYPE_CHECKING:
    from . import Commands


def _info(options: argparse.Namespace) -> int:
    directory = Path(options.model) if options.model else release.default_directory()
    release.check(directory)
    provenance = json.loads((directory / release.PROVENANCE).read_text(encoding="utf-8"))
    digests = json.loads((directory / release.CHECKSUMS).read_text(encoding="utf-8"))
    config = release.read_config(directory)
    names = [name for name in (*release.FILES, *release.OPTIONAL) if (directory / name).exists()]
    size = sum((directory / name).stat().st_size for name in names)
    rows = {
        "package": package_version(),
        "model": provenance.get("name", directory.name),
        "directory": str(directory),
        "size": f"{size / 1e6:.1f} MB",
        "weights sha256": digests[release.WEIGHTS],
        "vocabulary": f"version {config['vocabulary']['version']}",
        "event types": ", ".join(kind["type"] for kind in config["vocabulary"]["event_types"]),
        "window": f"{config['window']} tokens, {config['overlap']} shared with the next; texts of any length",
        "trained on": f"{provenance.get('documents', 'unknown')} documents and passages (see provenance.json)",
        "licence": provenance.get("license", "Apache-2.0"),
    }
    width = max(map(len, rows))
    sys.stdout.write("".join(f"{name.ljust(width)}  {value}\n" for name, value in rows.items()))
    return 0


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser("info", help="tell which model this is", description="Tell which model this is.")
    add_model(parser)
    parser.set_defaults(run=_info)
