"""A request's body, read as it arrives, no more and no longer than is allowed; and whether its client is there."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from email.message import Message
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from .batching import Batcher
from .problems import RequestError

Answer = TypeVar("Answer")
# More digits than any length has; Python refuses to read numbers of thousands.
_DIGITS = 18


def _check_type(request: Request) -> None:
    """Refuse what is not plain JSON; a web page of another origin cannot send that type unasked."""
    header = Message()
    header["content-type"] = request.headers.get("content-type", "")
    if header.get_content_type() != "application/json":
        raise RequestError(415, "the body must be JSON: send it with 'Content-Type: application/json'")
    charset = header.get_content_charset("utf-8")
    if charset not in ("utf-8", "utf8"):
        raise RequestError(415, "the body must be UTF-8: encode it so and leave the charset out")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise RequestError(415, "the body must not be compressed: send it without Content-Encoding")


async def read_body(request: Request, batcher: Batcher) -> bytes:
    """Read a request's body.

    Args:
        request: whose body has not been touched.
        batcher: its limits say how large the body may be and how long it may take.

    Raises:
        RequestError: 415 if it is not JSON by its headers, 413 if it is too large, 408 if it takes too long, 400 if
            the connection ends before it does, 503 if the service is about to end.
    """
    _check_type(request)
    limits = batcher.limits
    too_large = RequestError(413, f"the body is larger than {limits.max_bytes} bytes: send fewer articles in a request")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > _DIGITS or int(declared) > limits.max_bytes):
        raise too_large
    body = bytearray()
    try:
        async with batcher.arriving():
            async for chunk in request.stream():
                if len(body) + len(chunk) > limits.max_bytes:
                    raise too_large
                body += chunk
    except TimeoutError as error:
        batcher.check(articles=0)
        raise RequestError(408, f"the body took more than {limits.timeout:g} s to arrive: send it again") from error
    except ClientDisconnect as error:
        raise RequestError(400, "the connection ended before the body did: send it again") from error
    return bytes(body)


async def while_connected(request: Request, answer: Coroutine[object, object, Answer]) -> Answer:
    """Wait for an answer as long as there is somebody to take it.

    Args:
        request: whose body has been read.
        answer: what makes the answer; cancelled if the client leaves.

    Raises:
        RequestError: 400 if the client leaves.
    """
    working = asyncio.ensure_future(answer)
    leaving = asyncio.ensure_future(_leave(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise RequestError(400, "the connection ended before the answer was there: send the request again")
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _leave(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
