"""The service as a process of its own, with uvicorn."""

from __future__ import annotations

import copy
import socket
import sys
from typing import Any

import uvicorn
import uvicorn.config

from ..errors import InputError
from ..extractor import Extractor
from . import create_app
from .batching import Batcher
from .limits import Limits


class _Server(uvicorn.Server):
    """A server that tells the application to stop before it waits for the open requests, not after.

    Args:
        config: of the server.
        batcher: of the application.
    """

    def __init__(self, config: uvicorn.Config, batcher: Batcher) -> None:
        super().__init__(config)
        self.batcher = batcher

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.batcher.stop()
        await super().shutdown(sockets)


def _log_config() -> dict[str, Any]:
    """Uvicorn's own, with the access log on standard error like all the rest."""
    config = copy.deepcopy(uvicorn.config.LOGGING_CONFIG)
    config["handlers"]["access"]["stream"] = "ext://sys.stderr"
    return config


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise InputError(
            f"cannot listen on {host}, port {port}: {error}; choose others with --host and --port"
        ) from error


def run(extractor: Extractor, host: str, port: int, limits: Limits, log_level: str = "info") -> None:
    """Serve until SIGINT or SIGTERM; open requests are then answered, those that wait too long with 503.

    Args:
        extractor: the model, loaded.
        host: name or address to listen on.
        port: port to listen on; 0 for any that is free.
        limits: what a request may ask for.
        log_level: uvicorn's; `info` logs every request (method, path and status, never the content).

    Raises:
        InputError: the address cannot be listened on.
    """
    app = create_app(extractor, limits)
    config = uvicorn.Config(
        app,
        log_config=_log_config(),
        log_level=log_level,
        ws="none",
        lifespan="on",
        server_header=False,
        proxy_headers=False,
    )
    with _listen(host, port) as listening:
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{listening.getsockname()[1]}"
        sys.stderr.write(f"treaty-events: {extractor.info.name} on {url}, described at {url}/openapi.json\n")
        sys.stderr.flush()
        _Server(config, app.state.batcher).run([listening])
