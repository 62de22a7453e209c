"""Reading a request's body: as it arrives, no more of it than is allowed, no longer than is allowed."""

from __future__ import annotations

import asyncio
from email.message import Message

from starlette.requests import ClientDisconnect, Request

from .limits import Limits
from .problems import RequestError


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


async def read_body(request: Request, limits: Limits) -> bytes:
    """Read a request's body.

    Args:
        request: whose body has not been touched.
        limits: how large it may be and how long it may take.

    Raises:
        RequestError: 415 if it is not JSON by its headers, 413 if it is too large, 408 if it takes too long, 400 if
            the connection ends before it does.
    """
    _check_type(request)
    too_large = RequestError(413, f"the body is larger than {limits.max_bytes} bytes: send fewer articles in a request")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limits.max_bytes:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(limits.timeout):
            async for chunk in request.stream():
                if len(body) + len(chunk) > limits.max_bytes:
                    raise too_large
                body += chunk
    except TimeoutError as error:
        raise RequestError(408, f"the body took more than {limits.timeout:g} s to arrive: send it again") from error
    except ClientDisconnect as error:
        raise RequestError(400, "the connection ended before the body did: send it again") from error
    return bytes(body)
