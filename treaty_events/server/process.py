"""The service as a process of its own, with uvicorn."""

from __future__ import annotations

import asyncio
import copy
import math
import socket
import sys
from typing import Any

import uvicorn
import uvicorn.config
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..errors import InputError
from ..extractor import Extractor
from . import create_app
from .batching import Batcher
from .limits import Limits


class _Protocol(H11Protocol):
    """HTTP/1.1 for clients that may be slow or hostile.

    uvicorn itself waits for ever for a request to begin and for a client that does not take its answer. h11 is named
    because it limits the size of headers, which the faster parsers do not.
    """

    # How long a client may neither ask nor take anything.
    seconds = 60.0
    _asking: asyncio.TimerHandle | None = None
    _taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_taking()

    def resume_writing(self) -> None:
        super().resume_writing()
        _cancel(self._taking)

    def connection_lost(self, exc: Exception | None) -> None:
        _cancel(self._asking)
        _cancel(self._taking)
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Wait so long for a request's headers; its body has a limit of its own."""
        if self.cycle is not None and not self.cycle.response_complete:
            _cancel(self._asking)
            self._asking = None
        elif self._asking is None:
            self._asking = self.loop.call_later(self.seconds, self.transport.abort)

    def _await_taking(self) -> None:
        """Wait so long for the client to take some of its answer, and again as long as it does."""
        left = self.transport.get_write_buffer_size()

        def look() -> None:
            if self.transport.get_write_buffer_size() < left:
                self._await_taking()
            else:
                self.transport.abort()

        self._taking = self.loop.call_later(self.seconds, look)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


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
        http=type("Protocol", (_Protocol,), {"seconds": limits.timeout}),
        # After this nothing can be left but clients that do not take their answers.
        timeout_graceful_shutdown=math.ceil(limits.grace + limits.timeout),
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
