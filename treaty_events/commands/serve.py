"""`treaty-events serve`: the HTTP service."""

from __future__ import annotations

import argparse
import signal
import sys
from typing import TYPE_CHECKING

from ..errors import MissingExtraError
from ..extractor import Extractor
from ..server.limits import Limits
from . import add_model

if TYPE_CHECKING:
    from types import FrameType

    from . import Commands


def _leave(_signal: int, _frame: FrameType | None) -> None:
    # uvicorn sends itself the signal again once it has ended: asked to stop and stopped is no failure.
    sys.exit(0)


def _serve(options: argparse.Namespace) -> int:
    for module in ("fastapi", "uvicorn"):
        try:
            __import__(module)
        except ImportError as error:
            raise MissingExtraError(module, "serve") from error
    from ..server.process import run

    limits = Limits(
        max_bytes=options.max_bytes,
        max_texts=options.max_texts,
        timeout=options.timeout,
        max_waiting=options.max_waiting,
        batch_texts=options.batch_texts,
        grace=options.grace,
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    extractor = Extractor.from_pretrained(options.model, threads=options.threads)
    # What is loaded at the first text is loaded before the first request.
    extractor.document("The treaty was signed.")
    run(extractor, options.host, options.port, limits, options.log_level)
    return 0


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "serve",
        help="answer articles over HTTP",
        description="Serve POST /predict, GET /healthz, GET /version and GET /openapi.json. No authentication, no TLS: "
        "put a proxy before it where others than this machine's users reach it.",
        epilog='example: curl localhost:8000/predict -H "Content-Type: application/json" '
        """-d '{"text": "The Senate ratified the treaty.", "published": "2025-02-13"}'""",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    limits = Limits()
    parser.add_argument("--host", default="127.0.0.1", help="name or address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on; 0 for any that is free")
    parser.add_argument("--threads", type=int, metavar="N", help="threads of the runtime")
    parser.add_argument(
        "--max-bytes", type=int, default=limits.max_bytes, metavar="N", help="size of a request's body at most"
    )
    parser.add_argument(
        "--max-texts", type=int, default=limits.max_texts, metavar="N", help="articles of a request at most"
    )
    parser.add_argument(
        "--timeout", type=float, default=limits.timeout, metavar="S", help="seconds after which a request is given up"
    )
    parser.add_argument(
        "--max-waiting", type=int, default=limits.max_waiting, metavar="N", help="articles that wait at most; then 503"
    )
    parser.add_argument(
        "--batch-texts", type=int, default=limits.batch_texts, metavar="N", help="articles that are read together"
    )
    parser.add_argument(
        "--grace", type=float, default=limits.grace, metavar="S", help="seconds for what waits when asked to stop"
    )
    parser.add_argument("--log-level", choices=("info", "warning"), default="info", help="info logs every request")
    add_model(parser)
    parser.set_defaults(run=_serve)
