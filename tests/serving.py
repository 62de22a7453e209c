"""Requests to the HTTP service without a socket, and an extractor that tells what it is asked."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from typing import Any

from treaty_events import Document, Extractor
from treaty_events.server.problems import Problem

TEXT = "Le Sénat kazakh a ratifié l'accord avec le Qatar."


JSON = {"Content-Type": "application/json"}


class Spy:
    """An extractor that tells what it was asked, fails on `boom` and waits for a gate."""

    def __init__(self, extractor: Extractor) -> None:
        self.extractor, self.info, self.reader = extractor, extractor.info, extractor.reader
        self.batches: list[list[str]] = []
        self.threads: set[int] = set()
        self.gate, self.entered = threading.Event(), threading.Event()
        self.gate.set()

    def documents(self, texts: Sequence[str], published: Any = None, language: Any = None) -> list[Document]:
        self.batches.append(list(texts))
        self.threads.add(threading.get_ident())
        self.entered.set()
        assert self.gate.wait(20)
        if any("boom" in text for text in texts):
            raise RuntimeError("tensor of shape (secret,)")
        return self.extractor.documents(texts, published, language)


def client(app: Any) -> Any:
    import httpx

    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://here")


def ask(app: Any, method: str = "POST", path: str = "/predict", **arguments: Any) -> Any:
    """Send one request to an application."""

    async def call() -> Any:
        async with client(app) as session:
            return await session.request(method, path, **arguments)

    return asyncio.run(call())


def problem(response: Any) -> Problem:
    assert response.headers["content-type"] == "application/json"
    return Problem.model_validate_json(response.content)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.002)


def body_of(size: int) -> bytes:
    content = json.dumps({"text": ""}).encode()
    return content[:-2] + b"a" * (size - len(content)) + content[-2:]
