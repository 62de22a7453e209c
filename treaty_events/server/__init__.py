"""The HTTP service: `POST /predict` takes articles and answers with documents (extra `serve`).

`create_app` gives an ASGI application that any server can run or another application can mount; `treaty-events serve`
runs it with uvicorn. What a request holds is only ever read as text: nothing in it is opened as a path, a URL or code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import MissingExtraError
from .limits import Limits

if TYPE_CHECKING:
    from fastapi import FastAPI

    from ..extractor import Extractor

__all__ = ["Limits", "create_app"]


def create_app(extractor: Extractor, limits: Limits | None = None) -> FastAPI:
    """Make the application.

    Example::

        from fastapi import FastAPI
        from treaty_events import Extractor
        from treaty_events.server import create_app

        site = FastAPI()
        site.mount("/treaties", create_app(Extractor.from_pretrained()))

    It serves one event loop. Its articles are read by one thread, whatever the number of requests. When its lifespan
    ends, articles that wait are refused and the batch that is being read is waited for. An application that mounts it
    need not run that lifespan; one that is to end cleanly awaits `state.batcher.close()` of this one in its own.

    Args:
        extractor: the model, loaded.
        limits: what a request may ask for; None for the defaults.

    Raises:
        MissingExtraError: fastapi is not installed.
    """
    try:
        import fastapi  # noqa: F401 (only whether it is there)
    except ImportError as error:
        raise MissingExtraError("fastapi", "serve") from error
    from .application import build

    return build(extractor, limits or Limits())
