"""The protocol of the process: clients that stall are let go."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from .serving import until

ANSWER = 30_000_000


@contextlib.asynccontextmanager
async def serving(seconds: float) -> AsyncIterator[int]:
    """Serve a large answer with the protocol of the process; gives the port."""
    uvicorn = pytest.importorskip("uvicorn")
    from treaty_events.server import process

    async def app(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % ANSWER)]})
        await send({"type": "http.response.body", "body": bytes(ANSWER)})

    protocol = type("Protocol", (process._Protocol,), {"seconds": seconds})
    config = uvicorn.Config(app, http=protocol, ws="none", lifespan="off", log_level="error", port=0)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    async with asyncio.timeout(20):
        await task


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX-A: "])
def test_a_client_that_does_not_finish_asking_is_let_go(said: bytes) -> None:
    async def call() -> float:
        async with serving(0.3) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            started = time.monotonic()
            writer.write(said)
            with contextlib.suppress(ConnectionError):
                async with asyncio.timeout(20):
                    # A byte now and then is no progress.
                    while not reader.at_eof():
                        with contextlib.suppress(TimeoutError):
                            await asyncio.wait_for(reader.read(1), 0.1)
                        if said:
                            writer.write(b"x")
            writer.close()
            return time.monotonic() - started

    assert asyncio.run(call()) > 0.2


@pytest.mark.parametrize("takes", [True, False])
def test_a_client_that_takes_nothing_is_let_go_and_a_slow_one_is_not(takes: bool) -> None:
    async def call() -> int:
        async with serving(2.0 if takes else 0.3) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=65_536)
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            got = 0
            if not takes:
                await asyncio.sleep(1.2)
            with contextlib.suppress(ConnectionError):
                while chunk := await reader.read(1_000_000):
                    got += len(chunk)
                    if takes and got < 6_000_000:
                        await asyncio.sleep(0.005)
            writer.close()
            return got

    got = asyncio.run(call())
    assert (got > ANSWER) is takes
