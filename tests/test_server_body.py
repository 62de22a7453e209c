"""How a body arrives: its headers, its size, its time, and clients that leave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from treaty_events import Extractor
from treaty_events.server import Limits, create_app

from .serving import JSON, ask, body_of, client, problem

pytest.importorskip("fastapi")
pytest.importorskip("httpx")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_only_plain_json_is_taken(extractor: Extractor, headers: dict[str, str]) -> None:
    response = ask(create_app(extractor), content=b'{"text": "a"}', headers=headers)
    assert response.status_code == 415
    assert "send it" in problem(response).error or "leave the charset out" in problem(response).error


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_may_say_that_it_is_utf8(extractor: Extractor, kind: str) -> None:
    content = b'\xef\xbb\xbf{"text": "S\xc3\xa9nat"}'
    assert ask(create_app(extractor), content=content, headers={"Content-Type": kind}).json()["text"] == "Sénat"


def test_body_may_have_its_limit_and_no_byte_more(extractor: Extractor) -> None:
    app = create_app(extractor, Limits(max_bytes=1000))
    assert ask(app, content=body_of(1000), headers=JSON).status_code == 200
    response = ask(app, content=body_of(1001), headers=JSON)
    assert response.status_code == 413
    assert "larger than 1000 bytes" in problem(response).error


def test_a_body_without_a_length_is_read_no_further_than_its_limit(extractor: Extractor) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 100
            yield b"a" * 100

    response = ask(create_app(extractor, Limits(max_bytes=1000)), content=endless(), headers=JSON)
    assert response.status_code == 413
    assert sent == 1100


def test_a_length_of_thousands_of_digits_is_too_large(extractor: Extractor) -> None:
    response = ask(create_app(extractor), content=b"{}", headers=JSON | {"Content-Length": "9" * 5000})
    assert response.status_code == 413


def test_a_body_that_does_not_arrive(extractor: Extractor) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield b'{"text": '
        await asyncio.sleep(30)

    response = ask(create_app(extractor, Limits(timeout=0.05)), content=stalled(), headers=JSON)
    assert response.status_code == 408
    assert "send it again" in problem(response).error


def test_a_client_that_leaves_is_no_failure(extractor: Extractor) -> None:
    sent = []

    async def call() -> None:
        messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])

        async def receive() -> Any:
            return next(messages)

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "path": "/predict", "headers": headers, "query_string": b""}
        await create_app(extractor)(scope, receive, send)

    asyncio.run(call())
    assert sent[0]["status"] == 400


def test_bodies_that_arrive_are_not_waited_for_at_the_end(extractor: Extractor) -> None:
    app = create_app(extractor, Limits(grace=20.0))

    async def stalled() -> AsyncIterator[bytes]:
        yield b'{"text": '
        await asyncio.sleep(30)

    async def call() -> Any:
        async with client(app) as session:
            posting = asyncio.create_task(session.post("/predict", content=stalled(), headers=JSON))
            await asyncio.sleep(0.05)
            app.state.batcher.stop()
            async with asyncio.timeout(10):
                return await posting

    response = asyncio.run(call())
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")


def test_bodies_held_in_memory_are_limited(extractor: Extractor) -> None:
    app = create_app(extractor, Limits(max_texts=1, max_waiting=1, batch_texts=1))

    async def slow(gate: asyncio.Event) -> AsyncIterator[bytes]:
        await gate.wait()
        yield b'{"text": "a"}'

    async def call() -> tuple[Any, list[Any]]:
        async with client(app) as session:
            gates = [asyncio.Event(), asyncio.Event()]
            posts = [session.post("/predict", content=slow(gate), headers=JSON) for gate in gates]
            tasks = [asyncio.create_task(post) for post in posts]
            await asyncio.sleep(0.05)
            refused = await session.post("/predict", json={"text": "b"})
            answered = []
            for gate, task in zip(gates, tasks, strict=True):
                gate.set()
                answered.append(await task)
            return refused, answered

    refused, answered = asyncio.run(call())
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert [r.status_code for r in answered] == [200, 200]
