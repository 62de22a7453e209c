"""`treaty-events demo`: a web page to try the extractor on."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..extractor import Extractor
from . import add_model

if TYPE_CHECKING:
    from . import Commands


def _demo(options: argparse.Namespace) -> int:
    from ..demo import serve

    serve(Extractor.from_pretrained(options.model), options.host, options.port, options.browser)
    return 0


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "demo",
        help="serve a web page to try articles on",
        description="Serve a web page to try articles on, one or many at a time. Needs the extra 'demo'.",
        epilog="example: treaty-events demo --port 7860",
    )
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="default: 127.0.0.1, this machine only")
    parser.add_argument("--port", type=int, default=7860, metavar="N", help="default: 7860")
    parser.add_argument(
        "--no-browser", dest="browser", action="store_false", help="do not open the page in the browser"
    )
    add_model(parser)
    parser.set_defaults(run=_demo)
