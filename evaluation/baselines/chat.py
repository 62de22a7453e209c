"""A client of chat services that speak the OpenAI protocol, `POST {base}/chat/completions`; standard library only."""

from __future__ import annotations

import dataclasses
import http.client
import json
import logging
import random
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from email.message import Message
from typing import IO, Any, Final

from treaty_events.errors import InputError, TreatyEventsError

# Worth another try: timeouts, conflicts, too many requests, and what went wrong on the service's side.
_PASSING: Final = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 529))
# No other text will fare better.
_HOPELESS: Final = frozenset((301, 302, 303, 307, 308, 401, 402, 403, 404, 405))
_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 60.0
_MESSAGE: Final = 500
logger = logging.getLogger(__name__)


class ServiceError(TreatyEventsError):
    """The service gave no answer.

    Args:
        message: why, and what to do.
        hopeless: whether it will give none to any other request either (wrong address, no permission).
    """

    def __init__(self, message: str, *, hopeless: bool = False) -> None:
        self.hopeless = hopeless
        super().__init__(message)


@dataclasses.dataclass(frozen=True, slots=True)
class Usage:
    """What answers cost: requests that were answered, tokens read and written as the service counts them."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Add up."""
        return Usage(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """A service's answer.

    Attributes:
        content: what the model wrote.
        finish: why it stopped (`stop`, `length`, ...), None if the service does not tell.
        usage: what it cost.
    """

    content: str
    finish: str | None
    usage: Usage


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the key would be sent to wherever it points."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """Refuse."""


class ChatClient:
    """Asks a chat service.

    Args:
        base_url: what `/chat/completions` is put after, e.g. `http://localhost:8000/v1`.
        key: sent as a bearer token; None for services that need none. It is never logged nor put into a message.
        timeout: seconds to wait for one answer.
        attempts: how often one request is tried.
        sleep: waits some seconds.

    Attributes:
        usage: of all answers so far.

    Raises:
        InputError: the address is no HTTP address.
    """

    def __init__(
        self,
        base_url: str,
        key: str | None = None,
        *,
        timeout: float = 120.0,
        attempts: int = 6,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urllib.parse.urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise InputError(f"{base_url!r} is no HTTP address: give one such as http://localhost:8000/v1")
        if key is not None and not (key.isascii() and key.isprintable()):
            raise InputError("the key has characters that no key has: look at the environment variable")
        self.url = base_url.rstrip("/") + "/chat/completions"
        self.timeout, self.attempts, self.sleep = timeout, attempts, sleep
        self.usage = Usage()
        self._key = key
        self._opener = urllib.request.build_opener(_NoRedirects)

    def __repr__(self) -> str:
        """Show the address, not the key."""
        return f"ChatClient({self.url!r})"

    def ask(self, messages: Sequence[Mapping[str, str]], **options: Any) -> Answer:
        """Ask, again after a while where the trouble may pass.

        Args:
            messages: `role` and `content` of each.
            options: further keys of the request, e.g. `model`, `temperature`, `response_format`.

        Raises:
            ServiceError: no answer after all attempts, or a refusal.
        """
        body = json.dumps({"messages": list(messages), **options}).encode("utf-8")
        for attempt in range(1, self.attempts + 1):
            try:
                answer = self._once(body)
                self.usage += answer.usage
                return answer
            except urllib.error.HTTPError as error:
                with error:
                    trouble = f"HTTP {error.code}: {self._said(error)}"
                if error.code not in _PASSING:
                    raise ServiceError(f"{self.url}: {trouble}", hopeless=error.code in _HOPELESS) from None
                wait = _retry_after(error.headers)
            except (OSError, http.client.HTTPException) as error:
                trouble, wait = self._without_key(str(getattr(error, "reason", error)) or type(error).__name__), None
            if attempt < self.attempts:
                seconds = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (attempt - 1) if wait is None else wait)
                # Many clients that were turned away together should not come back together.
                seconds *= random.uniform(1.0, 1.25)
                logger.info("%s: again in %.0f s", trouble, seconds)
                self.sleep(seconds)
        raise ServiceError(f"{self.url}: no answer after {self.attempts} attempts, last {trouble}")

    def _once(self, body: bytes) -> Answer:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key}"
        request = urllib.request.Request(self.url, body, headers)
        with self._opener.open(request, timeout=self.timeout) as response:
            data = response.read()
        try:
            reply = json.loads(data)
            choice = reply["choices"][0]
            content, finish = choice["message"]["content"], choice.get("finish_reason")
            usage = reply.get("usage") or {}
            counts = [int(usage.get(name) or 0) for name in ("prompt_tokens", "completion_tokens")]
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            raise ServiceError(f"{self.url}: the answer is not of the chat completions protocol") from None
        # A refusal has no content.
        return Answer(content if isinstance(content, str) else "", finish, Usage(1, *counts))

    def _said(self, error: urllib.error.HTTPError) -> str:
        """What the service said of an error, on one line."""
        try:
            text = error.read(4 * _MESSAGE).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            text = str(error.reason)
        return self._without_key(" ".join(text.split()) or str(error.reason))[:_MESSAGE]

    def _without_key(self, text: str) -> str:
        # Services quote the key that they refuse.
        return text if not self._key else text.replace(self._key, "***")


def _retry_after(headers: Message) -> float | None:
    """Seconds after which the service wants to be asked again; None if it does not say, or gives a date."""
    value = headers.get("Retry-After", "")
    return float(value) if value.strip().isdecimal() else None
